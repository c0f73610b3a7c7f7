"""The HL7 v2 senders of the ward, over MLLP.

usage: hl7send.py lis ENGINE PORT SECONDS SENTLOG      results: ORU^R01 about every 40 s, ten a connection
       hl7send.py adt ENGINE PORT SECONDS              admissions, updates, orders, discharges: one connection each
       hl7send.py forge ENGINE PORT SENTLOG            one result that claims to be the laboratory's (see forge)
"""
import datetime
import json
import random
import socket
import sys
import time

import hl7

from cast import WARD

START, END = b"\x0b", b"\x1c\x0d"
RNG = random.Random(7)

# code, name, unit, reference range, usual value, usual spread
TESTS = [
    ("2823-3", "Potassium", "mmol/L", "3.5-5.1", 4.2, 0.25),
    ("2951-2", "Sodium", "mmol/L", "136-145", 140, 2),
    ("2345-7", "Glucose", "mg/dL", "70-105", 96, 9),
    ("718-7", "Hemoglobin", "g/dL", "12.0-16.0", 13.6, 0.6),
    ("2160-0", "Creatinine", "mg/dL", "0.6-1.2", 0.9, 0.1),
]


def stamp(seconds=0):
    when = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=seconds)
    return when.strftime("%Y%m%d%H%M%S+0000")


class Link:
    """One MLLP connection: send a message, wait for its acknowledgement."""

    def __init__(self, host, port):
        self.socket = socket.create_connection((host, int(port)), timeout=20)

    def send(self, message):
        self.socket.sendall(START + message.encode("latin-1") + END)
        held = b""
        while END not in held:
            data = self.socket.recv(65536)
            if not data:
                raise ConnectionError("no acknowledgement")
            held += data
        ack = hl7.parse(held.strip(START + END).decode("latin-1"))
        if str(ack.segment("MSA")[1]) != "AA":
            raise ValueError("not accepted: " + str(ack.segment("MSA")))

    def close(self):
        self.socket.close()


def msh(application, facility, kind, control):
    return f"MSH|^~\\&|{application}|{facility}|ENGINE|HOSP|{stamp()}||{kind}|{control}|P|2.5.1"


def pid(patient):
    number, name, birth, sex, _ = patient
    return f"PID|1||{number}^^^LABWARD^MR||{name}||{birth}|{sex}"


def pv1(patient):
    return f"PV1|1|I|W2^{patient[4]}^1||||LD01^LABDOCTOR^ONE"


def result(number, patient):
    """One ORU^R01: a panel whose observation time is its own, so that no two results share patient, test and time."""
    order, observed = f"L{number:05}", stamp(45)
    lines = [
        msh("LIS", "LAB", "ORU^R01^ORU_R01", f"LIS{number:06}"),
        pid(patient), pv1(patient),
        f"OBR|1|{order}|{order}^LIS|24323-8^Basic panel^LN|||{observed}|||||||||LD01^LABDOCTOR^ONE||||||{stamp()}|||F",
    ]
    values = {}
    for set_id, (code, name, unit, limits, usual, spread) in enumerate(TESTS, 1):
        digits = 0 if usual > 50 else 1
        value = f"{RNG.gauss(usual, spread / 2):.{digits}f}"
        values[code] = value
        lines.append(f"OBX|{set_id}|NM|{code}^{name}^LN||{value}|{unit}|{limits}|N|||F|||{observed}")
    sent = {"control": f"LIS{number:06}", "patient": patient[0], "order": order, "observed": observed, "values": values}
    return "\r".join(lines) + "\r", sent


def lis(host, port, seconds, log):
    end, number, link = time.time() + float(seconds), 0, None
    with open(log, "a", buffering=1) as out:
        while time.time() < end:
            if number % 10 == 0:
                if link:
                    link.close()
                link = Link(host, port)
            number += 1
            message, sent = result(number, WARD[number % len(WARD)])
            link.send(message)
            out.write(json.dumps({**sent, "at": time.time()}) + "\n")
            time.sleep(RNG.uniform(36, 44))
    link.close()


def adt(host, port, seconds):
    """Admit each patient, then update and order, then discharge the first ones."""
    end, number, visit = time.time() + float(seconds), 0, 0
    plan = [("A01", p) for p in range(4)]
    for p in range(8):
        plan += [("ORM", p), ("A08", p)] + ([("A01", p + 4)] if p < 4 else [("A03", p - 4)])
    plan += [("A08", 4 + n % 4) for n in range(60)]
    for kind, index in plan:
        if time.time() >= end:
            return
        number += 1
        patient, control = WARD[index], f"ADT{number:06}"
        if kind == "ORM":
            visit += 1
            lines = [msh("ADT", "HOSP", "ORM^O01^ORM_O01", control), pid(patient), pv1(patient),
                     f"ORC|NW|O{visit:05}|||||||{stamp()}|||LD01^LABDOCTOR^ONE",
                     f"OBR|1|O{visit:05}||24323-8^Basic panel^LN|||{stamp()}"]
        else:
            lines = [msh("ADT", "HOSP", f"ADT^{kind}^ADT_{'A03' if kind == 'A03' else 'A01'}", control),
                     f"EVN|{kind}|{stamp()}", pid(patient), pv1(patient)]
        link = Link(host, port)
        link.send("\r".join(lines) + "\r")
        link.close()
        time.sleep(RNG.uniform(55, 75))


def forge(host, port, log):
    """Send a potassium that the laboratory never measured, under the control id of one of its real messages.

    The control id, order, patient and observation time are read from the sender's log. This stands for an
    intruder who had seen the real message; how the intruder saw it is not part of the recording.
    """
    real = [json.loads(line) for line in open(log)]
    real = [r for r in real if 60 < time.time() - r["at"]][-1]
    patient = next(p for p in WARD if p[0] == real["patient"])
    code, name, unit, limits = TESTS[0][:4]
    lines = [
        msh("LIS", "LAB", "ORU^R01^ORU_R01", real["control"]),
        pid(patient), pv1(patient),
        f"OBR|1|{real['order']}|{real['order']}^LIS|24323-8^Basic panel^LN|||{real['observed']}"
        f"|||||||||LD01^LABDOCTOR^ONE||||||{stamp()}|||F",
        f"OBX|1|NM|{code}^{name}^LN||6.9|{unit}|{limits}|HH|||F|||{real['observed']}",
    ]
    link = Link(host, port)
    link.send("\r".join(lines) + "\r")
    link.close()
    print(json.dumps({**real, "forged": {code: "6.9"}}))


{"lis": lis, "adt": adt, "forge": forge}[sys.argv[1]](*sys.argv[2:])

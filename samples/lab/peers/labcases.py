"""Laboratory peers. ASTM: python-astm's client (an analyser) and server (a laboratory system), a second analyser that makes mistakes, and records
without frames. POCT1-A: an instrument and a server that follow the published message shapes. All patients are invented.

usage: labcases.py serve-astm PORT | serve-poct PORT
       labcases.py CASE HOST PORT            CASE: analyser, faults, unframed, poct1a
"""
import collections
import collections.abc
import socket
import socketserver
import sys
import time

for name in ("Iterable", "Mapping", "MutableMapping", "Sequence", "Callable"):  # python-astm is older than their new place
    setattr(collections, name, getattr(collections.abc, name))
import astm  # noqa: E402
import astm.client  # noqa: E402
import astm.server  # noqa: E402
from astm import asynclib  # noqa: E402

DELIMITERS = [[None], [None, "&"]]


def header(sender):
    return ["H", DELIMITERS, None, None, sender, None, None, None, None, "LIS", None, "P", "1", time.strftime("%Y%m%d%H%M%S", time.gmtime())]


def patient(n, number, name, birth="19700102", sex="F"):
    return ["P", str(n), f"LAB-{number}", f"S{number}", None, name, None, birth, sex, None, ["1 TEST ST", "TESTCITY"], None, "555-0101", ["LABDOCTOR", "ONE"]]


def order(n, specimen, tests, action=None, kind="F"):
    return ["O", str(n), specimen, None, [[None, None, None, t] for t in tests], "R", "20261120080000"] + [None] * 4 + [action] + [None] * 3 + ["Serum"] + [None] * 9 + [kind]


def result(n, test, value, unit, flag="N"):
    return ["R", str(n), [None, None, None, test], value, unit, "3.5 to 5.1", flag, None, "F", None, "OP7", "20261120080500",
            time.strftime("%Y%m%d%H%M%S", time.gmtime()), "C501-1"]


def day():
    yield header(["cobas-like", "SN123456", "2.4.1"])
    yield patient(1, "4711", ["LABPATIENT", "JOIN"])
    yield order(1, "SP-1001", ["GLU", "K", "NA"])
    yield result(1, "GLU", "96", "mg/dL")
    yield result(2, "K", "4.1", "mmol/L")
    yield result(3, "HBSAG", "NEG", "")
    yield ["C", "1", "I", "hemolysed sample of LABPATIENT", "G"]
    yield patient(2, "0062", ["LABPATIENT", "BETA"], "19580311", "M")
    yield order(1, "SP-1002", ["K"])
    yield result(1, "K", "6.9", "mmol/L", "HH")
    yield result(2, "CMT", "see LABNURSE ANN", "")
    yield order(2, "QC-1", ["GLU"], "Q")
    yield result(1, "GLU", "101", "mg/dL")
    yield ["L", "1", "N"]


def host():
    """What the laboratory system orders, after a query of the instrument."""
    yield header(["LIS"])
    yield patient(1, "4711", ["LABPATIENT", "JOIN"])
    yield order(1, "SP-1003", ["GLU", "CREA"], "N", "O")
    yield ["L", "1", "F"]


def query():
    yield header(["cobas-like", "SN123456", "2.4.1"])
    yield ["Q", "1", [None, "SP-1003"], None, [None, None, None, "ALL"]] + [None] * 7 + ["O"]
    yield ["L", "1", "N"]


def emit(source):
    """python-astm sends what it is given, and says whether it was taken."""
    for record in source():
        yield record


def send(address, source, **options):
    flow = {None: ["H"], "H": list("CPQLO"), "P": list("COPL"), "O": list("OCRPL"), "R": list("RCOPL"), "C": list("CROPL"), "Q": list("QL"), "L": ["H"]}
    astm.client.Client(lambda: emit(source), host=address[0], port=address[1], flow_map=flow, encoding="latin-1", **options)
    asynclib.loop(0.2)


def analyser(address):
    send(address, day)
    time.sleep(1)
    send(address, query)
    time.sleep(1)
    send(address, host)
    time.sleep(1)
    send(address, day, bulk_mode=True)
    time.sleep(1)
    send(address, day, bulk_mode=True, chunk_size=247)


def frame(number, text, wrong=0, end=b"\x03"):
    body = str(number % 8).encode() + text.encode("latin-1") + end
    return b"\x02" + body + f"{(sum(body) + wrong) % 256:02X}".encode() + b"\r\n"


def faults(address):
    """An analyser on a bad line: every second frame is damaged and sent again; then it gives up after six refusals."""
    lines = ["H|\\^&|||OLDLAB^SN9|||||||P|1|20261120081500", "P|1|LAB-0063|||LABPATIENT^GAMMA||19831224|F", "O|1|SP-2001||^^^GLU|R",
             *[f"R|{n}|^^^GLU|{90 + n}|mg/dL||N||F" for n in range(1, 25)], "L|1|N"]
    for attempt in range(2):
        with socket.create_connection(address, timeout=5) as s:
            s.sendall(b"\x05")
            s.recv(1)
            for n, line in enumerate(lines, 1):
                for wrong in ([7, 0] if n % 2 == 0 else [0]):
                    s.sendall(frame(n, line + "\r", wrong))
                    s.recv(1)
                    time.sleep(0.2)
                if attempt and n == 5:
                    for _ in range(6):
                        s.sendall(frame(n + 1, line + "\r", 9))
                        s.recv(1)
                        time.sleep(0.5)
                    break
            s.sendall(b"\x04")
            time.sleep(1)


def unframed(address):
    text = "".join(line + "\r" for line in ("H|\\^&|||Hematology^M5^77|||||||P|1|20261120082000", "P|1|LAB-4711|||LABPATIENT^JOIN||19700102|F",
                                            "O|1|SP-3001||^^^WBC\\^^^HGB|R", "R|1|^^^WBC|7.4|10*3/uL||N||F||||20261120081900",
                                            "R|2|^^^HGB|13.9|g/dL||N||F||||20261120081900", "L|1|N"))
    with socket.create_connection(address) as s:
        for n in range(3):
            s.sendall(text.encode())
            time.sleep(1)


class Quiet(socketserver.BaseRequestHandler):
    def handle(self):
        while self.request.recv(4096):
            pass


class Refusing(socketserver.BaseRequestHandler):
    """A laboratory system that verifies checksums (python-astm's server does not answer a damaged frame)."""

    def handle(self):
        while data := self.request.recv(4096):
            if data[:1] == b"\x02":
                good = int(data[-4:-2], 16) == sum(data[1:-4]) % 256
                self.request.sendall(b"\x06" if good else b"\x15")
            elif data[:1] == b"\x05":
                self.request.sendall(b"\x06")


# POCT1-A

NOW = lambda: time.strftime("%Y-%m-%dT%H:%M:%S-00:00", time.gmtime())  # noqa: E731


def poct(kind, number, body=""):
    return f'<{kind}><HDR><HDR.message_type V="{kind}"/><HDR.control_id V="{number}"/><HDR.version_id V="POCT1"/><HDR.creation_dttm V="{NOW()}"/></HDR>{body}</{kind}>'


def ack(number, of, code="AA", note=""):
    return poct("ACK.R01", number, f'<ACK><ACK.type_cd V="{code}"/><ACK.ack_control_id V="{of}"/>{note}</ACK>')


HELLO = """<DEV><DEV.device_id V="EXMP^PocAnalyzer^S004711"/><DEV.vendor_id V="EXMP"/><DEV.model_id V="PocAnalyzer"/><DEV.serial_id V="S004711"/>
<DEV.manufacturer_name V="Example Point of Care"/><DEV.hw_version V="B"/><DEV.sw_version V="4.4.0"/><DEV.device_name V="ICU glucose 3"/>
<DCP><DCP.application_timeout V="60"/></DCP></DEV>"""


def service(role, value, who="", code="GLU", method="M"):
    return f"""<SVC><SVC.role_cd V="{role}"/><SVC.observation_dttm V="{NOW()}"/>{who}<OBS><OBS.observation_id V="{code}"/><OBS.value V="{value}" U="mg/dL"/>
<OBS.method_cd V="{method}"/><OBS.status_cd V="A"/><OBS.interpretation_cd V="N"/></OBS>{"</PT>" if "<PT>" in who else "</CTC>"}<OPR><OPR.operator_id V="N117"/></OPR>
<RGT><RGT.name V="GLU strip"/><RGT.lot_number V="L2231"/></RGT></SVC>"""


PATIENT = '<PT><PT.patient_id V="LAB-4711"/><PT.name V="JOIN LABPATIENT"><GIV V="JOIN"/><FAM V="LABPATIENT"/></PT.name><PT.birth_date V="1970-01-02"/><PT.gender_cd V="F"/>'
OPERATORS = '<OPR><OPR.operator_id V="N117"/><OPR.name V="ANN LABNURSE"/><ACC><ACC.method_cd V="ALL"/><ACC.password ENC="B64" V="aW52ZW50ZWQ="/></ACC></OPR>' \
            '<OPR><OPR.operator_id V="N118"/><ACC><ACC.password ENC="B64">aW52ZW50ZWQy</ACC.password></ACC></OPR>'


def talk(s, text, wait=True):
    s.sendall(text.encode())
    if wait:
        s.recv(65536)
    time.sleep(0.7)


def poct1a(address):
    """The basic flow of the continuous mode: hello, status, the server asks for results, end of topic, operator list, a directive."""
    with socket.create_connection(address) as s:
        talk(s, '<?xml version="1.0" encoding="utf-8"?>' + poct("HEL.R01", 10001, HELLO))
        talk(s, poct("DST.R01", 10002, f'<DST><DST.status_dttm V="{NOW()}"/><DST.new_observations_qty V="3"/><DST.condition_cd V="R"/></DST>'))  # answered: ACK and REQ
        talk(s, ack(10003, 20002), False)
        talk(s, poct("OBS.R01", 10004, service("OBS", 96, PATIENT)))
        talk(s, poct("OBS.R01", 10005, service("OBS", 412, PATIENT.replace("LAB-4711", "LAB-0062").replace("JOIN", "BETA"))))
        talk(s, poct("OBS.R01", 10006, service("LQC", 101, '<CTC><CTC.name V="Level 1"/>')))
        talk(s, poct("EOT.R01", 10007, '<EOT><EOT.topic_cd V="OBS"/></EOT>'))  # answered: ACK and the operator list
        talk(s, ack(10008, 20007), False)
        talk(s, poct("EVS.R01", 10009, f'<EVS><EVS.description_cd V="BATT"/><EVS.severity_cd V="W"/><EVS.event_dttm V="{NOW()}"/></EVS>'))  # answered: ACK and directive
        talk(s, ack(10010, 20010), False)
        talk(s, poct("KPA.R01", 10011), False)
        talk(s, poct("END.R01", 10012, '<TRM><TRM.reason_cd V="NRM"/></TRM>'))


class Point(socketserver.BaseRequestHandler):
    def handle(self):
        number, held = 20000, ""
        while data := self.request.recv(65536):
            held += data.decode()
            while "</HDR>" in held and (kind := held.split("HDR.message_type V=\"")[1][:7]) and f"</{kind}>" in held:
                text, held = held.split(f"</{kind}>", 1)
                of = text.split('HDR.control_id V="')[1].split('"')[0]
                if kind in ("ACK.R01", "KPA.R01"):
                    continue
                number += 1
                out = ack(number, of)
                more = {"DST.R01": ("REQ.R01", '<REQ><REQ.request_cd V="ROBS"/></REQ>'), "EOT.R01": ("OPL.R01", OPERATORS),
                        "EVS.R01": ("DTV.EXMP.DVCMD", '<DTV><DTV.command_cd V="REBOOT"/></DTV>')}.get(kind)
                if more:
                    number += 1
                    out += poct(more[0], number, more[1])
                self.request.sendall(out.encode())


def serve(kind, port):
    socketserver.ThreadingTCPServer.allow_reuse_address = True
    if kind == "serve-astm":
        astm.server.Server(host="0.0.0.0", port=port, encoding="latin-1")
        asynclib.loop(0.2)
    else:
        handler = {"serve-poct": Point, "serve-refusing": Refusing, "serve-quiet": Quiet}[kind]
        socketserver.ThreadingTCPServer(("", port), handler).serve_forever()


CASES = {"analyser": analyser, "faults": faults, "unframed": unframed, "poct1a": poct1a}

if __name__ == "__main__":
    if sys.argv[1].startswith("serve"):
        serve(sys.argv[1], int(sys.argv[2]))
    else:
        CASES[sys.argv[1]]((sys.argv[2], int(sys.argv[3])))

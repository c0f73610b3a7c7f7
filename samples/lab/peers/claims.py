"""What a hospital sends to payers and pharmacies: X12 over HTTP and over a bare connection, NCPDP. Built from the published specifications; all people are
invented.

usage: claims.py serve HTTPPORT TCPPORT | claims.py send HOST HTTPPORT TCPPORT
"""
import http.client
import http.server
import socket
import socketserver
import sys
import threading
import time


def isa(control, segments, to=("LABHOSP", "LABPAYER")):
    head = f"ISA*00*{'':10}*00*{'':10}*ZZ*{to[0]:15}*ZZ*{to[1]:15}*261120*0815*^*00501*{control:09}*0*P*:~"
    return (head + "~".join(segments) + f"~IEA*1*{control:09}~").encode()


def group(kind, guide, sets):
    return [f"GS*{kind}*LABHOSP*LABPAYER*20261120*0815*1*X*{guide}", *sets, "GE*1*1"]


def person(role, number, family, given, birth):
    return [f"NM1*{role}*1*{family}*{given}****MI*{number}", f"DMG*D8*{birth}*F"]


CLAIM = isa(47, group("HC", "005010X222A1", [
    "ST*837*0001*005010X222A1", "BHT*0019*00*47*20261120*0815*CH", "NM1*41*2*LAB HOSPITAL*****46*11", "NM1*40*2*LAB PAYER*****46*22", "HL*1**20*1",
    "NM1*85*2*LAB HOSPITAL*****XX*1234567893", "HL*2*1*22*0", "SBR*P*18*******CI", *person("IL", "LAB-4711", "LABPATIENT", "JOIN", "19700102"), "REF*SY*000004711",
    "CLM*4711A*1200***21:A:1*Y*A*Y*Y", "HI*ABK:I219", "HL*3*1*22*0", "SBR*P*18*******CI", *person("IL", "LAB-0052", "LABPATIENT", "BETA", "19580311"),
    "CLM*0052A*310***21:A:1*Y*A*Y*Y", "SE*17*0001"]))
ACCEPTED = isa(48, group("FA", "005010X231A1", ["ST*999*0001*005010X231A1", "AK1*HC*1", "AK9*A*1*1*1", "SE*4*0001"]), ("LABPAYER", "LABHOSP"))
ASK = isa(49, group("HS", "005010X279A1", ["ST*270*0001*005010X279A1", "BHT*0022*13*49*20261120*0816", "HL*1**20*1", "NM1*PR*2*LAB PAYER*****PI*22", "HL*2*1*21*1",
                                           "NM1*1P*2*LAB HOSPITAL*****XX*1234567893", "HL*3*2*22*0", *person("IL", "LAB-4711", "LABPATIENT", "JOIN", "19700102"), "EQ*30", "SE*10*0001"]))
TOLD = isa(50, group("HB", "005010X279A1", ["ST*271*0001*005010X279A1", "BHT*0022*11*49*20261120*0816", "HL*3*2*22*0",
                                            *person("IL", "LAB-4711", "LABPATIENT", "JOIN", "19700102"), "EB*1**30", "SE*7*0001"]), ("LABPAYER", "LABHOSP"))
SCRIPT = b"""<?xml version="1.0" encoding="utf-8"?><Message DatatypesVersion="20170715" TransportVersion="20170715" xmlns="http://www.ncpdp.org/schema/SCRIPT"><Header>
<To Qualifier="P">1234567</To><From Qualifier="D">7654321</From><MessageID>RX4711</MessageID><SentTime>2026-11-20T08:17:00Z</SentTime></Header>
<Body><NewRx><Patient><HumanPatient><Name><LastName>LABPATIENT</LastName><FirstName>JOIN</FirstName></Name></HumanPatient></Patient></NewRx></Body></Message>"""
STATUS = b"""<?xml version="1.0" encoding="utf-8"?><Message DatatypesVersion="20170715" xmlns="http://www.ncpdp.org/schema/SCRIPT"><Header><To Qualifier="D">7654321</To>
<From Qualifier="P">1234567</From><MessageID>ST1</MessageID><RelatesToMessageID>RX4711</RelatesToMessageID></Header><Body><Status><Code>010</Code></Status></Body></Message>"""
TELECOM = b"610047D0B1LABPCN    101" + b"1234567893     " + b"20261120" + b"CERT000000" + b"\x1e\x1cAM04\x1cC2LAB-4711\x1e\x1cAM01\x1cC419700102\x1cC52\x1cCAJOIN\x1cCBLABPATIENT"


class Server(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        data, kind = (ACCEPTED, "application/edi-x12") if body.startswith(b"ISA") else (STATUS, "text/xml")
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


class Raw(socketserver.BaseRequestHandler):
    def handle(self):
        while data := self.request.recv(65536):
            if b"IEA" in data:
                self.request.sendall(TOLD)


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        socketserver.ThreadingTCPServer.allow_reuse_address = True
        threading.Thread(target=socketserver.ThreadingTCPServer(("", int(sys.argv[3])), Raw).serve_forever, daemon=True).start()
        http.server.ThreadingHTTPServer(("", int(sys.argv[2])), Server).serve_forever()
    host, web, raw = sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    c = http.client.HTTPConnection(host, web)
    for path, data, kind in (("/edi", CLAIM, "application/edi-x12"), ("/script", SCRIPT, "text/xml")):
        c.request("POST", path, data, {"Content-Type": kind})
        c.getresponse().read()
        time.sleep(1)
    with socket.create_connection((host, raw)) as s:
        for _ in range(3):
            s.sendall(ASK)
            s.recv(65536)
            time.sleep(1)
    with socket.create_connection((host, raw)) as s:
        s.sendall(TELECOM)
        time.sleep(1)

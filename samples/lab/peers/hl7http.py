"""HL7 version 2 over HTTP (the transport of HAPI's hl7overhttp): a listener and a sender. Invented patients only."""

import gzip
import http.server
import sys
import time

TYPE = "application/hl7-v2; charset=utf-8"


def message(n, kind, *segments):
    head = f"MSH|^~\\&|LAB|WARD|EHR|HOSPITAL|20260301{n:06d}||{kind}|HTTP{n:04d}|P|2.5|||AL|AL||UNICODE UTF-8"
    return "\r".join((head,) + segments) + "\r"


PID = "PID|1||LAB-4711^^^HOSPITAL^MR||LABPATIENT^JOIN||19700102|F"
ADMIT = message(1, "ADT^A01^ADT_A01", "EVN|A01|20260301080000", PID, "PV1|1|I|ICU^3^1^HOSPITAL||||||||||||||||V4711")
RESULT = message(2, "ORU^R01^ORU_R01", PID, "OBR|1||L1|24320-4^Chem^LN|||20260301081500",
                 "OBX|1|NM|2823-3^Potassium^LN||4.1|mmol/L|3.5-5.1|N|||F", "OBX|2|NM|2951-2^Sodium^LN||140|mmol/L|136-145|N|||F")
MANY = message(3, "ORU^R01^ORU_R01", PID, "OBR|1||L2|24320-4^Chem^LN",
               *(f"OBX|{i}|NM|2345-7^Glucose^LN||{80 + i % 40}|mg/dL|||||F" for i in range(1, 9)))
REFUSED = message(4, "ADT^A99", PID)


class Listener(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def chunks(self):
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def do_POST(self):
        chunked = self.headers.get("Transfer-Encoding") == "chunked"
        body = self.chunks() if chunked else self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        fields = body.decode().split("\r")[0].split("|")
        code, status = ("AR", 400) if fields[8] == "ADT^A99" else ("AA", 200)
        answer = (f"MSH|^~\\&|EHR|HOSPITAL|LAB|WARD|{fields[6]}||ACK^{fields[8].split('^')[1]}^ACK|A{fields[9]}|P|2.5\r"
                  f"MSA|{code}|{fields[9]}\r").encode()
        if "gzip" in self.headers.get("Accept-Encoding", "") and chunked:
            answer = gzip.compress(answer, mtime=0)
        self.send_response(status)
        self.send_header("Content-Type", TYPE)
        if answer.startswith(b"\x1f\x8b"):
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def do_GET(self):
        page = b"<html><title>HL7 listener</title></html>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)


def send(host, port):
    import requests

    url = f"http://{host}:{port}/hl7"
    with requests.Session() as s:
        head = {"Content-Type": TYPE, "Accept": TYPE}
        s.get(f"http://{host}:{port}/")
        for text in (ADMIT, RESULT):
            s.post(url, data=text.encode(), headers=head)
            time.sleep(1)
        s.post(url, data=(MANY[i:i + 150].encode() for i in range(0, len(MANY), 150)), headers=head)
        s.post(url, data=gzip.compress(RESULT.replace("HTTP0002", "HTTP0005").encode(), mtime=0), headers=head | {"Content-Encoding": "gzip"})
        s.post(url, data=REFUSED.encode(), headers=head)


if __name__ == "__main__":
    if sys.argv[1] == "listen":
        http.server.HTTPServer((sys.argv[2], int(sys.argv[3])), Listener).serve_forever()
    else:
        send(sys.argv[2], int(sys.argv[3]))

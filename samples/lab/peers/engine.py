"""The interface engine: an MLLP listener that acknowledges every message (HL7 v2, MLLP release 1).

usage: engine.py PORT
"""
import socketserver
import sys

import hl7

START, END = b"\x0b", b"\x1c\x0d"


class Listener(socketserver.BaseRequestHandler):
    def handle(self):
        held = b""
        while data := self.request.recv(65536):
            held += data
            while END in held:
                block, held = held.split(END, 1)
                message = hl7.parse(block.lstrip(START).decode("latin-1"))
                ack = message.create_ack("AA", application="ENGINE", facility="HOSP")
                self.request.sendall(START + str(ack).encode("latin-1") + END)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server(("", int(sys.argv[1])), Listener).serve_forever()

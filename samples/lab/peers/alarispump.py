"""An Alaris syringe pump behind a terminal server, as open clients of the protocol expect it, for recordings of such a client:

    alarispump.py PORT

It answers the words that the client sends, keeps a rate, and gives control to whoever sends the check sum of its serial number.
"""
import socketserver
import sys

SERIAL = "8002-70417"


def crc(text):
    value = 0xFFFF
    for byte in text.encode():
        value ^= byte << 8
        for _ in range(8):
            value = (value << 1 ^ 0x1021 if value & 0x8000 else value << 1) & 0xFFFF
    return "%04X" % value


class Pump(socketserver.StreamRequestHandler):
    rate = "4.50"

    def answer(self, body):
        word, *args = body.split("^")
        if word == "INST_SERIALNO":
            return word + "^" + SERIAL
        if word in ("REMOTE_CTRL", "REMOTE_CFG") and args[:1] == ["ENABLED"]:
            return word + "^ENABLED^****^" + ("PERMIT" if args[1:] == [crc(SERIAL)] else "REFUSE") + "^0^ms"
        if word == "INF_RATE":
            if args:
                Pump.rate = "%.2f" % float(args[0])
            return word + "^" + Pump.rate + "^ml/h"
        if word == "INF_VI":
            return word + "^1.250^ml"
        return body

    def handle(self):
        text = b""
        while byte := self.request.recv(1):
            if byte != b"\r":
                text += byte
                continue
            frame, text = text.decode().lstrip("!"), b""
            body, _, check = frame.rpartition("|")
            if check == crc(body):
                reply = self.answer(body)
                self.request.sendall(("!%s|%s\r" % (reply, crc(reply))).encode())


socketserver.TCPServer.allow_reuse_address = True
with socketserver.TCPServer(("", int(sys.argv[1])), Pump) as server:
    server.serve_forever()

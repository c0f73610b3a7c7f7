"""The client of the Python package infupy at a pump behind a terminal server:

    alarisclient.py HOST PORT

infupy wants a serial line: it gets a pseudo-terminal, whose other end is joined to the connection. It reads rate and volume for a while, holds
remote control as it always does, and sets another rate.
"""
import os
import pty
import socket
import sys
import threading
import time
import tty

from infupy.backends.alaris import AlarisComm, AlarisSyringe

master, slave = pty.openpty()
tty.setraw(slave)
wire = socket.create_connection((sys.argv[1], int(sys.argv[2])))
wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def to_wire():
    while data := os.read(master, 512):
        wire.sendall(data)


def from_wire():
    while data := wire.recv(512):
        os.write(master, data)


for pump in (to_wire, from_wire):
    threading.Thread(target=pump, daemon=True).start()

syringe = AlarisSyringe(AlarisComm(os.ttyname(slave)))
for step in range(int(os.environ.get("STEPS", "6"))):
    print("rate", syringe.readRate(), "volume", syringe.readVolume(), flush=True)
    if step == 3:
        syringe.setRate(6.5)
    time.sleep(2)
syringe.stopKeepAlive()
time.sleep(3)
os._exit(0)  # infupy's threads never end

"""Writes truth.json for a recorded ward: what is in the capture, counted from the capture itself.

usage: truth.py night|quiet CAPTURE [STEPS_TSV] > truth.json

It reads the packets on its own (a classic little-endian pcap without loss), so that its counts are independent of wardtrace.
Of the recording's notes only the begin and end of each step are used; times and frames are those of packets.
"""
import collections
import datetime
import json
import re
import struct
import sys
from io import BytesIO

from pydicom.filereader import read_dataset

DHCP_SERVER, INTRUDER, DROP, PUMP, PACS, ENGINE = "10.20.0.2", "10.20.0.66", "203.0.113.9", "10.20.0.43", "10.20.0.10", "10.20.0.20"
DICOM_PORTS, HL7_PORT = (104, 11112), 2575

# address, MAC address, name, role
CAST = [
    ("10.20.0.1", "00:00:0c:4a:10:01", "gw", "router: the way to 203.0.113.0/24; drops what is for 10.20.1.0/24"),
    ("10.20.0.2", "00:50:56:a1:00:02", "ns1", "DHCP and DNS server"),
    ("10.20.0.5", "00:50:56:a1:00:05", "intranet", "web server, HTTP and TLS"),
    ("10.20.0.10", "d4:ae:52:a1:00:10", "pacs", "PACS, AE title PACS, port 11112"),
    ("10.20.0.11", "00:50:56:a1:00:11", "ris", "radiology information system: modality worklist, AE title RIS, port 104"),
    ("10.20.0.20", "00:50:56:a1:00:20", "engine", "HL7 interface engine, MLLP port 2575"),
    ("10.20.0.21", "00:0e:2f:31:00:21", "lis", "laboratory system: sends ORU^R01"),
    ("10.20.0.22", "00:50:56:a1:00:22", "adt", "admission system: sends ADT and ORM^O01"),
    ("10.20.0.30", "00:50:56:a1:00:30", "broker", "MQTT broker"),
    ("10.20.0.31", "d4:ae:52:a1:00:31", "pumpserver", "pump server: takes the pumps' reports over HTTP"),
    ("10.20.0.41", "00:12:21:07:41:01", "pump-1", "infusion pump; telnet and FTP for service"),
    ("10.20.0.43", "00:12:21:07:41:03", "pump-3", "infusion pump; telnet and FTP for service"),
    ("10.20.0.51", "88:4b:39:20:51:01", "ct-1", "CT scanner, AE title CT01"),
    ("10.20.0.52", "44:4b:5d:20:52:01", "us-1", "ultrasound scanner, AE title US01"),
    ("10.20.0.53", "d4:ae:52:53:00:53", "read-1", "reading workstation, AE title READ01"),
    ("10.20.0.54", "d4:ae:52:53:00:54", "ward-pc", "ward computer: intranet over TLS 1.2 and 1.3"),
    ("10.20.0.81", "00:09:fb:60:61:01", "mon-1", "patient monitor, MQTT 3.1.1"),
    ("10.20.0.82", "00:09:fb:60:61:02", "mon-2", "patient monitor, MQTT 3.1.1"),
    ("10.20.0.83", "00:09:fb:60:61:03", "mon-3", "patient monitor, MQTT 5"),
    ("10.20.0.84", "f0:e5:c3:60:61:04", "sensor-4", "patient sensor, MQTT 5"),
    ("10.20.0.90", "d4:ae:52:53:00:90", "central-1", "central station: subscribes to the vital signs"),
    ("10.20.0.66", "b8:27:eb:66:6a:66", "raspberrypi", "the intruder's device"),
    ("203.0.113.80", "", "update", "update server outside, TLS; behind the router"),
    ("203.0.113.9", "", "drop", "the intruder's server outside, HTTP and FTP; behind the router"),
]
TARGETS = {"10.20.0.43", "10.20.0.10", "10.20.0.20"}

COMMANDS = {
    0x0001: "C-STORE-RQ", 0x8001: "C-STORE-RSP", 0x0010: "C-GET-RQ", 0x8010: "C-GET-RSP", 0x0020: "C-FIND-RQ",
    0x8020: "C-FIND-RSP", 0x0021: "C-MOVE-RQ", 0x8021: "C-MOVE-RSP", 0x0030: "C-ECHO-RQ", 0x8030: "C-ECHO-RSP",
}
IMPLICIT = "1.2.840.10008.1.2"

Packet = collections.namedtuple("Packet", "frame ts src_mac dst_mac kind src sport dst dport proto flags seq data")


def iso(ts):
    return datetime.datetime.fromtimestamp(ts, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def mac(raw):
    return raw.hex(":")


def address(raw):
    return ".".join(map(str, raw))


def packets(path):
    """Every frame, decoded as far as TCP, UDP, ICMP and ARP."""
    with open(path, "rb") as file:
        assert file.read(24)[:4] == b"\xd4\xc3\xb2\xa1", "a little-endian pcap with microseconds is wanted"
        frame = 0
        while head := file.read(16):
            seconds, micros, length, _ = struct.unpack("<IIII", head)
            raw = file.read(length)
            frame += 1
            yield decode(frame, seconds + micros / 1e6, raw)


def decode(frame, ts, raw):
    kind = struct.unpack("!H", raw[12:14])[0]
    blank = Packet(frame, ts, mac(raw[6:12]), mac(raw[:6]), kind, "", 0, "", 0, 0, 0, 0, b"")
    if kind == 0x0806:
        op = struct.unpack("!H", raw[20:22])[0]
        return blank._replace(src=address(raw[28:32]), dst=address(raw[38:42]), flags=op)
    if kind != 0x0800:
        return blank
    size, total, proto = (raw[14] & 15) * 4, struct.unpack("!H", raw[16:18])[0], raw[23]
    body = raw[14 + size:14 + total]
    p = blank._replace(src=address(raw[26:30]), dst=address(raw[30:34]), proto=proto)
    if proto == 6:
        sport, dport, seq, _, off, flags = struct.unpack("!HHIIBB", body[:14])
        return p._replace(sport=sport, dport=dport, seq=seq, flags=flags, data=body[(off >> 4) * 4:])
    if proto == 17:
        sport, dport = struct.unpack("!HH", body[:4])
        return p._replace(sport=sport, dport=dport, data=body[8:])
    return p._replace(data=body)


class Connection:
    """One TCP connection: both directions put together, with the packet that completed each byte."""

    def __init__(self, syn):
        self.client, self.sport, self.server, self.port = syn.src, syn.sport, syn.dst, syn.dport
        self.first, self.mac = syn, syn.src_mac
        self.segments = ({}, {})  # from the client, from the server: sequence number -> packet

    def add(self, p):
        side = 0 if (p.src, p.sport) == (self.client, self.sport) else 1
        if p.data and (p.seq not in self.segments[side] or len(self.segments[side][p.seq].data) < len(p.data)):
            self.segments[side][p.seq] = p

    def stream(self, side):
        """The bytes of one direction and a list of (end offset, packet)."""
        if not self.segments[side]:
            return b"", []
        anchor = next(iter(self.segments[side]))
        ordered = sorted(self.segments[side].items(), key=lambda item: (item[0] - anchor + (1 << 31)) % (1 << 32))
        out, marks, want = bytearray(), [], ordered[0][0]
        for seq, p in ordered:
            skip = (want - seq) % (1 << 32)
            assert skip <= len(p.data), f"gap before frame {p.frame}"
            out += p.data[skip:]
            want = (seq + len(p.data)) % (1 << 32)
            marks.append((len(out), p))
        return bytes(out), marks

    def at(self, marks, end):
        return next(p for offset, p in marks if offset >= end)


def connections(all_packets):
    alive, done = {}, []
    for p in all_packets:
        if p.proto != 6:
            continue
        key = tuple(sorted([(p.src, p.sport), (p.dst, p.dport)]))
        if p.flags & 0x12 == 0x02 and (key not in alive or alive[key].first.seq != p.seq):
            alive[key] = Connection(p)
            done.append(alive[key])
        if key in alive:
            alive[key].add(p)
    return done


# ---- DICOM -----------------------------------------------------------------------------------------------------------

class Association:
    def __init__(self, connection):
        self.connection, self.result, self.ended, self.messages = connection, "unanswered", "cut", []
        self.calling = self.called = ""
        self.syntax = {}
        for side in (0, 1):
            self.read(side)
        self.messages.sort(key=lambda m: m["frame"])

    def read(self, side):
        data, marks = self.connection.stream(side)
        offset, command, held = 0, None, collections.defaultdict(bytearray)
        while offset + 6 <= len(data):
            kind, length = data[offset], struct.unpack("!I", data[offset + 2:offset + 6])[0]
            body, end = data[offset + 6:offset + 6 + length], offset + 6 + length
            if end > len(data):  # the recording ended here
                break
            packet = self.connection.at(marks, end)
            if kind == 1:
                self.called, self.calling = body[4:20].decode().strip(), body[20:36].decode().strip()
                self.frame, self.ts = packet.frame, packet.ts
            elif kind == 2:
                self.result = "accepted"
            elif kind == 3:
                self.result, self.reason = "rejected", (body[2], body[3])
            elif kind in (5, 6):
                self.ended = "released"
            elif kind == 7:
                self.ended = "aborted"
            elif kind == 4:
                command = self.pdvs(side, body, command, held, packet)
            offset = end

    def pdvs(self, side, body, command, held, packet):
        offset = 0
        while offset < len(body):
            length, context, control = struct.unpack("!IBB", body[offset:offset + 6])
            held[control & 1] += body[offset + 6:offset + 4 + length]
            offset += 4 + length
            if not control & 2:
                continue
            raw = bytes(held.pop(control & 1))
            if control & 1:
                ds = read_dataset(BytesIO(raw), True, True)
                command = {"side": side, "command": COMMANDS[ds.CommandField], "frame": packet.frame, "ts": packet.ts,
                           "status": ds.get("Status"), "context": context, "dataset": b"", "set": ds}
                self.messages.append(command)
            else:
                command["dataset"] = raw
        return command

    def accepted_syntax(self):
        """Presentation context id -> accepted transfer syntax."""
        data, _ = self.connection.stream(1)
        out, offset, end = {}, 74, 6 + struct.unpack("!I", data[2:6])[0]
        while offset + 4 <= end:
            kind, length = data[offset], struct.unpack("!H", data[offset + 2:offset + 4])[0]
            item = data[offset + 4:offset + 4 + length]
            if kind == 0x21 and item[2] == 0:
                out[item[0]] = item[8:].decode().strip("\0 ")
            offset += 4 + length
        return out

    def datasets(self):
        if self.result != "accepted":
            return
        syntax = self.accepted_syntax()
        for m in self.messages:
            if m["dataset"]:
                yield m, read_dataset(BytesIO(m["dataset"]), syntax[m["context"]] == IMPLICIT, True)


def dicom_counts(associations):
    commands, patients, stores = collections.Counter(), set(), collections.Counter()
    for a in associations:
        commands.update(m["command"] for m in a.messages)
        for m, ds in a.datasets():
            if m["command"] in ("C-STORE-RQ", "C-FIND-RSP") and ds.get("PatientID"):
                patients.add(str(ds.PatientID))
            if m["command"] == "C-STORE-RQ":
                stores[a.connection.client] += 1
    found = collections.Counter(a.result for a in associations)
    return {
        "associations": len(associations), **{k: found[k] for k in ("accepted", "rejected", "unanswered")},
        "aborted": sum(a.ended == "aborted" for a in associations),
        "by_calling_called": tally((f"{a.calling} > {a.called} ({a.result})" for a in associations)),
        "dimse": dict(sorted(commands.items())),
        "patients": sorted(patients),
    }


# ---- the other protocols ---------------------------------------------------------------------------------------------

def tally(values):
    return dict(sorted(collections.Counter(values).items()))


def hl7_messages(conns):
    out = []
    for c in conns:
        if c.port != HL7_PORT:
            continue
        for side in (0, 1):
            data, marks = c.stream(side)
            for match in re.finditer(rb"\x0b(.*?)\x1c\r", data, re.S):
                segments = [s.split("|") for s in match.group(1).decode("latin-1").split("\r") if s]
                packet, header = c.at(marks, match.end()), segments[0]
                kind = "^".join(header[8].split("^")[:2])
                out.append({"type": kind, "control": header[9], "src": c.client if side == 0 else c.server, "segments": segments,
                            "frame": packet.frame, "ts": packet.ts})
    return sorted(out, key=lambda m: m["frame"])


def hl7_counts(messages):
    sent = [m for m in messages if not m["type"].startswith("ACK")]
    control = collections.Counter(m["control"] for m in sent)
    return {
        "messages": len(messages), "by_type": tally(m["type"] for m in messages),
        "by_sender": tally(f"{m['src']} {m['type'].split('^')[0]}" for m in messages),
        "observations": sum(s[0] == "OBX" for m in messages for s in m["segments"]),
        "control_ids_sent_twice": sorted(c for c, n in control.items() if n > 1),
        "patients": sorted({s[3].split("^")[0] for m in messages for s in m["segments"] if s[0] == "PID"}),
    }


def mqtt_counts(conns):
    names = {1: "CONNECT", 2: "CONNACK", 3: "PUBLISH", 4: "PUBACK", 8: "SUBSCRIBE", 9: "SUBACK", 12: "PINGREQ", 13: "PINGRESP",
             14: "DISCONNECT"}
    counts, patients = collections.Counter(), set()
    for c in conns:
        if c.port != 1883:
            continue
        for side in (0, 1):
            data, offset = c.stream(side)[0], 0
            while offset < len(data):
                kind, length, shift, start = data[offset] >> 4, 0, 0, offset + 1
                while True:
                    length |= (data[start] & 127) << shift
                    start, shift = start + 1, shift + 7
                    if not data[start - 1] & 128:
                        break
                counts[names[kind] + ("" if side == 0 else " from the broker")] += 1
                if kind == 3 and (m := re.search(rb'"patient": "([^"]+)"', data[start:start + length])):
                    patients.add(m.group(1).decode())
                offset = start + length
    return {"connections": sum(c.port == 1883 and bool(c.segments[0]) for c in conns), "packets": dict(sorted(counts.items())),
            "patients": sorted(patients)}


def dhcp_option(data, wanted):
    offset = 240
    while offset < len(data) and data[offset] != 255:
        if data[offset] == 0:
            offset += 1
            continue
        code, length = data[offset], data[offset + 1]
        if code == wanted:
            return data[offset + 2:offset + 2 + length]
        offset += 2 + length
    return b""


def dhcp_facts(all_packets):
    kinds = {1: "DISCOVER", 2: "OFFER", 3: "REQUEST", 5: "ACK", 6: "NAK"}
    counts, leases, servers = collections.Counter(), {}, set()
    for p in all_packets:
        if p.proto != 17 or 67 not in (p.sport, p.dport):
            continue
        kind = kinds[dhcp_option(p.data, 53)[0]]
        counts[kind] += 1
        hardware = mac(p.data[28:34])
        entry = leases.setdefault(hardware, {"mac": hardware})
        if name := dhcp_option(p.data, 12):
            entry.setdefault("hostname", name.decode()) if p.data[0] == 1 else None
        if vendor := dhcp_option(p.data, 60):
            entry["vendor_class"] = vendor.decode()
        if kind == "ACK":
            servers.add(p.src)
            entry.setdefault("ip", address(p.data[16:20]))
            entry.setdefault("first_ack_frame", p.frame)
    return {"messages": dict(sorted(counts.items())), "servers": sorted(servers),
            "leases": sorted(leases.values(), key=lambda e: e["first_ack_frame"])}


def tls_counts(conns):
    versions = collections.Counter()
    for c in conns:
        hello = c.stream(1)[0] if c.port == 443 else b""
        if hello[:1] == b"\x16" and hello[5:6] == b"\x02":
            new = b"\x00\x2b\x00\x02\x03\x04" in hello[:200]
            versions[f"{c.client} > {c.server} TLS {'1.3' if new else '1.2'}"] += 1
    return dict(sorted(versions.items()))


def http_counts(conns):
    methods = collections.Counter()
    for c in conns:
        if c.port != 80:
            continue
        for match in re.finditer(rb"(GET|POST) (\S+) HTTP/1\.1\r\n", c.stream(0)[0]):
            methods[f"{c.client} > {c.server} {match.group(1).decode()} {match.group(2).decode()}"] += 1
    return dict(sorted(methods.items()))


# ---- the steps of the intrusion --------------------------------------------------------------------------------------

class Step:
    """The intruder's packets in one step."""

    def __init__(self, name, begin, end, everything, conns, associations, messages):
        hardware = next(m for ip, m, *_ in CAST if ip == INTRUDER)
        self.name = name
        self.packets = [p for p in everything if begin <= p.ts <= end and hardware in (p.src_mac, p.dst_mac)]
        self.first, self.last = self.packets[0].frame, self.packets[-1].frame
        self.conns = [c for c in conns if c.client == INTRUDER and self.first <= c.first.frame <= self.last]
        self.associations = [a for a in associations if a.connection in self.conns]
        self.messages = [m for m in messages if m["src"] == INTRUDER and self.first <= m["frame"] <= self.last]

    def syns(self):
        return [p for p in self.packets if p.proto == 6 and p.src == INTRUDER and p.flags & 0x12 == 0x02]

    def said(self, side, port, pattern):
        return sum(len(re.findall(pattern, c.stream(side)[0])) for c in self.conns if c.port == port)

    def with_command(self, command):
        return [(a, m) for a in self.associations for m in a.messages if m["command"] == command]


def fact_join(s, facts):
    lease = next(e for e in facts["dhcp"]["leases"] if e["ip"] == INTRUDER)
    text = f"A device with a Raspberry Pi address joins and gets {INTRUDER} by DHCP as {lease['hostname']}."
    return text, ["Z13", "Z12"], [], [DHCP_SERVER], {"dhcp_ack_frame": lease["first_ack_frame"], "hostname": lease["hostname"]}


def fact_discover(s, facts):
    asked = [p for p in s.packets if p.kind == 0x0806 and p.flags == 1 and p.src == INTRUDER]
    names = [p for p in s.packets if p.proto == 17 and p.dport == 53 and b"\x07in-addr\x04arpa" in p.data]
    n = len({p.dst for p in asked})
    text = f"It asks for {n} addresses by ARP, twice, with arp-scan and nmap, then for the names of those that answered."
    return text, ["R01", "R14"], [], ["10.20.0.0/24"], {
        "arp_requests": len(asked), "arp_distinct_targets": n, "ptr_queries": len(names)}


def fact_portscan(s, facts):
    ports = {p.dport for p in s.syns() if p.dst == PUMP}
    opened = sorted({p.sport for p in s.packets if p.src == PUMP and p.proto == 6 and p.flags & 0x12 == 0x12})
    text = f"It tries {len(ports)} TCP ports of pump-3 and finds {' and '.join(map(str, opened))} open."
    return text, ["R04"], [], [PUMP], {"distinct_ports": len(ports), "open_ports": opened}


def fact_addressscan(s, facts):
    reach = collections.defaultdict(set)
    for p in s.syns():
        reach[p.dport].add(p.dst)
    failed = {port: set(hosts) for port, hosts in reach.items()}
    for p in s.packets:
        if p.proto == 6 and p.src != INTRUDER and p.flags & 0x12 == 0x12:
            failed[p.sport].discard(p.src)
    text = (f"It tries ports {', '.join(map(str, sorted(reach)))} of the ward's {len([h for h in reach[23] if h.startswith('10.20.0.')])} "
            "hosts and of 64 addresses of the neighbouring VLAN, which do not answer.")
    return text, ["R03", "R09"], [], ["10.20.0.0/24", "10.20.1.0/26"], {
        "hosts_by_port": {p: len(h) for p, h in sorted(reach.items())},
        "hosts_not_open_by_port": {p: len(h) for p, h in sorted(failed.items())}}


def fact_telnet(s, facts):
    failures, sessions = s.said(1, 23, rb"Login incorrect"), [c for c in s.conns if c.port == 23]
    prompts = [c for c in sessions if b"pump-3:~$" in c.stream(1)[0]]
    shell = prompts[-1]
    text = (f"It guesses Telnet passwords on pump-3: {failures} failures in {len(sessions) - 1} connections, then the account service is "
            "accepted; it logs in by hand and reads the pump's configuration.")
    return text, ["C01", "C12", "P09", "Z02", "S06", "V09"], ["L11"], [PUMP], {
        "connections": len(sessions), "login_incorrect": failures, "connections_with_a_shell": len(prompts), "account": "service",
        "shell_first_frame": shell.first.frame, "commands": ["id", "ls -l", "cat pump.conf", "tail -n 3 log/events.txt", "exit"]}


def fact_ftp(s, facts):
    failures, logins = s.said(1, 21, rb"(?m)^530 "), s.said(1, 21, rb"(?m)^230 ")
    users = {u for c in s.conns if c.port == 21 for u in re.findall(rb"USER (\S+)", c.stream(0)[0])}
    text = (f"It guesses FTP passwords on pump-3: {failures} failures for {len(users)} accounts, then service is accepted; it fetches "
            "pump.conf.")
    return text, ["C02", "C12", "P09", "S06", "V09"], ["Z02"], [PUMP], {
        "connections": sum(c.port == 21 for c in s.conns), "replies_530": failures, "replies_230": logins,
        "accounts": sorted(u.decode() for u in users), "retr": s.said(0, 21, rb"RETR pump\.conf")}


def fact_aetitle(s, facts):
    rejected = [a for a in s.associations if a.result == "rejected"]
    titles = {a.called for a in rejected}
    refused = {a.calling for a in s.associations if a.result == "accepted" and a.ended == "aborted"}
    text = (f"It guesses called AE titles at the PACS with nmap: {len(rejected)} rejections of {len(titles)} titles, then PACS is accepted; "
            f"it then tries C-FIND under calling titles until CT01, the scanner's own, is served.")
    return text, ["C07", "R11", "C12"], [], [PACS], {
        "associations": len(s.associations), "rejected": len(rejected), "titles_rejected": sorted(titles),
        "accepted": sum(a.result == "accepted" for a in s.associations), "calling_titles_refused": sorted(refused),
        "calling_title_served": "CT01"}


def fact_query(s, facts):
    asked = [(a, m) for a, m in s.with_command("C-FIND-RQ")]
    matches = [sum(m["status"] in (0xFF00, 0xFF01) for m in a.messages) for a, _ in asked]
    text = (f"It asks the PACS for every patient (PatientName=*, {matches[0]} matches) and every study since 2020 ({matches[1]} matches).")
    return text, ["E02"], [], [PACS], {
        "c_find": len(asked), "matches": matches, "frames_of_c_find_rq": [m["frame"] for _, m in asked],
        "calling": "CT01", "study_date": "20200101-20301231"}


def fact_pull(s, facts):
    studies, patients, size = set(), set(), 0
    for a in s.associations:
        for m, ds in a.datasets():
            if m["command"] == "C-STORE-RQ":
                studies.add(str(ds.StudyInstanceUID))
                patients.add(str(ds.PatientID))
                size += len(m["dataset"])
    gets = s.with_command("C-GET-RQ")
    text = (f"It pulls {len(studies)} studies of {len(patients)} patients from the PACS by C-GET "
            f"({len(s.with_command('C-STORE-RQ'))} images, {size} bytes of data sets).")
    return text, ["E03"], ["P02"], [PACS], {
        "c_get": len(gets), "studies": len(studies), "patients": sorted(patients),
        "images": len(s.with_command("C-STORE-RQ")), "dataset_bytes": size, "calling": "CT01"}


def fact_upload(s, facts):
    post = next(c for c in s.conns if c.port == 80)
    control = next(c for c in s.conns if c.port == 21)
    data = [c for c in s.conns if c.server == DROP and c.port not in (21, 80) and c.segments[0]]
    body = int(re.search(rb"Content-Length: (\d+)", post.stream(0)[0]).group(1))
    files = len(re.findall(rb'name="file"', post.stream(0)[0]))
    text = f"It sends {files} of the DICOM files that it pulled to {DROP} outside, in clear, as an HTTP form of {body} bytes"
    detail = {"post_first_frame": post.first.frame, "post_body_bytes": body, "dicom_files_in_form": files,
              "ftp_control_first_frame": control.first.frame, "ftp_login_refused": s.said(1, 21, rb"(?m)^530 ") > 0}
    if not data:
        return text + "; its login to the FTP server there is refused.", ["E05", "P09"], ["B10"], [DROP], detail
    detail |= {"ftp_data_first_frame": data[0].first.frame, "ftp_stor_bytes": len(data[0].stream(0)[0])}
    text += f", and the rest as an archive of {detail['ftp_stor_bytes']} bytes by FTP."
    return text, ["E05", "E06", "P09"], ["B10"], [DROP], detail


def fact_forge(s, facts):
    forged = s.messages[0]
    real = next(m for m in facts["messages"] if m["control"] == forged["control"] and m["src"] != INTRUDER)

    def potassium(m):
        return next(x for x in m["segments"] if x[0] == "OBX" and x[3].startswith("2823-3"))
    a, b = potassium(real), potassium(forged)
    text = (f"It sends the interface engine a result under the laboratory's name and control id {forged['control']}: potassium {b[5]} for a "
            f"patient and a time for which the laboratory had sent {a[5]}.")
    return text, ["S01", "S02", "S03"], ["S04"], [ENGINE], {
        "control_id": forged["control"], "forged_frame": forged["frame"], "real_frame": real["frame"], "real_sender": real["src"],
        "patient": next(x for x in real["segments"] if x[0] == "PID")[3].split("^")[0], "observation": "2823-3 Potassium",
        "observed_at": a[14], "value_real": a[5], "value_forged": b[5]}


def steps(path, everything, conns, associations, messages, facts):
    out, number = [], 0
    for line in open(path):
        name, begin, end = line.split("\t")
        number += 1
        s = Step(name, float(begin), float(end), everything, conns, associations, messages)
        text, must, may, targets, detail = globals()["fact_" + name](s, {**facts, "messages": messages})
        out.append({"id": f"{number:02}-{name}", "start": iso(s.packets[0].ts), "end": iso(s.packets[-1].ts),
                    "first_frame": s.first, "last_frame": s.last, "actor_packets": len(s.packets), "actor": INTRUDER,
                    "targets": targets, "what": text, "detections": must, "also_possible": may, "facts": detail})
    return out


def hosts(scene, everything):
    seen = {(p.src, p.src_mac) for p in everything if p.kind in (0x0800, 0x0806)}
    local = [(ip, m) for ip, m, *_ in CAST if m and (scene == "night" or ip != INTRUDER)]
    missing = [pair for pair in local if pair not in seen]
    assert not missing, f"not in the capture: {missing}"
    strange = {pair for pair in seen if pair not in set(local) and pair[1] != CAST[0][1] and pair[0] != "0.0.0.0"}
    assert not strange, f"not in the cast: {strange}"
    out = []
    for ip, hardware, name, role in CAST:
        if scene == "quiet" and ip in (INTRUDER, DROP):
            continue
        part = "attacker" if ip in (INTRUDER, DROP) else "target" if scene == "night" and ip in TARGETS else "bystander"
        out.append({"ip": ip, "mac": hardware or None, "name": name, "role": role, "part": part})
    return out


def main():
    scene, path = sys.argv[1:3]
    everything = list(packets(path))
    conns = connections(everything)
    associations = [Association(c) for c in conns if c.port in DICOM_PORTS and c.stream(0)[0][:1] == b"\x01"]
    messages = hl7_messages(conns)
    facts = {
        "packets": len(everything),
        "tcp_connections": len(conns),
        "arp_packets": sum(p.kind == 0x0806 for p in everything),
        "dicom": dicom_counts(associations), "hl7": hl7_counts(messages), "mqtt": mqtt_counts(conns), "dhcp": dhcp_facts(everything),
        "dns_queries": sum(p.proto == 17 and p.dport == 53 for p in everything),
        "http_requests": http_counts(conns), "tls_connections": tls_counts(conns),
        "telnet_login_failures": sum(len(re.findall(b"Login incorrect", c.stream(1)[0])) for c in conns if c.port == 23),
        "ftp_login_failures": sum(len(re.findall(rb"(?m)^530 ", c.stream(1)[0])) for c in conns if c.port == 21),
    }
    facts["patients_in_clear"] = sorted({*facts["dicom"]["patients"], *facts["hl7"]["patients"], *facts["mqtt"]["patients"]})
    truth = {
        "capture": "capture.pcap", "start": iso(min(p.ts for p in everything)), "end": iso(max(p.ts for p in everything)),
        "hosts": hosts(scene, everything),
        "steps": steps(sys.argv[3], everything, conns, associations, messages, facts) if scene == "night" else [],
        "no_attack": scene == "quiet",
        "posture": {"P01": "HL7 v2 in clear", "P02": "DICOM in clear with identity", "P07": "vital signs in clear over MQTT",
                    "P09": "MQTT user names and passwords in clear", "Z09": "DICOM service without TLS"},
        "counts": facts,
    }
    json.dump(truth, sys.stdout, indent=1)
    print()


main()

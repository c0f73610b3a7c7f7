#!/usr/bin/env bash
# Records one small sample of a scan or a flood in network namespaces: real tools against real hosts, bounded in count.
#
#   attacks.sh SCENE OUTDIR      scenes: see the functions called scene_...; OUTDIR gets capture.pcap
#
# Needs root and: dcmtk ethtool hping3 iproute2 iputils-ping nmap tcpdump.
set -euo pipefail

LAB=$(cd "$(dirname "$0")" && pwd)
SCENE=${1:?usage: attacks.sh SCENE OUTDIR}
OUT=$(mkdir -p "${2:?usage: attacks.sh SCENE OUTDIR}" && cd "$2" && pwd)
NET=wta$$
export TZ=UTC LC_ALL=C
umask 022
RUN=$(mktemp -d /tmp/attacks.XXXXXX)
mkdir -p "$RUN/log"

. "$LAB/net.sh"

cleanup() {
	trap - EXIT INT TERM
	remove_network
	rm -rf "$RUN"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# record COMMAND [SNAPLEN]: run COMMAND while the switch is recorded.
record() {
	ip netns exec "$NET-switch" tcpdump -i br0 -s "${2:-0}" -U -Z root -n -B 16384 -w "$OUT/capture.pcap" 2>"$RUN/log/tcpdump.log" &
	local pid=$!
	sleep 1.5
	"$1"
	sleep 1
	kill -INT "$pid"
	wait "$pid" || true
	cat "$RUN/log/tcpdump.log" >&2
}

# The gateway drops what it is to forward, so that a scan of another network is answered by silence.
cast() {
	make_switch
	add_host gw 00:00:0c:4a:10:01 "$LAN.1" none
	add_host pump 00:12:21:07:41:01 "$LAN.41"
	add_host intruder 02:00:5e:10:66:01 "$LAN.66"
	ip netns exec "$NET-gw" sysctl -qw net.ipv4.ip_forward=0
	sleep 1
}

scene_scan-ports() { cast && record scan_ports; }
scan_ports() { in_host intruder nmap -n -Pn -T4 --top-ports 200 "$LAN.41" >/dev/null; }

# 60 addresses of another network, port 11112, and 20 of port 80, which is too few to be a scan.
scene_scan-addresses() { cast && record scan_addresses; }
scan_addresses() {
	in_host intruder nmap -n -Pn -sS -T4 --max-retries 0 -p 11112 10.20.1.1-60 >/dev/null
	in_host intruder nmap -n -Pn -sS -T4 --max-retries 0 -p 80 10.20.1.1-20 >/dev/null
}

scene_scan-flags() { cast && record scan_flags; }
scan_flags() {
	local scan
	for scan in -sN -sX; do
		in_host intruder nmap -n -Pn $scan -T4 --max-retries 0 -p 21,22,23,80,104,443,2575,11112 "$LAN.41" >/dev/null
	done
}

scene_flood-syn() { cast && record flood_syn 64; }
flood_syn() { in_host intruder hping3 -q -n -S -p 104 -c 1500 -i u3000 "$LAN.41" >/dev/null 2>&1 || true; }

# A closed port would answer; what listens to it and keeps silent is how an endpoint of telemetry behaves.
scene_flood-udp() { cast && record flood_udp 42; }
flood_udp() {
	ip netns exec "$NET-pump" python3 -c "
import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('0.0.0.0', 24105)); time.sleep(30)" &
	sleep 0.5
	in_host intruder hping3 -q -n --udp -k -s 40000 -p 24105 -d 10 -c 5500 -i u900 "$LAN.41" >/dev/null 2>&1 || true
}

scene_flood-distributed() { cast && record flood_distributed 64; }
flood_distributed() { in_host intruder hping3 -q -n -S --rand-source -p 104 -c 1500 -i u3000 "$LAN.41" >/dev/null 2>&1 || true; }

# 40 addresses of another network, one echo request each and another one where nothing answers, and a monitoring system's three.
scene_scan-ping() { cast && record scan_ping; }
scan_ping() {
	in_host pump ping -q -c 3 "$LAN.1" >/dev/null
	in_host intruder nmap -n -sn -PE -T4 --max-retries 0 10.20.1.1-40 >/dev/null || true
}

# C-ECHO 70 times, as fast as echoscu starts, at a storage SCP.
scene_dicom-association-flood() { cast && record association_flood; }
association_flood() {
	mkdir -p "$RUN/scp"
	in_host pump storescp --disable-host-lookup -od "$RUN/scp" 104 >/dev/null 2>&1 &
	sleep 1
	local i
	for i in $(seq 70); do in_host intruder echoscu -aet CT01 -aec STORESCP "$LAN.41" 104 || true; done
}

"scene_$SCENE"

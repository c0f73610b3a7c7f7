#!/bin/bash
# Records samples/tls-datagrams: DTLS 1.2 and 1.0 by OpenSSL. Run as root; needs openssl, iproute2, ethtool and tcpdump.
set -euo pipefail
cd "$(dirname "$0")"
NET=dtlslab
source pair.sh
OUT=$(cd .. && pwd)/tls-datagrams/capture.pcap
RUN=$(mktemp -d)

# talk PORT ARGUMENTS: connect, send one line, close.
talk() {
	local port=$1
	shift
	(sleep 0.4; echo "ping"; sleep 0.4) | in_client timeout 4 openssl s_client -connect "$SERVER_IP:$port" "$@" >/dev/null 2>&1 || true
}

# serve PORT ARGUMENTS: take what comes and say nothing.
serve() {
	local port=$1
	shift
	(sleep 30 | in_server openssl s_server -quiet -accept "$port" -cert own.crt -key own.key "$@" >/dev/null 2>&1) &
}

make_pair
cd "$RUN"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout own.key -out own.crt -days 90 \
	-subj "/O=Invented Sensors Ltd/CN=sensor-9.ward.example" 2>/dev/null
serve 5684 -dtls1_2 -mtu 1400
serve 4433 -dtls1 -cipher "ALL:@SECLEVEL=0" -mtu 1400
sleep 1
record "$OUT"
talk 5684 -dtls1_2 -servername sensor-9.ward.example -mtu 1400
talk 4433 -dtls1 -cipher "ALL:@SECLEVEL=0" -mtu 1400
stop_record
chown "$(id -u):$(id -g)" "$OUT"
rm -rf "$RUN"

#!/bin/bash
# Records samples/hl7-http: HL7 version 2 in the bodies of HTTP, http.server as listener and requests as sender. Run as root;
# needs python3 with requests, iproute2, ethtool and tcpdump.
set -euo pipefail
cd "$(dirname "$0")"
NET=hl7httplab
source pair.sh
PEERS=$PWD/peers
DIR=$(cd .. && pwd)/hl7-http

make_pair
mkdir -p "$DIR"
in_server python3 "$PEERS/hl7http.py" listen "$SERVER_IP" 8095 >/dev/null 2>&1 &
sleep 1
record "$DIR/capture.pcap"
in_client python3 "$PEERS/hl7http.py" send "$SERVER_IP" 8095
stop_record
chown "$(id -u):$(id -g)" "$DIR/capture.pcap"

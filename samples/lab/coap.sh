#!/bin/bash
# Records samples/coap-vitals: a gateway that offers vital signs by CoAP, and a client. Run as root; needs python3 with
# aiocoap (PYTHON names it), iproute2, ethtool and tcpdump.
set -euo pipefail
cd "$(dirname "$0")"
NET=coaplab
source pair.sh
PEERS=$PWD/peers
DIR=$(cd .. && pwd)/coap-vitals

make_pair
mkdir -p "$DIR"
in_server "${PYTHON:-python3}" "$PEERS/coapcases.py" serve "$SERVER_IP" >/dev/null 2>&1 &
sleep 2
record "$DIR/capture.pcap"
in_client "${PYTHON:-python3}" "$PEERS/coapcases.py" ask "$SERVER_IP"
stop_record

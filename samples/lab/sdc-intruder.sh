#!/bin/bash
# Records samples/sdc-intruder: a provider of ISO/IEEE 11073 SDC, its central station, and after six minutes a third host that gives orders and
# takes the device's name. Run as root; needs python3 with sdc11073 3.0.0 ($PYTHON), iproute2, ethtool and tcpdump.
set -euo pipefail
cd "$(dirname "$0")"
NET=sdcintr
source net.sh
PYTHON=${PYTHON:-python3}
RUN=$(mktemp -d)
mkdir -p "$RUN/log"
OUT=$(cd .. && pwd)/sdc-intruder
mkdir -p "$OUT"
trap 'remove_network; rm -rf "$RUN"' EXIT

make_switch
add_host device 02:00:00:00:00:10 "$LAN.10" none
add_host central 02:00:00:00:00:20 "$LAN.20" none
add_host intruder 02:00:00:00:00:99 "$LAN.99" none
for host in device central intruder; do ip -n "$NET-$host" route add 239.0.0.0/8 dev eth0; done
HERE=$PWD
ip netns exec "$NET-switch" tcpdump -i br0 -U -w "$OUT/capture.pcap" 'tcp or udp' 2>/dev/null &
TCPDUMP=$!
sleep 1
serve device "$PYTHON" "$HERE/peers/sdc_provider.py" "$LAN.10" 400 - 15
sleep 2
serve central "$PYTHON" "$HERE/peers/sdc_consumer.py" "$LAN.20" 392 - quiet
sleep 362
in_host intruder "$PYTHON" "$HERE/peers/sdc_intruder.py" "$LAN.99"
sleep 20
kill "$TCPDUMP"
wait "$TCPDUMP" || true
cat "$RUN"/log/*.log >&2
chown "$(id -u):$(id -g)" "$OUT/capture.pcap"

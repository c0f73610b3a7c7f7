#!/bin/bash
# Records samples/sdc-intruder and quiet-sdc: a provider of ISO/IEEE 11073 SDC, its central station, and after six minutes a third host that
# gives orders and takes the device's name; or a second station that was there all the time and gives orders then, whereafter the device
# moves to another address. Run as root; needs python3 with sdc11073 3.0.0 ($PYTHON), iproute2, ethtool and tcpdump.
set -euo pipefail
cd "$(dirname "$0")"
NET=sdcintr
source net.sh
PYTHON=${PYTHON:-python3}
RUN=$(mktemp -d)
mkdir -p "$RUN/log"
SCENE=${1:?intruder or quiet}
OUT=$(cd .. && pwd)/sdc-intruder
[ "$SCENE" = intruder ] || OUT=$(cd .. && pwd)/quiet-sdc
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
if [ "$SCENE" = intruder ]; then
	sleep 362
	in_host intruder "$PYTHON" "$HERE/peers/sdc_intruder.py" "$LAN.99"
	sleep 20
else # the intruder's place is the second station's
	serve intruder "$PYTHON" "$HERE/peers/sdc_consumer.py" "$LAN.99" 385 - 345
	sleep 415
	ip -n "$NET-device" addr flush dev eth0
	ip -n "$NET-device" addr add "$LAN.11/24" dev eth0
	ip -n "$NET-device" route add 239.0.0.0/8 dev eth0
	in_host device "$PYTHON" "$HERE/peers/sdc_provider.py" "$LAN.11" 10 - 5
	sleep 5
fi
kill "$TCPDUMP"
wait "$TCPDUMP" || true
if [ "$SCENE" = quiet ]; then # without the connections of the reports: they are as in the other scene, twice
	ports=$(tcpdump -nr "$OUT/capture.pcap" "src $LAN.10 and tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn" 2>/dev/null |
		sed -E 's/.* > [0-9.]+\.([0-9]+):.*/\1/' | sort -u)
	tcpdump -r "$OUT/capture.pcap" -w "$RUN/less.pcap" "not tcp port ($(echo $ports | sed 's/ / or /g'))" 2>/dev/null
	cp "$RUN/less.pcap" "$OUT/capture.pcap"
fi
cat "$RUN"/log/*.log >&2
chown "$(id -u):$(id -g)" "$OUT/capture.pcap"

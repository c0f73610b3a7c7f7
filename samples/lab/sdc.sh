#!/bin/bash
# Records samples/sdc-clear and sdc-tls: a provider and a consumer of ISO/IEEE 11073 SDC (sdc11073 from PyPI) that find each other by
# WS-Discovery. Run as root; needs python3 with sdc11073 3.0.0 ($PYTHON), openssl, iproute2, ethtool and tcpdump.
set -euo pipefail
cd "$(dirname "$0")"
NET=sdclab
source pair.sh
PYTHON=${PYTHON:-python3}
SAMPLES=$(cd .. && pwd)
RUN=$(mktemp -d)

# One authority, one certificate that both sides use, as the library's folders want it.
make_certificates() {
	openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj "/O=Example Hospital/CN=Device CA" \
		-keyout "$RUN/ca.key" -out "$RUN/cacert.pem" 2>/dev/null
	openssl req -newkey rsa:2048 -nodes -subj "/O=Example Medical/CN=BS7-000417" -keyout "$RUN/userkey.pem" -out "$RUN/user.csr" 2>/dev/null
	openssl x509 -req -in "$RUN/user.csr" -CA "$RUN/cacert.pem" -CAkey "$RUN/ca.key" -CAcreateserial -days 3650 \
		-extfile <(echo "subjectAltName=IP:$SERVER_IP,IP:$CLIENT_IP") -out "$RUN/usercert.pem" 2>/dev/null
}

make_pair
for side in client server; do ip -n "$NET-$side" route add 239.0.0.0/8 dev eth0; done
make_certificates
for scene in clear tls; do
	dir="$SAMPLES/sdc-$scene"
	mkdir -p "$dir"
	record "$dir/capture.pcap"
	certificates=()
	[ "$scene" = clear ] || certificates=("$RUN")
	in_server "$PYTHON" peers/sdc_provider.py "$SERVER_IP" 11 "${certificates[@]}" &
	provider=$!
	sleep 2
	if [ "$scene" = clear ]; then
		in_client "$PYTHON" peers/sdc_consumer.py "$CLIENT_IP" 7
	else
		in_client "$PYTHON" peers/sdc_consumer.py "$CLIENT_IP" 4 "$RUN" quiet
	fi
	wait "$provider" || true
	stop_record
	chown "$(id -u):$(id -g)" "$dir/capture.pcap"
done
rm -rf "$RUN"

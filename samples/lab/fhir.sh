#!/bin/bash
# Records samples/fhir-work, fhir-smart, fhir-harvest and fhir-guessing: HAPI FHIR's plain server in Jetty and HAPI's client
# (peers/fhir). Run as root; needs a JDK of release 17, Maven, iproute2, ethtool and tcpdump. `fhir.sh SCENE...` records some of them.
set -euo pipefail
cd "$(dirname "$0")"
NET=fhirlab
source pair.sh
PEERS=$PWD/peers/fhir
SAMPLES=$(cd .. && pwd)
RUN=${FHIR_RUN:-$(mktemp -d)}

[ -d "$RUN/lib" ] || mvn -q -B -f "$PEERS/pom.xml" dependency:copy-dependencies -DoutputDirectory="$RUN/lib"
javac -d "$RUN/classes" -cp "$RUN/lib/*" "$PEERS"/src/main/java/lab/*.java

make_pair
for scene in "${@:-work smart harvest guessing}"; do
	for one in $scene; do
		dir="$SAMPLES/fhir-$one"
		mkdir -p "$dir"
		ip netns exec "$NET-server" java -Xmx256m -XX:TieredStopAtLevel=1 -cp "$RUN/classes:$RUN/lib/*" lab.Server "$SERVER_IP" 8090 >/dev/null 2>&1 &
		SERVER=$!
		for _ in $(seq 60); do in_client bash -c "exec 3<>/dev/tcp/$SERVER_IP/8090" 2>/dev/null && break; sleep 0.5; done
		record "$dir/capture.pcap"
		in_client java -Xmx256m -XX:TieredStopAtLevel=1 -cp "$RUN/classes:$RUN/lib/*" lab.Client "${one/guessing/guess}" "$SERVER_IP" 8090
		stop_record
		kill "$SERVER"
		wait "$SERVER" 2>/dev/null || true
		chown "$(id -u):$(id -g)" "$dir/capture.pcap"
	done
done

#!/usr/bin/env bash
# Records the MQTT samples of single cases: a mosquitto broker, mosquitto's clients and paho.
#
#   mqtt.sh CASE OUTDIR      CASE is a sample's name without mqtt-, as in: mqtt.sh vitals /tmp/out
#
# Needs mosquitto and mosquitto-clients; PYTHON names an interpreter that has the package paho-mqtt.
set -euo pipefail
LAB=$(cd "$(dirname "$0")" && pwd)
CASE=${1:?usage: mqtt.sh CASE OUTDIR} OUT=${2:?usage: mqtt.sh CASE OUTDIR} PYTHON=${PYTHON:-python3}
RUN=$(mktemp -d)
trap 'rm -rf "$RUN"' EXIT
chmod 755 "$RUN"
PEERS="$PYTHON '$LAB/peers/mqttcases.py'"
HOST=10.30.1.20

printf 'listener 1883\nsys_interval 1\n' >"$RUN/conf"
case $CASE in
vitals | v5)
	mosquitto_passwd -b -c "$RUN/users" ward3 not-a-real-password
	chmod 644 "$RUN/users"
	printf 'allow_anonymous false\npassword_file %s/users\n' "$RUN" >>"$RUN/conf"
	;;
*) echo 'allow_anonymous true' >>"$RUN/conf" ;;
esac
AUTH="-h $HOST -u ward3 -P not-a-real-password"
case $CASE in
vitals) CLIENT="
	mosquitto_sub $AUTH -i station-1 -q 2 -t 'ward3/#' -t '\$SYS/broker/version' -W 6 >/dev/null & sleep 0.5
	$PEERS vitals-json $HOST
	mosquitto_pub $AUTH -V mqttv31 -i oldscale-7 -t ward3/scale/weight -m 71.5 -q 1
	mosquitto_pub -h $HOST -i guest -u admin -P wrong -t ward3/x -m y || true
	mosquitto_pub -h $HOST -i guest -t ward3/x -m y || true
	wait" ;;
v5 | connect-flood | malformed) CLIENT="$PEERS $CASE $HOST" ;;
publish-flood) CLIENT="seq 1 2300 | mosquitto_pub -h $HOST -i flooder -t f -l" ;;
*) echo "mqtt.sh: no case $CASE" >&2 && exit 2 ;;
esac
mkdir -p "$OUT"
"$LAB/cable.sh" "$OUT/capture.pcap" "exec mosquitto -c '$RUN/conf'" "$CLIENT"

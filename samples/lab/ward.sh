#!/usr/bin/env bash
# Records a day on a small ward in network namespaces: real servers, real clients, invented patients.
#
#   ward.sh night OUTDIR [SCALE]    38 minutes, with an intruder from minute 22
#   ward.sh quiet OUTDIR [SCALE]    32 minutes, nothing but the ward's own work
#
# SCALE shortens the plan (0.1 is a trial run of some minutes). Needs root and the packages named in README.md.
# Leaves OUTDIR/capture.pcap, OUTDIR/steps.tsv (what the intruder did and when) and OUTDIR/log/.
set -euo pipefail

LAB=$(cd "$(dirname "$0")" && pwd)
SCENE=${1:?usage: ward.sh night|quiet OUTDIR [SCALE]}
OUT=$(mkdir -p "${2:?usage: ward.sh night|quiet OUTDIR [SCALE]}" && cd "$2" && pwd)
SCALE=${3:-1}
PYTHON=${PYTHON:-python3}
TELNETD=${TELNETD:-/usr/sbin/in.telnetd} # from telnetd-ssl
case $SCENE in
night) NET=wtn MINUTES=38.5 ;;
quiet) NET=wtq MINUTES=32 ;;
*) echo "ward.sh: scene must be night or quiet, not $SCENE" >&2; exit 2 ;;
esac
export TZ=UTC LC_ALL=C
umask 022
RUN=$(mktemp -d /tmp/ward.XXXXXX)
chmod 755 "$RUN"
mkdir -p "$RUN/log" "$OUT/log"
SECONDS_ALL=$(awk "BEGIN { printf \"%d\", $MINUTES * 60 * $SCALE }")
ROLES=()

. "$LAB/net.sh"
. "$LAB/roles.sh"
. "$LAB/intruder.sh"

cleanup() {
	trap - EXIT INT TERM
	((${#ROLES[@]} == 0)) || kill "${ROLES[@]}" 2>/dev/null || true
	remove_network
	cp -r "$RUN/log/." "$OUT/log/" 2>/dev/null || true
	rm -rf "$RUN"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# The cast: name, MAC address, address. Hosts with no address here take a lease; dnsmasq gives them the address in roles.sh.
make_switch
add_host gw         00:00:0c:4a:10:01 "$LAN.1" none
add_host ns1        00:50:56:a1:00:02 "$LAN.2"
add_host intranet   00:50:56:a1:00:05 "$LAN.5"
add_host pacs       d4:ae:52:a1:00:10 "$LAN.10"
add_host ris        00:50:56:a1:00:11 "$LAN.11"
add_host engine     00:50:56:a1:00:20 "$LAN.20"
add_host lis        00:0e:2f:31:00:21 "$LAN.21"
add_host adt        00:50:56:a1:00:22 "$LAN.22"
add_host broker     00:50:56:a1:00:30 "$LAN.30"
add_host pumpserver d4:ae:52:a1:00:31 "$LAN.31"
add_host pump-1     00:12:21:07:41:01
add_host pump-3     00:12:21:07:41:03
add_host ct-1       88:4b:39:20:51:01
add_host us-1       44:4b:5d:20:52:01
add_host read-1     d4:ae:52:53:00:53
add_host ward-pc    d4:ae:52:53:00:54
add_host mon-1      00:09:fb:60:61:01
add_host mon-2      00:09:fb:60:61:02
add_host mon-3      00:09:fb:60:61:03
add_host sensor-4   f0:e5:c3:60:61:04
add_host central-1  d4:ae:52:53:00:90
BRIDGE=br1 add_host update "00:16:3e:71:00:80" "$OUTSIDE.80" "$OUTSIDE.1"
BRIDGE=br1 add_host drop   "00:16:3e:71:00:09" "$OUTSIDE.9" "$OUTSIDE.1"
if [ "$SCENE" = night ]; then add_host intruder b8:27:eb:66:6a:66; fi
make_router

start_servers
load_archive

echo "recording $SECONDS_ALL s to $OUT/capture.pcap" >&2
ip netns exec "$NET-switch" tcpdump -i br0 -s 0 -B 8192 -Z root -n -w "$OUT/capture.pcap" 2>"$RUN/log/tcpdump.log" &
TCPDUMP=$!
sleep 2
T0=$(date +%s)

start_clients
if [ "$SCENE" = night ]; then
	intrude "$OUT/steps.tsv" >"$RUN/log/intrusion.log" 2>&1 &
	ROLES+=($!)
	wait $! # a trap interrupts a wait, not a command in the foreground
fi
left=$((T0 + SECONDS_ALL - $(date +%s)))
((left <= 0)) || { sleep "$left" & wait $!; }

sleep 3 # tcpdump gets its last packets late
kill -INT "$TCPDUMP"
wait "$TCPDUMP" || true
cat "$RUN/log/tcpdump.log" >&2
cp "$RUN/today.tsv" "$RUN/sent.jsonl" "$OUT/log/"

#!/usr/bin/env bash
# Records what two hosts say to each other, in two network namespaces joined by one cable.
#
#   cable.sh CAPTURE 'SERVER COMMAND' 'CLIENT COMMAND' [SERVER ADDRESSES]
#
# The client is 10.30.1.10; the server is 10.30.1.20 and has as many addresses from there on as asked for (1). The server
# is started first and ended after the client. Offloads are off, so that segments are those of a real wire. Needs root,
# iproute2, ethtool and tcpdump. Nothing leaves the machine.
set -euo pipefail

OUT=$(realpath -m "${1:?usage: cable.sh CAPTURE SERVER CLIENT [ADDRESSES]}")
SERVER=${2:?} CLIENT=${3:?} ADDRESSES=${4:-1}
A=cable$$a B=cable$$b
export TZ=UTC LC_ALL=C

cleanup() {
	trap - EXIT INT TERM
	for ns in "$A" "$B"; do
		ip netns pids "$ns" 2>/dev/null | xargs -r kill 2>/dev/null || true
	done
	sleep 0.5
	for ns in "$A" "$B"; do
		ip netns pids "$ns" 2>/dev/null | xargs -r kill -9 2>/dev/null || true
		ip netns del "$ns" 2>/dev/null || true
	done
}
trap cleanup EXIT

ip netns add "$A"
ip netns add "$B"
ip -n "$A" link add eth0 address 00:50:56:b0:01:10 type veth peer name eth0 netns "$B" address 00:50:56:b0:01:20
for ns in "$A" "$B"; do
	ip netns exec "$ns" sysctl -qw net.ipv6.conf.all.disable_ipv6=1
	ip netns exec "$ns" ethtool -K eth0 tx off sg off tso off gso off gro off >/dev/null
	ip -n "$ns" link set lo up
	ip -n "$ns" link set eth0 up
done
ip -n "$A" addr add 10.30.1.10/24 dev eth0
for ((i = 0; i < ADDRESSES; i++)); do
	ip -n "$B" addr add "10.30.1.$((20 + i))/24" dev eth0
done

ip netns exec "$A" tcpdump -q -U -i eth0 -s 0 -w "$OUT" 2>/dev/null &
DUMP=$!
sleep 1
ip netns exec "$B" bash -c "$SERVER" &
sleep "${WARMUP:-2}"
ip netns exec "$A" bash -c "$CLIENT"
sleep 1
kill -INT "$DUMP"
wait "$DUMP" || true

# Two hosts on one cable, sourced by scripts that record one client and one server: namespaces "$NET-client" (10.20.0.66)
# and "$NET-server" (10.20.0.10), neither with a link to the machine's own network.

CLIENT_IP=10.20.0.66
SERVER_IP=10.20.0.10

in_client() { ip netns exec "$NET-client" "$@"; }
in_server() { ip netns exec "$NET-server" "$@"; }

make_pair() {
	trap drop_pair EXIT
	local side
	for side in client server; do
		ip netns add "$NET-$side"
		ip netns exec "$NET-$side" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
	done
	ip -n "$NET-client" link add eth0 type veth peer name eth0 netns "$NET-server"
	ip -n "$NET-client" link set eth0 address 02:00:00:00:00:66
	ip -n "$NET-server" link set eth0 address 02:00:00:00:00:10
	ip -n "$NET-client" addr add "$CLIENT_IP/24" dev eth0
	ip -n "$NET-server" addr add "$SERVER_IP/24" dev eth0
	for side in client server; do
		# Segments and checksums as on a real wire.
		ip netns exec "$NET-$side" ethtool -K eth0 tx off sg off tso off gso off gro off >/dev/null
		ip -n "$NET-$side" link set lo up
		ip -n "$NET-$side" link set eth0 up
	done
}

# record FILE: capture TCP and UDP on the server's side until stop_record.
record() {
	ip netns exec "$NET-server" tcpdump -i eth0 -U -w "$1" 'tcp or udp' 2>/dev/null &
	TCPDUMP=$!
	sleep 1
}

stop_record() {
	sleep 1
	kill "$TCPDUMP"
	wait "$TCPDUMP" || true
}

drop_pair() {
	local side pid
	for side in client server; do
		for pid in $(ip netns pids "$NET-$side" 2>/dev/null); do kill "$pid" 2>/dev/null || true; done
		ip netns del "$NET-$side" 2>/dev/null || true
	done
}

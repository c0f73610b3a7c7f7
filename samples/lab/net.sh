# The network of one recording: sourced by ward.sh. Every host is a namespace "$NET-name" with one interface, eth0, whose
# other end is a port of a bridge in "$NET-switch". No namespace has a link to the machine's own network.

OUTSIDE="203.0.113"
LAN="10.20.0"
DOMAIN="ward.example"
HOSTS=()

# in_host NAME COMMAND...: run a command as that host: its network, its host name, its files from /etc/netns.
in_host() {
	local name=$1
	shift
	ip netns exec "$NET-$name" unshare --uts sh -c 'hostname "$0"; exec "$@"' "$name" "$@"
}

# serve NAME COMMAND...: the same in the background, with its output in a log.
serve() {
	in_host "$@" >>"$RUN/log/$1.log" 2>&1 </dev/null &
}

# The switch: br0 is the ward, br1 the cable between the router and the outside.
make_switch() {
	ip netns add "$NET-switch"
	ip netns exec "$NET-switch" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
	local bridge
	for bridge in br0 br1; do
		ip -n "$NET-switch" link add "$bridge" type bridge stp_state 0 mcast_snooping 0
		ip -n "$NET-switch" link set "$bridge" up
	done
}

# plug NAME INTERFACE BRIDGE MAC: a cable from a host to a bridge. Offloads are off on both ends, so that segments and
# checksums are those of a real wire.
plug() {
	local name=$1 interface=$2 bridge=$3 mac=$4 port
	port=$(printf '%.12s-%s' "$name" "${interface#eth}")
	ip -n "$NET-switch" link add "$port" type veth peer name "$interface" netns "$NET-$name"
	ip -n "$NET-$name" link set "$interface" address "$mac"
	ip netns exec "$NET-switch" ethtool -K "$port" tx off sg off tso off gso off gro off >/dev/null
	ip netns exec "$NET-$name" ethtool -K "$interface" tx off sg off tso off gso off gro off >/dev/null
	ip -n "$NET-switch" link set "$port" master "$bridge" up
	ip -n "$NET-$name" link set "$interface" up
}

# add_host NAME MAC [ADDRESS [GATEWAY]]: without an address the host will ask DHCP. "BRIDGE=br1" puts it outside.
add_host() {
	local name=$1 mac=$2 address=${3:-} gateway=${4:-$LAN.1} etc="/etc/netns/$NET-$1"
	ip netns add "$NET-$name"
	HOSTS+=("$name")
	mkdir -p "$etc"
	echo "nameserver $LAN.2" >"$etc/resolv.conf"
	echo "hosts: files dns" >"$etc/nsswitch.conf"
	printf '127.0.0.1 localhost\n127.0.1.1 %s\n' "$name" >"$etc/hosts"
	ip netns exec "$NET-$name" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
	ip -n "$NET-$name" link set lo up
	plug "$name" eth0 "${BRIDGE:-br0}" "$mac"
	if [ -n "$address" ]; then
		ip -n "$NET-$name" addr add "$address/24" dev eth0
		[ "$gateway" = none ] || ip -n "$NET-$name" route add default via "$gateway"
	fi
}

# give_users NAME "USER:PASSWORD"...: accounts that exist on this host only. Their files are in $RUN/NAME; see at_home.
give_users() {
	local name=$1 etc="/etc/netns/$NET-$1" uid=2001 user password
	shift
	cp /etc/passwd /etc/group "$etc/"
	grep -v '^[^:]*:[^*!]' /etc/shadow >"$etc/shadow" || true
	chmod 600 "$etc/shadow"
	local entry
	for entry in "$@"; do
		IFS=: read -r user password <<<"$entry"
		sed -i "/^$user:/d" "$etc/passwd" "$etc/shadow"
		echo "$user:x:$uid:100:device:/home/$user:/bin/sh" >>"$etc/passwd"
		echo "$user:$(openssl passwd -6 "$password"):20000:0:99999:7:::" >>"$etc/shadow"
		mkdir -p "$RUN/$name"
		chown -R "$uid:100" "$RUN/$name"
		uid=$((uid + 1))
	done
	mkdir -p "$etc/pam.d" "$etc/update-motd.d"
	: >"$etc/motd"
	sed -e 's/^LOGIN_RETRIES.*/LOGIN_RETRIES 3/' -e 's/^FAIL_DELAY.*/FAIL_DELAY 1/' /etc/login.defs >"$etc/login.defs"
	local service
	for service in login vsftpd other; do
		printf '%s\n' 'auth required pam_unix.so' \
			'account required pam_unix.so' 'session required pam_unix.so' >"$etc/pam.d/$service"
	done
}

# at_home USER NAME COMMAND...: run a command on that host with the files of $RUN/NAME as /home/USER, with logs of its own and with
# an /etc of its own: a file mounted over /etc/shadow alone would be lost when the machine's /etc/shadow is replaced.
at_home() {
	local user=$1 name=$2
	shift 2
	if [ ! -d "$RUN/$name.etc" ]; then
		cp -a /etc "$RUN/$name.etc"
		rm -rf "$RUN/$name.etc/netns"
		cp -a "/etc/netns/$NET-$name/." "$RUN/$name.etc/"
	fi
	serve "$name" sh -c 'mount -t tmpfs none /var/log; mount -t tmpfs none /home; mkdir "/home/$0"; mount --bind "$1" "/home/$0"
		mount --bind "$1.etc" /etc; [ ! -e /run/utmp ] || mount --bind /dev/null /run/utmp
		shift; exec "$@"' "$user" "$RUN/$name" "$@"
}

# remove_network: end every process in the namespaces of this recording, then the namespaces and their files.
remove_network() {
	local name
	for name in "${HOSTS[@]}" switch; do
		ip netns pids "$NET-$name" 2>/dev/null | xargs -r kill 2>/dev/null || true
	done
	sleep 1
	for name in "${HOSTS[@]}" switch; do
		ip netns pids "$NET-$name" 2>/dev/null | xargs -r kill -9 2>/dev/null || true
		ip netns del "$NET-$name" 2>/dev/null || true
		rm -rf "/etc/netns/${NET:?}-$name"
	done
	rmdir /etc/netns 2>/dev/null || true
}

#!/usr/bin/env bash
# Records one small sample of Telnet or FTP logins in network namespaces: real servers, real clients, invented accounts.
#
#   logins.sh SCENE OUTDIR     scenes: see the functions called scene_...; OUTDIR gets capture.pcap
#
# Needs root and: busybox curl ethtool hydra inetutils-inetd inetutils-telnet a telnetd lftp openssl tcpdump util-linux vsftpd.
set -euo pipefail

LAB=$(cd "$(dirname "$0")" && pwd)
SCENE=${1:?usage: logins.sh SCENE OUTDIR}
OUT=$(mkdir -p "${2:?usage: logins.sh SCENE OUTDIR}" && cd "$2" && pwd)
NET=wtg$$
export TZ=UTC LC_ALL=C
umask 022
TELNETD=${TELNETD:-/usr/sbin/telnetd}
RUN=$(mktemp -d /tmp/logins.XXXXXX)
chmod 755 "$RUN"
mkdir -p "$RUN/log" "$RUN/empty"

. "$LAB/net.sh"

cleanup() {
	trap - EXIT INT TERM
	remove_network
	rm -rf "$RUN"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

record() { # COMMAND FILTER
	ip netns exec "$NET-switch" tcpdump -i br0 -s 0 -U -Z root -n -w "$OUT/capture.pcap" $2 2>"$RUN/log/tcpdump.log" &
	local pid=$!
	sleep 1.5
	$1
	sleep 1.5
	kill -INT "$pid"
	wait "$pid" || true
	cat "$RUN/log/tcpdump.log" >&2
}

cast() {
	make_switch
	add_host gw 00:00:0c:4a:10:01 "$LAN.1" none
	add_host pump-3 00:12:21:07:41:03 "$LAN.43"
	add_host service d4:ae:52:53:00:90 "$LAN.90"
	add_host intruder 02:00:5e:10:66:01 "$LAN.66"
	local name
	for name in pump-3 service intruder; do # nobody serves names here: do not wait for one
		echo "hosts: files" >"/etc/netns/$NET-$name/nsswitch.conf"
		printf '%s service\n%s intruder\n' "$LAN.90" "$LAN.66" >>"/etc/netns/$NET-$name/hosts"
	done
	sleep 1
}

# serve_telnet HOST USER:PASSWORD...: the system's telnetd and login, with a banner.
serve_telnet() {
	local name=$1 home="$RUN/$1"
	shift
	mkdir -p "$home"
	printf '%s\n' 'device=pump-3' 'model=LAB-INFUSION 2' 'firmware=4.1.7' >"$home/pump.conf"
	echo "PS1='$name:~\$ '; export PS1" >"$home/.profile"
	touch "$home/.hushlogin"
	give_users "$name" "$@"
	openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=pump -keyout "$RUN/telnetd.pem" 2>/dev/null >>"$RUN/telnetd.pem"
	printf 'LAB-INFUSION 2 service console\n' >"/etc/netns/$NET-$name/issue.net"
	local options="-h" # of inetutils; hydra and it wait for each other, so the guessing is done against that of telnetd-ssl
	if grep -q nossl "$TELNETD"; then options="-h -z nossl -z cert=$RUN/telnetd.pem -z key=$RUN/telnetd.pem -L /bin/login"; fi
	echo "telnet stream tcp nowait root $TELNETD in.telnetd $options" >"$RUN/inetd.conf"
	at_home service "$name" inetutils-inetd -d -p"$RUN/inetd.pid" "$RUN/inetd.conf"
	sleep 2
}

# keys WAIT TEXT...: lines typed key by key, a pause in front of each.
keys() {
	local wait=$1 line i
	shift
	for line in "$@"; do
		sleep "$wait"
		for ((i = 0; i < ${#line}; i++)); do
			printf '%s' "${line:i:1}"
			sleep 0.03
		done
		printf '\r'
	done
	sleep 1.5
}

# ---- Telnet --------------------------------------------------------------------------------------------------------

scene_telnet-login() {
	cast
	serve_telnet pump-3 service:Ward7-mend
	record telnet_login "tcp port 23"
}

# A mistyped password first, a slip in the user name that is rubbed out, then work, then a login in line mode.
telnet_login() {
	keys 2.5 service Ward7-wrong $'servix\177ce' Ward7-mend id 'cat pump.conf' exit |
		in_host service script -qfc "inetutils-telnet $LAN.43" /dev/null >>"$RUN/log/service.log" 2>&1 || true
	(sleep 2.5; echo service; sleep 1.5; echo Ward7-mend; sleep 1.5; echo uptime; sleep 1; echo exit; sleep 1) |
		in_host service inetutils-telnet "$LAN.43" >>"$RUN/log/service.log" 2>&1 || true
}

scene_telnet-guessing() {
	cast
	serve_telnet pump-3 service:Ward7-mend
	for word in admin:admin root:root service:service guest:guest user:user service:1234 service:pump service:infusion root:toor \
		admin:1234 service:password service:ward7 root:admin admin:password; do echo "$word"; done >"$RUN/words"
	record telnet_guessing "tcp port 23"
}

telnet_guessing() {
	in_host intruder hydra -I -f -t 6 -C "$RUN/words" "telnet://$LAN.43" >>"$RUN/log/hydra.log" 2>&1 || true
	sleep 2
	in_host intruder hydra -I -f -l service -p Ward7-mend "telnet://$LAN.43" >>"$RUN/log/hydra.log" 2>&1 || true
	tail -4 "$RUN/log/hydra.log" >&2
}

# ---- FTP -----------------------------------------------------------------------------------------------------------

# serve_ftp HOST ANONYMOUS USER:PASSWORD...: vsftpd with local accounts.
serve_ftp() {
	local name=$1 anonymous=$2 home="$RUN/$1"
	shift 2
	mkdir -p "$home" "$RUN/anonymous"
	printf '%s\n' 'device=pump-3' 'model=LAB-INFUSION 2' 'firmware=4.1.7' >"$home/pump.conf"
	seq -f 'library entry %g' 1 200 >"$home/library.txt"
	give_users "$name" "$@"
	cat >"$RUN/vsftpd.conf" <<-END
		listen=YES
		background=NO
		anonymous_enable=$anonymous
		anon_root=$RUN/anonymous
		local_enable=YES
		write_enable=YES
		pam_service_name=vsftpd
		secure_chroot_dir=$RUN/empty
		isolate_network=NO
		seccomp_sandbox=NO
		xferlog_enable=NO
		connect_from_port_20=YES
		max_login_fails=${MAX_FAILS:-3}
		ssl_enable=${SSL:-NO}
		force_local_logins_ssl=NO
		force_local_data_ssl=NO
		require_ssl_reuse=NO
		rsa_cert_file=$RUN/vsftpd.pem
	END
	openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=pump -keyout "$RUN/vsftpd.key" 2>/dev/null >"$RUN/vsftpd.crt"
	cat "$RUN/vsftpd.key" "$RUN/vsftpd.crt" >"$RUN/vsftpd.pem"
	at_home "${1%%:*}" "$name" vsftpd "$RUN/vsftpd.conf"
	sleep 1
}

scene_ftp-session() {
	cast
	SSL=YES serve_ftp pump-3 NO service:Ward7-mend
	printf 'dose limits\n' >"$RUN/limits.txt"
	record ftp_session "tcp"
}

ftp_session() {
	local url="ftp://service:Ward7-mend@$LAN.43"
	{
		in_host service curl -sS -o /dev/null "$url/library.txt"
		in_host service curl -sS --disable-epsv -o /dev/null "$url/"
		in_host service curl -sS -P - -o /dev/null "$url/pump.conf"
		in_host service curl -sS -P - --disable-eprt -T "$RUN/limits.txt" "$url/limits.txt"
		in_host service curl -sS -Q "RNFR limits.txt" -Q "RNTO limits.old" -Q "SITE CHMOD 600 limits.old" -Q "STAT" -o /dev/null "$url/"
		in_host service curl -sS -k --ssl -o /dev/null "$url/pump.conf"
		in_host service curl -sS -o /dev/null "$url/missing.bin"
	} >>"$RUN/log/curl.log" 2>&1 || true
	cat "$RUN/log/curl.log" >&2
}

scene_ftp-guessing() {
	cast
	MAX_FAILS=20 serve_ftp pump-3 NO service:Ward7-mend
	local user
	for user in admin service root ftp; do
		for word in admin service root 1234 password pump; do echo "$user:$word"; done
	done >"$RUN/words"
	echo service:Ward7-mend >>"$RUN/words"
	record ftp_guessing "tcp port 21"
}

ftp_guessing() {
	in_host intruder hydra -I -f -t 4 -C "$RUN/words" "ftp://$LAN.43" >>"$RUN/log/hydra.log" 2>&1 || true
	tail -4 "$RUN/log/hydra.log" >&2
	in_host intruder curl -sS -o /dev/null "ftp://service:Ward7-mend@$LAN.43/pump.conf" || true
}

# A device that still has the account it was made with.
scene_ftp-default-credential() {
	cast
	serve_ftp pump-3 YES admin:admin
	record ftp_default "tcp port 21"
}

ftp_default() {
	in_host service curl -sS -o /dev/null "ftp://admin:admin@$LAN.43/pump.conf" || true
	in_host service curl -sS -o /dev/null "ftp://$LAN.43/" || true
}

"scene_$SCENE"

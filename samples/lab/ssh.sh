#!/bin/bash
# Records samples/ssh-sessions: OpenSSH and Dropbear as servers, OpenSSH as client. Run as root; needs openssh-server,
# dropbear-bin, sshpass, iproute2, ethtool and tcpdump.
set -euo pipefail
cd "$(dirname "$0")"
NET=sshlab
source pair.sh
OUT=$(cd .. && pwd)/ssh-sessions/capture.pcap
RUN=$(mktemp -d)

make_servers() {
	ssh-keygen -q -t ed25519 -N '' -f host_ed25519
	ssh-keygen -q -t rsa -b 2048 -N '' -f host_rsa
	ssh-keygen -q -t ed25519 -N '' -f user
	cp user.pub authorized
	mkdir -p /run/sshd
	dropbearkey -t rsa -s 1024 -f dropbear_rsa >/dev/null 2>&1
	local common=(-o AuthorizedKeysFile="$RUN/authorized" -o StrictModes=no -o PidFile=none -o UsePAM=no -o PermitRootLogin=yes)
	in_server /usr/sbin/sshd -f /dev/null -p 22 -h "$RUN/host_ed25519" "${common[@]}"
	in_server /usr/sbin/sshd -f /dev/null -p 2022 -h "$RUN/host_rsa" "${common[@]}" -o KexAlgorithms=diffie-hellman-group-exchange-sha256 \
		-o Ciphers=aes256-cbc -o MACs=hmac-sha2-256-etm@openssh.com -o HostKeyAlgorithms=rsa-sha2-256
	in_server dropbear -r dropbear_rsa -p 2222 -P dropbear.pid
	sleep 1
}

options=(-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o ConnectTimeout=5)
login() { in_client ssh "${options[@]}" -i user "$@" || true; }
guess() { in_client sshpass -p "wrong-$RANDOM" ssh "${options[@]}" -o PubkeyAuthentication=no -o NumberOfPasswordPrompts=1 "$@" true || true; }

make_pair
cd "$RUN"
make_servers
record "$OUT"
login "root@$SERVER_IP" 'seq 300' >/dev/null
guess "nurse@$SERVER_IP" 2>/dev/null
guess "nurse@$SERVER_IP" 2>/dev/null
login -p 2022 -o Ciphers=+aes256-cbc "root@$SERVER_IP" true
guess -p 2222 -o HostKeyAlgorithms=+ssh-rsa -o RequiredRSASize=1024 "nurse@$SERVER_IP" 2>/dev/null
in_client bash -c "exec 3<>/dev/tcp/$SERVER_IP/22; head -1 <&3 >/dev/null; echo 'SSH-1.5-old' >&3; cat <&3 >/dev/null"
stop_record
chown "$(id -u):$(id -g)" "$OUT"
rm -rf "$RUN"

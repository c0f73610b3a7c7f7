#!/usr/bin/env bash
# Records one small sample of local networking in network namespaces: real servers, real clients.
#
#   local.sh SCENE OUTDIR      scenes: see the functions called scene_...; OUTDIR gets capture.pcap
#
# Needs root and: arp-scan avahi-daemon bind9-dnsutils dnsmasq-base dsniff ethtool hping3 iodine iputils-ping keepalived ndisc6 radvd
# tcpdump traceroute udhcpc isc-dhcp-client.
set -euo pipefail

LAB=$(cd "$(dirname "$0")" && pwd)
SCENE=${1:?usage: local.sh SCENE OUTDIR}
OUT=$(mkdir -p "${2:?usage: local.sh SCENE OUTDIR}" && cd "$2" && pwd)
NET=wtl$$
export TZ=UTC LC_ALL=C
umask 022
RUN=$(mktemp -d /tmp/local.XXXXXX)
chmod 755 "$RUN"
mkdir -p "$RUN/log"

. "$LAB/net.sh"

cleanup() {
	trap - EXIT INT TERM
	remove_network
	rm -rf "$RUN"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# record COMMAND [FILTER]: run COMMAND while the switch is recorded.
record() {
	local command=$1 filter=${2:-}
	ip netns exec "$NET-switch" tcpdump -i br0 -s 0 -U -Z root -n -w "$OUT/capture.pcap" $filter 2>"$RUN/log/tcpdump.log" &
	local pid=$!
	sleep 1.5
	$command
	sleep 1
	kill -INT "$pid"
	wait "$pid" || true
	cat "$RUN/log/tcpdump.log" >&2
}

cast_small() {
	make_switch
	add_host gw 00:00:0c:4a:10:01 "$LAN.1" none
	add_host ns1 00:50:56:a1:00:02 "$LAN.2"
	add_host pump 00:12:21:07:41:01 "$LAN.41"
	add_host pc d4:ae:52:53:00:54 "$LAN.54"
	sleep 1
}

# ---- ARP -----------------------------------------------------------------------------------------------------------

# The intruder tells the pump that it is the gateway, and the gateway that it is the pump, while both talk.
scene_arp-poison() {
	cast_small
	add_host intruder 02:00:5e:10:66:01 "$LAN.66"
	ip netns exec "$NET-intruder" sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.eth0.send_redirects=0
	record poison "arp or icmp"
}

poison() {
	in_host pump ping -c 2 -i 0.5 "$LAN.1" >/dev/null
	in_host intruder arpspoof -i eth0 -t "$LAN.41" -r "$LAN.1" >/dev/null 2>&1 &
	local pid=$!
	in_host pump ping -c 20 -i 0.8 "$LAN.1" >/dev/null || true
	ip netns pids "$NET-intruder" | xargs -r kill -INT
	wait "$pid" || true
}

scene_arp-sweep() {
	cast_small
	add_host intruder 02:00:5e:10:66:01 "$LAN.66"
	record sweep arp
}

sweep() {
	in_host pump ping -c 1 "$LAN.1" >/dev/null
	in_host intruder arp-scan --interface=eth0 --retry=1 --interval=10 "$LAN.0/24" >/dev/null
}

# Two routers share an address by VRRP; the master stops and the other one takes over.
scene_arp-vrrp() {
	cast_small
	add_host gw2 00:00:0c:4a:10:02 "$LAN.3" none
	local name prio
	for name in gw gw2; do
		prio=$([ $name = gw ] && echo 150 || echo 100)
		cat >"$RUN/$name.conf" <<-END
			global_defs { vrrp_garp_master_repeat 2 }
			vrrp_instance ward {
			  state BACKUP
			  interface eth0
			  use_vmac
			  virtual_router_id 20
			  priority $prio
			  advert_int 1
			  virtual_ipaddress { $LAN.254/24 }
			}
		END
	done
	record failover "arp or proto 112"
}

failover() {
	local name
	for name in gw gw2; do
		serve $name keepalived -n -l -f "$RUN/$name.conf" -p "$RUN/$name.pid" -r "$RUN/$name-vrrp.pid"
	done
	sleep 8
	in_host pump ping -c 3 "$LAN.254" >/dev/null || true
	ip netns pids "$NET-gw" | xargs -r kill
	sleep 8
	in_host pump ping -c 3 "$LAN.254" >/dev/null || true
}

# ---- DHCP ----------------------------------------------------------------------------------------------------------

# dhcp_server NAME RANGE-FROM RANGE-TO ROUTER DNS [OPTION]...
dhcp_server() {
	local name=$1 from=$2 to=$3 router=$4 dns=$5 option
	shift 5
	{
		printf '%s\n' no-resolv no-hosts user=root interface=eth0 except-interface=lo bind-interfaces port=0 \
			"pid-file=$RUN/$name.pid" "dhcp-leasefile=$RUN/$name.leases" dhcp-authoritative "domain=$DOMAIN" \
			"dhcp-range=$from,$to,255.255.255.0,20m" "dhcp-option=option:router,$router" "dhcp-option=option:dns-server,$dns"
		for option in "$@"; do echo "$option"; done
	} >"$RUN/$name.conf"
	serve "$name" dnsmasq --keep-in-foreground --conf-file="$RUN/$name.conf" --log-facility=-
}

udhcpc_once() { # NAME [OPTION]...
	local name=$1
	shift
	in_host "$name" busybox udhcpc -i eth0 -n -q -f -t 3 -T 2 -s "$LAB/peers/lease.sh" "$@" >>"$RUN/log/$name.log" 2>&1 || true
}

scene_dhcp-lease() {
	make_switch
	add_host gw 00:00:0c:4a:10:01 "$LAN.1" none
	add_host ns1 00:50:56:a1:00:02 "$LAN.2"
	add_host pump-3 00:12:21:07:41:03
	add_host ct-1 88:4b:39:20:51:01
	ip netns exec "$NET-ct-1" sysctl -qw net.ipv6.conf.all.disable_ipv6=0 net.ipv6.conf.default.disable_ipv6=0 net.ipv6.conf.eth0.disable_ipv6=0
	ip netns exec "$NET-ns1" sysctl -qw net.ipv6.conf.all.disable_ipv6=0 net.ipv6.conf.default.disable_ipv6=0 net.ipv6.conf.eth0.disable_ipv6=0
	ip -n "$NET-ns1" addr add fd00:20::2/64 dev eth0 nodad
	dhcp_server ns1 "$LAN.66" "$LAN.79" "$LAN.1" "$LAN.2" "dhcp-option=option:ntp-server,$LAN.2" \
		"dhcp-option=252,http://intranet.$DOMAIN/wpad.dat" "dhcp-option=121,192.0.2.0/24,$LAN.1" \
		"dhcp-option=option:tftp-server,$LAN.2" "dhcp-option=option:bootfile-name,pump.cfg" \
		"dhcp-option=option:domain-search,$DOMAIN,imaging.$DOMAIN" "dhcp-host=88:4b:39:20:51:01,$LAN.51" \
		"dhcp-range=fd00:20::100,fd00:20::1ff,64,20m" "dhcp-option=option6:dns-server,[fd00:20::2]" \
		"dhcp-option=option6:domain-search,$DOMAIN" enable-ra
	sleep 4
	record leases "port 67 or port 68 or port 546 or port 547 or arp"
}

leases() {
	udhcpc_once pump-3 -F pump-3 -x hostname:pump-3 -V "LabPump 2.4" -O ntpsrv -O search -O staticroutes -O wpad
	cat >"$RUN/dhclient.conf" <<-END
		send host-name "ct-1";
		send fqdn.fqdn "ct-1.$DOMAIN.";
		send fqdn.encoded on;
		send fqdn.server-update on;
		send vendor-class-identifier "LabScanner VB20";
		send user-class "imaging";
		request subnet-mask, broadcast-address, routers, domain-name, domain-name-servers, host-name, ntp-servers, interface-mtu;
	END
	local common="-1 -v -cf $RUN/dhclient.conf -sf $LAB/peers/lease.sh"
	in_host ct-1 timeout 20 dhclient $common -lf "$RUN/ct4" -pf "$RUN/ct4.pid" eth0 >>"$RUN/log/ct.log" 2>&1 || true
	in_host ct-1 timeout 20 dhclient -r $common -lf "$RUN/ct4" -pf "$RUN/ct4.pid" eth0 >>"$RUN/log/ct.log" 2>&1 || true
	in_host ct-1 timeout 20 dhclient -6 $common -lf "$RUN/ct6" -pf "$RUN/ct6.pid" eth0 >>"$RUN/log/ct.log" 2>&1 || true
	cat "$RUN/log/ct.log" >&2
}

# A second server answers as well, with itself as router and name server.
scene_dhcp-rogue() {
	make_switch
	add_host gw 00:00:0c:4a:10:01 "$LAN.1" none
	add_host ns1 00:50:56:a1:00:02 "$LAN.2"
	add_host intruder 02:00:5e:10:66:01 "$LAN.66"
	add_host pump-1 00:12:21:07:41:01
	add_host pump-3 00:12:21:07:41:03
	dhcp_server ns1 "$LAN.70" "$LAN.79" "$LAN.1" "$LAN.2"
	dhcp_server intruder "$LAN.180" "$LAN.189" "$LAN.66" "$LAN.66" "dhcp-option=252,http://$LAN.66/wpad.dat"
	sleep 3
	record two_leases "port 67 or port 68"
}

two_leases() {
	udhcpc_once pump-1 -F pump-1
	udhcpc_once pump-3 -F pump-3
}

# ---- DNS -----------------------------------------------------------------------------------------------------------

scene_dns-mixed() {
	cast_small
	cat >"$RUN/dns.conf" <<-END
		no-resolv
		no-hosts
		user=root
		bind-interfaces
		interface=eth0
		except-interface=lo
		pid-file=$RUN/dns.pid
		domain=$DOMAIN
		local=/$DOMAIN/
		local=/20.10.in-addr.arpa/
		host-record=pacs.$DOMAIN,$LAN.10,fd00:20::10
		host-record=ns1.$DOMAIN,$LAN.2
		cname=archive.$DOMAIN,pacs.$DOMAIN
		mx-host=$DOMAIN,mail.$DOMAIN,10
		srv-host=_dicom._tcp.$DOMAIN,pacs.$DOMAIN,11112,5,7
		txt-record=ct.$DOMAIN,"model=LabScanner","line \"2\" \\\\ end"
		caa-record=$DOMAIN,0,issue,ca.example
	END
	for n in $(seq 1 40); do echo "txt-record=large.$DOMAIN,$(printf 'segment-%02d-%0.sx' "$n" {1..10})" >>"$RUN/dns.conf"; done
	serve ns1 dnsmasq --keep-in-foreground --conf-file="$RUN/dns.conf" --log-facility=- --edns-packet-max=1232
	sleep 1
	record ask "port 53"
}

ask() {
	local q="in_host pc dig +tries=1 +time=2 @$LAN.2"
	{
		$q "pacs.$DOMAIN" A
		$q "pacs.$DOMAIN" AAAA
		$q "Archive.$DOMAIN" A
		$q "$DOMAIN" MX
		$q "_dicom._tcp.$DOMAIN" SRV
		$q "ct.$DOMAIN" TXT
		$q "$DOMAIN" CAA
		$q -x "$LAN.10"
		$q "nobody.$DOMAIN" A
		$q "www.example.org" A
		$q "large.$DOMAIN" TXT
		$q +tcp "pacs.$DOMAIN" A
		$q +tcp +keepopen "pacs.$DOMAIN" A "archive.$DOMAIN" A "ns1.$DOMAIN" AAAA
		$q +noedns +norecurse "ns1.$DOMAIN" A
		$q +subnet=192.0.2.0/24 "ns1.$DOMAIN" A
		$q CH TXT version.bind
		$q "$DOMAIN" AXFR
	} >>"$RUN/log/dig.log" 2>&1 || true
}

# A tunnel through the resolver: iodine in DNS mode only, pings inside.
scene_dns-tunnel() {
	cast_small
	add_host outside 02:00:5e:10:99:01 "$LAN.99"
	cat >"$RUN/dns.conf" <<-END
		no-resolv
		no-hosts
		user=root
		bind-interfaces
		interface=eth0
		except-interface=lo
		pid-file=$RUN/dns.pid
		server=/t.cdn-example.net/$LAN.99
	END
	serve ns1 dnsmasq --keep-in-foreground --conf-file="$RUN/dns.conf" --log-facility=-
	serve outside iodined -f -c -P laboratory 172.30.99.1 t.cdn-example.net
	sleep 2
	record tunnel "port 53 and host $LAN.54"
}

tunnel() {
	serve pc iodine -f -r -T NULL -P laboratory "$LAN.2" t.cdn-example.net
	sleep 8
	in_host pc ping -c 90 -i 0.1 -s 90 172.30.99.1 >/dev/null || true
	cat "$RUN/log/pc.log" >&2
}

# ---- multicast DNS -------------------------------------------------------------------------------------------------

# announce HOST [SERVICE-FILE-LINE]...: avahi as that host, with one service.
announce() {
	local name=$1 etc="/etc/netns/$NET-$1/avahi"
	shift
	mkdir -p "$etc/services"
	printf '%s\n' '[server]' "host-name=$name" use-ipv4=yes use-ipv6=no enable-dbus=no allow-interfaces=eth0 '[publish]' \
		publish-hinfo=no publish-workstation=no >"$etc/avahi-daemon.conf"
	if [ $# -gt 0 ]; then
		printf '%s\n' '<?xml version="1.0"?>' '<service-group>' "$@" '</service-group>' >"$etc/services/own.service"
	fi
	serve "$name" unshare -m sh -c 'mount -t tmpfs none /run; mkdir /run/avahi-daemon; exec avahi-daemon --no-drop-root --no-chroot --no-rlimits'
}

scene_dns-local() {
	cast_small
	add_host printer 00:17:c8:1a:00:99 "$LAN.99"
	record neighbours "udp port 5353 or udp port 5355"
}

neighbours() {
	announce printer '<name>Ward 7</name>' '<service><type>_ipp._tcp</type><port>631</port>' \
		'<txt-record>ty=LabJet 400</txt-record>' '<txt-record>product=(LabJet 400)</txt-record>' '<txt-record>usb_MFG=Laboratory</txt-record>' \
		'<txt-record>firmware=2.1.9</txt-record>' '<txt-record>serialNumber=LAB0004711</txt-record></service>'
	announce pc
	sleep 5
	in_host pump dig +tries=1 +time=2 -p 5353 @224.0.0.251 printer.local A >/dev/null || true
	in_host pump dig +tries=1 +time=2 -p 5353 @224.0.0.251 _ipp._tcp.local PTR >/dev/null || true
	sleep 1
	cat "$RUN/log/printer.log" >&2
}

# ---- LLDP and CDP --------------------------------------------------------------------------------------------------

# A bridge keeps these frames to itself, so the cable of the host that speaks is recorded.
scene_lldp-switch() {
	cast_small
	local socket="$RUN/lldpd.socket"
	serve gw lldpd -d -u "$socket" -I eth0 -l -ccc -M 1 -S "LabSwitch 24 software 2.1.7"
	sleep 3
	local line
	while read -r line; do
		in_host gw lldpcli -u "$socket" $line >>"$RUN/log/lldpcli.log" 2>&1 || true
	done <<-END
		configure system hostname ward-switch.$DOMAIN
		configure system ip management pattern $LAN.1
		configure inventory hardware-revision B2
		configure inventory firmware-revision 2.1.7
		configure inventory software-revision 2.1.7
		configure inventory serial-number LAB0001234
		configure inventory manufacturer Laboratory
		configure inventory model LabSwitch-24
		configure inventory asset ward-7
		configure ports eth0 lldp portdescription uplink
		configure med policy application voice vlan 120 priority voice dscp 46
		configure lldp tx-interval 2
	END
	ip netns exec "$NET-gw" tcpdump -i eth0 -s 0 -U -Z root -n -w "$OUT/capture.pcap" "ether proto 0x88cc or ether dst 01:00:0c:cc:cc:cc" 2>"$RUN/log/tcpdump.log" &
	local pid=$!
	sleep 6
	kill -INT "$pid"
	wait "$pid" || true
	cat "$RUN/log/lldpcli.log" "$RUN/log/gw.log" >&2
}

# ---- ICMP ----------------------------------------------------------------------------------------------------------

scene_icmp-mixed() {
	cast_small
	local name
	for name in gw pump pc; do
		ip netns exec "$NET-$name" sysctl -qw net.ipv6.conf.all.disable_ipv6=0 net.ipv6.conf.default.disable_ipv6=0 net.ipv6.conf.eth0.disable_ipv6=0
	done
	plug gw eth1 br1 00:00:0c:4a:10:02
	ip -n "$NET-gw" addr add 192.0.2.1/24 dev eth1
	ip -n "$NET-gw" link set eth1 mtu 1280
	ip -n "$NET-gw" route add prohibit 198.51.100.0/24
	ip -n "$NET-gw" route add 203.0.113.0/24 via "$LAN.41"
	ip netns exec "$NET-gw" sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.ipv4.conf.all.send_redirects=1 net.ipv4.conf.eth0.send_redirects=1
	ip -n "$NET-gw" addr add fd00:20::1/64 dev eth0 nodad
	ip -n "$NET-pump" addr add fd00:20::41/64 dev eth0 nodad
	cat >"$RUN/radvd.conf" <<-END
		interface eth0 {
		  AdvSendAdvert on; MinRtrAdvInterval 3; MaxRtrAdvInterval 4; AdvManagedFlag on;
		  prefix fd00:20::/64 { };
		  RDNSS fd00:20::2 { };
		  DNSSL $DOMAIN { };
		};
	END
	record messages "icmp or icmp6"
}

messages() {
	serve gw radvd -n -C "$RUN/radvd.conf" -p "$RUN/radvd.pid" -m stderr
	sleep 6
	{
		in_host pc ping -c 3 -i 0.3 "$LAN.41"
		in_host pc ping -c 1 -s 1400 -M do 192.0.2.9
		in_host pc ping -c 1 198.51.100.7
		in_host pc ping -c 2 -W 1 203.0.113.9
		in_host pc ping -c 1 -t 1 192.0.2.9
		in_host pc hping3 -2 -c 1 -p 9999 "$LAN.41"
		in_host pc hping3 -1 -C 13 -c 1 "$LAN.41"
		in_host pc hping3 -1 -C 17 -c 1 "$LAN.41"
		in_host pc ping -6 -c 2 -i 0.3 fd00:20::41
		in_host pc rdisc6 -1 eth0
		in_host pc traceroute -6 -n -q 1 -m 2 fd00:99::1
	} >>"$RUN/log/icmp.log" 2>&1 || true
}

scene_icmp-flood() {
	cast_small
	record flood icmp
}

flood() {
	in_host pc ping -c 3 -i 0.3 "$LAN.41" >/dev/null
	in_host pc hping3 -1 -i u2500 -c 1200 -d 8 "$LAN.41" >/dev/null 2>&1 || true
}

"scene_$SCENE"

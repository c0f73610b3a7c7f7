#!/bin/sh
# Applies a DHCP lease inside a namespace. Called by udhcpc (verb in $1) and by dhclient (verb in $reason).
case "${1:-$reason}" in
bound | renew)
	ip addr replace "$ip/${mask:-24}" dev "$interface"
	ip route replace default via "$router"
	;;
BOUND | RENEW | REBIND | REBOOT)
	ip addr replace "$new_ip_address/24" dev "$interface"
	ip route replace default via "$new_routers"
	;;
PREINIT) ip link set "$interface" up ;;
esac
exit 0

package capture

// linkWords all mean the link layer.
var linkWords = map[string]bool{"ether": true, "link": true}

// etherNames are the protocols that ether proto knows by name.
var etherNames = map[string]uint32{
	"ip": etherIP, "ip6": etherIPv6, "arp": etherARP, "rarp": etherRARP, "aarp": 0x80f3, "atalk": 0x809b,
	"decnet": 0x6003, "lat": 0x6004, "mopdl": 0x6001, "moprc": 0x6002, "sca": 0x6007, "loopback": 0x9000,
}

// protoNames are the protocols that ip proto knows by name, as in IANA's registry.
var protoNames = map[string]uint32{
	"icmp": 1, "igmp": 2, "ipencap": 4, "tcp": 6, "egp": 8, "igrp": 9, "udp": 17, "ipv6": 41, "rsvp": 46, "gre": 47,
	"esp": 50, "ah": 51, "icmp6": 58, "ipv6-icmp": 58, "eigrp": 88, "ospf": 89, "pim": 103, "vrrp": 112, "carp": 112,
	"l2tp": 115, "sctp": 132, "udplite": 136,
}

// lonely are the words that are a whole primitive and never a qualifier.
var lonely = map[string]func(tags int) test{
	"icmp": ipProto("ip", 1), "igmp": ipProto("ip", 2), "igrp": ipProto("ip", 9), "vrrp": ipProto("ip", 112),
	"carp": ipProto("ip", 112), "icmp6": ipProto("ip6", 58), "pim": ipProto("", 103), "ah": ipProto("", 51),
	"esp": ipProto("", 50), "decnet": etherIs(0x6003), "lat": etherIs(0x6004), "mopdl": etherIs(0x6001),
	"moprc": etherIs(0x6002), "sca": etherIs(0x6007),
}

// keyword reports whether a word has a meaning of its own, so that it cannot be an address or a port.
func keyword(w string) bool {
	switch w {
	case "and", "or", "not", "host", "net", "port", "portrange", "proto", "src", "dst", "less", "greater", "vlan",
		"broadcast", "multicast", "len", "mask", "ip", "ip6", "arp", "rarp", "tcp", "udp", "sctp":
		return true
	}
	_, alone := lonely[w]
	_, refused := refusedWords[w]
	return alone || refused || linkWords[w]
}

// refusedWords belong to the language and are not supported: they say so instead of being taken for a name.
var refusedWords = map[string]bool{
	"gateway": true, "protochain": true, "inbound": true, "outbound": true, "ifindex": true, "mpls": true,
	"pppoed": true, "pppoes": true, "geneve": true, "vxlan": true, "wlan": true, "type": true, "subtype": true, "dir": true,
	"addr1": true, "addr2": true, "addr3": true, "addr4": true, "ra": true, "ta": true, "iso": true, "clnp": true,
	"esis": true, "isis": true, "llc": true, "stp": true, "ipx": true, "netbeui": true, "atalk": true, "aarp": true,
	"action": true, "reason": true, "rset": true, "rnr": true, "rulenum": true, "on": true, "ifname": true,
	"vpi": true, "vci": true, "lane": true, "metac": true, "bcc": true, "sc": true, "ilmic": true, "byte": true,
	"fddi": true, "tr": true, "radio": true, "ppp": true, "slip": true, "sio": true, "opc": true, "dpc": true, "sls": true,
}

// constantNames are numbers by name: offsets and flags of TCP, ICMP and ICMPv6.
var constantNames = map[string]uint32{
	"tcpflags": 13, "tcp-fin": 1, "tcp-syn": 2, "tcp-rst": 4, "tcp-push": 8, "tcp-ack": 16, "tcp-urg": 32, "tcp-ece": 64, "tcp-cwr": 128,
	"icmptype": 0, "icmpcode": 1, "icmp-echoreply": 0, "icmp-unreach": 3, "icmp-sourcequench": 4, "icmp-redirect": 5,
	"icmp-echo": 8, "icmp-routeradvert": 9, "icmp-routersolicit": 10, "icmp-timxceed": 11, "icmp-paramprob": 12,
	"icmp-tstamp": 13, "icmp-tstampreply": 14, "icmp-ireq": 15, "icmp-ireqreply": 16, "icmp-maskreq": 17, "icmp-maskreply": 18,
	"icmp6type": 0, "icmp6code": 1, "icmp6-destinationunreach": 1, "icmp6-packettoobig": 2, "icmp6-timeexceeded": 3,
	"icmp6-parameterproblem": 4, "icmp6-echo": 128, "icmp6-echoreply": 129, "icmp6-multicastlistenerquery": 130,
	"icmp6-multicastlistenerreportv1": 131, "icmp6-multicastlistenerdone": 132, "icmp6-routersolicit": 133,
	"icmp6-routeradvert": 134, "icmp6-neighborsolicit": 135, "icmp6-neighboradvert": 136, "icmp6-redirect": 137,
}

// serviceNames are ports by name, the same on every machine; a name stands for the number in every protocol.
var serviceNames = map[string]uint32{
	"ftp-data": 20, "ftp": 21, "ssh": 22, "telnet": 23, "smtp": 25, "domain": 53, "bootps": 67, "bootpc": 68, "tftp": 69,
	"http": 80, "kerberos": 88, "acr-nema": 104, "pop3": 110, "sunrpc": 111, "ntp": 123, "netbios-ns": 137,
	"netbios-dgm": 138, "netbios-ssn": 139, "imap": 143, "snmp": 161, "snmptrap": 162, "ldap": 389, "https": 443,
	"microsoft-ds": 445, "syslog": 514, "ldaps": 636, "imaps": 993, "pop3s": 995, "mqtt": 1883, "hl7": 2575, "mysql": 3306,
	"ms-wbt-server": 3389, "mdns": 5353, "sip": 5060, "postgresql": 5432, "dicom": 11112,
}

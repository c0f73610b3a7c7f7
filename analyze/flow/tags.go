package flow

// etherNames names EtherTypes (IEEE 802 numbers registry). Below 1536 the field is a length: the frame is LLC.
var etherNames = map[uint16]string{
	0x0800: "ipv4", 0x0806: "arp", 0x0842: "wol", 0x22f3: "trill", 0x6003: "decnet", 0x8035: "rarp", 0x809b: "appletalk",
	0x80f3: "aarp", 0x8100: "vlan", 0x8137: "ipx", 0x86dd: "ipv6", 0x8808: "pause", 0x8809: "slow", 0x8819: "cobranet",
	0x8847: "mpls", 0x8848: "mpls", 0x8863: "pppoe", 0x8864: "pppoe", 0x887b: "homeplug", 0x888e: "eapol", 0x8892: "profinet",
	0x889a: "hyperscsi", 0x88a2: "aoe", 0x88a4: "ethercat", 0x88a8: "vlan", 0x88ab: "powerlink", 0x88b8: "goose",
	0x88b9: "gse", 0x88ba: "sv", 0x88cc: "lldp", 0x88cd: "sercos", 0x88e1: "homeplug-av", 0x88e3: "mrp", 0x88e5: "macsec",
	0x88e7: "pbb", 0x88f7: "ptp", 0x88f8: "nc-si", 0x88fb: "prp", 0x8902: "cfm", 0x8906: "fcoe", 0x8914: "fip", 0x8915: "roce",
	0x891d: "tte", 0x892f: "hsr", 0x9000: "loopback",
}

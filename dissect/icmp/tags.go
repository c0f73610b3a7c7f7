package icmp

import "strconv"

// kind4 is a type of ICMP (IANA ICMP parameters).
type kind4 uint8

const (
	echoReply4       kind4 = 0
	unreachable4     kind4 = 3
	quench4          kind4 = 4
	redirect4        kind4 = 5
	echo4            kind4 = 8
	routerAdvert4    kind4 = 9
	timeExceeded4    kind4 = 11
	parameter4       kind4 = 12
	timestamp4       kind4 = 13
	timestampReply4  kind4 = 14
	information4     kind4 = 15
	informationReply kind4 = 16
	mask4            kind4 = 17
	maskReply4       kind4 = 18
)

var names4 = map[kind4]string{
	0: "echo reply", 3: "destination unreachable", 4: "source quench", 5: "redirect", 6: "alternate host address", 8: "echo request",
	9: "router advertisement", 10: "router solicitation", 11: "time exceeded", 12: "parameter problem", 13: "timestamp request",
	14: "timestamp reply", 15: "information request", 16: "information reply", 17: "address mask request", 18: "address mask reply",
	30: "traceroute", 37: "domain name request", 38: "domain name reply", 40: "photuris", 42: "extended echo request", 43: "extended echo reply",
}

func (k kind4) String() string {
	if s, ok := names4[k]; ok {
		return s
	}
	return "type " + strconv.Itoa(int(k))
}

var codes4 = map[kind4][]string{
	unreachable4: {"network unreachable", "host unreachable", "protocol unreachable", "port unreachable", "fragmentation needed",
		"source route failed", "network unknown", "host unknown", "source host isolated", "network prohibited", "host prohibited",
		"network unreachable for service", "host unreachable for service", "administratively prohibited", "host precedence violation",
		"precedence cutoff"},
	redirect4:     {"network", "host", "service and network", "service and host"},
	timeExceeded4: {"in transit", "reassembly"},
	parameter4:    {"pointer", "missing option", "bad length"},
}

// kind6 is a type of ICMPv6 (IANA ICMPv6 parameters).
type kind6 uint8

const (
	unreachable6  kind6 = 1
	tooBig6       kind6 = 2
	timeExceeded6 kind6 = 3
	parameter6    kind6 = 4
	echo6         kind6 = 128
	echoReply6    kind6 = 129
	mldQuery      kind6 = 130
	mldReport     kind6 = 131
	mldDone       kind6 = 132
	routerSol     kind6 = 133
	routerAdvert  kind6 = 134
	neighborSol   kind6 = 135
	neighborAdv   kind6 = 136
	redirect6     kind6 = 137
	mld2Report    kind6 = 143
)

var names6 = map[kind6]string{
	1: "destination unreachable", 2: "packet too big", 3: "time exceeded", 4: "parameter problem", 128: "echo request", 129: "echo reply",
	130: "multicast listener query", 131: "multicast listener report", 132: "multicast listener done", 133: "router solicitation",
	134: "router advertisement", 135: "neighbor solicitation", 136: "neighbor advertisement", 137: "redirect", 138: "router renumbering",
	139: "node information query", 140: "node information response", 141: "inverse neighbor solicitation", 142: "inverse neighbor advertisement",
	143: "multicast listener report v2", 144: "home agent discovery request", 145: "home agent discovery reply", 146: "mobile prefix solicitation",
	147: "mobile prefix advertisement", 148: "certification path solicitation", 149: "certification path advertisement",
	151: "multicast router advertisement", 152: "multicast router solicitation", 153: "multicast router termination", 155: "rpl control",
	157: "duplicate address request", 158: "duplicate address confirmation", 160: "extended echo request", 161: "extended echo reply",
}

func (k kind6) String() string {
	if s, ok := names6[k]; ok {
		return s
	}
	return "type " + strconv.Itoa(int(k))
}

var codes6 = map[kind6][]string{
	unreachable6: {"no route", "administratively prohibited", "beyond scope", "address unreachable", "port unreachable",
		"source address policy", "reject route", "source routing header"},
	timeExceeded6: {"in transit", "reassembly"},
	parameter6:    {"erroneous header", "unknown next header", "unknown option", "incomplete header chain"},
}

func codeName(list []string, code uint8) string {
	if int(code) < len(list) {
		return list[code]
	}
	return ""
}

func protoName(p uint8) string {
	switch p {
	case 1:
		return "icmp"
	case 6:
		return "tcp"
	case 17:
		return "udp"
	case 58:
		return "icmp6"
	case 132:
		return "sctp"
	}
	return strconv.Itoa(int(p))
}

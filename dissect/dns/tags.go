package dns

import "strconv"

// kind is which of the protocols that share the format.
type kind uint8

const (
	unicast kind = iota
	mdns
	llmnr
	nbns
)

func (k kind) String() string { return [...]string{"dns", "mdns", "llmnr", "nbns"}[k&3] }

// rtype is a type of record (IANA DNS parameters).
type rtype uint16

const (
	typeA     rtype = 1
	typeNS    rtype = 2
	typeCNAME rtype = 5
	typeSOA   rtype = 6
	typePTR   rtype = 12
	typeHINFO rtype = 13
	typeMX    rtype = 15
	typeTXT   rtype = 16
	typeAAAA  rtype = 28
	typeNB    rtype = 32 // in NetBIOS; NIMLOC elsewhere
	typeSRV   rtype = 33 // NBSTAT in NetBIOS
	typeDNAME rtype = 39
	typeOPT   rtype = 41
	typeSPF   rtype = 99
	typeSVCB  rtype = 64
	typeHTTPS rtype = 65
	typeTSIG  rtype = 250
	typeCAA   rtype = 257
)

const (
	typeNBSTAT = typeSRV
)

var typeNames = map[rtype]string{
	1: "A", 2: "NS", 3: "MD", 4: "MF", 5: "CNAME", 6: "SOA", 7: "MB", 8: "MG", 9: "MR", 10: "NULL", 11: "WKS", 12: "PTR",
	13: "HINFO", 14: "MINFO", 15: "MX", 16: "TXT", 17: "RP", 18: "AFSDB", 19: "X25", 20: "ISDN", 21: "RT", 22: "NSAP",
	23: "NSAP-PTR", 24: "SIG", 25: "KEY", 26: "PX", 27: "GPOS", 28: "AAAA", 29: "LOC", 30: "NXT", 31: "EID", 32: "NIMLOC",
	33: "SRV", 34: "ATMA", 35: "NAPTR", 36: "KX", 37: "CERT", 38: "A6", 39: "DNAME", 40: "SINK", 41: "OPT", 42: "APL",
	43: "DS", 44: "SSHFP", 45: "IPSECKEY", 46: "RRSIG", 47: "NSEC", 48: "DNSKEY", 49: "DHCID", 50: "NSEC3",
	51: "NSEC3PARAM", 52: "TLSA", 53: "SMIMEA", 55: "HIP", 59: "CDS", 60: "CDNSKEY", 61: "OPENPGPKEY", 62: "CSYNC",
	63: "ZONEMD", 64: "SVCB", 65: "HTTPS", 99: "SPF", 108: "EUI48", 109: "EUI64", 249: "TKEY", 250: "TSIG", 251: "IXFR",
	252: "AXFR", 253: "MAILB", 254: "MAILA", 255: "*", 256: "URI", 257: "CAA", 65280: "PRIVATE",
}

func (t rtype) String() string {
	if s, ok := typeNames[t]; ok {
		return s
	}
	return "TYPE" + strconv.Itoa(int(t))
}

// name gives the type in the words of the protocol: NetBIOS has its own for two numbers.
func (t rtype) name(k kind) string {
	switch {
	case k == nbns && t == typeNB:
		return "NB"
	case k == nbns && t == typeNBSTAT:
		return "NBSTAT"
	}
	return t.String()
}

func className(c uint16) string {
	switch c {
	case 1:
		return "C_INTERNET"
	case 2:
		return "C_CSNET"
	case 3:
		return "C_CHAOS"
	case 4:
		return "C_HESOD"
	case 254:
		return "C_NONE"
	case 255:
		return "C_ANY"
	}
	return "qclass-" + strconv.Itoa(int(c))
}

var rcodeNames = map[int64]string{
	0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED", 6: "YXDOMAIN", 7: "YXRRSET",
	8: "NXRRSET", 9: "NOTAUTH", 10: "NOTZONE", 11: "DSOTYPENI", 16: "BADVERS", 17: "BADKEY", 18: "BADTIME", 19: "BADMODE",
	20: "BADNAME", 21: "BADALG", 22: "BADTRUNC", 23: "BADCOOKIE",
}

// nbnsCodes are those of RFC 1002, 4.2.6 and 4.2.11, that mean something else.
var nbnsCodes = map[int64]string{5: "REFUSED", 6: "ACTIVE", 7: "CONFLICT"}

func rcodeName(k kind, code int64) string {
	if s, ok := nbnsCodes[code]; ok && k == nbns {
		return s
	}
	if s, ok := rcodeNames[code]; ok {
		return s
	}
	return "rcode-" + strconv.FormatInt(code, 10)
}

var opcodeNames = map[uint8]string{0: "query", 1: "iquery", 2: "status", 4: "notify", 5: "update", 6: "dso"}

var nbnsOpcodes = map[uint8]string{0: "query", 5: "registration", 6: "release", 7: "wait", 8: "refresh", 9: "refresh", 15: "multihomed registration"}

func opcodeName(k kind, op uint8) string {
	if k == nbns {
		if s, ok := nbnsOpcodes[op]; ok {
			return s
		}
	} else if s, ok := opcodeNames[op]; ok {
		return s
	}
	return "opcode-" + strconv.Itoa(int(op))
}

// txtKeys are keys in TXT records of announced services that name a product (RFC 6763, section 6; Bonjour Printing
// Specification 1.2.1; device-info of Apple). What they say stands for the host.
var txtKeys = map[string]struct {
	attribute  string
	confidence int64
}{
	"ty":           {"model", 80}, // "make and model" of printers and scanners
	"product":      {"model", 50},
	"model":        {"model", 80},
	"md":           {"model", 70},
	"usb_mdl":      {"model", 80},
	"usb_mfg":      {"vendor", 80},
	"mfg":          {"vendor", 70},
	"manufacturer": {"vendor", 80},
	"vendor":       {"vendor", 60},
	"vn":           {"vendor", 40},
	"serial":       {"serial", 80},
	"serialnumber": {"serial", 80},
	"sn":           {"serial", 50},
	"fw":           {"version", 60},
	"fwversion":    {"version", 70},
	"firmware":     {"version", 60},
	"srcvers":      {"version", 30},
	"osxvers":      {"os", 40},
}

package dhcp

// messageType is option 53 (RFC 2132, 9.6; IANA BOOTP parameters).
type messageType uint8

var messageTypes = [...]string{"", "DISCOVER", "OFFER", "REQUEST", "DECLINE", "ACK", "NAK", "RELEASE", "INFORM",
	"FORCERENEW", "LEASEQUERY", "LEASEUNASSIGNED", "LEASEUNKNOWN", "LEASEACTIVE", "BULKLEASEQUERY", "LEASEQUERYDONE",
	"ACTIVELEASEQUERY", "LEASEQUERYSTATUS", "TLS"}

func (m messageType) String() string {
	if int(m) < len(messageTypes) && m > 0 {
		return messageTypes[m]
	}
	return "unknown"
}

const (
	discover messageType = 1
	request  messageType = 3
	ack      messageType = 5
	inform   messageType = 8
	offer    messageType = 2
)

// Options of IPv4 (IANA BOOTP parameters).
const (
	optPad            = 0
	optSubnetMask     = 1
	optRouter         = 3
	optDNS            = 6
	optHostName       = 12
	optDomain         = 15
	optNTP            = 42
	optVendorInfo     = 43
	optNetBIOS        = 44
	optRequested      = 50
	optLease          = 51
	optOverload       = 52
	optType           = 53
	optServer         = 54
	optParams         = 55
	optMessage        = 56
	optRenew          = 58
	optVendorClass    = 60
	optClientID       = 61
	optTFTPName       = 66
	optBootFile       = 67
	optUserClass      = 77
	optFQDN           = 81
	optRelay          = 82
	optAuthentication = 90
	optSearch         = 119
	optRoutes         = 121
	optTFTPAddress    = 150
	optRoutesMS       = 249
	optWPAD           = 252
	optEnd            = 255
)

// type6 is a message type of IPv6 (RFC 8415, 7.3, and its successors in the registry).
type type6 uint8

var types6 = [...]string{"", "SOLICIT", "ADVERTISE", "REQUEST", "CONFIRM", "RENEW", "REBIND", "REPLY", "RELEASE",
	"DECLINE", "RECONFIGURE", "INFORMATION-REQUEST", "RELAY-FORW", "RELAY-REPL", "LEASEQUERY", "LEASEQUERY-REPLY",
	"LEASEQUERY-DONE", "LEASEQUERY-DATA", "RECONFIGURE-REQUEST", "RECONFIGURE-REPLY", "DHCPV4-QUERY", "DHCPV4-RESPONSE"}

func (t type6) String() string {
	if int(t) < len(types6) && t > 0 {
		return types6[t]
	}
	return "unknown"
}

const (
	solicit     type6 = 1
	advertise   type6 = 2
	reply6      type6 = 7
	reconfigure type6 = 10
	relayForw   type6 = 12
	relayRepl   type6 = 13
	lqReply     type6 = 15
	lqData      type6 = 17
	lastType6   type6 = 21
)

// Options of IPv6 (IANA DHCPv6 parameters).
const (
	opt6ClientID    = 1
	opt6ServerID    = 2
	opt6IANA        = 3
	opt6IATA        = 4
	opt6IAAddr      = 5
	opt6ORO         = 6
	opt6Preference  = 7
	opt6RelayMsg    = 9
	opt6Status      = 13
	opt6UserClass   = 15
	opt6VendorClass = 16
	opt6InterfaceID = 18
	opt6DNS         = 23
	opt6Search      = 24
	opt6IAPD        = 25
	opt6IAPrefix    = 26
	opt6SNTP        = 31
	opt6RemoteID    = 37
	opt6FQDN        = 39
	opt6NTP         = 56
	opt6BootFile    = 59
	opt6ClientLink  = 79
)

// status6 is a status code (RFC 8415, 21.13).
type status6 uint16

var statuses6 = [...]string{"Success", "UnspecFail", "NoAddrsAvail", "NoBinding", "NotOnLink", "UseMulticast",
	"NoPrefixAvail", "UnknownQueryType", "MalformedQuery", "NotConfigured", "NotAllowed", "QueryTerminated"}

func (s status6) String() string {
	if int(s) < len(statuses6) {
		return statuses6[s]
	}
	return "unknown"
}

// habits are the beginnings of vendor classes by which widely used clients give their system away. The confidence is
// that of a habit: anyone may send these words.
var habits = []struct{ prefix, attribute, value string }{
	{"MSFT 5.0", "os", "Windows"},
	{"MSFT 98", "os", "Windows 98"},
	{"MSFT", "os", "Windows"},
	{"android-dhcp-", "os", "Android"},
	{"AAPLBSDPC", "vendor", "Apple"},
	{"udhcp ", "software", "busybox udhcpc"},
	{"dhcpcd", "software", "dhcpcd"},
	{"Cisco AP", "class", "access point"},
	{"ArubaAP", "class", "access point"},
	{"Hewlett-Packard JetDirect", "class", "printer"},
	{"HP Printer", "class", "printer"},
	{"Mfg=Hewlett Packard", "class", "printer"},
	{"ubnt", "vendor", "Ubiquiti"},
	{"Polycom", "vendor", "Polycom"},
	{"Cisco Systems, Inc. IP Phone", "class", "phone"},
	{"PXEClient", "software", "PXE boot code"},
	{"docsis", "class", "cable modem"},
}

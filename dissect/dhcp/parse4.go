package dhcp

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/dnsname"
	"wardtrace/dissect/event"
)

// magic is the cookie in front of the options (RFC 2131, section 3).
const magic = 0x63825363

// options4 holds the options of a message, those that came in pieces put together (RFC 3396).
type options4 struct {
	data  [256][]byte
	have  [256]bool
	order []uint8
}

// feed4 takes a message of this layout (RFC 2131, figure 1); it answers what was wrong with it:
//
//	0 op  1 htype  2 hlen  3 hops  4 xid  8 secs  10 flags  12 ciaddr  16 yiaddr  20 siaddr  24 giaddr
//	28 chaddr (16)  44 sname (64)  108 file (128)  236 cookie, options
func feed4(d *dissector, seg *dissect.Segment, out *event.Batch) string {
	c := cursor.New(seg.Data)
	op, _, hlen, hops := c.U8(), c.U8(), int(c.U8()), c.U8()
	m := Message4{FromServer: op == 2, Hops: int64(hops), XID: int64(c.U32()), Secs: int64(c.U16()), Broadcast: c.U16()&0x8000 != 0}
	m.ClientAddr, m.AssignedAddr, m.NextServer, m.GatewayAddr = address(&c), address(&c), address(&c), address(&c)
	chaddr := c.Sub(16)
	sname, file := c.Bytes(64), c.Bytes(128)
	if c.Short() || op < 1 || op > 2 {
		return "message ends within its fixed part, or is neither request nor reply"
	}
	m.MAC = hardware(chaddr.Bytes(min(hlen, 16)))
	if m.FromServer { // clients without an address share a conversation: its hardware address is the first one's
		_, m.EthSrc = d.source(seg)
	}
	var o options4
	fault := ""
	switch cookie := c.U32(); {
	case c.Short(): // RFC 951 has a vendor area of 64 bytes, but some relays cut what is empty
	case cookie == magic:
		fault = o.read(c.Rest())
		sname, file = o.overload(sname, file, &fault)
	case cookie != 0:
		fault = "no magic cookie in front of the options: they were not read"
	}
	m.Options = o.list()
	m.fill(&o)
	m.boot(sname, file)
	messages4.Emit(out, seg.Ref, m)
	d.identify4(&m, &o, seg, out)
	return fault
}

// read takes options until the end mark; those of one code that come again are put together (RFC 3396, section 5).
func (o *options4) read(b []byte) string {
	c := cursor.New(b)
	for c.More() {
		code := c.U8()
		if code == optPad {
			continue
		}
		if code == optEnd {
			return ""
		}
		v := c.Bytes(int(c.U8()))
		if c.Short() {
			return fmt.Sprintf("option %d is longer than the message", code)
		}
		if !o.have[code] {
			o.have[code] = true
			o.order = append(o.order, code)
			o.data[code] = v
		} else {
			o.data[code] = append(o.data[code], v...)
		}
	}
	return "options end without an end mark"
}

// overload reads the fields sname and file as options where option 52 says so (RFC 2132, 9.3), file first (RFC 3396).
func (o *options4) overload(sname, file []byte, fault *string) (restSname, restFile []byte) {
	where := cursor.New(o.data[optOverload])
	use := where.U8()
	if use&1 != 0 {
		if f := o.read(file); f != "" && *fault == "" {
			*fault = f + " (in the file field)"
		}
		file = nil
	}
	if use&2 != 0 {
		if f := o.read(sname); f != "" && *fault == "" {
			*fault = f + " (in the sname field)"
		}
		sname = nil
	}
	return sname, file
}

func (o *options4) list() string {
	var b strings.Builder
	for i, code := range o.order {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.Itoa(int(code)))
	}
	return b.String()
}

func (o *options4) text(code uint8) string {
	return text(o.data[code])
}

func (o *options4) number(code uint8) event.Opt[int64] {
	c := cursor.New(o.data[code])
	v := c.U32()
	if c.Short() {
		return event.Opt[int64]{}
	}
	return event.Some(int64(v))
}

func (o *options4) addresses(code uint8) []string {
	var out []string
	c := cursor.New(o.data[code])
	for c.Need(4) && len(out) < listCap {
		a, _ := netip.AddrFromSlice(c.Bytes(4))
		out = append(out, a.String())
	}
	return out
}

func (o *options4) address(code uint8) string {
	if l := o.addresses(code); len(l) > 0 {
		return l[0]
	}
	return ""
}

func (m *Message4) fill(o *options4) {
	kind := cursor.New(o.data[optType])
	switch {
	case o.have[optType]:
		m.MsgType = messageType(kind.U8()).String()
	case m.FromServer:
		m.MsgType = "BOOTREPLY"
	default:
		m.MsgType = "BOOTREQUEST"
	}
	m.RequestedAddr, m.ServerAddr = o.address(optRequested), o.address(optServer)
	m.SubnetMask, m.Routers, m.DNSServers = o.address(optSubnetMask), o.addresses(optRouter), o.addresses(optDNS)
	m.NTPServers, m.NetBIOSServers = o.addresses(optNTP), o.addresses(optNetBIOS)
	m.LeaseTime, m.RenewTime = o.number(optLease), o.number(optRenew)
	m.HostName, m.Domain, m.VendorClass = o.text(optHostName), o.text(optDomain), o.text(optVendorClass)
	m.Message, m.WPAD = o.text(optMessage), o.text(optWPAD)
	m.ClientFQDN, m.UserClass = fqdn(o.data[optFQDN]), userClass(o.data[optUserClass])
	m.ClientID, m.ParamList = clientID(o.data[optClientID]), params(o.data[optParams])
	m.DomainSearch = names(o.data[optSearch])
	if m.Routes = routes(o.data[optRoutes]); m.Routes == nil {
		m.Routes = routes(o.data[optRoutesMS])
	}
	m.VendorInfo = hex.EncodeToString(o.data[optVendorInfo][:min(len(o.data[optVendorInfo]), textCap)])
	m.relay(o.data[optRelay])
	m.TFTPServers = o.addresses(optTFTPAddress)
	if s := o.text(optTFTPName); s != "" {
		m.TFTPServers = append(m.TFTPServers, s)
	}
	m.BootFile = o.text(optBootFile)
	if o.have[optAuthentication] {
		m.Authenticated = event.Some(true)
	}
}

// boot takes the fields of BOOTP where no option said the same.
func (m *Message4) boot(sname, file []byte) {
	if s := field(sname); s != "" && len(m.TFTPServers) == 0 {
		m.TFTPServers = []string{s}
	}
	if s := field(file); s != "" && m.BootFile == "" {
		m.BootFile = s
	}
}

// relay reads option 82 (RFC 3046).
func (m *Message4) relay(b []byte) {
	c := cursor.New(b)
	for c.More() {
		code, v := c.U8(), c.Bytes(int(c.U8()))
		switch {
		case c.Short():
			return
		case code == 1:
			m.CircuitID = opaque(v)
		case code == 2:
			m.RemoteID = opaque(v)
		}
	}
}

// identify4 says who the client is, by its own words, and who serves.
func (d *dissector) identify4(m *Message4, o *options4, seg *dissect.Segment, out *event.Batch) {
	ip := m.ClientAddr
	if m.FromServer {
		if m.MsgType == ack.String() || m.MsgType == offer.String() {
			from, _ := d.source(seg)
			server, mac := m.ServerAddr, m.EthSrc
			if server == "" {
				server = from.String()
			}
			if server != from.String() { // relayed: the frame is the relay's
				mac = ""
			}
			d.tell(event.Identity{IP: server, MAC: mac, Attribute: "role", Value: "dhcp server", Source: "dhcp.option54", Confidence: 90}, seg.Ref, out)
		}
		if m.MsgType == ack.String() && m.MAC != "" {
			if m.AssignedAddr != "" {
				ip = m.AssignedAddr
			}
			d.tell(event.Identity{IP: ip, MAC: m.MAC, Attribute: "mac", Value: m.MAC, Source: "dhcp.yiaddr", Confidence: 90}, seg.Ref, out)
		}
		return
	}
	if ip == "" && m.MsgType == request.String() {
		ip = m.RequestedAddr
	}
	say := func(attribute, value, source string, confidence int64) {
		d.tell(event.Identity{IP: ip, MAC: m.MAC, Attribute: attribute, Value: value, Source: source, Confidence: confidence}, seg.Ref, out)
	}
	say("hostname", m.HostName, "dhcp.option12", 90)
	say("hostname", m.ClientFQDN, "dhcp.option81", 90)
	say("vendor_class", m.VendorClass, "dhcp.option60", 90)
	say("fingerprint", m.ParamList, "dhcp.option55", 50)
	d.habit(ip, m.MAC, m.VendorClass, "dhcp.option60", seg.Ref, out)
}

// address reads an address of the fixed part; 0.0.0.0 says nothing.
func address(c *cursor.Cursor) string {
	a, ok := netip.AddrFromSlice(c.Bytes(4))
	if !ok || a.IsUnspecified() {
		return ""
	}
	return a.String()
}

func hardware(b []byte) string {
	if len(b) == 6 {
		return dissect.MAC(b).String()
	}
	return hex.EncodeToString(b)
}

// field gives a text field that a zero byte ends.
func field(b []byte) string {
	s, _, _ := strings.Cut(string(b), "\x00")
	return dnsname.Clean([]byte(s), textCap)
}

// text gives a text option; some clients send the zero byte that ends a C string.
func text(b []byte) string {
	return dnsname.Clean([]byte(strings.TrimRight(string(b), "\x00")), textCap)
}

// opaque gives bytes as text where they are, else as hex.
func opaque(b []byte) string {
	for _, x := range b {
		if x < ' ' || x > '~' {
			return hex.EncodeToString(b[:min(len(b), textCap)])
		}
	}
	return string(b[:min(len(b), textCap)])
}

// clientID reads option 61: type 1 is an Ethernet address, type 0 free, 255 an IAID and a DUID (RFC 4361).
func clientID(b []byte) string {
	c := cursor.New(b)
	switch kind := c.U8(); {
	case len(b) == 7 && kind == 1:
		return hardware(c.Rest())
	case len(b) > 1 && kind == 0:
		return opaque(c.Rest())
	}
	return opaque(b)
}

func params(b []byte) string {
	var s strings.Builder
	for i, x := range b {
		if i > 0 {
			s.WriteByte(',')
		}
		s.WriteString(strconv.Itoa(int(x)))
	}
	return s.String()
}

// fqdn reads option 81 (RFC 4702, section 2): flags, two result codes, a name as DNS writes it or in plain text.
func fqdn(b []byte) string {
	c := cursor.New(b)
	flags := c.U8()
	c.Skip(2)
	if flags&4 == 0 {
		return text(c.Rest())
	}
	rest := c.Rest()
	in := cursor.New(rest)
	n, err := dnsname.Read(rest, &in)
	if err != nil && n.Text == "" {
		return ""
	}
	return n.Text
}

// userClass reads option 77: a list of counted texts (RFC 3004), or, as many clients send it, one plain text.
func userClass(b []byte) string {
	c := cursor.New(b)
	var parts []string
	for c.More() && len(parts) < listCap {
		parts = append(parts, opaque(c.Bytes(int(c.U8()))))
	}
	if c.Short() {
		return opaque(b)
	}
	return strings.Join(parts, " ")
}

// names reads a search list (RFC 3397): names as DNS writes them, compressed within the option.
func names(b []byte) []string {
	var out []string
	c := cursor.New(b)
	for c.More() && len(out) < listCap {
		n, err := dnsname.Read(b, &c)
		if err != nil {
			break
		}
		out = append(out, n.Text)
	}
	return out
}

// routes reads option 121 (RFC 3442): prefix length, the prefix's significant bytes, router.
func routes(b []byte) []string {
	var out []string
	c := cursor.New(b)
	for c.More() && len(out) < listCap {
		bits := int(c.U8())
		var net, via [4]byte
		copy(net[:], c.Bytes((bits+7)/8))
		copy(via[:], c.Bytes(4))
		if c.Short() || bits > 32 {
			break
		}
		out = append(out, fmt.Sprintf("%s>%s", netip.PrefixFrom(netip.AddrFrom4(net), bits), netip.AddrFrom4(via)))
	}
	return out
}

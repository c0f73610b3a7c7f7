package icmp

import (
	"net/netip"
	"strings"

	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/dnsname"
	"wardtrace/dissect/event"
)

// parsed is what a message says.
type parsed struct {
	m              Message
	request, reply bool   // echo
	payload        []byte // echo: valid only during Feed
	router         bool   // the sender is a router
	about          string // whose hardware address LinkAddr is: sender or target
	bad            string
}

const tooShort = "message ends before the fixed fields of its type"

// read4 reads what follows the checksum (RFC 792).
func (p *parsed) read4(k kind4, code uint8, c cursor.Cursor) {
	m := &p.m
	m.Version, m.TypeName, m.CodeName = 4, k.String(), codeName(codes4[k], code)
	switch k {
	case echo4, echoReply4:
		p.echo(&c, k == echo4)
	case timestamp4, timestampReply4, information4, informationReply, mask4, maskReply4:
		p.identifier(&c)
	case unreachable4:
		c.Skip(2)
		if mtu := c.U16(); code == 4 {
			m.MTU = event.Some(int64(mtu))
		}
		p.quote(&c)
	case quench4, timeExceeded4, parameter4:
		c.Skip(4)
		p.quote(&c)
	case redirect4:
		m.Gateway = address(c.Bytes(4))
		p.quote(&c)
	case routerAdvert4: // RFC 1256: count, words an entry, lifetime
		n, words := int(c.U8()), int(c.U8())
		m.Lifetime = event.Some(int64(c.U16()))
		p.router = true
		for range n {
			e := c.Sub(4 * words)
			if !e.Need(4) || len(m.Groups) >= listCap {
				break
			}
			m.Groups = append(m.Groups, address(e.Bytes(4)))
		}
	}
	p.end(&c)
}

// read6 reads what follows the checksum (RFC 4443, RFC 4861).
func (p *parsed) read6(k kind6, code uint8, c cursor.Cursor) {
	m := &p.m
	m.Version, m.TypeName, m.CodeName = 6, k.String(), codeName(codes6[k], code)
	switch k {
	case echo6, echoReply6:
		p.echo(&c, k == echo6)
	case unreachable6, timeExceeded6, parameter6:
		c.Skip(4)
		p.quote(&c)
	case tooBig6:
		m.MTU = event.Some(int64(c.U32()))
		p.quote(&c)
	case mldQuery, mldReport, mldDone:
		c.Skip(4)
		m.Groups = group(c.Bytes(16))
		c.Rest()
	case mld2Report:
		p.listeners(&c)
	case routerSol:
		c.Skip(4)
		p.options(&c)
	case routerAdvert:
		p.advertisement(&c)
	case neighborSol:
		c.Skip(4)
		m.Target = address(c.Bytes(16))
		p.options(&c)
	case neighborAdv:
		flags := c.U8()
		m.RouterFlags = letters(flags, "RSO")
		p.router = flags&0x80 != 0
		c.Skip(3)
		m.Target = address(c.Bytes(16))
		p.options(&c)
	case redirect6:
		c.Skip(4)
		m.Gateway, m.Target = address(c.Bytes(16)), address(c.Bytes(16))
		p.options(&c)
	}
	p.end(&c)
}

func (p *parsed) end(c *cursor.Cursor) {
	if c.Short() && p.bad == "" {
		p.bad = tooShort
	}
	p.m.PayloadLen += int64(c.Len())
}

func (p *parsed) identifier(c *cursor.Cursor) {
	id, seq := c.U16(), c.U16()
	if !c.Short() {
		p.m.ID, p.m.Seq = event.Some(int64(id)), event.Some(int64(seq))
	}
}

func (p *parsed) echo(c *cursor.Cursor, request bool) {
	p.identifier(c)
	if c.Short() {
		return
	}
	p.request, p.reply = request, !request
	p.payload = c.Rest()
	p.m.PayloadLen = int64(len(p.payload))
}

// quote reads the packet that an error quotes: its IP header and 8 bytes at least (RFC 792; RFC 1812, 4.3.2.3).
func (p *parsed) quote(c *cursor.Cursor) {
	if c.Short() {
		return
	}
	p.m.PayloadLen = int64(c.Len())
	q := cursor.New(c.Rest())
	var src, dst []byte
	var proto uint8
	first := false
	switch q.Peek(0) >> 4 {
	case 4:
		words := int(q.U8() & 15)
		q.Skip(5)
		first = q.U16()&0x1fff == 0 // a later fragment has no ports
		q.Skip(1)
		proto = q.U8()
		q.Skip(2)
		src, dst = q.Bytes(4), q.Bytes(4)
		q.Skip(max(4*words-20, 0))
	case 6:
		q.Skip(6)
		proto = q.U8()
		q.Skip(1)
		src, dst = q.Bytes(16), q.Bytes(16)
		proto, first = extensions(&q, proto)
	default:
		if q.More() {
			p.bad = "error quotes something that is not an IP packet"
		}
		return
	}
	if len(src) == 0 || len(dst) == 0 {
		p.bad = "error quotes less than an IP header"
		return
	}
	p.m.QuotedSrc, p.m.QuotedDst, p.m.QuotedProto = address(src), address(dst), protoName(proto)
	if (proto == 6 || proto == 17 || proto == 132) && first && q.Need(4) {
		p.m.QuotedSrcPort, p.m.QuotedDstPort = event.Some(int64(q.U16())), event.Some(int64(q.U16()))
	}
}

// extensionCap is how many extension headers of a quoted packet are passed; RFC 8200 knows six, each once or twice.
const extensionCap = 8

// extensions passes IPv6 extension headers. It tells the protocol behind them and whether its first bytes are there.
func extensions(q *cursor.Cursor, proto uint8) (uint8, bool) {
	for range extensionCap {
		switch proto {
		case 0, 43, 60: // hop-by-hop, routing, destination options
			next, words := q.U8(), int(q.U8())
			q.Skip(8*words + 6)
			proto = next
		case 44: // fragment
			next := q.U8()
			q.Skip(1)
			offset := q.U16() >> 3
			q.Skip(4)
			if proto = next; offset != 0 {
				return proto, false
			}
		default:
			return proto, !q.Short()
		}
	}
	return proto, false
}

// advertisement reads a router advertisement (RFC 4861, 4.2; preference by RFC 4191, 2.2).
func (p *parsed) advertisement(c *cursor.Cursor) {
	c.Skip(1)
	flags := c.U8()
	p.m.Lifetime = event.Some(int64(c.U16()))
	c.Skip(8)
	if c.Short() {
		return
	}
	p.router = true
	p.m.RouterFlags = strings.TrimSpace(letters(flags, "MOH") + " " + [...]string{"medium", "high", "reserved", "low"}[flags>>3&3])
	p.options(c)
}

// Options of neighbour discovery (RFC 4861, 4.6; RFC 8106).
const (
	optSourceLink = 1
	optTargetLink = 2
	optPrefix     = 3
	optMTU        = 5
	optRDNSS      = 25
	optDNSSL      = 31
)

// options reads options: type, length in units of 8 bytes, of which 0 is never right (RFC 4861, 4.6).
func (p *parsed) options(c *cursor.Cursor) {
	if c.Short() {
		return
	}
	for c.More() {
		kind, size := c.U8(), int(c.U8())
		if size == 0 {
			p.bad = "option of length 0: the rest of the message is not to be read"
			c.Rest()
			return
		}
		o := c.Sub(8*size - 2)
		if c.Short() {
			p.bad = "option is longer than the message"
			return
		}
		p.option(kind, o)
	}
}

func (p *parsed) option(kind uint8, o cursor.Cursor) {
	m := &p.m
	switch kind {
	case optSourceLink, optTargetLink:
		if p.about = "sender"; kind == optTargetLink {
			p.about = "target"
		}
		if b := o.Bytes(6); len(b) == 6 {
			m.LinkAddr = dissect.MAC(b).String()
		}
	case optPrefix:
		bits := int(o.U8())
		o.Skip(13)
		if a, ok := netip.AddrFromSlice(o.Bytes(16)); ok && bits <= 128 && len(m.Prefixes) < listCap {
			m.Prefixes = append(m.Prefixes, netip.PrefixFrom(a, bits).String())
		}
	case optMTU:
		o.Skip(2)
		m.MTU = event.Some(int64(o.U32()))
	case optRDNSS:
		for o.Skip(6); o.Need(16) && len(m.DNSServers) < listCap; {
			m.DNSServers = append(m.DNSServers, address(o.Bytes(16)))
		}
	case optDNSSL:
		o.Skip(6)
		b := o.Rest()
		for in := cursor.New(b); in.More() && len(m.DomainSearch) < listCap; {
			n, err := dnsname.Read(b, &in)
			if err != nil || n.Labels == 0 { // zeros fill up to 8 bytes
				break
			}
			m.DomainSearch = append(m.DomainSearch, n.Text)
		}
	}
}

// listeners reads a report of MLDv2 (RFC 3810, 5.2): records with a group and its sources.
func (p *parsed) listeners(c *cursor.Cursor) {
	c.Skip(2)
	for range c.U16() {
		c.Skip(1)
		aux, sources := int(c.U8()), int(c.U16())
		g := c.Bytes(16)
		c.Skip(16*sources + 4*aux)
		if c.Short() {
			return
		}
		if len(p.m.Groups) < listCap {
			p.m.Groups = append(p.m.Groups, address(g))
		}
	}
}

func group(b []byte) []string {
	if a := address(b); a != "" {
		return []string{a}
	}
	return nil
}

func address(b []byte) string {
	a, ok := netip.AddrFromSlice(b)
	if !ok {
		return ""
	}
	return a.String()
}

// letters names the top bits of a byte that are set.
func letters(flags uint8, names string) string {
	var b strings.Builder
	for i := range len(names) {
		if flags&(0x80>>i) != 0 {
			b.WriteByte(names[i])
		}
	}
	return b.String()
}

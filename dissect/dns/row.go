package dns

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"golang.org/x/net/publicsuffix"

	"wardtrace/dissect/cursor"
	"wardtrace/dissect/dnsname"
	"wardtrace/dissect/event"
)

// cacheFlush is the top bit of a class in multicast DNS: unicast wanted in a question (RFC 6762, 5.4), cache flush in
// a record (10.2).
const cacheFlush = 0x8000

func (d *dissector) row(m *message) Message {
	k := d.kind
	row := Message{
		Kind: k.String(), IsResponse: m.response(), TransID: int64(m.id), Opcode: opcodeName(k, m.opcode()),
		AA: m.flags&0x400 != 0, TC: m.flags&0x200 != 0, RD: m.flags&0x100 != 0, RA: m.flags&0x80 != 0, Z: int64(m.flags>>4) & 7,
		MsgBytes: int64(len(m.raw)), Questions: int64(m.qd), AnswerCount: int64(m.an), Authority: int64(m.ns), Additional: int64(m.ar),
	}
	row.Rejected = m.response() && m.an+m.ns+m.ar == 0
	if q, ok := m.subject(); ok {
		class := q.class
		if k == mdns {
			row.Unicast = m.asked && class&cacheFlush != 0
			class &^= cacheFlush
		}
		row.Query = d.name(&q.name, q.label)
		row.QType, row.QTypeName = event.Some(int64(q.kind)), q.kind.name(k)
		row.QClass, row.QClassName = event.Some(int64(class)), className(class)
		if m.asked {
			row.QueryBytes = int64(q.name.Wire)
		}
		if k == unicast {
			row.BaseDomain, row.SubLen = baseDomain(row.Query)
		}
	}
	code := m.rcode()
	for i := range m.records[2] {
		if r := &m.records[2][i]; r.kind == typeOPT {
			code |= int64(r.ttl>>24) << 4
			row.edns(r)
		}
	}
	if m.response() {
		row.RCode, row.RCodeName = event.Some(code), rcodeName(k, code)
	}
	for i := range m.records[0] {
		r := &m.records[0][i]
		row.AnsBytes += int64(len(r.data))
		if i < listCap {
			row.Answers = append(row.Answers, m.text(k, r))
			row.AnswerTypes = append(row.AnswerTypes, r.kind.name(k))
			row.TTLs = append(row.TTLs, strconv.FormatUint(uint64(r.ttl), 10))
		}
	}
	return row
}

// subject is what a message is about: its first question, or, in answers that repeat none as those of multicast DNS and
// NetBIOS, their first answer.
func (m *message) subject() (question, bool) {
	if m.asked {
		return m.first, true
	}
	if m.response() && len(m.records[0]) > 0 {
		r := &m.records[0][0]
		return question{name: r.name, label: r.label, kind: r.kind, class: r.class}, true
	}
	return question{}, false
}

// edns reads the pseudo record OPT (RFC 6891, 6.1): class is the payload size, ttl holds code, version and flags.
func (row *Message) edns(r *record) {
	row.EDNSSize = event.Some(int64(r.class))
	row.DNSSECOK = event.Some(r.ttl&0x8000 != 0)
	c := cursor.New(r.data)
	for c.More() {
		code := c.U16()
		v := c.Sub(int(c.U16()))
		if c.Short() {
			return
		}
		if code == 8 { // client subnet (RFC 7871, section 6)
			family, bits := v.U16(), int(v.U8())
			v.Skip(1)
			row.ClientNet = subnet(family, bits, v.Rest())
		}
	}
}

func subnet(family uint16, bits int, b []byte) string {
	var a netip.Addr
	switch {
	case family == 1 && bits <= 32 && len(b) <= 4:
		var x [4]byte
		copy(x[:], b)
		a = netip.AddrFrom4(x)
	case family == 2 && bits <= 128 && len(b) <= 16:
		var x [16]byte
		copy(x[:], b)
		a = netip.AddrFrom16(x)
	default:
		return ""
	}
	return netip.PrefixFrom(a, bits).String()
}

// name gives a name as the rows show it: in lower case, since DNS does not tell case apart; NetBIOS names decoded.
func (d *dissector) name(n *dnsname.Name, label []byte) string {
	if d.kind != nbns {
		return lower(n.Text)
	}
	text, suffix, ok := dnsname.NetBIOS(label)
	if !ok {
		return n.Text
	}
	s := fmt.Sprintf("%s<%02x>", text, suffix)
	if _, scope, found := strings.Cut(n.Text, "."); found {
		s += "." + scope
	}
	return s
}

// lower changes ASCII letters alone (RFC 4343).
func lower(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// baseDomain splits a name at its registered domain. What lies in front is where tunnels put their data; its length is
// counted in bytes as they are on the wire. Reverse zones and .local have no registrant.
func baseDomain(name string) (base string, sub int64) {
	for _, zone := range [...]string{"arpa", "local"} {
		if name == zone || strings.HasSuffix(name, "."+zone) {
			return "", 0
		}
	}
	base, err := publicsuffix.EffectiveTLDPlusOne(plainTail(name))
	if err != nil || strings.Contains(base, " ") {
		return "", 0
	}
	return base, int64(max(unescaped(name)-len(base)-1, 0))
}

// plainTail gives a name's last labels, behind the last one that holds an escape: data in labels must not hide the domain,
// and a registered domain has no escapes.
func plainTail(name string) string {
	tail, escaped := 0, false
	for i := 0; i < len(name); i++ {
		switch name[i] {
		case '\\':
			escaped = true
			i++ // a digit or the escaped character
		case '.':
			if escaped {
				tail = i + 1
			}
			escaped = false
		}
	}
	if escaped {
		return ""
	}
	return name[tail:]
}

// unescaped is the length of a name in bytes as they are on the wire: \ddd and \. are one byte each.
func unescaped(name string) int {
	n := 0
	for {
		at := strings.IndexByte(name, '\\')
		if at < 0 {
			return n + len(name)
		}
		skip := 2
		if at+1 < len(name) && name[at+1] >= '0' && name[at+1] <= '9' {
			skip = 4
		}
		n += at + 1
		name = name[min(at+skip, len(name)):]
	}
}

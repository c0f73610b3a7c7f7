package dns

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"strings"

	"wardtrace/dissect/cursor"
	"wardtrace/dissect/dnsname"
)

// textCap is how many bytes of a text record a row tells: tunnels fill whole messages with them.
const textCap = 255

// text gives a record's data in words, as zone files write it (RFC 1035, section 5; RFC 3597 for unknown types).
func (m *message) text(k kind, r *record) string {
	c := cursor.New(r.data)
	switch {
	case k == nbns && r.kind == typeNB:
		return strings.Join(nbAddresses(r.data), " ")
	case k == nbns && r.kind == typeNBSTAT:
		return nodeStatus(r.data).String()
	}
	switch r.kind {
	case typeA, typeAAAA:
		if a, ok := netip.AddrFromSlice(r.data); ok {
			return a.String()
		}
	case typeNS, typeCNAME, typePTR, typeDNAME:
		return m.nameAt(r, 0)
	case typeMX:
		return m.numbers(r, 1)
	case typeSRV:
		return m.numbers(r, 3)
	case typeSOA:
		return m.soa(r)
	case typeTXT, typeSPF, typeHINFO:
		return texts(c)
	case typeCAA:
		flags, tag := c.U8(), c.Bytes(int(c.U8()))
		return fmt.Sprintf("%d %s %q", flags, dnsname.Clean(tag, 32), dnsname.Clean(c.Rest(), textCap))
	case typeSVCB, typeHTTPS:
		return m.numbers(r, 1) + svcParams(m, r)
	}
	return unknown(r.data)
}

func unknown(b []byte) string {
	return fmt.Sprintf(`\# %d %s`, len(b), hex.EncodeToString(b[:min(len(b), 32)]))
}

// nameAt reads the name at an offset of a record's data; it may point to any place before it in the message.
func (m *message) nameAt(r *record, skip int) string {
	c := cursor.New(m.raw)
	c.Skip(r.at + skip)
	n, err := dnsname.Read(m.raw, &c)
	if err != nil || c.Offset() > r.at+len(r.data) {
		return unknown(r.data)
	}
	return n.Text
}

// numbers gives n 16-bit numbers and the name behind them.
func (m *message) numbers(r *record, n int) string {
	c := cursor.New(r.data)
	var b strings.Builder
	for range n {
		fmt.Fprintf(&b, "%d ", c.U16())
	}
	if c.Short() {
		return unknown(r.data)
	}
	b.WriteString(m.nameAt(r, 2*n))
	return b.String()
}

func (m *message) soa(r *record) string {
	c := cursor.New(m.raw)
	c.Skip(r.at)
	primary, err := dnsname.Read(m.raw, &c)
	mailbox, err2 := dnsname.Read(m.raw, &c)
	serial := c.U32()
	if err != nil || err2 != nil || c.Short() || c.Offset() > r.at+len(r.data) {
		return unknown(r.data)
	}
	return fmt.Sprintf("%s %s %d", primary.Text, mailbox.Text, serial)
}

// texts joins the counted texts of TXT and HINFO records.
func texts(c cursor.Cursor) string {
	var b []byte
	for c.More() && len(b) <= textCap {
		if c.Offset() > 0 {
			b = append(b, ' ')
		}
		n := int(c.U8())
		b = append(b, c.Bytes(min(n, c.Len()))...)
	}
	return dnsname.Clean(b, textCap)
}

// svcParams tells the keys of a service binding that say something (RFC 9460, 7): alpn, port, ech.
func svcParams(m *message, r *record) string {
	c := cursor.New(m.raw[:r.at+len(r.data)])
	c.Skip(r.at + 2)
	if !dnsname.Skip(m.raw, &c) {
		return ""
	}
	var b strings.Builder
	for c.More() && b.Len() < textCap {
		key := c.U16()
		v := c.Sub(int(c.U16()))
		if c.Short() {
			break
		}
		switch key {
		case 1:
			b.WriteString(" alpn=" + strings.ReplaceAll(texts(v), " ", ","))
		case 3:
			fmt.Fprintf(&b, " port=%d", v.U16())
		case 5:
			b.WriteString(" ech")
		}
	}
	return b.String()
}

// nbAddresses reads the data of an NB record: flags and an address each (RFC 1002, 4.2.1.3).
func nbAddresses(b []byte) []string {
	var out []string
	c := cursor.New(b)
	for c.Need(6) && len(out) < listCap {
		c.Skip(2)
		a, _ := netip.AddrFromSlice(c.Bytes(4))
		out = append(out, a.String())
	}
	return out
}

// status is a node status: a host's table of names (RFC 1002, 4.2.18).
type status struct {
	names []nbName
	mac   []byte
}

type nbName struct {
	text   string
	suffix byte
	group  bool
}

func (n nbName) String() string { return fmt.Sprintf("%s<%02x>", n.text, n.suffix) }

func nodeStatus(b []byte) status {
	var s status
	c := cursor.New(b)
	for range c.U8() {
		name, suffix, flags := c.Bytes(15), c.U8(), c.U16()
		if c.Short() {
			return s
		}
		s.names = append(s.names, nbName{dnsname.NetBIOSText(name), suffix, flags&0x8000 != 0})
	}
	s.mac = c.Bytes(6)
	return s
}

func (s status) String() string {
	parts := make([]string, 0, len(s.names))
	for _, n := range s.names {
		parts = append(parts, n.String())
	}
	return strings.Join(parts, " ")
}

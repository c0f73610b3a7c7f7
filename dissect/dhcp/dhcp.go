package dhcp

import (
	"net/netip"
	"strings"

	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
)

// Protocol is DHCP for IPv4, with BOOTP.
var Protocol = &dissect.Protocol{
	Name:       "dhcp",
	Spec:       "RFC 2131, RFC 2132",
	Transports: []dissect.Transport{dissect.UDP},
	Ports:      []uint16{67, 68, 4011},
	Tables:     []*event.Table{messages4.Desc()},
	Probe:      probe4,
	New:        func(c *dissect.Conn) dissect.Dissector { return &dissector{conn: c, feed: feed4} },
}

// Protocol6 is DHCP for IPv6.
var Protocol6 = &dissect.Protocol{
	Name:       "dhcp6",
	Spec:       "RFC 8415",
	Transports: []dissect.Transport{dissect.UDP},
	Ports:      []uint16{546, 547},
	Tables:     []*event.Table{messages6.Desc()},
	Probe:      probe6,
	New:        func(c *dissect.Conn) dissect.Dissector { return &dissector{conn: c, feed: feed6} },
}

// Caps against hostile options: a message of 64 KiB could name 16,000 servers.
const (
	listCap     = 32   // entries of a list in a row
	textCap     = 255  // bytes of a text in a row, the longest a single option can hold
	complainCap = 16   // anomalies a conversation
	identityCap = 4096 // assertions remembered as made: a relay's conversation is that of a whole ward
)

// dissector has no state but what was said already: client and server rarely share a conversation.
type dissector struct {
	conn   *dissect.Conn
	feed   func(*dissector, *dissect.Segment, *event.Batch) string
	told   map[event.Identity]struct{}
	faults int
}

// Feed takes one message.
func (d *dissector) Feed(seg *dissect.Segment, out *event.Batch) (dissect.Progress, error) {
	if fault := d.feed(d, seg, out); fault != "" {
		if d.faults++; d.faults <= complainCap {
			kind := "dhcp_malformed"
			if seg.Cut > 0 {
				kind = "dhcp_cut"
			}
			dissect.Anomaly(out, seg.Ref, "dhcp", kind, 1, fault)
		}
	}
	return dissect.Progress{}, nil
}

// Close has nothing to do.
func (d *dissector) Close(*event.Batch) {}

// probe4 wants op, hardware length and the magic cookie (RFC 2131, section 3); without the cookie it is BOOTP of
// RFC 951 with a vendor's own area, taken on its own ports only.
func probe4(c *dissect.Conn, _ dissect.Dir, first []byte) dissect.Match {
	cur := cursor.New(first)
	op, _, hlen := cur.U8(), cur.U8(), cur.U8()
	cur.Skip(233)
	cookie := cur.U32()
	switch {
	case cur.Short() || op < 1 || op > 2 || hlen > 16:
		return dissect.No
	case cookie == magic:
		return dissect.Yes
	case bootPort(c.Client.Port()) && bootPort(c.Server.Port()):
		return dissect.Yes
	}
	return dissect.No
}

func bootPort(p uint16) bool { return p == 67 || p == 68 }

// probe6 wants a known type and options that fill the message exactly, the first of them well known.
func probe6(c *dissect.Conn, _ dissect.Dir, first []byte) dissect.Match {
	cur := cursor.New(first)
	kind := type6(cur.U8())
	if kind < solicit || kind > lastType6 || !c.Client.Addr().Is6() {
		return dissect.No
	}
	if kind == relayForw || kind == relayRepl {
		cur.Skip(33)
	} else {
		cur.Skip(3)
	}
	n := 0
	for cur.More() {
		code, size := cur.U16(), int(cur.U16())
		cur.Skip(size)
		if cur.Short() || code == 0 || code > 1024 {
			return dissect.No
		}
		n++
	}
	if cur.Short() || n == 0 {
		return dissect.No
	}
	return dissect.Yes
}

// source is the frame's sender.
func (d *dissector) source(seg *dissect.Segment) (netip.Addr, string) {
	if seg.Dir == dissect.FromServer {
		return d.conn.Server.Addr(), d.conn.ServerMAC.String()
	}
	return d.conn.Client.Addr(), d.conn.ClientMAC.String()
}

// tell makes one assertion about a host, once a conversation.
func (d *dissector) tell(id event.Identity, ref event.Ref, out *event.Batch) {
	if id.Value == "" || (id.IP == "" && id.MAC == "") {
		return
	}
	if _, ok := d.told[id]; ok || len(d.told) >= identityCap {
		return
	}
	if d.told == nil {
		d.told = map[event.Identity]struct{}{}
	}
	d.told[id] = struct{}{}
	event.Identities.Emit(out, ref, id)
}

// habit tells what a vendor class betrays of the system that sends it.
func (d *dissector) habit(ip, mac, class, source string, ref event.Ref, out *event.Batch) {
	for _, h := range habits {
		if strings.HasPrefix(class, h.prefix) {
			value := h.value
			if version := strings.TrimPrefix(class, h.prefix); h.prefix == "android-dhcp-" || h.prefix == "udhcp " {
				value += " " + version
			}
			d.tell(event.Identity{IP: ip, MAC: mac, Attribute: h.attribute, Value: value, Source: source, Confidence: 60}, ref, out)
			return
		}
	}
}

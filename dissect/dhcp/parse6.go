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

// relayCap is how deep relay messages are followed: HOP_COUNT_LIMIT is 8 (RFC 8415, 7.6). The message inside a relay's
// is shorter than the relay's, but by 38 bytes only: 64 KiB could nest 1,700 deep.
const relayCap = 8

// reader6 gathers a message and what is inside it.
type reader6 struct {
	m     Message6
	order []string
	kind  type6
	bad   string
}

func feed6(d *dissector, seg *dissect.Segment, out *event.Batch) string {
	var r reader6
	r.message(cursor.New(seg.Data), 0)
	if r.kind == 0 {
		return "message ends within its header"
	}
	m := &r.m
	m.MsgType = r.kind.String()
	switch r.kind {
	case advertise, reply6, reconfigure, lqReply, lqData:
		m.FromServer = true
	}
	_, m.EthSrc = d.source(seg)
	m.Options = strings.Join(r.order, ",")
	messages6.Emit(out, seg.Ref, *m)
	d.identify6(&r, seg, out)
	return r.bad
}

// message reads type and transaction, or what a relay puts in front (RFC 8415, sections 8 and 9), then options.
func (r *reader6) message(c cursor.Cursor, depth int) {
	kind := type6(c.U8())
	if kind == relayForw || kind == relayRepl {
		c.Skip(1)
		link, _ := netip.AddrFromSlice(c.Bytes(16))
		peer, _ := netip.AddrFromSlice(c.Bytes(16))
		if c.Short() {
			return
		}
		if depth == 0 {
			r.m.RelayLink, r.m.RelayPeer = link.String(), peer.String()
		}
	} else {
		r.m.XID = int64(c.U24())
	}
	if c.Short() {
		return
	}
	r.kind = kind
	for c.More() {
		code := c.U16()
		v := c.Sub(int(c.U16()))
		if c.Short() || v.Short() {
			r.bad = "an option is longer than the message"
			return
		}
		if len(r.order) < 4*listCap {
			r.order = append(r.order, strconv.Itoa(int(code)))
		}
		if code == opt6RelayMsg {
			if depth >= relayCap {
				r.bad = "relay messages are nested deeper than 8"
				return
			}
			r.message(v, depth+1)
			continue
		}
		r.option(code, v)
	}
}

func (r *reader6) option(code uint16, v cursor.Cursor) {
	m := &r.m
	switch code {
	case opt6ClientID:
		b := v.Rest()
		m.ClientDUID = hex.EncodeToString(b[:min(len(b), textCap)])
		if mac := duidMAC(b); mac != "" {
			m.MAC = mac
		}
	case opt6ServerID:
		b := v.Rest()
		m.ServerDUID = hex.EncodeToString(b[:min(len(b), textCap)])
	case opt6IANA, opt6IAPD:
		v.Skip(12)
		r.association(v)
	case opt6IATA:
		v.Skip(4)
		r.association(v)
	case opt6ORO:
		var list []string
		for v.Need(2) && len(list) < 4*listCap {
			list = append(list, strconv.Itoa(int(v.U16())))
		}
		m.ParamList = strings.Join(list, ",")
	case opt6Preference:
		m.Preference = event.Some(int64(v.U8()))
	case opt6Status:
		r.status(v)
	case opt6UserClass:
		m.UserClass = texts6(v)
	case opt6VendorClass:
		if v.Need(4) {
			m.Enterprise = event.Some(int64(v.U32()))
			m.VendorClass = texts6(v)
		}
	case opt6InterfaceID:
		m.InterfaceID = opaque(v.Rest())
	case opt6RemoteID:
		v.Skip(4)
		m.RemoteID = opaque(v.Rest())
	case opt6DNS:
		m.DNSServers = addresses6(v)
	case opt6SNTP:
		m.NTPServers = append(m.NTPServers, addresses6(v)...)
	case opt6NTP:
		r.ntp(v)
	case opt6Search:
		m.DomainSearch = names(v.Rest())
	case opt6FQDN:
		v.Skip(1)
		b := v.Rest()
		in := cursor.New(b)
		n, _ := dnsname.Read(b, &in) // a partial name may stay without its root (RFC 4704, 4.2)
		m.ClientFQDN = n.Text
	case opt6BootFile:
		m.BootFile = text(v.Rest())
	case opt6ClientLink:
		if v.U16() == 1 {
			m.MAC = hardware(v.Rest())
		}
	}
}

// association reads the options inside an IA: addresses, prefixes, a status. They hold none of their own kind.
func (r *reader6) association(v cursor.Cursor) {
	for v.More() {
		code := v.U16()
		o := v.Sub(int(v.U16()))
		if v.Short() || o.Short() {
			r.bad = "an option within an identity association is longer than it"
			return
		}
		switch code {
		case opt6IAAddr:
			a, ok := netip.AddrFromSlice(o.Bytes(16))
			o.Skip(4)
			if valid := o.U32(); !o.Short() && ok {
				r.lease(valid)
				if len(r.m.Addresses) < listCap {
					r.m.Addresses = append(r.m.Addresses, a.String())
				}
				r.nested(o)
			}
		case opt6IAPrefix:
			o.Skip(4)
			valid, bits := o.U32(), int(o.U8())
			if a, ok := netip.AddrFromSlice(o.Bytes(16)); ok && bits <= 128 {
				r.lease(valid)
				if len(r.m.Prefixes) < listCap {
					r.m.Prefixes = append(r.m.Prefixes, netip.PrefixFrom(a, bits).String())
				}
				r.nested(o)
			}
		case opt6Status:
			r.status(o)
		}
	}
}

// nested looks for the status of a single address.
func (r *reader6) nested(v cursor.Cursor) {
	for v.More() {
		code := v.U16()
		o := v.Sub(int(v.U16()))
		if v.Short() {
			return
		}
		if code == opt6Status {
			r.status(o)
		}
	}
}

func (r *reader6) lease(valid uint32) {
	if !r.m.LeaseTime.OK {
		r.m.LeaseTime = event.Some(int64(valid))
	}
}

func (r *reader6) status(v cursor.Cursor) {
	code := status6(v.U16())
	if v.Short() || (r.m.Status != "" && r.m.Status != status6(0).String()) {
		return
	}
	r.m.Status, r.m.Message = code.String(), text(v.Rest())
}

// ntp reads option 56 (RFC 5908): suboptions 1 and 2 are addresses, 3 a name.
func (r *reader6) ntp(v cursor.Cursor) {
	for v.More() && len(r.m.NTPServers) < listCap {
		code := v.U16()
		o := v.Sub(int(v.U16()))
		if v.Short() {
			return
		}
		if code == 3 {
			r.m.NTPServers = append(r.m.NTPServers, names(o.Rest())...)
		} else {
			r.m.NTPServers = append(r.m.NTPServers, addresses6(o)...)
		}
	}
}

func (d *dissector) identify6(r *reader6, seg *dissect.Segment, out *event.Batch) {
	m := &r.m
	from, mac := d.source(seg)
	if m.FromServer {
		if m.RelayLink == "" && (r.kind == advertise || r.kind == reply6) {
			d.tell(event.Identity{IP: from.String(), MAC: mac, Attribute: "role", Value: "dhcp server", Source: "dhcp6.server_duid", Confidence: 90}, seg.Ref, out)
		}
		if r.kind == reply6 && m.MAC != "" && len(m.Addresses) > 0 {
			d.tell(event.Identity{IP: m.Addresses[0], MAC: m.MAC, Attribute: "mac", Value: m.MAC, Source: "dhcp6.client_duid", Confidence: 70}, seg.Ref, out)
		}
		return
	}
	ip, hw := from.String(), mac
	if m.RelayLink != "" { // the frame is the relay's
		ip, hw = m.RelayPeer, m.MAC
	}
	say := func(attribute, value, source string, confidence int64) {
		d.tell(event.Identity{IP: ip, MAC: hw, Attribute: attribute, Value: value, Source: source, Confidence: confidence}, seg.Ref, out)
	}
	say("hostname", m.ClientFQDN, "dhcp6.option39", 90)
	say("vendor_class", m.VendorClass, "dhcp6.option16", 90)
	say("fingerprint", m.ParamList, "dhcp6.option6", 40)
	d.habit(ip, hw, m.VendorClass, "dhcp6.option16", seg.Ref, out)
}

// duidMAC gives the Ethernet address in a DUID of type 1 or 3 (RFC 8415, 11.2 and 11.4).
func duidMAC(b []byte) string {
	c := cursor.New(b)
	kind, hw := c.U16(), c.U16()
	if kind == 1 {
		c.Skip(4)
	}
	if (kind != 1 && kind != 3) || hw != 1 || c.Len() != 6 {
		return ""
	}
	return hardware(c.Rest())
}

func addresses6(v cursor.Cursor) []string {
	var out []string
	for v.Need(16) && len(out) < listCap {
		a, _ := netip.AddrFromSlice(v.Bytes(16))
		out = append(out, a.String())
	}
	return out
}

// texts6 reads counted texts.
func texts6(v cursor.Cursor) string {
	var parts []string
	for v.More() && len(parts) < listCap {
		b := v.Bytes(int(v.U16()))
		if v.Short() {
			break
		}
		parts = append(parts, opaque(b))
	}
	s := strings.Join(parts, " ")
	if len(s) > textCap {
		return fmt.Sprintf("%.*s", textCap, s)
	}
	return s
}

package dns

import (
	"net/netip"
	"strings"

	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/dnsname"
	"wardtrace/dissect/event"
)

// identify gathers what hosts say of themselves.
func (d *dissector) identify(m *message, seg *dissect.Segment, out *event.Batch) {
	switch d.kind {
	case mdns:
		if m.response() {
			d.announced(m, seg, out)
		}
	case llmnr:
		if m.response() {
			d.addresses(m.records[0], seg, out)
		}
	case nbns:
		d.netbios(m, seg, out)
	}
}

func (d *dissector) sender(dir dissect.Dir) (ip, mac string) {
	h := &d.hosts[dir]
	if h.ip == "" {
		from, hw := d.conn.Client, d.conn.ClientMAC
		if dir == dissect.FromServer {
			from, hw = d.conn.Server, d.conn.ServerMAC
		}
		h.ip, h.mac = from.Addr().String(), hw.String()
	}
	return h.ip, h.mac
}

// tell makes one assertion, once a conversation. The hardware address is the sender's, so it goes with its address only.
func (d *dissector) tell(ip, attribute, value, source string, confidence int64, seg *dissect.Segment, out *event.Batch) {
	id := event.Identity{IP: ip, Attribute: attribute, Value: value, Source: source, Confidence: confidence}
	if from, mac := d.sender(seg.Dir); from == ip {
		id.MAC = mac
	}
	if _, ok := d.told[id]; ok || value == "" || ip == "" || len(d.told) >= identityCap {
		return
	}
	if d.told == nil {
		d.told = map[event.Identity]struct{}{}
	}
	d.told[id] = struct{}{}
	event.Identities.Emit(out, seg.Ref, id)
}

// addresses takes names with an address: the host's own name in multicast DNS and LLMNR. That an intruder answers for
// names of others is just what makes the row worth having; it weighs less for LLMNR, which has no proof of ownership.
func (d *dissector) addresses(records []record, seg *dissect.Segment, out *event.Batch) {
	confidence := int64(85)
	if d.kind == llmnr {
		confidence = 50
	}
	for i := range records {
		r := &records[i]
		if r.kind != typeA && r.kind != typeAAAA {
			continue
		}
		if a, ok := netip.AddrFromSlice(r.data); ok && !a.IsUnspecified() {
			d.tell(a.String(), "hostname", strings.TrimSuffix(r.name.Text, ".local"), d.kind.String()+"."+lower(r.kind.String()), confidence, seg, out)
		}
	}
}

// announced takes the services of a multicast DNS message (RFC 6763): PTR names an instance, SRV its host, TXT its
// properties, A and AAAA the host's address. They come in any section but one message.
func (d *dissector) announced(m *message, seg *dissect.Segment, out *event.Batch) {
	var all []record
	for _, s := range m.records {
		all = append(all, s...)
	}
	d.addresses(all, seg, out)
	hosts := map[string]string{} // host: address
	for i := range all {
		if a, ok := netip.AddrFromSlice(all[i].data); ok && all[i].kind == typeA {
			hosts[lower(all[i].name.Text)] = a.String()
		}
	}
	owner := map[string]string{} // instance: address of its host
	for i := range all {
		if r := &all[i]; r.kind == typeSRV && len(r.data) > 6 {
			if ip := hosts[lower(m.nameAt(r, 6))]; ip != "" {
				owner[lower(r.name.Text)] = ip
			}
		}
	}
	from, _ := d.sender(seg.Dir)
	for i := range all {
		r := &all[i]
		ip := owner[lower(r.name.Text)]
		if ip == "" {
			ip = from
		}
		switch r.kind {
		case typeSRV:
			if s := service(r.name.Text); s != "" {
				d.tell(ip, "service", s, "mdns.srv", 80, seg, out)
			}
		case typeTXT:
			d.properties(r, ip, seg, out)
		}
	}
}

// service gives the type of service in an instance's name: "Printer._ipp._tcp.local" is "_ipp._tcp".
func service(name string) string {
	for _, proto := range [...]string{"._tcp", "._udp"} {
		if at := strings.LastIndex(name, proto); at > 0 {
			if from := strings.LastIndex(name[:at], "._"); from >= 0 {
				return name[from+1 : at+len(proto)]
			}
		}
	}
	return ""
}

// properties reads the pairs of a TXT record (RFC 6763, 6.3): key=value, keys without regard to case.
func (d *dissector) properties(r *record, ip string, seg *dissect.Segment, out *event.Batch) {
	c := cursor.New(r.data)
	for n := 0; c.More() && n < listCap; n++ {
		key, value, ok := strings.Cut(string(c.Bytes(int(c.U8()))), "=")
		if c.Short() || !ok {
			continue
		}
		key = lower(key)
		if k, known := txtKeys[key]; known {
			if key == "product" { // "(name)", as PostScript writes it
				value = strings.Trim(value, "()")
			}
			d.tell(ip, k.attribute, strings.TrimSpace(dnsname.Clean([]byte(value), textCap)), "mdns.txt."+key, k.confidence, seg, out)
		}
	}
}

// netbios takes registrations, positive answers and node status.
func (d *dissector) netbios(m *message, seg *dissect.Segment, out *event.Batch) {
	for _, section := range m.records {
		for i := range section {
			r := &section[i]
			switch {
			case r.kind == typeNBSTAT && m.response():
				d.nodeStatus(nodeStatus(r.data), seg, out)
			case r.kind == typeNB && len(r.data) >= 6:
				text, suffix, ok := dnsname.NetBIOS(r.label)
				if !ok || m.opcode() == 6 || (m.response() && m.rcode() != 0) { // released, refused
					continue
				}
				flags := cursor.New(r.data)
				n := nbName{text, suffix, flags.U16()&0x8000 != 0}
				for _, ip := range nbAddresses(r.data) {
					d.netbiosName(n, ip, "nbns.nb", seg, out)
				}
			}
		}
	}
}

func (d *dissector) nodeStatus(s status, seg *dissect.Segment, out *event.Batch) {
	ip, _ := d.sender(seg.Dir)
	for _, n := range s.names {
		d.netbiosName(n, ip, "nbns.nbstat", seg, out)
	}
	if len(s.mac) == 6 {
		d.tell(ip, "mac", dissect.MAC(s.mac).String(), "nbns.nbstat", 70, seg, out)
	}
}

// netbiosName says what a name with this suffix says of its holder (RFC 1001, appendix; Windows uses the same).
func (d *dissector) netbiosName(n nbName, ip, source string, seg *dissect.Segment, out *event.Batch) {
	switch {
	case n.suffix == 0x00 && n.group:
		d.tell(ip, "domain", n.text, source, 80, seg, out)
	case n.suffix == 0x00 || n.suffix == 0x20:
		if !n.group {
			d.tell(ip, "hostname", n.text, source, 80, seg, out)
		}
	case n.suffix == 0x1c && n.group:
		d.tell(ip, "role", "domain controller", source, 50, seg, out)
	case n.suffix == 0x1d && !n.group:
		d.tell(ip, "role", "master browser", source, 50, seg, out)
	}
}

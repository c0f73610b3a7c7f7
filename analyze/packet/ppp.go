package packet

import "encoding/binary"

// PPP protocol numbers (RFC 1661 section 2, RFC 3032 4.3).
const (
	pppIPv4   = 0x0021
	pppIPv6   = 0x0057
	pppMPLS   = 0x0281
	pppMPLSUp = 0x0283
)

// ppp decodes a PPP frame with or without the HDLC address (RFC 1662 3.1). False means it carries no IP; p is as it was
// then.
func (d *Decoder) ppp(p *Packet, s part) bool {
	if len(s.b) >= 2 && s.b[0] == 0xff && s.b[1] == 0x03 {
		s = s.skip(2)
	}
	if len(s.b) < 2 {
		return false
	}
	proto := uint16(s.b[0])
	if proto&1 != 0 { // protocol field compression (RFC 1661 6.5)
		s = s.skip(1)
	} else {
		proto = binary.BigEndian.Uint16(s.b)
		s = s.skip(2)
	}
	typ := p.EtherType
	ok := false
	switch proto {
	case pppIPv4:
		p.EtherType = etherIPv4
		ok = d.ipv4(p, s)
	case pppIPv6:
		p.EtherType = etherIPv6
		ok = d.ipv6(p, s)
	case pppMPLS, pppMPLSUp:
		p.EtherType = etherMPLS
		ok = d.mpls(p, s)
	}
	if !ok {
		p.EtherType = typ
	}
	return ok
}

// pppLink decodes a PPP frame that the capture's link layer is. HDLC captures may hold Cisco's framing.
func (d *Decoder) pppLink(p *Packet, s part) {
	if len(s.b) >= 4 && (s.b[0] == 0x0f || s.b[0] == 0x8f) && s.b[1] == 0 {
		d.chdlc(p, s)
		return
	}
	if !d.ppp(p, s) {
		p.EtherType = etherPPP
		other(p, s)
	}
}

// chdlc decodes Cisco's HDLC framing: address, control, EtherType.
func (d *Decoder) chdlc(p *Packet, s part) {
	if len(s.b) < 4 {
		p.Flags |= Truncated
		other(p, s)
		return
	}
	p.EtherType = binary.BigEndian.Uint16(s.b[2:])
	d.etherType(p, p.EtherType, s.skip(4))
}

// pppoe decodes the session stage of PPP over Ethernet (RFC 2516 section 4). False means that p is as it was.
//
//	|  VER  | TYPE  |      CODE     |          SESSION_ID           |
//	|            LENGTH             |           payload
func (d *Decoder) pppoe(p *Packet, s part) bool {
	if len(s.b) < 6 || s.b[0] != 0x11 || s.b[1] != 0 {
		return false
	}
	mark := d.tunnel(p, "pppoe")
	d.number(" ", uint32(binary.BigEndian.Uint16(s.b[2:])))
	length := int(binary.BigEndian.Uint16(s.b[4:]))
	return d.enter(p, insidePPP, s.skip(6).limit(length), mark)
}

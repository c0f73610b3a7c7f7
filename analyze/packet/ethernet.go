package packet

import (
	"encoding/binary"

	"wardtrace/dissect"
)

// EtherTypes that are decoded or that make a header plausible.
const (
	etherIPv4     = 0x0800
	etherARP      = 0x0806
	etherTEB      = 0x6558 // transparent Ethernet bridging
	etherVLAN     = 0x8100
	etherIPv6     = 0x86dd
	etherPPP      = 0x880b
	etherMPLS     = 0x8847
	etherMPLSUp   = 0x8848 // upstream-assigned label, RFC 5332
	etherPPPoEDis = 0x8863
	etherPPPoE    = 0x8864
	etherEAPOL    = 0x888e
	etherQinQ     = 0x88a8
	etherLLDP     = 0x88cc
	etherPBB      = 0x88e7
	etherVNTag    = 0x8926
	etherQinQOld  = 0x9100
	etherLoopback = 0x9000
)

// minEtherType is the least EtherType; up to maxLength the field is a length (IEEE 802.3 3.2.6).
const (
	minEtherType = 0x0600
	maxLength    = 1500
)

const ethernetHeader = 14

// ethernet decodes a frame from its destination address on. False means it is shorter than its header.
func (d *Decoder) ethernet(p *Packet, s part) bool {
	if len(s.b) < ethernetHeader {
		return false
	}
	p.DstMAC, p.SrcMAC = dissect.MAC(s.b[0:6]), dissect.MAC(s.b[6:12])
	d.typeOrLength(p, binary.BigEndian.Uint16(s.b[12:]), s.skip(ethernetHeader))
	return true
}

// typeOrLength goes on behind the field that is an EtherType or, in 802.3, the length of an LLC frame. Tags are walked
// here; each turn shrinks s.
func (d *Decoder) typeOrLength(p *Packet, typ uint16, s part) {
	for size := tagSize(typ); size > 0; size = tagSize(typ) {
		if len(s.b) < size {
			p.Flags |= Truncated
			p.EtherType = typ
			other(p, s)
			return
		}
		if typ != etherVNTag {
			p.tag(binary.BigEndian.Uint16(s.b) & 0x0fff)
		}
		typ = binary.BigEndian.Uint16(s.b[size-2:])
		s = s.skip(size)
	}
	if typ >= minEtherType {
		p.EtherType = typ
		d.etherType(p, typ, s)
		return
	}
	if int(typ) > maxLength {
		p.Flags |= BadHeader // neither a length nor a type
		p.EtherType = typ
		other(p, s)
		return
	}
	if typ > 0 {
		s = s.limit(int(typ))
	}
	d.llc(p, s)
}

// tagSize is the size of the tag that typ announces, with the type that follows it; 0 if typ is no tag's.
func tagSize(typ uint16) int {
	switch typ {
	case etherVLAN, etherQinQ, etherQinQOld:
		return 4
	case etherVNTag: // of Cisco's fabric extenders
		return 6
	}
	return 0
}

// tag notes a VLAN: the outermost and the innermost stay. Id 0 is a priority tag, no VLAN (IEEE 802.1Q 9.6).
func (p *Packet) tag(vlan uint16) {
	switch {
	case vlan == 0:
	case p.VLANs[0] == 0:
		p.VLANs[0] = vlan
	default:
		p.VLANs[1] = vlan
	}
}

// etherType goes on by the type of the innermost link header.
func (d *Decoder) etherType(p *Packet, typ uint16, s part) {
	ok := false
	switch typ {
	case etherIPv4:
		ok = d.ipv4(p, s)
	case etherIPv6:
		ok = d.ipv6(p, s)
	case etherMPLS, etherMPLSUp:
		if d.mpls(p, s) {
			return
		}
		ok = true // a label stack over something unknown is no fault
	case etherPPPoE:
		if d.pppoe(p, s) {
			return
		}
		ok = true
	case etherPBB: // IEEE 802.1ah: flags and service id, then the customer's frame
		if d.backbone(p, s) {
			return
		}
		ok = true
	case etherTEB:
		if mark := d.tunnel(p, "teb"); d.enter(p, insideEthernet, s, mark) {
			return
		}
		ok = true
	default:
		other(p, s)
		return
	}
	switch {
	case p.Transport != 0: // decoded
	case ok:
		other(p, s)
	default:
		p.badIP(s)
		other(p, s)
	}
}

// backbone decodes provider backbone bridging (IEEE 802.1Q 9.7, I-TAG). False means that p is as it was.
func (d *Decoder) backbone(p *Packet, s part) bool {
	if len(s.b) < 4 {
		return false
	}
	mark := d.tunnel(p, "pbb")
	d.number(" isid ", binary.BigEndian.Uint32(s.b)&0xffffff)
	return d.enter(p, insideEthernet, s.skip(4), mark)
}

// badIP flags what should be IP and is not.
func (p *Packet) badIP(s part) {
	if len(s.b) < 20 && !s.whole() {
		p.Flags |= Truncated
	} else {
		p.Flags |= BadHeader
	}
}

// llc decodes an IEEE 802.2 header: DSAP, SSAP and a control field of one byte in unnumbered frames, two in the others.
func (d *Decoder) llc(p *Packet, s part) {
	if len(s.b) < 3 {
		p.Flags |= Truncated
		other(p, s)
		return
	}
	dsap, ssap := s.b[0], s.b[1]&^1 // the low bit of a source SAP says response, not who
	if dsap == 0xaa && ssap == 0xaa && s.b[2] == 3 && len(s.b) >= 8 {
		d.snap(p, s.skip(3))
		return
	}
	p.EtherType = uint16(dsap)
	switch {
	case dsap == 0xff && s.b[1] == 0xff: // Novell's raw 802.3: no LLC, IPX at once
	case s.b[2]&3 == 3:
		s = s.skip(3)
	default:
		s = s.skip(4)
	}
	if dsap == 0x06 && ssap == 0x06 && len(s.b) > 0 && s.b[0]>>4 == 4 && d.ipv4(p, s) { // RFC 948
		return
	}
	other(p, s)
}

// snap decodes OUI and protocol id; five bytes are there. OUI 0 and 0000f8 announce an EtherType (RFC 1042, IEEE
// 802.1H).
func (d *Decoder) snap(p *Packet, s part) {
	oui := uint32(s.b[0])<<16 | uint32(s.b[1])<<8 | uint32(s.b[2])
	typ := binary.BigEndian.Uint16(s.b[3:])
	s = s.skip(5)
	p.EtherType = typ
	if (oui == 0 || oui == 0x0000f8) && typ >= minEtherType {
		d.typeOrLength(p, typ, s)
		return
	}
	other(p, s)
}

// plausibleEthernet tells whether what follows looks like an Ethernet frame, for tunnels that are recognised by a mere
// port number or by nothing: a known type with a header that agrees, or a length that fits.
func plausibleEthernet(s part) bool {
	for at := ethernetHeader - 2; len(s.b) >= at+2; at += 4 {
		typ := binary.BigEndian.Uint16(s.b[at:])
		rest := s.skip(at + 2)
		switch typ {
		case etherVLAN, etherQinQ, etherQinQOld:
			continue
		case etherIPv4:
			return fittingIP(rest, 4)
		case etherIPv6:
			return fittingIP(rest, 6)
		case etherARP:
			return len(rest.b) >= 28 && rest.b[0] == 0 && rest.b[2] == 8 && rest.b[3] == 0
		case etherMPLS, etherMPLSUp, etherPPPoE, etherPPPoEDis, etherEAPOL, etherLLDP, etherLoopback:
			return true
		}
		return typ >= 3 && typ <= maxLength && int(typ) <= rest.wire
	}
	return false
}

// plausibleIP tells whether an IP header of that version, 0 for any, is there and does not contradict itself.
func plausibleIP(s part, version byte) bool {
	if len(s.b) < 20 || (version != 0 && s.b[0]>>4 != version) {
		return false
	}
	switch s.b[0] >> 4 {
	case 4:
		ihl, total := int(s.b[0]&15)*4, int(binary.BigEndian.Uint16(s.b[2:]))
		return ihl >= 20 && (total == 0 || total >= ihl)
	case 6:
		return len(s.b) >= 40
	}
	return false
}

// fittingIP also wants the packet to be no longer than what is there: for tunnels that are only guessed, since text has
// many letters that look like an IPv6 version.
func fittingIP(s part, version byte) bool {
	if !plausibleIP(s, version) {
		return false
	}
	if s.b[0]>>4 == 4 {
		return int(binary.BigEndian.Uint16(s.b[2:])) <= s.wire
	}
	return ipv6Header+int(binary.BigEndian.Uint16(s.b[4:])) <= s.wire
}

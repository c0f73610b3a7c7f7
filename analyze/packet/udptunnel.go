package packet

import "encoding/binary"

// The UDP ports that tunnels are looked for on: a hint, never proof.
const (
	portGTP       = 2152
	portTeredo    = 3544
	portVXLAN     = 4789
	portVXLANGPE  = 4790
	portGENEVE    = 6081
	portMPLS      = 6635
	portVXLANOld  = 8472 // Linux' default, from before the assignment
	vxlanHeader   = 8
	geneveHeader  = 8
	vxlanHasVNI   = 0x08
	vxlanHasProto = 0x04
)

// udpTunnel decodes a tunnel over UDP if the port names one and what is inside is plausible. False means that p is as it
// was.
func (d *Decoder) udpTunnel(p *Packet, s part) bool {
	switch p.DstPort {
	case portVXLAN, portVXLANOld:
		return d.vxlan(p, s)
	case portVXLANGPE:
		return d.vxlanGPE(p, s)
	case portGENEVE:
		return d.geneve(p, s)
	case portMPLS: // RFC 7510
		return d.mpls(p, s)
	}
	switch {
	case p.DstPort == portTeredo || p.SrcPort == portTeredo:
		return d.teredo(p, s)
	case p.DstPort == portGTP || p.SrcPort == portGTP:
		return d.gtp(p, s)
	}
	return false
}

// vxlan decodes a frame in VXLAN (RFC 7348 section 5).
//
//	|R|R|R|R|I|R|R|R|            Reserved                           |
//	|                VXLAN Network Identifier (VNI) |   Reserved    |
func (d *Decoder) vxlan(p *Packet, s part) bool {
	if len(s.b) < vxlanHeader || s.b[0]&vxlanHasVNI == 0 || !plausibleEthernet(s.skip(vxlanHeader)) {
		return false
	}
	mark := d.tunnel(p, "vxlan")
	d.number(" vni ", binary.BigEndian.Uint32(s.b[4:])>>8)
	return d.enter(p, insideEthernet, s.skip(vxlanHeader), mark)
}

// vxlanGPE decodes VXLAN with a next protocol (draft-ietf-nvo3-vxlan-gpe-13 3.1).
func (d *Decoder) vxlanGPE(p *Packet, s part) bool {
	const both = vxlanHasVNI | vxlanHasProto
	if len(s.b) < vxlanHeader || s.b[0]&both != both {
		return false
	}
	in, what := s.skip(vxlanHeader), insideIP
	switch s.b[3] {
	case 1, 2:
		if !fittingIP(in, 0) {
			return false
		}
	case 3:
		what = insideEthernet
		if !plausibleEthernet(in) {
			return false
		}
	default:
		return false
	}
	mark := d.tunnel(p, "vxlan-gpe")
	d.number(" vni ", binary.BigEndian.Uint32(s.b[4:])>>8)
	return d.enter(p, what, in, mark)
}

// geneve decodes GENEVE (RFC 8926 3.4). The length of its options is in words of four bytes.
//
//	|Ver|  Opt Len  |O|C|    Rsvd.  |          Protocol Type        |
//	|        Virtual Network Identifier (VNI)       |    Reserved   |
func (d *Decoder) geneve(p *Packet, s part) bool {
	if len(s.b) < geneveHeader || s.b[0]>>6 != 0 {
		return false
	}
	in, what := s.skip(geneveHeader+int(s.b[0]&0x3f)*4), insideIP
	switch binary.BigEndian.Uint16(s.b[2:]) {
	case etherIPv4, etherIPv6:
		if !fittingIP(in, 0) {
			return false
		}
	case etherTEB:
		what = insideEthernet
		if !plausibleEthernet(in) {
			return false
		}
	default:
		return false
	}
	mark := d.tunnel(p, "geneve")
	d.number(" vni ", binary.BigEndian.Uint32(s.b[4:])>>8)
	return d.enter(p, what, in, mark)
}

// teredo decodes IPv6 over UDP (RFC 4380 5.1.1): an authentication header and an origin indication may come first.
func (d *Decoder) teredo(p *Packet, s part) bool {
	in := s
	if len(in.b) >= 4 && in.b[0] == 0 && in.b[1] == 1 {
		in = in.skip(4 + int(in.b[2]) + int(in.b[3]) + 9) // client id, authentication value, nonce, confirmation
	}
	if len(in.b) >= 8 && in.b[0] == 0 && in.b[1] == 0 {
		in = in.skip(8)
	}
	if !fittingIP(in, 6) {
		return false
	}
	return d.enter(p, insideIP, in, d.tunnel(p, "teredo"))
}

// gtp decodes a user packet in GTP-U (3GPP TS 29.281 5.1). Extension headers end with the type of the next one; each turn
// of the loop shrinks s.
//
//	| Ver |PT|*|E|S|PN|     Type      |            Length             |
//	|                   Tunnel Endpoint Identifier                    |
//	|    Sequence Number (any of E, S, PN)  | N-PDU Number | Next Ext |
func (d *Decoder) gtp(p *Packet, s part) bool {
	const version1, optional, extended, userPacket = 0x30, 0x07, 0x04, 255
	if len(s.b) < 12 || s.b[0]&0xf0 != version1 || s.b[1] != userPacket {
		return false
	}
	flags, teid := s.b[0], binary.BigEndian.Uint32(s.b[4:])
	s = s.skip(8).limit(int(binary.BigEndian.Uint16(s.b[2:])))
	if flags&optional != 0 {
		if len(s.b) < 4 {
			return false
		}
		next := s.b[3]
		s = s.skip(4)
		for flags&extended != 0 && next != 0 {
			if len(s.b) < 4 || s.b[0] == 0 || int(s.b[0])*4 > len(s.b) {
				return false
			}
			size := int(s.b[0]) * 4
			next = s.b[size-1]
			s = s.skip(size)
		}
	}
	if !fittingIP(s, 0) {
		return false
	}
	mark := d.tunnel(p, "gtp")
	d.number(" teid ", teid)
	return d.enter(p, insideIP, s, mark)
}

package packet

import "encoding/binary"

// ipTunnel decodes what tunnels that are IP protocols of their own carry. False means that p is as it was.
func (d *Decoder) ipTunnel(p *Packet, s part) bool {
	switch p.Proto {
	case protoIPv4:
		if !plausibleIP(s, 4) {
			return false
		}
		name := "ipip"
		if p.IPVersion == 6 {
			name = "4in6"
		}
		return d.enter(p, insideIP, s, d.tunnel(p, name))
	case protoIPv6:
		if !plausibleIP(s, 6) {
			return false
		}
		name := "6in4"
		if p.IPVersion == 6 {
			name = "6in6"
		}
		return d.enter(p, insideIP, s, d.tunnel(p, name))
	case protoGRE:
		return d.gre(p, s)
	case protoEtherIP: // RFC 3378: version 3, twelve bits reserved
		if len(s.b) < 2 || s.b[0] != 0x30 {
			return false
		}
		return d.enter(p, insideEthernet, s.skip(2), d.tunnel(p, "etherip"))
	case protoMPLS:
		return d.mpls(p, s)
	}
	return false
}

// The flags of a GRE header (RFC 1701, RFC 2890, RFC 2637).
const (
	greChecksum = 0x8000
	greRouting  = 0x4000
	greKey      = 0x2000
	greSequence = 0x1000
	greAck      = 0x0080
	greVersion  = 0x0007
)

// gre decodes a GRE header with all its optional fields. False means that p is as it was.
//
//	|C|R|K|S|s|Recur|A| Flags | Ver |         Protocol Type         |
//	|      Checksum (optional)      |       Offset (optional)       |
//	|                         Key (optional)                        |
//	|                    Sequence Number (optional)                 |
func (d *Decoder) gre(p *Packet, s part) bool {
	if len(s.b) < 4 {
		return false
	}
	flags, typ := binary.BigEndian.Uint16(s.b), binary.BigEndian.Uint16(s.b[2:])
	s = s.skip(4)
	if flags&greVersion == 1 {
		return d.pptp(p, flags, typ, s)
	}
	if flags&greVersion != 0 {
		return false
	}
	if flags&(greChecksum|greRouting) != 0 {
		s = s.skip(4)
	}
	key := uint32(0)
	if flags&greKey != 0 {
		if len(s.b) < 4 {
			return false
		}
		key = binary.BigEndian.Uint32(s.b)
		s = s.skip(4)
	}
	if flags&greSequence != 0 {
		s = s.skip(4)
	}
	if flags&greRouting != 0 {
		s = skipRoutes(s)
	}
	return d.greInside(p, flags, typ, key, s)
}

// skipRoutes passes over source route entries (RFC 1701): family, offset, length, then that many bytes; the last has
// family and length 0. Each turn shrinks s.
func skipRoutes(s part) part {
	for len(s.b) >= 4 {
		last := s.b[0] == 0 && s.b[1] == 0 && s.b[3] == 0
		s = s.skip(4 + int(s.b[3]))
		if last {
			break
		}
	}
	return s
}

// Protocol types of GRE that are no plain EtherTypes.
const (
	greERSPAN  = 0x88be // types I and II
	greERSPAN3 = 0x22eb
	greWCCP    = 0x883e
)

// greInside decodes what GRE carries by its protocol type.
func (d *Decoder) greInside(p *Packet, flags, typ uint16, key uint32, s part) bool {
	what := insideIP
	switch typ {
	case etherIPv4, etherIPv6:
	case greWCCP: // a redirect header of four bytes in version 2, none in version 1
		if !plausibleIP(s, 4) {
			s = s.skip(4)
		}
	case etherTEB:
		what = insideEthernet
	case etherMPLS, etherMPLSUp:
		what = insideMPLS
	case etherPPP:
		what = insidePPP
	case greERSPAN, greERSPAN3:
		return d.erspan(p, flags, typ, s)
	default:
		return false
	}
	if what == insideIP && !plausibleIP(s, 0) {
		return false
	}
	mark := d.tunnel(p, "gre")
	if flags&greKey != 0 {
		d.number(" key ", key)
	}
	return d.enter(p, what, s, mark)
}

// pptp decodes enhanced GRE (RFC 2637 4.1); behind the first four bytes: payload length, call id, then sequence and
// acknowledgment number if the flags say so.
func (d *Decoder) pptp(p *Packet, flags, typ uint16, s part) bool {
	if typ != etherPPP || flags&greKey == 0 || len(s.b) < 4 {
		return false
	}
	length, call := int(binary.BigEndian.Uint16(s.b)), binary.BigEndian.Uint16(s.b[2:])
	s = s.skip(4)
	if flags&greSequence != 0 {
		s = s.skip(4)
	}
	if flags&greAck != 0 {
		s = s.skip(4)
	}
	mark := d.tunnel(p, "pptp")
	d.number(" call ", uint32(call))
	return d.enter(p, insidePPP, s.limit(length), mark)
}

// erspan decodes a mirrored frame (draft-foschiano-erspan-03): type I has no header and no GRE sequence number, type II
// eight bytes, type III twelve and, if its O bit is set, eight more. Both have the session id in the low ten bits of their
// second 16 bits.
func (d *Decoder) erspan(p *Packet, flags, typ uint16, s part) bool {
	mark := d.tunnel(p, "erspan")
	if typ == greERSPAN && flags&greSequence == 0 {
		return d.enter(p, insideEthernet, s, mark)
	}
	version, size := byte(1), 8
	if typ == greERSPAN3 {
		version, size = 2, 12
	}
	if len(s.b) < size || s.b[0]>>4 != version {
		d.text = d.text[:mark]
		return false
	}
	if typ == greERSPAN3 && s.b[11]&1 != 0 {
		size += 8
	}
	d.number(" session ", uint32(binary.BigEndian.Uint16(s.b[2:])&0x03ff))
	return d.enter(p, insideEthernet, s.skip(size), mark)
}

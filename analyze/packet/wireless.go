package packet

import (
	"encoding/binary"

	"wardtrace/dissect"
)

// wireless passes over what capture tools put in front of an IEEE 802.11 frame, and decodes that.
func (d *Decoder) wireless(p *Packet, l LinkType, s part) {
	if l == Link80211 {
		d.ieee80211(p, s)
		return
	}
	// radiotap: version 0, pad, length; PPI: version 0, flags, length, then the link type inside. Little-endian both.
	if len(s.b) < 8 || s.b[0] != 0 {
		p.Flags |= BadHeader
		other(p, s)
		return
	}
	size := int(binary.LittleEndian.Uint16(s.b[2:]))
	inner := uint32(Link80211)
	if l == LinkPPI {
		inner = binary.LittleEndian.Uint32(s.b[4:])
	}
	switch {
	case size < 8 || size > s.wire:
		p.Flags |= BadHeader
		other(p, s)
	case l == LinkPPI && inner == ppiUser && size >= 12 && len(s.b) >= 12 && binary.LittleEndian.Uint16(s.b[8:]) == ppiBLE:
		p.ble(s.skip(size))
	case inner == uint32(LinkPPI) || inner > 0xffff: // PPI in PPI is nothing but a way to recurse
		p.Flags |= UnknownLink
		p.Payload, p.PayloadLen = s.b, s.wire
	default:
		d.link(p, LinkType(inner), s.skip(size))
	}
}

// The parts of an 802.11 frame control field (IEEE 802.11-2020 9.2.4.1): first byte, then second.
const (
	frameTypeMask = 0x0c
	frameData     = 0x08
	frameControl  = 0x04
	subtypeNull   = 0x40
	subtypeQoS    = 0x80

	toDS      = 0x01
	fromDS    = 0x02
	moreFrag  = 0x04
	protected = 0x40
	htControl = 0x80
)

// ieee80211 decodes a MAC frame. Data frames that are neither encrypted nor fragmented carry LLC; of others only the
// addresses are told.
func (d *Decoder) ieee80211(p *Packet, s part) {
	if len(s.b) >= 10 {
		p.DstMAC = dissect.MAC(s.b[4:10])
	}
	if len(s.b) >= 16 {
		p.SrcMAC = dissect.MAC(s.b[10:16])
	}
	if len(s.b) < 24 {
		if len(s.b) < 2 || s.b[0]&frameTypeMask != frameControl {
			p.Flags |= Truncated
		}
		other(p, s)
		return
	}
	fc, flags := s.b[0], s.b[1]
	if fc&frameTypeMask != frameData {
		other(p, s.skip(24))
		return
	}
	size := p.addresses80211(s.b)
	aggregated := false
	if fc&subtypeQoS != 0 {
		aggregated = len(s.b) > size && s.b[size]&0x80 != 0
		size += 2
		if flags&htControl != 0 {
			size += 4
		}
	}
	fragmented := flags&moreFrag != 0 || s.b[22]&0x0f != 0
	s = s.skip(size)
	if fc&subtypeNull != 0 || flags&protected != 0 || fragmented || aggregated {
		other(p, s)
		return
	}
	d.llc(p, s)
}

// addresses80211 reads source and destination of a data frame, 24 bytes of which are there; where they stand depends on
// the way the frame takes (IEEE 802.11-2020 table 9-30). It returns the size of the header with its addresses.
func (p *Packet) addresses80211(b []byte) int {
	switch b[1] & (toDS | fromDS) {
	case toDS:
		p.DstMAC = dissect.MAC(b[16:22])
	case fromDS:
		p.SrcMAC = dissect.MAC(b[16:22])
	case toDS | fromDS:
		p.DstMAC = dissect.MAC(b[16:22])
		if len(b) >= 30 {
			p.SrcMAC = dissect.MAC(b[24:30])
		}
		return 30
	}
	return 24
}

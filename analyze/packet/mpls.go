package packet

import "encoding/binary"

// mpls decodes a label stack (RFC 3032 2.1) and what is behind it. False means that p is as it was.
//
//	|                Label                  | TC  |S|       TTL     |
func (d *Decoder) mpls(p *Packet, s part) bool {
	mark := d.tunnel(p, "mpls")
	for n := 0; ; n++ {
		if len(s.b) < 4 {
			d.text = d.text[:mark]
			return false
		}
		v := binary.BigEndian.Uint32(s.b)
		switch {
		case n == 0:
			d.number(" ", v>>12)
		case n < maxTunnelLabels:
			d.number("/", v>>12)
		}
		s = s.skip(4)
		if v&0x100 != 0 { // bottom of stack
			return d.enter(p, insideLabels, s, mark)
		}
	}
}

// labelled decodes what a label stack carries. No field says what it is: IP by its first bits, else a pseudowire of
// Ethernet with control word (RFC 4448 4.6) or without, if that is plausible.
func (d *Decoder) labelled(p *Packet, s part) bool {
	switch {
	case fittingIP(s, 0):
		return d.ip(p, s)
	case len(s.b) > 4 && s.b[0]>>4 == 0 && plausibleEthernet(s.skip(4)):
		s = s.skip(4)
	case !plausibleEthernet(s):
		return false
	}
	p.VLANs = [2]uint16{}
	return d.ethernet(p, s)
}

package packet

import (
	"encoding/binary"
	"net/netip"

	"wardtrace/dissect"
)

// Protocol numbers of the IANA registry that are looked into.
const (
	protoHopByHop = 0
	protoICMP     = 1
	protoIPv4     = 4
	protoTCP      = 6
	protoUDP      = 17
	protoIPv6     = 41
	protoRouting  = 43
	protoFragment = 44
	protoGRE      = 47
	protoESP      = 50
	protoAH       = 51
	protoICMPv6   = 58
	protoNoNext   = 59
	protoDestOpts = 60
	protoEtherIP  = 97
	protoSCTP     = 132
	protoMobility = 135
	protoMPLS     = 137
	protoHIP      = 139
	protoShim6    = 140
)

const ipv6Header = 40

// ip decodes IP of the version that its first bits say.
func (d *Decoder) ip(p *Packet, s part) bool {
	if len(s.b) == 0 {
		return false
	}
	if s.b[0]>>4 == 6 {
		return d.ipv6(p, s)
	}
	return d.ipv4(p, s)
}

// ipv4 decodes a packet (RFC 791 3.1). False means there is no such header; p is untouched then.
//
//	|Version|  IHL  |Type of Service|          Total Length         |
//	|         Identification        |Flags|      Fragment Offset    |
//	|  Time to Live |    Protocol   |         Header Checksum       |
//	|                       Source Address                          |
//	|                    Destination Address                        |
func (d *Decoder) ipv4(p *Packet, s part) bool {
	if len(s.b) < 20 || s.b[0]>>4 != 4 {
		return false
	}
	h := s.b[:20:20]
	ihl := int(h[0]&15) * 4
	if ihl < 20 {
		return false
	}
	p.IPVersion = 4
	p.IPLen = int(binary.BigEndian.Uint16(h[2:]))
	p.IPID = uint32(binary.BigEndian.Uint16(h[4:]))
	frag := binary.BigEndian.Uint16(h[6:])
	p.MoreFrags, p.FragOff = frag&0x2000 != 0, int(frag&0x1fff)*8
	p.TTL, p.Proto = h[8], h[9]
	p.Src, p.Dst = netip.AddrFrom4([4]byte(h[12:16])), netip.AddrFrom4([4]byte(h[16:20]))
	p.IPOptions = ihl > 20
	switch {
	case p.IPLen == 0: // left to the network card with segmentation offload
		p.Flags |= Oversized
		p.IPLen = s.wire
	case p.IPLen < ihl:
		p.Flags |= BadHeader
	case p.IPLen > s.wire: // no receiver takes it; believed, it would be a gap to hide true bytes in
		p.Flags |= Oversized
	}
	s = s.limit(p.IPLen)
	if len(s.b) < ihl {
		p.Flags |= Truncated
	} else if sum := binary.BigEndian.Uint16(h[10:]); sum != 0 && checksum(0, s.b[:ihl]) != 0 {
		p.Flags |= BadIPSum
	}
	if p.IPOptions && sourceRoute(s.b[min(20, len(s.b)):min(ihl, len(s.b))]) {
		p.Flags |= SourceRouted
	}
	s = s.skip(ihl)
	if p.MoreFrags || p.FragOff > 0 {
		d.fragment(p, p.Proto, s)
		return true
	}
	d.ipPayload(p, p.Proto, s)
	return true
}

// sourceRoute looks for a loose or strict source route among IPv4 options (RFC 791 3.1); each turn shrinks b.
func sourceRoute(b []byte) bool {
	const end, nop, loose, strict = 0, 1, 131, 137
	for len(b) > 0 && b[0] != end {
		if b[0] == loose || b[0] == strict {
			return true
		}
		n := 1
		if b[0] != nop {
			if len(b) < 2 || b[1] < 2 {
				return false
			}
			n = int(b[1])
		}
		b = b[min(n, len(b)):]
	}
	return false
}

// ipv6 decodes a packet (RFC 8200 section 3). False means there is no such header; p is untouched then.
//
//	|Version| Traffic Class |           Flow Label                  |
//	|         Payload Length        |  Next Header  |   Hop Limit   |
//	|                        Source Address (16)                    |
//	|                      Destination Address (16)                 |
func (d *Decoder) ipv6(p *Packet, s part) bool {
	if len(s.b) < ipv6Header || s.b[0]>>4 != 6 {
		return false
	}
	h := s.b[:ipv6Header:ipv6Header]
	p.IPVersion = 6
	length := int(binary.BigEndian.Uint16(h[4:]))
	next := h[6]
	p.TTL = h[7]
	p.Src, p.Dst = netip.AddrFrom16([16]byte(h[8:24])), netip.AddrFrom16([16]byte(h[24:40]))
	p.IPLen = ipv6Header + length
	switch {
	case length == 0 && s.wire > ipv6Header && next != protoNoNext: // offload, or a jumbogram (RFC 2675)
		p.Flags |= Oversized
		p.IPLen = s.wire
	case p.IPLen > s.wire: // as in IPv4
		p.Flags |= Oversized
	}
	d.ipPayload(p, next, s.limit(p.IPLen).skip(ipv6Header))
	return true
}

// ipPayload walks the extension headers of IPv6 (RFC 8200 section 4) and the authentication header of both versions
// (RFC 4302), then decodes the transport. Each turn shrinks s.
func (d *Decoder) ipPayload(p *Packet, proto uint8, s part) {
	for {
		size := extension(p.IPVersion, proto, s)
		if size == 0 {
			break
		}
		if len(s.b) < 8 {
			p.Flags |= Truncated
			break
		}
		if size > s.wire {
			p.Flags |= BadHeader
			break
		}
		switch proto {
		case protoFragment:
			if d.fragmentHeader(p, s) {
				return
			}
		case protoHopByHop:
			p.IPOptions = true
		case protoRouting:
			p.IPOptions = true
			if s.b[3] > 0 { // segments left
				p.Flags |= SourceRouted
			}
		}
		if len(s.b) < size {
			p.Flags |= Truncated
		}
		proto, s = s.b[0], s.skip(size)
	}
	p.Proto = proto
	p.IPPayload, p.IPPayloadLen = s.b, s.wire
	d.transport(p, s)
}

// extension gives the size of the extension header that proto says s begins with: 0 if proto is none, at least 8 else,
// all of which may not have been captured. Mobility, HIP and Shim6 are the message itself where nothing follows them.
func extension(version, proto uint8, s part) int {
	if proto == protoAH {
		if len(s.b) < 8 {
			return 8
		}
		return (int(s.b[1]) + 2) * 4
	}
	if version != 6 {
		return 0
	}
	switch proto {
	case protoFragment:
		return 8
	case protoHopByHop, protoRouting, protoDestOpts:
	case protoMobility, protoHIP, protoShim6:
		if len(s.b) > 0 && s.b[0] == protoNoNext {
			return 0
		}
	default:
		return 0
	}
	if len(s.b) < 8 {
		return 8
	}
	return 8 + int(s.b[1])*8
}

// fragmentHeader decodes the IPv6 fragment header (RFC 8200 4.5), eight bytes that are there. False means that it
// leaves the packet whole: an atomic fragment (RFC 6946).
func (d *Decoder) fragmentHeader(p *Packet, s part) bool {
	v := binary.BigEndian.Uint16(s.b[2:])
	off, more := int(v&^7), v&1 != 0
	p.IPID = binary.BigEndian.Uint32(s.b[4:])
	if off == 0 && !more {
		return false
	}
	p.FragOff, p.MoreFrags = off, more
	d.fragment(p, s.b[0], s.skip(8))
	return true
}

// fragment ends decoding at a fragment. The one at offset 0 names the flow.
func (d *Decoder) fragment(p *Packet, proto uint8, s part) {
	p.Fragment, p.FragProto, p.Proto = true, proto, proto
	p.IPPayload, p.IPPayloadLen = s.b, s.wire
	if p.FragOff > 0 {
		p.Transport = transportOf(p.IPVersion, proto)
		return
	}
	if p.IPVersion == 6 {
		proto, s = skipExtensions(proto, s)
	}
	p.Proto = proto
	p.Transport = transportOf(p.IPVersion, proto)
	switch p.Transport {
	case dissect.TCP, dissect.UDP, dissect.SCTP:
		p.ports(s)
	case dissect.ICMP, dissect.ICMPv6:
		p.icmpHeader(s)
	}
}

// skipExtensions finds the protocol behind IPv6 extension headers, as far as they were captured. Each turn shrinks s.
func skipExtensions(proto uint8, s part) (uint8, part) {
	for len(s.b) >= 8 {
		size := extension(6, proto, s)
		if size == 0 || (proto == protoFragment && binary.BigEndian.Uint16(s.b[2:])&^7 != 0) {
			break // of a later fragment there is no more to know
		}
		proto, s = s.b[0], s.skip(size)
	}
	return proto, s
}

// transportOf says what a protocol number means. ICMP of the other version is nothing that hosts take.
func transportOf(version, proto uint8) dissect.Transport {
	switch {
	case proto == protoTCP:
		return dissect.TCP
	case proto == protoUDP:
		return dissect.UDP
	case proto == protoSCTP:
		return dissect.SCTP
	case proto == protoICMP && version == 4:
		return dissect.ICMP
	case proto == protoICMPv6 && version == 6:
		return dissect.ICMPv6
	}
	return dissect.OtherIP
}

package packet

import (
	"encoding/binary"
	"net/netip"

	"wardtrace/dissect"
)

const icmpHeaderLen = 8

// icmp decodes a message of either version (RFC 792, RFC 4443).
func (p *Packet) icmp(s part) {
	p.Payload, p.PayloadLen = s.b, s.wire
	if !p.icmpHeader(s) {
		return
	}
	if sum := binary.BigEndian.Uint16(s.b[2:]); p.Transport == dissect.ICMP {
		if sum != 0 && s.whole() && checksum(0, s.b) != 0 {
			p.Flags |= BadSum
		}
	} else {
		p.judge(sum, protoICMPv6, s)
	}
	if len(s.b) > icmpHeaderLen && quotes(p.Transport, p.ICMPType) {
		p.quote(s.skip(icmpHeaderLen))
	}
}

// icmpHeader reads type, code and, in messages that are asked and answered, the identifier.
func (p *Packet) icmpHeader(s part) bool {
	if len(s.b) < 4 {
		p.Flags |= Truncated
		return false
	}
	p.ICMPType, p.ICMPCode = s.b[0], s.b[1]
	if len(s.b) < icmpHeaderLen {
		p.Flags |= Truncated
		return true
	}
	if identified(p.Transport, p.ICMPType) {
		p.ICMPID = binary.BigEndian.Uint16(s.b[4:])
	}
	return true
}

// identified tells whether a type carries an identifier: echo, timestamp, information, mask (RFC 792, RFC 950), extended
// echo (RFC 8335).
func identified(t dissect.Transport, typ uint8) bool {
	if t == dissect.ICMPv6 {
		return typ == 128 || typ == 129 || typ == 160 || typ == 161
	}
	return typ == 0 || typ == 8 || (typ >= 13 && typ <= 18) || typ == 42 || typ == 43
}

// quotes tells whether a type quotes the packet it is about: errors, source quench, redirect. A redirect of ICMPv6 has
// addresses first (RFC 4861 4.5) and is not looked into.
func quotes(t dissect.Transport, typ uint8) bool {
	if t == dissect.ICMPv6 {
		return typ >= 1 && typ <= 4
	}
	return typ == 3 || typ == 4 || typ == 5 || typ == 11 || typ == 12
}

// quote reads the packet that an error quotes, as much as there is of it.
func (p *Packet) quote(s part) {
	q := &p.Quoted
	switch {
	case len(s.b) >= 20 && s.b[0]>>4 == 4:
		ihl := int(s.b[0]&15) * 4
		if ihl < 20 {
			return
		}
		q.Src, q.Dst = netip.AddrFrom4([4]byte(s.b[12:16])), netip.AddrFrom4([4]byte(s.b[16:20]))
		q.Proto, q.OK = s.b[9], true
		if binary.BigEndian.Uint16(s.b[6:])&0x1fff != 0 {
			return // a later fragment has no ports
		}
		s = s.skip(ihl)
	case len(s.b) >= ipv6Header && s.b[0]>>4 == 6:
		q.Src, q.Dst = netip.AddrFrom16([16]byte(s.b[8:24])), netip.AddrFrom16([16]byte(s.b[24:40]))
		q.Proto, s = skipExtensions(s.b[6], s.skip(ipv6Header))
		q.OK = true
	default:
		return
	}
	switch q.Proto {
	case protoTCP, protoUDP, protoSCTP:
		if len(s.b) >= 4 {
			q.SrcPort, q.DstPort = binary.BigEndian.Uint16(s.b), binary.BigEndian.Uint16(s.b[2:])
		}
	}
}

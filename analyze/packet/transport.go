package packet

import (
	"encoding/binary"

	"wardtrace/dissect"
)

// transport decodes what IP carries: p.Proto, not a fragment.
func (d *Decoder) transport(p *Packet, s part) {
	p.Transport = transportOf(p.IPVersion, p.Proto)
	switch p.Transport {
	case dissect.TCP:
		p.tcp(s)
	case dissect.UDP:
		d.udp(p, s)
	case dissect.ICMP, dissect.ICMPv6:
		p.icmp(s)
	case dissect.SCTP:
		p.sctp(s)
	default:
		if !d.ipTunnel(p, s) {
			p.Payload, p.PayloadLen = s.b, s.wire
		}
	}
}

// ports reads the two ports with which TCP, UDP and SCTP begin.
func (p *Packet) ports(s part) bool {
	if len(s.b) < 4 {
		p.Flags |= Truncated
		return false
	}
	p.SrcPort, p.DstPort = binary.BigEndian.Uint16(s.b), binary.BigEndian.Uint16(s.b[2:])
	return true
}

// tcp decodes a segment (RFC 9293 3.1).
//
//	|          Source Port          |       Destination Port        |
//	|                        Sequence Number                        |
//	|                    Acknowledgment Number                      |
//	| Offset| Rsrvd |     Flags     |            Window             |
//	|           Checksum            |         Urgent Pointer        |
func (p *Packet) tcp(s part) {
	if !p.ports(s) {
		return
	}
	if len(s.b) < 20 {
		p.Flags |= Truncated
		return
	}
	h := s.b[:20:20]
	p.TCP.Seq, p.TCP.Ack = binary.BigEndian.Uint32(h[4:]), binary.BigEndian.Uint32(h[8:])
	p.TCP.Flags = h[13]
	p.TCP.Window, p.TCP.Urgent = binary.BigEndian.Uint16(h[14:]), binary.BigEndian.Uint16(h[18:])
	off := int(h[12]>>4) * 4
	if off < 20 || off > s.wire {
		p.Flags |= BadHeader
		return
	}
	if len(s.b) < off {
		p.Flags |= Truncated
	}
	p.options(s.b[20:min(off, len(s.b))], len(s.b) < off)
	p.judge(binary.BigEndian.Uint16(h[16:]), protoTCP, s)
	s = s.skip(off)
	p.Payload, p.PayloadLen = s.b, s.wire
}

// TCP options (RFC 9293 3.2, RFC 7323 2.2).
const (
	optEnd    = 0
	optNop    = 1
	optMSS    = 2
	optWScale = 3

	maxWScale = 14 // RFC 7323 2.3: more is read as 14
)

// options walks TCP options; each turn shrinks b. cut says that the snap length cut them.
func (p *Packet) options(b []byte, cut bool) {
	for len(b) > 0 {
		kind := b[0]
		if kind == optEnd {
			return
		}
		if kind == optNop {
			b = b[1:]
			continue
		}
		if len(b) < 2 || int(b[1]) > len(b) {
			p.TCP.BadOpts = !cut
			return
		}
		n := int(b[1])
		if n < 2 {
			p.TCP.BadOpts = true
			return
		}
		switch {
		case kind == optMSS && n == 4:
			p.TCP.MSS = binary.BigEndian.Uint16(b[2:])
		case kind == optWScale && n == 3:
			p.TCP.WScale = min(b[2], maxWScale) + 1
		case kind == optMSS || kind == optWScale:
			p.TCP.BadOpts = true
		}
		b = b[n:]
	}
}

const udpHeader = 8

// udp decodes a datagram (RFC 768) and what is tunnelled in it. A length that IP contradicts is flagged, and the
// smaller one holds: that is what a receiver gets.
func (d *Decoder) udp(p *Packet, s part) {
	if !p.ports(s) {
		return
	}
	if len(s.b) < udpHeader {
		p.Flags |= Truncated
		return
	}
	length, sum := int(binary.BigEndian.Uint16(s.b[4:])), binary.BigEndian.Uint16(s.b[6:])
	switch {
	case length == 0 && p.Flags&Oversized != 0: // offload, or a jumbogram (RFC 2675)
	case length < udpHeader || length > s.wire:
		p.Flags |= BadHeader
	case length < s.wire:
		if p.Flags&Oversized == 0 {
			p.Flags |= BadHeader // bytes behind the datagram, inside IP: a place to hide
		}
		s = s.limit(length)
	}
	if sum != 0 {
		p.judge(sum, protoUDP, s)
	}
	s = s.skip(udpHeader)
	if d.udpTunnel(p, s) {
		return
	}
	p.Payload, p.PayloadLen = s.b, s.wire
}

// sctp decodes the common header (RFC 9260 3.1); chunks follow.
func (p *Packet) sctp(s part) {
	if !p.ports(s) {
		return
	}
	if len(s.b) < 12 {
		p.Flags |= Truncated
		return
	}
	s = s.skip(12)
	p.Payload, p.PayloadLen = s.b, s.wire
}

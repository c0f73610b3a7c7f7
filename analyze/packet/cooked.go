package packet

import (
	"encoding/binary"

	"wardtrace/dissect"
)

// link decodes a frame by the link type that the capture names.
func (d *Decoder) link(p *Packet, l LinkType, s part) {
	switch l {
	case LinkEthernet:
		if !d.ethernet(p, s) {
			p.Flags |= Truncated
			other(p, s)
		}
	case LinkSLL:
		d.sll(p, s)
	case LinkSLL2:
		d.sll2(p, s)
	case LinkNull, LinkLoop:
		d.null(p, s)
	case linkRaw12, linkRaw14, LinkRaw, LinkIPv4, LinkIPv6:
		d.raw(p, s)
	case LinkPPP, LinkPPPHDLC:
		d.pppLink(p, s)
	case LinkPPPPPPD, LinkPPPWithDir: // one byte of direction
		d.pppLink(p, s.skip(1))
	case LinkPPPEther:
		p.EtherType = etherPPPoE
		d.etherType(p, etherPPPoE, s)
	case LinkCHDLC:
		d.chdlc(p, s)
	case LinkATMRFC1483:
		d.llc(p, s)
	case Link80211, LinkRadiotap, LinkPPI:
		d.wireless(p, l, s)
	case LinkEnc:
		d.enc(p, s)
	case LinkPFLog:
		d.pflog(p, s)
	case LinkNFLog:
		d.nflog(p, s)
	case LinkHCIH4, LinkHCIH4Dir, LinkBLE, LinkBLEPseudo, LinkNordicBLE:
		d.bluetooth(p, l, s)
	default:
		p.Flags |= UnknownLink
		p.Payload, p.PayloadLen = s.b, s.wire
	}
}

// raw decodes a frame that is an IP packet.
func (d *Decoder) raw(p *Packet, s part) {
	if !d.ip(p, s) {
		p.badIP(s)
		other(p, s)
	}
}

// sll decodes a Linux cooked capture, version 1 (LINKTYPE_LINUX_SLL): packet type, ARPHRD type, address length, address
// (8), protocol, all big-endian.
func (d *Decoder) sll(p *Packet, s part) {
	if len(s.b) < 16 {
		p.Flags |= Truncated
		other(p, s)
		return
	}
	if binary.BigEndian.Uint16(s.b[4:]) == 6 {
		p.SrcMAC = dissect.MAC(s.b[6:12])
	}
	d.cooked(p, binary.BigEndian.Uint16(s.b[2:]), binary.BigEndian.Uint16(s.b[14:]), s.skip(16))
}

// sll2 decodes version 2 (LINKTYPE_LINUX_SLL2): protocol, reserved, interface index (4), ARPHRD type, packet type (1),
// address length (1), address (8).
func (d *Decoder) sll2(p *Packet, s part) {
	if len(s.b) < 20 {
		p.Flags |= Truncated
		other(p, s)
		return
	}
	if s.b[11] == 6 {
		p.SrcMAC = dissect.MAC(s.b[12:18])
	}
	d.cooked(p, binary.BigEndian.Uint16(s.b[8:]), binary.BigEndian.Uint16(s.b[0:]), s.skip(20))
}

// cooked goes on behind a cooked header. Of Linux' own numbers, which are below any EtherType, two say something of the
// frame: 802.3 without LLC (Novell) and LLC.
func (d *Decoder) cooked(p *Packet, arphrd, proto uint16, s part) {
	const arphrdNetlink, linux8022 = 824, 4
	p.EtherType = proto
	switch {
	case arphrd == arphrdNetlink: // proto is a netlink family
		other(p, s)
	case proto == linux8022:
		d.llc(p, s)
	case proto >= minEtherType:
		d.typeOrLength(p, proto, s)
	default:
		other(p, s)
	}
}

// null decodes BSD's loopback: an address family in the byte order of the host that captured (NULL) or in network order
// (LOOP). Some writers put an EtherType there.
func (d *Decoder) null(p *Packet, s part) {
	if len(s.b) < 4 {
		p.Flags |= Truncated
		other(p, s)
		return
	}
	d.family(p, family(s.b), s.skip(4))
}

// family reads an address family of unknown byte order: families are small numbers. Four bytes are there.
func family(b []byte) uint32 {
	if v := binary.BigEndian.Uint32(b); v <= 0xffff {
		return v
	}
	return binary.LittleEndian.Uint32(b)
}

// family goes on behind an address family: 2 is IPv4 everywhere; IPv6 is 10 on Linux, 23 on Windows, 24 on NetBSD and
// OpenBSD, 26 on Solaris, 28 on FreeBSD, 30 on macOS.
func (d *Decoder) family(p *Packet, af uint32, s part) {
	switch af {
	case 2, 10, 23, 24, 26, 28, 30:
		d.raw(p, s)
	default:
		if af >= minEtherType && af <= 0xffff {
			p.EtherType = uint16(af)
			d.typeOrLength(p, p.EtherType, s)
			return
		}
		other(p, s)
	}
}

// enc decodes OpenBSD's decapsulated IPsec: address family in host order, SPI, flags.
func (d *Decoder) enc(p *Packet, s part) {
	if len(s.b) < 12 {
		p.Flags |= Truncated
		other(p, s)
		return
	}
	d.family(p, family(s.b), s.skip(12))
}

// pflog decodes the packet filter's log: the length of its header, which is padded to four bytes, and the family.
func (d *Decoder) pflog(p *Packet, s part) {
	if len(s.b) < 4 || int(s.b[0]) > s.wire {
		p.Flags |= Truncated
		other(p, s)
		return
	}
	size := (int(s.b[0]) + 3) &^ 3
	d.family(p, uint32(s.b[1]), s.skip(max(size, 4)))
}

// nflog decodes Linux' netfilter log: family, version, resource id, then attributes of length and type in host order,
// aligned to four bytes. Each turn shrinks rest.
func (d *Decoder) nflog(p *Packet, s part) {
	const payload = 9 // NFULA_PAYLOAD
	for rest := s.skip(4); len(rest.b) >= 4; {
		n, typ := int(binary.LittleEndian.Uint16(rest.b)), binary.LittleEndian.Uint16(rest.b[2:])
		if typ > 0xff { // the other byte order: types are small
			n, typ = int(binary.BigEndian.Uint16(rest.b)), binary.BigEndian.Uint16(rest.b[2:])
		}
		if n < 4 || n > rest.wire {
			p.Flags |= BadHeader
			break
		}
		if typ == payload {
			d.family(p, uint32(s.b[0]), rest.limit(n).skip(4))
			return
		}
		rest = rest.skip((n + 3) &^ 3)
	}
	other(p, s)
}

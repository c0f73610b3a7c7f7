package flow

import (
	"bytes"
	"encoding/binary"
	"net/netip"

	"wardtrace/analyze/packet"
	"wardtrace/dissect"
)

// key names a conversation whichever way a packet of it goes. It holds no pointers, so the map is not scanned.
type key struct {
	a, b         [16]byte
	aPort, bPort uint16
	id           uint16 // ICMP identifier, EtherType
	link         packet.LinkType
	kind         uint8 // transport and IP version: an IPv4 address is not its IPv6-mapped twin
	proto        uint8
}

const looseKind = 0x80 // loose fragments keep apart from what has ports

// loose tells whether p is a fragment of which it is not known to which conversation it belongs: the one with the ports has
// not been seen. Named fragments carry the ports of their datagram.
func loose(p *packet.Packet) bool {
	return p.Fragment && p.FragOff > 0 && p.Transport != dissect.OtherIP &&
		p.SrcPort == 0 && p.DstPort == 0 && p.ICMPType == 0 && p.ICMPCode == 0 && p.ICMPID == 0
}

// keyOf gives p's key, and whether p goes from the key's first end to its second.
func keyOf(p *packet.Packet) (k key, fromA bool) {
	k.kind = uint8(p.Transport)<<4 | p.IPVersion&0x0f
	if p.Radio.Access != 0 && p.SrcMAC == (dissect.MAC{}) || p.Transport == dissect.HCI {
		return radioKey(k, p)
	}
	if p.Transport == dissect.Ethernet || !p.Src.IsValid() {
		copy(k.a[:], p.SrcMAC[:])
		copy(k.b[:], p.DstMAC[:])
		k.id, k.link = p.EtherType, p.Link
		return k.ordered()
	}
	k.a, k.b, k.proto = p.Src.As16(), p.Dst.As16(), p.Proto
	switch {
	case loose(p):
		k.kind |= looseKind
	case p.Transport == dissect.TCP, p.Transport == dissect.UDP, p.Transport == dissect.SCTP:
		k.aPort, k.bPort = p.SrcPort, p.DstPort
	case p.Transport == dissect.ICMP, p.Transport == dissect.ICMPv6:
		other, oneWay := counterpart(p)
		k.aPort, k.bPort = uint16(p.ICMPType), other
		if oneWay {
			return k, true
		}
		if identified(p) {
			k.id = p.ICMPID
		}
	}
	return k.ordered()
}

// radioKey names a Bluetooth connection by its access address, and what one host says to its controller by the file:
// connection handles mean nothing in another. The client is the key's first end.
func radioKey(k key, p *packet.Packet) (key, bool) {
	access := p.Radio.Access
	if p.Transport == dissect.HCI {
		access = p.File
	}
	binary.LittleEndian.PutUint32(k.a[:], access)
	k.b[15] = 1 // the other end, whatever its address
	k.link = p.Link
	return k, p.Radio.From != packet.SenderServer
}

// ordered puts the smaller end first.
func (k key) ordered() (key, bool) {
	c := bytes.Compare(k.a[:], k.b[:])
	if c < 0 || c == 0 && k.aPort <= k.bPort {
		return k, true
	}
	k.a, k.b, k.aPort, k.bPort = k.b, k.a, k.bPort, k.aPort
	return k, false
}

// ICMP message types that come in pairs (RFC 792, 950, 1256).
const (
	echoReply      = 0
	echo           = 8
	routerAdvert   = 9
	routerSolicit  = 10
	timestamp      = 13
	timestampReply = 14
	infoRequest    = 15
	infoReply      = 16
	maskRequest    = 17
	maskReply      = 18
)

// ICMPv6 message types that come in pairs (RFC 4443, 2710, 4861, 4620, 6275).
const (
	echo6          = 128
	echoReply6     = 129
	mldQuery       = 130
	mldReport      = 131
	routerSolicit6 = 133
	routerAdvert6  = 134
	neighSolicit   = 135
	neighAdvert    = 136
	nodeQuery      = 139
	nodeReply      = 140
	homeRequest    = 144
	homeReply      = 145
)

// icmpPairs and icmp6Pairs list request and reply.
var (
	icmpPairs = [...][2]uint8{{echo, echoReply}, {timestamp, timestampReply}, {infoRequest, infoReply},
		{routerSolicit, routerAdvert}, {maskRequest, maskReply}}
	icmp6Pairs = [...][2]uint8{{echo6, echoReply6}, {mldQuery, mldReport}, {routerSolicit6, routerAdvert6},
		{neighSolicit, neighAdvert}, {nodeQuery, nodeReply}, {homeRequest, homeReply}}
)

func pairs(t dissect.Transport) [][2]uint8 {
	if t == dissect.ICMP {
		return icmpPairs[:]
	}
	return icmp6Pairs[:]
}

// counterpart gives the type that answers p's, or for a one-way message p's code.
func counterpart(p *packet.Packet) (other uint16, oneWay bool) {
	for _, q := range pairs(p.Transport) {
		switch p.ICMPType {
		case q[0]:
			return uint16(q[1]), false
		case q[1]:
			return uint16(q[0]), false
		}
	}
	return uint16(p.ICMPCode), true
}

// reply tells whether p answers a query.
func reply(p *packet.Packet) bool {
	for _, q := range pairs(p.Transport) {
		if p.ICMPType == q[1] {
			return true
		}
	}
	return false
}

// identified tells whether p's message type carries an identifier that pairs request and reply.
func identified(p *packet.Packet) bool {
	if p.Transport == dissect.ICMPv6 {
		return p.ICMPType == echo6 || p.ICMPType == echoReply6
	}
	switch p.ICMPType {
	case echo, echoReply, timestamp, timestampReply, infoRequest, infoReply, maskRequest, maskReply:
		return true
	}
	return false
}

// private are the site's addresses where none were named: RFC 1918, RFC 6598, RFC 4193.
var private = []netip.Prefix{
	netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.168.0.0/16"),
	netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("fc00::/7"),
}

// local tells whether an address is the site's. What cannot be routed away is local in any site: loopback, link-local,
// unspecified, broadcast and groups; so is what has no IP address.
func (o *Options) local(a netip.Addr) bool {
	a = a.Unmap()
	if !a.IsValid() || a.IsLoopback() || a.IsLinkLocalUnicast() || a.IsMulticast() || a.IsUnspecified() || broadcast(a) {
		return true
	}
	for _, p := range o.Local {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

func broadcast(a netip.Addr) bool { return a == netip.AddrFrom4([4]byte{255, 255, 255, 255}) }

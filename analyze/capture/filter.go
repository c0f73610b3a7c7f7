package capture

import (
	"fmt"

	"wardtrace/analyze/packet"
)

// A filter in tcpdump's language (pcap-filter(7)) is compiled to a tree of functions that look at the packet itself,
// with libpcap's meaning of each word:
//
//   - and and or have the same rank and are taken from left to right; not binds tighter; an address or port without
//     words before it takes those of the primitive before it.
//   - A packet too short for a byte that must be looked at is left out, under a not as well.
//   - tcp[..], udp[..] and the like are IPv4 only and never match a fragment that is not the first; ports in IPv6 are
//     found where no extension header stands between.
//   - vlan moves everything to its right by one tag.
//
// What is not supported is refused when the filter is compiled; nothing is ever looked up by name outside this file's
// tables.
type filter struct {
	match0 test
	view   view // kept here so that no packet costs an allocation
	ether  bool // some part needs an Ethernet header
	deep   bool // some part needs to find the network layer
}

type (
	test  func(v *view) bool
	value func(v *view) uint32
)

// view is the packet that a filter looks at.
type view struct {
	data   []byte
	wire   int
	typeAt int // where the protocol of the network layer stands; -1 if nowhere
	net    int // where the network layer begins
	kind   linkKind
	short  bool // a byte was wanted that is not there
}

// linkKind says how a link layer names the protocol it carries.
type linkKind uint8

const (
	etherTypes linkKind = iota + 1 // two bytes at typeAt
	pppTypes                       // the same, with PPP's numbers
	families                       // an address family, four bytes in either order
	bareIP                         // none: the version in the IP header
	bareIPv4
	bareIPv6
)

// The link types that a filter can look into (www.tcpdump.org/linktypes.html).
const (
	linkNull      packet.LinkType = 0
	linkEthernet  packet.LinkType = 1
	linkPPP       packet.LinkType = 9
	linkRaw12     packet.LinkType = 12
	linkRaw14     packet.LinkType = 14
	linkRaw       packet.LinkType = 101
	linkPPPSerial packet.LinkType = 50
	linkCHDLC     packet.LinkType = 104
	linkWLAN      packet.LinkType = 105
	linkLoop      packet.LinkType = 108
	linkSLL       packet.LinkType = 113
	linkRadiotap  packet.LinkType = 127
	linkIPv4      packet.LinkType = 228
	linkIPv6      packet.LinkType = 229
	linkSLL2      packet.LinkType = 276
	etherIP                       = 0x0800
	etherARP                      = 0x0806
	etherRARP                     = 0x8035
	etherIPv6                     = 0x86dd
	protoTCP                      = 6
	protoUDP                      = 17
	protoSCTP                     = 132
	protoIPv6Frag                 = 44
)

// filterLinks is the table of link types that a filter can look into.
var filterLinks = map[packet.LinkType]func(v *view){
	linkEthernet:  func(v *view) { v.kind, v.typeAt, v.net = etherTypes, 12, 14 },
	linkSLL:       func(v *view) { v.kind, v.typeAt, v.net = etherTypes, 14, 16 },
	linkSLL2:      func(v *view) { v.kind, v.typeAt, v.net = etherTypes, 0, 20 },
	linkCHDLC:     func(v *view) { v.kind, v.typeAt, v.net = etherTypes, 2, 4 },
	linkPPP:       func(v *view) { v.kind, v.typeAt, v.net = pppTypes, 2, 4 },
	linkPPPSerial: func(v *view) { v.kind, v.typeAt, v.net = pppTypes, 2, 4 },
	linkNull:      func(v *view) { v.kind, v.net = families, 4 },
	linkLoop:      func(v *view) { v.kind, v.net = families, 4 },
	linkRaw:       func(v *view) { v.kind = bareIP },
	linkRaw12:     func(v *view) { v.kind = bareIP },
	linkRaw14:     func(v *view) { v.kind = bareIP },
	linkIPv4:      func(v *view) { v.kind = bareIPv4 },
	linkIPv6:      func(v *view) { v.kind = bareIPv6 },
	linkWLAN:      func(v *view) { v.wlan(0) },
	linkRadiotap:  func(v *view) { v.wlan(int(v.u8(2)) | int(v.u8(3))<<8) },
}

// compile makes a filter; "" is none.
func compile(text string) (*filter, error) {
	toks, err := lex(text)
	if err != nil || len(toks) == 1 {
		return nil, err
	}
	p := &filterParser{toks: toks, f: &filter{}}
	if p.f.match0, err = p.parse(); err != nil {
		return nil, err
	}
	return p.f, nil
}

// fits says why packets of a link type cannot be judged, "" if they can.
func (f *filter) fits(link packet.LinkType) string {
	switch {
	case f.ether && link != linkEthernet:
		return fmt.Sprintf("ether, vlan, broadcast and multicast need Ethernet, and a capture has link type %s", linkName(link))
	case f.deep && filterLinks[link] == nil:
		return fmt.Sprintf("packets of link type %s cannot be filtered by what they carry", linkName(link))
	}
	return ""
}

// match reports whether the packet passes.
func (f *filter) match(link packet.LinkType, data []byte, wire int) bool {
	f.view = view{data: data, wire: wire, typeAt: -1}
	if set := filterLinks[link]; set != nil {
		set(&f.view)
	}
	return f.match0(&f.view) && !f.view.short
}

func (v *view) u8(at int) uint32 {
	if at < 0 || at >= len(v.data) {
		v.short = true
		return 0
	}
	return uint32(v.data[at])
}

func (v *view) u16(at int) uint32 { return v.bytes(at, 2) }

// bytes gives up to four bytes as a number.
func (v *view) bytes(at, n int) uint32 {
	if at < 0 || at > len(v.data)-n {
		v.short = true
		return 0
	}
	var x uint32
	for _, b := range v.data[at : at+n] {
		x = x<<8 | uint32(b)
	}
	return x
}

// wlan finds the network layer in an 802.11 data frame (IEEE 802.11, 9.2.4): behind 24 bytes of header, 6 more for a
// fourth address, 2 more for quality of service, and LLC with SNAP.
func (v *view) wlan(at int) {
	v.kind = etherTypes
	control, flags := v.u8(at), v.u8(at+1)
	if control&0x0c != 0x08 || control&0x40 != 0 { // not data, or data without any
		return
	}
	at += 24
	if flags&3 == 3 {
		at += 6
	}
	if control&0x80 != 0 {
		at += 2
	}
	if v.bytes(at, 3) == 0xaaaa03 {
		v.typeAt, v.net = at+6, at+8
	}
}

// carries reports whether the network layer, behind tags VLAN tags, is of an Ethernet type.
func (v *view) carries(ether uint32, tags int) bool {
	switch v.kind {
	case etherTypes:
		return v.typeAt >= 0 && v.u16(v.typeAt+4*tags) == ether
	case pppTypes:
		ppp := map[uint32]uint32{etherIP: 0x21, etherIPv6: 0x57}[ether]
		return ppp != 0 && v.u16(v.typeAt) == ppp
	case families:
		return v.family() == ether
	case bareIPv4:
		return ether == etherIP
	case bareIPv6:
		return ether == etherIPv6
	case bareIP:
		version := v.u8(0) >> 4
		return ether == etherIP && version == 4 || ether == etherIPv6 && version == 6
	}
	return false
}

// family gives the Ethernet type that stands for the address family of a loopback capture, whose byte order is that of
// the capturing host and whose number for IPv6 is that of its system.
func (v *view) family() uint32 {
	x := v.bytes(0, 4)
	if x > 0xffff {
		x = x>>24 | x>>8&0xff00
	}
	switch x {
	case 2:
		return etherIP
	case 10, 24, 28, 30:
		return etherIPv6
	}
	return 0
}

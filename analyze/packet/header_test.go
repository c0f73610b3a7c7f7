package packet

import (
	"encoding/binary"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"

	"wardtrace/dissect"
)

func TestLinkTypeNames(t *testing.T) {
	for l, want := range map[LinkType]string{0: "null", 1: "ethernet", 113: "linux_sll", 276: "linux_sll2", 127: "ieee802_11_radiotap", 251: "bluetooth_le_ll", 60000: "60000"} {
		if l.String() != want {
			t.Errorf("%d: %s, want %s", uint16(l), l, want)
		}
	}
	for l := range LinkType(400) {
		p := decode(l, inner4(t))
		if (p.Flags&UnknownLink != 0) == l.Known() {
			t.Errorf("%v: known %v, flags %#x", l, l.Known(), p.Flags)
		}
		if !l.Known() && (p.Transport != 0 || p.Src.IsValid() || p.PayloadLen != p.WireLen) {
			t.Errorf("%v: %+v", l, p)
		}
	}
}

func TestNotIP(t *testing.T) {
	e := func(tail ...byte) []byte { return cat(macB[:], macA[:], tail) }
	for _, c := range []struct {
		name  string
		link  LinkType
		frame []byte
		typ   uint16
		pay   string
		flags Flags
	}{
		{"lldp", LinkEthernet, e(0x88, 0xcc, 2, 7), 0x88cc, "\x02\x07", 0},
		{"arp with padding", LinkEthernet, e(0x81, 0, 0, 3, 0x08, 0x06, 1, 2, 0, 0), 0x0806, "\x01\x02\x00\x00", 0},
		{"loopback", LinkEthernet, e(0x90, 0, 0, 0), 0x9000, "\x00\x00", 0},
		{"cdp", LinkEthernet, e(0, 10, 0xaa, 0xaa, 3, 0, 0, 0x0c, 0x20, 0, 2, 180, 0, 0), 0x2000, "\x02\xb4", 0},
		{"spanning tree", LinkEthernet, e(0, 5, 0x42, 0x42, 3, 0, 0, 9, 9), 0x42, "\x00\x00", 0},
		{"llc with two bytes of control", LinkEthernet, e(0, 5, 0xf0, 0xf0, 0, 1, 7), 0xf0, "\x07", 0},
		{"novell raw", LinkEthernet, e(0, 4, 0xff, 0xff, 0, 4), 0xff, "\xff\xff\x00\x04", 0},
		{"neither length nor type", LinkEthernet, e(5, 0xee, 1), 0x05ee, "\x01", BadHeader},
		{"ethernet cut", LinkEthernet, macB[:], 0, string(macB[:]), Truncated},
		{"tag cut", LinkEthernet, e(0x81, 0, 0), 0x8100, "\x00", Truncated},
		{"no ip behind its type", LinkEthernet, e(8, 0, 0x15, 0, 0, 1), 0x0800, "\x15\x00\x00\x01", BadHeader},
		{"mpls of nothing known", LinkEthernet, e(0x88, 0x47, 0, 1, 1, 64, 0x10, 0, 0, 7), 0x8847, "\x00\x01\x01\x40\x10\x00\x00\x07", 0},
		{"ppp lcp", LinkPPP, []byte{0xff, 3, 0xc0, 0x21, 1}, 0x880b, "\xff\x03\xc0\x21\x01", 0},
		{"pppoe lcp", LinkEthernet, e(0x88, 0x64, 0x11, 0, 0, 1, 0, 3, 0xc0, 0x21, 1), 0x8864, "\x11\x00\x00\x01\x00\x03\xc0\x21\x01", 0},
		{"slarp", LinkCHDLC, []byte{0x8f, 0, 0x80, 0x35, 1}, 0x8035, "\x01", 0},
		{"null of apple talk", LinkNull, []byte{16, 0, 0, 0, 1}, 0, "\x01", 0},
		{"netlink", LinkSLL, []byte{0, 4, 3, 56, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 16, 7}, 16, "\x07", 0},
		{"802.11 encrypted", Link80211, cat([]byte{0x08, 0x41, 0, 0}, macB[:], macA[:], macC[:], []byte{0, 0, 1, 2}), 0, "\x01\x02", 0},
		{"802.11 beacon", Link80211, cat([]byte{0x80, 0, 0, 0}, macB[:], macA[:], macC[:], []byte{0, 0, 1, 2}), 0, "\x01\x02", 0},
		{"802.11 ack", Link80211, cat([]byte{0xd4, 0, 0, 0}, macB[:]), 0, string(cat([]byte{0xd4, 0, 0, 0}, macB[:])), 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := decode(c.link, c.frame)
			if p.Transport != dissect.Ethernet || p.EtherType != c.typ || string(p.Payload) != c.pay || p.PayloadLen != len(c.pay) || p.Flags != c.flags {
				t.Errorf("%v type %#04x payload %x (%d) flags %#x", p.Transport, p.EtherType, p.Payload, p.PayloadLen, p.Flags)
			}
			if p.IPVersion != 0 || p.Src.IsValid() || p.Tunnel != "" {
				t.Errorf("ip %d %v tunnel %q", p.IPVersion, p.Src, p.Tunnel)
			}
		})
	}
}

func TestIPv4Header(t *testing.T) {
	base := inner4(t)
	edit := func(f func(b []byte)) []byte {
		b := cat(base)
		f(b)
		b[10], b[11] = 0, 0
		if n := int(b[0]&15) * 4; n >= 20 && n <= len(b) {
			binary.BigEndian.PutUint16(b[10:], checksum(0, b[:n]))
		}
		return b
	}
	for _, c := range []struct {
		name  string
		frame []byte
		flags Flags
		pay   int
		size  int
	}{
		{"padding cut", cat(base, make([]byte, 9)), 0, 11, 51},
		{"length 0", edit(func(b []byte) { b[2], b[3] = 0, 0 }), Oversized, 11, 51},
		{"length past the frame", edit(func(b []byte) { b[3] += 100 }), Oversized, 11, 151},
		{"length below the header", edit(func(b []byte) { b[2], b[3] = 0, 19 }), BadHeader | Truncated, 0, 19},
		{"wrong checksum", func() []byte { b := cat(base); b[8]--; return b }(), BadIPSum, 11, 51},
		{"checksum left to the card", func() []byte { b := cat(base); b[10], b[11] = 0, 0; return b }(), 0, 11, 51},
		{"wrong tcp checksum", func() []byte { b := cat(base); b[50]++; return b }(), BadSum, 11, 51},
		{"tcp checksum left to the card", func() []byte {
			b := cat(base)
			sum := checksum(0, append(cat(b[12:20]), 0, 6, 0, 31))
			binary.BigEndian.PutUint16(b[36:], ^sum)
			return b
		}(), 0, 11, 51},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := decode(LinkRaw, c.frame)
			if p.Flags != c.flags || p.PayloadLen != c.pay || p.IPLen != c.size || p.Transport != dissect.TCP {
				t.Errorf("flags %#x payload %d length %d %v", p.Flags, p.PayloadLen, p.IPLen, p.Transport)
			}
		})
	}
}

func TestIPv4Options(t *testing.T) {
	for _, c := range []struct {
		kind  uint8
		data  []byte
		flags Flags
	}{{148, []byte{0, 0}, 0}, {131, []byte{4, 9, 9, 9, 9}, SourceRouted}, {137, []byte{4, 9, 9, 9, 9}, SourceRouted}} {
		ip := ip4("10.1.1.1", "10.1.1.2", layers.IPProtocolUDP)
		ip.Options = []layers.IPv4Option{{OptionType: 1, OptionLength: 1}, {OptionType: c.kind, OptionLength: uint8(2 + len(c.data)), OptionData: c.data}}
		p := decode(LinkRaw, build(t, ip, &layers.UDP{SrcPort: 1, DstPort: 2}, gopacket.Payload("x")))
		if !p.IPOptions || p.Flags != c.flags || string(p.Payload) != "x" {
			t.Errorf("option %d: %v flags %#x payload %q", c.kind, p.IPOptions, p.Flags, p.Payload)
		}
	}
}

// v6 makes an IPv6 packet of next headers and bytes.
func v6(next byte, parts ...[]byte) []byte {
	body := cat(parts...)
	h := make([]byte, 40, 40+len(body))
	h[0], h[6], h[7] = 0x60, next, 62
	binary.BigEndian.PutUint16(h[4:], uint16(len(body)))
	h[8], h[23], h[24], h[39] = 0xfd, 1, 0xfd, 2
	return append(h, body...)
}

func TestExtensionHeaders(t *testing.T) {
	seg := inner6(t)[40:]
	copy(seg[16:18], []byte{0, 0}) // another address, so no checksum
	opt := func(next byte) []byte { return []byte{next, 0, 1, 4, 0, 0, 0, 0} }
	long := func(next byte) []byte { return append([]byte{next, 1}, make([]byte, 14)...) }
	ah := func(next byte) []byte { return append([]byte{next, 4}, make([]byte, 22)...) }
	for _, c := range []struct {
		name    string
		frame   []byte
		proto   uint8
		what    dissect.Transport
		options bool
		flags   Flags
	}{
		{"hop by hop", v6(0, opt(6), seg), 6, dissect.TCP, true, 0},
		{"all", v6(0, opt(60), long(43), []byte{60, 0, 0, 0, 0, 0, 0, 0}, opt(51), ah(6), seg), 6, dissect.TCP, true, 0},
		{"routing with hops left", v6(43, []byte{6, 2, 0, 1}, make([]byte, 20), seg), 6, dissect.TCP, true, SourceRouted},
		{"atomic fragment", v6(44, []byte{6, 0, 0, 0, 0, 0, 0, 9}, seg), 6, dissect.TCP, false, 0},
		{"esp", v6(60, opt(50), seg), 50, dissect.OtherIP, false, 0},
		{"no next header", v6(59), 59, dissect.OtherIP, false, 0},
		{"mobility", v6(135, []byte{59, 0, 5, 0, 0, 0, 0, 0}), 135, dissect.OtherIP, false, 0},
		{"longer than the packet", v6(60, []byte{6, 200}, make([]byte, 30)), 60, dissect.OtherIP, false, BadHeader},
		{"cut", v6(60, []byte{6, 0}), 60, dissect.OtherIP, false, Truncated},
		{"jumbo", func() []byte { b := v6(0, opt(6), seg); b[4], b[5] = 0, 0; return b }(), 6, dissect.TCP, true, Oversized},
		{"ah in ipv4", build(t, ip4("10.1.1.1", "10.1.1.2", 51), gopacket.Payload(cat(ah(6), seg))), 6, dissect.TCP, false, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := decode(LinkRaw, c.frame)
			if p.Proto != c.proto || p.Transport != c.what || p.IPOptions != c.options || p.Flags != c.flags {
				t.Errorf("proto %d %v options %v flags %#x", p.Proto, p.Transport, p.IPOptions, p.Flags)
			}
			if c.what == dissect.TCP && string(p.Payload) != "A-ASSOCIATE" {
				t.Errorf("payload %q", p.Payload)
			}
		})
	}
}

func TestFragments(t *testing.T) {
	seg := inner6(t)[40:]
	p := decode(LinkRaw, v6(60, []byte{44, 0, 1, 4, 0, 0, 0, 0}, []byte{6, 0, 0, 1, 1, 2, 3, 4}, seg))
	if !p.Fragment || p.FragOff != 0 || !p.MoreFrags || p.IPID != 0x01020304 || p.SrcPort != 40000 || p.Transport != dissect.TCP ||
		p.Payload != nil || p.PayloadLen != 0 || string(p.IPPayload) != string(seg) || p.TCP != (TCP{}) {
		t.Errorf("%+v", p)
	}
	f := inner4(t)
	f[6], f[7] = 0x20, 3
	p = decode(LinkRaw, f)
	if !p.Fragment || p.FragOff != 24 || !p.MoreFrags || p.SrcPort != 0 || p.Transport != dissect.TCP || len(p.IPPayload) != 31 || p.IPPayloadLen != 31 {
		t.Errorf("%+v", p)
	}
}

func TestTCP(t *testing.T) {
	opt := func(kind layers.TCPOptionKind, n uint8, data ...byte) layers.TCPOption {
		return layers.TCPOption{OptionType: kind, OptionLength: n, OptionData: data}
	}
	seg := tcp()
	seg.SYN, seg.ACK, seg.PSH = true, false, false
	seg.Options = []layers.TCPOption{opt(2, 4, 5, 0xb4), opt(4, 2), opt(1, 1), opt(3, 3, 20)}
	p := decode(LinkRaw, build(t, ip4("10.1.1.1", "10.1.1.2", 6), seg, gopacket.Payload("MSH")))
	if p.TCP.Flags != SYN || p.TCP.MSS != 1460 || p.TCP.WScale != 15 || p.TCP.BadOpts || string(p.Payload) != "MSH" || p.Flags != 0 {
		t.Errorf("%+v %q flags %#x", p.TCP, p.Payload, p.Flags)
	}
	for name, opts := range map[string][]byte{"past the end": {2, 9, 0, 0}, "length 1": {2, 1, 0, 0}, "wrong length": {3, 4, 0, 0}, "no length": {1, 1, 1, 8}} {
		q := &Packet{}
		q.options(opts, false)
		if !q.TCP.BadOpts {
			t.Errorf("%s: not noted", name)
		}
	}
	base := inner4(t)
	for _, off := range []byte{0, 4, 15} {
		b := cat(base)
		b[32] = off << 4
		if p := decode(LinkRaw, b); p.Flags&BadHeader == 0 || p.SrcPort != 40000 || p.Payload != nil || p.TCP.Seq != 1000 {
			t.Errorf("offset %d: flags %#x payload %q", off, p.Flags, p.Payload)
		}
	}
}

func TestUDPLength(t *testing.T) {
	base := build(t, ip4("10.1.1.1", "10.1.1.2", 17), &layers.UDP{SrcPort: 1, DstPort: 2}, gopacket.Payload("payload"))
	for _, c := range []struct {
		length uint16
		flags  Flags
		pay    string
	}{{15, 0, "payload"}, {12, BadHeader, "payl"}, {99, BadHeader, "payload"}, {0, BadHeader, "payload"}, {7, BadHeader, "payload"}} {
		b := cat(base)
		binary.BigEndian.PutUint16(b[24:], c.length)
		b[26], b[27] = 0, 0
		if p := decode(LinkRaw, b); p.Flags != c.flags || string(p.Payload) != c.pay || p.PayloadLen != len(c.pay) {
			t.Errorf("length %d: flags %#x payload %q", c.length, p.Flags, p.Payload)
		}
	}
	b := cat(base)
	b[30] ^= 1
	if p := decode(LinkRaw, b); p.Flags != BadSum {
		t.Errorf("wrong checksum: flags %#x", p.Flags)
	}
}

func TestICMP(t *testing.T) {
	echo := &layers.ICMPv4{TypeCode: layers.CreateICMPv4TypeCode(8, 0), Id: 4711, Seq: 1}
	p := decode(LinkRaw, build(t, ip4("10.1.1.1", "10.1.1.2", 1), echo, gopacket.Payload("ping")))
	if p.Transport != dissect.ICMP || p.ICMPType != 8 || p.ICMPID != 4711 || len(p.Payload) != 12 || p.Flags != 0 || p.Quoted.OK || p.SrcPort != 0 {
		t.Errorf("%+v", p)
	}
	unreach := &layers.ICMPv4{TypeCode: layers.CreateICMPv4TypeCode(3, 3)}
	p = decode(LinkRaw, build(t, ip4("10.1.1.2", "10.1.1.1", 1), unreach, gopacket.Payload(inner4(t)[:28])))
	q := p.Quoted
	if !q.OK || q.Src.String() != "10.1.1.1" || q.Dst.String() != "10.1.1.2" || q.Proto != 6 || q.SrcPort != 40000 || q.DstPort != 104 || p.ICMPID != 0 {
		t.Errorf("%+v", q)
	}
	big := &layers.ICMPv6{TypeCode: layers.CreateICMPv6TypeCode(2, 0)}
	quoted := v6(0, []byte{6, 0, 1, 4, 0, 0, 0, 0}, inner6(t)[40:])
	p = decode(LinkRaw, build(t, ip6("fd00::3", "fd00::1", 58), big, gopacket.Payload(cat([]byte{0, 0, 5, 0}, quoted))))
	q = p.Quoted
	if p.Transport != dissect.ICMPv6 || !q.OK || q.Src.String() != "fd00::1" || q.Proto != 6 || q.DstPort != 104 || p.Flags != 0 {
		t.Errorf("%v %+v flags %#x", p.Transport, q, p.Flags)
	}
	p = decode(LinkRaw, build(t, ip6("fd00::3", "fd00::1", 1), gopacket.Payload("\x08\x00\x00\x00\x00\x00\x00\x00")))
	if p.Transport != dissect.OtherIP {
		t.Errorf("ICMP of the other version: %v", p.Transport)
	}
}

func TestSCTP(t *testing.T) {
	p := decode(LinkRaw, build(t, ip4("10.1.1.1", "10.1.1.2", 132), gopacket.Payload("\x0b\x59\x0b\x5a\x00\x00\x00\x01\x00\x00\x00\x00\x01chunk")))
	if p.Transport != dissect.SCTP || p.SrcPort != 2905 || p.DstPort != 2906 || string(p.Payload) != "\x01chunk" {
		t.Errorf("%v %d>%d %q", p.Transport, p.SrcPort, p.DstPort, p.Payload)
	}
}

// A frame cut at any length says as much as it holds, and how long it was.
func TestSnapped(t *testing.T) {
	frame := cat(macB[:], macA[:], []byte{8, 0}, inner4(t))
	d := NewDecoder()
	for n := range len(frame) {
		p := &Packet{Link: LinkEthernet, CapLen: n, WireLen: len(frame)}
		d.Decode(p, frame[:n])
		if p.Flags&Snapped == 0 || p.Flags&(BadSum|BadIPSum|BadHeader|Oversized) != 0 {
			t.Fatalf("%d bytes: flags %#x", n, p.Flags)
		}
		if n >= 34 && (p.Transport != dissect.TCP || p.IPLen != 51) {
			t.Fatalf("%d bytes: %v %d", n, p.Transport, p.IPLen)
		}
		if n >= 54 && (p.PayloadLen != 11 || len(p.Payload) != n-54 || p.Flags != Snapped) {
			t.Fatalf("%d bytes: payload %d of %d, flags %#x", n, len(p.Payload), p.PayloadLen, p.Flags)
		}
	}
}

func TestChecksumAgainstWords(t *testing.T) {
	b := make([]byte, 301)
	for i := range b {
		b[i] = byte(i*7 + i>>3)
	}
	for n := range len(b) {
		sum := uint32(0x1234)
		for i := 0; i < n; i += 2 {
			w := uint32(b[i]) << 8
			if i+1 < n {
				w |= uint32(b[i+1])
			}
			sum += w
		}
		for sum>>16 != 0 {
			sum = sum>>16 + sum&0xffff
		}
		if got := checksum(0x1234, b[:n]); got != ^uint16(sum) {
			t.Fatalf("%d bytes: %#04x, want %#04x", n, got, ^uint16(sum))
		}
	}
}

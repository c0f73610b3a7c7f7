package packet

import (
	"net/netip"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"

	"wardtrace/dissect"
)

// build serializes layers with right lengths and checksums.
func build(t testing.TB, ls ...gopacket.SerializableLayer) []byte {
	t.Helper()
	var ip gopacket.NetworkLayer
	for _, l := range ls {
		switch l := l.(type) {
		case *layers.IPv4:
			ip = l
		case *layers.IPv6:
			ip = l
		case *layers.TCP:
			l.SetNetworkLayerForChecksum(ip)
		case *layers.UDP:
			l.SetNetworkLayerForChecksum(ip)
		case *layers.ICMPv6:
			l.SetNetworkLayerForChecksum(ip)
		}
	}
	buf := gopacket.NewSerializeBuffer()
	if err := gopacket.SerializeLayers(buf, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}, ls...); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// decode decodes one whole frame.
func decode(link LinkType, frame []byte) *Packet {
	p := &Packet{Link: link, CapLen: len(frame), WireLen: len(frame)}
	NewDecoder().Decode(p, frame)
	return p
}

var (
	macA = dissect.MAC{0x02, 0, 0, 0, 0, 0x0a}
	macB = dissect.MAC{0x02, 0, 0, 0, 0, 0x0b}
	macC = dissect.MAC{0x02, 0, 0, 0, 0, 0x0c}
	macD = dissect.MAC{0x02, 0, 0, 0, 0, 0x0d}
)

func eth(src, dst dissect.MAC, typ layers.EthernetType) *layers.Ethernet {
	return &layers.Ethernet{SrcMAC: src[:], DstMAC: dst[:], EthernetType: typ}
}

func ip4(src, dst string, proto layers.IPProtocol) *layers.IPv4 {
	return &layers.IPv4{Version: 4, TTL: 63, Id: 77, Protocol: proto,
		SrcIP: netip.MustParseAddr(src).AsSlice(), DstIP: netip.MustParseAddr(dst).AsSlice()}
}

func ip6(src, dst string, next layers.IPProtocol) *layers.IPv6 {
	return &layers.IPv6{Version: 6, HopLimit: 62, NextHeader: next,
		SrcIP: netip.MustParseAddr(src).AsSlice(), DstIP: netip.MustParseAddr(dst).AsSlice()}
}

// inner4 and inner6 are a DICOM segment over either version; every wrapping must end at it.
func inner4(t testing.TB) []byte {
	return build(t, ip4("10.1.1.1", "10.1.1.2", layers.IPProtocolTCP), tcp(), gopacket.Payload("A-ASSOCIATE"))
}

func inner6(t testing.TB) []byte {
	return build(t, ip6("2001:db8::1", "2001:db8::2", layers.IPProtocolTCP), tcp(), gopacket.Payload("A-ASSOCIATE"))
}

func tcp() *layers.TCP {
	return &layers.TCP{SrcPort: 40000, DstPort: 104, Seq: 1000, Ack: 2000, PSH: true, ACK: true, Window: 512}
}

func cat(parts ...[]byte) []byte {
	var out []byte
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

func TestLinkLayers(t *testing.T) {
	v4, v6 := inner4(t), inner6(t)
	e := func(typ ...byte) []byte { return cat(macB[:], macA[:], typ) }
	snap := []byte{0xaa, 0xaa, 3, 0, 0, 0, 8, 0}
	sll := cat([]byte{0, 0, 0, 1, 0, 6}, macA[:], []byte{0, 0})
	sll2 := func(typ ...byte) []byte { return cat(typ, []byte{0, 0, 0, 0, 0, 2, 0, 1, 0, 6}, macA[:], []byte{0, 0}) }
	wlan := func(fc, flags byte) []byte {
		return cat([]byte{fc, flags, 0, 0}, macB[:], macA[:], macC[:], []byte{0x10, 0})
	}
	radiotap := []byte{0, 0, 8, 0, 0, 0, 0, 0}
	for _, c := range []struct {
		name  string
		link  LinkType
		head  []byte
		v6    bool
		src   dissect.MAC
		vlans [2]uint16
		typ   uint16
		tun   string
	}{
		{"ethernet", LinkEthernet, e(8, 0), false, macA, [2]uint16{}, 0x0800, ""},
		{"ethernet ipv6", LinkEthernet, e(0x86, 0xdd), true, macA, [2]uint16{}, 0x86dd, ""},
		{"vlan", LinkEthernet, e(0x81, 0, 0xe0, 7, 8, 0), false, macA, [2]uint16{7}, 0x0800, ""},
		{"priority tag", LinkEthernet, e(0x81, 0, 0xe0, 0, 8, 0), false, macA, [2]uint16{}, 0x0800, ""},
		{"qinq", LinkEthernet, e(0x88, 0xa8, 0, 5, 0x81, 0, 0, 9, 8, 0), false, macA, [2]uint16{5, 9}, 0x0800, ""},
		{"qinq old", LinkEthernet, e(0x91, 0, 0, 5, 0x81, 0, 0, 9, 0x86, 0xdd), true, macA, [2]uint16{5, 9}, 0x86dd, ""},
		{"three tags", LinkEthernet, e(0x88, 0xa8, 0, 5, 0x81, 0, 0, 8, 0x81, 0, 0, 9, 8, 0), false, macA, [2]uint16{5, 9}, 0x0800, ""},
		{"vn tag", LinkEthernet, e(0x89, 0x26, 1, 2, 3, 4, 0x81, 0, 0, 9, 8, 0), false, macA, [2]uint16{9}, 0x0800, ""},
		{"backbone", LinkEthernet, cat(e(0x88, 0xa8, 0, 5, 0x88, 0xe7, 0, 0, 1, 0), macD[:], macC[:], []byte{8, 0}), false, macC, [2]uint16{}, 0x0800, "pbb isid 256"},
		{"snap", LinkEthernet, cat(e(0, byte(len(v4)+8)), snap), false, macA, [2]uint16{}, 0x0800, ""},
		{"sll", LinkSLL, cat(sll, []byte{8, 0}), false, macA, [2]uint16{}, 0x0800, ""},
		{"sll vlan", LinkSLL, cat(sll, []byte{0x81, 0, 0, 3, 0x86, 0xdd}), true, macA, [2]uint16{3}, 0x86dd, ""},
		{"sll llc", LinkSLL, cat(sll, []byte{0, 4}, snap), false, macA, [2]uint16{}, 0x0800, ""},
		{"sll2", LinkSLL2, sll2(8, 0), false, macA, [2]uint16{}, 0x0800, ""},
		{"null little", LinkNull, []byte{2, 0, 0, 0}, false, dissect.MAC{}, [2]uint16{}, 0, ""},
		{"null big", LinkNull, []byte{0, 0, 0, 2}, false, dissect.MAC{}, [2]uint16{}, 0, ""},
		{"null macos", LinkNull, []byte{30, 0, 0, 0}, true, dissect.MAC{}, [2]uint16{}, 0, ""},
		{"loop openbsd", LinkLoop, []byte{0, 0, 0, 24}, true, dissect.MAC{}, [2]uint16{}, 0, ""},
		{"raw", LinkRaw, nil, false, dissect.MAC{}, [2]uint16{}, 0, ""},
		{"raw 12", 12, nil, true, dissect.MAC{}, [2]uint16{}, 0, ""},
		{"raw 14", 14, nil, false, dissect.MAC{}, [2]uint16{}, 0, ""},
		{"ipv4", LinkIPv4, nil, false, dissect.MAC{}, [2]uint16{}, 0, ""},
		{"ipv6", LinkIPv6, nil, true, dissect.MAC{}, [2]uint16{}, 0, ""},
		{"ppp", LinkPPP, []byte{0, 0x21}, false, dissect.MAC{}, [2]uint16{}, 0x0800, ""},
		{"ppp compressed", LinkPPP, []byte{0x21}, false, dissect.MAC{}, [2]uint16{}, 0x0800, ""},
		{"ppp hdlc", LinkPPPHDLC, []byte{0xff, 3, 0, 0x57}, true, dissect.MAC{}, [2]uint16{}, 0x86dd, ""},
		{"ppp hdlc cisco", LinkPPPHDLC, []byte{0x0f, 0, 8, 0}, false, dissect.MAC{}, [2]uint16{}, 0x0800, ""},
		{"ppp with direction", LinkPPPWithDir, []byte{1, 0xff, 3, 0, 0x21}, false, dissect.MAC{}, [2]uint16{}, 0x0800, ""},
		{"ppp ether", LinkPPPEther, []byte{0x11, 0, 0, 9, 0, byte(len(v4) + 2), 0, 0x21}, false, dissect.MAC{}, [2]uint16{}, 0x0800, "pppoe 9"},
		{"cisco hdlc", LinkCHDLC, []byte{0x8f, 0, 0x86, 0xdd}, true, dissect.MAC{}, [2]uint16{}, 0x86dd, ""},
		{"pppoe", LinkEthernet, cat(e(0x88, 0x64), []byte{0x11, 0, 1, 1, 0, byte(len(v4) + 2), 0, 0x21}), false, macA, [2]uint16{}, 0x0800, "pppoe 257"},
		{"mpls", LinkEthernet, cat(e(0x88, 0x47), []byte{0, 1, 0, 64, 0, 1, 0x11, 64}), false, macA, [2]uint16{}, 0x8847, "mpls 16/17"},
		{"mpls pseudowire", LinkEthernet, cat(e(0x88, 0x47), []byte{0, 1, 1, 64}, macD[:], macC[:], []byte{8, 0}), false, macC, [2]uint16{}, 0x0800, "mpls 16"},
		{"mpls pseudowire, control word", LinkEthernet, cat(e(0x81, 0, 0, 4, 0x88, 0x47), []byte{0, 1, 1, 64, 0, 0, 0, 1}, macD[:], macC[:], []byte{8, 0}), false, macC, [2]uint16{}, 0x0800, "mpls 16"},
		{"llc in atm", LinkATMRFC1483, snap, false, dissect.MAC{}, [2]uint16{}, 0x0800, ""},
		{"802.11 to the access point", Link80211, cat(wlan(0x08, 1), snap), false, macA, [2]uint16{}, 0x0800, ""},
		{"802.11 from it, qos, radiotap", LinkRadiotap, cat(radiotap, wlan(0x88, 2), []byte{0, 0}, snap), false, macC, [2]uint16{}, 0x0800, ""},
		{"802.11 between access points", Link80211, cat(wlan(0x88, 0x83), macD[:], make([]byte, 6), snap), false, macD, [2]uint16{}, 0x0800, ""},
		{"802.11 in ppi", LinkPPI, cat([]byte{0, 0, 8, 0, 105, 0, 0, 0}, wlan(0x08, 0), snap), false, macA, [2]uint16{}, 0x0800, ""},
		{"enc", LinkEnc, []byte{2, 0, 0, 0, 1, 2, 3, 4, 0, 0, 0, 0}, false, dissect.MAC{}, [2]uint16{}, 0, ""},
		{"pflog", LinkPFLog, append([]byte{61, 2}, make([]byte, 62)...), false, dissect.MAC{}, [2]uint16{}, 0, ""},
		{"nflog", LinkNFLog, []byte{2, 0, 0, 0, 5, 0, 10, 0, 'x', 0, 0, 0, byte(len(v4) + 4), 0, 9, 0}, false, dissect.MAC{}, [2]uint16{}, 0, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			frame := cat(c.head, v4)
			if c.v6 {
				frame = cat(c.head, v6)
			}
			p := decode(c.link, frame)
			checkInner(t, p, c.v6)
			if p.SrcMAC != c.src || p.VLANs != c.vlans || p.EtherType != c.typ || p.Tunnel != c.tun {
				t.Errorf("mac %v vlans %v type %#04x tunnel %q", p.SrcMAC, p.VLANs, p.EtherType, p.Tunnel)
			}
		})
	}
}

// checkInner checks that decoding ended at inner4 or inner6, without complaint.
func checkInner(t *testing.T, p *Packet, v6 bool) {
	t.Helper()
	src, dst, ttl, size, ver := "10.1.1.1", "10.1.1.2", uint8(63), 51, uint8(4)
	if v6 {
		src, dst, ttl, size, ver = "2001:db8::1", "2001:db8::2", 62, 71, 6
	}
	if p.Transport != dissect.TCP || p.SrcPort != 40000 || p.DstPort != 104 || string(p.Payload) != "A-ASSOCIATE" || p.PayloadLen != 11 {
		t.Fatalf("%v %v %d>%d %q %d", p.Transport, p.Proto, p.SrcPort, p.DstPort, p.Payload, p.PayloadLen)
	}
	if p.Src.String() != src || p.Dst.String() != dst || p.TTL != ttl || p.IPLen != size || p.IPVersion != ver {
		t.Errorf("%v>%v ttl %d length %d version %d", p.Src, p.Dst, p.TTL, p.IPLen, p.IPVersion)
	}
	if p.TCP.Seq != 1000 || p.TCP.Ack != 2000 || p.TCP.Flags != PSH|ACK || p.TCP.Window != 512 {
		t.Errorf("tcp %+v", p.TCP)
	}
	if p.Flags != 0 {
		t.Errorf("flags %#x", p.Flags)
	}
}

package packet

import (
	"strings"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"

	"wardtrace/dissect"
)

// over wraps bytes in Ethernet, IPv4 from 192.0.2.1 to 192.0.2.2 and the layers given.
func over(t testing.TB, proto layers.IPProtocol, ls ...gopacket.SerializableLayer) []byte {
	return build(t, append([]gopacket.SerializableLayer{eth(macA, macB, layers.EthernetTypeIPv4), ip4("192.0.2.1", "192.0.2.2", proto)}, ls...)...)
}

func overUDP(t testing.TB, port layers.UDPPort, ls ...gopacket.SerializableLayer) []byte {
	return over(t, layers.IPProtocolUDP, append([]gopacket.SerializableLayer{&layers.UDP{SrcPort: 55555, DstPort: port}}, ls...)...)
}

func TestTunnels(t *testing.T) {
	v4, v6 := inner4(t), inner6(t)
	pay := func(parts ...[]byte) gopacket.Payload { return gopacket.Payload(cat(parts...)) }
	frame := cat(macD[:], macC[:], []byte{0x81, 0, 0, 42, 8, 0}, v4) // an Ethernet frame to put into tunnels
	frame6 := cat(macD[:], macC[:], []byte{0x86, 0xdd}, v6)
	gre := layers.IPProtocolGRE
	const ends = " 192.0.2.1>192.0.2.2"
	for _, c := range []struct {
		name   string
		frame  []byte
		v6     bool
		framed bool // the inner frame is Ethernet: its addresses are told
		vlan   uint16
		tun    string
	}{
		{"ip in ip", over(t, 4, pay(v4)), false, false, 0, "ipip" + ends},
		{"6in4", over(t, 41, pay(v6)), true, false, 0, "6in4" + ends},
		{"4in6", build(t, eth(macA, macB, 0x86dd), ip6("fd00::1", "fd00::2", 4), pay(v4)), false, false, 0, "4in6 fd00::1>fd00::2"},
		{"6in6", build(t, eth(macA, macB, 0x86dd), ip6("fd00::1", "fd00::2", 41), pay(v6)), true, false, 0, "6in6 fd00::1>fd00::2"},
		{"gre", over(t, gre, pay([]byte{0, 0, 8, 0}, v4)), false, false, 0, "gre" + ends},
		{"gre ipv6", over(t, gre, pay([]byte{0, 0, 0x86, 0xdd}, v6)), true, false, 0, "gre" + ends},
		{"gre with all fields", over(t, gre, pay([]byte{0xf0, 0, 8, 0, 1, 2, 0, 0, 0, 0, 0, 99, 0, 0, 0, 1, 8, 0, 0, 4, 9, 9, 9, 9, 0, 0, 0, 0}, v4)), false, false, 0, "gre" + ends + " key 99"},
		{"gre checksum only", over(t, gre, pay([]byte{0x80, 0, 8, 0, 1, 2, 0, 0}, v4)), false, false, 0, "gre" + ends},
		{"nvgre", over(t, gre, pay([]byte{0x20, 0, 0x65, 0x58, 0, 0, 1, 0}, frame)), false, true, 42, "gre" + ends + " key 256"},
		{"gre mpls", over(t, gre, pay([]byte{0, 0, 0x88, 0x47, 0, 2, 1, 64}, v6)), true, false, 0, "gre" + ends + ", mpls 32"},
		{"gre wccp 2", over(t, gre, pay([]byte{0, 0, 0x88, 0x3e, 1, 2, 3, 4}, v4)), false, false, 0, "gre" + ends},
		{"mpls in ip", over(t, 137, pay([]byte{0, 2, 1, 64}, v4)), false, false, 0, "mpls" + ends + " 32"},
		{"pptp", over(t, gre, pay([]byte{0x30, 0x81, 0x88, 0x0b, 0, byte(len(v4) + 3), 0, 7, 0, 0, 0, 1, 0, 0, 0, 2, 0xff, 3, 0x21}, v4)), false, false, 0, "pptp" + ends + " call 7"},
		{"erspan 1", over(t, gre, pay([]byte{0, 0, 0x88, 0xbe}, frame)), false, true, 42, "erspan" + ends},
		{"erspan 2", over(t, gre, pay([]byte{0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x10, 0, 0x08, 0x05, 0, 0, 0, 0}, frame)), false, true, 42, "erspan" + ends + " session 5"},
		{"erspan 3", over(t, gre, pay([]byte{0x10, 0, 0x22, 0xeb, 0, 0, 0, 1, 0x20, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 1}, make([]byte, 8), frame6)), true, true, 0, "erspan" + ends + " session 9"},
		{"etherip", over(t, 97, pay([]byte{0x30, 0}, frame)), false, true, 42, "etherip" + ends},
		{"vxlan", overUDP(t, 4789, pay([]byte{8, 0, 0, 0, 0, 0, 7, 0}, frame)), false, true, 42, "vxlan" + ends + " vni 7"},
		{"vxlan old port", overUDP(t, 8472, pay([]byte{8, 0, 0, 0, 1, 0, 0, 0}, frame6)), true, true, 0, "vxlan" + ends + " vni 65536"},
		{"vxlan-gpe ip", overUDP(t, 4790, pay([]byte{0x0c, 0, 0, 1, 0, 0, 7, 0}, v4)), false, false, 0, "vxlan-gpe" + ends + " vni 7"},
		{"vxlan-gpe ethernet", overUDP(t, 4790, pay([]byte{0x0c, 0, 0, 3, 0, 0, 7, 0}, frame)), false, true, 42, "vxlan-gpe" + ends + " vni 7"},
		{"geneve", overUDP(t, 6081, pay([]byte{2, 0, 0x65, 0x58, 0, 0, 11, 0, 1, 2, 3, 1, 0, 0, 0, 0}, frame)), false, true, 42, "geneve" + ends + " vni 11"},
		{"geneve ip", overUDP(t, 6081, pay([]byte{0, 0, 0x86, 0xdd, 0, 0, 11, 0}, v6)), true, false, 0, "geneve" + ends + " vni 11"},
		{"teredo", overUDP(t, 3544, pay(v6)), true, false, 0, "teredo" + ends},
		{"teredo, authentication, origin", overUDP(t, 3544, pay([]byte{0, 1, 0, 0}, make([]byte, 9), []byte{0, 0, 1, 2, 3, 4, 5, 6}, v6)), true, false, 0, "teredo" + ends},
		{"mpls in udp", overUDP(t, 6635, pay([]byte{0, 2, 1, 64}, v4)), false, false, 0, "mpls" + ends + " 32"},
		{"gtp", overUDP(t, 2152, pay([]byte{0x30, 255, 0, byte(len(v4)), 0, 0, 0, 9}, v4)), false, false, 0, "gtp" + ends + " teid 9"},
		{"gtp, extended", overUDP(t, 2152, pay([]byte{0x36, 255, 0, byte(len(v6) + 8), 0, 0, 0, 9, 0, 1, 0, 0xc0, 1, 1, 2, 0}, v6)), true, false, 0, "gtp" + ends + " teid 9"},
		{"gre in vxlan", overUDP(t, 4789, pay([]byte{8, 0, 0, 0, 0, 0, 7, 0}, build(t, eth(macC, macD, 0x0800), ip4("10.9.9.1", "10.9.9.2", gre), pay([]byte{0, 0, 8, 0}, v4)))), false, true, 0,
			"vxlan" + ends + " vni 7, gre 10.9.9.1>10.9.9.2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := decode(LinkEthernet, c.frame)
			checkInner(t, p, c.v6)
			mac, vlan := macA, uint16(0)
			if c.framed {
				mac, vlan = macC, c.vlan
			}
			if p.Tunnel != c.tun || p.SrcMAC != mac || p.VLANs != [2]uint16{vlan} {
				t.Errorf("tunnel %q mac %v vlans %v", p.Tunnel, p.SrcMAC, p.VLANs)
			}
			if c.tun != "" && p.Proto != 6 {
				t.Errorf("proto %d", p.Proto)
			}
		})
	}
}

// What only looks like a tunnel by its number stays what it is outside.
func TestNotATunnel(t *testing.T) {
	v4 := inner4(t)
	for _, c := range []struct {
		name  string
		frame []byte
		what  dissect.Transport
		port  uint16
		proto uint8
	}{
		{"vxlan port, no vni", overUDP(t, 4789, gopacket.Payload(cat(make([]byte, 8), make([]byte, 12), []byte{8, 0}, v4))), dissect.UDP, 4789, 17},
		{"vxlan port, no frame", overUDP(t, 4789, gopacket.Payload("\x08\x00\x00\x00\x00\x00\x07\x00 this is a text")), dissect.UDP, 4789, 17},
		{"geneve port", overUDP(t, 6081, gopacket.Payload("some other protocol, longer than any header of IP may be")), dissect.UDP, 6081, 17},
		{"teredo port", overUDP(t, 3544, gopacket.Payload("some other protocol, longer than any header of IP may be")), dissect.UDP, 3544, 17},
		{"gtp port", overUDP(t, 2152, gopacket.Payload("\x30\xff, longer than any header of IP may be, but no GTP")), dissect.UDP, 2152, 17},
		{"gtp, extended past the end", overUDP(t, 2152, gopacket.Payload(cat([]byte{0x36, 255, 0, 60, 0, 0, 0, 9, 0, 1, 0, 0xc0, 99, 1, 2, 0}, v4))), dissect.UDP, 2152, 17},
		{"teredo bubble cut", overUDP(t, 3544, gopacket.Payload(inner6(t)[:45])), dissect.UDP, 3544, 17},
		{"gre keepalive", over(t, layers.IPProtocolGRE, gopacket.Payload("\x00\x00\x00\x00")), dissect.OtherIP, 0, 47},
		{"gre version 3", over(t, layers.IPProtocolGRE, gopacket.Payload(cat([]byte{0, 3, 8, 0}, v4))), dissect.OtherIP, 0, 47},
		{"gre with rubbish", over(t, layers.IPProtocolGRE, gopacket.Payload("\x00\x00\x08\x00 no packet here at all")), dissect.OtherIP, 0, 47},
		{"pptp of lcp", over(t, layers.IPProtocolGRE, gopacket.Payload("\x30\x01\x88\x0b\x00\x06\x00\x07\x00\x00\x00\x01\xc0\x21\x09\x00\x00\x08")), dissect.OtherIP, 0, 47},
		{"mpls of nothing", over(t, layers.IPProtocolGRE, gopacket.Payload("\x00\x00\x88\x47\x00\x00\x10\x40")), dissect.OtherIP, 0, 47},
		{"ip in ip cut", over(t, 4, gopacket.Payload(v4[:12])), dissect.OtherIP, 0, 4},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := decode(LinkEthernet, c.frame)
			if p.Transport != c.what || p.DstPort != c.port || p.Proto != c.proto || p.Tunnel != "" ||
				p.Src.String() != "192.0.2.1" || p.Dst.String() != "192.0.2.2" || p.SrcMAC != macA || len(p.Payload) == 0 || p.Flags != 0 {
				t.Errorf("%v port %d proto %d tunnel %q %v %v flags %#x", p.Transport, p.DstPort, p.Proto, p.Tunnel, p.Src, p.SrcMAC, p.Flags)
			}
		})
	}
}

// ARP in VXLAN is innermost: the outer addresses stand in the tunnel's text alone.
func TestNotIPInTunnel(t *testing.T) {
	arp := &layers.ARP{AddrType: 1, Protocol: 0x0800, HwAddressSize: 6, ProtAddressSize: 4, Operation: 1,
		SourceHwAddress: macC[:], SourceProtAddress: []byte{10, 0, 0, 1}, DstHwAddress: make([]byte, 6), DstProtAddress: []byte{10, 0, 0, 2}}
	in := build(t, eth(macC, macD, 0x0806), arp)
	p := decode(LinkEthernet, overUDP(t, 4789, gopacket.Payload(cat([]byte{8, 0, 0, 0, 0, 0, 7, 0}, in))))
	if p.Transport != dissect.Ethernet || p.EtherType != 0x0806 || p.SrcMAC != macC || p.IPVersion != 0 || p.Src.IsValid() || p.SrcPort != 0 ||
		p.Tunnel != "vxlan 192.0.2.1>192.0.2.2 vni 7" || len(p.Payload) < 28 || p.IPPayload != nil {
		t.Errorf("%+v", p)
	}
}

func TestDeepTunnel(t *testing.T) {
	in := inner4(t)
	for i := range 20 {
		in = build(t, ip4("192.0.2.1", "192.0.2.2", 4), gopacket.Payload(in))
		p := decode(LinkRaw, in)
		deep := i >= maxTunnels
		if (p.Flags&DeepTunnel != 0) != deep {
			t.Fatalf("%d tunnels: flags %#x", i+1, p.Flags)
		}
		if n := strings.Count(p.Tunnel, "ipip"); n != min(i+1, maxTunnels) {
			t.Fatalf("%d tunnels: %d in %q", i+1, n, p.Tunnel)
		}
		if deep && (p.Transport != dissect.OtherIP || p.Proto != 4 || len(p.Payload) == 0) {
			t.Fatalf("%d tunnels: %v %d", i+1, p.Transport, p.Proto)
		}
	}
}

func TestTunnelTextsAreBounded(t *testing.T) {
	d := NewDecoder()
	frame := overUDP(t, 4789, gopacket.Payload(cat([]byte{8, 0, 0, 0, 0, 0, 0, 0}, macD[:], macC[:], []byte{8, 0}, inner4(t))))
	for i := range 3 * maxTunnelTexts {
		frame[47], frame[48] = byte(i>>8), byte(i)
		p := Packet{Link: LinkEthernet, CapLen: len(frame), WireLen: len(frame)}
		d.Decode(&p, frame)
		if p.Tunnel == "" || len(d.texts) > maxTunnelTexts {
			t.Fatalf("%q, %d texts", p.Tunnel, len(d.texts))
		}
	}
}

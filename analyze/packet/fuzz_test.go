package packet

import (
	"testing"
	"unsafe"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"

	"wardtrace/dissect"
)

// insideOf tells whether a view lies in the frame.
func insideOf(frame, view []byte) bool {
	if len(view) == 0 {
		return true
	}
	lo, at := uintptr(unsafe.Pointer(unsafe.SliceData(frame))), uintptr(unsafe.Pointer(unsafe.SliceData(view)))
	return at >= lo && at+uintptr(len(view)) <= lo+uintptr(len(frame))
}

func FuzzDecode(f *testing.F) {
	v4, v6 := inner4(f), inner6(f)
	frame := cat(macD[:], macC[:], []byte{0x81, 0, 0, 42, 8, 0}, v4)
	for _, seed := range [][]byte{
		cat(macB[:], macA[:], []byte{8, 0}, v4), cat(macB[:], macA[:], []byte{0x88, 0xa8, 0, 5, 0x81, 0, 0, 9, 0x86, 0xdd}, v6),
		overUDP(f, 4789, gopacket.Payload(cat([]byte{8, 0, 0, 0, 0, 0, 7, 0}, frame))),
		overUDP(f, 6081, gopacket.Payload(cat([]byte{0, 0, 0x65, 0x58, 0, 0, 7, 0}, frame))),
		overUDP(f, 3544, gopacket.Payload(v6)),
		over(f, layers.IPProtocolGRE, gopacket.Payload(cat([]byte{0xf0, 0, 0x65, 0x58, 1, 2, 0, 0, 0, 0, 0, 99, 0, 0, 0, 1, 8, 0, 0, 4, 9, 9, 9, 9, 0, 0, 0, 0}, frame))),
		over(f, layers.IPProtocolGRE, gopacket.Payload(cat([]byte{0x10, 0, 0x22, 0xeb, 0, 0, 0, 1, 0x20, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 1}, make([]byte, 8), frame))),
		cat(macB[:], macA[:], []byte{0x88, 0x64, 0x11, 0, 1, 1, 0, 60, 0, 0x21}, v4),
	} {
		f.Add(uint16(LinkEthernet), uint16(0), seed)
	}
	for _, l := range []LinkType{LinkNull, LinkPPP, LinkRaw, LinkCHDLC, Link80211, LinkEnc, LinkSLL, LinkPFLog, LinkRadiotap, LinkPPI, LinkNFLog, LinkSLL2} {
		f.Add(uint16(l), uint16(10), cat([]byte{2, 0, 0, 0, 8, 0}, make([]byte, 14), v4))
	}
	d := NewDecoder()
	f.Fuzz(func(t *testing.T, link, more uint16, data []byte) {
		p := Packet{Link: LinkType(link), CapLen: len(data), WireLen: len(data) + int(more)}
		d.Decode(&p, data)
		check(t, &p, data)
		first := p
		first.IPPayload, first.Payload = nil, nil
		if p.Fragment {
			d.Reassembled(&p, data, len(data)+int(more))
			check(t, &p, data)
		}
		again := Packet{Link: LinkType(link), CapLen: len(data), WireLen: len(data) + int(more)}
		NewDecoder().Decode(&again, data)
		again.IPPayload, again.Payload = nil, nil
		if !equal(&first, &again) {
			t.Fatalf("decoded differently by a fresh decoder:\n%+v\n%+v", first, again)
		}
	})
}

func equal(a, b *Packet) bool {
	x, y := *a, *b
	x.IPPayload, x.Payload, y.IPPayload, y.Payload = nil, nil, nil, nil
	return x.Src == y.Src && x.Tunnel == y.Tunnel && x.TCP == y.TCP && x.Flags == y.Flags && x.Transport == y.Transport &&
		x.PayloadLen == y.PayloadLen && x.Quoted == y.Quoted && x.VLANs == y.VLANs && x.EtherType == y.EtherType
}

func check(t *testing.T, p *Packet, data []byte) {
	t.Helper()
	if !insideOf(data, p.Payload) || !insideOf(data, p.IPPayload) {
		t.Fatal("a view leaves the frame")
	}
	if p.PayloadLen < len(p.Payload) || p.IPPayloadLen < len(p.IPPayload) {
		t.Fatalf("%d bytes of %d, %d of %d", len(p.Payload), p.PayloadLen, len(p.IPPayload), p.IPPayloadLen)
	}
	ip := p.IPVersion != 0
	if ip != p.Src.IsValid() || ip != p.Dst.IsValid() || ip == (p.Transport == dissect.Ethernet || p.Transport == dissect.BLE || p.Transport == dissect.HCI || p.Transport == 0) {
		t.Fatalf("version %d, %v>%v, %v", p.IPVersion, p.Src, p.Dst, p.Transport)
	}
	if (p.Transport == 0) != (p.Flags&UnknownLink != 0) {
		t.Fatalf("transport %v, flags %#x", p.Transport, p.Flags)
	}
	if p.Fragment && (p.Payload != nil || p.PayloadLen != 0) {
		t.Fatal("a fragment has a payload")
	}
	if p.Transport != dissect.TCP && p.TCP != (TCP{}) || p.Transport != dissect.TCP && p.Transport != dissect.UDP && p.Transport != dissect.SCTP && p.SrcPort|p.DstPort != 0 {
		t.Fatalf("leftovers of an outer packet: %+v", p)
	}
}

func BenchmarkDecode(b *testing.B) {
	in := build(b, ip4("10.1.1.1", "10.1.1.2", 6), tcp(), gopacket.Payload(make([]byte, 1400)))
	short := inner4(b)
	for _, c := range []struct {
		name  string
		frame []byte
	}{
		{"tcp1400", cat(macB[:], macA[:], []byte{8, 0}, in)},
		{"tcp11", cat(macB[:], macA[:], []byte{8, 0}, short)},
		{"tcp6", cat(macB[:], macA[:], []byte{0x86, 0xdd}, inner6(b))},
		{"vxlan", overUDP(b, 4789, gopacket.Payload(cat([]byte{8, 0, 0, 0, 0, 0, 7, 0}, macD[:], macC[:], []byte{8, 0}, short)))},
	} {
		b.Run(c.name, func(b *testing.B) {
			d := NewDecoder()
			var p Packet
			b.ReportAllocs()
			b.SetBytes(int64(len(c.frame)))
			for b.Loop() {
				p = Packet{Link: LinkEthernet, CapLen: len(c.frame), WireLen: len(c.frame)}
				d.Decode(&p, c.frame)
			}
			if p.Transport != dissect.TCP || p.DstPort != 104 {
				b.Fatal("not decoded")
			}
		})
	}
}

// Decoding allocates nothing, for a packet in a tunnel met before as well.
func TestNoAllocation(t *testing.T) {
	frame := overUDP(t, 4789, gopacket.Payload(cat([]byte{8, 0, 0, 0, 0, 0, 7, 0}, macD[:], macC[:], []byte{8, 0}, inner4(t))))
	d := NewDecoder()
	var p Packet
	if n := testing.AllocsPerRun(100, func() {
		p = Packet{Link: LinkEthernet, CapLen: len(frame), WireLen: len(frame)}
		d.Decode(&p, frame)
	}); n != 0 {
		t.Errorf("%v allocations a packet", n)
	}
}

package defrag

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"

	"wardtrace/analyze/packet"
	"wardtrace/dissect"
	"wardtrace/dissect/event"
)

const (
	src4, dst4 = "10.0.0.1", "10.0.0.2"
	src6, dst6 = "2001:db8::1", "2001:db8::2"
)

func serialize(t testing.TB, ls ...gopacket.SerializableLayer) []byte {
	t.Helper()
	buf := gopacket.NewSerializeBuffer()
	if err := gopacket.SerializeLayers(buf, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}, ls...); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// datagram4 is a UDP datagram from port 5000 to 6000, as IP carries it.
func datagram4(t testing.TB, size int) []byte {
	ip := &layers.IPv4{Version: 4, Protocol: layers.IPProtocolUDP, SrcIP: netip.MustParseAddr(src4).AsSlice(), DstIP: netip.MustParseAddr(dst4).AsSlice()}
	udp := &layers.UDP{SrcPort: 5000, DstPort: 6000}
	udp.SetNetworkLayerForChecksum(ip)
	return serialize(t, udp, gopacket.Payload(text(size)))
}

func text(size int) []byte {
	b := make([]byte, size)
	for i := range b {
		b[i] = byte('a' + i/8%26)
	}
	return b
}

// frag4 is one raw IPv4 fragment.
func frag4(id uint16, proto byte, off int, more bool, data []byte) []byte {
	h := make([]byte, 20, 20+len(data))
	h[0], h[8], h[9] = 0x45, 64, proto
	binary.BigEndian.PutUint16(h[2:], uint16(20+len(data)))
	binary.BigEndian.PutUint16(h[4:], id)
	f := uint16(off / 8)
	if more {
		f |= 0x2000
	}
	binary.BigEndian.PutUint16(h[6:], f)
	copy(h[12:], netip.MustParseAddr(src4).AsSlice())
	copy(h[16:], netip.MustParseAddr(dst4).AsSlice())
	return append(h, data...)
}

// frag6 is one raw IPv6 fragment.
func frag6(id uint32, next byte, off int, more bool, data []byte) []byte {
	h := make([]byte, 48, 48+len(data))
	h[0], h[6], h[7] = 0x60, 44, 64
	binary.BigEndian.PutUint16(h[4:], uint16(8+len(data)))
	copy(h[8:], netip.MustParseAddr(src6).AsSlice())
	copy(h[24:], netip.MustParseAddr(dst6).AsSlice())
	h[40] = next
	v := uint16(off)
	if more {
		v |= 1
	}
	binary.BigEndian.PutUint16(h[42:], v)
	binary.BigEndian.PutUint32(h[44:], id)
	return append(h, data...)
}

// rig runs frames through decoder and Defrag.
type rig struct {
	dec *packet.Decoder
	f   *Defrag
	n   uint32
}

func newRig() *rig { return &rig{dec: packet.NewDecoder(), f: New(DefaultLimit)} }

func (r *rig) put(frame []byte, at event.Time) *packet.Packet { return r.cut(frame, len(frame), at) }

func (r *rig) cut(frame []byte, snap int, at event.Time) *packet.Packet {
	r.n++
	frame = bytes.Clone(frame)
	p := &packet.Packet{Ref: event.Ref{Time: at, File: 1, Frame: r.n}, Link: packet.LinkRaw, CapLen: min(snap, len(frame)), WireLen: len(frame)}
	data := frame[:p.CapLen]
	r.dec.Decode(p, data)
	r.f.Join(r.dec, p, at)
	return p
}

func (r *rig) kinds() string {
	var out []string
	for _, n := range r.f.Notes() {
		out = append(out, n.Kind)
	}
	return strings.Join(out, " ")
}

func checkWhole(t *testing.T, p *packet.Packet, payload []byte) {
	t.Helper()
	if p.Flags&packet.Defragmented == 0 || p.Fragment {
		t.Fatalf("not put together: flags %#x fragment %v", p.Flags, p.Fragment)
	}
	if p.Transport != dissect.UDP || p.SrcPort != 5000 || p.DstPort != 6000 {
		t.Fatalf("%v %d>%d", p.Transport, p.SrcPort, p.DstPort)
	}
	if !bytes.Equal(p.Payload, payload) || p.PayloadLen != len(payload) {
		t.Fatalf("payload of %d bytes, length %d, want %d", len(p.Payload), p.PayloadLen, len(payload))
	}
	if p.Flags&(packet.BadSum|packet.BadHeader|packet.Truncated) != 0 {
		t.Fatalf("flags %#x", p.Flags)
	}
}

func TestEveryOrder(t *testing.T) {
	whole := datagram4(t, 100)
	type part struct{ lo, hi int }
	parts := []part{{0, 32}, {32, 64}, {64, 80}, {80, len(whole)}}
	for _, order := range permutations(len(parts)) {
		for _, v6 := range []bool{false, true} {
			t.Run(fmt.Sprint(order, v6), func(t *testing.T) {
				r := newRig()
				seenFirst := false
				for i, n := range order {
					x := parts[n]
					frame := frag4(7, 17, x.lo, x.hi < len(whole), whole[x.lo:x.hi])
					if v6 {
						frame = frag6(7, 17, x.lo, x.hi < len(whole), fixed6(t, whole)[x.lo:x.hi])
					}
					p := r.put(frame, event.Time(i))
					seenFirst = seenFirst || n == 0
					if i == len(order)-1 {
						checkWhole(t, p, whole[8:])
						continue
					}
					if p.Payload != nil || p.PayloadLen != 0 || !p.Fragment || p.Transport != dissect.UDP {
						t.Fatalf("fragment %d: payload %d, transport %v", n, p.PayloadLen, p.Transport)
					}
					if got := p.SrcPort == 5000 && p.DstPort == 6000; got != seenFirst {
						t.Fatalf("fragment %d: ports %d>%d, first seen %v", n, p.SrcPort, p.DstPort, seenFirst)
					}
				}
				r.f.Flush()
				if k := r.kinds(); k != "" {
					t.Errorf("notes: %s", k)
				}
				if r.f.Held() != 0 {
					t.Errorf("%d bytes held", r.f.Held())
				}
			})
		}
	}
}

// fixed6 is the datagram with the checksum it has over IPv6.
func fixed6(t testing.TB, whole []byte) []byte {
	ip := &layers.IPv6{Version: 6, NextHeader: layers.IPProtocolUDP, SrcIP: netip.MustParseAddr(src6).AsSlice(), DstIP: netip.MustParseAddr(dst6).AsSlice()}
	udp := &layers.UDP{SrcPort: 5000, DstPort: 6000}
	udp.SetNetworkLayerForChecksum(ip)
	return serialize(t, udp, gopacket.Payload(whole[8:]))
}

func permutations(n int) (out [][]int) {
	if n == 0 {
		return [][]int{{}}
	}
	for _, p := range permutations(n - 1) {
		for i := range n {
			q := append(append(append([]int{}, p[:i]...), n-1), p[i:]...)
			out = append(out, q)
		}
	}
	return out
}

func TestDuplicates(t *testing.T) {
	r := newRig()
	whole := datagram4(t, 40)
	a, b := frag4(1, 17, 0, true, whole[:24]), frag4(1, 17, 24, false, whole[24:])
	r.put(a, 0)
	if p := r.put(a, 0); p.Flags != 0 || p.SrcPort != 5000 {
		t.Errorf("duplicate of the first: flags %#x port %d", p.Flags, p.SrcPort)
	}
	checkWhole(t, r.put(b, 0), whole[8:])
	if p := r.put(b, second/2); !p.Fragment || p.SrcPort != 5000 || p.Payload != nil {
		t.Errorf("late duplicate: fragment %v port %d", p.Fragment, p.SrcPort)
	}
	r.put(a, second*3/2) // too late for a duplicate: the next datagram with this identification
	checkWhole(t, r.put(b, second*3/2), whole[8:])
	if k := r.kinds(); k != "" {
		t.Errorf("notes: %s", k)
	}
}

func TestIdentificationReused(t *testing.T) {
	r := newRig()
	x, y := datagram4(t, 40), datagram4(t, 48)
	r.put(frag4(1, 17, 0, true, x[:24]), 0)
	checkWhole(t, r.put(frag4(1, 17, 24, false, x[24:]), 0), x[8:])
	r.put(frag4(1, 17, 0, true, y[:24]), 1)
	checkWhole(t, r.put(frag4(1, 17, 24, false, y[24:]), 1), y[8:])
}

func TestOverlapFirstWins(t *testing.T) {
	whole := datagram4(t, 48)
	evil := bytes.Repeat([]byte("X"), 32)
	r := newRig()
	r.put(frag4(1, 17, 0, true, whole[:24]), 0)
	p := r.put(frag4(1, 17, 16, true, evil), 1) // 16 to 48: eight bytes are there, 24 to 48 new
	if p.Flags&packet.TeardropLike == 0 {
		t.Errorf("flags %#x", p.Flags)
	}
	p = r.put(frag4(1, 17, 48, false, whole[48:]), 2)
	want := append(append(append([]byte{}, whole[8:24]...), evil[8:]...), whole[48:]...)
	if !bytes.Equal(p.Payload, want) {
		t.Errorf("payload %q", p.Payload)
	}
	if k := r.kinds(); k != "ip_fragment_conflict" {
		t.Errorf("notes: %s", k)
	}
}

func TestOverlapSameBytes(t *testing.T) {
	whole := datagram4(t, 48)
	r := newRig()
	r.put(frag4(1, 17, 0, true, whole[:32]), 0)
	r.put(frag4(1, 17, 40, true, whole[40:48]), 0)
	p := r.put(frag4(1, 17, 16, false, whole[16:]), 1) // over the end of one, all of another, and both holes
	checkWhole(t, p, whole[8:])
	if p.Flags&packet.TeardropLike != 0 {
		t.Errorf("flags %#x", p.Flags)
	}
	if k := r.kinds(); k != "ip_fragment_overlap" {
		t.Errorf("notes: %s", k)
	}
}

func TestBadFragments(t *testing.T) {
	whole := datagram4(t, 48)
	for _, c := range []struct {
		name  string
		frame []byte
		flag  packet.Flags
		kind  string
	}{
		{"ping of death", frag4(1, 17, 65528, false, whole[:32]), packet.PingOfDeath, "ip_fragment_oversize"},
		{"empty", frag4(1, 17, 8, true, nil), packet.BadFragment, "ip_fragment_bad"},
		{"odd length", frag4(1, 17, 0, true, whole[:13]), packet.BadFragment, "ip_fragment_bad"},
		{"past the end", frag4(1, 17, 40, true, whole[:24]), packet.BadFragment, "ip_fragment_bad"},
		{"another end", frag4(1, 17, 16, false, whole[:16]), packet.BadFragment, "ip_fragment_bad"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig()
			r.put(frag4(1, 17, 24, false, whole[24:]), 0)
			if p := r.put(c.frame, 0); p.Flags&c.flag == 0 || !p.Fragment {
				t.Errorf("flags %#x", p.Flags)
			}
			checkWhole(t, r.put(frag4(1, 17, 0, true, whole[:24]), 0), whole[8:])
			if k := r.kinds(); k != c.kind {
				t.Errorf("notes: %s", k)
			}
		})
	}
}

func TestTinyFirst(t *testing.T) {
	r := newRig()
	p := r.put(frag4(1, 6, 0, true, []byte{0x9c, 0x40, 0, 104, 0, 0, 0, 1}), 0)
	if p.Transport != dissect.TCP || p.DstPort != 104 || r.kinds() != "ip_fragment_tiny" {
		t.Errorf("%v %d", p.Transport, p.DstPort)
	}
}

func TestSnapped(t *testing.T) {
	whole := datagram4(t, 100)
	r := newRig()
	r.cut(frag4(1, 17, 0, true, whole[:64]), 20+40, 0)
	p := r.put(frag4(1, 17, 64, false, whole[64:]), 0)
	if !bytes.Equal(p.Payload, whole[8:40]) || p.PayloadLen != 100 || p.SrcPort != 5000 || p.Flags&packet.BadSum != 0 {
		t.Errorf("%d bytes of %d, flags %#x", len(p.Payload), p.PayloadLen, p.Flags)
	}
}

func TestTimeout(t *testing.T) {
	whole := datagram4(t, 40)
	r := newRig()
	r.put(frag4(1, 17, 0, true, whole[:24]), 0)
	r.put(frag6(1, 17, 0, true, whole[:24]), 0)
	if p := r.put(frag4(1, 17, 24, false, whole[24:]), timeout4+1); !p.Fragment || p.SrcPort != 0 {
		t.Errorf("completed after the timeout")
	}
	if k := r.kinds(); k != "ip_fragment_timeout" {
		t.Errorf("notes: %s", k)
	}
	if p := r.put(frag6(1, 17, 24, false, fixed6(t, whole)[24:]), timeout6); p.Fragment {
		t.Errorf("IPv6 has twice the time")
	}
	r.f.Flush()
	if k := r.kinds(); k != "ip_fragment_incomplete" {
		t.Errorf("notes: %s", k)
	}
}

func TestLimits(t *testing.T) {
	r := newRig()
	r.f = New(10000)
	for i := range 1000 {
		r.put(frag4(uint16(i), 17, 0, true, make([]byte, 64)), event.Time(i))
		if r.f.Held() > 10000 {
			t.Fatalf("%d bytes held", r.f.Held())
		}
	}
	if k := r.kinds(); strings.Count(k, "ip_fragment_limit") < 900 {
		t.Errorf("notes: %s", k)
	}
	r = newRig()
	for i := range maxDatagrams + 3000 {
		r.put(frag6(uint32(i), 17, 0, true, make([]byte, 8)), event.Time(i))
	}
	if n := len(r.f.open); n > maxDatagrams {
		t.Errorf("%d datagrams open", n)
	}
	r.f.Flush()
	notes := r.f.Notes()
	sums := int64(0)
	for _, n := range notes {
		if strings.HasPrefix(n.Detail, "so many") {
			sums += n.Count
		}
	}
	if len(notes) != 2*maxNotes+2 || sums != maxDatagrams+3000-2*maxNotes {
		t.Errorf("%d notes, %d told in sum", len(notes), sums)
	}
}

// An IPv6 datagram is named by what its first fragment says, whatever the others do (RFC 8200 4.5).
func TestNextHeaderOfTheFirst(t *testing.T) {
	udp := datagram4(t, 40)
	udp = fixed6(t, udp)
	opts := []byte{17, 0, 1, 4, 0, 0, 0, 0}
	r := newRig()
	p := r.put(frag6(9, 60, 0, true, append(opts, udp[:16]...)), 0)
	if p.SrcPort != 5000 || p.Proto != 17 || p.Transport != dissect.UDP {
		t.Errorf("first: %v %d", p.Transport, p.SrcPort)
	}
	p = r.put(frag6(9, 99, 24, true, udp[16:32]), 0)
	if p.SrcPort != 5000 || p.Transport != dissect.UDP {
		t.Errorf("second: %v %d", p.Transport, p.SrcPort)
	}
	checkWhole(t, r.put(frag6(9, 99, 40, false, udp[32:]), 0), udp[8:])
}

func TestAtomic(t *testing.T) {
	udp := fixed6(t, datagram4(t, 40))
	p := newRig().put(frag6(9, 17, 0, false, udp), 0)
	if p.Fragment || p.Flags != 0 || !bytes.Equal(p.Payload, udp[8:]) {
		t.Errorf("fragment %v flags %#x", p.Fragment, p.Flags)
	}
}

// A tunnel's packets may be fragments, and so may be the packets inside.
func TestFragmentsInFragments(t *testing.T) {
	whole := datagram4(t, 40)
	a := frag4(1, 17, 0, true, whole[:24])
	b := frag4(1, 17, 24, false, whole[24:])
	gre := func(b []byte) []byte { return append([]byte{0, 0, 8, 0}, b...) }
	ga, gb := gre(a), gre(b)
	r := newRig()
	r.put(frag4(5, 47, 0, true, ga[:16]), 0)
	if p := r.put(frag4(5, 47, 16, false, ga[16:]), 0); !p.Fragment || p.Tunnel != "gre 10.0.0.1>10.0.0.2" || p.SrcPort != 5000 {
		t.Fatalf("inner fragment: %v %q %d", p.Fragment, p.Tunnel, p.SrcPort)
	}
	r.put(frag4(6, 47, 0, true, gb[:16]), 0)
	p := r.put(frag4(6, 47, 16, false, gb[16:]), 0)
	checkWhole(t, p, whole[8:])
	if p.Tunnel != "gre 10.0.0.1>10.0.0.2" {
		t.Errorf("tunnel %q", p.Tunnel)
	}
}

// Random cuts with random repeats in random order always give the datagram back, once.
func TestRandomCuts(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		whole := datagram4(t, 1+rnd.IntN(3000))
		var frames [][]byte
		for lo := 0; lo < len(whole); {
			hi := min(lo+8*(1+rnd.IntN(40)), len(whole))
			from := max(lo-8*rnd.IntN(3), 0) // overlap with the same bytes
			frames = append(frames, frag4(3, 17, from, hi < len(whole), whole[from:hi]))
			lo = hi
		}
		if len(frames) == 1 {
			continue
		}
		rnd.Shuffle(len(frames), func(i, j int) { frames[i], frames[j] = frames[j], frames[i] })
		r := newRig()
		times := 0
		for _, f := range frames {
			if p := r.put(f, 0); !p.Fragment {
				times++
				checkWhole(t, p, whole[8:])
			}
		}
		if times != 1 {
			t.Fatalf("delivered %d times", times)
		}
	}
}

func FuzzDefrag(f *testing.F) {
	whole := datagram4(f, 100)
	add := func(frames ...[]byte) {
		var in []byte
		for _, x := range frames {
			in = append(binary.BigEndian.AppendUint16(in, uint16(len(x))), x...)
		}
		f.Add(in)
	}
	add(frag4(1, 17, 0, true, whole[:24]), frag4(1, 17, 24, false, whole[24:]))
	add(frag4(1, 17, 16, true, whole[16:48]), frag4(1, 17, 24, false, whole[24:]), frag4(1, 17, 0, true, whole[:24]))
	add(frag6(1, 60, 0, true, whole[:24]), frag6(1, 17, 65528, false, whole[24:]))
	f.Fuzz(func(t *testing.T, in []byte) {
		r := newRig()
		r.f = New(4096)
		for i := 0; len(in) >= 2; i++ {
			n := min(int(binary.BigEndian.Uint16(in)), len(in)-2)
			p := r.cut(in[2:2+n], n, event.Time(i)*second/4)
			in = in[2+n:]
			if p.Fragment && (p.Payload != nil || p.PayloadLen != 0) {
				t.Fatal("a fragment has a payload")
			}
			if p.PayloadLen < len(p.Payload) || p.IPPayloadLen < len(p.IPPayload) {
				t.Fatal("more bytes than the headers say")
			}
			if r.f.Held() > 4096 || r.f.Held() < 0 {
				t.Fatalf("%d bytes held", r.f.Held())
			}
		}
		r.f.Flush()
		if r.f.Held() != 0 || len(r.f.open) != 0 {
			t.Fatalf("%d bytes and %d datagrams held in the end", r.f.Held(), len(r.f.open))
		}
	})
}

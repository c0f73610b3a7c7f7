package capture

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"

	"wardtrace/analyze/packet"
	"wardtrace/dissect/event"
)

// ipFrame is an Ethernet frame with an IPv4 packet in it.
func ipFrame(id uint16, vlan bool, pad int) []byte {
	b := append(make([]byte, 12), 8, 0)
	if vlan {
		b = append(make([]byte, 12), 0x81, 0, 0, 5, 8, 0)
	}
	ip := make([]byte, 40)
	ip[0], ip[3], ip[8], ip[9] = 0x45, 40, 64, 17
	binary.BigEndian.PutUint16(ip[4:], id)
	copy(ip[12:], []byte{10, 0, 0, 1, 10, 0, 0, 2})
	return append(append(b, ip...), make([]byte, pad)...)
}

type sent struct {
	at   event.Time
	data []byte
}

// sensor writes what one sensor has captured.
func sensor(packets ...sent) []byte {
	g := newNG(binary.LittleEndian).section(1).iface(1, 65535)
	for _, p := range packets {
		g.enhanced(0, uint64(p.at/1000), p.data, len(p.data))
	}
	return g.out
}

// TestTwins lets two sensors see overlapping parts of the same traffic, each with its own clock, tags and padding.
func TestTwins(t *testing.T) {
	var wire []sent
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 2000 {
		wire = append(wire, sent{second(float64(i) * 0.01), ipFrame(uint16(random.IntN(400)), false, 0)})
	}
	seen := func(from, to int, late float64, vlan bool, pad int) []byte {
		var out []sent
		for _, w := range wire[from:to] {
			out = append(out, sent{w.at + event.Time(late*1e9), ipFrame(binary.BigEndian.Uint16(w.data[18:]), vlan, pad)})
		}
		return sensor(out...)
	}
	first, again := seen(0, 1500, 0, false, 0), seen(500, 2000, 0.003, true, 6)
	r := readAll(t, Options{}, write(t, first, again)...)
	if len(r.frames) != len(wire) {
		t.Errorf("%d packets, want %d: %+v", len(r.frames), len(wire), r.damage)
	}
	if d := r.files[1]; d.Duplicates != 1000 || d.Delivered != 500 || d.Packets != 1500 || d.Damage != "" {
		t.Errorf("%+v", d)
	}
	if len(r.damage) != 1 || r.damage[0].Kind != "capture_duplicates" || r.damage[0].Count != 1000 || r.damage[0].File != 2 {
		t.Errorf("%+v", r.damage)
	}
	if all := readAll(t, Options{KeepDuplicates: true}, write(t, first, again)...); len(all.frames) != 3000 {
		t.Errorf("%d packets with all kept", len(all.frames))
	}
	three := readAll(t, Options{}, write(t, first, again, seen(0, 2000, 0.006, false, 2), seen(0, 2000, 0.001, false, 0))...)
	if len(three.frames) != len(wire) {
		t.Errorf("%d packets of four sensors, want %d", len(three.frames), len(wire))
	}
}

// TestNoTwins has what looks like copies and is none: all of it must stay.
func TestNoTwins(t *testing.T) {
	same := ipFrame(7, false, 0)
	var flood []sent
	for i := range 1000 {
		flood = append(flood, sent{second(float64(i) * 0.0001), same})
	}
	other := ipFrame(8, false, 0)
	hop := ipFrame(7, false, 0)
	hop[14+8]-- // its time to live: it has passed a router
	for name, files := range map[string][][]byte{
		"one input":            {sensor(flood...)},
		"a rotated set":        {sensor(flood[:500]...), sensor(flood[500:]...)},
		"rotated, at one time": {sensor(sent{second(0), same}, sent{second(1), same}), sensor(sent{second(1), same}, sent{second(1), same})},
		"far apart":            {sensor(sent{second(0), same}, sent{second(3), other}), sensor(sent{second(0.1), same}, sent{second(2), other})},
		"behind a router":      {sensor(sent{second(0), same}, sent{second(3), other}), sensor(sent{second(0.001), hop}, sent{second(2), other})},
		"sent twice":           {sensor(sent{second(0), same}, sent{second(0.01), same}, sent{second(3), other}), sensor(sent{second(2), other})},
	} {
		n := 0
		for _, f := range files {
			n += len(readAll(t, Options{}, write(t, f)...).frames)
		}
		if r := readAll(t, Options{}, write(t, files...)...); len(r.frames) != n {
			t.Errorf("%s: %d packets of %d", name, len(r.frames), n)
		}
	}
	// Sent twice, seen twice by both: the second copies belong together.
	r := readAll(t, Options{}, write(t, sensor(sent{second(0), same}, sent{second(0.01), same}, sent{second(1), other}),
		sensor(sent{second(0.001), same}, sent{second(0.011), same}, sent{second(1.001), other}))...)
	if len(r.frames) != 3 || r.files[1].Duplicates != 3 {
		t.Errorf("%v", r.order())
	}
}

// TestTwinInterfaces has a bridge whose both sides were captured into one file.
func TestTwinInterfaces(t *testing.T) {
	g := newNG(binary.LittleEndian).section(1).iface(1, 65535).iface(113, 65535)
	for i := range 100 {
		frame := ipFrame(uint16(i), false, 0)
		g.enhanced(0, uint64(second(float64(i))/1000), frame, len(frame))
		cooked := append(make([]byte, 14), frame[12:]...)
		g.enhanced(1, uint64(second(float64(i)+0.00002)/1000), cooked, len(cooked))
	}
	r := readAll(t, Options{}, write(t, g.out)...)
	if len(r.frames) != 100 || r.files[0].Duplicates != 100 || slices.ContainsFunc(r.frames, func(f Frame) bool { return f.Link != packet.LinkEthernet }) {
		t.Errorf("%d packets, %+v", len(r.frames), r.files)
	}
}

// TestTwinsBesideIP has ARP requests seen with and without a tag, padded as the wire wants it, and one by another host.
func TestTwinsBesideIP(t *testing.T) {
	arp := func(from byte, tag []byte) []byte {
		b := slices.Concat([]byte{255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, from}, tag, []byte{8, 6, 0, 1, 8, 0, 6, 4, 0, 1})
		b = append(b, 2, 0, 0, 0, 0, 9, 10, 0, 0, 9, 0, 0, 0, 0, 0, 0, 10, 0, 0, 7)
		return append(b, make([]byte, 60-len(b))...)
	}
	plain := sensor(sent{second(1), arp(1, nil)}, sent{second(2), arp(1, nil)})
	tagged := sensor(sent{second(1.001), arp(1, []byte{0x81, 0, 0, 5})}, sent{second(2.001), arp(2, []byte{0x81, 0, 0, 5})})
	if r := readAll(t, Options{}, write(t, plain, tagged)...); len(r.frames) != 3 || r.files[1].Duplicates != 1 {
		t.Errorf("%d packets: %+v", len(r.frames), r.files)
	}
}

// TestDoubled has a mirror port that gives each packet twice: it is told, and nothing is left out.
func TestDoubled(t *testing.T) {
	var doubled, usual []sent
	for i := range 5000 {
		at, frame := second(float64(i)*0.001), ipFrame(uint16(i+1), false, 0)
		doubled = append(doubled, sent{at, frame}, sent{at + 9000, frame})
		usual = append(usual, sent{at, frame})
	}
	r := readAll(t, Options{}, write(t, sensor(doubled...))...)
	if k := r.kinds(); !slices.Equal(k, []string{"capture_doubled"}) || r.damage[0].Count < 45 || r.damage[0].Count > 50 || len(r.frames) != 10000 || r.files[0].Damage != "" {
		t.Errorf("%d packets, %+v", len(r.frames), r.damage)
	}
	if r := readAll(t, Options{}, write(t, sensor(usual...))...); len(r.damage) > 0 {
		t.Errorf("%+v", r.damage)
	}
}

func FuzzFromNetwork(f *testing.F) {
	f.Add(uint16(1), ipFrame(1, true, 3))
	f.Add(uint16(113), make([]byte, 60))
	f.Add(uint16(276), make([]byte, 60))
	f.Add(uint16(101), ipFrame(1, false, 0)[14:])
	f.Fuzz(func(t *testing.T, link uint16, b []byte) {
		if addresses, got := fromNetwork(packet.LinkType(link), b); len(addresses)+len(got) > len(b) {
			t.Fatal("longer than the packet")
		}
	})
}

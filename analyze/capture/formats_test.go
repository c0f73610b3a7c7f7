package capture

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"wardtrace/dissect/event"
)

func TestPCAPMagics(t *testing.T) {
	for _, v := range pcapMagics {
		t.Run(fmt.Sprintf("%x", v.magic), func(t *testing.T) {
			in := []pkt{{second(0.123456789), 60, 0}, {second(1), 64, 1514}, {second(2.5), 1, 0}}
			r := readAll(t, Options{}, write(t, pcapFile(v, in...))...)
			if len(r.frames) != len(in) || len(r.damage) > 0 {
				t.Fatalf("%d frames, damage %v", len(r.frames), r.damage)
			}
			for i, f := range r.frames {
				want := in[i].t / event.Time(v.unit) * event.Time(v.unit)
				if f.Time != want || f.WireLen != in[i].length() || !bytes.Equal(f.Data, in[i].bytes(i)) || f.Link != 1 || f.Frame != uint32(i+1) {
					t.Errorf("packet %d: %+v, want time %d", i, f, want)
				}
			}
			row := r.files[0]
			if row.Format != v.name || row.Packets != 3 || row.Snapped != 1 || row.CapBytes != 125 || row.WireBytes != 1575 || !row.Complete {
				t.Errorf("row %+v", row)
			}
		})
	}
}

func TestPCAPOldLengths(t *testing.T) {
	for _, c := range []struct {
		major, minor uint16
		swapped      bool
	}{{2, 2, true}, {2, 3, true}, {543, 0, true}, {2, 3, false}, {2, 4, false}} {
		b := pcapFile(classic, pkt{second(0), 60, 100}, pkt{second(1), 60, 100})
		binary.LittleEndian.PutUint16(b[4:], c.major)
		binary.LittleEndian.PutUint16(b[6:], c.minor)
		for at := 24; c.swapped && at < len(b); at += 76 {
			l := bytes.Clone(b[at+8 : at+12])
			copy(b[at+8:], b[at+12:at+16])
			copy(b[at+12:], l)
		}
		r := readAll(t, Options{}, write(t, b)...)
		if len(r.frames) != 2 || len(r.frames[1].Data) != 60 || r.frames[1].WireLen != 100 {
			t.Errorf("%+v: %v", c, r.frames)
		}
	}
}

func TestPCAPNG(t *testing.T) {
	for _, order := range []byteOrder{binary.LittleEndian, binary.BigEndian} {
		g := newNG(order)
		g.section(1, g.option(nil, 2, []byte("a probe")), g.option(nil, 3, []byte("Linux")), g.option(nil, 4, []byte("dumpcap\x00")))
		g.iface(1, 0, g.option(nil, 2, []byte("eth0")), g.option(nil, 9, []byte{3}))
		g.iface(101, 96, g.option(nil, 9, []byte{0x80 | 20}), g.option(nil, 14, order.AppendUint64(nil, 1772323200)))
		g.enhanced(0, uint64(second(1)/1e6), make([]byte, 61), 61)
		g.block(nameBlock, append(g.option(nil, 1, []byte("\x0a\x00\x00\x01pump\x00")), 0, 0, 0, 0))
		g.enhanced(1, 2<<20+1<<19, make([]byte, 62), 900)
		g.block(customBlock, []byte("1234 custom data"))
		g.block(secretsBlock, make([]byte, 20))
		g.block(0x77777777, make([]byte, 40))
		// The same section goes on in the other byte order only with a new header; here it is another section.
		other := newNG(binary.BigEndian)
		if order == binary.BigEndian {
			other = newNG(binary.LittleEndian)
		}
		other.section(1).iface(1, 10, other.option(nil, 9, []byte{9}))
		other.block(simpleBlock, append(other.AppendUint32(nil, 99), make([]byte, 12)...))
		obsolete := other.AppendUint16(nil, 0)
		obsolete = other.AppendUint16(obsolete, 7)
		obsolete = other.AppendUint32(obsolete, uint32(second(4)>>32))
		obsolete = other.AppendUint32(obsolete, uint32(second(4)&0xffffffff))
		obsolete = other.AppendUint32(obsolete, 5)
		obsolete = other.AppendUint32(obsolete, 6)
		other.block(packetBlock, append(obsolete, "hello"...))
		for _, drops := range []uint64{3, 5} {
			stats := other.AppendUint64(other.AppendUint32(nil, 0), 0)
			stats = other.option(stats, 5, other.AppendUint64(nil, drops))
			other.block(statisticsBlock, other.option(stats, 7, other.AppendUint64(nil, 1)))
		}
		r := readAll(t, Options{}, write(t, append(g.out, other.out...))...)
		type short struct {
			frame, link, iface, wire, size int
			time                           event.Time
		}
		var got []short
		for _, f := range r.frames {
			got = append(got, short{int(f.Frame), int(f.Link), f.Iface, f.WireLen, len(f.Data), f.Time})
		}
		want := []short{{1, 1, 0, 61, 61, second(1)}, {2, 101, 1, 900, 62, second(2.5)}, {4, 1, 0, 99, 10, 0}, {5, 1, 0, 6, 5, second(4)}}
		if !slices.Equal(got, want) {
			t.Errorf("%v: got %v\nwant %v", order, got, want)
		}
		row := r.files[0]
		if row.Format != "pcapng" || row.Sections != 2 || row.Hardware != "a probe" || row.OS != "Linux" || row.Application != "dumpcap" ||
			row.Names != 1 || row.Secrets != 1 || row.OtherBlocks != 2 || row.Drops != event.Some[int64](6) || row.Snaplen.V != 96 ||
			!slices.Equal(row.Interfaces, []string{"eth0"}) || row.TSResol != "1e-03; 2^-20; 1e-09" || row.Damage != "" || len(row.LinkTypes) != 2 {
			t.Errorf("%v: row %+v", order, row)
		}
	}
}

func TestResolution(t *testing.T) {
	for _, c := range []struct {
		resol  uint8
		stamp  uint64
		offset int64
		want   event.Time
	}{
		{6, 1500000, 0, 1500000000},
		{0, 5, 1, 6e9},
		{9, 1e18 + 1, 0, 1e18 + 1},
		{12, 1500, 0, 1},
		{19, 1e19 + 5e18, 0, 1500000000},
		{20, math.MaxUint64, 0, 184467440},
		{127, math.MaxUint64, 0, 0},
		{0x80, 3, 0, 3e9},
		{0x80 | 1, 3, 0, 1500000000},
		{0x80 | 32, 1<<32 + 1<<31, -1, 500000000},
		{0x80 | 63, 1<<63 + 1<<62, 0, 1500000000},
		{0x80 | 64, 1 << 63, 0, 500000000},
		{0x80 | 65, 1 << 63, 0, 250000000},
		{0xff, math.MaxUint64, 0, 0},
		{0, math.MaxUint64, 0, math.MaxInt64},
		{6, 0, math.MaxInt64, math.MaxInt64},
		{6, 0, math.MinInt64, math.MinInt64},
		{6, 0, -20e9, math.MinInt64},
		{6, 0, -1e9, -1e18},
	} {
		if got := resolution(c.resol).time(c.stamp, c.offset); got != c.want {
			t.Errorf("if_tsresol %#x, stamp %d, offset %d: %d, want %d", c.resol, c.stamp, c.offset, got, c.want)
		}
	}
}

// flat is a capture as one slice, with the offset of each record.
func flat(head []byte, recs ...[]byte) []byte {
	return append(bytes.Clone(head), bytes.Join(recs, nil)...)
}

func TestPCAPDamage(t *testing.T) {
	var recs [][]byte
	for i, p := range packets(0, 12) {
		recs = append(recs, pcapRec(classic, p, i))
	}
	head := pcapFile(classic)
	garbage := bytes.Repeat([]byte("not a record "), 20)
	huge := bytes.Clone(recs[5])
	binary.LittleEndian.PutUint32(huge[8:], math.MaxUint32)
	long := bytes.Clone(recs[5])
	binary.LittleEndian.PutUint32(long[8:], 200000)
	for _, c := range []struct {
		name  string
		file  []byte
		want  string // which packets
		kind  string
		where int64
		lost  int64
	}{
		{"sound", flat(head, recs...), "1 2 3 4 5 6 7 8 9 10 11 12", "", 0, 0},
		{"header only", head, "", "", 0, 0},
		{"cut in a header", flat(head, recs[0], recs[1][:7]), "1", "capture_truncated", 100, 7},
		{"cut in a packet", flat(head, recs[0], recs[1], recs[2][:40]), "1 2", "capture_truncated", 176, 40},
		{"garbage between", flat(head, recs[0], recs[1], garbage, bytes.Join(recs[2:], nil)), "1 2 3 4 5 6 7 8 9 10 11 12", "capture_damaged", 176, 260},
		{"bytes lost", flat(head, recs[0], recs[1][10:], bytes.Join(recs[2:], nil)), "1 3 4 5 6 7 8 9 10 11 12", "capture_damaged", 100, 66},
		{"zeros at the end", flat(head, recs[0], make([]byte, 5000)), "1", "capture_truncated", 100, 5000},
		{"zeros between", flat(head, recs[0], make([]byte, 5001), bytes.Join(recs[1:], nil)), "1 2 3 4 5 6 7 8 9 10 11 12", "capture_damaged", 100, 5001},
		{"4 GiB packet", flat(head, bytes.Join(recs[:5], nil), huge, bytes.Join(recs[6:], nil)), "1 2 3 4 5 7 8 9 10 11 12", "capture_damaged", 404, 76},
		{"packet longer than the file", flat(head, bytes.Join(recs[:5], nil), long, bytes.Join(recs[6:], nil)), "1 2 3 4 5 7 8 9 10 11 12", "capture_damaged", 404, 76},
		{"garbage up to the last packet", flat(head, recs[0], garbage, recs[1]), "1 2", "capture_damaged", 100, 260},
		{"garbage first", flat(head, garbage, bytes.Join(recs, nil)), "1 2 3 4 5 6 7 8 9 10 11 12", "capture_damaged", 24, 260},
	} {
		t.Run(c.name, func(t *testing.T) {
			damaged(t, readAll(t, Options{}, write(t, c.file)...), c.want, c.kind, c.where, c.lost)
		})
	}
}

// damaged checks which packets were read, by the byte they are filled with, and the one damage.
func damaged(t *testing.T, r result, want, kind string, where, lost int64) {
	t.Helper()
	var got []string
	for _, f := range r.frames {
		got = append(got, fmt.Sprint(f.Data[0]))
	}
	if s := strings.Join(got, " "); s != want {
		t.Errorf("packets %s, want %s", s, want)
	}
	row := r.files[0]
	if kind == "" {
		if len(r.damage) > 0 || row.Damage != "" {
			t.Errorf("damage %v", r.damage)
		}
		return
	}
	if len(r.damage) != 1 || r.damage[0].Kind != kind || r.damage[0].Count != lost || r.damage[0].File != 1 ||
		!strings.HasSuffix(r.damage[0].Detail, fmt.Sprintf("byte %d", where)) {
		t.Errorf("damage %+v, want %s of %d bytes at %d", r.damage, kind, lost, where)
	}
	if row.LostBytes != lost || row.Damages != 1 || row.Damage != r.damage[0].Detail || row.SHA256 == "" || !row.Complete {
		t.Errorf("row %+v", row)
	}
}

func TestPCAPNGDamage(t *testing.T) {
	head := newNG(binary.LittleEndian).section(1).iface(1, 65535).out
	var recs [][]byte
	for i, p := range packets(0, 6) {
		recs = append(recs, newNG(binary.LittleEndian).enhanced(0, uint64(p.t/1000), p.bytes(i), p.size).out)
	}
	at := func(n int) int64 { return int64(len(head) + n*len(recs[0])) }
	size := int64(len(recs[0]))
	change := func(off int, v uint32) []byte {
		b := bytes.Clone(recs[2])
		binary.LittleEndian.PutUint32(b[off:], v)
		return b
	}
	garbage := []byte("an odd number of bytes that is no block at all.")
	tail := bytes.Join(recs[3:], nil)
	front := flat(head, recs[0], recs[1])
	second := newNG(binary.BigEndian).section(1).iface(1, 0).out
	for _, c := range []struct {
		name  string
		file  []byte
		want  string
		kind  string
		where int64
		lost  int64
	}{
		{"sound", flat(head, recs...), "1 2 3 4 5 6", "", 0, 0},
		{"cut in a block header", flat(front, recs[2][:5]), "1 2", "capture_truncated", at(2), 5},
		{"cut in a block", flat(front, recs[2][:50]), "1 2", "capture_truncated", at(2), 50},
		{"cut in the trailer", flat(front, recs[2][:size-1]), "1 2", "capture_truncated", at(2), size - 1},
		{"wrong length behind", flat(front, change(int(size)-4, 8), tail), "1 2 4 5 6", "capture_damaged", at(2), size},
		{"wrong length in front", flat(front, change(4, 64), tail), "1 2 4 5 6", "capture_damaged", at(2), size},
		{"4 GiB block", flat(front, change(4, math.MaxUint32-3), tail), "1 2 4 5 6", "capture_damaged", at(2), size},
		{"length 0", flat(front, change(4, 0), tail), "1 2 4 5 6", "capture_damaged", at(2), size},
		{"garbage", flat(front, garbage, recs[2], tail), "1 2 3 4 5 6", "capture_damaged", at(2), int64(len(garbage))},
		{"garbage, then a section of the other order", flat(front, garbage, second, newNG(binary.BigEndian).enhanced(0, 5, []byte{9}, 1).out), "1 2 9", "capture_damaged", at(2), int64(len(garbage))},
		{"packet longer than its block", flat(front, change(20, 61), tail), "1 2 4 5 6", "capture_damaged", at(2), size - 32},
		{"unknown interface", flat(front, change(8, 7), tail), "1 2 4 5 6", "capture_damaged", at(2), size - 32},
		{"unknown version", flat(front, newNG(binary.LittleEndian).section(2).iface(1, 0).out, tail), "1 2", "capture_damaged", at(2), 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := readAll(t, Options{}, write(t, c.file)...)
			r.damage = slices.DeleteFunc(r.damage, func(d Damage) bool { return strings.HasPrefix(d.Kind, "capture_clock") })
			if c.name == "garbage, then a section of the other order" {
				r.files[0].Damages, r.files[0].Damage = 1, r.damage[0].Detail // its packet is of 1970
			}
			damaged(t, r, c.want, c.kind, c.where, c.lost)
		})
	}
}

func TestDamageIsCapped(t *testing.T) {
	g := newNG(binary.LittleEndian).section(1).iface(1, 0)
	for range 1000 {
		g.enhanced(9, 0, []byte{1}, 1)
	}
	r := readAll(t, Options{}, write(t, g.out)...)
	row := r.files[0]
	if len(r.damage) != maxNotes+1 || r.damage[maxNotes].Kind != "capture_more_damage" || r.damage[maxNotes].Count != 1000-maxNotes ||
		row.Damages != 1000 || !strings.HasSuffix(row.Damage, "and 992 more") {
		t.Errorf("%d rows, last %+v, %d, %q", len(r.damage), r.damage[len(r.damage)-1], row.Damages, row.Damage)
	}
}

func TestPacked(t *testing.T) {
	whole := pcapFile(classic, packets(0, 50)...)
	a, b := whole[:1000], whole[1000:] // in the middle of a packet
	garbage := []byte("appended by a broken copy")
	skippable := append([]byte{0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0}, "abcd"...)
	badSum := gz(a)
	badSum[len(badSum)-5] ^= 1
	g, z := gz(whole), zst(t, whole)
	for _, c := range []struct {
		name   string
		file   []byte
		format string
		least  int
		kinds  []string
	}{
		{"gz", g, "pcap.gz", 50, nil},
		{"gz of pcapng", gz(ngFile(packets(0, 50)...)), "pcapng.gz", 50, nil},
		{"gz members", gz(a, b), "pcap.gz", 50, nil},
		{"gz members, one empty", gz(a, nil, b), "pcap.gz", 50, nil},
		{"gz trailing garbage", flat(g, garbage), "pcap.gz", 50, []string{"capture_damaged"}},
		{"gz padded with zeros", flat(g, make([]byte, 700)), "pcap.gz", 50, nil},
		{"gz cut off", g[:len(g)-30], "pcap.gz", 1, []string{"capture_truncated"}},
		{"gz wrong checksum", flat(badSum, gz(b)), "pcap.gz", 50, []string{"capture_damaged"}},
		{"zst", z, "pcap.zst", 50, nil},
		{"zst frames", zst(t, a, b), "pcap.zst", 50, nil},
		{"zst skippable first", flat(skippable, z), "pcap.zst", 50, nil},
		{"zst trailing garbage", flat(z, garbage), "pcap.zst", 50, []string{"capture_damaged"}},
		{"zst second frame cut off", flat(zst(t, a), zst(t, b)[:20]), "pcap.zst", 12, []string{"capture_truncated", "capture_truncated"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := readAll(t, Options{}, write(t, c.file)...)
			row := r.files[0]
			kinds := r.kinds()
			if c.name == "gz cut off" { // where the last packet ends depends on the compressor
				kinds = kinds[max(0, len(kinds)-1):]
			}
			if len(r.frames) < c.least || row.Format != c.format || !reflect.DeepEqual(kinds, c.kinds) || row.Bytes != int64(len(c.file)) || !row.Complete {
				t.Errorf("%d packets, damage %+v, row %+v", len(r.frames), r.damage, row)
			}
			for i, f := range r.frames {
				if f.Frame != uint32(i+1) || f.Data[0] != byte(i+1) {
					t.Fatalf("packet %d is %+v", i, f)
				}
			}
		})
	}
}

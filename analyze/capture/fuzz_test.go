package capture

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"reflect"
	"runtime"
	"testing"
	"testing/iotest"

	"wardtrace/analyze/packet"
	"wardtrace/dissect/event"
)

// seen is a packet as the decoder gave it.
type seen struct {
	time        event.Time
	link        packet.LinkType
	wire, iface int
	data        string
}

// decodeAll decodes a file that is read in some chunking, with a small window.
func decodeAll(t *testing.T, r io.Reader) ([]seen, []Damage, File) {
	w := &window{ctx: context.Background(), r: r, buf: make([]byte, 512)}
	l := &log{}
	f := formatOf(w.peek(magicLen))
	if f == nil {
		return nil, nil, File{}
	}
	d, err := f.open(w, l)
	if err != nil {
		return nil, l.notes, l.row
	}
	var out []seen
	var rec record
	for d.next(&rec) == nil {
		if len(rec.data) > maxFrame {
			t.Fatalf("a packet of %d bytes", len(rec.data))
		}
		out = append(out, seen{rec.time, rec.link, rec.wire, rec.iface, string(rec.data)})
		l.frame++
	}
	if err := d.next(&rec); err != io.EOF {
		t.Fatalf("%v after the end", err)
	}
	return out, l.notes, l.row
}

// check decodes a file in three chunkings: the packets and the damage must be the same.
func check(t *testing.T, file []byte) {
	frames, damage, row := decodeAll(t, bytes.NewReader(file))
	total := int64(0)
	for _, f := range frames {
		total += int64(len(f.data))
	}
	if total+row.LostBytes > int64(len(file)) {
		t.Fatalf("%d bytes in packets and %d lost, of %d", total, row.LostBytes, len(file))
	}
	for _, r := range []io.Reader{iotest.OneByteReader(bytes.NewReader(file)), iotest.HalfReader(iotest.DataErrReader(bytes.NewReader(file)))} {
		f2, d2, row2 := decodeAll(t, r)
		if !reflect.DeepEqual(frames, f2) || !reflect.DeepEqual(damage, d2) || !reflect.DeepEqual(row, row2) {
			t.Fatalf("read in other pieces: %d packets, %v\nat once: %d packets, %v", len(f2), d2, len(frames), damage)
		}
	}
}

func FuzzPCAP(f *testing.F) {
	for _, v := range pcapMagics {
		b := pcapFile(v, packets(0, 8)...)
		f.Add(b)
		f.Add(append(bytes.Clone(b[:200]), b[210:]...))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		if len(file) >= 4 && !magics(pcapMagics)(file) {
			copy(file, pcapMagics[file[0]%byte(len(pcapMagics))].magic)
		}
		check(t, file)
	})
}

func FuzzPCAPNG(f *testing.F) {
	for _, order := range []byteOrder{binary.LittleEndian, binary.BigEndian} {
		g := newNG(order).section(1).iface(1, 65535).iface(101, 20)
		for i := range 6 {
			g.enhanced(uint32(i%2), uint64(second(float64(i))/1000), bytes.Repeat([]byte{byte(i)}, 30), 60)
			g.block(statisticsBlock, g.option(make([]byte, 12), 5, make([]byte, 8)))
			g.block(simpleBlock, append(g.AppendUint32(nil, 9), "123456789"...))
		}
		f.Add(g.out)
		f.Add(append(bytes.Clone(g.out[:150]), g.out[161:]...))
	}
	f.Fuzz(func(t *testing.T, file []byte) { check(t, file) })
}

// TestHostileLengthsAllocateNothing gives lengths of up to 4 GiB in small files.
func TestHostileLengthsAllocateNothing(t *testing.T) {
	rec := pcapRec(classic, pkt{second(0), 60, 0}, 0)
	for _, n := range []uint32{1 << 18, 1 << 24, 1 << 31, 1<<32 - 4} {
		b := pcapFile(classic)
		binary.LittleEndian.PutUint32(b[16:], n) // the snap length says so, too
		bad := bytes.Clone(rec)
		binary.LittleEndian.PutUint32(bad[8:], n)
		g := newNG(binary.LittleEndian).section(1).iface(1, n).out
		block := newNG(binary.LittleEndian).enhanced(0, 0, make([]byte, 60), 60).out
		binary.LittleEndian.PutUint32(block[4:], n)
		for _, file := range [][]byte{append(b, bad...), append(g, block...)} {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			decodeAll(t, bytes.NewReader(file))
			runtime.ReadMemStats(&after)
			if got := after.TotalAlloc - before.TotalAlloc; got > 256<<10 {
				t.Errorf("a length of %d makes a file of %d bytes allocate %d", n, len(file), got)
			}
		}
	}
}

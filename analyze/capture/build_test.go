package capture

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"wardtrace/dissect/event"
)

// second is an invented capture time: 2026-03-01T00:00:00Z and n seconds.
func second(n float64) event.Time { return 1772323200e9 + event.Time(n*1e9) }

// pkt is a packet to be written; data is filled with its number.
type pkt struct {
	t    event.Time
	size int
	wire int // 0: size
}

// packets are n packets of 60 bytes, a second apart.
func packets(from float64, n int) []pkt {
	var out []pkt
	for i := range n {
		out = append(out, pkt{t: second(from + float64(i)), size: 60})
	}
	return out
}

func (p pkt) bytes(i int) []byte { return bytes.Repeat([]byte{byte(i + 1)}, p.size) }

func (p pkt) length() int { return max(p.wire, p.size) }

// pcapFile writes a classic capture in any of the variants.
func pcapFile(v pcapVariant, pkts ...pkt) []byte {
	b, order := append([]byte(nil), v.magic...), v.order.(binary.AppendByteOrder)
	b = order.AppendUint16(b, 2)
	b = order.AppendUint16(b, 4)
	b = order.AppendUint32(b, 0)
	b = order.AppendUint32(b, 0)
	b = order.AppendUint32(b, 65535)
	b = order.AppendUint32(b, 1)
	b = append(b, make([]byte, v.extra)...)
	for i, p := range pkts {
		b = append(b, pcapRec(v, p, i)...)
	}
	return b
}

func pcapRec(v pcapVariant, p pkt, i int) []byte {
	order := v.order.(binary.AppendByteOrder)
	b := order.AppendUint32(nil, uint32(p.t/1e9))
	b = order.AppendUint32(b, uint32(int64(p.t%1e9)/v.unit))
	b = order.AppendUint32(b, uint32(p.size))
	b = order.AppendUint32(b, uint32(p.length()))
	b = append(b, make([]byte, v.record-16)...)
	return append(b, p.bytes(i)...)
}

// classic is the variant everybody writes.
var classic = pcapMagics[1]

// ng writes pcapng.
type ng struct {
	byteOrder
	out []byte
}

type byteOrder interface {
	binary.ByteOrder
	binary.AppendByteOrder
}

func newNG(order byteOrder) *ng { return &ng{byteOrder: order} }

func (g *ng) block(t blockType, body []byte) *ng {
	body = append(body, make([]byte, -len(body)&3)...)
	g.out = g.AppendUint32(g.out, uint32(t))
	g.out = g.AppendUint32(g.out, uint32(len(body)+blockFrame))
	g.out = append(g.out, body...)
	g.out = g.AppendUint32(g.out, uint32(len(body)+blockFrame))
	return g
}

func (g *ng) option(b []byte, code uint16, v []byte) []byte {
	b = g.AppendUint16(b, code)
	b = g.AppendUint16(b, uint16(len(v)))
	b = append(b, v...)
	return append(b, make([]byte, -len(v)&3)...)
}

func (g *ng) section(major uint16, options ...[]byte) *ng {
	b := g.AppendUint32(nil, byteOrderMagic)
	b = g.AppendUint16(b, major)
	b = g.AppendUint16(b, 0)
	b = g.AppendUint64(b, 1<<64-1)
	return g.block(sectionBlock, append(b, bytes.Join(options, nil)...))
}

func (g *ng) iface(link uint16, snap uint32, options ...[]byte) *ng {
	b := g.AppendUint16(nil, link)
	b = g.AppendUint16(b, 0)
	b = g.AppendUint32(b, snap)
	return g.block(interfaceBlock, append(b, bytes.Join(options, nil)...))
}

func (g *ng) enhanced(iface uint32, stamp uint64, data []byte, wire int) *ng {
	b := g.AppendUint32(nil, iface)
	b = g.AppendUint32(b, uint32(stamp>>32))
	b = g.AppendUint32(b, uint32(stamp))
	b = g.AppendUint32(b, uint32(len(data)))
	b = g.AppendUint32(b, uint32(wire))
	return g.block(enhancedBlock, append(b, data...))
}

// ngFile writes packets as tcpdump and Wireshark do: one section, one Ethernet interface, microseconds.
func ngFile(pkts ...pkt) []byte {
	g := newNG(binary.LittleEndian).section(1).iface(1, 65535)
	for i, p := range pkts {
		g.enhanced(0, uint64(p.t/1000), p.bytes(i), p.length())
	}
	return g.out
}

func gz(parts ...[]byte) []byte {
	var b bytes.Buffer
	for _, p := range parts {
		w := gzip.NewWriter(&b)
		w.Write(p)
		w.Close()
	}
	return b.Bytes()
}

func zst(t testing.TB, parts ...[]byte) []byte {
	var b bytes.Buffer
	for _, p := range parts {
		w, err := zstd.NewWriter(&b)
		if err != nil {
			t.Fatal(err)
		}
		w.Write(p)
		w.Close()
	}
	return b.Bytes()
}

// write puts files in a folder of the test and gives their paths in order.
func write(t testing.TB, files ...[]byte) []string {
	t.Helper()
	dir := t.TempDir()
	var paths []string
	for i, f := range files {
		paths = append(paths, filepath.Join(dir, string(rune('a'+i))+".cap"))
		if err := os.WriteFile(paths[i], f, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return paths
}

// result is a whole stream.
type result struct {
	frames  []Frame // Data is copied
	files   []File
	damage  []Damage
	skipped []Skipped
}

func readAll(t testing.TB, opt Options, paths ...string) result {
	t.Helper()
	s, err := Open(context.Background(), paths, nil, opt)
	if err != nil {
		t.Fatal(err)
	}
	return drain(t, s)
}

func drain(t testing.TB, s *Stream) result {
	t.Helper()
	var r result
	for {
		var f Frame
		err := s.Next(&f)
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		f.Data = bytes.Clone(f.Data)
		r.frames = append(r.frames, f)
	}
	r.files, r.damage, r.skipped = s.Files(), s.Damage(), s.Skipped()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return r
}

// order is the stream as file.frame.
func (r result) order() (out [][2]uint32) {
	for _, f := range r.frames {
		out = append(out, [2]uint32{f.File, f.Frame})
	}
	return out
}

func (r result) kinds() (out []string) {
	for _, d := range r.damage {
		out = append(out, d.Kind)
	}
	return out
}

package carve

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gopacket/gopacket/pcapgo"

	"wardtrace/analyze/capture"
	"wardtrace/dissect/event"
)

// ours reads a capture by the program's own reader.
func ours(t *testing.T, text []byte) (frames []capture.Frame, file capture.File) {
	t.Helper()
	s, err := capture.Open(context.Background(), []string{"-"}, bytes.NewReader(text), capture.Options{KeepDuplicates: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for {
		var f capture.Frame
		if err := s.Next(&f); err == io.EOF {
			return frames, s.Files()[0]
		} else if err != nil {
			t.Fatal(err)
		}
		f.Data = bytes.Clone(f.Data)
		frames = append(frames, f)
	}
}

// FuzzWriter writes any packets of any interfaces, and holds that what was written is read back equal by the program's reader and by another.
func FuzzWriter(f *testing.F) {
	f.Add([]byte("frame one"), uint64(1_700_000_000_123_456), uint32(1500), uint8(6), int64(0), uint16(1), "eth0", "finding 1\nand \x1b[31m more")
	f.Add([]byte{}, uint64(0), uint32(0), uint8(9), int64(-3600), uint16(127), "", "")
	f.Add(bytes.Repeat([]byte{7}, 4099), uint64(math.MaxUint64), uint32(math.MaxUint32), uint8(0x80|20), int64(math.MaxInt64), uint16(276), strings.Repeat("\u2028x", 5000), "=cmd")
	f.Fuzz(func(t *testing.T, data []byte, stamp uint64, wire uint32, resol uint8, offset int64, link uint16, name, comment string) {
		if len(data) > 1<<16 {
			return
		}
		var out bytes.Buffer
		w := NewWriter(&out, Section{Application: "wardtrace test", Comments: []string{comment, name}})
		plain := Interface{Link: link, Snaplen: 262144, Name: name, Comment: comment, Resol: 6}
		odd := Interface{Link: link ^ 1, Name: comment, Resol: resol, Offset: offset}
		var want []Packet
		for i, desc := range []Interface{plain, odd} {
			n, err := w.Interface(desc)
			if err != nil || n != i {
				t.Fatal(n, err)
			}
			for j := range 3 {
				p := Packet{Iface: i, Stamp: stamp + uint64(j), WireLen: wire + uint32(j), Data: data[:len(data)*(j+1)/3], Comments: []string{comment, name, ""}[:j+1]}
				if err := w.Packet(&p); err != nil {
					t.Fatal(err)
				}
				want = append(want, p)
			}
		}
		if err := w.Flush(); err != nil || w.Bytes() != int64(out.Len()) || w.Packets() != int64(len(want)) {
			t.Fatal(err, w.Bytes(), out.Len())
		}
		frames, file := ours(t, out.Bytes())
		if len(frames) != len(want) || file.Damage != "" && !strings.Contains(file.Damage, "stamp") && !strings.Contains(file.Damage, "step") || file.LostBytes > 0 || file.Application != "wardtrace test" {
			t.Fatalf("%d packets of %d: %+v", len(frames), len(want), file)
		}
		for i, p := range want {
			desc := []Interface{plain, odd}[p.Iface]
			got := frames[i]
			if got.Stamp != p.Stamp || uint32(got.WireLen) != p.WireLen || !bytes.Equal(got.Data, p.Data) || got.On.Resol != desc.Resol ||
				got.On.Offset != desc.Offset || uint16(got.On.Link) != desc.Link || got.On.Snaplen != desc.Snaplen {
				t.Fatalf("packet %d: %+v on %+v, want %+v on %+v", i, got, got.On, p, desc)
			}
		}
		if exp := resol & 0x7f; resol < 0x80 && exp <= 9 || resol >= 0x80 && exp <= 30 { // it refuses finer ones
			theirs(t, out.Bytes(), want)
		}
	})
}

// theirs reads a capture by gopacket's reader, which gives stamps of other resolutions as times of its own rounding: lengths and bytes count.
func theirs(t *testing.T, text []byte, want []Packet) {
	t.Helper()
	r, err := pcapgo.NewNgReader(bytes.NewReader(text), pcapgo.NgReaderOptions{WantMixedLinkType: true, SkipUnknownVersion: true})
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range want {
		data, ci, err := r.ReadPacketData()
		if err != nil {
			t.Fatalf("packet %d: %v", i, err)
		}
		if !bytes.Equal(data, p.Data) || ci.CaptureLength != len(p.Data) || uint32(ci.Length) != p.WireLen || ci.InterfaceIndex != p.Iface {
			t.Fatalf("packet %d: %+v", i, ci)
		}
	}
	if _, _, err := r.ReadPacketData(); err != io.EOF {
		t.Fatalf("more than was written: %v", err)
	}
}

// TestComments holds that comments are one option each, harmless at a terminal, cut where they are long and counted where they are many.
func TestComments(t *testing.T) {
	var out bytes.Buffer
	w := NewWriter(&out, Section{})
	i, _ := w.Interface(Interface{Link: 1, Resol: 6})
	many := make([]string, 40)
	for i := range many {
		many[i] = fmt.Sprintf("no %d \x1b[2J\u202e", i)
	}
	w.Packet(&Packet{Iface: i, Data: []byte{1}, Comments: many})
	w.Packet(&Packet{Iface: i, Data: []byte{1}, Comments: []string{strings.Repeat("\u00e4", maxText)}})
	w.Flush()
	text := out.String()
	if !strings.Contains(text, "no 14 ") || strings.Contains(text, "no 15 ") || !strings.Contains(text, "and 25 more") {
		t.Error("of 40 comments not 15 stand there and the number of the others")
	}
	if strings.ContainsAny(text, "\x1b\u202e") {
		t.Error("what a terminal obeys stands in a comment")
	}
	if n := strings.Count(text, "\u00e4"); n > maxText/2 || n < maxText/2-2 || !strings.Contains(text, "\u00e4...") {
		t.Errorf("a long comment is not cut between two letters: %d", n)
	}
}

// TestSamePackets writes every packet of sample captures again, and holds that nothing about it changed: in nanoseconds and microseconds, on
// several interfaces, cut by the snap length.
func TestSamePackets(t *testing.T) {
	files, err := filepath.Glob("../../samples/*/capture.pcap*")
	if err != nil || len(files) == 0 {
		t.Fatal("no samples", err)
	}
	for i, path := range files {
		if i%12 != 0 {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		before, _ := ours(t, text)
		var out bytes.Buffer
		w := NewWriter(&out, Section{Application: "x"})
		ifaces := map[*capture.Iface]int{}
		for _, f := range before {
			n, ok := ifaces[f.On]
			if !ok {
				n, _ = w.Interface(Interface{Link: uint16(f.On.Link), Snaplen: f.On.Snaplen, Name: f.On.Name, Resol: f.On.Resol, Offset: f.On.Offset})
				ifaces[f.On] = n
			}
			w.Packet(&Packet{Iface: n, Stamp: f.Stamp, WireLen: uint32(f.WireLen), Data: f.Data, Comments: []string{"x"}})
		}
		w.Flush()
		after, _ := ours(t, out.Bytes())
		if len(after) != len(before) || len(before) == 0 {
			t.Fatalf("%s: %d packets of %d", path, len(after), len(before))
		}
		for i, f := range before {
			g := after[i]
			if f.Time != g.Time || f.Link != g.Link || f.WireLen != g.WireLen || !bytes.Equal(f.Data, g.Data) || *f.On != *g.On {
				t.Fatalf("%s: packet %d is %+v, was %+v", path, i, g, f)
			}
		}
	}
}

// TestSelection holds the account of what is wanted: whole conversations, single packets, a window, several outputs.
func TestSelection(t *testing.T) {
	at := func(frame uint32, time event.Time) event.Ref { return event.Ref{File: 1, Frame: frame, Time: time} }
	s := &Selection{From: 10, To: 20}
	s.Flow(7, 2, 0)
	s.Flow(7, 2, 3)
	s.Frame(1, 9, 1)
	s.Comment(7, "why")
	s.CommentFrame(1, 5, "this one")
	s.CommentFrame(1, 6, "nobody wants it")
	if s.Left() != 3 || s.Empty() || !s.Wants(7) || s.Wants(8) {
		t.Fatalf("%+v", s)
	}
	for _, step := range []struct {
		ref  event.Ref
		flow uint64
		want string
	}{
		{at(5, 12), 7, "[0 3] [why this one]"},
		{at(6, 12), 8, "[] [nobody wants it]"},
		{at(7, 21), 7, "[] []"}, // counted, and out of the window
		{at(8, 12), 7, "[] []"}, // all of the flow has come
		{at(9, 12), 0, "[1] []"},
	} {
		outs, why := s.Take(step.ref, step.flow)
		if got := fmt.Sprint(outs, why); got != step.want {
			t.Errorf("frame %d: %s, want %s", step.ref.Frame, got, step.want)
		}
	}
	if !s.Done() || s.Left() != 0 || s.Wants(7) {
		t.Errorf("%+v is not done", s)
	}
	s = &Selection{Window: true, To: 20}
	if outs, _ := s.Take(at(1, 5), 0); len(outs) != 1 || s.Done() || s.Empty() {
		t.Error("a window takes all that lies in it, to the end")
	}
	if outs, _ := s.Take(at(2, 0), 0); len(outs) != 0 {
		t.Error("what has no time is in no window")
	}
}

package capture

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"wardtrace/dissect/event"
)

func TestMergeOrder(t *testing.T) {
	// The names say the contrary of the times: the last file is the first.
	late := pcapFile(classic, packets(100, 3)...)
	over := ngFile(pkt{second(0.5), 60, 0}, pkt{second(2.5), 60, 0}, pkt{second(101), 60, 0})
	early := gz(pcapFile(classic, packets(0, 4)...))
	empty := pcapFile(classic)
	paths := write(t, late, over, early, empty)
	r := readAll(t, Options{}, paths...)
	want := [][2]uint32{{1, 1}, {2, 1}, {1, 2}, {1, 3}, {2, 2}, {1, 4}, {3, 1}, {2, 3}, {3, 2}, {3, 3}}
	if got := r.order(); !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	for i, p := range []int{2, 1, 0, 3} {
		if f := r.files[i]; f.Path != paths[p] || f.File != uint32(i+1) || !f.Complete {
			t.Errorf("file %d is %+v, want %s", i+1, f, paths[p])
		}
	}
	slices.Reverse(paths)
	if again := readAll(t, Options{}, paths...); !reflect.DeepEqual(r, again) {
		t.Error("the order of the arguments changes the stream")
	}
}

func TestTiesByPath(t *testing.T) {
	a, b := pcapFile(classic, packets(0, 2)...), pcapFile(classic, packets(0, 3)...)
	paths := write(t, a, b)
	r := readAll(t, Options{KeepDuplicates: true}, paths[1], paths[0])
	want := [][2]uint32{{1, 1}, {2, 1}, {1, 2}, {2, 2}, {2, 3}}
	if got := r.order(); !slices.Equal(got, want) || r.files[0].Path != paths[0] {
		t.Errorf("%v, %v", got, r.files)
	}
}

// TestWildClock puts one wrong stamp into a file: the file must keep its place, packet by packet, beside another one.
func TestWildClock(t *testing.T) {
	wild := map[string]event.Time{"1970": 5e9, "2106": 4294967295e9, "an hour ahead": second(3600), "an hour back": second(-3600)}
	for name, stamp := range wild {
		for _, at := range []int{0, 1, 10, 18} {
			t.Run(fmt.Sprintf("%s at %d", name, at), func(t *testing.T) {
				first, second := packets(0, 20), packets(0.5, 20)
				first[at].t = stamp
				r := readAll(t, Options{}, write(t, pcapFile(classic, first...), pcapFile(classic, second...))...)
				n := slices.IndexFunc(r.frames, func(f Frame) bool { return f.Time == stamp })
				if n < 0 || n > 2*at+1 {
					t.Fatalf("the wild packet is at place %d", n)
				}
				others := slices.Delete(slices.Clone(r.frames), n, n+1)
				if !slices.IsSortedFunc(others, func(a, b Frame) int { return int(a.Time - b.Time) }) {
					t.Errorf("the others are out of order: %v", r.order())
				}
				if at == 0 {
					return
				}
				row := r.files[0]
				if kinds := r.kinds(); !slices.Equal(kinds, []string{"capture_clock_jump"}) || r.damage[0].Frame != uint32(at+1) || r.damage[0].Time != stamp {
					t.Errorf("noted %+v", r.damage)
				}
				if row.FirstTS != first[0].t || row.LastTS != first[19].t {
					t.Errorf("first %d last %d", row.FirstTS, row.LastTS)
				}
			})
		}
	}
}

func TestClockSteps(t *testing.T) {
	join := func(parts ...[]pkt) []byte { return pcapFile(classic, slices.Concat(parts...)...) }
	sparse := []pkt{}
	for i := range 10 {
		sparse = append(sparse, pkt{second(float64(i) * 7200), 60, 0})
	}
	for _, c := range []struct {
		name  string
		file  []byte
		clock event.Time // at the end
		kinds []string
	}{
		{"a pause of a day", join(packets(0, 5), packets(86400, 5)), second(86404), nil},
		{"one packet every two hours", join(sparse), second(9 * 7200), nil},
		{"the last after an hour", join(packets(0, 5), packets(3600, 1)), second(3600), nil},
		{"the last is of 2106", join(packets(0, 5), []pkt{{4294967295e9, 60, 0}}), second(4), []string{"capture_clock_jump"}},
		{"files put one behind the other", join(packets(7200, 9), packets(0, 9)), second(8), []string{"capture_clock_step"}},
		{"a host that starts in 1970", join([]pkt{{1e9, 60, 0}, {2e9, 60, 0}}, packets(0, 9)), second(8), []string{"capture_clock_jump", "capture_clock_jump"}},
		{"reordered by seconds", join(packets(10, 3), packets(5, 3), packets(12, 3)), second(14), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := readAll(t, Options{}, write(t, c.file)...)
			if last := r.frames[len(r.frames)-1]; last.Clock != c.clock {
				t.Errorf("clock %d, want %d", last.Clock, c.clock)
			}
			if !slices.Equal(r.kinds(), c.kinds) {
				t.Errorf("noted %+v", r.damage)
			}
		})
	}
}

func TestSameFileTwice(t *testing.T) {
	big := packets(0, 3000)
	a := pcapFile(classic, big...)
	last := bytes.Clone(a)
	last[len(last)-1]++ // as long, and the same for its first 64 KiB
	paths := write(t, a, last, a, pcapFile(classic, packets(0, 1)...), pcapFile(classic, packets(0, 1)...))
	r := readAll(t, Options{KeepDuplicates: true}, paths...)
	if len(r.frames) != 6001 {
		t.Errorf("%d packets", len(r.frames))
	}
	for i, of := range []int64{0, 0, 0, 1, 3} { // copies come last, so that they move no number
		row := r.files[i]
		if row.CopyOf.V != of || (row.Packets == 0) != (of > 0) || row.SHA256 == "" || !row.Complete {
			t.Errorf("file %d: %+v", i+1, row)
		}
		if of > 0 && (row.SHA256 != r.files[of-1].SHA256 || row.Damage != "") {
			t.Errorf("file %d: %+v", i+1, row)
		}
	}
	if len(r.damage) > 0 {
		t.Error(r.damage)
	}
}

func TestCountWindowAndFilterDoNotRenumber(t *testing.T) {
	file := pcapFile(classic, packets(0, 10)...)
	unread := gz(pcapFile(classic, packets(100, 10)...))
	paths := write(t, file, unread)
	for _, c := range []struct {
		opt  Options
		want [][2]uint32
	}{
		{Options{Count: 2}, [][2]uint32{{1, 1}, {1, 2}}},
		{Options{From: second(8), To: second(101)}, [][2]uint32{{1, 9}, {1, 10}, {2, 1}, {2, 2}}},
		{Options{From: second(8), Count: 1}, [][2]uint32{{1, 9}}},
		{Options{Filter: "ether[0] = 7 or ether[0] = 9", To: second(50)}, [][2]uint32{{1, 7}, {1, 9}}},
	} {
		r := readAll(t, c.opt, paths...)
		if got := r.order(); !slices.Equal(got, c.want) {
			t.Errorf("%+v: %v", c.opt, got)
		}
		for i, content := range [][]byte{file, unread} {
			sum := sha256.Sum256(content)
			if row := r.files[i]; row.SHA256 != hex.EncodeToString(sum[:]) || row.Bytes != int64(len(content)) {
				t.Errorf("%+v: file %d: %+v", c.opt, i+1, row)
			}
		}
		if c.opt.Count == 2 && (r.files[0].Complete || r.files[0].Delivered != 2 || r.files[1].Packets != 0) {
			t.Errorf("%+v", r.files)
		}
		if c.opt.Count == 0 && (r.files[0].Packets != 10 || r.files[1].Packets != 10 || !r.files[1].Complete) {
			t.Errorf("%+v", r.files)
		}
	}
}

func TestFolder(t *testing.T) {
	dir := t.TempDir()
	put := func(name string, b []byte) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	link := func(to, name string) {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	put("two/b.txt", pcapFile(classic, packets(0, 2)...))
	put("two/notes.pcap", []byte("not a capture at all"))
	put("empty.pcap", nil)
	put("short", []byte{0xd4, 0xc3, 0xb2, 0xa1, 2, 0})
	put("readme.gz", gz([]byte("no capture in here")))
	link("..", "two/loop")
	link("two/b.txt", "other-name")
	link("nowhere", "zz-dangling")
	r := readAll(t, Options{}, dir)
	var got []string
	for _, f := range r.files {
		got = append(got, strings.TrimPrefix(f.Path, dir)+" "+fmt.Sprint(f.Packets, f.CopyOf.V, f.Damages))
	}
	if want := []string{"/other-name 2 0 0", "/zz-dangling 0 0 1", "/two/b.txt 0 1 0"}; !slices.Equal(got, want) {
		t.Errorf("files %q", got)
	}
	got = nil
	for _, s := range r.skipped {
		got = append(got, strings.TrimPrefix(s.Path, dir)+": "+s.Reason)
	}
	want := []string{"/empty.pcap: the file is empty", "/readme.gz: " + errNoCapture.Error(),
		"/short: pcap header is cut off: 6 of 24 bytes", "/two/loop: a link to a folder is not followed", "/two/notes.pcap: " + errNoCapture.Error()}
	if !slices.Equal(got, want) {
		t.Errorf("skipped %q", got)
	}
	if k := r.kinds(); !slices.Equal(k, []string{"capture_unreadable"}) || r.damage[0].File != 2 {
		t.Errorf("%+v", r.damage)
	}
}

func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	good := write(t, pcapFile(classic, packets(0, 1)...))[0]
	bad := write(t, nil, []byte("hello, this is text"), gz([]byte("text again, packed")), pcapFile(classic)[:20], []byte{0x28, 0xb5, 0x2f, 0xfd, 1, 2, 3})
	for _, c := range []struct {
		paths []string
		opt   Options
		is    error
		says  string
	}{
		{nil, Options{}, ErrNothingReadable, "no file was named"},
		{[]string{dir}, Options{}, ErrNothingReadable, "the folders are empty"},
		{[]string{good, dir + "/missing"}, Options{}, ErrNothingReadable, "/missing: no such file"},
		{[]string{good, bad[0]}, Options{}, ErrNothingReadable, "the file is empty"},
		{[]string{bad[1]}, Options{}, ErrNothingReadable, "not a capture"},
		{[]string{bad[2]}, Options{}, ErrNothingReadable, "not a capture"},
		{[]string{bad[3]}, Options{}, ErrNothingReadable, "cut off"},
		{[]string{bad[4]}, Options{}, ErrNothingReadable, "packed data is damaged"},
		{[]string{filepath.Dir(bad[0])}, Options{}, ErrNothingReadable, "none of 1 files can be opened"},
		{[]string{"-", "-"}, Options{}, ErrUsage, "given twice"},
		{[]string{good}, Options{Filter: "prot 80"}, ErrUsage, "at character 1"},
	} {
		_, err := Open(context.Background(), c.paths, bytes.NewReader(pcapFile(classic, packets(0, 1)...)), c.opt)
		if !errors.Is(err, c.is) || !strings.Contains(fmt.Sprint(err), c.says) {
			t.Errorf("%v %+v: %v", c.paths, c.opt, err)
		}
	}
}

func TestStdin(t *testing.T) {
	content := zst(t, pcapFile(classic, packets(0.5, 40)...))
	other := write(t, pcapFile(classic, packets(0, 40)...))
	s, err := Open(context.Background(), []string{"-", other[0]}, io.MultiReader(bytes.NewReader(content[:50]), bytes.NewReader(content[50:])), Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := drain(t, s)
	for i, f := range r.frames {
		if want := [2]uint32{uint32(i%2 + 1), uint32(i/2 + 1)}; [2]uint32{f.File, f.Frame} != want {
			t.Fatalf("place %d has packet %d of file %d", i, f.Frame, f.File)
		}
	}
	sum := sha256.Sum256(content)
	if row := r.files[1]; len(r.frames) != 80 || row.Path != "-" || row.SHA256 != hex.EncodeToString(sum[:]) || row.Format != "pcap.zst" || row.Bytes != int64(len(content)) {
		t.Errorf("%d packets, %+v", len(r.frames), row)
	}
	if done, total := s.Progress(); total != 0 || done != r.files[0].Bytes+int64(len(content)) {
		t.Errorf("progress %d of %d", done, total)
	}
}

func TestCancelWhileStdinIsSilent(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	in, out := io.Pipe()
	defer out.Close()
	go out.Write(pcapFile(classic, packets(0, 20)...))
	s, err := Open(ctx, []string{"-"}, in, Options{})
	if err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(50*time.Millisecond, cancel)
	var f Frame
	n := 0
	for err = s.Next(&f); err == nil; err = s.Next(&f) {
		n++
	}
	if !errors.Is(err, context.Canceled) || n > 20 {
		t.Errorf("%d packets, then %v", n, err)
	}
	s.Close()
	if s.Files()[0].Complete {
		t.Error("a cancelled input is called complete")
	}
}

func TestCancelledFileIsNotHashed(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	s, err := Open(ctx, write(t, pcapFile(classic, packets(0, 50000)...)), nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var f Frame
	if err := s.Next(&f); err != nil {
		t.Fatal(err)
	}
	cancel()
	for err == nil {
		err = s.Next(&f)
	}
	s.Close()
	if row := s.Files()[0]; !errors.Is(err, context.Canceled) || row.SHA256 != "" || row.Complete || row.Damage != "" {
		t.Errorf("%v, %+v", err, row)
	}
}

func TestProgressMovesInsideAFile(t *testing.T) {
	s, err := Open(context.Background(), write(t, pcapFile(classic, packets(0, 100000)...)), nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	seen := map[int64]bool{}
	var f Frame
	for s.Next(&f) == nil {
		done, total := s.Progress()
		if done > total || total != 24+76*100000 {
			t.Fatalf("%d of %d", done, total)
		}
		seen[done] = true
	}
	if len(seen) < 3 {
		t.Errorf("progress took only the values %v", seen)
	}
}

// TestManyOverlapping has more inputs at once than may be open, and more than are merged.
func TestManyOverlapping(t *testing.T) {
	dir := t.TempDir()
	const n = maxActive + 40
	for i := range n {
		b := pcapFile(classic, pkt{second(float64(i) / 1000), 60, 0}, pkt{second(10 + float64(i)/1000), 60, 0})
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%04d", n-i)), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r := readAll(t, Options{KeepDuplicates: true}, dir)
	if len(r.frames) != 2*n {
		t.Fatalf("%d packets", len(r.frames))
	}
	sorted := slices.IsSortedFunc(r.frames[:maxActive], func(a, b Frame) int { return int(a.Time - b.Time) })
	if k := r.kinds(); !sorted || len(k) != 40 || k[0] != "capture_order" {
		t.Errorf("sorted %v, noted %d", sorted, len(k))
	}
	for _, f := range r.files {
		if f.Packets != 2 || !f.Complete {
			t.Fatalf("%+v", f)
		}
	}
}

func TestNoAllocationPerPacket(t *testing.T) {
	const n = 60000
	paths := write(t, pcapFile(classic, packets(0, n)...), ngFile(packets(0.5, n)...))
	got := testing.AllocsPerRun(1, func() {
		s, err := Open(context.Background(), paths, nil, Options{Filter: "not ip or tcp port 80"})
		if err != nil {
			t.Fatal(err)
		}
		var f Frame
		for s.Next(&f) == nil {
		}
		s.Close()
	})
	if got > n/50 {
		t.Errorf("%.0f allocations for %d packets", got, 2*n)
	}
}

func BenchmarkRead(b *testing.B) {
	var pkts []pkt
	for i := range 200000 {
		pkts = append(pkts, pkt{second(float64(i) / 1000), 60 + i%3*600, 0})
	}
	plain := pcapFile(classic, pkts...)
	for _, c := range []struct {
		name   string
		file   []byte
		filter string
	}{{"pcap", plain, ""}, {"pcapng", ngFile(pkts...), ""}, {"pcap.gz", gz(plain), ""}, {"pcap.zst", zst(b, plain), ""}, {"filter", plain, "tcp port 80 or udp port 53"}} {
		b.Run(c.name, func(b *testing.B) {
			paths := write(b, c.file)
			b.SetBytes(int64(len(plain)))
			for b.Loop() {
				s, err := Open(context.Background(), paths, nil, Options{Filter: c.filter})
				if err != nil {
					b.Fatal(err)
				}
				var f Frame
				for s.Next(&f) == nil {
				}
				s.Close()
			}
			b.ReportMetric(float64(len(pkts))*float64(b.N)/b.Elapsed().Seconds(), "packets/s")
		})
	}
}

// TestChanged holds that a file that shrinks or grows before it is read is told, also where the cut lies between two packets.
func TestChanged(t *testing.T) {
	whole := pcapFile(classic, packets(0, 3)...)
	for name, now := range map[string][]byte{"shrunk": pcapFile(classic, packets(0, 2)...), "grown": pcapFile(classic, packets(0, 4)...)} {
		path := filepath.Join(t.TempDir(), "x.pcap")
		if err := os.WriteFile(path, whole, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := Open(context.Background(), []string{path}, nil, Options{Names: map[string]string{path: "as named"}})
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, now, 0o600); err != nil {
			t.Fatal(err)
		}
		var f Frame
		for err = s.Next(&f); err == nil; err = s.Next(&f) {
		}
		row := s.Files()[0]
		if err != io.EOF || row.Bytes != int64(len(now)) || !strings.Contains(row.Damage, "changed meanwhile") || row.Path != "as named" {
			t.Errorf("%s: %v, %+v", name, err, row)
		}
	}
}

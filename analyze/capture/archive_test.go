package capture

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/ulikunitz/xz"
)

// member is one to be written into an archive.
type member struct {
	name string
	data []byte
}

func tarOf(t testing.TB, members ...member) []byte {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, m := range members {
		if err := w.WriteHeader(&tar.Header{Name: m.name, Size: int64(len(m.data)), Mode: 0o600}); err != nil {
			t.Fatal(err)
		}
		w.Write(m.data)
	}
	w.Close()
	return b.Bytes()
}

// zipOf writes a zip; the method of each member goes round the list.
func zipOf(t testing.TB, methods []uint16, members ...member) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	w.RegisterCompressor(uint16(zipZstd), zstd.ZipCompressor())
	w.RegisterCompressor(uint16(zipXZ), func(w io.Writer) (io.WriteCloser, error) { return &late{w: w, pack: xzOf}, nil })
	w.RegisterCompressor(uint16(zipBzip2), func(w io.Writer) (io.WriteCloser, error) { return &late{w: w, pack: bz2}, nil })
	for i, m := range members {
		f, err := w.CreateHeader(&zip.FileHeader{Name: m.name, Method: methods[i%len(methods)]})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(m.data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// late packs when all is there.
type late struct {
	bytes.Buffer
	w    io.Writer
	pack func([]byte) []byte
}

func (l *late) Close() error {
	_, err := l.w.Write(l.pack(l.Bytes()))
	return err
}

func xzOf(b []byte) []byte {
	var out bytes.Buffer
	w, _ := xz.NewWriter(&out)
	w.Write(b)
	w.Close()
	return out.Bytes()
}

func lz4Of(parts ...[]byte) []byte {
	var out bytes.Buffer
	for _, p := range parts {
		w := lz4.NewWriter(&out)
		w.Write(p)
		w.Close()
	}
	return out.Bytes()
}

// bz2 packs by the program: Go has no writer. Where it is missing the bytes stay as they are.
func bz2(b []byte) []byte {
	cmd := exec.Command("bzip2", "-c")
	cmd.Stdin = bytes.NewReader(b)
	out, err := cmd.Output()
	if err != nil {
		return b
	}
	return out
}

func sum(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}

// rows are the members of an archive as a reader of capture_file sees them.
func (r result) rows() (out []string) {
	for _, f := range r.files {
		out = append(out, fmt.Sprintf("%d %s %s %d %d", f.File, f.Member, f.Format, f.Packets, f.CopyOf.V))
	}
	return out
}

// want compares a stream with that of the plain files.
func (r result) same(t *testing.T, plain result) {
	t.Helper()
	if len(r.frames) != len(plain.frames) {
		t.Fatalf("%d packets, want %d; %v\n%+v", len(r.frames), len(plain.frames), r.rows(), r.damage)
	}
	for i, f := range r.frames {
		p := plain.frames[i]
		if f.Ref != p.Ref || !bytes.Equal(f.Data, p.Data) || f.Clock != p.Clock {
			t.Fatalf("packet %d is %+v, want %+v", i, f.Ref, p.Ref)
		}
	}
}

// TestArchives packs three rotated captures, named against their order, in every way there is.
func TestArchives(t *testing.T) {
	a, b, c := pcapFile(classic, packets(0, 2000)...), ngFile(packets(2000, 1500)...), pcapFile(classic, packets(3000, 900)...)
	plain := readAll(t, Options{}, write(t, a, b, c)...)
	members := []member{{"3", a}, {"dir/2", b}, {"1", c}, {"notes.txt", []byte("not a capture")}, {"empty", nil}}
	shuffled := []member{members[2], members[3], members[1], members[0]}
	all := []uint16{0, 8, uint16(zipZstd), uint16(zipXZ), uint16(zipBzip2)}
	inner := tarOf(t, shuffled[:3]...)
	for name, file := range map[string][]byte{
		"tar": tarOf(t, members...), "tar, shuffled": tarOf(t, shuffled...),
		"tar.gz": gz(tarOf(t, members...)), "tar.gz, shuffled": gz(tarOf(t, shuffled...)),
		"tar.xz, shuffled": xzOf(tarOf(t, shuffled...)), "tar.lz4, shuffled": lz4Of(tarOf(t, shuffled...)),
		"tar.zst, shuffled": zst(t, tarOf(t, shuffled...)), "tar.bz2, shuffled": bz2(tarOf(t, shuffled...)),
		"zip": zipOf(t, all, members...), "zip, stored": zipOf(t, all[:1], members...), "zip, shuffled": zipOf(t, all[1:], shuffled...),
		"zip.gz":                 gz(zipOf(t, all, members...)),
		"zip in tar.gz":          gz(tarOf(t, member{"in.zip", zipOf(t, all, shuffled...)})),
		"tar.gz in tar.xz":       xzOf(tarOf(t, member{"x", inner}, member{"3", a})),
		"tar in zip":             zipOf(t, []uint16{8}, member{"x", inner}, member{"3", a}),
		"zip in zip in zip":      zipOf(t, []uint16{0}, member{"x", zipOf(t, []uint16{8}, member{"y", zipOf(t, all, shuffled...)})}),
		"members packed in turn": zipOf(t, []uint16{8, 0}, member{"3.gz", gz(a)}, member{"1.xz", xzOf(c)}, member{"2.lz4", lz4Of(b)}),
		"twice packed":           gz(xzOf(tarOf(t, member{"3.gz", gz(a)}, member{"1.xz", xzOf(c)}, member{"2.lz4", lz4Of(b[:100], b[100:])}))),
	} {
		t.Run(name, func(t *testing.T) {
			path := write(t, file)[0]
			room := t.TempDir()
			r := readAll(t, Options{Scratch: room}, path)
			r.same(t, plain)
			if len(r.damage) > 0 {
				t.Errorf("noted %+v", r.damage)
			}
			top := r.files[len(r.files)-1]
			for _, f := range r.files {
				if f.Member == "" {
					top = f
				}
				if f.SHA256 == "" || !f.Complete {
					t.Errorf("%+v", f)
				}
			}
			if top.SHA256 != sum(file) || !top.Members.OK || top.Bytes != int64(len(file)) {
				t.Errorf("the archive's own row: %+v", top)
			}
			piped, err := Open(context.Background(), []string{"-"}, bytes.NewReader(file), Options{Scratch: room})
			if err != nil {
				t.Fatal(err)
			}
			drain(t, piped).same(t, plain)
			if left, err := os.ReadDir(room); len(left) > 0 || err != nil {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}

// TestArchiveRows holds the names and numbers of members: captures first, then copies, then archives.
func TestArchiveRows(t *testing.T) {
	a, b := pcapFile(classic, packets(0, 20)...), pcapFile(classic, packets(100, 3000)...)
	in := zipOf(t, []uint16{8}, member{"b.pcap", b}, member{"a.pcap.xz", xzOf(a)})
	file := tarOf(t, member{"in.zip", in}, member{"again/a.cap", a}, member{"b.gz", gz(b)})
	r := readAll(t, Options{}, write(t, file)...)
	want := []string{"1 again/a.cap pcap 20 0", "2 b.gz pcap.gz 3000 0", "3 in.zip//a.pcap.xz pcap.xz 0 1", "4 in.zip//b.pcap pcap 0 2", "5  tar 0 0", "6 in.zip zip 0 0"}
	if got := r.rows(); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	for i, content := range [][]byte{a, gz(b), xzOf(a), b, file, in} {
		if f := r.files[i]; f.SHA256 != sum(content) || f.Bytes != int64(len(content)) {
			t.Errorf("%d: %+v", i+1, f)
		}
	}
}

func TestReopen(t *testing.T) {
	a, b, c := pcapFile(classic, packets(0, 20)...), pcapFile(classic, packets(10.5, 30)...), pcapFile(classic, packets(100, 3)...)
	for name, file := range map[string][]byte{
		"tar.gz": gz(tarOf(t, member{"c", c}, member{"in.zip", zipOf(t, []uint16{8}, member{"b", b}, member{"b", a})})),
		"zip":    zipOf(t, []uint16{8}, member{"c", c}, member{"in.zip", zipOf(t, []uint16{0}, member{"b", b}, member{"b", a})}),
	} {
		t.Run(name, func(t *testing.T) {
			path := write(t, file)[0]
			whole := readAll(t, Options{}, path)
			wanted := []Wanted{{File: 2, Path: path, Member: "in.zip//b", SHA256: sum(b)}, {File: 1, Path: path, Member: `in.zip//b\#2`, SHA256: sum(a)}}
			s, err := Reopen(context.Background(), wanted, Options{})
			if err != nil {
				t.Fatal(err)
			}
			whole.frames = whole.frames[:50]
			drain(t, s).same(t, whole)
			wanted[0].SHA256 = sum(a)
			if s, err = Reopen(context.Background(), wanted[:1], Options{}); err != nil {
				t.Fatal(err)
			}
			var f Frame
			for err == nil {
				err = s.Next(&f)
			}
			if s.Close(); !strings.Contains(err.Error(), ErrChanged.Error()) {
				t.Error(err)
			}
			wanted[0].Member = "in.zip//nothing"
			if _, err := Reopen(context.Background(), wanted[:1], Options{}); err == nil || !strings.Contains(err.Error(), ErrChanged.Error()) {
				t.Error(err)
			}
		})
	}
}

// TestFiltersInArchives has each filter work on each format and link type, packed or not.
func TestFiltersInArchives(t *testing.T) {
	var files []member
	for i, link := range []uint16{1, 101, 113} { // Ethernet, raw IP, Linux cooked
		g := newNG(binary.LittleEndian).section(1).iface(link, 65535)
		for n := range 20 {
			frame := ipFrame(uint16(n), n%2 == 0 && link == 1, 0)
			if link != 1 {
				frame = append(make([]byte, 14), frame[12:]...)
			}
			if link == 101 {
				frame = frame[16:]
			}
			frame[len(frame)-40+19] = byte(n) // destination 10.0.0.n
			g.enhanced(0, uint64(second(float64(i*100+n))/1000), frame, len(frame))
		}
		files = append(files, member{fmt.Sprint(link), g.out})
	}
	packed := []member{{"a.xz", xzOf(files[0].data)}, {"b.lz4", lz4Of(files[1].data)}, {"c", gz(files[2].data)}}
	for _, path := range [][]string{
		write(t, files[0].data, files[1].data, files[2].data), write(t, packed[0].data, packed[1].data, packed[2].data),
		write(t, zipOf(t, []uint16{8}, packed...)), write(t, gz(tarOf(t, files[2], files[0], files[1]))),
	} {
		for filter, want := range map[string]int{"ip dst 10.0.0.7": 3, "dst net 10.0.0.4/31": 5, "udp": 50, "tcp": 0, "less 50": 20} {
			r := readAll(t, Options{Filter: filter}, path...)
			if len(r.frames) != want {
				t.Errorf("%v, %q: %d packets, want %d", path, filter, len(r.frames), want)
			}
		}
		if r := readAll(t, Options{From: second(105), To: second(204), Count: 12}, path...); len(r.frames) != 12 || r.frames[0].Frame != 6 {
			t.Errorf("%v: a window and a count give %d packets", path, len(r.frames))
		}
	}
}

// TestUnpackedAhead holds that packed inputs whose turn comes next are unpacked side by side, and in a bounded room.
func TestUnpackedAhead(t *testing.T) {
	var paths []string
	for i := range 5 {
		file := pcapFile(classic, packets(float64(i)*1e6, 40000)...)
		paths = append(paths, write(t, gz(file))...)
	}
	s, err := Open(context.Background(), paths, nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	s.side = 2
	var f Frame
	if err := s.Next(&f); err != nil {
		t.Fatal(err)
	}
	if len(s.waiting) != 4 || s.waiting[0].ah == nil || s.waiting[1].ah == nil || s.waiting[2].src != nil {
		t.Fatal("of four waiting inputs, not the first two are being unpacked")
	}
	for _, in := range s.waiting[:2] {
		for end := time.Now().Add(20 * time.Second); len(in.ah.out) < 2 && time.Now().Before(end); {
			time.Sleep(time.Millisecond)
		}
		if len(in.ah.out) < 2 {
			t.Error("an input that waits is not unpacked")
		}
	}
	n := 1
	for s.Next(&f) == nil {
		n++
	}
	s.Close()
	for _, row := range s.Files() {
		if !row.Complete || row.SHA256 == "" {
			t.Errorf("%+v", row)
		}
	}
	if n != 5*40000 {
		t.Errorf("%d packets", n)
	}
	// Closed while some were being unpacked, all are hashed all the same.
	if s, err = Open(context.Background(), paths, nil, Options{Count: 1}); err != nil {
		t.Fatal(err)
	}
	r := drain(t, s)
	for i, row := range r.files {
		b, _ := os.ReadFile(row.Path)
		if row.SHA256 != sum(b) || row.Complete || len(r.frames) != 1 {
			t.Errorf("file %d: %+v", i+1, row)
		}
	}
	if done, total := s.Progress(); done < total {
		t.Errorf("%d of %d", done, total)
	}
}

package capture

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// Test7z reads what 7-Zip wrote; see testdata/README.md.
func Test7z(t *testing.T) {
	for name, want := range map[string][]string{
		"solid-LZMA2.7z": {"1 first.pcap pcap 40 0", "2 second.pcap pcap 30 0", "3 third.pcap pcap 20 0", "4  7z 0 0"},
		"solid-LZMA.7z":  {"1 first.pcap pcap 40 0", "2 second.pcap pcap 30 0", "3 third.pcap pcap 20 0", "4  7z 0 0"},
		"solid-Copy.7z":  {"1 first.pcap pcap 40 0", "2 second.pcap pcap 30 0", "3 third.pcap pcap 20 0", "4  7z 0 0"},
		"single.7z":      {"1 first.pcap pcap 40 0", "2 second.pcap pcap 30 0", "3 dir/third.pcap pcap 20 0", "4 third.pcap pcap 0 3", "5  7z 0 0"},
		"lzma.zip":       {"1 first.pcap pcap 40 0", "2 second.pcap pcap 30 0", "3  zip 0 0"},
		"d64.zip":        {"1 first.pcap pcap 40 0", "2  zip 0 0"},
		"d64.7z":         {"1 first.pcap pcap 40 0", "2  7z 0 0"},
		"d64-far.zip":    {"1 far.pcap pcap 120 0", "2  zip 0 0"},
	} {
		r := readAll(t, Options{}, filepath.Join("testdata", name))
		if got := r.rows(); !slices.Equal(got, want) || len(r.damage) > 0 {
			t.Errorf("%s: %q, noted %+v", name, got, r.damage)
		}
		for _, f := range r.files {
			if f.SHA256 == "" || !f.Complete {
				t.Errorf("%s: %+v", name, f)
			}
		}
	}
}

// TestEncrypted holds that encrypted members are told by name, beside a capture that is read.
func TestEncrypted(t *testing.T) {
	plain := write(t, pcapFile(classic, packets(0, 3)...))[0]
	for name, want := range map[string][]string{
		"encrypted.7z": {"capture_encrypted first.pcap", "capture_encrypted second.pcap"}, "hidden.7z": {"capture_encrypted "},
		"aes.zip": {"capture_encrypted first.pcap", "capture_encrypted second.pcap"}, "crypto.zip": {"capture_encrypted first.pcap"},
		"bcj2.7z":       {"capture_unreadable first.pcap"},
		"solid-PPMd.7z": {"capture_unreadable first.pcap", "capture_unreadable notes.txt", "capture_unreadable second.pcap", "capture_unreadable third.pcap"},
	} {
		path := filepath.Join("testdata", name)
		r := readAll(t, Options{}, plain, path)
		var got []string
		for _, d := range r.damage {
			got = append(got, d.Kind+" "+r.files[d.File-1].Member)
		}
		slices.Sort(got)
		if !slices.Equal(got, want) || len(r.frames) != 3 {
			t.Errorf("%s: %q", name, got)
		}
		if _, err := Open(context.Background(), []string{path}, nil, Options{}); !errors.Is(err, ErrNothingReadable) {
			t.Errorf("%s alone: %v", name, err)
		}
	}
}

// TestCutArchives cuts archives off at many places: what lies before the cut is read, and something is told.
func TestCutArchives(t *testing.T) {
	a, b := pcapFile(classic, packets(0, 60)...), pcapFile(classic, packets(100, 60)...)
	two := []member{{"a", a}, {"b", b}}
	packed := map[string][]byte{"tar": tarOf(t, two...), "zip": zipOf(t, []uint16{8, 0}, two...), "tar.gz": gz(tarOf(t, two...)),
		"tar.xz": xzOf(tarOf(t, two...)), "tar.lz4": lz4Of(tarOf(t, two...)), "xz": xzOf(a), "lz4": lz4Of(a), "zst": zst(t, a), "bz2": bz2(a)}
	for _, name := range []string{"solid-LZMA2.7z", "single.7z", "lzma.zip", "d64-far.zip"} {
		packed[name], _ = os.ReadFile(filepath.Join("testdata", name))
	}
	for name, file := range packed {
		whole := 0
		for cut := len(file) - 1; cut > 0; cut -= max(1, len(file)/40) {
			r, err := tryAll(t, write(t, file[:cut])[0])
			if err != nil {
				if !errors.Is(err, ErrNothingReadable) {
					t.Fatalf("%s cut at %d: %v", name, cut, err)
				}
				continue
			}
			clean := len(r.damage) == 0 && !slices.ContainsFunc(r.files, func(f File) bool { return !f.Complete })
			tail := name == "tar" && cut > len(file)-1024-512 || name == "bz2" && bytes.Equal(file, a) // zeros at the end of a tar
			if clean && !tail && len(r.skipped) == 0 {
				t.Errorf("%s cut at %d of %d: nothing is told; %v", name, cut, len(file), r.rows())
			}
			whole = max(whole, len(r.frames))
		}
		// What stands in one block, or behind a list at the end, is lost with that.
		if whole == 0 && !strings.HasSuffix(name, "7z") && !slices.Contains([]string{"bz2", "xz", "tar.xz", "zst"}, name) {
			t.Errorf("%s: nothing was read of any part of it", name)
		}
	}
}

func tryAll(t testing.TB, path string) (result, error) {
	s, err := Open(context.Background(), []string{path}, nil, Options{})
	if err != nil {
		return result{}, err
	}
	return drain(t, s), nil
}

// TestHostileNames holds that a member's name is made harmless, short and unique where it comes in.
func TestHostileNames(t *testing.T) {
	long := strings.Repeat("../../../etc/", 5000)
	in := []string{"../../etc/passwd", "/etc/shadow", "a//b", "a\x00b", "\x1b[31mred", "C:\\Windows\\x", "line\nbreak", "\u202Eexe.pcap", "\xff\xfe", "same", "same", long + "1", long + "2", `same\#2`}
	want := []string{`../../etc/passwd`, `\x2fetc/shadow`, `a/\x2fb`, `a\u{0}b`, `\u{1b}[31mred`, `C:\\Windows\\x`, `line\u{a}break`, `\u{202e}exe.pcap`, `\xff\xfe`, `same`, `same\#2`, "", "", `same\\#2`}
	var members []member
	for i, n := range in {
		p := packets(float64(i), 1)
		p[0].size += i
		members = append(members, member{n, pcapFile(classic, p...)})
	}
	r := readAll(t, Options{}, write(t, zipOf(t, []uint16{8}, members...))[0])
	if len(r.frames) != len(in) {
		t.Fatalf("%d packets", len(r.frames))
	}
	seen := map[string]bool{}
	for i, f := range r.files[:len(in)] {
		if want[i] != "" && f.Member != want[i] || len(f.Member) > maxMemberName || seen[f.Member] {
			t.Errorf("%q is called %q, want %q", in[i][:min(20, len(in[i]))], f.Member, want[i])
		}
		seen[f.Member] = true
	}
}

// TestJoinedArchives puts archives one behind the other: the members of all are read, and what is behind them is told.
func TestJoinedArchives(t *testing.T) {
	a, b, c := pcapFile(classic, packets(0, 20)...), pcapFile(classic, packets(100, 3000)...), pcapFile(classic, packets(5000, 10)...)
	plain := readAll(t, Options{}, write(t, a, b, c)...)
	tars := slices.Concat(tarOf(t, member{"a", a}), make([]byte, 3*smallBlock), tarOf(t, member{"b", b}), tarOf(t, member{"c", c}))
	pack := []uint16{8}
	zips := slices.Concat(zipOf(t, pack, member{"a", a}), zipOf(t, pack, member{"b", b}), zipOf(t, pack, member{"c", c}))
	for name, file := range map[string][]byte{"tar": tars, "tar.gz": gz(tars), "tar.xz": xzOf(tars), "zip": zips} {
		t.Run(name, func(t *testing.T) {
			r := readAll(t, Options{}, write(t, file)...)
			r.same(t, plain)
			if len(r.damage) > 0 {
				t.Errorf("noted %+v", r.damage)
			}
		})
	}
	junk := slices.Concat(tars, make([]byte, 1024), []byte("a note by nobody"))
	for name, file := range map[string][]byte{"tar": junk, "tar.gz": gz(junk), "zip": slices.Concat(zips[:len(zips)/2], zipOf(t, pack, member{"name", a}))} {
		if r := readAll(t, Options{}, write(t, file)...); len(r.damage) == 0 {
			t.Errorf("%s with something else in it: nothing is noted; %q", name, r.rows())
		}
	}
}

// TestOddMembers has members that only look as if they had no bytes, and some that have none.
func TestOddMembers(t *testing.T) {
	a := pcapFile(classic, packets(0, 20)...)
	z := bytes.ReplaceAll(zipOf(t, []uint16{8}, member{"folder_", a}, member{"", pcapFile(classic, packets(9, 5)...)}), []byte("folder_"), []byte("folder/"))
	if got, want := readAll(t, Options{}, write(t, z)...).rows(), []string{`1 folder\x2f pcap 20 0`, `2 \- pcap 5 0`, `3  zip 0 0`}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for name, h := range map[string]tar.Header{"link": {Typeflag: tar.TypeSymlink, Linkname: "cont"}, "cont": {Typeflag: tar.TypeCont, Size: int64(len(a))}} {
		h.Name = name
		w.WriteHeader(&h)
		w.Write(a[:h.Size])
	}
	w.Close()
	r := readAll(t, Options{}, write(t, b.Bytes())...)
	if got, want := r.rows(), []string{"1 cont pcap 20 0", "2  tar 0 0"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if len(r.skipped) != 1 || !strings.HasSuffix(r.skipped[0].Path, "//link") {
		t.Errorf("left out: %+v", r.skipped)
	}
}

// TestSealed has packings that cannot be unpacked among captures: nobody can tell what was in them, so they are damage, named
// and hashed, and not files of another kind.
func TestSealed(t *testing.T) {
	a := pcapFile(classic, packets(0, 3000)...)
	var wide bytes.Buffer
	w, err := zstd.NewWriter(&wide, zstd.WithWindowSize(2*maxZstdWindow))
	if err != nil {
		t.Fatal(err)
	}
	w.ReadFrom(io.MultiReader(bytes.NewReader(a), bytes.NewReader(make([]byte, 3<<20)))) // of a length that it cannot know
	w.Close()
	for name, c := range map[string]struct {
		kind string
		file []byte
	}{
		"gz, header": {"capture_truncated", gz(a)[:5]}, "gz": {"capture_truncated", gz(a)[:15]}, "xz": {"capture_truncated", xzOf(a)[:20]},
		"zst": {"capture_truncated", zst(t, a)[:9]}, "xz, flags": {"capture_damaged", append([]byte("\xfd7zXZ\x00"), make([]byte, 50)...)},
		"zst, window": {"capture_limit", wide.Bytes()},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Dir(write(t, a, c.file)[0])
			r := readAll(t, Options{}, dir)
			if len(r.files) != 2 || len(r.damage) != 1 || r.damage[0].Kind != c.kind || r.files[1].SHA256 != sum(c.file) {
				t.Errorf("%+v %+v; left out: %+v", r.files, r.damage, r.skipped)
			}
			if r := readAll(t, Options{}, write(t, zipOf(t, []uint16{0}, member{"a", a}, member{"b", c.file}))[0]); len(r.damage) != 1 || r.damage[0].Kind != c.kind {
				t.Errorf("in a zip: %+v; left out: %+v", r.damage, r.skipped)
			}
		})
	}
}

// TestLimits exceeds each cap: an anomaly tells, and the rest is read.
func TestLimits(t *testing.T) {
	good := pcapFile(classic, packets(500, 3)...)
	zeros := append(pcapFile(classic, packets(0, 3)...), make([]byte, ratioFrom+2<<20)...)
	three := []member{{"a", pcapFile(classic, packets(0, 3)...)}, {"b", pcapFile(classic, packets(50, 3)...)}, {"c", good}}
	deep := zipOf(t, []uint16{8}, three[0])
	for range 5 {
		deep = tarOf(t, member{"in", deep})
	}
	for _, c := range []struct {
		name    string
		limits  Limits
		file    []byte
		flag    string
		packets int
	}{
		{"gzip bomb", Limits{Ratio: 100}, gz(zeros), "--max-ratio", 3},
		{"zip bomb", Limits{Ratio: 100}, zipOf(t, []uint16{8}, member{"bomb", zeros}, three[2]), "--max-ratio", 6},
		{"tar.zst bomb", Limits{Ratio: 100}, zst(t, tarOf(t, three[2], member{"bomb", zeros})), "--max-ratio", 3},
		{"one bomb many times", Limits{Ratio: 100}, zipOf(t, []uint16{8}, member{"many", zipOf(t, []uint16{8}, slices.Repeat([]member{{"bomb", zipOf(t, []uint16{8}, member{"bomb", zeros})}}, 30)...)}, three[2]), "--max-ratio", 3},
		{"members", Limits{Members: 2}, zipOf(t, []uint16{8}, three...), "--max-members", 6},
		{"members of a tar.gz", Limits{Members: 2}, gz(tarOf(t, three...)), "--max-members", 6},
		{"depth", Limits{}, tarOf(t, member{"in", deep}, three[2]), "--max-depth", 3},
		{"in all", Limits{Unpacked: 1 << 20}, zipOf(t, []uint16{8}, member{"big", zeros}, three[2]), "--max-unpacked", 3},
		{"scratch", Limits{Scratch: 1 << 20}, gz(tarOf(t, member{"late", append(slices.Clone(good), noise(3<<20)...)}, three[0])), "--scratch-max", 6},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := readAll(t, Options{Limits: c.limits}, write(t, c.file)[0])
			told := slices.ContainsFunc(r.damage, func(d Damage) bool { return d.Kind == "capture_limit" && strings.Contains(d.Detail, c.flag) })
			if !told || len(r.frames) < c.packets {
				t.Errorf("%d packets, noted %+v", len(r.frames), r.damage)
			}
		})
	}
}

func noise(n int) []byte {
	b := make([]byte, n)
	x := uint32(1)
	for i := range b {
		x = x*1664525 + 1013904223
		b[i] = byte(x >> 24)
	}
	return b
}

// TestOverlappingZip has members that share their bytes, as in the bombs that need no nesting.
func TestOverlappingZip(t *testing.T) {
	file := zipOf(t, []uint16{0}, member{"a", pcapFile(classic, packets(0, 100)...)}, member{"b", pcapFile(classic, packets(0, 100)...)})
	central := bytes.LastIndex(file, []byte("PK\x01\x02"))
	binary.LittleEndian.PutUint32(file[central+42:], 0) // b lies where a does
	first := bytes.Index(file, []byte("PK\x01\x02"))
	many := bytes.Clone(file[:central])
	for range 200 {
		many = append(many, file[first:central]...)
	}
	end := bytes.Clone(file[len(file)-22:])
	binary.LittleEndian.PutUint16(end[8:], 201)
	binary.LittleEndian.PutUint16(end[10:], 201)
	binary.LittleEndian.PutUint32(end[12:], uint32(len(many)-first))
	r := readAll(t, Options{}, write(t, append(many, end...))[0])
	told := slices.ContainsFunc(r.damage, func(d Damage) bool { return strings.Contains(d.Detail, "overlap") })
	if !told || len(r.frames) != 100 {
		t.Errorf("%d packets, %d damages", len(r.frames), len(r.damage))
	}
}

// TestZip64 has sizes and offsets in zip64's fields, as writers of streams put them there.
func TestZip64(t *testing.T) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := range 70000 { // more than 16 bits count
		if i%10000 != 0 {
			w.CreateRaw(&zip.FileHeader{Name: fmt.Sprint(i)})
			continue
		}
		f, _ := w.Create(fmt.Sprint(i))
		f.Write(pcapFile(classic, packets(float64(i), 2)...))
	}
	w.Close()
	if r := readAll(t, Options{}, write(t, b.Bytes())[0]); len(r.frames) != 14 || len(r.damage) > 0 {
		t.Errorf("%d packets, noted %+v", len(r.frames), r.damage)
	}
}

// memory is an archive in memory.
type memory struct{ *bytes.Reader }

func (memory) hold() error { return nil }
func (memory) release()    {}

// digAll goes through an archive, and reads what it holds.
func digAll(t *testing.T, file []byte) {
	for i := range archivers {
		k := &archivers[i]
		if !k.match(file[:min(len(file), tarBlock)]) {
			continue
		}
		s := &scratch{dir: t.TempDir(), limit: 8 << 20}
		defer s.close()
		a := &archive{Limits{Ratio: 50}.complete(), s, func(s *serial) {}}
		n, left := 0, int64(8<<20)
		k.walk(a, extent{memory{bytes.NewReader(file)}, 0, int64(len(file))}, func(e entry) error {
			if n++; n > 100 || left < 0 {
				return errEnough
			}
			if e.bad != nil || e.size == 0 {
				return nil
			}
			for range 2 {
				r, err := e.at.open(0)
				if err != nil {
					return nil
				}
				got, _ := io.Copy(io.Discard, io.LimitReader(r, 1<<20))
				if r.Close(); got > e.size {
					t.Fatalf("%q has %d bytes and gives %d", e.name, e.size, got)
				}
				left -= got
			}
			return nil
		})
	}
}

func FuzzArchive(f *testing.F) {
	a := pcapFile(classic, packets(0, 3)...)
	f.Add(tarOf(f, member{"a", a}, member{"b", a[:30]}))
	f.Add(zipOf(f, []uint16{8, 0, uint16(zipZstd), uint16(zipXZ)}, member{"a", a}, member{"b", a[:30]}, member{"c", a}, member{"d", a}))
	names, _ := filepath.Glob("testdata/*.*")
	for _, n := range names {
		if b, err := os.ReadFile(n); err == nil && !strings.HasSuffix(n, ".md") {
			f.Add(b)
		}
	}
	f.Fuzz(func(t *testing.T, file []byte) { digAll(t, file) })
}

func FuzzPacking(f *testing.F) {
	a := pcapFile(classic, packets(0, 30)...)
	for _, b := range [][]byte{gz(a, a), zst(f, a, a), xzOf(a), lz4Of(a, a), bz2(a), gz(xzOf(a))} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		in := &input{path: "-", size: -1, pipe: bytes.NewReader(file)}
		defer in.release()
		spent := spending{left: 1 << 20, why: errUnpacked}
		if in.open(context.Background(), setup{block: smallBlock, keep: true, ratio: 50, spent: &spent}) != nil {
			return
		}
		for in.win.err == nil {
			in.win.skip(len(in.win.peek(smallBlock)))
		}
	})
}

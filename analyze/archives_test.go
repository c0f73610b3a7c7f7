package analyze

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/ulikunitz/xz"

	"wardtrace/rules"
	"wardtrace/samples"
)

// TestArchivesOfOneSet cuts a capture into twenty files, and makes an archive of them in which nothing is where one would
// look for it: shuffled, renamed, packed by eight means, in a zip and tars in it, two of them twice. The case must be that
// of the plain files in order, and that of the whole file but for file, frame and the ids that are made of them.
func TestArchivesOfOneSet(t *testing.T) {
	whole := filepath.Join(samples.Dir("ward-night"), "capture.pcap")
	parts := cut(t, whole, 20)
	plain := t.TempDir()
	for i, p := range parts {
		write(t, filepath.Join(plain, fmt.Sprintf("ward-%02d.pcap", i+1)), p)
	}
	packed := filepath.Join(t.TempDir(), "evidence.bin")
	write(t, packed, nested(t, parts))

	single, files, archive := ruled(t, whole), ruled(t, plain), ruled(t, packed)
	if !strings.Contains(single, "'finding_id'") || !strings.Contains(single, "'incident_id': ") {
		t.Fatal("the sample gives no finding: there is nothing to compare")
	}
	if files != archive {
		t.Errorf("the archive makes another case than its files:\n%s", firstDifference(files, archive))
	}
	if got := joined(files, parts); got != joined(single, nil) {
		t.Errorf("the files make another case than the whole:\n%s", firstDifference(joined(single, nil), got))
	}
}

func write(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// ruled makes a case of a path, runs the rules, and writes its tables but capture_file.
func ruled(t *testing.T, path string) string {
	t.Helper()
	c := run(t, path, nil)
	defer c.Abandon()
	set, err := rules.Load(rules.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := rules.Run(context.Background(), c.DB, set, false); err != nil {
		t.Fatal(err)
	}
	return dump(t, c.DB, "capture_file")
}

// cut divides a little-endian pcap of microseconds into n files, where all that follows is later than all before.
func cut(t *testing.T, path string, n int) [][]byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	le := binary.LittleEndian
	if le.Uint32(b) != 0xa1b2c3d4 {
		t.Fatal("the sample is no little-endian pcap of microseconds")
	}
	type record struct {
		at   int
		time uint64
	}
	var all []record
	for at := 24; at < len(b); at += 16 + int(le.Uint32(b[at+8:])) {
		all = append(all, record{at, uint64(le.Uint32(b[at:]))<<32 | uint64(le.Uint32(b[at+4:]))})
	}
	least := slices.Clone(all) // time: the least from here on
	for i := len(all) - 2; i >= 0; i-- {
		least[i].time = min(least[i].time, least[i+1].time)
	}
	var parts [][]byte
	from, latest := 24, uint64(0)
	for i, r := range all {
		if len(parts) < n-1 && i > 0 && i >= (len(parts)+1)*len(all)/n && least[i].time > latest {
			parts = append(parts, slices.Concat(b[:24], b[from:r.at]))
			from = r.at
		}
		latest = max(latest, r.time)
	}
	parts = append(parts, slices.Concat(b[:24], b[from:]))
	if len(parts) != n {
		t.Fatalf("%d parts of %d", len(parts), n)
	}
	return parts
}

// packer is one of the eight means.
type packer struct {
	ending string
	pack   func(t *testing.T, b []byte) []byte
}

var packers = []packer{
	{"gz", func(t *testing.T, b []byte) []byte {
		return through(t, b, func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) })
	}},
	{"bgzf", bgzf},
	{"zst", func(t *testing.T, b []byte) []byte { return through(t, b, zstdWriter) }},
	{"seekable.zst", func(t *testing.T, b []byte) []byte { // frames with a table of them in a skippable one behind
		half := len(b) / 2
		table := append([]byte{0x5e, 0x2a, 0x4d, 0x18, 9, 0, 0, 0}, "no reader"...)
		return slices.Concat(through(t, b[:half], zstdWriter), through(t, b[half:], zstdWriter), table)
	}},
	{"xz", func(t *testing.T, b []byte) []byte {
		return through(t, b, func(w io.Writer) io.WriteCloser {
			z, err := xz.NewWriter(w)
			if err != nil {
				t.Fatal(err)
			}
			return z
		})
	}},
	{"lz4", func(t *testing.T, b []byte) []byte {
		return through(t, b, func(w io.Writer) io.WriteCloser { return lz4.NewWriter(w) })
	}},
	{"legacy.lz4", func(t *testing.T, b []byte) []byte {
		return through(t, b, func(w io.Writer) io.WriteCloser {
			z := lz4.NewWriter(w)
			if err := z.Apply(lz4.LegacyOption(true)); err != nil {
				t.Fatal(err)
			}
			return z
		})
	}},
	{"bz2", func(t *testing.T, b []byte) []byte {
		cmd := exec.Command("bzip2", "-c")
		cmd.Stdin = bytes.NewReader(b)
		out, err := cmd.Output()
		if err != nil {
			samples.Skip(t, "there is no bzip2 here, and Go has no writer for it: %v", err)
		}
		return out
	}},
}

func zstdWriter(w io.Writer) io.WriteCloser {
	z, err := zstd.NewWriter(w)
	if err != nil {
		panic(err)
	}
	return z
}

func through(t *testing.T, b []byte, open func(io.Writer) io.WriteCloser) []byte {
	t.Helper()
	var out bytes.Buffer
	w := open(&out)
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// bgzf writes blocked gzip, as htslib does: members of 64 KiB that tell their size, and an empty one at the end.
func bgzf(t *testing.T, b []byte) (out []byte) {
	for part := range slices.Chunk(append(b, nil...), 0xff00) {
		out = append(out, block(t, part)...)
	}
	return append(out, block(t, nil)...)
}

func block(t *testing.T, b []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	w.Extra = []byte{'B', 'C', 2, 0, 0, 0}
	w.Write(b)
	w.Close()
	binary.LittleEndian.PutUint16(out.Bytes()[16:], uint16(out.Len()-1))
	return out.Bytes()
}

// nested packs the parts, in an order and under names of their own, into archives in an archive.
func nested(t *testing.T, parts [][]byte) []byte {
	random := rand.New(rand.NewPCG(4, 4))
	names := map[string][]byte{}
	var order []string
	for _, i := range random.Perm(len(parts)) {
		name := fmt.Sprintf("%08x.%s", random.Uint32(), packers[i%len(packers)].ending)
		names[name] = packers[i%len(packers)].pack(t, parts[i])
		order = append(order, name)
	}
	names["again.txt"], names["once/more"] = parts[7], packers[0].pack(t, parts[12]) // packed otherwise, and plain
	order = append(order, "again.txt", "once/more")
	pick := func(n int) []string {
		out := slices.Clone(order[:n])
		order = order[n:]
		return out
	}
	tarball := packers[4].pack(t, tarOf(t, names, pick(7)))
	deep := packers[2].pack(t, tarOf(t, names, pick(5)))
	names["a"], names["b"], names["c"] = tarball, deep, tarOf(t, names, pick(4))
	names["d"] = zipOf(t, names, append(pick(3), "b"))
	return zipOf(t, names, append(order, "d", "c", "a"))
}

func tarOf(t *testing.T, names map[string][]byte, pick []string) []byte {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, n := range pick {
		if err := w.WriteHeader(&tar.Header{Name: n, Size: int64(len(names[n])), Mode: 0o600}); err != nil {
			t.Fatal(err)
		}
		w.Write(names[n])
	}
	w.Close()
	return out.Bytes()
}

func zipOf(t *testing.T, names map[string][]byte, pick []string) []byte {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for i, n := range pick {
		f, err := w.CreateHeader(&zip.FileHeader{Name: n, Method: []uint16{zip.Deflate, zip.Store}[i%2]})
		if err != nil {
			t.Fatal(err)
		}
		f.Write(names[n])
	}
	w.Close()
	return out.Bytes()
}

var (
	refText = regexp.MustCompile(`'file': (\d+), 'frame': (\d+)`)
	hashed  = regexp.MustCompile(`'(finding_id|incident_id)': [0-9a-f]{16}`) // of a packet's file and frame, among others
	idText  = regexp.MustCompile(`\b\d{10,12}\b`)                            // a flow's: file << 32 | frame
)

// joined puts the files of a set one behind the other: what names a packet of one names it in the whole. Without parts
// it only brings rows into the same order.
func joined(tables string, parts [][]byte) string {
	before := make([]uint64, len(parts)+2) // packets before a file
	for i, p := range parts {
		n := uint64(0)
		for at := 24; at < len(p); at += 16 + int(binary.LittleEndian.Uint32(p[at+8:])) {
			n++
		}
		before[i+2] = before[i+1] + n
	}
	whole := func(file, frame uint64) (uint64, uint64) {
		if file == 0 || file > uint64(len(parts)) {
			return file, frame
		}
		return 1, before[file] + frame
	}
	lines := strings.Split(tables, "\n")
	for i, line := range lines {
		line = refText.ReplaceAllStringFunc(line, func(s string) string {
			m := refText.FindStringSubmatch(s)
			file, frame := whole(integer(m[1]), integer(m[2]))
			return fmt.Sprintf("'file': %d, 'frame': %d", file, frame)
		})
		line = hashed.ReplaceAllString(line, "'$1': of its packet")
		lines[i] = idText.ReplaceAllStringFunc(line, func(s string) string {
			file, frame := whole(integer(s)>>32, integer(s)&(1<<32-1))
			return fmt.Sprint(file<<32 | frame)
		})
	}
	for from := 0; from < len(lines); { // tables stand behind their names
		to := from + 1
		for to < len(lines) && !strings.HasPrefix(lines[to], "== ") {
			to++
		}
		slices.Sort(lines[min(from+1, to):to])
		from = to
	}
	return strings.Join(lines, "\n")
}

func integer(s string) uint64 {
	n, _ := strconv.ParseUint(s, 10, 64)
	return n
}

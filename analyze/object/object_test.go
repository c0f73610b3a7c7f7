package object

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/klauspost/compress/zstd"

	"wardtrace/dissect"
	"wardtrace/dissect/event"
)

var room = Limits{Objects: 1000, Bytes: 1 << 30, Size: 1 << 30, Ratio: 200, Parts: 100}

func folder(t testing.TB, l Limits, kinds ...string) *Folder {
	t.Helper()
	f, err := Create(filepath.Join(t.TempDir(), "o"), kinds, l)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// keep writes one object as a dissector does.
func keep(f *Folder, o dissect.Object, body string) {
	w := f.Keep(o, Origin{Flow: 7}, event.Ref{File: 1, Frame: uint32(len(f.entries) + 1)})
	for len(body) > 0 {
		n := min(1460, len(body))
		w.Write([]byte(body[:n]))
		body = body[n:]
	}
	w.Close(true)
}

// content gives what a file of the folder holds, and checks that it is what its name says.
func content(t testing.TB, f *Folder, e Entry) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(f.dir, e.Path))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(data)
	if name := hex.EncodeToString(sum[:]); name != e.SHA256 || !strings.HasPrefix(e.Path, name+".") || int64(len(data)) != e.Bytes {
		t.Fatalf("%s holds %d bytes of hash %s; the index says %+v", e.Path, len(data), name, e)
	}
	return string(data)
}

func pack(t testing.TB, coding, s string) string {
	t.Helper()
	var b bytes.Buffer
	var w io.WriteCloser
	switch coding {
	case "gzip":
		w = gzip.NewWriter(&b)
	case "zlib":
		w = zlib.NewWriter(&b)
	case "flate":
		w, _ = flate.NewWriter(&b, 6)
	case "zstd":
		w, _ = zstd.NewWriter(&b)
	}
	io.WriteString(w, s)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestCodings holds that codings are undone, and that what cannot be stays as it crossed and says so.
func TestCodings(t *testing.T) {
	text := strings.Repeat("patient 12, bed 4;\n", 300)
	zipped := pack(t, "gzip", text)
	for _, x := range []struct {
		coding, body, want, left, ext string
		complete                      bool
	}{
		{"", text, text, "", ".txt", true},
		{"identity", text, text, "", ".txt", true},
		{"gzip", zipped, text, "", ".txt", true},
		{"X-GZIP", zipped, text, "", ".txt", true},
		{"deflate", pack(t, "zlib", text), text, "", ".txt", true},
		{"deflate", pack(t, "flate", text), text, "", ".txt", true},
		{"zstd", pack(t, "zstd", text), text, "", ".txt", true},
		{"gzip, zstd", pack(t, "zstd", zipped), text, "", ".txt", true},
		{"br", "\x0b\x02\x80hello\x03", "\x0b\x02\x80hello\x03", "br", ".br", true},
		{"gzip", "this is no gzip at all", "this is no gzip at all", "gzip", ".gz", true},
		{"gzip,gzip,gzip,gzip,gzip", zipped, zipped, "gzip", ".gz", true},
		{"gzip", zipped[:len(zipped)-20], "", "", ".txt", false},
		{"../x", text, text, "../x", ".txt", true},
	} {
		f := folder(t, room)
		keep(f, dissect.Object{Kind: "http", Coding: x.coding}, x.body)
		e := f.Entries()[0]
		got := content(t, f, e)
		if x.want != "" && got != x.want || x.want == "" && (!strings.HasPrefix(text, got) || len(got) < 100) || e.Coding != x.left || filepath.Ext(e.Path) != x.ext || e.Complete != x.complete {
			t.Errorf("%q: %d bytes, want %d; %+v", x.coding, len(got), len(x.want), e)
		}
		if files, _ := os.ReadDir(f.dir); len(files) != 1 {
			t.Errorf("%q: %d files are left behind", x.coding, len(files))
		}
	}
}

// TestBombs holds that what packs too well is cut, and that the disk gets no more than the limits allow.
func TestBombs(t *testing.T) {
	once := pack(t, "gzip", strings.Repeat("\x00", 300<<20))
	for _, x := range []struct{ coding, body, limit string }{
		{"gzip", once, "--max-ratio"}, {"gzip, gzip", pack(t, "gzip", once), "--max-ratio"}, {"gzip", pack(t, "gzip", strings.Repeat("abcdefghij", 4<<20)), "--max-ratio"},
	} {
		f := folder(t, room)
		keep(f, dissect.Object{Kind: "http", Coding: x.coding}, x.body)
		e := f.Entries()[0]
		if content(t, f, e); e.Limit != x.limit || e.Complete || e.Bytes > max(freeRatio, 201*int64(len(x.body)))+64<<10 {
			t.Errorf("%d bytes became %d: %+v", len(x.body), e.Bytes, e)
		}
	}
	small := room
	small.Size, small.Ratio = 1<<20, 1<<40
	f := folder(t, small)
	keep(f, dissect.Object{Kind: "http", Coding: "gzip"}, once)
	if e := f.Entries()[0]; e.Limit != "--max-size" || e.Bytes != 1<<20 || e.Complete {
		t.Errorf("the limit on one object does not hold what is unpacked: %+v", e)
	}
}

// index reads index.jsonl.
func index(t testing.TB, f *Folder) (out []Entry) {
	t.Helper()
	if _, err := f.WriteIndex(func(string) (string, error) { return "x", nil }); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(f.dir, Index+".jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		var e Entry
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		out = append(out, e)
	}
	return out
}

// TestPlanted holds that a link that somebody put into the folder is not written through, neither at an object's name nor at one under way.
func TestPlanted(t *testing.T) {
	sum := sha256.Sum256([]byte("a note"))
	for name, body := range map[string]string{hex.EncodeToString(sum[:]) + ".txt": "a note", "1.part": strings.Repeat("x", maxBuffer+1)} {
		f := folder(t, room)
		victim := filepath.Join(t.TempDir(), "victim")
		if err := os.WriteFile(victim, []byte("as it was"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(victim, filepath.Join(f.dir, name)); err != nil {
			t.Fatal(err)
		}
		keep(f, dissect.Object{Kind: "http"}, body)
		if text, err := os.ReadFile(victim); err != nil || string(text) != "as it was" || f.Err() == nil {
			t.Errorf("%s: %d bytes, %v, %v", name, len(text), err, f.Err())
		}
	}
}

// TestLimits holds that each limit keeps out or cuts, and leaves its line in the index.
func TestLimits(t *testing.T) {
	body := strings.Repeat("0123456789", 20_000)
	for _, x := range []struct {
		name      string
		change    func(*Limits)
		kept, cut int
		left      int64
		flag      string
	}{
		{"objects", func(l *Limits) { l.Objects = 3 }, 3, 0, 2, "--max-objects"},
		{"bytes", func(l *Limits) { l.Bytes = 450_000 }, 3, 1, 2, "--limit"},
		{"size", func(l *Limits) { l.Size = 1000 }, 5, 5, 0, "--max-size"},
	} {
		l := room
		x.change(&l)
		f := folder(t, l)
		for i := range 5 {
			keep(f, dissect.Object{Kind: "http"}, fmt.Sprint(i)+body)
		}
		kept, cut, left, total := 0, 0, int64(0), int64(0)
		for _, e := range index(t, f) {
			switch {
			case e.Kind == "limit" && e.Limit == x.flag:
				left = e.LeftOut
			case e.Kind == "limit":
				t.Errorf("%s: another limit was reached: %+v", x.name, e)
			default:
				kept++
				total += e.Bytes
				if e.Limit == x.flag && !e.Complete {
					cut++
				}
			}
		}
		if kept != x.kept || cut != x.cut || left != x.left || f.Left() != x.left || total > l.Bytes {
			t.Errorf("%s: %d kept, %d cut, %d left out, %d bytes", x.name, kept, cut, left, total)
		}
	}
}

// TestHoles holds that a hole keeps what follows in its place, and that a few bytes cannot claim a disk full of zeros.
func TestHoles(t *testing.T) {
	f := folder(t, room)
	w := f.Keep(dissect.Object{Kind: "ftp"}, Origin{}, event.Ref{File: 1, Frame: 1})
	w.Write([]byte("abc"))
	w.Lose(5)
	w.Write([]byte("def"))
	w.Close(true)
	e := f.Entries()[0]
	if got := content(t, f, e); got != "abc\x00\x00\x00\x00\x00def" || e.Complete || e.Missing != 5 {
		t.Errorf("%q, %+v", got, e)
	}
	f = folder(t, room)
	w = f.Keep(dissect.Object{Kind: "ftp"}, Origin{}, event.Ref{File: 1, Frame: 1})
	for range 1000 {
		w.Write([]byte("x"))
		w.Lose(15 << 20)
	}
	w.Close(true)
	if e := f.Entries()[0]; e.Bytes > maxHole+1<<20 || e.Complete || e.Missing != 1000*15<<20 {
		t.Errorf("1,000 bytes became %d: %+v", e.Bytes, e)
	}
}

// TestMultipart holds that each part is an object with the name it gives itself, and the body none.
func TestMultipart(t *testing.T) {
	body := "preamble\r\n--b\r\nContent-Disposition: form-data; name=\"id\"\r\n\r\n4711\r\n--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"../../etc/cron.d/x\"\r\n" +
		"Content-Type: image/png\r\n\r\n#!/bin/sh\nid\r\n--b--\r\n"
	f := folder(t, room)
	keep(f, dissect.Object{Kind: "http", Name: "/up", Type: `multipart/form-data; boundary="b"`}, body)
	all := f.Entries()
	byPart := map[int64]Entry{}
	for _, e := range all {
		byPart[e.Part] = e
	}
	if len(all) != 2 || content(t, f, byPart[1]) != "4711" || byPart[1].Name != "id" || content(t, f, byPart[2]) != "#!/bin/sh\nid" || byPart[2].Name != "../../etc/cron.d/x" ||
		byPart[2].Type != "image/png" || byPart[2].Detected != "text/x-script" || filepath.Ext(byPart[2].Path) != ".txt" || !byPart[2].Complete {
		t.Errorf("%+v", all)
	}
	f = folder(t, room)
	keep(f, dissect.Object{Kind: "http", Type: "multipart/form-data; boundary=b", Coding: "gzip"}, pack(t, "gzip", body[:len(body)-14]))
	if all := f.Entries(); len(all) != 2 || all[0].Complete && all[1].Complete {
		t.Errorf("packed and cut: %+v", all)
	}
	for _, media := range []string{"multipart/mixed; boundary=none", "multipart/mixed", "text/plain; boundary=b"} {
		f = folder(t, room)
		keep(f, dissect.Object{Kind: "http", Type: media}, body)
		if all := f.Entries(); len(all) != 1 || content(t, f, all[0]) != body {
			t.Errorf("%s: %+v", media, all)
		}
	}
	l := room
	l.Parts = 10
	f = folder(t, l)
	keep(f, dissect.Object{Kind: "http", Type: "multipart/mixed; boundary=b"}, strings.Repeat("--b\r\n\r\nx\r\n", 50)+"--b--")
	if len(f.Entries()) != 10 || f.left["--max-parts"] != 40 {
		t.Errorf("%d parts kept, %v left out", len(f.Entries()), f.left)
	}
}

// hostile are names that mean harm to file systems, terminals and spreadsheets.
var hostile = []string{"../../../etc/passwd", "/etc/shadow", "C:\\Windows\\x", "a\x00b", "\x1b[2J\x1b]0;x\x07", "\u202egpj.exe", "=cmd|' /C calc'!A0", "con", "-rf", "\u009b31m", "new\nline",
	strings.Repeat("long/", 20_000), "<script>alert(1)</script>", "", ".", "\xff\xfe"}

var safe = regexp.MustCompile(`^[0-9a-f]{64}\.[a-z0-9]{1,6}$|^index\.(jsonl|csv)$`)

// TestHostileNames holds that what the wire calls an object touches neither the file system nor who reads the index.
func TestHostileNames(t *testing.T) {
	f := folder(t, room)
	for i, name := range hostile {
		keep(f, dissect.Object{Kind: "http", Name: name, Type: name, Via: name, Coding: name}, fmt.Sprint(i))
	}
	if all := index(t, f); len(all) != len(hostile) {
		t.Fatalf("%d entries", len(all))
	}
	files, err := os.ReadDir(f.dir)
	if err != nil || len(files) != len(hostile)+2 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		info, err := file.Info()
		if err != nil || !safe.MatchString(file.Name()) || !info.Mode().IsRegular() || info.Mode().Perm() != 0o600 {
			t.Errorf("%q: %v, %v", file.Name(), info.Mode(), err)
		}
	}
	if beside, err := os.ReadDir(filepath.Dir(f.dir)); err != nil || len(beside) != 1 {
		t.Errorf("something was written beside the folder: %v, %v", beside, err)
	}
	for _, name := range []string{"index.jsonl", "index.csv"} {
		data, err := os.ReadFile(filepath.Join(f.dir, name))
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(data)) {
			if len(line) > 16<<10 || strings.ContainsFunc(strings.TrimSuffix(line, "\n"), func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }) {
				t.Errorf("%s: a line of %d bytes can be obeyed: %.100q", name, len(line), line)
			}
		}
		if name != "index.csv" {
			continue
		}
		rows, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			for _, cell := range row {
				if cell != "" && strings.ContainsRune("=+-@", rune(cell[0])) {
					t.Errorf("a cell is a formula: %q", cell)
				}
			}
		}
	}
}

// TestUnfinished holds that thousands of objects under way at once take neither descriptors nor memory without end.
func TestUnfinished(t *testing.T) {
	f := folder(t, room)
	var all []dissect.ObjectWriter
	chunk := bytes.Repeat([]byte("x"), 60<<10)
	for i := range 3000 {
		w := f.Keep(dissect.Object{Kind: "http"}, Origin{}, event.Ref{File: 1, Frame: uint32(i + 1)})
		all = append(all, w)
		if i < 1500 {
			w.Write(chunk)
		}
		w.Write([]byte(fmt.Sprint(i)))
	}
	if f.held > maxHeld+maxBuffer {
		t.Errorf("%d bytes are held", f.held)
	}
	if open, err := os.ReadDir("/proc/self/fd"); err == nil && len(open) > 200 {
		t.Errorf("%d descriptors are open", len(open))
	}
	f.limits.Objects = 5000
	for _, w := range all {
		w.Close(false)
	}
	if f.Err() != nil || len(f.Entries()) != 3000 || f.held != 0 {
		t.Errorf("%d objects, %d held, %v", len(f.entries), f.held, f.Err())
	}
	for _, e := range f.Entries()[:20] {
		content(t, f, e)
	}
}

// TestEqual holds that of equal objects one file stays, and each has its line.
func TestEqual(t *testing.T) {
	f := folder(t, room)
	big := strings.Repeat("same", 100_000)
	for range 3 {
		keep(f, dissect.Object{Kind: "dicom", Ext: ".dcm"}, big)
		keep(f, dissect.Object{Kind: "http"}, big)
	}
	files, err := os.ReadDir(f.dir)
	if err != nil || len(files) != 1 || len(f.Entries()) != 6 || f.Files() != 1 || f.total != int64(len(big)) {
		t.Errorf("%d files, %d entries, %d bytes, %v", len(files), len(f.entries), f.total, err)
	}
}

// TestDiscard holds that everything written is taken back, and nothing else.
func TestDiscard(t *testing.T) {
	f := folder(t, room)
	keep(f, dissect.Object{Kind: "http"}, "one")
	w := f.Keep(dissect.Object{Kind: "http"}, Origin{}, event.Ref{})
	w.Write(make([]byte, 2*maxBuffer))
	if err := os.WriteFile(filepath.Join(f.dir, "mine"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if files, _ := os.ReadDir(f.dir); len(files) != 3 {
		t.Fatalf("%d files", len(files))
	}
	err := f.Discard()
	if files, _ := os.ReadDir(f.dir); err != nil || len(files) != 1 || files[0].Name() != "mine" {
		t.Errorf("%v left, %v", files, err)
	}
}

// TestFull holds that an error of the disk is told, and that nothing more is written after it.
func TestFull(t *testing.T) {
	f := folder(t, room)
	w := f.Keep(dissect.Object{Kind: "http"}, Origin{}, event.Ref{})
	if err := os.RemoveAll(f.dir); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(make([]byte, 2*maxBuffer)); err == nil || f.Err() == nil {
		t.Errorf("no error: %v, %v", err, f.Err())
	}
	w.Close(true)
	if f.Keep(dissect.Object{Kind: "http"}, Origin{}, event.Ref{}) != (nowhere{}) {
		t.Error("it goes on after an error")
	}
}

// FuzzObject holds for any bodies, types and codings: files have safe names and are what these say, limits hold, nothing stays behind.
func FuzzObject(f *testing.F) {
	f.Add([]byte(pack(f, "gzip", "hello")), "text/plain", "gzip", int64(3))
	f.Add([]byte(pack(f, "zstd", "hello")), "", "zstd", int64(0))
	f.Add([]byte(pack(f, "flate", "hello")), "", "deflate", int64(0))
	f.Add([]byte("--b\r\nContent-Disposition: form-data; name=x\r\n\r\n1\r\n--b--"), "multipart/form-data; boundary=b", "", int64(0))
	f.Add([]byte("MSH|^~\\&|"), "application/hl7-v2", "br", int64(9))
	f.Fuzz(func(t *testing.T, body []byte, media, coding string, seed int64) {
		dir, err := os.MkdirTemp("", "object")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		l := Limits{Objects: 20, Bytes: 1 << 20, Size: 512 << 10, Ratio: 50, Parts: 5}
		x, err := Create(dir, nil, l)
		if err != nil {
			t.Fatal(err)
		}
		r := rand.New(rand.NewPCG(uint64(seed), 1))
		w := x.Keep(dissect.Object{Kind: "http", Name: media, Type: media, Coding: coding}, Origin{}, event.Ref{File: 1, Frame: 1})
		for rest := body; len(rest) > 0; {
			n := 1 + r.IntN(len(rest))
			w.Write(rest[:n])
			if rest = rest[n:]; seed%3 == 1 {
				w.Lose(int64(r.IntN(1000)))
			}
		}
		w.Close(seed%2 == 0)
		total := int64(0)
		for _, e := range index(t, x) {
			if e.Kind != "limit" {
				content(t, x, e)
				total += e.Bytes
			}
		}
		files, err := os.ReadDir(dir)
		if err != nil || total > int64(l.Parts+1)*l.Size || x.Err() != nil {
			t.Fatalf("%d bytes, %v, %v", total, err, x.Err())
		}
		for _, file := range files {
			if !safe.MatchString(file.Name()) {
				t.Fatalf("%q", file.Name())
			}
		}
		if len(files) != x.Files()+2 {
			t.Fatalf("%d files for %d objects", len(files), x.Files())
		}
	})
}

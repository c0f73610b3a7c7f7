package analyze

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"wardtrace/analyze/capture"
	"wardtrace/dissect/event"
	"wardtrace/samples"
)

// complete reads a command line.
func complete(args ...string) (Options, error) {
	var o Options
	f := pflag.NewFlagSet("t", pflag.ContinueOnError)
	o.AddFlags(f)
	if err := f.Parse(args); err != nil {
		return o, err
	}
	return o, o.Complete(f.Args())
}

func TestSizes(t *testing.T) {
	for text, want := range map[string]int64{
		"64MiB": 64 << 20, "64m": 64 << 20, "64MB": 64 << 20, "1GiB": 1 << 30, "2g": 2 << 30, " 3 GiB ": 3 << 30, "1T": 1 << 40, "67108864": 64 << 20, "65536K": 64 << 20,
		"63MiB": 0, "0": 0, "-1G": 0, "": 0, "G": 0, "1.5G": 0, "lots": 0, "9999999999G": 0, "4194305T": 0, "1GiBGiB": 0,
	} {
		got, err := parseSize(text)
		if got != want || (err == nil) != (want > 0) || (err != nil && !errors.Is(err, ErrUsage)) {
			t.Errorf("%q: %d, %v; want %d", text, got, err, want)
		}
	}
}

func TestTimes(t *testing.T) {
	for text, want := range map[string]string{
		"2026-11-20T02:00:00Z": "2026-11-20T02:00:00Z", "2026-11-20T02:00:00.123456789+01:00": "2026-11-20T01:00:00.123456789Z", "2026-11-20 02:00:01": "2026-11-20T02:00:01Z",
		"2026-11-20T02:03": "2026-11-20T02:03:00Z", "2026-11-20 02:03": "2026-11-20T02:03:00Z", "2026-11-20": "2026-11-20T00:00:00Z",
		"yesterday": "", "2026-13-01": "", "02:00": "", "0001-01-01": "", "9999-12-31": "", "1677-12-31": "",
	} {
		got, err := parseTime("--from", text)
		if (err == nil) != (want != "") || (err == nil && got != event.Time(at(t, want).UnixNano())) || (err != nil && !errors.Is(err, ErrUsage)) {
			t.Errorf("%q: %v, %v; want %q", text, got, err, want)
		}
	}
}

func at(t *testing.T, s string) time.Time {
	t.Helper()
	v, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestDefaultCase(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "ward.d")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	for path, want := range map[string]string{
		"samples/ward-night": "ward-night.case", "samples/ward-night/": "ward-night.case", "x.pcap": "x.case", "x.PCAPNG.GZ": "x.case", "a.b.pcap.zst": "a.b.case",
		"-": "stdin.case", ".": "ward.d.case", "..": filepath.Base(filepath.Dir(dir)) + ".case", "x": "x.case", ".pcap": ".pcap.case", "x.pcap0": "x.pcap0.case",
	} {
		if got := defaultCase(path); got != want {
			t.Errorf("%q gives %q, want %q", path, got, want)
		}
	}
}

func TestComplete(t *testing.T) {
	o, err := complete("b.pcap", "-r", "a.pcap", "--local", "10.20.3.4/16, 2001:db8::/32", "-o", "x/../y.case/")
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(o.Paths, []string{"b.pcap", "a.pcap"}) || o.Case != "y.case" || o.Memory != 256<<20 || o.PHI != "pseudonym" || o.Workers < 1 || o.Workers > maxWorkers ||
		len(o.Local) != 2 || o.Local[0].String() != "10.20.0.0/16" {
		t.Errorf("%+v", o)
	}
	if o, err := complete("b.pcap"); err != nil || o.Case != "b.case" || o.keyPath() != "b.phikey" {
		t.Errorf("case %q, key %q, %v", o.Case, o.keyPath(), err)
	}
	for want, args := range map[string][]string{
		"nothing to read":          {},
		"is not before":            {"x", "--from", "2026-11-20", "--to", "2026-11-20"},
		"--to":                     {"x", "--to", "now"},
		"cannot be negative":       {"x", "-c", "-1"},
		"at most 256":              {"x", "--workers", "257"},
		"--local":                  {"x", "--local", "10.0.0.1"},
		"pseudonym or clear":       {"x", "--phi", "none"},
		"is too small":             {"x", "--memory", "1K"},
		"--workers cannot be nega": {"x", "--workers", "-2"},
	} {
		if _, err := complete(args...); !errors.Is(err, ErrUsage) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", args, err, want)
		}
	}
}

// TestKey holds that the key is made once, for its owner alone, that it is used again, and that a bad one costs no case.
func TestKey(t *testing.T) {
	dir := t.TempDir()
	sample := samples.Dir("hl7-mllp-adt-oru")
	analyse := func(args ...string) (*Case, error) {
		o, err := complete(append([]string{sample, "-o", filepath.Join(dir, "n.case"), "--workers", "1"}, args...)...)
		if err != nil {
			t.Fatal(err)
		}
		return Run(context.Background(), o, nil, nil)
	}
	patients := func(c *Case, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		defer c.Abandon()
		return strings.Join(column(t, c.DB, "SELECT DISTINCT patient_id FROM hl7_message WHERE patient_id IS NOT NULL ORDER BY 1"), " ")
	}
	first := patients(analyse())
	key, err := os.ReadFile(filepath.Join(dir, "n.phikey"))
	if info, _ := os.Stat(filepath.Join(dir, "n.phikey")); err != nil || info.Mode().Perm() != 0o600 || len(key) != 65 || !strings.HasPrefix(first, "id:") {
		t.Fatalf("key of %d bytes, %v; patients %q", len(key), err, first)
	}
	if again := patients(analyse("-C")); again != first {
		t.Errorf("with the same key patients are %s, then %s", first, again)
	}
	other := filepath.Join(dir, "other.key")
	if _, err := analyse("-C", "--phi-key", other); !errors.Is(err, ErrUsage) || !strings.Contains(err.Error(), "--new-phi-key") {
		t.Errorf("a key that is not there: %v", err)
	}
	if _, err := os.Stat(other); err == nil {
		t.Error("a mistyped name made a key")
	}
	if got := patients(analyse("-C", "--phi-key", other, "--new-phi-key")); got == first {
		t.Errorf("with another key patients are %s as before", got)
	}
	if _, err := analyse("-C", "--phi-key", other, "--new-phi-key"); !errors.Is(err, ErrUsage) {
		t.Errorf("a new key that is there already: %v", err)
	}
	if err := os.WriteFile(other, []byte("not a key"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := analyse("-C", "--phi-key", other); !errors.Is(err, ErrUsage) {
		t.Errorf("a bad key: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "n.case", "case.duckdb")); err != nil {
		t.Errorf("a bad key cost the case that was there: %v", err)
	}
}

// endless gives a capture and then its packets again and again.
type endless struct{ body, rest []byte }

func (e *endless) Read(p []byte) (int, error) {
	if len(e.rest) == 0 {
		e.rest = e.body
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}

// TestInterrupted holds that a run that is interrupted leaves a case that says so, or is marked, also when it had hardly begun.
func TestInterrupted(t *testing.T) {
	file, err := os.ReadFile(filepath.Join(samples.Dir("flood-syn"), "capture.pcap"))
	if err != nil {
		t.Fatal(err)
	}
	const fileHeader = 24
	stop := errors.New("stopped by its user")
	for after, want := range []string{"", "interrupted"} {
		ctx, cancel := context.WithCancelCause(context.Background())
		o, err := complete("-", "-o", filepath.Join(t.TempDir(), "n.case"))
		if err != nil {
			t.Fatal(err)
		}
		_, err = Run(ctx, o, &endless{body: file[fileHeader:], rest: file}, func(_, _ int64, packets uint64) {
			if packets >= uint64(after) {
				cancel(stop)
			}
		})
		if !errors.Is(err, stop) || strings.Contains(err.Error(), "disk") {
			t.Fatalf("interrupted after %d packets: %v", after, err)
		}
		if _, err := os.Stat(o.Case); want == "" && os.IsNotExist(err) {
			continue // it had not begun
		}
		if mark := unfinished(o.Case); mark == "" {
			t.Errorf("interrupted after %d packets: the case is not marked", after)
		}
		if _, state, err := Reopen(context.Background(), o.Case); want != "" && (err != nil || state != want) {
			t.Errorf("state %q, %v; want %s", state, err, want)
		}
	}
}

// TestReadingOptions holds what the flags of reading take, and that a case's manifest gives them again.
func TestReadingOptions(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	o, err := complete("-F", file("f", "# the pumps\nnet 10.20.0.0/16 # ward 3\n\n and not\nport 22\n"), "--keep-duplicates", "--max-ratio", "50", "--max-members", "7",
		"--max-depth", "2", "--max-unpacked", "1GiB", "--scratch", dir, "--scratch-max", "3MiB", "x.pcap")
	if err != nil || o.Filter != "net 10.20.0.0/16 and not port 22" {
		t.Fatalf("%q, %v", o.Filter, err)
	}
	how := o.reading()
	if want := (capture.Limits{Ratio: 50, Members: 7, Depth: 2, Unpacked: 1 << 30, Scratch: 3 << 20}); how.Limits != want || how.Scratch != dir || !how.KeepDuplicates {
		t.Errorf("%+v", how)
	}
	m := &Manifest{Options: o.asMap()}
	again, err := m.runOptions()
	if err != nil || again.Filter != o.Filter || !again.KeepDuplicates || again.Limits.Members != 7 || again.Limits.Unpacked != 1<<30 || again.Limits.Depth != 2 || again.Limits.Ratio != 50 {
		t.Errorf("%+v, %v", again, err)
	}
	if plain, err := complete("x.pcap"); err != nil || len(plain.asMap()) != 4 || plain.reading().Scratch != "." {
		t.Errorf("%v, %v, %+v", plain.asMap(), err, plain.reading())
	}
	for _, args := range [][]string{{"-F", file("empty", "# nothing\n")}, {"-F", dir + "/none"}, {"-F", file("long", strings.Repeat("a ", 40000))}, {"-F", file("g", "udp"), "-f", "udp"},
		{"--scratch", dir + "/none"}, {"--scratch", "/proc"}, {"--max-unpacked", "all"}, {"--scratch-max", "-1"}, {"--max-depth", "-1"}} {
		if _, err := complete(append(args, "x.pcap")...); !errors.Is(err, ErrUsage) {
			t.Errorf("%v: %v", args, err)
		}
	}
}

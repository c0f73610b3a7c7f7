package analyze

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wardtrace/samples"
)

// run analyses a path into a case in a temporary folder.
func run(t *testing.T, path string, edit func(*Options)) *Case {
	t.Helper()
	dir := t.TempDir()
	key := filepath.Join(dir, "key")
	if err := os.WriteFile(key, []byte(strings.Repeat("17", 32)), 0o600); err != nil {
		t.Fatal(err)
	}
	o := Options{Case: filepath.Join(dir, "t.case"), PHI: "pseudonym", PHIKey: key, memory: "1GiB"}
	if edit != nil {
		edit(&o)
	}
	var args []string
	if path != "" { // else edit names the captures
		args = []string{path}
	}
	if err := o.Complete(args); err != nil {
		t.Fatal(err)
	}
	c, err := Run(context.Background(), o, strings.NewReader(""), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Abandon() })
	return c
}

// dump writes every table of a case but some, its rows sorted.
func dump(t *testing.T, db *sql.DB, but ...string) string {
	t.Helper()
	var w strings.Builder
	for _, table := range column(t, db, "SELECT table_name FROM duckdb_tables() ORDER BY 1") {
		if slices.Contains(but, table) {
			continue
		}
		fmt.Fprintf(&w, "== %s\n", table)
		for _, row := range column(t, db, fmt.Sprintf("SELECT x::VARCHAR FROM %q AS x ORDER BY ALL", table)) {
			w.WriteString(row)
			w.WriteByte('\n')
		}
	}
	return w.String()
}

func column(t *testing.T, db *sql.DB, query string) []string {
	t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	return out
}

func number(t *testing.T, db *sql.DB, query string) int64 {
	t.Helper()
	var n int64
	if err := db.QueryRow(query).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// TestWorkers holds the promise that the case is the same for any number of workers: all samples are the inputs of one case, which so holds
// every protocol, overlapping times and addresses that meet again.
func TestWorkers(t *testing.T) {
	names, err := samples.List("")
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for i, name := range names {
		if !testing.Short() || i%8 == 0 {
			paths = append(paths, samples.Dir(name))
		}
	}
	want := ""
	for _, workers := range []int{1, 2, 8} {
		c := run(t, paths[0], func(o *Options) { o.Workers, o.Paths = workers, paths[1:] })
		got := dump(t, c.DB)
		flows := number(t, c.DB, "SELECT coalesce(sum(src_packets + dst_packets), 0)::BIGINT FROM flow")
		if files := number(t, c.DB, "SELECT coalesce(sum(delivered), 0)::BIGINT FROM capture_file"); flows != files || files == 0 {
			t.Fatalf("flows hold %d packets, files %d: every packet that counts belongs to exactly one flow", flows, files)
		}
		c.Abandon()
		if want == "" {
			want = got
		}
		if got != want {
			t.Fatalf("%d workers give another case than 1:\n%s", workers, firstDifference(want, got))
		}
	}
}

func firstDifference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return x[i] + "\n" + y[i]
		}
	}
	return fmt.Sprintf("%d lines and %d", len(x), len(y))
}

// TestBudget holds that a budget that is exceeded closes the same flows for any number of workers. The budget is set
// below what the command line takes, so that a sample exceeds it.
func TestBudget(t *testing.T) {
	b1, b4 := newBudget(10_000, 1), newBudget(10_000, 4)
	b1.report(3, map[uint64]int64{0: 9000, 1: 4000, 2: 2000})
	for i := range 4 {
		b4.report(3, map[uint64]int64{0: 2250 + 10*int64(i), 1: 985, 2: 500})
	}
	for _, b := range []*budget{b1, b4} {
		got, err := b.cutoff(context.Background(), 3)
		if err != nil || got != 1 {
			t.Errorf("cutoff %d, %v; want 1: the flows silent since the first epoch go, the rest fits", got, err)
		}
	}
	b1.report(4, map[uint64]int64{4: 50_000})
	if got, _ := b1.cutoff(context.Background(), 4); got != 5 {
		t.Errorf("cutoff %d, want 5: all of them go when the newest alone do not fit", got)
	}
	b1.report(5, map[uint64]int64{0: 10_000})
	if got, _ := b1.cutoff(context.Background(), 5); got != 0 {
		t.Errorf("cutoff %d, want 0: what fits stays", got)
	}
}

// TestUntimed holds that packets whose capture gives no time (pcapng's simple packet blocks) make a case like others.
func TestUntimed(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(samples.Dir("arp-poison"), "capture.pcap"))
	if err != nil {
		t.Fatal(err)
	}
	le := binary.LittleEndian
	if le.Uint32(b) != 0xa1b2c3d4 {
		t.Fatal("the sample is no little-endian pcap of microseconds")
	}
	block := func(out []byte, kind uint32, body []byte) []byte {
		body = append(body, make([]byte, -len(body)&3)...)
		n := uint32(12 + len(body))
		return le.AppendUint32(append(le.AppendUint32(le.AppendUint32(out, kind), n), body...), n)
	}
	ng := block(nil, 0x0a0d0d0a, append([]byte{0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0}, bytes.Repeat([]byte{0xff}, 8)...))
	ng = block(ng, 1, []byte{1, 0, 0, 0, 0, 0, 4, 0}) // Ethernet, snap length 256 KiB
	n := int64(0)
	for b = b[24:]; len(b) > 0; n++ {
		size := le.Uint32(b[8:])
		ng = block(ng, 3, append(le.AppendUint32(nil, le.Uint32(b[12:])), b[16:16+size]...))
		b = b[16+size:]
	}
	path := filepath.Join(t.TempDir(), "untimed.pcapng")
	if err := os.WriteFile(path, ng, 0o600); err != nil {
		t.Fatal(err)
	}
	c := run(t, path, nil)
	if got := number(t, c.DB, "SELECT sum(src_packets + dst_packets)::BIGINT FROM flow"); got != n || n == 0 {
		t.Errorf("flows hold %d packets of %d", got, n)
	}
	if number(t, c.DB, "SELECT count(*) FROM device") == 0 || number(t, c.DB, "SELECT count(first_ts) FROM device") != 0 {
		t.Error("devices: want some, none with a time")
	}
}

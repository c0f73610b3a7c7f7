package store

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"wardtrace/dissect/event"
)

type child int32

// sample has a column of every type a row struct may have.
type sample struct {
	Text   string                `col:"text" doc:"It's text."`
	Yes    bool                  `col:"yes" doc:"Truth."`
	Int    int                   `col:"int" doc:"A number."`
	Int64  int64                 `col:"int64" doc:"A number."`
	Named  child                 `col:"named" doc:"A number with a type."`
	Int16  int16                 `col:"int16" doc:"A number."`
	Int8   int8                  `col:"int8" doc:"A number."`
	Uint   uint                  `col:"uint" doc:"A number."`
	Uint64 uint64                `col:"uint64" doc:"A number."`
	Uint32 uint32                `col:"uint32" doc:"A number."`
	Uint16 uint16                `col:"uint16" doc:"A number."`
	Uint8  uint8                 `col:"uint8" doc:"A number."`
	Float  float64               `col:"float" doc:"A number."`
	Single float32               `col:"single" doc:"A number."`
	When   event.Time            `col:"when" doc:"A time."`
	List   []string              `col:"list" doc:"Texts."`
	OText  event.Opt[string]     `col:"o_text" doc:"Text or nothing."`
	OInt   event.Opt[int64]      `col:"o_int" doc:"A number or nothing."`
	OFloat event.Opt[float64]    `col:"o_float" doc:"A number or nothing."`
	OBool  event.Opt[bool]       `col:"o_bool" doc:"Truth or nothing."`
	OTime  event.Opt[event.Time] `col:"o_time" doc:"A time or nothing."`
	ID     string                `col:"id" phi:"id" doc:"Who."`
	Free   event.Opt[string]     `col:"free" phi:"free" doc:"What was written."`
}

var (
	samples = event.New[sample]("sample", "One of each: it's for a test.")
	patient = event.NewPlain[person]("person", "A patient.")
)

type person struct {
	ID      string `col:"id" phi:"id" doc:"Number."`
	Name    string `col:"name" phi:"name" doc:"Name."`
	Birth   string `col:"birth" phi:"birth" doc:"Birth date."`
	Contact string `col:"contact" phi:"contact" doc:"Address."`
	Note    string `col:"note" phi:"free" doc:"Text."`
}

func key(b byte) []byte { return []byte(strings.Repeat(string(rune(b)), KeyLen)) }

func vault(t *testing.T, b byte, clear bool) *Vault {
	t.Helper()
	v, err := NewVault(key(b), clear)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func create(t *testing.T, v *Vault) (*Store, string) {
	t.Helper()
	dir := t.TempDir()
	s, err := Create(context.Background(), filepath.Join(dir, "case.duckdb"), []*event.Table{event.Anomalies.Desc(), samples.Desc(), patient.Desc()}, Options{Memory: 256 << 20, PHI: v})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Abandon() })
	return s, dir
}

// cells gives the first row of a query.
func cells(t *testing.T, db *sql.DB, query string) []any {
	t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	cols, _ := rows.Columns()
	out, ptrs := make([]any, len(cols)), make([]any, len(cols))
	for i := range out {
		ptrs[i] = &out[i]
	}
	if !rows.Next() {
		t.Fatalf("%s: no row, %v", query, rows.Err())
	}
	if err := rows.Scan(ptrs...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return out
}

func load(t *testing.T, s *Store, fill func(b *event.Batch)) {
	t.Helper()
	b := &event.Batch{}
	var seq uint32
	b.Begin(7<<32|9, &seq)
	fill(b)
	if err := s.Load(b, nil); err != nil {
		t.Fatal(err)
	}
	if err := s.Finish(); err != nil {
		t.Fatal(err)
	}
}

const stampNS = event.Time(1_763_690_282_123_456_789)

// TestRoundTrip holds that a value of every type comes out of DuckDB as it went in, and that what was not said is NULL.
func TestRoundTrip(t *testing.T) {
	s, _ := create(t, vault(t, 1, true))
	ref := event.Ref{Time: stampNS, File: 7, Frame: math.MaxUint32}
	full := sample{Text: "ä'\"\n;--", Yes: true, Int: -1, Int64: math.MinInt64, Named: -7, Int16: -300, Int8: -8, Uint: 1, Uint64: math.MaxUint64, Uint32: math.MaxUint32,
		Uint16: 65535, Uint8: 255, Float: -0.1, Single: 0.5, When: stampNS + 1, List: []string{"", "b", "ü"}, OText: event.Some(""), OInt: event.Some[int64](0),
		OFloat: event.Some(0.0), OBool: event.Some(false), OTime: event.Some(stampNS), ID: "4711", Free: event.Some("x y")}
	load(t, s, func(b *event.Batch) {
		samples.Emit(b, ref, full)
		samples.Emit(b, event.Ref{}, sample{})
	})
	at := func(n event.Time) time.Time { return time.Unix(0, int64(n)).UTC() }
	want := []any{at(stampNS), int64(7<<32 | 9), int64(7), int64(math.MaxUint32), int64(1),
		full.Text, true, int64(-1), int64(math.MinInt64), int64(-7), int64(-300), int64(-8), int64(1), int64(math.MaxInt64), int64(math.MaxUint32), int64(65535), int64(255),
		-0.1, 0.5, at(stampNS + 1), []any{"", "b", "ü"}, "", int64(0), 0.0, false, at(stampNS), "4711", "x y"}
	if got := cells(t, s.DB, "SELECT * FROM sample WHERE seq = 1"); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	want = []any{nil, int64(7<<32 | 9), int64(0), int64(0), int64(2), nil, false, int64(0), int64(0), int64(0), int64(0), int64(0), int64(0), int64(0), int64(0), int64(0), int64(0),
		0.0, 0.0, nil, nil, nil, nil, nil, nil, nil, nil, nil}
	if got := cells(t, s.DB, "SELECT * FROM sample WHERE seq = 2"); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v: what was not said is NULL", got, want)
	}
}

// TestHostileValues holds that captured bytes which are no text, and times at the ends of their range, neither spoil the table nor make
// a query over it fail.
func TestHostileValues(t *testing.T) {
	s, _ := create(t, vault(t, 1, false))
	load(t, s, func(b *event.Batch) {
		for i, text := range []string{"\xff\xfe", "a\xc3", "\xed\xa0\x80", "x\x00y", strings.Repeat("\xf0", 300)} {
			when := []event.Time{math.MaxInt64, math.MinInt64, 1, -1, math.MaxInt64 - 1}[i]
			samples.Emit(b, event.Ref{Time: when}, sample{Text: text, List: []string{text, "b"}, OText: event.Some(text), When: when, Float: []float64{math.NaN(), math.Inf(1), 0, 0, 0}[i], ID: text})
		}
	})
	for _, q := range []string{"SELECT max(upper(text) || lower(o_text)) FROM sample", "SELECT count(*) FROM sample WHERE regexp_matches(text, '.') AND (text LIKE '%\ufffd%' OR text = 'x\u2400y')",
		"SELECT sum(length(text) + length(list[1]))::BIGINT FROM sample", "SELECT max(to_json(list)::VARCHAR) FROM sample", "SELECT max(substr(text, 1, 1)) FROM sample", "SELECT text FROM sample WHERE text = 'x\u2400y' AND list[1] = text",
		"SELECT max(strftime(ts, '%Y')) FROM sample WHERE isfinite(ts)"} {
		if got := cells(t, s.DB, q); got[0] == nil {
			t.Errorf("%s gives NULL", q)
		}
	}
	rows, err := s.DB.Query("SELECT ts, text, list FROM sample")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	n := 0
	for rows.Next() {
		var ts time.Time
		var text string
		var list any
		if err := rows.Scan(&ts, &text, &list); err != nil {
			t.Errorf("row %d: %v", n, err)
		}
		if strings.ToValidUTF8(text, "") != text {
			t.Errorf("%q is no text", text)
		}
		n++
	}
	if n != 5 {
		t.Errorf("%d rows, want 5", n)
	}
}

// TestComments holds that tables and columns explain themselves, and say where patient data was.
func TestComments(t *testing.T) {
	s, _ := create(t, vault(t, 1, false))
	for q, want := range map[string]string{
		"SELECT comment FROM duckdb_tables() WHERE table_name = 'sample'":                                                                                                                                     "One of each: it's for a test.",
		"SELECT doc FROM column_doc WHERE table_name = 'sample' AND column_name = 'text'":                                                                                                                     "It's text.",
		"SELECT doc FROM column_doc WHERE table_name = 'sample' AND column_name = 'id'":                                                                                                                       "Who. Patient data: kept as a keyed pseudonym.",
		"SELECT doc FROM column_doc WHERE table_name = 'sample' AND column_name = 'free'":                                                                                                                     "What was written. Patient data: kept as length and keyed digest.",
		"SELECT doc FROM column_doc WHERE table_name = 'sample' AND column_name = 'ts'":                                                                                                                       "Capture time of the packet the row stands on, UTC.",
		"SELECT data_type FROM duckdb_columns() WHERE table_name = 'sample' AND column_name = 'when'":                                                                                                         "TIMESTAMP_NS",
		"SELECT data_type FROM duckdb_columns() WHERE table_name = 'sample' AND column_name = 'list'":                                                                                                         "VARCHAR[]",
		"SELECT count(*)::VARCHAR FROM duckdb_columns() c WHERE NOT internal AND NOT EXISTS (SELECT 1 FROM column_doc d WHERE d.table_name = c.table_name AND d.column_name = c.column_name AND d.doc <> '')": "0",
	} {
		if got := cells(t, s.DB, q); got[0] != want {
			t.Errorf("%s: %v, want %q", q, got[0], want)
		}
	}
}

// TestManyRows holds that rows beyond one hand-over to DuckDB all arrive.
func TestManyRows(t *testing.T) {
	s, _ := create(t, vault(t, 1, false))
	const n = flushBytes/cellBytes + 10 // each has more than one cell
	load(t, s, func(b *event.Batch) {
		for range n {
			event.Anomalies.Emit(b, event.Ref{}, event.Anomaly{Kind: "x", Count: 2})
		}
	})
	if got := cells(t, s.DB, "SELECT count(*), sum(count)::BIGINT FROM anomaly"); got[0] != int64(n) || got[1] != int64(2*n) {
		t.Errorf("%v, want %d rows", got, n)
	}
}

// TestState holds that a case tells whether it is whole, however its making ended.
func TestState(t *testing.T) {
	ctx := context.Background()
	for want, end := range map[string]func(s *Store) error{
		"complete":    func(s *Store) error { return s.Complete(ctx) },
		"running":     func(s *Store) error { return s.Abandon() },
		"interrupted": func(s *Store) error { s.SetInfo(ctx, "state", "interrupted"); return s.Abandon() },
	} {
		s, dir := create(t, vault(t, 1, false))
		load(t, s, func(b *event.Batch) { samples.Emit(b, event.Ref{Time: 1}, sample{Text: "kept"}) })
		if err := end(s); err != nil {
			t.Fatal(err)
		}
		db, state, err := OpenReadOnly(ctx, dir)
		if err != nil || state != want {
			t.Fatalf("state %q, %v; want %q", state, err, want)
		}
		if got := cells(t, db, "SELECT text, (SELECT count(*) FROM case_info WHERE key = 'state') FROM sample"); got[0] != "kept" || got[1] != int64(1) {
			t.Errorf("%s: %v, want what was loaded and one state", want, got)
		}
		if _, err := db.Exec("DELETE FROM sample"); err == nil {
			t.Error("a case opened for reading could be changed")
		}
		db.Close()
		again, state, err := Reopen(ctx, dir)
		if err != nil || state != want {
			t.Fatalf("reopened: state %q, %v; want %q", state, err, want)
		}
		if _, err := again.DB.Exec("CREATE OR REPLACE TABLE finding AS SELECT 1 AS x"); err != nil {
			t.Errorf("reopened: %v", err)
		}
		if err := again.Complete(ctx); err != nil {
			t.Fatal(err)
		}
		db, state, err = OpenReadOnly(ctx, dir)
		if err != nil || state != "complete" {
			t.Fatalf("completed again: state %q, %v", state, err)
		}
		db.Close()
	}
}

// TestZone holds that every connection of a case is on UTC, wherever the machine is: those that are made when the settings are locked too.
func TestZone(t *testing.T) {
	t.Setenv("TZ", "America/New_York")
	ctx := context.Background()
	s, err := Memory(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Abandon()
	for i := range 4 {
		c, err := s.DB.Conn(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		var zone string
		if err := c.QueryRowContext(ctx, "SELECT current_setting('TimeZone')").Scan(&zone); err != nil || zone != "UTC" {
			t.Errorf("connection %d is on %s: %v", i, zone, err)
		}
	}
}

// TestNoCase holds that a folder without a case, and a database that is none, are told apart from a case.
func TestNoCase(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	if _, _, err := OpenReadOnly(ctx, dir); err == nil || !strings.Contains(err.Error(), "there is no case.duckdb") {
		t.Errorf("an empty folder: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "case.duckdb"), []byte("this is no database at all, but long enough to hold a header"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := OpenReadOnly(ctx, dir); err == nil {
		t.Error("a text was opened as a case")
	}
}

// TestFolderNames holds that a case may stand in a folder of any name, or is refused, and is never opened without its locks: what the
// name means to a driver's connection string must not matter.
func TestFolderNames(t *testing.T) {
	ctx := context.Background()
	t.Chdir(t.TempDir())
	for _, name := range []string{"plain.case", "2026-11-20T02:00.case", "md:x.case", "ward#3.case", "100%.case", "a?access_mode=READ_WRITE.case", "a b&threads=9.case", "ä.case", "'q'.case"} {
		if err := os.Mkdir(name, 0o700); err != nil {
			t.Fatal(err)
		}
		s, err := Create(ctx, filepath.Join(name, "case.duckdb"), nil, Options{PHI: vault(t, 1, false)})
		if err != nil {
			if !strings.Contains(err.Error(), "another name") {
				t.Errorf("%s: %v; want it to work, or to be told to take another name", name, err)
			}
			continue
		}
		if _, err := s.DB.Exec("COPY (SELECT 1) TO 'out.csv'"); err == nil {
			t.Errorf("%s: the case was opened with access to files", name)
		}
		if err := s.Complete(ctx); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := os.Stat(filepath.Join(name, "case.duckdb")); err != nil {
			t.Errorf("%s: the database is elsewhere: %v", name, err)
		}
		db, state, err := OpenReadOnly(ctx, name)
		if err != nil || state != "complete" {
			t.Errorf("%s: cannot be opened: %q, %v", name, state, err)
			continue
		}
		for _, q := range []string{"SELECT * FROM read_text('" + "/etc/hostname')", "SET enable_external_access = true", "CREATE TABLE x AS SELECT 1", "INSTALL httpfs"} {
			if _, err := db.Exec(q); err == nil {
				t.Errorf("%s: %s worked", name, q)
			}
		}
		db.Close()
	}
}

// TestSameTwice holds that the same rows in another order give the same case, vault and all.
func TestSameTwice(t *testing.T) {
	people := []person{{ID: "4711", Name: "DOE^JANE"}, {ID: " 47 11", Name: "Doe, Jane"}, {ID: "4712", Name: "ROE^RICHARD", Note: "x"}}
	var dumps []string
	for _, order := range [][]int{{0, 1, 2}, {2, 1, 0}, {1, 0, 2}} {
		s, _ := create(t, vault(t, 1, false))
		load(t, s, func(b *event.Batch) {
			for _, i := range order {
				patient.Add(b, people[i])
			}
		})
		got := cells(t, s.DB, "SELECT (SELECT string_agg(v::VARCHAR, chr(10)) FROM phi_vault v), (SELECT string_agg(p::VARCHAR, chr(10) ORDER BY p::VARCHAR) FROM person p)")
		dumps = append(dumps, fmt.Sprint(got...))
	}
	if dumps[0] != dumps[1] || dumps[0] != dumps[2] || !strings.Contains(dumps[0], "id:") {
		t.Errorf("the case depends on the order of rows:\n%s", strings.Join(dumps, "\n\n"))
	}
	if strings.Contains(strings.ToUpper(dumps[0]), "DOE") || strings.Contains(dumps[0], "4711") {
		t.Errorf("a patient stands in the case: %s", dumps[0])
	}
}

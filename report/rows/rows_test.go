package rows

import (
	"bytes"
	"database/sql"
	"encoding/csv"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode"

	_ "github.com/marcboeker/go-duckdb/v2"
)

// query writes the answer of an SQL text in a format.
func query(t *testing.T, text, format string) string {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	defer rows.Close()
	var out bytes.Buffer
	if err := Write(&out, rows, format); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

const values = `SELECT 1 AS n, NULL AS nothing, TIMESTAMP_NS '2026-11-20 02:11:07.123456789' AS ts, true AS yes, -0.5::DOUBLE AS f, ['a', 'b'] AS list, 'x,"y' AS s`

func TestValues(t *testing.T) {
	if got, want := query(t, values, "csv"), "n,nothing,ts,yes,f,list,s\n1,,2026-11-20T02:11:07.123456789Z,true,-0.5,\"a, b\",\"x,\"\"y\"\n"; got != want {
		t.Errorf("csv\n%s, want\n%s", got, want)
	}
	if got, want := query(t, values, "jsonl"), `{"n":1,"nothing":null,"ts":"2026-11-20T02:11:07.123456789Z","yes":true,"f":-0.5,"list":["a","b"],"s":"x,\"y"}`+"\n"; got != want {
		t.Errorf("jsonl\n%s, want\n%s", got, want)
	}
	if got := query(t, values, "table"); !strings.Contains(got, "nothing") || !strings.Contains(got, "2026-11-20T02:11:07.123456789Z") || !strings.Contains(got, "a, b") {
		t.Errorf("table\n%s", got)
	}
	if got := query(t, "SELECT 1 AS n WHERE false", "csv"); got != "n\n" {
		t.Errorf("no rows: %q", got)
	}
	if got := query(t, "SELECT 'nan'::DOUBLE AS x, 'inf'::FLOAT AS y", "jsonl"); !json.Valid([]byte(got)) {
		t.Errorf("%s is no JSON", got)
	}
}

// TestHostile holds that no format hands captured text to a terminal or a spreadsheet that could obey it: not in values, not in
// lists, not in names of columns, which a PIVOT makes of values. To a program JSON is what was captured.
func TestHostile(t *testing.T) {
	const q = `SELECT '=cmd()' || chr(27) || '[2J' || chr(155) || 'm' || chr(8238) AS "=1+1` + "\x1b" + `[2J", ['=cmd()' || chr(27), chr(10)] AS "list", '=x'::BLOB AS blob, -5 AS n, '@a' AS "@b"`
	for _, format := range Formats {
		got := query(t, q, format)
		for _, r := range strings.ReplaceAll(got, "\n", "") {
			if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
				t.Errorf("%s: %U reaches the reader in %q", format, r, got)
			}
		}
	}
	recs, err := csv.NewReader(strings.NewReader(query(t, q, "csv"))).ReadAll()
	if err != nil || len(recs) != 2 {
		t.Fatalf("%v in %d records", err, len(recs))
	}
	for _, rec := range recs {
		for i, cell := range rec {
			if i != 3 && strings.ContainsAny(cell[:1], "=+-@") {
				t.Errorf("cell %q is a formula", cell)
			}
		}
	}
	if recs[1][3] != "-5" {
		t.Errorf("a number became %q", recs[1][3])
	}
	var row map[string]any
	if err := json.Unmarshal([]byte(query(t, q, "jsonl")), &row); err != nil {
		t.Fatal(err)
	}
	if want := []any{"=cmd()\x1b", "\n"}; row["=1+1\x1b[2J"] != "=cmd()\x1b[2J\u009bm\u202e" || !reflect.DeepEqual(row["list"], want) {
		t.Errorf("JSON gives %q", row)
	}
}

func TestWriteFormat(t *testing.T) {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query("SELECT 1")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	if err := Write(&bytes.Buffer{}, rows, "xml"); err == nil || !strings.Contains(err.Error(), "table, csv, jsonl") {
		t.Errorf("%v", err)
	}
}

func TestText(t *testing.T) {
	zone := time.Date(2026, 11, 20, 3, 0, 0, 0, time.FixedZone("", 3600))
	for want, v := range map[string]any{"2026-11-20T02:00:00Z": zone, "": nil, "ab": []byte("ab"), "1, , x": []any{int64(1), nil, "x"}, "0.5": 0.5, "false": false} {
		if got := Text(v); got != want {
			t.Errorf("%v gives %q, want %q", v, got, want)
		}
	}
}

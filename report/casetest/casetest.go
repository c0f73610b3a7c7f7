// Package casetest makes small cases by hand for the tests of reports: a ward with an intruder, a quiet one, one that is full of
// text which wants to harm the reader's tools. Only tests import it.
package casetest

import (
	"bytes"
	"context"
	"database/sql"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"wardtrace/analyze"
	"wardtrace/rules"
)

// Empty makes a case in memory with all tables and no row.
func Empty(t testing.TB) *sql.DB {
	t.Helper()
	db, done, err := analyze.EmptyCase(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { done() })
	if err := rules.CreateTables(context.Background(), db); err != nil {
		t.Fatal(err)
	}
	return db
}

// Exec runs statements, separated by lines with a semicolon alone at their end.
func Exec(t testing.TB, db *sql.DB, script string) {
	t.Helper()
	for _, s := range strings.Split(script, ";\n") {
		if strings.TrimSpace(s) == "" {
			continue
		}
		if _, err := db.ExecContext(context.Background(), s); err != nil {
			t.Fatalf("%v in\n%s", err, s)
		}
	}
}

// Quiet makes a case in which nothing was found.
func Quiet(t testing.TB) *sql.DB {
	t.Helper()
	db := Empty(t)
	Exec(t, db, wardEvidence+wardRules)
	return db
}

// Ward makes the case of a ward with an intruder: two incidents, loose findings, standing weaknesses, damage.
func Ward(t testing.TB) *sql.DB {
	t.Helper()
	db := Empty(t)
	Exec(t, db, wardEvidence+wardRules+wardDamage+wardFindings)
	return db
}

// Attacks are texts that want to harm who looks at them: a page, a spreadsheet, a terminal, a ticket. In a page they would set
// window.pwned or ask for http://attacker.example.
var Attacks = []string{
	`<script>window.pwned=1</script>`,
	`"><img src=x onerror=window.pwned=1>`,
	`' onmouseover='window.pwned=1' autofocus onfocus='window.pwned=1`,
	`javascript:window.pwned=1`,
	`</title></style></script><script>window.pwned=1</script>`,
	`<svg onload=window.pwned=1><use href="http://attacker.example/x.svg#a"/></svg>`,
	`</desc></svg><iframe srcdoc="<script>parent.pwned=1</script>">`,
	`}*{background:url(http://attacker.example/css)}`,
	`{{.Policy}}{{template "drawing" .}}`,
	`=cmd|' /C calc'!A0`,
	`+1+cmd|' /C calc'!A0`,
	`-2+3+cmd|' /C calc'!A0`,
	"@SUM(1+1)*cmd|' /C calc'!A0",
	"\t=1+1",
	`x;=cmd|' /C calc'!A0`,
	`"=1+1","@SUM(1)"`,
	"\x1b]8;;http://attacker.example\x1b\\click\x1b]8;;\x1b\\",
	"\x1b[2J\x1b[1;31mroot#\x07",
	"\u202egpj.exe\u202c\u2066x\u2069",
	"\u009b31mC1",
	"first\r\nsecond line\n# heading\n",
	`![x](http://attacker.example/p.png) [click](javascript:alert(1)) <http://attacker.example>`,
	"`code` | cell | **bold** ~~gone~~ &lt;b&gt;",
}

// Hostile makes the ward's case and writes attacks into every text of every table, except where the case itself fixes the words
// (levels, kinds, stages, addresses that join tables, keys of facts).
func Hostile(t testing.TB) *sql.DB {
	t.Helper()
	db := Ward(t)
	rows, err := db.Query(`SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal AND data_type IN ('VARCHAR', 'VARCHAR[]') ORDER BY ALL`)
	if err != nil {
		t.Fatal(err)
	}
	var statements []string
	for rows.Next() {
		var table, column, typ string
		if err := rows.Scan(&table, &column, &typ); err != nil {
			t.Fatal(err)
		}
		if fixed[column] || fixed[table+"."+column] {
			continue
		}
		value := `?::VARCHAR[][1 + (rowid + ` + fmt.Sprint(len(statements)) + `) % ` + fmt.Sprint(len(Attacks)) + `]`
		if typ == "VARCHAR[]" {
			value = `[` + value + `]`
		}
		statements = append(statements, fmt.Sprintf(`UPDATE %q SET %q = %s`, table, column, value))
	}
	if err := rows.Close(); err != nil {
		t.Fatal(err)
	}
	list := "['" + strings.Join(escaped(Attacks), "', '") + "']"
	for _, s := range statements {
		if _, err := db.Exec(strings.ReplaceAll(s, "?::VARCHAR[]", list)); err != nil {
			t.Fatalf("%v in %.200s", err, s)
		}
	}
	return db
}

func escaped(l []string) []string {
	out := make([]string, len(l))
	for i, s := range l {
		out[i] = strings.ReplaceAll(s, "'", "''")
	}
	return out
}

// fixed are columns whose words join tables or steer the report.
var fixed = map[string]bool{
	"level": true, "base_level": true, "kind": true, "finding_id": true, "device_id": true, "rule": true, "outcome": true, "key": true,
	"finding.stage": true, "finding.actor": true, "flow.src_ip": true, "flow.dst_ip": true, "flow.proto": true, "device_address.ip": true, "device.ip": true,
	"dicom_dataset.kind": true, "sha256": true,
}

var update = flag.Bool("update", false, "write the goldens anew")

// Golden compares an output with testdata/NAME; -update writes it.
func Golden(t testing.TB, name string, have []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, have, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; -update writes it", err)
	}
	if bytes.Equal(have, want) {
		return
	}
	h, w := strings.Split(string(have), "\n"), strings.Split(string(want), "\n")
	for i := range max(len(h), len(w)) {
		if i >= len(h) || i >= len(w) || h[i] != w[i] {
			t.Fatalf("%s, line %d: have\n%s\nwant\n%s", path, i+1, at(h, i), at(w, i))
		}
	}
}

func at(l []string, i int) string {
	if i < len(l) {
		return l[i]
	}
	return "(nothing)"
}

// Written gives what an output writes of a case, and fails if writing it twice differs.
func Written(t testing.TB, db *sql.DB, write func(context.Context, io.Writer, *sql.DB) error) []byte {
	t.Helper()
	var a, b bytes.Buffer
	for _, w := range []*bytes.Buffer{&a, &b} {
		if err := write(context.Background(), w, db); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("the same case was written twice and differs")
	}
	return a.Bytes()
}

// NoControls fails where an output holds what a terminal could obey, beside line feeds, or what turns the direction of text around.
func NoControls(t testing.TB, out []byte) {
	t.Helper()
	for i, r := range string(out) {
		if r != '\n' && (r < 0x20 || r >= 0x7f && r < 0xa0 || unicode.Is(unicode.Bidi_Control, r) || r == unicode.ReplacementChar) {
			t.Fatalf("byte %d is %U, in %q", i, r, out[max(0, i-40):min(len(out), i+40)])
		}
	}
}

// Package casetest makes small cases by hand for the tests of reports: a ward with an intruder, a quiet one, one that is full of
// text which wants to harm the reader's tools. Only tests import it.
package casetest

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"

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

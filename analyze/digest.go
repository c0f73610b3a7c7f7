package analyze

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"strings"
)

// A table's digest depends on every value of every row, and on how often a row is there, but not on the order of the rows nor on how the
// database file holds them: so the tables of two cases can be compared without the cases, and a table can be shown to be untouched
// after the rules ran again and rewrote the file.
//
// The digest in every manifest (fastDigest) is SHA-256 over the table's columns, its number of rows and the sum of DuckDB's 64-bit hash of
// each row. A change by accident or by hand has a chance of one in 2^64 to go unseen. It is not made against forgers, who could
// compute a row that makes up for another: those meet the SHA-256 of the whole database file in the manifest, the manifest's hash in the
// custody log, and verify, which compares rows by SHA-256 with those of the captures. And it binds to DuckDB's version, which the manifest
// names: another may hash otherwise, and verify then says so instead of judging.
//
// Why not SHA-256 of every row: measured on 4.1 million rows in 170 tables (1 GB of captures), processor time: 1.0 s for this, 7.5 s for
// SHA-256 or 5.4 s for MD5 of a text of all columns, of a run that shall take about ten. In the loader, in Go, it would be 2 s, and
// tables that SQL fills would need the other way all the same.
const fastDigest = "sum of row hashes, DuckDB"

// table is a table of a case with its columns.
type table struct {
	name    string
	columns []field
}

type field struct{ name, kind string }

// unstable are columns that are no part of the evidence: a time that a rule took, on request.
var unstable = map[string]bool{"rule_run.ms": true}

// readTables gives the tables of a case by name, without what may differ from run to run.
func readTables(ctx context.Context, db *sql.DB) ([]table, error) {
	rows, err := db.QueryContext(ctx, "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal ORDER BY table_name, column_index")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var tables []table
	for rows.Next() {
		var name string
		var c field
		if err := rows.Scan(&name, &c.name, &c.kind); err != nil {
			return nil, err
		}
		if n := len(tables); n == 0 || tables[n-1].name != name {
			tables = append(tables, table{name: name})
		}
		if t := &tables[len(tables)-1]; !unstable[name+"."+c.name] {
			t.columns = append(t.columns, c)
		}
	}
	return tables, rows.Err()
}

func ident(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// from is the table in SQL. The state changes last, and is no part of what it is the state of.
func (t *table) from() string {
	if t.name == "case_info" {
		return "(SELECT * REPLACE (CASE key WHEN 'state' THEN '' ELSE value END AS value) FROM case_info)"
	}
	return ident(t.name)
}

// schema names the table and its columns with their types.
func (t *table) schema() string {
	var w strings.Builder
	w.WriteString(ident(t.name))
	for _, c := range t.columns {
		w.WriteString(" " + ident(c.name) + " " + c.kind)
	}
	return w.String()
}

// tablesAtOnce is how many tables one statement reads: DuckDB reads them in parallel, and a statement for each of 170 tables, most of them
// empty, would cost more than the hashing.
const tablesAtOnce = 32

// fastDigests gives rows and digest of each table.
func fastDigests(ctx context.Context, db *sql.DB, tables []table) (map[string]int64, map[string]string, error) {
	counts, digests := map[string]int64{}, map[string]string{}
	for begin := 0; begin < len(tables); begin += tablesAtOnce {
		some := tables[begin:min(begin+tablesAtOnce, len(tables))]
		var parts []string
		for i, t := range some {
			names := make([]string, len(t.columns))
			for j, c := range t.columns {
				names[j] = ident(c.name)
			}
			parts = append(parts, fmt.Sprintf("SELECT %d, count(*), coalesce(sum(hash(%s)::HUGEINT), 0)::VARCHAR FROM %s", i, strings.Join(names, ", "), t.from()))
		}
		rows, err := db.QueryContext(ctx, strings.Join(parts, " UNION ALL "))
		if err != nil {
			return nil, nil, err
		}
		for rows.Next() {
			var i int
			var n int64
			var sum string
			if err := rows.Scan(&i, &n, &sum); err != nil {
				rows.Close()
				return nil, nil, err
			}
			h := sha256.Sum256(fmt.Appendf(nil, "%s\n%d %s\n", some[i].schema(), n, sum))
			counts[some[i].name], digests[some[i].name] = n, hex.EncodeToString(h[:])
		}
		if err := rows.Close(); err != nil {
			return nil, nil, err
		}
		if err := rows.Err(); err != nil {
			return nil, nil, err
		}
	}
	return counts, digests, nil
}

// engine is the database's version.
func engine(ctx context.Context, db *sql.DB) (v string, err error) {
	err = db.QueryRowContext(ctx, "SELECT version()").Scan(&v)
	return v, err
}

// text is a row as one text in SQL: values in the columns' order, separated by commas, a text after its length and a colon, a list as
// JSON likewise, a time in nanoseconds, nothing as a minus sign.
func (t *table) text() string {
	parts := make([]string, len(t.columns))
	for i, c := range t.columns {
		parts[i] = "coalesce(" + c.text() + ", '-')"
	}
	return "concat_ws(',', " + strings.Join(parts, ", ") + ")"
}

func (c *field) text() string {
	name := ident(c.name)
	switch c.kind {
	case "BIGINT", "BOOLEAN", "DOUBLE":
		return name + "::VARCHAR"
	case "TIMESTAMP_NS":
		return "epoch_ns(" + name + ")::VARCHAR"
	case "VARCHAR":
		return "strlen(" + name + ") || ':' || " + name
	}
	return "strlen(to_json(" + name + ")::VARCHAR) || ':' || to_json(" + name + ")::VARCHAR"
}

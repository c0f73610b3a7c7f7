package rules

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"strings"
)

// unreadable counts, by protocol, flows on ports on which its bytes are expected that are encrypted or that nobody could read. They make
// "not seen" a thing that the capture could not show.
const unreadable = `
WITH carrier(protocol, ports) AS (VALUES
	('dicom', [104, 2761, 2762, 4242, 11112, 11113]), ('hl7', [2575, 2576, 6661]), ('mqtt', [1883, 8883]), ('dns', [53, 853]),
	('http', [80, 443, 8080, 8443]), ('telnet', [23, 992]), ('ftp', [21, 990]), ('tls', [443]))
SELECT c.protocol, count(*) FROM flow f JOIN (SELECT protocol, unnest(ports) AS port FROM carrier) c ON c.port = f.dst_port
WHERE f.src_bytes + f.dst_bytes > 0 AND (f.service IS NULL OR f.service = 'tls') GROUP BY c.protocol`

// rowsOf says what there is for rules to read.
type rowsOf struct {
	rows   map[string]int64 // by table
	closed map[string]int64 // by protocol: flows on its ports that are encrypted or that nobody could read
}

// lookOver asks DuckDB's catalogue for the rows of all tables: most tables of most cases are empty, and asking each for each rule takes
// longer than the rules that can run. The catalogue counts deleted rows too, of which only case_info and column_doc have any.
func lookOver(ctx context.Context, db *sql.DB) (*rowsOf, error) {
	have := &rowsOf{rows: map[string]int64{}, closed: map[string]int64{}}
	if err := counts(ctx, db, "SELECT table_name, estimated_size FROM duckdb_tables()", have.rows); err != nil {
		return nil, err
	}
	counts(ctx, db, unreadable, have.closed) // where it fails there is no table of flows, and none of them is unreadable
	return have, nil
}

// counts runs a query of names and numbers.
func counts(ctx context.Context, db *sql.DB, query string, into map[string]int64) error {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		var n int64
		if err := rows.Scan(&name, &n); err != nil {
			return err
		}
		into[name] = n
	}
	return rows.Err()
}

var words = regexp.MustCompile(`\w+`)

// load is how many rows the tables hold that a rule names.
func (h *rowsOf) load(r *Rule) (n int64) {
	seen := map[string]bool{}
	for _, w := range words.FindAllString(r.Text, -1) {
		if !seen[w] {
			seen[w] = true
			n += h.rows[w]
		}
	}
	return n
}

// enough tells whether a rule has something to read, and if not, why.
func (h *rowsOf) enough(r *Rule) (Result, bool) {
	for _, table := range r.Needs {
		switch n, ok := h.rows[table]; {
		case !ok:
			return Result{Outcome: Failed, Detail: fmt.Sprintf("it needs a table %s, which the case does not have", table)}, false
		case n > 0:
			continue
		}
		protocol, _, _ := strings.Cut(table, "_")
		if n := h.closed[protocol]; n > 0 {
			return Result{Outcome: CouldNotJudge, Detail: fmt.Sprintf("%d flows on ports of %s are encrypted or could not be read", n, protocol)}, false
		}
		return Result{Outcome: NothingToRead, Detail: "no row in " + table}, false
	}
	return Result{}, true
}

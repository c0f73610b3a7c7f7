package rules

import (
	"context"
	"database/sql"
	"fmt"
	"sort"
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
	faults map[string]error // of tables that cannot be read
	closed map[string]int64 // by protocol: flows on its ports that are encrypted or that nobody could read
}

// lookOver counts the rows of the tables that rules need, all in one query: most tables of most cases are empty, and asking for
// each rule anew takes longer than the rules that can run.
func lookOver(ctx context.Context, db *sql.DB, rules []*Rule) *rowsOf {
	have := &rowsOf{rows: map[string]int64{}, faults: map[string]error{}, closed: map[string]int64{}}
	for _, r := range rules {
		for _, table := range r.Needs {
			have.rows[table] = 0
		}
	}
	tables := make([]string, 0, len(have.rows))
	for table := range have.rows {
		tables = append(tables, table)
	}
	sort.Strings(tables)
	if err := have.count(ctx, db, tables...); err != nil {
		for _, table := range tables { // one of them is not there, and spoils the query for all
			if err := have.count(ctx, db, table); err != nil {
				have.faults[table] = err
			}
		}
	}
	counts(ctx, db, unreadable, have.closed) // where it fails there is no table of flows, and none of them is unreadable
	return have
}

// count counts the rows of tables.
func (h *rowsOf) count(ctx context.Context, db *sql.DB, tables ...string) error {
	selects := make([]string, len(tables))
	for i, t := range tables {
		selects[i] = fmt.Sprintf(`SELECT %s, count(*) FROM "%s"`, quote(t), strings.ReplaceAll(t, `"`, `""`))
	}
	if len(selects) == 0 {
		return nil
	}
	return counts(ctx, db, strings.Join(selects, " UNION ALL "), h.rows)
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

// enough tells whether a rule has something to read, and if not, why.
func (h *rowsOf) enough(r *Rule) (Result, bool) {
	for _, table := range r.Needs {
		if err := h.faults[table]; err != nil {
			return Result{Outcome: Failed, Detail: err.Error()}, false
		}
		if h.rows[table] > 0 {
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

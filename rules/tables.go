package rules

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

type column struct{ name, typ, doc string }

// tables of findings, as rules leave them.
var tables = []struct {
	name, doc string
	columns   []column
}{
	{"finding", "What the rules found. A finding is backed by finding_evidence and, through flow_id, file and frame, by packets.", []column{
		{"finding_id", "VARCHAR", "Hash of the rule's name and the finding's columns: the same evidence gives the same id."},
		{"rule", "VARCHAR", "Name of the rule: group/file."},
		{"title", "VARCHAR", "The rule's title."},
		{"level", "VARCHAR", "informational, low, medium, high or critical, after raising."},
		{"base_level", "VARCHAR", "The level before raising."},
		{"raised", "VARCHAR", "Why the level was raised; NULL if it was not."},
		{"kind", "VARCHAR", "attack, posture or quality."},
		{"stage", "VARCHAR", "Where in an intrusion it belongs."},
		{"attack", "VARCHAR", "ATT&CK ids, separated by commas."},
		{"ts", "TIMESTAMP_NS", "First packet of what was found, UTC."},
		{"until", "TIMESTAMP_NS", "Last packet of what was found, UTC."},
		{"actor", "VARCHAR", "Address of who did it; NULL if that cannot be said."},
		{"target", "VARCHAR", "Address of whom it was done to, or a text such as 254 addresses."},
		{"flow_id", "BIGINT", "The flow that shows it best."},
		{"file", "BIGINT", "Capture file of the packet that shows it best."},
		{"frame", "BIGINT", "Frame of that packet in its file."},
		{"count", "BIGINT", "How often; the sentence says of what."},
		{"what", "VARCHAR", "One sentence."},
		{"incident_id", "BIGINT", "The incident it is part of; NULL if none."},
	}},
	{"finding_evidence", "The flows behind a finding, at most 2000 a finding.", []column{
		{"finding_id", "VARCHAR", "The finding."},
		{"flow_id", "BIGINT", "A flow that is part of it."},
		{"file", "BIGINT", "Capture file of that flow's first packet."},
		{"frame", "BIGINT", "Frame of that packet."},
	}},
	{"rule_run", "Which rules ran, and which could not.", []column{
		{"rule", "VARCHAR", "Name of the rule."},
		{"title", "VARCHAR", "Its title."},
		{"hash", "VARCHAR", "SHA-256 of the rule's text."},
		{"outcome", "VARCHAR", "ran, nothing to read, could not judge, or failed."},
		{"findings", "BIGINT", "Findings it gave."},
		{"ms", "BIGINT", "Milliseconds it took; only written on request (-v), since time is no part of the evidence."},
		{"detail", "VARCHAR", "Why it could not run, or that its findings were capped."},
		{"response", "VARCHAR", "What the rule says to do."},
		{"benign", "VARCHAR", "Lawful causes of the same picture."},
	}},
	{"incident", "Findings of kind attack that belong together by actor, target and time.", []column{
		{"incident_id", "BIGINT", "Number by weight, the heaviest is 1."},
		{"level", "VARCHAR", "Level of its gravest finding."},
		{"score", "BIGINT", "Sum of weights: critical 40, high 20, medium 8, low 3, informational 1, each rule once a pair."},
		{"ts", "TIMESTAMP_NS", "Its first packet, UTC."},
		{"until", "TIMESTAMP_NS", "Its last packet, UTC."},
		{"title", "VARCHAR", "One sentence."},
		{"stages", "VARCHAR[]", "Its stages, in the order in which they began."},
		{"actors", "VARCHAR[]", "Addresses of who acted."},
		{"targets", "VARCHAR[]", "Addresses of who was acted upon."},
		{"findings", "BIGINT", "Number of findings."},
	}},
}

// CreateTables makes the tables of findings, empty, in place of any that are there.
func CreateTables(ctx context.Context, db *sql.DB) error {
	var names, create, docs []string
	for _, t := range tables {
		cols := make([]string, len(t.columns))
		for i, c := range t.columns {
			cols[i] = `"` + c.name + `" ` + c.typ
			docs = append(docs, fmt.Sprintf("(%s, %s, %s)", quote(t.name), quote(c.name), quote(c.doc)))
		}
		names = append(names, quote(t.name))
		create = append(create, fmt.Sprintf("CREATE OR REPLACE TABLE %s (%s)", t.name, strings.Join(cols, ", ")),
			fmt.Sprintf("COMMENT ON TABLE %s IS %s", t.name, quote(t.doc)))
	}
	create = append(create, fmt.Sprintf("DELETE FROM column_doc WHERE table_name IN (%s)", strings.Join(names, ", ")),
		"INSERT INTO column_doc VALUES "+strings.Join(docs, ", "))
	tx, err := db.BeginTx(ctx, nil) // one, since each is written to disk before it counts as done
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, strings.Join(create, ";\n")); err != nil {
		return fmt.Errorf("tables of findings: %w", err)
	}
	return tx.Commit()
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// insertRows is how many rows one statement inserts.
const insertRows = 2000

// insert adds rows to a table in the order given. They travel as one JSON text a statement: thousands of bound values take
// DuckDB far longer.
func insert(ctx context.Context, tx *sql.Tx, table string, rows [][]any) error {
	var fields []string
	for _, t := range tables {
		for _, c := range t.columns {
			if t.name == table {
				fields = append(fields, fmt.Sprintf("%q:%q", c.name, strings.Replace(c.typ, "TIMESTAMP_NS", "VARCHAR", 1)))
			}
		}
	}
	q := fmt.Sprintf("INSERT INTO %s SELECT unnest(r) FROM (SELECT unnest(from_json(?::VARCHAR, '[{%s}]')) AS r)", table, strings.Join(fields, ","))
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i], _, _ = strings.Cut(strings.TrimPrefix(f, `"`), `"`)
	}
	for len(rows) > 0 {
		n := min(len(rows), insertRows)
		objects := make([]map[string]any, n)
		for i, row := range rows[:n] {
			objects[i] = map[string]any{}
			for j, v := range row {
				if t, ok := v.(time.Time); ok {
					v = t.Format("2006-01-02 15:04:05.999999999")
				}
				objects[i][names[j]] = v
			}
		}
		text, err := json.Marshal(objects)
		if err == nil {
			_, err = tx.ExecContext(ctx, q, string(text))
		}
		if err != nil {
			return fmt.Errorf("table %s: %w", table, err)
		}
		rows = rows[n:]
	}
	return nil
}

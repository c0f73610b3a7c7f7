package dissecttest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wardtrace/dissect"
	"wardtrace/dissect/event"
)

// Golden compares the rows that protocols make of a sample folder's capture.pcap with its want.jsonl: one JSON object
// a row, the table's name first, then the columns that are not NULL. With WARDTRACE_UPDATE=1 in the environment it
// writes the file instead; read the difference before you keep it.
func Golden(t *testing.T, folder string, protocols ...*dissect.Protocol) {
	t.Helper()
	GoldenWithout(t, folder, nil, protocols...)
}

// GoldenWithout is Golden for what a carrier carries: the carrier's own tables are left out, since they change for reasons of
// their own.
func GoldenWithout(t *testing.T, folder string, tables []string, protocols ...*dissect.Protocol) {
	t.Helper()
	set := dissect.NewSet(protocols)
	all := Load(t, func(c *dissect.Conn) bool { return len(set.For(c)) > 0 }, filepath.Join(folder, "capture.pcap"))
	var got strings.Builder
	for i := range all {
		for line := range strings.Lines(JSONL(RunSet(set, &all[i]))) {
			if !slices.ContainsFunc(tables, func(t string) bool { return strings.HasPrefix(line, `{"table":"`+t+`"`) }) {
				got.WriteString(line)
			}
		}
	}
	path := filepath.Join(folder, "want.jsonl")
	if os.Getenv("WARDTRACE_UPDATE") != "" {
		if err := os.WriteFile(path, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (make it with WARDTRACE_UPDATE=1)", err)
	}
	if len(want) == 0 {
		t.Fatalf("%s is empty: it proves nothing", path)
	}
	if got.String() != string(want) {
		t.Fatalf("%s: rows differ\n%s", path, diff(string(want), got.String()))
	}
}

// RunSet feeds a conversation to whichever protocol of the set recognises it.
func RunSet(set *dissect.Set, c *Conversation) *event.Batch {
	conn := c.Conn
	return run(&conn, set.For(&conn), c)
}

// JSONL writes a batch as text, one JSON object a row, tables in the order of their first row.
func JSONL(b *event.Batch) string {
	var w strings.Builder
	for _, rows := range b.Tables() {
		for i := range rows.Len() {
			w.WriteString(`{"table":"` + rows.Table.Name + `"`)
			for c := range rows.Table.Columns {
				v := rows.Value(i, c)
				if v == nil {
					continue
				}
				cell, err := json.Marshal(v)
				if err != nil { // NaN or infinity
					cell = []byte(`"not a number"`)
				}
				w.WriteString(`,"` + rows.Table.Columns[c].Name + `":`)
				w.Write(cell)
			}
			w.WriteString("}\n")
		}
	}
	return w.String()
}

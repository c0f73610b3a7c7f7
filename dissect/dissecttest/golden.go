package dissecttest

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"wardtrace/dissect"
	"wardtrace/dissect/event"
)

// updateEnv, set to anything, makes Golden write what it would compare.
const updateEnv = "WARDTRACE_UPDATE"

// Golden runs a protocol over every conversation of the sample folder dir that keep accepts (nil keeps all) and compares
// the rows with dir/want.jsonl: one JSON object a line, the table's name first, then the columns that are not NULL. With
// WARDTRACE_UPDATE set it writes that file instead.
func Golden(t *testing.T, p *dissect.Protocol, dir string, keep func(*dissect.Conn) bool) {
	t.Helper()
	var got bytes.Buffer
	convs := Load(t, keep, filepath.Join(dir, "capture.pcap"))
	for i := range convs {
		b := Run(p, &convs[i])
		if f := fault(b); f != "" {
			t.Fatalf("%s: %s", dir, f)
		}
		WriteJSON(&got, b)
	}
	path := filepath.Join(dir, "want.jsonl")
	if os.Getenv(updateEnv) != "" {
		if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := diff(string(want), got.String()); d != "" {
		t.Errorf("%s: %s\n(%s=1 go test writes the new rows)", path, d, updateEnv)
	}
}

// WriteJSON writes a batch, one JSON object a row and line, tables in the order of their first row.
func WriteJSON(w *bytes.Buffer, b *event.Batch) {
	for _, rows := range b.Tables() {
		for i := range rows.Len() {
			w.WriteString(`{"table":`)
			writeValue(w, rows.Table.Name)
			for c := range rows.Table.Columns {
				if v := rows.Value(i, c); v != nil {
					w.WriteByte(',')
					writeValue(w, rows.Table.Columns[c].Name)
					w.WriteByte(':')
					writeValue(w, v)
				}
			}
			w.WriteString("}\n")
		}
	}
}

func writeValue(w *bytes.Buffer, v any) {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		w.WriteString(`"` + err.Error() + `"`)
		return
	}
	w.Truncate(w.Len() - 1) // the encoder's newline
}

package findings

import (
	"bytes"
	"encoding/json"
	"testing"

	"wardtrace/report/casetest"
)

func TestGolden(t *testing.T) {
	casetest.Golden(t, "findings.jsonl", casetest.Written(t, casetest.Ward(t), Write))
	casetest.Golden(t, "quiet.jsonl", casetest.Written(t, casetest.Quiet(t), Write))
}

// TestHostile holds that every line is JSON, gives back the very text that was captured, and holds nothing a terminal obeys.
func TestHostile(t *testing.T) {
	db := casetest.Hostile(t)
	out := casetest.Written(t, db, Write)
	casetest.NoControls(t, out)
	want := map[string]string{}
	rows, err := db.Query(`SELECT finding_id, what FROM finding`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, what string
		if err := rows.Scan(&id, &what); err != nil {
			t.Fatal(err)
		}
		want[id] = what
	}
	lines := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
	if len(lines) != len(want) || len(lines) == 0 {
		t.Fatalf("%d lines for %d findings", len(lines), len(want))
	}
	for _, l := range lines {
		var f struct {
			ID       string `json:"finding_id"`
			What     string
			Evidence []struct{ File, Frame, FlowID int64 }
		}
		if err := json.Unmarshal(l, &f); err != nil {
			t.Fatalf("%v in %s", err, l)
		}
		if f.What != want[f.ID] || len(f.Evidence) == 0 {
			t.Errorf("%s: what is %q, want %q; %d pieces of evidence", f.ID, f.What, want[f.ID], len(f.Evidence))
		}
	}
}

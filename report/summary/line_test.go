package summary

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"wardtrace/report/casetest"
)

// TestLine holds that the line for programs counts what the case holds, that both are one line, and that nothing in them is obeyed.
func TestLine(t *testing.T) {
	db := casetest.Ward(t)
	l, err := Read(context.Background(), db)
	if err != nil {
		t.Fatal(err)
	}
	count := func(query string) (n int64) {
		t.Helper()
		if err := db.QueryRow(query).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	for level, n := range l.Findings {
		if want := count("SELECT count(*) FROM finding WHERE kind <> 'quality' AND level = '" + level + "'"); n != want {
			t.Errorf("%d findings are %s, want %d", n, level, want)
		}
	}
	if l.Devices != count("SELECT count(*) FROM device") || l.Incidents != count("SELECT count(*) FROM incident") || l.Incidents == 0 ||
		l.Packets != count("SELECT sum(packets)::BIGINT FROM capture_file") || l.Flows != count("SELECT count(*) FROM flow") || l.Worst != "critical" || len(l.Findings) != 5 {
		t.Errorf("%+v", l)
	}
	l.Case, l.State, l.Exit, l.Error = "night\x1b[2J\n.case", "complete", 1, "x\u009b31m"
	for _, out := range []string{strings.TrimSuffix(l.JSON(), "\n"), l.String()} {
		casetest.NoControls(t, []byte(out))
		if strings.Contains(out, "\n") || !strings.Contains(out, "night") {
			t.Errorf("no single line: %q", out)
		}
	}
	var back Line
	if err := json.Unmarshal([]byte(l.JSON()), &back); err != nil || back.Findings["critical"] != l.Findings["critical"] || back.Exit != 1 {
		t.Errorf("%v: %+v", err, back)
	}
	if empty, err := Read(context.Background(), casetest.Empty(t)); err != nil || empty.Worst != "" || empty.Packets != 0 {
		t.Errorf("of an empty case: %+v, %v", empty, err)
	}
	hostile, err := Read(context.Background(), casetest.Hostile(t))
	if err != nil {
		t.Fatal(err)
	}
	casetest.NoControls(t, []byte(strings.TrimSuffix(hostile.JSON(), "\n")+hostile.String()))
}

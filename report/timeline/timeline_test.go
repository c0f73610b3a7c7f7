package timeline

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"
	"testing"
	"time"

	"wardtrace/report/casetest"
)

func TestGolden(t *testing.T) {
	ward := casetest.Ward(t)
	casetest.Golden(t, "timeline.csv", casetest.Written(t, ward, Write))
	casetest.Golden(t, "timesketch.csv", casetest.Written(t, ward, Timesketch))
	casetest.Golden(t, "quiet.csv", casetest.Written(t, casetest.Quiet(t), Write))
}

// records reads a file as a timeline tool does.
func records(t *testing.T, out []byte) []map[string]string {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(out)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var l []map[string]string
	for _, r := range rows[1:] {
		m := map[string]string{}
		for i, c := range rows[0] {
			m[c] = r[i]
		}
		l = append(l, m)
	}
	return l
}

// TestTimesketch holds what Timesketch asks of a file: message, datetime with an offset, timestamp in microseconds of the same moment,
// timestamp_desc; in order of time.
func TestTimesketch(t *testing.T) {
	last := int64(0)
	rows := records(t, casetest.Written(t, casetest.Ward(t), Timesketch))
	if len(rows) < 20 {
		t.Fatalf("%d rows", len(rows))
	}
	for _, r := range rows {
		at, err := time.Parse(time.RFC3339Nano, r["datetime"])
		us, err2 := strconv.ParseInt(r["timestamp"], 10, 64)
		if err != nil || err2 != nil || at.UnixMicro() != us || us < last || !strings.HasSuffix(r["datetime"], "+00:00") {
			t.Errorf("datetime %q, timestamp %q after %d", r["datetime"], r["timestamp"], last)
		}
		if r["message"] == "" || r["timestamp_desc"] == "" {
			t.Errorf("a row without message or timestamp_desc: %v", r)
		}
		last = us
	}
}

// TestHostile holds that no cell is a formula to a spreadsheet, whether its cells end at commas or at semicolons.
func TestHostile(t *testing.T) {
	db := casetest.Hostile(t)
	for _, out := range [][]byte{casetest.Written(t, db, Write), casetest.Written(t, db, Timesketch)} {
		casetest.NoControls(t, out)
		seen := false
		for _, r := range records(t, out) {
			for column, cell := range r {
				seen = seen || strings.Contains(cell, "cmd|")
				for _, part := range strings.Split(cell, ";") {
					if part = strings.TrimLeft(part, " \""); part != "" && strings.ContainsAny(part[:1], "=+-@\t") {
						t.Errorf("%s: %q", column, cell)
					}
				}
			}
		}
		if !seen {
			t.Error("the attacks are not there: the test shows nothing")
		}
	}
}

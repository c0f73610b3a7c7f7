package analyze

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"

	"wardtrace/analyze/store"
	"wardtrace/samples"
)

// TestAsk holds that a question whose answer does not fit the memory of a case that is being made is asked again with more, and only
// then; and that the case keeps what was written before.
func TestAsk(t *testing.T) {
	ctx := context.Background()
	opt := Options{Case: filepath.Join(t.TempDir(), "x.case"), memory: "1GiB", PHI: "pseudonym"}
	if err := opt.Complete([]string{filepath.Join(samples.Dir("hl7-mllp-adt-oru"), "capture.pcap")}); err != nil {
		t.Fatal(err)
	}
	c, err := Run(ctx, opt, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	var asked []bool
	messages := func(db *sql.DB, last bool) error {
		asked = append(asked, last)
		var n int
		if err := db.QueryRowContext(ctx, "SELECT count(*) FROM hl7_message").Scan(&n); err != nil || n == 0 {
			t.Errorf("%d messages, %v", n, err)
		}
		return err
	}
	if err := c.Ask(ctx, messages); err != nil || len(asked) != 1 {
		t.Fatalf("asked %v, %v", asked, err)
	}
	if err := store.SetInfo(ctx, c.DB, "here", "yes"); err != nil {
		t.Fatal(err)
	}
	err = c.Ask(ctx, func(db *sql.DB, last bool) error {
		if err := messages(db, last); err != nil {
			return err
		}
		var n int64 // an aggregate that cannot spill: some 500 MB
		return db.QueryRowContext(ctx, "SELECT len(list(i)) FROM range(60_000_000) t(i)").Scan(&n)
	})
	if err != nil || len(asked) != 3 || asked[1] || !asked[2] {
		t.Fatalf("asked %v, %v", asked, err)
	}
	if err := c.Complete(ctx, "test", []string{"test"}, nil); err != nil {
		t.Fatal(err)
	}
	db, state, err := Open(ctx, opt.Case)
	if err != nil || state != "complete" {
		t.Fatal(state, err)
	}
	defer db.Close()
	var here string
	if err := db.QueryRowContext(ctx, "SELECT value FROM case_info WHERE key = 'here'").Scan(&here); err != nil {
		t.Error(err)
	}
}

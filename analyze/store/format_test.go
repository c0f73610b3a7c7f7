package store

import (
	"context"
	"fmt"
	"testing"

	"wardtrace/dissect/event"
)

// TestFormat asks for rows by filters that let NULL pass, which DuckDB may work out on a column's dictionary: no answer may depend on
// how the file is written. With DICT_FSST of DuckDB 1.4.1 it does.
func TestFormat(t *testing.T) {
	const rows = 10_000
	s, dir := create(t, vault(t, 1, true))
	load(t, s, func(b *event.Batch) {
		for i := range rows {
			r := sample{Int: i}
			switch i % 4 {
			case 0:
				r.OText = event.Some("Del")
			case 1:
				r.Text, r.OText = fmt.Sprint("word", i%7), event.Some(fmt.Sprint("a longer word that is told apart by its end ", i%700))
			}
			samples.Emit(b, event.Ref{Time: stampNS}, r)
		}
	})
	if err := s.Complete(context.Background()); err != nil {
		t.Fatal(err)
	}
	db, _, err := OpenReadOnly(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for filter, want := range map[string]int64{
		"free IS DISTINCT FROM 'Del'":                     rows, // NULL in every row
		"coalesce(free, 'a') = 'a'":                       rows,
		"o_text IS DISTINCT FROM 'Del'":                   rows * 3 / 4,
		"coalesce(o_text, 'a') = 'a'":                     rows / 2,
		"(o_text = 'Del') IS NOT TRUE":                    rows * 3 / 4,
		"o_text IS NULL OR o_text = 'Del'":                rows * 3 / 4,
		"CASE WHEN o_text IS NULL THEN int % 4 = 2 END":   rows / 4,
		"coalesce(text, '') = ''":                         rows * 3 / 4,
		"o_text NOT IN ('Del', 'x') AND o_text LIKE 'a%'": rows / 4,
	} {
		if got := cells(t, db, "SELECT count(*) FROM sample WHERE "+filter)[0]; got != want {
			t.Errorf("%s: %v rows, want %d", filter, got, want)
		}
	}
	if got := cells(t, db, "SELECT count(*) FROM pragma_storage_info('sample') WHERE compression LIKE '%FSST'")[0]; got != int64(0) {
		t.Errorf("%v columns are kept in a way that was switched off", got)
	}
}

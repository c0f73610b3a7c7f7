package model

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"time"
	"unicode/utf8"

	"wardtrace/report/escape"
)

// reader asks a case.
type reader struct {
	ctx  context.Context
	pool *sql.DB
	db   interface { // the pool, or one connection of it
		QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	}
	columns map[string]map[string]bool // of each table that is there
	filled  map[string]bool            // tables that have rows, or had: the catalogue counts deleted ones too
}

func newReader(ctx context.Context, db *sql.DB) (*reader, error) {
	r := &reader{ctx: ctx, pool: db, db: db, columns: map[string]map[string]bool{}, filled: map[string]bool{}}
	err := r.each(`SELECT table_name FROM duckdb_tables() WHERE estimated_size > 0`, nil, func(scan scanner) error {
		var table string
		err := scan(&table)
		r.filled[table] = true
		return err
	})
	if err != nil {
		return nil, err
	}
	return r, r.each(`SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal ORDER BY ALL`, nil, func(scan scanner) error {
		var table, column string
		if err := scan(&table, &column); err != nil {
			return err
		}
		if r.columns[table] == nil {
			r.columns[table] = map[string]bool{}
		}
		r.columns[table][column] = true
		return nil
	})
}

// has tells whether all tables are there.
func (r *reader) has(tables ...string) bool {
	for _, t := range tables {
		if r.columns[t] == nil {
			return false
		}
	}
	return true
}

type scanner func(dest ...any) error

// each calls row for every row of a query's answer.
func (r *reader) each(query string, args []any, row func(scanner) error) error {
	rows, err := r.db.QueryContext(r.ctx, query, args...)
	if err != nil {
		return fmt.Errorf("reading the case: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return fmt.Errorf("reading the case: %w", err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("reading the case: %w", err)
	}
	return nil
}

// scan reads the one row of a query.
func (r *reader) scan(query string, args []any, dest ...any) error {
	return r.each(query, args, func(scan scanner) error { return scan(dest...) })
}

// texts gives a list as one value of a query: from_json(?, '["VARCHAR"]').
func texts(l []string) string {
	b, err := json.Marshal(l)
	if err != nil {
		return "[]"
	}
	return string(b)
}

type scanFunc func(v any) error

// Scan makes a function a destination of a row.
func (f scanFunc) Scan(v any) error { return f(v) }

// text reads captured text: harmless to a terminal, cut, NULL as nothing.
func text(dst *string) scanFunc { return limited(dst, maxText) }

// sentence reads what a rule wrote, which may be longer.
func sentence(dst *string) scanFunc { return limited(dst, maxSentence) }

func limited(dst *string, limit int) scanFunc {
	return func(v any) error {
		switch v := v.(type) {
		case nil:
			*dst = ""
		case string:
			*dst = clip(escape.Terminal(strings.TrimSpace(v)), limit)
		default:
			*dst = clip(escape.Terminal(fmt.Sprint(v)), limit)
		}
		return nil
	}
}

// clip cuts a text after limit characters and shows that it did.
func clip(s string, limit int) string {
	if len(s) <= limit || utf8.RuneCountInString(s) <= limit {
		return s
	}
	return string([]rune(s)[:limit]) + " …"
}

// number reads an integer, NULL as 0. A sum is a HUGEINT in DuckDB.
func number(dst *int64) scanFunc {
	return func(v any) error {
		switch v := v.(type) {
		case nil:
			*dst = 0
		case int64:
			*dst = v
		case int32:
			*dst = int64(v)
		case float64:
			*dst = int64(v)
		case *big.Int:
			*dst = v.Int64()
		default:
			return fmt.Errorf("%T is no number", v)
		}
		return nil
	}
}

// optional reads an integer that may be NULL.
func optional(dst **int64) scanFunc {
	return func(v any) error {
		if *dst = nil; v == nil {
			return nil
		}
		*dst = new(int64)
		return number(*dst)(v)
	}
}

func truth(dst *bool) scanFunc {
	return func(v any) error {
		*dst, _ = v.(bool)
		return nil
	}
}

// moment reads a time; NULL is the zero time.
func moment(dst *time.Time) scanFunc {
	return func(v any) error {
		t, _ := v.(time.Time)
		if *dst = (time.Time{}); v != nil {
			*dst = t.UTC()
		}
		return nil
	}
}

// list reads a list of texts.
func list(dst *[]string) scanFunc {
	return func(v any) error {
		*dst = nil
		l, _ := v.([]any)
		for _, x := range l {
			var s string
			if err := text(&s)(x); err != nil {
				return err
			}
			*dst = append(*dst, s)
		}
		return nil
	}
}

package store

import (
	"database/sql/driver"
	"fmt"
	"strings"
	"time"

	duckdb "github.com/marcboeker/go-duckdb/v2"

	"wardtrace/dissect/event"
)

// loader appends the rows of one table.
type loader struct {
	app *duckdb.Appender
	row []driver.Value
	n   int
}

// flushRows is how many rows of a table wait before they are handed to DuckDB: one of its row groups, so that memory
// is bounded and row groups are whole.
const flushRows = 122_880

// Load appends all rows of a batch. After an error the case is unusable.
func (s *Store) Load(b *event.Batch) error {
	for _, rows := range b.Tables() {
		if err := s.load(rows); err != nil {
			return fmt.Errorf("loading table %s: %w; is the disk full?", rows.Table.Name, err)
		}
	}
	return nil
}

func (s *Store) load(rows event.Rows) error {
	l := s.append[rows.Table]
	if l == nil {
		app, err := duckdb.NewAppenderFromConn(s.conn, "", rows.Table.Name)
		if err != nil {
			return err
		}
		l = &loader{app: app, row: make([]driver.Value, len(rows.Table.Columns))}
		s.append[rows.Table] = l
	}
	for i := range rows.Len() {
		for c := range rows.Table.Columns {
			l.row[c] = s.cell(rows, i, c)
		}
		if err := l.app.AppendRow(l.row...); err != nil {
			return err
		}
		if l.n++; l.n >= flushRows {
			l.n = 0
			if err := l.app.Flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Store) cell(rows event.Rows, i, c int) driver.Value {
	col := &rows.Table.Columns[c]
	if col.PHI != event.NotPHI {
		if v := rows.String(i, c); v != "" {
			if p := s.vault.Protect(col.PHI, v); p != "" {
				return text(p)
			}
		}
		return nil
	}
	switch v := rows.Value(i, c).(type) {
	case event.Time:
		return time.Unix(0, int64(min(max(v, firstTime), lastTime))).UTC()
	case string:
		return text(v)
	case []string:
		l := make([]string, len(v))
		for i := range v {
			l[i] = text(v[i])
		}
		return l
	default:
		return v
	}
}

// The ends of what the driver takes for a TIMESTAMP_NS: the whole years of what 64 bits of nanoseconds can say. Times come from
// captures and messages; one that lies beyond must not cost the case.
const (
	firstTime = event.Time(-9_214_560_000_000_000_000)    // 1678-01-01
	lastTime  = event.Time(9_214_646_400_000_000_000 - 1) // 2261-12-31
)

// text makes captured bytes a text that DuckDB's functions can work on: what is no UTF-8 becomes U+FFFD, and a zero byte, at which the
// driver would end the text, its symbol U+2400.
func text(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\u2400")
}

// Flush hands everything loaded so far over to DuckDB, so that SQL sees it.
func (s *Store) Flush() error {
	for t, l := range s.append {
		if err := l.app.Close(); err != nil {
			return fmt.Errorf("loading table %s: %w; is the disk full?", t.Name, err)
		}
	}
	clear(s.append)
	return nil
}

// Finish ends loading: the vault, then Flush.
func (s *Store) Finish() error {
	var vault event.Batch
	s.vault.rows(&vault)
	if err := s.Load(&vault); err != nil {
		return err
	}
	return s.Flush()
}

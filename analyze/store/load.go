package store

import (
	"database/sql/driver"
	"fmt"
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
			return s.vault.Protect(col.PHI, v)
		}
		return nil
	}
	switch v := rows.Value(i, c).(type) {
	case event.Time:
		return time.Unix(0, int64(v)).UTC()
	default:
		return v
	}
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

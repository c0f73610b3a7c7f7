package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"sync"

	"github.com/marcboeker/go-duckdb/mapping"
	duckdb "github.com/marcboeker/go-duckdb/v2"

	"wardtrace/dissect/event"
)

// flushBytes is how much of a table, cells and text, waits before DuckDB works it in. What waits lies outside its memory limit, and there
// are more than a hundred tables: with row groups of 122,880 rows it came to 300 MB for the rows of a gigabyte, and was no faster.
const flushBytes = 1 << 20

// laneQueue is how many tables' rows wait for a lane.
const laneQueue = 64

// firstTime and lastTime are the ends of what a TIMESTAMP_NS can say in whole years. Times come from captures and messages; one
// that lies beyond must not cost the case.
const (
	firstTime = int64(-9_214_560_000_000_000_000)    // 1678-01-01
	lastTime  = int64(9_214_646_400_000_000_000 - 1) // 2261-12-31
)

// lane loads some of the tables, on its own connection, in one transaction. A table belongs to one lane for good, so its rows keep
// their order.
type lane struct {
	conn   driver.Conn
	raw    mapping.Connection
	vault  *Vault
	tables map[*event.Table]*appender
	blocks *blocks
	in     chan portion
	err    error // the first; read after the lane was waited for
	ended  sync.WaitGroup
}

// portion is the rows of one table of a batch.
type portion struct {
	rows event.Rows
	done func()
}

// loading is the state between the first Load and Flush.
type loading struct {
	lanes []*lane
	of    map[*event.Table]*lane
	load  map[*lane]int // cells given so far, by which new tables are assigned
	mu    sync.Mutex
	err   error
}

func (s *Store) begin() error {
	l := &loading{of: map[*event.Table]*lane{}, load: map[*lane]int{}}
	for _, conn := range s.conns {
		raw, err := rawConnection(conn)
		if err == nil {
			err = exec(conn, "BEGIN TRANSACTION")
		}
		if err != nil {
			return err
		}
		ln := &lane{conn: conn, raw: raw, vault: s.vault, tables: map[*event.Table]*appender{}, blocks: newBlocks(), in: make(chan portion, laneQueue)}
		l.lanes = append(l.lanes, ln)
		ln.ended.Go(func() { ln.run(l) })
	}
	s.loading = l
	return nil
}

// Load appends all rows of a batch, in the background. When they are in, done is called, if it is given; until then the batch must not be
// touched. An error may be of an earlier batch; after one the case is unusable.
func (s *Store) Load(b *event.Batch, done func()) error {
	if s.loading == nil {
		if err := s.begin(); err != nil {
			return err
		}
	}
	l := s.loading
	l.mu.Lock()
	err := l.err
	l.mu.Unlock()
	if err != nil {
		return err
	}
	tables := b.Tables()
	left := countdown(len(tables), done)
	for _, rows := range tables {
		ln := l.lane(rows.Table)
		l.load[ln] += rows.Len() * len(rows.Table.Columns)
		ln.in <- portion{rows, left}
	}
	return nil
}

// lane gives the lane of a table; one that was not seen before goes where least was given so far.
func (l *loading) lane(t *event.Table) *lane {
	ln := l.of[t]
	if ln == nil {
		ln = l.lanes[0]
		for _, other := range l.lanes[1:] {
			if l.load[other] < l.load[ln] {
				ln = other
			}
		}
		l.of[t] = ln
	}
	return ln
}

// countdown gives a function that calls done when it was called n times.
func countdown(n int, done func()) func() {
	if done == nil {
		return func() {}
	}
	if n == 0 {
		done()
	}
	var mu sync.Mutex
	return func() {
		mu.Lock()
		defer mu.Unlock()
		if n--; n == 0 {
			done()
		}
	}
}

// run appends until the lane's input is closed. After an error the rest is drained, so that nobody waits for ever.
func (ln *lane) run(l *loading) {
	runtime.LockOSThread() // DuckDB's allocator keeps memory for each thread that it was called from
	defer runtime.UnlockOSThread()
	for p := range ln.in {
		if ln.err == nil {
			if ln.err = ln.append(p.rows); ln.err != nil {
				ln.err = fmt.Errorf("loading table %s: %w; is the disk full?", p.rows.Table.Name, ln.err)
				l.mu.Lock()
				l.err = ln.err
				l.mu.Unlock()
			}
		}
		p.done()
	}
	for t, a := range ln.tables {
		if err := a.close(); err != nil && ln.err == nil {
			ln.err = fmt.Errorf("loading table %s: %w; is the disk full?", t.Name, err)
		}
	}
	ln.blocks.destroy()
}

func (ln *lane) append(rows event.Rows) error {
	a := ln.tables[rows.Table]
	if a == nil {
		var err error
		if a, err = newAppender(ln.raw, rows.Table, ln.blocks); err != nil {
			return err
		}
		ln.tables[rows.Table] = a
	}
	return a.add(rows, ln.vault)
}

// Flush waits for everything loaded so far and commits it, so that SQL sees it.
func (s *Store) Flush() error {
	l := s.loading
	if l == nil {
		return nil
	}
	s.loading = nil
	var errs []error
	for _, ln := range l.lanes {
		close(ln.in)
	}
	for _, ln := range l.lanes {
		ln.ended.Wait()
		errs = append(errs, ln.err)
	}
	end := "COMMIT"
	if errors.Join(errs...) != nil {
		end = "ROLLBACK"
	}
	for _, ln := range l.lanes {
		if err := exec(ln.conn, end); err != nil {
			errs = append(errs, fmt.Errorf("committing what was loaded: %w; is the disk full?", err))
		}
	}
	return errors.Join(errs...)
}

// Finish ends loading: what waits, then the vault, which knows by then whom it named.
func (s *Store) Finish() error {
	if err := s.Flush(); err != nil {
		return err
	}
	var vault event.Batch
	s.vault.rows(&vault)
	return errors.Join(s.Load(&vault, nil), s.Flush())
}

func exec(conn driver.Conn, query string) error {
	_, err := conn.(driver.ExecerContext).ExecContext(context.Background(), query, nil)
	return err
}

// rawConnection gives what the driver's own appender works on. The driver does not show it; its appender, which takes rows value by value,
// each in an interface, is half as fast as DuckDB.
func rawConnection(conn driver.Conn) (raw mapping.Connection, err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("the database driver is not the one this program was made for")
		}
	}()
	ptr := reflect.ValueOf(conn.(*duckdb.Conn)).Elem().FieldByName("conn").FieldByName("Ptr").UnsafePointer()
	if ptr == nil {
		return raw, errors.New("the connection to the database is closed")
	}
	return mapping.Connection{Ptr: ptr}, nil
}

package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	duckdb "github.com/marcboeker/go-duckdb/v2"

	"wardtrace/dissect/event"
)

// Options say how a case is made.
type Options struct {
	Lanes   int    // tables loaded at a time, at least 1
	Memory  int64  // DuckDB's memory limit in bytes while loading; beyond it DuckDB spills beside the case
	Settled int64  // the same once everything is loaded; 0: as before
	PHI     *Vault // what becomes of patient data
}

// Store is a case being written. One goroutine calls Load and Flush; DB may be used by any, but sees what was loaded only after Flush.
type Store struct {
	DB      *sql.DB
	conns   []driver.Conn // to load on
	loading *loading      // what is being loaded; nil: nothing
	settled int64         // its memory; 0: as while loading
	vault   *Vault
}

// CaseInfo is one fact about the case as a whole.
type CaseInfo struct {
	Key   string `col:"key" doc:"Name of the fact: state, version, options, phi, phi_key, local, ..."`
	Value string `col:"value" doc:"The fact."`
}

// Infos is the table case_info.
var Infos = event.NewPlain[CaseInfo]("case_info", "Facts about the case as a whole; state is running until everything was written, then complete.")

// ColumnDoc explains a column. A comment on each column would say so too, but costs a second a case.
type ColumnDoc struct {
	Table  string `col:"table_name" doc:"Table."`
	Column string `col:"column_name" doc:"Column."`
	Doc    string `col:"doc" doc:"What it holds: units, ranges, and the clause it comes from."`
}

var columnDocs = event.NewPlain[ColumnDoc]("column_doc", "What every column of every table means.")

// Create makes the database file, which must not exist, with the given tables and the state running.
func Create(ctx context.Context, path string, tables []*event.Table, opt Options) (*Store, error) {
	db, conns, err := open(ctx, path, max(opt.Lanes, 1), map[string]string{
		"memory_limit": fmt.Sprintf("%dMiB", max(opt.Memory>>20, 128)),
	})
	if err != nil {
		return nil, fmt.Errorf("case %s: cannot make the database: %w; is the folder writable and the disk not full?", path, err)
	}
	if path != "" {
		if err := os.Chmod(path, 0o600); err != nil { // it will hold patient data
			return nil, errors.Join(fmt.Errorf("case %s: %w", path, err), closeAll(db, conns))
		}
	}
	s := &Store{DB: db, conns: conns, vault: opt.PHI, settled: opt.Settled}
	stmts := []string{"BEGIN"}
	var docs event.Batch
	for _, t := range append([]*event.Table{Infos.Desc(), columnDocs.Desc(), vaultRows.Desc()}, tables...) {
		stmts = append(stmts, DDL(t)...)
		for _, c := range t.Columns {
			columnDocs.Add(&docs, ColumnDoc{t.Name, c.Name, explained(&c)})
		}
	}
	if _, err := s.DB.ExecContext(ctx, strings.Join(append(stmts, "COMMIT"), ";\n")); err != nil {
		s.Abandon()
		return nil, fmt.Errorf("case %s: cannot make its tables: %w", path, err)
	}
	err = s.SetInfo(ctx, "state", "running")
	if err == nil {
		err = errors.Join(s.Load(&docs, nil), s.Flush())
	}
	if err != nil {
		s.Abandon()
		return nil, fmt.Errorf("case %s: %w", path, err)
	}
	return s, nil
}

// open connects to a database file with everything switched off that could reach outside it, and gives as many connections to load on as
// are asked for. The configuration is not locked yet.
func open(ctx context.Context, path string, lanes int, settings map[string]string) (*sql.DB, []driver.Conn, error) {
	path, err := connectable(path)
	if err != nil {
		return nil, nil, err
	}
	q := url.Values{
		"autoinstall_known_extensions": {"false"},
		"autoload_known_extensions":    {"false"},
		"allow_community_extensions":   {"false"},
		"enable_external_access":       {"false"},
		"threads":                      {"1"}, // see doc.go
		// What DuckDB gave back goes back to the machine: by itself its allocator kept as much again as the memory limit allows.
		"allocator_background_threads":                {"true"},
		"allocator_flush_threshold":                   {"16MiB"},
		"allocator_bulk_deallocation_flush_threshold": {"32MiB"},
		// How the file is written: see doc.go, Format.
		"storage_compatibility_version": {"v1.2.0"},
		"default_block_size":            {"65536"},
		"disabled_compression_methods":  {"fsst,dict_fsst,roaring,zstd"},
	}
	for k, v := range settings {
		q.Set(k, v)
	}
	c, err := duckdb.NewConnector(path+"?"+q.Encode(), nil)
	if err != nil {
		return nil, nil, err
	}
	db := sql.OpenDB(c)
	conns := []driver.Conn{}
	for range lanes {
		conn, err := c.Connect(ctx)
		if err != nil {
			return nil, nil, errors.Join(err, closeAll(db, conns))
		}
		conns = append(conns, conn)
	}
	// global: of the pool's connections all but the first are made when nothing can be set any more
	if _, err := db.ExecContext(ctx, "SET GLOBAL TimeZone = 'UTC'"); err != nil {
		return nil, nil, errors.Join(err, closeAll(db, conns))
	}
	return db, conns, nil
}

// Settle ends the time of loading: SQL gets its memory, and nothing can be set any more. It goes before anyone's SQL.
func (s *Store) Settle(ctx context.Context) error {
	memory := ""
	if s.settled > 0 {
		memory = fmt.Sprintf("SET memory_limit = '%dMiB'; ", s.settled>>20)
	}
	_, err := s.DB.ExecContext(ctx, memory+lock)
	return err
}

const lock = "SET lock_configuration = true"

func closeAll(db *sql.DB, conns []driver.Conn) error {
	var errs []error
	for _, c := range conns {
		errs = append(errs, c.Close())
	}
	return errors.Join(append(errs, db.Close())...)
}

// connectable gives a path as the driver's connection string can hold it. What follows a ? or # there is settings: a folder of such a
// name would switch the locks off. A relative path gets ./ in front, so that its beginning is not taken for a scheme.
func connectable(path string) (string, error) {
	if strings.ContainsAny(path, "?#%") {
		return "", errors.New("a path with ?, # or % in it cannot be opened; give the folder another name")
	}
	if path != "" && !filepath.IsAbs(path) {
		path = "." + string(filepath.Separator) + path
	}
	return path, nil
}

func quote(s string) string { return `'` + strings.ReplaceAll(s, `'`, `''`) + `'` }
func ident(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// DDL gives the statements that make a table and say what it holds.
func DDL(t *event.Table) []string {
	cols := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		cols[i] = ident(c.Name) + " " + c.Type.SQL()
	}
	return []string{fmt.Sprintf("CREATE TABLE %s (%s)", ident(t.Name), strings.Join(cols, ", ")),
		fmt.Sprintf("COMMENT ON TABLE %s IS %s", ident(t.Name), quote(t.Doc))}
}

// explained is a column's sentence, with what becomes of patient data.
func explained(c *event.Column) string {
	switch c.PHI {
	case event.NotPHI:
		return c.Doc
	case event.PHIFree:
		return c.Doc + " Patient data: kept as length and keyed digest."
	}
	return c.Doc + " Patient data: kept as a keyed pseudonym."
}

// SetInfo writes a fact about the case, replacing what was said before.
func (s *Store) SetInfo(ctx context.Context, key, value string) error {
	return SetInfo(ctx, s.DB, key, value)
}

// SetInfo writes a fact about a case.
func SetInfo(ctx context.Context, db *sql.DB, key, value string) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, "DELETE FROM case_info WHERE key = ?", key); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO case_info VALUES (?, ?)", key, value); err != nil {
		return err
	}
	return tx.Commit()
}

// Complete says that everything was written, as the last transaction, and closes the case.
func (s *Store) Complete(ctx context.Context) error {
	if err := s.SetInfo(ctx, "state", "complete"); err != nil {
		return err
	}
	if _, err := s.DB.ExecContext(ctx, "CHECKPOINT"); err != nil {
		return err
	}
	return s.Abandon()
}

// Abandon closes the case as it is. It stays marked running unless Complete went before.
func (s *Store) Abandon() error { return closeAll(s.DB, s.conns) }

// ErrNoCase is returned where there is no case.
var ErrNoCase = errors.New("no case")

// OpenReadOnly opens the case in a folder for reading and gives its state: complete, running or interrupted.
func OpenReadOnly(ctx context.Context, dir string) (*sql.DB, string, error) {
	return openCase(ctx, dir, "READ_ONLY")
}

// Reopen opens the case in a folder for rules and reports to be written again.
func Reopen(ctx context.Context, dir string) (*Store, string, error) {
	db, state, err := openCase(ctx, dir, "READ_WRITE")
	if err != nil {
		return nil, "", err
	}
	return &Store{DB: db}, state, nil
}

// Enlarge opens a case in a folder anew, with the memory that SQL over a finished case has. What was written is kept.
func (s *Store) Enlarge(ctx context.Context, dir string) error {
	if err := s.Abandon(); err != nil {
		return err
	}
	s.conns = nil
	db, _, err := openCase(ctx, dir, "READ_WRITE")
	if err == nil {
		s.DB = db
	}
	return err
}

// OutOfMemory tells whether a statement failed because what it holds at a time does not fit DuckDB's memory: not all of it can spill.
func OutOfMemory(err error) bool {
	var e *duckdb.Error
	return errors.As(err, &e) && e.Type == duckdb.ErrorTypeOutOfMemory
}

// Memory makes an empty case in memory, for rules to be checked against its tables.
func Memory(ctx context.Context, tables []*event.Table) (*Store, error) {
	s, err := Create(ctx, "", tables, Options{})
	if err != nil {
		return nil, err
	}
	if err := s.Settle(ctx); err != nil {
		return nil, errors.Join(err, s.Abandon())
	}
	return s, nil
}

// sqlMemory is what SQL over a finished case may take before it spills. DuckDB's own default is 80 % of the machine, which others use too.
const sqlMemory = 2 << 30

func openCase(ctx context.Context, dir, mode string) (*sql.DB, string, error) {
	path := filepath.Join(dir, "case.duckdb")
	info, err := os.Stat(path)
	if err != nil {
		return nil, "", fmt.Errorf("%w in %s: there is no case.duckdb; make one with: wardtrace analyze PATH -o %s", ErrNoCase, dir, dir)
	}
	if !info.Mode().IsRegular() { // the database would wait at a pipe for ever
		return nil, "", fmt.Errorf("%w in %s: case.duckdb is no plain file", ErrNoCase, dir)
	}
	db, _, err := open(ctx, path, 0, map[string]string{"access_mode": mode, "memory_limit": fmt.Sprintf("%dMiB", sqlMemory>>20)})
	if err != nil {
		return nil, "", fmt.Errorf("case %s: cannot open the database: %w", dir, err)
	}
	if _, err := db.ExecContext(ctx, lock); err != nil {
		return nil, "", errors.Join(err, db.Close())
	}
	var state string
	err = db.QueryRowContext(ctx, "SELECT value FROM case_info WHERE key = 'state'").Scan(&state)
	if err != nil {
		db.Close()
		return nil, "", fmt.Errorf("%w in %s: case.duckdb has no state; it was not made by wardtrace or its making failed at once", ErrNoCase, dir)
	}
	return db, state, nil
}

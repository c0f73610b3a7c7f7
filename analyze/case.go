package analyze

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"wardtrace/analyze/capture"
	"wardtrace/analyze/custody"
	"wardtrace/analyze/store"
)

// Case is a case being made: the captures are in it, rules and reports may work on DB, and Complete ends it. Until then
// every verb calls it incomplete.
type Case struct {
	Dir     string
	DB      *sql.DB
	Files   []capture.File
	Skipped []capture.Skipped
	Totals  Totals

	store    *store.Store
	options  Options
	manifest *Manifest // of a case that was reopened
	lock     *caseLock // nil for a case that nobody else can see
	head     string    // hash of the custody log's last line, when the case is complete
}

// Head is the hash of the last line of the custody log of a case that was completed. Noted down elsewhere it holds the log to what it was.
func (c *Case) Head() string { return c.head }

// Ask asks the case something. What does not fit the memory that SQL has while the case is made is asked once more with as much as SQL over
// a finished case has: a machine where a million patients fit is not asked for what ten million take. It is the last time then.
func (c *Case) Ask(ctx context.Context, ask func(db *sql.DB, last bool) error) error {
	err := ask(c.DB, false)
	if !store.OutOfMemory(err) {
		return err
	}
	if err := c.store.Enlarge(ctx, c.Dir); err != nil {
		return err
	}
	c.DB = c.store.DB
	return ask(c.DB, true)
}

// keyPath is the file of the key behind the pseudonyms.
func (o *Options) keyPath() string {
	if o.PHIKey != "" {
		return o.PHIKey
	}
	return strings.TrimSuffix(o.Case, ".case") + ".phikey"
}

// oldKey reads the key; nil if one is to be made. A key that was named must be there, or be asked for as a new one: behind a mistyped name
// patients would get other pseudonyms than on other nights, and nobody would see it.
func (o *Options) oldKey() ([]byte, error) {
	key, err := readKey(o.keyPath())
	switch {
	case err != nil:
		return nil, err
	case key == nil && o.PHIKey != "" && !o.NewPHIKey:
		return nil, usage("--phi-key: %s is not there; --new-phi-key makes it", o.PHIKey)
	case key != nil && o.NewPHIKey:
		return nil, usage("--new-phi-key: %s is there already; leave the flag out to use it", o.keyPath())
	}
	return key, nil
}

// makeKey writes a new key, whole or not at all; a file that came to be in the meantime is left alone.
func makeKey(path string) ([]byte, error) {
	key := make([]byte, store.KeyLen)
	rand.Read(key)
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+custody.NewSuffix+"-") // mode 0600
	if err == nil {
		defer os.Remove(f.Name())
		_, err = f.WriteString(hex.EncodeToString(key) + "\n")
		if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
			err = os.Link(f.Name(), path)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("cannot write the patient-data key: %w", err)
	}
	return key, nil
}

// readKey reads the key; nil if there is no file.
func readKey(path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, usage("cannot read the patient-data key: %v", err)
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(key) != store.KeyLen {
		return nil, usage("%s is not a patient-data key: it must hold %d hex digits", path, 2*store.KeyLen)
	}
	return key, nil
}

// Complete ends a case whose reports were written. command is the command line, hashes that of each rule that ran. The steps have an order:
// the database says that it is complete, the manifest holds its hash, the log the manifest's, and last the lock goes. A case that lost
// its writer before that still has the lock, and is not complete.
func (c *Case) Complete(ctx context.Context, version string, command []string, hashes map[string]string) error {
	m, act := c.manifest, "ran the rules on this case again"
	if m == nil {
		m, act = c.newManifest(version), "analysed captures into this case"
	}
	if m.Options["phi"] == "clear" {
		act += "; patient data is kept in clear, as asked for"
	}
	m.RulesBuild, m.Rules = version, hashes
	if err := m.describe(ctx, c); err != nil {
		return errors.Join(fmt.Errorf("cannot complete the case: %w", untraced(err)), c.Abandon())
	}
	if err := c.store.Complete(ctx); err != nil {
		return errors.Join(fmt.Errorf("cannot complete the case: %w; is the disk full?", untraced(err)), c.lock.leave())
	}
	e := custody.Entry{Tool: "wardtrace " + version, Command: command, Act: act, Inputs: m.inputs()}
	if err := c.sealed(m, e); err != nil {
		return errors.Join(err, c.lock.leave())
	}
	return c.lock.done()
}

// untraced takes the addresses out of an error of the database, which adds them where it gives up.
func untraced(err error) error {
	text, _, found := strings.Cut(err.Error(), "\n\nStack Trace:")
	if !found {
		return err
	}
	return errors.New(text)
}

// sealed writes the manifest and the entry of the custody log, which name what lies in the case.
func (c *Case) sealed(m *Manifest, e custody.Entry) (err error) {
	if err := m.hashFiles(c.Dir); err != nil {
		return err
	}
	e.Outputs = maps.Clone(m.Files)
	if e.Outputs[manifestName], err = m.write(c.Dir); err != nil {
		return err
	}
	if err := custody.Append(c.Dir, e, time.Now()); err != nil {
		return err
	}
	c.head, _, err = custody.Head(filepath.Join(c.Dir, custody.FileName))
	return err
}

// Damaged tells whether some of the evidence could not be read.
func (c *Case) Damaged() bool {
	for _, f := range c.Files {
		if f.Damage != "" {
			return true
		}
	}
	return false
}

// Open opens the case in a folder for reading and gives its state: complete, or why it is not.
func Open(ctx context.Context, dir string) (*sql.DB, string, error) {
	mark := unfinished(dir)
	db, state, err := store.OpenReadOnly(ctx, dir)
	switch {
	case err != nil && mark != "":
		return nil, "", usage("case %s is not complete and cannot be opened: %s", dir, mark)
	case err != nil:
		return nil, "", err
	case mark != "" && state != "interrupted":
		state = mark
	}
	return db, state, nil
}

// Reopen opens a case for rules to be run again, and gives its state. Of a case that is not complete only one can be used: that on which
// running the rules was broken off.
func Reopen(ctx context.Context, dir string) (*Case, string, error) {
	if _, err := os.Stat(filepath.Join(dir, "case.duckdb")); err != nil {
		_, _, err := store.OpenReadOnly(ctx, dir) // says that there is no case
		return nil, "", err
	}
	lock, err := lockCase(dir)
	if err != nil {
		return nil, "", err
	}
	if lock.left == "" || lock.left == runningRules {
		if err := intact(ctx, dir, lock.left != ""); err != nil {
			return nil, "", errors.Join(err, lock.leave())
		}
	}
	st, state, err := store.Reopen(ctx, dir)
	if err != nil {
		return nil, "", errors.Join(err, lock.leave())
	}
	c := &Case{Dir: dir, DB: st.DB, store: st, lock: lock}
	switch {
	case lock.left == runningRules:
		state = "complete" // what the captures gave is whole, and the rules' tables are made anew
	case lock.left != "" && state != "interrupted":
		state = "broken off while " + lock.left
	}
	if state != "complete" {
		return c, state, nil
	}
	if c.manifest, err = parseManifest(dir); err == nil {
		err = lock.mark(runningRules)
	}
	if err == nil {
		err = st.SetInfo(ctx, "state", "running")
	}
	if err != nil {
		return nil, "", errors.Join(err, c.Abandon())
	}
	return c, state, nil
}

// EmptyCase gives a case in memory that has all tables and no row; rules are checked against it.
func EmptyCase(ctx context.Context) (*sql.DB, func() error, error) {
	st, err := store.Memory(ctx, Tables())
	if err != nil {
		return nil, nil, err
	}
	return st.DB, st.Abandon, nil
}

// Abandon closes a case that could not be completed; it stays marked so.
func (c *Case) Abandon() error { return errors.Join(c.store.Abandon(), c.lock.leave()) }

// Interrupted marks the case as interrupted by its user and closes it.
func (c *Case) Interrupted() error {
	return errors.Join(c.store.SetInfo(context.Background(), "state", "interrupted"), c.Abandon())
}

// Note writes into a case's custody log that something was taken out of it: act says what, files names what was written.
func Note(dir, version string, command []string, act string, files ...string) error {
	e := custody.Entry{Tool: "wardtrace " + version, Command: command, Act: act, Outputs: map[string]string{}}
	for _, name := range files {
		sum, err := custody.HashFile(name)
		if err != nil {
			return err
		}
		e.Outputs[elsewhere(name)] = sum
	}
	return custody.Append(dir, e, time.Now())
}

// elsewhere names a file outside the case in the custody log: from the root on, so that it can be found, and is not taken for one of the case's.
func elsewhere(name string) string {
	if full, err := filepath.Abs(name); err == nil {
		return full
	}
	return name
}

// Apart fails if an output would take the place of what the case is, or of what it was made of: evidence is never written over. moved are
// files where captures lie now.
func Apart(dir, out string, moved ...string) error {
	info, err := os.Stat(out)
	if err != nil { // nothing is there that could be lost
		return nil
	}
	kept := append([]string{(&Options{Case: filepath.Clean(dir)}).keyPath()}, moved...)
	for _, name := range append(slices.Clone(caseFiles), lockName) {
		if name != "report.md" { // no part of a case: a user may want it there
			kept = append(kept, filepath.Join(dir, name))
		}
	}
	if m, err := parseManifest(dir); err == nil {
		kept = append(kept, m.paths()...)
	}
	for _, name := range kept {
		if have, err := os.Stat(name); err == nil && !have.IsDir() && os.SameFile(info, have) {
			return usage("%s is evidence: it belongs to the case %s, and is not written over; name another file", out, dir)
		}
	}
	return nil
}

// Clear tells whether a case keeps patient data in clear.
func Clear(ctx context.Context, db *sql.DB) (yes bool, err error) {
	err = db.QueryRowContext(ctx, "SELECT count(*) > 0 FROM case_info WHERE key = 'phi' AND value = 'clear'").Scan(&yes)
	return yes, err
}

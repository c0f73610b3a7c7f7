package analyze

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
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
}

// files of a case; -C removes these and nothing else.
var caseFiles = []string{"case.duckdb", "case.duckdb.wal", "report.html", "report.md", "timeline.csv", "findings.jsonl", "manifest.json", custody.FileName}

// prepare makes the case's folder, or empties one that is a case if clobber is set.
func prepare(dir string, clobber bool) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, os.ErrNotExist):
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("cannot make the case's folder: %w", err)
		}
		return nil
	case err != nil:
		return usage("%s cannot be the case's folder: %v", dir, err)
	case len(entries) == 0:
		return os.Chmod(dir, 0o700)
	}
	if _, err := os.Stat(filepath.Join(dir, "case.duckdb")); err != nil {
		return usage("%s exists and is no case; name another folder with -o", dir)
	}
	if !clobber {
		return usage("%s is a case already; replace it with -C or name another folder with -o", dir)
	}
	for _, name := range caseFiles {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("cannot replace the case: %w", err)
		}
	}
	if err := os.RemoveAll(filepath.Join(dir, "case.duckdb.tmp")); err != nil {
		return fmt.Errorf("cannot replace the case: %w", err)
	}
	return os.Chmod(dir, 0o700)
}

// keyPath is the file of the key behind the pseudonyms.
func (o *Options) keyPath() string {
	if o.PHIKey != "" {
		return o.PHIKey
	}
	return strings.TrimSuffix(o.Case, ".case") + ".phikey"
}

// makeKey writes a new key; a file that came to be in the meantime is left alone.
func makeKey(path string) ([]byte, error) {
	key := make([]byte, store.KeyLen)
	rand.Read(key)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		_, err = f.WriteString(hex.EncodeToString(key) + "\n")
		err = errors.Join(err, f.Close())
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

// Manifest is what manifest.json says of a case.
type Manifest struct {
	Tool    string            `json:"tool"`
	Build   string            `json:"build"`
	Options map[string]string `json:"options"`
	PHIKey  string            `json:"phi_key_fingerprint"`
	Inputs  []ManifestInput   `json:"inputs"`
	Skipped []string          `json:"skipped"`
	Rules   map[string]string `json:"rules"` // SHA-256 of each rule's text
	Rows    map[string]int64  `json:"rows"`  // rows of each table
	Files   map[string]string `json:"files"` // SHA-256 of each file of the case
}

// ManifestInput is one input.
type ManifestInput struct {
	File    uint32 `json:"file"`
	Path    string `json:"path"`
	Member  string `json:"member,omitempty"`
	SHA256  string `json:"sha256"`
	Bytes   int64  `json:"bytes"`
	Format  string `json:"format"`
	Packets int64  `json:"packets"`
	First   string `json:"first"`
	Last    string `json:"last"`
	Damage  string `json:"damage,omitempty"`
}

// Complete ends a case whose reports were written: state complete, manifest, an entry of the custody log. command is
// the command line, hashes that of each rule that ran.
func (c *Case) Complete(ctx context.Context, version string, command []string, hashes map[string]string) error {
	m, act := c.manifest, "ran the rules on this case again"
	if m == nil {
		m, act = c.newManifest(), "analysed captures into this case"
	}
	if c.options.PHI == "clear" {
		act += "; patient data is kept in clear, as asked for"
	}
	m.Build, m.Rules, m.Files = version, hashes, map[string]string{}
	err := c.DB.QueryRowContext(ctx, "SELECT coalesce(max(value), '') FROM case_info WHERE key = 'phi_key'").Scan(&m.PHIKey)
	if err != nil {
		return err
	}
	if m.Rows, err = rowCounts(ctx, c.DB); err != nil {
		return err
	}
	if err := c.store.Complete(ctx); err != nil {
		return fmt.Errorf("cannot complete the case: %w", err)
	}
	for _, name := range caseFiles {
		if name == "manifest.json" || name == custody.FileName {
			continue
		}
		if sum, err := custody.HashFile(filepath.Join(c.Dir, name)); err == nil {
			m.Files[name] = sum
		}
	}
	if err := writeJSON(filepath.Join(c.Dir, "manifest.json"), m); err != nil {
		return err
	}
	inputs, outputs := map[string]string{}, map[string]string{}
	for _, f := range m.Inputs {
		name := f.Path
		if f.Member != "" { // one of several in an archive
			name += " (" + f.Member + ")"
		}
		inputs[name] = f.SHA256
	}
	for name, sum := range m.Files {
		outputs[name] = sum
	}
	if outputs["manifest.json"], err = custody.HashFile(filepath.Join(c.Dir, "manifest.json")); err != nil {
		return err
	}
	return custody.Append(c.Dir, custody.Entry{Tool: "wardtrace " + version, Command: command, Act: act, Inputs: inputs, Outputs: outputs}, time.Now())
}

func (c *Case) newManifest() *Manifest {
	m := &Manifest{Tool: "wardtrace", Options: c.options.asMap(), Skipped: []string{}}
	for _, s := range c.Skipped {
		m.Skipped = append(m.Skipped, s.Path)
	}
	for _, f := range c.Files {
		m.Inputs = append(m.Inputs, ManifestInput{File: f.File, Path: f.Path, Member: f.Member, SHA256: f.SHA256, Bytes: f.Bytes,
			Format: f.Format, Packets: f.Packets, First: stamp(f.FirstTS), Last: stamp(f.LastTS), Damage: f.Damage})
	}
	return m
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

// Reopen opens a case for rules to be run again, and gives its state.
func Reopen(ctx context.Context, dir string) (*Case, string, error) {
	st, state, err := store.Reopen(ctx, dir)
	if err != nil {
		return nil, "", err
	}
	c := &Case{Dir: dir, DB: st.DB, store: st}
	if state != "complete" {
		return c, state, nil
	}
	text, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if err == nil {
		err = json.Unmarshal(text, &c.manifest)
	}
	if err == nil {
		err = st.SetInfo(ctx, "state", "running")
	}
	if err != nil {
		return nil, "", errors.Join(fmt.Errorf("case %s: its manifest cannot be read: %w", dir, err), c.Abandon())
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
func (c *Case) Abandon() error { return c.store.Abandon() }

// Interrupted marks the case as interrupted by its user and closes it.
func (c *Case) Interrupted() error {
	return errors.Join(c.store.SetInfo(context.Background(), "state", "interrupted"), c.store.Abandon())
}

func rowCounts(ctx context.Context, db *sql.DB) (map[string]int64, error) {
	names, err := db.QueryContext(ctx, "SELECT table_name FROM duckdb_tables() ORDER BY table_name")
	if err != nil {
		return nil, err
	}
	defer names.Close()
	counts := map[string]int64{}
	for names.Next() {
		var name string
		if err := names.Scan(&name); err != nil {
			return nil, err
		}
		var n int64
		if err := db.QueryRowContext(ctx, `SELECT count(*) FROM "`+strings.ReplaceAll(name, `"`, `""`)+`"`).Scan(&n); err != nil {
			return nil, err
		}
		counts[name] = n
	}
	return counts, names.Err()
}

func writeJSON(path string, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o600)
}

package analyze

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"wardtrace/analyze/custody"
)

// lockName is a file in a case that is there while the case is being made or changed. A process holds it by a lock that ends with the
// process; what stands in it says who and what. It is taken away by the very last step, when database, reports, manifest and log are whole
// and agree. A case that has it is not complete: held, it is being written; not held, its writer died.
const lockName = "case.lock"

// work is what stands in the lock.
type work struct {
	Process int    `json:"process"`
	Who     string `json:"who"`
	Host    string `json:"host"`
	Since   string `json:"since"` // RFC 3339, UTC
	Doing   string `json:"doing"`
}

// What a lock is taken for.
const (
	analysing    = "analysing captures"
	runningRules = "running the rules again"
)

func (w *work) String() string {
	if w == nil {
		return "another process"
	}
	return fmt.Sprintf("process %d of %s on %s, %s since %s", w.Process, w.Who, w.Host, w.Doing, w.Since)
}

// Who only asks whether a lock is held holds it for a moment: that is not worth giving up for.
const (
	lockTries = 5
	lockPause = 20 * time.Millisecond
)

// caseLock is the lock of a case that this process holds.
type caseLock struct {
	f    *os.File
	path string
	left string // what a writer that died was doing; "" if none did
}

// lockCase takes the lock of the case in a folder, which is there.
func lockCase(dir string) (*caseLock, error) {
	path := filepath.Join(dir, lockName)
	f, err := custody.Hold(path, false)
	for range lockTries {
		if !errors.Is(err, custody.ErrHeld) {
			break
		}
		time.Sleep(lockPause)
		f, err = custody.Hold(path, false)
	}
	if errors.Is(err, custody.ErrHeld) {
		return nil, usage("case %s is in use by %s; wait until it is done, or name another folder", dir, readWork(path))
	}
	if err != nil {
		return nil, fmt.Errorf("case %s: cannot take its lock: %w", dir, err)
	}
	l := &caseLock{f: f, path: path}
	if w := readWork(path); w != nil {
		l.left = w.Doing
	}
	return l, nil
}

// mark says in the lock what is being done. From here on the case is not complete until done.
func (l *caseLock) mark(doing string) error {
	w := work{Process: os.Getpid(), Since: time.Now().UTC().Format(time.RFC3339), Doing: doing}
	w.Who, w.Host = custody.Who()
	text, err := json.Marshal(w)
	if err != nil {
		return err
	}
	_, err = l.f.WriteAt(append(text, '\n'), 0)
	if err = errors.Join(err, l.f.Truncate(int64(len(text)+1)), l.f.Sync()); err != nil {
		return fmt.Errorf("cannot mark the case as being written: %w; is the disk full?", err)
	}
	l.left = doing
	return nil
}

// done takes the lock away: the case is whole.
func (l *caseLock) done() error {
	if l == nil {
		return nil
	}
	return errors.Join(os.Remove(l.path), l.f.Close())
}

// leave gives the lock back. If the case was marked it stays so.
func (l *caseLock) leave() error {
	if l == nil {
		return nil
	}
	if l.left == "" {
		return l.done()
	}
	return l.f.Close()
}

// readWork reads a lock; nil if there is none, or nothing in it.
func readWork(path string) *work {
	f, err := custody.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, 1<<16))
	w := &work{}
	if err != nil || len(text) == 0 {
		return nil
	}
	if json.Unmarshal(text, w) != nil { // torn: marked all the same
		w.Doing = "doing what its lock no longer tells"
	}
	return w
}

// unfinished says why a case is not complete, by its lock; "" if nothing speaks against it.
func unfinished(dir string) string {
	path := filepath.Join(dir, lockName)
	w := readWork(path)
	switch {
	case w == nil:
		return ""
	case custody.Held(path):
		return "it is being written by " + w.String()
	case readWork(path) == nil: // done meanwhile
		return ""
	}
	return "its writing was broken off: " + w.String()
}

// caseFiles are the files of a case; -C removes these and nothing else.
var caseFiles = []string{"case.duckdb", walName, "report.html", "report.md", "timeline.csv", "findings.jsonl", manifestName, custody.FileName}

// walName is where the database keeps changes until they are in its file: in a complete case there are none.
const walName = "case.duckdb.wal"

// remains are what a run that was killed may leave beside them.
var remains = []string{manifestName + custody.NewSuffix, custody.FileName + custody.NewSuffix}

// prepare makes the case's folder and locks it, or empties one that is a case if clobber is set.
func prepare(dir string, clobber bool) (*caseLock, error) {
	there, err := fit(dir, clobber)
	if err != nil {
		return nil, err
	}
	if !there {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("cannot make the case's folder: %w", err)
		}
	}
	l, err := lockCase(dir)
	if err == nil {
		if _, err = fit(dir, clobber); err == nil { // another run may have made a case meanwhile
			if err = l.mark(analysing); err == nil {
				err = errors.Join(empty(dir), os.Chmod(dir, 0o700))
			}
		}
		if err != nil {
			err = errors.Join(err, l.leave())
		}
	}
	if err != nil && !there {
		os.Remove(dir) // only if nothing is in it
	}
	if err != nil {
		return nil, err
	}
	return l, nil
}

// fit tells whether a folder is there, and fails if it cannot become the case's.
func fit(dir string, clobber bool) (there bool, err error) {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return false, nil
	case err != nil:
		return false, usage("%s cannot be the case's folder: %v", dir, err)
	}
	others := 0
	for _, e := range entries {
		if e.Name() != lockName {
			others++
		}
	}
	if others == 0 {
		return true, nil
	}
	if _, err := os.Stat(filepath.Join(dir, "case.duckdb")); err != nil && readWork(filepath.Join(dir, lockName)) == nil {
		return true, usage("%s exists and is no case; name another folder with -o", dir)
	}
	if clobber {
		return true, nil
	}
	if mark := unfinished(dir); mark != "" {
		return true, usage("%s is a case that is not complete: %s; begin it anew with -C or name another folder with -o", dir, mark)
	}
	return true, usage("%s is a case already; replace it with -C or name another folder with -o", dir)
}

// empty removes the files of a case from a folder, and DuckDB's spill. What else lies there is not ours.
func empty(dir string) error {
	spill := filepath.Join(dir, "case.duckdb.tmp")
	names := append(append([]string(nil), caseFiles...), remains...)
	entries, err := os.ReadDir(spill)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), "duckdb_temp_") {
			names = append(names, filepath.Join("case.duckdb.tmp", e.Name()))
		}
	}
	if err == nil {
		names = append(names, "case.duckdb.tmp")
	}
	if err := uncarve(dir); err != nil {
		return err
	}
	for _, name := range names {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("cannot replace the case: %w", err)
		}
	}
	return nil
}

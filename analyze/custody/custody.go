// Package custody keeps the log of what was done to a case: one JSON line an act, each holding the hash of the line
// before, so that a line changed or taken out is found (RFC 8785 is not needed: a line is hashed as written).
//
// Limits: the log vouches for every line but its last, and who may write the file can write it anew from the first. Both are found
// only by who noted the hash of the last line (Head) elsewhere. Two processes that append at the same time break the chain; DuckDB's
// lock on the case keeps those apart that change it.
package custody

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/user"
	"path/filepath"
	"time"
)

// FileName is the log's name in the case.
const FileName = "custody.jsonl"

// maxLine bounds a line: one names all inputs of a run, and a folder of a year's captures has hundreds of thousands.
const maxLine = 1 << 30

// Entry is one act. Times are wall-clock time, the only place in a case that has it.
type Entry struct {
	Number  int               `json:"number"`  // from 1
	Time    string            `json:"time"`    // RFC 3339, UTC
	Who     string            `json:"who"`     // user name of the operating system
	Host    string            `json:"host"`    // name of the machine
	Tool    string            `json:"tool"`    // wardtrace and its version
	Command []string          `json:"command"` // as typed
	Act     string            `json:"act"`     // what was done, in a sentence
	Inputs  map[string]string `json:"inputs,omitempty"`
	Outputs map[string]string `json:"outputs,omitempty"` // SHA-256 of files written
	Prev    string            `json:"prev"`              // SHA-256 of the line before, "" in the first
}

// Append adds an entry to the log in a case's folder; Number, Time, Who, Host and Prev are filled in.
func Append(dir string, e Entry, now time.Time) error {
	path := filepath.Join(dir, FileName)
	last, n, err := Head(path)
	if err != nil {
		return fmt.Errorf("custody log %s: %w", path, err)
	}
	e.Number, e.Prev, e.Time = n+1, last, now.UTC().Format(time.RFC3339Nano)
	e.Who, e.Host = who()
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("custody log: %w", err)
	}
	line = append(line, '\n')
	if torn(f) { // a write that a crash cut short stays a line of its own, which Check names
		line = append([]byte{'\n'}, line...)
	}
	if _, err := f.Write(line); err != nil {
		f.Close()
		return fmt.Errorf("custody log %s: %w", path, err)
	}
	return f.Close()
}

// torn tells whether the file's last line has no end.
func torn(f *os.File) bool {
	info, err := f.Stat()
	if err != nil || info.Size() == 0 {
		return false
	}
	var last [1]byte
	_, err = f.ReadAt(last[:], info.Size()-1)
	return err == nil && last[0] != '\n'
}

func who() (name, host string) {
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	host, _ = os.Hostname()
	return name, host
}

// Head gives the hash of the log's last line and the number of lines: "" and 0 where there is no log yet. Noted elsewhere, it holds the
// log to what it was.
func Head(path string) (string, int, error) {
	f, err := os.Open(path)
	if os.IsNotExist(err) {
		return "", 0, nil
	}
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	last, n := "", 0
	err = lines(f, func(_ int, line []byte) error {
		sum := sha256.Sum256(line)
		last, n = hex.EncodeToString(sum[:]), n+1
		return nil
	})
	return last, n, err
}

// Check walks the log's chain and names the first line at which it breaks.
func Check(r io.Reader) error {
	prev := ""
	return lines(r, func(n int, line []byte) error {
		var e Entry
		if err := json.Unmarshal(line, &e); err != nil {
			return fmt.Errorf("line %d is not an entry: %w", n, err)
		}
		if e.Number != n || e.Prev != prev {
			return fmt.Errorf("line %d does not follow from the line before it: something was changed, added or taken out", n)
		}
		sum := sha256.Sum256(line)
		prev = hex.EncodeToString(sum[:])
		return nil
	})
}

func lines(r io.Reader, each func(n int, line []byte) error) error {
	s := bufio.NewScanner(r)
	s.Buffer(nil, maxLine)
	for n := 1; s.Scan(); n++ {
		if err := each(n, s.Bytes()); err != nil {
			return err
		}
	}
	return s.Err()
}

// HashFile gives the SHA-256 of a file, hex.
func HashFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

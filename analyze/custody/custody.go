// Package custody keeps the log of what was done to a case: one JSON line an act, each holding the hash of the line
// before, so that a line changed or taken out is found (RFC 8785 is not needed: a line is hashed as written).
//
// An entry is written for every command that changes a case or takes patient data or evidence out of it: analyze, rules run, report,
// extract, carve, reveal, verify, and a query of a case that keeps patient data in clear. A query of a case with pseudonyms is not
// logged: it changes nothing and names nobody, and programs ask thousands of times.
//
// Limits: the log vouches for every line but its last, and who may write the file can write it anew from the first. Both are found
// only by who noted the hash of the last line (Head) elsewhere, which analyze prints for that. User and host are what the operating
// system says of itself. Locks are those of the operating system (flock); a file system without them has none.
package custody

import (
	"bufio"
	"bytes"
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

// Append adds an entry to the log in a case's folder; Number, Time, Who, Host and Prev are filled in. The log is replaced as a whole, so
// that a crash or a full disk leaves it as it was; processes that append at the same time wait for each other.
func Append(dir string, e Entry, now time.Time) error {
	path := filepath.Join(dir, FileName)
	old, err := Hold(path, true)
	if err != nil {
		return fmt.Errorf("custody log: %w", err)
	}
	defer old.Close()
	last, n, err := Head(path)
	if err != nil {
		return fmt.Errorf("custody log %s: %w", path, err)
	}
	e.Number, e.Prev, e.Time = n+1, last, now.UTC().Format(time.RFC3339Nano)
	e.Who, e.Host = Who()
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	line = append(line, '\n')
	if torn(old) { // a line that something else cut short stays a line of its own, which Check names
		line = append([]byte{'\n'}, line...)
	}
	if err := Replace(path, io.MultiReader(old, bytes.NewReader(line))); err != nil {
		return fmt.Errorf("custody log %s: %w", path, err)
	}
	return nil
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

// Who is the user of this process and the machine's name.
func Who() (name, host string) {
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	host, _ = os.Hostname()
	return name, host
}

// Head gives the hash of the log's last line and the number of lines: "" and 0 where there is no log yet. Noted elsewhere, it holds the
// log to what it was.
func Head(path string) (string, int, error) {
	f, err := Open(path)
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

// Line is an entry with the hash of its line.
type Line struct {
	Entry
	Hash string
}

// Read gives the lines of a log as far as its chain holds; the error names the first line at which it breaks.
func Read(r io.Reader) ([]Line, error) {
	var out []Line
	prev := ""
	err := lines(r, func(n int, line []byte) error {
		var e Entry
		if err := json.Unmarshal(line, &e); err != nil {
			return fmt.Errorf("line %d is not an entry: %w", n, err)
		}
		if e.Number != n || e.Prev != prev {
			return fmt.Errorf("line %d does not follow from the line before it: something was changed, added or taken out", n)
		}
		sum := sha256.Sum256(line)
		prev = hex.EncodeToString(sum[:])
		out = append(out, Line{e, prev})
		return nil
	})
	return out, err
}

// Check walks the log's chain and names the first line at which it breaks.
func Check(r io.Reader) error {
	_, err := Read(r)
	return err
}

func lines(r io.Reader, each func(n int, line []byte) error) error {
	s := bufio.NewScanner(r)
	s.Buffer(nil, maxLine)
	s.Split(line)
	for n := 1; s.Scan(); n++ {
		if err := each(n, s.Bytes()); err != nil {
			return err
		}
	}
	return s.Err()
}

// line splits at line feeds alone: bufio.ScanLines takes a carriage return away with them, and a byte that somebody added would go unseen.
func line(data []byte, last bool) (int, []byte, error) {
	if i := bytes.IndexByte(data, '\n'); i >= 0 {
		return i + 1, data[:i], nil
	}
	if last && len(data) > 0 {
		return len(data), data, nil
	}
	return 0, nil, nil
}

// HashFile gives the SHA-256 of a plain file, hex.
func HashFile(path string) (string, error) {
	f, err := Open(path)
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

package custody

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"wardtrace/samples"
)

var began = time.Date(2026, 11, 20, 3, 0, 0, 0, time.FixedZone("", 3600))

// write makes a log of n entries and gives its text.
func write(t testing.TB, dir string, n int) []byte {
	t.Helper()
	for i := range n {
		e := Entry{Tool: "wardtrace test", Command: []string{"analyze", "a b", "\n"}, Act: fmt.Sprintf("act %d of Zoë", i+1), Inputs: map[string]string{"x.pcap": "00"}}
		if err := Append(dir, e, began.Add(time.Duration(i)*time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(filepath.Join(dir, FileName))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestAppend(t *testing.T) {
	dir := t.TempDir()
	text := write(t, dir, 3)
	if err := Check(bytes.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	lines := bytes.Split(bytes.TrimSuffix(text, []byte("\n")), []byte("\n"))
	if len(lines) != 3 {
		t.Fatalf("%d lines, want 3", len(lines))
	}
	for i, l := range lines {
		var e Entry
		if err := json.Unmarshal(l, &e); err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprintf("2026-11-20T02:0%d:00Z", i); e.Number != i+1 || e.Time != want || e.Act != fmt.Sprintf("act %d of Zoë", i+1) || e.Command[2] != "\n" || (e.Prev == "") != (i == 0) {
			t.Errorf("line %d: %+v, want number %d and time %s", i+1, e, i+1, want)
		}
	}
	info, err := os.Stat(filepath.Join(dir, FileName))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
	}
	head, n, err := Head(filepath.Join(dir, FileName))
	if err != nil || n != 3 || len(head) != 64 {
		t.Errorf("head %q of %d lines, %v", head, n, err)
	}
}

// TestTampered holds that what was changed in a log is found, and at which line.
func TestTampered(t *testing.T) {
	text := string(write(t, t.TempDir(), 4))
	lines := strings.SplitAfter(text, "\n")[:4]
	for name, tt := range map[string]struct {
		text string
		line string // "" = nothing wrong
	}{
		"as written":     {text, ""},
		"empty":          {"", ""},
		"no last end":    {strings.TrimSuffix(text, "\n"), ""},
		"changed":        {strings.Replace(text, "act 2", "ACT 2", 1), "line 3"},
		"a space":        {strings.Replace(text, `"tool":`, `"tool": `, 1), "line 2"},
		"a return":       {strings.Replace(text, "\n", "\r\n", 1), "line 2"},
		"taken out":      {lines[0] + lines[2] + lines[3], "line 2"},
		"first one out":  {lines[1] + lines[2] + lines[3], "line 1"},
		"swapped":        {lines[0] + lines[2] + lines[1] + lines[3], "line 2"},
		"twice":          {lines[0] + lines[1] + lines[1] + lines[2] + lines[3], "line 3"},
		"another number": {strings.Replace(text, `"number":4`, `"number":5`, 1), "line 4"},
		"another past":   {strings.Replace(text, `"prev":""`, `"prev":"00"`, 1), "line 1"},
		"an empty line":  {lines[0] + "\n" + lines[1], "line 2 is not an entry"},
		"no entry":       {lines[0] + "{\n", "line 2 is not an entry"},
	} {
		switch err := Check(strings.NewReader(tt.text)); {
		case tt.line == "" && err != nil, tt.line != "" && (err == nil || !strings.Contains(err.Error(), tt.line)):
			t.Errorf("%s: %v, want %q", name, err, tt.line)
		}
	}
}

// TestTorn holds that an entry after one that a crash cut short is whole, and that the torn one is named.
func TestTorn(t *testing.T) {
	dir := t.TempDir()
	text := write(t, dir, 2)
	path := filepath.Join(dir, FileName)
	if err := os.WriteFile(path, text[:len(text)-20], 0o600); err != nil {
		t.Fatal(err)
	}
	text = write(t, dir, 1)
	if err := Check(bytes.NewReader(text)); err == nil || !strings.Contains(err.Error(), "line 2 is not an entry") {
		t.Errorf("%v, want the torn line named", err)
	}
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	var e Entry
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &e); err != nil || len(lines) != 3 || e.Number != 3 {
		t.Errorf("%v; the last of %d lines is %+v, want a whole entry 3", err, len(lines), e)
	}
}

// TestLongLine holds that a run over very many inputs does not make a log that cannot be gone on with.
func TestLongLine(t *testing.T) {
	dir := t.TempDir()
	e := Entry{Act: "analysed", Inputs: map[string]string{}}
	for i := range 200_000 {
		e.Inputs[fmt.Sprintf("/captures/2026/ward-%06d.pcap.gz", i)] = strings.Repeat("0", 64)
	}
	for range 2 {
		if err := Append(dir, e, began); err != nil {
			t.Fatal(err)
		}
	}
	f, err := os.Open(filepath.Join(dir, FileName))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := Check(f); err != nil {
		t.Error(err)
	}
}

func TestHashFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x")
	if err := os.WriteFile(path, []byte("abc"), 0o600); err != nil {
		t.Fatal(err)
	}
	if sum, err := HashFile(path); err != nil || sum != "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" { // FIPS 180-2, B.1
		t.Errorf("%s, %v", sum, err)
	}
	if _, err := HashFile(path + ".none"); err == nil {
		t.Error("a file that is not there has a hash")
	}
}

// TestAtOnce holds that processes that append at the same time leave an unbroken chain.
func TestAtOnce(t *testing.T) {
	dir := t.TempDir()
	var wg sync.WaitGroup
	for range 8 { // a lock belongs to an open file: goroutines meet it as processes do
		wg.Go(func() {
			for range 3 {
				if err := Append(dir, Entry{Act: "x"}, began); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	text, err := os.ReadFile(filepath.Join(dir, FileName))
	if err != nil || Check(bytes.NewReader(text)) != nil || bytes.Count(text, []byte("\n")) != 24 {
		t.Errorf("%v, %v, %d lines, want 24", err, Check(bytes.NewReader(text)), bytes.Count(text, []byte("\n")))
	}
}

// TestHold holds that what is held is held once, and free when it is closed.
func TestHold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	f, err := Hold(path, false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Hold(path, false); !errors.Is(err, ErrHeld) || !Held(path) {
		t.Errorf("%v, want that it is held", err)
	}
	if err := f.Close(); err != nil || Held(path) {
		t.Errorf("%v; it is held after its holder closed it", err)
	}
	if f, err = Hold(path, false); err != nil {
		t.Fatal(err)
	}
	f.Close()
}

// TestNotPlain holds that a pipe or a device in a file's place is refused, and nobody waits for it.
func TestNotPlain(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, FileName)
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		samples.Skip(t, "%v", err)
	}
	zero := filepath.Join(dir, "zero")
	if err := os.Symlink("/dev/zero", zero); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		_, pipe := HashFile(path)
		_, device := HashFile(zero)
		_, _, head := Head(path)
		for _, err := range []error{pipe, device, head, Append(dir, Entry{Act: "x"}, began)} {
			if !errors.Is(err, ErrNotPlain) {
				done <- fmt.Errorf("%v, want %v", err, ErrNotPlain)
				return
			}
		}
		done <- nil
	}()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("it waits for what comes out of a pipe")
	}
}

// TestReplace holds that a file that cannot be written as a whole stays as it was.
func TestReplace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x")
	if err := Replace(path, strings.NewReader("old")); err != nil {
		t.Fatal(err)
	}
	fault := errors.New("no space")
	if err := Replace(path, io.MultiReader(strings.NewReader("new"), iotest.ErrReader(fault))); !errors.Is(err, fault) {
		t.Errorf("%v, want %v", err, fault)
	}
	text, err := os.ReadFile(path)
	if _, gone := os.Stat(path + NewSuffix); err != nil || string(text) != "old" || !os.IsNotExist(gone) {
		t.Errorf("%q, %v, %v", text, err, gone)
	}
}

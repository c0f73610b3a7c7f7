package capture

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestScratch holds that what goes to scratch comes back, is for its owner alone, has no name that could stay behind, and takes up no
// more than it may.
func TestScratch(t *testing.T) {
	dir := t.TempDir()
	s := &scratch{dir: dir, limit: 3 * scratchChunk}
	text := bytes.Repeat([]byte("0123456789abcdef"), 2*scratchChunk/16+1) // two chunks and a little
	p, err := s.keep(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	info, err := s.file.Stat()
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if left, err := os.ReadDir(dir); len(left) > 0 || err != nil {
		t.Errorf("while it is open the folder holds %v, %v", left, err)
	}
	if _, err := s.keep(bytes.NewReader(text)); err == nil || !strings.Contains(err.Error(), "--scratch-max") {
		t.Errorf("more than it may hold: %v", err)
	}
	if got, err := io.ReadAll(p); err != nil || !bytes.Equal(got, text) {
		t.Errorf("%d bytes came back of %d, %v", len(got), len(text), err)
	}
	s.close()
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if _, err := s.chunk(); err == nil {
		t.Error("a closed file gives chunks")
	}
}

// TestNoScratch holds that where no file can be made, the error says what to do.
func TestNoScratch(t *testing.T) {
	s := &scratch{dir: filepath.Join(t.TempDir(), "none"), limit: scratchChunk}
	if _, err := s.keep(strings.NewReader("x")); err == nil || !strings.Contains(err.Error(), "--scratch") {
		t.Errorf("%v; want it to name --scratch", err)
	}
}

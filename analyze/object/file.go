package object

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"syscall"
)

// errLimit says that no more of an object is written.
var errLimit = errors.New("a limit of the extraction is reached")

// file is being written. Its beginning is held; what does not fit goes to a file under a number until its hash names it. No descriptor
// stays open between writes: a capture may leave any number of objects unfinished.
type file struct {
	buf  []byte
	path string // of what was written already, "" if nothing was
	sum  hash.Hash
	size int64
	head []byte // its first bytes, which tell its type
}

func (f *Folder) create() *file { return &file{sum: sha256.New()} }

// write appends, within the limits on one object and on all. It names the limit that was reached, "" if none was.
func (f *Folder) write(x *file, p []byte) (limit string) {
	if f.failed != nil {
		return ""
	}
	if room := f.limits.Size - x.size; int64(len(p)) > room {
		p, limit = p[:max(room, 0)], flagSize
	}
	if room := f.limits.Bytes - f.total; int64(len(p)) > room {
		p, limit = p[:max(room, 0)], flagBytes
	}
	x.sum.Write(p)
	if room := sniffLen - len(x.head); room > 0 {
		x.head = append(x.head, p[:min(room, len(p))]...)
	}
	x.size, f.total, f.held = x.size+int64(len(p)), f.total+int64(len(p)), f.held+int64(len(p))
	x.buf = append(x.buf, p...)
	if len(x.buf) > maxBuffer || f.held > maxHeld {
		f.spill(x)
	}
	return limit
}

// spill writes what is held to the file.
func (f *Folder) spill(x *file) {
	if x.path == "" {
		f.n++
		x.path = filepath.Join(f.dir, fmt.Sprintf("%d.part", f.n))
		f.flush(x, x.path, os.O_CREATE|os.O_EXCL)
		return
	}
	f.flush(x, x.path, os.O_APPEND)
}

// flush writes what is held: to a file that is not there yet (O_EXCL: in a folder of others somebody may have put a link in its place), or
// to the end of one that is.
func (f *Folder) flush(x *file, path string, how int) {
	f.held -= int64(len(x.buf))
	out, err := os.OpenFile(path, how|os.O_WRONLY|syscall.O_NOFOLLOW, 0o600)
	if err == nil {
		_, err = out.Write(x.buf)
		err = errors.Join(err, out.Close())
	}
	f.fail(err)
	if x.buf = x.buf[:0]; f.held > maxHeld/2 {
		x.buf = nil
	}
}

func (f *Folder) fail(err error) {
	if err != nil && f.failed == nil {
		f.failed = fmt.Errorf("cannot write an object: %w", err)
	}
}

// place gives a whole file its name.
func (f *Folder) place(x *file, path string) {
	if x.path == "" {
		f.flush(x, path, os.O_CREATE|os.O_EXCL)
		return
	}
	if len(x.buf) > 0 {
		f.flush(x, x.path, os.O_APPEND)
	}
	f.fail(os.Rename(x.path, path))
}

// drop takes a file back.
func (f *Folder) drop(x *file) {
	f.held -= int64(len(x.buf))
	f.total -= x.size
	x.buf = nil
	if x.path != "" {
		f.fail(os.Remove(x.path))
	}
}

// read gives what was written so far. It is valid until the next write, and must be closed.
func (f *Folder) read(x *file) (io.ReadCloser, error) {
	if x.path == "" {
		return io.NopCloser(bytes.NewReader(x.buf)), nil
	}
	if len(x.buf) > 0 {
		f.flush(x, x.path, os.O_APPEND)
	}
	return os.Open(x.path)
}

package capture

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sync"
)

// scratch is a file for what has to be read in another order than it comes: mode 0600, made when it is first needed, and
// unlinked as soon as it is open, so that nothing stays even after kill -9. (Windows cannot unlink an open file: there it
// goes when the stream is closed.) It is used in chunks, which are given back as they are read.
type scratch struct {
	dir   string
	limit int64

	mu    sync.Mutex
	file  *os.File
	end   int64   // chunks begin below
	spare []int64 // chunks that were given back
	used  int64
	bad   error // why no file could be made
}

// chunk claims a chunk.
func (s *scratch) chunk() (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.used+scratchChunk > s.limit {
		return 0, &fault{"capture_limit", "file", fmt.Sprintf("more than %d bytes would have to be kept in scratch to read it in order (--scratch-max)", s.limit)}
	}
	if s.file == nil && s.bad == nil {
		s.bad = s.create()
	}
	if s.bad != nil {
		return 0, s.bad
	}
	s.used += scratchChunk
	if n := len(s.spare); n > 0 {
		at := s.spare[n-1]
		s.spare = s.spare[:n-1]
		return at, nil
	}
	s.end += scratchChunk
	return s.end - scratchChunk, nil
}

func (s *scratch) create() error {
	var name [8]byte
	rand.Read(name[:])
	path := filepath.Join(s.dir, ".wardtrace-scratch-"+hex.EncodeToString(name[:]))
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return &fault{"capture_unreadable", "file", fmt.Sprintf("needs a scratch file, which cannot be made: %v; name a folder with --scratch", err)}
	}
	if runtime.GOOS != "windows" {
		os.Remove(path)
	}
	s.file = f
	return nil
}

func (s *scratch) giveBack(chunk int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.spare = append(s.spare, chunk)
	s.used -= scratchChunk
}

func (s *scratch) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file != nil {
		s.file.Close()
		os.Remove(s.file.Name())
		s.file, s.bad = nil, errClosed
	}
}

// keep copies what r has left. The error is r's, or says why no more could be kept; what was kept is valid either way.
func (s *scratch) keep(r io.Reader) (*spool, error) {
	p := &spool{in: s}
	buf := make([]byte, scratchChunk)
	for {
		n, k := 0, 0
		var err error
		for n < len(buf) && err == nil {
			k, err = r.Read(buf[n:])
			n += k
		}
		if n > 0 {
			if bad := p.add(buf[:n]); bad != nil {
				return p, bad
			}
		}
		if err == io.EOF {
			return p, nil
		}
		if err != nil {
			return p, err
		}
	}
}

// spool is bytes in scratch: read once from the front, which gives their room back, or at any offset.
type spool struct {
	in     *scratch
	chunks []int64
	size   int64
	at     int64 // Read's place
	freed  int   // chunks given back
}

func (p *spool) add(b []byte) error {
	at, err := p.in.chunk()
	if err != nil {
		return err
	}
	p.chunks = append(p.chunks, at)
	if _, err := p.in.file.WriteAt(b, at); err != nil {
		return &fault{"capture_unreadable", "file", fmt.Sprintf("the scratch file cannot be written: %v; name another folder with --scratch", plain(err))}
	}
	p.size += int64(len(b))
	return nil
}

// ReadAt reads at an offset. Every chunk but the last is full.
func (p *spool) ReadAt(b []byte, off int64) (n int, err error) {
	for n < len(b) && err == nil {
		if off+int64(n) >= p.size {
			return n, io.EOF
		}
		c, in := (off+int64(n))/scratchChunk, (off+int64(n))%scratchChunk
		want := min(int64(len(b)-n), scratchChunk-in, p.size-off-int64(n))
		var k int
		k, err = p.in.file.ReadAt(b[n:n+int(want)], p.chunks[c]+in)
		if n += k; int64(k) == want {
			err = nil
		}
	}
	return n, err
}

func (p *spool) hold() error { return nil }
func (p *spool) release()    {}

// Read gives the next bytes and their room back.
func (p *spool) Read(b []byte) (int, error) {
	if p == nil {
		return 0, io.EOF
	}
	n, err := p.ReadAt(b, p.at)
	p.at += int64(n)
	for ; int64(p.freed+1)*scratchChunk <= p.at; p.freed++ {
		p.in.giveBack(p.chunks[p.freed])
	}
	if n > 0 {
		err = nil
	}
	return n, err
}

// free gives the room back.
func (p *spool) free() {
	if p == nil {
		return
	}
	for ; p.freed < len(p.chunks); p.freed++ {
		p.in.giveBack(p.chunks[p.freed])
	}
	p.size = 0
}

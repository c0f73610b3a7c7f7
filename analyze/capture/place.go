package capture

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

// A place is where the bytes of an input lie. It can be opened again and again.
type place interface {
	// open gives the bytes from offset at on; what is not seekable takes only 0.
	open(at int64) (io.ReadCloser, error)
	seekable() bool
}

// disk is a file of its own.
type disk string

func (d disk) seekable() bool { return true }

func (d disk) open(at int64) (io.ReadCloser, error) {
	f, err := os.Open(string(d))
	if err != nil {
		return nil, err
	}
	if _, err := f.Seek(at, io.SeekStart); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// store is what can be read at any offset and must be held open for that.
type store interface {
	io.ReaderAt
	hold() error
	release()
}

// shared is a file on the disk whose members are read side by side through one descriptor. It is closed while nobody
// holds it, so that a folder of ten thousand archives needs few.
type shared struct {
	path string
	mu   sync.Mutex
	file *os.File
	uses int
}

func (s *shared) hold() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == nil {
		f, err := os.Open(s.path)
		if err != nil {
			return err
		}
		s.file = f
	}
	s.uses++
	return nil
}

func (s *shared) release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.uses--; s.uses == 0 {
		s.file.Close()
		s.file = nil
	}
}

// ReadAt is called by those who hold it.
func (s *shared) ReadAt(p []byte, off int64) (int, error) { return s.file.ReadAt(p, off) }

// extent is a run of bytes in a store: a member that is neither packed nor encrypted, or an archive.
type extent struct {
	in        store
	off, size int64
}

func (e extent) seekable() bool { return true }

func (e extent) open(at int64) (io.ReadCloser, error) {
	if err := e.in.hold(); err != nil {
		return nil, err
	}
	at = min(max(at, 0), e.size)
	return &holding{io.NewSectionReader(e.in, e.off+at, e.size-at), e.in}, nil
}

// ReadAt reads of the extent and not beyond it. Its store must be held.
func (e extent) ReadAt(p []byte, off int64) (int, error) {
	return io.NewSectionReader(e.in, e.off, e.size).ReadAt(p, off)
}

// part is a run of bytes in it, false if it does not lie in it.
func (e extent) part(off, size int64) (extent, bool) {
	if off < 0 || size < 0 || off > e.size || size > e.size-off {
		return extent{}, false
	}
	return extent{e.in, e.off + off, size}, true
}

// holding is an open reader of an extent.
type holding struct {
	io.Reader
	in store
}

var errClosed = errors.New("it was closed")

func (h *holding) Close() error {
	if h.in != nil {
		h.in.release()
		h.in = nil
	}
	return nil
}

func (h *holding) Read(p []byte) (int, error) {
	if h.in == nil {
		return 0, errClosed
	}
	return h.Reader.Read(p)
}

// A whole is a place that can be read anywhere.
type whole interface{ bytes() extent }

func (e extent) bytes() extent { return e }

// storedPart is a member that is not packed but has a checksum, which is checked if it is read from its start.
type storedPart struct {
	extent
	protocol string
	check    func() checker
}

func (s storedPart) open(at int64) (io.ReadCloser, error) {
	r, err := s.extent.open(at)
	if err != nil || at != 0 {
		return r, err
	}
	return &measured{r: r, left: s.size, limit: s.size, protocol: s.protocol, check: s.check(), close: func() { r.Close() }}, nil
}

// packedPart is a member that is packed on its own, as in a zip.
type packedPart struct {
	part     extent
	size     int64 // unpacked
	limit    int64 // bytes after which it is taken for a bomb
	protocol string
	unpack   func(r io.Reader) (io.ReadCloser, error)
	check    func() checker // of the unpacked bytes; nil if there is none
}

func (p packedPart) seekable() bool { return false }

func (p packedPart) open(int64) (io.ReadCloser, error) {
	raw, err := p.part.open(0)
	if err != nil {
		return nil, err
	}
	un, err := guarded(func() (io.ReadCloser, error) { return p.unpack(raw) })
	if err != nil {
		raw.Close()
		return nil, &fault{"capture_damaged", p.protocol, fmt.Sprintf("the packed member cannot be read (%v)", err)}
	}
	m := &measured{r: un, left: p.size, limit: p.limit, protocol: p.protocol, close: func() { un.Close(); raw.Close() }}
	if p.check != nil {
		m.check = p.check()
	}
	return m, nil
}

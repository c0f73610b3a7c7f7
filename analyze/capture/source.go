package capture

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"os"
	"sync/atomic"
)

// source is an input as it lies on the disk, or comes through a pipe. It hashes and counts the bytes that are read
// for the first time.
type source struct {
	path string
	pipe io.Reader     // instead of path, for what cannot be opened again; valid iff not nil
	file *os.File      // open between reads; nil if keep is false, before the first read and after the end
	keep bool          // leave it open between reads
	off  int64         // bytes read
	head []byte        // read by prime, not yet given out
	hash hash.Hash     // nil while probing
	done *atomic.Int64 // bytes read of all inputs; nil while probing
	err  error
}

// prime reads ahead the first n bytes, or what there is.
func (s *source) prime(n int) ([]byte, error) {
	buf := make([]byte, n)
	k, err := io.ReadFull(readerFunc(s.physical), buf)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = nil
	}
	s.head = buf[:k:k]
	return s.head, err
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// Read gives the next bytes; those that prime has read come first.
func (s *source) Read(p []byte) (int, error) {
	if len(s.head) > 0 {
		n := copy(p, s.head)
		s.head = s.head[n:]
		return n, nil
	}
	return s.physical(p)
}

func (s *source) physical(p []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	r := s.pipe
	if r == nil {
		if s.err = s.reopen(); s.err != nil {
			return 0, s.err
		}
		r = s.file
	}
	n, err := r.Read(p)
	s.off += int64(n)
	if s.hash != nil {
		s.hash.Write(p[:n])
	}
	if s.done != nil {
		s.done.Add(int64(n))
	}
	if s.err = err; err != nil || !s.keep {
		s.close()
	}
	return n, err
}

func (s *source) reopen() error {
	if s.file != nil {
		return nil
	}
	f, err := os.Open(s.path)
	if err != nil {
		return err
	}
	if _, err := f.Seek(s.off, io.SeekStart); err != nil {
		f.Close()
		return err
	}
	s.file = f
	return nil
}

// rest reads to the end for the hash alone and reports whether it got there.
func (s *source) rest(stop func() bool) bool {
	s.head = nil
	buf := make([]byte, blockSize)
	for s.err == nil && !stop() {
		s.physical(buf)
	}
	s.close()
	return s.err == io.EOF
}

// sum is the SHA-256 of what was read.
func (s *source) sum() string { return hex.EncodeToString(s.hash.Sum(nil)) }

func (s *source) close() {
	if s.file != nil {
		s.file.Close()
		s.file = nil
	}
}

func newHash() hash.Hash { return sha256.New() }

package capture

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"sync/atomic"
)

// source is an input as it lies on the disk or in its archive, or comes through a pipe. It hashes and counts the bytes.
type source struct {
	at   place
	pipe io.Reader     // instead, for what cannot be opened again; valid iff not nil
	file io.ReadCloser // open between reads; nil if keep is false, before the first read and after the end
	keep bool          // leave it open between reads
	off  int64         // bytes read
	hash hash.Hash     // nil while probing
	done *atomic.Int64 // bytes read of all inputs; nil while probing
	err  error

	spent *spending // that rest counts on, for what is unpacked as it is read; nil for none
}

// Read gives the next bytes.
func (s *source) Read(p []byte) (int, error) {
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

func (s *source) reopen() (err error) {
	if s.file == nil {
		s.file, err = s.at.open(s.off)
		s.keep = s.keep || !s.at.seekable()
	}
	return err
}

// rest reads to the end for the hash alone and reports whether it got there.
func (s *source) rest(stop func() bool) bool {
	buf := make([]byte, blockSize)
	for s.err == nil && !stop() {
		n, _ := s.Read(buf)
		if why := s.spent.take(n); why != nil {
			s.err = why
		}
	}
	s.close()
	return s.whole()
}

// whole reports whether all of it was read. What its archive's checksum does not agree with was read all the same.
func (s *source) whole() bool {
	var f *fault
	return s.err == io.EOF || errors.As(s.err, &f) && f.text == errChecksum.Error()
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

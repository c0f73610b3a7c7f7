package capture

import (
	"fmt"
	"io"
	"sync"
)

// serial is an archive that can be read from front to back only: a packed tar, or a solid block of a 7-Zip archive. Its
// members are inputs like others, read when their turn comes in capture time. While that is also their order in the
// archive, they stream. A member that lies before the one that is wanted, or that was begun when another is wanted, goes
// to scratch first; so scratch holds what is out of order and no more.
type serial struct {
	begin   func() (passing, error) // opens the archive from its start
	scratch *scratch

	mu    sync.Mutex
	it    passing               // nil before the first read and after the end
	at    int                   // members that it has passed or stands at
	live  *serialReader         // who reads the member that it stands at
	later map[int]bool          // members that will be wanted
	kept  map[int]*serialReader // of them, those in scratch
}

// passing goes through the members of an archive.
type passing interface {
	next() error // goes to the next member, io.EOF at the end
	io.Reader    // of the member's bytes
	io.Closer
}

func newSerial(s *scratch, begin func() (passing, error)) *serial {
	return &serial{begin: begin, scratch: s, later: map[int]bool{}, kept: map[int]*serialReader{}}
}

// serialMember is a member of such an archive, by its place in it from 0.
type serialMember struct {
	in *serial
	n  int
}

func (m serialMember) seekable() bool { return false }

// want says that the member will be opened once.
func (m serialMember) want() {
	m.in.mu.Lock()
	m.in.later[m.n] = true
	m.in.mu.Unlock()
}

func (m serialMember) open(int64) (io.ReadCloser, error) {
	s := m.in
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.later, m.n)
	if r := s.kept[m.n]; r != nil {
		delete(s.kept, m.n)
		return r, nil
	}
	s.park()
	if s.it != nil && s.at > m.n {
		s.stop()
	}
	if s.it == nil {
		it, err := s.begin()
		if err != nil {
			return nil, err
		}
		s.it, s.at = it, 0
	}
	for {
		if err := s.it.next(); err != nil {
			s.stop()
			if err == io.EOF {
				err = fmt.Errorf("the archive has changed: it ends before this member")
			}
			return nil, err
		}
		r := &serialReader{in: s}
		s.at++
		s.live = r
		if s.at-1 == m.n {
			return r, nil
		}
		if s.later[s.at-1] {
			s.kept[s.at-1] = r
			s.park()
		}
	}
}

// park puts what is left of the member being read into scratch.
func (s *serial) park() {
	r := s.live
	if s.live = nil; r == nil {
		return
	}
	r.rest, r.err = s.scratch.keep(s.it)
}

// stop ends the pass through the archive.
func (s *serial) stop() {
	if s.it != nil {
		s.it.Close()
	}
	s.it, s.live = nil, nil
}

// close gives back what the archive holds; its members cannot be read any more.
func (s *serial) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stop()
	for _, r := range s.kept {
		r.rest.free()
	}
	s.kept = map[int]*serialReader{}
}

// serialReader is an open member: read from the archive while that stands at it, then from scratch.
type serialReader struct {
	in   *serial
	rest *spool // what was left of it when another was wanted; nil while it is live
	err  error  // behind rest
}

func (r *serialReader) Read(p []byte) (int, error) {
	s := r.in
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.live == r:
		return s.it.Read(p)
	case r.rest == nil:
		return 0, errClosed
	}
	n, err := r.rest.Read(p)
	if err == io.EOF && r.err != nil {
		err = r.err
	}
	return n, err
}

func (r *serialReader) Close() error {
	s := r.in
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.live == r {
		s.live = nil
	}
	r.rest.free()
	r.rest = nil
	return nil
}

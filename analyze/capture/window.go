package capture

import (
	"context"
	"errors"
	"io"
)

// window is the part of a capture that is held in memory: a buffer that is refilled in large blocks and grows, by
// doubling, only as far as bytes really arrive. A length in a file makes it allocate nothing.
type window struct {
	ctx    context.Context
	r      io.Reader
	buf    []byte
	lo, hi int
	off    int64 // offset of buf[lo] in the unpacked capture
	err    error // why no more comes: io.EOF at a clean end; valid iff not nil
	spent  *spending
}

// spending is how many unpacked bytes may still be read: of all inputs together, and within that of all that one file on
// the disk holds. Those who read packets count it, in stream order, so that the same bytes are left out in every run.
type spending struct {
	left int64
	why  error // why no more may be read
	of   *spending
}

func (s *spending) take(n int) error {
	for ; s != nil; s = s.of {
		if s.left -= int64(n); s.left < 0 {
			return s.why
		}
	}
	return nil
}

// account is the spending of one file on the disk and all in it: while looking for captures, and while reading them.
type account struct{ look, read spending }

// errUnpacked says that the whole run has unpacked too much.
var errUnpacked = errors.New("more than --max-unpacked bytes were unpacked in this run: the rest was left out")

// peek gives the next bytes without using them up: n of them, or all that are left if there are fewer. The bytes are
// valid until the next call.
func (w *window) peek(n int) []byte {
	for empty := 0; w.hi-w.lo < n && w.err == nil; {
		if w.hi == len(w.buf) {
			w.room(n)
		}
		if w.err = w.ctx.Err(); w.err != nil {
			break
		}
		k, err := w.r.Read(w.buf[w.hi:])
		w.hi += k
		if w.spent != nil {
			if why := w.spent.take(k); why != nil && err == nil {
				err = why
			}
		}
		if err != nil {
			w.err = err
		}
		if empty++; k > 0 {
			empty = 0
		} else if empty > 100 {
			w.err = io.ErrNoProgress
		}
	}
	return w.buf[w.lo:min(w.lo+n, w.hi)]
}

// room makes place behind the bytes held, for a caller that wants n.
func (w *window) room(n int) {
	if w.lo > 0 && w.hi-w.lo <= len(w.buf)/2 {
		w.hi = copy(w.buf, w.buf[w.lo:w.hi])
		w.lo = 0
		return
	}
	grown := make([]byte, max(2*len(w.buf), min(n, smallBlock)))
	w.hi = copy(grown, w.buf[w.lo:w.hi])
	w.buf, w.lo = grown, 0
}

// skip uses up n bytes that peek has shown.
func (w *window) skip(n int) {
	w.lo += n
	w.off += int64(n)
}

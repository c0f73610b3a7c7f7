package capture

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// taring goes through a tar archive (POSIX.1-2017 pax; GNU and older ones) from front to back, and through what was put
// behind it: archives one behind the other, as cat and some rotating writers leave them, are one here.
type taring struct {
	r io.Reader
	t *tar.Reader
	h *tar.Header
}

func passTar(r io.Reader) passing { return newTaring(r) }

func newTaring(r io.Reader) *taring { return &taring{r: r, t: tar.NewReader(r)} }

func (t *taring) next() error {
	for {
		h, err := guarded(t.t.Next)
		if err != io.EOF {
			t.h = h
			return err
		}
		if err := t.behind(); err != nil {
			return err
		}
	}
}

// behind goes over the zeros at the end of an archive. What follows them should be another; if it is not, its reader says
// so, and nothing is left out in silence.
func (t *taring) behind() error {
	buf := make([]byte, smallBlock)
	for {
		n, err := io.ReadFull(t.r, buf)
		at := 0
		for at < n && buf[at] == 0 {
			at++
		}
		if at -= at % tarBlock; at == n || len(bytes.Trim(buf[at:n], "\x00")) == 0 {
			if err == io.ErrUnexpectedEOF {
				err = io.EOF
			}
			if err != nil {
				return err
			}
			continue
		}
		if s, ok := t.r.(io.Seeker); ok { // members can be passed over there
			if _, err := s.Seek(int64(at-n), io.SeekCurrent); err != nil {
				return err
			}
			t.t = tar.NewReader(t.r)
			return nil
		}
		t.r = io.MultiReader(bytes.NewReader(buf[at:n]), t.r)
		t.t = tar.NewReader(t.r)
		return nil
	}
}

func (t *taring) Read(p []byte) (int, error) {
	return guarded(func() (int, error) { return t.t.Read(p) })
}

func (t *taring) Close() error { return nil }

func (t *taring) head() (entry, bool) {
	e := entry{name: t.h.Name, size: t.h.Size}
	if t.h.Typeflag == tar.TypeGNUSparse || t.h.PAXRecords["GNU.sparse.major"] != "" || t.h.PAXRecords["GNU.sparse.map"] != "" {
		e.bad = &fault{"capture_unreadable", "tar", "a sparse member, whose holes the archive leaves out, is not read"}
		return e, true
	}
	switch t.h.Typeflag {
	case tar.TypeLink, tar.TypeSymlink:
		e.link = true
		return e, true
	case tar.TypeDir, tar.TypeChar, tar.TypeBlock, tar.TypeFifo, tar.TypeXGlobalHeader:
		return e, false
	}
	return e, true // of an unknown type, too, as the standard wants it
}

// walkTar finds the members of a tar that can be read anywhere: they are read in place.
func walkTar(a *archive, e extent, each func(entry) error) error {
	r := io.NewSectionReader(e, 0, e.size)
	t := newTaring(r)
	for {
		if err := t.next(); err != nil {
			return tarEnd(err, r)
		}
		m, file := t.head()
		if !file {
			continue
		}
		at, err := r.Seek(0, io.SeekCurrent)
		if err != nil {
			return err
		}
		if part, ok := e.part(at, m.size); ok {
			m.at = part
		} else { // the tar is cut off here: what there is of the member is read
			part, _ = e.part(at, e.size-at)
			m.at = cutOff{part, m.size - part.size}
		}
		if err := each(m); err != nil {
			return err
		}
	}
}

// tarEnd says what is wrong with a tar whose headers go no further.
func tarEnd(err error, r io.Seeker) error {
	if err == io.EOF || errors.Is(err, errEnough) {
		return nil
	}
	at, _ := r.Seek(0, io.SeekCurrent)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return &fault{"capture_truncated", "tar", "the archive is cut off"}
	}
	return &fault{"capture_damaged", "tar", fmt.Sprintf("the archive is damaged near byte %d (%v): what follows was left out", at, err)}
}

// cutOff is a member of which the archive lacks the end.
type cutOff struct {
	part extent
	lost int64
}

func (c cutOff) seekable() bool { return false }

func (c cutOff) open(int64) (io.ReadCloser, error) {
	r, err := c.part.open(0)
	if err != nil {
		return nil, err
	}
	return &measured{r: r, left: c.part.size + c.lost, limit: c.part.size, protocol: "tar", close: func() { r.Close() }}, nil
}

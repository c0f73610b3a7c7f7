package capture

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
)

// taring goes through a tar archive (POSIX.1-2017 pax; GNU and older ones) from front to back.
type taring struct {
	t *tar.Reader
	h *tar.Header
}

func passTar(r io.Reader) passing { return &taring{t: tar.NewReader(r)} }

func (t *taring) next() error {
	h, err := guarded(t.t.Next)
	t.h = h
	return err
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
	return e, t.h.Typeflag == tar.TypeReg
}

// walkTar finds the members of a tar that can be read anywhere: they are read in place.
func walkTar(a *archive, e extent, each func(entry) error) error {
	r := io.NewSectionReader(e, 0, e.size)
	t := &taring{t: tar.NewReader(r)}
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

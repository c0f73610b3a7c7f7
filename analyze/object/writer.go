package object

import (
	"wardtrace/dissect/event"
)

// writer takes one object.
type writer struct {
	f       *Folder
	now     *event.Ref
	entry   Entry
	media   string   // as declared: it has the boundary of a multipart body
	ext     string   // that the dissector wants
	codings []string // to be undone, the last first
	file    *file
	holes   int64 // bytes that were lost, and of these
	filled  int64 // those in whose place zeros stand
	over    bool  // no more is written
}

// Write takes the next bytes.
func (w *writer) Write(p []byte) (int, error) {
	w.touch()
	if w.over || w.file == nil {
		return 0, errLimit
	}
	if limit := w.f.write(w.file, p); limit != "" {
		w.entry.Limit, w.over = limit, true
		return 0, errLimit
	}
	if w.f.failed != nil {
		w.over = true
		return 0, w.f.failed
	}
	return len(p), nil
}

// touch notes the packet that is being worked off as the object's last.
func (w *writer) touch() {
	if w.now != nil && w.now.File != 0 {
		w.entry.Last, w.entry.LastFile, w.entry.LastFrame = stamp(w.now.Time), w.now.File, w.now.Frame
	}
}

// Lose leaves a hole.
func (w *writer) Lose(n int64) {
	if n <= 0 || w.file == nil {
		return
	}
	w.entry.Missing += n
	if w.holes += n; w.holes > maxHole+maxHoles*(w.file.size-w.filled) || len(w.codings) > 0 {
		w.over = true
		return
	}
	w.filled += n
	for zeros := make([]byte, min(n, maxBuffer)); n > 0 && !w.over; n -= int64(len(zeros)) {
		w.Write(zeros[:min(n, int64(len(zeros)))])
	}
}

// Close undoes the codings, takes a multipart body to pieces, and puts what comes of it into the index.
func (w *writer) Close(complete bool) {
	f, x := w.f, w.file
	if x == nil || f.failed != nil {
		return
	}
	w.file, w.over = nil, true
	w.entry.Complete = complete && w.entry.Missing == 0 && w.entry.Limit == ""
	if len(w.codings) > 0 {
		x = f.undo(x, w.codings, &w.entry)
		if w.entry.Coding != "" { // nobody can look into it
			f.settle(x, w.entry, codingExt[w.entry.Coding])
			return
		}
	}
	if b := boundary(w.media); b != "" && f.parts(x, b, w.entry) {
		f.drop(x)
		return
	}
	f.settle(x, w.entry, w.ext)
}

package defrag

import (
	"net/netip"
	"slices"

	"wardtrace/dissect/event"
)

// maxNotes bounds the rows of one kind: an attack is clear after so many. What comes later is counted, and told by one
// row in the end.
const maxNotes = 1000

// Note is an anomaly row and the packet it stands on. Src and Dst are that packet's.
type Note struct {
	event.Ref
	event.Anomaly
	Src, Dst netip.Addr
}

// notes collects what was irregular.
type notes struct {
	list  []Note
	kinds []tally
}

type tally struct {
	kind  string
	rows  int
	extra int64
	last  Note // the last one that got no row
}

func (n *notes) add(ref event.Ref, src, dst netip.Addr, kind string, count int64, detail string) {
	i := slices.IndexFunc(n.kinds, func(t tally) bool { return t.kind == kind })
	if i < 0 {
		i = len(n.kinds)
		n.kinds = append(n.kinds, tally{kind: kind})
	}
	t := &n.kinds[i]
	t.rows++
	if t.rows > maxNotes {
		t.extra++
		t.last = Note{Ref: ref, Src: src, Dst: dst}
		return
	}
	n.list = append(n.list, Note{Ref: ref, Src: src, Dst: dst, Anomaly: event.Anomaly{Kind: kind,
		Protocol: protocol(src.Is4()), Detail: sentence(detail, src.String(), dst.String()), Count: count}})
}

// close tells of the notes that got no row of their own.
func (n *notes) close() {
	for i := range n.kinds {
		if t := &n.kinds[i]; t.extra > 0 {
			l := t.last
			l.Anomaly = event.Anomaly{Kind: t.kind, Protocol: "ip", Count: t.extra,
				Detail: "so many more of this kind, the last of them here, got no row of their own"}
			n.list = append(n.list, l)
		}
	}
	n.kinds = nil
}

// Notes gives what was irregular since the last call, in the order of the stream.
func (f *Defrag) Notes() []Note {
	l := f.notes.list
	f.notes.list = nil
	return l
}

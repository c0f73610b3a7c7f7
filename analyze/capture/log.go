package capture

import (
	"fmt"
	"slices"
	"strings"

	"wardtrace/analyze/packet"
	"wardtrace/dissect/event"
)

// log collects what is known and what is damaged about one input.
type log struct {
	row      File
	links    []packet.LinkType // of the interfaces seen so far
	ifaces   int               // of the section
	packing  string            // of the whole file, "" if it is not packed
	frame    uint32            // packets read so far: the number of the last one
	time     event.Time
	notes    []Damage
	noted    int64 // damages so far
	told     int   // notes that the caller has got
	unlisted int64 // of them, those over maxNotes, until close tells their number
	texts    []string
}

// damage notes that bytes of the capture could not be read: what, at which offset, how many bytes.
func (l *log) damage(kind, protocol string, at, lost int64, what string) {
	l.row.LostBytes += lost
	where := "byte"
	if l.packing != "" {
		where = "unpacked byte"
	}
	l.note(kind, protocol, lost, fmt.Sprintf("%s at %s %d", what, where, at))
}

// note adds an irregularity, as a row if there are not too many and as text of the file's row.
func (l *log) note(kind, protocol string, count int64, text string) {
	l.add(event.Ref{Time: l.time, Frame: l.frame}, event.Anomaly{Kind: kind, Protocol: protocol, Detail: text, Count: count})
}

// noteAt adds an irregularity of one packet.
func (l *log) noteAt(ref event.Ref, kind string, count int64, text string) {
	l.add(ref, event.Anomaly{Kind: kind, Protocol: l.row.Format, Detail: text, Count: count})
}

// remark adds what a reader should know although nothing is wrong with the input.
func (l *log) remark(ref event.Ref, kind string, count int64, text string) {
	l.notes = append(l.notes, Damage{Ref: ref, Anomaly: event.Anomaly{Kind: kind, Protocol: l.row.Format, Detail: text, Count: count}})
}

func (l *log) add(ref event.Ref, a event.Anomaly) {
	text := a.Detail
	l.noted++
	if len(l.notes) >= maxNotes {
		l.unlisted++
	} else {
		l.notes = append(l.notes, Damage{Ref: ref, Anomaly: a})
	}
	if len(l.texts) < maxDamageText {
		l.texts = append(l.texts, text)
	}
}

// close adds up what was over the caps.
func (l *log) close() {
	if l.unlisted > 0 {
		l.notes = append(l.notes, Damage{Ref: event.Ref{Time: l.time, Frame: l.frame},
			Anomaly: event.Anomaly{Kind: "capture_more_damage", Protocol: "file", Count: l.unlisted,
				Detail: fmt.Sprintf("%d more irregularities of this input, not listed one by one", l.unlisted)}})
		l.unlisted = 0
	}
}

// result is the row as it stands.
func (l *log) result() File {
	r := l.row
	r.Damages = l.noted
	r.Damage = strings.Join(l.texts, "; ")
	if n := l.noted - int64(len(l.texts)); n > 0 {
		r.Damage += fmt.Sprintf("; and %d more", n)
	}
	if r.WireBytes > 0 {
		r.Kept = event.Some(float64(r.CapBytes) / float64(r.WireBytes))
	}
	return r
}

// link notes the link type of an interface.
func (l *log) link(t packet.LinkType) {
	if len(l.links) < maxNamed && !slices.Contains(l.links, t) {
		l.links = append(l.links, t)
		list(&l.row.LinkTypes, linkName(t))
	}
}

// list adds a value to a short list of different ones.
func list(to *[]string, v string) {
	if v != "" && len(*to) < maxNamed && !slices.Contains(*to, v) {
		*to = append(*to, v)
	}
}

// say adds a value to a text of different ones.
func say(to *string, v string) {
	switch {
	case v == "" || len(*to) > maxText:
	case *to == "":
		*to = v
	case !slices.Contains(strings.Split(*to, "; "), v):
		*to += "; " + v
	}
}

// linkName is the link type's name if package packet gives it one, else its number.
func linkName(l packet.LinkType) string { return fmt.Sprint(l) }

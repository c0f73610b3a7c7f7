package hl7

import (
	"bytes"
	"fmt"

	"wardtrace/dissect"
	"wardtrace/dissect/event"
)

// Limits of one conversation. A listener that is flooded on purpose must cost us no more than these.
const (
	maxLine      = 64 << 10 // of a line's beginning: no field but OBX-5 comes near it
	maxTail      = 4 << 10  // of a line's end: the fields after a picture in OBX-5
	maxFields    = 128      // the longest segment of v2.9 has 96 fields; twice what is decoded
	maxText      = 4 << 10  // a cell
	maxChildren  = 4096     // rows below a message: they wait for its end
	maxChildText = 1 << 20  // their text: 4,096 notes of 4 KiB would be 16 MB
	maxIDs       = 256      // of them, identifiers of patients: a field of repetitions of four bytes must not make a row of each
	maxAwaiting  = 1024     // messages without an answer: one direction of a capture may be missing
	maxOutline   = 512      // bytes of outline
	maxIdentity  = 256      // different assertions about who is who
	largeMessage = 10 << 20 // noted: a document feed at most has some MB
	maxBlank     = 64       // blank bytes in front of the first message: more are another protocol's padding
)

// Protocol is HL7 version 2.
var Protocol = &dissect.Protocol{
	Name:       "hl7",
	Spec:       "HL7 v2.9 chapter 2; HL7 Transport Specification: MLLP, releases 1 and 2",
	Transports: []dissect.Transport{dissect.TCP, dissect.UDP},
	Ports:      []uint16{2575, 6661},
	MaxBuffer:  4096, // nothing is left over: the partial line is held here
	Tables:     []*event.Table{messages.Desc(), observations.Desc(), orders.Desc(), codes.Desc(), patientIDs.Desc(), batches.Desc()},
	Probe:      probe,
	New:        func(c *dissect.Conn) dissect.Dissector { return newConversation(c) },
}

// The bytes of MLLP.
const (
	startBlock = 0x0b
	endBlock   = 0x1c
	commitAck  = 0x06
	commitNak  = 0x15
)

// probe says yes to a header in a block or without one, in one, two or four bytes a character, and to a commit answer. In
// a conversation whose start was not seen, a block's start with a header behind it anywhere in the first bytes will do.
func probe(c *dissect.Conn, dir dissect.Dir, first []byte) dissect.Match {
	in := bytes.TrimLeft(first, "\x00\r\n")
	in, framed := bytes.CutPrefix(in, []byte{startBlock})
	for framed && len(in) > 0 && bytes.HasPrefix(in, []byte{endBlock}) { // a keep-alive: an empty block
		in = bytes.TrimLeft(in, "\x1c\r\n")
		in, framed = bytes.CutPrefix(in, []byte{startBlock})
	}
	in = bytes.TrimPrefix(bytes.TrimLeft(in, "\x00\r\n"), []byte("\xef\xbb\xbf"))
	if len(in) == 0 {
		if len(first) > maxBlank {
			return dissect.No
		}
		return dissect.Maybe
	}
	switch headKind(in) {
	case isHead:
		return orient(c, dir, in)
	case halfHead:
		return dissect.Maybe
	}
	if unit, _ := wideUnit(in); unit > 0 {
		return dissect.Yes
	}
	if framed {
		if m := probeBlock(in); m != dissect.No {
			return m
		}
	} else if len(in) < wideSample && couldBeWide(in) {
		return dissect.Maybe
	}
	if c.Midstream {
		return probeMiddle(first)
	}
	return dissect.No
}

// probeBlock judges a block that begins with no header: HLLP's, or a commit answer of MLLP release 2.
func probeBlock(in []byte) dissect.Match {
	commit := bytes.HasPrefix(in, []byte{commitAck, endBlock, '\r'}) || bytes.HasPrefix(in, []byte{commitNak, endBlock, '\r'})
	if commit || isHybrid(in) {
		return dissect.Yes
	}
	if len(in) < 3 && bytes.IndexByte([]byte("DN\x06\x15"), in[0]) >= 0 || len(in) < wideSample && couldBeWide(in) {
		return dissect.Maybe
	}
	return dissect.No
}

// probeMiddle looks for the start of a block, with a header behind it, after the rest of what began before the capture.
func probeMiddle(first []byte) dissect.Match {
	for rest := first; ; {
		_, after, ok := bytes.Cut(rest, []byte{startBlock})
		if !ok {
			break
		}
		if headKind(after) == isHead {
			return dissect.Yes
		}
		rest = after
	}
	if knownLines(first) {
		return dissect.Maybe
	}
	return dissect.No
}

// knownLines tells whether a line with a known name and the usual delimiter begins in b.
func knownLines(b []byte) bool {
	for {
		_, after, ok := bytes.Cut(b, []byte{'\r'})
		if !ok || len(after) < 4 {
			return false
		}
		if name, _, ok := bytes.Cut(after[:4], []byte(usual.field)); ok && knownSegments[string(name)] {
			return true
		}
		b = after
	}
}

// orient heeds a message type where the direction was guessed: listeners acknowledge, senders send.
func orient(c *dissect.Conn, dir dissect.Dir, in []byte) dissect.Match {
	if !c.Guessed {
		return dissect.Yes
	}
	end := bytes.IndexAny(in, "\r\n")
	if end >= 0 {
		in = in[:end]
	}
	rest, sep := in, in[3:4]
	for range 8 { // MSH-9 stands behind the eighth separator
		_, after, ok := bytes.Cut(rest, sep)
		if !ok {
			rest = nil
			break
		}
		rest = after
	}
	if len(rest) < 3 {
		if end < 0 && len(in) < dissect.ProbeLimit/2 {
			return dissect.Maybe
		}
		return dissect.Yes
	}
	kind := rest[:3]
	fromListener := bytes.Equal(kind, []byte("ACK"))
	fromSender := bytes.Equal(kind, []byte("ADT")) || bytes.Equal(kind, []byte("ORU")) || bytes.Equal(kind, []byte("ORM"))
	if fromListener && dir == dissect.FromClient || fromSender && dir == dissect.FromServer {
		return dissect.Swapped
	}
	return dissect.Yes
}

// conversation is one connection, or the datagrams between two ports.
type conversation struct {
	conn     *dissect.Conn
	half     [2]reader
	awaiting [2][]sent // messages of a direction that were not answered yet, oldest first
	spilled  bool      // more than maxAwaiting were
	known    map[event.Identity]struct{}
}

// sent is what an answer needs to know of its message.
type sent struct {
	controlID string
	seq       uint32
	at        event.Time
	app       string // MSH-5: whom the message was for
	committed bool
}

func newConversation(c *dissect.Conn) *conversation {
	v := &conversation{conn: c, known: map[event.Identity]struct{}{}}
	v.half[dissect.FromClient].init(v, dissect.FromClient)
	v.half[dissect.FromServer].init(v, dissect.FromServer)
	return v
}

// What waits counts for in the memory budget, with its texts: a message that awaits its answer, and a row below an open message,
// measured.
const (
	sentBytes  = 160
	childBytes = 768
)

// Held is the number of bytes that lines, open messages and those that await their answers take.
func (v *conversation) Held() int {
	n := (len(v.awaiting[0]) + len(v.awaiting[1])) * sentBytes
	for i := range v.half {
		r := &v.half[i]
		n += cap(r.head) + cap(r.tail)
		if m := r.msg; m != nil {
			n += m.held + m.waiting()*childBytes
		}
	}
	return n
}

// Feed takes all bytes: what is not whole yet is held by the direction's reader, within maxLine.
func (v *conversation) Feed(seg *dissect.Segment, out *event.Batch) (dissect.Progress, error) {
	other := &v.half[seg.Dir.Other()]
	if other.sawEnd { // 0x1C came last over there; an answer comes now, so it was the end
		other.endOfBlock(out, true)
	}
	other.endTurn(out)
	r := &v.half[seg.Dir]
	if seg.Gap > 0 {
		r.lost(out, seg.Ref, int64(seg.Gap))
	}
	r.ref = seg.Ref
	r.take(seg.Data, out)
	if v.conn.Transport != dissect.TCP {
		ended := "datagram"
		if seg.Cut > 0 {
			ended = "cut"
		}
		r.finish(out, ended)
	}
	return dissect.Progress{Used: len(seg.Data)}, nil
}

// Close ends what is open.
func (v *conversation) Close(out *event.Batch) {
	for i := range v.half {
		v.half[i].finish(out, "close")
		v.half[i].closeBatches(out)
		v.half[i].noteStray(out)
	}
}

// await keeps a message until it is answered.
func (v *conversation) await(dir dissect.Dir, m sent, ref event.Ref, out *event.Batch) {
	q := v.awaiting[dir]
	if len(q) >= maxAwaiting {
		if !v.spilled {
			v.spilled = true
			dissect.Anomaly(out, ref, "hl7", "hl7_unanswered", maxAwaiting,
				fmt.Sprintf("more than %d messages without an answer: the oldest are not matched any more", maxAwaiting))
		}
		q = append(q[:0], q[1:]...)
	}
	v.awaiting[dir] = append(q, m)
}

// answered finds the message of direction dir that an answer names: the oldest with that control id. A commit answer
// (enhanced mode, 2.9.3) leaves it waiting for the application's.
func (v *conversation) answered(dir dissect.Dir, controlID string, commit bool) (sent, bool) {
	q := v.awaiting[dir]
	for i := range q {
		if q[i].controlID != controlID || commit && q[i].committed {
			continue
		}
		m := q[i]
		if q[i].committed = true; !commit {
			v.awaiting[dir] = append(q[:i], q[i+1:]...)
		}
		return m, true
	}
	return sent{}, false
}

// commit finds the oldest message of direction dir that has no commit answer: those of MLLP release 2 name none.
func (v *conversation) commit(dir dissect.Dir) (sent, bool) {
	for i, m := range v.awaiting[dir] {
		if !m.committed {
			v.awaiting[dir][i].committed = true
			return m, true
		}
	}
	return sent{}, false
}

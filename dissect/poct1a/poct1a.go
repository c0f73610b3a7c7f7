package poct1a

import (
	"bytes"
	"fmt"

	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
	"wardtrace/dissect/xmlread"
)

// Limits of one conversation.
const (
	maxMessage  = 1 << 20 // bytes: an operator list of a hospital has some 100 KB
	maxRows     = 1024    // results of a message
	maxText     = 1 << 10 // bytes of a cell
	maxAwaiting = 64      // messages without an answer: one direction may be missing
	maxIdentity = 64      // different assertions about who is who
	maxName     = 32      // bytes of the first element's name
	maxLead     = 1 << 10 // bytes of blanks, NULs and XML declaration in front of a message
)

// Protocol is POCT1-A.
var Protocol = &dissect.Protocol{
	Name:       protocolName,
	Spec:       "CLSI POCT1-A2, device messaging layer",
	Transports: []dissect.Transport{dissect.TCP},
	MaxBuffer:  4096, // nothing is left over: messages are held here
	Tables:     []*event.Table{messages.Desc(), results.Desc()},
	Probe:      probe,
	New:        func(c *dissect.Conn) dissect.Dissector { return newConversation(c) },
}

const protocolName = "poct1a"

// probe wants the beginning of a message with its header.
func probe(c *dissect.Conn, _ dissect.Dir, first []byte) dissect.Match {
	if c.Carried != nil {
		return dissect.No
	}
	in, ok := lead(first)
	if !ok {
		return dissect.No
	}
	name, ok := rootName(in)
	switch {
	case !ok:
		return dissect.No
	case name == nil || len(in) < dissect.ProbeLimit/2 && !bytes.Contains(in, []byte("<HDR")):
		return dissect.Maybe
	case bytes.Contains(in, []byte("<HDR")):
		return dissect.Yes
	}
	return dissect.No
}

// lead takes off what may stand in front of a message: blanks, NULs, a byte order mark, the XML declaration. It tells whether what
// is left can be one.
func lead(in []byte) ([]byte, bool) {
	in = bytes.TrimPrefix(bytes.TrimLeft(in, " \t\r\n\x00"), []byte("\xef\xbb\xbf"))
	if bytes.HasPrefix(in, []byte("<?xml")) {
		_, rest, ok := bytes.Cut(in, []byte("?>"))
		if !ok {
			return nil, len(in) < maxLead
		}
		in = bytes.TrimLeft(rest, " \t\r\n\x00")
	}
	return in, len(in) == 0 || in[0] == '<'
}

// rootName gives the name of the first element, nil if it is not whole yet; not ok if it is none of ours: HEL.R01, DTV.SIEM.DVCMD.
func rootName(in []byte) (name []byte, ok bool) {
	c := cursor.New(in)
	if c.U8() != '<' {
		return nil, c.Short()
	}
	for n := 0; c.More(); n++ {
		b := c.U8()
		switch {
		case b == '>' || b == ' ' || b == '\r' || b == '\n':
			return in[1 : n+1], n >= 7
		case n < 3 && (b < 'A' || b > 'Z'), n == 3 && b != '.', n >= maxName:
			return nil, false
		case n > 3 && b != '.' && b != '_' && (b < '0' || b > '9') && (b|0x20 < 'a' || b|0x20 > 'z'):
			return nil, bytes.HasPrefix([]byte("<?xml"), in)
		}
	}
	return nil, true
}

// conversation is one connection.
type conversation struct {
	conn     *dissect.Conn
	half     [2]half
	awaiting [2][]sent // of a direction, oldest first
	known    map[event.Identity]struct{}
}

// half is one direction.
type half struct {
	buf  []byte
	scan int // bytes of buf in which the end tag is not
	over int64
	ref  event.Ref
	bad  bool // what follows is passed over up to the next message
}

// sent is what an answer needs to know of its message.
type sent struct {
	id  string
	seq uint32
	at  event.Time
}

func newConversation(c *dissect.Conn) *conversation {
	return &conversation{conn: c, known: map[event.Identity]struct{}{}}
}

// Held is the number of bytes of messages that are held.
func (v *conversation) Held() int { return cap(v.half[0].buf) + cap(v.half[1].buf) }

// Feed takes all bytes.
func (v *conversation) Feed(seg *dissect.Segment, out *event.Batch) (dissect.Progress, error) {
	h := &v.half[seg.Dir]
	if seg.Gap > 0 {
		if len(h.buf) > 0 && !h.bad {
			v.message(seg.Dir, h.buf, false, out)
			dissect.Anomaly(out, seg.Ref, protocolName, "poct1a_gap", int64(seg.Gap), "bytes of a message were lost")
		}
		*h = half{bad: true}
	}
	h.ref = seg.Ref
	h.buf = append(h.buf, seg.Data...)
	for v.next(seg.Dir, out) {
	}
	return dissect.Progress{Used: len(seg.Data)}, nil
}

// Close ends what is open.
func (v *conversation) Close(out *event.Batch) {
	for i := range v.half {
		h := &v.half[i]
		if in, _ := lead(h.buf); len(in) > 0 && !h.bad {
			v.message(dissect.Dir(i), h.buf, false, out)
		}
		*h = half{}
	}
}

// next takes one message from the buffer, if one is whole. It tells whether it took anything.
func (v *conversation) next(dir dissect.Dir, out *event.Batch) bool {
	h := &v.half[dir]
	if h.bad {
		return h.resync()
	}
	in, possible := lead(h.buf)
	name, ours := rootName(in)
	if len(in) > 0 && !possible || !ours {
		dissect.Anomaly(out, h.ref, protocolName, "poct1a_stray_bytes", 1, "bytes between messages that are none: passed over up to the next message")
		h.bad = true
		return true
	}
	if name == nil {
		return false
	}
	end := append(append([]byte("</"), name...), '>')
	from := max(0, h.scan-len(end))
	i := bytes.Index(h.buf[from:], end)
	if i < 0 {
		if h.scan = len(h.buf); len(h.buf) > maxMessage {
			v.message(dir, h.buf, false, out)
			dissect.Anomaly(out, h.ref, protocolName, "poct1a_large_message", int64(len(h.buf)), fmt.Sprintf("a message of more than %d bytes: the rest is passed over", maxMessage))
			h.buf, h.scan, h.bad = nil, 0, true
		}
		return false
	}
	n := from + i + len(end)
	v.message(dir, h.buf[:n], true, out)
	h.buf, h.scan = append([]byte(nil), h.buf[n:]...), 0
	return len(h.buf) > 0
}

// resync looks for the beginning of a message in what is passed over.
func (h *half) resync() bool {
	for from := 0; ; {
		i := bytes.IndexByte(h.buf[from:], '<')
		if i < 0 {
			h.buf = h.buf[:0]
			return false
		}
		from += i
		name, ok := rootName(h.buf[from:])
		switch {
		case ok && name == nil:
			h.buf = append(h.buf[:0], h.buf[from:]...)
			return false
		case ok && isMessage(name):
			h.buf, h.scan, h.bad = append(h.buf[:0], h.buf[from:]...), 0, false
			return true
		}
		from++
	}
}

// isMessage tells message names from those of the elements inside, HDR.control_id: a version or capitals follow the point.
func isMessage(name []byte) bool { return bytes.Equal(bytes.ToUpper(name), name) }

// message makes the rows of one message.
func (v *conversation) message(dir dissect.Dir, data []byte, whole bool, out *event.Batch) {
	h := &v.half[dir]
	data = bytes.TrimLeft(data, " \t\r\n\x00")
	doc := xmlread.Parse(data)
	if doc.Root == nil {
		return
	}
	m := newMessage(dir, doc.Root)
	m.row.Bytes, m.row.Complete = int64(len(data)), whole && doc.Problem == ""
	v.answer(dir, m, h.ref)
	m.emit(v, dir, h.ref, out)
}

// answer joins an acknowledgement to its message.
func (v *conversation) answer(dir dissect.Dir, m *message, ref event.Ref) {
	q := v.awaiting[dir.Other()]
	for i := range q {
		if m.row.AckControlID != "" && q[i].id == m.row.AckControlID {
			m.row.AckOf = event.Some(int64(q[i].seq))
			if q[i].at != 0 && ref.Time != 0 {
				m.row.LatencyMS = event.Some(float64(ref.Time-q[i].at) / 1e6)
			}
			v.awaiting[dir.Other()] = append(q[:i], q[i+1:]...)
			return
		}
	}
}

// await keeps a message until it is answered.
func (v *conversation) await(dir dissect.Dir, s sent) {
	q := v.awaiting[dir]
	if len(q) >= maxAwaiting {
		q = append(q[:0], q[1:]...)
	}
	v.awaiting[dir] = append(q, s)
}

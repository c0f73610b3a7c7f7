package hl7

import (
	"bytes"
	"fmt"
	"hash"
	"strings"

	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
)

// reader takes one direction to pieces: blocks, messages, lines. It sees every byte once.
type reader struct {
	v   *conversation
	dir dissect.Dir
	ref event.Ref // of the bytes taken last

	inBlock bool   // after 0x0B
	framing string // of the message that will begin next
	sawEnd  bool   // 0x1C was the last byte: what comes next tells whether it was the end
	sawCR   bool   // the last byte was CR, which ended a line
	size    int    // bytes of the block from 0x0B on, for HLLP's count
	xor     byte   // of those bytes, for HLLP's checksum
	wide    *wide  // characters of two or four bytes
	coded   *wide  // the same for the message that they are in, also while they are taken as UTF-8

	head   []byte // the line that is not whole yet, up to maxLine
	tail   []byte // its last bytes, if it is longer
	passed int    // its bytes after head
	seps   int    // field separators among them

	cells  cells
	hash   hash.Hash                // of the open message
	room   []reading                // for the observations of the next message
	fields []string                 // room for those of a line
	host   struct{ ip, mac string } // of this side, as identities name it; made when it is first wanted

	msg   *message // open message
	batch [2]*open // open batch, open file
	stray int64    // bytes that belong to no message
	noted int64    // of which an anomaly row tells
}

func (r *reader) init(v *conversation, dir dissect.Dir) {
	r.v, r.dir, r.framing = v, dir, "none"
}

// stops are the bytes that end a line, a block or a message.
const stops = "\r\n\x1c\x0b"

// take goes through the next bytes.
func (r *reader) take(data []byte, out *event.Batch) {
	c := cursor.New(data)
	for c.More() {
		if r.wide != nil {
			r.takeWide(&c, out)
			continue
		}
		if r.sawEnd && r.afterEnd(&c, out) {
			continue
		}
		look := c
		rest := look.Rest()
		if r.starting() { // the first bytes of a message tell how wide its characters are
			rest = rest[:min(len(rest), wideSample-len(r.head))]
		}
		n := bytes.IndexAny(rest, stops)
		if n < 0 {
			n = len(rest)
		}
		chunk := c.Bytes(n)
		r.tally(chunk)
		r.add(chunk)
		if n < len(rest) {
			r.stop(c.U8(), out)
		} else if len(r.head) == wideSample && r.msg == nil {
			r.testWide(out)
		}
	}
}

// starting tells that a message may begin with the bytes that come next.
func (r *reader) starting() bool { return r.msg == nil && r.passed == 0 && len(r.head) < wideSample }

// add appends bytes to the line. Beyond maxLine only the end of the line, the hash and the counts are kept up to date.
func (r *reader) add(b []byte) {
	if len(b) == 0 {
		return
	}
	r.sawCR = false
	if room := maxLine - len(r.head); room > 0 && r.passed == 0 {
		n := min(room, len(b))
		r.head = append(r.head, b[:n]...)
		b = b[n:]
	}
	if len(b) == 0 {
		return
	}
	if r.msg != nil {
		if r.passed == 0 {
			r.msg.hashLine(r.head)
		}
		r.msg.hash.Write(b)
		r.msg.kept.write(b)
		r.seps += bytes.Count(b, []byte(r.msg.field))
	}
	r.passed += len(b)
	r.tail = append(r.tail, b[max(0, len(b)-maxTail):]...)
	if len(r.tail) > 2*maxTail {
		r.tail = append(r.tail[:0], r.tail[len(r.tail)-maxTail:]...)
	}
}

// stop acts on a byte that may end something.
func (r *reader) stop(b byte, out *event.Batch) {
	if b != endBlock {
		r.tally([]byte{b})
	}
	switch b {
	case '\r':
		r.endLine(out, "cr")
		r.keepEnd(b)
		r.sawCR = true
	case '\n':
		r.lineFeed(out)
	case endBlock:
		r.sawEnd = true
	case startBlock:
		if r.msg == nil && !r.lateHeader() {
			r.strayLine()
			r.inBlock, r.framing = true, "mllp"
			r.size, r.xor = 1, startBlock
			return
		}
		r.add([]byte{b}) // endLine will tell whether a header follows it
	}
}

// keepEnd keeps the end of a line.
func (r *reader) keepEnd(b byte) {
	if r.msg != nil {
		r.msg.kept.write([]byte{b})
	}
}

// lateHeader tells that the line held so far is a header that never ended: the message of a sender that cut it off.
func (r *reader) lateHeader() bool { return len(r.head) > 0 && headKind(r.head) == isHead }

// lineFeed is the end of a line, its second half, or data.
func (r *reader) lineFeed(out *event.Batch) {
	switch {
	case r.sawCR:
		r.sawCR = false
		if r.msg != nil && r.msg.lines == 1 {
			r.msg.row.LineEnd = "crlf"
		}
		r.keepEnd('\n')
	case r.msg != nil && r.msg.row.LineEnd == "cr" && headKind(r.head) != isHead:
		r.add([]byte{'\n'})
	default:
		r.endLine(out, "lf")
		r.keepEnd('\n')
	}
}

// afterEnd looks at the byte after 0x1C. It tells whether it took it.
func (r *reader) afterEnd(c *cursor.Cursor, out *event.Batch) bool {
	switch next := c.Peek(0); {
	case next == '\r':
		c.Skip(1)
		r.endOfBlock(out, false)
		return true
	case next == '\n', next == startBlock, len(r.head) == 0:
		r.endOfBlock(out, true)
	default: // data: binary in OBX-5 that should have been encoded
		r.sawEnd = false
		r.tally([]byte{endBlock})
		r.add([]byte{endBlock})
	}
	return false
}

// endOfBlock ends the message. noCR tells that 0x0D after 0x1C was missing.
func (r *reader) endOfBlock(out *event.Batch, noCR bool) {
	r.sawEnd = false
	if r.commitAnswer(out) {
		r.inBlock, r.framing = false, "none"
		return
	}
	r.hybridTrailer()
	r.endLine(out, "")
	if m := r.msg; m != nil {
		switch {
		case m.row.Framing == "none":
			m.row.Framing = "mllp-no-start"
		case m.row.Framing == "mllp" && noCR:
			m.row.Framing = "mllp-no-cr"
		}
		r.close(out, "block")
	}
	r.strayLine()
	r.closeBatches(out)
	r.inBlock, r.framing, r.coded = false, "none", nil
}

// commitAnswer emits the row for a block of one byte, the commit answer of MLLP release 2.
func (r *reader) commitAnswer(out *event.Batch) bool {
	if !r.inBlock || r.msg != nil || len(r.head) != 1 {
		return false
	}
	code := ""
	switch {
	case bytes.Equal(r.head, []byte{commitAck}):
		code = "commit-ack"
	case bytes.Equal(r.head, []byte{commitNak}):
		code = "commit-nak"
	default:
		return false
	}
	r.head = r.head[:0]
	row := Message{Dir: r.dir.String(), Framing: "mllp2", Ended: "block", Bytes: 1, AckCode: code}
	if m, ok := r.v.commit(r.dir.Other()); ok {
		row.acknowledges(m, r.ref.Time)
	}
	messages.Emit(out, r.ref, row)
	return true
}

// finish ends what is open for another reason than its own end.
func (r *reader) finish(out *event.Batch, ended string) {
	if r.sawEnd {
		r.endOfBlock(out, true)
	}
	r.endLine(out, "")
	if r.msg != nil {
		r.close(out, ended)
	}
	r.strayLine()
	r.inBlock, r.framing, r.wide, r.coded = false, "none", nil, nil
}

// lost ends the open message at a loss: what follows may belong to another patient.
func (r *reader) lost(out *event.Batch, ref event.Ref, n int64) {
	if r.msg != nil {
		r.endLine(out, "")
	}
	if r.msg != nil {
		dissect.Anomaly(out, ref, "hl7", "hl7_gap", n, "bytes of a message were lost: what follows is told apart as a message without header")
		r.close(out, "gap")
	}
	r.dropLine()
	r.sawEnd, r.sawCR, r.wide, r.coded = false, false, nil, nil
	r.inBlock, r.framing = false, "none"
}

// endLine ends a line: by CR or LF, or for want of more bytes. A block that starts inside the line, with a header behind
// 0x0B, means that the message before it has lost its end.
func (r *reader) endLine(out *event.Batch, by string) {
	for len(r.head) > 0 {
		whole := r.head
		if r.passed > 0 {
			whole = r.tail
		}
		before, after, ok := cutAtBlock(whole)
		if !ok {
			r.wholeLine(out, by)
			return
		}
		if r.passed > 0 {
			r.passed -= min(r.passed-1, len(after)+1)
			r.tail, after = before, append([]byte(nil), after...)
		} else {
			r.head = before
		}
		if len(r.head) > 0 {
			r.wholeLine(out, "")
		}
		if r.msg != nil {
			r.msg.kept.lost = true
			r.close(out, "next")
		}
		r.dropLine()
		r.inBlock, r.framing, r.head = true, "mllp", after
	}
}

// cutAtBlock cuts at the first 0x0B that has a header behind it.
func cutAtBlock(in []byte) (before, after []byte, ok bool) {
	for from := 0; ; {
		i := bytes.IndexByte(in[from:], startBlock)
		if i < 0 {
			return in, nil, false
		}
		from += i + 1
		if headKind(in[from:]) == isHead {
			return in[:from-1], in[from:], true
		}
	}
}

// wholeLine acts on a line that is not empty.
func (r *reader) wholeLine(out *event.Batch, by string) {
	head, tail := r.head, r.tail[max(0, len(r.tail)-maxTail):]
	trimmed := bytes.TrimPrefix(bytes.TrimLeft(head, "\x00"), []byte("\xef\xbb\xbf"))
	if r.msg == nil && headKind(trimmed) != isHead && r.orphan(head) {
		r.msg = newMessage(r, usual, &charset{})
		r.msg.row.Headless, r.msg.row.LineEnd = true, by
		var first []byte
		if r.passed > 0 { // of a long line nothing was kept while no message was open
			first = head
		}
		r.keep(r.msg, first)
	}
	switch {
	case headKind(trimmed) == isHead:
		r.header(trimmed, by, out)
	case isTrailer(head):
		r.trailer(head, out)
	case r.msg != nil:
		if r.passed == 0 {
			r.msg.hashLine(head)
		}
		r.msg.hash.Write([]byte{'\r'})
		r.segment(head, tail, out)
	case r.hybrid(head):
	default:
		r.strayLine()
	}
	r.dropLine()
}

// header begins a message, a batch or a file.
func (r *reader) header(head []byte, by string, out *event.Batch) {
	second := r.msg != nil && r.inBlock && r.batch == [2]*open{}
	if r.msg != nil {
		r.close(out, "next")
	}
	d := headDelims(head)
	if !bytes.HasPrefix(head, []byte("MSH")) {
		r.openBatch(head, d, out)
		return
	}
	cs := newCharset(part(string(head), d.field, 18), d.repetition)
	r.msg = newMessage(r, d, cs)
	r.msg.row.LineEnd = by
	if second {
		r.msg.flag("second_header")
	}
	r.segment(head, nil, out)
	r.keep(r.msg, head)
	r.countMessage()
}

// segment gives a line to the open message.
func (r *reader) segment(head, tail []byte, out *event.Batch) {
	m := r.msg
	size := len(head) + r.passed
	h, bad := m.cs.decode(m.cs.switches(head, m.escape))
	t := ""
	if r.passed > 0 {
		t, _ = m.cs.decode(tail)
	}
	if bad && !m.contradicted {
		m.contradicted = true
		m.notes = append(m.notes, note{"hl7_charset", 1, fmt.Sprintf("text is not in the character set that MSH-18 declares; read as %s", m.cs.name)})
	}
	m.ref = r.ref
	l := splitLine(&m.delims, h, t, size, r.seps, r.fields)
	r.fields = l.fields
	m.line(&l, h)
	clear(r.fields) // they would hold the line
	if m.row.AckControlID != "" {
		r.endAnswered(out)
	}
}

// hybrid takes HLLP's block header, as in D21, whose message follows.
func (r *reader) hybrid(head []byte) bool {
	if !r.inBlock || len(head) != 3 || !isHybrid(head) {
		return false
	}
	r.framing = "hllp"
	return true
}

// isHybrid tells whether a block begins as HLLP's do: D or N and two digits of protocol version.
func isHybrid(b []byte) bool {
	c := cursor.New(b)
	kind, v1, v2 := c.U8(), c.U8(), c.U8()
	if c.Short() || kind != 'D' && kind != 'N' || !isDigit(v1) || !isDigit(v2) {
		return false
	}
	return !c.More() || c.U8() == '\r'
}

// orphan tells whether a line can stand for a message whose header was lost.
func (r *reader) orphan(head []byte) bool {
	name, _, ok := strings.Cut(string(head[:min(4, len(head))]), usual.field)
	return ok && knownSegments[name] && !isTrailer(head)
}

// strayLine counts a line that belongs to no message, and drops it.
func (r *reader) strayLine() {
	if r.msg == nil {
		r.stray += int64(len(r.head) + r.passed)
	}
	r.dropLine()
}

func (r *reader) dropLine() {
	r.head, r.tail, r.passed, r.seps = r.head[:0], r.tail[:0], 0, 0
}

// noteStray tells of bytes that belong to no message.
func (r *reader) noteStray(out *event.Batch) {
	if r.stray > r.noted {
		dissect.Anomaly(out, r.ref, "hl7", "hl7_stray_bytes", r.stray-r.noted, "bytes between or after messages that belong to none")
		r.noted = r.stray
	}
}

package astm

import (
	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
)

// link is one direction: a machine that sees each byte once.
type link struct {
	v   *conversation
	dir dissect.Dir
	ref event.Ref // of the byte taken last

	state linkState
	text  []byte // of the frame: FN to ETB or ETX
	over  int    // bytes of the frame beyond maxFrame
	tail  []byte // what follows ETX: checksum
	at    event.Ref

	transfer *Transfer // open transfer
	kept     *frame    // last frame: the next one tells whether it stands
	last     int       // number of the last frame, -1 if none

	record  []byte // of the record that is not whole
	skipped int    // its bytes beyond maxRecord
	framed  bool   // the record came in frames
	msg     *message
}

type linkState uint8

const (
	idle linkState = iota
	inFrame
	afterFrame // checksum, CR and LF
)

// frame is one frame that was read.
type frame struct {
	text []byte
	more bool // ETB
	bad  bool
	no   bool // the other side answered NAK
	ref  event.Ref
}

func (l *link) held() int {
	n := cap(l.text) + cap(l.record)
	if l.kept != nil {
		n += cap(l.kept.text)
	}
	return n
}

// take acts on one byte.
func (l *link) take(b byte, out *event.Batch) {
	switch l.state {
	case inFrame:
		l.inFrame(b, out)
		return
	case afterFrame:
		if l.afterFrame(b, out) {
			return
		}
	}
	switch b {
	case enq:
		l.enquiry(out)
	case eot:
		if l.transfer != nil {
			l.at = l.ref
			l.endTransfer("eot", out)
		}
	case ack, nak:
		l.answer(b)
	case stx:
		l.flushBare(out)
		l.state, l.text, l.over, l.tail = inFrame, l.text[:0], 0, l.tail[:0]
	default:
		l.bare(b, out)
	}
}

// enquiry begins a transfer. Both sides may do so at once; the instrument then has the right of way (LIS01-A2 8.2.7).
func (l *link) enquiry(out *event.Batch) {
	l.flushBare(out)
	if l.transfer != nil && l.transfer.Frames > 0 {
		l.endTransfer("enq", out)
	}
	if l.transfer == nil {
		l.transfer = &Transfer{Dir: l.dir.String()}
	}
	l.transfer.Started, l.last, l.at = true, 0, l.ref
	if other := l.v.half[l.dir.Other()].transfer; other != nil && other.Frames == 0 && other.Acks+other.Naks == 0 {
		l.transfer.BothEnq, other.BothEnq = true, true
	}
}

// answer counts an answer to what the other side sent.
func (l *link) answer(b byte) {
	other := &l.v.half[l.dir.Other()]
	switch t := other.transfer; {
	case t == nil:
	case b == ack:
		t.Acks++
	default:
		t.Naks++
		if other.kept != nil {
			other.kept.no = true
		}
	}
}

// inFrame collects a frame. A control character that frames do not hold means that its end was lost.
func (l *link) inFrame(b byte, out *event.Batch) {
	switch b {
	case stx, enq, eot:
		l.state = idle
		dissect.Anomaly(out, l.ref, protocolName, "astm_frame_broken", int64(len(l.text)), "a frame has no end: the next control character came first")
		l.take(b, out)
		return
	}
	if len(l.text) < maxFrame {
		l.text = append(l.text, b)
	} else {
		l.over++
	}
	l.at = l.ref
	if b == etx || b == etb {
		l.state = afterFrame
	}
}

// afterFrame takes checksum, CR and LF. It tells whether the byte belongs to the frame.
func (l *link) afterFrame(b byte, out *event.Batch) bool {
	_, isHex := hexDigit(b)
	switch {
	case isHex && len(l.tail) < 2:
		l.tail, l.at = append(l.tail, b), l.ref
		return true
	case b == '\r':
		l.at = l.ref
		return true
	case b == '\n':
		l.at = l.ref
		l.frame(out)
		return true
	}
	l.frame(out)
	return false
}

// frame reads a frame that is whole (LIS01-A2 8.3).
func (l *link) frame(out *event.Batch) {
	l.state = idle
	t := l.transfer
	if t == nil {
		t = &Transfer{Dir: l.dir.String()}
		l.transfer, l.last = t, -1
	}
	c := cursor.New(l.text)
	number := int(c.U8()) - '0'
	body := c.Bytes(c.Len() - 1)
	end := c.U8()
	if c.Short() || number < 0 || number > 7 {
		dissect.Anomaly(out, l.at, protocolName, "astm_frame_broken", int64(len(l.text)), "a frame has no number from 0 to 7")
		return
	}
	t.Frames++
	t.Bytes += int64(len(body) + l.over)
	f := &frame{text: append([]byte(nil), body...), more: end == etb, ref: l.at, bad: !l.sound(t)}
	switch {
	case l.last >= 0 && number == l.last && l.kept != nil: // sent again
		t.Resent++
		l.kept = nil
	case l.last >= 0 && number != (l.last+1)%8:
		t.OutOfOrder++
	}
	l.commit(out)
	l.kept, l.last = f, number
}

// sound verifies the checksum of the frame in text, and counts.
func (l *link) sound(t *Transfer) bool {
	if len(l.tail) < 2 {
		t.NoChecksums++
		return true
	}
	c := cursor.New(l.tail)
	sum, _ := hexByte(c.U8(), c.U8())
	if l.over > 0 || sum == checksum(l.text) {
		return true
	}
	t.BadChecksums++
	return false
}

// commit takes the text of the frame that was kept.
func (l *link) commit(out *event.Batch) {
	f := l.kept
	if f == nil {
		return
	}
	l.kept = nil
	if f.bad && f.no {
		dissect.Anomaly(out, f.ref, protocolName, "astm_frame_refused", 1, "a frame with a wrong checksum was refused and not sent again: its text is left out")
		return
	}
	if f.bad {
		dissect.Anomaly(out, f.ref, protocolName, "astm_checksum", 1, "the checksum of a frame is wrong, and it was not sent again: its text is taken as it is")
	}
	at := l.ref
	l.ref = f.ref
	l.framed = true
	for c := cursor.New(f.text); c.More(); {
		l.line(c.U8(), out)
	}
	if !f.more {
		l.endRecord(out)
	}
	l.ref = at
}

// line adds a byte to the record.
func (l *link) line(b byte, out *event.Batch) {
	switch {
	case b == '\r' || b == '\n':
		l.endRecord(out)
	case len(l.record) < maxRecord:
		l.record = append(l.record, b)
	default:
		l.skipped++
	}
}

// bare takes a byte outside of frames: records without frames, or, within a transfer, noise.
func (l *link) bare(b byte, out *event.Batch) {
	if l.transfer != nil && l.transfer.Frames > 0 {
		return
	}
	l.framed = false
	l.line(b, out)
}

// flushBare ends a record without frames that lacks its CR.
func (l *link) flushBare(out *event.Batch) {
	if !l.framed {
		l.endRecord(out)
	}
}

// endTransfer takes what is kept and emits the transfer.
func (l *link) endTransfer(how string, out *event.Batch) {
	l.commit(out)
	if l.framed && how == "eot" {
		l.endRecord(out)
		l.endMessage("eot", out)
	}
	t := l.transfer
	l.transfer, l.last = nil, -1
	if t == nil {
		return
	}
	t.Ended = how
	transfers.Emit(out, l.at, *t)
}

// lost ends everything at a loss: what follows may belong to another patient.
func (l *link) lost(ref event.Ref, n int64, out *event.Batch) {
	open := l.state != idle || len(l.record) > 0 || l.msg != nil
	l.state, l.record, l.skipped = idle, l.record[:0], 0
	l.end("gap", out)
	if open {
		dissect.Anomaly(out, ref, protocolName, "astm_gap", n, "bytes of a message were lost: what follows is told apart")
	}
}

// end ends everything.
func (l *link) end(how string, out *event.Batch) {
	if l.state == afterFrame {
		l.frame(out)
	}
	l.state = idle
	l.commit(out)
	l.endRecord(out)
	l.endMessage(how, out)
	if l.transfer != nil {
		l.endTransfer(how, out)
	}
}

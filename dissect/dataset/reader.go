package dataset

import "wardtrace/dissect/cursor"

// MaxDepth is how deep sequences may nest: real objects stay below 8, a loop of items is a bomb for the stack.
const MaxDepth = 32

// Handler is told of the elements of a data set as their bytes come.
type Handler interface {
	Begin(e *Element) bool       // a header was read; true asks for the value's bytes
	Piece(e *Element, p []byte)  // next bytes of that value; p is valid only during the call
	End(e *Element, lost int64)  // the value is over; lost bytes of it never came (-1: it was cut off)
	Close(e *Element, items int) // a sequence is over
}

// Reader takes a data set in pieces and tells a Handler of its elements. Create it by NewReader.
type Reader struct {
	h      Handler
	syntax Syntax
	stack  []level
	pos    int64 // bytes taken
	hdr    [12]byte
	have   int
	want   int // bytes of header wanted: 8, or 12 for long forms
	state  state
	first  bool
	el     Element
	left   int64 // bytes of el's value to come
	lost   int64 // bytes of el's value that were lost
	send   bool  // the handler wants el's bytes
	differ bool
	fault  Fault
	packed []byte // compressed bytes of a deflated data set
	over   bool   // more of them came than are held
}

type state uint8

const (
	inHeader state = iota
	inPeek         // first eight bytes of a value that may be a sequence
	inValue
	dead
)

// level is an open sequence, item or encapsulated value.
type level struct {
	kind     levelKind
	end      int64 // position after it; -1 = ends by a delimiter
	implicit bool  // encoding inside
	el       Element
	items    int
}

type levelKind uint8

const (
	sequence levelKind = iota
	item
	fragments
)

// Fault is why a reader stopped, or what it found wrong.
type Fault uint8

// The faults.
const (
	NoFault    Fault = iota
	Truncated        // the data set ended inside an element or a sequence
	BadVR            // bytes that are no value representation where one must be
	BadNesting       // an item or delimiter where none may be
	TooDeep          // sequences nest deeper than MaxDepth
	Overrun          // an element is longer than what encloses it
	Gap              // bytes were lost where they cannot be missed
	BadDeflate       // the compressed stream is damaged
	TooLarge         // a deflated data set beyond the limits
)

var faultWords = [...]string{"", "truncated", "bad_vr", "bad_nesting", "too_deep", "overrun", "gap", "bad_deflate", "too_large"}

func (f Fault) String() string {
	if int(f) < len(faultWords) {
		return faultWords[f]
	}
	return "unknown"
}

// NewReader makes a reader of one data set.
func NewReader(s Syntax, h Handler) *Reader {
	return &Reader{h: h, syntax: s, want: 8, first: true}
}

// Syntax is the encoding in use: as given, or as the first element showed.
func (r *Reader) Syntax() Syntax { return r.syntax }

// Differs tells whether the data set is encoded otherwise than the transfer syntax says.
func (r *Reader) Differs() bool { return r.differ }

// Done tells whether the reader has stopped: more bytes will not be looked at.
func (r *Reader) Done() bool { return r.state == dead }

// Write takes the next bytes; p is valid only during the call.
func (r *Reader) Write(p []byte) {
	if !r.syntax.Deflated {
		r.write(p)
		return
	}
	room := deflateHeld - len(r.packed)
	r.over = r.over || len(p) > room
	r.packed = append(r.packed, p[:min(room, len(p))]...)
}

// Lost says that n bytes never came. Inside a value that is borne; in a header, or in deflated bytes, it is the end.
func (r *Reader) Lost(n int64) {
	if n <= 0 || r.state == dead {
		return
	}
	if r.state == inValue && n <= r.left && !r.syntax.Deflated {
		r.pos += n
		r.left -= n
		r.lost += n
		r.endIfDone()
		return
	}
	r.inflate()
	r.stop(Gap)
}

// Finish says that the data set is over. The answer is what was wrong with it.
func (r *Reader) Finish() Fault {
	r.inflate()
	r.popEnded()
	if r.state != dead && (r.state != inHeader || r.have > 0 || len(r.stack) > 0) {
		r.stop(Truncated)
	}
	r.state = dead
	return r.fault
}

func (r *Reader) stop(f Fault) {
	if r.fault == NoFault {
		r.fault = f
	}
	if r.state == inValue && r.send {
		r.h.End(&r.el, -1)
	}
	r.state, r.packed = dead, nil
}

func (r *Reader) write(p []byte) {
	c := cursor.New(p)
	for c.More() && r.state != dead {
		if r.state == inValue {
			n := int(min(r.left, int64(c.Len())))
			v := c.Bytes(n)
			r.pos += int64(n)
			r.left -= int64(n)
			if r.send {
				r.h.Piece(&r.el, v)
			}
			r.endIfDone()
			continue
		}
		n := min(r.want-r.have, c.Len())
		copy(r.hdr[r.have:], c.Bytes(n))
		r.have += n
		r.pos += int64(n)
		if r.have < r.want {
			continue
		}
		if r.state == inPeek {
			r.peeked()
		} else {
			r.header()
		}
	}
}

// endIfDone closes a value whose last byte came.
func (r *Reader) endIfDone() {
	if r.left > 0 {
		return
	}
	if r.send {
		r.h.End(&r.el, r.lost)
	}
	r.state, r.have, r.want = inHeader, 0, 8
	r.popEnded()
}

// popEnded closes what has a defined length and is full.
func (r *Reader) popEnded() {
	for n := len(r.stack); n > 0; n = len(r.stack) {
		l := r.stack[n-1]
		if l.end < 0 || r.pos < l.end {
			return
		}
		if r.pos > l.end && r.fault == NoFault {
			r.fault = Overrun
		}
		r.pop()
	}
}

func (r *Reader) pop() {
	n := len(r.stack) - 1
	l := r.stack[n]
	r.stack = r.stack[:n]
	if l.kind == sequence {
		r.h.Close(&l.el, l.items)
	}
}

func (r *Reader) implicit() bool {
	if n := len(r.stack); n > 0 {
		return r.stack[n-1].implicit
	}
	return r.syntax.Implicit
}

// header parses the element header in hdr, or asks for the rest of it.
//
//	implicit VR   tag (2+2)  length (4)
//	explicit VR   tag (2+2)  VR (2)  length (2)
//	long forms    tag (2+2)  VR (2)  0 (2)  length (4)
func (r *Reader) header() {
	if r.first {
		r.first = false
		r.decide()
	}
	c := cursor.New(r.hdr[:r.have])
	tag := r.tag(&c)
	if tag.Group() == 0xFFFE {
		r.delimiter(tag, r.u32(&c))
		return
	}
	e := Element{Tag: tag, Big: r.syntax.BigEndian}
	if n := len(r.stack); n > 0 {
		top := &r.stack[n-1]
		if top.kind != item {
			r.stop(BadNesting)
			return
		}
		e.Depth, e.Parent = r.depth(), top.el.Tag
		if n > 1 {
			e.Item = r.stack[n-2].items
		}
	}
	if r.implicit() {
		e.VR, e.Length = tags[tag].vr, r.u32(&c)
	} else {
		e.VR = VR(c.U16())
		long := e.VR.long() || !e.VR.known()
		switch {
		case !e.VR.known() && !e.VR.letters():
			r.stop(BadVR)
			return
		case long && r.have < 12:
			r.want = 12
			return
		case long:
			if reserved := r.u16(&c); !e.VR.known() && reserved != 0 { // no new one either: the step was lost
				r.stop(BadVR)
				return
			}
			e.Length = r.u32(&c)
		default:
			e.Length = uint32(r.u16(&c))
		}
	}
	r.value(e)
}

func (r *Reader) depth() int {
	n := 0
	for i := range r.stack {
		if r.stack[i].kind == sequence {
			n++
		}
	}
	return n
}

// value begins the value of e, whose header was read.
func (r *Reader) value(e Element) {
	r.have, r.want = 0, 8
	pixel := e.Tag == tagPixelData
	switch {
	case e.Length == Undefined && pixel, e.Length == Undefined && (e.VR == vrOB || e.VR == vrOW):
		r.push(level{kind: fragments, end: -1, el: e})
	case e.Length == Undefined || e.VR == vrSQ:
		r.open(e, e.Length, r.implicit() || e.VR == vrUN)
	case e.Length >= 8 && (e.VR == vrNone || e.VR == vrUN) && !pixel:
		r.el, r.state = e, inPeek
	default:
		r.begin(e)
	}
}

// open begins a sequence. In UN of undefined length the encoding is implicit VR little endian (PS3.5 6.2.2 note 2).
func (r *Reader) open(e Element, length uint32, implicit bool) {
	l := level{kind: sequence, end: -1, implicit: implicit, el: e}
	l.el.VR = vrSQ
	if length != Undefined {
		l.end = r.pos + int64(length)
	}
	r.h.Begin(&l.el)
	r.push(l)
	r.state = inHeader
	r.popEnded()
}

func (r *Reader) push(l level) {
	if len(r.stack) >= 2*MaxDepth {
		r.stop(TooDeep)
		return
	}
	r.stack = append(r.stack, l)
}

// begin starts to deliver a value.
func (r *Reader) begin(e Element) {
	r.el, r.left, r.lost, r.state = e, int64(e.Length), 0, inValue
	r.send = r.h.Begin(&r.el)
	r.endIfDone()
}

// peeked decides by the first eight bytes of a value whether it is a sequence: it is if they are an item's header
// that fits.
func (r *Reader) peeked() {
	e := r.el
	c := cursor.New(r.hdr[:8])
	le := Reader{} // UN and implicit VR are little endian
	tag, n := le.tag(&c), le.u32(&c)
	if tag == tagItem && (n == Undefined || int64(n) <= int64(e.Length)-8) {
		start := r.pos - 8
		r.open(e, e.Length, true)
		if r.state == dead {
			return
		}
		r.stack[len(r.stack)-1].end = start + int64(e.Length)
		r.delimiter(tag, n)
		return
	}
	var keep [8]byte
	copy(keep[:], r.hdr[:8])
	r.begin(e)
	r.left -= 8
	if r.send {
		r.h.Piece(&r.el, keep[:])
	}
	r.endIfDone()
}

// delimiter handles items and the two delimiters (PS3.5 7.5).
func (r *Reader) delimiter(tag Tag, length uint32) {
	r.state, r.have, r.want = inHeader, 0, 8
	n := len(r.stack)
	if n == 0 {
		if tag == tagItem || length != 0 { // a stray delimiter is tolerated: some writers end data sets with one
			r.stop(BadNesting)
		}
		return
	}
	top := &r.stack[n-1]
	switch {
	case tag == tagItem && top.kind == sequence:
		top.items++
		l := level{kind: item, end: -1, implicit: top.implicit, el: top.el}
		if length != Undefined {
			l.end = r.pos + int64(length)
		}
		r.push(l)
		r.popEnded()
	case tag == tagItem && top.kind == fragments && length != Undefined:
		e := top.el
		e.Fragment, e.Length, e.Depth = true, length, r.depth()
		r.begin(e)
	case tag == tagItemEnd && top.kind == item,
		tag == tagSequenceEnd && top.kind != item:
		r.pop()
		r.popEnded()
	default:
		r.stop(BadNesting)
	}
}

func (r *Reader) tag(c *cursor.Cursor) Tag {
	g := r.u16(c)
	return Tag(uint32(g)<<16 | uint32(r.u16(c)))
}

func (r *Reader) u16(c *cursor.Cursor) uint16 {
	if r.syntax.BigEndian {
		return c.U16()
	}
	return c.U16LE()
}

func (r *Reader) u32(c *cursor.Cursor) uint32 {
	if r.syntax.BigEndian {
		return c.U32()
	}
	return c.U32LE()
}

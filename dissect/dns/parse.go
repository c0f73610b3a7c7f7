package dns

import (
	"errors"
	"fmt"

	"wardtrace/dissect/cursor"
	"wardtrace/dissect/dnsname"
)

// header is the front of every message (RFC 1035, 4.1.1):
//
//	0 id   2 QR opcode(4) AA TC RD | RA Z AD CD rcode(4)   4 questions   6 answers   8 authority   10 additional
type header struct {
	id, flags      uint16
	qd, an, ns, ar int
}

const headerLen = 12

func (h *header) response() bool { return h.flags&0x8000 != 0 }
func (h *header) opcode() uint8  { return uint8(h.flags>>11) & 15 }
func (h *header) rcode() int64   { return int64(h.flags & 15) }

func readHeader(c *cursor.Cursor) header {
	return header{id: c.U16(), flags: c.U16(), qd: int(c.U16()), an: int(c.U16()), ns: int(c.U16()), ar: int(c.U16())}
}

// record is one resource record (RFC 1035, 4.1.3). data and at are views into the message.
type record struct {
	name  dnsname.Name
	label []byte // first label of the name as it is on the wire: NetBIOS names are inside it
	kind  rtype
	class uint16
	ttl   uint32
	data  []byte
	at    int // offset of data in the message
}

// question is one question, or a record's head.
type question struct {
	name  dnsname.Name
	label []byte
	kind  rtype
	class uint16
}

// message is what was sound of a message.
type message struct {
	header
	raw       []byte
	first     question
	asked     bool // a question was there
	questions []question
	records   [3][]record // answer, authority, additional
	bad       error
}

// Caps of one message. 64 KiB can hold 13,000 questions of the root; a zone transfer fills messages with some hundred
// records. What is beyond is counted by the header alone.
const (
	questionCap = 32
	recordCap   = 1024
)

var (
	errHeader    = errors.New("message is shorter than a header")
	errCounts    = errors.New("message ends before the records that its header counts")
	errRecordCap = fmt.Errorf("message holds more than %d records in a section; the rest is passed over", recordCap)
)

func parse(raw []byte) *message {
	m := &message{raw: raw}
	c := cursor.New(raw)
	m.header = readHeader(&c)
	if c.Short() {
		m.bad = errHeader
		return m
	}
	for i := 0; i < m.qd; i++ {
		q, err := readQuestion(raw, &c)
		if err != nil {
			m.bad = err
			return m
		}
		if i == 0 {
			m.first, m.asked = q, true
		}
		if i < questionCap {
			m.questions = append(m.questions, q)
		}
	}
	for section, n := range [3]int{m.an, m.ns, m.ar} {
		for range n {
			r, err := readRecord(raw, &c)
			if err != nil {
				m.bad = err
				return m
			}
			if len(m.records[section]) >= recordCap {
				m.bad = errRecordCap
				return m
			}
			m.records[section] = append(m.records[section], r)
		}
	}
	return m
}

func readQuestion(raw []byte, c *cursor.Cursor) (q question, err error) {
	if !c.More() {
		return q, errCounts
	}
	at := c.Offset()
	if q.name, err = dnsname.Read(raw, c); err != nil {
		return q, err
	}
	q.label = labelAt(raw, at)
	q.kind, q.class = rtype(c.U16()), c.U16()
	if c.Short() {
		return q, errCounts
	}
	return q, nil
}

func readRecord(raw []byte, c *cursor.Cursor) (r record, err error) {
	q, err := readQuestion(raw, c)
	if err != nil {
		return r, err
	}
	r = record{name: q.name, label: q.label, kind: q.kind, class: q.class, ttl: c.U32()}
	n := int(c.U16())
	r.at = c.Offset()
	r.data = c.Bytes(n)
	if c.Short() {
		return r, errCounts
	}
	return r, nil
}

// labelAt gives the first label of the name at an offset, through one pointer.
func labelAt(raw []byte, at int) []byte {
	c := cursor.New(raw)
	c.Skip(at)
	n := c.U8()
	if n >= 0xc0 {
		to := int(n&0x3f)<<8 | int(c.U8())
		c = cursor.New(raw)
		c.Skip(to)
		n = c.U8()
	}
	if n > 63 {
		return nil
	}
	return c.Bytes(int(n))
}

// plausible tells whether a message's first bytes could be DNS: the test of content. It allocates nothing. whole says
// that first is the whole message; strict is for ports that say nothing.
func plausible(first []byte, whole, strict bool) bool {
	c := cursor.New(first)
	h := readHeader(&c)
	if c.Short() || !h.possible() {
		return false
	}
	if !strict {
		return true
	}
	if h.qd != 1 || h.opcode() != 0 || h.flags&0x40 != 0 || (!h.response() && (h.an != 0 || h.ns != 0 || h.ar > 2 || h.rcode() != 0)) {
		return false
	}
	if !dnsname.Skip(first, &c) {
		return false
	}
	kind, class := rtype(c.U16()), c.U16()
	if _, ok := typeNames[kind]; c.Short() || !ok || (class != 1 && class != 3 && class != 255) {
		return false
	}
	for range h.an + h.ns + h.ar {
		if !whole && !c.More() {
			return true
		}
		if !dnsname.Skip(first, &c) {
			return false
		}
		c.Skip(8)
		c.Skip(int(c.U16()))
	}
	return !whole || (!c.Short() && !c.More())
}

// possible tells whether a header's counts and opcode occur.
func (h *header) possible() bool {
	switch h.opcode() {
	case 3, 10, 11, 12, 13, 14:
		return false
	}
	n := h.qd + h.an + h.ns + h.ar
	return h.qd <= 64 && n <= 8192 && (n > 0 || h.response())
}

package dri

import (
	"bytes"

	"wardtrace/dissect/cursor"
)

const (
	flag   = 0x7e
	escape = 0x7d

	headerLen = 40
	maxRecord = 1490                // of the specification
	maxFrame  = 2 * (maxRecord + 1) // every byte may be escaped
)

// unstuff takes escapes out of what stands between two flags and puts it into room. ok is false if it does not fit or an escape is none.
func unstuff(room, b []byte) (record []byte, ok bool) {
	n := 0
	c := cursor.New(b)
	for c.More() {
		x := c.U8()
		if x == escape {
			switch c.U8() {
			case 0x5d:
				x = escape
			case 0x5e:
				x = flag
			default:
				return nil, false
			}
		}
		if n >= len(room) {
			return nil, false
		}
		room[n] = x
		n++
	}
	return room[:n], true
}

// header is that of a record.
type header struct {
	length, number, level int
	plug                  uint16
	time                  uint32
	kind                  mainType
	subs                  [8]subrecord
	count                 int
}

type subrecord struct {
	offset int
	kind   uint8
}

// verdict is what a record's bytes are worth.
type verdict uint8

const (
	bad        verdict = iota
	damaged            // a record by its length, with a wrong sum
	sound              // all is right
	unfinished         // nothing wrong so far
)

// check reads a header and holds it against the record: whole tells whether all bytes up to the closing flag are there.
func check(b []byte, whole bool) (header, verdict) {
	var h header
	c := cursor.New(b)
	h.length, h.number, h.level = int(int16(c.U16LE())), int(c.U8()), int(c.U8())
	if !c.Short() && (h.length < headerLen || h.length > maxRecord || h.level > maxLevel) {
		return h, bad
	}
	h.plug, h.time = c.U16LE(), c.U32LE()
	reserved := c.U32LE()
	h.kind = mainType(c.U16LE())
	if !c.Short() && (reserved != 0 || h.kind.String() == "") {
		return h, bad
	}
	if !h.subrecords(&c) {
		return h, bad
	}
	if !whole {
		if len(b) > h.length+1 && len(b) > 2 {
			return h, bad
		}
		return h, unfinished
	}
	if c.Short() || len(b) != h.length+1 {
		return h, bad
	}
	if sum(b[:h.length]) != b[h.length] {
		return h, damaged
	}
	return h, sound
}

// subrecords reads the list of eight places; FF ends it. All lie behind each other inside the record.
func (h *header) subrecords(c *cursor.Cursor) bool {
	open, last := true, 0
	for i := range h.subs {
		offset, kind := int(int16(c.U16LE())), c.U8()
		if c.Short() {
			return true
		}
		if kind == endOfList {
			open = false
		}
		if !open {
			continue
		}
		if offset < last || offset > h.length-headerLen {
			return false
		}
		last = offset
		h.subs[i] = subrecord{offset, kind}
		h.count = i + 1
	}
	return true
}

func sum(b []byte) byte {
	var s byte
	for _, x := range b {
		s += x
	}
	return s
}

// between finds the first frame: what stands between two flags and is not empty. from is where its opening flag is, to the closing one;
// to is -1 if it is not there yet.
func between(b []byte) (from, to int) {
	from = bytes.IndexByte(b, flag)
	if from < 0 {
		return len(b), -1
	}
	for from+1 < len(b) && b[from+1] == flag {
		from++
	}
	i := bytes.IndexByte(b[from+1:], flag)
	if i < 0 {
		return from, -1
	}
	return from, from + 1 + i
}

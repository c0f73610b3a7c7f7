package bcc

import (
	"bytes"
	"strings"

	"wardtrace/dissect/cursor"
	"wardtrace/dissect/dnsname"
)

// Control characters of a block.
const (
	soh = 0x01
	stx = 0x02
	etx = 0x03
	eot = 0x04
	ack = 0x06
	nak = 0x15
	etb = 0x17
	rs  = 0x1e
)

// Sizes of a block before stuffing.
const (
	digits   = 5
	maxBed   = 15
	minBlock = 1 + digits + 1 + 1 + len(prompt) + 1 + digits + 1
	maxBlock = 99999 // what five digits can say
	prompt   = "/1/1>"
)

// block is a block as on the wire:
//
//	SOH | length, 5 digits | STX | bed id, 1 to 15 | /1/1> | information | ETX or ETB | check sum, 5 digits | EOT
type block struct {
	bed     []byte
	info    []byte // valid as long as what was parsed is
	length  int
	last    bool
	stuffed bool
	ok      bool // length and check sum are right
}

type result uint8

const (
	short  result = iota // more bytes are needed
	broken               // this is no block
	whole
)

// header reads SOH, length and STX, and tells whether a bed id and the prompt follow. Stuffing spares digits and control characters; of
// a bed id it may double letters, which is why the prompt is searched in twice the room.
func header(c *cursor.Cursor) (length int, r result) {
	head := *c
	if head.U8() != soh {
		return 0, broken
	}
	length, n := number(&head)
	switch {
	case n < digits && head.More(), n == digits && length < minBlock:
		return 0, broken
	case !head.More():
		return 0, short
	case head.U8() != stx:
		return 0, broken
	}
	rest := head.Rest()
	rest = rest[:min(len(rest), 2*maxBed+len(prompt))]
	bed, _, found := bytes.Cut(rest, []byte(prompt))
	switch {
	case found && len(bed) > 0 && beds(bed):
		return length, whole
	case !found && len(rest) < 2*maxBed+len(prompt) && beds(bytes.TrimSuffix(rest, []byte(">"))):
		return 0, short
	}
	return 0, broken
}

// beds tells whether all of b may stand in a bed id.
func beds(b []byte) bool {
	return bytes.IndexFunc(b, func(r rune) bool { return r > 0x7f || !bedByte(byte(r)) }) < 0
}

// bedByte tells whether b may stand in a bed id: 47 to 57 and 65 to 122.
func bedByte(b byte) bool { return b >= '/' && b <= '9' || b >= 'A' && b <= 'z' }

// number reads up to five digits and tells how many there were.
func number(c *cursor.Cursor) (v, n int) {
	for n < digits && c.More() && c.Peek(0) >= '0' && c.Peek(0) <= '9' {
		v = 10*v + int(c.U8()-'0')
		n++
	}
	return v, n
}

// next reads a block that begins at c. On short, need is how many bytes must be there before it is worth to ask again. As many as the
// length says must be there in any case, so that the outcome does not depend on how the bytes arrive; none of them but the first and
// the last can be SOH or EOT.
func next(c *cursor.Cursor) (b block, wire, need int, r result) {
	length, r := header(c)
	if r != whole {
		return b, 0, c.Len() + 1, r
	}
	if !c.Need(length) { // stuffing only makes it longer
		return b, 0, length, short
	}
	at := *c
	at.Skip(1)
	body := at.Rest()
	end, other := bytes.IndexByte(body, eot), bytes.IndexByte(body, soh)
	switch {
	case other >= 0 && (end < 0 || other < end), end >= 2*length, end < 0 && len(body) >= 2*length:
		return b, 0, 0, broken
	case end < 0:
		return b, 0, c.Len() + 1, short
	}
	at = *c
	return parse(at.Bytes(end+2), length), end + 2, 0, whole
}

// parse reads a block, EOT included. Where it is as long as it says, nothing was stuffed; a block that has nothing to stuff is
// both.
func parse(wire []byte, length int) block {
	if b := fields(wire, length); b.ok {
		return b
	}
	if plain, ok := unstuff(wire); ok {
		if b := fields(plain, length); b.ok {
			b.stuffed = true
			return b
		}
	}
	b := fields(wire, length)
	b.ok = false
	return b
}

// fields takes a block apart that is not stuffed.
func fields(wire []byte, length int) block {
	b := block{length: length}
	c := cursor.New(wire)
	c.Skip(1 + digits + 1)
	rest := c.Rest()
	i := bytes.Index(rest, []byte(prompt))
	if i < 1 || i > maxBed {
		return b
	}
	b.bed = rest[:i]
	body := cursor.New(rest[i+len(prompt):])
	n := body.Len() - 1 - digits - 1
	if n < 0 {
		return b
	}
	b.info = body.Bytes(n)
	end := body.U8()
	sum, digitsSeen := number(&body)
	b.last = end == etx
	b.ok = len(wire) == length && (end == etx || end == etb) && digitsSeen == digits && body.U8() == eot &&
		sum == checksum(wire[:len(wire)-1-digits])
	return b
}

// checksum is the sum of all bytes from SOH to ETX or ETB, modulo 256.
func checksum(b []byte) int {
	sum := 0
	for _, x := range b {
		sum += int(x)
	}
	return sum % 256
}

// unstuff takes character stuffing away: EX is D, EE is E, ex is d, ee is e. Anything else after an e, and a d of its own, was never
// stuffed.
func unstuff(wire []byte) ([]byte, bool) {
	out := make([]byte, 0, len(wire))
	c := cursor.New(wire)
	for c.More() {
		switch b := c.U8(); b {
		case 'D', 'd':
			return nil, false
		case 'E', 'e':
			switch c.U8() {
			case b:
				out = append(out, b)
			case b + 'X' - 'E':
				out = append(out, b-1)
			default:
				return nil, false
			}
		default:
			out = append(out, b)
		}
	}
	return out, true
}

// request tells whether information asks for something, and what. A response begins with the time, a number.
func request(info []byte) (text string, known, is bool) {
	c := cursor.New(info)
	if b := c.Peek(0); b >= '0' && b <= '9' || bytes.IndexByte(info, ',') >= 0 && bytes.IndexByte(info, rs) >= 0 {
		return "", false, false
	}
	text = dnsname.Clean(info, 64)
	if slot, ok := strings.CutPrefix(text, "MEM:GETSLOT#"); ok {
		s := cursor.New([]byte(slot))
		pillar, at := s.U8(), s.U8()
		return text, !s.Short() && !s.More() && pillar >= '1' && pillar <= '3' && (at >= '1' && at <= '9' || at >= 'A' && at <= 'O'), true
	}
	return text, requests[text], true
}

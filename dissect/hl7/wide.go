package hl7

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"

	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
)

// wide makes UTF-8 of characters of two or four bytes, so that the framing need know no others.
type wide struct {
	unit  int // bytes a character
	big   bool
	carry []byte // of a character that is not whole
	high  rune   // first half of a surrogate pair, 0 if none
}

// wideSample is the number of first bytes that tell how wide a message's characters are.
const wideSample = 6

// wideStarts are those first bytes: with and without a byte order mark, UTF-16 and UTF-32.
var wideStarts = []struct {
	sample []byte
	unit   int
	big    bool
}{
	{[]byte("M\x00S\x00H\x00"), 2, false},
	{[]byte("\x00M\x00S\x00H"), 2, true},
	{[]byte("\xff\xfeM\x00S\x00"), 2, false},
	{[]byte("\xfe\xff\x00M\x00S"), 2, true},
	{[]byte("M\x00\x00\x00S\x00"), 4, false},
	{[]byte("\x00\x00\x00M\x00\x00"), 4, true},
	{[]byte("\xff\xfe\x00\x00M\x00"), 4, false},
	{[]byte("\x00\x00\xfe\xff\x00\x00"), 4, true},
}

// wideUnit tells how wide the characters of a message that begins with b are, 0 if one byte or not known.
func wideUnit(b []byte) (unit int, big bool) {
	for i := range wideStarts {
		if w := &wideStarts[i]; bytes.HasPrefix(b, w.sample) {
			return w.unit, w.big
		}
	}
	return 0, false
}

// couldBeWide tells whether more bytes may make b the start of such a message.
func couldBeWide(b []byte) bool {
	for i := range wideStarts {
		if bytes.HasPrefix(wideStarts[i].sample, b) {
			return true
		}
	}
	return false
}

// testWide looks at the first bytes of a line outside of a message.
func (r *reader) testWide(out *event.Batch) {
	unit, big := wideUnit(r.head)
	if unit == 0 {
		return
	}
	again := append([]byte(nil), r.head...)
	r.dropLine()
	r.wide = &wide{unit: unit, big: big}
	r.coded = r.wide
	r.take(again, out)
}

// takeWide takes bytes while characters are wide. The two bytes that end a block are not: most senders frame the text
// after encoding it. (As a character they would be U+0D1C or U+1C0D: Malayalam, Lepcha.)
func (r *reader) takeWide(c *cursor.Cursor, out *event.Batch) {
	w := r.wide
	for c.More() && r.wide == w {
		w.carry = append(w.carry, c.U8())
		if bytes.Equal(w.carry, []byte{endBlock, '\r'}) {
			r.wide = nil
			r.take(w.carry, out)
			return
		}
		if len(w.carry) < w.unit {
			continue
		}
		ch := w.char()
		w.carry = w.carry[:0]
		if ch < 0 {
			continue
		}
		r.wide = nil // the framing sees one byte a character
		r.take(utf8.AppendRune(nil, ch), out)
		r.wide = w
	}
}

// char reads the character in carry; -1 stands for the first half of a pair.
func (w *wide) char() rune {
	c := cursor.New(w.carry)
	var u uint32
	switch {
	case w.unit == 2 && w.big:
		u = uint32(c.U16())
	case w.unit == 2:
		u = uint32(c.U16LE())
	case w.big:
		u = c.U32()
	default:
		u = c.U32LE()
	}
	ch := rune(u)
	if u > utf8.MaxRune {
		ch = utf8.RuneError
	}
	if w.high != 0 {
		ch, w.high = utf16.DecodeRune(w.high, ch), 0
		return ch
	}
	if w.unit == 2 && ch >= 0xd800 && ch < 0xdc00 {
		w.high = ch
		return -1
	}
	return ch
}

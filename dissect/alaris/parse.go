package alaris

import (
	"bytes"

	"wardtrace/dissect/cursor"
	"wardtrace/dissect/dnsname"
)

// Limits of a frame; the longest known one has some 90 bytes.
const (
	maxFrame = 512
	maxArgs  = 24
	maxArg   = 64
	maxWord  = 32
)

const (
	begin   = '!'
	end     = '\r'
	minimum = len("!A|0000\r")
)

type result uint8

const (
	short  result = iota // more bytes are needed
	broken               // this is no frame
	whole
)

// frame is one frame as on the wire:
//
//	! | word | ^argument, any number | '|' | check, 4 hexadecimal digits | CR
type frame struct {
	body []byte // what the check is of
	word string
	args []string
	ok   bool
}

// next reads a frame that begins at c.
func next(c *cursor.Cursor) (f frame, wire int, r result) {
	rest := *c
	b := rest.Rest()
	b = b[:min(len(b), maxFrame)]
	if len(b) == 0 || b[0] != begin {
		return f, 0, broken
	}
	at := bytes.IndexByte(b, end)
	text := b
	if at >= 0 {
		text = b[:at]
	}
	if !printable(text) || len(text) > 1 && (text[1] < 'A' || text[1] > 'Z') {
		return f, 0, broken
	}
	switch {
	case at < 0 && len(b) >= maxFrame, at >= 0 && at+1 < minimum:
		return f, 0, broken
	case at < 0:
		return f, 0, short
	}
	bar := bytes.LastIndexByte(text, '|')
	if bar != len(text)-5 {
		return f, 0, broken
	}
	f.body = text[1:bar]
	sum, ok := hex4(text[bar+1:])
	f.ok = ok && sum == checksum(f.body)
	f.split()
	if f.word == "" {
		return f, 0, broken
	}
	return f, at + 1, whole
}

// printable tells whether b is ASCII text without control characters, and begins no second frame.
func printable(b []byte) bool {
	for i, x := range b {
		if x < 0x20 || x > 0x7e || i > 0 && x == begin {
			return false
		}
	}
	return true
}

// split takes the body apart.
func (f *frame) split() {
	word, rest, more := bytes.Cut(f.body, []byte("^"))
	if len(word) > maxWord || bytes.IndexFunc(word, func(r rune) bool { return (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' }) >= 0 {
		return
	}
	f.word = string(word)
	for more && len(f.args) < maxArgs {
		word, rest, more = bytes.Cut(rest, []byte("^"))
		f.args = append(f.args, dnsname.Clean(bytes.TrimSpace(word), maxArg))
	}
}

// arg gives an argument, "" if it is not there.
func (f *frame) arg(i int) string {
	if i < len(f.args) {
		return f.args[i]
	}
	return ""
}

// hex4 reads four upper-case hexadecimal digits.
func hex4(b []byte) (v uint16, ok bool) {
	c := cursor.New(b)
	for range 4 {
		switch x := c.U8(); {
		case x >= '0' && x <= '9':
			v = v<<4 | uint16(x-'0')
		case x >= 'A' && x <= 'F':
			v = v<<4 | uint16(x-'A'+10)
		default:
			return 0, false
		}
	}
	return v, !c.Short() && !c.More()
}

// checksum is CRC-16/CCITT-FALSE: polynomial 1021, from FFFF on, neither reflected nor inverted.
func checksum(b []byte) uint16 {
	crc := uint16(0xffff)
	for _, x := range b {
		crc ^= uint16(x) << 8
		for range 8 {
			if crc&0x8000 != 0 {
				crc = crc<<1 ^ 0x1021
			} else {
				crc <<= 1
			}
		}
	}
	return crc
}

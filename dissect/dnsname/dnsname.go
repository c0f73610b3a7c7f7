// Package dnsname reads domain names as DNS writes them: RFC 1035, sections 3.1 (labels) and 4.1.4 (compression), and
// the half-ASCII names of NetBIOS (RFC 1001, section 14.1). DNS, DHCP, router advertisements and SMB carry them.
//
// Names come out in presentation form (RFC 1035, 5.1): labels joined by dots, without the root's dot ("" is the root);
// a dot or backslash inside a label is escaped by a backslash, a byte that is not printable as \ddd. A label that is
// sound UTF-8, as multicast DNS allows (RFC 6762, section 16), keeps its letters.
package dnsname

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"wardtrace/dissect/cursor"
)

// MaxLen is the longest name on the wire, lengths and root included (RFC 1035, 2.3.4).
const MaxLen = 255

// maxPointers bounds the jumps of one name: a pointer must point backwards, but a chain of them within the length limit
// can still cost far more than it says. No encoder needs more than one jump a name.
const maxPointers = 16

// The ways in which a name can be wrong.
var (
	ErrShort   = errors.New("domain name ends before its last label")
	ErrLong    = errors.New("domain name is longer than 255 bytes")
	ErrLabel   = errors.New("domain name has a label of a reserved type")
	ErrPointer = errors.New("domain name has a compression pointer that does not lead backwards")
)

// Name is a name that was read.
type Name struct {
	Text   string // presentation form, "" for the root
	Labels int
	Wire   int // bytes of the name without compression, lengths and root included
}

// Read reads the name at c, which walks over the message msg from its first byte, and moves c behind it.
func Read(msg []byte, c *cursor.Cursor) (Name, error) {
	var room [MaxLen]byte
	n, text, err := walk(msg, c, room[:0], true)
	n.Text = string(text)
	return n, err
}

// Skip passes over the name at c and tells whether it was sound. It allocates nothing.
func Skip(msg []byte, c *cursor.Cursor) bool {
	_, _, err := walk(msg, c, nil, false)
	return err == nil
}

// walk follows a name and appends its text if it is wanted. After the first pointer it reads with a cursor of its own, since c belongs behind the pointer.
func walk(msg []byte, c *cursor.Cursor, to []byte, write bool) (n Name, text []byte, err error) {
	at, jumps := c, 0
	var far cursor.Cursor
	limit := c.Offset() // pointers lead to before the name, or before the last target
	for {
		l := int(at.U8())
		if at.Short() {
			return n, to, ErrShort
		}
		switch {
		case l == 0:
			n.Wire++
			return n, to, nil
		case l >= 0xc0:
			target := (l&0x3f)<<8 | int(at.U8())
			if at.Short() {
				return n, to, ErrShort
			}
			if jumps++; target >= limit || jumps > maxPointers {
				return n, to, ErrPointer
			}
			far, limit = cursor.New(msg), target
			far.Skip(target)
			at = &far
		case l > 63:
			return n, to, ErrLabel
		default:
			label := at.Bytes(l)
			if label == nil {
				return n, to, ErrShort
			}
			if n.Wire+l+1 >= MaxLen {
				return n, to, ErrLong
			}
			n.Wire += l + 1
			if write {
				if n.Labels > 0 {
					to = append(to, '.')
				}
				to = appendLabel(to, label)
			}
			n.Labels++
		}
	}
}

func appendLabel(to, label []byte) []byte {
	plain := utf8.Valid(label)
	for plain && len(label) > 0 {
		r, size := utf8.DecodeRune(label)
		label = label[size:]
		switch {
		case r == '.' || r == '\\':
			to = append(to, '\\', byte(r))
		case r == ' ' || (unicode.IsPrint(r) && r != unicode.ReplacementChar):
			to = utf8.AppendRune(to, r)
		default:
			var raw [utf8.UTFMax]byte
			for _, x := range utf8.AppendRune(raw[:0], r) {
				to = escape(to, x)
			}
		}
	}
	for _, x := range label {
		switch {
		case x == '.' || x == '\\':
			to = append(to, '\\', x)
		case x >= ' ' && x < 0x7f:
			to = append(to, x)
		default:
			to = escape(to, x)
		}
	}
	return to
}

func escape(to []byte, x byte) []byte {
	return append(to, '\\', '0'+x/100, '0'+x/10%10, '0'+x%10)
}

// Clean gives text of a record as a line for a reader: what is not printable becomes \ddd, and it ends after max bytes
// of input.
func Clean(text []byte, max int) string {
	var room [256]byte
	out := room[:0]
	text = text[:min(len(text), max)]
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		if (r == utf8.RuneError && size <= 1) || !(r == ' ' || unicode.IsPrint(r)) {
			for _, x := range text[:size] {
				out = escape(out, x)
			}
		} else {
			out = utf8.AppendRune(out, r)
		}
		text = text[size:]
	}
	return string(out)
}

// NetBIOS decodes a name of RFC 1001, section 14.1: 32 letters A to P stand for 15 characters, padded with spaces, and
// a byte that says what kind of name it is. label is the first label of the DNS name.
func NetBIOS(label []byte) (name string, suffix byte, ok bool) {
	if len(label) != 32 {
		return "", 0, false
	}
	c := cursor.New(label)
	var raw [16]byte
	for i := range raw {
		hi, lo := c.U8()-'A', c.U8()-'A'
		if hi > 15 || lo > 15 {
			return "", 0, false
		}
		raw[i] = hi<<4 | lo
	}
	return NetBIOSText(raw[:15]), raw[15], true
}

// NetBIOSText gives the 15 characters of a NetBIOS name without its padding.
func NetBIOSText(raw []byte) string {
	return Clean([]byte(strings.TrimRight(string(raw), " \x00")), 15)
}

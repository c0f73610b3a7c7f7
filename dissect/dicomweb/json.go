package dicomweb

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"wardtrace/dissect/cursor"
)

// Limits of JSON.
const (
	maxNesting = 64       // objects and arrays around a value: a sequence takes four, and real data sets nest below 8 of them
	maxKey     = 64       // bytes of a name: tags have 8
	maxString  = 64 << 10 // bytes kept of a text: a list of UIDs is the longest that is read
)

// tokens is what a lexer tells of a JSON text (RFC 8259).
type tokens interface {
	open(array bool, key string)                   // an object or array begins, as the member key of the object around it
	close(array bool)                              // and ends
	scalar(key, value string, text bool, cut bool) // text: it is a string; cut: only its beginning
}

// lexer reads JSON in pieces and holds one string.
type lexer struct {
	to    tokens
	stack []bool // open containers: true for an array
	key   []byte // of the member whose value is next
	buf   []byte
	state lexState
	keyed bool // the next string is a value: its key was read
	bad   bool // it is no JSON, or nests too deep: nothing more is read
	cut   bool // buf is only the beginning of a string
	ended bool // the outermost value is over
}

type lexState uint8

const (
	between lexState = iota
	inString
	inEscape
	inWord // a number, true, false or null
)

// write takes the next bytes.
func (l *lexer) write(p []byte) {
	c := cursor.New(p)
	for c.More() && !l.bad && !l.ended {
		b := c.U8()
		switch l.state {
		case inEscape:
			l.put(b)
			l.state = inString
		case inString:
			switch b {
			case '\\':
				l.put(b)
				l.state = inEscape
			case '"':
				l.state = between
				l.endString()
			default:
				l.put(b)
			}
		case inWord:
			if strings.IndexByte(" \t\r\n,]}", b) < 0 {
				l.put(b)
				continue
			}
			l.state = between
			l.value(string(l.buf), false)
			l.punctuation(b)
		default:
			l.punctuation(b)
		}
	}
}

func (l *lexer) put(b byte) {
	if len(l.buf) < maxString {
		l.buf = append(l.buf, b)
		return
	}
	l.cut = true
}

// punctuation takes a byte between values.
func (l *lexer) punctuation(b byte) {
	switch b {
	case ' ', '\t', '\r', '\n', ',', ':':
	case '"':
		l.state, l.buf, l.cut = inString, l.buf[:0], false
	case '{', '[':
		if len(l.stack) >= maxNesting {
			l.bad = true
			return
		}
		l.to.open(b == '[', string(l.key))
		l.stack = append(l.stack, b == '[')
		l.key, l.keyed = l.key[:0], false
	case '}', ']':
		n := len(l.stack) - 1
		if n < 0 || l.array() != (b == ']') {
			l.bad = true
			return
		}
		l.stack = l.stack[:n]
		l.to.close(b == ']')
		l.key, l.keyed = l.key[:0], false
		l.ended = n == 0
	default:
		if len(l.stack) == 0 {
			l.bad = true
			return
		}
		l.state, l.buf, l.cut = inWord, append(l.buf[:0], b), false
	}
}

// array tells whether the innermost container is an array.
func (l *lexer) array() bool {
	n := len(l.stack)
	return n > 0 && l.stack[n-1 : n][0]
}

// endString takes a whole string: a name, or a value.
func (l *lexer) endString() {
	switch {
	case len(l.stack) == 0:
		l.bad = true
	case l.array() || l.keyed:
		l.value(unquote(l.buf), true)
	default:
		k := unquote(l.buf)
		l.key, l.keyed = append(l.key[:0], k[:min(len(k), maxKey)]...), true
	}
}

func (l *lexer) value(s string, text bool) {
	l.to.scalar(string(l.key), s, text, l.cut)
	l.key, l.keyed = l.key[:0], false
}

// finish tells whether all of a JSON text was read.
func (l *lexer) finish() bool { return l.ended && !l.bad }

// unquote undoes the escapes of a string.
func unquote(b []byte) string {
	plain := true
	for _, x := range b {
		plain = plain && x != '\\' && x >= 0x20 && x < utf8.RuneSelf
	}
	if plain {
		return string(b)
	}
	var s string
	if json.Unmarshal(append(append([]byte{'"'}, b...), '"'), &s) == nil {
		return s
	}
	return strings.ToValidUTF8(string(b), "\ufffd")
}

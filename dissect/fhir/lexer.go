package fhir

import (
	"bytes"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"wardtrace/dissect/cursor"
)

// lexer reads JSON (RFC 8259) as it comes, byte by byte, in bounded memory: of a bundle of gigabytes it holds one entry. Values may
// follow one another, as in NDJSON. It is lax about commas and strict about what opens and closes.
type lexer struct {
	b      *builder
	kinds  [maxDepth]level
	depth  int
	state  lexState
	text   []byte
	long   bool // text is not all of it
	code   uint32
	digits int
	high   uint32 // first half of a surrogate pair
	isKey  bool
	bad    bool // it is no JSON: nothing more is read
	words  map[string]string
	lines  bool // values are lines: after damage the next line is whole again
}

// level is an object or array that is open.
type level struct {
	array bool
	key   string // of the member that is being read; of an array, its own
	colon bool   // the member's name is read
}

type lexState uint8

const (
	between lexState = iota
	inString
	inEscape
	inCode
	inWord // number, true, false, null
	toLine // skipping to the next line
)

// take reads bytes. It tells after each how far it is by calling the builder.
func (l *lexer) take(data []byte) {
	c := cursor.New(data)
	for c.More() && !l.bad {
		if l.state == inString { // what is nothing but text goes as one: attachments are megabytes of it
			look := c
			if l.run(c.Bytes(textLen(look.Rest()))); !c.More() {
				return
			}
		}
		l.one(c.U8())
	}
}

// textLen is the number of bytes up to a quote or backslash.
func textLen(b []byte) int {
	n := bytes.IndexByte(b, '"')
	if n < 0 {
		n = len(b)
	}
	if i := bytes.IndexByte(b[:n], '\\'); i >= 0 {
		n = i
	}
	return n
}

// run adds bytes to the text.
func (l *lexer) run(b []byte) {
	n := min(len(b), maxText-len(l.text))
	l.text = append(l.text, b[:n]...)
	l.long = l.long || n < len(b)
}

func (l *lexer) one(x byte) {
	switch l.state {
	case inString:
		switch {
		case x == '"':
			l.endString()
		case x == '\\':
			l.state = inEscape
		default:
			l.add(x)
		}
	case inEscape:
		l.escape(x)
	case inCode:
		l.hex(x)
	case inWord:
		if !isWord(x) {
			l.endWord()
			l.one(x) // once: the state is between now
			return
		}
		l.add(x)
	case toLine:
		if x == '\n' {
			l.state = between
		}
	default:
		l.structure(x)
	}
}

func isWord(x byte) bool {
	return x >= '0' && x <= '9' || x >= 'a' && x <= 'z' || x >= 'A' && x <= 'Z' || x == '-' || x == '+' || x == '.'
}

// structure reads what stands between values.
func (l *lexer) structure(x byte) {
	switch {
	case x == '"':
		top := l.top()
		l.isKey = top != nil && !top.array && !top.colon
		l.state, l.text, l.long = inString, l.text[:0], false
		if top == nil {
			l.fail()
		}
	case x == '{' || x == '[':
		l.begin(x == '[')
	case x == '}' || x == ']':
		l.end(x == ']')
	case x == ':':
		if top := l.top(); top == nil || top.array || top.colon || top.key == "" {
			l.fail()
		} else {
			top.colon = true
		}
	case x == ',':
		if top := l.top(); top == nil {
			l.fail()
		} else if !top.array {
			top.key, top.colon = "", false
		}
	case isWord(x):
		l.state, l.text, l.long = inWord, append(l.text[:0], x), false
		if l.top() == nil {
			l.fail()
		}
	case x == ' ', x == '\t', x == '\r', x == '\n', x == 0x1e, x == 0xef, x == 0xbb, x == 0xbf: // RFC 7464; a byte order mark
	default:
		l.fail()
	}
}

// fail gives up, or in NDJSON the line.
func (l *lexer) fail() {
	l.depth, l.b.open, l.b.count, l.b.cut = 0, nil, 0, false
	if l.state = toLine; !l.lines {
		l.bad = true
	}
}

func (l *lexer) top() *level {
	if l.depth == 0 {
		return nil
	}
	return &l.kinds[l.depth-1]
}

// name is the name under which the next value stands.
func (l *lexer) name() string {
	if top := l.top(); top != nil {
		return top.key
	}
	return ""
}

func (l *lexer) begin(array bool) {
	if top := l.top(); l.depth >= maxDepth || top != nil && !top.array && !top.colon {
		l.fail()
		return
	}
	key := l.name()
	if l.depth++; array {
		l.kinds[l.depth-1] = level{array: true, key: key}
		return
	}
	l.kinds[l.depth-1] = level{}
	l.b.push(key)
}

func (l *lexer) end(array bool) {
	top := l.top()
	if top == nil || top.array != array {
		l.fail()
		return
	}
	if l.depth--; !array {
		l.b.pop()
	}
}

func (l *lexer) add(x byte) {
	if len(l.text) < maxText {
		l.text = append(l.text, x)
	} else {
		l.long = true
	}
}

func (l *lexer) endString() {
	l.state = between
	l.b.cut = l.b.cut || l.long
	if !l.isKey {
		l.b.value(l.name(), l.cell(maxText))
		return
	}
	if l.top().key = l.word(); l.top().key == "" {
		l.top().key = "?"
	}
}

// word gives a name. Those of FHIR come again and again: one copy of each is kept.
func (l *lexer) word() string {
	if w, ok := l.words[string(l.text)]; ok {
		return w
	}
	w := l.cell(maxKey)
	if len(l.words) < maxWords {
		if l.words == nil {
			l.words = map[string]string{}
		}
		l.words[w] = w
	}
	return w
}

func (l *lexer) cell(limit int) string {
	text := l.text[:min(len(l.text), limit)]
	if !utf8.Valid(text) {
		return string([]rune(string(text)))
	}
	return string(text)
}

func (l *lexer) endWord() {
	l.state = between
	if top := l.top(); top == nil || !top.array && !top.colon {
		l.fail()
		return
	}
	if word := string(l.text); word != "null" {
		l.b.value(l.name(), word)
	}
}

// escape: RFC 8259 7.
func (l *lexer) escape(x byte) {
	l.state = inString
	switch x {
	case 'u':
		l.state, l.code, l.digits = inCode, 0, 0
	case 'n', 'r', 't', 'b', 'f':
		l.add(' ')
	default:
		l.add(x)
	}
}

func (l *lexer) hex(x byte) {
	d, err := strconv.ParseUint(string(rune(x)), 16, 8)
	if err != nil {
		l.fail()
		return
	}
	l.code = l.code<<4 | uint32(d)
	if l.digits++; l.digits < 4 {
		return
	}
	l.state = inString
	r := rune(l.code)
	switch {
	case utf16.IsSurrogate(r) && l.high == 0:
		l.high = l.code
		return
	case l.high != 0:
		r = utf16.DecodeRune(rune(l.high), r)
		l.high = 0
	}
	for _, b := range []byte(string(r)) {
		l.add(b)
	}
}

// whole tells that nothing is open.
func (l *lexer) whole() bool { return !l.bad && l.depth == 0 && l.state == between }

// lost acts on a loss: only lines can be found again.
func (l *lexer) lost() { l.fail() }

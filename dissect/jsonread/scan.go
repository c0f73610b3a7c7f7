package jsonread

// reader is where the reading of a text stands. The values are handed from call to call, not kept here: so the caller's array need not
// leave his stack.
type reader struct {
	text  []byte
	at    int
	open  int32 // the innermost object or array that is open, -1 if none
	depth int
}

// peek is the next byte, 0 at the end: a zero byte is nowhere allowed.
func (r *reader) peek() byte {
	if r.at < len(r.text) {
		return r.text[r.at]
	}
	return 0
}

// take passes over a byte if it comes next.
func (r *reader) take(b byte) bool {
	if r.peek() != b {
		return false
	}
	r.at++
	return true
}

// space passes over white space (RFC 8259 2).
func (r *reader) space() {
	for r.at < len(r.text) {
		switch r.text[r.at] {
		case ' ', '\t', '\r', '\n':
			r.at++
		default:
			return
		}
	}
}

// inside reads what comes next in the open object or array: its end, or a value with what stands before it.
func (r *reader) inside(nodes []Node) ([]Node, bool) {
	n := &nodes[r.open]
	r.space()
	first := int(r.open) == len(nodes)-1
	if b := r.peek(); b == ']' && n.kind == Array || b == '}' && n.kind == Object {
		r.at++
		r.open, n.end = n.end, int32(len(nodes))
		r.depth--
		return nodes, true
	}
	if !first && !r.take(',') {
		return nodes, false
	}
	if n.kind == Array {
		return r.value(nodes, span{}, false)
	}
	r.space()
	if !r.take('"') {
		return nodes, false
	}
	name, ok := r.str()
	if r.space(); !ok || !r.take(':') {
		return nodes, false
	}
	return r.value(nodes, name, true)
}

// value reads a value, of an object or array its beginning.
func (r *reader) value(nodes []Node, name span, member bool) (_ []Node, ok bool) {
	r.space()
	n := Node{name: name, member: member, end: int32(len(nodes)) + 1}
	switch b := r.peek(); b {
	case '{', '[':
		if n.kind = Object; b == '[' {
			n.kind = Array
		}
		if r.depth++; r.depth > maxDepth {
			return nodes, false
		}
		r.at++
		n.end, r.open = r.open, int32(len(nodes))
		ok = true
	case '"':
		r.at++
		n.kind = String
		n.text, ok = r.str()
	case 't':
		n.kind, ok = True, r.word("true")
	case 'f':
		n.kind, ok = False, r.word("false")
	case 'n':
		n.kind, ok = Null, r.word("null")
	default:
		n.kind = Number
		n.text, ok = r.number()
	}
	return append(nodes, n), ok
}

func (r *reader) word(w string) bool {
	if len(r.text)-r.at < len(w) || string(r.text[r.at:r.at+len(w)]) != w {
		return false
	}
	r.at += len(w)
	return true
}

// str reads a string up to its closing quote (RFC 8259 7).
func (r *reader) str() (s span, ok bool) {
	s.from = uint32(r.at)
	for {
		at := r.at
		for at < len(r.text) && plain[r.text[at]] {
			at++
		}
		r.at = at
		switch r.peek() {
		case '"':
			s.to = uint32(r.at)
			r.at++
			return s, true
		case '\\':
			s.escaped = true
			r.at++
			if !r.escape() {
				return s, false
			}
		default:
			return s, false
		}
	}
}

// plain are the bytes that stand for themselves in a string: no quote, backslash or control character.
var plain = func() (t [256]bool) {
	for b := ' '; b < 256; b++ {
		t[b] = b != '"' && b != '\\'
	}
	return t
}()

// escape passes over what follows a backslash.
func (r *reader) escape() bool {
	switch r.peek() {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		r.at++
		return true
	case 'u':
		r.at++
		for range 4 {
			if b := r.peek(); (b < '0' || b > '9') && (b|0x20 < 'a' || b|0x20 > 'f') {
				return false
			}
			r.at++
		}
		return true
	}
	return false
}

// number reads a number (RFC 8259 6).
func (r *reader) number() (s span, ok bool) {
	s.from = uint32(r.at)
	r.take('-')
	if !r.take('0') && !r.digits() {
		return s, false
	}
	if r.take('.') && !r.digits() {
		return s, false
	}
	if b := r.peek(); b|0x20 == 'e' {
		r.at++
		if !r.take('+') {
			r.take('-')
		}
		if !r.digits() {
			return s, false
		}
	}
	s.to = uint32(r.at)
	return s, true
}

// digits passes over at least one.
func (r *reader) digits() bool {
	from := r.at
	for b := r.peek(); b >= '0' && b <= '9'; b = r.peek() {
		r.at++
	}
	return r.at > from
}

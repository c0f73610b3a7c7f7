package jsonread

import (
	"encoding/json"
	"math"
	"unicode/utf8"
)

// maxDepth is how deep values may nest. It is that of encoding/json; nothing here calls itself.
const maxDepth = 10000

// Kind is what a value is.
type Kind uint8

// The kinds of values (RFC 8259 3). None is that of a value which is not there.
const (
	None Kind = iota
	Object
	Array
	String
	Number
	True
	False
	Null
)

// Node is one value as it stands in the text. Lend an array of them to Read.
type Node struct {
	name, text span  // name is that of the member whose value it is; text is the value's, of strings without quotes
	end        int32 // number of the node after all that is inside; while an object or array is open, the node it stands in
	kind       Kind
	member     bool // the value of a member
}

// span is a part of the text.
type span struct {
	from, to uint32
	escaped  bool // it holds a backslash
}

// Doc is a text that was read. It borrows the text, and is valid only as long as that is.
type Doc struct {
	text  []byte
	nodes []Node
}

// Read reads a text. ok is false if it is not JSON. room is where the values go while it lasts: with an array of the caller's own, an
// ordinary message takes no memory.
func Read(text []byte, room []Node) (d Doc, ok bool) {
	if len(text) > math.MaxInt32 {
		return Doc{}, false
	}
	r := reader{text: text, open: -1}
	nodes, ok := r.value(room[:0], span{}, false)
	for ok && r.open >= 0 {
		nodes, ok = r.inside(nodes)
	}
	if r.space(); !ok || r.at < len(text) {
		return Doc{}, false
	}
	return Doc{text: text, nodes: nodes}, true
}

// Root is the value that the text is.
func (d *Doc) Root() Value { return d.at(0, int32(len(d.nodes))) }

// All gives the number of values in the text; Nth gives them in the order of the text, an object before its members.
func (d *Doc) All() int { return len(d.nodes) }

// Nth gives value number i in the order of the text.
func (d *Doc) Nth(i int) Value { return d.at(int32(i), int32(len(d.nodes))) }

func (d *Doc) at(i, stop int32) Value {
	if i < 0 || i >= stop {
		return Value{}
	}
	return Value{d: d, n: &d.nodes[i], i: i, stop: stop}
}

// Value is one value of a text. The zero Value is not there: it has no kind, no text and nothing inside.
type Value struct {
	d       *Doc
	n       *Node
	i, stop int32 // its number, and that of the first node after the object or array it stands in
}

// Kind tells what it is.
func (v Value) Kind() Kind {
	if v.n == nil {
		return None
	}
	return v.n.kind
}

// Is tells whether it is there and of this kind.
func (v Value) Is(k Kind) bool { return v.n != nil && v.n.kind == k }

// Member tells whether it is the value of a member, and has a name.
func (v Value) Member() bool { return v.n != nil && v.n.member }

// Name is that of the member whose value it is. It may be a view of the text.
func (v Value) Name() []byte {
	if v.n == nil {
		return nil
	}
	return v.d.unquote(v.n.name)
}

// Text is what a string says, or a number as it is written. It may be a view of the text.
func (v Value) Text() []byte {
	switch {
	case v.Is(String):
		return v.d.unquote(v.n.text)
	case v.Is(Number):
		return v.d.text[v.n.text.from:v.n.text.to]
	}
	return nil
}

// At is its number in the order of the text. Who puts values in an order of his own keeps numbers: a stored Value would move the text's
// values off the stack.
func (v Value) At() int { return int(v.i) }

// End is the number of the first value behind all that is inside.
func (v Value) End() int {
	if v.n == nil {
		return 0
	}
	return int(v.n.end)
}

// First is the first member or element inside.
func (v Value) First() Value {
	if v.n == nil {
		return Value{}
	}
	return v.d.at(v.i+1, v.n.end)
}

// Next is the member or element after it.
func (v Value) Next() Value {
	if v.n == nil {
		return Value{}
	}
	return v.d.at(v.n.end, v.stop)
}

// Get is the member of this name: the last one, as most readers of JSON have it. The zero Value if it is none of an object.
func (v Value) Get(name string) (found Value) {
	if !v.Is(Object) {
		return Value{}
	}
	for x := v.First(); x.n != nil; x = x.Next() {
		if v.d.says(x.n.name, name) {
			found = x
		}
	}
	return found
}

// says tells whether a part of the text is this string, without undoing what is too long for it: \u0061 is the longest way to write a byte.
// What is not UTF-8 is the string that it is read as.
func (d *Doc) says(s span, name string) bool {
	switch raw := d.text[s.from:s.to]; {
	case !s.escaped && utf8.Valid(raw):
		return string(raw) == name
	case len(raw) > 6*len(name):
		return false
	}
	return string(d.unquote(s)) == name
}

// unquote undoes escapes and replaces what is not UTF-8, both rare in what programs send.
func (d *Doc) unquote(s span) []byte {
	b := d.text[s.from:s.to]
	if !s.escaped && utf8.Valid(b) {
		return b
	}
	quoted := append([]byte(nil), d.text[s.from-1:s.to+1]...) // with its quotes it is a JSON text
	var out string
	if json.Unmarshal(quoted, &out) != nil {
		return nil
	}
	return []byte(out)
}

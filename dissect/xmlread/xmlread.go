package xmlread

import (
	"bytes"
	"encoding/xml"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// Caps of one document. A tree costs more than its text: an element of four bytes becomes a node of over a hundred.
const (
	maxDepth = 128      // CDA goes to about 30, BICEPS to 15; deeper is made to exhaust stacks
	maxNodes = 1 << 16  // the largest medical device description known has some ten thousand
	maxAttrs = 256      // of one element
	maxText  = 64 << 10 // of one element: an embedded PDF is not wanted here
	maxAll   = 16 << 20 // text and attribute values of a document
)

// Problem says why a document was not read to its end.
type Problem string

// The problems.
const (
	Sound     Problem = ""
	Cut       Problem = "cut"       // ends before the root element does
	Malformed Problem = "malformed" // not well-formed
	TooDeep   Problem = "depth"
	TooMany   Problem = "nodes"   // elements or attributes
	TooLong   Problem = "text"    // text was dropped; the document was read on
	Charset   Problem = "charset" // declares one that is not read here
)

// Doc is a document as far as it was sound.
type Doc struct {
	Root    *Node // nil if there is none
	Problem Problem
	Offset  int64  // byte at which the problem stands
	DTD     bool   // it declares a document type: unusual in messages, and the way of entity attacks
	Charset string // declared, or "windows-1252 (guessed)"
}

// Node is an element.
type Node struct {
	Space  string // namespace URI
	Name   string // local name
	Attrs  []Attr // as written, declarations of namespaces among them (Space "xmlns")
	Text   string // own text, trimmed
	Kids   []*Node
	Parent *Node
}

// Attr is an attribute. Space is "" for one without prefix.
type Attr struct{ Space, Name, Value string }

// Parse reads a document. data is not kept.
func Parse(data []byte) Doc {
	var doc Doc
	data = doc.decode(data)
	r := reader{doc: &doc, dec: xml.NewDecoder(bytes.NewReader(data))}
	r.dec.CharsetReader = r.charset
	for r.step() {
	}
	r.close()
	return doc
}

// decode gives the document in UTF-8 where its first bytes or invalid ones tell another charset.
func (d *Doc) decode(data []byte) []byte {
	switch {
	case bytes.HasPrefix(data, []byte{0xFE, 0xFF}), bytes.HasPrefix(data, []byte{0xFF, 0xFE}):
		d.Charset = "utf-16"
		if out, err := unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewDecoder().Bytes(data); err == nil {
			return out
		}
	case bytes.HasPrefix(data, []byte{0xEF, 0xBB, 0xBF}):
		data = bytes.TrimPrefix(data, []byte{0xEF, 0xBB, 0xBF})
	}
	if declared(data) {
		return data
	}
	if data = trimPartial(data); !utf8.Valid(data) {
		d.Charset = "windows-1252 (guessed)"
		if out, err := charmap.Windows1252.NewDecoder().Bytes(data); err == nil {
			return out
		}
	}
	return data
}

// trimPartial drops the beginning of a character at the end of what was cut there.
func trimPartial(data []byte) []byte {
	for i := 1; i < utf8.UTFMax && i <= len(data); i++ {
		if tail := data[len(data)-i:]; utf8.RuneStart(tail[0]) {
			if !utf8.FullRune(tail) {
				return data[:len(data)-i]
			}
			break
		}
	}
	return data
}

// declared tells whether the XML declaration names a charset other than UTF-8, which then governs.
func declared(data []byte) bool {
	head := strings.ToLower(string(data[:min(len(data), 128)]))
	end := strings.Index(head, "?>")
	return strings.HasPrefix(head, "<?xml") && end > 0 && strings.Contains(head[:end], "encoding") && !strings.Contains(head[:end], "utf-8")
}

type reader struct {
	doc   *Doc
	dec   *xml.Decoder
	cur   *Node
	text  []ownText // of the open elements
	spare []Node    // room for the elements to come, and for their attributes: taken by the piece, not one by one
	attrs []Attr
	depth int
	nodes int
	all   int
	ended bool // the root element ended
}

// ownText is the text of an element: most often one piece.
type ownText struct {
	first string
	more  *strings.Builder // all of it, from the second piece on
}

func (t *ownText) len() int {
	if t.more != nil {
		return t.more.Len()
	}
	return len(t.first)
}

func (t *ownText) add(piece []byte) {
	if t.first == "" {
		t.first = string(piece)
		return
	}
	if t.more == nil {
		t.more = &strings.Builder{}
		t.more.WriteString(t.first)
	}
	t.more.Write(piece)
}

func (t *ownText) String() string {
	if t.more != nil {
		return t.more.String()
	}
	return t.first
}

// charset reads the declared charsets that are not UTF-8.
func (r *reader) charset(label string, input io.Reader) (io.Reader, error) {
	label = strings.ToLower(label)
	if r.doc.Charset != "" { // decoded already, by its byte order mark or by guess
		return input, nil
	}
	r.doc.Charset = label
	switch label {
	case "iso-8859-1", "latin1", "us-ascii", "ascii", "windows-1252", "cp1252":
		return charmap.Windows1252.NewDecoder().Reader(input), nil // a superset of the others but for control characters
	case "utf8":
		return input, nil
	}
	r.doc.Charset = ""
	r.stop(Charset)
	return nil, io.ErrUnexpectedEOF
}

func (r *reader) stop(p Problem) bool {
	if r.doc.Problem == Sound || r.doc.Problem == TooLong {
		r.doc.Problem, r.doc.Offset = p, r.dec.InputOffset()
	}
	return false
}

// step reads one token. It answers whether there may be more.
func (r *reader) step() bool {
	tok, err := r.dec.Token()
	if err != nil {
		return r.broken(err)
	}
	switch t := tok.(type) {
	case xml.StartElement:
		return r.open(&t)
	case xml.EndElement:
		r.leave()
		return !r.ended
	case xml.CharData:
		r.chars(t)
	case xml.Directive:
		r.doc.DTD = r.doc.DTD || bytes.HasPrefix(bytes.TrimSpace(t), []byte("DOCTYPE"))
	}
	return true
}

// broken judges an error of the decoder. Its text may quote the document and goes nowhere.
func (r *reader) broken(err error) bool {
	if err == io.EOF && r.doc.Root == nil {
		return false
	}
	if s, ok := err.(*xml.SyntaxError); err == io.EOF || ok && strings.Contains(s.Msg, "unexpected EOF") {
		return r.stop(Cut)
	}
	return r.stop(Malformed)
}

func (r *reader) open(t *xml.StartElement) bool {
	if r.depth >= maxDepth {
		return r.stop(TooDeep)
	}
	if r.nodes >= maxNodes || len(t.Attr) > maxAttrs {
		return r.stop(TooMany)
	}
	n := r.node(len(t.Attr))
	n.Space, n.Name, n.Parent = t.Name.Space, t.Name.Local, r.cur
	for _, a := range t.Attr {
		if len(a.Value) > maxText || r.all+len(a.Value) > maxAll {
			r.stop(TooLong)
			continue
		}
		r.all += len(a.Value)
		n.Attrs = append(n.Attrs, Attr{Space: a.Name.Space, Name: a.Name.Local, Value: a.Value})
	}
	if r.cur == nil {
		r.doc.Root = n
	} else {
		r.cur.Kids = append(r.cur.Kids, n)
	}
	r.cur, r.depth, r.nodes = n, r.depth+1, r.nodes+1
	r.text = append(r.text, ownText{})
	return true
}

// Nodes and attributes are taken in pieces that grow with the document.
const (
	leastPiece = 8
	mostPiece  = 256
)

// node gives an empty node with room for its attributes.
func (r *reader) node(attrs int) *Node {
	if len(r.spare) == 0 {
		r.spare = make([]Node, min(max(r.nodes, leastPiece), mostPiece))
	}
	n := &r.spare[0]
	r.spare = r.spare[1:]
	if len(r.attrs) < attrs {
		r.attrs = make([]Attr, max(attrs, min(max(r.nodes, leastPiece), mostPiece)))
	}
	n.Attrs, r.attrs = r.attrs[:0:attrs], r.attrs[attrs:]
	return n
}

func (r *reader) chars(t xml.CharData) {
	if r.cur == nil {
		return
	}
	i := len(r.text) - 1
	if r.text[i].len() == 0 && len(bytes.TrimSpace(t)) == 0 {
		return
	}
	if r.text[i].len()+len(t) > maxText || r.all+len(t) > maxAll {
		r.stop(TooLong)
		return
	}
	r.all += len(t)
	r.text[i].add(t)
}

// leave ends the innermost open element.
func (r *reader) leave() {
	if r.cur == nil {
		return
	}
	r.cur.Text = strings.TrimSpace(r.text[len(r.text)-1].String())
	r.text = r.text[:len(r.text)-1]
	r.cur, r.depth = r.cur.Parent, r.depth-1
	r.ended = r.cur == nil
}

// close ends what is still open.
func (r *reader) close() {
	for r.cur != nil {
		r.leave()
	}
}

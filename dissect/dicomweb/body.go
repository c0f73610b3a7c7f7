package dicomweb

import (
	"bytes"
	"strings"

	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
)

// Limits of multipart bodies.
const (
	maxBoundary = 200     // bytes; RFC 2046 5.1.1 allows 70
	maxLine     = 8 << 10 // bytes of a line of a part's header
	maxLines    = 64      // lines of it
)

// body is one direction of an exchange, read as it passes.
type body struct {
	state  bodyState
	delim  []byte // -- and the boundary
	ender  []byte // the same behind a line end
	inside string // media type of the parts, as the multipart says
	part   *part
	lines  int   // of the part's header so far
	parts  int64 // begun
	bytes  int64 // of the body, lost ones included
	lost   int64
	ref    event.Ref // of its last bytes
	kind   string    // Content-Type of the part whose header is read
}

type bodyState uint8

const (
	unseen     bodyState = iota
	single               // no multipart
	preamble             // before the first boundary
	afterDelim           // behind a boundary
	partHeader           // in a part's header
	partStart            // before a part's first byte
	inPart
	epilogue
)

// start decides how a body is read by its Content-Type.
func (d *dissector) start(dir dissect.Dir, h *body) {
	header := d.ex.Request
	if dir == dissect.FromServer {
		header = d.ex.Response
	}
	kind := header.Get("Content-Type")
	media, boundary := parameter(kind, ""), parameter(kind, "boundary")
	if strings.HasPrefix(media, "multipart/") && boundary != "" && len(boundary) <= maxBoundary {
		h.state, h.delim, h.ender = preamble, []byte("--"+boundary), []byte("\n--"+boundary)
		h.inside = parameter(parameter(kind, "type"), "") // some put the transfer syntax inside the quotes
		return
	}
	h.state = single
	h.part = d.newPart(dir, 0, media)
}

// Feed takes the next bytes of a body.
func (d *dissector) Feed(seg *dissect.Segment, out *event.Batch) (dissect.Progress, error) {
	h := &d.half[seg.Dir]
	d.out, d.ref = out, seg.Ref
	defer func() { d.out = nil }()
	if seg.Dir == dissect.FromServer {
		d.ask()
	}
	if h.state == unseen {
		d.start(seg.Dir, h)
	}
	if seg.Gap > 0 {
		d.lose(h, int64(seg.Gap))
	}
	c := cursor.New(seg.Data)
	h.ref = seg.Ref
	need := 0
	for c.More() && need == 0 {
		need = d.step(seg.Dir, h, &c)
	}
	h.bytes += int64(c.Offset())
	return dissect.Progress{Used: c.Offset(), Need: need}, nil
}

// step reads one thing of a body. Its answer is how many bytes it needs to go on, 0 if it moved.
func (d *dissector) step(dir dissect.Dir, h *body, c *cursor.Cursor) int {
	switch h.state {
	case single:
		d.write(h.part, c.Rest())
	case preamble:
		return h.find(c)
	case afterDelim:
		if !c.Need(2) {
			return 2
		}
		look := *c
		if look.String(2) == "--" {
			h.state = epilogue
			return 0
		}
		if _, ok, need := line(c); !ok {
			return need
		}
		h.state, h.lines, h.kind = partHeader, 0, ""
	case partHeader:
		text, ok, need := line(c)
		if !ok {
			return need
		}
		d.header(dir, h, text)
	case partStart:
		n := min(len(h.delim), c.Len())
		look := *c
		if head := look.Bytes(n); bytes.Equal(head, h.delim) {
			c.Skip(n)
			d.endPart(h, true)
		} else if bytes.HasPrefix(h.delim, head) {
			return n + 1
		} else {
			h.state = inPart
		}
	case inPart:
		return d.inPart(h, c)
	default:
		c.Rest()
	}
	return 0
}

// find passes over what stands before the first boundary, or over a part that was lost.
func (h *body) find(c *cursor.Cursor) int {
	look := *c
	data := look.Rest()
	i := bytes.Index(data, h.delim)
	if i < 0 {
		keep := tail(data, h.delim)
		c.Skip(len(data) - keep)
		if keep > 0 {
			return keep + 1
		}
		return 0
	}
	c.Skip(i + len(h.delim))
	h.state = afterDelim
	return 0
}

// inPart gives a part's bytes on, up to the line end in front of the next boundary (RFC 2046 5.1.1). Some senders end lines by LF alone.
func (d *dissector) inPart(h *body, c *cursor.Cursor) int {
	look := *c
	data := look.Rest()
	if i := bytes.Index(data, h.ender); i >= 0 {
		d.write(h.part, bytes.TrimSuffix(c.Bytes(i), []byte("\r")))
		c.Skip(len(h.ender))
		d.endPart(h, true)
		return 0
	}
	keep := tail(data, h.ender)
	if rest := data[:len(data)-keep]; bytes.HasSuffix(rest, []byte("\r")) {
		keep++
	}
	d.write(h.part, c.Bytes(len(data)-keep))
	if keep > 0 {
		return keep + 1
	}
	return 0
}

// tail is how many bytes at the end of data may be the beginning of what.
func tail(data, what []byte) int {
	c := cursor.New(data)
	c.Skip(max(0, len(data)-len(what)+1))
	for end := c.Rest(); len(end) > 0; {
		if bytes.HasPrefix(what, end) {
			return len(end)
		}
		x := cursor.New(end)
		x.Skip(1)
		end = x.Rest()
	}
	return 0
}

// line takes the next line, without its end. One that is too long is taken as far as it goes.
func line(c *cursor.Cursor) (text []byte, ok bool, need int) {
	look := *c
	data := look.Rest()
	i := bytes.IndexByte(data, '\n')
	switch {
	case i >= 0 && i <= maxLine:
		text = bytes.TrimRight(c.Bytes(i), "\r")
		c.Skip(1)
		return text, true, 0
	case len(data) > maxLine:
		return c.Bytes(maxLine), true, 0
	}
	return nil, false, len(data) + 1
}

// header takes a line of a part's header; the empty one ends it.
func (d *dissector) header(dir dissect.Dir, h *body, text []byte) {
	if len(text) > 0 {
		if h.lines++; h.lines > maxLines {
			d.anomaly("dicomweb_part_header", int64(h.lines), "a part's header does not end: the next part is looked for")
			h.state = preamble
			return
		}
		name, value, _ := strings.Cut(string(text), ":")
		if strings.EqualFold(strings.TrimSpace(name), "content-type") {
			h.kind = strings.TrimSpace(value)
		}
		return
	}
	h.parts++
	kind := parameter(h.kind, "")
	if kind == "" {
		kind = h.inside
	}
	h.state, h.part = partStart, d.newPart(dir, h.parts, kind)
}

// endPart ends a part, whole if its boundary came.
func (d *dissector) endPart(h *body, whole bool) {
	p := h.part
	h.part, h.state = nil, afterDelim
	if p != nil {
		d.finish(p, whole)
	}
}

// lose accounts for lost bytes. Inside a part the reader of its data set decides: if it cannot go on, nobody knows where the part
// ends, and the next boundary is looked for.
func (d *dissector) lose(h *body, n int64) {
	h.bytes += n
	h.lost += n
	switch {
	case h.part == nil:
		if h.state != epilogue {
			h.state = preamble
		}
	case !h.part.lose(n) && h.state != single:
		d.endPart(h, false)
		h.state = preamble
	}
}

// end ends a body with its exchange. cut tells that it was not seen to its end.
func (d *dissector) end(h *body, cut bool) {
	d.ref = h.ref
	if h.part == nil {
		return
	}
	whole := h.state == single && !cut
	d.endPart(h, whole)
	h.state = epilogue
}

// parameter gives a parameter of a media type, "" if it has none of that name; of the empty name, the type itself in lower case. It
// is read leniently: many leave out the quotes around type="application/dicom" (RFC 2387 3.4).
func parameter(s, name string) string {
	first := true
	for s != "" {
		var p string
		p, s = cut(s)
		if first {
			first = false
			if name == "" {
				return strings.ToLower(strings.TrimSpace(p))
			}
			continue
		}
		k, v, _ := strings.Cut(p, "=")
		if strings.EqualFold(strings.TrimSpace(k), name) {
			return strings.Trim(strings.TrimSpace(v), `"`)
		}
	}
	return ""
}

// cut gives what stands before the next semicolon outside quotes, and what stands behind it.
func cut(s string) (head, rest string) {
	quoted := false
	for i, c := range []byte(s) {
		switch {
		case c == '"':
			quoted = !quoted
		case c == ';' && !quoted:
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}

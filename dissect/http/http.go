package http

import (
	"bytes"
	"slices"

	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
	"wardtrace/dissect/web"
)

// Limits of one connection.
const (
	maxLine    = 64 << 10  // a header line: Kerberos tickets and cookies come near it, request floods go beyond
	maxHeaders = 256       // header lines read of a message; an endless header (CVE-2011-3192 and kin) is stepped over
	maxPending = 64        // requests waiting for a response: pipelining has a few, a flood has no end
	maxKept    = 32 << 10  // bytes of a body that are looked at
	maxDecoded = 256 << 10 // bytes that those may unpack to: compression bombs reach 1000 to 1
	maxKeys    = 32        // names kept of a query, form or cookie header
	maxParts   = 8         // parts looked at of a multipart body
	maxSaid    = 16        // identity rows a connection
	maxText    = 256       // bytes of a header kept
	maxURI     = 2048      // bytes of a path or query kept
)

const protocolName = "http"

// Protocol is HTTP/1.x that carries nothing.
var Protocol = With()

// With gives HTTP/1.x as a carrier: each exchange is a conversation that is offered to the protocols in carried, as package web
// says.
func With(carried ...*dissect.Protocol) *dissect.Protocol {
	tables := []*event.Table{exchanges.Desc()}
	for _, p := range carried {
		for _, t := range p.Tables {
			if !slices.Contains(tables, t) {
				tables = append(tables, t)
			}
		}
	}
	return &dissect.Protocol{
		Name:       protocolName,
		Spec:       "RFC 9110, RFC 9112",
		Transports: []dissect.Transport{dissect.TCP},
		Ports: []uint16{80, 8080, 8000, 8008, 8042, 8081, 8088, 8090, 8888, 9080, 9090, 81, 591, 631, 1880, 3000, 3128, 5000, 5357, 5985,
			7001, 9200, 10000},
		MaxBuffer: maxLine,
		Tables:    tables,
		Probe:     probe,
		New:       func(c *dissect.Conn) dissect.Dissector { return &dissector{c: c, carried: carried} },
	}
}

// HTTP2 is HTTP/2 without TLS and without upgrade (RFC 9113 3.3): recognised, not decoded.
var HTTP2 = &dissect.Protocol{
	Name:       "http2",
	Spec:       "RFC 9113 3.4",
	Transports: []dissect.Transport{dissect.TCP},
	Ports:      []uint16{80, 8080, 50051},
	Probe: func(c *dissect.Conn, dir dissect.Dir, first []byte) dissect.Match {
		n := min(len(first), len(preface))
		switch {
		case string(first[:n]) != preface[:n]:
			return dissect.No
		case n < len(preface):
			return dissect.Maybe
		case dir == dissect.FromServer && c.Guessed:
			return dissect.Swapped
		}
		return dissect.Yes
	},
	New: func(*dissect.Conn) dissect.Dissector { return opaque{} },
}

const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

// opaque passes over what is recognised and not decoded.
type opaque struct{}

func (opaque) Feed(*dissect.Segment, *event.Batch) (dissect.Progress, error) {
	return dissect.Progress{Used: dissect.Rest}, nil
}
func (opaque) Close(*event.Batch) {}

// enough is how much of an unfinished start line must be seen to believe it. A Stream gives up after 64 segments, and a
// slow sender may put one byte in each.
const enough = 48

// probe wants a start line: a status line, or a request line whose target is a path, a URL, * or, for CONNECT, a host.
func probe(c *dissect.Conn, dir dissect.Dir, first []byte) dissect.Match {
	text := bytes.TrimLeft(first, "\r\n")
	line, _, whole := bytes.Cut(text, []byte{'\n'})
	line = bytes.TrimRight(line, "\r")
	status := bytes.HasPrefix(text, []byte("HTTP/"))
	switch {
	case status && (whole || len(line) >= len("HTTP/1.1 200 ")):
		if !isStatusLine(line) {
			return dissect.No
		}
	case !couldStart(line[:min(len(line), enough)]): // what comes later cannot be asked of a line that is not whole yet
		return dissect.No
	case whole:
		if !isRequestLine(line) && !looksLikeRequest(line) {
			return dissect.No
		}
	case len(line) < enough:
		return dissect.Maybe
	}
	if c.Guessed && status == (dir == dissect.FromClient) {
		return dissect.Swapped
	}
	return dissect.Yes
}

// dissector is one connection.
type dissector struct {
	c       *dissect.Conn
	carried []*dissect.Protocol
	loaded  int // exchanges offered to them that are under way
	shared  web.Connection
	crowded bool // that there were too many has been said
	half    [2]half
	queue   []*exchange // in order of requests, at most maxPending
	depth   int64
	skip    int  // responses to requests that were pushed out of the queue
	seen    bool // a start line was read
	said    map[[2]string]bool
}

// half is one direction. Which of both sides asks is not fixed: a start line tells.
type half struct {
	state   state
	ref     event.Ref // of the bytes taken last
	scanned int       // bytes of the unused ones that hold no newline
	discard bool
	begun   bool      // a line was read
	odd     bool      // that a start line was missing has been noted
	owed    event.Ref // the line of which that is still to be said
	msg     message
}

type state uint8

const (
	atStart    state = iota
	inHeaders        // between start line and empty line
	inBody           // bytes of known or unknown number
	atChunk          // chunk size line
	afterChunk       // the line end after a chunk's data
	inTrailers
	lost    // looking for a start line
	holding // the other side decides what comes next (CONNECT)
	over
)

// exchange is a request and its response while they are under way.
type exchange struct {
	row       Exchange
	cargo     *cargo // nil if nothing can be carried
	ref       event.Ref
	asked     event.Time // end of the request's header
	request   bool       // done with
	response  bool       // done with
	answering bool       // a status line was paired with it
	alone     bool       // a response without request: not in the queue
	dir       dissect.Dir
	powered   string
	realm     string
	title     string
	path      string // as sent
}

// Feed takes one line, or one stretch of a body, a call.
func (d *dissector) Feed(seg *dissect.Segment, out *event.Batch) (dissect.Progress, error) {
	h := &d.half[seg.Dir]
	h.ref = seg.Ref
	if seg.Gap > 0 {
		d.gap(h, seg.Gap, out)
	}
	cur := cursor.New(seg.Data)
	switch {
	case h.state == over:
		return dissect.Progress{Used: dissect.Rest}, nil
	case h.state == holding:
		return dissect.Progress{}, nil
	case h.state == inBody:
		return dissect.Progress{Used: d.body(h, &cur, out)}, nil
	case h.discard:
		return dissect.Progress{Used: h.pass(&cur)}, nil
	}
	line, used := h.line(&cur)
	if used == 0 {
		return dissect.Progress{}, nil
	}
	if text := bytes.TrimLeft(line, "\r"); len(text) > 0 { // the probe passes over empty lines too
		if !h.begun && !d.seen && !d.c.Midstream && promised(text) {
			return dissect.Progress{}, errNotHTTP
		}
		h.begun = true
	}
	if d.take(seg, h, line, out) {
		return dissect.Progress{Used: used, HandOver: true}, nil
	}
	return dissect.Progress{Used: used}, nil
}

// promised tells that a line which the probe believed in before it was whole is no start line. A line that the probe did not
// believe in stands here because the other side speaks HTTP: it is malformed, or odd on purpose.
func promised(line []byte) bool {
	return len(line) >= enough && couldStart(line[:enough]) && !isStatusLine(line) && !isRequestLine(line) && !looksLikeRequest(line)
}

// line gives the next line without its end, and how many bytes it took; 0 if it is not all there. A line that is too
// long is cut, and the rest of it discarded.
func (h *half) line(cur *cursor.Cursor) (line []byte, used int) {
	all := *cur
	cur.Skip(min(h.scanned, cur.Len()))
	i := bytes.IndexByte(cur.Rest(), '\n')
	switch end := h.scanned + i; {
	case i >= 0 && end < maxLine:
		h.scanned = 0
		return bytes.TrimRight(all.Bytes(end), "\r"), end + 1
	case i >= 0 || all.Len() >= maxLine:
		h.scanned, h.discard = 0, true
		return all.Bytes(maxLine), maxLine
	}
	h.scanned = all.Len()
	return nil, 0
}

// pass discards the rest of a line that was too long.
func (h *half) pass(cur *cursor.Cursor) int {
	n := cur.Len()
	if i := bytes.IndexByte(cur.Rest(), '\n'); i >= 0 {
		h.discard = false
		return i + 1
	}
	return n
}

// take gives a line to the state it belongs to. True hands the connection over.
func (d *dissector) take(seg *dissect.Segment, h *half, line []byte, out *event.Batch) bool {
	switch h.state {
	case atStart, lost:
		d.startLine(seg, h, line, out)
	case inHeaders:
		if len(line) > 0 {
			h.msg.header(line)
			return false
		}
		return d.endOfHeaders(seg, h, out)
	case atChunk:
		d.chunkSize(seg, h, line, out)
	case afterChunk:
		h.state = atChunk
	case inTrailers:
		if len(line) == 0 {
			d.endOfMessage(h, out)
		}
	}
	return false
}

// gap accounts for lost bytes. A loss within a body of known length costs its digest only.
func (d *dissector) gap(h *half, n int, out *event.Batch) {
	h.scanned, h.discard = 0, false
	m := &h.msg
	switch h.state {
	case over, holding:
		return
	case inBody:
		known := m.remaining >= 0
		in := int64(n)
		if known {
			in = min(in, m.remaining)
			m.remaining -= in
		}
		m.cut = true
		m.count(in)
		m.ex.row.MissingBytes += in
		m.object.lose(in)
		m.lose(int(in), h.ref, out)
		switch {
		case known && in < int64(n):
			break // the loss goes on behind the message
		case known && m.remaining == 0:
			d.endOfData(h, out)
			return
		default:
			return
		}
	}
	d.interrupted(h, out)
	h.state = lost
}

// interrupted closes a message whose rest is not known.
func (d *dissector) interrupted(h *half, out *event.Batch) {
	if h.msg.ex != nil {
		h.msg.cut = true
		d.endOfMessage(h, out)
	}
}

// startLine begins a message, or passes over what is none.
func (d *dissector) startLine(seg *dissect.Segment, h *half, line []byte, out *event.Batch) {
	switch {
	case isStatusLine(line):
		d.beginResponse(seg, h, line, out)
	case isRequestLine(line):
		d.beginRequest(seg, h, line, out)
	case len(line) == 0 && h.state == atStart: // RFC 9112 2.2: empty lines before a start line
		return
	case h.state == atStart && looksLikeRequest(line):
		dissect.Anomaly(out, seg.Ref, protocolName, "http_odd_request_line", 1, "a request line breaks RFC 9112 section 3")
		d.beginRequest(seg, h, line, out)
	case h.state == atStart && d.awaits(seg.Dir) && looksLikeStatus(line):
		dissect.Anomaly(out, seg.Ref, protocolName, "http_odd_status_line", 1,
			"a status line breaks RFC 9112 section 4; clients may accept it where a filter does not")
		d.beginResponse(seg, h, line, out)
	default:
		if h.state == atStart && !h.odd && (d.seen || !d.c.Midstream) {
			h.odd, h.owed = true, seg.Ref
		}
		d.complain(out)
		h.state = lost
		return
	}
	d.seen = true
	d.complain(out)
	h.state = inHeaders
}

// complain tells of sides that began with what is no HTTP message. It waits for a start line: until then it may not be HTTP at all, and
// no row may stand.
func (d *dissector) complain(out *event.Batch) {
	for i := range d.half {
		if h := &d.half[i]; d.seen && h.owed != (event.Ref{}) {
			dissect.Anomaly(out, h.owed, protocolName, "http_no_start_line", 1,
				"bytes from the "+dissect.Dir(i).String()+" are no HTTP message; passed over up to the next start line")
			h.owed = event.Ref{}
		}
	}
}

// endOfHeaders decides what follows a header: RFC 9112 6.3. True hands the connection over.
func (d *dissector) endOfHeaders(seg *dissect.Segment, h *half, out *event.Batch) bool {
	m := &h.msg
	m.finishHeader()
	if m.request {
		m.ex.ref, m.ex.asked = seg.Ref, seg.Time
		h.state = m.requestBody()
	} else {
		if !m.ex.row.RequestSeen {
			m.ex.ref = seg.Ref
		}
		h.state = m.responseBody()
	}
	m.announce(seg.Ref, out)
	if h.state != atStart {
		d.keep(m, seg.Dir, seg.Ref)
		return false
	}
	status, tunnel := m.status, m.ex.row.Method == "CONNECT"
	switch {
	case m.request:
		d.endOfMessage(h, out)
		if tunnel {
			h.state = holding
		}
	case status == 101, tunnel && status/100 == 2:
		d.endOfMessage(h, out)
		return true
	case m.interim():
		if m.ex.answering = false; m.ex.alone { // nobody will wait for it
			d.unload(m.ex, out)
		}
		h.msg = message{}
	default:
		d.endOfMessage(h, out)
	}
	if other := &d.half[seg.Dir.Other()]; !m.request && other.state == holding {
		other.state = atStart
	}
	return false
}

// endOfData ends a stretch of body: the chunk or the message.
func (d *dissector) endOfData(h *half, out *event.Batch) {
	if h.msg.chunked {
		h.state = afterChunk
		return
	}
	d.endOfMessage(h, out)
}

// endOfMessage writes what the body showed into the row, and emits rows whose turn has come.
func (d *dissector) endOfMessage(h *half, out *event.Batch) {
	m := &h.msg
	m.delivered(h.ref, out)
	m.object.close(!m.cut)
	m.finish()
	switch {
	case m.ex.alone:
		d.emit(m.ex, out)
	case m.request:
		m.ex.request = true
	default:
		m.ex.response = true
	}
	h.msg, h.state = message{}, atStart
	for len(d.queue) > 0 && d.queue[0].request && d.queue[0].response {
		d.emit(d.queue[0], out)
		d.queue = d.queue[1:]
	}
	if len(d.queue) == 0 {
		d.queue = nil
	}
}

// Close emits what is still under way. A body whose end is the end of the connection is complete.
func (d *dissector) Close(out *event.Batch) {
	for i := range d.half {
		h := &d.half[i]
		if h.msg.ex == nil {
			continue
		}
		if !(h.state == inBody && h.msg.remaining < 0 && !h.msg.chunked) {
			h.msg.cut = true
		}
		d.endOfMessage(h, out)
	}
	for _, ex := range d.queue {
		d.emit(ex, out)
	}
	d.queue = nil
}

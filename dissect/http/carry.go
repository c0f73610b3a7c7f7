package http

import (
	"fmt"
	"io"
	"strings"

	"wardtrace/dissect"
	"wardtrace/dissect/event"
	"wardtrace/dissect/web"
)

// Limits of what is carried.
const (
	maxCarried   = 8        // exchanges of a connection that are offered at a time: clients that pipeline stay below it, a flood does not
	maxHeader    = 64 << 10 // bytes of a header kept for an exchange; every server refuses more
	maxPacked    = 1 << 20  // bytes collected of a body under a content coding, which can only be undone as one
	maxUnpacked  = 16 << 20 // bytes they may unpack to: text packs 10 to 1, a compression bomb 1000 to 1
	unpackedStep = 32 << 10 // bytes unpacked at a time
)

// cargo is one exchange as the protocols inside see it: a conversation of its own.
type cargo struct {
	web.Exchange
	conn   dissect.Conn
	stream *dissect.Stream
	half   [2]cargoHalf
}

// cargoHalf is one body.
type cargoHalf struct {
	kept   int    // bytes of the header kept
	gap    int    // bytes lost in front of what comes next
	packed []byte // collected under a content coding
	state  codingState
}

type codingState uint8

const (
	plainBody  codingState = iota
	packedBody             // collected until its end, a loss, or the cap
	closedBody             // nothing more of it can be read
)

// side is the direction of a message within its exchange: the body of a request comes from the client.
func (m *message) side() dissect.Dir {
	if m.request {
		return dissect.FromClient
	}
	return dissect.FromServer
}

// load makes the conversation for an exchange.
func (d *dissector) load(ex *exchange, ref event.Ref, out *event.Batch) {
	if len(d.carried) == 0 {
		return
	}
	if d.loaded >= maxCarried {
		if !d.crowded {
			d.crowded = true
			dissect.Anomaly(out, ref, protocolName, "http_carried_limit", maxCarried,
				fmt.Sprintf("more than %d exchanges are under way on one connection; what the others carry is not read", maxCarried))
		}
		return
	}
	d.loaded++
	g := &cargo{conn: *d.c}
	g.Depth, g.Connection = ex.row.TransDepth, &d.shared
	g.conn.Midstream, g.conn.Guessed, g.conn.Carried = false, false, &g.Exchange
	if ex.dir != dissect.FromClient {
		g.conn.Client, g.conn.Server = d.c.Server, d.c.Client
		g.conn.ClientMAC, g.conn.ServerMAC = d.c.ServerMAC, d.c.ClientMAC
	}
	g.stream = dissect.NewStream(&g.conn, d.carried, out.Counter())
	ex.cargo = g
}

// unload ends the conversation, and takes what it made of the exchange into the row.
func (d *dissector) unload(ex *exchange, out *event.Batch) {
	g := ex.cargo
	if g == nil {
		return
	}
	ex.cargo = nil
	d.loaded--
	g.stream.Close(out)
	ex.row.Carried = g.stream.Service()
	if g.SafePath != "" {
		_, keys, query := strings.Cut(ex.row.URI, "?")
		if ex.row.URI = clean([]byte(g.SafePath), maxURI); query {
			ex.row.URI += "?" + keys
		}
	}
	if g.SafeLocation != "" && ex.row.Location != "" {
		ex.row.Location = clean([]byte(g.SafeLocation), maxURI)
	}
}

// exchangeBytes is what an exchange under way counts for in the memory budget, with the texts of its row, measured.
const exchangeBytes = 2 << 10

// Held is the number of bytes that exchanges under way take, and what the conversations inside hold back.
func (d *dissector) Held() int {
	n := len(d.queue)*exchangeBytes + cap(d.half[0].msg.kept) + cap(d.half[1].msg.kept)
	for _, ex := range d.queue {
		if g := ex.cargo; g != nil {
			n += g.stream.Buffered() + g.half[0].held() + g.half[1].held()
		}
	}
	return n
}

func (h *cargoHalf) held() int { return len(h.packed) + min(h.kept, maxHeader) }

// keepHeader keeps a line of a header for the protocols inside.
func (m *message) keepHeader(name string, value []byte) {
	g := m.ex.cargo
	if g == nil {
		return
	}
	h := &g.half[m.side()]
	if h.kept += len(name) + len(value); h.kept > maxHeader {
		return
	}
	f := web.Field{Name: name, Value: strings.ToValidUTF8(string(value), "\ufffd")}
	if m.request {
		g.Request = append(g.Request, f)
	} else {
		g.Response = append(g.Response, f)
	}
}

// announce shows a header that is read. The protocols inside are asked with the first one.
func (m *message) announce(ref event.Ref, out *event.Batch) {
	g := m.ex.cargo
	if g == nil {
		return
	}
	h := &g.half[m.side()]
	switch {
	case m.request:
		g.Ref, g.Method, g.Host, g.Path, g.Query = ref, m.ex.row.Method, m.ex.row.Host, m.path, m.query
		g.stream.Open(ref, out)
	case m.interim():
		g.Response, *h = nil, cargoHalf{}
		return
	default:
		g.Status = m.status
		if !m.ex.row.RequestSeen {
			g.Ref, g.RequestCut = ref, true
			g.stream.Open(ref, out)
		}
	}
	switch m.encoding {
	case "", "identity":
	case "gzip", "x-gzip", "deflate":
		h.state = packedBody
	default: // br, zstd: not undone
		h.state = closedBody
	}
}

// carry gives bytes of a body to the protocols inside.
func (m *message) carry(data []byte, ref event.Ref, out *event.Batch) {
	g := m.ex.cargo
	if g == nil || len(data) == 0 || g.stream.Idle() {
		return
	}
	h := &g.half[m.side()]
	switch h.state {
	case plainBody:
		g.stream.Feed(&dissect.Segment{Data: data, Gap: h.gap, Dir: m.side(), Ref: ref}, out)
		h.gap = 0
	case packedBody:
		room := maxPacked - len(h.packed)
		h.packed = append(h.packed, data[:min(room, len(data))]...)
		if len(data) > room {
			m.lose(0, ref, out)
		}
	}
}

// lose tells the protocols inside of a loss in a body. What was collected of a packed one is read up to there.
func (m *message) lose(n int, ref event.Ref, out *event.Batch) {
	g := m.ex.cargo
	if g == nil {
		return
	}
	m.markCut()
	if h := &g.half[m.side()]; h.state == plainBody {
		h.gap += n
	} else {
		m.unpack(ref, out)
	}
}

func (m *message) markCut() {
	if m.request {
		m.ex.cargo.RequestCut = true
	} else {
		m.ex.cargo.ResponseCut = true
	}
}

// delivered ends a body.
func (m *message) delivered(ref event.Ref, out *event.Batch) {
	g := m.ex.cargo
	if g == nil {
		return
	}
	if m.cut || g.half[m.side()].state == closedBody && m.size > 0 {
		m.markCut()
	}
	m.unpack(ref, out)
}

// unpack undoes the content coding of what was collected, and gives it on piece by piece.
func (m *message) unpack(ref event.Ref, out *event.Batch) {
	g := m.ex.cargo
	h := &g.half[m.side()]
	if h.state != packedBody {
		return
	}
	packed := h.packed
	h.packed, h.state = nil, closedBody
	if len(packed) == 0 {
		return
	}
	u := unpackers.Get().(*unpacker)
	defer u.done()
	r, err := u.open(m.encoding, packed)
	if err != nil {
		m.markCut()
		return
	}
	buf := u.buf[:unpackedStep]
	for total := 0; !g.stream.Idle(); {
		n, err := fill(r, buf)
		if n > 0 {
			g.stream.Feed(&dissect.Segment{Data: buf[:n], Dir: m.side(), Ref: ref}, out)
		}
		if total += n; err == io.EOF {
			return
		}
		if err != nil || total >= maxUnpacked {
			m.markCut()
			return
		}
	}
}

// fill reads until the buffer is full or the reader has no more. Pieces of one size keep a body's end where it is however
// the reader cuts it.
func fill(r io.Reader, buf []byte) (n int, err error) {
	for n < len(buf) && err == nil {
		var k int
		k, err = r.Read(buf[n:])
		n += k
	}
	return n, err
}

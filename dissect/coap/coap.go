package coap

import (
	"encoding/hex"
	"fmt"
	"strings"

	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
	"wardtrace/dissect/words"
)

// Limits of one conversation.
const (
	maxPending = 64        // requests waiting for a response: NSTART is 1 (RFC 7252 4.7), observers have some tens
	maxBlocks  = 256 << 10 // bytes put together from blocks: HL7 messages and bundles of a sensor, not firmware
	maxOptions = 64        // options of a message
	maxSegment = 255       // bytes of an option's text kept (5.10)
)

const protocolName = "coap"

// With gives the protocol as a carrier: whole payloads are offered to the protocols in carried.
func With(carried ...*dissect.Protocol) *dissect.Protocol {
	return &dissect.Protocol{
		Name:       protocolName,
		Spec:       "RFC 7252",
		Transports: []dissect.Transport{dissect.UDP},
		Ports:      []uint16{port},
		Tables:     append([]*event.Table{rows.Desc()}, tablesOf(carried)...),
		Probe:      probe,
		New: func(c *dissect.Conn) dissect.Dissector {
			return &conversation{c: c, carried: carried, pending: map[string]*exchange{}, blocks: map[string]*body{}}
		},
	}
}

func tablesOf(carried []*dissect.Protocol) (out []*event.Table) {
	for _, p := range carried {
		out = append(out, p.Tables...)
	}
	return out
}

const port = 5683

// probe wants a whole message; off the port, a request with a printable path.
func probe(c *dissect.Conn, dir dissect.Dir, first []byte) dissect.Match {
	m, ok := parse(first)
	if !ok {
		return dissect.No
	}
	if c.Server.Port() != port && c.Client.Port() != port && (m.code.class() != 0 || m.code == 0 || m.path == "" || !m.known || !printable(m.path)) {
		return dissect.No
	}
	if c.Guessed && m.code != 0 && (m.code.class() == 0) != (dir == dissect.FromClient) {
		return dissect.Swapped
	}
	return dissect.Yes
}

// conversation is the messages between two endpoints.
type conversation struct {
	c       *dissect.Conn
	carried []*dissect.Protocol
	carrier dissect.Carrier
	pending map[string]*exchange // by token and asking side
	order   []string
	blocks  map[string]*body
}

// exchange is a request, kept until it is pushed out: a server may answer it many times (Observe).
type exchange struct {
	seq      int64
	at       event.Time
	path     string
	answered bool
}

// body is a payload being put together.
type body struct {
	next int64
	data []byte
}

// Feed takes one message.
func (v *conversation) Feed(seg *dissect.Segment, out *event.Batch) (dissect.Progress, error) {
	m, ok := parse(seg.Data)
	if !ok {
		dissect.Anomaly(out, seg.Ref, protocolName, "coap_malformed", 1, "a datagram among CoAP messages is none")
		return dissect.Progress{}, nil
	}
	r := m.row()
	r.Dir = seg.Dir.String()
	key := r.Token
	var asked *exchange
	if m.code.class() == 0 {
		key += seg.Dir.String()
	} else {
		key += seg.Dir.Other().String()
		asked = v.pending[key]
	}
	if asked != nil && m.code != 0 {
		r.ResponseTo = event.Some(asked.seq)
		if r.Path = asked.path; !asked.answered && seg.Time >= asked.at {
			r.LatencyMS = event.Some(float64(seg.Time-asked.at) / 1e6)
			asked.answered = true
		}
	}
	r.Discovery = r.Path == ".well-known/core"
	if r.Discovery && m.format == linkFormat {
		r.Resources = int64(strings.Count(string(m.payload), "<"))
	}
	v.inside(&r, &m, seg, out)
	seq := int64(rows.Emit(out, seg.Ref, r))
	if m.code.class() == 0 && m.code != 0 {
		v.remember(key, &exchange{seq: seq, at: seg.Time, path: r.Path})
	}
	return dissect.Progress{}, nil
}

// Held is the number of bytes of payloads that are being put together.
func (v *conversation) Held() (n int) {
	for _, b := range v.blocks {
		n += len(b.data)
	}
	return n
}

// Close has nothing left to say: every message is a row when it comes.
func (v *conversation) Close(*event.Batch) {}

func (v *conversation) remember(key string, x *exchange) {
	if v.pending[key] == nil {
		if len(v.order) == maxPending {
			delete(v.pending, v.order[0])
			v.order = v.order[1:]
		}
		v.order = append(v.order, key)
	}
	v.pending[key] = x
}

// inside offers a whole payload to the protocols that may be in it.
func (v *conversation) inside(r *Message, m *packet, seg *dissect.Segment, out *event.Batch) {
	payload := m.payload
	if seg.Cut > 0 {
		return
	}
	if m.block.OK && (m.more || m.block.V > 0) {
		var whole bool
		if payload, whole = v.join(m, r.Dir+r.Path); !whole { // one transfer of a resource at a time (RFC 7959 2.5)
			return
		}
	}
	r.Carried = v.carrier.Message(v.c, v.carried, seg.Dir, payload, seg.Ref, out)
}

// join puts blocks together that come in order (RFC 7959 2.2).
func (v *conversation) join(m *packet, key string) (payload []byte, whole bool) {
	b := v.blocks[key]
	switch {
	case m.block.V == 0 && (b != nil || len(v.blocks) < maxPending):
		b = &body{}
		v.blocks[key] = b
	case b == nil || b.next != m.block.V || len(b.data)+len(m.payload) > maxBlocks:
		delete(v.blocks, key)
		return nil, false
	}
	if b == nil {
		return nil, false
	}
	b.data = append(b.data, m.payload...)
	b.next++
	if m.more {
		return nil, false
	}
	delete(v.blocks, key)
	return b.data, true
}

// code is class and detail (RFC 7252 3).
type code uint8

func (c code) class() uint8 { return uint8(c >> 5) }

func (c code) String() string { return codeNames[c] }

// codeNames are the codes as they are written, 2.05: every message has one.
var codeNames = func() (names [256]string) {
	for i := range names {
		names[i] = fmt.Sprintf("%d.%02d", i>>5, i&31)
	}
	return names
}()

// packet is a message as parsed; its texts are views of the datagram.
type packet struct {
	kind    uint8
	code    code
	id      uint16
	token   []byte
	host    string
	path    string
	query   []string
	proxy   bool
	oscore  bool
	observe event.Opt[int64]
	block   event.Opt[int64]
	more    bool
	format  int64 // -1 if not given
	payload []byte
	known   bool // every option is one that is registered
}

// parse reads a message: version, type, token length; code; message id; token; options; payload (RFC 7252 3).
func parse(b []byte) (m packet, ok bool) {
	cur := cursor.New(b)
	head := cur.U8()
	m.kind, m.code, m.id = head>>4&3, code(cur.U8()), cur.U16()
	m.token = cur.Bytes(int(head & 15))
	m.format, m.known = -1, true
	if cur.Short() || head>>6 != 1 || head&15 > 8 || !m.code.valid() {
		return m, false
	}
	if m.code == 0 { // empty: an acknowledgement, a reset or a ping has nothing behind its id (4.1)
		return m, !cur.More() && head&15 == 0
	}
	number := 0
	for n := 0; cur.More(); n++ {
		x := cur.U8()
		if x == 0xff {
			m.payload = cur.Rest()
			return m, len(m.payload) > 0
		}
		delta, size := extended(&cur, int(x>>4)), extended(&cur, int(x&15))
		value := cur.Bytes(max(size, 0))
		if delta < 0 || size < 0 || cur.Short() || n >= maxOptions {
			return m, false
		}
		number += delta
		if !m.option(number, value) {
			return m, false
		}
	}
	return m, true
}

// extended resolves the nibbles of an option's delta and length (3.1); -1 for the reserved one.
func extended(cur *cursor.Cursor, n int) int {
	switch n {
	case 13:
		return int(cur.U8()) + 13
	case 14:
		return int(cur.U16()) + 269
	case 15:
		return -1
	}
	return n
}

// valid: methods, and the responses of the classes 2, 4 and 5 (12.1).
func (c code) valid() bool {
	switch detail := c & 31; c.class() {
	case 0:
		return detail <= 7
	case 2:
		return detail <= 5 || detail == 31
	case 4:
		return detail <= 15 || detail == 22 || detail == 29
	case 5:
		return detail <= 8
	}
	return false
}

// option takes one option. False means that its length is impossible: then it is no CoAP message.
func (m *packet) option(number int, value []byte) bool {
	def, ok := options[number]
	if !ok {
		m.known = false
		return true
	}
	if len(value) < def.least || len(value) > def.most {
		return false
	}
	switch number {
	case optHost:
		m.host = string(value)
	case optPath:
		if m.path != "" {
			m.path += "/"
		}
		m.path += string(value)
	case optQuery:
		m.query = append(m.query, string(value))
	case optProxyURI, optProxyScheme:
		m.proxy = true
	case optOSCORE:
		m.oscore = true
	case optObserve:
		m.observe = event.Some(number64(value))
	case optFormat:
		m.format = number64(value)
	case optBlock1, optBlock2:
		v := number64(value)
		if (number == optBlock1) == (m.code.class() == 0) { // of the payload that this message holds, not of the other way
			m.block, m.more = event.Some(v>>4), v&8 != 0
		}
	}
	return true
}

func number64(b []byte) (n int64) {
	for _, x := range b {
		n = n<<8 | int64(x)
	}
	return n
}

func printable(s string) bool {
	for _, r := range s {
		if r < ' ' || r == 0x7f || r == '\uFFFD' {
			return false
		}
	}
	return true
}

// row fills in what the message says itself.
func (m *packet) row() Message {
	r := Message{Type: typeNames[m.kind], Code: m.code.String(), MessageID: int64(m.id), Token: hex.EncodeToString(m.token),
		Host: m.host, Proxy: m.proxy, Observe: m.observe, Block: m.block, More: m.more, PayloadLen: int64(len(m.payload)), Protected: m.oscore}
	if m.code.class() == 0 && m.code != 0 {
		r.Method = methods[m.code]
	}
	if m.format >= 0 {
		if r.ContentFormat = formats[m.format]; r.ContentFormat == "" {
			r.ContentFormat = fmt.Sprint(m.format)
		}
	}
	r.Path, r.PatientID = redact(m.path)
	for _, q := range m.query {
		key, value, _ := strings.Cut(q, "=")
		if w := words.Of(key); w.Patient() && r.PatientID == "" {
			r.PatientID = value
		}
		if len(key) <= 40 && printable(key) {
			r.QueryKeys = append(r.QueryKeys, key)
		}
	}
	r.Query = strings.Join(m.query, "&")
	return r
}

// redact replaces the segment of a path that names a patient.
func redact(path string) (shown, patient string) {
	at, behind := 0, false
	for segment := range strings.SplitSeq(path, "/") {
		if behind && segment != "" {
			return path[:at] + "<patient>" + path[at+len(segment):], segment
		}
		w := words.Of(segment)
		behind = w.Patient()
		at += len(segment) + 1
	}
	return path, ""
}

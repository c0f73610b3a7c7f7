package hl7

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"strconv"
	"strings"

	"wardtrace/dissect"
	"wardtrace/dissect/event"
)

// message is an open message: its row so far and the rows below it, which wait for its end.
type message struct {
	text
	r     *reader
	ref   event.Ref // of its last line
	row   Message
	hash  hash.Hash
	kept  kept
	lines int
	zone  int64 // offset of MSH-7 in minutes

	observations []reading
	orders       []therapyOrder
	codes        []Code
	ids          []PatientID
	moves        []move
	held         int // bytes of text in them
	dropped      int64
	notes        []note
	identities   []event.Identity

	current      string // patient of the PID line above
	order        order  // the order that lines belong to
	outline      outline
	contradicted bool // a line was not in the declared character set
}

// order is what ORC and OBR say about the lines that follow them.
type order struct {
	control, placer, filler, panel string
	start                          event.Time
	fromORC                        bool // its numbers were given by an ORC that the next OBR continues
	number                         int  // counts the ORC and OBR lines of the message
}

// note is an anomaly that waits for the message's end.
type note struct {
	kind   string
	count  int64
	detail string
}

func newMessage(r *reader, d delims, cs *charset) *message {
	if r.hash == nil {
		r.hash = sha256.New()
	}
	r.hash.Reset()
	m := &message{text: text{delims: d, cs: cs, cells: &r.cells}, r: r, ref: r.ref, hash: r.hash, observations: r.room}
	r.room = nil
	m.row.Dir, m.row.Framing = r.dir.String(), r.framing
	if r.framing == "none" && r.v.conn.Transport == dissect.UDP {
		m.row.Framing = "datagram"
	}
	return m
}

// hashLine adds the beginning of a line after the header to the body's hash, and to what is kept of it.
func (m *message) hashLine(head []byte) {
	m.hash.Write(head)
	m.kept.write(head)
}

// maxRoom is how many observations a direction keeps room for from one message to the next: a monitor sends some ten to twenty.
const maxRoom = 32

// flag sets a flag of the row, each once.
func (m *message) flag(name string) { m.row.Flags = appendOnce(m.row.Flags, name) }

// phi notes that a kind of patient data is present in a field that is not empty.
func (m *message) phi(kind, value string) {
	if value != "" && value != `""` {
		m.row.PHISeen = appendOnce(m.row.PHISeen, kind)
	}
}

func appendOnce(list []string, s string) []string {
	for _, have := range list {
		if have == s {
			return list
		}
	}
	return append(list, s)
}

// maxNames bounds the list of Z segments: 26 × 36 × 36 names are possible.
const maxNames = 64

// line takes one line; whole is its decoded text (of the first maxLine bytes).
func (m *message) line(l *line, whole string) {
	m.lines++
	m.row.Bytes += int64(l.bytes) + 1
	for _, f := range l.fields {
		m.row.LongestField = max(m.row.LongestField, int64(len(f)))
	}
	if l.cut { // what passed unread is taken to be of the field that was cut
		m.row.LongestField = max(m.row.LongestField, int64(l.bytes-l.around(len(l.fields)-1)))
	}
	m.scan(whole)
	if !isName(l.name) {
		m.outline.add("?")
		m.row.UnknownSegments++
		return
	}
	m.outline.add(l.name)
	if decode, ok := decoders[l.name]; ok {
		decode(m, l)
		return
	}
	switch {
	case strings.HasPrefix(l.name, "Z"):
		if len(m.row.ZSegments) < maxNames {
			m.row.ZSegments = appendOnce(m.row.ZSegments, strings.Clone(l.name))
		}
	case !knownSegments[l.name]:
		m.row.UnknownSegments++
	}
}

// isName: three letters or digits, the first a capital letter (2.5.2).
func isName(s string) bool {
	for i, r := range s {
		if (r < 'A' || r > 'Z') && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return len(s) == 3
}

// outline writes the names of lines, runs of one name as NAME*n.
type outline struct {
	b    strings.Builder
	last string
	run  int
	full bool
}

func (o *outline) add(name string) {
	if name == o.last {
		o.run++
		return
	}
	o.flush()
	o.last, o.run = strings.Clone(name), 1
}

func (o *outline) flush() {
	if o.run == 0 || o.full {
		return
	}
	if o.b.Len() > maxOutline {
		o.b.WriteString(" ...")
		o.full = true
		return
	}
	if o.b.Len() > 0 {
		o.b.WriteByte(' ')
	}
	o.b.WriteString(o.last)
	if o.run > 1 {
		o.b.WriteString("*" + strconv.Itoa(o.run))
	}
}

// scan looks for what rules ask of any field, before the values become pseudonyms.
func (m *message) scan(s string) {
	if strings.Contains(s, "${") {
		m.flag("lookup")
	}
	if strings.Contains(s, "../") || strings.Contains(s, `..\`) && m.escape != `\` {
		m.flag("path")
	}
	if strings.Contains(s, "<") {
		low := strings.ToLower(s)
		if strings.Contains(low, "<script") || strings.Contains(low, "<iframe") || strings.Contains(low, "javascript:") {
			m.flag("markup")
		}
	}
	if m.escape != "" && (strings.Contains(s, m.escape+"X") || strings.Contains(s, m.escape+".br")) {
		m.scanEscapes(s)
	}
	if _, after, ok := strings.Cut(s, "\n"); ok && m.beginsLine(after) {
		m.flag("lf_segment")
	}
}

// scanEscapes flags an escape that yields the end of a line, and worse, the start of another (CVE-2020-27260).
func (m *message) scanEscapes(s string) {
	plain := m.unescape(s)
	for {
		i := strings.IndexAny(plain, "\r\n\v")
		if i < 0 {
			return
		}
		if plain[i] != '\n' { // \.br\ makes a line feed for good reasons
			m.flag("escaped_cr")
		}
		plain = plain[i+1:]
		if m.beginsLine(plain) {
			m.flag("escaped_segment")
			return
		}
	}
}

// beginsLine tells whether text would be read as a line of a message by an engine that took what is before it for an end.
func (m *message) beginsLine(s string) bool {
	name, _, ok := strings.Cut(strings.TrimLeft(s, "\r\n\v")[:min(4, len(strings.TrimLeft(s, "\r\n\v")))], m.field)
	return ok && knownSegments[name]
}

// waiting is the number of rows that wait for the message's end.
func (m *message) waiting() int {
	return len(m.observations) + len(m.orders) + len(m.codes) + len(m.ids) + len(m.moves)
}

// room tells whether a row below the message may still wait for its end, and counts its text.
func (m *message) room(textBytes int) bool {
	if m.waiting() >= maxChildren || m.held+textBytes > maxChildText {
		m.dropped++
		return false
	}
	m.held += textBytes
	return true
}

// close ends the open message and emits its rows.
func (r *reader) close(out *event.Batch, ended string) {
	m := r.msg
	r.msg = nil
	if ended == "block" || ended == "datagram" || ended == "cut" {
		m.ref = r.ref
	}
	m.outline.flush()
	m.row.Outline, m.row.Segments, m.row.Ended = m.outline.b.String(), int64(m.lines), ended
	m.row.DecodedAs = m.cs.name
	if m.row.DecodedAs == "" {
		m.row.DecodedAs = "ascii?"
	}
	if m.lines > 1 || m.row.Headless {
		m.row.BodyHash = hex.EncodeToString(m.hash.Sum(nil)[:16])
	}
	m.kept.close(&m.row)
	r.answer(m)
	seq := messages.Emit(out, m.ref, m.row)
	m.children(out, int64(seq))
	r.identify(out, m)
	m.anomalies(out)
	if cap(m.observations) <= maxRoom {
		clear(m.observations)
		r.room = m.observations[:0]
	}
	if m.row.AckCode == "" && m.row.ControlID != "" {
		r.v.await(r.dir, sent{controlID: m.row.ControlID, seq: seq, at: m.ref.Time, app: m.row.ReceivingApp}, m.ref, out)
	}
}

// endAnswered ends an unframed message of the other side as soon as a line has named it: nothing else says that it is whole.
func (r *reader) endAnswered(out *event.Batch) {
	other := &r.v.half[r.dir.Other()]
	if o := other.msg; o != nil && !other.inBlock && o.row.ControlID != "" && o.row.ControlID == r.msg.row.AckControlID {
		other.finish(out, "answer")
	}
}

// endTurn ends an unframed acknowledgement when the other side goes on: it is too short to be interrupted.
func (r *reader) endTurn(out *event.Batch) {
	if r.msg != nil && !r.inBlock && r.msg.row.Type == "ACK" {
		r.finish(out, "turn")
	}
}

// answer joins an acknowledgement to its message.
func (r *reader) answer(m *message) {
	if m.row.AckCode == "" {
		return
	}
	commit := strings.HasPrefix(m.row.AckCode, "C")
	if s, ok := r.v.answered(r.dir.Other(), m.row.AckControlID, commit); ok {
		m.row.acknowledges(s, m.ref.Time)
		if m.row.AckCode == "AA" || m.row.AckCode == "CA" {
			m.identity("software", s.app, "hl7.msh5", 40)
		}
	}
}

// acknowledges notes which message the row answers, and after how long.
func (row *Message) acknowledges(s sent, at event.Time) {
	row.AckOf = event.Some(int64(s.seq))
	if s.at != 0 && at != 0 {
		row.LatencyMS = event.Some(float64(at-s.at) / 1e6)
	}
}

// children emits the rows below the message, and then what they say for the clinical tables.
func (m *message) children(out *event.Batch, parent int64) {
	for i := range m.observations {
		o := &m.observations[i]
		o.ParentSeq, o.ControlID = parent, m.row.ControlID
		o.seq = int64(observations.Emit(out, m.ref, o.Observation))
	}
	for i := range m.orders {
		o := &m.orders[i]
		o.ParentSeq, o.ControlID = parent, m.row.ControlID
		o.seq = int64(orders.Emit(out, m.ref, o.Order))
	}
	for i := range m.codes {
		o := &m.codes[i]
		o.ParentSeq, o.ControlID = parent, m.row.ControlID
		codes.Emit(out, m.ref, *o)
	}
	for i := range m.ids {
		o := &m.ids[i]
		o.ParentSeq, o.ControlID = parent, m.row.ControlID
		patientIDs.Emit(out, m.ref, *o)
	}
	m.clinical(out, parent)
}

func (m *message) anomalies(out *event.Batch) {
	if m.dropped > 0 {
		m.notes = append(m.notes, note{"hl7_rows_limit", m.dropped,
			fmt.Sprintf("a message has more than %d rows or %d bytes of text below it: the rest were counted only", maxChildren, maxChildText)})
	}
	if m.row.Bytes > largeMessage {
		m.notes = append(m.notes, note{"hl7_large_message", m.row.Bytes, fmt.Sprintf("a message of more than %d bytes", largeMessage)})
	}
	for _, n := range m.notes {
		dissect.Anomaly(out, m.ref, "hl7", n.kind, n.count, n.detail)
	}
}

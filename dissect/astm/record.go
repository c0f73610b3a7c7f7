package astm

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"wardtrace/dissect"
	"wardtrace/dissect/clinical"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
)

// message is an open message: its row, and the rows below it, which wait for its end.
type message struct {
	row     Message
	ref     event.Ref
	d       delims
	patient string // of the P record above
	sample  string // of the O record above
	qc      bool   // the O record above is of quality control
	orders  []Order
	results []Result
	dropped int64
}

// delims are the delimiters of a message (LIS02-A2 5.4.1): field, repetition, component, escape.
type delims struct{ field, repetition, component, escape string }

// record is one record, taken apart.
type record struct {
	d      *delims
	fields []string
}

// maxFields bounds the fields of a record: R has 14, O 31.
const maxFields = 64

// endRecord acts on the record that was collected.
func (l *link) endRecord(out *event.Batch) {
	raw, size := l.record, len(l.record)+l.skipped
	l.record, l.skipped = l.record[:0], 0
	if len(raw) == 0 {
		return
	}
	text := decode(raw)
	if text[:1] == "H" && isHeader(raw, false) == dissect.Yes {
		l.endMessage("next", out)
		c := cursor.New([]byte(text))
		c.Skip(1)
		l.msg = &message{d: delims{field: c.String(1), repetition: c.String(1), component: c.String(1), escape: c.String(1)}}
		l.msg.row.Dir, l.msg.row.Framing = l.dir.String(), "none"
		if l.framed {
			l.msg.row.Framing = "frames"
		}
		if l.transfer != nil {
			l.transfer.Messages++
		}
	}
	m := l.msg
	if m == nil {
		return // the rest of a message whose beginning was not seen, or noise: nothing says what belongs to whom
	}
	m.ref = l.ref
	m.row.Bytes += int64(size) + 1
	if len(m.row.Outline) < 64 {
		m.row.Outline += text[:1]
	}
	m.take(&record{d: &m.d, fields: strings.SplitN(text, m.d.field, maxFields)})
	if text[:1] == "L" {
		l.endMessage("terminator", out)
	}
}

// decode gives the text of a record: UTF-8, else windows-1252.
func decode(raw []byte) string {
	if utf8.Valid(raw) {
		return string(raw)
	}
	out, _ := charmap.Windows1252.NewDecoder().Bytes(raw) // every byte has a meaning
	return string(out)
}

// take sorts a record.
func (m *message) take(r *record) {
	switch r.field(1) {
	case "H":
		m.header(r)
	case "P":
		m.patientRecord(r)
	case "O":
		m.order(r)
	case "R":
		m.result(r)
	case "Q":
		m.query(r)
	case "C":
		m.row.Comments++
	case "L":
		m.row.Terminator = r.text(3)
	default:
		m.row.Other++
	}
}

func (m *message) header(r *record) {
	row := &m.row
	row.ControlID, row.Password, row.Sender, row.Receiver = r.text(3), r.field(4) != "", r.all(5), r.all(10)
	row.Processing, row.Version, row.Time = r.text(12), r.text(13), stamp(r.text(14))
}

// patientRecord takes P (LIS02-A2, 7.1).
func (m *message) patientRecord(r *record) {
	m.row.Patients++
	m.patient, m.sample, m.qc = pick(r.text(3), pick(r.text(4), r.text(5))), "", false
	if m.row.Patients > 1 {
		return
	}
	row := &m.row
	row.PatientID, row.LabID, row.Name, row.Birth, row.Sex = m.patient, r.text(4), r.name(6), r.text(8), r.text(9)
	if len(row.Birth) > 8 {
		row.Birth = row.Birth[:8]
	}
	row.Address, row.Phone, row.Physician = r.all(11), r.text(13), r.name(14)
}

// order takes O (LIS02-A2, 8.4).
func (m *message) order(r *record) {
	m.row.Orders++
	o := Order{Record: "O", PatientID: m.patient, Specimen: r.text(3), Instrument: r.text(4), Tests: r.tests(5), Priority: r.text(6), Ordered: stamp(r.text(7)),
		Action: r.text(12), Material: r.text(16), Report: r.text(26)}
	m.sample, m.qc = o.Specimen, o.Action == "Q"
	if m.room() {
		m.orders = append(m.orders, o)
	}
}

// query takes Q (LIS02-A2, 11): whose orders an instrument asks for.
func (m *message) query(r *record) {
	m.row.Queries++
	o := Order{Record: "Q", PatientID: r.text(3), Specimen: r.comp(3, 2), Tests: r.tests(5), Report: r.text(13)}
	if strings.EqualFold(o.PatientID, "ALL") {
		o.PatientID = "*"
	}
	if m.room() {
		m.orders = append(m.orders, o)
	}
}

// result takes R (LIS02-A2, 9).
func (m *message) result(r *record) {
	m.row.Results++
	o := Result{PatientID: m.patient, Specimen: m.sample, Code: r.code(3), Test: r.all(3), Units: r.text(5), Range: r.all(6), Flag: r.all(7), Status: r.text(9),
		Operator: r.all(11), StartedAt: stamp(r.text(12)), ObservedAt: stamp(r.text(13)), Instrument: r.text(14), QC: m.qc || m.row.Processing == "Q"}
	value := r.all(4)
	if o.Number = float(value); o.Number.OK || isResultWord(value) {
		o.Value = value
	} else {
		o.Text = value
	}
	if m.room() {
		m.results = append(m.results, o)
	}
}

func (m *message) room() bool {
	if len(m.orders)+len(m.results) < maxRows {
		return true
	}
	m.dropped++
	return false
}

// endMessage emits a message and what is below it.
func (l *link) endMessage(how string, out *event.Batch) {
	m := l.msg
	if m == nil {
		return
	}
	l.msg = nil
	m.row.Ended = how
	parent := int64(messages.Emit(out, m.ref, m.row))
	for _, o := range m.orders {
		o.ParentSeq = parent
		orders.Emit(out, m.ref, o)
	}
	for _, r := range m.results {
		r.ParentSeq = parent
		seq := results.Emit(out, m.ref, r)
		if r.Value != "" && r.Code != "" && !r.QC {
			name, _, _ := strings.Cut(m.row.Sender, "^")
			clinical.Observations.Emit(out, m.ref, clinical.Observation{Protocol: protocolName, Source: "astm_result", ParentSeq: int64(seq), Dir: m.row.Dir,
				Device: pick(r.Instrument, name), PatientID: r.PatientID, Code: r.Code, CodingSystem: protocolName, Value: r.Value, Number: r.Number, Unit: r.Units,
				Status: r.Status, ObservedAt: pickTime(r.ObservedAt, r.StartedAt)})
		}
	}
	if m.dropped > 0 {
		dissect.Anomaly(out, m.ref, protocolName, "astm_rows_limit", m.dropped, "a message has more orders and results than are kept: the rest were counted only")
	}
	l.identify(m, out)
}

// identify emits what the message says about its sender, each assertion once a conversation.
func (l *link) identify(m *message, out *event.Batch) {
	host, mac := l.v.conn.Client, l.v.conn.ClientMAC
	if l.dir == dissect.FromServer {
		host, mac = l.v.conn.Server, l.v.conn.ServerMAC
	}
	role := ""
	switch {
	case m.row.Results+m.row.Queries > 0:
		role = "laboratory instrument"
	case m.row.Orders > 0:
		role = "laboratory system"
	}
	name, _, _ := strings.Cut(m.row.Sender, "^")
	for _, id := range []event.Identity{
		{Attribute: "model", Value: name, Source: "astm.h5", Confidence: 50},
		{Attribute: "role", Value: role, Source: "astm.records", Confidence: 60},
	} {
		if id.Value == "" || len(id.Value) > 128 || id.Attribute == "model" && role == "laboratory system" {
			continue
		}
		if host.IsValid() {
			id.IP = host.Addr().String()
		}
		id.MAC = mac.String()
		if _, old := l.v.known[id]; old || len(l.v.known) >= maxIdentity {
			continue
		}
		l.v.known[id] = struct{}{}
		event.Identities.Emit(out, m.ref, id)
	}
}

// field gives field n, counted from 1 with the record's letter, as sent.
func (r *record) field(n int) string {
	if n == 1 {
		return strings.TrimSpace(r.fields[0][:min(len(r.fields[0]), 1)])
	}
	if n > len(r.fields) {
		return ""
	}
	return r.fields[n-1]
}

// comp gives component c of the first repetition of field n.
func (r *record) comp(n, c int) string {
	s, _, _ := strings.Cut(r.field(n), r.d.repetition)
	for ; c > 1; c-- {
		_, rest, ok := strings.Cut(s, r.d.component)
		if !ok {
			return ""
		}
		s = rest
	}
	s, _, _ = strings.Cut(s, r.d.component)
	return r.cell(s)
}

func (r *record) text(n int) string { return r.comp(n, 1) }

// name gives components 1 and 2: FAMILY^GIVEN.
func (r *record) name(n int) string { return strings.TrimRight(r.comp(n, 1)+"^"+r.comp(n, 2), "^") }

// all gives a whole field with the usual delimiters.
func (r *record) all(n int) string {
	s := r.field(n)
	if r.d.component != "^" {
		s = strings.ReplaceAll(s, r.d.component, "^")
	}
	return r.cell(s)
}

// code gives a universal test id: its first component, else the maker's code, the fourth (LIS02-A2, 5.6.1).
func (r *record) code(n int) string {
	for _, c := range []int{1, 4, 2, 3} {
		if s := r.comp(n, c); s != "" {
			return s
		}
	}
	return ""
}

// tests gives the codes of a list of test ids.
func (r *record) tests(n int) []string {
	var out []string
	for more, rest := true, r.field(n); more && rest != "" && len(out) < maxFields; {
		var one string
		one, rest, more = strings.Cut(rest, r.d.repetition)
		if s := (&record{d: r.d, fields: []string{one}}).first(); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// first gives the code in a record that is one test id.
func (r *record) first() string {
	for _, s := range strings.SplitN(r.fields[0], r.d.component, maxFields) {
		if s = r.cell(s); s != "" {
			return s
		}
	}
	return ""
}

// cell makes a value of a cell: escapes resolved (LIS02-A2, 5.4.7), bounded, its own copy.
func (r *record) cell(s string) string {
	if strings.Contains(s, r.d.escape) {
		e := r.d.escape
		s = strings.NewReplacer(e+"F"+e, r.d.field, e+"S"+e, r.d.component, e+"R"+e, r.d.repetition, e+"E"+e, e, e+"H"+e, "", e+"N"+e, "").Replace(s)
	}
	if s = strings.TrimSpace(s); len(s) > maxText {
		n := maxText
		for n > 0 && !utf8.RuneStart(s[n]) {
			n--
		}
		s = s[:n]
	}
	return strings.Clone(s)
}

func pick(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func pickTime(a, b event.Time) event.Time {
	if a != 0 {
		return a
	}
	return b
}

// layouts are the precisions of a time (LIS02-A2, 5.6.2).
var layouts = []string{"20060102150405", "200601021504", "20060102"}

func stamp(s string) event.Time {
	for _, layout := range layouts {
		if len(s) == len(layout) {
			if at, err := time.Parse(layout, s); err == nil && at.Year() >= 1800 && at.Year() <= 2200 {
				return event.Time(at.UnixNano())
			}
		}
	}
	return 0
}

// float reads a number; instruments write no exponents, "inf" or hexadecimal.
func float(s string) event.Opt[float64] {
	if v, err := strconv.ParseFloat(s, 64); err == nil && strings.Trim(s, "+-.0123456789") == "" {
		return event.Some(v)
	}
	return event.Opt[float64]{}
}

// isResultWord tells of results that instruments write the same way everywhere and that name nobody: a word, or a number with a comparator.
func isResultWord(s string) bool {
	if len(s) > 0 && len(s) <= 24 && strings.Trim(s, "0123456789.,:/<>=+-% ") == "" && strings.ContainsAny(s, "0123456789") {
		return true
	}
	switch strings.ToUpper(s) {
	case "POS", "NEG", "POSITIVE", "NEGATIVE", "REACTIVE", "NON-REACTIVE", "NONREACTIVE", "NORMAL", "TRACE", "DETECTED", "NOT DETECTED", "INVALID",
		"+", "++", "+++", "++++", "-", "A", "B", "AB", "O", "CLEAR", "YELLOW":
		return true
	}
	return false
}

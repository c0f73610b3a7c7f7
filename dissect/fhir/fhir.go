package fhir

import (
	"bytes"
	"fmt"
	"mime"
	"strings"

	"wardtrace/dissect"
	"wardtrace/dissect/clinical"
	"wardtrace/dissect/event"
	"wardtrace/dissect/web"
	"wardtrace/dissect/xmlread"
)

// Limits of one exchange.
const (
	maxRows     = 4096    // rows below an interaction: they wait for its end; a page of a search has some hundred
	maxKnown    = 4096    // patients whose two identifiers a connection has shown
	maxPatients = 16384   // different patients that are counted
	maxXML      = 2 << 20 // bytes of a body in XML, which is read as one; pages of a search have some hundred KiB
	maxForm     = 64 << 10
	maxList     = 64 // cells of a list
	maxSaid     = 64 // identity rows
)

const protocolName = "fhir"

// Protocol is FHIR, carried by HTTP or by messages.
var Protocol = &dissect.Protocol{
	Name: protocolName,
	Spec: "HL7 FHIR R5 (and R4B, R4, STU3, DSTU2); SMART App Launch 2.2",
	// Transports is empty: it is always carried.
	MaxBuffer: 4096, // nothing is left over: what is not whole is held by the lexer
	Tables:    []*event.Table{interactions.Desc(), resources.Desc(), devices.Desc(), capabilities.Desc(), smarts.Desc()},
	Probe:     probe,
	New: func(c *dissect.Conn) dissect.Dissector {
		v := &conversation{conn: c, patients: map[uint64]struct{}{}, known: map[string]string{}}
		if v.web, _ = c.Carried.(*web.Exchange); v.web != nil {
			if known, ok := v.web.Connection.Kept(protocolName).(map[string]string); ok {
				v.known = known
			}
			v.web.Connection.Keep(protocolName, v.known)
			v.request()
		} else {
			v.row.Interaction = "message"
		}
		for i := range v.body {
			b := &v.body[i]
			b.v, b.dir = v, dissect.Dir(i)
			b.lexer.b = &builder{done: b.resource}
		}
		return v
	},
}

// conversation is one exchange, or one message.
type conversation struct {
	conn     *dissect.Conn
	web      *web.Exchange // nil for a message
	row      Interaction
	at       target
	ref      event.Ref
	body     [2]body
	held     []held
	dropped  int64
	patients map[uint64]struct{}
	known    map[string]string // business identifiers of patients by their logical id, of all exchanges of a connection
	smart    *Smart
	said     int
}

// held is a resource with what hangs on it, until the interaction's row is written.
type held struct {
	ref          event.Ref
	row          Resource
	device       *Device
	capability   *Capability
	observations []clinical.Observation
	therapies    []clinical.Therapy
	movements    []clinical.PatientMovement
}

// body is one direction.
type body struct {
	v     *conversation
	dir   dissect.Dir
	form  form
	lexer lexer
	text  []byte // of XML and forms
	cut   bool
	ref   event.Ref
	entry int64
	sure  bool // the form is known
}

type form uint8

const (
	noForm form = iota
	jsonForm
	xmlForm
	urlForm
	otherForm
)

var formNames = [...]string{"", "json", "xml", "form", ""}

// resourceBytes is what a resource that waits for its interaction's row takes, measured.
const resourceBytes = 2 << 10

// Held is the number of bytes that wait for the end of a body.
func (v *conversation) Held() int {
	return len(v.held)*resourceBytes + len(v.body[0].text) + len(v.body[1].text) + len(v.body[0].lexer.text) + len(v.body[1].lexer.text)
}

// Feed takes all bytes.
func (v *conversation) Feed(seg *dissect.Segment, out *event.Batch) (dissect.Progress, error) {
	b := &v.body[seg.Dir]
	b.ref = seg.Ref
	if v.ref == (event.Ref{}) {
		v.ref = seg.Ref
	}
	if seg.Gap > 0 {
		b.cut = true
		b.lexer.lost()
	}
	if seg.Cut > 0 {
		b.cut = true
	}
	b.take(seg.Data)
	return dissect.Progress{Used: len(seg.Data)}, nil
}

// take gives bytes to the reader of their form, which the first of them tells.
func (b *body) take(data []byte) {
	if !b.sure {
		rest := trimBlank(data)
		if len(rest) == 0 {
			return
		}
		b.form, b.sure = b.formOf(rest), true
		data = rest
	}
	switch b.form {
	case jsonForm:
		b.lexer.take(data)
	case xmlForm, urlForm:
		limit := maxXML
		if b.form == urlForm {
			limit = maxForm
		}
		room := limit - len(b.text)
		b.text = append(b.text, data[:min(room, len(data))]...)
		b.cut = b.cut || len(data) > room
	}
}

func (b *body) formOf(first []byte) form {
	kind := ""
	if x := b.v.web; x != nil && b.dir == dissect.FromClient {
		kind = x.Request.Get("Content-Type")
	} else if x != nil {
		kind = x.Response.Get("Content-Type")
	}
	kind, _, _ = mime.ParseMediaType(kind)
	b.lexer.lines = strings.Contains(kind, "ndjson")
	switch {
	case kind == "application/x-www-form-urlencoded":
		return urlForm
	case bytes.HasPrefix(first, []byte("{")), bytes.HasPrefix(first, []byte("[")):
		return jsonForm
	case bytes.HasPrefix(first, []byte("<")) && !strings.Contains(kind, "html"):
		return xmlForm
	}
	return otherForm
}

// finish reads what is collected.
func (b *body) finish() {
	switch b.form {
	case jsonForm:
		if b.lexer.state == inWord {
			b.lexer.endWord()
		}
	case xmlForm:
		doc := xmlread.Parse(b.text)
		b.v.row.Entities = b.v.row.Entities || doc.DTD
		b.cut = b.cut || doc.Problem != ""
		b.xml(doc.Root)
	case urlForm:
		b.v.parameters(string(b.text), true)
	}
	b.text = nil
}

// whole tells that all of the body was there and could be read.
func (b *body) whole() bool {
	return !b.cut && (b.form != jsonForm || b.lexer.whole()) && (b.form != otherForm)
}

// Close writes the interaction and what hangs on it.
func (v *conversation) Close(out *event.Batch) {
	for i := range v.body {
		v.body[i].finish()
	}
	v.response()
	v.resolve()
	seq := int64(interactions.Emit(out, v.ref, v.row))
	for i := range v.held {
		v.emit(&v.held[i], seq, out)
	}
	if v.smart != nil {
		v.smart.ParentSeq = seq
		smarts.Emit(out, v.ref, *v.smart)
	}
	v.anomalies(out)
	v.identify(out)
}

// emit writes a resource, and its facts into the clinical tables.
func (v *conversation) emit(h *held, parent int64, out *event.Batch) {
	h.row.ParentSeq = parent
	seq := int64(resources.Emit(out, h.ref, h.row))
	if h.device != nil {
		h.device.ParentSeq = seq
		devices.Emit(out, h.ref, *h.device)
	}
	if h.capability != nil {
		h.capability.ParentSeq = seq
		capabilities.Emit(out, h.ref, *h.capability)
	}
	patient := h.row.PatientID
	if patient == "" && h.row.PatientRef != "" {
		patient = "Patient/" + h.row.PatientRef // a logical id is no MRN: it must not join with one
	}
	for _, o := range h.observations {
		o.Protocol, o.Source, o.ParentSeq, o.Dir, o.PatientID = protocolName, resources.Name, seq, h.row.Dir, patient
		clinical.Observations.Emit(out, h.ref, o)
	}
	for _, t := range h.therapies {
		t.Protocol, t.Source, t.ParentSeq, t.Dir, t.PatientID = protocolName, resources.Name, seq, h.row.Dir, patient
		clinical.Therapies.Emit(out, h.ref, t)
	}
	for _, m := range h.movements {
		m.Protocol, m.Source, m.ParentSeq, m.PatientID = protocolName, resources.Name, seq, patient
		clinical.PatientMovements.Emit(out, h.ref, m)
	}
}

func (v *conversation) anomalies(out *event.Batch) {
	if v.dropped > 0 {
		dissect.Anomaly(out, v.ref, protocolName, "fhir_resource_limit", v.dropped,
			fmt.Sprintf("resources of an exchange beyond %d are counted and have no rows", maxRows))
	}
	for i := range v.body {
		if b := &v.body[i]; b.form == jsonForm && b.lexer.bad && !b.cut {
			dissect.Anomaly(out, b.ref, protocolName, "fhir_bad_json", 1, "a body from the "+b.dir.String()+" is not sound JSON; what was sound before is read")
		} else if b.form == xmlForm && b.cut {
			dissect.Anomaly(out, b.ref, protocolName, "fhir_bad_xml", 1, "a body from the "+b.dir.String()+" is not sound XML, or larger than 2 MiB; what was sound before is read")
		}
	}
	if v.row.Entities {
		dissect.Anomaly(out, v.ref, protocolName, "fhir_document_type", 1, "a body in XML declares a document type, which FHIR forbids: a way to make a server read its own files")
	}
}

// identify says what the exchange tells of the server.
func (v *conversation) identify(out *event.Batch) {
	if v.web == nil || v.web.Status == 0 || v.web.Status >= 500 {
		return
	}
	ip := v.conn.Server.Addr()
	say := func(attribute, value, source string, confidence int64) {
		if value != "" && ip.IsValid() && v.said < maxSaid {
			v.said++
			event.Identities.Emit(out, v.ref, event.Identity{IP: ip.String(), Attribute: attribute, Value: value, Source: source, Confidence: confidence})
		}
	}
	if v.web.Status < 300 && v.row.Received > 0 && v.row.Interaction == "capabilities" {
		say("role", "FHIR server", "fhir.capability", 90)
	}
	for i := range v.held {
		if c := v.held[i].capability; c != nil && v.held[i].row.Dir == dissect.FromServer.String() {
			say("software", c.Software, "fhir.capability", 90)
			say("version", c.Version, "fhir.capability", 90)
		}
	}
}

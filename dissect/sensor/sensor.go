package sensor

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"wardtrace/dissect"
	"wardtrace/dissect/clinical"
	"wardtrace/dissect/event"
)

// Limits of a message.
const (
	maxDepth  = 16  // objects in each other: devices use two or three
	maxValues = 256 // values of a message: a batch of an hour has 60
	maxText   = 128 // bytes of a text kept
)

const protocolName = "sensor"

// Protocol is a sensor's JSON message. It has no transport of its own: carriers offer it.
var Protocol = &dissect.Protocol{
	Name:   protocolName,
	Spec:   "RFC 8259, RFC 8428 (SenML)",
	Tables: []*event.Table{messages.Desc()},
	Probe: func(_ *dissect.Conn, _ dissect.Dir, first []byte) dissect.Match {
		if b := bytes.TrimSpace(first); bytes.HasPrefix(b, []byte("{")) || bytes.HasPrefix(b, []byte("[")) {
			return dissect.Yes // Feed says whether there are measurements: it must read all of it anyway
		}
		return dissect.No
	},
	New: func(*dissect.Conn) dissect.Dissector { return dissector{} },
}

// Message is one message with measurements.
type Message struct {
	Dir         string     `col:"dir" doc:"Who sent it: client or server of the carrier."`
	Format      string     `col:"format" doc:"json, or senml (RFC 8428)."`
	Device      string     `col:"device" doc:"Device that the message names."`
	PatientID   string     `col:"patient_id" phi:"id" doc:"Patient that the message names."`
	PatientName string     `col:"patient_name" phi:"name" doc:"Name of that patient."`
	Values      int64      `col:"values_read" doc:"Measurements in it."`
	At          event.Time `col:"at" doc:"When, as the message says; read as UTC without an offset."`
}

var messages = event.New[Message]("sensor_message", "Messages of sensors inside MQTT and CoAP, in JSON.")

// measurement is one value.
type measurement struct {
	code, name, unit string
	number           float64
	text             string
	at               event.Time
}

// message is what was read of one.
type message struct {
	row    Message
	values []measurement
}

var errNoValues = errors.New("the message holds no measurement of a known name")

type dissector struct{}

// Feed takes one whole message.
func (dissector) Feed(seg *dissect.Segment, out *event.Batch) (dissect.Progress, error) {
	m := read(seg.Data)
	if m == nil || len(m.values) == 0 {
		return dissect.Progress{}, errNoValues
	}
	m.row.Dir, m.row.Values = seg.Dir.String(), int64(len(m.values))
	parent := int64(messages.Emit(out, seg.Ref, m.row))
	system := "json"
	if m.row.Format == "senml" {
		system = "senml"
	}
	for _, v := range m.values {
		at := v.at
		if at == 0 {
			at = m.row.At
		}
		clinical.Observations.Emit(out, seg.Ref, clinical.Observation{Protocol: protocolName, Source: messages.Name, ParentSeq: parent,
			Dir: m.row.Dir, Device: m.row.Device, PatientID: m.row.PatientID, Code: v.code, CodingSystem: system, Name: v.name,
			Value: v.text, Number: event.Some(v.number), Unit: v.unit, ObservedAt: at})
	}
	return dissect.Progress{}, nil
}

// Close has nothing left to say.
func (dissector) Close(*event.Batch) {}

// read reads a message; nil if it is none.
func read(b []byte) *message {
	b = bytes.TrimSpace(b)
	if len(b) < 2 || b[0] != '{' && b[0] != '[' || !json.Valid(b) {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var doc any
	if d.Decode(&doc) != nil {
		return nil
	}
	if list, ok := doc.([]any); ok && isSenML(list) {
		return readSenML(list)
	}
	m := &message{row: Message{Format: "json"}}
	m.walk("", doc, 0)
	return m
}

// walk takes the members of an object and what is inside.
func (m *message) walk(path string, v any, depth int) {
	if depth > maxDepth {
		return
	}
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			m.walk(path, x, depth+1)
		}
	case map[string]any:
		if m.named(path, v) {
			return
		}
		for _, key := range keys(v) {
			m.member(path, key, v, depth)
		}
	}
}

// named takes the form {"name": "spo2", "value": 97, "unit": "%"}.
func (m *message) named(path string, v map[string]any) bool {
	for _, key := range []string{"name", "type", "parameter", "code", "metric", "vital"} {
		label, _ := v[key].(string)
		sign := vitalSigns[plain(label)]
		n, ok := v["value"].(json.Number)
		if sign != "" && ok && isName(label) {
			m.add(label, sign, n, unitOf(v, ""))
			return true
		}
	}
	return false
}

func (m *message) member(path, key string, in map[string]any, depth int) {
	if !isName(key) {
		return
	}
	word := plain(key)
	full := key
	if path != "" {
		full = path + "." + key
	}
	switch v := in[key].(type) {
	case json.Number:
		sign := vitalSigns[word]
		if sign == "" {
			sign = vitalSigns[plain(full)]
		}
		if sign != "" {
			m.add(full, sign, v, unitOf(in, key))
		} else {
			m.say(word, v.String())
		}
	case string:
		m.say(word, v)
	case map[string]any:
		if n, ok := v["value"].(json.Number); ok && vitalSigns[word] != "" {
			m.add(full, vitalSigns[word], n, unitOf(v, ""))
			return
		}
		m.walk(full, v, depth+1)
	case []any:
		m.walk(full, v, depth+1)
	}
}

// say takes what a member says of device, patient and time.
func (m *message) say(word, text string) {
	if len(text) > maxText {
		return
	}
	switch {
	case patientWords[word] && m.row.PatientID == "":
		m.row.PatientID = text
	case nameWords[word] && m.row.PatientName == "":
		m.row.PatientName = text
	case deviceWords[word] && m.row.Device == "":
		m.row.Device = text
	case timeWords[word] && m.row.At == 0:
		m.row.At = timeOf(text)
	}
}

func (m *message) add(code, name string, n json.Number, unit string) {
	f, err := n.Float64()
	if err != nil || len(m.values) >= maxValues {
		return
	}
	m.values = append(m.values, measurement{code: code, name: name, unit: unit, number: f, text: n.String()})
}

// unitOf gives the unit that a message states beside a value: "unit", or "heart_rate_unit" for a member.
func unitOf(in map[string]any, key string) string {
	for _, name := range []string{"unit", "units", "uom"} {
		if key != "" {
			name = key + "_" + name
		}
		if s, ok := in[name].(string); ok && len(s) <= 24 {
			return s
		}
	}
	return ""
}

// timeOf reads RFC 3339, or seconds or milliseconds since 1970.
func timeOf(s string) event.Time {
	if t, err := time.Parse(time.RFC3339, s); err == nil && t.Year() > 1970 && t.Year() < 2262 {
		return event.Time(t.UnixNano())
	}
	n, err := strconv.ParseFloat(s, 64)
	switch {
	case err != nil || n < 1e9 || n >= 9e12:
		return 0
	case n >= 1e12:
		return event.Time(int64(n) * int64(time.Millisecond))
	case n >= 9e9:
		return 0
	}
	return event.Time(n * 1e9)
}

// isName tells whether a member's name is one that a program gave, not something that a person typed.
func isName(s string) bool {
	if s == "" || len(s) > 40 {
		return false
	}
	return strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.:/@$") == ""
}

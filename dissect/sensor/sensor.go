package sensor

import (
	"bytes"
	"cmp"
	"errors"
	"slices"
	"strconv"
	"time"

	"wardtrace/dissect"
	"wardtrace/dissect/clinical"
	"wardtrace/dissect/event"
	"wardtrace/dissect/jsonread"
	"wardtrace/dissect/words"
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
	var nodes [48]jsonread.Node
	doc, ok := jsonread.Read(seg.Data, nodes[:0])
	if !ok {
		return dissect.Progress{}, errNoValues
	}
	m := message{row: Message{Format: "json"}}
	m.read(&doc)
	if len(m.values) == 0 {
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

// read adds the measurements of a message.
func (m *message) read(doc *jsonread.Doc) {
	if root := doc.Root(); isSenML(root) {
		m.readSenML(root)
	} else {
		m.walk(doc, "", root, 0)
	}
}

// walk takes the members of an object and what is inside.
func (m *message) walk(doc *jsonread.Doc, path string, v jsonread.Value, depth int) {
	if depth > maxDepth {
		return
	}
	switch v.Kind() {
	case jsonread.Array:
		for x := v.First(); x.Kind() != jsonread.None; x = x.Next() {
			m.walk(doc, path, x, depth+1)
		}
	case jsonread.Object:
		if one, ok := named(v); ok {
			m.add(one)
			return
		}
		var room [24]int
		for _, i := range members(doc, v, room[:0]) {
			m.member(doc, path, doc.Nth(i), v, depth)
		}
	}
}

// members gives the numbers of an object's members that have names of programs, in the order of these, each name once: rows must not
// depend on how a program happens to order them.
func members(doc *jsonread.Doc, v jsonread.Value, room []int) []int {
	list := room
	for x := v.First(); x.Kind() != jsonread.None; x = x.Next() {
		if words.Given(x.Name()) {
			list = append(list, x.At())
		}
	}
	slices.SortFunc(list, func(a, b int) int {
		return cmp.Or(bytes.Compare(doc.Nth(a).Name(), doc.Nth(b).Name()), a-b)
	})
	n := 0
	for i, x := range list {
		if i+1 == len(list) || !bytes.Equal(doc.Nth(x).Name(), doc.Nth(list[i+1]).Name()) { // of a name that is repeated, the last
			list[n] = x
			n++
		}
	}
	return list[:n]
}

// labels are the members that say what a "value" beside them is.
var labels = []string{"name", "type", "parameter", "code", "metric", "vital"}

// named takes the form {"name": "spo2", "value": 97, "unit": "%"}.
func named(v jsonread.Value) (one measurement, ok bool) {
	n := v.Get("value")
	if !n.Is(jsonread.Number) {
		return measurement{}, false
	}
	for _, key := range labels {
		label := v.Get(key)
		if sign := signOf(label.Text()); label.Is(jsonread.String) && sign != "" && words.Given(label.Text()) {
			return measured(string(label.Text()), sign, n, unitOf(v, nil)), true
		}
	}
	return measurement{}, false
}

func signOf[T string | []byte](name T) string {
	w := words.Of(name)
	return words.In(vitalSigns, &w)
}

func (m *message) member(doc *jsonread.Doc, path string, x, in jsonread.Value, depth int) {
	key := x.Name()
	switch x.Kind() {
	case jsonread.Number:
		sign := signOf(key)
		if sign == "" && path != "" {
			sign = signOf(under(path, key))
		}
		if sign != "" && len(m.values) == maxValues {
			return // looking for units in a message of nothing but heart rates would take for ever
		}
		if sign != "" {
			m.add(measured(under(path, key), sign, x, unitOf(in, key)))
		} else {
			m.say(key, x.Text())
		}
	case jsonread.String:
		m.say(key, x.Text())
	case jsonread.Object:
		if n, sign := x.Get("value"), signOf(key); n.Is(jsonread.Number) && sign != "" {
			m.add(measured(under(path, key), sign, n, unitOf(x, nil)))
			return
		}
		m.walk(doc, under(path, key), x, depth+1)
	case jsonread.Array:
		m.walk(doc, under(path, key), x, depth+1)
	}
}

// under is the full name of a member.
func under(path string, key []byte) string {
	if path == "" {
		return string(key)
	}
	return path + "." + string(key)
}

// say takes what a member says of device, patient and time.
func (m *message) say(key, text []byte) {
	if len(text) > maxText {
		return
	}
	switch w := words.Of(key); {
	case w.Patient() && m.row.PatientID == "":
		m.row.PatientID = string(text)
	case w.Name() && m.row.PatientName == "":
		m.row.PatientName = string(text)
	case w.Device() && m.row.Device == "":
		m.row.Device = string(text)
	case words.In(timeWords, &w) && m.row.At == 0:
		m.row.At = timeOf(string(text))
	}
}

// measured makes a measurement, without a name if the number is none that a program can hold.
func measured(code, name string, n jsonread.Value, unit string) measurement {
	text := string(n.Text())
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return measurement{}
	}
	return measurement{code: code, name: name, unit: unit, number: f, text: text}
}

func (m *message) add(one measurement) {
	if one.name == "" || len(m.values) >= maxValues {
		return
	}
	if m.values == nil {
		m.values = make([]measurement, 0, 8)
	}
	m.values = append(m.values, one)
}

var unitWords = []string{"unit", "units", "uom"}

// unitOf gives the unit that a message states beside a value: "unit", or "heart_rate_unit" for a member.
func unitOf(in jsonread.Value, key []byte) string {
	var room [48]byte
	for _, word := range unitWords {
		name := room[:0]
		if len(key) > 0 {
			name = append(append(name, key...), '_')
		}
		if s := in.Get(string(append(name, word...))); s.Is(jsonread.String) && len(s.Text()) <= 24 {
			return string(s.Text())
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

package hl7

import (
	"encoding/base64"
	"strings"
)

// decodeOBX takes an observation (7.4.2).
func decodeOBX(m *message, l *line) {
	o := Observation{
		SetID: integer(l.field(1)), SubID: m.all(l.field(4)),
		Code: m.comp(l.field(3), 1), Text: m.comp(l.field(3), 2), CodingSystem: m.comp(l.field(3), 3), AltCode: m.comp(l.field(3), 4),
		ValueType: m.comp(l.field(2), 1), Units: m.comp(l.field(6), 1), ReferenceRange: m.all(l.field(7)),
		AbnormalFlag: flags(m.all(l.field(8))), Status: m.comp(l.field(11), 1), ObservedAt: m.time(l.field(14)),
		Device: m.all(m.first(l.field(18))), Producer: m.comp(l.field(15), 1), Observer: m.provider(l.field(16)),
		PatientID: m.current, PlacerOrder: m.order.placer, FillerOrder: m.order.filler, Panel: m.order.panel,
	}
	if o.ObservedAt == 0 {
		o.ObservedAt = m.order.start
	}
	m.value(&o, l)
	m.equipment(l.field(18), "hl7.obx18")
	m.product(&o, l.field(5))
	if m.room(len(o.TextValue) + len(o.Value) + len(o.Text) + len(o.ReferenceRange) + len(o.Device) + len(o.Observer) + len(o.SubID)) {
		m.observations = append(m.observations, reading{Observation: o, group: m.order.number, unit: m.unit(l.field(6)), device: m.deviceID(l.field(18)),
			word: m.fixedText(l.field(5), o.ValueType)})
	}
}

// flags gives OBX-8 with a ? in place of what is no flag: where a sender's fields are shifted, an identifier may stand there.
func flags(all string) string {
	if all == "" {
		return ""
	}
	parts := strings.Split(all, "~")
	for i, p := range parts {
		if code, _, _ := strings.Cut(strings.ToUpper(p), "^"); code != "" && !abnormalFlags[code] {
			parts[i] = "?"
		}
	}
	return strings.Join(parts, "~")
}

// value sorts OBX-5 into what stays in clear (numbers, codes, times) and free text.
func (m *message) value(o *Observation, l *line) {
	raw := l.field(5)
	o.ValueLength = int64(len(raw))
	if l.cut && len(l.fields) == 6 { // the line is cut in OBX-5: what is missing between its ends belongs to it
		o.ValueLength = int64(l.bytes - l.around(5))
	}
	switch o.ValueType {
	case "NM", "SI":
		o.Value = m.cell(raw)
		o.ValueNumber = float(o.Value)
		if o.Value != "" && !o.ValueNumber.OK && !isResultWord(o.Value) { // text where a number should be
			o.Value, o.TextValue = "", o.Value
		}
	case "SN", "NR", "DT", "TM", "TS", "DTM", "DR", "ID", "IS", "MO", "CP", "NA", "MA":
		o.Value = m.all(raw)
		if o.ValueType == "SN" { // comparator^number^separator^number: a single number is one
			if c, n := m.comp(raw, 1), m.comp(raw, 2); (c == "" || c == "=") && m.comp(raw, 3) == "" {
				o.ValueNumber = float(n)
			}
		}
	case "CE", "CWE", "CNE", "CF", "CM", "EI":
		if o.Value = m.coded(raw); o.Value == "" {
			o.TextValue = m.all(raw)
		}
	case "ED", "RP":
		o.Encapsulated = m.cell(strings.Join([]string{m.comp(raw, 2), m.comp(raw, 3), m.comp(raw, 4)}, "^"))
		if o.ValueType == "ED" {
			o.Content = contentOf(part(m.first(raw), m.component, 5), m.comp(raw, 4))
		}
		m.phi("text", raw)
	default: // ST, TX, FT, names and addresses, and types that no table has
		s := m.all(raw)
		if o.ValueNumber = float(s); s != "" && (o.ValueNumber.OK || isResultWord(s)) {
			o.Value = s
		} else if s != "" {
			o.TextValue = s
			m.phi("text", raw)
		}
	}
}

// coded gives the codes of all repetitions, joined by ~.
func (m *message) coded(raw string) string {
	return m.identifiers(raw)
}

// around is the length of a line without field n, which is the one that is cut.
func (l *line) around(n int) int {
	size := 0
	for i, f := range l.fields {
		if i != n {
			size += len(f) + 1
		}
	}
	for i, f := range l.tail {
		if i > 0 {
			size += len(f) + 1
		}
	}
	return size
}

// isResultWord tells whether text is a result that people write the same way everywhere: a word of the closed list, a
// number with a comparator, a ratio, a range. Anything else may hold a name.
func isResultWord(s string) bool {
	if len(s) > 32 {
		return false
	}
	if resultWords[strings.ToUpper(s)] {
		return true
	}
	return strings.Trim(s, "0123456789.,:/<>=+-% ") == "" && strings.ContainsAny(s, "0123456789")
}

// contentOf names encapsulated data by its first bytes. encoding is that of table 0299.
func contentOf(data, encoding string) string {
	const sample = 64
	data = strings.TrimLeft(data[:min(len(data), 2*sample)], " \r\n\t")
	head := []byte(data[:min(len(data), sample)])
	if strings.EqualFold(encoding, "Base64") {
		whole := data[:min(len(data), sample)/4*4]
		out, err := base64.StdEncoding.DecodeString(whole)
		if err != nil {
			return "not base64"
		}
		head = out
	}
	for _, magic := range contentMagic {
		if strings.HasPrefix(string(head), magic.begin) {
			return magic.name
		}
	}
	return ""
}

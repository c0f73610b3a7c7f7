package hl7

import (
	"strings"

	"wardtrace/dissect/clinical"
	"wardtrace/dissect/event"
)

// reading is a row of an OBX line and what only the clinical tables need of it.
type reading struct {
	Observation
	seq    int64  // of its row
	group  int    // number of the ORC or OBR line it stands below
	unit   string // UCUM code or name of the unit
	device string // identifier alone, without namespace
	word   string // name of a coded value of ISO/IEEE 11073: MDC_EVT_HI, pump-status-infusing
}

// unit gives a unit as UCUM writes it if the field has that, else its name in ISO/IEEE 11073-10101, else as sent.
func (m *message) unit(raw string) string {
	switch {
	case m.comp(raw, 3) == "UCUM":
		return m.comp(raw, 1)
	case m.comp(raw, 6) == "UCUM":
		return m.comp(raw, 4)
	case strings.HasPrefix(m.comp(raw, 2), "MDC_"):
		return m.comp(raw, 2)
	}
	return m.comp(raw, 1)
}

// deviceID gives the identifier of an equipment instance: its EUI-64 if it has one, else its name in its namespace.
func (m *message) deviceID(raw string) string {
	first := m.first(raw)
	if strings.EqualFold(m.comp(first, 4), "EUI-64") {
		return pick(m.comp(first, 3), m.comp(first, 1))
	}
	return pick(m.comp(first, 1), m.comp(first, 3))
}

// fixedText gives the name in a coded value: a device's word, never a person's.
func (m *message) fixedText(raw, valueType string) string {
	if valueType != "CWE" && valueType != "CNE" && valueType != "CE" {
		return ""
	}
	if s := m.comp(raw, 2); len(s) <= 64 && (strings.HasPrefix(s, "MDC") || strings.HasPrefix(s, "pump-")) {
		return s
	}
	return ""
}

// clinical says in the shared tables what the message says; an answer repeats what was asked and says nothing new.
func (m *message) clinical(out *event.Batch, parent int64) {
	answers := m.row.AckCode != "" && m.row.Type != "RSP" && m.row.Type != "ORF" && m.row.Type != "RTB"
	if answers || m.row.Headless {
		return
	}
	m.placeDevices()
	m.measured(out)
	m.alarmed(out)
	m.treated(out)
	if m.row.Type == "ADT" {
		m.movements(out, parent)
	}
}

// placeDevices gives each reading the device of what contains it: OBX-4 is the path MDS.VMD.CHAN.METRIC (IHE PCD-01), and
// only the line of the MDS or VMD names the equipment.
func (m *message) placeDevices() {
	named := map[string]string{}
	for i := range m.observations {
		if o := &m.observations[i]; o.device != "" && o.SubID != "" {
			named[strings.TrimRight(o.SubID, ".0")] = o.device
		}
	}
	for i := range m.observations {
		o := &m.observations[i]
		for path := o.SubID; o.device == "" && strings.Contains(path, "."); {
			path, _ = cutLast(path)
			o.device = named[strings.TrimRight(path, ".0")]
		}
	}
}

// cutLast takes the last part off a path.
func cutLast(path string) (rest, last string) {
	i := strings.LastIndexByte(path, '.')
	if i < 0 {
		return "", path
	}
	return path[:i], path[i+1:]
}

// system names the coding system of an OBX-3.
func (o *reading) system() string {
	if o.CodingSystem == "" && strings.HasPrefix(o.Text, "MDC") {
		return "MDC"
	}
	return o.CodingSystem
}

// measured emits the readings that have a value. What belongs to an order, an alarm or a device's own description is none.
func (m *message) measured(out *event.Batch) {
	switch m.row.Type {
	case "RGV", "RDE", "OMP", "RDS":
		return
	}
	for i := range m.observations {
		o := &m.observations[i]
		if o.Value == "" || o.Code == "" && o.Text == "" || m.facet(o) != "" || strings.HasPrefix(o.Text, "MDC_EVT_") || strings.HasPrefix(o.Text, "MDC_ID_") {
			continue
		}
		clinical.Observations.Emit(out, m.ref, clinical.Observation{Protocol: "hl7", Source: "hl7_observation", ParentSeq: o.seq, Dir: m.row.Dir,
			Device: o.device, PatientID: o.PatientID, Code: o.Code, CodingSystem: o.system(), Name: o.Text, Value: o.Value, Number: o.ValueNumber,
			Unit: o.unit, Status: o.Status, ObservedAt: o.ObservedAt})
	}
}

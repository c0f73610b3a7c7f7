package hl7

import (
	"strconv"
	"strings"

	"wardtrace/dissect/event"
)

// decoders take the lines of a message that rows are made of.
var decoders = map[string]func(*message, *line){
	"MSH": decodeMSH, "EVN": decodeEVN, "SFT": decodeSFT, "UAC": decodeUAC, "MSA": decodeMSA, "ERR": decodeERR,
	"PID": decodePID, "PV1": decodePV1, "MRG": decodeMRG, "NK1": decodeNK1, "IN1": decodeIN1, "GT1": decodeGT1,
	"TXA": decodeTXA, "QPD": decodeQPD, "QRD": decodeQRD, "NTE": decodeNTE, "PRT": decodePRT,
	"AL1": decodeAL1, "DG1": decodeDG1, "PR1": decodePR1,
	"ORC": decodeORC, "OBR": decodeOBR, "OBX": decodeOBX, "TQ1": decodeTQ1,
	"RXO": decodeRXO, "RXE": decodeRXE, "RXG": decodeRXG, "RXD": decodeRXD, "RXA": decodeRXA, "RXC": decodeRXC, "RXR": decodeRXR,
}

// decodeMSH takes the message header (2.14.9).
func decodeMSH(m *message, l *line) {
	r := &m.row
	r.SendingApp, r.SendingFacility = m.comp(l.field(3), 1), m.comp(l.field(4), 1)
	r.ReceivingApp, r.ReceivingFacility = m.comp(l.field(5), 1), m.comp(l.field(6), 1)
	r.TimeText = m.comp(l.field(7), 1)
	r.Time, r.UTCOffset = stamp(r.TimeText, 0)
	m.zone = r.UTCOffset.V
	r.Security = l.field(8) != ""
	r.Type, r.Trigger, r.Structure = m.comp(l.field(9), 1), m.comp(l.field(9), 2), m.comp(l.field(9), 3)
	r.ControlID = m.comp(l.field(10), 1)
	r.ProcessingID, r.Version = m.comp(l.field(11), 1), m.comp(l.field(12), 1)
	r.Charset = m.all(l.field(18))
	r.Profile = m.comp(l.field(21), 1)
	m.identity("software", r.SendingApp, "hl7.msh3", 50)
	if strings.EqualFold(m.comp(l.field(3), 3), "EUI-64") { // IHE PCD, and Mindray's gateways and bedside monitors
		m.identity("serial", m.comp(l.field(3), 2), "hl7.msh3", 30)
	}
	if strings.HasPrefix(r.SendingApp, "MINDRAY_") {
		m.identity("vendor", "Mindray", "hl7.msh3", 60)
	}
}

// decodeEVN takes the event of an ADT message (3.4.1). EVN-1 names it where MSH-9 does not (v2.2 and before).
func decodeEVN(m *message, l *line) {
	m.row.Trigger = pick(m.row.Trigger, m.comp(l.field(1), 1))
	if m.row.EventAt = m.time(l.field(6)); m.row.EventAt == 0 {
		m.row.EventAt = m.time(l.field(2))
	}
}

// decodeSFT takes the software that made the message (2.14.12).
func decodeSFT(m *message, l *line) {
	m.identity("vendor", m.comp(l.field(1), 1), "hl7.sft1", 60)
	m.identity("version", m.comp(l.field(2), 1), "hl7.sft2", 60)
	m.identity("software", m.comp(l.field(3), 1), "hl7.sft3", 70)
}

// decodeUAC notes a credential on the wire (2.14.13); it is not kept.
func decodeUAC(m *message, l *line) { m.row.Credential = l.field(2) != "" }

// decodeMSA takes the acknowledgement (2.14.8). Answers to queries have one too.
func decodeMSA(m *message, l *line) {
	m.row.AckCode, m.row.AckControlID = m.comp(l.field(1), 1), m.comp(l.field(2), 1)
	m.row.ErrorText = m.all(l.field(3))
	m.row.ErrorCode = m.comp(l.field(6), 1)
}

// decodeERR takes an error (2.14.5): ERR-3 since v2.5, the fourth component of ERR-1 before.
func decodeERR(m *message, l *line) {
	code := m.comp(l.field(3), 1)
	if code == "" {
		code = m.cell(part(part(m.first(l.field(1)), m.component, 4), m.subcomponent, 1))
	}
	if m.row.ErrorCode == "" {
		m.row.ErrorCode = code
	}
	for _, n := range []int{8, 7} {
		if s := m.all(l.field(n)); s != "" && m.row.ErrorText == "" {
			m.row.ErrorText = s
		}
	}
}

// decodePID takes the patient (3.4.2). A message may have several: the row keeps the first, the rows below it their own.
func decodePID(m *message, l *line) {
	m.row.PIDCount++
	id := m.comp(l.field(3), 1)
	for _, n := range []int{2, 4} { // v2.2 and before
		if id == "" {
			id = m.comp(l.field(n), 1)
		}
	}
	m.patient(id)
	for _, n := range []int{3, 2, 4} {
		m.identifiersOf("PID-"+strconv.Itoa(n), l.field(n))
	}
	m.move(id)
	m.phi("id", id)
	m.phi("name", l.field(5))
	m.phi("birth", l.field(7))
	m.phi("address", l.field(11))
	m.phi("phone", l.field(13)+l.field(14))
	m.phi("account", l.field(18))
	m.phi("ssn", l.field(19))
	if m.row.PIDCount > 1 {
		return
	}
	r := &m.row
	r.PatientID = id
	r.PatientName = m.person(l.field(5), 1)
	r.BirthDate = m.comp(l.field(7), 1)
	if _, ok := number(r.BirthDate, 8); ok { // the time of birth, if any, is left out
		r.BirthDate = r.BirthDate[:8]
	}
	r.Sex = m.comp(l.field(8), 1)
	r.Address, r.Phone = m.comps(l.field(11), 6), m.comp(l.field(13), 1)
	r.AccountNumber = m.comp(l.field(18), 1)
}

// patient makes id the patient of the lines that follow.
func (m *message) patient(id string) { m.current = id }

// identifiersOf keeps a row for each identifier of a list of CX (2.A.14).
func (m *message) identifiersOf(field, raw string) {
	for more := raw != ""; more; {
		one := raw
		if more = false; m.repetition != "" {
			one, raw, more = strings.Cut(raw, m.repetition)
		}
		id := PatientID{Field: field, PID: m.row.PIDCount, PatientID: m.comp(one, 1), Kind: m.comp(one, 5)}
		if id.PatientID == "" {
			continue
		}
		authority := part(one, m.component, 4)
		id.Authority = pick(m.cell(part(authority, m.subcomponent, 1)), m.cell(part(authority, m.subcomponent, 2)))
		m.row.PatientIDCount++
		if len(m.ids) >= maxIDs {
			m.dropped++
		} else if m.room(len(id.PatientID) + len(id.Authority) + len(id.Kind)) {
			m.ids = append(m.ids, id)
		}
	}
}

// identifiers gives the codes of all repetitions, joined by ~.
func (m *message) identifiers(raw string) string {
	var ids []string
	for more := raw != ""; more && len(ids) < 16; {
		var one string
		if m.repetition == "" {
			one, more = raw, false
		} else {
			one, raw, more = strings.Cut(raw, m.repetition)
		}
		if id := m.comp(one, 1); id != "" {
			ids = append(ids, id)
		}
	}
	return strings.Join(ids, "~")
}

// decodePV1 takes the visit (3.4.3).
func decodePV1(m *message, l *line) {
	r := &m.row
	r.PatientClass = m.comp(l.field(2), 1)
	r.Location, r.PriorLocation = m.comps(l.field(3), 4), m.comps(l.field(6), 4)
	r.Attending = m.provider(l.field(7))
	r.VisitNumber = m.comp(l.field(19), 1)
	m.phi("account", l.field(19))
	m.moved(r.VisitNumber, r.Location, r.PriorLocation, m.time(l.field(44)), m.time(l.field(45)))
}

func decodeMRG(m *message, l *line) {
	m.row.MergedID = pick(m.row.MergedID, m.comp(l.field(1), 1))
	m.identifiersOf("MRG-1", l.field(1))
}

func decodeNK1(m *message, l *line) {
	m.phi("kin", l.field(2))
	if m.row.ContactName == "" {
		m.row.ContactName, m.row.ContactPhone = m.person(l.field(2), 1), m.comp(l.field(5), 1)
	}
}

func decodeIN1(m *message, l *line) {
	id := m.comp(l.field(36), 1)
	if id == "" {
		id = m.comp(l.field(2), 1)
	}
	m.phi("insurance", id)
	if m.row.InsuranceID == "" {
		m.row.InsuranceID = id
	}
}

func decodeGT1(m *message, l *line) { m.phi("guarantor", l.field(3)) }

func decodeTXA(m *message, l *line) {
	m.row.DocumentType, m.row.DocumentFile = m.comp(l.field(2), 1), m.all(l.field(16))
}

func decodeQPD(m *message, l *line) { m.row.Query = m.comps(l.field(1), 2) }

func decodeQRD(m *message, l *line) { m.row.Query = m.comps(l.field(9), 2) }

func decodeNTE(m *message, l *line) { m.phi("text", l.field(3)) }

// decodePRT takes a participation (7.4.4): PRT-10 is the equipment that made the observation above.
func decodePRT(m *message, l *line) {
	id := m.all(m.first(l.field(10)))
	if n := len(m.observations); n > 0 && id != "" && m.observations[n-1].Device == "" {
		m.observations[n-1].Device, m.observations[n-1].device = id, m.deviceID(l.field(10))
	}
	m.equipment(l.field(10), "hl7.prt10")
	m.identity("serial", m.comp(l.field(18), 1), "hl7.prt18", 30)
}

func decodeAL1(m *message, l *line) {
	m.code(Code{Segment: "AL1", Kind: m.comp(l.field(2), 1), Severity: m.comp(l.field(4), 1)}, l.field(3), "")
}

func decodeDG1(m *message, l *line) {
	m.code(Code{Segment: "DG1", Kind: m.comp(l.field(6), 1)}, l.field(3), l.field(4))
}

func decodePR1(m *message, l *line) { m.code(Code{Segment: "PR1"}, l.field(3), l.field(4)) }

// code keeps a coded statement about the patient; other is its text in a field of its own (older versions).
func (m *message) code(c Code, coded, other string) {
	c.Code, c.Text, c.CodingSystem = m.comp(coded, 1), m.comp(coded, 2), m.comp(coded, 3)
	if c.Text == "" {
		c.Text = m.all(other)
	}
	c.PatientID = m.current
	m.phi("text", c.Code+c.Text)
	if m.room(len(c.Text) + len(c.Code)) {
		m.codes = append(m.codes, c)
	}
}

// time reads a time field: the zone of MSH-7 holds where it has none.
func (m *message) time(raw string) event.Time {
	t, _ := stamp(m.comp(raw, 1), m.zone)
	return t
}

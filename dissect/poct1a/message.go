package poct1a

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"wardtrace/dissect"
	"wardtrace/dissect/clinical"
	"wardtrace/dissect/event"
	"wardtrace/dissect/xmlread"
)

// message is one message while its rows are made.
type message struct {
	row     Message
	results []Result
	dropped int64
}

// val gives the attribute V of the first element of that name, at any depth.
func val(n *xmlread.Node, name string) string { return clip(n.Find(name).Attr("V")) }

func newMessage(dir dissect.Dir, root *xmlread.Node) *message {
	m := &message{row: Message{Dir: dir.String(), Type: clip(root.Name), ControlID: val(root, "HDR.control_id"), Version: val(root, "HDR.version_id"),
		CreatedAt: stamp(val(root, "HDR.creation_dttm")), AckCode: val(root, "ACK.type_cd"), AckControlID: val(root, "ACK.ack_control_id"),
		DeviceID: val(root, "DEV.device_id"), Vendor: pick(val(root, "DEV.manufacturer_name"), val(root, "DEV.vendor_id")), Model: val(root, "DEV.model_id"),
		Serial: val(root, "DEV.serial_id"), Hardware: val(root, "DEV.hw_version"), Software: val(root, "DEV.sw_version"),
		Condition: val(root, "DST.condition_cd"), Request: val(root, "REQ.request_cd"), Topic: val(root, "EOT.topic_cd"), Directive: val(root, "DTV.command_cd"),
		Event: pick(val(root, "EVS.description_cd"), val(root, "ESC.error_cd")), Severity: val(root, "EVS.severity_cd"), Reason: val(root, "TRM.reason_cd")}}
	if n, err := strconv.ParseInt(val(root, "DST.new_observations_qty"), 10, 64); err == nil {
		m.row.NewResults = event.Some(n)
	}
	if m.row.Directive == "" && strings.HasPrefix(m.row.Type, "DTV.") && m.row.Type != "DTV.R01" {
		m.row.Directive = m.row.Type
	}
	m.count(root)
	for _, svc := range root.All("SVC") {
		m.service(svc)
	}
	return m
}

// count counts operators, passwords and patients.
func (m *message) count(root *xmlread.Node) {
	root.Walk(func(n *xmlread.Node) bool {
		switch n.Name {
		case "OPR":
			if strings.HasPrefix(m.row.Type, "OPL") {
				m.row.Operators++
			}
		case "PT":
			m.row.Patients++
		case "ACC.password":
			if n.Attr("V") != "" || n.Value() != "" {
				m.row.Passwords++
			}
		}
		return true
	})
}

// service takes one service event: who was measured by whom, and what came out.
func (m *message) service(svc *xmlread.Node) {
	patient := svc.Child("PT")
	name := patient.Child("PT.name")
	base := Result{Role: val(svc, "SVC.role_cd"), ObservedAt: stamp(val(svc, "SVC.observation_dttm")), PatientID: val(patient, "PT.patient_id"),
		Name: strings.TrimRight(val(name, "FAM")+"^"+val(name, "GIV"), "^"), Birth: strings.ReplaceAll(val(patient, "PT.birth_date"), "-", ""),
		Sex: val(patient, "PT.gender_cd"), Operator: val(svc, "OPR.operator_id"), Reagent: val(svc, "RGT.name"), Lot: val(svc, "RGT.lot_number")}
	base.Name = pick(base.Name, clip(name.Attr("V")))
	svc.Walk(func(n *xmlread.Node) bool {
		if n.Name == "OBS" {
			m.observation(base, n)
			return false
		}
		return true
	})
}

// observation takes one OBS.
func (m *message) observation(r Result, n *xmlread.Node) {
	m.row.Results++
	if len(m.results) >= maxRows {
		m.dropped++
		return
	}
	id, value := n.Child("OBS.observation_id"), n.Child("OBS.value")
	r.Code, r.System, r.Unit = clip(id.Attr("V")), clip(pick(id.Attr("SN"), id.Attr("SV"))), clip(value.Attr("U"))
	text := clip(pick(value.Attr("V"), n.Child("OBS.qualitative_value").Attr("V")))
	if r.Number = float(text); r.Number.OK || text != "" && strings.Trim(text, "0123456789.<>=+- ") == "" {
		r.Value = text
	} else {
		r.Text = text
	}
	r.Method, r.Status, r.Meaning = clip(n.Child("OBS.method_cd").Attr("V")), clip(n.Child("OBS.status_cd").Attr("V")), clip(n.Child("OBS.interpretation_cd").Attr("V"))
	m.results = append(m.results, r)
}

// emit emits the message, its results, and what they say for the clinical tables.
func (m *message) emit(v *conversation, dir dissect.Dir, ref event.Ref, out *event.Batch) {
	seq := messages.Emit(out, ref, m.row)
	for _, r := range m.results {
		r.ParentSeq = int64(seq)
		row := results.Emit(out, ref, r)
		if r.Value != "" && r.Code != "" && (r.Role == "OBS" || r.Role == "" && r.PatientID != "") {
			clinical.Observations.Emit(out, ref, clinical.Observation{Protocol: protocolName, Source: "poct1a_result", ParentSeq: int64(row), Dir: m.row.Dir,
				PatientID: r.PatientID, Code: r.Code, CodingSystem: pick(r.System, protocolName), Value: r.Value, Number: r.Number, Unit: r.Unit,
				Status: r.Status, ObservedAt: r.ObservedAt})
		}
	}
	if m.dropped > 0 {
		dissect.Anomaly(out, ref, protocolName, "poct1a_rows_limit", m.dropped, "a message has more results than are kept: the rest were counted only")
	}
	v.identify(dir, m, ref, out)
	if m.row.AckCode == "" && m.row.ControlID != "" {
		v.await(dir, sent{id: m.row.ControlID, seq: seq, at: ref.Time})
	}
}

// identify emits what a hello says about the instrument, each assertion once a conversation.
func (v *conversation) identify(dir dissect.Dir, m *message, ref event.Ref, out *event.Batch) {
	host, mac := v.conn.Client, v.conn.ClientMAC
	if dir == dissect.FromServer {
		host, mac = v.conn.Server, v.conn.ServerMAC
	}
	role := ""
	switch m.row.Type[:min(len(m.row.Type), 3)] {
	case "HEL", "DST", "OBS", "EVS":
		role = "point-of-care instrument"
	case "REQ", "OPL", "PTL", "DTV":
		role = "point-of-care server"
	}
	for _, id := range []event.Identity{
		{Attribute: "vendor", Value: m.row.Vendor, Source: "poct1a.dev", Confidence: 90}, {Attribute: "model", Value: m.row.Model, Source: "poct1a.dev", Confidence: 90},
		{Attribute: "serial", Value: m.row.Serial, Source: "poct1a.dev", Confidence: 90}, {Attribute: "version", Value: m.row.Software, Source: "poct1a.dev", Confidence: 90},
		{Attribute: "role", Value: role, Source: "poct1a.type", Confidence: 70},
	} {
		if id.Value == "" || len(id.Value) > 128 {
			continue
		}
		if host.IsValid() {
			id.IP = host.Addr().String()
		}
		id.MAC = mac.String()
		if _, old := v.known[id]; old || len(v.known) >= maxIdentity {
			continue
		}
		v.known[id] = struct{}{}
		event.Identities.Emit(out, ref, id)
	}
}

func pick(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// clip gives a value for a cell: its own copy, of bounded length.
func clip(s string) string {
	if s = strings.TrimSpace(s); len(s) > maxText {
		n := maxText
		for n > 0 && !utf8.RuneStart(s[n]) {
			n--
		}
		s = s[:n]
	}
	return strings.Clone(s)
}

// layouts are the forms of a time that instruments write (ISO 8601).
var layouts = []string{"2006-01-02T15:04:05.999999999-07:00", "2006-01-02T15:04:05.999999999Z07:00", "2006-01-02T15:04:05.999999999"}

func stamp(s string) event.Time {
	for _, layout := range layouts {
		if at, err := time.Parse(layout, s); err == nil && at.Year() >= 1800 && at.Year() <= 2200 {
			return event.Time(at.UnixNano())
		}
	}
	return 0
}

func float(s string) event.Opt[float64] {
	if v, err := strconv.ParseFloat(s, 64); err == nil && strings.Trim(s, "+-.0123456789") == "" {
		return event.Some(v)
	}
	return event.Opt[float64]{}
}

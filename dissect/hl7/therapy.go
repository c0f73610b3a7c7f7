package hl7

import (
	"strings"

	"wardtrace/dissect/clinical"
	"wardtrace/dissect/event"
)

// therapyOrder is a row of an order line and what only the clinical tables need of it.
type therapyOrder struct {
	Order
	seq            int64
	group          int
	unit, rateUnit string
}

// treated emits orders of drugs and what pumps report.
func (m *message) treated(out *event.Batch) {
	switch m.row.Type {
	case "RGV", "RDE", "OMP", "ORM", "RDS", "RAS":
		m.ordered(out)
	case "ORU":
		m.pumped(out)
	}
}

// orderActions are the values of ORC-1 (table 0119) that do not order anew.
var orderActions = map[string]string{
	"CA": "cancel", "OC": "cancel", "CR": "cancel", "DC": "stop", "OD": "stop", "DR": "stop", "HD": "pause", "OH": "pause", "HR": "pause",
	"XO": "change", "XX": "change", "XR": "change", "RP": "change", "RO": "change", "RU": "change",
}

// ordered emits the drug lines of a pharmacy message: RGV^O15 goes to a pump (IHE PCD-03), the others to pharmacy and ward.
func (m *message) ordered(out *event.Batch) {
	for i := range m.orders {
		o := &m.orders[i]
		t := clinical.Therapy{Protocol: "hl7", Source: "hl7_order", ParentSeq: o.seq, Dir: m.row.Dir, PatientID: o.PatientID, Action: "order",
			Code: o.Code, CodingSystem: o.CodingSystem, Drug: o.Text, OrderID: o.PlacerOrder, Remote: m.row.Type == "RGV", At: o.Start}
		switch o.Segment {
		case "RXO", "RXE", "RXG":
			t.Action = pick(orderActions[o.OrderControl], t.Action)
		case "RXA":
			t.Action = "given"
		case "RXD":
			t.Action, t.Value = "report", "dispensed"
		default:
			continue
		}
		t.Device = m.pumpOf(o.group)
		m.emitOrder(out, t, o)
		if m.row.Type == "RGV" {
			m.orderSettings(out, t, o.group)
		}
	}
}

// emitOrder emits a row a number of the order, one without any if it has none.
func (m *message) emitOrder(out *event.Batch, t clinical.Therapy, o *therapyOrder) {
	if o.Amount.OK {
		a := t
		a.Parameter, a.After, a.Unit = "dose", o.Amount, o.unit
		if volumes[o.unit] {
			if a.Parameter = "volume"; strings.HasPrefix(m.row.Profile, "IHE_PCD_003") || strings.HasPrefix(m.row.Profile, "IHE PCD-03") {
				a.Parameter = "vtbi"
			}
		}
		clinical.Therapies.Emit(out, m.ref, a)
	}
	if o.Rate.OK {
		a := t
		a.Parameter, a.After, a.Unit = "rate", o.Rate, o.rateUnit
		clinical.Therapies.Emit(out, m.ref, a)
	}
	if !o.Amount.OK && !o.Rate.OK {
		clinical.Therapies.Emit(out, m.ref, t)
	}
}

// orderSettings emits the settings that an infusion order gives as observations: rate, dose rate, weight.
func (m *message) orderSettings(out *event.Batch, t clinical.Therapy, group int) {
	for i := range m.observations {
		o := &m.observations[i]
		name := pumpSettings[o.Text]
		if o.group != group || name == "" || !o.ValueNumber.OK {
			continue
		}
		s := t
		s.Source, s.ParentSeq, s.Parameter, s.After, s.Unit = "hl7_observation", o.seq, name, o.ValueNumber, o.unit
		clinical.Therapies.Emit(out, m.ref, s)
	}
}

// pumpOf gives the device that an order names: the equipment of its observations.
func (m *message) pumpOf(group int) string {
	for i := range m.observations {
		if o := &m.observations[i]; o.group == group && o.device != "" {
			return o.device
		}
	}
	return ""
}

// pump is what the lines of one pump, a VMD, say in a message.
type pump struct {
	event             *reading
	settings          []*reading
	drug, code        string
	system, device    string
	patient, orderNum string
}

// pumped emits the settings and events that pumps report (IHE PCD-01 and PCD-10).
func (m *message) pumped(out *event.Batch) {
	type key struct {
		group int
		path  string
	}
	var list []*pump
	index := map[key]*pump{}
	for i := range m.observations {
		o := &m.observations[i]
		k := key{o.group, o.SubID}
		if mds, rest, ok := strings.Cut(o.SubID, "."); ok {
			vmd, _, _ := strings.Cut(rest, ".")
			k.path = o.SubID[:len(mds)+1+len(vmd)]
		}
		p := index[k]
		if p == nil {
			p = &pump{}
			index[k] = p
			list = append(list, p)
		}
		p.take(o)
	}
	for _, p := range list {
		m.emitPump(out, p)
	}
}

func (p *pump) take(o *reading) {
	p.device, p.patient, p.orderNum = pick(p.device, o.device), pick(p.patient, o.PatientID), pick(p.orderNum, o.PlacerOrder)
	switch {
	case pumpEvents[o.Text] != "" || pumpEvents[o.word] != "":
		p.event = o
	case strings.HasPrefix(o.Text, "MDC_DRUG_NAME"):
		if p.drug == "" && len(o.TextValue) <= 64 {
			p.drug = pick(o.word, pick(o.TextValue, o.Value))
			if o.ValueType != "ST" {
				p.code, p.system = o.Value, "MDC"
			}
		}
	case pumpSettings[o.Text] != "" && o.ValueNumber.OK, pumpStates[o.Text] != "" && pick(o.Value, o.word) != "":
		p.settings = append(p.settings, o)
	}
}

// emitPump emits a row a setting, and one for an event that comes without any.
func (m *message) emitPump(out *event.Batch, p *pump) {
	t := clinical.Therapy{Protocol: "hl7", Source: "hl7_observation", Dir: m.row.Dir, Device: p.device, PatientID: p.patient, Action: "report",
		Code: p.code, CodingSystem: p.system, Drug: p.drug, OrderID: p.orderNum}
	if p.event != nil {
		t.Action = pick(pumpEvents[p.event.word], pumpEvents[p.event.Text])
	}
	for _, o := range p.settings {
		s := t
		s.ParentSeq, s.At, s.Parameter = o.seq, o.ObservedAt, pick(pumpSettings[o.Text], pumpStates[o.Text])
		if s.After, s.Unit = o.ValueNumber, o.unit; pumpStates[o.Text] != "" {
			s.After, s.Value = event.Opt[float64]{}, pick(o.word, o.Value)
		}
		clinical.Therapies.Emit(out, m.ref, s)
	}
	if p.event != nil && len(p.settings) == 0 {
		t.ParentSeq, t.At = p.event.seq, p.event.ObservedAt
		t.Value = pick(p.event.word, p.event.Text)
		clinical.Therapies.Emit(out, m.ref, t)
	}
}

// volumes are the units that say that an amount is a volume.
var volumes = map[string]bool{"mL": true, "ml": true, "ML": true, "L": true, "l": true, "MDC_DIM_MILLI_L": true, "MDC_DIM_L": true, "263762": true}

// pumpSettings are the observations that hold what a pump is set to, by mnemonic of ISO/IEEE 11073-10101. What was given or is left
// is measured, not set.
var pumpSettings = map[string]string{
	"MDC_FLOW_FLUID_PUMP": "rate", "MDC_FLOW_FLUID_PUMP_CURRENT": "rate", "MDC_RATE_DOSE": "dose", "MDC_VOL_FLUID_TBI": "vtbi",
	"MDC_CONC_DRUG": "concentration", "MDC_ATTR_PT_WEIGHT": "weight", "MDC_DOSE_CLINICIAN": "bolus",
}

var pumpStates = map[string]string{
	"MDC_PUMP_MODE": "mode", "MDC_PUMP_STAT": "state", "MDC_PUMP_CURRENT_DELIVERY_STATUS": "state", "MDC_PUMP_INFUSING_STATUS": "state",
}

// pumpEvents are the events of IHE PCD-10 that start or stop a delivery; the rest stay in hl7_observation.
var pumpEvents = map[string]string{"MDC_EVT_PUMP_DELIV_START": "start", "MDC_EVT_PUMP_DELIV_STOP": "stop", "MDC_EVT_PUMP_DELIV_COMP": "report"}

package intellivue

import (
	"reflect"

	"wardtrace/dissect"
	"wardtrace/dissect/clinical"
	"wardtrace/dissect/event"
)

// emitDevice tells what the monitor says of itself, when it is new.
func (d *dissector) emitDevice(p *parsed, seq uint32, seg *dissect.Segment, out *event.Batch) {
	v := p.attrs.device
	if !p.attrs.hasDevice || !p.isMonitor {
		return
	}
	known := d.device
	known.DeviceTime, known.ParentSeq = v.DeviceTime, 0
	if reflect.DeepEqual(known, v) {
		return
	}
	d.device = v
	v.ParentSeq = int64(seq)
	devices.Emit(out, seg.Ref, v)
	d.say(seg, out, "vendor", v.Vendor, "system_model", 90)
	d.say(seg, out, "model", v.Model, "system_model", 90)
	d.say(seg, out, "serial", v.Serial, "production_specification", 90)
	d.say(seg, out, "version", v.Software, "production_specification", 90)
	if v.SystemType == multiParameter || v.Model != "" {
		d.say(seg, out, "class", "monitor", "system_type", 85)
	}
}

// say asserts something of the monitor, once a conversation.
func (d *dissector) say(seg *dissect.Segment, out *event.Batch, attribute, value, field string, confidence int64) {
	if value == "" {
		return
	}
	addr, mac := d.conn.Client, d.conn.ClientMAC
	if seg.Dir == dissect.FromServer {
		addr, mac = d.conn.Server, d.conn.ServerMAC
	}
	id := event.Identity{Attribute: attribute, Value: value, Source: "intellivue." + field, Confidence: confidence, MAC: mac.String()}
	if addr.Addr().IsValid() {
		id.IP = addr.Addr().String()
	}
	if _, ok := d.told[id]; ok || len(d.told) >= maxNames {
		return
	}
	d.told[id] = struct{}{}
	event.Identities.Emit(out, seg.Ref, id)
}

// emitPatient tells the patient when something of it changed; a change of the state is a movement.
func (d *dissector) emitPatient(p *parsed, seq uint32, ref event.Ref, out *event.Batch) {
	t := p.attrs.patient
	if !p.attrs.hasPatient || !p.isMonitor || t == d.patient {
		return
	}
	before := d.patient
	d.patient = t
	t.ParentSeq = int64(seq)
	row := patients.Emit(out, ref, t)
	move := clinical.PatientMovement{Protocol: "intellivue", Source: "intellivue_patient", ParentSeq: int64(row), PatientID: t.PatientID, Location: d.device.BedLabel}
	switch {
	case before.State == "" || before.State == t.State:
		return // what was there when the conversation began moved earlier
	case t.State == "admitted":
		move.Event = "admit"
	case t.State == "discharged", t.State == "empty" && before.State == "admitted":
		move.Event, move.PriorLocation, move.Location = "discharge", move.Location, ""
		if move.PatientID == "" {
			move.PatientID = before.PatientID
		}
	default:
		return
	}
	clinical.PatientMovements.Emit(out, ref, move)
}

// patientID is whom values and alarms are about: the patient in the bed.
func (d *dissector) patientID() string {
	if d.patient.State == "discharged" || d.patient.State == "empty" {
		return ""
	}
	return d.patient.PatientID
}

func (d *dissector) emitNumerics(p *parsed, seq uint32, ref event.Ref, out *event.Batch) {
	if !p.isMonitor {
		return
	}
	for _, n := range p.numerics {
		text, v, _ := number(n.raw)
		clinical.Observations.Emit(out, ref, clinical.Observation{Protocol: "intellivue", Source: "intellivue", ParentSeq: int64(seq), Dir: p.msg.Dir,
			PatientID: d.patientID(), Code: decimal(partitionSCADA, n.code), CodingSystem: "MDC", Name: termName(partitionSCADA, n.code),
			Value: text, Number: event.Some(v), Unit: unitName(n.unit), Status: n.state.String()})
	}
}

func (d *dissector) emitWaves(p *parsed, seq uint32, ref event.Ref, out *event.Batch) {
	for _, w := range p.waves {
		key := uint32(w.code)<<16 | uint32(w.handle)
		if _, ok := d.waves[key]; ok || len(d.waves) >= maxWaves || !p.isMonitor {
			continue
		}
		if d.waves == nil {
			d.waves = map[uint32]struct{}{}
		}
		d.waves[key] = struct{}{}
		state := w.state.String()
		if state == "valid" {
			state = ""
		}
		waves.Emit(out, ref, Wave{ParentSeq: int64(seq), Code: code(partitionSCADA, w.code), Name: termName(partitionSCADA, w.code),
			Handle: int64(w.handle), State: state, Bytes: int64(w.bytes)})
	}
}

package alaris

import (
	"strconv"
	"strings"

	"wardtrace/dissect"
	"wardtrace/dissect/clinical"
	"wardtrace/dissect/event"
)

// quantity reads a number that has its unit behind it.
func quantity(f *frame, i int, unit string) event.Opt[float64] {
	if !strings.EqualFold(f.arg(i+1), unit) {
		return event.Opt[float64]{}
	}
	s := f.arg(i)
	if s == "" || strings.Trim(s, "0123456789.") != "" {
		return event.Opt[float64]{}
	}
	x, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return event.Opt[float64]{}
	}
	return event.Some(x)
}

// therapy is a row of the shared table, as far as it is the same for all.
func (v *conversation) therapy(parent uint32, seg *dissect.Segment, action, parameter string) clinical.Therapy {
	return clinical.Therapy{Protocol: "alaris", Source: "alaris", ParentSeq: int64(parent), Dir: seg.Dir.String(), Device: v.serial, Action: action,
		Parameter: parameter, Remote: seg.Dir == v.host}
}

// order emits what the host asks for or commands.
func (v *conversation) order(f *frame, row Frame, seg *dissect.Segment, out *event.Batch) {
	switch f.word {
	case "INF_RATE":
		row.Rate = quantity(f, 0, "ml/h")
	case "INF_VTBI":
		row.VTBI = quantity(f, 1, "ml")
	}
	parent := frames.Emit(out, seg.Ref, row)
	if row.Kind != "command" {
		return
	}
	switch f.word {
	case "INF_START":
		clinical.Therapies.Emit(out, seg.Ref, v.therapy(parent, seg, "start", "rate"))
	case "INF_STOP":
		clinical.Therapies.Emit(out, seg.Ref, v.therapy(parent, seg, "stop", "rate"))
	case "INF_RATE":
		t := v.therapy(parent, seg, "change", "rate")
		t.Before, t.After, t.Unit = v.rate, row.Rate, "ml/h"
		clinical.Therapies.Emit(out, seg.Ref, t)
	case "INF_VTBI":
		t := v.therapy(parent, seg, "change", "vtbi")
		t.Before, t.After, t.Unit, t.Value = v.vtbi, row.VTBI, "ml", f.arg(0)
		clinical.Therapies.Emit(out, seg.Ref, t)
	case "INF_VI_CLEAR":
		t := v.therapy(parent, seg, "change", "volume")
		t.Value = "cleared"
		clinical.Therapies.Emit(out, seg.Ref, t)
	case "INF_BOLUS":
		v.mode(&v.bolus, f, parent, seg, out)
	case "REMOTE_CTRL":
		v.mode(&v.remote, f, parent, seg, out)
	}
}

// mode emits that a mode was switched, once for as long as it stays.
func (v *conversation) mode(last *string, f *frame, parent uint32, seg *dissect.Segment, out *event.Batch) {
	value := f.word + " " + f.arg(0)
	if *last == value {
		return
	}
	*last = value
	t := v.therapy(parent, seg, "change", "mode")
	t.Value = value
	clinical.Therapies.Emit(out, seg.Ref, t)
}

// answer emits what the pump says. An answer to a command is its echo.
func (v *conversation) answer(f *frame, row Frame, seg *dissect.Segment, out *event.Batch) {
	row.Kind = "answer"
	switch f.word {
	case "INST_SERIALNO":
		v.serial = f.arg(0)
	case "INF":
		// serial, alarm, mode, rate, its unit, -, volume, its unit, pressure, its unit, time that remains, EVENT, log entry
		if len(f.args) < 12 {
			break
		}
		v.serial = f.arg(0)
		row.Alarm = alarmCode(f.arg(1))
		row.Rate, row.Volume, row.Pressure = quantity(f, 3, "ml/h"), quantity(f, 6, "ml"), quantity(f, 8, "mmHg")
	case "ALARM":
		row.Alarm = alarmCode(f.arg(0))
	case "INF_RATE":
		row.Rate = quantity(f, 0, "ml/h")
	case "INF_VTBI":
		row.VTBI = quantity(f, 1, "ml")
	case "INF_VI":
		row.Volume = quantity(f, 0, "ml")
	}
	row.Serial = v.serial
	parent := frames.Emit(out, seg.Ref, row)
	v.identify(f, seg, out)
	v.report(&v.rate, row.Rate, "rate", "ml/h", parent, seg, out)
	v.report(&v.vtbi, row.VTBI, "vtbi", "ml", parent, seg, out)
	v.report(&v.volume, row.Volume, "volume", "ml", parent, seg, out)
	v.pressure(row.Pressure, parent, seg, out)
	if f.word == "INF" && len(f.args) >= 12 || f.word == "ALARM" {
		v.alarms(row.Alarm, parent, seg, out)
	}
}

// alarmCode gives an alarm's code, "" for none: - in INF, AL_NOALM in ALARM.
func alarmCode(s string) string {
	if s == "AL_NOALM" || !strings.HasPrefix(s, "AL_") && !strings.HasPrefix(s, "AL ") {
		return ""
	}
	return s
}

// report emits what the pump says of itself when it is new or another value. Volumes grow by themselves: that is no change of therapy.
func (v *conversation) report(last *event.Opt[float64], now event.Opt[float64], parameter, unit string, parent uint32, seg *dissect.Segment, out *event.Batch) {
	if !now.OK || *last == now {
		return
	}
	t := v.therapy(parent, seg, "report", parameter)
	t.After, t.Unit = now, unit
	if last.OK && parameter == "rate" {
		t.Action, t.Before = "change", *last
	}
	*last = now
	clinical.Therapies.Emit(out, seg.Ref, t)
}

// pressure emits the pressure when it is another one.
func (v *conversation) pressure(now event.Opt[float64], parent uint32, seg *dissect.Segment, out *event.Batch) {
	if !now.OK || v.press == now {
		return
	}
	v.press = now
	clinical.Observations.Emit(out, seg.Ref, clinical.Observation{Protocol: "alaris", Source: "alaris", ParentSeq: int64(parent), Dir: seg.Dir.String(), Device: v.serial,
		Code: "INF pressure", CodingSystem: "Alaris", Name: "infusion pressure", Value: strconv.FormatFloat(now.V, 'f', -1, 64), Number: now, Unit: "mmHg"})
}

// alarms emits the start and the end of an alarm.
func (v *conversation) alarms(now string, parent uint32, seg *dissect.Segment, out *event.Batch) {
	if now == v.alarm {
		return
	}
	emit := func(code, phase string) {
		if code != "" {
			clinical.Alarms.Emit(out, seg.Ref, clinical.Alarm{Protocol: "alaris", Source: "alaris", ParentSeq: int64(parent), Dir: seg.Dir.String(), Device: v.serial,
				Code: code, CodingSystem: "Alaris", Phase: phase})
		}
	}
	emit(v.alarm, "end")
	emit(now, "start")
	v.alarm = now
}

// identify tells who the pump is. A terminal server may stand at the address, hence the middling confidence.
func (v *conversation) identify(f *frame, seg *dissect.Segment, out *event.Batch) {
	host, mac := v.conn.Client, v.conn.ClientMAC
	if seg.Dir == dissect.FromServer {
		host, mac = v.conn.Server, v.conn.ServerMAC
	}
	say := func(attribute, value, source string, confidence int64) {
		id := event.Identity{MAC: mac.String(), Attribute: attribute, Value: value, Source: source, Confidence: confidence}
		if host.IsValid() {
			id.IP = host.Addr().String()
		}
		event.Identities.Emit(out, seg.Ref, id)
	}
	if !v.said {
		v.said = true
		say("vendor", "BD/CareFusion/Alaris", "alaris.frame", 60)
		say("model", "Alaris syringe pump", "alaris.frame", 50)
		say("class", "pump", "alaris.frame", 70)
	}
	if v.serial != "" && v.told[0] != v.serial {
		v.told[0] = v.serial
		say("serial", v.serial, "alaris.inst_serialno", 80)
	}
	if f.word == "COMMS_PROTOCOL" && f.arg(0) != v.told[1] {
		v.told[1] = f.arg(0)
		say("software", f.arg(0), "alaris.comms_protocol", 70)
	}
}

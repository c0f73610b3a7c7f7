package hl7

import (
	"strings"

	"wardtrace/dissect/clinical"
	"wardtrace/dissect/event"
)

// alarm is what the lines of one alarm say (IHE PCD TF, ACM, PCD-04): an event, its source, and facets of it.
type alarm struct {
	event, source                               *reading
	phase, state, silence, priority, kind, span string
	device, patient                             string
	facets                                      int
}

// alarmed emits the alarms of an alert message: those of ORU^R40 and R41, and of any message that has the facets by name.
func (m *message) alarmed(out *event.Batch) {
	type key struct {
		group int
		path  string
	}
	list, index := []*alarm{}, map[key]*alarm{}
	for i := range m.observations {
		o := &m.observations[i]
		path, last := alarmPath(o.SubID)
		a := index[key{o.group, path}]
		if a == nil {
			a = &alarm{}
			index[key{o.group, path}] = a
			list = append(list, a)
		}
		a.take(o, m.facet(o), last)
	}
	for _, a := range list {
		if a.event != nil && (a.facets > 0 || m.row.Trigger == "R40") && !a.watchdog() {
			m.emitAlarm(out, a)
		}
	}
}

// alarmPath takes the facet off a containment path of five parts, MDS.VMD.CHAN.METRIC.FACET.
func alarmPath(sub string) (path, facet string) {
	if strings.Count(sub, ".") < 4 {
		return "", ""
	}
	return cutLast(sub)
}

// facet names the facet of an alarm that a line holds. The numbers stand for it only in alert messages: elsewhere they are
// other attributes of 11073-20601.
func (m *message) facet(o *reading) string {
	if f, ok := alarmFacets[o.Text]; ok {
		return f
	}
	if m.row.Trigger == "R40" || m.row.Trigger == "R41" {
		return alarmFacets[o.Code]
	}
	return ""
}

// take sorts a line into the alarm.
func (a *alarm) take(o *reading, facet, last string) {
	a.device, a.patient = pick(a.device, o.device), pick(a.patient, o.PatientID)
	a.flags(o.AbnormalFlag)
	if isResultWord(o.ReferenceRange) {
		a.span = pick(a.span, o.ReferenceRange)
	}
	value := pick(o.Value, o.TextValue)
	switch facet {
	case "":
		switch {
		case strings.HasPrefix(o.Text, "MDC_EVT_") || strings.HasPrefix(o.Text, "MDCX_EVT_"):
			if a.event == nil {
				a.event = o
			}
		case last == "1" && a.event == nil:
			a.event = o
		case last != "" && a.source == nil:
			a.source = o
		}
		return
	case "source":
		a.source = o
	case "phase":
		a.phase = known(value, eventPhases)
	case "state":
		a.state = known(value, alarmStates)
	case "silence":
		a.silence = known(value, inactivationStates)
	case "priority":
		a.priority = pick(priorities[strings.ToUpper(value)], a.priority)
	case "kind":
		a.kind = pick(alarmKinds[strings.ToUpper(value)], a.kind)
	}
	a.facets++
}

// known gives those words of a list of repetitions that a closed list has: others may be anybody's.
func known(value string, words map[string]string) string {
	var out []string
	for _, w := range strings.Split(strings.ToLower(value), "~") {
		if _, ok := words[w]; ok {
			out = appendOnce(out, w)
		}
	}
	return strings.Join(out, ",")
}

// flags takes OBX-8 of an alert message, priority~type~abnormality.
func (a *alarm) flags(flags string) {
	for f := range strings.SplitSeq(flags, "~") {
		a.priority, a.kind = pick(a.priority, priorities[f]), pick(a.kind, alarmKinds[f])
	}
}

// watchdog tells of the message by which a reporter says that it is alive.
func (a *alarm) watchdog() bool {
	for _, s := range []string{a.event.Text, a.event.word, a.event.Value} {
		if s == "MDC_EVT_WATCHDOG" || s == "MDC_EVT_ACTIVE" || s == "258047" {
			return true
		}
	}
	return false
}

// phaseOf makes one phase of the three facets. An end is an end, whatever was silenced.
func (a *alarm) phaseOf() string {
	switch phase := a.phase; {
	case phase == "end", phase != "start" && (a.state == "inactive"):
		return "end"
	case strings.Contains(a.silence, "-off") || a.state == "off":
		return "off"
	case strings.Contains(a.silence, "paused") || strings.Contains(a.silence, "acknowledged"):
		return "silenced"
	default:
		return eventPhases[phase]
	}
}

// emitAlarm emits one alarm. The text of the device's own message stays out: it is free text in OBX-5.
func (m *message) emitAlarm(out *event.Batch, a *alarm) {
	code, text := a.event.Code, a.event.Text
	if text == "MDC_EVT_ALARM" && a.event.word != "" { // the value is the event
		code, text = a.event.Value, a.event.word
	}
	if a.source != nil {
		text += " of " + pick(a.source.word, pick(a.source.Text, a.source.Code))
	}
	after := a.state
	if a.silence != "" {
		after = strings.TrimPrefix(after+", "+a.silence, ", ")
	}
	if a.span != "" {
		after = strings.TrimPrefix(after+", limits "+a.span, ", ")
	}
	clinical.Alarms.Emit(out, m.ref, clinical.Alarm{Protocol: "hl7", Source: "hl7_observation", ParentSeq: a.event.seq, Dir: m.row.Dir, Device: a.device,
		PatientID: a.patient, Code: code, CodingSystem: a.event.system(), Text: text, Priority: a.priority, Kind: a.kind, Phase: a.phaseOf(),
		After: after, At: a.event.ObservedAt})
}

// alarmFacets are the lines that describe an alarm (ACM): by mnemonic, and by number as they are now and were before.
var alarmFacets = map[string]string{
	"MDC_ATTR_ALERT_SOURCE": "source", "68480": "source", "68164": "source",
	"MDC_ATTR_EVENT_PHASE": "phase", "68481": "phase", "68165": "phase",
	"MDC_ATTR_ALARM_STATE": "state", "68482": "state", "68166": "state",
	"MDC_ATTR_ALARM_INACTIVATION_STATE": "silence", "68483": "silence", "68167": "silence",
	"MDC_ATTR_ALARM_PRIORITY": "priority", "68484": "priority", "68168": "priority",
	"MDC_ATTR_ALERT_TYPE": "kind", "68485": "kind",
}

// eventPhases maps the phases of an event (11073-10201, ACM) to those of the table alarm. A reset says nothing of the alarm itself.
var eventPhases = map[string]string{
	"start": "start", "start_only": "start", "tpoint": "start", "continue": "ongoing", "present": "ongoing", "update": "ongoing",
	"escalate": "ongoing", "de-escalate": "ongoing", "end": "end", "reset": "",
}

var alarmStates = map[string]string{"off": "", "inactive": "", "active": "", "latched": ""}

var inactivationStates = map[string]string{"enabled": "", "audio-paused": "", "audio-off": "", "alarm-paused": "", "alarm-off": "", "alert-acknowledged": ""}

var priorities = map[string]string{"PH": "high", "PM": "medium", "PL": "low", "PI": "info"}

var alarmKinds = map[string]string{"SP": "physiological", "ST": "technical", "SA": "advisory"}

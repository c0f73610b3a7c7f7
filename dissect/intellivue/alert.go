package intellivue

import (
	"sort"
	"strings"

	"wardtrace/dissect/clinical"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
)

// alert is an entry of a list (DevAlarmEntry).
type alert struct {
	alertKey
	kind  uint16
	state alertState
	info  bool
	text  string
	id    uint32
	flags alertFlags
}

// alertKey is what makes an alert the same one in the next list.
type alertKey struct{ source, code, handle, instance uint16 }

// alertList is what a list held when it was last seen.
type alertList struct {
	seen    bool
	entries map[alertKey]alert
}

const (
	infoGeneral = 513 // GEN_ALMON_INFO
	infoText    = 516 // STR_ALMON_INFO: the same, with a text behind
)

// alerts reads a list of alerts: number 0 the physiological, 1 the technical ones.
func (p *parsed) alerts(list int, v *cursor.Cursor) {
	n, c := p.list(v)
	found := []alert{}
	for ; n > 0 && c.More(); n-- {
		var a alert
		a.source, a.code, a.kind, a.state = c.U16(), c.U16(), c.U16(), alertState(c.U16())
		c.Skip(4)
		a.handle = c.U16()
		kind, size := c.U16(), int(c.U16())
		info := c.Sub(size)
		if c.Short() {
			p.fault = "a list of alerts is cut off"
			break
		}
		if kind == infoGeneral || kind == infoText {
			a.read(&info)
		}
		found = append(found, a)
	}
	if p.msg.Alerts.OK {
		p.msg.Alerts.V += int64(len(found))
	} else {
		p.msg.Alerts = event.Some(int64(len(found)))
	}
	p.lists[list] = &found
}

// read reads what is known of the occurrence.
func (a *alert) read(c *cursor.Cursor) {
	instance, id := c.U16(), c.U32()
	c.Skip(2) // priority within the list
	flags := alertFlags(c.U16())
	if c.Short() {
		return
	}
	a.info, a.instance, a.id, a.flags = true, instance, id, flags
	if c.More() {
		a.text = text16(c)
	}
}

// emitAlerts compares a list with what it was and tells the changes.
func (d *dissector) emitAlerts(list int, found []alert, p *parsed, seq uint32, ref event.Ref, out *event.Batch) {
	if !p.isMonitor {
		return
	}
	known := &d.lists[list]
	now := make(map[alertKey]alert, min(len(found), maxAlerts))
	for _, a := range found {
		if _, twice := now[a.alertKey]; twice || len(now) >= maxAlerts {
			continue
		}
		now[a.alertKey] = a
		before, ok := known.entries[a.alertKey]
		if phase := phaseOf(a, before, ok, known.seen); phase != "" {
			d.emitAlert(list, phase, a, before, ok, p, seq, ref, out)
		}
	}
	for _, a := range gone(known.entries, now) {
		d.emitAlert(list, "end", a, a, true, p, seq, ref, out)
	}
	known.seen, known.entries = true, now
}

// gone gives the entries that are in before and not in now, in a fixed order.
func gone(before, now map[alertKey]alert) []alert {
	var out []alert
	for k, a := range before {
		if _, ok := now[k]; !ok {
			out = append(out, a)
		}
	}
	sort.Slice(out, func(i, j int) bool {
		a, b := out[i].alertKey, out[j].alertKey
		switch {
		case a.code != b.code:
			return a.code < b.code
		case a.source != b.source:
			return a.source < b.source
		case a.handle != b.handle:
			return a.handle < b.handle
		}
		return a.instance < b.instance
	})
	return out
}

// phaseOf tells what happened to an alert, "" if nothing that matters.
func phaseOf(a, before alert, known, listSeen bool) string {
	switch {
	case !known && !listSeen && a.state&alertNew == 0:
		return "ongoing" // it was there before the conversation
	case !known:
		return "start"
	case a.state&alertOff&^before.state != 0:
		return "off"
	case a.state&alertSilenced&^before.state != 0:
		return "silenced"
	case before.state&(alertOff|alertSilenced)&^a.state != 0:
		return "on"
	case a.kind != before.kind:
		return "ongoing"
	}
	return ""
}

func (d *dissector) emitAlert(list int, phase string, a, before alert, known bool, p *parsed, seq uint32, ref event.Ref, out *event.Batch) {
	row := Alert{ParentSeq: int64(seq), Kind: "physiological", Phase: phase, Source: int64(a.source), SourceName: termName(partitionSCADA, a.source),
		Code: code(partitionEvent, a.code), CodeName: termName(partitionEvent, a.code), Priority: priority(a.kind), State: a.state.names(), Handle: int64(a.handle),
		Text: a.text, Flags: a.flags.names()}
	if list == 1 {
		row.Kind = "technical"
	}
	if known && phase != "end" {
		row.Before = before.state.names()
	}
	if a.info {
		row.Instance, row.TextID = event.Some(int64(a.instance)), event.Some(int64(a.id))
	}
	parent := alerts.Emit(out, ref, row)
	text := a.text
	if text == "" {
		text = row.CodeName
	}
	clinical.Alarms.Emit(out, ref, clinical.Alarm{Protocol: "intellivue", Source: "intellivue_alert", ParentSeq: int64(parent), Dir: p.msg.Dir,
		PatientID: d.patientID(), Code: decimal(partitionEvent, a.code), CodingSystem: "MDC", Text: text, Priority: row.Priority, Kind: row.Kind, Phase: phase,
		Before: strings.Join(row.Before, ","), After: strings.Join(row.State, ",")})
}

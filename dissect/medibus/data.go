package medibus

import (
	"slices"
	"strconv"
	"strings"

	"wardtrace/dissect"
	"wardtrace/dissect/clinical"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
)

// list reads a list of codes (2 hex digits) with values of width characters.
func (l *line) list(m Message, cur *cursor.Cursor, width int, seg *dissect.Segment, out *event.Batch) {
	var found []Value
	for cur.Need(2 + width) {
		v := Value{Kind: kindOf(m.Command), Page: m.Page, Code: cur.String(2), Text: strings.TrimSpace(cur.String(width))}
		if _, ok := hexByte(v.Code); !ok {
			break
		}
		if v.Kind == "setting" {
			v.Name = settingNames[v.Code]
		}
		if n, err := strconv.ParseFloat(v.Text, 64); err == nil && strings.Trim(v.Text, "+-.0123456789") == "" {
			v.Number = event.Some(n)
		}
		found = append(found, v)
	}
	m.Values = int64(len(found))
	parent := messages.Emit(out, seg.Ref, m)
	for _, v := range found {
		l.value(v, parent, seg, out)
	}
}

// value tells a measured value each time, a limit or setting when it is new.
func (l *line) value(v Value, parent uint32, seg *dissect.Segment, out *event.Batch) {
	v.ParentSeq = int64(parent)
	before, known := "", false
	if v.Kind != "measured" {
		key := v.Kind + strconv.FormatInt(v.Page, 10) + v.Code
		before, known = l.kept[key]
		if known && before == v.Text || !known && len(l.kept) >= maxKept {
			return
		}
		l.kept[key] = v.Text
	}
	seq := values.Emit(out, seg.Ref, v)
	switch {
	case v.Kind == "setting" && v.Name != "" && !notTherapy[v.Name]:
		t := clinical.Therapy{Protocol: protocolName, Source: values.Name, ParentSeq: int64(seq), Dir: seg.Dir.String(), Device: l.device,
			Action: "report", Code: v.Code, CodingSystem: protocolName, Parameter: v.Name, After: v.Number}
		if known {
			t.Action = "change"
			if n, err := strconv.ParseFloat(before, 64); err == nil {
				t.Before = event.Some(n)
			}
		}
		if !v.Number.OK {
			t.Value = v.Text
		}
		clinical.Therapies.Emit(out, seg.Ref, t)
	case known && strings.HasSuffix(v.Kind, "limit"):
		clinical.Alarms.Emit(out, seg.Ref, clinical.Alarm{Protocol: protocolName, Source: values.Name, ParentSeq: int64(seq), Dir: seg.Dir.String(),
			Device: l.device, Code: v.Code, CodingSystem: protocolName, Text: strings.ReplaceAll(v.Kind, "_", " ") + " of value " + v.Code, Phase: "limits", Before: before, After: v.Text})
	}
}

func kindOf(name string) string {
	switch name {
	case "low_limits":
		return "low_limit"
	case "high_limits":
		return "high_limit"
	case "settings":
		return "setting"
	}
	return "measured"
}

// alarms reads the active alarms: priority (1), code (2 hex digits), text (12); what is new began, what is missing ended.
func (l *line) alarms(m Message, cur *cursor.Cursor, seg *dissect.Segment, out *event.Batch) {
	now := map[string]Alarm{}
	var order []string
	for cur.Need(15) && len(now) < maxActive {
		a := Alarm{Page: m.Page, Priority: int64(cur.U8()) - '0', Code: cur.String(2), Text: strings.TrimSpace(cur.String(12))}
		if _, ok := hexByte(a.Code); !ok {
			break
		}
		key := strconv.FormatInt(a.Page, 10) + a.Code
		if _, twice := now[key]; !twice {
			order = append(order, key)
		}
		now[key] = a
	}
	m.Values = int64(len(now))
	parent := int64(messages.Emit(out, seg.Ref, m))
	page := strconv.FormatInt(m.Page, 10)
	for _, key := range order {
		if _, known := l.active[key]; !known {
			l.alarm(now[key], "start", parent, seg, out)
		}
	}
	kept := l.order[:0]
	for _, key := range l.order {
		if _, still := now[key]; !still && strings.HasPrefix(key, page) {
			l.alarm(l.active[key], "end", parent, seg, out)
			delete(l.active, key)
			continue
		}
		kept = append(kept, key)
	}
	l.order = kept
	for _, key := range order {
		if _, known := l.active[key]; !known {
			l.order = append(l.order, key)
		}
		l.active[key] = now[key]
	}
}

// alarm tells one; those that say that alarms are off are told as such.
func (l *line) alarm(a Alarm, phase string, parent int64, seg *dissect.Segment, out *event.Batch) {
	a.ParentSeq, a.Phase = parent, phase
	seq := alarms.Emit(out, seg.Ref, a)
	c := clinical.Alarm{Protocol: protocolName, Source: alarms.Name, ParentSeq: int64(seq), Dir: seg.Dir.String(), Device: l.device,
		Code: a.Code, CodingSystem: protocolName, Text: a.Text, Phase: phase}
	if a.Page == 1 && slices.Contains(alarmsOff, a.Code) {
		c.Phase = "off"
		if phase == "end" {
			c.Phase = "on"
		}
	}
	clinical.Alarms.Emit(out, seg.Ref, c)
}

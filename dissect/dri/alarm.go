package dri

import (
	"wardtrace/dissect"
	"wardtrace/dissect/clinical"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
)

const (
	alarmLen  = 510 // five shorts, five entries, five shorts
	entryLen  = 98  // text, three shorts, six shorts
	textLen   = 80
	maxShown  = 5
	allSilent = 4 // silence numbers from here on are about all alarms
)

// screen is what a monitor showed last.
type screen struct {
	seen    bool
	sound   bool
	silence uint16
	shown   []entry
}

type entry struct {
	text   string
	colour uint16
}

// alarms reads the status of alarms and tells what changed.
func (d *dissector) alarms(c *cursor.Cursor, dir string, seq uint32, seg *dissect.Segment, out *event.Batch) {
	now, ok := readScreen(c)
	if !ok {
		d.complain(seg.Ref, out, "dri_alarm_layout", 1, "an alarm record is not laid out as in the specification: it was not read")
		return
	}
	before := d.screen
	d.screen = now
	tell := func(phase string, e entry, was, is string) {
		row := Alarm{ParentSeq: int64(seq), Phase: phase, Text: e.text, Colour: colourName(e.colour), Sound: now.sound, Silence: silenceName(now.silence)}
		parent := alarms.Emit(out, seg.Ref, row)
		clinical.Alarms.Emit(out, seg.Ref, clinical.Alarm{Protocol: "dri", Source: "dri_alarm", ParentSeq: int64(parent), Dir: dir, PatientID: d.patient.PatientID,
			Text: e.text, Priority: priority(e.colour), Phase: phase, Before: was, After: is})
	}
	for _, e := range now.shown {
		was, known := find(before.shown, e.text)
		switch {
		case !known && before.seen:
			tell("start", e, "", colourName(e.colour))
		case !known:
			tell("ongoing", e, "", colourName(e.colour))
		case was.colour != e.colour:
			tell("ongoing", e, colourName(was.colour), colourName(e.colour))
		}
	}
	for _, e := range before.shown {
		if _, still := find(now.shown, e.text); !still {
			tell("end", e, colourName(e.colour), "")
		}
	}
	if before.seen && before.silence != now.silence {
		phase := "silenced"
		if now.silence == 0 {
			phase = "on"
		}
		tell(phase, entry{}, silenceName(before.silence), silenceName(now.silence))
	}
	if before.seen && before.sound != now.sound {
		tell(map[bool]string{true: "on", false: "off"}[now.sound], entry{}, soundName(before.sound), soundName(now.sound))
	}
}

// readScreen reads an alarm record if all of it is as it must be.
func readScreen(c *cursor.Cursor) (screen, bool) {
	s := screen{seen: true}
	c.Skip(2)
	sound := c.U16LE()
	c.Skip(4)
	s.silence = c.U16LE()
	s.sound = sound == 1
	ok := sound <= 1 && silenceName(s.silence) != ""
	for range maxShown {
		text, good := field(c, textLen)
		textChanged, colour, colourChanged := c.U16LE(), c.U16LE(), c.U16LE()
		c.Skip(entryLen - textLen - 6)
		ok = ok && good && textChanged <= 1 && colourChanged <= 1 && colour <= 3
		if _, twice := find(s.shown, text); text != "" && colour > 0 && !twice {
			s.shown = append(s.shown, entry{text, colour})
		}
	}
	return s, ok && !c.Short()
}

func find(list []entry, text string) (entry, bool) {
	for _, e := range list {
		if e.text == text {
			return e, true
		}
	}
	return entry{}, false
}

func soundName(on bool) string {
	if on {
		return "sound_on"
	}
	return "sound_off"
}

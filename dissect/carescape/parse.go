package carescape

import (
	"net/netip"
	"strconv"
	"strings"

	"wardtrace/dissect"
	"wardtrace/dissect/clinical"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
	"wardtrace/dissect/nomenclature"
)

// rwhat reads a discovery. classify saw that all of it is there.
func (d *dissector) rwhat(c *cursor.Cursor, seg *dissect.Segment, out *event.Batch) {
	c.Skip(4)
	var b Bed
	b.IP = address(c)
	clock := event.Time(int64(c.U32()) * 1e9)
	b.Unit, b.Room = bedName(c.Bytes(16))
	last, first, _ := strings.Cut(text(c.Bytes(15)), ",")
	b.PatientName = strings.TrimSpace(last)
	if first = strings.TrimSpace(first); first != "" {
		b.PatientName += "^" + first
	}
	for n := int(c.U8()); n > 0 && c.More(); n-- {
		b.Services = append(b.Services, strconv.Itoa(int(c.U16()))+" "+strconv.Itoa(int(c.U16())))
	}
	seq := messages.Emit(out, seg.Ref, Message{Dir: seg.Dir.String(), Kind: "discovery", FromIP: b.IP, Unit: b.Unit, Room: b.Room, Bytes: int64(len(seg.Data))})
	if sameBed(d.bed, b) {
		return
	}
	d.bed = b
	b.ParentSeq, b.DeviceTime = int64(seq), clock
	b.Offset = event.Some(float64(clock-seg.Time) / 1e9)
	beds.Emit(out, seg.Ref, b)
	d.say(seg, out, "vendor", "GE", "rwhat", 60)
	d.say(seg, out, "class", "monitor", "rwhat", 75)
}

func sameBed(a, b Bed) bool {
	return a.IP == b.IP && a.Unit == b.Unit && a.Room == b.Room && a.PatientName == b.PatientName && strings.Join(a.Services, ",") == strings.Join(b.Services, ",")
}

// bedMessage reads the common header and what follows.
func (d *dissector) bedMessage(c *cursor.Cursor, seg *dissect.Segment, out *event.Batch) {
	m := Message{Dir: seg.Dir.String(), Bytes: int64(len(seg.Data))}
	to := address(c)
	c.Skip(2)
	from := address(c)
	c.Skip(2)
	f, sub := function(c.U16()), subFunction(c.U16())
	m.Function, m.Sub = event.Some(int64(f)), event.Some(int64(sub))
	m.Version, m.Sequence = event.Some(int64(c.U16())), event.Some(int64(c.U16()))
	c.Skip(2)
	m.ProcessID = event.Some(int64(c.U16()))
	m.Unit, m.Room = bedName(c.Bytes(32))
	m.Status = event.Some(int64(c.U16()))
	c.Skip(2)
	if f == functionData {
		m.FromIP, m.ToIP = from, to
	}
	switch {
	case f == functionRequest:
		m.Kind, m.Wanted = "request", wanted(m.ProcessID.V)
		messages.Emit(out, seg.Ref, m)
	case sub == subAlarm && c.Len() == 24:
		m.Kind = "alarm"
		d.alarm(c, m, seg, out)
	case sub == subParameters && c.Need(headerLen+6):
		m.Kind = "parameters"
		d.parameters(c, m, seg, out)
	default:
		m.Kind = "data"
		messages.Emit(out, seg.Ref, m)
	}
}

// pause is the silence after which an alarm that comes again is told again: one that stands is repeated every two seconds.
const pause = event.Time(10e9)

func (d *dissector) alarm(c *cursor.Cursor, m Message, seg *dissect.Segment, out *event.Batch) {
	seq := messages.Emit(out, seg.Ref, m)
	a := Alarm{ParentSeq: int64(seq), State: int64(c.U8()), Level: int64(c.U8()), Audio: int64(c.U8())}
	code := parameter(c.U8())
	c.Skip(2)
	a.Parameter, a.Name, a.Text = int64(code), code.String(), text(c.Bytes(14))
	a.Counter = int64(c.U32())
	k := alarmKey{uint8(code), a.Text}
	last, ok := d.texts[k]
	if !ok && len(d.texts) >= maxFollowed {
		return
	}
	d.texts[k] = seg.Time
	if ok && seg.Time-last < pause {
		return
	}
	parent := alarms.Emit(out, seg.Ref, a)
	d.say(seg, out, "vendor", "GE", "alarm", 60)
	d.say(seg, out, "class", "monitor", "alarm", 75)
	clinical.Alarms.Emit(out, seg.Ref, clinical.Alarm{Protocol: "carescape", Source: "carescape_alarm", ParentSeq: int64(parent), Dir: m.Dir, Device: device(m),
		Code: strconv.Itoa(int(code)), CodingSystem: "carescape", Text: a.Text, Phase: "ongoing"})
}

// parameters reads an update: a second header, a preamble, then groups of 70 bytes.
func (d *dissector) parameters(c *cursor.Cursor, m Message, seg *dissect.Segment, out *event.Batch) {
	c.Skip(headerLen)
	m.AlarmState, m.AlarmLevel, m.Audio = event.Some(int64(c.U8())), event.Some(int64(c.U8())), event.Some(int64(c.U8()))
	m.Admitted = event.Some(c.U8() != 0)
	n := int(c.U8())
	c.Skip(1)
	var groups []group
	for ; n > 0 && c.Need(groupLen); n-- {
		g := c.Sub(groupLen)
		if v, ok := readGroup(&g); ok {
			groups = append(groups, v)
		}
	}
	m.Parameters = int64(len(groups))
	seq := messages.Emit(out, seg.Ref, m)
	if n > 0 {
		d.complain(seg, out, "carescape_short_parameters", int64(n), "an update holds fewer parameters than it says")
	}
	d.say(seg, out, "vendor", "GE", "parameters", 60)
	d.say(seg, out, "class", "monitor", "parameters", 75)
	for _, g := range groups {
		d.followLimits(g, m, seq, seg, out)
		d.observe(g, m, seq, seg, out)
	}
}

// group is what is read of a parameter.
type group struct {
	code   parameter
	values [3]value
	limits [6]value
	kind   uint8
	port   uint8
}

// readGroup reads a group whose tags are where they must be.
func readGroup(c *cursor.Cursor) (group, bool) {
	var g group
	tag := c.U8()
	g.code = parameter(c.U8())
	c.Skip(2)
	for i := range g.values {
		g.values[i] = value(c.U16())
	}
	tag2, code2 := c.U8(), parameter(c.U8())
	c.Skip(12)
	tag3, code3 := c.U8(), parameter(c.U8())
	c.Skip(4)
	for i := range g.limits {
		g.limits[i] = value(c.U16())
	}
	c.Skip(22)
	g.kind = c.U8()
	c.Skip(2)
	g.port = c.U8()
	return g, !c.Short() && tag == 0x01 && tag3 == 0x03 && code3 == g.code && (tag2 == 0x0c && code2 == g.code || tag2 == 0 && code2 == 0)
}

// followLimits tells a parameter when it is first seen and when its limits changed.
func (d *dissector) followLimits(g group, m Message, seq uint32, seg *dissect.Segment, out *event.Batch) {
	p := Parameter{ParentSeq: int64(seq), Code: int64(g.code), Name: g.code.String(), Type: int64(g.kind), Port: int64(g.port)}
	for _, v := range g.values {
		p.Values = append(p.Values, v.String())
	}
	for i := 0; i < len(g.limits); i += 2 {
		p.Limits = append(p.Limits, g.limits[i].String()+".."+g.limits[i+1].String())
	}
	before, ok := d.params[uint8(g.code)]
	if !ok && len(d.params) >= maxFollowed || ok && strings.Join(before.Limits, ",") == strings.Join(p.Limits, ",") {
		return
	}
	p.Before = before.Limits
	d.params[uint8(g.code)] = p
	parent := parameters.Emit(out, seg.Ref, p)
	if !ok || g.code.String() == "" {
		return
	}
	clinical.Alarms.Emit(out, seg.Ref, clinical.Alarm{Protocol: "carescape", Source: "carescape_parameter", ParentSeq: int64(parent), Dir: m.Dir, Device: device(m),
		Code: strconv.Itoa(int(g.code)), CodingSystem: "carescape", Text: p.Name, Phase: "limits",
		Before: strings.Join(p.Before, ","), After: strings.Join(p.Limits, ",")})
}

// observe tells the values whose meaning is certain.
func (d *dissector) observe(g group, m Message, seq uint32, seg *dissect.Segment, out *event.Batch) {
	if g.code == paramNIBP && !(g.values[1] >= g.values[0] && g.values[0] >= g.values[2] && g.values[2].ok()) {
		return
	}
	for i, k := range measured[g.code] {
		if i >= len(g.values) || !g.values[i].ok() || g.values[i] < 0 {
			continue
		}
		unit, _ := nomenclature.Unit(k.unit)
		clinical.Observations.Emit(out, seg.Ref, clinical.Observation{Protocol: "carescape", Source: "carescape", ParentSeq: int64(seq), Dir: m.Dir, Device: device(m),
			Code: strconv.Itoa(int(k.code)), CodingSystem: "MDC", Name: k.code.String(), Value: g.values[i].String(), Number: event.Some(float64(g.values[i])), Unit: unit})
	}
}

// waveforms tells which waves there are.
func (d *dissector) waveforms(c *cursor.Cursor, seg *dissect.Segment, out *event.Batch) {
	c.Skip(4)
	var kinds []uint8
	samples := map[uint8]int64{}
	for c.Need(2) {
		kind := uint8(c.U16() >> 8)
		n := samplesOf(kind)
		if n == 0 || !c.Need(2*n) {
			break
		}
		c.Skip(2 * n)
		if samples[kind] == 0 {
			kinds = append(kinds, kind)
		}
		samples[kind] += int64(n)
	}
	for _, k := range kinds {
		if _, ok := d.waves[k]; ok {
			continue
		}
		d.waves[k] = struct{}{}
		waves.Emit(out, seg.Ref, Wave{Code: int64(k), Name: waveNames[k], Samples: samples[k], Bytes: int64(len(seg.Data))})
	}
}

func device(m Message) string { return strings.Trim(m.Unit+"|"+m.Room, "|") }

func address(c *cursor.Cursor) string {
	a, ok := netip.AddrFromSlice(c.Bytes(4))
	if !ok {
		return ""
	}
	return a.String()
}

// bedName splits unit and room.
func bedName(b []byte) (unit, room string) {
	unit, room, _ = strings.Cut(text(b), "|")
	return strings.TrimSpace(unit), strings.TrimSpace(room)
}

// text reads a padded field; its bytes are Latin-1.
func text(b []byte) string {
	var w strings.Builder
	for _, x := range b {
		if x == 0 {
			break
		}
		if x >= ' ' && (x < 0x7f || x >= 0xa0) {
			w.WriteRune(rune(x))
		}
	}
	return strings.TrimSpace(w.String())
}

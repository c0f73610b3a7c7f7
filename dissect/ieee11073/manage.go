package ieee11073

import (
	"fmt"
	"strings"

	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
	"wardtrace/dissect/nomenclature"
)

// attributes is get or set and what they answer.
func (v *conversation) attributes(row *APDU, t *told, service uint16, c *cursor.Cursor, seg *dissect.Segment, out *event.Batch) {
	handle, count := c.U16(), c.U16()
	list := c.Sub(int(c.U16()))
	if t.bad = c.More(); c.Short() {
		return
	}
	row.Handle = event.Some(int64(handle))
	switch service {
	case get:
		row.Detail = wanted(count, &list)
	case getResult, setResult:
		t.list(handle, event.Opt[int64]{}, "told", count, &list)
		if service == getResult {
			v.learn(t, handle, seg, out)
		}
	case set, confirmedSet:
		for ; count > 0 && list.More() && len(t.attributes) < maxValues; count-- {
			op := named(modifyOperators, list.U16())
			t.list(handle, event.Opt[int64]{}, op, 1, &list)
		}
		t.bad = t.bad || list.Short()
	}
}

// wanted names the attributes of a get; none named is all.
func wanted(count uint16, c *cursor.Cursor) string {
	var names []string
	for ; count > 0 && c.Need(2) && len(names) < maxMap; count-- {
		names = append(names, term(nomenclature.Object, c.U16()))
	}
	if len(names) == 0 {
		return "all attributes"
	}
	return strings.Join(names, " ")
}

// list reads attributes into rows.
func (t *told) list(handle uint16, segment event.Opt[int64], operation string, count uint16, c *cursor.Cursor) {
	for ; count > 0 && c.More() && len(t.attributes) < maxValues; count-- {
		id := c.U16()
		val := c.Sub(int(c.U16()))
		if c.Short() {
			t.bad = true
			return
		}
		a := Attribute{Handle: int64(handle), Segment: segment, Operation: operation, Name: term(nomenclature.Object, id), Length: int64(val.Len())}
		if operation == "told" {
			t.self(id, val)
		}
		a.read(id, &val)
		t.bad = t.bad || val.Short()
		t.attributes = append(t.attributes, a)
	}
}

// read reads the attributes whose form is certain.
func (a *Attribute) read(id uint16, c *cursor.Cursor) {
	switch id {
	case attrModel:
		a.Value = strings.Join([]string{octets(c), octets(c)}, " | ")
	case attrProduction:
		a.Value = production(specifications(c))
	case attrSystemID:
		a.Value = systemID(c)
	case attrSystemType:
		p, t := nomenclature.Partition(c.U16()), c.U16()
		a.Value = term(p, t)
	case attrSpecs:
		var list []string
		n := c.U16()
		for c.U16(); n > 0 && c.More() && len(list) < maxMap; n-- {
			list = append(list, fmt.Sprintf("%s version %d", term(nomenclature.Infra, c.U16()), c.U16()))
		}
		a.Value = strings.Join(list, ", ")
	case attrConfigID:
		a.Value = fmt.Sprint(c.U16())
	case attrBattery:
		a.Value = fmt.Sprintf("%d %%", c.U16())
	case attrPower:
		a.Value = power(c.U16())
	case attrBatteryTime:
		n, s := nomenclature.Float(c.U32())
		if a.Value = s.String(); s == nomenclature.Number {
			a.Value = format(n) + " " + term(nomenclature.Dimension, c.U16())
		}
	case attrClock, attrSegmentStart, attrSegmentEnd, attrAbsolute:
		a.Value = absolute(c)
	case attrSegmentPerson:
		if p := c.U16(); p != noPerson && !c.Short() {
			a.Person = fmt.Sprint(p)
		}
	case attrLabel, attrStoreLabel, attrSegmentLabel:
		a.Text = octets(c)
	}
}

// power names the bits of PowerStatus, annex A.3.
func power(bits uint16) string {
	var s []string
	for _, b := range []struct {
		bit  uint16
		name string
	}{{0x8000, "mains"}, {0x4000, "battery"}, {0x0080, "charging"}, {0x0040, "trickle charging"}, {0x0020, "not charging"}} {
		if bits&b.bit != 0 {
			s = append(s, b.name)
		}
	}
	return strings.Join(s, ", ")
}

// spec is an entry of a production specification.
type spec struct {
	kind  uint16
	value string
}

// specifications reads a production specification: kind, component, text.
func specifications(c *cursor.Cursor) []spec {
	var list []spec
	n := c.U16()
	for c.U16(); n > 0 && c.More() && len(list) < maxMap; n-- {
		kind := c.U16()
		c.U16() // component
		if s := octets(c); !c.Short() {
			list = append(list, spec{kind, s})
		}
	}
	return list
}

// production writes it as "serial SN1, firmware 1.2".
func production(list []spec) string {
	var all []string
	for _, s := range list {
		name := specTypes[s.kind].name
		if name == "" {
			name = fmt.Sprint("type ", s.kind)
		}
		all = append(all, name+" "+s.value)
	}
	return strings.Join(all, ", ")
}

// self notes what a device says of itself.
func (t *told) self(id uint16, c cursor.Cursor) {
	switch id {
	case attrModel:
		t.vendor, t.model = octets(&c), octets(&c)
	case attrProduction:
		t.specs = specifications(&c)
	case attrSpecs:
		n := c.U16()
		for c.U16(); n > 0 && c.Need(4) && len(t.classes) < maxMap; n-- {
			if x, ok := nomenclature.Find(nomenclature.Infra, c.U16()); ok {
				t.classes = append(t.classes, x.Name)
			}
			c.U16()
		}
	}
}

// learn tells what a device says of itself: attributes of the object 0.
func (v *conversation) learn(t *told, handle uint16, seg *dissect.Segment, out *event.Batch) {
	if handle != 0 {
		return
	}
	v.identity(seg, out, "vendor", t.vendor, "system_model", 90)
	v.identity(seg, out, "model", t.model, "system_model", 90)
	for _, s := range t.specs {
		if k := specTypes[s.kind]; k.attribute != "" {
			v.identity(seg, out, k.attribute, s.value, "production_specification."+k.name, 90)
		}
	}
	for _, c := range t.classes {
		v.identity(seg, out, "class", c, "system_type_spec_list", 90)
	}
}

// action is an action or its result.
func (v *conversation) action(row *APDU, t *told, service uint16, c *cursor.Cursor) {
	handle, kind := c.U16(), c.U16()
	arg := c.Sub(int(c.U16()))
	if t.bad = c.More(); c.Short() {
		return
	}
	row.Handle, row.Name = event.Some(int64(handle)), term(nomenclature.Object, kind)
	if service == actionResult {
		v.acted(row, t, handle, kind, &arg)
		return
	}
	switch kind {
	case actSetTime:
		row.Detail = absolute(&arg)
	case actSegClear, actSegInfo:
		row.Detail = selection(&arg)
	case actSegTransfer:
		row.Detail = fmt.Sprintf("segment %d", arg.U16())
	case actDataRequest:
		arg.U16() // request id
		row.Detail = requested(arg.U16())
	}
	t.bad = t.bad || arg.Short()
}

// acted is the result of an action.
func (v *conversation) acted(row *APDU, t *told, handle, kind uint16, c *cursor.Cursor) {
	switch kind {
	case actSegTransfer:
		row.Detail = fmt.Sprintf("segment %d", c.U16())
		row.Result = named(transferResults, c.U16())
	case actSegInfo:
		n := c.U16()
		list := c.Sub(int(c.U16()))
		for ; n > 0 && list.More(); n-- {
			inst, count := list.U16(), list.U16()
			body := list.Sub(int(list.U16()))
			if list.Short() {
				break
			}
			v.segment(handle, inst, count, body)
			t.list(handle, event.Some(int64(inst)), "told", count, &body)
		}
		t.bad = t.bad || list.Short()
	case actDataRequest: // relative time, result, event type, event info
		c.U32()
		row.Result = "accepted"
		if r := c.U16(); r != 0 {
			row.Result = fmt.Sprintf("refused (%d)", r)
		}
		kind := c.U16()
		info := c.Sub(int(c.U16()))
		if !c.Short() && kind >= firstScanReport && kind <= lastScanReport {
			v.report(t, handle, kind, &info)
		}
	}
	t.bad = t.bad || c.Short()
}

// selection says which segments are meant, annex A.11.9.
func selection(c *cursor.Cursor) string {
	choice := c.U16()
	body := c.Sub(int(c.U16()))
	switch choice {
	case 1:
		return "all segments"
	case 2:
		n := body.U16()
		body.U16()
		var list []string
		for ; n > 0 && body.Need(2) && len(list) < maxMap; n-- {
			list = append(list, fmt.Sprint(body.U16()))
		}
		return "segments " + strings.Join(list, " ")
	case 3:
		return "from " + absolute(&body) + " to " + absolute(&body)
	}
	return fmt.Sprintf("selection %d", choice)
}

// requested names the bits of a data request's mode, annex A.11.4.
func requested(mode uint16) string {
	s := []string{"stop"}
	if mode&0x8000 != 0 {
		s[0] = "start"
	}
	for _, b := range []struct {
		bit  uint16
		name string
	}{{0x4000, "continued"}, {0x0800, "all"}, {0x0400, "a class"}, {0x0200, "handles"}, {0x0080, "once"}, {0x0040, "for a period"},
		{0x0020, "without end"}, {0x0008, "one person"}} {
		if mode&b.bit != 0 {
			s = append(s, b.name)
		}
	}
	return strings.Join(s, ", ")
}

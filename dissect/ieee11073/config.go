package ieee11073

import (
	"fmt"
	"strconv"

	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
	"wardtrace/dissect/nomenclature"
)

// config is what an agent measures.
type config struct {
	objects  map[uint16]*object
	standard bool
}

type configKey struct {
	systemID string
	id       uint16
}

// object is one of its objects.
type object struct {
	class     uint16
	partition nomenclature.Partition
	typ       uint16 // term of what it measures; 0 if it was not told
	enum      nomenclature.Partition
	unit      uint16
	label     string
	parts     []uint16 // of compound values
	layout    []pair   // of fixed reports
	groups    []layout // of a scanner's grouped reports
}

// pair is an attribute of a fixed report and its bytes.
type pair struct{ attribute, size uint16 }

// layout is an object's part of a grouped report or of a segment's entry.
type layout struct {
	handle uint16
	pairs  []pair
}

// size is the bytes of the part.
func (l *layout) size() (n int) {
	for _, p := range l.pairs {
		n += int(p.size)
	}
	return n
}

// known gives a configuration that need not be reported: a standard one, or one that this agent reported before.
func (v *conversation) known(id uint16) *config {
	if c := v.configs[configKey{v.systemID, id}]; c != nil {
		return c
	}
	list := standards[id]
	if list == nil {
		return nil
	}
	c := &config{objects: map[uint16]*object{}, standard: true}
	for _, s := range list {
		o := &object{class: 6, partition: nomenclature.Metric, enum: nomenclature.Metric, typ: s.term, unit: s.unit, parts: s.parts, layout: []pair{s.value}}
		if s.stamp {
			o.layout = append(o.layout, pair{attrAbsolute, 8})
		}
		c.objects[s.handle] = o
	}
	return c
}

// configuration reads a configuration report, annex A.11.5, and remembers it.
func (v *conversation) configuration(row *APDU, c *cursor.Cursor, seg *dissect.Segment, out *event.Batch) []Object {
	id, count := c.U16(), c.U16()
	list := c.Sub(int(c.U16()))
	v.sound(c, seg, out)
	row.ConfigID = event.Some(int64(id))
	cfg := &config{objects: map[uint16]*object{}}
	var told []Object
	for ; count > 0 && list.More() && len(told) < maxObjects; count-- {
		class, handle := list.U16(), list.U16()
		o := &object{class: class, partition: nomenclature.Metric, enum: nomenclature.Metric}
		n := list.U16()
		body := list.Sub(int(list.U16()))
		if list.Short() {
			break
		}
		eachAttribute(&body, n, func(id uint16, val cursor.Cursor) { o.describe(id, val) })
		cfg.objects[handle] = o
		told = append(told, o.row(id, handle, v.systemID))
	}
	if count > 0 || list.Short() || list.More() {
		v.once(out, seg.Ref, "ieee11073_bad_configuration", "a configuration has more or fewer objects than it says")
	}
	v.config = cfg
	if key := (configKey{v.systemID, id}); len(v.configs) < maxConfigs || v.configs[key] != nil {
		v.configs[key] = cfg
	}
	return told
}

// eachAttribute walks an attribute list's body. It tells whether the count and all lengths were right.
func eachAttribute(c *cursor.Cursor, count uint16, f func(id uint16, val cursor.Cursor)) bool {
	for ; count > 0 && c.More(); count-- {
		id := c.U16()
		val := c.Sub(int(c.U16()))
		if c.Short() {
			return false
		}
		f(id, val)
	}
	return count == 0 && !c.More()
}

// describe takes an attribute that says what an object is.
func (o *object) describe(id uint16, c cursor.Cursor) {
	switch id {
	case attrType:
		o.partition, o.typ = nomenclature.Partition(c.U16()), c.U16()
		o.enum = o.partition
	case attrPhysio:
		o.typ = c.U16()
	case attrIDPartition:
		o.partition = nomenclature.Partition(c.U16())
	case attrEnumPartition:
		o.enum = nomenclature.Partition(c.U16())
	case attrUnit:
		o.unit = c.U16()
	case attrLabel:
		o.label = octets(&c)
	case attrPhysioList:
		n := c.U16()
		c.U16()
		for ; n > 0 && c.More() && len(o.parts) < maxMap; n-- {
			o.parts = append(o.parts, c.U16())
		}
	case attrValueMap:
		o.layout = pairs(&c)
	case attrHandleMap:
		n := c.U16()
		c.U16()
		for ; n > 0 && c.More() && len(o.groups) < maxObjects; n-- {
			if l := (layout{c.U16(), pairs(&c)}); l.size() > 0 { // what has no bytes has no value either
				o.groups = append(o.groups, l)
			}
		}
	}
}

// pairs reads an attribute value map: count, length, and attributes with their bytes.
func pairs(c *cursor.Cursor) []pair {
	n := c.U16()
	body := c.Sub(int(c.U16()))
	var list []pair
	for ; n > 0 && body.More() && len(list) < maxMap; n-- {
		p := pair{body.U16(), body.U16()}
		if !body.Short() {
			list = append(list, p)
		}
	}
	return list
}

func (o *object) row(config, handle uint16, systemID string) Object {
	r := Object{SystemID: systemID, ConfigID: int64(config), Handle: int64(handle), Class: term(nomenclature.Object, o.class), Label: o.label}
	if o.typ != 0 {
		r.Code, r.RefID, r.Name = meaning(o.partition, o.typ)
	}
	if o.unit != 0 {
		r.Unit = term(nomenclature.Dimension, o.unit)
	}
	for _, p := range o.layout {
		r.Map = append(r.Map, fmt.Sprintf("%s:%d", term(nomenclature.Object, p.attribute), p.size))
	}
	for _, p := range o.parts {
		r.Parts = append(r.Parts, term(o.partition, p))
	}
	return r
}

// meaning gives a term's code, its name in the nomenclature and in words; the latter two are "" if it is not there.
func meaning(p nomenclature.Partition, t uint16) (code, refID, name string) {
	x, _ := nomenclature.Find(p, t)
	return strconv.FormatUint(uint64(nomenclature.Of(p, t)), 10), x.RefID, x.Name
}

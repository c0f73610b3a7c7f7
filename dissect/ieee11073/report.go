package ieee11073

import (
	"strconv"

	"wardtrace/dissect/cursor"
)

// noPerson is the person id of an agent that does not know who it is.
const noPerson = 0xFFFF

// format writes a number as short as it reads back.
func format(n float64) string { return strconv.FormatFloat(n, 'g', -1, 64) }

// report reads a scan report, annex A.11.5: request id, report number, then observations, by person or not.
func (v *conversation) report(t *told, handle, kind uint16, c *cursor.Cursor) {
	r, ok := reports[kind]
	if !ok {
		return
	}
	t.report = true
	c.U16() // data request id
	c.U16() // number of the report
	count := c.U16()
	list := c.Sub(int(c.U16()))
	t.bad = t.bad || c.Short() || c.More()
	if !r.persons {
		v.observations(t, handle, r.form, "", count, &list)
		return
	}
	for ; count > 0 && list.More() && len(t.values) < maxValues; count-- {
		person := ""
		if p := list.U16(); p != noPerson {
			person = strconv.Itoa(int(p))
		}
		t.persons++
		if r.form == grouped {
			v.observations(t, handle, grouped, person, 1, &list)
			continue
		}
		n := list.U16()
		body := list.Sub(int(list.U16()))
		v.observations(t, handle, r.form, person, n, &body)
	}
	t.bad = t.bad || count > 0 || list.Short() || list.More()
}

// observations reads a list of observations of one person.
func (v *conversation) observations(t *told, scanner uint16, f form, person string, count uint16, c *cursor.Cursor) {
	for ; count > 0 && c.More() && len(t.values) < maxValues; count-- {
		switch f {
		case fixed:
			handle := c.U16()
			val := c.Sub(int(c.U16()))
			if !c.Short() {
				v.fixed(t, handle, v.object(handle).layoutOf(), person, false, &val)
			}
		case variable:
			handle, n := c.U16(), c.U16()
			body := c.Sub(int(c.U16()))
			if !c.Short() {
				v.variable(t, handle, n, person, &body)
			}
		case grouped:
			val := c.Sub(int(c.U16()))
			if !c.Short() {
				v.grouped(t, scanner, person, &val)
			}
		}
	}
	t.bad = t.bad || c.Short()
}

// object gives an object of the configuration, nil if it is not known.
func (v *conversation) object(handle uint16) *object {
	if v.config == nil {
		return nil
	}
	return v.config.objects[handle]
}

func (o *object) layoutOf() []pair {
	if o == nil {
		return nil
	}
	return o.layout
}

// fixed reads an observation whose attributes stand in a map.
func (v *conversation) fixed(t *told, handle uint16, pairs []pair, person string, stored bool, c *cursor.Cursor) {
	if len(pairs) == 0 {
		t.unread++
		return
	}
	m := of(v.object(handle), v.source())
	for _, p := range pairs {
		val := c.Sub(int(p.size))
		if c.Short() {
			break
		}
		m.take(p.attribute, val)
	}
	t.add(m, v.systemID, handle, person, stored)
	t.bad = t.bad || c.Short() || c.More()
}

// source is what tells the meaning of an object's values.
func (v *conversation) source() string {
	if v.config != nil && v.config.standard {
		return "standard"
	}
	return "configuration"
}

// variable reads an observation that names its attributes.
func (v *conversation) variable(t *told, handle, count uint16, person string, c *cursor.Cursor) {
	m := of(v.object(handle), v.source())
	if !eachAttribute(c, count, m.take) {
		m.broken = true
	}
	t.add(m, v.systemID, handle, person, false)
}

// grouped reads the observations of a scanner, whose map says which objects they are of.
func (v *conversation) grouped(t *told, scanner uint16, person string, c *cursor.Cursor) {
	o := v.object(scanner)
	if o == nil || len(o.groups) == 0 {
		t.unread++
		return
	}
	for _, g := range o.groups {
		val := c.Sub(g.size())
		if c.Short() {
			break
		}
		v.fixed(t, g.handle, g.pairs, person, false, &val)
	}
	t.bad = t.bad || c.Short() || c.More()
}

// add takes over the values of an observation.
func (t *told) add(m *measurement, systemID string, handle uint16, person string, stored bool) {
	t.bad = t.bad || m.broken
	for _, x := range m.rows() {
		if len(t.values) >= maxValues {
			return
		}
		x.SystemID, x.Handle, x.Person, x.Stored = systemID, int64(handle), person, stored
		t.values = append(t.values, x)
	}
}

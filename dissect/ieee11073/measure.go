package ieee11073

import (
	"fmt"
	"strconv"
	"strings"

	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
	"wardtrace/dissect/nomenclature"
)

// measurement is what one observation of an object says.
type measurement struct {
	partition nomenclature.Partition
	typ       uint16
	enum      nomenclature.Partition
	unit      uint16
	parts     []uint16
	known     string
	values    []Value // Code, Unit and what they follow from are filled by rows
	terms     []uint16
	units     []uint16
	status    string
	at        string
	relative  event.Opt[int64]
	broken    bool
}

// of begins the measurement of an object; o is nil if its configuration was not seen.
func of(o *object, known string) *measurement {
	m := &measurement{partition: nomenclature.Metric, enum: nomenclature.Metric}
	if o != nil {
		m.partition, m.enum, m.typ, m.unit, m.parts, m.known = o.partition, o.enum, o.typ, o.unit, o.parts, known
	}
	return m
}

// add notes a value; t and u are its own term and unit, 0 if they are the object's.
func (m *measurement) add(v Value, t, u uint16) {
	m.values, m.terms, m.units = append(m.values, v), append(m.terms, t), append(m.units, u)
}

func (m *measurement) number(n float64, s nomenclature.Special, t, u uint16) {
	v := Value{Special: s.String()}
	if s == nomenclature.Number {
		v.Number = event.Some(n)
	}
	m.add(v, t, u)
}

// take takes an attribute's value. Its bytes must be as many as it needs: a map that says otherwise is not believed.
func (m *measurement) take(id uint16, c cursor.Cursor) {
	switch id {
	case attrBasic:
		n, s := nomenclature.SFloat(c.U16())
		m.sized(&c, func() { m.number(n, s, 0, 0) })
	case attrSimple:
		n, s := nomenclature.Float(c.U32())
		m.sized(&c, func() { m.number(n, s, 0, 0) })
	case attrCompoundBasic, attrCompoundSimple:
		m.compound(&c, id == attrCompoundBasic)
	case attrNumeric:
		m.observed(&c)
	case attrCompound:
		count := c.U16()
		for c.U16(); count > 0 && c.More() && len(m.values) < maxMap; count-- {
			part := c.Sub(10)
			m.observed(&part)
		}
	case attrEnumOID, attrEnumString, attrEnumBits16, attrEnumBits32, attrEnum, attrSamples:
		m.enumeration(id, &c)
	case attrAbsolute:
		m.at = absolute(&c)
	case attrRelative:
		if t := c.U32(); t != 0xFFFFFFFF && !c.Short() {
			m.relative = event.Some(int64(t))
		}
	case attrStatus:
		m.status = status(c.U16())
	case attrUnit:
		m.unit = c.U16()
	case attrPhysio:
		m.typ = c.U16()
	case attrType:
		m.partition, m.typ = nomenclature.Partition(c.U16()), c.U16()
		m.known = "report"
	}
	m.broken = m.broken || c.Short()
}

// sized does f if all of the value was read, and nothing was left.
func (m *measurement) sized(c *cursor.Cursor, f func()) {
	if c.Short() || c.More() {
		m.broken = true
		return
	}
	f()
}

// compound reads a count, a length and as many numbers.
func (m *measurement) compound(c *cursor.Cursor, basic bool) {
	count := int(c.U16())
	body := c.Sub(int(c.U16()))
	for i := 0; i < count && body.More() && i < maxMap; i++ {
		var n float64
		var s nomenclature.Special
		if basic {
			n, s = nomenclature.SFloat(body.U16())
		} else {
			n, s = nomenclature.Float(body.U32())
		}
		if body.Short() {
			break
		}
		t := uint16(0)
		if i < len(m.parts) {
			t = m.parts[i]
		} else if len(m.parts) == 0 && count > 1 {
			t = unknownTerm
		}
		m.number(n, s, t, 0)
	}
	m.broken = m.broken || body.Short() || body.More() || c.More()
}

// unknownTerm marks a part of a compound value of which nothing says what it is.
const unknownTerm = 0xFFFF

// observed reads a numeric observed value, which names what it is.
func (m *measurement) observed(c *cursor.Cursor) {
	t, state, u := c.U16(), c.U16(), c.U16()
	n, s := nomenclature.Float(c.U32())
	m.sized(c, func() {
		m.status, m.known = status(state), "report"
		m.number(n, s, t, u)
	})
}

func (m *measurement) enumeration(id uint16, c *cursor.Cursor) {
	switch id {
	case attrEnumOID:
		t := c.U16()
		m.sized(c, func() { m.add(Value{Enum: term(m.enum, t)}, 0, 0) })
	case attrEnumBits16:
		b := c.U16()
		m.sized(c, func() { m.add(Value{Bits: fmt.Sprintf("%04x", b)}, 0, 0) })
	case attrEnumBits32:
		b := c.U32()
		m.sized(c, func() { m.add(Value{Bits: fmt.Sprintf("%08x", b)}, 0, 0) })
	case attrEnumString:
		if s := octets(c); !c.Short() {
			m.add(Value{Text: s}, 0, 0)
		}
	case attrSamples:
		if n := c.U16(); int(n) <= c.Len() {
			m.add(Value{Samples: event.Some(int64(n))}, 0, 0)
		}
	case attrEnum: // metric id, state, choice, length, value
		m.typ, m.status, m.known = c.U16(), status(c.U16()), "report"
		choice := c.U16()
		body := c.Sub(int(c.U16()))
		switch choice {
		case 1:
			m.enumeration(attrEnumOID, &body)
		case 2:
			m.enumeration(attrEnumString, &body)
		case 16:
			m.enumeration(attrEnumBits32, &body)
		}
	}
}

// rows gives the values with what the whole observation says of each.
func (m *measurement) rows() []Value {
	for i := range m.values {
		v := &m.values[i]
		t, u := m.typ, m.unit
		if m.terms[i] != 0 {
			t = m.terms[i]
		}
		if m.units[i] != 0 {
			u = m.units[i]
		}
		if t != 0 && t != unknownTerm {
			v.Code, v.RefID, v.Name = meaning(m.partition, t)
			v.Known = m.known
		}
		if u != 0 && (v.Number.OK || v.Special != "") {
			v.Unit = term(nomenclature.Dimension, u)
			_, v.UCUM = nomenclature.Unit(u)
		}
		v.Status, v.MeasuredAt, v.Relative = m.status, m.at, m.relative
	}
	return m.values
}

// status names the bits of a measurement status; no bit is valid.
func status(bits uint16) string {
	var s []string
	for _, b := range statusBits {
		if bits&b.bit != 0 {
			s = append(s, b.name)
			bits &^= b.bit
		}
	}
	if bits != 0 {
		s = append(s, fmt.Sprintf("%04x", bits))
	}
	if len(s) == 0 {
		return "valid"
	}
	return strings.Join(s, ",")
}

// absolute reads an AbsoluteTime: eight bytes of two decimal digits each; "" if they are none.
func absolute(c *cursor.Cursor) string {
	b := c.Bytes(8)
	var d [8]int
	for i, x := range b {
		if x>>4 > 9 || x&15 > 9 {
			return ""
		}
		d[i] = int(x>>4)*10 + int(x&15)
	}
	if len(b) < 8 || d[2] < 1 || d[2] > 12 || d[3] < 1 || d[3] > 31 || d[4] > 23 || d[5] > 59 || d[6] > 60 {
		return ""
	}
	return fmt.Sprintf("%02d%02d-%02d-%02dT%02d:%02d:%02d.%02d", d[0], d[1], d[2], d[3], d[4], d[5], d[6], d[7])
}

// octets reads an octet string as text: printable characters of ASCII, trimmed of the filling it may have.
func octets(c *cursor.Cursor) string {
	b := c.Bytes(int(c.U16()))
	var s strings.Builder
	for _, x := range b[:min(len(b), maxText)] {
		switch {
		case x >= 0x20 && x < 0x7F:
			s.WriteByte(x)
		case x != 0:
			s.WriteString(`\x` + strconv.FormatUint(uint64(x), 16))
		}
	}
	return strings.TrimSpace(s.String())
}

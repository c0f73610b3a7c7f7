package dri

import (
	"fmt"
	"strconv"
	"strings"

	"wardtrace/dissect"
	"wardtrace/dissect/clinical"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
)

// isRequest tells whether a record asks: its only subrecord is number 0, and what follows is a request's length. Alarm records of old
// levels may have number 0, too, but are longer.
func (h *header) isRequest() bool {
	if h.count != 1 || h.subs[0].kind != 0 {
		return false
	}
	switch n := h.length - headerLen; h.kind {
	case mainValues:
		return n == 9
	case mainWaves:
		return n == 32 || n == 48
	case mainAlarms:
		return n == 12
	}
	return false
}

// part gives the bytes of a subrecord, up to the next one.
func (h *header) part(b []byte, i int) cursor.Cursor {
	end := h.length - headerLen
	if i+1 < h.count {
		end = h.subs[i+1].offset
	}
	c := cursor.New(b)
	c.Skip(headerLen + h.subs[i].offset)
	return c.Sub(end - h.subs[i].offset)
}

// record reads a whole record.
func (d *dissector) record(h header, b []byte, seg *dissect.Segment, out *event.Batch) {
	r := Record{Dir: seg.Dir.String(), Kind: h.kind.String(), Number: int64(h.number), Level: levelName(h.level), PlugID: int64(h.plug),
		DeviceTime: event.Time(int64(h.time) * 1e9), Bytes: int64(h.length)}
	if h.isRequest() {
		r.Kind = "request_" + r.Kind
		c := h.part(b, 0)
		r.request(h.kind, &c)
		records.Emit(out, seg.Ref, r)
		return
	}
	var found []observed
	for i := range h.count {
		r.Subrecords = append(r.Subrecords, subrecordName(h.kind, h.subs[i].kind))
		if h.kind == mainValues {
			c := h.part(b, i)
			found = append(found, basic(&c, h.subs[i].kind)...)
		}
	}
	r.Values = int64(len(found))
	seq := records.Emit(out, seg.Ref, r)
	d.identify(seg, out)
	for _, v := range found {
		clinical.Observations.Emit(out, seg.Ref, clinical.Observation{Protocol: "dri", Source: "dri", ParentSeq: int64(seq), Dir: r.Dir, PatientID: d.patient.PatientID,
			Code: v.code, CodingSystem: v.system, Name: v.name, Value: strconv.FormatFloat(v.value, 'f', -1, 64), Number: event.Some(v.value), Unit: v.unit, Status: v.status})
	}
	for i := range h.count {
		c := h.part(b, i)
		switch {
		case h.kind == mainAlarms && c.Len() == alarmLen:
			d.alarms(&c, r.Dir, seq, seg, out)
		case h.kind == mainNetwork && h.subs[i].kind == netLogin && c.Len() >= loginLen:
			d.login(&c, seq, seg, out)
		case h.kind == mainNetwork && h.subs[i].kind == netPatient && c.Len() == patientLen:
			d.describe(&c, seq, seg, out)
		}
	}
}

// identify says what is behind the address: mostly a terminal server, so it is a hint only.
func (d *dissector) identify(seg *dissect.Segment, out *event.Batch) {
	if d.told > 0 {
		return
	}
	d.told++
	addr, mac := d.conn.Client, d.conn.ClientMAC
	if seg.Dir == dissect.FromServer {
		addr, mac = d.conn.Server, d.conn.ServerMAC
	}
	id := event.Identity{Attribute: "class", Value: "monitor", Source: "dri.record", Confidence: 50, MAC: mac.String()}
	if addr.Addr().IsValid() {
		id.IP = addr.Addr().String()
	}
	event.Identities.Emit(out, seg.Ref, id)
	id.Attribute, id.Value, id.Confidence = "vendor", "GE Datex-Ohmeda", 40
	event.Identities.Emit(out, seg.Ref, id)
}

// request reads what is asked for.
func (r *Record) request(kind mainType, c *cursor.Cursor) {
	switch kind {
	case mainValues:
		r.Wanted = append(r.Wanted, subrecordName(mainValues, c.U8()))
		interval := int64(int16(c.U16LE()))
		classes := c.U32LE()
		r.Interval = event.Some(interval)
		r.Command = "start"
		switch interval {
		case 0:
			r.Command = "stop"
		case -1:
			r.Command = "once"
		}
		for _, k := range []struct {
			mask, want uint32
			name       string
		}{{1, 0, "basic"}, {2, 2, "ext1"}, {4, 4, "ext2"}, {8, 8, "ext3"}} {
			if classes&k.mask == k.want {
				r.Wanted = append(r.Wanted, k.name)
			}
		}
	case mainWaves:
		r.Command = map[uint16]string{0: "start", 1: "stop"}[c.U16LE()]
		c.Skip(2)
		for i := 0; i < 8 && c.More(); i++ {
			w := c.U8()
			if w == endOfList {
				break
			}
			r.Wanted = append(r.Wanted, subrecordName(mainWaves, w))
		}
	case mainAlarms:
		r.Command = map[uint16]string{0: "once", 2: "changes", 3: "all"}[c.U16LE()]
	}
}

// observed is a value of the basic class.
type observed struct {
	code, system, name, unit, status string
	value                            float64
}

const (
	valuesLen = 278 // time, class's data, marker, reserved, class
	basicLen  = 270

	present = 3      // bits of a group's status: it exists and is measured
	noValue = -32001 // and below: why there is no value
)

// basic reads the values of a subrecord, if its class is the basic one.
func basic(c *cursor.Cursor, kind uint8) []observed {
	status := subrecordName(mainValues, kind)
	if kind < 1 || kind > 3 || !c.Need(valuesLen) {
		return nil
	}
	c.Skip(4)
	b := c.Bytes(basicLen)
	c.Skip(2)
	if c.U16LE()>>8&15 != 0 {
		return nil
	}
	var out []observed
	for _, g := range groups {
		x := cursor.New(b)
		x.Skip(g.offset)
		if !g.bare {
			if x.U32LE()&present != present {
				continue
			}
			x.Skip(2) // label
		}
		for _, f := range g.fields {
			raw := int16(x.U16LE())
			if f.name == "" || raw <= noValue || x.Short() {
				continue
			}
			v := observed{code: f.code, system: "MDC", name: f.name, unit: f.unit, status: status, value: float64(raw) / float64(f.divisor)}
			if f.code == "" {
				v.code, v.system, v.name = g.name+"."+f.name, "dri", strings.TrimSpace(g.name+" "+f.name)
			}
			out = append(out, v)
		}
	}
	return out
}

// login reads a monitor's description of itself.
func (d *dissector) login(c *cursor.Cursor, seq uint32, seg *dissect.Segment, out *event.Batch) {
	var mac dissect.MAC
	copy(mac[:], c.Bytes(6))
	logins.Emit(out, seg.Ref, Login{ParentSeq: int64(seq), MAC: mac.String(), Type: int64(int16(c.U16LE())), Level: levelName(int(c.U16LE()))})
}

// describe reads a patient, when it is another one.
func (d *dissector) describe(c *cursor.Cursor, seq uint32, seg *dissect.Segment, out *event.Batch) {
	var p Patient
	given, ok1 := field(c, 30)
	family, ok2 := field(c, 40)
	id, ok3 := field(c, 40)
	middle, ok4 := field(c, 30)
	c.Skip(16) // sex, age, height, weight
	year, month, day := int(int16(c.U16LE())), int(int16(c.U16LE())), int(int16(c.U16LE()))
	c.Skip(4) // hour, body surface
	location, ok5 := field(c, 32)
	issuer, ok6 := field(c, 32)
	if c.Short() || !(ok1 && ok2 && ok3 && ok4 && ok5 && ok6) {
		d.complain(seg.Ref, out, "dri_patient_layout", 1, "a patient description is not laid out as in the specification: it was not read")
		return
	}
	p.PatientID, p.Location, p.Issuer = id, location, issuer
	p.PatientName = strings.TrimRight(family+"^"+given+"^"+middle, "^")
	if year > 1850 && month >= 1 && month <= 12 && day >= 1 && day <= 31 {
		p.BirthDate = fmt.Sprintf("%04d-%02d-%02d", year, month, day)
	}
	if p == d.patient {
		return
	}
	d.patient = p
	p.ParentSeq = int64(seq)
	patients.Emit(out, seg.Ref, p)
}

// field reads a text of n bytes: printable, ended by a zero. What stands behind the zero does not count.
func field(c *cursor.Cursor, n int) (string, bool) {
	s, _, ended := strings.Cut(c.String(n), "\x00")
	var w strings.Builder
	for i := range len(s) {
		x := s[i] // Latin-1
		if x < ' ' && x != '\n' || x >= 0x7f && x < 0xa0 {
			return "", false
		}
		if x == '\n' {
			x = ' '
		}
		w.WriteRune(rune(x))
	}
	return strings.TrimSpace(w.String()), ended && !c.Short()
}

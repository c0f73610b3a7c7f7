package intellivue

import (
	"fmt"
	"net/netip"
	"strings"
	"unicode/utf16"

	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
)

// attributes are those of the system and the patient that a datagram tells, and where its list stands.
type attributes struct {
	handle     uint16 // object being read
	device     Device
	hasDevice  bool
	patient    Patient
	hasPatient bool
}

// numeric is an observed value.
type numeric struct {
	code  uint16
	state measurement
	unit  uint16
	raw   uint32
}

// wave is an array of samples, seen.
type wave struct {
	code, handle uint16
	state        measurement
	bytes        int
}

// attribute reads one attribute of whatever object.
func (p *parsed) attribute(id uint16, v cursor.Cursor) {
	switch id {
	case attrNumeric:
		p.numeric(&v)
	case attrNumerics:
		n, list := p.list(&v)
		for ; n > 0 && list.More(); n-- {
			p.numeric(&list)
		}
	case attrWave:
		p.wave(&v)
	case attrWaves:
		n, list := p.list(&v)
		for ; n > 0 && list.More(); n-- {
			p.wave(&list)
		}
	case attrPAlarms:
		p.alerts(0, &v)
	case attrTAlarms:
		p.alerts(1, &v)
	default:
		if !p.deviceAttribute(id, &v) {
			p.patientAttribute(id, &v)
		}
	}
}

func (p *parsed) numeric(c *cursor.Cursor) {
	n := numeric{code: c.U16(), state: measurement(c.U16()), unit: c.U16(), raw: c.U32()}
	if c.Short() {
		p.fault = "an observed value is cut off"
		return
	}
	p.msg.Numerics++
	if _, _, ok := number(n.raw); !ok || n.state.unusable() {
		p.msg.Invalid++
		return
	}
	p.numerics = append(p.numerics, n)
}

func (p *parsed) wave(c *cursor.Cursor) {
	w := wave{code: c.U16(), handle: p.attrs.handle, state: measurement(c.U16()), bytes: int(c.U16())}
	c.Skip(w.bytes)
	if c.Short() {
		p.fault = "an array of samples is cut off"
		return
	}
	p.msg.Waves++
	p.waves = append(p.waves, w)
}

// deviceAttribute reads what the monitor says of itself.
func (p *parsed) deviceAttribute(id uint16, v *cursor.Cursor) bool {
	d := &p.attrs.device
	switch id {
	case attrModel:
		d.Vendor, d.Model = varLabel(v), varLabel(v)
	case attrProduction:
		p.production(v)
	case attrSystemType:
		v.Skip(2)
		d.SystemType = systemType(v.U16())
	case attrSystemID:
		d.SystemID = fmt.Sprintf("%X", v.Bytes(int(v.U16())))
	case attrBedLabel:
		d.BedLabel = text16(v)
	case attrNetwork:
		var mac dissect.MAC
		copy(mac[:], v.Bytes(6))
		ip, _ := netip.AddrFromSlice(v.Bytes(4))
		mask, _ := netip.AddrFromSlice(v.Bytes(4))
		if !v.Short() {
			d.MAC, d.IP, d.Mask = mac.String(), ip.String(), mask.String()
		}
	case attrServices:
		n, list := p.list(v)
		for ; n > 0 && list.More() && len(d.Services) < maxNames; n-- {
			app, transport, port := list.U16(), list.U16(), list.U16()
			list.Skip(2)
			d.Services = append(d.Services, service(app, transport, port))
		}
	case attrMode:
		d.Mode = operatingMode(v.U16())
	case attrArea:
		d.Area = applicationArea(v.U16())
	case attrStatus:
		d.Status = systemStatus(v.U16())
	case attrTimeAbs:
		d.DeviceTime = absoluteTime(v)
		return true // alone it describes nothing
	default:
		return false
	}
	p.attrs.hasDevice = true
	return true
}

// production reads the production specification: kind, component, text. A monitor's parts have numbers of their own; the first of each
// kind is the monitor's.
func (p *parsed) production(v *cursor.Cursor) {
	d := &p.attrs.device
	fields := map[uint16]*string{1: &d.Serial, 2: &d.Part, 3: &d.Hardware, 4: &d.Software, 5: &d.Firmware, 6: &d.Protocol}
	n, list := p.list(v)
	for ; n > 0 && list.More(); n-- {
		kind := list.U16()
		list.Skip(2)
		s := varLabel(&list)
		if f := fields[kind]; f != nil && *f == "" && strings.Trim(s, "- ") != "" {
			*f = s
		}
	}
}

// patientAttribute reads what the monitor says of its patient.
func (p *parsed) patientAttribute(id uint16, v *cursor.Cursor) {
	t := &p.attrs.patient
	switch id {
	case attrPatientID:
		t.PatientID = text16(v)
	case attrFamily:
		t.PatientName = joinName(text16(v), given(t.PatientName))
	case attrGiven:
		t.PatientName = joinName(family(t.PatientName), text16(v))
	case attrBirth:
		t.BirthDate, _, _ = strings.Cut(absoluteTime(v), " ")
	case attrSex:
		t.Sex = map[uint16]string{0: "unknown", 1: "male", 2: "female", 9: "unspecified"}[v.U16()]
	case attrPatientType:
		t.Type = map[uint16]string{1: "adult", 2: "pediatric", 3: "neonatal"}[v.U16()]
	case attrPatientState:
		t.State = map[uint16]string{0: "empty", 1: "pre_admitted", 2: "admitted", 8: "discharged"}[v.U16()]
	case attrPaced:
		t.Paced = event.Some(v.U16() != 0)
	case attrAge:
		t.Age, t.AgeUnit = measure(v)
	case attrHeight:
		t.Height, t.HeightUnit = measure(v)
	case attrWeight:
		t.Weight, t.WeightUnit = measure(v)
	case attrNotes1, attrNotes2:
		if s := text16(v); s != "" {
			t.Notes = strings.TrimSpace(t.Notes + " " + s)
		}
	default:
		return
	}
	p.attrs.hasPatient = p.attrs.hasPatient || !v.Short()
}

// measure reads a number and its unit.
func measure(v *cursor.Cursor) (event.Opt[float64], string) {
	_, x, ok := number(v.U32())
	unit := v.U16()
	if !ok || v.Short() {
		return event.Opt[float64]{}, ""
	}
	return event.Some(x), unitName(unit)
}

// varLabel reads a text of bytes with its length in front. What stands behind a zero is padding.
func varLabel(c *cursor.Cursor) string {
	s, _, _ := strings.Cut(c.String(int(c.U16())), "\x00")
	return clean([]rune(s))
}

// text16 reads a text in UTF-16 with its length in bytes in front.
func text16(c *cursor.Cursor) string {
	t := c.Sub(int(c.U16()))
	units := make([]uint16, 0, min(t.Len()/2, maxText))
	for t.Need(2) && len(units) < maxText {
		u := t.U16()
		if u == 0 {
			break
		}
		units = append(units, u)
	}
	return clean(utf16.Decode(units))
}

// clean drops control characters; Philips' private symbols (subscripts and the like) become a question mark.
func clean(in []rune) string {
	var w strings.Builder
	for _, r := range in[:min(len(in), maxText)] {
		switch {
		case r < ' ' || r == 0x7f:
		case r >= 0xe000 && r <= 0xf8ff || r == 0xfffd:
			w.WriteByte('?')
		default:
			w.WriteRune(r)
		}
	}
	return strings.TrimSpace(w.String())
}

func family(name string) string { s, _, _ := strings.Cut(name, "^"); return s }
func given(name string) string  { _, s, _ := strings.Cut(name, "^"); return s }

func joinName(family, given string) string {
	if given == "" {
		return family
	}
	return family + "^" + given
}

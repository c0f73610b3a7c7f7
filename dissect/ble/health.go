package ble

import (
	"fmt"
	"math"
	"strings"
	"time"

	"wardtrace/dissect"
	"wardtrace/dissect/clinical"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
	"wardtrace/dissect/nomenclature"
)

// reading is the values of one characteristic's packet.
type reading struct {
	values   []value
	sequence event.Opt[int64]
	user     event.Opt[int64]
	status   event.Opt[int64]
	at       event.Time
}

type value struct {
	code, name, unit string
	v                number
	whole            bool // an integer on the wire
}

// measure decodes the value of a health characteristic, and emits it if every byte that the flags promise is there.
func (d *dissector) measure(r *Attribute, seq uint32, server string, b []byte, seg *dissect.Segment, out *event.Batch) {
	decode := decoders[r.UUID]
	if decode == nil {
		return
	}
	cur := cursor.New(b)
	var got reading
	decode(&cur, &got)
	if cur.Short() {
		dissect.Anomaly(out, seg.Ref, protocolName, "ble_value_short", 1, "a value of "+r.UUID+" is shorter than its flags say")
		return
	}
	for _, v := range got.values {
		m := Measurement{ParentSeq: int64(seq), UUID: r.UUID, Code: v.code, Name: v.name, Unit: v.unit, Special: v.v.special,
			Sequence: got.sequence, User: got.user, Status: got.status, At: got.at}
		if v.v.special == "" {
			m.Value = event.Some(v.v.value)
		}
		parent := measurements.Emit(out, seg.Ref, m)
		o := clinical.Observation{Protocol: protocolName, Source: measurements.Name, ParentSeq: int64(parent), Dir: r.Dir, Device: server,
			Code: v.code, CodingSystem: "MDC", Name: v.name, Number: m.Value, Unit: v.unit, ObservedAt: got.at}
		if m.Value.OK {
			o.Value = fmt.Sprint(v.v.value)
		} else {
			o.Status = v.v.special
		}
		clinical.Observations.Emit(out, seg.Ref, o)
	}
}

// decoders are the characteristics whose values are read.
var decoders = map[string]func(*cursor.Cursor, *reading){
	"2A37": heartRate, "2A35": bloodPressure, "2A36": bloodPressure, "2A1C": temperature, "2A1E": temperature,
	"2A5E": spotCheck, "2A5F": continuousOximeter, "2A18": glucose, "2AA7": glucoseMonitor, "2A9D": weight,
}

func (r *reading) add(code, name, unit string, v number) {
	r.values = append(r.values, value{code: code, name: name, unit: unit, v: v})
}

// heartRate: flags (bit 0: two bytes), rate; energy and RR intervals follow and are not told.
func heartRate(cur *cursor.Cursor, r *reading) {
	flags := cur.U8()
	rate := float64(cur.U8())
	if flags&1 != 0 {
		rate += float64(cur.U8()) * 256
	}
	r.add("MDC_ECG_HEART_RATE", "heart rate", "/min", number{value: rate})
}

// bloodPressure: flags (0 kPa, 1 time, 2 pulse, 3 user, 4 status), systolic, diastolic, mean.
func bloodPressure(cur *cursor.Cursor, r *reading) {
	flags := cur.U8()
	unit := "mm[Hg]"
	if flags&1 != 0 {
		unit = "kPa"
	}
	r.add("MDC_PRESS_BLD_NONINV_SYS", "systolic blood pressure", unit, sfloat(cur))
	r.add("MDC_PRESS_BLD_NONINV_DIA", "diastolic blood pressure", unit, sfloat(cur))
	r.add("MDC_PRESS_BLD_NONINV_MEAN", "mean blood pressure", unit, sfloat(cur))
	if flags&2 != 0 {
		r.at = dateTime(cur)
	}
	if flags&4 != 0 {
		r.add("MDC_PULS_RATE_NON_INV", "pulse rate", "/min", sfloat(cur))
	}
	if flags&8 != 0 {
		r.user = event.Some(int64(cur.U8()))
	}
	if flags&16 != 0 {
		r.status = event.Some(int64(cur.U16LE()))
	}
}

// temperature: flags (0 Fahrenheit, 1 time, 2 type), FLOAT.
func temperature(cur *cursor.Cursor, r *reading) {
	flags := cur.U8()
	unit := "Cel"
	if flags&1 != 0 {
		unit = "[degF]"
	}
	r.add("MDC_TEMP_BODY", "body temperature", unit, float(cur))
	if flags&2 != 0 {
		r.at = dateTime(cur)
	}
	if flags&4 != 0 {
		cur.Skip(1)
	}
}

func oximetry(cur *cursor.Cursor, r *reading) {
	r.add("MDC_PULS_OXIM_SAT_O2", "oxygen saturation", "%", sfloat(cur))
	r.add("MDC_PULS_OXIM_PULS_RATE", "pulse rate", "/min", sfloat(cur))
}

// spotCheck: flags (0 time, 1 measurement status), SpO2, pulse.
func spotCheck(cur *cursor.Cursor, r *reading) {
	flags := cur.U8()
	oximetry(cur, r)
	if flags&1 != 0 {
		r.at = dateTime(cur)
	}
	if flags&2 != 0 {
		r.status = event.Some(int64(cur.U16LE()))
	}
}

// continuousOximeter: flags (0 fast, 1 slow, 2 measurement status), normal SpO2 and pulse; fast and slow ones follow.
func continuousOximeter(cur *cursor.Cursor, r *reading) {
	flags := cur.U8()
	oximetry(cur, r)
	for bit := uint8(1); bit <= 2; bit <<= 1 {
		if flags&bit != 0 {
			cur.Skip(4)
		}
	}
	if flags&4 != 0 {
		r.status = event.Some(int64(cur.U16LE()))
	}
}

// glucose: flags (0 offset, 1 concentration, 2 mol/L, 3 status), sequence, base time, offset, SFLOAT, type and place.
func glucose(cur *cursor.Cursor, r *reading) {
	flags := cur.U8()
	r.sequence = event.Some(int64(cur.U16LE()))
	r.at = dateTime(cur)
	if flags&1 != 0 {
		if offset := int16(cur.U16LE()); r.at != 0 {
			r.at += event.Time(time.Duration(offset) * time.Minute)
		}
	}
	if flags&2 != 0 {
		v := sfloat(cur)
		unit := "mg/dL"
		if flags&4 != 0 {
			unit = "mmol/L"
			v.value *= 1000 // mol/L
		} else {
			v.value *= 100000 // kg/L
		}
		v.value = math.Round(v.value*1000) / 1000
		kind := cur.U8() & 0x0f
		code, name := "MDC_CONC_GLU_GEN", "glucose"
		if kind == controlSolution {
			name = "glucose (control solution)"
			code = "MDC_CONC_GLU_CONTROL"
		}
		r.add(code, name, unit, v)
	}
	if flags&8 != 0 {
		r.status = event.Some(int64(cur.U16LE()))
	}
}

const controlSolution = 10 // type of sample: no patient's blood

// glucoseMonitor: records of size, flags, SFLOAT mg/dL, offset in minutes, and what the flags add.
func glucoseMonitor(cur *cursor.Cursor, r *reading) {
	for cur.More() {
		size := int(cur.U8())
		if size < 6 {
			cur.Skip(cur.Len() + 1) // not a record
			return
		}
		item := cur.Sub(size - 1)
		item.Skip(1)
		r.add("MDC_CONC_GLU_ISF", "glucose in interstitial fluid", "mg/dL", sfloat(&item))
	}
}

// weight: flags (0 imperial, 1 time, 2 user, 3 height and index), weight.
func weight(cur *cursor.Cursor, r *reading) {
	flags := cur.U8()
	raw := float64(cur.U16LE())
	v, unit := number{value: math.Round(raw*5) / 1000}, "kg"
	if flags&1 != 0 {
		v, unit = number{value: math.Round(raw) / 100}, "[lb_av]"
	}
	if raw == math.MaxUint16 {
		v.special = "nan" // measurement unsuccessful
	}
	r.add("MDC_MASS_BODY_ACTUAL", "body weight", unit, v)
	if flags&2 != 0 {
		r.at = dateTime(cur)
	}
	if flags&4 != 0 {
		r.user = event.Some(int64(cur.U8()))
	}
}

// dateTime reads year (2), month, day, hour, minute, second; 0 in any of the first three means not known.
func dateTime(cur *cursor.Cursor) event.Time {
	y, m, day := int(cur.U16LE()), time.Month(cur.U8()), int(cur.U8())
	h, min, s := int(cur.U8()), int(cur.U8()), int(cur.U8())
	t := time.Date(y, m, day, h, min, s, 0, time.UTC)
	if y < 1678 || y > 2261 || t.Year() != y || t.Month() != m || t.Day() != day || t.Hour() != h || t.Minute() != min || t.Second() != s {
		return 0
	}
	return event.Time(t.UnixNano())
}

// number is a SFLOAT or FLOAT: a value, or what stands in its place.
type number struct {
	value   float64
	special string
}

// sfloat reads an IEEE 11073 SFLOAT.
func sfloat(cur *cursor.Cursor) number {
	v, special := nomenclature.SFloat(cur.U16LE())
	return number{v, strings.ToLower(special.String())}
}

// float reads an IEEE 11073 FLOAT.
func float(cur *cursor.Cursor) number {
	v, special := nomenclature.Float(cur.U32LE())
	return number{v, strings.ToLower(special.String())}
}

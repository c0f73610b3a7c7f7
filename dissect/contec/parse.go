package contec

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"wardtrace/dissect"
	"wardtrace/dissect/clinical"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
)

const patientBytes = 0xad // of a patient frame's data

// readPatient reads a patient frame: texts of 32 bytes filled with NUL, dates as digits.
func (m *monitor) readPatient(cur *cursor.Cursor, seg *dissect.Segment, out *event.Batch) {
	p := Patient{Department: text8(cur.Bytes(32))}
	cur.Skip(2)
	p.Bed = event.Some(int64(cur.U8()))
	p.Name, p.ID = text8(cur.Bytes(32)), text8(cur.Bytes(32))
	p.Admitted = date(cur)
	cur.Skip(6)
	if h, w := cur.U16LE(), cur.U16LE(); h != 0 || w != 0 {
		p.HeightMM, p.WeightKG = event.Some(int64(h)), event.Some(float64(w)/10)
	}
	cur.Skip(4)
	p.Birth = date(cur)
	cur.Skip(2 + 1)
	p.Doctor = text8(cur.Bytes(32))
	m.bed, m.patient = p.Bed, p.ID
	patients.Emit(out, seg.Ref, p)
}

// date reads year (5), month (3), day (3): digits ended by NUL.
func date(cur *cursor.Cursor) string {
	y, mo, d := digits(cur.Bytes(5)), digits(cur.Bytes(3)), digits(cur.Bytes(3))
	if y < 1000 || y > 9999 || mo < 1 || mo > 12 || d < 1 || d > 31 {
		return ""
	}
	return fmt.Sprintf("%04d%02d%02d", y, mo, d)
}

func digits(b []byte) int {
	b, _, _ = bytes.Cut(b, []byte{0})
	n, err := strconv.Atoi(string(bytes.TrimSpace(b)))
	if err != nil {
		return -1
	}
	return n
}

// text8 reads a text of no declared character set: UTF-8, else GB18030; control characters end it.
func text8(b []byte) string {
	b, _, _ = bytes.Cut(b, []byte{0})
	s := string(b)
	if !utf8.Valid(b) {
		decoded, err := simplifiedchinese.GB18030.NewDecoder().Bytes(b)
		if err != nil {
			return ""
		}
		s = string(decoded)
	}
	if i := strings.IndexFunc(s, unicode.IsControl); i >= 0 {
		s = s[:i]
	}
	return strings.TrimSpace(s)
}

// The parts of telemetry.
const (
	partECG         = 0x14
	partSpO2        = 0x15
	partNIBP        = 0x16
	partTemperature = 0x17
)

// Bytes of the waveforms in front of the values.
const (
	ecgWaves   = 3*256 + 128
	plethWaves = 256
	invalid    = 0xff
)

// telemetry reads 00 00, part, 00, and what the part has.
func (m *monitor) telemetry(cur *cursor.Cursor, seg *dissect.Segment, out *event.Batch) {
	cur.Skip(2)
	part := cur.U8()
	cur.Skip(1)
	switch part {
	case partECG:
		m.ecg(cur, seg, out)
	case partSpO2:
		m.spo2(cur, seg, out)
	case partNIBP:
		m.nibp(cur, seg, out)
	case partTemperature:
		m.temperature(cur, seg, out)
	}
}

func (m *monitor) ecg(cur *cursor.Cursor, seg *dissect.Segment, out *event.Batch) {
	cur.Skip(ecgWaves)
	v := Vitals{Bed: m.bed, Part: "ecg", WaveBytes: ecgWaves, HeartRate: checked(cur), Respiration: checked(cur)}
	if cur.Short() {
		return
	}
	seq := vitals.Emit(out, seg.Ref, v)
	m.observe(seq, "MDC_ECG_HEART_RATE", "heart rate", "/min", v.HeartRate, 0, seg, out)
	m.observe(seq, "MDC_RESP_RATE", "respiration rate", "/min", v.Respiration, 0, seg, out)
	cur.Skip(12 + 15)
	m.limit("heart rate", cur, seg, out)
	m.limit("respiration", cur, seg, out)
	cur.Skip(3 * 10)
	m.limit("pvc", cur, seg, out)
}

// checked reads a value and its validity: 00 valid.
func checked(cur *cursor.Cursor) event.Opt[int64] {
	v, state := cur.U8(), cur.U8()
	return event.Opt[int64]{V: int64(v), OK: state == 0 && v != invalid}
}

func (m *monitor) spo2(cur *cursor.Cursor, seg *dissect.Segment, out *event.Batch) {
	cur.Skip(plethWaves)
	v := Vitals{Bed: m.bed, Part: "spo2", WaveBytes: plethWaves}
	sat, state := cur.U8(), cur.U8()
	v.SpO2 = event.Opt[int64]{V: int64(sat), OK: sat != invalid && state == 0}
	v.Attached = event.Some(state == 0)
	v.Pulse = checked(cur)
	if cur.Short() {
		return
	}
	seq := vitals.Emit(out, seg.Ref, v)
	m.observe(seq, "MDC_PULS_OXIM_SAT_O2", "oxygen saturation", "%", v.SpO2, 0, seg, out)
	m.observe(seq, "MDC_PULS_OXIM_PULS_RATE", "pulse rate", "/min", v.Pulse, 0, seg, out)
	m.limit("spo2", cur, seg, out)
	m.limit("pulse", cur, seg, out)
}

func (m *monitor) nibp(cur *cursor.Cursor, seg *dissect.Segment, out *event.Batch) {
	v := Vitals{Bed: m.bed, Part: "nibp", MeasuredAt: dateTime(cur)}
	v.Systolic, v.Diastolic, v.Mean = pressure(cur), pressure(cur), pressure(cur)
	if cur.Short() {
		return
	}
	seq := vitals.Emit(out, seg.Ref, v)
	m.observe(seq, "MDC_PRESS_BLD_NONINV_SYS", "systolic blood pressure", "mm[Hg]", v.Systolic, v.MeasuredAt, seg, out)
	m.observe(seq, "MDC_PRESS_BLD_NONINV_DIA", "diastolic blood pressure", "mm[Hg]", v.Diastolic, v.MeasuredAt, seg, out)
	m.observe(seq, "MDC_PRESS_BLD_NONINV_MEAN", "mean blood pressure", "mm[Hg]", v.Mean, v.MeasuredAt, seg, out)
	m.limit("systolic", cur, seg, out)
	m.limit("diastolic", cur, seg, out)
	m.limit("mean", cur, seg, out)
}

// pressure reads a value in mmHg; 0 and all ones are none.
func pressure(cur *cursor.Cursor) event.Opt[int64] {
	v := cur.U16LE()
	return event.Opt[int64]{V: int64(v), OK: v != 0 && v != math.MaxUint16}
}

func dateTime(cur *cursor.Cursor) event.Time {
	y, mo, d := int(cur.U16LE()), time.Month(cur.U8()), int(cur.U8())
	h, mi, s := int(cur.U8()), int(cur.U8()), int(cur.U8())
	t := time.Date(y, mo, d, h, mi, s, 0, time.UTC)
	if y < 1990 || y > 2261 || t.Month() != mo || t.Day() != d || t.Hour() != h || t.Minute() != mi || t.Second() != s {
		return 0
	}
	return event.Time(t.UnixNano())
}

func (m *monitor) temperature(cur *cursor.Cursor, seg *dissect.Segment, out *event.Batch) {
	v := Vitals{Bed: m.bed, Part: "temperature", T1: degrees(cur), T2: degrees(cur)}
	cur.Skip(4)
	if cur.Short() || !v.T1.OK && !v.T2.OK {
		return
	}
	vitals.Emit(out, seg.Ref, v)
}

// degrees reads a temperature; what no patient and no room has is none.
func degrees(cur *cursor.Cursor) event.Opt[float64] {
	v := math.Float32frombits(cur.U32LE())
	return event.Opt[float64]{V: math.Round(float64(v)*100) / 100, OK: v > 0 && v < 60}
}

// observe emits a value into the clinical view.
func (m *monitor) observe(parent uint32, code, name, unit string, v event.Opt[int64], at event.Time, seg *dissect.Segment, out *event.Batch) {
	if !v.OK {
		return
	}
	clinical.Observations.Emit(out, seg.Ref, clinical.Observation{Protocol: protocolName, Source: vitals.Name, ParentSeq: int64(parent),
		Dir: seg.Dir.String(), Device: m.device(), PatientID: m.patient, Code: code, CodingSystem: "MDC", Name: name,
		Value: strconv.FormatInt(v.V, 10), Number: event.Some(float64(v.V)), Unit: unit, ObservedAt: at})
}

func (m *monitor) device() string {
	if !m.bed.OK {
		return ""
	}
	return fmt.Sprintf("bed %d", m.bed.V)
}

// limit reads one pair of limits and the alarm's setting, and tells them when they are new or other than before. Which of
// the pair comes first is not certain for every parameter: the lower one is the lower limit.
func (m *monitor) limit(parameter string, cur *cursor.Cursor, seg *dissect.Segment, out *event.Batch) {
	a, b, setting := int64(cur.U16LE()), int64(cur.U16LE()), int64(cur.U16LE())
	if cur.Short() || a == 0 && b == 0 {
		return
	}
	l := Limit{Bed: m.bed, Parameter: parameter, Low: min(a, b), High: max(a, b), Setting: setting}
	before, known := m.limits[parameter]
	if known && before.Low == l.Low && before.High == l.High && before.Setting == l.Setting {
		return
	}
	m.limits[parameter] = l
	l.Changed = known
	seq := limits.Emit(out, seg.Ref, l)
	if known {
		clinical.Alarms.Emit(out, seg.Ref, clinical.Alarm{Protocol: protocolName, Source: limits.Name, ParentSeq: int64(seq), Dir: seg.Dir.String(),
			Device: m.device(), PatientID: m.patient, Code: parameter, CodingSystem: protocolName, Text: parameter + " limits", Kind: "physiological",
			Phase: "limits", Before: before.text(), After: l.text()})
	}
}

func (l Limit) text() string { return fmt.Sprintf("%d to %d, setting %d", l.Low, l.High, l.Setting) }

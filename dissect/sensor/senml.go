package sensor

import (
	"strconv"
	"time"

	"wardtrace/dissect/event"
	"wardtrace/dissect/jsonread"
	"wardtrace/dissect/words"
)

// isSenML tells whether a list is a SenML pack (RFC 8428 4): records whose first has a base name or a name, and a value.
func isSenML(list jsonread.Value) bool {
	values := false
	if !list.Is(jsonread.Array) {
		return false
	}
	for r := list.First(); r.Kind() != jsonread.None; r = r.Next() {
		if !r.Is(jsonread.Object) {
			return false
		}
		named := r.Get("n").Is(jsonread.String) || r.Get("bn").Is(jsonread.String)
		v := r.Get("v").Kind()
		if !named && r.First().Kind() != jsonread.None && (v == jsonread.None || v == jsonread.Null) {
			return false
		}
		values = values || named && v == jsonread.Number
	}
	return values
}

// readSenML resolves base fields (RFC 8428 4.6).
func (m *message) readSenML(list jsonread.Value) {
	m.row.Format = "senml"
	baseName, baseUnit := "", ""
	baseTime, baseValue := 0.0, 0.0
	for r := list.First(); r.Kind() != jsonread.None; r = r.Next() {
		if s := r.Get("bn"); s.Is(jsonread.String) {
			baseName = clip(s.Text())
		}
		if s := r.Get("bu"); s.Is(jsonread.String) {
			baseUnit = clip(s.Text())
		}
		baseTime = numberOr(r, "bt", baseTime)
		baseValue = numberOr(r, "bv", baseValue)
		n := r.Get("v")
		if !n.Is(jsonread.Number) || len(m.values) >= maxValues {
			continue
		}
		text := string(n.Text())
		f, err := strconv.ParseFloat(text, 64)
		name := r.Get("n")
		if err != nil || name.Is(jsonread.String) && len(name.Text()) > 0 && !words.Given(name.Text()) {
			continue
		}
		v := measurement{unit: baseUnit, number: baseValue + f, text: text, at: senmlTime(baseTime + numberOr(r, "t", 0))}
		if name.Is(jsonread.String) {
			v.code = clip(name.Text())
			v.name = signOf(v.code)
		}
		if u := r.Get("u"); u.Is(jsonread.String) {
			v.unit = clip(u.Text())
		}
		if v.name == "" {
			v.name = v.code
		}
		if baseValue != 0 {
			v.text = ""
		}
		m.values = append(m.values, v)
	}
	m.row.Device = baseName
}

func numberOr(r jsonread.Value, key string, or float64) float64 {
	if n := r.Get(key); n.Is(jsonread.Number) {
		if f, err := strconv.ParseFloat(string(n.Text()), 64); err == nil {
			return f
		}
	}
	return or
}

// senmlTime reads seconds since 1970; values below 2^28 are relative to now, which is not known (4.5.3).
func senmlTime(s float64) event.Time {
	if s < 1<<28 || s > 9e9 {
		return 0
	}
	return event.Time(s * float64(time.Second))
}

func clip(s []byte) string { return string(s[:min(len(s), maxText)]) }

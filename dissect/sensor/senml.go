package sensor

import (
	"encoding/json"
	"time"

	"wardtrace/dissect/event"
)

// isSenML tells whether a list is a SenML pack (RFC 8428 4): records whose first has a base name or a name, and a value.
func isSenML(list []any) bool {
	values := false
	for _, x := range list {
		r, ok := x.(map[string]any)
		if !ok {
			return false
		}
		_, named := r["n"].(string)
		_, based := r["bn"].(string)
		if !named && !based && len(r) > 0 && r["v"] == nil {
			return false
		}
		_, v := r["v"].(json.Number)
		values = values || v && (named || based)
	}
	return values
}

// readSenML resolves base fields (RFC 8428 4.6).
func readSenML(list []any) *message {
	m := &message{row: Message{Format: "senml"}}
	baseName, baseUnit := "", ""
	baseTime, baseValue := 0.0, 0.0
	for _, x := range list {
		r, _ := x.(map[string]any)
		if s, ok := r["bn"].(string); ok {
			baseName = clip(s)
		}
		if s, ok := r["bu"].(string); ok {
			baseUnit = clip(s)
		}
		baseTime = numberOr(r, "bt", baseTime)
		baseValue = numberOr(r, "bv", baseValue)
		n, ok := r["v"].(json.Number)
		if !ok || len(m.values) >= maxValues {
			continue
		}
		f, err := n.Float64()
		name, _ := r["n"].(string)
		unit, given := r["u"].(string)
		if !given {
			unit = baseUnit
		}
		if err != nil || !isName(name) && name != "" {
			continue
		}
		v := measurement{code: clip(name), name: vitalSigns[plain(name)], unit: clip(unit), number: baseValue + f, text: n.String(),
			at: senmlTime(baseTime + numberOr(r, "t", 0))}
		if v.name == "" {
			v.name = v.code
		}
		if baseValue != 0 {
			v.text = ""
		}
		m.values = append(m.values, v)
	}
	m.row.Device = baseName
	return m
}

func numberOr(r map[string]any, key string, or float64) float64 {
	if n, ok := r[key].(json.Number); ok {
		if f, err := n.Float64(); err == nil {
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

func clip(s string) string { return s[:min(len(s), maxText)] }

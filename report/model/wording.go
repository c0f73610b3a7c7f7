package model

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Count writes a number with commas: 48,211.
func Count(n int64) string {
	if n < 0 {
		return "-" + Count(-n)
	}
	s := strconv.FormatInt(n, 10)
	var b strings.Builder
	for i, c := range s {
		if i > 0 && (len(s)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(c)
	}
	return b.String()
}

// Of writes a number with the noun in its right form: 1 packet, 2 packets.
func Of(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Count(n) + " " + many
}

// Bytes writes a size: 212 MB. Units are powers of ten, as on a disk's label.
func Bytes(n int64) string {
	switch {
	case n < 1000:
		return Of(n, "byte", "bytes")
	case n < 1_000_000:
		return digits(float64(n)/1e3) + " kB"
	case n < 1_000_000_000:
		return digits(float64(n)/1e6) + " MB"
	case n < 1_000_000_000_000:
		return digits(float64(n)/1e9) + " GB"
	}
	return digits(float64(n)/1e12) + " TB"
}

func digits(f float64) string {
	if f < 9.95 {
		return strings.TrimSuffix(strconv.FormatFloat(f, 'f', 1, 64), ".0")
	}
	return strconv.FormatFloat(f, 'f', 0, 64)
}

// Share writes a part of a whole in per cent. What is not all is never written as 100 %, and what is not nothing never as 0 %.
func Share(part, whole int64) string {
	if whole <= 0 {
		return "0 %"
	}
	p := float64(part) / float64(whole) * 100
	switch {
	case part == 0:
		return "0 %"
	case part >= whole:
		return "100 %"
	case p < 0.1:
		return "less than 0.1 %"
	case p > 99.9:
		return "more than 99.9 %"
	case p < 10 || p > 90:
		return strings.TrimSuffix(strconv.FormatFloat(p, 'f', 1, 64), ".0") + " %"
	}
	return strconv.FormatFloat(p, 'f', 0, 64) + " %"
}

// Span writes a duration: 1.2 s, 4 min 10 s, 2 h 5 min, 3 d 4 h.
func Span(d time.Duration) string {
	switch {
	case d < 0:
		return "0 s"
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < 10*time.Second:
		return strings.TrimSuffix(strconv.FormatFloat(d.Seconds(), 'f', 1, 64), ".0") + " s"
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return pair(int(d/time.Minute), "min", int(d%time.Minute/time.Second), "s")
	case d < 24*time.Hour:
		return pair(int(d/time.Hour), "h", int(d%time.Hour/time.Minute), "min")
	}
	return pair(int(d/(24*time.Hour)), "d", int(d%(24*time.Hour)/time.Hour), "h")
}

func pair(a int, unitA string, b int, unitB string) string {
	if b == 0 {
		return fmt.Sprintf("%d %s", a, unitA)
	}
	return fmt.Sprintf("%d %s %d %s", a, unitA, b, unitB)
}

// Join puts values into a sentence: a, b and c; beyond limit, a, b and 7 more.
func Join(l []string, limit int) string {
	switch {
	case len(l) == 0:
		return ""
	case len(l) == 1:
		return l[0]
	case limit > 0 && len(l) > limit:
		return strings.Join(l[:limit], ", ") + fmt.Sprintf(" and %s more", Count(int64(len(l)-limit)))
	}
	return strings.Join(l[:len(l)-1], ", ") + " and " + l[len(l)-1]
}

// Stamp writes a moment with its date, to the second, in UTC.
func Stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04:05")
}

// Precise writes a moment as a machine reads it, with as many digits as it has.
func Precise(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.999999999Z07:00")
}

// Period writes a span of time: 2026-11-20 01:58:02 to 03:41:19.
func Period(a, b time.Time) string {
	switch {
	case a.IsZero():
		return "no time known"
	case a.UTC().Format(time.DateOnly) == b.UTC().Format(time.DateOnly):
		return Stamp(a) + " to " + b.UTC().Format(time.TimeOnly)
	}
	return Stamp(a) + " to " + Stamp(b)
}

// Upper begins a sentence with a capital.
func Upper(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

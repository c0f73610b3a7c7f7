package hl7v3

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"wardtrace/dissect/event"
	"wardtrace/dissect/xmlread"
)

func pick(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func pickNode(a, b *xmlread.Node) *xmlread.Node {
	if a != nil {
		return a
	}
	return b
}

// clip gives a value for a cell: its own copy, of bounded length.
func clip(s string) string {
	s = strings.TrimSpace(s)
	if len(s) > maxText {
		n := maxText
		for n > 0 && !utf8.RuneStart(s[n]) {
			n--
		}
		s = s[:n]
	}
	return strings.Clone(s)
}

// instance gives an II (data types, release 1): root^extension.
func instance(id *xmlread.Node) string {
	return clip(strings.TrimRight(id.Attr("root")+"^"+id.Attr("extension"), "^"))
}

func authority(id *xmlread.Node) string {
	return clip(pick(id.Attr("root"), id.Attr("assigningAuthorityName")))
}

// personName gives an EN as FAMILY^GIVEN; a name without parts as it stands.
func personName(n *xmlread.Node) string {
	if n == nil {
		return ""
	}
	name := strings.TrimRight(n.Child("family").Value()+"^"+n.Child("given").Value(), "^")
	return clip(pick(name, n.Value()))
}

// address gives an AD: street, city, state, postal code, country.
func address(n *xmlread.Node) string {
	if n == nil {
		return ""
	}
	var parts []string
	for _, name := range []string{"streetAddressLine", "city", "state", "postalCode", "country"} {
		parts = append(parts, n.Child(name).Value())
	}
	return clip(strings.TrimRight(strings.Join(parts, "^"), "^"))
}

// phone gives a TEL without its scheme, as other protocols write it.
func phone(n *xmlread.Node) string { return clip(strings.TrimPrefix(n.Attr("value"), "tel:")) }

// digits gives the date of a TS.
func digits(s string) string {
	if len(s) > 8 {
		s = s[:8]
	}
	return strings.Clone(s)
}

// layouts are the precisions of a TS (data types, release 1).
var layouts = []string{"20060102150405", "200601021504", "2006010215", "20060102", "200601", "2006"}

// stamp reads a TS: YYYYMMDDHHMMSS[.fraction][+-ZZZZ].
func stamp(s string) event.Time {
	zone := 0
	if i := strings.LastIndexAny(s, "+-"); i > 0 && len(s)-i == 5 {
		n, err := strconv.Atoi(s[i:])
		if err != nil {
			return 0
		}
		zone = n/100*60 + n%100
		s = s[:i]
	}
	s, fraction, _ := strings.Cut(s, ".")
	for _, layout := range layouts {
		if len(s) != len(layout) {
			continue
		}
		at, err := time.Parse(layout, s)
		if err != nil || at.Year() < 1800 || at.Year() > 2200 {
			return 0
		}
		nanos, err := strconv.Atoi((fraction + "000000000")[:9])
		if err != nil || nanos < 0 {
			nanos = 0
		}
		return event.Time(at.UnixNano() - int64(zone)*int64(time.Minute) + int64(nanos))
	}
	return 0
}

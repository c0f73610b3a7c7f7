package dataset

import (
	"strings"
	"time"
)

// maxKeys is how many keys of a query are named; a real one has about twenty.
const maxKeys = 64

// Matching is how a key of a query is matched (PS3.4 C.2.2.2).
type Matching uint8

// The kinds of matching. Any is a wildcard that matches everything: an asterisk alone.
const (
	Universal Matching = iota
	Any
	Single
	Wildcard
	Range
	List
)

var matchingWords = [...]string{"universal", "any", "single", "wildcard", "range", "list"}

func (m Matching) String() string {
	if int(m) < len(matchingWords) {
		return matchingWords[m]
	}
	return "unknown"
}

// Keys says which keys a query has and how they match; the values are not in it.
type Keys struct {
	Named     []string // "PatientName=wildcard", up to maxKeys of them
	Count     int      // keys
	Narrowing int      // of them those that do not match everything
	Wildcard  bool     // an asterisk or question mark was used
	Days      int64    // days that the range of study or scheduled dates covers; 0 if there is no closed range
	OpenRange bool     // that range has no beginning or no end
}

// element notes one element of the identifier. length is the value's length on the wire.
func (k *Keys) element(e *Element, s string, length int) {
	switch {
	case e.Tag.Element() == 0, e.Tag == tagQueryLevel, e.Tag == tagCharset, e.Tag == tagTimezone:
		return
	case e.Depth > 1 || (e.Depth == 1 && e.Parent != tagScheduledStep && s == ""):
		return // return keys of code sequences
	case e.VR.binary() && length > 0:
		s = "x" // a number: single value matching
	}
	k.add(e.Tag, e.VR, s)
	if (e.Tag == tagStudyDate || e.Tag == tagScheduledDate) && s != "" {
		k.Days, k.OpenRange = days(s)
	}
}

func (k *Keys) add(t Tag, vr VR, s string) {
	m := matching(vr, s)
	k.Count++
	if m >= Single {
		k.Narrowing++
	}
	k.Wildcard = k.Wildcard || m == Wildcard || m == Any
	if len(k.Named) < maxKeys {
		k.Named = append(k.Named, t.Keyword()+"="+m.String())
	}
}

func matching(vr VR, s string) Matching {
	switch {
	case s == "":
		return Universal
	case strings.Trim(s, "*^= ") == "" && strings.Contains(s, "*"):
		return Any
	}
	switch vr {
	case vrDA, vrTM:
		if strings.Contains(s, "-") {
			return Range
		}
	case vrDT: // a hyphen may also be the sign of a time zone: +ZZXX or -ZZXX at the end
		if i := strings.IndexByte(s, '-'); i >= 0 && len(s)-i != 5 {
			return Range
		}
	case vrUI:
	default:
		if strings.ContainsAny(s, "*?") {
			return Wildcard
		}
	}
	if strings.Contains(s, `\`) {
		return List
	}
	return Single
}

// days gives how many days a date range covers. A single date is one.
func days(s string) (n int64, open bool) {
	from, to, isRange := strings.Cut(strings.ReplaceAll(s, ".", ""), "-")
	a, errA := time.Parse("20060102", strings.TrimSpace(from))
	if !isRange {
		if errA != nil {
			return 0, false
		}
		return 1, false
	}
	b, errB := time.Parse("20060102", strings.TrimSpace(to))
	if errA != nil || errB != nil {
		return 0, true
	}
	return int64(b.Sub(a).Hours()/24) + 1, false
}

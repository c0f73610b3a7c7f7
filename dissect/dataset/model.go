package dataset

import (
	"strconv"
	"strings"
)

// Data sets also travel as JSON (PS3.18 annex F), as XML (PS3.19 annex A) and as keys of a query (PS3.18 8.3.4). What
// follows is for those who read them: elements come with their values as text already.

// keywords finds a tag by its keyword in PS3.6.
var keywords = func() map[string]Tag {
	m := make(map[string]Tag, len(tags))
	for t, i := range tags {
		m[i.keyword] = t
	}
	return m
}()

// ParseTag reads a tag as eight hexadecimal digits or as a keyword that this package knows.
func ParseTag(s string) (Tag, bool) {
	if len(s) == 8 {
		if n, err := strconv.ParseUint(s, 16, 32); err == nil {
			return Tag(n), true
		}
	}
	t, ok := keywords[s]
	return t, ok
}

// Known tells whether this package has the tag in its table.
func (t Tag) Known() bool { return tags[t].vr != vrNone }

// IsUID tells whether PS3.6 gives the tag values that are UIDs.
func (t Tag) IsUID() bool { return tags[t].vr == vrUI }

// Identifying tells whether the element identifies a patient or those who care for him.
func (t Tag) Identifying() bool {
	_, ok := phiBits[t]
	return ok
}

// Set stores a value of the data set's top level. Of several values the whole list counts, joined by backslashes.
func (a *Attr) Set(t Tag, s string) {
	if at := numbers[t]; at != nil {
		if n, err := strconv.ParseInt(s, 10, 64); err == nil {
			*at(a) = n
		}
		return
	}
	at := fields[t]
	if at == nil || s == "" {
		return
	}
	if f := at(a); *f == "" {
		*f = s
	}
	switch t {
	case tagStudyUID:
		if strings.Contains(s, `\`) {
			a.StudyUIDs = strings.Split(s, `\`)
			a.StudyUID, _, _ = strings.Cut(s, `\`)
		}
	case 0x00280008:
		a.Frames, _ = strconv.ParseInt(strings.TrimSpace(s), 10, 64)
	}
}

// Add notes a key of a query: its tag and the value to match.
func (k *Keys) Add(t Tag, s string) {
	if t == tagQueryLevel || t == tagCharset || t == tagTimezone {
		return
	}
	k.add(t, tags[t].vr, s)
	if (t == tagStudyDate || t == tagScheduledDate) && s != "" {
		k.Days, k.OpenRange = days(s)
	}
}

// Ended tells whether the reader has stopped before the data set was over: more bytes will not be looked at.
func (o *Object) Ended() bool { return o.r.Done() }

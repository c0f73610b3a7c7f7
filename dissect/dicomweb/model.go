package dicomweb

import (
	"strings"

	"wardtrace/dissect/dataset"
)

// Limits of a data set that came as text.
const (
	maxValues  = 1024 // values of an attribute that are kept
	maxReasons = 16   // different failure reasons that are named
	maxRefused = 4096 // instances of an answer that are remembered as refused
	keepText   = 1024 // bytes of a value, but for UIDs
)

// Tags of the answer to a store (PS3.18 table 10.5.3-1).
const (
	tagReferenced = dataset.Tag(0x00081199)
	tagFailed     = dataset.Tag(0x00081198)
	tagReason     = dataset.Tag(0x00081197)
	tagRefSOP     = dataset.Tag(0x00081155)
	tagCharset    = dataset.Tag(0x00080005)
)

// resource is a data set that came as JSON or XML, or what Orthanc tells of one.
type resource struct {
	dataset.Attr
	charset           string
	elements, private int64
	fields            []string // identifying attributes that have a value
	flags             flags
	stored, refused   int64 // items of the two sequences of an answer to a store
	listed            bool  // one of them was there
	reasons           []string
	refusedSOP        []string
}

type flags struct{ invalidUID, path, active bool }

// model gathers data sets that come attribute by attribute: annex F of PS3.18, annex A of PS3.19.
type model struct {
	cur  *resource
	open []attribute // nested ones
}

type attribute struct {
	tag    dataset.Tag
	values []string
	size   int
}

// begin starts a data set.
func (m *model) begin() { m.cur, m.open = &resource{}, m.open[:0] }

// end gives the data set; nil if none was begun.
func (m *model) end() *resource {
	for m.cur != nil && len(m.open) > 0 {
		m.endAttribute()
	}
	r := m.cur
	m.cur = nil
	return r
}

// attribute begins one, at the top or in an item.
func (m *model) attribute(t dataset.Tag) {
	m.open = append(m.open, attribute{tag: t})
	m.cur.elements++
	if t.Private() {
		m.cur.private++
	}
}

// value adds one to the innermost attribute.
func (m *model) value(s string) {
	n := len(m.open)
	if n == 0 {
		return
	}
	a := &m.open[n-1:][0]
	limit := keepText
	if a.tag.IsUID() {
		limit = maxString
	}
	if s = s[:min(len(s), limit)]; a.size+len(s) > maxString || len(a.values) >= maxValues {
		return
	}
	a.values, a.size = append(a.values, s), a.size+len(s)
}

// replace puts s in place of the innermost attribute's last value.
func (m *model) replace(s string) {
	if n := len(m.open); n > 0 {
		a := &m.open[n-1:][0]
		if k := len(a.values); k > 0 {
			a.size -= len(a.values[k-1:][0])
			a.values = a.values[:k-1]
		}
		m.value(s)
	}
}

// item begins an item of the innermost attribute.
func (m *model) item() {
	if len(m.open) != 1 {
		return
	}
	switch m.open[0].tag {
	case tagReferenced:
		m.cur.stored++
	case tagFailed:
		m.cur.refused++
	}
}

// endAttribute stores its values.
func (m *model) endAttribute() {
	n := len(m.open) - 1
	if n < 0 {
		return
	}
	a := m.open[n:][0]
	m.open = m.open[:n]
	r, s := m.cur, dataset.Clean(strings.Join(a.values, `\`))
	switch {
	case n == 0 && (a.tag == tagReferenced || a.tag == tagFailed):
		r.listed = true
	case n == 1 && m.open[0].tag == tagFailed && a.tag == tagReason:
		r.reason(s)
	case n == 1 && m.open[0].tag == tagFailed && a.tag == tagRefSOP && len(s) <= maxUID && len(r.refusedSOP) < maxRefused:
		r.refusedSOP = append(r.refusedSOP, s)
	}
	if s == "" {
		return
	}
	r.judge(a.tag, a.values, s)
	if n == 0 {
		if a.tag == tagCharset {
			r.charset = s
		}
		r.Set(a.tag, s)
	}
}

// judge takes the flags that would be lost when values become pseudonyms.
func (r *resource) judge(t dataset.Tag, values []string, s string) {
	if t.Identifying() && len(r.fields) < maxReasons*4 && !has(r.fields, t.Keyword()) {
		r.fields = append(r.fields, t.Keyword())
	}
	if !t.IsUID() {
		r.flags.active = r.flags.active || dataset.ActiveText(s)
		return
	}
	for _, u := range values {
		r.flags.invalidUID = r.flags.invalidUID || (u != "" && !dataset.ValidUID(u))
		r.flags.path = r.flags.path || dataset.PathCharacters(u)
	}
}

// reason notes a Failure Reason, a number as JSON and XML write it.
func (r *resource) reason(s string) {
	n, ok := number(s)
	if !ok || n > 0xFFFF {
		return
	}
	const digits = "0123456789ABCDEF"
	w := "0x"
	for shift := 12; shift >= 0; shift -= 4 {
		d := int(n>>shift) & 15
		w += digits[d : d+1]
	}
	if len(r.reasons) < maxReasons && !has(r.reasons, w) {
		r.reasons = append(r.reasons, w)
	}
}

func has(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

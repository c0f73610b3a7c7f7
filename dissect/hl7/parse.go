package hl7

import (
	"bytes"
	"encoding/hex"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
)

// delims are the delimiters of one message (MSH-1 and MSH-2), each a string of one byte, "" where not declared.
type delims struct {
	field, component, repetition, escape, subcomponent, truncation string
}

// usual are the delimiters that chapter 2.5.4 suggests; for what has lost its header.
var usual = delims{field: "|", component: "^", repetition: "~", escape: `\`, subcomponent: "&", truncation: "#"}

// headState is what the first bytes of a line can be.
type headState uint8

const (
	notHead  headState = iota
	halfHead           // too short to tell
	isHead
)

// maxEncoding is the largest number of encoding characters: component, repetition, escape, subcomponent, truncation.
const maxEncoding = 5

// headKind tells whether a line begins with MSH, FHS or BHS, a delimiter, three to five other delimiters, all distinct, and
// the first delimiter again (2.14.9.1, 2.14.9.2). It does not allocate.
func headKind(line []byte) headState {
	c := cursor.New(line)
	if c.Len() < 4 {
		return halfHead.iff(bytes.HasPrefix([]byte("MSH"), line) || bytes.HasPrefix([]byte("FHS"), line) || bytes.HasPrefix([]byte("BHS"), line))
	}
	name := c.Bytes(3)
	f := c.U8()
	if !isHeadName(name) || !isDelimiter(f) {
		return notHead
	}
	enc := [maxEncoding]byte{}
	for n := 0; ; n++ {
		if !c.More() {
			return halfHead
		}
		b := c.U8()
		if b == f || b == '\r' || b == '\n' {
			return isHead.iff(n >= 3 && (b == f || name[0] != 'M'))
		}
		if n == maxEncoding || !isDelimiter(b) || bytes.IndexByte(enc[:n], b) >= 0 {
			return notHead
		}
		enc[n] = b
	}
}

func (s headState) iff(ok bool) headState {
	if ok {
		return s
	}
	return notHead
}

func isHeadName(name []byte) bool {
	return bytes.Equal(name, []byte("MSH")) || bytes.Equal(name, []byte("FHS")) || bytes.Equal(name, []byte("BHS"))
}

// isDelimiter: any printable character of ASCII that is no letter, digit or space.
func isDelimiter(b byte) bool {
	return b > ' ' && b < 0x7f && !isLetter(b) && !isDigit(b)
}

func isLetter(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' }

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

// headDelims reads the delimiters of a line that is a header.
func headDelims(line []byte) delims {
	c := cursor.New(line)
	c.Skip(3)
	d := delims{field: c.String(1)}
	for _, to := range []*string{&d.component, &d.repetition, &d.escape, &d.subcomponent, &d.truncation} {
		b := c.String(1)
		if b == "" || b == d.field || b == "\r" || b == "\n" {
			break
		}
		*to = b
	}
	return d
}

// line is one line of a message, taken apart into fields.
type line struct {
	name   string
	fields []string // number 0 is the name; of the first maxLine bytes
	tail   []string // of the last maxTail bytes, if the line is longer; number 0 is not whole
	last   int      // number of the last field
	bytes  int      // length on the wire
	cut    bool     // the line is longer than maxLine: the last of fields is not whole
}

// splitLine takes a line apart. room is where its fields go: they are done with when the next line comes.
func splitLine(d *delims, head, tail string, bytes, passed int, room []string) line {
	l := line{fields: appendSplit(room[:0], head, d.field), bytes: bytes}
	l.last = strings.Count(head, d.field)
	if tail != "" || passed > 0 {
		l.cut = true
		l.last += passed
		l.tail = strings.Split(tail, d.field)
	}
	l.name = l.fields[0]
	return l
}

// appendSplit does what strings.SplitN does, for a separator of one byte.
func appendSplit(to []string, s, sep string) []string {
	for len(to) < maxFields-1 {
		before, rest, ok := strings.Cut(s, sep)
		if !ok {
			break
		}
		to, s = append(to, before), rest
	}
	return append(to, s)
}

// field gives field n as the standard counts, raw. Of a header line, field 1 is the delimiter itself.
func (l *line) field(n int) string {
	if isHeadName([]byte(l.name)) {
		n--
	}
	if n < len(l.fields) {
		return l.fields[n]
	}
	if i := n - l.last + len(l.tail) - 1; l.cut && i > 0 && i < len(l.tail) {
		return l.tail[i]
	}
	return ""
}

// part gives part n, counted from 1, of s divided by sep.
func part(s, sep string, n int) string {
	if sep == "" {
		if n == 1 {
			return s
		}
		return ""
	}
	for ; n > 1; n-- {
		_, rest, ok := strings.Cut(s, sep)
		if !ok {
			return ""
		}
		s = rest
	}
	s, _, _ = strings.Cut(s, sep)
	return s
}

// text is reader of cells: it knows a message's delimiters and character set.
type text struct {
	delims
	cs    *charset
	cells *cells // nil where nothing repeats
}

// cells are short cells read before: codes, units, senders and flags are the same in every message of a device. A cell that falls into
// the place of another pushes it out.
type cells [64]string

// maxSame is the longest cell worth looking for.
const maxSame = 32

// same gives a copy of s, an old one if it is at hand.
func (c *cells) same(s string) string {
	if c == nil || len(s) > maxSame {
		return strings.Clone(s)
	}
	at := uint32(len(s))
	for i := range len(s) {
		at = at*31 + uint32(s[i])
	}
	place := &c[at%uint32(len(c))]
	if *place != s {
		*place = strings.Clone(s)
	}
	return *place
}

// first gives the first repetition of a field.
func (t *text) first(raw string) string { return part(raw, t.repetition, 1) }

// comp gives component n of the first repetition, ready for a cell.
func (t *text) comp(raw string, n int) string {
	return t.cell(part(part(t.first(raw), t.component, n), t.subcomponent, 1))
}

// comps gives components 1 to n of the first repetition, joined by ^ and without empty ends.
func (t *text) comps(raw string, n int) string {
	raw = t.first(raw)
	out := make([]string, 0, n)
	for i := 1; i <= n; i++ {
		out = append(out, t.cell(part(part(raw, t.component, i), t.subcomponent, 1)))
	}
	return strings.TrimRight(strings.Join(out, "^"), "^")
}

// all gives a whole field for a cell, with the usual delimiters for whatever the message has.
func (t *text) all(raw string) string {
	if t.component != "^" || t.repetition != "~" {
		var b strings.Builder
		for i := range len(raw) {
			switch c := raw[i : i+1]; c {
			case t.component:
				b.WriteByte('^')
			case t.repetition:
				b.WriteByte('~')
			case t.subcomponent:
				b.WriteByte('&')
			default:
				b.WriteString(c)
			}
		}
		raw = b.String()
	}
	return t.cell(raw)
}

// person gives component from..from+2 of a name, FAMILY^GIVEN^MIDDLE.
func (t *text) person(raw string, from int) string {
	raw = t.first(raw)
	out := make([]string, 0, 3)
	for i := range 3 {
		out = append(out, t.cell(part(part(raw, t.component, from+i), t.subcomponent, 1)))
	}
	return strings.TrimRight(strings.Join(out, "^"), "^")
}

// provider gives the name in an XCN field (id^family^given), or in an old one that holds a name alone.
func (t *text) provider(raw string) string {
	if name := t.person(raw, 2); name != "" {
		return name
	}
	return ""
}

// cell makes a value of a cell from raw text: escapes resolved, HL7's explicit null ("") empty, of bounded length, its own
// copy (a part of a line would hold the line in memory).
func (t *text) cell(raw string) string {
	s := strings.TrimSpace(t.unescape(raw))
	if s == `""` {
		return ""
	}
	return t.clip(s)
}

func (t *text) clip(s string) string {
	if len(s) > maxText {
		n := maxText
		for n > 0 && !utf8.RuneStart(s[n]) {
			n--
		}
		s = s[:n]
	}
	return strings.ToValidUTF8(t.cells.same(s), "\uFFFD")
}

// unescape resolves escape sequences (2.7). What is no sequence is left as it stands.
func (t *text) unescape(s string) string {
	if t.escape == "" || !strings.Contains(s, t.escape) {
		return s
	}
	var b strings.Builder
	before, rest, ok := strings.Cut(s, t.escape)
	b.WriteString(before)
	for ok {
		code, after, closed := strings.Cut(rest, t.escape)
		if !closed {
			b.WriteString(t.escape + rest)
			break
		}
		v, known := t.sequence(code)
		if !known { // the second escape character may begin a sequence
			b.WriteString(t.escape + code)
			rest = after
			continue
		}
		b.WriteString(v)
		before, rest, ok = strings.Cut(after, t.escape)
		b.WriteString(before)
	}
	return b.String()
}

// sequence gives the meaning of the sequence with this code.
func (t *text) sequence(code string) (string, bool) {
	switch code {
	case "F":
		return t.field, true
	case "S":
		return t.component, true
	case "T":
		return t.subcomponent, true
	case "R":
		return t.repetition, true
	case "E":
		return t.escape, true
	case "P":
		return t.truncation, true
	case "H", "N": // highlighting on and off
		return "", true
	}
	switch {
	case strings.HasPrefix(code, "X"):
		if b, err := hex.DecodeString(code[1:]); err == nil {
			s, _ := t.cs.decode(b)
			return s, true
		}
	case strings.HasPrefix(code, ".br"), strings.HasPrefix(code, ".sp"), strings.HasPrefix(code, ".ce"):
		return "\n", len(code) <= 8
	case strings.HasPrefix(code, ".sk"), strings.HasPrefix(code, ".in"), strings.HasPrefix(code, ".ti"),
		strings.HasPrefix(code, ".fi"), strings.HasPrefix(code, ".nf"):
		return " ", len(code) <= 8
	}
	return "", false
}

// stamp reads a time (2.A.22): YYYY[MM[DD[HH[MM[SS[.S[S[S[S]]]]]]]]][+/-ZZZZ]. zone is the offset to assume, in minutes.
func stamp(s string, zone int64) (t event.Time, offset event.Opt[int64]) {
	digits, sign := s, int64(0)
	if i := strings.IndexAny(s, "+-"); i >= 0 {
		digits = s[:i]
		if o, ok := number(s[i+1:], 4); ok {
			sign = 1
			if s[i] == '-' {
				sign = -1
			}
			zone = sign * int64(o/100*60+o%100)
			offset = event.Some(zone)
		}
	}
	whole, frac, _ := strings.Cut(digits, ".")
	v := [6]int{0, 1, 1, 0, 0, 0}
	widths := [6]int{4, 2, 2, 2, 2, 2}
	for i := range v {
		if whole == "" && i > 0 {
			break
		}
		n, ok := number(whole, widths[i])
		if !ok {
			return 0, offset
		}
		v[i], whole = n, whole[widths[i]:]
	}
	if v[0] < 1800 || v[0] > 2200 || v[1] < 1 || v[1] > 12 || v[2] < 1 || v[2] > 31 || v[3] > 24 || v[4] > 59 || v[5] > 60 || whole != "" {
		return 0, offset
	}
	nanos := 0
	if n, err := strconv.Atoi((frac + "000000000")[:9]); err == nil && n >= 0 {
		nanos = n
	}
	at := time.Date(v[0], time.Month(v[1]), v[2], v[3], v[4], v[5], nanos, time.UTC)
	return event.Time(at.Add(-time.Duration(zone) * time.Minute).UnixNano()), offset
}

// number reads exactly n digits at the start of s.
func number(s string, n int) (int, bool) {
	if len(s) < n {
		return 0, false
	}
	v := 0
	for _, r := range s[:n] {
		if r < '0' || r > '9' {
			return 0, false
		}
		v = v*10 + int(r-'0')
	}
	return v, true
}

// integer reads a count; float a number. Both are absent where the text is none.
func integer(s string) event.Opt[int64] {
	if n, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64); err == nil {
		return event.Some(n)
	}
	return event.Opt[int64]{}
}

func float(s string) event.Opt[float64] {
	s = strings.TrimSpace(s)
	if strings.Trim(s, "+-.0123456789eE") != "" { // not "inf", "nan", hexadecimal
		return event.Opt[float64]{}
	}
	if v, err := strconv.ParseFloat(s, 64); err == nil {
		return event.Some(v)
	}
	return event.Opt[float64]{}
}

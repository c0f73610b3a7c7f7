package dataset

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"

	"wardtrace/dissect/cursor"
)

// Charset is a value of Specific Character Set (0008,0005). The zero value is the default repertoire, ISO_IR 6.
type Charset struct {
	whole  encoding.Encoding // of a set without code extensions that is more than a table of 256; nil if none
	utf8   bool
	g1     codeSet // at the start of a value and after each delimiter; G0 is ASCII there
	alt    codeSet // stands in for G1 where a writer left the escape to it out, as some do
	escape bool    // ISO 2022 escapes are looked for
}

// codeSet is what a half of the code table holds (PS3.5 6.1.2.5).
type codeSet struct {
	enc   encoding.Encoding
	width int  // bytes a character
	high  byte // or-ed to bytes for enc
	lead  byte // put in front of a character for enc; 0 = nothing
}

var (
	ascii    = codeSet{width: 1}
	katakana = codeSet{enc: japanese.EUCJP, width: 1, lead: 0x8E}
	jis0208  = codeSet{enc: japanese.EUCJP, width: 2, high: 0x80}
	jis0212  = codeSet{enc: japanese.EUCJP, width: 2, high: 0x80, lead: 0x8F}
	ksx1001  = codeSet{enc: korean.EUCKR, width: 2}
	gb2312   = codeSet{enc: simplifiedchinese.GBK, width: 2}
)

// registrations are the ISO-IR numbers of PS3.3 tables C.12-2 to C.12-4, and what they put into G1.
var registrations = map[string]codeSet{
	"6":   ascii,
	"100": {enc: charmap.ISO8859_1, width: 1},
	"101": {enc: charmap.ISO8859_2, width: 1},
	"109": {enc: charmap.ISO8859_3, width: 1},
	"110": {enc: charmap.ISO8859_4, width: 1},
	"144": {enc: charmap.ISO8859_5, width: 1},
	"127": {enc: charmap.ISO8859_6, width: 1},
	"126": {enc: charmap.ISO8859_7, width: 1},
	"138": {enc: charmap.ISO8859_8, width: 1},
	"148": {enc: charmap.ISO8859_9, width: 1},
	"203": {enc: charmap.ISO8859_15, width: 1},
	"166": {enc: charmap.Windows874, width: 1}, // TIS 620 is a part of it
	"13":  katakana,
	"149": ksx1001,
	"58":  gb2312,
	"87":  ascii, // of these G0 changes by escapes alone
	"159": ascii,
}

// escapes are the sequences of PS3.3 tables C.12-3 and C.12-4, without the ESC.
var escapes = []struct {
	seq string
	g1  bool
	set codeSet
}{
	{"(B", false, ascii}, {"(J", false, ascii}, {")I", true, katakana},
	{"$B", false, jis0208}, {"$@", false, jis0208}, {"$(D", false, jis0212},
	{"$)C", true, ksx1001}, {"$)A", true, gb2312},
	{"-A", true, registrations["100"]}, {"-B", true, registrations["101"]}, {"-C", true, registrations["109"]},
	{"-D", true, registrations["110"]}, {"-L", true, registrations["144"]}, {"-G", true, registrations["127"]},
	{"-F", true, registrations["126"]}, {"-H", true, registrations["138"]}, {"-M", true, registrations["148"]},
	{"-b", true, registrations["203"]}, {"-T", true, registrations["166"]},
}

// registry takes the name of the registry off a character set's defined term.
var registry = strings.NewReplacer("ISO_IR", "", "ISO 2022 IR", "", "ISO-IR", "", " ", "")

// ParseCharset reads a value of (0008,0005). ok is false if it names a set that the standard does not.
func ParseCharset(v string) (cs Charset, ok bool) {
	terms := strings.Split(v, `\`)
	ok = true
	for i, t := range terms {
		t = strings.ToUpper(strings.TrimSpace(strings.Trim(t, "\x00")))
		n := registry.Replace(t)
		set, known := registrations[n]
		switch {
		case t == "":
		case t == "ISO_IR 192" || n == "192" || t == "UTF-8" || t == "UTF8":
			cs.utf8 = true
		case t == "GB18030":
			cs.whole = simplifiedchinese.GB18030
		case t == "GBK":
			cs.whole = simplifiedchinese.GBK
		case !known:
			ok = false
		case i == 0:
			cs.g1 = set
		case cs.alt.enc == nil && set.width == 2:
			cs.alt = set
		}
		cs.escape = cs.escape || len(terms) > 1 || strings.Contains(t, "2022")
	}
	return cs, ok
}

// Decode gives a value as UTF-8 without the padding. guessed tells that bytes were not valid in the character set and
// were read as UTF-8 or Windows-1252 instead.
func (cs *Charset) Decode(v []byte) (s string, guessed bool) {
	v = trim(v)
	plain := true
	for _, b := range v {
		plain = plain && b < 0x80 && b != 0x1B
	}
	switch {
	case plain:
		return Clean(string(v)), false
	case cs.utf8 && utf8.Valid(v):
		return Clean(string(v)), false
	case cs.whole != nil:
		if s, ok := decode(cs.whole, v); ok {
			return Clean(s), false
		}
	case !cs.utf8:
		if s, ok := cs.iso2022(v); ok {
			return Clean(s), false
		}
	}
	if utf8.Valid(v) {
		return Clean(string(v)), true
	}
	s, _ = decode(charmap.Windows1252, v)
	return Clean(s), true
}

// iso2022 walks through the code elements of a value (PS3.5 6.1.2.5).
func (cs *Charset) iso2022(v []byte) (string, bool) {
	var w strings.Builder
	g0, g1, ok := ascii, cs.g1, true
	if g1.enc == nil {
		g1 = cs.alt
	}
	initial := g1
	c := cursor.New(v)
	for c.More() {
		b := c.Peek(0)
		if b == 0x1B && cs.escape {
			if set, in1, n := findEscape(&c); n > 0 {
				if c.Skip(n); in1 {
					g1 = set
				} else {
					g0 = set
				}
				continue
			}
		}
		set := g0
		if b >= 0x80 {
			set = g1
		}
		if b <= 0x20 || (set.enc == nil && b < 0x80) {
			w.WriteByte(c.U8())
			if delimiter(b) { // PS3.5 6.1.2.5.3: back to the initial sets
				g0, g1 = ascii, initial
			}
			continue
		}
		s, good := set.char(c.Bytes(min(max(set.width, 1), c.Len())))
		w.WriteString(s)
		ok = ok && good
	}
	return w.String(), ok
}

func delimiter(b byte) bool {
	switch b {
	case '\\', '^', '=', '\r', '\n', '\f', '\t':
		return true
	}
	return false
}

func findEscape(c *cursor.Cursor) (set codeSet, g1 bool, n int) {
	for _, e := range escapes {
		match := true
		for i := range len(e.seq) {
			match = match && c.Peek(i+1) == e.seq[i]
		}
		if match {
			return e.set, e.g1, 1 + len(e.seq)
		}
	}
	return codeSet{}, false, 0
}

// char decodes one character.
func (s *codeSet) char(p []byte) (string, bool) {
	if s.enc == nil || len(p) < s.width {
		return "\uFFFD", false
	}
	b := make([]byte, 0, 4)
	if s.lead != 0 {
		b = append(b, s.lead)
	}
	for _, x := range p {
		b = append(b, x|s.high)
	}
	return decode(s.enc, b)
}

func decode(e encoding.Encoding, v []byte) (string, bool) {
	out, err := e.NewDecoder().Bytes(v)
	s := string(out)
	return s, err == nil && !strings.ContainsRune(s, utf8.RuneError)
}

// trim takes the padding off: trailing spaces and NULs, and leading spaces (PS3.5 6.2: not significant).
func trim(v []byte) []byte {
	for len(v) > 0 && (v[len(v)-1] == ' ' || v[len(v)-1] == 0) {
		v = v[:len(v)-1]
	}
	for len(v) > 0 && v[0] == ' ' {
		v = v[1:]
	}
	return v
}

// Clean gives s as valid UTF-8 without control characters other than tab and line ends: they become U+FFFD, so that
// it is seen that something was there.
func Clean(s string) string {
	bad := false
	for i := range len(s) {
		bad = bad || s[i] < 0x20 || s[i] >= 0x7F
	}
	if !bad {
		return s
	}
	return strings.Map(func(r rune) rune {
		if (r < 0x20 && r != '\t' && r != '\n' && r != '\r') || (r >= 0x7F && r < 0xA0) {
			return utf8.RuneError
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// ASCII gives a value of the default repertoire (AE, CS, UI, DA, ...) without its padding. Bytes beyond ASCII, which
// may not be there, are shown as Latin-1.
func ASCII(v []byte) string {
	v = trim(v)
	for _, b := range v {
		if b >= 0x80 {
			s, _ := decode(charmap.ISO8859_1, v)
			return Clean(s)
		}
	}
	return Clean(string(v))
}

// knownUIDs are the UIDs that the standard names, each by itself.
var knownUIDs = func() map[string]string {
	m := make(map[string]string, len(uidNames))
	for uid := range uidNames {
		m[uid] = uid
	}
	return m
}()

// UID is ASCII for a UID. An association proposes hundreds, nearly all of the standard's: those take no memory.
func UID(v []byte) string {
	if s, ok := knownUIDs[string(trim(v))]; ok {
		return s
	}
	return ASCII(v)
}

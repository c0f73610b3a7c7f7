package hl7

import (
	"bytes"
	"encoding/hex"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// charset decodes the text of one message. The zero value guesses.
type charset struct {
	name     string            // as in the column decoded_as
	enc      encoding.Encoding // nil: utf-8 or windows-1252, as each line allows
	declared bool              // by MSH-18; a line that is not valid contradicts it
	ascii    bool              // declared as ASCII: any byte above 127 contradicts it
	iso2022  bool              // switched by escape sequences, so \C..\ and \M..\ mean something
}

// charsets maps the values of table 0211. Those that are missing are guessed.
var charsets = map[string]charset{
	"ASCII":          {name: "ascii", declared: true, ascii: true},
	"ISO IR6":        {name: "ascii", declared: true, ascii: true},
	"8859/1":         {name: "iso-8859-1", enc: charmap.ISO8859_1},
	"8859/2":         {name: "iso-8859-2", enc: charmap.ISO8859_2},
	"8859/3":         {name: "iso-8859-3", enc: charmap.ISO8859_3},
	"8859/4":         {name: "iso-8859-4", enc: charmap.ISO8859_4},
	"8859/5":         {name: "iso-8859-5", enc: charmap.ISO8859_5},
	"8859/6":         {name: "iso-8859-6", enc: charmap.ISO8859_6},
	"8859/7":         {name: "iso-8859-7", enc: charmap.ISO8859_7},
	"8859/8":         {name: "iso-8859-8", enc: charmap.ISO8859_8},
	"8859/9":         {name: "iso-8859-9", enc: charmap.ISO8859_9},
	"8859/15":        {name: "iso-8859-15", enc: charmap.ISO8859_15},
	"UNICODE":        {name: "utf-8", declared: true},
	"UNICODE UTF-8":  {name: "utf-8", declared: true},
	"UTF-8":          {name: "utf-8", declared: true},
	"ISO IR14":       {name: "iso-2022-jp", enc: japanese.ISO2022JP, iso2022: true},
	"ISO IR87":       {name: "iso-2022-jp", enc: japanese.ISO2022JP, iso2022: true},
	"ISO IR159":      {name: "iso-2022-jp", enc: japanese.ISO2022JP, iso2022: true},
	"GB 18030-2000":  {name: "gb18030", enc: simplifiedchinese.GB18030},
	"KS X 1001":      {name: "euc-kr", enc: korean.EUCKR},
	"BIG-5":          {name: "big5", enc: traditionalchinese.Big5},
	"CNS 11643-1992": {name: "ascii (CNS 11643 is not decoded)", enc: encoding.Replacement, declared: true},
	"UNICODE UTF-16": {name: "utf-16"}, // by then the framing has made UTF-8 of it
	"UNICODE UTF-32": {name: "utf-32"},
	"ISO-8859-1":     {name: "iso-8859-1", enc: charmap.ISO8859_1}, // not in the table, but common
	"8859-1":         {name: "iso-8859-1", enc: charmap.ISO8859_1},
	"WINDOWS-1252":   {name: "windows-1252", enc: charmap.Windows1252},
	"ISO IR100":      {name: "iso-8859-1", enc: charmap.ISO8859_1},
	"SHIFT_JIS":      {name: "shift-jis", enc: japanese.ShiftJIS},
}

// newCharset picks by MSH-18. The first repetition is the set in which a line begins; a Japanese one anywhere means that
// escape sequences switch to it (2.14.9.18).
func newCharset(msh18, rep string) *charset {
	var out *charset
	for rest, more := msh18, true; more; {
		var one string
		one, rest, more = rest, "", false
		if rep != "" {
			one, rest, more = strings.Cut(one, rep)
		}
		if cs, ok := charsets[strings.ToUpper(strings.TrimSpace(one))]; ok && (out == nil || cs.iso2022) {
			out = &cs
		}
	}
	if out == nil {
		out = &charset{}
	}
	return out
}

// decode makes UTF-8 of bytes. contradicted tells that they are not what was declared.
func (cs *charset) decode(b []byte) (s string, contradicted bool) {
	switch {
	case cs.enc == encoding.Replacement:
		return strings.Map(asciiOnly, string(b)), false
	case cs.enc != nil:
		if out, err := cs.enc.NewDecoder().Bytes(b); err == nil {
			return string(out), false
		}
		return strings.ToValidUTF8(string(b), "\uFFFD"), true
	case isASCII(b):
		return string(b), false
	case utf8.Valid(b):
		cs.guess("utf-8?")
		return string(b), cs.ascii
	}
	cs.guess("windows-1252?")
	out, err := charmap.Windows1252.NewDecoder().Bytes(b)
	if err != nil {
		return strings.ToValidUTF8(string(b), "\uFFFD"), cs.declared
	}
	return string(out), cs.declared
}

// guess notes the set that was found by looking; windows-1252 outlives utf-8, since it decoded what utf-8 could not.
func (cs *charset) guess(name string) {
	if cs.declared && !cs.ascii && name == "utf-8?" {
		return
	}
	if !strings.HasPrefix(cs.name, "windows") {
		cs.name = name
	}
}

func isASCII(b []byte) bool {
	for _, x := range b {
		if x >= 0x80 {
			return false
		}
	}
	return true
}

func asciiOnly(r rune) rune {
	if r < 0x80 {
		return r
	}
	return utf8.RuneError
}

// switches replaces \Cxxyy\ and \Mxxyyzz\ (2.7.2) by the escape sequences of ISO 2022 that they stand for. It must be done
// before decoding, since it changes what the following bytes mean. In other sets the sequences are dropped.
func (cs *charset) switches(b []byte, esc string) []byte {
	if esc == "" || !(bytes.Contains(b, []byte(esc+"C")) || bytes.Contains(b, []byte(esc+"M"))) {
		return b
	}
	out := make([]byte, 0, len(b))
	before, rest, ok := bytes.Cut(b, []byte(esc))
	out = append(out, before...)
	for ok {
		code, after, closed := bytes.Cut(rest, []byte(esc))
		if !closed {
			return append(append(out, esc...), rest...)
		}
		to, isSwitch := switchTo(code)
		if !isSwitch { // the second escape character may begin a sequence
			out = append(append(out, esc...), code...)
			rest = after
			continue
		}
		if cs.iso2022 {
			out = append(append(out, 0x1b), to...)
		}
		before, rest, ok = bytes.Cut(after, []byte(esc))
		out = append(out, before...)
	}
	return out
}

// switchTo gives the bytes after ESC that a switch code stands for: C and two bytes, M and two or three.
func switchTo(code []byte) ([]byte, bool) {
	digits, single := bytes.CutPrefix(code, []byte("C"))
	if !single {
		var multi bool
		if digits, multi = bytes.CutPrefix(code, []byte("M")); !multi {
			return nil, false
		}
	}
	if n := len(digits); n != 4 && (single || n != 6) {
		return nil, false
	}
	to, err := hex.DecodeString(string(digits))
	if err != nil {
		return nil, false
	}
	return bytes.TrimRight(to, "\x00"), true
}

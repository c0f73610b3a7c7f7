// Package escape makes captured text harmless to the reader's tools. Whatever crossed the wire may have been written to
// attack who looks at it: escape sequences at a terminal, formulas in a spreadsheet, markup in a page or a ticket.
package escape

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Terminal replaces everything that a terminal could obey: control characters, and the marks that turn the direction of
// text around. Line breaks and tabs become \n and \t.
func Terminal(s string) string {
	clean := true
	for _, r := range s {
		if !printable(r) {
			clean = false
			break
		}
	}
	if clean && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case printable(r):
			b.WriteRune(r)
		case r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

func printable(r rune) bool {
	return r != utf8.RuneError && unicode.IsPrint(r) && !unicode.Is(unicode.Bidi_Control, r)
}

// CSV keeps a cell from being taken for a formula: cells that begin with = + - @, their full-width forms, tab or return get a leading
// apostrophe (the habit OWASP recommends), unless they are a plain number.
func CSV(s string) string {
	first, _ := utf8.DecodeRuneInString(s)
	if s == "" || !strings.ContainsRune("=+-@＝＋－＠\t\r\n", first) || number(s) {
		return s
	}
	return "'" + s
}

func number(s string) bool {
	digits := false
	for i, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits = true
		case r == '.' || (i == 0 && (r == '-' || r == '+')):
		default:
			return false
		}
	}
	return digits
}

// Markdown keeps text from becoming markup, links or HTML in a Markdown document. An address such as http://x becomes a link in many
// dialects without any markup; the backslash before its colon prevents that.
func Markdown(s string) string {
	s = Terminal(s)
	var b strings.Builder
	for i, r := range s {
		if strings.ContainsRune("\\`*_{}[]()<>#+-.!|~&", r) || strings.HasPrefix(s[i:], "://") {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Lines is Terminal for a text of several lines, which stay lines.
func Lines(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = Terminal(lines[i])
	}
	return strings.Join(lines, "\n")
}

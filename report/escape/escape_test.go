package escape

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestTerminal(t *testing.T) {
	for have, want := range map[string]string{
		"plain Ünïcode 患者":           "plain Ünïcode 患者",
		"\x1b[2J":                    `\x1b[2J`,
		"\x1b]8;;http://a\x1b\\x":    `\x1b]8;;http://a\x1b\x`,
		"\u009b31m":                  `\x9b31m`,
		"a\nb\r\tc":                  `a\nb\r\tc`,
		"\u202egpj.exe":              `\u202egpj.exe`,
		"bad \xff byte":              `bad \ufffd byte`,
		"\x00":                       `\x00`,
		"zero\u200bwidth":            `zero\u200bwidth`,
		"line\u2028break\u2029paras": `line\u2028break\u2029paras`,
	} {
		if s := Terminal(have); s != want {
			t.Errorf("%q: %q, want %q", have, s, want)
		}
	}
}

func TestCSV(t *testing.T) {
	for have, want := range map[string]string{
		"=1+1": "'=1+1", "+1+cmd|' /C calc'!A0": "'+1+cmd|' /C calc'!A0", "@SUM(1)": "'@SUM(1)", "-x": "'-x", "\t=1": "'\t=1", "-5": "-5", "+4.2": "+4.2", "-": "'-", "a=b": "a=b", "": "", "＝1+1": "'＝1+1", "é=1": "é=1",
	} {
		if s := CSV(have); s != want {
			t.Errorf("%q: %q, want %q", have, s, want)
		}
	}
}

func TestMarkdown(t *testing.T) {
	for have, want := range map[string]string{
		"[x](javascript:alert(1))": `\[x\]\(javascript:alert\(1\)\)`, "<b>": `\<b\>`, "a|b": `a\|b`, "# h": `\# h`, "&lt;": `\&lt;`, "`c`": "\\`c\\`", `\`: `\\`, "a\nb": `a\\nb`, "http://x 02:11": `http\://x 02:11`,
	} {
		if s := Markdown(have); s != want {
			t.Errorf("%q: %q, want %q", have, s, want)
		}
	}
}

// FuzzEscape holds for any text: what comes out has nothing that is obeyed, escaping again changes nothing at a terminal, and
// lines stay as many as they were.
func FuzzEscape(f *testing.F) {
	for _, s := range []string{"\x1b[2J", "=1+1", "\u202e", "a\nb", "\xff\xfe", "<b>|`"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		out := Terminal(s)
		for _, r := range out {
			if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
				t.Fatalf("%q has %U", out, r)
			}
		}
		if !utf8.ValidString(out) || Terminal(out) != out {
			t.Fatalf("%q, then %q", out, Terminal(out))
		}
		if c := CSV(s); c != "" && strings.ContainsRune("=@\t\r\n", rune(c[0])) {
			t.Fatalf("%q is a formula", c)
		}
		if strings.Count(Lines(s), "\n") != strings.Count(s, "\n") {
			t.Fatalf("%q became %q", s, Lines(s))
		}
	})
}

package capture

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Names in archives are what a stranger wrote: they name a row and never a file. They are made harmless where they come
// in. The place of a member is its name, behind those of the archives around it, joined by //:
//
//	night.tar.xz//ward-3.pcap
//
// Within a name a backslash is written \\, what is no printable character \u{1b}, a byte that is no UTF-8 \xff, a slash at
// an end or behind another \x2f, so that // stands nowhere else. No name at all is \-. A name longer than maxMemberName is cut and ends in
// \#, then some of its SHA-256. The second of several equal names in an archive has \#2 behind it.

const memberJoin = "//"

// memberName makes a name harmless.
func memberName(raw string) string {
	if raw == "" {
		return `\-` // no member's place is that of its archive
	}
	var b strings.Builder
	slash := true // the last byte was one, or it is the start
	for i := 0; i < len(raw) && b.Len() <= maxMemberName; {
		r, n := utf8.DecodeRuneInString(raw[i:])
		switch {
		case r == utf8.RuneError && n <= 1:
			fmt.Fprintf(&b, `\x%02x`, raw[i])
		case r == '/' && (slash || i+1 == len(raw)):
			b.WriteString(`\x2f`)
		case r == '\\':
			b.WriteString(`\\`)
		case r == '/' || r == ' ' || unicode.IsGraphic(r) && !unicode.IsSpace(r):
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, `\u{%x}`, r)
		}
		slash = r == '/'
		i += n
	}
	if b.Len() <= maxMemberName {
		return b.String()
	}
	sum := sha256.Sum256([]byte(raw))
	return strings.ToValidUTF8(b.String()[:maxMemberName-20], "") + `\#` + hex.EncodeToString(sum[:8])
}

// names gives the members of an archive names of their own.
type names map[string]int

func (n names) unique(raw string) string {
	name := memberName(raw)
	n[name]++
	if k := n[name]; k > 1 {
		return fmt.Sprintf(`%s\#%d`, name, k)
	}
	return name
}

// inside gives the place of a member of an archive that itself lies at a place.
func inside(archive, name string) string {
	if archive == "" {
		return name
	}
	return archive + memberJoin + name
}

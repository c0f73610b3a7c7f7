package store

import (
	"strings"
	"testing"
	"unicode/utf8"

	"wardtrace/dissect/event"
)

// FuzzVault: a pseudonym tells nothing, does not depend on what came before, and opens to what it stands for; a seal that was changed
// does not open.
func FuzzVault(f *testing.F) {
	for i, s := range []string{"DOE^JANE^M", "MRN 4711", "1970-01-31", "1 Main St", "a note", "*", "", "=\xff\x00^^", "ドウ^ジェーン=x"} {
		f.Add(uint8(i), s, uint16(i))
	}
	f.Fuzz(func(t *testing.T, k uint8, value string, at uint16) {
		kind := event.PHI(k%5) + event.PHIID
		v := vault(t, 1, false)
		p := v.Protect(kind, value)
		v.Protect(kind, value+"x")
		if again := v.Protect(kind, value); again != p || vault(t, 1, false).Protect(kind, value) != p {
			t.Fatalf("%q gives %q, then %q", value, p, again)
		}
		named := strings.Trim(value, "*?") != ""
		if !utf8.ValidString(p) && named || len(value) > 8 && named && strings.Contains(p, value) {
			t.Fatalf("%q gives %q", value, p)
		}
		for key := range v.known {
			sealed := v.sealed(key)
			if got, err := v.Open(key.pseudonym, sealed); err != nil || got != key.value {
				t.Fatalf("%q opens to %q, %v", key.value, got, err)
			}
			bad := []byte(sealed)
			i := int(at) % len(bad)
			if bad[i] = 'A'; sealed[i] == 'A' {
				bad[i] = 'Q'
			}
			if got, err := v.Open(key.pseudonym, string(bad)); err == nil && string(bad[:len(bad)-2]) != sealed[:len(sealed)-2] { // the last bits of base64 may say nothing
				t.Fatalf("a changed seal opens to %q", got)
			}
		}
	})
}

package store

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"wardtrace/dissect/event"
)

// TestOnePatient holds that the spellings of a patient in different protocols give one pseudonym, and other patients other ones.
func TestOnePatient(t *testing.T) {
	v := vault(t, 1, false)
	for _, tt := range []struct {
		kind event.PHI
		one  []string // DICOM, HL7, FHIR, people
		not  []string
	}{
		{event.PHIID, []string{"mrn4711", " MRN4711 ", "MRN 4711", "MRN4711\t"}, []string{"MRN4712", "MRN471", "MRN047 11", "DOE^JANE"}},
		{event.PHIName, []string{"DOE^JANE", "Doe^Jane^^", "DOE^JANE^M^^MS", "Doe, Jane", "doe jane", "DOE^JANE=ドウ^ジェーン", "DOE ^ JANE", "Doe^Jane^M^III"},
			[]string{"JANE^DOE", "DOE^JANET", "DOE", "ROE^JANE", "DOEJANE", "^JANE"}},
		{event.PHIName, []string{"MÜLLER^JÖRG", "Müller^Jörg", "müller jörg"}, []string{"MULLER^JORG"}},
		{event.PHIBirth, []string{"19700131", "1970-01-31", "197001311530", "19700131153000.0000+0100", "1970-01-31T15:30:00Z"},
			[]string{"19700130", "1970", "19700131-19701231", "unknown"}},
		{event.PHIContact, []string{"1 Main St  Springfield", "1 main st springfield"}, []string{"2 MAIN ST SPRINGFIELD"}},
	} {
		want := v.Protect(tt.kind, tt.one[0])
		for _, s := range tt.one {
			if got := v.Protect(tt.kind, s); got != want {
				t.Errorf("%q gives %s, %q gives %s: they are the same patient's", s, got, tt.one[0], want)
			}
		}
		for _, s := range tt.not {
			if got := v.Protect(tt.kind, s); got == want || got == "" {
				t.Errorf("%q gives %q, as %q does: they are two patients'", s, got, tt.one[0])
			}
		}
	}
	if id, name := v.Protect(event.PHIID, "X"), v.Protect(event.PHIName, "X"); id[len("id:"):] == name[len("name:"):] {
		t.Errorf("%s and %s: an identifier and a name of the same text must not agree", id, name)
	}
}

// TestProtect holds what stands in a case in place of a value.
func TestProtect(t *testing.T) {
	v, other := vault(t, 1, false), vault(t, 2, false)
	for _, tt := range []struct {
		kind   event.PHI
		value  string
		prefix string
		length int
	}{
		{event.PHIID, "4711", "id:", 3 + 16},
		{event.PHIName, "DOE*", "name:", 5 + 16},
		{event.PHIBirth, "19700131", "birth:", 6 + 16},
		{event.PHIContact, "555-0100", "contact:", 8 + 16},
		{event.PHIFree, "köpfchen", "free:8:", 7 + 16},
		{event.PHIFree, "\xff\xfe\n", "free:3:", 7 + 16},
		{event.PHIID, "'); DROP TABLE person; --", "id:", 3 + 16},
	} {
		got := v.Protect(tt.kind, tt.value)
		if !strings.HasPrefix(got, tt.prefix) || len(got) != tt.length || strings.Trim(got[len(tt.prefix):], "0123456789abcdef") != "" {
			t.Errorf("%q gives %q, want %s and 16 hex digits", tt.value, got, tt.prefix)
		}
		if again := v.Protect(tt.kind, tt.value); again != got {
			t.Errorf("%q gives %q, then %q", tt.value, got, again)
		}
		if foreign := other.Protect(tt.kind, tt.value); foreign == got {
			t.Errorf("%q gives %q under two keys", tt.value, got)
		}
	}
	for _, s := range []string{"*", "**", "?", "*?"} {
		if got := v.Protect(event.PHIName, s); got != s {
			t.Errorf("%q gives %q: a query for everyone names no one", s, got)
		}
	}
	for kind, s := range map[event.PHI]string{event.PHIName: "^^^^", event.PHIID: "  \t", event.PHIContact: " "} {
		if got := v.Protect(kind, s); got != "" {
			t.Errorf("%q gives %q: it names no one", s, got)
		}
	}
	if len(v.Fingerprint()) != 16 || v.Fingerprint() == other.Fingerprint() || v.Fingerprint() != vault(t, 1, true).Fingerprint() {
		t.Errorf("fingerprints %s and %s", v.Fingerprint(), other.Fingerprint())
	}
	for _, n := range []int{0, KeyLen - 1, KeyLen + 1} {
		if _, err := NewVault(make([]byte, n), false); err == nil {
			t.Errorf("a key of %d bytes was taken", n)
		}
	}
}

// TestVault holds that who has the key can name a patient, spelling by spelling, and nobody else can.
func TestVault(t *testing.T) {
	v := vault(t, 1, false)
	s, _ := create(t, v)
	load(t, s, func(b *event.Batch) {
		patient.Add(b, person{ID: "4711", Name: "DOE^JANE", Birth: "19700131", Contact: "1 Main St", Note: "says her name is Jane"})
		patient.Add(b, person{ID: "47 11", Name: "Doe^Jane", Birth: "*"})
		patient.Add(b, person{ID: "4711", Name: "^"})
	})
	opened := map[string]bool{}
	rows := table(t, s.DB, "SELECT pseudonym, kind, sealed FROM phi_vault")
	for i, r := range rows {
		plain, err := v.Open(r[0], r[2])
		if err != nil {
			t.Fatal(err)
		}
		opened[r[1]+" "+plain] = true
		if v.Protect(map[string]event.PHI{"id": event.PHIID, "name": event.PHIName, "birth": event.PHIBirth, "contact": event.PHIContact}[r[1]], plain) != r[0] {
			t.Errorf("%s opens to %q, which has another pseudonym", r[0], plain)
		}
		if _, err := vault(t, 2, false).Open(r[0], r[2]); err == nil || strings.Contains(err.Error(), plain) {
			t.Errorf("%s opened with another key, or named in the error: %v", r[0], err)
		}
		if swapped := rows[(i+1)%len(rows)]; swapped[0] != r[0] {
			if _, err := v.Open(swapped[0], r[2]); err == nil {
				t.Errorf("the seal of %s opened for %s", r[0], swapped[0])
			}
		}
		for _, damaged := range []string{"", "!", r[2][:8], "AAAA" + r[2][4:]} {
			if got, err := v.Open(r[0], damaged); err == nil {
				t.Errorf("a damaged seal %q gave %q", damaged, got)
			}
		}
	}
	for _, want := range []string{"id 4711", "id 47 11", "name DOE^JANE", "name Doe^Jane", "birth 19700131", "contact 1 Main St"} {
		if !opened[want] {
			t.Errorf("%q is not in the vault: %v", want, opened)
		}
	}
	if len(opened) != 6 {
		t.Errorf("%d values in the vault, want 6: %v", len(opened), opened)
	}
	if got := cells(t, s.DB, "SELECT count(DISTINCT id), count(DISTINCT name), count(name), max(birth), count(note) FROM person WHERE birth = '*' OR birth IS NULL OR birth LIKE 'birth:%'"); fmt.Sprint(got) != "[1 1 2 birth:"+strings.TrimPrefix(v.Protect(event.PHIBirth, "19700131"), "birth:")+" 1]" {
		t.Errorf("%v", got)
	}
}

// TestClear holds that patient data stays as it is where that was asked for, and that nothing is sealed then.
func TestClear(t *testing.T) {
	s, _ := create(t, vault(t, 1, true))
	load(t, s, func(b *event.Batch) {
		patient.Add(b, person{ID: "47 11", Name: "Doe^Jane\x00\xff", Note: "a text"})
	})
	got := cells(t, s.DB, "SELECT id, name, birth, note, (SELECT count(*) FROM phi_vault) FROM person")
	if fmt.Sprint(got) != "[47 11 Doe^Jane\u2400\ufffd <nil> a text 0]" {
		t.Errorf("%q", got)
	}
}

// TestVaultCap holds that a flood of invented patients neither fills the memory nor makes the case depend on who came first, and that
// the cap leaves a row.
func TestVaultCap(t *testing.T) {
	kept := func(order func(i int) int) (string, *Vault) {
		v := vault(t, 1, false)
		v.max = 100
		for i := range 5000 {
			v.Protect(event.PHIID, fmt.Sprint("invented ", order(i)))
		}
		v.Protect(event.PHIID, strings.Repeat("x", maxVaultText+1))
		var b event.Batch
		v.rows(&b)
		return fmt.Sprint(vaultRows.Get(&b), event.Anomalies.Get(&b)), v
	}
	up, v := kept(func(i int) int { return i })
	down, _ := kept(func(i int) int { return 4999 - i })
	mixed, _ := kept(func(i int) int { return i * 2999 % 5000 })
	if up != down || up != mixed {
		t.Error("what is kept depends on the order in which it came")
	}
	if n := len(v.known); n == 0 || n > 100 {
		t.Errorf("%d spellings kept, want some and at most 100", n)
	}
	if !strings.Contains(up, "vault_limit") || !strings.Contains(up, "vault_long") {
		t.Error("the caps left no row")
	}
	if v.Protect(event.PHIID, "invented 17") != vault(t, 1, false).Protect(event.PHIID, "invented 17") {
		t.Error("a full vault changed a pseudonym")
	}
}

func table(t *testing.T, db *sql.DB, query string) [][]string {
	t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	cols, _ := rows.Columns()
	var out [][]string
	for rows.Next() {
		r, ptrs := make([]string, len(cols)), make([]any, len(cols))
		for i := range r {
			ptrs[i] = &r[i]
		}
		if err := rows.Scan(ptrs...); err != nil {
			t.Fatal(err)
		}
		out = append(out, r)
	}
	return out
}

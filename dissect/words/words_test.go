package words

import (
	"strings"
	"testing"
)

func TestWords(t *testing.T) {
	for _, name := range []string{"patient_id", "patientId", "Patient-ID", "PATIENT ID", "mrn", "patient:id", "p.i.d"} {
		if w := Of(name); !w.Patient() || w.Name() || w.Device() {
			t.Errorf("%q names a patient", name)
		}
		if w := Of([]byte(name)); !w.Patient() {
			t.Errorf("%q as bytes names a patient", name)
		}
	}
	for _, name := range []string{"", "patience", "patientidx", "pät", strings.Repeat("x", 33), strings.Repeat("patientid", 9), "\x00"} {
		if w := Of(name); w.Patient() || w.Name() || w.Device() {
			t.Errorf("%q names nobody", name)
		}
	}
	if w := Of("Patient_Name"); !w.Name() || w.Patient() {
		t.Error("Patient_Name is a name")
	}
	if w := Of("sensor-id"); !w.Device() {
		t.Error("sensor-id is a device")
	}
	for _, m := range []map[string]bool{patients, names, devices} {
		for word := range m {
			if len(word) > maxWord || word != strings.ToLower(word) || strings.ContainsAny(word, "_-. :/") {
				t.Errorf("%q can never be found", word)
			}
		}
	}
}

func TestGiven(t *testing.T) {
	for name, want := range map[string]bool{"heart_rate": true, "@type": true, "a.b:c/d-e$1": true, "my wife": false, "": false,
		"m\u00fcller": false, strings.Repeat("x", 40): true, strings.Repeat("x", 41): false, "a^b": false, "[": false, "`": false, "{": false} {
		if Given(name) != want || Given([]byte(name)) != want {
			t.Errorf("%q: %v", name, !want)
		}
	}
}

func TestNoMemory(t *testing.T) {
	name := []byte("Patient_Identifier")
	if n := testing.AllocsPerRun(100, func() {
		if w := Of(name); !w.Patient() {
			t.Error("not known")
		}
	}); n != 0 {
		t.Errorf("%v pieces of memory", n)
	}
}

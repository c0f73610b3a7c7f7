package analyze

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

// FuzzManifest: a manifest may be anybody's. What it says is refused or taken, and options that were taken are written again as they
// were read.
func FuzzManifest(f *testing.F) {
	o := Options{PHI: "pseudonym", Memory: 256 << 20, Filter: "tcp port 104", Count: 3, From: 1, To: 2}
	seed, err := json.Marshal(Manifest{Options: o.asMap()})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Add([]byte(`{"options":{"memory":"99999999999999999999G","local":"10.0.0.0/99,","count":"-1","from":"0000-01-01"}}`))
	f.Add([]byte(`{"inputs":[{"path":"../../etc/passwd","member":"//","sha256":"00"}],"options":null}`))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, in []byte) {
		if err := os.WriteFile(filepath.Join(dir, manifestName), in, 0o600); err != nil {
			t.Fatal(err)
		}
		m, err := parseManifest(dir)
		if err != nil {
			return
		}
		m.paths()
		m.inputs()
		one, err := m.runOptions()
		if err != nil {
			return
		}
		two, err := (&Manifest{Options: one.asMap()}).runOptions()
		if err != nil || !reflect.DeepEqual(one, two) {
			t.Fatalf("%+v comes back as %+v, %v", one, two, err)
		}
	})
}

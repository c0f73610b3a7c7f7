package credential

import "testing"

func TestKnown(t *testing.T) {
	for _, x := range []struct {
		user, password, want string
	}{
		{"admin", "admin", "generic"},
		{" Admin ", "admin", "generic"},
		{"root", "", "generic"},
		{"admin", "Admin", ""},
		{"service", "Ward7-mend", ""},
		{"anonymous", "ftp@example.com", ""},
		{"admi", "nadmin", ""}, // the parts of a pair do not run together
	} {
		if got, ok := Known(x.user, x.password); got != x.want || ok != (x.want != "") {
			t.Errorf("%q: got %q", x.user, got)
		}
	}
}

// Every advisory has entries, and every entry is a hash of the right length.
func TestList(t *testing.T) {
	sources := map[string]int{}
	for h, s := range known {
		if len(h) != 2*hashLen {
			t.Errorf("entry %q is no hash", h)
		}
		sources[s.String()]++
	}
	if len(sources) != 4 {
		t.Errorf("sources %v", sources)
	}
}

package rules

import "testing"

func TestSingular(t *testing.T) {
	for in, want := range map[string]string{
		"stored 1 objects (CT) again":                 "stored 1 object (CT) again",
		"1 data sets with the identity of 1 patients": "1 data set with the identity of 1 patient",
		"tried 11 ports of 1 addresses":               "tried 11 ports of 1 address",
		"asked 1 times for 1 studies":                 "asked once for 1 study",
		"sent 21 objects, 0.1 objects":                "sent 21 objects, 0.1 objects",
		"sent 1 ORU messages":                         "sent 1 ORU message",
	} {
		if got := singular(in); got != want {
			t.Errorf("%q gives %q, want %q", in, got, want)
		}
	}
}

package http

import "testing"

// TestPathNamesNobody holds which parts of a path are not told.
func TestPathNamesNobody(t *testing.T) {
	for path, want := range map[string]string{
		"/fhir/Patient/LAB-4711": "/fhir/Patient/*", "/api/visits/V4711/notes": "/api/visits/*/notes", "/x/patient-4711/chart": "/x/patient-*/chart",
		"/view/LABPATIENT^JOIN": "/view/*", "/view/LABPATIENT%5eJOIN": "/view/*", "/view/LABPATIENT%5EJOIN.pdf": "/view/*", "/app;id=LAB-4711/x": "/app;*/x",
		"/fhir/Encounter/_search": "/fhir/Encounter/_search", "/patients/search": "/patients/search", "/patient-list": "/patient-list", "/a/b-1": "/a/b-1", "": "",
	} {
		if got := safePath(path); got != want {
			t.Errorf("%q gives %q, want %q", path, got, want)
		}
	}
}

package fhir_test

import (
	"testing"

	"wardtrace/dissect"
	"wardtrace/dissect/dissecttest"
	"wardtrace/dissect/fhir"
	"wardtrace/dissect/http"
)

var samples = []string{"../../samples/fhir-work", "../../samples/fhir-smart", "../../samples/fhir-harvest", "../../samples/fhir-guessing"}

var carrier = http.With(fhir.Protocol)

func overTCP(c *dissect.Conn) bool { return c.Transport == dissect.TCP }

func TestGolden(t *testing.T) {
	for _, s := range samples {
		dissecttest.Golden(t, s, carrier)
	}
}

func TestSuite(t *testing.T) {
	for _, s := range samples[:2] {
		dissecttest.Suite(t, carrier, dissecttest.Load(t, overTCP, s+"/capture.pcap"))
	}
}

func FuzzFHIR(f *testing.F) {
	var convs []dissecttest.Conversation
	for _, s := range samples {
		convs = append(convs, dissecttest.Load(f, overTCP, s+"/capture.pcap")...)
	}
	dissecttest.Fuzz(f, carrier, convs)
}

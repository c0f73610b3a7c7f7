package fhir

import (
	"testing"

	"wardtrace/dissect"
	"wardtrace/dissect/dissecttest"
	"wardtrace/dissect/http"
)

var samples = []string{"../../samples/fhir-work", "../../samples/fhir-smart", "../../samples/fhir-harvest", "../../samples/fhir-guessing"}

var carrier = http.With(Protocol)

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

// FuzzFHIR starts from small exchanges: of a large one every change costs seconds.
func FuzzFHIR(f *testing.F) {
	convs := dissecttest.Load(f, overTCP, "../../samples/fhir-smart/capture.pcap")
	for _, x := range exchangesByHand {
		convs = append(convs, talk(x...))
	}
	dissecttest.Fuzz(f, carrier, convs)
}

package dicomweb_test

import (
	"testing"

	"wardtrace/dissect"
	"wardtrace/dissect/clinical"
	"wardtrace/dissect/dicomweb"
	"wardtrace/dissect/dissecttest"
	"wardtrace/dissect/http"
)

const samples = "../../samples/"

// carrier is HTTP with nothing but DICOMweb inside, as on the wire.
var carrier = http.With(dicomweb.Protocol)

func load(t testing.TB, names ...string) []dissecttest.Conversation {
	var paths []string
	for _, n := range names {
		paths = append(paths, samples+n+"/capture.pcap")
	}
	return dissecttest.Load(t, func(c *dissect.Conn) bool { return c.Transport == dissect.TCP }, paths...)
}

// small gives the conversations that the suite can go through in seconds. What stands in the others is tested body by body.
func small(t testing.TB, limit int) []dissecttest.Conversation {
	var out []dissecttest.Conversation
	for _, c := range load(t, "dicomweb-services") {
		n := 0
		for _, s := range c.Segments {
			n += len(s.Data)
		}
		if n < limit {
			out = append(out, c)
		}
	}
	return out
}

func TestSamples(t *testing.T) { dissecttest.Suite(t, carrier, small(t, 3000)) }

func TestGolden(t *testing.T) {
	for _, name := range []string{"dicomweb-services", "dicomweb-bulk"} {
		dissecttest.Golden(t, samples+name, carrier)
	}
}

// TestTransfers holds that what the archive took and gave is what the clients sent and fetched.
func TestTransfers(t *testing.T) {
	var pushed, pulled, failed int64
	for _, c := range load(t, "dicomweb-bulk") {
		for _, r := range clinical.ImageTransfers.Get(dissecttest.Run(carrier, &c)) {
			if r.V.Mode == "push" {
				pushed += r.V.Objects
			} else {
				pulled += r.V.Objects
			}
			failed += r.V.Failed
		}
	}
	if pushed != 51 || pulled != 54 || failed != 0 {
		t.Errorf("%d pushed, %d pulled, %d failed; want 51, 54, 0", pushed, pulled, failed)
	}
}

func FuzzHTTP(f *testing.F) {
	dissecttest.Fuzz(f, carrier, load(f, "dicomweb-services"))
}

// TestOthers holds that plain web traffic and FHIR are left alone.
func TestOthers(t *testing.T) {
	for _, c := range load(t, "http-pipelined", "http-scanner", "http-basic-auth", "fhir-*") {
		b := dissecttest.Run(carrier, &c)
		for _, rows := range b.Tables() {
			if rows.Table.Name == "dicomweb" || rows.Table.Name == "dicomweb_dataset" {
				t.Errorf("%v: %d rows of %s", c.Conn.Client, rows.Len(), rows.Table.Name)
			}
		}
	}
}

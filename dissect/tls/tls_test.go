package tls

import (
	"testing"

	"wardtrace/dissect"
	"wardtrace/dissect/dissecttest"
	"wardtrace/dissect/event"
)

const sample = "../../samples/tls-versions"

func overTCP(c *dissect.Conn) bool { return c.Transport == dissect.TCP }

func TestGolden(t *testing.T) { dissecttest.Golden(t, sample, Protocol) }

func TestSuite(t *testing.T) {
	dissecttest.Suite(t, Protocol, dissecttest.Load(t, overTCP, sample+"/capture.pcap"))
}

func FuzzTLS(f *testing.F) {
	dissecttest.Fuzz(f, Protocol, dissecttest.Load(f, overTCP, sample+"/capture.pcap"))
}

// one runs a hand-made conversation and gives its row.
func one(t *testing.T, messages ...[]byte) (Connection, *event.Batch) {
	t.Helper()
	c := dissecttest.Bytes(dissect.TCP, "10.20.0.66:50000", "10.20.0.10:443", messages...)
	b := dissecttest.Run(Protocol, &c)
	rows := connections.Get(b)
	if len(rows) != 1 {
		t.Fatalf("%d rows, want 1\n%s", len(rows), dissecttest.Dump(b))
	}
	return rows[0].V, b
}

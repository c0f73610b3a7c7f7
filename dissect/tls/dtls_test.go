package tls

import (
	"testing"

	"wardtrace/dissect"
	"wardtrace/dissect/dissecttest"
)

const dtlsSample = "../../samples/tls-datagrams"

func overUDP(c *dissect.Conn) bool { return c.Transport == dissect.UDP }

func TestDTLSGolden(t *testing.T) { dissecttest.Golden(t, dtlsSample, DTLS) }

func TestDTLSSuite(t *testing.T) {
	dissecttest.Suite(t, DTLS, dissecttest.Load(t, overUDP, dtlsSample+"/capture.pcap"))
}

func FuzzDTLS(f *testing.F) {
	dissecttest.Fuzz(f, DTLS, dissecttest.Load(f, overUDP, dtlsSample+"/capture.pcap"))
}

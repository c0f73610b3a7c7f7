package coap

import (
	"strings"
	"testing"

	"wardtrace/dissect"
	"wardtrace/dissect/clinical"
	"wardtrace/dissect/dissecttest"
	"wardtrace/dissect/hl7"
	"wardtrace/dissect/sensor"
)

var protocol = With(hl7.Protocol, sensor.Protocol)

var samples = []string{"../../samples/coap-*/capture.pcap"}

func onPort(c *dissect.Conn) bool { return c.Server.Port() == port }

func TestSuite(t *testing.T)  { dissecttest.Suite(t, protocol, dissecttest.Load(t, onPort, samples...)) }
func TestGolden(t *testing.T) { dissecttest.Golden(t, "../../samples/coap-vitals", protocol) }
func FuzzCoAP(f *testing.F)   { dissecttest.Fuzz(f, protocol, dissecttest.Load(f, onPort, samples...)) }

// TestInside holds that what is inside is read: the JSON of notifications, SenML, and an HL7 message out of two blocks.
func TestInside(t *testing.T) {
	all := dissecttest.Load(t, onPort, samples...)
	b := dissecttest.Run(protocol, &all[0])
	byProtocol := map[string]int{}
	for _, o := range clinical.Observations.Get(b) {
		byProtocol[o.V.Protocol]++
	}
	if byProtocol["hl7"] != 24 || byProtocol["sensor"] != 27 {
		t.Errorf("observations %v", byProtocol)
	}
	for _, r := range rows.Get(b) {
		if strings.Contains(r.V.Path, "4711") {
			t.Errorf("a patient stands in the path %q", r.V.Path)
		}
	}
}

// TestProbe holds what is CoAP on another port, and what is not: hand-made from RFC 7252.
func TestProbe(t *testing.T) {
	get := "\x42\x01\x7d\x12\xaf\x97\xb3foo\x03bar"
	for _, c := range []struct {
		port string
		data string
		want dissect.Match
	}{
		{"5683", get, dissect.Yes},
		{"9999", get, dissect.Yes},
		{"9999", "\x62\x45\x7d\x12\xaf\x97\xff{}", dissect.No}, // a response says too little
		{"5683", "\x62\x45\x7d\x12\xaf\x97\xff{}", dissect.Yes},
		{"5683", "\x62\x45\x7d\x12\xaf\x97\xff", dissect.No},          // a marker without payload (3)
		{"5683", "\x49\x01\x7d\x12123456789", dissect.No},             // a token of nine bytes (3)
		{"5683", "\x40\x00\x00\x01\x00", dissect.No},                  // empty, and yet something (4.1)
		{"5683", "\x40\x00\x00\x01", dissect.Yes},                     // a ping
		{"9999", "\x40\x00\x00\x01", dissect.No},                      //
		{"5683", "\x40\x1f\x00\x01", dissect.No},                      // no such method
		{"9999", "\x42\x01\x7d\x12\xaf\x97\xb3\xff\xfeo", dissect.No}, // a path that nobody could type
		{"5683", "\x40\x01\x00\x01\xf1a", dissect.No},                 // the reserved nibble
		{"9999", "\x40\x01\x00\x01\xd1\xf0a", dissect.No},             // an option that nobody registered
	} {
		conv := dissecttest.Bytes(dissect.UDP, "10.0.0.1:40000", "10.0.0.2:"+c.port)
		if got := probe(&conv.Conn, dissect.FromClient, []byte(c.data)); got != c.want {
			t.Errorf("port %s, %q: %v, want %v", c.port, c.data, got, c.want)
		}
	}
}

// TestBlocksAreBounded holds that blocks without end, and transfers without end, are not kept.
func TestBlocksAreBounded(t *testing.T) {
	v := protocol.New(&dissect.Conn{Transport: dissect.UDP}).(*conversation)
	for n := range int64(2000) {
		m := packet{more: true, payload: make([]byte, 1024)}
		m.block.V, m.block.OK = n, true
		v.join(&m, "one")
	}
	for n := range 1000 {
		m := packet{more: true, payload: []byte("x")}
		m.block.OK = true
		v.join(&m, strings.Repeat("k", n))
	}
	held := 0
	for _, b := range v.blocks {
		held += len(b.data)
	}
	if len(v.blocks) > maxPending || held > maxBlocks {
		t.Errorf("%d transfers, %d bytes", len(v.blocks), held)
	}
}

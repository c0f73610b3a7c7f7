package icmp

import (
	"testing"

	"wardtrace/dissect"
	"wardtrace/dissect/dissecttest"
	"wardtrace/dissect/event"
)

const samples = "../../samples/icmp-mixed/capture.pcap"

func only(c *dissect.Conn) bool {
	return c.Transport == dissect.ICMP || c.Transport == dissect.ICMPv6
}

func v6(c *dissect.Conn) bool { return c.Transport == dissect.ICMPv6 }
func v4(c *dissect.Conn) bool { return c.Transport == dissect.ICMP }

func TestSuite(t *testing.T) {
	dissecttest.Suite(t, Protocol, dissecttest.Load(t, only, samples))
}

func TestGolden(t *testing.T) {
	for _, name := range []string{"icmp-mixed", "icmp-flood"} {
		t.Run(name, func(t *testing.T) { dissecttest.Golden(t, "../../samples/"+name, Protocol) })
	}
}

func FuzzICMP4(f *testing.F) { dissecttest.Fuzz(f, Protocol, dissecttest.Load(f, v4, samples)) }
func FuzzICMP6(f *testing.F) { dissecttest.Fuzz(f, Protocol, dissecttest.Load(f, v6, samples)) }

// TestFlood: few rows, exact numbers.
func TestFlood(t *testing.T) {
	var rows, requests, packets int64
	for _, c := range dissecttest.Load(t, only, "../../samples/icmp-flood/capture.pcap") {
		packets += int64(len(c.Segments))
		for _, r := range messages.Get(dissecttest.Run(Protocol, &c)) {
			rows++
			packets -= r.V.Count
			if r.V.Type == int64(echo4) {
				requests += r.V.Count
			}
		}
	}
	if requests != 1203 || packets != 0 || rows > 100 {
		t.Errorf("%d requests in %d rows, %d packets not counted", requests, rows, packets)
	}
}

func run(transport dissect.Transport, msgs ...[]byte) *event.Batch {
	c := dissecttest.Bytes(transport, "10.20.0.54:0", "10.20.0.41:0", msgs...)
	if transport == dissect.ICMPv6 {
		c = dissecttest.Bytes(transport, "[fe80::54]:0", "[fe80::41]:0", msgs...)
	}
	return dissecttest.Run(Protocol, &c)
}

// A tunnel's replies bring back something else.
func TestReplyDiffers(t *testing.T) {
	b := run(dissect.ICMP, []byte("\x08\x00\x00\x00\x00\x07\x00\x01question"), []byte("\x00\x00\x00\x00\x00\x07\x00\x01question"),
		[]byte("\x08\x00\x00\x00\x00\x07\x00\x02question"), []byte("\x00\x00\x00\x00\x00\x07\x00\x02the answer"))
	rows := messages.Get(b)
	if len(rows) != 4 || rows[1].V.ReplyDiffers || !rows[3].V.ReplyDiffers {
		t.Errorf("%s", dissecttest.Dump(b))
	}
}

func TestMalformed(t *testing.T) {
	for what, b := range map[string]*event.Batch{
		"echo without number": run(dissect.ICMP, []byte{8, 0, 0, 0, 0}),
		"quote cut":           run(dissect.ICMP, []byte{3, 3, 0, 0, 0, 0, 0, 0, 0x45, 0, 0, 20}),
		"quote of nothing":    run(dissect.ICMP, []byte{3, 3, 0, 0, 0, 0, 0, 0, 0x20, 0, 0, 20}),
		"option of length 0":  run(dissect.ICMPv6, append([]byte{135, 0, 0, 0, 0, 0, 0, 0}, append(make([]byte, 16), 1, 0, 2, 2)...)),
		"option too long":     run(dissect.ICMPv6, append([]byte{135, 0, 0, 0, 0, 0, 0, 0}, append(make([]byte, 16), 1, 9, 2, 2)...)),
		"listeners":           run(dissect.ICMPv6, []byte{143, 0, 0, 0, 0, 0, 0xff, 0xff, 4, 0, 0xff, 0xff}),
	} {
		if len(messages.Get(b)) != 1 || len(event.Anomalies.Get(b)) != 1 {
			t.Errorf("%s: %s", what, dissecttest.Dump(b))
		}
	}
}

package lldp

import (
	"testing"

	"wardtrace/dissect"
	"wardtrace/dissect/dissecttest"
	"wardtrace/dissect/event"
)

const sample = "../../samples/lldp-switch"

func only(c *dissect.Conn) bool { return c.Transport == dissect.Ethernet }

func TestSuite(t *testing.T) {
	dissecttest.Suite(t, Protocol, dissecttest.Load(t, only, sample+"/capture.pcap"))
}

func TestGolden(t *testing.T) { dissecttest.Golden(t, sample, Protocol) }

func FuzzLLDP(f *testing.F) {
	dissecttest.Fuzz(f, Protocol, dissecttest.Load(f, func(c *dissect.Conn) bool { return c.EtherType == etherLLDP }, sample+"/capture.pcap"))
}

func FuzzCDP(f *testing.F) {
	dissecttest.Fuzz(f, Protocol, dissecttest.Load(f, func(c *dissect.Conn) bool { return c.EtherType != etherLLDP }, sample+"/capture.pcap"))
}

func run(ether uint16, b []byte) *event.Batch {
	c := dissecttest.Conversation{Conn: dissect.Conn{Flow: 1<<32 | 1, Transport: dissect.Ethernet, EtherType: ether, ClientMAC: dissect.MAC{2, 0, 0, 0, 0, 1}}}
	c.Segments = []dissecttest.Segment{{Data: b, Ref: event.Ref{Time: 1e18, File: 1, Frame: 1}}}
	return dissecttest.Run(Protocol, &c)
}

// Lengths that lie: what came before them stays.
func TestMalformed(t *testing.T) {
	for what, b := range map[string]*event.Batch{
		"tlv too long":    run(etherLLDP, []byte{0x02, 5, 7, 's', 'w', '-', '1', 0x0b, 0xff, 'x'}),
		"no end":          run(etherLLDP, []byte{0x02, 5, 7, 's', 'w', '-', '1'}),
		"cdp length of 0": run(snapCDP, []byte{2, 180, 0, 0, 0, 1, 0, 8, 's', 'w', '-', '1', 0, 2, 0, 0, 1, 2}),
		"cdp too long":    run(snapCDP, []byte{2, 180, 0, 0, 0, 1, 0, 8, 's', 'w', '-', '1', 0, 2, 0xff, 0xff}),
	} {
		rows := announcements.Get(b)
		if len(rows) != 1 || rows[0].V.ChassisID != "sw-1" || len(event.Anomalies.Get(b)) != 1 {
			t.Errorf("%s: %s", what, dissecttest.Dump(b))
		}
	}
	// An address count far beyond the field.
	b := run(snapCDP, []byte{2, 180, 0, 0, 0, 1, 0, 8, 's', 'w', '-', '1', 0, 2, 0, 17, 0xff, 0xff, 0xff, 0xff, 1, 1, 0xcc, 0, 4, 10, 0, 0, 1})
	if rows := announcements.Get(b); len(rows) != 1 || len(rows[0].V.Addresses) != 1 || rows[0].V.Addresses[0] != "10.0.0.1" {
		t.Errorf("addresses: %s", dissecttest.Dump(b))
	}
}

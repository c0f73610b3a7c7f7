package arp

import (
	"strings"
	"testing"

	"wardtrace/dissect"
	"wardtrace/dissect/dissecttest"
	"wardtrace/dissect/event"
)

const samples = "../../samples/arp-*/capture.pcap"

func only(c *dissect.Conn) bool { return c.EtherType == etherARP }

func TestSuite(t *testing.T) {
	dissecttest.Suite(t, Protocol, dissecttest.Load(t, only, "../../samples/arp-poison/capture.pcap", "../../samples/arp-vrrp/capture.pcap"))
}

func TestGolden(t *testing.T) {
	for _, name := range []string{"arp-poison", "arp-sweep", "arp-vrrp"} {
		t.Run(name, func(t *testing.T) { dissecttest.Golden(t, "../../samples/"+name, Protocol) })
	}
}

func FuzzARP(f *testing.F) {
	dissecttest.Fuzz(f, Protocol, dissecttest.Load(f, only, samples))
}

// frames makes a conversation between two stations.
func frames(data ...[]byte) *dissecttest.Conversation {
	c := &dissecttest.Conversation{Conn: dissect.Conn{Flow: 1<<32 | 1, Transport: dissect.Ethernet, EtherType: etherARP,
		ClientMAC: dissect.MAC{2, 0, 0, 0, 0, 1}, ServerMAC: dissect.MAC{2, 0, 0, 0, 0, 2}}}
	for i, b := range data {
		c.Segments = append(c.Segments, dissecttest.Segment{Data: b, Ref: event.Ref{Time: event.Time(1e18 + i*1e6), File: 1, Frame: uint32(i + 1)}})
	}
	return c
}

func claim(op byte, hw [6]byte, from, to [4]byte) []byte {
	b := []byte{0, 1, 8, 0, 6, 4, 0, op}
	b = append(append(b, hw[:]...), from[:]...)
	return append(append(b, make([]byte, 6)...), to[:]...)
}

func TestKinds(t *testing.T) {
	own, other := [6]byte{2, 0, 0, 0, 0, 1}, [6]byte{2, 0, 0, 0, 0, 9}
	a, b := [4]byte{10, 0, 0, 1}, [4]byte{10, 0, 0, 2}
	rows := messages.Get(dissecttest.Run(Protocol, frames(
		claim(1, own, a, b), claim(2, own, a, a), claim(1, own, [4]byte{}, b), claim(2, other, a, b))))
	if len(rows) != 4 {
		t.Fatalf("%d rows, want 4", len(rows))
	}
	for i, want := range []Message{{}, {Gratuitous: true}, {Probe: true}, {Mismatch: true}} {
		g := rows[i].V
		if g.Gratuitous != want.Gratuitous || g.Probe != want.Probe || g.Mismatch != want.Mismatch {
			t.Errorf("message %d: gratuitous %v probe %v mismatch %v", i, g.Gratuitous, g.Probe, g.Mismatch)
		}
	}
}

func TestMalformed(t *testing.T) {
	long := append([]byte{0, 1, 8, 0, 255, 255, 0, 1}, make([]byte, 40)...)
	b := dissecttest.Run(Protocol, frames([]byte{0}, long, append([]byte{0, 1, 0x86, 0xdd, 6, 16, 0, 1}, make([]byte, 44)...)))
	if n := len(messages.Get(b)); n != 0 {
		t.Errorf("%d rows of malformed messages", n)
	}
	if n := len(event.Anomalies.Get(b)); n != 3 {
		t.Errorf("%d anomalies, want 3", n)
	}
}

// A flood of copies keeps its exact number in few rows.
func TestFlood(t *testing.T) {
	const n = 20000
	msg := claim(2, [6]byte{2, 0, 0, 0, 0, 1}, [4]byte{10, 0, 0, 1}, [4]byte{10, 0, 0, 2})
	data := make([][]byte, n)
	for i := range data {
		data[i] = msg
	}
	b := dissecttest.Run(Protocol, frames(data...))
	rows := messages.Get(b)
	var sum int64
	for _, r := range rows {
		sum += r.V.Count
	}
	if sum != n || len(rows) > rowsInFull+20 {
		t.Errorf("%d rows stand for %d messages of %d", len(rows), sum, n)
	}
	if d := dissecttest.Dump(b); !strings.Contains(d, "arp_aggregated") {
		t.Error("the cap left no anomaly")
	}
}

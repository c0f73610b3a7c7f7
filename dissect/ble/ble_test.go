package ble

import (
	"strings"
	"testing"

	"wardtrace/dissect"
	"wardtrace/dissect/clinical"
	"wardtrace/dissect/dissecttest"
	"wardtrace/dissect/event"
)

var samples = []string{"../../samples/ble-*/capture.pcap"}

func bluetooth(c *dissect.Conn) bool { return c.Transport == dissect.BLE || c.Transport == dissect.HCI }

func TestSuite(t *testing.T) {
	dissecttest.Suite(t, Protocol, dissecttest.Load(t, bluetooth, samples...))
}

func TestGolden(t *testing.T) {
	for _, name := range []string{"ble-air", "ble-wearables"} {
		dissecttest.Golden(t, "../../samples/"+name, Protocol)
	}
}

func FuzzBLE(f *testing.F) {
	dissecttest.Fuzz(f, Protocol, dissecttest.Load(f, bluetooth, samples...))
}

// TestAir holds that a packet sent twice is one value, and that what is encrypted gives none.
func TestAir(t *testing.T) {
	var values, rows int
	for _, c := range dissecttest.Load(t, bluetooth, "../../samples/ble-air/capture.pcap") {
		b := dissecttest.Run(Protocol, &c)
		values += len(clinical.Observations.Get(b))
		rows += len(attributes.Get(b))
		for _, r := range measurements.Get(b) {
			if !strings.Contains(r.V.Name, "saturation") && !strings.Contains(r.V.Name, "pulse") {
				t.Errorf("%+v", r.V)
			}
		}
		for _, s := range securities.Get(b) {
			if s.V.Step == "pairing_response" && (s.V.Method != "just_works" || s.V.Secure.V) {
				t.Errorf("%+v", s.V)
			}
		}
	}
	if values != 12 || rows != 16 {
		t.Errorf("%d values of six packets with two each, %d attribute packets; want 12, 16", values, rows)
	}
}

// TestMethod holds the table by which both sides agree (Core 5.4, Vol 3 Part H, table 2.8), initiator first.
func TestMethod(t *testing.T) {
	const mitm, sc = authMITM, authMITM | authSecure
	for _, c := range []struct {
		a, b ioCapability
		auth uint8
		want string
	}{
		{0, 0, sc, "just_works"}, {0, 2, sc, "passkey"}, {1, 1, mitm, "just_works"}, {1, 1, sc, "numeric_comparison"},
		{1, 4, sc, "numeric_comparison"}, {1, 4, mitm, "passkey"}, {2, 2, sc, "passkey"}, {3, 4, sc, "just_works"}, {4, 4, sc, "numeric_comparison"},
		{4, 4, mitm, "passkey"}, {4, 0, sc, "passkey"}, {4, 4, 0, "just_works"},
	} {
		if got := method(features{io: c.a, auth: c.auth}, features{io: c.b, auth: c.auth}); got != c.want {
			t.Errorf("%v with %v, auth %#x: %s, want %s", c.a, c.b, c.auth, got, c.want)
		}
	}
}

// TestHeldIsBounded holds that fragments without end, and handles without end, are not kept.
func TestHeldIsBounded(t *testing.T) {
	var in []dissecttest.Segment
	add := func(b ...byte) {
		in = append(in, dissecttest.Segment{Dir: dissect.FromServer, Data: b, Ref: event.Ref{File: 1, Frame: uint32(len(in) + 1)}})
	}
	for h := range 1000 {
		add(2, byte(h), byte(h>>8)|0x20, 5, 0, 0xf0, 0x0f, 4, 0, 0x1b)
	}
	for range 5000 {
		add(2, 1, 0x10, 4, 0, 1, 2, 3, 4)
	}
	c := dissecttest.Conversation{Conn: dissect.Conn{Flow: 1, Transport: dissect.HCI}, Segments: in}
	if b := dissecttest.Run(Protocol, &c); b.Len() > 10 {
		t.Errorf("%d rows", b.Len())
	}
	d := Protocol.New(&c.Conn).(*dissector)
	var out event.Batch
	for _, s := range in {
		d.Feed(&dissect.Segment{Data: s.Data, Dir: s.Dir, Ref: s.Ref}, &out)
	}
	for _, l := range d.links {
		if len(l.halves[1].buf) > maxHeld {
			t.Errorf("%d bytes held", len(l.halves[1].buf))
		}
	}
	if len(d.links) > maxLinks {
		t.Errorf("%d links", len(d.links))
	}
}

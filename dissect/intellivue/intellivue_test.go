package intellivue

import (
	"encoding/hex"
	"strings"
	"testing"

	"wardtrace/dissect"
	"wardtrace/dissect/clinical"
	"wardtrace/dissect/dissecttest"
	"wardtrace/dissect/event"
)

const samples = "../../samples/intellivue-*/capture.pcap"

func only(c *dissect.Conn) bool { return c.Transport == dissect.UDP }

// short keeps the beginning and the end of long conversations: the middle is all alike.
func short(convs []dissecttest.Conversation, n int) []dissecttest.Conversation {
	for i := range convs {
		if s := convs[i].Segments; len(s) > 2*n {
			convs[i].Segments = append(append([]dissecttest.Segment(nil), s[:n]...), s[len(s)-n:]...)
		}
	}
	return convs
}

func TestSuite(t *testing.T) {
	dissecttest.Suite(t, Protocol, short(dissecttest.Load(t, only, samples), 10))
}

func TestGolden(t *testing.T) {
	for _, name := range []string{"intellivue-monitor", "intellivue-second-client"} {
		t.Run(name, func(t *testing.T) { dissecttest.Golden(t, "../../samples/"+name, Protocol) })
	}
}

func FuzzData(f *testing.F) {
	dissecttest.Fuzz(f, Protocol, short(dissecttest.Load(f, only, samples), 12))
}

// rows runs one conversation of datagrams from alternating sides, written in hexadecimal.
func rows(t *testing.T, datagrams ...string) *event.Batch {
	t.Helper()
	var raw [][]byte
	for _, d := range datagrams {
		b, err := hex.DecodeString(strings.ReplaceAll(d, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		raw = append(raw, b)
	}
	c := dissecttest.Bytes(dissect.UDP, "10.20.0.90:50011", "10.20.0.101:24105", raw...)
	return dissecttest.Run(Protocol, &c)
}

// keepAlive is the poll that clients send to stay associated: alert monitor, static context.
const keepAlive = "e1000002 0001001c 0008 0007 0016 0021 0000 0000 00000000 0c16 0008 0007 0001 0036 0811"

// TestKeepAlive is by hand: the request as the guide prints it, answered by an error.
func TestKeepAlive(t *testing.T) {
	b := rows(t, keepAlive, "e1000002 0003 0006 0008 0002 0000")
	got := messages.Get(b)
	if len(got) != 2 {
		t.Fatalf("%d messages", len(got))
	}
	if m := got[0].V; m.Sender != "client" || m.Polled != "alert_monitor" || m.GroupName != "vmo_static" || m.Action != "poll" || m.PollNumber.V != 7 {
		t.Errorf("request: %+v", m)
	}
	if m := got[1].V; m.Sender != "monitor" || m.Error != "access_denied" || m.RequestSeq.V != 1 || !m.RTT.OK {
		t.Errorf("error: %+v", m)
	}
}

// TestProbeStrict changes one byte of each header at a time: only what does not matter may pass.
func TestProbeStrict(t *testing.T) {
	whole, _ := hex.DecodeString(strings.ReplaceAll(keepAlive, " ", ""))
	conn := &dissect.Conn{Transport: dissect.UDP}
	if probe(conn, dissect.FromClient, whole) != dissect.Yes {
		t.Fatal("the request itself is not recognised")
	}
	for _, i := range []int{0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 13} {
		b := append([]byte(nil), whole...)
		b[i] ^= 0x40
		if probe(conn, dissect.FromClient, b) != dissect.No {
			t.Errorf("byte %d changed: still recognised", i)
		}
	}
	for n := range whole {
		if probe(conn, dissect.FromClient, whole[:n]) != dissect.No {
			t.Errorf("cut to %d bytes: still recognised", n)
		}
	}
	for _, other := range []string{"\x09\x18" + strings.Repeat("\x00", 24), "\x0d\x05\x05\x08\x00\x00\x00", "\x00\x00\x01\x00\x00\x01\x00\x00", "GET / HTTP/1.1\r\n\r\n"} {
		if probe(conn, dissect.FromClient, []byte(other)) != dissect.No {
			t.Errorf("%q is recognised", other)
		}
	}
}

// TestTurned: the answer is seen first, so the monitor is taken for the client.
func TestTurned(t *testing.T) {
	conn := &dissect.Conn{Transport: dissect.UDP, Guessed: true}
	b, _ := hex.DecodeString("e1000002000300060008" + "00020000")
	if m := probe(conn, dissect.FromClient, b); m != dissect.Swapped {
		t.Errorf("an error from the side taken for the client: %v", m)
	}
	if m := probe(conn, dissect.FromServer, b); m != dissect.Yes {
		t.Errorf("an error from the server: %v", m)
	}
}

// TestMonitor holds what the sample tells: identity, one admission's end, alarms through their life, no value of a probe that is out.
func TestMonitor(t *testing.T) {
	var alarms, values, invalid int
	var phases []string
	movements := map[string]int{}
	said := map[string]string{}
	for _, c := range dissecttest.Load(t, only, "../../samples/intellivue-monitor/capture.pcap") {
		b := dissecttest.Run(Protocol, &c)
		for _, r := range clinical.Alarms.Get(b) {
			alarms++
			phases = append(phases, r.V.Kind[:4]+" "+r.V.Phase)
		}
		for _, r := range clinical.Observations.Get(b) {
			values++
			if r.V.PatientID != "LAB-4711" || !r.V.Number.OK {
				t.Fatalf("observation %+v", r.V)
			}
		}
		for _, r := range messages.Get(b) {
			invalid += int(r.V.Invalid)
		}
		for _, r := range clinical.PatientMovements.Get(b) {
			movements[r.V.Event]++
		}
		for _, r := range event.Identities.Get(b) {
			if r.V.IP != "10.20.0.101" {
				t.Errorf("%s is said of %s", r.V.Attribute, r.V.IP)
			}
			said[r.V.Attribute] = r.V.Value
		}
		for _, r := range event.Anomalies.Get(b) {
			t.Errorf("anomaly %s: %s", r.V.Kind, r.V.Detail)
		}
	}
	if got, want := strings.Join(phases, ", "), "tech start, tech end, phys start, phys silenced, phys end"; got != want {
		t.Errorf("alarms: %s, want %s", got, want)
	}
	if want := 72*8 - invalid; invalid != 2 || values != want {
		t.Errorf("%d values and %d invalid, want %d and 2", values, invalid, want)
	}
	if len(movements) != 0 {
		t.Errorf("movements %v: the discharge was seen in another association, its time is not known", movements)
	}
	for attribute, want := range map[string]string{"vendor": "Philips", "model": "866062", "serial": "DE00000001", "version": "L.01.18", "class": "monitor"} {
		if said[attribute] != want {
			t.Errorf("%s is %q, want %q", attribute, said[attribute], want)
		}
	}
}

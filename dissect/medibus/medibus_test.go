package medibus

import (
	"fmt"
	"strings"
	"testing"

	"wardtrace/dissect"
	"wardtrace/dissect/clinical"
	"wardtrace/dissect/dissecttest"
)

var samples = []string{"../../samples/medibus-*/capture.pcap"}

func TestSuite(t *testing.T)   { dissecttest.Suite(t, Protocol, dissecttest.Load(t, nil, samples...)) }
func TestGolden(t *testing.T)  { dissecttest.Golden(t, "../../samples/medibus-ventilator", Protocol) }
func FuzzMedibus(f *testing.F) { dissecttest.Fuzz(f, Protocol, dissecttest.Load(f, nil, samples...)) }

// TestTold holds what five minutes of one ventilator tell: changes once, alarms as they begin and end.
func TestTold(t *testing.T) {
	all := dissecttest.Load(t, nil, samples...)
	b := dissecttest.Run(Protocol, &all[0])
	var got []string
	for _, a := range clinical.Alarms.Get(b) {
		got = append(got, strings.Join([]string{a.V.Phase, a.V.Code, a.V.Text, a.V.Before, a.V.After}, " "))
	}
	want := []string{"start 9A DISCONNECTED  ", "end 9A DISCONNECTED  ", "limits 07 high limit of value 07 45.0 70.0", "off 57 ALARMS OFF  "}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("alarms\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	var changes []string
	for _, x := range clinical.Therapies.Get(b) {
		if x.V.Action == "change" {
			changes = append(changes, fmt.Sprint(x.V.Parameter, " ", x.V.Before.V, " to ", x.V.After.V))
		}
	}
	if strings.Join(changes, ",") != "FiO2 40 to 100" {
		t.Errorf("changes %v", changes)
	}
	for _, m := range messages.Get(b) {
		if m.V.Command == "nop" && m.V.Sender == "device" && m.V.Realtime != 6 {
			t.Errorf("%d realtime bytes, want 6", m.V.Realtime)
		}
	}
}

// TestProbe holds that a checksum alone makes a frame. Hand-made from the protocol definition.
func TestProbe(t *testing.T) {
	for in, want := range map[string]dissect.Match{
		"\x1bR6D\r":          dissect.Yes,
		"\x1bR6E\r":          dissect.No, // wrong sum
		"\x1bR6":             dissect.Maybe,
		"\x1b\x11R\x136D\r":  dissect.Yes, // flow control in between
		"\xd0\x81\x1bR6D\r":  dissect.Yes, // realtime data in front
		"\x1b[2J\x1b[H\r":    dissect.No,  // a terminal
		"\x01\x15\x13":       dissect.Maybe,
		"GET / HTTP/1.1\r\n": dissect.No,
		"\x1bR\x18\x1bR6D\r": dissect.Yes, // aborted, and again
		"\x1bZ75\r":          dissect.No,  // no such command
		"\x1b":               dissect.Maybe,
	} {
		conv := dissecttest.Bytes(dissect.TCP, "10.0.0.1:40000", "10.0.0.2:4001", []byte(in))
		if got := probe(&conv.Conn, dissect.FromClient, []byte(in)); got != want {
			t.Errorf("%q: %v, want %v", in, got, want)
		}
	}
}

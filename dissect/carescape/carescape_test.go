package carescape

import (
	"net/netip"
	"strings"
	"testing"

	"wardtrace/dissect"
	"wardtrace/dissect/clinical"
	"wardtrace/dissect/dissecttest"
	"wardtrace/dissect/event"
)

const samples = "../../samples/carescape-*/capture.pcap"

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
	dissecttest.Suite(t, Protocol, short(dissecttest.Load(t, only, "../../samples/carescape-ward/capture.pcap"), 3))
}

func TestGolden(t *testing.T) {
	for _, name := range []string{"carescape-ward", "carescape-intruder"} {
		t.Run(name, func(t *testing.T) { dissecttest.Golden(t, "../../samples/"+name, Protocol) })
	}
}

// FuzzData has conversations of one pair of addresses: the sender's address is part of the messages.
func FuzzData(f *testing.F) {
	of := func(c *dissect.Conn) bool { return only(c) && c.Client.Addr() == netip.MustParseAddr("10.20.0.121") }
	dissecttest.Fuzz(f, Protocol, short(dissecttest.Load(f, of, samples), 6))
}

// TestWard holds what the sample tells.
func TestWard(t *testing.T) {
	counts, names := map[string]int{}, map[string]bool{}
	var alarms, limits []string
	for _, c := range dissecttest.Load(t, only, "../../samples/carescape-ward/capture.pcap") {
		b := dissecttest.Run(Protocol, &c)
		for _, r := range messages.Get(b) {
			counts[r.V.Kind]++
		}
		for _, r := range beds.Get(b) {
			names[r.V.Unit+" "+r.V.Room+" "+r.V.PatientName] = true
			if r.V.Offset.V < 3055 || r.V.Offset.V > 3065 {
				t.Errorf("the clock is %v s off, want 51 minutes", r.V.Offset.V)
			}
		}
		for _, r := range clinical.Alarms.Get(b) {
			if r.V.Phase == "limits" {
				limits = append(limits, r.V.Text+" "+r.V.Before+" to "+r.V.After)
			} else {
				alarms = append(alarms, r.V.Phase+" "+r.V.Text+" at "+r.V.Device)
			}
		}
		for _, r := range clinical.Observations.Get(b) {
			counts[r.V.Code]++
		}
		for _, r := range event.Anomalies.Get(b) {
			t.Errorf("anomaly %s: %s", r.V.Kind, r.V.Detail)
		}
		counts["waves"] += len(waves.Get(b))
	}
	for what, want := range map[string]int{"discovery": 120, "request": 63, "parameters": 60, "alarm": 25, "waves": 4, "MDC_ECG_HEART_RATE": 60,
		"MDC_PULS_OXIM_SAT_O2": 60, "MDC_PRESS_BLD_NONINV_SYS": 60} {
		if counts[what] != want {
			t.Errorf("%d %s, want %d", counts[what], what, want)
		}
	}
	if !names["ICU BED-7 LABPATIENT^EVE"] || !names["ICU BED-8 LABPATIENT^JO"] || len(names) != 2 {
		t.Errorf("beds %v", names)
	}
	if got := strings.Join(alarms, "; "); got != "ongoing SPO2 PROBE OFF at ICU|BED-7" {
		t.Errorf("alarms: %s", got)
	}
	if got := strings.Join(limits, "; "); got != "ECG 50..120,0..6,0..0 to 50..130,0..6,0..0; SpO2 90..105,50..120,0..0 to 90..105,50..130,0..0" {
		t.Errorf("limits: %s", got)
	}
}

// TestProbeStrict takes the sample's datagrams apart: sent by another address, with a wrong length, with one text broken, they are nothing.
func TestProbeStrict(t *testing.T) {
	for _, c := range dissecttest.Load(t, only, "../../samples/carescape-ward/capture.pcap") {
		b := c.Segments[0].Data
		conn := c.Conn
		if Protocol.Probe(&conn, dissect.FromClient, b) != dissect.Yes {
			t.Errorf("%v: not recognised", conn.Server)
		}
		if isWaveforms(b) {
			continue
		}
		if Protocol.Probe(&conn, dissect.FromClient, b[:len(b)-1]) != dissect.No || Protocol.Probe(&conn, dissect.FromClient, append(append([]byte(nil), b...), 0)) != dissect.No {
			t.Errorf("%v: recognised with another length", conn.Server)
		}
		for _, at := range []int{0, 1, 12, 13, 30} {
			x := append([]byte(nil), b...)
			x[at] ^= 0x80
			if at == 30 {
				x[at] = 5 // no character
			}
			if at < 12 && len(b) == requestLen || at == 13 && len(b) == rwhatLen || at < 2 && len(b) != rwhatLen {
				continue // what stands there may be anything
			}
			if Protocol.Probe(&conn, dissect.FromClient, x) != dissect.No && !(at >= 12 && at < 14 && len(b) == rwhatLen) {
				t.Errorf("%v: recognised with byte %d changed", conn.Server, at)
			}
		}
		conn.Client = netip.MustParseAddrPort("10.20.0.77:7000")
		if m := Protocol.Probe(&conn, dissect.FromClient, b); m != dissect.No && len(b) != requestLen {
			t.Errorf("%v: recognised from another address", conn.Server)
		}
	}
	conn := &dissect.Conn{Transport: dissect.UDP, Client: netip.MustParseAddrPort("10.20.0.121:1"), Server: netip.MustParseAddrPort("10.20.0.255:7000")}
	for _, other := range []string{strings.Repeat("\x07", 700), strings.Repeat("\x00", 88), strings.Repeat("\x07\x08", 300), "\x01\x04\x00\x00" + strings.Repeat("A", 84)} {
		if Protocol.Probe(conn, dissect.FromClient, []byte(other)) != dissect.No {
			t.Errorf("%.8q... is recognised", other)
		}
	}
}

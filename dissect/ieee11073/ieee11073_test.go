package ieee11073

import (
	"encoding/hex"
	"strings"
	"testing"

	"wardtrace/dissect"
	"wardtrace/dissect/clinical"
	"wardtrace/dissect/dissecttest"
	"wardtrace/dissect/event"
)

const folder = "../../samples/"

var samples = []string{"ieee11073-ward", "ieee11073-intruder"}

func only(c *dissect.Conn) bool { return c.Transport == dissect.TCP }

func TestSuite(t *testing.T) {
	dissecttest.Suite(t, Protocol, dissecttest.Load(t, only, folder+samples[0]+"/capture.pcap"))
}

func TestGolden(t *testing.T) {
	for _, name := range samples {
		t.Run(name, func(t *testing.T) { dissecttest.Golden(t, folder+name, Protocol) })
	}
}

func FuzzIEEE11073(f *testing.F) {
	p := *Protocol // how many segments a probe may see is the stream's affair: whatever comes is taken for the protocol here
	p.Probe = func(*dissect.Conn, dissect.Dir, []byte) dissect.Match { return dissect.Yes }
	dissecttest.Fuzz(f, &p, dissecttest.Load(f, only, folder+samples[0]+"/capture.pcap"))
}

// raw reads hexadecimal digits with blanks between them.
func raw(s string) []byte {
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		panic(err)
	}
	return b
}

// Examples as the published specification and public implementations of it give them.
const (
	request = `E200 0032 80000000 0001 002A 5079 0026 80000000 8000 80000000 00000000 00800000 0008 00220922580803CC 02BC 0001 01 01 0000 0000`
	refusal = `E300 002C 0007 5079 0026 80000000 8000 80000000 00000000 80000000 0008 1122334455667788 0000 0000 00 00 0000 0000`
	consent = `E300 002C 0000 5079 0026 80000000 8000 80000000 00000000 80000000 0008 1122334455667788 0000 0000 00 00 0000 0000`
	cuff    = `E700 0052 0050 0001 0101 004A 0000 FFFFFFFF 0D1F 0040 F000 0001 0001 0038 0042 0003 0032
		0001 0012 0003 0006 0071 0047 0055 2010072115355300 0002 000A 0047 2010072115355300 0003 000A 0047 2010072115355300`
	release = `E400 0002 0000`
)

// talk makes a conversation of pieces, those that begin with < from the server.
func talk(pieces ...string) *dissecttest.Conversation {
	c := &dissecttest.Conversation{Conn: dissect.Conn{Transport: dissect.TCP}}
	for i, p := range pieces {
		dir := dissect.FromClient
		if rest, ok := strings.CutPrefix(p, "<"); ok {
			dir, p = dissect.FromServer, rest
		}
		c.Segments = append(c.Segments, dissecttest.Segment{Dir: dir, Data: raw(p), Ref: event.Ref{Time: event.Time(i + 1), File: 1, Frame: uint32(i + 1)}})
	}
	return c
}

// TestCuff: the published example of a blood pressure, by the standard configuration of the request.
func TestCuff(t *testing.T) {
	b := dissecttest.Run(Protocol, talk(request, "<"+consent, cuff, release))
	as := associations.Get(b)
	if len(as) != 1 || as[0].V.Result != "accepted" || as[0].V.SystemID != "00:22:09:22:58:08:03:cc" || as[0].V.ManagerID != "11:22:33:44:55:66:77:88" ||
		as[0].V.Standard != "10407" || as[0].V.Class != "blood pressure monitor" || as[0].V.Test || as[0].V.Agent != "client" {
		t.Errorf("association %+v", as)
	}
	got := values.Get(b)
	want := []struct {
		ref string
		n   float64
	}{{"MDC_PRESS_BLD_NONINV_SYS", 113}, {"MDC_PRESS_BLD_NONINV_DIA", 71}, {"MDC_PRESS_BLD_NONINV_MEAN", 85}, {"MDC_PULS_RATE_NON_INV", 71}}
	if len(got) != len(want) {
		t.Fatalf("%d values, want %d", len(got), len(want))
	}
	for i, w := range want {
		if v := got[i].V; v.RefID != w.ref || v.Number.V != w.n || v.Person != "66" || v.MeasuredAt != "2010-07-21T15:35:53.00" || v.Known != "standard" {
			t.Errorf("value %d: %+v, want %+v", i, v, w)
		}
	}
	if row := apdus.Get(b)[2].V; row.Unread.V != 1 || row.Values.V != 4 || row.Persons.V != 1 || row.Name != "MDC_NOTI_SCAN_REPORT_MP_FIXED" {
		t.Errorf("the third observation is of an object that the standard configuration does not have: %+v", row)
	}
	obs := clinical.Observations.Get(b)
	if len(obs) != 4 || obs[0].V.Code != "MDC_PRESS_BLD_NONINV_SYS" || obs[0].V.PatientID != "00:22:09:22:58:08:03:cc/66" || obs[0].V.Unit != "mm[Hg]" {
		t.Errorf("observations %+v", obs)
	}
}

// TestUnconfigured: bytes whose meaning was not seen are no values.
func TestUnconfigured(t *testing.T) {
	b := dissecttest.Run(Protocol, talk(cuff))
	if len(values.Get(b)) != 0 || len(clinical.Observations.Get(b)) != 0 || apdus.Get(b)[0].V.Unread.V != 3 {
		t.Errorf("%+v", values.Get(b))
	}
	if a := event.Anomalies.Get(b); len(a) != 1 || a[0].V.Kind != "ieee11073_no_configuration" {
		t.Errorf("%+v", a)
	}
	b = dissecttest.Run(Protocol, talk(request, "<"+refusal, cuff)) // a manager that refused knows none either
	if as := associations.Get(b); len(as) != 1 || as[0].V.Result != "rejected_unauthorized" || len(values.Get(b)) != 0 {
		t.Errorf("%+v %+v", as, values.Get(b))
	}
}

// TestLayoutThatLies: a map that gives an attribute other bytes than it has is not believed.
func TestLayoutThatLies(t *testing.T) {
	const config = `E700 003E 003C 0001 0101 0036 0000 FFFFFFFF 0D1C 002C 4000 0001 0026 0006 0001 0003 001E
		092F 0004 0002 4BB8 0996 0002 0220 0A55 000C 0002 0008 0A4C 0003 0990 0008`
	const report = `E700 0027 0025 0002 0100 001F 0000 FFFFFFFF 0D1D 0015 F000 0000 0001 000D 0001 000B 006200 2026030209000000`
	b := dissecttest.Run(Protocol, talk(config, report))
	if o := objects.Get(b); len(o) != 1 || o[0].V.RefID != "MDC_PULS_OXIM_SAT_O2" || len(o[0].V.Map) != 2 {
		t.Errorf("object %+v", o)
	}
	if len(values.Get(b)) != 0 {
		t.Errorf("values %+v", values.Get(b))
	}
	if a := event.Anomalies.Get(b); len(a) == 0 || a[0].V.Kind != "ieee11073_bad_operation" {
		t.Errorf("anomalies %+v", a)
	}
}

// TestSpecial: what is no number has none in a row, and is no observation.
func TestSpecial(t *testing.T) {
	const ox = `E200 0032 80000000 0001 002A 5079 0026 80000000 8000 80000000 20000000 00800000 0008 00220922580803CC 0190 0001 01 01 0000 0000`
	report := func(v string) string {
		return `E700 0020 001E 0002 0100 0018 0000 FFFFFFFF 0D1D 000E F000 0000 0001 0006 0001 0002 ` + v
	}
	b := dissecttest.Run(Protocol, talk(ox, report("07FF"), report("0800"), report("07FE"), report("0802"), report("0801"), report("F3D6")))
	want := []string{"NaN", "NRes", "+INF", "-INF", "reserved", ""}
	for i, r := range values.Get(b) {
		if r.V.Special != want[i] || r.V.Number.OK != (want[i] == "") {
			t.Errorf("value %d: %+v, want %q", i, r.V, want[i])
		}
	}
	if o := clinical.Observations.Get(b); len(o) != 1 || o[0].V.Number.V != 98.2 || o[0].V.Value != "98.2" {
		t.Errorf("observations %+v", o)
	}
	if as := associations.Get(b); len(as) != 1 || !as[0].V.Test || as[0].V.Result != "" {
		t.Errorf("an association for a test, not answered: %+v", as)
	}
}

// TestProbe: nothing but this protocol.
func TestProbe(t *testing.T) {
	for name, x := range map[string]struct {
		bytes string
		want  dissect.Match
	}{
		"request":         {request, dissect.Yes},
		"response":        {consent, dissect.Yes},
		"data":            {cuff, dissect.Yes},
		"half":            {"E200 0032 8000", dissect.Maybe},
		"one byte":        {"E2", dissect.Maybe},
		"wrong length":    {strings.Replace(request, "0032", "0033", 1), dissect.No},
		"other protocol":  {strings.Replace(request, "5079", "5078", 1), dissect.No},
		"intellivue":      {"E100 0002 0001 0020 0001 0001 001A 0000", dissect.No},
		"release":         {release, dissect.No},
		"no operation":    {strings.Replace(cuff, "0101 004A", "0102 004A", 1), dissect.No},
		"data length":     {strings.Replace(cuff, "0050 0001", "0051 0001", 1), dissect.No},
		"UTF-8 text":      {"E7949F E591BD E4BD93 E5BE81 E6B58B E9878F", dissect.No},
		"operation short": {"E700 000A 0008 0001 0101 0002 0000 0000 0000", dissect.No},
	} {
		conn := dissect.Conn{Transport: dissect.TCP}
		if got := probe(&conn, dissect.FromClient, raw(x.bytes)); got != x.want {
			t.Errorf("%s: %v, want %v", name, got, x.want)
		}
	}
	conn := dissect.Conn{Transport: dissect.UDP}
	if probe(&conn, 0, raw(cuff)) != dissect.Yes || probe(&conn, 0, raw(cuff+"00")) != dissect.No || probe(&conn, 0, raw("E200 0032")) != dissect.No {
		t.Error("a datagram is one whole message")
	}
	conn = dissect.Conn{Transport: dissect.TCP, Midstream: true}
	if probe(&conn, 0, raw("0047 2010072115355300"+cuff)) != dissect.Yes || probe(&conn, 0, raw("0047 2010072115355300"+cuff+"0000")) != dissect.No {
		t.Error("joined in the middle")
	}
}

// TestLost: after a loss the next message that is certain is read, and what is left of the one before is no fault of the agent's.
func TestLost(t *testing.T) {
	c := talk(request, "<"+consent, "0047 2010072115355300"+cuff)
	c.Segments[2].Gap = 40
	b := dissecttest.Run(Protocol, c)
	if len(values.Get(b)) != 4 {
		t.Errorf("%d values", len(values.Get(b)))
	}
	for _, a := range event.Anomalies.Get(b) {
		if a.V.Kind == "ieee11073_no_apdu" || a.V.Kind == "ieee11073_bad_length" {
			t.Errorf("%+v", a.V)
		}
	}
}

// TestEndless: lists that claim more than they hold, and entries of nothing, end.
func TestEndless(t *testing.T) {
	const emptyMap = `E700 002E 002C 0001 0207 0026 0014 0C0D 0020 0001 001C 0007 0001 0016 0A4E 0012 0000 0001 000C 0006 0002 71B8 0001 0000 0000`
	const entries = `E700 0026 0024 0002 0101 001E 0014 FFFFFFFF 0D21 0014 0007 00000000 FFFFFFFF C000 0006 000000000000`
	b := dissecttest.Run(Protocol, talk(emptyMap, entries))
	if len(apdus.Get(b)) != 2 || len(values.Get(b)) != 0 {
		t.Errorf("%+v", apdus.Get(b))
	}
	if a := event.Anomalies.Get(b); len(a) == 0 || a[0].V.Kind != "ieee11073_bad_operation" {
		t.Errorf("%+v", a)
	}
}

package x12

import (
	"fmt"
	"strings"
	"testing"

	"wardtrace/dissect"
	"wardtrace/dissect/dissecttest"
	"wardtrace/dissect/event"
	"wardtrace/dissect/http"
	"wardtrace/dissect/web"
)

const sample = "../../samples/x12-claims"

func onPort(port uint16) func(*dissect.Conn) bool {
	return func(c *dissect.Conn) bool { return c.Server.Port() == port }
}

func TestSuite(t *testing.T) {
	dissecttest.Suite(t, Protocol, dissecttest.Load(t, onPort(5010), sample+"/capture.pcap"))
}

func TestGolden(t *testing.T) { dissecttest.Golden(t, sample, http.With(Protocol), Protocol) }

func FuzzX12(f *testing.F) {
	p := *Protocol
	p.Probe = func(*dissect.Conn, dissect.Dir, []byte) dissect.Match { return dissect.Yes }
	dissecttest.Fuzz(f, &p, dissecttest.Load(f, nil, sample+"/capture.pcap"))
}

// isa makes an interchange with its delimiters.
func isa(sep, comp, end string, segments ...string) string {
	h := strings.Join([]string{"ISA", "00", strings.Repeat(" ", 10), "01", "SECRET    ", "ZZ", "LABHOSP        ", "ZZ", "LABPAYER       ", "261120", "0815", "^", "00501", "000000047", "0", "P", comp}, sep) + end
	return h + strings.ReplaceAll(strings.Join(segments, end), "*", sep) + end
}

func run(in string) *event.Batch {
	c := dissecttest.Bytes(dissect.TCP, "10.0.0.1:40000", "10.0.0.2:5010", []byte(in))
	return dissecttest.Run(Protocol, &c)
}

var body = []string{"GS*HC*LABHOSP*LABPAYER*20261120*0815*1*X*005010X222A1", "ST*837*0001", "NM1*85*2*LAB HOSPITAL*****XX*1", "NM1*IL*1*LABPATIENT*JOIN****MI*LAB-4711", "DMG*D8*19700102*F",
	"REF*SY*999114711", "CLM*1*100", "SE*5*0001", "GE*1*1", "IEA*1*000000047"}

func TestInterchange(t *testing.T) {
	for _, d := range [][3]string{{"*", ":", "~"}, {"|", "<", "\n"}, {"*", ":", "~\r\n"}} {
		in := isa(d[0], d[1], d[2], body...)
		b := run(in + in)
		x, p := interchanges.Get(b), people.Get(b)
		if len(x) != 2 || len(p) != 2 {
			t.Fatalf("%q: %d interchanges, %d people", d, len(x), len(p))
		}
		if r := x[1].V; r.Sender != "LABHOSP" || r.Control != "000000047" || !r.Complete || r.Claims != 1 || !r.SSN || !r.Password || r.Name != "claim" || r.Guide != "005010X222A1" || r.Declared != event.Some(int64(1)) {
			t.Errorf("%+v", r)
		}
		if r := p[0].V; r.ID != "LAB-4711" || r.Name != "LABPATIENT^JOIN" || r.Birth != "19700102" {
			t.Errorf("%+v", r)
		}
		if s := dissecttest.Dump(b); strings.Contains(s, "SECRET") || strings.Contains(s, "999114711") {
			t.Error("a password or number was kept")
		}
	}
}

func TestPharmacy(t *testing.T) {
	xml := `<?xml version="1.0"?><Message DatatypesVersion="20170715" xmlns="http://www.ncpdp.org/schema/SCRIPT"><Header><To>P1</To><From>D1</From><MessageID>M1</MessageID></Header><Body><NewRx><Patient/></NewRx></Body></Message>`
	for in, want := range map[string]string{
		xml: "SCRIPT XML NewRx D1 P1 20170715", "UIB+UNOA:0++1'UIH+SCRIPT:010:006:NEWRX'": "SCRIPT EDIFACT    ",
		"610047D0B1PCN0000001" + "101" + strings.Repeat("1", 15) + "20261120" + "CERT000000\x1e\x1cAM01": "Telecom B1  610047 D0",
	} {
		got := pharmacies.Get(run(in))
		if len(got) != 1 || fmt.Sprint(got[0].V.Standard, " ", got[0].V.Type, " ", got[0].V.From, " ", got[0].V.To, " ", got[0].V.Version) != want {
			t.Errorf("%.30q: %+v", in, got)
		}
	}
}

func TestCaps(t *testing.T) {
	many := append([]string{}, body[:3]...)
	for range maxPatients + 5 {
		many = append(many, body[3])
	}
	many = append(many, body[9])
	b := run(isa("*", ":", "~", many...))
	if len(people.Get(b)) != maxPatients || interchanges.Get(b)[0].V.Patients != maxPatients+5 || event.Anomalies.Get(b)[0].V.Kind != "x12_rows_limit" {
		t.Errorf("%d people", len(people.Get(b)))
	}
	b = run(isa("*", ":", "~", "BIN*"+strings.Repeat("x", 1<<20), body[9]))
	if x := interchanges.Get(b); len(x) != 1 || !x[0].V.Complete {
		t.Errorf("%+v", x)
	}
}

func TestProbe(t *testing.T) {
	good := isa("*", ":", "~", body...)
	for in, want := range map[string]dissect.Match{
		good: dissect.Yes, good[:50]: dissect.Maybe, "ISA": dissect.Maybe, "ISAAC is here": dissect.No, "ISA*00*" + strings.Repeat("x", 200): dissect.No, "GET / HTTP": dissect.No, "12345": dissect.Maybe,
		"1234567": dissect.No, "220 ftp ready": dissect.No, "610047D0B1" + strings.Repeat(" ", 60): dissect.No, "": dissect.Maybe, "{}": dissect.No,
		"<a>" + strings.Repeat("x", 5000): dissect.No,
	} {
		if got := Protocol.Probe(&dissect.Conn{Transport: dissect.TCP}, 0, []byte(in)); got != want {
			t.Errorf("%.30q: %d, want %d", in, got, want)
		}
	}
	if got := Protocol.Probe(&dissect.Conn{Carried: &web.Exchange{}}, 0, []byte(good)); got != dissect.Yes {
		t.Errorf("in HTTP: %d", got)
	}
	if got := Protocol.Probe(&dissect.Conn{Carried: 7}, 0, []byte(good)); got != dissect.No {
		t.Errorf("in another carrier: %d", got)
	}
}

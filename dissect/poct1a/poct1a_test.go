package poct1a

import (
	"strings"
	"testing"

	"wardtrace/dissect"
	"wardtrace/dissect/clinical"
	"wardtrace/dissect/dissecttest"
	"wardtrace/dissect/event"
)

const sample = "../../samples/poct1a-session"

// TestSuite cuts the conversation between segments, so that every offset can be tried in little time.
func TestSuite(t *testing.T) {
	c := dissecttest.Load(t, nil, sample+"/capture.pcap")[0]
	var pieces []dissecttest.Conversation
	for n := 8; len(c.Segments) > 0; {
		n = min(n, len(c.Segments))
		pieces = append(pieces, dissecttest.Conversation{Conn: c.Conn, Segments: c.Segments[:n:n]})
		c.Segments = c.Segments[n:]
	}
	dissecttest.Suite(t, Protocol, pieces)
}

func TestGolden(t *testing.T) { dissecttest.Golden(t, sample, Protocol) }

func FuzzPOCT1A(f *testing.F) {
	p := *Protocol
	p.Probe = func(*dissect.Conn, dissect.Dir, []byte) dissect.Match { return dissect.Yes }
	dissecttest.Fuzz(f, &p, dissecttest.Load(f, nil, sample+"/capture.pcap"))
}

const (
	hello = `<HEL.R01><HDR><HDR.control_id V="1"/></HDR><DEV><DEV.model_id V="Meter"/></DEV></HEL.R01>`
	alive = `<KPA.R01><HDR><HDR.control_id V="2"/></HDR></KPA.R01>`
)

func types(b *event.Batch) string {
	var list []string
	for _, r := range messages.Get(b) {
		list = append(list, r.V.Type)
	}
	return strings.Join(list, " ")
}

func run(in string) *event.Batch {
	c := dissecttest.Bytes(dissect.TCP, "10.0.0.1:40000", "10.0.0.2:3001", []byte(in))
	return dissecttest.Run(Protocol, &c)
}

// TestStream: messages follow each other without framing, with whatever makers put between them.
func TestStream(t *testing.T) {
	for name, test := range map[string]struct{ in, types, anomalies string }{
		"one after the other": {hello + alive, "HEL.R01 KPA.R01", ""},
		"NULs and lines":      {hello + "\x00\r\n" + alive + "\x00", "HEL.R01 KPA.R01", ""},
		"declarations":        {"<?xml version=\"1.0\"?>\n" + hello + "<?xml version=\"1.0\"?>" + alive, "HEL.R01 KPA.R01", ""},
		"garbage between":     {hello + "xx<y>zz" + alive, "HEL.R01 KPA.R01", "poct1a_stray_bytes"},
		"cut off":             {hello + alive[:40], "HEL.R01 KPA.R01", ""},
		"directive":           {`<DTV.SIEM.DVCMD><HDR></HDR></DTV.SIEM.DVCMD>` + alive, "DTV.SIEM.DVCMD KPA.R01", ""},
		"endless":             {hello + "<OBS.R01>" + strings.Repeat("<x/>", maxMessage) + alive, "HEL.R01 OBS.R01 KPA.R01", "poct1a_large_message"},
	} {
		b := run(test.in)
		kinds := ""
		for _, a := range event.Anomalies.Get(b) {
			kinds += a.V.Kind
		}
		if name == "endless" { // one segment: what comes with the large message is passed over with it
			test.types = "HEL.R01 OBS.R01"
		}
		if types(b) != test.types || kinds != test.anomalies {
			t.Errorf("%s: %q, anomalies %q", name, types(b), kinds)
		}
	}
}

// TestRoles: results of quality control are no patient's; text may name somebody; passwords are counted, not kept.
func TestRoles(t *testing.T) {
	svc := func(role, value string) string {
		return `<OBS.R01><HDR/><SVC><SVC.role_cd V="` + role + `"/><PT><PT.patient_id V="LAB-4711"/><OBS><OBS.observation_id V="GLU"/><OBS.value V="` + value + `" U="mg/dL"/></OBS></PT></SVC></OBS.R01>`
	}
	b := run(hello + svc("OBS", "96") + svc("LQC", "101") + svc("OBS", "by ANN") + svc("OBS", ">500"))
	if r, o := results.Get(b), clinical.Observations.Get(b); len(r) != 4 || len(o) != 2 || r[2].V.Value != "" || r[2].V.Text != "by ANN" || o[1].V.Value != ">500" {
		t.Errorf("%+v\n%+v", r, o)
	}
	b = run(hello + `<OPL.R01><HDR/><OPR><ACC><ACC.password ENC="B64">c2VjcmV0</ACC.password></ACC></OPR><OPR><ACC><ACC.password V="secret"/></ACC></OPR><OPR/></OPL.R01>`)
	if m := messages.Get(b); m[1].V.Operators != 3 || m[1].V.Passwords != 2 || strings.Contains(dissecttest.Dump(b), "secret") || strings.Contains(dissecttest.Dump(b), "c2VjcmV0") {
		t.Errorf("%+v", m)
	}
}

func TestLoss(t *testing.T) {
	c := dissecttest.Bytes(dissect.TCP, "10.0.0.1:40000", "10.0.0.2:3001", []byte(hello+alive[:30]), nil, []byte(`l_id V="9"/></HDR></KPA.R01>`+alive))
	c.Segments = append(c.Segments[:1], c.Segments[2])
	c.Segments[1].Gap = 20
	b := dissecttest.Run(Protocol, &c)
	if types(b) != "HEL.R01 KPA.R01 KPA.R01" || messages.Get(b)[1].V.Complete || !messages.Get(b)[2].V.Complete {
		t.Errorf("%q %+v", types(b), messages.Get(b))
	}
}

func TestProbe(t *testing.T) {
	for in, want := range map[string]dissect.Match{
		hello: dissect.Yes, "<?xml version=\"1.0\"?>" + hello: dissect.Yes, "\x00\r\n" + hello: dissect.Yes, "<HEL": dissect.Maybe, "<?xml": dissect.Maybe, "": dissect.Maybe,
		"<HEL.R01>": dissect.Maybe, "<html><HDR>": dissect.No, "<HEL.R01>" + strings.Repeat("x", 4000): dissect.No, "<?xml version=\"1.0\"?><a>": dissect.No,
		"<!DOCTYPE html>": dissect.No, "GET / HTTP/1.1": dissect.No, "<DTV.SIEM.DVCMD><HDR>": dissect.Yes, "<14>Nov 23 host": dissect.No,
	} {
		if got := Protocol.Probe(&dissect.Conn{Transport: dissect.TCP}, 0, []byte(in)); got != want {
			t.Errorf("%.40q: %d, want %d", in, got, want)
		}
	}
}

package hl7v3

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

const sample = "../../samples/hl7v3-sharing"

func onPort(port uint16) func(*dissect.Conn) bool {
	return func(c *dissect.Conn) bool { return c.Server.Port() == port }
}

func TestSuite(t *testing.T) {
	dissecttest.Suite(t, Protocol, dissecttest.Load(t, onPort(2576), sample+"/capture.pcap"))
}

// TestCarried splits the recorded exchanges at a few places in HTTP: the rows are those of the whole.
func TestCarried(t *testing.T) {
	c := dissecttest.Load(t, onPort(8080), sample+"/capture.pcap")[0]
	want := dissecttest.Run(http.With(Protocol), &c)
	if n := len(messages.Get(want)); n != 15 {
		t.Fatalf("%d messages", n)
	}
	for _, size := range []int{1, 7, 1000} {
		one := dissecttest.Conversation{Conn: c.Conn}
		for _, s := range c.Segments {
			for from := 0; from < len(s.Data); from += size {
				g := s
				g.Data = s.Data[from:min(from+size, len(s.Data))]
				one.Segments = append(one.Segments, g)
			}
		}
		if a, b := dissecttest.Dump(want), dissecttest.Dump(dissecttest.Run(http.With(Protocol), &one)); a != b {
			t.Fatalf("pieces of %d bytes give other rows", size)
		}
	}
}

func TestGolden(t *testing.T) { dissecttest.Golden(t, sample, http.With(Protocol), Protocol) }

func FuzzHL7v3(f *testing.F) {
	p := *Protocol
	p.Probe = func(*dissect.Conn, dissect.Dir, []byte) dissect.Match { return dissect.Yes }
	dissecttest.Fuzz(f, &p, dissecttest.Load(f, nil, sample+"/capture.pcap"))
}

// exchange runs one exchange of HTTP as its carrier would.
func exchange(x *web.Exchange, request, response string) *event.Batch {
	c := dissecttest.Bytes(dissect.TCP, "10.0.0.1:40000", "10.0.0.2:80", []byte(request), []byte(response))
	c.Conn.Carried = x
	return dissecttest.Run(Protocol, &c)
}

const cda = `<ClinicalDocument xmlns="urn:hl7-org:v3"><id root="1.2" extension="D1"/><code code="34133-9" codeSystem="2.16.840.1.113883.6.1"/>` +
	`<recordTarget><patientRole><id root="1.3" extension="LAB-4711"/><patient><name><family>LABPATIENT</family><given>JOIN</given></name></patient></patientRole></recordTarget></ClinicalDocument>`

func TestDocument(t *testing.T) {
	b := exchange(&web.Exchange{Method: "POST"}, cda, "")
	got := documents.Get(b)
	if len(got) != 1 {
		t.Fatalf("%d documents", len(got))
	}
	if d := got[0].V; d.DocumentID != "1.2^D1" || d.PatientID != "LAB-4711" || d.PatientName != "LABPATIENT^JOIN" || d.TypeSystem != "LN" || !d.Complete {
		t.Errorf("%+v", d)
	}
	for cut := range len(cda) { // whatever is missing, nothing is made up
		for _, d := range documents.Get(exchange(&web.Exchange{Method: "POST"}, cda[:cut], "")) {
			if d.V.Complete || d.V.PatientID != "" && d.V.PatientID != "LAB-4711" {
				t.Fatalf("cut at %d: %+v", cut, d.V)
			}
		}
	}
}

// TestMultipart: the root part is named by start, wherever it stands; a boundary is found without a header.
func TestMultipart(t *testing.T) {
	envelope := `<Envelope xmlns="http://www.w3.org/2003/05/soap-envelope"><Body><RetrieveDocumentSetRequest xmlns="urn:ihe:iti:xds-b:2007"><DocumentRequest>` +
		`<DocumentUniqueId>1.2.3</DocumentUniqueId></DocumentRequest></RetrieveDocumentSetRequest></Body></Envelope>`
	part := func(id, text string) string {
		return "--b\r\nContent-Type: text/xml\r\nContent-ID: " + id + "\r\n\r\n" + text + "\r\n"
	}
	for name, test := range map[string]struct{ kind, body string }{
		"root last":     {`multipart/related; boundary=b; start="<r>"`, part("<d>", cda) + part("<r>", envelope) + "--b--\r\n"},
		"no header":     {"", part("<r>", envelope) + part("<d>", cda) + "--b--\r\n"},
		"no last mark":  {"multipart/related; boundary=b", part("<r>", envelope) + part("<d>", cda)},
		"many parts":    {"multipart/related; boundary=b", part("<r>", envelope) + part("<d>", cda) + strings.Repeat(part("<x>", "x"), 500) + "--b--\r\n"},
		"text in front": {"multipart/related; boundary=b", "\r\n" + part("<r>", envelope) + part("<d>", cda) + "--b--\r\n"},
	} {
		x := &web.Exchange{Method: "POST", Request: web.Header{{Name: "Content-Type", Value: test.kind}}}
		b := exchange(x, test.body, "")
		m, d, e := messages.Get(b), documents.Get(b), entries.Get(b)
		if len(m) != 1 || len(d) != 1 || len(e) != 1 || m[0].V.Transaction != "ITI-43" || m[0].V.Parts < 2 || m[0].V.Parts > maxParts {
			t.Errorf("%s: %+v, %d documents, %d entries", name, m, len(d), len(e))
		}
	}
}

// TestLong: what is longer than is read gives its header; a type declaration is told; rows are bounded.
func TestLong(t *testing.T) {
	big := strings.Replace(cda, "</ClinicalDocument>", "<component><nonXMLBody><text mediaType=\"application/pdf\">"+strings.Repeat("QUJD", 1<<20)+"</text></nonXMLBody></component></ClinicalDocument>", 1)
	d := documents.Get(exchange(&web.Exchange{Method: "POST"}, big, ""))
	if len(d) != 1 || d[0].V.PatientID != "LAB-4711" || d[0].V.MediaType != "application/pdf" || d[0].V.Complete {
		t.Errorf("%+v", d)
	}
	b := exchange(&web.Exchange{Method: "POST"}, `<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>`+cda, "")
	if a := event.Anomalies.Get(b); len(a) != 1 || a[0].V.Kind != "hl7v3_dtd" {
		t.Errorf("%+v", a)
	}
	many := `<PRPA_IN201301UV02 xmlns="urn:hl7-org:v3"><controlActProcess><subject><registrationEvent><subject1><patient>` +
		strings.Repeat(`<id root="1" extension="A"/>`, maxRows+5) + `</patient></subject1></registrationEvent></subject></controlActProcess></PRPA_IN201301UV02>`
	b = exchange(&web.Exchange{Method: "POST"}, many, "")
	if n := len(patients.Get(b)); n != maxRows || !strings.Contains(fmt.Sprint(event.Anomalies.Get(b)), "hl7v3_rows_limit") {
		t.Errorf("%d rows", n)
	}
}

func TestProbe(t *testing.T) {
	tcp := &dissect.Conn{Transport: dissect.TCP}
	soap := func(kind, action string) *dissect.Conn {
		return &dissect.Conn{Carried: &web.Exchange{Request: web.Header{{Name: "Content-Type", Value: kind}, {Name: "SOAPAction", Value: action}}}}
	}
	for _, test := range []struct {
		conn  *dissect.Conn
		first string
		want  dissect.Match
	}{
		{tcp, "\x0b" + cda, dissect.Yes}, {tcp, cda, dissect.Yes}, {tcp, "\x0b<?xml", dissect.Maybe}, {tcp, "\x0bMSH|^~\\&|", dissect.No}, {tcp, "GET / HTTP/1.1", dissect.No},
		{tcp, "<html>" + strings.Repeat("x", 5000), dissect.No}, {tcp, "<!-- urn:hl7-org:v3 -->" + strings.Repeat("x", 5000), dissect.No},
		{tcp, "--b\r\n", dissect.No}, {soap("text/html", ""), "", dissect.Maybe}, {soap("text/html", ""), "{}", dissect.No}, {soap("", `"urn:hl7-org:v3:PRPA_IN201305UV02"`), "", dissect.Yes},
		{soap(`multipart/related; action="urn:ihe:iti:2007:RetrieveDocumentSet"`, ""), "", dissect.Yes}, {soap("text/xml", ""), cda, dissect.Yes},
		{soap("application/xml+cda", ""), "", dissect.Yes}, {&dissect.Conn{Carried: 7}, cda, dissect.No},
	} {
		if got := Protocol.Probe(test.conn, 0, []byte(test.first)); got != test.want {
			t.Errorf("%.40q: %d, want %d", test.first, got, test.want)
		}
	}
}

func TestStamp(t *testing.T) {
	for in, want := range map[string]event.Time{"20261120093000+0100": 1795163400e9, "20261120083000": 1795163400e9, "20261120": 1795132800e9, "202611200830": 1795163400e9,
		"20261120083000.5-0000": 1795163400e9 + 5e8, "": 0, "yesterday": 0, "20261320": 0, "+": 0} {
		if got := stamp(in); got != want {
			t.Errorf("%q: %d, want %d", in, got, want)
		}
	}
}

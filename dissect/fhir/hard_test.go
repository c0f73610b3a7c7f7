package fhir

import (
	"fmt"
	"strings"
	"testing"

	"wardtrace/dissect"
	"wardtrace/dissect/clinical"
	"wardtrace/dissect/dissecttest"
	"wardtrace/dissect/event"
	"wardtrace/dissect/mqtt"
)

// talk makes a conversation of HTTP messages, alternating from the client.
func talk(messages ...string) dissecttest.Conversation {
	raw := make([][]byte, len(messages))
	for i, m := range messages {
		raw[i] = []byte(m)
	}
	return dissecttest.Bytes(dissect.TCP, "10.20.0.66:50000", "10.20.0.10:8090", raw...)
}

func ask(line, kind, body string) string {
	return fmt.Sprintf("%s HTTP/1.1\r\nHost: a\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", line, kind, len(body), body)
}

func answer(status int, kind, body string) string {
	return fmt.Sprintf("HTTP/1.1 %d X\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", status, kind, len(body), body)
}

const (
	asJSON = "application/fhir+json"
	asXML  = "application/fhir+xml"
)

// exchangesByHand are cases that no peer at hand produces.
var exchangesByHand = map[string][]string{
	"type late, in plain JSON": {"GET /api/Patient/7 HTTP/1.1\r\nHost: a\r\n\r\n",
		answer(200, "application/json", `{"name":[{"family":"LABPATIENT","resourceType":"x"}],"id":"7","resourceType":"Patient","identifier":[{"value":"1"},{"use":"usual","value":"LAB-4711"}]}`)},
	"escapes": {ask("PUT /fhir/Patient/7", asJSON, `{"resourceType":"Patient","id":"7","name":[{"family":"L\u00c4B\ud83d\ude00\n\"","given":["A","B"]}]}`), answer(200, asJSON, "")},
	"lines, one damaged": {"GET /x/1.ndjson HTTP/1.1\r\nHost: a\r\nAccept: application/fhir+ndjson\r\n\r\n",
		answer(200, "application/fhir+ndjson", "{\"resourceType\":\"Patient\",\"id\":\"1\"}\n{\"resourceType\":\"Patient\",]\n{\"resourceType\":\"Patient\",\"id\":\"3\"}\n")},
	"xml": {ask("POST /fhir", asXML, `<Bundle xmlns="http://hl7.org/fhir"><type value="batch"/><entry><resource><Observation><status value="final"/><code><coding><system value="http://loinc.org"/>`+
		`<code value="8867-4"/></coding></code><subject><reference value="Patient/7"/></subject><valueQuantity><value value="72"/><system value="http://unitsofmeasure.org"/><code value="/min"/></valueQuantity>`+
		`</Observation></resource><request><method value="POST"/><url value="Observation"/></request></entry></Bundle>`), answer(200, asXML, "")},
	"compartment":  {"GET /fhir/R4/Patient/7/Observation?code=8867-4&_count=5 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer x\r\n\r\n", answer(403, asJSON, `{"resourceType":"OperationOutcome","issue":[{"severity":"warning","code":"a"},{"severity":"error","code":"forbidden","details":{"text":"no"}}]}`)},
	"key in query": {"GET /fhir/Patient?access_token=Invented-4711&identifier=urn%3Ax%7CLAB-4711 HTTP/1.1\r\nHost: a\r\n\r\n", answer(200, asJSON, `{"resourceType":"Bundle","type":"searchset","link":[{"relation":"next"}]}`)},
	"too deep":     {ask("POST /fhir/Patient", asJSON, `{"resourceType":"Patient","x":`+strings.Repeat(`[`, 200)), answer(400, asJSON, "")},
	"cut":          {"GET /fhir/Patient/7 HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 X\r\nContent-Type: application/fhir+json\r\nContent-Length: 900\r\n\r\n{\"resourceType\":\"Patient\",\"id\":\"7\""},
}

func run(t *testing.T, name string) (Interaction, *event.Batch) {
	t.Helper()
	c := talk(exchangesByHand[name]...)
	b := dissecttest.Run(carrier, &c)
	rows := interactions.Get(b)
	if len(rows) != 1 {
		t.Fatalf("%d interactions, want 1\n%s", len(rows), dissecttest.Dump(b))
	}
	return rows[0].V, b
}

// TestByHand runs the suite over all cases and looks at what each is there for.
func TestByHand(t *testing.T) {
	for name, x := range exchangesByHand {
		t.Run(name, func(t *testing.T) { dissecttest.Suite(t, carrier, []dissecttest.Conversation{talk(x...)}) })
	}
	r, b := run(t, "type late, in plain JSON")
	if p := resources.Get(b); r.PatientID != "LAB-4711" || len(p) != 1 || p[0].V.PatientName != "LABPATIENT^" || p[0].V.Type != "Patient" {
		t.Error(dissecttest.Dump(b))
	}
	if _, b = run(t, "escapes"); resources.Get(b)[0].V.PatientName != "LÄB😀 \"^A" {
		t.Error(dissecttest.Dump(b))
	}
	if r, b = run(t, "lines, one damaged"); r.Interaction != "bulk-file" || r.Format != "ndjson" || r.Received != 2 || r.Patients != 2 {
		t.Error(dissecttest.Dump(b))
	}
	r, b = run(t, "xml")
	if o := clinical.Observations.Get(b); r.Interaction != "batch" || len(o) != 1 || o[0].V.Number.V != 72 || o[0].V.Unit != "/min" || o[0].V.PatientID != "Patient/7" || o[0].V.Dir != "client" {
		t.Error(dissecttest.Dump(b))
	}
	r, b = run(t, "compartment")
	if r.Interaction != "search-type" || r.ResourceType != "Observation" || r.CompartmentID != "7" || r.PatientRef != "7" || r.Outcome != "forbidden" || r.Diagnostics != "no" || r.Base != "/fhir/R4" || r.Unfiltered {
		t.Error(dissecttest.Dump(b))
	}
	if r, b = run(t, "key in query"); !r.KeyInQuery || !r.More || r.PatientID != "LAB-4711" || strings.Contains(r.Search, "4711&") || strings.Contains(r.Search, "Invented") {
		t.Error(dissecttest.Dump(b))
	}
	if r, b = run(t, "too deep"); r.RequestWhole || event.Anomalies.Get(b)[0].V.Kind != "fhir_bad_json" {
		t.Error(dissecttest.Dump(b))
	}
	if r, b = run(t, "cut"); r.ResponseWhole || r.Received != 0 || r.Status.V != 200 {
		t.Error(dissecttest.Dump(b))
	}
}

// TestSecrets holds that no token, code or secret of the samples stands in a row.
func TestSecrets(t *testing.T) {
	for _, s := range samples {
		for _, c := range dissecttest.Load(t, overTCP, s+"/capture.pcap") {
			dump := dissecttest.Dump(dissecttest.Run(carrier, &c))
			for _, secret := range []string{"Invented", "SW52ZW50ZWRTaWduYXR1cmU0NzEx", "eyJ", "v4711", "aaa.bbb"} {
				if strings.Contains(dump, secret) {
					t.Errorf("%s: %q is in a row", s, secret)
				}
			}
		}
	}
}

// TestLargeBundle holds that a bundle of any size costs bounded memory, and that what has no row is counted.
func TestLargeBundle(t *testing.T) {
	const n = 3 * maxRows
	var w strings.Builder
	w.WriteString(`{"resourceType":"Bundle","type":"searchset","total":12288,"entry":[`)
	for i := range n {
		fmt.Fprintf(&w, `{"resource":{"resourceType":"Patient","id":"%d","text":{"div":"%s"}}},`, i, strings.Repeat("x", 2000))
	}
	c := talk("GET /fhir/Patient HTTP/1.1\r\nHost: a\r\n\r\n", answer(200, asJSON, w.String()+"{}]}"))
	b := dissecttest.Run(carrier, &c)
	r := interactions.Get(b)[0].V
	if r.Received != n || r.Patients != n || len(resources.Get(b)) != maxRows || r.Total.V != n || !r.Unfiltered || !r.ResponseWhole {
		t.Fatalf("%+v, %d rows", r, len(resources.Get(b)))
	}
	if a := event.Anomalies.Get(b); len(a) != 1 || a[0].V.Kind != "fhir_resource_limit" || a[0].V.Count != n-maxRows {
		t.Fatal(a)
	}
}

// TestLargeResource holds that of one resource no more than its cap is kept.
func TestLargeResource(t *testing.T) {
	b := builder{}
	var got *node
	b.done = func(n *node, _ bool) { got = n }
	l := lexer{b: &b}
	l.take([]byte(`{"resourceType":"Binary","data":"` + strings.Repeat("A", 1<<20) + `","x":[` + strings.Repeat(`{"a":1},`, 3*maxNodes) + `{}]}`))
	count := 0
	got.walk(func(*node) { count++ })
	if count > maxNodes || len(got.str("data")) != maxText || !l.whole() {
		t.Fatalf("%d nodes, %d bytes", count, len(got.str("data")))
	}
}

func TestMessages(t *testing.T) {
	const payload = `{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"urn:iso:std:iso:11073:10101","code":"149530"}]},"valueInteger":71,` +
		`"subject":{"identifier":{"value":"LAB-4711"}},"device":{"identifier":{"value":"MON-3"}}}`
	connect := "\x10\x10\x00\x04MQTT\x04\x02\x00\x3c\x00\x04lab1"
	body := "\x00\x03a/b" + payload
	publish := "\x30" + string([]byte{byte(len(body)&0x7f | 0x80), byte(len(body) >> 7)}) + body
	c := dissecttest.Bytes(dissect.TCP, "10.20.0.66:50000", "10.20.0.10:1883", []byte(connect), []byte("\x20\x02\x00\x00"), []byte(publish))
	b := dissecttest.Run(mqtt.With(Protocol), &c)
	o := clinical.Observations.Get(b)
	if len(o) != 1 || o[0].V.PatientID != "LAB-4711" || o[0].V.CodingSystem != "MDC" || o[0].V.Device != "MON-3" || o[0].V.Number.V != 71 {
		t.Fatal(dissecttest.Dump(b))
	}
	if r := interactions.Get(b)[0].V; r.Interaction != "message" || r.TransDepth != 0 || r.PatientID != "LAB-4711" {
		t.Fatalf("%+v", r)
	}
}

// TestNotFHIR holds what must not be taken: false recognition is a grave fault.
func TestNotFHIR(t *testing.T) {
	for _, x := range [][]string{
		{"GET /Patient/7 HTTP/1.1\r\nHost: a\r\n\r\n", answer(200, "text/html", "<html xmlns=\"http://hl7.org/fhir\"><Patient/></html>")},
		{"GET /api/metadata HTTP/1.1\r\nHost: a\r\n\r\n", answer(200, "application/json", `{"resourceType":"bucket","x":{"resourceType":"Patient"}}`)},
		{"GET /fhir HTTP/1.1\r\nHost: a\r\n\r\n", answer(200, "text/html", "<html>")},
		{ask("POST /oauth/token", "application/x-www-form-urlencoded", "grant_type=password&username=u&password=p&scope=openid"), answer(200, "application/json", `{"access_token":"x","scope":"openid"}`)},
		{"GET /x HTTP/1.1\r\nHost: a\r\n\r\n", answer(200, "application/json", `["resourceType","Patient"]`)},
		{"GET /x HTTP/1.1\r\nHost: a\r\n\r\n", answer(200, "application/json", `{"a":"resourceType","Patient":1}`)},
		{"GET /x HTTP/1.1\r\nHost: a\r\n\r\n", answer(200, "application/xml", `<ClinicalDocument xmlns="urn:hl7-org:v3"><a x="http://hl7.org/fhir"/></ClinicalDocument>`)},
	} {
		c := talk(x...)
		if b := dissecttest.Run(carrier, &c); len(interactions.Get(b)) != 0 {
			t.Errorf("%q was taken for FHIR", x)
		}
	}
}

func TestPaths(t *testing.T) {
	for path, want := range map[string]string{
		"/fhir/Patient/7":                     "read Patient 7 /fhir/Patient/*",
		"/Patient/7/_history":                 "history-instance Patient 7 /Patient/*/_history",
		"/fhir/Patient/7/_history/3":          "vread Patient 7 /fhir/Patient/*/_history/3",
		"/fhir/Patient/_history":              "history-type Patient  /fhir/Patient/_history",
		"/fhir/_history":                      "history-system   /fhir/_history",
		"/fhir/Patient/$match":                "operation Patient  /fhir/Patient/$match",
		"/fhir/Group/9/$export":               "operation Group 9 /fhir/Group/*/$export",
		"/fhir/Patient/7/Observation":         "search-type Observation  /fhir/Patient/*/Observation",
		"/fhir/Patient/7/Observation/_search": "search-type Observation  /fhir/Patient/*/Observation/_search",
		"/fhir/Patient/7/*":                   "search-type   /fhir/Patient/*/*",
		"/fhir/metadata":                      "capabilities   /fhir/metadata",
		"/fhir/Patient/a%2Fb/x/y":             "read Patient a/b /fhir/Patient/*/*/*",
		"/fhir/Patient/%zz":                   "read Patient %zz /fhir/Patient/*",
		"/fhir":                               "search-system   /fhir",
	} {
		p := parsePath(path)
		if got := fmt.Sprintf("%s %s %s %s", p.interaction("GET"), p.kind, p.id, p.safe); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	if got := safeURL("https://h:1/fhir/Patient/7/_history/1?x=y"); got != "https://h:1/fhir/Patient/*/_history/1" {
		t.Error(got)
	}
}

package sensor

import (
	"fmt"
	"strings"
	"testing"

	"wardtrace/dissect"
	"wardtrace/dissect/clinical"
	"wardtrace/dissect/dissecttest"
	"wardtrace/dissect/event"
)

func feed(b string) (*event.Batch, error) {
	var out event.Batch
	_, err := Protocol.New(nil).Feed(&dissect.Segment{Data: []byte(b)}, &out)
	return &out, err
}

// TestForms holds the forms in which devices say a value: hand-made, as no two devices agree.
func TestForms(t *testing.T) {
	for in, want := range map[string]string{
		`{"heart_rate": 72}`:               "heart_rate=72",
		`{"vitals":{"HR":72,"SpO2":97.5}}`: "vitals.HR=72 vitals.SpO2=97.5",
		`[{"name":"spo2","value":97,"unit":"%"},{"name":"pulse","value":71}]`:    "spo2=97% pulse=71",
		`{"spo2":{"value":93,"unit":"%"}}`:                                       "spo2=93%",
		`{"temperature":37.2,"temperature_unit":"Cel"}`:                          "temperature=37.2Cel",
		`{"nibp":{"sys":120,"dia":80,"mean":93}}`:                                "nibp.dia=80 nibp.mean=93 nibp.sys=120",
		`[{"bn":"urn:x:","bu":"Cel","n":"t1","v":20},{"n":"t2","v":21,"u":"K"}]`: "t1=20Cel t2=21K",
		`[{"n":"spo2","v":97,"u":"%"}]`:                                          "spo2=97%",
		`{"heart_rate":"72"}`:                                                    "", // a text is no measurement
		`{"lamp":1}`:                                                             "",
		`{"heart_rate": 72`:                                                      "",
		`[1,2,3]`:                                                                "",
		`{"hr":72,"my wife's hr":80}`:                                            "hr=72", // what a person typed is no name
		`{"heart_rate":1e400}`:                                                   "",
		strings.Repeat(`{"a":`, 40) + `{"hr":1}` + strings.Repeat(`}`, 40):       "",
		`{"resourceType":"Bundle"}`:                                              "",
		`[{"n":"a","vs":"text"}]`:                                                "",
		`{"data":[{"hr":1},{"hr":2}]}`:                                           "data.hr=1 data.hr=2",
	} {
		b, err := feed(in)
		var got []string
		for _, o := range clinical.Observations.Get(b) {
			got = append(got, fmt.Sprintf("%s=%v%s", o.V.Code, o.V.Number.V, o.V.Unit))
		}
		if s := strings.Join(got, " "); s != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v; want %q", in, s, err, want)
		}
	}
}

// TestWho holds that patient, device and time are found, and stand where they are protected.
func TestWho(t *testing.T) {
	b, _ := feed(`{"patientId":"LAB-4711","patient_name":"LABPATIENT^JOIN","device":"MON-1","ts":1795400100000,"hr":72}`)
	r := messages.Get(b)[0].V
	if r.PatientID != "LAB-4711" || r.PatientName != "LABPATIENT^JOIN" || r.Device != "MON-1" || r.At != 1795400100000000000 {
		t.Errorf("%+v", r)
	}
	if o := clinical.Observations.Get(b)[0].V; o.PatientID != r.PatientID || o.ObservedAt != r.At || o.Device != "MON-1" {
		t.Errorf("%+v", o)
	}
}

func FuzzSensor(f *testing.F) {
	f.Add([]byte(`{"patient_id":"LAB-4711","heart_rate":72,"nibp":{"sys":121,"dia":78},"ts":"2026-11-20T02:15:00Z"}`))
	f.Add([]byte(`[{"bn":"urn:dev:mac:0:","bt":1795400100,"n":"temperature","u":"Cel","v":21.5},{"n":"humidity","t":-60,"v":41}]`))
	f.Add([]byte(`[{"name":"spo2","value":97,"unit":"%"}]`))
	f.Fuzz(func(t *testing.T, b []byte) {
		conv := dissecttest.Bytes(dissect.UDP, "10.0.0.1:1", "10.0.0.2:2", b)
		first := dissecttest.Dump(dissecttest.Run(Protocol, &conv))
		if again := dissecttest.Dump(dissecttest.Run(Protocol, &conv)); again != first {
			t.Fatal("the same message gives other rows")
		}
		out, err := feed(string(b))
		if (err == nil) != (len(messages.Get(out)) == 1) {
			t.Fatalf("%d rows, %v", len(messages.Get(out)), err)
		}
	})
}

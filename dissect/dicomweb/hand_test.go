package dicomweb_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"wardtrace/dissect"
	"wardtrace/dissect/dataset"
	"wardtrace/dissect/dicomweb"
	"wardtrace/dissect/dissecttest"
	"wardtrace/dissect/event"
	"wardtrace/dissect/web"
)

// exchange makes a conversation of an exchange as HTTP would: request's body, then the response's.
func exchange(x *web.Exchange, request, response []byte) dissecttest.Conversation {
	c := dissecttest.Bytes(dissect.TCP, "10.0.0.1:50000", "10.0.0.2:80", request, response)
	x.Ref = event.Ref{Time: 1e18, File: 1, Frame: 1}
	if x.Depth == 0 {
		x.Depth = 1
	}
	c.Conn.Carried = x
	return c
}

// run opens the stream by the header and feeds the bodies, as HTTP does.
func run(c dissecttest.Conversation) *event.Batch {
	out, seq := &event.Batch{}, uint32(0)
	conn := c.Conn
	s := dissect.NewStream(&conn, []*dissect.Protocol{dicomweb.Protocol}, &seq)
	s.Open(conn.Carried.(*web.Exchange).Ref, out)
	for _, g := range c.Segments {
		s.Feed(&dissect.Segment{Data: g.Data, Gap: g.Gap, Dir: g.Dir, Ref: g.Ref}, out)
	}
	s.Close(out)
	return out
}

// cells gives the named columns of a table's rows, for a test to compare.
func cells(t *testing.T, b *event.Batch, table string, columns ...string) []string {
	t.Helper()
	var out []string
	for _, rows := range b.Tables() {
		if rows.Table.Name != table {
			continue
		}
		for i := range rows.Len() {
			var w []string
			for _, want := range columns {
				found := false
				for c, col := range rows.Table.Columns {
					if col.Name == want {
						w, found = append(w, fmt.Sprint(rows.Value(i, c))), true
					}
				}
				if !found {
					t.Fatalf("table %s has no column %s", table, want)
				}
			}
			out = append(out, strings.Join(w, " "))
		}
	}
	return out
}

func same(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s:\ngot  %q\nwant %q", what, got, want)
	}
}

// element writes one in explicit VR little endian.
func element(group, el uint16, vr, v string) []byte {
	if len(v)%2 == 1 {
		v += " "
	}
	b := []byte{byte(group), byte(group >> 8), byte(el), byte(el >> 8), vr[0], vr[1]}
	if vr == "OB" || vr == "OW" {
		b = append(b, 0, 0, byte(len(v)), byte(len(v)>>8), byte(len(v)>>16), 0)
	} else {
		b = append(b, byte(len(v)), byte(len(v)>>8))
	}
	return append(b, v...)
}

// object writes a Part 10 file of an invented patient.
func object(n int, pixels string) []byte {
	instance := fmt.Sprintf("1.2.826.0.1.3680043.8.498.9.%d", n)
	b := dataset.AppendFileHead(nil, "1.2.840.10008.5.1.4.1.1.7", instance, "1.2.840.10008.1.2.1", "1.2.3.4", "")
	for _, e := range [][]byte{element(8, 0x16, "UI", "1.2.840.10008.5.1.4.1.1.7\x00"), element(8, 0x18, "UI", instance), element(8, 0x60, "CS", "OT"),
		element(0x10, 0x10, "PN", "LABPATIENT^HAND"), element(0x10, 0x20, "LO", fmt.Sprintf("HAND-%d", n)),
		element(0x20, 0x0D, "UI", "1.2.826.0.1.3680043.8.498.9.100"), element(0x20, 0x0E, "UI", "1.2.826.0.1.3680043.8.498.9.200"),
		element(0x7FE0, 0x10, "OW", pixels)} {
		b = append(b, e...)
	}
	return b
}

// multipart puts parts together; eol is the line end.
func multipart(boundary, eol string, parts ...[]byte) []byte {
	b := []byte("a preamble that nobody reads" + eol)
	for _, p := range parts {
		b = append(b, "--"+boundary+" "+eol+"content-type: application/dicom"+eol+"Content-Location: x"+eol+eol...)
		b = append(append(b, p...), eol...)
	}
	return append(b, "--"+boundary+"--"...)
}

func stow(contentType string) *web.Exchange {
	return &web.Exchange{Method: "POST", Path: "/rs/studies", Request: web.Header{{Name: "content-type", Value: contentType}}, Status: 200,
		Response: web.Header{{Name: "Content-Type", Value: "application/dicom+json"}}}
}

const answer200 = `[{"00081199":{"vr":"SQ","Value":[{"00081155":{"vr":"UI","Value":["1.2.826.0.1.3680043.8.498.9.1"]}}]}}]`

// TestMultipart holds that parts are found whatever the line ends and quotes are, and whatever their bytes look like.
func TestMultipart(t *testing.T) {
	hard := strings.Repeat("\r\n--xyz\r\n--xy\n-\r", 30) + "\r"
	for _, eol := range []string{"\r\n", "\n"} {
		for _, kind := range []string{`multipart/related; type="application/dicom"; boundary="xyzzy;1"`, `Multipart/Related;boundary="xyzzy;1";type=application/dicom`} {
			c := exchange(stow(kind), multipart("xyzzy;1", eol, object(1, hard), nil, object(2, hard)), []byte(answer200))
			b := run(c)
			same(t, kind, cells(t, b, "dicomweb_dataset", "part", "patient_id", "pixel_bytes", "fault", "complete"), fmt.Sprintf("1 HAND-1 %d <nil> true", len(hard)+len(hard)%2),
				fmt.Sprintf("3 HAND-2 %d <nil> true", len(hard)+len(hard)%2))
			same(t, kind, cells(t, b, "dicomweb", "service", "operation", "request_parts", "objects_sent", "stored", "refused"), "stow-rs store 3 2 1 0")
			same(t, kind, cells(t, b, "image_transfer", "objects", "failed", "mode", "patient_id"), "2 0 push HAND-1")
		}
	}
}

func conversations() []dissecttest.Conversation {
	kind := `multipart/related; type="application/dicom"; boundary=bb`
	get := func(path, query, response string) *web.Exchange {
		return &web.Exchange{Method: "GET", Path: path, Query: query, Status: 200, Response: web.Header{{Name: "Content-Type", Value: response}}}
	}
	xml := `<?xml version="1.0"?><NativeDicomModel><DicomAttribute tag="00100020" vr="LO"><Value number="1">HAND-3</Value></DicomAttribute>` +
		`<DicomAttribute tag="00100010" vr="PN"><PersonName number="1"><Alphabetic><FamilyName>LABPATIENT</FamilyName><GivenName>X</GivenName></Alphabetic></PersonName></DicomAttribute></NativeDicomModel>`
	return []dissecttest.Conversation{
		exchange(stow(kind), multipart("bb", "\r\n", object(1, "0123"), object(2, "4567")), []byte(answer200)),
		exchange(get("/rs/studies/1.2.3.4.5", "", kind), nil, multipart("bb", "\r\n", object(1, "\r\n--b"), []byte(xml), object(2, "4567"))),
		exchange(get("/rs/studies", "PatientID=HAND*", "application/dicom+json"), nil,
			[]byte(`[{"00100020":{"Value":["HAND-1"],"vr":"LO"},"00100010":{"vr":"PN","Value":[{"Ideographic":"x","Alphabetic":"LAB\u0050^\"Q\""}]}},`+
				` {"00080005":{"vr":"CS","Value":["ISO_IR 192",null]},"00280010":{"vr":"US","Value":[512]},"00400275":{"vr":"SQ","Value":[{"00100020":{"vr":"LO","Value":["NOT-ME"]}}]}}]`)),
		exchange(get("/rs/studies/1.2.3.4.5/metadata", "", "application/dicom+xml"), nil, []byte(xml)),
	}
}

func TestBodies(t *testing.T) { dissecttest.Suite(t, dicomweb.Protocol, conversations()) }

func FuzzBodies(f *testing.F) {
	convs := conversations()
	for i := range convs { // one kind of header for all: the first's
		convs[i].Conn.Carried = convs[0].Conn.Carried
	}
	dissecttest.Fuzz(f, dicomweb.Protocol, convs)
}

func TestModels(t *testing.T) {
	convs := conversations()
	same(t, "json", cells(t, run(convs[2]), "dicomweb_dataset", "kind", "patient_id", "patient_name", "rows", "character_set", "elements"),
		"query HAND* <nil> <nil> <nil> 0", `match HAND-1 LABP^"Q" <nil> <nil> 2`, `match <nil> <nil> 512 ISO_IR 192\ 4`)
	same(t, "json", cells(t, run(convs[2]), "dicomweb", "service", "results", "patient_in_uri"), "qido-rs 2 true")
	same(t, "xml", cells(t, run(convs[3]), "dicomweb_dataset", "kind", "patient_id", "patient_name", "encoding"), "metadata HAND-3 LABPATIENT^X xml")
}

// TestRefused holds that the answer's list of failures counts, in JSON and in XML, as PS3.18 10.5.3 has it.
func TestRefused(t *testing.T) {
	kind := `multipart/related; type="application/dicom"; boundary=bb`
	body := multipart("bb", "\r\n", object(1, "0123"), object(2, "4567"))
	x := stow(kind)
	x.Status = 202
	b := run(exchange(x, body, []byte(`{"00081198":{"vr":"SQ","Value":[{"00081150":{"vr":"UI","Value":["1.2.840.10008.5.1.4.1.1.7"]},`+
		`"00081155":{"vr":"UI","Value":["1.2.826.0.1.3680043.8.498.9.2"]},"00081197":{"vr":"US","Value":[42752]}}]},`+answer200[2:len(answer200)-1])))
	same(t, "json", cells(t, b, "dicomweb", "stored", "refused", "failure_reasons"), "1 1 [0xA700]")
	same(t, "json", cells(t, b, "image_transfer", "objects", "failed"), "2 1")
	x = stow(kind)
	x.Status, x.Response = 409, web.Header{{Name: "Content-Type", Value: "application/dicom+xml"}}
	b = run(exchange(x, body, []byte(`<NativeDicomModel><DicomAttribute tag="00081198" vr="SQ"><Item number="1"><DicomAttribute tag="00081155" vr="UI"><Value number="1">`+
		`1.2.826.0.1.3680043.8.498.9.1</Value></DicomAttribute><DicomAttribute tag="00081197" vr="US"><Value number="1">272</Value></DicomAttribute></Item></DicomAttribute></NativeDicomModel>`)))
	same(t, "xml", cells(t, b, "dicomweb", "stored", "refused", "failure_reasons"), "0 1 [0x0110]")
	x = stow(kind)
	x.Status = 503
	same(t, "no answer", cells(t, run(exchange(x, body, nil)), "image_transfer", "objects", "failed"), "2 2")
}

// TestLoss holds that a loss inside pixels costs one object its digest, and a loss over a boundary no later object.
func TestLoss(t *testing.T) {
	body := multipart("bb", "\r\n", object(1, strings.Repeat("p", 1000)), object(2, "4567"), object(3, "89ab"))
	kind := `multipart/related; type="application/dicom"; boundary=bb`
	at := bytes.Index(body, []byte("pppp")) + 50
	second := bytes.Index(body, []byte("HAND-2"))
	for _, x := range []struct {
		gap  int
		want []string
	}{
		{300, []string{"1 HAND-1 false 300 <nil>", "2 HAND-2 true 0 <nil>", "3 HAND-3 true 0 <nil>"}},
		{second - at, []string{fmt.Sprintf("1 HAND-1 false %d gap", second-at), "2 HAND-3 true 0 <nil>"}},
	} {
		c := exchange(stow(kind), nil, []byte(answer200))
		first := c.Segments[0]
		first.Data = body[:at]
		rest := first
		rest.Data, rest.Gap = body[at+x.gap:], x.gap
		c.Segments = []dissecttest.Segment{first, rest, c.Segments[1]}
		c.Conn.Carried.(*web.Exchange).RequestCut = true
		same(t, fmt.Sprint(x.gap), cells(t, run(c), "dicomweb_dataset", "part", "patient_id", "complete", "lost_bytes", "fault"), x.want...)
	}
}

// TestUnifiedProcedureSteps holds UPS-RS (PS3.18 table 11.1.1-1), which no peer at hand speaks.
func TestUnifiedProcedureSteps(t *testing.T) {
	const uid = "1.2.826.0.1.3680043.8.498.9.300"
	body := []byte(`{"00741000":{"vr":"CS","Value":["IN PROGRESS"]},"00081195":{"vr":"UI","Value":["1.2.3.4"]}}`)
	for _, x := range []struct{ method, path, query, want string }{
		{"POST", "/rs/workitems", uid, "create <nil> " + uid + " <nil>"},
		{"GET", "/rs/workitems", "00741000=SCHEDULED&PatientID=HAND-1", "search <nil> <nil> <nil>"},
		{"GET", "/rs/workitems/" + uid, "", "retrieve <nil> " + uid + " <nil>"},
		{"POST", "/rs/workitems/" + uid, "", "update <nil> " + uid + " <nil>"},
		{"PUT", "/rs/workitems/" + uid + "/state", "", "change_state IN PROGRESS " + uid + " <nil>"},
		{"POST", "/rs/workitems/" + uid + "/cancelrequest", "", "request_cancellation <nil> " + uid + " <nil>"},
		{"POST", "/rs/workitems/" + uid + "/subscribers/VIEWER", "", "subscribe <nil> " + uid + " VIEWER"},
		{"DELETE", "/rs/workitems/" + uid + "/subscribers/VIEWER", "", "unsubscribe <nil> " + uid + " VIEWER"},
		{"POST", "/rs/workitems/1.2.840.10008.5.1.4.34.5/subscribers/VIEWER/suspend", "", "suspend <nil> 1.2.840.10008.5.1.4.34.5 VIEWER"},
	} {
		ex := &web.Exchange{Method: x.method, Path: x.path, Query: x.query, Status: 200}
		if x.method != "GET" {
			ex.Request = web.Header{{Name: "Content-Type", Value: "application/dicom+json"}}
		}
		b := run(exchange(ex, body, nil))
		same(t, x.method+" "+x.path, cells(t, b, "dicomweb", "service", "operation", "procedure_step_state", "sop_instance", "target"), "ups-rs "+x.want)
	}
}

// TestPaths holds what methods and paths are taken for, and that no path shows who the patient is.
func TestPaths(t *testing.T) {
	const id = "3c792035-ac3b5427-c0cdfd4b-2ba02755-422987ef"
	for _, x := range []struct{ method, path, query, want, safe string }{
		{"DELETE", "/dcm4chee-arc/aets/DCM4CHEE/rs/studies/1.2.3.4.5", "", "delete delete study dcm4chee-arc none", ""},
		{"DELETE", "/dcm4chee-arc/aets/DCM4CHEE/rs/patients/HAND-1%5E%5E%5EHOSP", "", "delete delete patient dcm4chee-arc none", "/dcm4chee-arc/aets/DCM4CHEE/rs/patients/*"},
		{"DELETE", "/v2/studies/1.2.3.4.5/series/1.2.3.4.6", "", "delete delete series <nil> none", ""},
		{"GET", "/v1/projects/p/locations/l/datasets/d/dicomStores/s/dicomWeb/studies/1.2.3.4.5/series", "access_token=x", "qido-rs search series google uri", ""},
		{"GET", "/rs/studies/1.2.3.4.5/series/1.2.3.4.6/instances/1.2.3.4.7/bulkdata/7FE00010", "", "wado-rs retrieve_bulkdata instance <nil> none", ""},
		{"GET", "/rs/studies/1.2.3.4.5/thumbnail", "", "wado-rs retrieve_thumbnail study <nil> none", ""},
		{"POST", "/rs/studies/1.2.3.4.5", "", "stow-rs store study <nil> none", ""},
		{"GET", "/pacs", "requestType=WADO&studyUID=1.2.3.4.5&seriesUID=1.2.3.4.6&objectUID=1.2.3.4.7", "wado-uri retrieve instance <nil> none", ""},
		{"POST", "/gateway/in", "", "stow-rs store <nil> <nil> none", ""},
		{"GET", "/patients/" + id, "", "orthanc info patient orthanc none", "/patients/*"},
		{"GET", "/proxy/studies/" + id + "/media", "", "orthanc archive study orthanc none", "/proxy/studies/*/media"},
		{"POST", "/studies/" + id + "/anonymize", "", "orthanc anonymize study orthanc none", "/studies/*/anonymize"},
	} {
		ex := &web.Exchange{Method: x.method, Path: x.path, Query: x.query, Status: 200}
		if x.method == "POST" && !strings.Contains(x.path, id) {
			ex.Request = web.Header{{Name: "Content-Type", Value: `multipart/related; type="application/dicom"; boundary=bb`}}
		}
		b := run(exchange(ex, nil, nil))
		same(t, x.method+" "+x.path, cells(t, b, "dicomweb", "service", "operation", "level", "product", "authorization"), x.want)
		if ex.SafePath != x.safe {
			t.Errorf("%s: safe path %q, want %q", x.path, ex.SafePath, x.safe)
		}
	}
}

// TestNoUID holds that what stands in place of a UID is told, and not shown.
func TestNoUID(t *testing.T) {
	ex := &web.Exchange{Method: "GET", Path: "/rs/studies/LABPATIENT%2F..%2F4711/series/1.2.3.4.5", Status: 404}
	b := run(exchange(ex, nil, nil))
	same(t, "exchange", cells(t, b, "dicomweb", "study_uid", "series_uid", "resource_id", "invalid_uid", "path_characters"), "<nil> 1.2.3.4.5 LABPATIENT/../4711 true true")
	if ex.SafePath != "/rs/studies/*/series/1.2.3.4.5" {
		t.Errorf("safe path %q", ex.SafePath)
	}
}

// TestOneSided holds that an answer whose request was not captured still shows what it carried.
func TestOneSided(t *testing.T) {
	ex := &web.Exchange{Status: 200, Response: web.Header{{Name: "Content-Type", Value: `multipart/related; type="application/dicom"; boundary=bb`}}}
	b := run(exchange(ex, nil, multipart("bb", "\r\n", object(1, "0123"))))
	same(t, "exchange", cells(t, b, "dicomweb", "service", "operation", "authorization", "objects_received"), "<nil> <nil> <nil> 1")
	same(t, "transfer", cells(t, b, "image_transfer", "mode", "objects", "patient_id"), "pull 1 HAND-1")
}

// TestProbe holds that what merely looks alike is left to others.
func TestProbe(t *testing.T) {
	for _, x := range []struct{ method, path, query, body string }{
		{"GET", "/studies", "", `["one","two"]`},
		{"GET", "/api/studies/4711", "", `{"title":"a trial"}`},
		{"GET", "/tv/series/1.2/instances", "page=2", `[]`},
		{"GET", "/system", "", `{"Name":"router","Version":"1"}`},
		{"GET", "/dicom/viewer.html", "", "<html>"},
		{"GET", "/shows/series", "title=x", `[{"ID":1}]`},
		{"GET", "/Patient/1.2.3.4.5", "", `{"resourceType":"Patient"}`},
		{"POST", "/tools/find", "q=1", `{"Query":"x"}`},
		{"GET", "/a", "requestType=WADO", ""},
	} {
		ex := &web.Exchange{Method: x.method, Path: x.path, Query: x.query, Status: 200, Response: web.Header{{Name: "Content-Type", Value: "application/json"}}}
		if b := run(exchange(ex, []byte(x.body), []byte(x.body))); b.Len() > 0 {
			t.Errorf("%s %s?%s: %s", x.method, x.path, x.query, dissecttest.Dump(b))
		}
	}
}

// shelf keeps objects in memory.
type shelf struct{ kept []*book }

type book struct {
	bytes.Buffer
	dissect.Object
	complete bool
}

func (b *book) Lose(n int64) { b.Write(make([]byte, n)) }

func (b *book) Close(complete bool) { b.complete = complete }

func (s *shelf) Keep(o dissect.Object, _ event.Ref) dissect.ObjectWriter {
	s.kept = append(s.kept, &book{Object: o})
	return s.kept[len(s.kept)-1]
}

// TestKeep holds that objects come out byte for byte, and that one without its head gets a sound one.
func TestKeep(t *testing.T) {
	one, two := object(1, "0123"), object(2, "4567")
	set := one[bytes.Index(one, element(8, 0x16, "UI", "1.2.840.10008.5.1.4.1.1.7\x00")):]
	bare := append(append(element(2, 2, "UI", "1.2.840.10008.5.1.4.1.1.7\x00"), element(2, 0x10, "UI", "1.2.840.10008.1.2.1\x00")...), set...)
	c := exchange(stow(`multipart/related; type="application/dicom"; boundary=bb`), multipart("bb", "\r\n", one, []byte("no object"), bare, two[:len(two)-2]), []byte(answer200))
	s := &shelf{}
	c.Conn.Keeper = s
	run(c)
	if len(s.kept) != 3 {
		t.Fatalf("%d objects kept, want 3", len(s.kept))
	}
	if k := s.kept[0]; !bytes.Equal(k.Bytes(), one) || !k.complete || k.Name != "1.2.826.0.1.3680043.8.498.9.1" || k.Kind != "dicom" || k.Ext != ".dcm" {
		t.Errorf("the first is not what was sent: %+v %v, %d bytes", k.Object, k.complete, k.Len())
	}
	if k := s.kept[1]; !bytes.HasSuffix(k.Bytes(), set) || !k.complete {
		t.Errorf("the one without head: complete %v", k.complete)
	}
	f := dataset.File{}
	f.Write(s.kept[1].Bytes())
	if f.Finish(); f.NotAFile || f.Object.PatientID != "HAND-1" || f.TransferSyntax != "1.2.840.10008.1.2.1" {
		t.Errorf("it cannot be read back: %+v", f)
	}
	if s.kept[2].complete {
		t.Error("an object that was cut off is called complete")
	}
}

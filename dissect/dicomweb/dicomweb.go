package dicomweb

import (
	"strings"

	"wardtrace/dissect"
	"wardtrace/dissect/dataset"
	"wardtrace/dissect/event"
	"wardtrace/dissect/web"
)

// Protocol is DICOMweb, for HTTP to carry.
var Protocol = &dissect.Protocol{
	Name:       "dicomweb",
	Spec:       "DICOM PS3.18 2025c",
	Transports: []dissect.Transport{dissect.TCP},
	MaxBuffer:  maxLine + 2,
	Tables:     []*event.Table{exchanges.Desc(), datasets.Desc()},
	Probe:      probe,
	New:        newDissector,
}

// maxAnomalies bounds the anomaly rows of an exchange: thousands of parts may all be broken.
const maxAnomalies = 8

// dissector reads one exchange.
type dissector struct {
	conn *dissect.Conn
	ex   *web.Exchange
	t    *target
	row  Exchange
	half [2]body

	asked       bool // the row of the search was written
	objects     [2]int64
	objectBytes int64
	found       int64 // matches in the answer
	listed      bool  // the answer is a list
	facts       map[string]string
	refused     []string // instances
	moves       transfers
	maker       maker
	noted       int

	out *event.Batch // valid only during Feed and Close
	ref event.Ref    // of the bytes at hand
}

// Held is the number of bytes of XML that wait for their end.
func (d *dissector) Held() (n int) {
	for i := range d.half {
		if p := d.half[i].part; p != nil {
			n += len(p.xml) + len(p.head)
		}
	}
	return n
}

func newDissector(c *dissect.Conn) dissect.Dissector {
	d := &dissector{conn: c}
	if d.ex, _ = c.Carried.(*web.Exchange); d.ex == nil {
		d.ex = &web.Exchange{}
	}
	d.t = read(d.ex)
	d.ex.SafePath = d.t.safe(d.ex.Path)
	return d
}

// ask writes the row of a search, once, when all of it is known.
func (d *dissector) ask() {
	t := d.t
	if d.asked || !(t.search || t.operation == "find") {
		return
	}
	d.asked = true
	if p := d.half[dissect.FromClient].part; p != nil && p.answer != nil && p.answer.facts["Level"] != "" {
		t.level = levelWords[strings.ToLower(p.answer.facts["Level"])]
	}
	row := rowOf(&t.attr)
	row.TransDepth, row.Dir, row.Kind = d.ex.Depth, dissect.FromClient.String(), "query"
	k := &t.keys
	row.QueryLevel = queryLevels[t.level]
	row.Keys, row.Wildcard, row.KeysNarrowing = strings.Join(k.Named, " "), k.Wildcard, int64(k.Narrowing)
	row.Unrestricted, row.RangeDays, row.OpenRange = k.Narrowing == 0, some(k.Days), k.OpenRange
	row.PatientFields, row.InvalidUID, row.PathCharacters, row.ActiveText = t.fields, t.invalidUID, t.pathCharacters, t.active
	row.Complete = true
	datasets.Emit(d.out, d.ex.Ref, *row)
}

// levelWords are the levels of Orthanc's searches.
var levelWords = map[string]string{"patient": "patient", "study": "study", "series": "series", "instance": "instance"}

// queryLevels are the Query/Retrieve Levels (PS3.4 C.3.4) of resources.
var queryLevels = map[string]string{"patient": "PATIENT", "study": "STUDY", "series": "SERIES", "instance": "IMAGE"}

// Close ends the exchange.
func (d *dissector) Close(out *event.Batch) {
	d.out, d.ref = out, d.ex.Ref
	d.ask()
	d.end(&d.half[dissect.FromClient], d.ex.RequestCut)
	d.end(&d.half[dissect.FromServer], d.ex.ResponseCut)
	d.ref = d.ex.Ref
	d.conclude()
	exchanges.Emit(out, d.ex.Ref, d.row)
	d.transfer()
	d.identify()
	d.out = nil
}

// conclude fills the row.
func (d *dissector) conclude() {
	r, t, ex := &d.row, d.t, d.ex
	up, down := &d.half[dissect.FromClient], &d.half[dissect.FromServer]
	r.TransDepth, r.Service, r.Operation, r.Level, r.Product, r.Method = ex.Depth, t.service, t.operation, t.level, t.product, clip(ex.Method, 32)
	r.Root, r.Frames, r.ResourceID, r.Target, r.State = clip(t.root, 256), clip(t.frames, 256), clip(t.id, 128), clip(t.receiver, 64), clip(t.state, 32)
	r.StudyUID, r.SeriesUID, r.SOPInstance, r.PatientInURI = t.study, t.series, t.instance, t.patient
	r.InvalidUID, r.PathCharacters = t.invalidUID, t.pathCharacters
	r.IncludeFields, r.Fuzzy, r.Authorization = t.include, t.fuzzy, authorization(ex)
	if ex.Status != 0 {
		r.StatusCode = event.Some(int64(ex.Status))
	}
	if n, ok := number(t.limit); ok {
		r.Limit = event.Some(n)
	}
	if n, ok := number(t.offset); ok {
		r.Offset = event.Some(n)
	}
	if ok := ex.Status/100 == 2; ok && (t.search || t.operation == "find" || t.operation == "list") && (d.listed || down.parts > 0 || ex.Status == 204) {
		r.Results = event.Some(d.found)
	}
	r.RequestType, r.ResponseType = media(ex.Request.Get("Content-Type")), media(ex.Response.Get("Content-Type"))
	r.RequestParts, r.ResponseParts, r.RequestBytes, r.ResponseBytes = up.parts, down.parts, up.bytes, down.bytes
	r.ObjectsSent, r.ObjectsGot, r.ObjectBytes = d.objects[dissect.FromClient], d.objects[dissect.FromServer], d.objectBytes
	r.RequestDone, r.ResponseDone = !ex.RequestCut && up.lost == 0, ex.Status != 0 && !ex.ResponseCut && down.lost == 0
}

// media gives a Content-Type with nothing but the type of a multipart.
func media(s string) string {
	out := parameter(s, "")
	if t := parameter(parameter(s, "type"), ""); t != "" && strings.HasPrefix(out, "multipart/") {
		out += "; type=" + t
	}
	return clip(dataset.Clean(out), 128)
}

func clip(s string, n int) string { return strings.ToValidUTF8(s[:min(len(s), n)], "\ufffd") }

// authorization names how a request is authorised, "" if it was not captured.
func authorization(ex *web.Exchange) string {
	if ex.Method == "" {
		return ""
	}
	if v := ex.Request.Get("Authorization"); v != "" {
		scheme, _, _ := strings.Cut(strings.TrimSpace(v), " ")
		return clip(dataset.Clean(strings.ToLower(scheme)), 32)
	}
	for _, name := range []string{"X-Api-Key", "Api-Key", "X-Auth-Token"} {
		if ex.Request.Get(name) != "" {
			return "api_key"
		}
	}
	for p := range strings.SplitSeq(ex.Query, "&") {
		switch k, _, _ := strings.Cut(p, "="); strings.ToLower(k) {
		case "access_token", "token", "authtoken", "api_key", "apikey":
			return "uri"
		}
	}
	if ex.Request.Get("Cookie") != "" {
		return "cookie"
	}
	return "none"
}

// anomaly notes an irregularity; the last that an exchange may have says so.
func (d *dissector) anomaly(kind string, count int64, detail string) {
	if d.noted++; d.noted > maxAnomalies {
		return
	}
	if d.noted == maxAnomalies {
		detail += "; more of this exchange are not listed"
	}
	dissect.Anomaly(d.out, d.ref, Protocol.Name, kind, count, detail)
}

func some(n int64) event.Opt[int64] { return event.Opt[int64]{V: n, OK: n != 0} }

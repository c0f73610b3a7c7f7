package dicomweb

import (
	"net/url"
	"strconv"
	"strings"

	"wardtrace/dissect/dataset"
	"wardtrace/dissect/web"
)

// target is what a request asks for, by its method, path and query.
type target struct {
	service, operation, level, product string
	root, frames, id, receiver, state  string
	study, series, instance            string
	idAt                               []string // path segments that name a patient or a record
	patient                            bool     // path or query identify a patient
	limit, offset                      string
	include                            []string
	fuzzy                              bool
	attr                               dataset.Attr
	keys                               dataset.Keys
	fields                             []string // identifying keys that have a value
	invalidUID, pathCharacters, active bool
	search                             bool
}

// maxSegments bounds what is looked at of a path: the longest of the standard has ten behind its root.
const maxSegments = 32

// maxQueryKeys bounds the keys of a search that are read.
const maxQueryKeys = 256

// read takes a request apart (PS3.18 10.1.1, 11.1.1, 9.1).
func read(ex *web.Exchange) *target {
	t := &target{}
	if ex.Method == "" { // the request was not captured: nobody knows
		return t
	}
	if isWADO(ex.Query) {
		t.uri(ex.Query)
		return t
	}
	parts := strings.SplitN(strings.Trim(ex.Path, "/"), "/", maxSegments)
	at := resourceAt(parts)
	t.product = productOf(ex.Path)
	if at < 0 {
		t.elsewhere(ex)
		return t
	}
	if at > 0 {
		t.root = "/" + strings.Join(parts[:at], "/")
	}
	path := segments{list: parts[at:]}
	switch first := path.next(); {
	case levels[first] != "":
		t.resource(ex, first, &path)
	case first == "workitems":
		t.workitem(ex, &path)
	default:
		t.orthanc(ex.Method, first, &path)
	}
	if t.search {
		t.query(ex.Query)
	}
	return t
}

// elsewhere reads a request whose path is none of the standard's: by its media types it is DICOM all the same.
func (t *target) elsewhere(ex *web.Exchange) {
	switch kind := ex.Request.Get("Content-Type"); {
	case ex.Method == "POST" && isDICOM(kind) && strings.HasPrefix(parameter(kind, ""), "multipart/related"):
		t.service, t.operation = "stow-rs", "store"
	case ex.Method == "GET" || ex.Method == "HEAD":
		t.service, t.operation = "file", "download"
	default:
		t.service, t.operation = "file", "upload"
	}
}

// segments walks a path from left to right; next gives "" behind its end.
type segments struct{ list []string }

func (s *segments) next() string {
	if len(s.list) == 0 {
		return ""
	}
	head, rest := s.list[:1], s.list[1:]
	s.list = rest
	v, err := url.PathUnescape(head[0])
	if err != nil {
		return head[0]
	}
	return v
}

func (s *segments) more() bool { return len(s.list) > 0 }

// resourceAt finds the segment that names a resource; -1 if none does.
func resourceAt(parts []string) int {
	for i, p := range parts {
		if levels[p] != "" || p == "workitems" || (i == 0 && interfaceRoots[p]) {
			return i
		}
	}
	return -1
}

// resource reads what follows studies, series, instances or patients.
//
//	/studies/{study}/series/{series}/instances/{instance}/frames/{list}
func (t *target) resource(ex *web.Exchange, name string, path *segments) {
	t.level = levels[name]
	for path.more() {
		id := path.next()
		if id == "" {
			break
		}
		switch {
		case isOrthancID(id) || name == "patients":
			t.service, t.id, t.patient = "orthanc", id, true
			t.idAt = append(t.idAt, id)
			if !isOrthancID(id) {
				t.service = ""
			}
		case levels[name] == "study" && t.study == "":
			t.study = t.uid(id)
		case levels[name] == "series" && t.series == "":
			t.series = t.uid(id)
		case levels[name] == "instance" && t.instance == "":
			t.instance = t.uid(id)
		}
		next := path.next()
		if next == "" || levels[next] == "" {
			t.act(ex, next, path, true)
			return
		}
		name, t.level = next, levels[next]
	}
	t.act(ex, "", path, false)
}

// uid takes a UID of a path or of WADO-URI. What is none may be anything, a patient's name too.
func (t *target) uid(s string) string {
	if s == "" || dataset.ValidUID(s) {
		return s
	}
	t.invalidUID, t.pathCharacters = true, t.pathCharacters || dataset.PathCharacters(s)
	t.id, t.idAt = dataset.Clean(s), append(t.idAt, s)
	return ""
}

// act decides what is done to a resource (one), or to a collection of them.
func (t *target) act(ex *web.Exchange, what string, path *segments, one bool) {
	dicomweb := "wado-rs"
	switch {
	case ex.Method == "DELETE":
		t.operation, dicomweb = "delete", "delete"
	case ex.Method == "GET" && !one:
		t.operation, dicomweb, t.search = "search", "qido-rs", true
		if t.study != "" {
			t.match(0x0020000D, t.study)
		}
		if t.series != "" {
			t.match(0x0020000E, t.series)
		}
	case ex.Method == "POST" && !one, ex.Method == "POST" && t.study != "" && what == "" && t.series == "":
		t.operation, dicomweb = "store", "stow-rs"
		if t.level != "study" { // PS3.18 10.5 stores on /studies alone
			dicomweb = "orthanc"
		}
	case retrievals[what] != "":
		t.operation = retrievals[what]
		if what == "frames" {
			t.frames = dataset.Clean(path.next())
		}
	case ex.Method == "GET" || ex.Method == "HEAD":
		t.operation, dicomweb = orthancRetrievals[what], "orthanc"
		if t.operation == "" {
			t.operation = "other"
		}
	default:
		t.operation, dicomweb = "other", "orthanc"
		if w := orthancActions[what]; w != "" {
			t.operation = w
		}
	}
	if t.service == "" {
		t.service = dicomweb
	}
	if t.service == "orthanc" {
		t.product = "orthanc"
		if t.operation == "retrieve" && what == "" { // a description of the resource, with its main tags
			t.operation = "info"
		}
	}
}

// workitem reads the transactions of UPS-RS (PS3.18 table 11.1.1-1).
func (t *target) workitem(ex *web.Exchange, path *segments) {
	t.service, t.level = "ups-rs", "workitem"
	uid := path.next()
	if uid != "" {
		t.instance = t.uid(uid)
	}
	what := path.next()
	switch {
	case what == "subscribers":
		t.receiver = dataset.Clean(path.next())
		t.operation = map[string]string{"POST": "subscribe", "DELETE": "unsubscribe"}[ex.Method]
		if path.next() == "suspend" {
			t.operation = "suspend"
		}
	case what == "state":
		t.operation = "change_state"
	case what == "cancelrequest":
		t.operation = "request_cancellation"
	case uid == "" && ex.Method == "GET":
		t.operation, t.search = "search", true
	case uid == "" && ex.Method == "POST":
		t.operation = "create"
		t.instance = t.uid(ex.Query) // PS3.18 11.4: the UID is all of the query
	case ex.Method == "GET":
		t.operation = "retrieve"
	case ex.Method == "POST" || ex.Method == "PUT":
		t.operation = "update"
	}
	if t.operation == "" {
		t.operation = "other"
	}
}

// orthanc reads paths of Orthanc's own interface that are no resource of patients.
func (t *target) orthanc(method, first string, path *segments) {
	t.service, t.product, t.level = "orthanc", "orthanc", "system"
	second, third := path.next(), path.next()
	switch {
	case first == "tools" && toolWords[second] != "":
		t.operation = toolWords[second]
	case first == "modalities" || first == "peers" || first == "queries":
		t.receiver = dataset.Clean(second)
		t.operation = remoteWords[third]
		if third == "" && (method == "PUT" || method == "DELETE") {
			t.operation = "configure"
		}
	case first == "system" || first == "statistics" || first == "changes" || first == "exports":
		t.operation = first
	}
	if t.operation == "" {
		t.operation = "other"
	}
}

// uri reads a WADO-URI request (PS3.18 9.1.2).
func (t *target) uri(query string) {
	t.service, t.operation, t.level = "wado-uri", "retrieve", "instance"
	pairs(query, func(k, v string) {
		switch k {
		case "studyUID":
			t.study = t.uid(v)
		case "seriesUID":
			t.series = t.uid(v)
		case "objectUID":
			t.instance = t.uid(v)
		case "frameNumber":
			t.frames = dataset.Clean(v)
		case "contentType":
			if !strings.HasPrefix(v, "application/dicom") && v != "" {
				t.operation = "retrieve_rendered"
			}
		}
	})
	if t.frames != "" {
		t.operation = "retrieve_frames"
	}
}

// query reads the keys of a search (PS3.18 8.3.4).
func (t *target) query(query string) {
	pairs(query, func(k, v string) {
		switch strings.ToLower(k) {
		case "limit":
			t.limit = v
		case "offset":
			t.offset = v
		case "fuzzymatching":
			t.fuzzy = v == "true"
		case "includefield":
			for f := range strings.SplitSeq(v, ",") {
				if tag, ok := dataset.ParseTag(f); ok && len(t.include) < maxQueryKeys {
					t.include = append(t.include, tag.Keyword())
				} else if f == "all" {
					t.include = append(t.include, f)
				}
			}
		default:
			if i := strings.LastIndexByte(k, '.'); i >= 0 { // an attribute of a sequence's item
				k = k[i+1:]
			}
			if tag, ok := dataset.ParseTag(k); ok {
				t.match(tag, v)
			}
		}
	})
}

// match notes a key of a search.
func (t *target) match(tag dataset.Tag, v string) {
	if tag.IsUID() { // a list of UIDs may be parted by commas (PS3.18 8.3.4.1)
		v = strings.ReplaceAll(v, ",", `\`)
		for u := range strings.SplitSeq(v, `\`) {
			t.invalidUID = t.invalidUID || (u != "" && u != "*" && !dataset.ValidUID(u))
			t.pathCharacters = t.pathCharacters || dataset.PathCharacters(u)
		}
	} else {
		t.active = t.active || dataset.ActiveText(v)
	}
	v = dataset.Clean(v)
	t.keys.Add(tag, v)
	t.attr.Set(tag, v)
	if tag.Identifying() && v != "" && len(t.fields) < maxQueryKeys {
		t.fields = append(t.fields, tag.Keyword())
		t.patient = true
	}
}

// pairs walks through a query.
func pairs(query string, each func(k, v string)) {
	n := 0
	for p := range strings.SplitSeq(query, "&") {
		if n++; n > maxQueryKeys {
			return
		}
		k, v, _ := strings.Cut(p, "=")
		k, v = unescape(k), unescape(v)
		if k != "" {
			each(k, v)
		}
	}
}

func unescape(s string) string {
	if u, err := url.QueryUnescape(s); err == nil {
		return u
	}
	return s
}

// safe gives the path with * in place of what names a patient, "" if nothing does.
func (t *target) safe(path string) string {
	if len(t.idAt) == 0 {
		return ""
	}
	parts := strings.Split(path, "/")
	for i, p := range parts {
		u, err := url.PathUnescape(p)
		for _, id := range t.idAt {
			if p == id || (err == nil && u == id) {
				parts[i] = "*"
			}
		}
	}
	return strings.Join(parts, "/")
}

// isWADO tells whether a query is a WADO-URI request.
func isWADO(query string) bool {
	return strings.Contains(query, "requestType=WADO") && (strings.Contains(query, "objectUID=") || strings.Contains(query, "studyUID="))
}

// isOrthancID tells whether s is an identifier of Orthanc: a SHA-1 in five groups of eight hexadecimal digits.
func isOrthancID(s string) bool {
	if len(s) != 44 {
		return false
	}
	for i, c := range []byte(s) {
		switch {
		case i%9 == 8:
			if c != '-' {
				return false
			}
		case (c < '0' || c > '9') && (c < 'a' || c > 'f'):
			return false
		}
	}
	return true
}

// isUID tells whether s can hardly be anything but a UID.
func isUID(s string) bool {
	return dataset.ValidUID(s) && len(s) >= 7 && strings.Count(s, ".") >= 3 && s >= "0." && s < "3" && !strings.Contains(s, "..")
}

func number(s string) (n int64, ok bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil && n >= 0
}

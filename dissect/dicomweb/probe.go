package dicomweb

import (
	"bytes"
	"strings"

	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/dataset"
	"wardtrace/dissect/web"
)

// partHead is how many bytes tell a Part 10 file: preamble and DICM (PS3.10 7.1).
const partHead = 132

// probe says yes to what doc.go lists. It is asked without bytes when the request's header was read.
func probe(c *dissect.Conn, dir dissect.Dir, first []byte) dissect.Match {
	ex, ok := c.Carried.(*web.Exchange)
	switch {
	case !ok || ex == nil:
		return dissect.No
	case asks(ex), isDICOM(ex.Response.Get("Content-Type")), dataset.IsFile(first),
		strings.Contains(ex.Response.Get("WWW-Authenticate"), `"Orthanc Secure Area"`):
		return dissect.Yes
	}
	path := ex.Path
	switch {
	case dir == dissect.FromClient && strings.HasSuffix(path, "/tools/find"):
		return holds(first, `"Level"`, `"Query"`)
	case dir == dissect.FromServer && strings.HasSuffix(path, "/system"):
		return holds(first, `"DicomAet"`, `"ApiVersion"`)
	case dir == dissect.FromServer && listed(path):
		return beginsList(first)
	case len(first) > 0 && len(first) < partHead && mayBeFile(ex, dir):
		return dissect.Maybe
	}
	return dissect.No
}

// asks tells whether a request's header alone is proof.
func asks(ex *web.Exchange) bool {
	if isDICOM(ex.Request.Get("Content-Type")) || isDICOM(ex.Request.Get("Accept")) || isWADO(ex.Query) {
		return true
	}
	before, collection := "", false
	for s := range strings.SplitSeq(ex.Path, "/") {
		if levels[before] != "" && (isUID(s) || isOrthancID(s)) || before == "workitems" && isUID(s) {
			return true
		}
		if levels[before] == "patient" && strings.Contains(ex.Path, "/dcm4chee-arc/aets/") {
			return true
		}
		collection = levels[s] != "" && s != "patients" || s == "workitems"
		if collection && (strings.EqualFold(before, "dicom-web") || strings.EqualFold(before, "dicomweb")) {
			return true
		}
		before = s
	}
	return collection && attributeKeys(ex.Query)
}

// attributeKeys tells whether a query has a DICOM attribute as key.
func attributeKeys(query string) bool {
	for p := range strings.SplitSeq(query, "&") {
		k, _, _ := strings.Cut(p, "=")
		if t, ok := dataset.ParseTag(k); ok && (len(k) != 8 || t.Known()) {
			return true
		}
	}
	return false
}

// isDICOM tells whether a header names one of PS3.18's media types (8.7.3), alone or as the type of a multipart.
func isDICOM(header string) bool {
	const word = "application/dicom"
	for i := 0; i+len(word) <= len(header); i++ {
		if strings.EqualFold(header[i:i+len(word)], word) {
			return true
		}
	}
	return false
}

// holds looks for two members in the beginning of a JSON text.
func holds(text []byte, one, two string) dissect.Match {
	switch {
	case bytes.Contains(text, []byte(one)) && bytes.Contains(text, []byte(two)):
		return dissect.Yes
	case len(text) >= dissect.ProbeLimit/2:
		return dissect.No
	}
	return dissect.Maybe
}

// listed tells whether a path is that of a collection.
func listed(path string) bool {
	return levels[path[strings.LastIndexByte(path, '/')+1:]] != ""
}

// beginsList tells whether a body is a list of Orthanc's identifiers.
func beginsList(first []byte) dissect.Match {
	c := cursor.New(first)
	for _, want := range []string{"[", `"`} {
		for c.More() && strings.IndexByte(" \t\r\n", c.Peek(0)) >= 0 {
			c.Skip(1)
		}
		if !c.More() {
			return dissect.Maybe
		}
		switch got := c.String(1); {
		case got == "{" && want == `"`: // resources rather than identifiers
			return holds(c.Rest(), `"ID"`, `"MainDicomTags"`)
		case got != want:
			return dissect.No
		}
	}
	if !c.Need(45) {
		return dissect.Maybe
	}
	if isOrthancID(c.String(44)) && c.U8() == '"' {
		return dissect.Yes
	}
	return dissect.No
}

// mayBeFile tells whether a body may yet turn out to be a Part 10 file: its media type says nothing else.
func mayBeFile(ex *web.Exchange, dir dissect.Dir) bool {
	h := ex.Request
	if dir == dissect.FromServer {
		h = ex.Response
	}
	t := h.Get("Content-Type")
	return t == "" || strings.HasPrefix(t, "application/octet-stream") || strings.HasPrefix(t, "application/x-www-form-urlencoded")
}

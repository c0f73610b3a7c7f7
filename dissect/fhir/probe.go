package fhir

import (
	"bytes"
	"strings"

	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/web"
)

// probe says yes to media types of FHIR, to paths of a base that is called FHIR's, to the discovery and the scopes of SMART, and to a body
// whose resourceType or XML namespace is FHIR's.
func probe(c *dissect.Conn, dir dissect.Dir, first []byte) dissect.Match {
	x, _ := c.Carried.(*web.Exchange)
	if x == nil {
		if c.Transport == dissect.TCP { // by itself FHIR has no stream
			return dissect.No
		}
		return probeBody(first)
	}
	if isFHIRType(x.Request.Get("Content-Type")) || isFHIRType(x.Request.Get("Accept")) || isFHIRType(x.Response.Get("Content-Type")) ||
		strings.HasSuffix(x.Path, "/.well-known/smart-configuration") || isBase(x.Path) || smartQuery(x) {
		return dissect.Yes
	}
	if len(first) == 0 {
		return dissect.No
	}
	if isToken(x.Path) {
		return probeToken(first)
	}
	return probeBody(first)
}

// isFHIRType tells the media types: FHIR R5 3.2.0.1.10, and those of DSTU2.
func isFHIRType(s string) bool {
	if s == "" {
		return false
	}
	s = strings.ToLower(s)
	for _, word := range []string{"application/fhir+", "application/json+fhir", "application/xml+fhir", "fhirversion="} {
		if strings.Contains(s, word) {
			return true
		}
	}
	return false
}

// isBase tells whether a part of the path is called fhir and what is behind it is a type of resource, an operation or metadata. A
// release may stand between them.
func isBase(path string) bool {
	named := false
	for part := range strings.SplitSeq(path, "/") {
		switch {
		case named && (types[part] || part == "metadata" || part == "_history" || len(part) > 1 && strings.HasPrefix(part, "$")):
			return true
		case strings.EqualFold(part, "fhir"), strings.EqualFold(part, "baseR4"), strings.EqualFold(part, "baseR5"), strings.EqualFold(part, "fhir_r4"):
			named = true
		}
	}
	return false
}

func isToken(path string) bool { return strings.HasSuffix(strings.ToLower(path), "/token") }

// smartQuery tells an authorization request of SMART: scopes of its own, and the server that the token is for.
func smartQuery(x *web.Exchange) bool {
	if !strings.Contains(strings.ToLower(x.Path), "auth") || !strings.Contains(x.Query, "response_type=") || !strings.Contains(x.Query, "aud=") {
		return false
	}
	return hasSmartWord(x.Query)
}

func hasSmartWord(s string) bool {
	for _, w := range smartWords {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

// probeToken looks for SMART's scopes in what a token endpoint is sent or answers.
func probeToken(first []byte) dissect.Match {
	if !bytes.Contains(first, []byte("grant_type=")) && !bytes.Contains(first, []byte(`"access_token"`)) {
		return dissect.Maybe
	}
	for _, w := range smartWords {
		if bytes.Contains(first, []byte(w)) {
			return dissect.Yes
		}
	}
	return dissect.Maybe
}

// trimBlank takes off blanks, a byte order mark and record separators (RFC 7464), byte by byte: they may come one at a time.
func trimBlank(b []byte) []byte {
	c := cursor.New(b)
	for c.More() && bytes.IndexByte([]byte(" \t\r\n\xef\xbb\xbf\x1e"), c.Peek(0)) >= 0 {
		c.Skip(1)
	}
	return c.Rest()
}

// probeBody looks for a resource in JSON or XML.
func probeBody(first []byte) dissect.Match {
	text := trimBlank(first)
	c := cursor.New(text)
	switch c.Peek(0) {
	case 0:
		return dissect.Maybe
	case '{':
		return topType(text)
	case '<':
		return probeXML(text)
	}
	return dissect.No
}

// xmlNamespace is that of every resource in XML: FHIR R5 2.1.16.
const xmlNamespace = `http://hl7.org/fhir"`

func probeXML(text []byte) dissect.Match {
	root, _, whole := bytes.Cut(text, []byte(xmlNamespace))
	if !whole {
		return dissect.Maybe
	}
	i := bytes.LastIndexByte(root, '<')
	name, _, _ := bytes.Cut(bytes.TrimLeft(root[i:], "<"), []byte(" "))
	if types[string(name)] {
		return dissect.Yes
	}
	return dissect.No
}

// topType looks for resourceType among the members of the first object itself, not of what is in it.
func topType(text []byte) dissect.Match {
	c := cursor.New(text)
	depth, want, inside, escaped := 0, false, false, false
	start, key := 0, false
	for c.More() {
		x := c.U8()
		switch {
		case escaped:
			escaped = false
		case inside && x == '\\':
			escaped = true
		case inside && x == '"':
			inside = false
			word := text[start : c.Offset()-1]
			switch {
			case want:
				if types[string(word)] {
					return dissect.Yes
				}
				return dissect.No
			case depth == 1:
				key = string(word) == "resourceType"
			}
		case inside:
		case x == '"':
			inside, start = true, c.Offset()
		case x == '{' || x == '[':
			depth++
			want, key = false, false
		case x == '}' || x == ']':
			if depth--; depth <= 0 {
				return dissect.No
			}
		case x == ':':
			want = key && depth == 1
			key = false
		case x == ',':
			key = false
		}
	}
	return dissect.Maybe
}

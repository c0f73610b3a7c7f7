package http

import (
	"bytes"
	"errors"
	"strconv"
	"strings"

	"wardtrace/dissect/event"
)

var errNotHTTP = errors.New("no HTTP start line at the start of the connection: try it as another protocol")

// maxMethod is the longest method taken for one; VERSION-CONTROL and BASELINE-CONTROL have 16 letters.
const maxMethod = 24

// methodOf gives the method at the start of a line: upper-case letters, hyphen, underscore (tokens of RFC 9110 5.6.2
// could hold more, but then any text would look like a request).
func methodOf(line []byte) string {
	i := bytes.IndexByte(line, ' ')
	if i < 2 || i > maxMethod || bytes.ContainsFunc(line[:i], notMethod) {
		return ""
	}
	return string(line[:i])
}

// isRequestLine: method, blank, target, blank, HTTP/1.x (RFC 9112 3).
func isRequestLine(line []byte) bool {
	if methodOf(line) == "" {
		return false
	}
	i := bytes.LastIndexByte(line, ' ')
	return isVersion(line[i+1:]) && bytes.IndexByte(line, ' ') < i && couldStart(line)
}

// looksLikeRequest tells whether a line where a request is due can only be meant for a request line: a method that is
// known, and a target behind it. Servers answer it with 400, or as HTTP/0.9.
func looksLikeRequest(line []byte) bool { return methods[methodOf(line)] && couldStart(line) }

// isStatusLine: HTTP/1.x, blank, three digits (RFC 9112 4); the reason is often left out.
func isStatusLine(line []byte) bool {
	version, rest, ok := bytes.Cut(line, []byte{' '})
	code, _, _ := bytes.Cut(rest, []byte{' '})
	return ok && isVersion(version) && len(code) == 3 && !bytes.ContainsFunc(code, notDigit)
}

func isVersion(b []byte) bool {
	digit, ok := bytes.CutPrefix(b, []byte("HTTP/1."))
	return ok && len(digit) == 1 && !bytes.ContainsFunc(digit, notDigit)
}

func notDigit(r rune) bool { return r < '0' || r > '9' }

// couldStart tells whether a line, whole or not, may be or become a start line.
func couldStart(line []byte) bool {
	if n := min(len(line), len("HTTP/1.")); string(line[:n]) == "HTTP/1."[:n] {
		return true
	}
	method, target, blank := bytes.Cut(line, []byte{' '})
	if len(method) > maxMethod || bytes.ContainsFunc(method, notMethod) {
		return false
	}
	if !blank {
		return true
	}
	known := string(method) == "CONNECT"
	for _, start := range []string{"/", "http://", "https://", "ftp://", "* HTTP/1."} {
		n := min(len(target), len(start))
		known = known || string(target[:n]) == start[:n]
	}
	return known && !bytes.ContainsFunc(target, func(r rune) bool { return r < ' ' && r != '\r' && r != '\t' })
}

func notMethod(r rune) bool { return !(r >= 'A' && r <= 'Z' || r == '-' || r == '_') }

// message is one request or response while it is read.
type message struct {
	ex          *exchange
	request     bool
	status      int
	lines       int
	length      event.Opt[int64]
	chunked     bool
	encoding    string
	contentType string // as sent: it has the boundary
	remaining   int64  // bytes of the body or chunk still to come; -1 = until the end of the connection
	size        int64  // bytes of the body so far
	kept        []byte // its first bytes
	cut         bool   // not all of it was seen
	path, query string // of a request's target, as sent
	filename    string // in Content-Disposition
	object      kept
}

func (m *message) requestLine(line []byte) {
	r := &m.ex.row
	r.Method = methodOf(line)
	target := line[len(r.Method):]
	if i := bytes.LastIndex(target, []byte(" HTTP/")); i >= 0 {
		r.Version = clean(bytes.TrimPrefix(target[i:], []byte(" HTTP/")), maxText)
		target = target[:i]
	}
	m.target(string(bytes.TrimSpace(target)))
}

// target takes the request target apart: RFC 9112 3.2.
func (m *message) target(target string) {
	r := &m.ex.row
	if r.Method == "CONNECT" {
		r.Host, r.URI = clean([]byte(target), maxText), clean([]byte(target), maxURI)
		return
	}
	m.ex.suspect(target)
	if _, rest, ok := strings.Cut(target, "://"); ok && !strings.HasPrefix(target, "/") {
		authority, path, _ := strings.Cut(rest, "/")
		if _, host, ok := strings.Cut(authority, "@"); ok {
			authority = host
		}
		r.Host, target = clean([]byte(authority), maxText), "/"+path
	}
	path, query, _ := strings.Cut(target, "?")
	m.path, m.query = path, query
	r.WPAD = strings.HasSuffix(strings.ToLower(path), "/wpad.dat")
	r.Query = clean([]byte(query), maxURI)
	r.URI, r.URIKeys = masked(path, query)
}

// safePath puts * in place of what can name a patient in a path: the part behind one that says patient (/Patient/123), the number behind
// such a word (/patient-123), a name as DICOM and HL7 write it (/DOE^JANE), and parameters of a part (/a;id=1). A protocol inside may know
// better which parts these are.
func safePath(path string) string {
	parts := strings.Split(path, "/")
	for i := range parts {
		if name, _, ok := strings.Cut(parts[i], ";"); ok {
			parts[i] = name + ";*"
		}
		if strings.Contains(parts[i], "^") || strings.Contains(strings.ToLower(parts[i]), "%5e") {
			parts[i] = "*"
		}
		if at := strings.IndexAny(parts[i], "-_:="); at > 0 && patientWords[strings.ToLower(parts[i][:at])] && strings.ContainsAny(parts[i][at:], "0123456789") {
			parts[i] = parts[i][:at+1] + "*"
		}
	}
	for i := 1; i < len(parts); i++ {
		if part := parts[i]; patientWords[strings.ToLower(parts[i-1])] && part != "" && !strings.HasPrefix(part, "$") && !strings.HasPrefix(part, "_") &&
			!patientWords[strings.ToLower(part)] && !isPage(part) {
			parts[i] = "*"
		}
	}
	return strings.Join(parts, "/")
}

// isPage tells the name of a page or service from an identifier: letters alone, or a known ending.
func isPage(part string) bool {
	name, ending, dot := strings.Cut(strings.ToLower(part), ".")
	return pages[name] && !dot || dot && endings[ending]
}

// masked gives a path with the keys of its query, and the keys. A piece of the query without = may be a value: it is
// masked whole.
func masked(path, query string) (string, []string) {
	var keys []string
	shown := clean([]byte(safePath(path)), maxURI)
	if query == "" {
		return shown, nil
	}
	var words []string
	for part := range strings.FieldsFuncSeq(query, func(r rune) bool { return r == '&' || r == ';' }) {
		if len(words) >= maxKeys {
			words = append(words, "...")
			break
		}
		key, _, ok := strings.Cut(part, "=")
		if !ok || key == "" || len(key) > 64 {
			words = append(words, "*")
			continue
		}
		key = clean([]byte(key), maxText)
		keys, words = append(keys, key), append(words, key+"=*")
	}
	return shown + "?" + strings.Join(words, "&"), keys
}

// maskedURL masks the query of a URL in a header.
func maskedURL(b []byte) string {
	url, _, _ := strings.Cut(string(b), "#")
	path, query, _ := strings.Cut(url, "?")
	if scheme, rest, ok := strings.Cut(path, "://"); ok { // user and password may stand before the host
		authority, tail, slash := strings.Cut(rest, "/")
		if _, host, ok := strings.Cut(authority, "@"); ok {
			path = scheme + "://" + host
			if slash {
				path += "/" + tail
			}
		}
	}
	s, _ := masked(path, query)
	return s
}

// looksLikeStatus tells whether a line where a response is due can only be meant for a status line. Clients accept much:
// lower case, other versions, blanks and NULs in front; evasions live on it.
func looksLikeStatus(line []byte) bool {
	start := bytes.TrimLeft(line, " \t\x00\v\f")
	return len(start) >= 5 && strings.EqualFold(string(start[:5]), "HTTP/")
}

func (m *message) statusLine(line []byte) {
	r := &m.ex.row
	version, rest, _ := bytes.Cut(bytes.Trim(line, " \t\x00\v\f"), []byte{' '})
	code, reason, _ := bytes.Cut(bytes.TrimSpace(rest), []byte{' '})
	if len(code) == 3 && !bytes.ContainsFunc(code, notDigit) {
		m.status, _ = strconv.Atoi(string(code))
	}
	if m.interim() {
		r.InfoCode, r.InfoMsg = event.Some(int64(m.status)), clean(reason, maxText)
		return
	}
	r.ResponseSeen = true
	r.StatusMsg = clean(reason, maxText)
	if m.status != 0 {
		r.StatusCode = event.Some(int64(m.status))
	}
	if !r.RequestSeen {
		r.Version = clean(bytes.TrimPrefix(version, []byte("HTTP/")), maxText)
	}
}

// interim tells a response that is followed by another one to the same request: RFC 9110 15.2.
func (m *message) interim() bool { return m.status/100 == 1 && m.status != 101 }

// header reads one header line.
func (m *message) header(line []byte) {
	m.lines++
	if m.lines > maxHeaders {
		return
	}
	name, value, ok := bytes.Cut(line, []byte{':'})
	if !ok || len(name) > 64 {
		return
	}
	value = bytes.TrimSpace(value)
	f := fieldOf(bytes.TrimSpace(name))
	m.keepHeader(f.sent, value)
	field := f.lower
	m.framing(field, value)
	if m.request {
		m.requestHeader(field, value)
		m.ex.row.JNDI = m.ex.row.JNDI || lookupIn(value)
	} else {
		m.responseHeader(field, value)
	}
}

// framing reads the headers that say where a message ends: RFC 9112 6.
func (m *message) framing(field string, value []byte) {
	switch field {
	case "content-length":
		n, err := strconv.ParseInt(string(value), 10, 64)
		if err != nil || n < 0 {
			m.ex.row.Ambiguous = true
			return
		}
		m.ex.row.Ambiguous = m.ex.row.Ambiguous || m.length.OK && m.length.V != n
		m.length = event.Some(n)
	case "transfer-encoding":
		m.chunked = strings.Contains(strings.ToLower(string(value)), "chunked")
	case "content-encoding":
		m.encoding = strings.ToLower(clean(value, maxText))
	case "content-type":
		m.contentType = clean(value, maxText)
	case "content-disposition":
		m.filename = filenameOf(value)
	}
}

// finishHeader writes what both kinds of message share into the row.
func (m *message) finishHeader() {
	r := &m.ex.row
	r.Ambiguous = r.Ambiguous || m.chunked && m.length.OK
	if m.request {
		r.ContentLength, r.RequestType = m.length, mediaType(m.contentType)
	} else {
		r.RespContentLength, r.ResponseType, r.ContentEncoding = m.length, mediaType(m.contentType), m.encoding
	}
}

// requestBody gives the state after a request's header, RFC 9112 6.3 numbers 4 to 7.
func (m *message) requestBody() state {
	switch {
	case m.chunked:
		return atChunk
	case m.length.OK && m.length.V > 0:
		m.remaining = m.length.V
		return inBody
	}
	return atStart
}

// responseBody gives the state after a response's header, RFC 9112 6.3 numbers 1 to 8.
func (m *message) responseBody() state {
	method := m.ex.row.Method
	switch {
	case method == "HEAD", m.status/100 == 1, m.status == 204, m.status == 304, method == "CONNECT" && m.status/100 == 2:
		return atStart
	case m.chunked:
		return atChunk
	case m.length.OK && m.length.V == 0:
		return atStart
	case m.length.OK:
		m.remaining = m.length.V
	}
	return inBody
}

// mediaType gives a Content-Type without its parameters, but for those that say which medical format it is.
func mediaType(s string) string {
	kind, params, _ := strings.Cut(s, ";")
	out := strings.ToLower(strings.TrimSpace(kind))
	for p := range strings.SplitSeq(params, ";") {
		key, value, _ := strings.Cut(strings.TrimSpace(p), "=")
		if key = strings.ToLower(key); key == "type" || key == "fhirversion" {
			out += "; " + key + "=" + strings.Trim(value, `"`)
		}
	}
	return out
}

// clean makes a cell of bytes from the wire: valid UTF-8 of bounded size.
func clean(b []byte, limit int) string {
	b = b[:min(len(b), limit)]
	return strings.ToValidUTF8(string(b), "\ufffd")
}

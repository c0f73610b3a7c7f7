package http

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"mime"
	nethttp "net/http"
	"slices"
	"strconv"
	"strings"

	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
)

// body takes bytes of a body: the first are kept to be looked at, the rest are counted.
func (d *dissector) body(h *half, cur *cursor.Cursor, out *event.Batch) int {
	m := &h.msg
	n := cur.Len()
	if m.remaining >= 0 {
		n = int(min(int64(n), m.remaining))
		m.remaining -= int64(n)
	}
	data := cur.Bytes(n)
	if room := maxKept - len(m.kept); room > 0 && !m.cut {
		m.kept = append(m.kept, data[:min(room, n)]...)
	}
	m.count(int64(n))
	m.carry(data, h.ref, out)
	m.object.write(data)
	if m.remaining == 0 {
		d.endOfData(h, out)
	}
	return n
}

func (m *message) count(n int64) {
	m.size += n
	if m.request {
		m.ex.row.RequestBodyLen += n
	} else {
		m.ex.row.ResponseBodyLen += n
	}
}

// chunkSize reads the line before a chunk: RFC 9112 7.1.
func (d *dissector) chunkSize(seg *dissect.Segment, h *half, line []byte, out *event.Batch) {
	line = bytes.TrimSpace(line)
	end := bytes.IndexFunc(line, notHex) // an extension, or what clients take for one
	if end < 0 {
		end = len(line)
	}
	n, err := strconv.ParseInt(string(line[:end]), 16, 64)
	switch {
	case err != nil || n < 0:
		dissect.Anomaly(out, seg.Ref, protocolName, "http_bad_chunk", 1,
			"a chunk from the "+seg.Dir.String()+" has no size; passed over up to the next start line")
		d.interrupted(h, out)
		h.state = lost
	case n == 0:
		h.state = inTrailers
	default:
		h.msg.remaining = n
		h.state = inBody
	}
}

func notHex(r rune) bool {
	return !(r >= '0' && r <= '9' || r >= 'a' && r <= 'f' || r >= 'A' && r <= 'F')
}

// finish writes what the body showed into the row.
func (m *message) finish() {
	r := &m.ex.row
	whole := !m.cut && int64(len(m.kept)) == m.size
	u := unpackers.Get().(*unpacker)
	defer u.done()
	content, decoded := m.decode(u)
	kinds := kindsOf(content, m.contentType)
	digest := ""
	if whole && decoded && m.size > 0 {
		sum := sha256.Sum256(content)
		digest = hex.EncodeToString(sum[:])
	}
	if !m.request {
		r.RespMimeTypes, r.ResponseDigest, r.ResponseComplete = kinds, digest, !m.cut
		m.ex.title = titleOf(content, r)
		return
	}
	r.OrigMimeTypes, r.RequestComplete = kinds, !m.cut
	r.JNDI = r.JNDI || lookupIn(content)
	if whole {
		m.forms(content)
	}
	if len(r.FormKeys) == 0 { // the digest of a form would let its password be guessed
		r.RequestDigest = digest
	}
}

// decode undoes Content-Encoding: RFC 9110 8.4. content is valid until u is used for another body. ok is false if the content is not whole or the coding is not known.
func (m *message) decode(u *unpacker) (content []byte, ok bool) {
	if len(m.kept) == 0 {
		return nil, true
	}
	switch m.encoding {
	case "", "identity":
		return m.kept, true
	case "gzip", "x-gzip", "deflate":
	default:
		return nil, false
	}
	content, err := u.all(m.encoding, m.kept, maxDecoded)
	return content, err == nil && len(content) < maxDecoded
}

// kindsOf names the kinds of a body, of a multipart body the kinds of its parts.
func kindsOf(content []byte, contentType string) []string {
	if len(content) == 0 {
		return nil
	}
	kind, params, err := mime.ParseMediaType(contentType)
	boundary := params["boundary"]
	if err != nil || boundary == "" || !strings.HasPrefix(kind, "multipart/") {
		return []string{kindOf(content)}
	}
	var out []string
	parts := bytes.SplitN(content, []byte("--"+boundary), maxParts+2)
	for _, part := range parts[1:] {
		_, data, ok := bytes.Cut(part, []byte("\r\n\r\n"))
		if !ok || len(data) == 0 {
			continue
		}
		if k := kindOf(data); !slices.Contains(out, k) && len(out) < maxParts {
			out = append(out, k)
		}
	}
	return out
}

// kindOf names the kind of content by its first bytes.
func kindOf(content []byte) string {
	for _, m := range magics {
		cur := cursor.New(content)
		cur.Skip(m.at)
		if bytes.Equal(cur.Bytes(len(m.bytes)), []byte(m.bytes)) {
			return m.mime
		}
	}
	kind, _, _ := strings.Cut(nethttp.DetectContentType(content), ";")
	return kind
}

// titleOf gives the title of a page that anyone gets to see: a start or login page. Others may name a patient.
func titleOf(content []byte, r *Exchange) string {
	path, _, _ := strings.Cut(strings.ToLower(r.URI), "?")
	if !r.RequestSeen || r.StatusCode.V != 200 || len(r.CookieKeys) > 0 || r.AuthScheme != "" || !startPage(path) {
		return ""
	}
	_, rest, ok := bytes.Cut(content, []byte("<title>"))
	if !ok {
		_, rest, ok = bytes.Cut(content, []byte("<TITLE>"))
	}
	end := bytes.IndexByte(rest, '<')
	if !ok || end <= 0 || end > 100 {
		return ""
	}
	title, _, _ := bytes.Cut(rest, []byte{'<'})
	return strings.Join(strings.Fields(clean(title, 100)), " ")
}

func startPage(path string) bool {
	if path == "/" {
		return true
	}
	for _, p := range []string{"/index.", "/login", "/home.", "/default.", "/main."} {
		if strings.HasPrefix(path, p) {
			return true
		}
	}
	return false
}

// forms looks for a login in a form or JSON object. Values are compared with published defaults and forgotten.
func (m *message) forms(content []byte) {
	r := &m.ex.row
	var pairs [][2]string
	switch kind, _, _ := strings.Cut(r.RequestType, ";"); {
	case kind == "application/x-www-form-urlencoded":
		for part := range bytes.SplitSeq(content, []byte{'&'}) {
			k, v, _ := strings.Cut(string(part), "=")
			if len(pairs) < maxKeys {
				pairs = append(pairs, [2]string{unescape(k), unescape(v)})
			}
		}
		r.SQLi = r.SQLi || hasSQL(strings.ToLower(unescape(string(content))))
	case strings.HasSuffix(kind, "json"):
		pairs = topLevel(content)
	}
	user, password := "", event.Opt[string]{}
	var keys []string
	for _, p := range pairs {
		keys = append(keys, clean([]byte(p[0]), 64))
		switch key := strings.ToLower(p[0]); {
		case userWords[key]:
			user = p[1]
		case passwordWords[key]:
			password = event.Some(p[1])
		}
	}
	r.FormLogin = password.OK && user != ""
	if form := strings.HasPrefix(r.RequestType, "application/x-www-form-urlencoded"); form || r.FormLogin {
		r.FormKeys = keys // of other JSON a name may be a patient's
	}
	if r.FormLogin {
		m.password(user, password.V)
	}
}

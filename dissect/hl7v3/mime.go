package hl7v3

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"strings"

	"wardtrace/dissect"
)

// piece is a part of a body: the message first, then its attachments.
type piece struct {
	data []byte
	kind string // media type as declared
	of   int64  // parts in all, 0 if the body is not divided
}

// contentType is what the header says of a body.
func (v *conversation) contentType(dir dissect.Dir) string {
	switch {
	case v.web == nil:
		return ""
	case dir == dissect.FromClient:
		return v.web.Request.Get("Content-Type")
	default:
		return v.web.Response.Get("Content-Type")
	}
}

// headers takes what HTTP's header says of the message.
func (v *conversation) headers(dir dissect.Dir, m *message, kind string) {
	if v.web == nil {
		return
	}
	for _, k := range []string{v.contentType(dir), kind} {
		if _, params, err := mime.ParseMediaType(k); err == nil {
			m.row.Action = pick(m.row.Action, clip(params["action"]))
		}
	}
	if dir == dissect.FromClient {
		m.row.Action = pick(m.row.Action, clip(strings.Trim(v.web.Request.Get("SOAPAction"), `"`)))
	}
}

// split divides a multipart body (RFC 2046 5.1; MTOM, XOP): the root part, which start names, comes first.
func (v *conversation) split(dir dissect.Dir, h *half) []piece {
	declared := v.contentType(dir)
	body := bytes.TrimLeft(h.body, "\r\n\t ")
	if len(body) == 0 || body[0] == '<' || bytes.HasPrefix(body, []byte("\xef\xbb\xbf")) || bytes.HasPrefix(body, []byte("\xff\xfe")) || bytes.HasPrefix(body, []byte("\xfe\xff")) {
		return []piece{{data: h.body, kind: declared}}
	}
	if !bytes.HasPrefix(body, []byte("--")) {
		return nil
	}
	_, params, _ := mime.ParseMediaType(declared)
	boundary := params["boundary"]
	if boundary == "" { // the header was not seen
		line, _, _ := bytes.Cut(body, []byte("\n"))
		boundary = string(bytes.TrimPrefix(bytes.TrimRight(line, "\r "), []byte("--")))
	}
	var parts []piece
	root := 0
	for r := multipart.NewReader(bytes.NewReader(body), boundary); len(parts) < maxParts; {
		p, err := r.NextRawPart()
		if err != nil {
			break
		}
		data, err := io.ReadAll(p) // at most what is held
		if start := params["start"]; start != "" && p.Header.Get("Content-Id") == start {
			root = len(parts)
		}
		parts = append(parts, piece{data: data, kind: p.Header.Get("Content-Type")})
		if err != nil { // the last one was cut off
			break
		}
	}
	if len(parts) == 0 {
		return nil
	}
	parts[0], parts[root] = parts[root], parts[0]
	parts[0].of = int64(len(parts))
	return parts
}

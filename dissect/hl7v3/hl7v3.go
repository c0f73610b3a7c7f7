package hl7v3

import (
	"bytes"
	"strings"

	"wardtrace/dissect"
	"wardtrace/dissect/event"
	"wardtrace/dissect/web"
)

// Limits of one conversation.
const (
	maxDocument = 1 << 20 // bytes read of a body: headers and metadata come first, what follows is mostly pictures in base64
	maxParts    = 64      // parts of a multipart message: a submission has one a document
	maxRows     = 1024    // rows below a message
	maxText     = 1 << 10 // bytes of a cell
	maxIdentity = 64      // different assertions about who is who
)

// Protocol is HL7 version 3, CDA and IHE document sharing.
var Protocol = &dissect.Protocol{
	Name:       protocolName,
	Spec:       "HL7 version 3 (MCCI, PRPA), CDA release 2, IHE ITI TF-2 (XDS.b, PIX/PDQ v3)",
	Transports: []dissect.Transport{dissect.TCP},
	MaxBuffer:  4096, // nothing is left over: bodies are held here
	Tables:     []*event.Table{messages.Desc(), patients.Desc(), entries.Desc(), documents.Desc()},
	Probe:      probe,
	New:        func(c *dissect.Conn) dissect.Dissector { return newConversation(c) },
}

const protocolName = "hl7v3"

const (
	startBlock = 0x0b
	endBlock   = 0x1c
)

// marks are what only such a document declares or names near its beginning.
var marks = [][]byte{
	[]byte(`="urn:hl7-org:v3"`), []byte(`='urn:hl7-org:v3'`), []byte(`="urn:ihe:iti:xds-b:2007"`), []byte(`='urn:ihe:iti:xds-b:2007'`),
	[]byte(`="urn:oasis:names:tc:ebxml-regrep:xsd:`), []byte(`='urn:oasis:names:tc:ebxml-regrep:xsd:`),
	[]byte(`>urn:ihe:iti:20`), []byte(`>urn:hl7-org:v3:`),
}

// mediaTypes are those of clinical documents and version 3 messages.
var mediaTypes = []string{"application/hl7-v3+xml", "application/xml+cda", "application/hl7-cda+xml", "application/x-hl7-cda+xml"}

// probe wants an XML document with one of the marks, or a header that names one.
func probe(c *dissect.Conn, _ dissect.Dir, first []byte) dissect.Match {
	x, carried := c.Carried.(*web.Exchange)
	if carried && len(first) == 0 {
		return probeHeader(x)
	}
	if c.Carried != nil && !carried {
		return dissect.No
	}
	in := bytes.TrimPrefix(bytes.TrimLeft(first, "\x0b\r\n\t "), []byte("\xef\xbb\xbf"))
	if len(in) == 0 {
		return maybe(len(first) < 64)
	}
	if in[0] != '<' && !(carried && bytes.HasPrefix(in, []byte("--"))) {
		return dissect.No
	}
	for _, m := range marks {
		if bytes.Contains(first, m) {
			return dissect.Yes
		}
	}
	return maybe(len(first) < dissect.ProbeLimit)
}

func maybe(ok bool) dissect.Match {
	if ok {
		return dissect.Maybe
	}
	return dissect.No
}

// probeHeader judges a request by its header: by its action or media type. A body may still show what it is.
func probeHeader(x *web.Exchange) dissect.Match {
	kind := x.Request.Get("Content-Type")
	action := x.Request.Get("SOAPAction")
	if isAction(strings.Trim(action, `"`)) || isMediaType(kind) || isMediaType(x.Request.Get("Accept")) {
		return dissect.Yes
	}
	if _, after, ok := strings.Cut(kind, "action="); ok && isAction(strings.Trim(after, `"`)) {
		return dissect.Yes
	}
	return dissect.Maybe
}

func isAction(s string) bool {
	return strings.HasPrefix(s, "urn:hl7-org:v3:") || strings.HasPrefix(s, "urn:ihe:iti:")
}

func isMediaType(s string) bool {
	for _, m := range mediaTypes {
		if strings.HasPrefix(s, m) {
			return true
		}
	}
	return false
}

// conversation is an exchange of HTTP, or a connection.
type conversation struct {
	conn  *dissect.Conn
	web   *web.Exchange
	half  [2]half
	known map[event.Identity]struct{}
}

// half is one direction.
type half struct {
	body    []byte // what is read of the body or block
	bytes   int64  // what it has in all
	framing string
	ref     event.Ref
	lost    bool
}

func newConversation(c *dissect.Conn) *conversation {
	v := &conversation{conn: c, known: map[event.Identity]struct{}{}}
	v.web, _ = c.Carried.(*web.Exchange)
	return v
}

// Held is the number of bytes of bodies that are held.
func (v *conversation) Held() int { return cap(v.half[0].body) + cap(v.half[1].body) }

// Feed takes all bytes.
func (v *conversation) Feed(seg *dissect.Segment, out *event.Batch) (dissect.Progress, error) {
	h := &v.half[seg.Dir]
	if v.web == nil && v.half[seg.Dir.Other()].framing == "none" { // a bare document ends when the other side answers
		v.finish(seg.Dir.Other(), out)
	}
	if seg.Gap > 0 {
		h.lost = true
		h.bytes += int64(seg.Gap)
		if v.web == nil { // where a loss ends nobody can tell
			v.finish(seg.Dir, out)
		}
	}
	h.ref = seg.Ref
	if v.web != nil {
		h.framing = "http"
		h.add(seg.Data)
	} else {
		v.frame(seg.Dir, seg.Data, out)
	}
	return dissect.Progress{Used: len(seg.Data)}, nil
}

// frame takes bytes of a connection: blocks of MLLP, or bare documents.
func (v *conversation) frame(dir dissect.Dir, data []byte, out *event.Batch) {
	h := &v.half[dir]
	for len(data) > 0 {
		if h.framing == "" {
			data = bytes.TrimLeft(data, "\r\n\x00\x1c")
			if len(data) == 0 {
				return
			}
			h.framing = "none"
			if rest, ok := bytes.CutPrefix(data, []byte{startBlock}); ok {
				h.framing, data = "mllp", rest
			}
		}
		end := bytes.IndexByte(data, endBlock)
		if h.framing != "mllp" || end < 0 { // XML has no 0x1C (XML 1.0, 2.2), so the first ends the block
			h.add(data)
			return
		}
		h.add(data[:end])
		v.finish(dir, out)
		data = data[end:]
	}
}

// add keeps the beginning of a body and counts the rest.
func (h *half) add(data []byte) {
	h.bytes += int64(len(data))
	if room := maxDocument - len(h.body); room > 0 && !h.lost {
		h.body = append(h.body, data[:min(room, len(data))]...)
	}
}

// Close ends the exchange: the request first.
func (v *conversation) Close(out *event.Batch) {
	v.finish(dissect.FromClient, out)
	v.finish(dissect.FromServer, out)
}

// finish reads what was collected of a direction and empties it.
func (v *conversation) finish(dir dissect.Dir, out *event.Batch) {
	h := v.half[dir]
	v.half[dir] = half{lost: h.lost && v.web != nil, ref: h.ref}
	if len(h.body) == 0 {
		return
	}
	v.keep(dir, &h)
	v.read(dir, &h, out)
}

// keep gives a document to who keeps objects, as far as it was read. A body of HTTP is kept by HTTP.
func (v *conversation) keep(dir dissect.Dir, h *half) {
	if v.conn.Keeper == nil || v.web != nil {
		return
	}
	w := v.conn.Keeper.Keep(dissect.Object{Kind: "hl7", Type: "application/xml", Ext: ".xml", From: dir}, h.ref)
	w.Write(h.body)
	w.Lose(h.bytes - int64(len(h.body)))
	w.Close(!h.lost)
}

// cut tells whether HTTP knows that a body is not whole.
func (v *conversation) cut(dir dissect.Dir) bool {
	return v.web != nil && (dir == dissect.FromClient && v.web.RequestCut || dir == dissect.FromServer && v.web.ResponseCut)
}

package sdc

import (
	"bytes"
	"strings"

	"wardtrace/dissect"
	"wardtrace/dissect/event"
	"wardtrace/dissect/web"
	"wardtrace/dissect/xmlread"
)

// Protocol is SDC, carried by HTTP.
var Protocol = &dissect.Protocol{
	Name:      "sdc",
	Spec:      "ISO/IEEE 11073-10207:2017, IEEE 11073-20701:2018, IEEE 11073-20702:2016",
	MaxBuffer: 1, // bodies are collected by the dissector, which reads what is there of one that was cut
	Tables:    []*event.Table{messages.Desc(), devices.Desc(), descriptors.Desc(), states.Desc(), operations.Desc(), contexts.Desc()},
	Probe:     probe,
	New:       newDissector,
}

// maxBody is what is kept of a body. The largest device descriptions known have 2 MiB.
const maxBody = 4 << 20

// The namespaces of SDC. Each occurs within the first bytes of a message: as a declaration, an action or a type.
var (
	marks    = [][]byte{[]byte("standards.ieee.org/downloads/11073/11073-10207-2017"), []byte("standards.ieee.org/downloads/11073/11073-20701-2018"), []byte("standards.ieee.org/downloads/11073/11073-20702-2016")}
	envelope = []byte("Envelope")
)

func probe(c *dissect.Conn, dir dissect.Dir, first []byte) dissect.Match {
	ex, ok := c.Carried.(*web.Exchange)
	if !ok || ex.Method != "POST" && ex.Method != "" { // SOAP over HTTP is POST; WSDL is got
		return dissect.No
	}
	if !soap(ex.Request) && !soap(ex.Response) {
		return dissect.No
	}
	if bytes.Contains(first, envelope) {
		for _, m := range marks {
			if bytes.Contains(first, m) {
				return dissect.Yes
			}
		}
	}
	return dissect.Maybe
}

// soap tells whether a header announces SOAP 1.2, as SDC uses it.
func soap(h web.Header) bool {
	kind := h.Get("Content-Type")
	return len(kind) >= len(mediaType) && strings.EqualFold(kind[:len(mediaType)], mediaType)
}

const mediaType = "application/soap+xml"

type dissector struct {
	conn *dissect.Conn
	ex   *web.Exchange
	body [2]body
}

// body is one message as far as it came.
type body struct {
	data []byte
	size int64
	cut  bool // a loss, or the cap: what follows is not kept
	ref  event.Ref
}

func newDissector(c *dissect.Conn) dissect.Dissector {
	ex, _ := c.Carried.(*web.Exchange)
	if ex == nil {
		ex = &web.Exchange{}
	}
	return &dissector{conn: c, ex: ex}
}

// Feed collects a body. It is read when the exchange is over.
func (d *dissector) Feed(seg *dissect.Segment, _ *event.Batch) (dissect.Progress, error) {
	b := &d.body[seg.Dir]
	b.size += int64(len(seg.Data))
	b.cut = b.cut || seg.Gap > 0
	b.ref = seg.Ref
	if !b.cut {
		room := maxBody - len(b.data)
		b.data = append(b.data, seg.Data[:min(room, len(seg.Data))]...)
		b.cut = len(seg.Data) > room
	}
	return dissect.Progress{Used: len(seg.Data)}, nil
}

// Close reads request and response.
func (d *dissector) Close(out *event.Batch) {
	for dir := range d.body {
		b := &d.body[dir]
		if len(b.data) > 0 {
			d.read(dissect.Dir(dir), b, out)
		}
		b.data = nil
	}
}

// Held is the number of bytes collected.
func (d *dissector) Held() int { return len(d.body[0].data) + len(d.body[1].data) }

func (d *dissector) read(dir dissect.Dir, b *body, out *event.Batch) {
	doc := xmlread.Parse(b.data)
	if doc.DTD {
		dissect.Anomaly(out, b.ref, Protocol.Name, "sdc_dtd", 1, "a document type is declared, which SOAP forbids (SOAP 1.2, section 5): the way of entity attacks")
	}
	if doc.Root == nil || doc.Root.Name != "Envelope" {
		dissect.Anomaly(out, b.ref, Protocol.Name, "sdc_not_soap", b.size, "a body in an exchange of SDC holds no SOAP envelope")
		return
	}
	if doc.Problem != xmlread.Sound || b.cut {
		problem := string(doc.Problem)
		if b.cut {
			problem = "a part of it is missing"
		}
		dissect.Anomaly(out, b.ref, Protocol.Name, "sdc_incomplete", b.size, "a message could not be read to its end: "+problem)
	}
	m := d.envelope(dir, doc.Root)
	m.row.Bytes, m.row.Complete = b.size, doc.Problem == xmlread.Sound && !b.cut
	m.emit(b.ref, out)
}

package x12

import (
	"bytes"
	"strconv"
	"strings"
	"time"

	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
	"wardtrace/dissect/xmlread"
)

// reader is one direction.
type reader struct {
	dir  dissect.Dir
	ref  event.Ref
	buf  []byte // the segment, or the beginning of a message
	kind kind   // of what is open
	size int64  // bytes of the open message

	sep, end byte
	row      *Interchange
	people   []Person
	dropped  int64
	set      string // ST-01 of the open transaction
	named    bool   // the last person is the one that DMG speaks of
}

// take acts on one byte: what is open decides what it means.
func (r *reader) take(b byte, out *event.Batch) {
	switch r.kind {
	case interchange:
		r.size++
		if b == r.end {
			r.segment(out)
		} else if (b != '\r' && b != '\n' || len(r.buf) > 0) && len(r.buf) < maxSegment {
			r.buf = append(r.buf, b)
		}
	case unknown:
		r.begin(b)
	default:
		r.size++
		if len(r.buf) < maxXML {
			r.buf = append(r.buf, b)
		}
	}
}

// begin collects bytes until they show what begins.
func (r *reader) begin(b byte) {
	if len(r.buf) == 0 && (b <= ' ') {
		return
	}
	r.buf = append(r.buf, b)
	if b != '>' && len(r.buf) > 2*isaLen && len(r.buf) < dissect.ProbeLimit { // XML, which shows what it is at the end of a tag
		return
	}
	k, m := judge(r.buf)
	switch {
	case m == dissect.Yes && k == interchange:
		c := cursor.New(r.buf)
		c.Skip(3)
		r.sep = c.U8()
		c.Skip(isaLen - 5)
		r.end = c.U8()
		r.kind, r.size = k, int64(len(r.buf))
		r.header()
	case m == dissect.Yes:
		r.kind, r.size = k, int64(len(r.buf))
	case m == dissect.No || len(r.buf) >= dissect.ProbeLimit: // an answer of another kind, or noise
		r.buf = r.buf[:0]
	}
}

// header takes ISA (X12.5).
func (r *reader) header() {
	f := strings.Split(string(r.buf[:isaLen-1]), string([]byte{r.sep}))
	r.buf = r.buf[:0]
	t := func(n int) string {
		if n < len(f) {
			return strings.ToValidUTF8(strings.TrimSpace(f[n]), "?")
		}
		return ""
	}
	r.row = &Interchange{Dir: r.dir.String(), SenderKind: t(5), Sender: t(6), ReceiverKind: t(7), Receiver: t(8), Version: t(12), Control: t(13), Usage: t(15),
		Password: t(3) == "01" && t(4) != "", Segments: 1}
	if at, err := time.Parse("0601021504", t(9)+t(10)); err == nil {
		r.row.At = event.Time(at.UnixNano())
	}
	r.people, r.dropped, r.set, r.named = nil, 0, "", false
}

// segment takes one segment of the open interchange.
func (r *reader) segment(out *event.Batch) {
	f := strings.SplitN(string(r.buf), string([]byte{r.sep}), maxList)
	r.buf = r.buf[:0]
	t := func(n int) string {
		if n < len(f) {
			return strings.Clone(strings.ToValidUTF8(strings.TrimSpace(f[n]), "?"))
		}
		return ""
	}
	row := r.row
	row.Segments++
	switch f[0] {
	case "GS":
		row.Groups = appendOnce(row.Groups, t(1))
		if row.GroupSender == "" {
			row.GroupSender, row.GroupTarget, row.Guide = t(2), t(3), t(8)
		}
	case "ST":
		row.Transactions++
		r.set, r.named = t(1), false
		row.Sets = appendOnce(row.Sets, r.set)
		if row.Name == "" {
			row.Name = sets[r.set]
		}
	case "CLM", "CLP":
		row.Claims++
	case "NM1":
		r.person(t)
	case "DMG":
		if n := len(r.people); r.named && n > 0 && t(1) == "D8" {
			r.people[n-1].Birth, r.people[n-1].Sex = t(2), t(3)
		}
	case "REF":
		row.SSN = row.SSN || t(1) == "SY"
	case "HL", "SE":
		r.named = false
	case "IEA":
		if n, err := strconv.ParseInt(t(1), 10, 64); err == nil {
			row.Declared = event.Some(n)
		}
		row.Complete = t(2) == row.Control
		r.emit(out)
	}
}

// person takes NM1 of a subscriber (IL) or patient (QC); others are organisations and staff.
func (r *reader) person(t func(int) string) {
	role := map[string]string{"IL": "subscriber", "QC": "patient"}[t(1)]
	if r.named = role != ""; !r.named {
		return
	}
	r.row.Patients++
	r.row.SSN = r.row.SSN || t(8) == "34"
	if len(r.people) >= maxPatients {
		r.named = false
		r.dropped++
		return
	}
	r.people = append(r.people, Person{Set: r.set, Role: role, ID: t(9), Kind: t(8), Name: strings.TrimRight(t(3)+"^"+t(4), "^")})
}

func appendOnce(list []string, s string) []string {
	for _, have := range list {
		if have == s {
			return list
		}
	}
	if s == "" || len(list) >= maxList {
		return list
	}
	return append(list, s)
}

// emit ends the interchange.
func (r *reader) emit(out *event.Batch) {
	row := r.row
	r.row, r.kind, r.buf = nil, unknown, r.buf[:0]
	row.Bytes = r.size
	parent := int64(interchanges.Emit(out, r.ref, *row))
	for _, p := range r.people {
		p.ParentSeq = parent
		people.Emit(out, r.ref, p)
	}
	if r.dropped > 0 {
		dissect.Anomaly(out, r.ref, protocolName, "x12_rows_limit", r.dropped, "an interchange names more people than are kept: the rest were counted only")
	}
	r.people = nil
}

// lost ends what is open at a loss.
func (r *reader) lost(ref event.Ref, n int64, out *event.Batch) {
	if r.kind != unknown {
		dissect.Anomaly(out, ref, protocolName, "x12_gap", n, "bytes of an interchange were lost")
	}
	r.finish(out)
}

// finish ends what is open.
func (r *reader) finish(out *event.Batch) {
	k, body := r.kind, r.buf
	if k == interchange {
		r.emit(out)
		return
	}
	r.kind, r.buf = unknown, nil
	p := Pharmacy{Dir: r.dir.String(), Bytes: r.size}
	switch k {
	case scriptXML:
		p.script(body)
	case scriptEDI:
		p.Standard = "SCRIPT EDIFACT"
	case telecom:
		c := cursor.New(bytes.TrimLeft(body, "\r\n\t \x02"))
		p.Standard, p.To, p.Version, p.Type = "Telecom", c.String(6), c.String(2), c.String(2)
	default:
		return
	}
	pharmacies.Emit(out, r.ref, p)
}

// script takes the header of a SCRIPT message in XML.
func (p *Pharmacy) script(body []byte) {
	root := xmlread.Parse(body).Root
	p.Standard = "SCRIPT XML"
	text := func(s string) string { return strings.Clone(s[:min(len(s), 256)]) }
	for _, name := range []string{"version", "TransportVersion"} {
		if p.Version == "" {
			p.Version = text(root.Attr(name))
		}
	}
	if d := root.Attr("DatatypesVersion"); d != "" {
		p.Version = text(d)
	}
	h := root.Child("Header")
	p.From, p.To = text(h.Child("From").Value()), text(h.Child("To").Value())
	p.MessageID, p.RelatesTo = text(h.Child("MessageID").Value()), text(h.Child("RelatesToMessageID").Value())
	if k := root.Child("Body").First(); k != nil {
		p.Type = text(k.Name)
	}
}

// sets are the transaction sets of health care.
var sets = map[string]string{
	"270": "eligibility inquiry", "271": "eligibility response", "276": "claim status request", "277": "claim status response", "278": "services review (authorisation)",
	"820": "premium payment", "834": "enrolment", "835": "claim payment", "837": "claim", "997": "functional acknowledgement", "999": "implementation acknowledgement",
	"275": "patient information", "TA1": "interchange acknowledgement",
}

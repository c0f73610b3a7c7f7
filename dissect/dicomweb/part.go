package dicomweb

import (
	"strings"

	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/dataset"
	"wardtrace/dissect/event"
)

// maxXML bounds the text of a Native DICOM Model, which is read as one: metadata without bulk data has some ten KiB.
const maxXML = 1 << 20

// part is a part of a multipart body, or a body that is none. Exactly one of file, answer and xml reads it; none if it is opaque.
type part struct {
	dir    dissect.Dir
	number int64
	kind   string // media type
	file   *dataset.File
	answer *answer
	xml    []byte
	isXML  bool
	over   bool   // xml is not all of it
	strict bool   // its media type says that it is DICOM
	head   []byte // first bytes, until they tell whether file can read them
	begun  bool   // file has them
	bare   bool   // it begins with group 0002: preamble and DICM are missing
	bytes  int64
	lost   int64
	kept   *kept
}

// newPart begins a part of a media type.
func (d *dissector) newPart(dir dissect.Dir, number int64, kind string) *part {
	p := &part{dir: dir, number: number, kind: kind}
	switch {
	case kind == "application/dicom+json", strings.HasSuffix(kind, "json"):
		p.answer = newAnswer(func(r *resource) { d.resource(p, r, true) })
		p.answer.plain = d.t.operation == "tags"
		if d.t.operation == "find" && dir == dissect.FromClient {
			p.answer.query = d.t.match
		}
	case kind == "application/dicom+xml", strings.HasSuffix(kind, "/xml"):
		p.isXML = true
	case kind == "application/dicom", kind == "application/octet-stream", kind == "", kind == "application/x-www-form-urlencoded":
		p.strict = kind == "application/dicom"
		p.file = &dataset.File{}
		p.kept = newKept(d.conn.Keeper, dir)
	}
	return p
}

// write takes a part's next bytes.
func (d *dissector) write(p *part, b []byte) {
	if len(b) == 0 {
		return
	}
	p.bytes += int64(len(b))
	switch {
	case p.file != nil:
		d.file(p, b)
	case p.answer != nil:
		p.answer.lex.write(b)
	case p.isXML:
		c := cursor.New(b)
		p.xml = append(p.xml, c.Bytes(min(maxXML-len(p.xml), len(b)))...)
		p.over = p.over || c.More()
	}
}

// file gives bytes to the reader of Part 10 files, as soon as the first ones tell whether they are one.
func (d *dissector) file(p *part, b []byte) {
	if p.begun {
		p.file.Write(b)
		p.kept.write(b, p.file, d.ref)
		return
	}
	p.head = append(p.head, b...)
	p.begin(d.ref, false)
}

// begin gives the first bytes to the reader; all says that there are no more.
func (p *part) begin(ref event.Ref, all bool) {
	if len(p.head) < partHead && !all {
		return
	}
	if p.strict && !dataset.IsFile(p.head) {
		meta, rest, more := bareMeta(p.head)
		if more && !all && len(p.head) < maxBare {
			return
		}
		if meta != nil {
			p.bare, p.head = true, append(meta, rest...)
		}
	}
	p.begun = true
	p.file.Write(p.head)
	p.kept.write(p.head, p.file, ref)
	p.head = nil
}

// implementation names this program as the writer of a group 0002 (PS3.10 7.1), as in what is kept of DIMSE.
const implementation = "2.25.158937164921548030637498213450917364285"

// maxBare bounds a group 0002 without a length: it has some hundred bytes.
const maxBare = 4 << 10

// bareMeta reads a group 0002 that stands there without preamble, DICM and group length, and makes a sound one of it: so dicomweb-client
// stores, and archives then serve what it stored. more tells that it does not end in b.
//
//	0002,eeee (4)  VR (2)  length (2)  value ...   then the data set
func bareMeta(b []byte) (meta, rest []byte, more bool) {
	var class, instance, syntax string
	c := cursor.New(b)
	for n := 0; ; n++ {
		look := c
		if look.U16LE() != 0x0002 {
			if look.Short() {
				return nil, nil, true
			}
			if syntax == "" || n == 0 {
				return nil, nil, false
			}
			return dataset.AppendFileHead(nil, class, instance, syntax, implementation, ""), c.Rest(), false
		}
		c.Skip(2)
		element, vr, length := c.U16LE(), c.String(2), int(c.U16LE())
		if vr == "OB" {
			length = int(c.U32LE())
		}
		v := c.Bytes(length)
		switch {
		case c.Short():
			return nil, nil, true
		case vr != "UI" && vr != "UL" && vr != "SH" && vr != "AE" && vr != "OB":
			return nil, nil, false
		case element == 0x0002:
			class = dataset.ASCII(v)
		case element == 0x0003:
			instance = dataset.ASCII(v)
		case element == 0x0010:
			syntax = dataset.ASCII(v)
		}
	}
}

// lose notes lost bytes, and tells whether the part can be read on.
func (p *part) lose(n int64) bool {
	p.bytes += n
	p.lost += n
	switch {
	case p.file != nil:
		p.file.Lost(n) // before its beginning was read: no file then
		p.begun = true
		p.kept.lose(n)
		return p.file.Object != nil && !p.file.Object.Ended()
	case p.answer != nil:
		p.answer.lex.bad = true
	case p.isXML:
		p.over = true
	}
	return false
}

// finish ends a part: whole if its end was seen.
func (d *dissector) finish(p *part, whole bool) {
	whole = whole && p.lost == 0
	switch {
	case p.file != nil:
		d.object(p, whole)
	case p.answer != nil:
		d.answered(p, whole)
	case p.isXML:
		ok := readXML(p.xml, func(r *resource) { d.resource(p, r, whole && !p.over) })
		if p.dir == dissect.FromServer && ok {
			d.found++
		}
		if !ok && len(p.xml) > 0 && whole && isDICOM(p.kind) {
			d.anomaly("dicomweb_bad_xml", p.bytes, "a part that should be a Native DICOM Model is none, or breaks off")
		}
	}
}

// answered ends a JSON text.
func (d *dissector) answered(p *part, whole bool) {
	a := p.answer
	if rest := a.model.end(); rest != nil {
		d.resource(p, rest, false)
	}
	if whole && !a.lex.finish() && p.bytes > 0 && isDICOM(p.kind) {
		d.anomaly("dicomweb_bad_json", p.bytes, "a body that should be DICOM JSON is none, or breaks off")
	}
	if p.dir == dissect.FromClient {
		return
	}
	if a.array {
		d.found += a.results
		d.listed = true
	}
	if (a.ids || a.orthanc) && d.t.service == "qido-rs" {
		d.t.service, d.t.operation, d.t.product = "orthanc", "list", "orthanc"
	}
	d.facts = a.facts
}

// object ends a Part 10 file.
func (d *dissector) object(p *part, whole bool) {
	f := p.file
	if !p.begun {
		p.begin(d.ref, true)
	}
	f.Finish()
	if f.NotAFile {
		p.kept.close(false)
		if p.strict && p.bytes > 0 {
			d.objects[p.dir]++
			d.notAFile(p, whole)
		}
		return
	}
	o := f.Object
	fault := o.Fault != dataset.NoFault
	p.kept.close(whole && !fault)
	row := rowOf(&o.Attr)
	row.fill(d, p, "object")
	row.gathered(o)
	row.TransferSyntax = f.TransferSyntax
	if f.Preamble != "" && f.Preamble != "tiff" {
		row.Foreign = append(row.Foreign, "preamble: "+f.Preamble)
		row.Executable = row.Executable || dataset.Executable(f.Preamble)
	}
	row.PathCharacters = row.PathCharacters || dataset.PathCharacters(f.MediaInstance)
	if row.SOPInstance == "" {
		row.SOPInstance = f.MediaInstance
	}
	row.Complete = whole && !fault
	seq := datasets.Emit(d.out, d.ref, *row)
	d.objects[p.dir]++
	d.objectBytes += p.bytes
	d.moved(p, &o.Attr, row.SOPInstance, seq)
	if p.bare {
		d.anomaly("dicomweb_no_preamble", p.bytes, "an object without preamble, DICM and group length (PS3.10 7.1): read all the same")
	}
	if fault && p.lost == 0 && whole {
		d.anomaly("dicomweb_bad_dataset", p.bytes, "an object that cannot be read to its end: "+o.Fault.String())
	}
}

// notAFile notes a part that says it is DICOM and is no Part 10 file.
func (d *dissector) notAFile(p *part, whole bool) {
	row := Dataset{Fault: "not_a_file"}
	if p.lost > 0 {
		row.Fault = dataset.Gap.String()
	}
	row.fill(d, p, "object")
	datasets.Emit(d.out, d.ref, row)
	if whole && p.lost == 0 {
		d.anomaly("dicomweb_not_a_file", p.bytes, "a part that should be a Part 10 file has no DICM where it must be")
	}
}

// resource takes a data set that came as JSON or XML.
func (d *dissector) resource(p *part, r *resource, whole bool) {
	t := d.t
	if p.dir == dissect.FromServer && t.operation == "store" {
		d.stored(r)
		return
	}
	if p.dir == dissect.FromClient && t.operation == "change_state" {
		t.state = r.StateOfProcedure
		return
	}
	if r.elements == 0 {
		return
	}
	kind := "metadata"
	switch {
	case t.service == "ups-rs" && !(t.search && p.dir == dissect.FromServer):
		kind = "workitem"
	case p.dir == dissect.FromServer && (t.search || t.operation == "find" || t.operation == "list"):
		kind = "match"
	}
	row := rowOf(&r.Attr)
	row.fill(d, p, kind)
	row.Encoding = "json"
	if p.isXML {
		row.Encoding = "xml"
	}
	row.CharacterSet, row.Elements, row.PrivateElements, row.PatientFields = r.charset, r.elements, r.private, r.fields
	row.InvalidUID, row.PathCharacters, row.ActiveText = r.flags.invalidUID, r.flags.path, r.flags.active
	if row.Complete = whole; !whole {
		row.Fault = "truncated"
	}
	row.DatasetBytes, row.LostBytes = 0, 0 // several share a body
	datasets.Emit(d.out, d.ref, *row)
}

// stored takes the answer to a store (PS3.18 10.5.3).
func (d *dissector) stored(r *resource) {
	if !r.listed {
		return
	}
	row := &d.row
	row.Stored, row.Refused = event.Some(row.Stored.V+r.stored), event.Some(row.Refused.V+r.refused)
	for _, w := range r.reasons {
		if len(row.Reasons) < maxReasons && !has(row.Reasons, w) {
			row.Reasons = append(row.Reasons, w)
		}
	}
	d.refused = append(d.refused, r.refusedSOP[:min(len(r.refusedSOP), maxRefused-len(d.refused))]...)
}

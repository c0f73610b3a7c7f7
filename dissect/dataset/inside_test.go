package dataset

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
)

// TestUnknownVR: a value representation of a later edition has the long form, and what follows is read. Two capitals that
// cannot be one end the reading.
func TestUnknownVR(t *testing.T) {
	write := func(reserved uint16) []byte {
		e := &enc{order: binary.LittleEndian}
		e.el(0x00080005, "CS", "ISO_IR 100")
		e.header(0x00100011, "ZZ", 6) // two letters and a length of two bytes: only the tag and letters count here
		e.Truncate(e.Len() - 2)
		e.u16(reserved)
		e.u32(6)
		e.WriteString("future")
		e.el(0x00100020, "LO", "LAB-1 ")
		return e.Bytes()
	}
	o := readAll(write(0), Syntax{}, Instance)
	if o.Fault != NoFault || o.UnknownVRs != 1 || o.PatientID != "LAB-1" {
		t.Errorf("fault %v, %d unknown, patient %q", o.Fault, o.UnknownVRs, o.PatientID)
	}
	if o := readAll(write(6), Syntax{}, Instance); o.Fault != BadVR {
		t.Errorf("fault %v", o.Fault)
	}
}

func readAll(b []byte, s Syntax, p Purpose) *Object {
	o := NewObject(s, p)
	o.Write(b)
	o.Finish()
	return o
}

// TestItemCharset: a character set that an item declares is its own and that of what is in it, and of nothing else
// (PS3.3 C.12.1.1.2).
func TestItemCharset(t *testing.T) {
	for _, implicit := range []bool{false, true} {
		e := &enc{implicit: implicit, order: binary.LittleEndian}
		e.el(tagCharset, "CS", "ISO_IR 100")
		e.header(0x00101002, "SQ", Undefined)
		e.item(Undefined)
		e.el(tagCharset, "CS", "ISO_IR 144")
		e.el(0x00100020, "LO", "\xBB\xB0\xB1") // ЛАБ
		e.header(0x00101005, "SQ", Undefined)  // any sequence: what is in it has the item's
		e.item(Undefined)
		e.el(0x00100020, "LO", "\xBB")
		e.end(tagItemEnd)
		e.end(tagSequenceEnd)
		e.end(tagItemEnd)
		e.item(Undefined) // the next item has the data set's again
		e.el(0x00100020, "LO", "M\xFCL")
		e.end(tagItemEnd)
		e.end(tagSequenceEnd)
		e.el(0x00102000, "LO", "\xE9")
		e.el(0x00104000, "LT", "\xE9")
		e.el(0x00081070, "PN", "L\xC4B")
		o := readAll(e.Bytes(), Syntax{Implicit: implicit}, Instance)
		if got := strings.Join(o.OtherIDs, " "); got != "ЛАБ MÜL" && got != "ЛАБ MüL" {
			t.Errorf("implicit %v: %q, fault %v", implicit, got, o.Fault)
		}
		if o.Operator != "LÄB" || o.Charset != "ISO_IR 100" || o.CharsetGuessed {
			t.Errorf("implicit %v: operator %q, charset %q, guessed %v", implicit, o.Operator, o.Charset, o.CharsetGuessed)
		}
	}
}

// TestOtherIDs: each id of the list and of the sequence once, up to a cap.
func TestOtherIDs(t *testing.T) {
	e := &enc{order: binary.LittleEndian}
	e.el(0x00101000, "LO", `A\ B\A\\C`)
	e.header(0x00101002, "SQ", Undefined)
	for i := range 2 * maxOtherIDs {
		e.item(Undefined)
		e.el(0x00100020, "LO", fmt.Sprintf("X%d", i))
		e.end(tagItemEnd)
	}
	e.end(tagSequenceEnd)
	o := readAll(e.Bytes(), Syntax{}, Instance)
	if len(o.OtherIDs) != maxOtherIDs || strings.Join(o.OtherIDs[:4], " ") != "A B C X0" || o.OtherPatientIDs != "A" {
		t.Errorf("%d: %q, first %q", len(o.OtherIDs), o.OtherIDs, o.OtherPatientIDs)
	}
}

// TestReferences: the last item of one sequence and the first of the next stand at the same place; a reference without a
// class, one without an instance, reasons of both byte orders, and the cap.
func TestReferences(t *testing.T) {
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		e := &enc{order: order}
		e.header(tagFailedSOP, "SQ", Undefined)
		e.item(Undefined)
		e.el(tagReferencedClass, "UI", "1.2\x00")
		e.el(tagReferencedUID, "UI", "1.2.1\x00")
		e.us(tagFailureReason, 0x0119)
		e.end(tagItemEnd)
		e.item(Undefined)
		e.el(tagReferencedUID, "UI", "1.2.2\x00")
		e.end(tagItemEnd)
		e.end(tagSequenceEnd)
		e.header(0x00400340, "SQ", Undefined)
		for i := range 2 {
			e.item(Undefined)
			e.header(0x00081140, "SQ", Undefined)
			e.item(Undefined)
			e.el(tagReferencedClass, "UI", "1.2\x00")
			e.el(tagReferencedUID, "UI", fmt.Sprintf("1.3.%d\x00", i))
			e.end(tagItemEnd)
			e.end(tagSequenceEnd)
			e.end(tagItemEnd)
		}
		e.end(tagSequenceEnd)
		o := readAll(e.Bytes(), Syntax{BigEndian: order == binary.BigEndian}, Attributes)
		want := []Reference{{tagFailedSOP, "1.2", "1.2.1", 0x0119}, {tagFailedSOP, "", "1.2.2", 0}, {0x00081140, "1.2", "1.3.0", 0}, {0x00081140, "1.2", "1.3.1", 0}}
		if fmt.Sprint(o.References) != fmt.Sprint(want) || o.Failed != 2 {
			t.Errorf("%v\nwant %v, fault %v, %d failed", o.References, want, o.Fault, o.Failed)
		}
		if o := readAll(e.Bytes(), Syntax{BigEndian: order == binary.BigEndian}, Instance); len(o.References) > 0 {
			t.Errorf("references of an object: %v", o.References)
		}
	}
	e := &enc{order: binary.LittleEndian}
	e.header(tagReferencedSOP, "SQ", Undefined)
	for i := range maxReferences + 10 {
		e.item(Undefined)
		e.el(tagReferencedUID, "UI", fmt.Sprintf("1.%04d", i))
		e.us(tagFailureReason, uint16(i))
		e.end(tagItemEnd)
	}
	e.end(tagSequenceEnd)
	o := readAll(e.Bytes(), Syntax{}, Attributes)
	if last := o.References[len(o.References)-1]; len(o.References) != maxReferences || last.Instance != "1.1023" || last.Reason != 1023 || o.Referenced != maxReferences+10 {
		t.Errorf("%d references, the last %+v, %d items", len(o.References), last, o.Referenced)
	}
}

// TestDocumentFormat: what a document is, whatever it says it is.
func TestDocumentFormat(t *testing.T) {
	for body, want := range map[string]string{
		"%PDF-1.4": "pdf",
		"<?xml version=\"1.0\"?>\n<ClinicalDocument xmlns=\"urn:hl7-org:v3\">": "cda",
		"<?xml version=\"1.0\"?>\n<hl7:ClinicalDocument>":                      "cda",
		"<?xml version=\"1.0\"?><note/>":                                       "xml",
		" <note/>":                                                             "xml",
		"MZ\x90\x00":                                                           "pe",
		"solid cube":                                                           "stl",
		"plain text":                                                           "",
	} {
		e := &enc{order: binary.LittleEndian}
		e.el(0x00420011, "OB", body)
		e.el(0x00420012, "LO", "application/pdf")
		o := readAll(e.Bytes(), Syntax{}, Instance)
		if o.DocumentFormat != want || o.DocumentBytes != int64(len(body)+len(body)%2) {
			t.Errorf("%q is %q, want %q; %d bytes", body, o.DocumentFormat, want, o.DocumentBytes)
		}
	}
}

// TestPrivateCreators: each once, in both encodings, up to a cap; a long one is none.
func TestPrivateCreators(t *testing.T) {
	for _, implicit := range []bool{false, true} {
		e := &enc{implicit: implicit, order: binary.LittleEndian}
		e.el(0x00080005, "CS", "ISO_IR 100")
		e.el(0x00090010, "LO", "LAB ONE")
		e.el(0x00090011, "LO", strings.Repeat("x", 100))
		e.el(0x00091001, "LO", "a value")
		e.el(0x00110010, "LO", "LAB TWO")
		e.el(0x00130010, "LO", "LAB ONE")
		for i := range uint32(40) {
			e.el(Tag(0x00150010+i), "LO", fmt.Sprintf("MORE %d", i))
		}
		o := readAll(e.Bytes(), Syntax{Implicit: implicit}, Instance)
		if len(o.PrivateCreators) != maxCreators || strings.Join(o.PrivateCreators[:2], ",") != "LAB ONE,LAB TWO" || o.PrivateElements != 45 {
			t.Errorf("implicit %v: %q, %d elements", implicit, o.PrivateCreators, o.PrivateElements)
		}
	}
}

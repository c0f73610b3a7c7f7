package dataset

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
)

// enc writes data sets by hand, in one of the three encodings.
type enc struct {
	bytes.Buffer
	implicit bool
	order    binary.AppendByteOrder
}

func (e *enc) u16(n uint16) { e.Write(e.order.AppendUint16(nil, n)) }
func (e *enc) u32(n uint32) { e.Write(e.order.AppendUint32(nil, n)) }

func (e *enc) header(t Tag, vr string, n uint32) {
	e.u16(t.Group())
	e.u16(t.Element())
	switch v := VR(vr[0])<<8 | VR(vr[1]); {
	case e.implicit || t.Group() == 0xFFFE:
		e.u32(n)
	case v.long():
		e.WriteString(vr + "\x00\x00")
		e.u32(n)
	default:
		e.WriteString(vr)
		e.u16(uint16(n))
	}
}

func (e *enc) el(t Tag, vr, v string) {
	if len(v)%2 == 1 {
		v += " "
	}
	e.header(t, vr, uint32(len(v)))
	e.WriteString(v)
}

func (e *enc) us(t Tag, n uint16) {
	e.header(t, "US", 2)
	e.u16(n)
}

func (e *enc) item(n uint32) { e.header(tagItem, "  ", n) }
func (e *enc) end(t Tag)     { e.header(t, "  ", 0) }

// image writes a data set with everything that is awkward.
func image(implicit bool, order binary.AppendByteOrder) []byte {
	e := &enc{implicit: implicit, order: order}
	e.el(tagCharset, "CS", "ISO_IR 100")
	e.el(tagSOPInstance, "UI", "1.2.3\x00")
	e.header(0x00081140, "SQ", Undefined) // undefined sequence, undefined item, in it one of defined length
	e.item(Undefined)
	e.el(0x00081155, "UI", "1.2.3.4\x00")
	inner := &enc{implicit: implicit, order: order}
	inner.item(0)
	e.header(0x0040A170, "SQ", uint32(inner.Len()))
	e.Write(inner.Bytes())
	e.end(tagItemEnd)
	e.end(tagSequenceEnd)
	e.el(0x00100010, "PN", "M\xFCller^J\xF6rg")
	e.el(0x00100020, "LO", "LAB-1")
	e.el(0x00290010, "LO", "PRIVATE")
	e.us(0x00280010, 3)
	e.us(0x00280011, 2)
	e.header(tagPixelData, "OW", 12)
	for i := range 6 {
		e.u16(uint16(i * 300))
	}
	return e.Bytes()
}

func read(s Syntax, p Purpose, data []byte, step int) *Object {
	o := NewObject(s, p)
	for len(data) > 0 {
		n := min(step, len(data))
		piece := append([]byte(nil), data[:n]...)
		o.Write(piece)
		for i := range piece { // valid only during the call: spoil it
			piece[i] = 0xA5
		}
		data = data[n:]
	}
	o.Finish()
	o.r = nil
	return o
}

func deflated(b []byte) []byte {
	var out bytes.Buffer
	w, _ := flate.NewWriter(&out, 9)
	w.Write(b)
	w.Close()
	return out.Bytes()
}

func TestEncodings(t *testing.T) {
	le, be := binary.LittleEndian, binary.BigEndian
	for name, tt := range map[string]struct {
		uid  string
		data []byte
	}{
		"implicit little": {"1.2.840.10008.1.2", image(true, le)},
		"explicit little": {"1.2.840.10008.1.2.1", image(false, le)},
		"explicit big":    {"1.2.840.10008.1.2.2", image(false, be)},
		"deflated":        {"1.2.840.10008.1.2.1.99", deflated(image(false, le))},
		"guess implicit":  {"", image(true, le)},
		"guess explicit":  {"", image(false, le)},
		"guess big":       {"", image(false, be)},
	} {
		t.Run(name, func(t *testing.T) {
			whole := read(SyntaxOf(tt.uid), Instance, tt.data, 1<<20)
			if whole.Fault != NoFault || whole.Differs {
				t.Fatalf("fault %v, differs %v", whole.Fault, whole.Differs)
			}
			if whole.PatientName != "Müller^Jörg" || whole.PatientID != "LAB-1" || whole.Rows != 3 || whole.Columns != 2 || whole.SOPInstance != "1.2.3" {
				t.Errorf("%+v", whole.Attr)
			}
			pixels := &enc{order: le}
			if name == "explicit big" || name == "guess big" {
				pixels.order = be
			}
			for i := range 6 {
				pixels.u16(uint16(i * 300))
			}
			sum := sha256.Sum256(pixels.Bytes())
			if whole.PixelDigest != hex.EncodeToString(sum[:]) || whole.PixelBytes != 12 {
				t.Errorf("pixels: %s, %d bytes", whole.PixelDigest, whole.PixelBytes)
			}
			for step := 1; step < 20; step++ {
				if got := read(SyntaxOf(tt.uid), Instance, tt.data, step); fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", whole) {
					t.Fatalf("in pieces of %d bytes\n%+v\nwant\n%+v", step, got, whole)
				}
			}
		})
	}
}

// TestWrongSyntax: peers send another encoding than they agreed on.
func TestWrongSyntax(t *testing.T) {
	o := read(SyntaxOf("1.2.840.10008.1.2"), Instance, image(false, binary.LittleEndian), 64)
	if !o.Differs || o.Fault != NoFault || o.PatientID != "LAB-1" {
		t.Errorf("explicit as implicit: %v, %v, %q", o.Differs, o.Fault, o.PatientID)
	}
	o = read(SyntaxOf("1.2.840.10008.1.2.1"), Instance, image(true, binary.LittleEndian), 64)
	if !o.Differs || o.Fault != NoFault || o.PatientID != "LAB-1" {
		t.Errorf("implicit as explicit: %v, %v, %q", o.Differs, o.Fault, o.PatientID)
	}
}

func TestFaults(t *testing.T) {
	le := binary.LittleEndian
	explicit := func(f func(e *enc)) []byte {
		e := &enc{order: le}
		e.el(0x00100020, "LO", "LAB-1")
		f(e)
		return e.Bytes()
	}
	for name, tt := range map[string]struct {
		data []byte
		want Fault
	}{
		"cut in a header":   {explicit(func(e *enc) { e.u16(0x0010) }), Truncated},
		"cut in a value":    {explicit(func(e *enc) { e.header(0x00100030, "DA", 8); e.WriteString("1970") }), Truncated},
		"open sequence":     {explicit(func(e *enc) { e.header(0x00081140, "SQ", Undefined); e.item(Undefined) }), Truncated},
		"no VR":             {explicit(func(e *enc) { e.header(0x00100030, "??", 8); e.WriteString("19700101") }), BadVR},
		"item outside":      {explicit(func(e *enc) { e.item(0) }), BadNesting},
		"element as item":   {explicit(func(e *enc) { e.header(0x00081140, "SQ", Undefined); e.el(0x00100030, "DA", "19700101") }), BadNesting},
		"too deep":          {explicit(func(e *enc) { nest(e, MaxDepth+1) }), TooDeep},
		"as deep as may be": {explicit(func(e *enc) { nest(e, MaxDepth) }), NoFault},
		"longer than its item": {explicit(func(e *enc) {
			e.header(0x00081140, "SQ", 16)
			e.item(8)
			e.el(0x00081155, "UI", "1.2.3.4.5.6")
		}), Overrun},
		"four gigabytes": {explicit(func(e *enc) { e.header(0x00420011, "OB", 0xFFFFFFFE) }), Truncated},
	} {
		t.Run(name, func(t *testing.T) {
			o := read(Syntax{}, Instance, tt.data, 7)
			if o.Fault != tt.want {
				t.Errorf("fault %q, want %q", o.Fault, tt.want)
			}
			if o.PatientID != "LAB-1" {
				t.Errorf("what came before the fault is gone: %q", o.PatientID)
			}
		})
	}
}

func nest(e *enc, depth int) {
	for range depth {
		e.header(0x00081140, "SQ", Undefined)
		e.item(Undefined)
	}
	for range depth {
		e.end(tagItemEnd)
		e.end(tagSequenceEnd)
	}
}

// TestDeflateBomb: a megabyte of deflate claims a gigabyte.
func TestDeflateBomb(t *testing.T) {
	e := &enc{order: binary.LittleEndian}
	e.el(0x00100020, "LO", "LAB-1")
	e.header(tagPixelData, "OW", 64<<20)
	e.Write(make([]byte, 64<<20))
	o := read(Syntax{Deflated: true}, Instance, deflated(e.Bytes()), 4096)
	if o.Fault != TooLarge || o.PatientID != "LAB-1" || o.PixelDigest != "" || o.PixelBytes > deflateRead+deflateStep {
		t.Errorf("fault %v, %d bytes of pixels, patient %q", o.Fault, o.PixelBytes, o.PatientID)
	}
	o = read(Syntax{Deflated: true}, Instance, []byte("this is no deflate stream at all"), 5)
	if o.Fault != BadDeflate {
		t.Errorf("fault %v", o.Fault)
	}
}

// TestPrivateSequences: in implicit VR nothing but the item tag shows that a value is a sequence; a text that is none
// stays one.
func TestPrivateSequences(t *testing.T) {
	e := &enc{implicit: true, order: binary.LittleEndian}
	inner := &enc{implicit: true, order: binary.LittleEndian}
	inner.el(0x00100010, "PN", "LABPATIENT^INSIDE")
	e.header(0x00091001, "SQ", uint32(8+inner.Len()))
	e.item(uint32(inner.Len()))
	e.Write(inner.Bytes())
	e.el(0x00091002, "LO", "\xFE\xFF\x00\xE0 no item")
	e.el(0x00100020, "LO", "LAB-1")
	o := read(SyntaxOf("1.2.840.10008.1.2"), Instance, e.Bytes(), 3)
	if o.Fault != NoFault || o.PatientID != "LAB-1" || o.Elements != 4 {
		t.Fatalf("fault %v, patient %q, %d elements", o.Fault, o.PatientID, o.Elements)
	}
	if got := strings.Join(o.PatientFields, " "); got != "PatientName PatientID" || o.PatientName != "" {
		t.Errorf("fields %q, name %q: the name inside is seen, but is not the data set's own", got, o.PatientName)
	}
}

// TestLost: a loss inside a value is borne, one in a header is the end.
func TestLost(t *testing.T) {
	data := image(false, binary.LittleEndian)
	whole := read(Syntax{}, Instance, data, len(data))
	o := NewObject(Syntax{}, Instance)
	o.Write(data[:len(data)-10])
	o.Lost(6)
	o.Write(data[len(data)-4:])
	o.Finish()
	if o.Fault != NoFault || o.PixelDigest != "" || o.PixelBytes != 12 || o.ContentDigest != whole.ContentDigest || o.PatientName != whole.PatientName {
		t.Errorf("loss in pixels: %+v", o)
	}
	o = NewObject(Syntax{}, Instance)
	o.Write(data[:20])
	o.Lost(40)
	o.Write(data[60:])
	o.Finish()
	if o.Fault != Gap || o.PixelDigest != "" || o.Bytes != int64(len(data)) {
		t.Errorf("loss of headers: %v, %q, %d", o.Fault, o.PixelDigest, o.Bytes)
	}
}

func TestEncapsulated(t *testing.T) {
	e := &enc{order: binary.LittleEndian}
	e.header(tagPixelData, "OB", Undefined)
	e.item(4)
	e.WriteString("\x00\x00\x00\x00")
	e.item(6)
	e.WriteString("\xFF\xD8\xFFabc")
	e.item(2)
	e.WriteString("de")
	e.end(tagSequenceEnd)
	o := read(Syntax{}, Instance, e.Bytes(), 5)
	sum := sha256.Sum256([]byte("\x00\x00\x00\x00\xFF\xD8\xFFabcde"))
	if o.Fault != NoFault || o.PixelFragments != 3 || o.PixelBytes != 12 || o.PixelDigest != hex.EncodeToString(sum[:]) {
		t.Errorf("%v, %d fragments, %d bytes", o.Fault, o.PixelFragments, o.PixelBytes)
	}
}

// TestCharsets has the examples of PS3.5 annexes H, I, J and K, and what writers get wrong.
func TestCharsets(t *testing.T) {
	for _, tt := range []struct {
		charset, in, want string
		guessed           bool
	}{
		{"", "PLAIN^NAME", "PLAIN^NAME", false},
		{"ISO_IR 100", "Buc^J\xE9r\xF4me", "Buc^Jérôme", false},
		{"ISO_IR 144", "\xBB\xEE\xDACe\xDC\xD1yp\xD3", "ЛюкCeмбypг", false},
		{"ISO_IR 126", "\xC4\xE9\xEF\xED\xF5\xF3\xE9\xEF\xF2", "Διονυσιος", false},
		{"ISO_IR 127", "\xE2\xC8\xC7\xE6\xEA^\xE4\xE6\xD2\xC7\xD1", "قباني^لنزار", false},
		{"ISO_IR 138", "\xF9\xF8\xE5\xEF^\xE3\xE1\xE5\xF8\xE4", "שרון^דבורה", false},
		{"ISO_IR 166", "\xB9\xD2\xC1\xCA\xA1\xD8\xC5", "นามสกุล", false},
		{"ISO_IR 192", "Wang^XiaoDong=\xE7\x8E\x8B^\xE5\xB0\x8F\xE6\x9D\xB1", "Wang^XiaoDong=王^小東", false},
		{"GB18030", "Wang^XiaoDong=\xCD\xF5^\xD0\xA1\xB6\xAB", "Wang^XiaoDong=王^小东", false},
		{`\ISO 2022 IR 87`, "Yamada^Tarou=\x1B$B;3ED\x1B(B^\x1B$BB@O:\x1B(B=\x1B$B$d$^$@\x1B(B^\x1B$B$?$m$&\x1B(B", "Yamada^Tarou=山田^太郎=やまだ^たろう", false},
		{`ISO 2022 IR 13\ISO 2022 IR 87`, "\xD4\xCF\xC0\xDE^\xC0\xDB\xB3=\x1B$B;3ED\x1B(J^\x1B$BB@O:\x1B(J", "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎", false},
		{`\ISO 2022 IR 149`, "Hong^Gildong=\x1B$)C\xFB\xF3^\x1B$)C\xD1\xCE\xD4\xD7=\x1B$)C\xC8\xAB^\x1B$)C\xB1\xE6\xB5\xBF", "Hong^Gildong=洪^吉洞=홍^길동", false},
		{`\ISO 2022 IR 58`, "Zhang^XiaoDong=\x1B$)A\xD5\xC5^\x1B$)A\xD0\xA1\xB6\xAB", "Zhang^XiaoDong=张^小东", false},
		{`\ISO 2022 IR 58`, "Zhang^XiaoDong=\xD5\xC5^\xD0\xA1\xB6\xAB", "Zhang^XiaoDong=张^小东", false}, // no escapes at all
		{"", "M\xFCller", "Müller", true},                             // nothing declared
		{"", "M\xC3\xBCller", "Müller", true},                         // UTF-8 undeclared
		{"ISO_IR 192", "M\xFCller", "Müller", true},                   // Latin-1 declared as UTF-8
		{"ISO_IR 100", "A\x00B\x1B[31m", "A\uFFFDB\uFFFD[31m", false}, // what a terminal would act on
		{"ISO_IR 100", "  PADDED  \x00", "PADDED", false},
	} {
		cs, _ := ParseCharset(tt.charset)
		got, guessed := cs.Decode([]byte(tt.in))
		if got != tt.want || guessed != tt.guessed {
			t.Errorf("%q %q: %q, guessed %v; want %q, %v", tt.charset, tt.in, got, guessed, tt.want, tt.guessed)
		}
	}
	if _, ok := ParseCharset("EBCDIC"); ok {
		t.Error("EBCDIC is known")
	}
}

func TestKeys(t *testing.T) {
	e := &enc{implicit: true, order: binary.LittleEndian}
	e.el(tagStudyDate, "DA", "20260101-20261231")
	e.el(tagQueryLevel, "CS", "STUDY")
	e.el(0x00080061, "CS", `CT\MR`)
	e.el(0x00100010, "PN", "SM?TH*")
	e.el(0x00100020, "LO", "")
	e.el(0x00100030, "DA", "19700101")
	e.el(0x00101000, "LO", "*")
	e.header(tagScheduledStep, "SQ", 0)
	o := read(SyntaxOf(""), Query, e.Bytes(), 9)
	want := "StudyDate=range ModalitiesInStudy=list PatientName=wildcard PatientID=universal PatientBirthDate=single " +
		"OtherPatientIDs=any ScheduledProcedureStepSequence=universal"
	if got := strings.Join(o.Keys.Named, " "); got != want || !o.Keys.Wildcard || o.Keys.Narrowing != 4 || o.Keys.Days != 365 {
		t.Errorf("%s\nwant %s\n%+v", got, want, o.Keys)
	}
	if strings.Contains(strings.Join(o.Keys.Named, " "), "SM") {
		t.Error("a value is among the keys")
	}
}

func TestMagic(t *testing.T) {
	pe := append([]byte("MZ"), make([]byte, 126)...)
	binary.LittleEndian.PutUint32(pe[0x3C:], 0x80)
	pe = append(pe, "PE\x00\x00"...)
	part10 := append(append([]byte("MZ"), make([]byte, 126)...), "DICM"...)
	for _, tt := range []struct {
		in            []byte
		magic, pixels string
	}{
		{nil, "", ""},
		{[]byte("MZ"), "pe", ""},
		{append([]byte("MZ"), bytes.Repeat([]byte{7, 1}, 300)...), "pe", ""}, // an image may begin so
		{pe, "pe", "pe"},
		{part10, "pe+dicom", ""},
		{append(make([]byte, 128), "DICM"...), "dicom", ""},
		{[]byte("\x7fELF\x02\x01\x01\x00"), "elf", "elf"},
		{[]byte("\x7fELF\x09\x09\x09\x00"), "elf", ""},
		{[]byte("#!/bin/sh\n"), "script", "script"},
		{[]byte("<SCRIPT>alert(1)"), "script", ""},
		{[]byte("%PDF-1.7"), "pdf", ""},
		{[]byte("\xFF\xD8\xFF\xE0"), "jpeg", ""},
		{[]byte("\xCF\xFA\xED\xFE"), "macho", ""},
	} {
		if got := Magic(tt.in); got != tt.magic {
			t.Errorf("Magic(%q) = %q, want %q", tt.in[:min(20, len(tt.in))], got, tt.magic)
		}
		if got := executablePixels(tt.in); got != tt.pixels {
			t.Errorf("executablePixels(%q) = %q, want %q", tt.in[:min(20, len(tt.in))], got, tt.pixels)
		}
	}
}

func TestFlags(t *testing.T) {
	e := &enc{order: binary.LittleEndian}
	e.el(tagSOPInstance, "UI", "../../etc/x")
	e.el(0x00081030, "LO", "<script>alert(1)</script>")
	o := read(Syntax{}, Instance, e.Bytes(), 11)
	if !o.InvalidUID || !o.PathCharacters || !o.ActiveText {
		t.Errorf("uid %v, path %v, text %v", o.InvalidUID, o.PathCharacters, o.ActiveText)
	}
	o = read(Syntax{}, Instance, image(false, binary.LittleEndian), 11)
	if o.InvalidUID || o.PathCharacters || o.ActiveText || o.Executable {
		t.Errorf("a plain image is flagged: %+v", o)
	}
	for s, want := range map[string]bool{"O'BRIEN^PAT": false, "50 % of dose; then 20": false, "' OR 1=1": true, "${jndi:ldap://x}": true, "%n%n%n": true} {
		if ActiveText(s) != want {
			t.Errorf("ActiveText(%q) is %v", s, !want)
		}
	}
}

func TestFile(t *testing.T) {
	data := AppendFileHead(nil, "1.2.840.10008.5.1.4.1.1.2", "1.2.3", "1.2.840.10008.1.2.1", "1.2.3.9", "CT_1")
	data = append(data, image(false, binary.LittleEndian)...)
	if !IsFile(data) {
		t.Fatal("what we write is no file")
	}
	copy(data, "MZ")
	for _, step := range []int{1, 7, 131, 1 << 20} {
		f := &File{}
		for rest := data; len(rest) > 0; {
			n := min(step, len(rest))
			f.Write(rest[:n])
			rest = rest[n:]
		}
		f.Finish()
		if f.NotAFile || f.Preamble != "pe" || f.CleanPreamble || f.TransferSyntax != "1.2.840.10008.1.2.1" || f.SourceAE != "CT_1" || f.MediaInstance != "1.2.3" {
			t.Fatalf("in pieces of %d: %+v", step, f)
		}
		if f.Object.PatientID != "LAB-1" || f.Object.Fault != NoFault || f.Object.PixelBytes != 12 {
			t.Fatalf("in pieces of %d: %+v", step, f.Object)
		}
	}
	f := &File{}
	f.Write([]byte("no file"))
	f.Finish()
	if !f.NotAFile {
		t.Error("seven bytes are a file")
	}
}

func TestNames(t *testing.T) {
	if Name("1.2.840.10008.5.1.4.1.1.2") != "CTImageStorage" || Name("1.2.3") != "" || Tag(0x00100020).Keyword() != "PatientID" || Tag(0x00091001).Keyword() != "(0009,1001)" {
		t.Error("names are wrong")
	}
	if len(phiTags) > 64 {
		t.Error("more identifying elements than bits")
	}
	for t10 := range fields {
		if _, ok := tags[t10]; !ok {
			t.Errorf("%s is gathered, but implicit VR cannot tell what it is", t10)
		}
	}
}

// FuzzObject: pieces make no difference, and nothing panics.
func FuzzObject(f *testing.F) {
	f.Add(image(true, binary.LittleEndian), uint8(3), uint8(0))
	f.Add(image(false, binary.LittleEndian), uint8(5), uint8(1))
	f.Add(image(false, binary.BigEndian), uint8(1), uint8(2))
	f.Add(deflated(image(false, binary.LittleEndian)), uint8(9), uint8(3))
	f.Fuzz(func(t *testing.T, data []byte, step, kind uint8) {
		s := []Syntax{{Implicit: true}, {}, {BigEndian: true}, {Deflated: true}, {Guess: true}}[kind%5]
		p := Purpose(kind / 5 % 3)
		whole := read(s, p, data, len(data)+1)
		if got := read(s, p, data, int(step)+1); fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", whole) {
			t.Fatalf("in pieces of %d\n%+v\nwant\n%+v", int(step)+1, got, whole)
		}
	})
}

func BenchmarkPixels(b *testing.B) {
	e := &enc{order: binary.LittleEndian}
	e.el(0x00100020, "LO", "LAB-1")
	e.header(tagPixelData, "OW", 16<<20)
	e.Write(make([]byte, 16<<20))
	b.SetBytes(int64(e.Len()))
	for b.Loop() {
		read(Syntax{}, Instance, e.Bytes(), 1448)
	}
}

package dataset

import (
	"encoding/binary"

	"wardtrace/dissect/cursor"
)

// The layout of a Part 10 file (PS3.10 7.1): 128 bytes of preamble, "DICM", then group 0002 in explicit VR little
// endian, which begins with its own length.
//
//	0    128        132              144
//	| preamble | DICM | 0002,0000 UL 4 n | n bytes of group 0002 | data set ...
const (
	preambleBytes = 128
	fileHead      = preambleBytes + 4 + 12
	maxMeta       = 64 << 10 // group 0002 of real files has some hundred bytes
)

// IsFile tells whether first, the first bytes of something, begin a Part 10 file. 132 bytes are needed.
func IsFile(first []byte) bool {
	c := cursor.New(first)
	c.Skip(preambleBytes)
	return c.String(4) == "DICM"
}

// File reads a Part 10 file in pieces: Write to it, Finish it.
type File struct {
	Preamble       string  // format that the preamble shows, "" if none; tiff is legitimate dual personality
	CleanPreamble  bool    // it is 128 zeros, as PS3.10 asks of those who do not use it
	TransferSyntax string  // (0002,0010)
	MediaClass     string  // (0002,0002)
	MediaInstance  string  // (0002,0003)
	Implementation string  // (0002,0012)
	Version        string  // (0002,0013)
	SourceAE       string  // (0002,0016)
	Object         *Object // nil until group 0002 was read
	NotAFile       bool    // no DICM where it must be: nothing else is valid

	head    []byte
	meta    *Reader
	metaEnd int64 // bytes of group 0002 to come
	buf     []byte
}

// Write takes the next bytes; p is valid only during the call.
func (f *File) Write(p []byte) {
	c := cursor.New(p)
	for c.More() && !f.NotAFile {
		switch {
		case f.Object != nil:
			f.Object.Write(c.Rest())
		case f.meta != nil:
			n := int(min(f.metaEnd, int64(c.Len())))
			f.meta.Write(c.Bytes(n))
			f.metaEnd -= int64(n)
			f.begin()
		default:
			f.head = append(f.head, c.Bytes(min(fileHead-len(f.head), c.Len()))...)
			if len(f.head) == fileHead {
				f.header()
			}
		}
	}
}

func (f *File) header() {
	c := cursor.New(f.head)
	pre := c.Bytes(preambleBytes)
	f.Preamble = prefix(pre)
	f.CleanPreamble = true
	for _, b := range pre {
		f.CleanPreamble = f.CleanPreamble && b == 0
	}
	magic, tag, vr, n := c.String(4), c.U32(), c.String(2), c.U16LE()
	length := c.U32LE()
	if magic != "DICM" {
		f.NotAFile = true
		return
	}
	if tag != 0x02000000 || vr != "UL" || n != 4 || length > maxMeta { // no group length: the data set cannot be found
		f.Object = NewObject(SyntaxOf(""), Instance)
		f.Object.r.stop(BadNesting)
		return
	}
	f.metaEnd, f.meta = int64(length), NewReader(Syntax{}, f)
	f.begin()
}

// begin starts the data set when group 0002 is over.
func (f *File) begin() {
	if f.metaEnd > 0 {
		return
	}
	f.meta.Finish()
	f.meta = nil
	s := SyntaxOf(f.TransferSyntax)
	f.Object = NewObject(s, Instance)
}

// Lost says that n bytes never came.
func (f *File) Lost(n int64) {
	if f.Object != nil {
		f.Object.Lost(n)
		return
	}
	f.NotAFile = true
}

// Finish says that the file is over.
func (f *File) Finish() {
	if f.Object == nil {
		f.NotAFile = true
		return
	}
	f.Object.Finish()
}

// Begin, Piece, End and Close make the File the handler of its group 0002.
func (f *File) Begin(e *Element) bool {
	f.buf = f.buf[:0]
	return e.VR == vrUI || e.VR == vrSH || e.VR == vrAE
}

// Piece keeps the next bytes of a value.
func (f *File) Piece(_ *Element, p []byte) {
	if room := keepText - len(f.buf); room > 0 {
		c := cursor.New(p)
		f.buf = append(f.buf, c.Bytes(min(room, len(p)))...)
	}
}

// End stores a value.
func (f *File) End(e *Element, lost int64) {
	if lost != 0 {
		return
	}
	s := ASCII(f.buf)
	switch e.Tag {
	case 0x00020002:
		f.MediaClass = s
	case 0x00020003:
		f.MediaInstance = s
	case 0x00020010:
		f.TransferSyntax = s
	case 0x00020012:
		f.Implementation = s
	case 0x00020013:
		f.Version = s
	case 0x00020016:
		f.SourceAE = s
	}
}

// Close is told of sequences; group 0002 has none.
func (f *File) Close(*Element, int) {}

// AppendFileHead writes preamble and group 0002 in front of a data set that came by DIMSE, so that it can be kept as
// a Part 10 file (PS3.10 7.1).
func AppendFileHead(out []byte, class, instance, syntax, implementation, sourceAE string) []byte {
	var meta []byte
	put := func(element uint16, vr, v string, pad byte) {
		if v == "" {
			return
		}
		if len(v)%2 == 1 {
			v += string(pad)
		}
		meta = binary.LittleEndian.AppendUint16(meta, 0x0002)
		meta = binary.LittleEndian.AppendUint16(meta, element)
		meta = append(meta, vr...)
		meta = binary.LittleEndian.AppendUint16(meta, uint16(len(v)))
		meta = append(meta, v...)
	}
	meta = append(meta, 0x02, 0, 0x01, 0, 'O', 'B', 0, 0, 2, 0, 0, 0, 0, 1)
	put(0x0002, "UI", class, 0)
	put(0x0003, "UI", instance, 0)
	put(0x0010, "UI", syntax, 0)
	put(0x0012, "UI", implementation, 0)
	put(0x0016, "AE", sourceAE, ' ')
	out = append(out, make([]byte, preambleBytes)...)
	out = append(out, "DICM\x02\x00\x00\x00UL\x04\x00"...)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(meta)))
	return append(out, meta...)
}

package dataset

import (
	"bytes"
	"compress/flate"
	"io"

	"wardtrace/dissect/cursor"
)

// Limits of deflated data sets, against what hostile bytes can make a reader hold or do.
const (
	deflateHeld = 1 << 20  // compressed bytes held; reports and presentation states, for which it is used, are smaller
	deflateRead = 32 << 20 // bytes inflated from them: a kilobyte of deflate can claim a megabyte
	deflateStep = 16 << 10
)

// decide looks at the first element: what it can only be overrules what was negotiated.
func (r *Reader) decide() {
	r.syntax, r.differ = Encoding(r.syntax, r.hdr[:8])
}

// Encoding tells how a data set is encoded of which was is negotiated and first are the first eight bytes, and whether that
// differs. Of a deflated one nothing can be told before it is inflated: ask with was.Deflated off then.
func Encoding(was Syntax, first []byte) (is Syntax, differs bool) {
	c := cursor.New(first)
	le, be := c, c
	lt := Tag(uint32(le.U16LE())<<16 | uint32(le.U16LE()))
	bt := Tag(be.U32())
	letters := VR(le.U16())
	is = was
	little := lt.Group() > 0 && lt.Group() <= 0xFF // data sets begin in a low group: read the wrong way round it is high
	big := bt.Group() > 0 && bt.Group() <= 0xFF
	switch {
	case letters.known() && little:
		is.Implicit, is.BigEndian = false, false
	case letters.known() && big:
		is.Implicit, is.BigEndian = false, true
	case was.Guess:
		is.Implicit, is.BigEndian = !letters.known(), false
	case !was.Implicit && !letters.known() && little:
		is.Implicit, is.BigEndian = true, false
	}
	is.Guess = false
	return is, !was.Guess && is != was
}

// inflate reads what is held of a deflated data set (PS3.5 A.5: the whole data set is one raw deflate stream).
func (r *Reader) inflate() {
	if !r.syntax.Deflated {
		return
	}
	r.syntax.Deflated = false
	z := flate.NewReader(bytes.NewReader(r.packed))
	buf := make([]byte, deflateStep)
	for total := 0; r.state != dead; {
		n, err := z.Read(buf)
		r.write(buf[:n])
		total += n
		switch {
		case err == io.EOF:
			r.packed = nil
			return
		case err != nil && r.over:
			r.stop(TooLarge)
		case err != nil:
			r.stop(BadDeflate)
		case total > deflateRead:
			r.stop(TooLarge)
		}
	}
	r.packed = nil
}

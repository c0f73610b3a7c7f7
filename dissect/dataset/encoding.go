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
	c := cursor.New(r.hdr[:8])
	le, be := c, c
	lt := Tag(uint32(le.U16LE())<<16 | uint32(le.U16LE()))
	bt := Tag(be.U32())
	letters := VR(le.U16())
	was := r.syntax
	little := lt.Group() > 0 && lt.Group() <= 0xFF // data sets begin in a low group: read the wrong way round it is high
	big := bt.Group() > 0 && bt.Group() <= 0xFF
	switch {
	case letters.known() && little:
		r.syntax.Implicit, r.syntax.BigEndian = false, false
	case letters.known() && big:
		r.syntax.Implicit, r.syntax.BigEndian = false, true
	case r.syntax.Guess:
		r.syntax.Implicit, r.syntax.BigEndian = !letters.known(), false
	case !r.syntax.Implicit && !letters.known() && little:
		r.syntax.Implicit, r.syntax.BigEndian = true, false
	}
	r.syntax.Guess = false
	r.differ = !was.Guess && r.syntax != was
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

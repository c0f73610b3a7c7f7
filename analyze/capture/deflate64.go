package capture

import (
	"bufio"
	"errors"
	"io"
	"math/bits"
)

// inflate64 unpacks what PKWARE calls Enhanced Deflating, and everybody else Deflate64 (APPNOTE 6.3.10, 4.4.5, method 9): Windows packs so
// what is larger than 2 GiB. It is Deflate (RFC 1951) with a window of 64 KiB, two more codes for distances, and a last code for lengths
// that takes 16 more bits. APPNOTE gives no more than the name; the rest is what 7-Zip and zlib's contrib write and read. Of the stream no
// byte is taken that is not part of it.
type inflate64 struct {
	r    io.ByteReader
	bits uint64 // read and not used yet, the next lowest
	n    uint   // how many

	window [1 << 16]byte
	next   uint16 // where in the window the next byte goes
	filled int    // bytes of the window that were written, at most all
	due    int    // bytes before next that were not given yet

	block    blockKind
	last     bool // the block is the last
	left     int  // bytes of a stored block or of a copy that are to come
	distance int  // of the copy
	literals huffman64
	lengths  huffman64 // of distances
	err      error
}

type blockKind uint8

const (
	noBlock blockKind = iota
	storedBlock
	codedBlock
)

var errDeflate64 = errors.New("the packed data is damaged (Deflate64)")

func newInflate64(r io.Reader) (io.ReadCloser, error) {
	by, ok := r.(io.ByteReader)
	if !ok {
		by = bufio.NewReader(r)
	}
	return &inflate64{r: by}, nil
}

func (z *inflate64) Close() error { return nil }

// Read gives what was unpacked, and unpacks more when all of it is given.
func (z *inflate64) Read(p []byte) (int, error) {
	for z.due == 0 && z.err == nil && len(p) > 0 {
		z.err = z.some()
	}
	from := z.next - uint16(z.due)
	n := copy(p, z.window[from:min(int(from)+z.due, len(z.window))])
	if z.due -= n; n == 0 && len(p) > 0 {
		return 0, z.err
	}
	return n, nil
}

// some unpacks until half the window is filled, or the block ends.
func (z *inflate64) some() error {
	switch z.block {
	case noBlock:
		if z.last {
			return io.EOF
		}
		return z.header()
	case storedBlock:
		return z.stored()
	}
	return z.coded()
}

// fill reads until there are n bits, at most 48.
func (z *inflate64) fill(n uint) error {
	for z.n < n {
		b, err := z.r.ReadByte()
		if err != nil {
			return unexpected(err)
		}
		z.bits |= uint64(b) << z.n
		z.n += 8
	}
	return nil
}

func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// take gives the next n bits as a number.
func (z *inflate64) take(n uint) (int, error) {
	if err := z.fill(n); err != nil {
		return 0, err
	}
	v := int(z.bits & (1<<n - 1))
	z.bits >>= n
	z.n -= n
	return v, nil
}

// header begins a block (RFC 1951, 3.2.3).
func (z *inflate64) header() error {
	h, err := z.take(3)
	if err != nil {
		return err
	}
	z.last = h&1 != 0
	switch h >> 1 {
	case 0:
		z.bits, z.n = 0, 0 // to the next byte; of whole ones none was taken ahead
		size, err := z.take(32)
		if err == nil && size&0xffff != ^size>>16&0xffff {
			err = errDeflate64
		}
		z.block, z.left = storedBlock, size&0xffff
		return err
	case 1:
		z.block = codedBlock
		return errors.Join(z.literals.build(fixedLiterals[:]), z.lengths.build(fixedDistances[:]))
	case 2:
		z.block = codedBlock
		return z.tables()
	}
	return errDeflate64
}

// fixedLiterals and fixedDistances are the lengths of the codes of blocks without tables (3.2.6).
var fixedLiterals, fixedDistances = func() (l [288]uint8, d [32]uint8) {
	for i := range l {
		switch {
		case i < 144:
			l[i] = 8
		case i < 256:
			l[i] = 9
		case i < 280:
			l[i] = 7
		default:
			l[i] = 8
		}
	}
	for i := range d {
		d[i] = 5
	}
	return l, d
}()

// codeOrder is in which order the lengths of the codes for lengths come (3.2.7).
var codeOrder = [19]int{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

// tables reads the codes of a block (3.2.7).
func (z *inflate64) tables() error {
	counts, err := z.take(14)
	if err != nil {
		return err
	}
	literals, distances, codes := counts&31+257, counts>>5&31+1, counts>>10+4
	var sizes [288 + 32]uint8
	for _, at := range codeOrder[:codes] {
		n, err := z.take(3)
		if err != nil {
			return err
		}
		sizes[at] = uint8(n)
	}
	if err := z.literals.build(sizes[:19]); err != nil { // for the moment the code of the codes
		return err
	}
	clear(sizes[:19])
	for i := 0; i < literals+distances; {
		v, err := z.symbol(&z.literals)
		if err != nil {
			return err
		}
		if v < 16 {
			sizes[i] = uint8(v)
			i++
			continue
		}
		size, times, err := z.repeat(v, sizes[:i])
		if err != nil {
			return err
		}
		if i+times > literals+distances {
			return errDeflate64
		}
		for range times {
			sizes[i] = size
			i++
		}
	}
	return errors.Join(z.literals.build(sizes[:literals]), z.lengths.build(sizes[literals:literals+distances]))
}

// repeat gives what a code from 16 on stands for: a length that comes several times. before are those that came.
func (z *inflate64) repeat(code int, before []uint8) (size uint8, times int, err error) {
	switch code {
	case 16:
		if len(before) == 0 {
			return 0, 0, errDeflate64
		}
		times, err = z.take(2)
		return before[len(before)-1], times + 3, err
	case 17:
		times, err = z.take(3)
		return 0, times + 3, err
	}
	times, err = z.take(7)
	return 0, times + 11, err
}

// room is how much is unpacked at a time: what was not given yet must stay in the window.
const room = 1 << 15

// put appends a byte.
func (z *inflate64) put(b byte) {
	z.window[z.next] = b
	z.next++
	z.due++
	z.filled = min(z.filled+1, len(z.window))
}

// stored unpacks of a block that is not packed (3.2.4).
func (z *inflate64) stored() error {
	for ; z.left > 0 && z.due < room; z.left-- {
		b, err := z.take(8)
		if err != nil {
			return err
		}
		z.put(byte(b))
	}
	if z.left == 0 {
		z.block = noBlock
	}
	return nil
}

// coded unpacks of a block of literals and copies (3.2.3).
func (z *inflate64) coded() error {
	for z.due < room {
		if z.left > 0 {
			z.put(z.window[z.next-uint16(z.distance)]) // a distance of 65,536 is the byte that goes
			z.left--
			continue
		}
		v, err := z.symbol(&z.literals)
		switch {
		case err != nil:
			return err
		case v < 256:
			z.put(byte(v))
		case v == 256:
			z.block = noBlock
			return nil
		default:
			if err := z.copies(v - 257); err != nil {
				return err
			}
		}
	}
	return nil
}

// copies reads the length and distance of a copy. code is counted from 0.
func (z *inflate64) copies(code int) error {
	length, extra := code+3, 0
	switch {
	case code > 28:
		return errDeflate64
	case code == 28: // Deflate's 258 is here a number of 16 bits
		length, extra = 3, 16
	case code >= 8:
		extra = code>>2 - 1
		length = (4+code&3)<<extra + 3
	}
	more, err := z.take(uint(extra))
	if err != nil {
		return err
	}
	z.left = length + more
	if code, err = z.symbol(&z.lengths); err != nil {
		return err
	}
	z.distance, extra = code+1, 0
	if code >= 4 {
		extra = code>>1 - 1
		z.distance = (2+code&1)<<extra + 1
	}
	if more, err = z.take(uint(extra)); err != nil {
		return err
	}
	if z.distance += more; z.distance > z.filled {
		return errDeflate64
	}
	return nil
}

// symbol reads a code.
func (z *inflate64) symbol(h *huffman64) (int, error) {
	for {
		e := h.table[z.bits&(1<<h.longest-1)]
		if size := uint(e & 15); size > 0 && size <= z.n {
			z.bits >>= size
			z.n -= size
			return int(e >> 4), nil
		}
		if z.n >= h.longest {
			return 0, errDeflate64 // no code begins so
		}
		if err := z.fill(z.n + 1); err != nil {
			return 0, err
		}
	}
}

// huffman64 is a code: for each value of as many bits as the longest has, the symbol in the upper 12 bits and its length in the lower 4.
type huffman64 struct {
	table   [1 << 15]uint16
	longest uint
}

// build makes the code of which the lengths are given (3.2.2). One that leaves codes over is taken: not all of them need be used.
func (h *huffman64) build(sizes []uint8) error {
	var count, code [16]int
	h.longest = 0
	for _, n := range sizes {
		count[n]++
		h.longest = max(h.longest, uint(n))
	}
	count[0] = 0
	for n := 1; n < 16; n++ {
		if code[n] = (code[n-1] + count[n-1]) << 1; code[n]+count[n] > 1<<n {
			return errDeflate64
		}
	}
	clear(h.table[:1<<h.longest])
	for symbol, n := range sizes {
		if n == 0 {
			continue
		}
		for at := int(bits.Reverse16(uint16(code[n])) >> (16 - n)); at < 1<<h.longest; at += 1 << n {
			h.table[at] = uint16(symbol)<<4 | uint16(n)
		}
		code[n]++
	}
	return nil
}

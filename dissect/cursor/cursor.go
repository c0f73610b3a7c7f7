// Package cursor reads hostile bytes. A Cursor never panics and never leaves its slice. After the first short read
// every getter gives zero, so a whole header is read first and checked once with Short or, before reading, with Need.
package cursor

import "encoding/binary"

// Cursor walks a byte slice from front to back. The zero value is an empty cursor. It borrows the slice: what Bytes
// and Rest return is valid only as long as the slice is.
type Cursor struct {
	b     []byte
	off   int
	short bool
}

// New gives a cursor at the first byte of b.
func New(b []byte) Cursor { return Cursor{b: b} }

// Len is the number of bytes not read yet, 0 after a short read.
func (c *Cursor) Len() int {
	if c.short {
		return 0
	}
	return len(c.b) - c.off
}

// Offset is the number of bytes read so far.
func (c *Cursor) Offset() int { return c.off }

// More tells whether a byte is left; loops over input end by it.
func (c *Cursor) More() bool { return c.Len() > 0 }

// Short tells whether any read so far wanted more than there was.
func (c *Cursor) Short() bool { return c.short }

// Need tells whether n more bytes are there; it reads nothing. A negative n is never there.
func (c *Cursor) Need(n int) bool { return n >= 0 && c.Len() >= n }

// take gives the next n bytes or marks the cursor short.
func (c *Cursor) take(n int) []byte {
	if n < 0 || c.short || len(c.b)-c.off < n {
		c.short = true
		return nil
	}
	p := c.b[c.off : c.off+n : c.off+n]
	c.off += n
	return p
}

// Bytes gives the next n bytes, nil if they are not there.
func (c *Cursor) Bytes(n int) []byte { return c.take(n) }

// String gives the next n bytes as a string that owns its bytes.
func (c *Cursor) String(n int) string { return string(c.take(n)) }

// Rest gives all bytes left and moves to the end.
func (c *Cursor) Rest() []byte { return c.take(c.Len()) }

// Skip passes over n bytes.
func (c *Cursor) Skip(n int) { c.take(n) }

// Sub gives a cursor over the next n bytes and passes over them; it is short from the start if they are not there.
func (c *Cursor) Sub(n int) Cursor {
	p := c.take(n)
	return Cursor{b: p, short: p == nil && n != 0}
}

// Peek gives the byte i places ahead (0 is the next one) without moving, 0 if it is not there.
func (c *Cursor) Peek(i int) byte {
	if i < 0 || c.Len() <= i {
		return 0
	}
	return c.b[c.off+i]
}

// U8 reads one byte.
func (c *Cursor) U8() uint8 {
	if p := c.take(1); p != nil {
		return p[0]
	}
	return 0
}

// U16 reads a big-endian 16-bit number.
func (c *Cursor) U16() uint16 {
	if p := c.take(2); p != nil {
		return binary.BigEndian.Uint16(p)
	}
	return 0
}

// U24 reads a big-endian 24-bit number.
func (c *Cursor) U24() uint32 {
	if p := c.take(3); p != nil {
		return uint32(p[0])<<16 | uint32(p[1])<<8 | uint32(p[2])
	}
	return 0
}

// U32 reads a big-endian 32-bit number.
func (c *Cursor) U32() uint32 {
	if p := c.take(4); p != nil {
		return binary.BigEndian.Uint32(p)
	}
	return 0
}

// U64 reads a big-endian 64-bit number.
func (c *Cursor) U64() uint64 {
	if p := c.take(8); p != nil {
		return binary.BigEndian.Uint64(p)
	}
	return 0
}

// U16LE reads a little-endian 16-bit number.
func (c *Cursor) U16LE() uint16 {
	if p := c.take(2); p != nil {
		return binary.LittleEndian.Uint16(p)
	}
	return 0
}

// U32LE reads a little-endian 32-bit number.
func (c *Cursor) U32LE() uint32 {
	if p := c.take(4); p != nil {
		return binary.LittleEndian.Uint32(p)
	}
	return 0
}

// U64LE reads a little-endian 64-bit number.
func (c *Cursor) U64LE() uint64 {
	if p := c.take(8); p != nil {
		return binary.LittleEndian.Uint64(p)
	}
	return 0
}

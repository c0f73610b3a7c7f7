package cursor

import (
	"bytes"
	"math"
	"testing"
)

var bytes16 = []byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}

func TestNumbers(t *testing.T) {
	for name, tt := range map[string]struct {
		read func(c *Cursor) uint64
		size int
		want uint64
	}{
		"U8":    {func(c *Cursor) uint64 { return uint64(c.U8()) }, 1, 0x01},
		"U16":   {func(c *Cursor) uint64 { return uint64(c.U16()) }, 2, 0x0102},
		"U24":   {func(c *Cursor) uint64 { return uint64(c.U24()) }, 3, 0x010203},
		"U32":   {func(c *Cursor) uint64 { return uint64(c.U32()) }, 4, 0x01020304},
		"U64":   {func(c *Cursor) uint64 { return c.U64() }, 8, 0x0102030405060708},
		"U16LE": {func(c *Cursor) uint64 { return uint64(c.U16LE()) }, 2, 0x0201},
		"U32LE": {func(c *Cursor) uint64 { return uint64(c.U32LE()) }, 4, 0x04030201},
		"U64LE": {func(c *Cursor) uint64 { return c.U64LE() }, 8, 0x0807060504030201},
	} {
		c := New(bytes16)
		if got := tt.read(&c); got != tt.want || c.Offset() != tt.size || c.Len() != 16-tt.size || c.Short() {
			t.Errorf("%s: %#x at %d, want %#x at %d", name, got, c.Offset(), tt.want, tt.size)
		}
		for n := range tt.size { // with fewer bytes: zero, and zero from then on
			c := New(bytes16[:n])
			if got := tt.read(&c); got != 0 || !c.Short() || c.Len() != 0 || c.More() {
				t.Errorf("%s of %d bytes: %#x, short %v, %d left", name, n, got, c.Short(), c.Len())
			}
			if got := c.U8(); got != 0 {
				t.Errorf("%s of %d bytes: a later read gives %d", name, n, got)
			}
		}
	}
}

// TestLengths holds that no length that a message claims makes a cursor leave its slice or move back.
func TestLengths(t *testing.T) {
	for _, n := range []int{-1, math.MinInt, math.MaxInt, 15, 1 << 40} {
		for name, read := range map[string]func(c *Cursor) int{
			"Bytes":  func(c *Cursor) int { return len(c.Bytes(n)) },
			"String": func(c *Cursor) int { return len(c.String(n)) },
			"Skip":   func(c *Cursor) int { c.Skip(n); return 0 },
			"Sub":    func(c *Cursor) int { s := c.Sub(n); return s.Len() },
		} {
			c := New(bytes16)
			c.Skip(2)
			if got := read(&c); got != 0 || !c.Short() || c.Offset() != 2 {
				t.Errorf("%s(%d) of 14 bytes: %d bytes, short %v, at %d", name, n, got, c.Short(), c.Offset())
			}
		}
		c := New(bytes16)
		c.Skip(2)
		if c.Need(n) || c.Peek(n) != 0 || c.Short() {
			t.Errorf("Need or Peek(%d) of 14 bytes", n)
		}
	}
}

func TestBytes(t *testing.T) {
	c := New(bytes16)
	if !c.Need(16) || c.Need(17) || c.Peek(0) != 1 || c.Peek(15) != 16 || c.Peek(16) != 0 {
		t.Error("Need or Peek at the ends")
	}
	if got := c.Bytes(3); !bytes.Equal(got, []byte{1, 2, 3}) || cap(got) != 3 {
		t.Errorf("Bytes: %v with room for %d; what is appended to it must not overwrite the message", got, cap(got))
	}
	sub := c.Sub(4)
	if sub.U32() != 0x04050607 || sub.More() || sub.U8() != 0 || !sub.Short() || c.Short() || c.Offset() != 7 {
		t.Error("a cursor over a part must end with it, and leave the whole alone")
	}
	if empty := c.Sub(0); empty.Short() || empty.More() {
		t.Error("an empty part is not short")
	}
	if c.String(2) != "\x08\x09" || len(c.Rest()) != 7 || c.More() || c.Short() {
		t.Error("String or Rest")
	}
	if got := c.Rest(); len(got) != 0 || c.Short() {
		t.Error("Rest at the end")
	}
	var zero Cursor
	if zero.More() || zero.Short() || zero.U8() != 0 || !zero.Short() {
		t.Error("the zero cursor is an empty one")
	}
	buf := []byte("abc")
	owner := New(buf)
	s := owner.String(3)
	buf[0] = 'x'
	if s != "abc" {
		t.Error("String must own its bytes")
	}
}

// FuzzCursor holds that whatever is read, in whatever order, stays in the slice, moves forward only, and that all is read once.
func FuzzCursor(f *testing.F) {
	f.Add([]byte("0123456789"), []byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
	f.Add([]byte{}, []byte{9, 0})
	f.Fuzz(func(t *testing.T, data, ops []byte) {
		c := New(data)
		read := 0
		for i, op := range ops {
			before, n, had := c.Offset(), int(int8(op))>>4, c.Len()
			var got []byte
			switch op % 13 {
			case 0:
				c.U8()
			case 1:
				c.U16()
			case 2:
				c.U24()
			case 3:
				c.U32()
			case 4:
				c.U64()
			case 5:
				c.U16LE()
			case 6:
				c.U32LE()
			case 7:
				c.U64LE()
			case 8:
				got = c.Bytes(n)
			case 9:
				got = []byte(c.String(n))
			case 10:
				c.Skip(n)
			case 11:
				s := c.Sub(n)
				got = s.Rest()
			case 12:
				got = c.Rest()
			}
			moved := c.Offset() - before
			if moved < 0 || moved > had || c.Offset() > len(data) || (c.Short() && moved > 0) {
				t.Fatalf("operation %d (%d): from %d to %d of %d bytes", i, op, before, c.Offset(), len(data))
			}
			if len(got) > 0 && !bytes.Equal(got, data[before:before+moved]) {
				t.Fatalf("operation %d (%d): %q is not what stood at %d", i, op, got, before)
			}
			read += moved
		}
		if read != c.Offset() || (!c.Short() && c.Len() != len(data)-read) {
			t.Fatalf("%d bytes read, cursor at %d with %d of %d left", read, c.Offset(), c.Len(), len(data))
		}
	})
}

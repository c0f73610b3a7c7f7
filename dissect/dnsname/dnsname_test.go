package dnsname

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"wardtrace/dissect/cursor"
)

func TestRead(t *testing.T) {
	long := bytes.Repeat(append([]byte{63}, bytes.Repeat([]byte{'a'}, 63)...), 4)
	for _, x := range []struct {
		what string
		msg  []byte
		at   int
		text string
		next int
		err  error
	}{
		{"plain", []byte("\x04ward\x07example\x00!"), 0, "ward.example", 14, nil},
		{"root", []byte{0}, 0, "", 1, nil},
		{"compressed", []byte("\x07example\x00\x04ward\xc0\x00!"), 9, "ward.example", 16, nil},
		{"escaped", []byte("\x05a.b\\\xff\x00"), 0, `a\.b\\\255`, 7, nil},
		{"utf-8", []byte("\x0aK\xc3\xbcche \xe2\x80\xae\x00"), 0, `Küche \226\128\174`, 12, nil},
		{"pointer to itself", []byte{0xc0, 0}, 0, "", 2, ErrPointer},
		{"pointer forward", []byte{0xc0, 3, 0, 0}, 0, "", 2, ErrPointer},
		{"loop of two", []byte{1, 'a', 0xc0, 4, 1, 'b', 0xc0, 0}, 4, "b.a", 8, ErrPointer},
		{"reserved label", []byte{0x41, 0}, 0, "", 1, ErrLabel},
		{"too long", append(long, 0), 0, "", -1, ErrLong},
		{"cut", []byte("\x04war"), 0, "", -1, ErrShort},
	} {
		c := cursor.New(x.msg)
		c.Skip(x.at)
		n, err := Read(x.msg, &c)
		if !errors.Is(err, x.err) || (x.err == nil && n.Text != x.text) || (x.next >= 0 && c.Offset() != x.next) {
			t.Errorf("%s: got %q, %v, next %d", x.what, n.Text, err, c.Offset())
		}
	}
}

func TestNetBIOS(t *testing.T) {
	name, suffix, ok := NetBIOS([]byte("FHEBFCEECNFAEDCACACACACACACACACA"))
	if !ok || name != "WARD-PC" || suffix != 0x20 {
		t.Errorf("got %q <%02x> %v", name, suffix, ok)
	}
	if _, _, ok := NetBIOS([]byte(strings.Repeat("Z", 32))); ok {
		t.Error("letters beyond P were taken")
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("\x07example\x00\x04ward\xc0\x00!"), 9)
	f.Fuzz(func(t *testing.T, msg []byte, at int) {
		a, b := cursor.New(msg), cursor.New(msg)
		a.Skip(at)
		b.Skip(at)
		n, err := Read(msg, &a)
		if ok := Skip(msg, &b); ok != (err == nil) || a.Offset() != b.Offset() {
			t.Fatal("Skip and Read differ")
		}
		if n.Wire > MaxLen || len(n.Text) > 4*MaxLen {
			t.Fatalf("name of %d bytes", n.Wire)
		}
	})
}

package http

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"io"
	"sync"
)

// unpacker undoes gzip and deflate. It weighs 70 to 600 KiB and knows nothing from one body to the next: so there are as many as shards, and not
// one a body, or one a connection that may stay open for hours.
type unpacker struct {
	in   bytes.Reader
	gzip gzip.Reader
	zlib io.ReadCloser // nil until the first body in deflate
	raw  io.ReadCloser // likewise
	buf  []byte        // of unpackedStep
	out  bytes.Buffer  // a body that is unpacked whole: at most maxDecoded
}

var unpackers = sync.Pool{New: func() any { return &unpacker{buf: make([]byte, unpackedStep)} }}

// done gives the unpacker back, without the body.
func (u *unpacker) done() {
	u.in.Reset(nil)
	unpackers.Put(u)
}

// open begins a body: RFC 9110 8.4.1. Some servers leave out the zlib wrapper of deflate.
func (u *unpacker) open(coding string, packed []byte) (io.Reader, error) {
	u.in.Reset(packed)
	if coding != "deflate" {
		return &u.gzip, u.gzip.Reset(&u.in)
	}
	if err := u.wrapped(); err == nil {
		return u.zlib, nil
	}
	u.in.Reset(packed)
	if u.raw == nil {
		u.raw = flate.NewReader(&u.in)
		return u.raw, nil
	}
	return u.raw, u.raw.(flate.Resetter).Reset(&u.in, nil)
}

// wrapped begins a body with zlib's header.
func (u *unpacker) wrapped() (err error) {
	if u.zlib == nil {
		u.zlib, err = zlib.NewReader(&u.in)
		return err
	}
	return u.zlib.(zlib.Resetter).Reset(&u.in, nil)
}

// all unpacks a body whole, up to limit bytes. What it gives is valid until the next body.
func (u *unpacker) all(coding string, packed []byte, limit int64) ([]byte, error) {
	r, err := u.open(coding, packed)
	if err != nil {
		return nil, err
	}
	u.out.Reset()
	_, err = u.out.ReadFrom(io.LimitReader(r, limit))
	return u.out.Bytes(), err
}

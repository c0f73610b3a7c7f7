package object

import (
	"bufio"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// codings lists the codings of a Content-Encoding, in the order in which they were applied; none for identity.
func codings(header string) (list []string) {
	for c := range strings.SplitSeq(strings.ToLower(header), ",") {
		switch c = strings.TrimSpace(c); c {
		case "", "identity":
		case "x-gzip":
			list = append(list, "gzip")
		default:
			list = append(list, c)
		}
	}
	return list
}

// codingExt are the extensions of files whose coding is still on.
var codingExt = map[string]string{"gzip": ".gz", "zstd": ".zst", "br": ".br", "deflate": ".zz", "compress": ".Z", "x-compress": ".Z"}

// undo gives the object without its codings, as far as they can be undone. What cannot be begun stays as it is, and the entry names the
// coding that is still on it.
func (f *Folder) undo(x *file, list []string, e *Entry) *file {
	in, err := f.read(x)
	if err != nil {
		f.fail(err)
		return x
	}
	defer in.Close()
	var r io.Reader = bufio.NewReader(in)
	for n := len(list) - 1; n >= 0; n-- {
		if r, err = decoder(list[n], r); err != nil || len(list) > maxCoding {
			e.Coding = Text(list[len(list)-1])
			return x
		}
		if c, ok := r.(io.Closer); ok {
			defer c.Close()
		}
	}
	out := f.create()
	whole := f.copy(out, r, x.size, e)
	if out.size == 0 && !whole && f.failed == nil { // not what it claims to be
		f.drop(out)
		e.Coding = Text(list[len(list)-1])
		return x
	}
	e.Complete = e.Complete && whole
	f.drop(x)
	return out
}

// errCoding says that a coding is not undone.
var errCoding = errors.New("this coding is not undone")

// decoder undoes one coding. Some servers leave out the zlib wrapper of deflate.
func decoder(coding string, in io.Reader) (io.Reader, error) {
	switch coding {
	case "gzip":
		return gzip.NewReader(in)
	case "deflate":
		b := bufio.NewReader(in)
		if head, _ := b.Peek(2); len(head) == 2 && head[0]&15 == 8 && (int(head[0])<<8|int(head[1]))%31 == 0 { // RFC 1950 2.2
			return zlib.NewReader(b)
		}
		return flate.NewReader(b), nil
	case "zstd":
		d, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(8<<20), zstd.WithDecoderMaxMemory(64<<20))
		if err != nil {
			return nil, err
		}
		return d.IOReadCloser(), nil
	}
	return nil, errCoding
}

// freeRatio is what may come out of a coding before its ratio counts: short texts of one letter pack without end.
const freeRatio = 1 << 20

// copy writes all that a reader gives, within the limits. False means that there was more.
func (f *Folder) copy(out *file, r io.Reader, packed int64, e *Entry) bool {
	buf := make([]byte, 32<<10)
	for f.failed == nil {
		n, err := r.Read(buf)
		limit := f.write(out, buf[:n])
		if limit == "" && out.size > freeRatio && out.size/f.limits.Ratio > packed {
			limit = flagRatio
		}
		if limit != "" {
			e.Limit = limit
			return false
		}
		if err != nil {
			return errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF)
		}
	}
	return false
}

// boundary gives the boundary of a multipart type, "" for others.
func boundary(media string) string {
	kind, params, err := mime.ParseMediaType(media)
	if err != nil || !strings.HasPrefix(kind, "multipart/") {
		return ""
	}
	return params["boundary"]
}

// parts makes an object of each part of a multipart body. False means that it has none, and stays whole.
func (f *Folder) parts(x *file, boundary string, e Entry) bool {
	in, err := f.read(x)
	if err != nil {
		f.fail(err)
		return false
	}
	defer in.Close()
	body := multipart.NewReader(in, boundary)
	for n := int64(1); f.failed == nil; n++ {
		p, err := body.NextRawPart()
		if err != nil {
			return n > 1
		}
		if n > f.limits.Parts {
			f.left[flagParts]++
			continue
		}
		part := e
		part.Part, part.Type = n, Text(p.Header.Get("Content-Type"))
		if name := partName(p); name != "" {
			part.Name = Text(name)
		}
		out := f.create()
		part.Complete = f.copy(out, p, x.size, &part) && e.Complete
		f.settle(out, part, "")
	}
	return true
}

// partName is what a part calls itself: RFC 7578 4.2, or its place in a multipart/related body (RFC 2557).
func partName(p *multipart.Part) string {
	_, params, err := mime.ParseMediaType(p.Header.Get("Content-Disposition"))
	if err == nil && params["filename"] != "" {
		return params["filename"]
	}
	if err == nil && params["name"] != "" {
		return params["name"]
	}
	return p.Header.Get("Content-Location")
}

package capture

import (
	"archive/zip"
	"bytes"
	"cmp"
	"compress/bzip2"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"strings"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/zstd"
	"github.com/therootcompany/xz"
	"github.com/ulikunitz/xz/lzma"
)

// isZip accepts a local header, the end of an empty archive, and the mark of one that was written in parts.
func isZip(head []byte) bool {
	for _, magic := range []string{"PK\x03\x04", "PK\x05\x06", "PK\x07\x08PK\x03\x04"} {
		if bytes.HasPrefix(head, []byte(magic)) {
			return true
		}
	}
	return false
}

// zipMethod is a way to pack a member (APPNOTE 6.3.10, 4.4.5).
type zipMethod uint16

const (
	zipStored    zipMethod = 0
	zipDeflate   zipMethod = 8
	zipDeflate64 zipMethod = 9
	zipBzip2     zipMethod = 12
	zipLZMA      zipMethod = 14
	zipZstdOld   zipMethod = 20
	zipZstd      zipMethod = 93
	zipXZ        zipMethod = 95
	zipAES       zipMethod = 99
)

const (
	zipEncrypted  = 1 << 0 // general purpose flags, 4.4.4
	zipLZMAMarker = 1 << 1
	zipDescriptor = 1 << 3
)

// zipMember is what a header says of a member.
type zipMember struct {
	name         string
	method       zipMethod
	flags        uint16
	crc          uint32
	packed, size int64
}

// unpacker gives what unpacks the member, nil for a method that is not read.
func (m *zipMember) unpacker() func(io.Reader) (io.ReadCloser, error) {
	switch m.method {
	case zipDeflate:
		return func(r io.Reader) (io.ReadCloser, error) { return flate.NewReader(r), nil }
	case zipDeflate64:
		return newInflate64
	case zipBzip2:
		return func(r io.Reader) (io.ReadCloser, error) { return io.NopCloser(bzip2.NewReader(r)), nil }
	case zipZstd, zipZstdOld:
		return func(r io.Reader) (io.ReadCloser, error) {
			d, err := zstd.NewReader(r, zstdOptions...)
			if err != nil {
				return nil, err
			}
			return d.IOReadCloser(), nil
		}
	case zipXZ:
		return func(r io.Reader) (io.ReadCloser, error) {
			z, err := xz.NewReader(r, maxDictionary)
			return io.NopCloser(z), err
		}
	case zipLZMA:
		return m.lzma
	}
	return nil
}

// lzma reads the member's own header (5.8.8): a version, the length of the properties, the properties.
func (m *zipMember) lzma(r io.Reader) (io.ReadCloser, error) {
	var head [9]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	if binary.LittleEndian.Uint16(head[2:]) != 5 {
		return nil, errors.New("its LZMA properties are not 5 bytes long")
	}
	size := uint64(m.size)
	if m.flags&zipLZMAMarker != 0 {
		size = 1<<64 - 1
	}
	classic := binary.LittleEndian.AppendUint64(bytes.Clone(head[4:]), size)
	z, err := lzma.ReaderConfig{DictCap: maxDictionary}.NewReader(io.MultiReader(bytes.NewReader(classic), r))
	return io.NopCloser(z), err
}

// entry makes of a header what the finder takes. at is where the packed bytes begin.
func (m *zipMember) entry(a *archive, e extent, at int64) entry {
	out := entry{name: m.name, size: m.size}
	part, whole := e.part(at, m.packed)
	unpack := m.unpacker()
	check := func() checker { return &crcChecker{crc32.NewIEEE(), m.crc} }
	switch {
	case m.flags&zipEncrypted != 0 || m.method == zipAES:
		out.bad = &fault{"capture_encrypted", "zip", "the member is encrypted and was not read"}
	case m.method != zipStored && unpack == nil:
		out.bad = &fault{"capture_unreadable", "zip", fmt.Sprintf("the member is packed by method %d, which is not read", m.method)}
	case at < 0 || at > e.size:
		out.bad = &fault{"capture_truncated", "zip", "the member lies behind the end of the archive"}
	case m.method == zipStored && whole:
		out.at = storedPart{part, "zip", check}
	default:
		if !whole { // cut off: what there is of it is read
			part, _ = e.part(at, e.size-at)
		}
		if unpack == nil {
			unpack = func(r io.Reader) (io.ReadCloser, error) { return io.NopCloser(r), nil }
		}
		out.at = packedPart{part, m.size, a.limits.of(part.size), "zip", unpack, check}
	}
	return out
}

type crcChecker struct {
	hash.Hash32
	want uint32
}

func (c *crcChecker) ok() bool { return c.Sum32() == c.want }

// walkZip finds the members of a zip archive (APPNOTE 6.3.10) by its directory, or where that is lost, by going from
// header to header.
func walkZip(a *archive, e extent, each func(entry) error) error {
	var strange error
	for {
		first, err := walkZipPart(a, e, each)
		if errors.Is(err, errZipGap) {
			strange, err = err, nil
		}
		if err != nil || first <= 0 || first >= e.size {
			return cmp.Or(err, strange)
		}
		e, _ = e.part(0, first)
	}
}

// errZipGap says that there may be members that no directory has.
var errZipGap error = &fault{"capture_damaged", "zip", "bytes behind the members that the archive's directory has belong to none of them: they were left out"}

// maxZipGap is what lies behind the last member's bytes beside the directory and the comment: a descriptor, the ends of
// the directory, a signature.
const maxZipGap = 4096

// walkZipPart finds the members that the last directory has, and where the first of them begins: what lies before is not in
// it, as of archives that were put one behind the other, or of members that are to be hidden.
func walkZipPart(a *archive, e extent, each func(entry) error) (first int64, err error) {
	d := &directory{e, maxDirectory, e.size}
	z, err := guarded(func() (*zip.Reader, error) { return zip.NewReader(d, e.size) })
	if err != nil && !(z != nil && errors.Is(err, zip.ErrInsecurePath)) {
		return 0, salvageZip(a, e, each)
	}
	d.first = e.size
	packed, known := int64(0), int64(len(z.Comment)+maxZipGap)
	last := int64(0)
	for _, f := range z.File {
		m := zipMember{f.Name, zipMethod(f.Method), f.Flags, f.CRC32, int64(f.CompressedSize64), int64(f.UncompressedSize64)}
		if m.packed < 0 || m.size < 0 {
			m.packed, m.size = 0, 0
		}
		at, err := zipData(f)
		if err != nil {
			at = -1
		}
		known += zipDirectoryHeader + int64(len(f.Name)+len(f.Extra)+len(f.Comment))
		last = max(last, at+m.packed)
		if m.folder() {
			continue
		}
		out := m.entry(a, e, at)
		if packed += m.packed; packed > e.size && out.bad == nil {
			out.bad = &fault{"capture_limit", "zip", "the members of the archive overlap, as in a bomb: this one was left out"}
		}
		if err := each(out); err != nil {
			return 0, err
		}
	}
	if e.size-last > known {
		return d.first, errZipGap
	}
	return d.first, nil
}

// folder reports whether it is a folder: one that has bytes is none, whatever its name says.
func (m *zipMember) folder() bool { return strings.HasSuffix(m.name, "/") && m.size == 0 }

// zipData is where a member's bytes begin. Its local header is looked at for that.
func zipData(f *zip.File) (int64, error) {
	return guarded(f.DataOffset)
}

// directory lets archive/zip read only so much before it has found the members: it keeps what it reads.
type directory struct {
	e     extent
	left  int64
	first int64 // lowest local header that was looked at
}

func (d *directory) ReadAt(p []byte, off int64) (int, error) {
	if len(p) > zipHeader { // not a local header, which is looked at later
		if d.left -= int64(len(p)); d.left < 0 {
			return 0, errEnough
		}
	} else if len(p) == zipHeader {
		d.first = min(d.first, off)
	}
	return d.e.ReadAt(p, off)
}

const (
	zipHeader          = 30
	zipDirectoryHeader = 46
)

// salvageZip finds members by their local headers (4.3.7): the archive is cut off or damaged, or its directory is huge.
func salvageZip(a *archive, e extent, each func(entry) error) error {
	lost := &fault{"capture_damaged", "zip", "the archive's directory cannot be read: it is cut off, damaged or too large; members were found by their own headers"}
	at := int64(0)
	for {
		m, data, err := localHeader(e, at)
		if err != nil {
			return lost
		}
		if m.flags&zipDescriptor != 0 && m.packed == 0 {
			if !m.measure(a, e, data) {
				return lost
			}
		}
		if !m.folder() {
			if err := each(m.entry(a, e, data)); err != nil {
				return err
			}
		}
		if m.packed > e.size-data {
			return lost
		}
		at = data + m.packed
		if m.flags&zipDescriptor != 0 {
			at = behindDescriptor(e, at)
		}
	}
}

func localHeader(e extent, at int64) (m zipMember, data int64, err error) {
	var h [zipHeader]byte
	if _, err = e.ReadAt(h[:4], at); err == nil && string(h[:4]) == "PK\x07\x08" {
		at += 4
	}
	if n, err := e.ReadAt(h[:], at); n < len(h) {
		return m, 0, cmp.Or(err, io.ErrUnexpectedEOF)
	}
	if string(h[:4]) != "PK\x03\x04" {
		return m, 0, zip.ErrFormat
	}
	u16, u32 := binary.LittleEndian.Uint16, binary.LittleEndian.Uint32
	rest := make([]byte, int(u16(h[26:]))+int(u16(h[28:])))
	if n, _ := e.ReadAt(rest, at+zipHeader); n < len(rest) {
		return m, 0, io.ErrUnexpectedEOF
	}
	name, extra := rest[:u16(h[26:])], rest[u16(h[26:]):]
	m = zipMember{string(name), zipMethod(u16(h[8:])), u16(h[6:]), u32(h[14:]), int64(u32(h[18:])), int64(u32(h[22:]))}
	for len(extra) >= 4 { // zip64, 4.5.3
		n := int(u16(extra[2:]))
		if 4+n > len(extra) {
			break
		}
		if u16(extra) == 1 && n >= 16 {
			m.size, m.packed = max(0, int64(binary.LittleEndian.Uint64(extra[4:]))), max(0, int64(binary.LittleEndian.Uint64(extra[12:])))
		}
		extra = extra[4+n:]
	}
	return m, at + zipHeader + int64(len(rest)), nil
}

// measure finds a member's end by unpacking it: its header was written before that was known.
func (m *zipMember) measure(a *archive, e extent, at int64) bool {
	if m.method != zipDeflate && m.method != zipDeflate64 || m.flags&zipEncrypted != 0 {
		return false
	}
	c := &counting{r: io.NewSectionReader(e, at, e.size-at)}
	z, _ := m.unpacker()(c) // neither reads anything yet
	sum := crc32.NewIEEE()
	n, err := guarded(func() (int64, error) { return io.Copy(sum, io.LimitReader(z, a.limits.of(e.size-at))) })
	m.packed, m.size, m.crc = c.n, n, sum.Sum32()
	if err != nil { // cut off: as far as it goes
		m.packed, m.size = e.size-at+1, n+1
	}
	return true
}

// counting gives bytes one at a time, so that no more are taken than are used.
type counting struct {
	r   *io.SectionReader
	buf [4096]byte
	b   []byte
	n   int64
}

func (c *counting) ReadByte() (byte, error) {
	if len(c.b) == 0 {
		k, err := c.r.Read(c.buf[:])
		if k == 0 {
			return 0, err
		}
		c.b = c.buf[:k]
	}
	v := c.b[0]
	c.b = c.b[1:]
	c.n++
	return v, nil
}

func (c *counting) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	v, err := c.ReadByte()
	if err != nil {
		return 0, err
	}
	p[0] = v
	return 1, nil
}

// behindDescriptor skips a data descriptor (4.3.9): with or without a signature, of 32 or 64 bits. The next header says
// which it was.
func behindDescriptor(e extent, at int64) int64 {
	var b [28]byte
	n, _ := e.ReadAt(b[:], at)
	for _, skip := range []int{12, 16, 20, 24} {
		if skip+2 <= n && b[skip] == 'P' && b[skip+1] == 'K' {
			return at + int64(skip)
		}
	}
	return at + 16
}

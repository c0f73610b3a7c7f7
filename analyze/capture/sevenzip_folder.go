package capture

import (
	"bytes"
	"compress/bzip2"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz/lzma"
)

// sevenBlock is a folder: packed bytes, the chain of coders that unpacks them, and how the result is divided.
type sevenBlock struct {
	packed extent
	found  bool         // it lies in the archive
	chain  []sevenCoder // in the order of unpacking; empty if the coders are no chain
	size   int64
	crc    uint32
	known  bool // crc
	parts  []sevenPart
}

type sevenPart struct {
	size  int64
	crc   uint32
	known bool
}

type sevenCoder struct {
	id    string // as hexadecimal digits
	props []byte
	size  int64
}

// The methods that are read.
const (
	sevenCopy      = "00"
	sevenLZMA2     = "21"
	sevenLZMA      = "030101"
	sevenDeflate   = "040108"
	sevenDeflate64 = "040109"
	sevenBzip2     = "040202"
	sevenZstd      = "04f71101"
	sevenAES       = "06f10701"
)

// unreadable says why a folder cannot be unpacked, nil if it can.
func (f *sevenBlock) unreadable() *fault {
	for _, c := range f.chain {
		switch c.id {
		case sevenAES:
			return &fault{"capture_encrypted", "7z", "the member is encrypted and was not read"}
		case sevenCopy, sevenLZMA2, sevenLZMA, sevenDeflate, sevenDeflate64, sevenBzip2, sevenZstd:
		default:
			return &fault{"capture_unreadable", "7z", fmt.Sprintf("the member is packed by method %s, which is not read", c.id)}
		}
	}
	switch {
	case len(f.chain) == 0:
		return &fault{"capture_unreadable", "7z", "the member is packed by several methods side by side, which is not read"}
	case !f.found:
		return &fault{"capture_truncated", "7z", "the member lies behind the end of the archive"}
	}
	return nil
}

// place is where the folder's unpacked bytes lie.
func (f *sevenBlock) place(a *archive) place {
	var check func() checker
	known, crc := f.known, f.crc
	if len(f.parts) == 1 && f.parts[0].known {
		known, crc = true, f.parts[0].crc
	}
	if known {
		check = func() checker { return &crcChecker{crc32.NewIEEE(), crc} }
	}
	if len(f.chain) == 1 && f.chain[0].id == sevenCopy && check != nil && f.size <= f.packed.size {
		part, _ := f.packed.part(0, f.size)
		return storedPart{part, "7z", check}
	}
	return packedPart{f.packed, f.size, a.limits.of(f.packed.size), "7z", f.unpack, check}
}

func (f *sevenBlock) unpack(r io.Reader) (io.ReadCloser, error) {
	for i := range f.chain {
		var err error
		if r, err = f.chain[i].unpack(r); err != nil {
			return nil, err
		}
		r = io.LimitReader(r, f.chain[i].size)
	}
	return io.NopCloser(r), nil
}

func (c *sevenCoder) unpack(r io.Reader) (io.Reader, error) {
	switch c.id {
	case sevenCopy:
		return r, nil
	case sevenDeflate:
		return flate.NewReader(r), nil
	case sevenDeflate64:
		return newInflate64(r)
	case sevenBzip2:
		return bzip2.NewReader(r), nil
	case sevenZstd:
		return zstd.NewReader(r, zstdOptions...)
	case sevenLZMA:
		if len(c.props) != 5 {
			return nil, errors.New("its LZMA properties are not 5 bytes long")
		}
		classic := binary.LittleEndian.AppendUint64(bytes.Clone(c.props), uint64(c.size))
		return lzma.ReaderConfig{DictCap: max7zDictionary}.NewReader(io.MultiReader(bytes.NewReader(classic), r))
	case sevenLZMA2:
		if len(c.props) != 1 || c.props[0] > 40 {
			return nil, errors.New("its LZMA2 properties are none")
		}
		dict := int64(2|c.props[0]&1) << (c.props[0]/2 + 11)
		if dict = min(dict, max(c.size, lzma.MinDictCap)); dict > max7zDictionary {
			return nil, fmt.Errorf("it needs a dictionary of %d bytes", dict)
		}
		return lzma.Reader2Config{DictCap: int(dict)}.NewReader2(r)
	}
	return nil, fmt.Errorf("method %s is not read", c.id)
}

// sevenReader reads a header. bad is set by the first thing that does not fit, and what follows is zero.
type sevenReader struct {
	in  extent // the archive
	b   []byte
	bad bool
}

func (r *sevenReader) take(n uint64) []byte {
	if r.bad || n > uint64(len(r.b)) {
		r.bad, r.b = true, nil
		return nil
	}
	v := r.b[:n]
	r.b = r.b[n:]
	return v
}

func (r *sevenReader) byte() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

// number reads a number: the ones at the top of its first byte say how many follow.
func (r *sevenReader) number() uint64 {
	first := r.byte()
	var v uint64
	mask := byte(0x80)
	for i := range 8 {
		if first&mask == 0 {
			return v | uint64(first&(mask-1))<<(8*i)
		}
		v |= uint64(r.byte()) << (8 * i)
		mask >>= 1
	}
	return v
}

// size reads a length of bytes.
func (r *sevenReader) size() int64 {
	v := r.number()
	if v > 1<<60 {
		r.bad = true
		return 0
	}
	return int64(v)
}

// count reads a number of things of which each takes a byte at least: more than there are bytes is a lie.
func (r *sevenReader) count() int {
	v := r.number()
	if v > uint64(len(r.b)) {
		r.bad = true
		return 0
	}
	return int(v)
}

// bits reads a bit for each of n things.
func (r *sevenReader) bits(n int) []bool {
	b := r.take(uint64(n+7) / 8)
	if b == nil {
		return make([]bool, 0)
	}
	out := make([]bool, n)
	for i := range out {
		out[i] = b[i/8]&(0x80>>(i%8)) != 0
	}
	return out
}

// digests reads n CRCs, of which some may be missing.
func (r *sevenReader) digests(n int) (crcs []uint32, known []bool) {
	if n > len(r.b) {
		r.bad = true
	}
	if r.bad {
		return nil, nil
	}
	known = make([]bool, n)
	if r.byte() != 0 {
		for i := range known {
			known[i] = true
		}
	} else if known = r.bits(n); len(known) < n {
		return nil, nil
	}
	crcs = make([]uint32, n)
	for i := range crcs {
		if known[i] {
			if b := r.take(4); b != nil {
				crcs[i] = binary.LittleEndian.Uint32(b)
			}
		}
	}
	return crcs, known
}

package capture

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"unicode/utf16"
)

// 7-Zip archives (7zFormat.txt of the LZMA SDK). Members lie one behind the other in folders, each packed as one by a chain
// of coders; the header, itself packed as a rule, stands at the end.
//
//	"7z" BC AF 27 1C | version 2 | CRC of what follows 4 | header: offset 8, size 8, CRC 4 | folders | header

func is7z(head []byte) bool { return bytes.HasPrefix(head, []byte("7z\xbc\xaf\x27\x1c")) }

// The properties of a header.
const (
	sevenEnd         = 0x00
	sevenHeader      = 0x01
	sevenProperties  = 0x02
	sevenAdditional  = 0x03
	sevenStreams     = 0x04
	sevenFiles       = 0x05
	sevenPack        = 0x06
	sevenUnpack      = 0x07
	sevenSubStreams  = 0x08
	sevenSize        = 0x09
	sevenCRC         = 0x0a
	sevenFolder      = 0x0b
	sevenCoderSizes  = 0x0c
	sevenCounts      = 0x0d
	sevenEmptyStream = 0x0e
	sevenNames       = 0x11
	sevenEncoded     = 0x17
)

const sevenStart = 32 // bytes of the start header

// sevenFile is a member.
type sevenFile struct {
	name  string
	empty bool
}

// sevenIndex is what a header says: folders, and the files in them in order.
type sevenIndex struct {
	folders []sevenBlock
	files   []sevenFile
}

// walk7z finds the members of a 7-Zip archive.
func walk7z(a *archive, e extent, each func(entry) error) error {
	head, err := sevenHead(a, e)
	if err != nil {
		return err
	}
	r := &sevenReader{b: head, in: e}
	if r.number() != sevenHeader {
		return &fault{"capture_damaged", "7z", "the archive's list of members is damaged"}
	}
	x := r.index()
	if r.bad {
		return &fault{"capture_damaged", "7z", "the archive's list of members contradicts itself"}
	}
	return x.walk(a, e, each)
}

// sevenHead reads the header, unpacked.
func sevenHead(a *archive, e extent) ([]byte, error) {
	var start [sevenStart]byte
	if _, err := e.ReadAt(start[:], 0); err != nil {
		return nil, &fault{"capture_truncated", "7z", "the archive is cut off in its first header"}
	}
	u32, u64 := binary.LittleEndian.Uint32, binary.LittleEndian.Uint64
	if crc32.ChecksumIEEE(start[12:]) != u32(start[8:]) {
		return nil, &fault{"capture_damaged", "7z", "the archive's first header is damaged"}
	}
	off, size := u64(start[12:]), u64(start[20:])
	if size == 0 {
		return []byte{sevenHeader, sevenEnd}, nil
	}
	if size > maxDirectory {
		return nil, &fault{"capture_limit", "7z", fmt.Sprintf("the archive's list of members has %d bytes, which are not believed", size)}
	}
	part, ok := e.part(sevenStart+int64(min(off, 1<<62)), int64(size))
	if !ok {
		return nil, &fault{"capture_truncated", "7z", "the archive is cut off: its list of members, which stands at the end, is missing"}
	}
	head := make([]byte, size)
	if _, err := part.ReadAt(head, 0); err != nil && err != io.EOF {
		return nil, err
	}
	if crc32.ChecksumIEEE(head) != u32(start[28:]) {
		return nil, &fault{"capture_damaged", "7z", "the archive's list of members is damaged"}
	}
	for depth := 0; head[0] == sevenEncoded; depth++ { // packed once as a rule
		var err error
		if head, err = unpackHead(a, e, head[1:]); err != nil {
			return nil, err
		}
		if len(head) == 0 || depth > 4 {
			return nil, &fault{"capture_damaged", "7z", "the archive's list of members is damaged"}
		}
	}
	return head, nil
}

func unpackHead(a *archive, e extent, b []byte) ([]byte, error) {
	r := &sevenReader{b: b, in: e}
	folders := r.streams()
	if r.bad || len(folders) == 0 {
		return nil, &fault{"capture_damaged", "7z", "the archive's list of members is damaged"}
	}
	f := &folders[0]
	if bad := f.unreadable(); bad != nil {
		if bad.kind == "capture_encrypted" {
			bad.text = "the archive's list of members is encrypted: nothing of it can be read or named"
		}
		return nil, bad
	}
	if f.size > maxDirectory {
		return nil, &fault{"capture_limit", "7z", fmt.Sprintf("the archive's list of members has %d bytes, which are not believed", f.size)}
	}
	in, err := f.place(a).open(0)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	return io.ReadAll(in)
}

// walk gives the members, folder by folder.
func (x *sevenIndex) walk(a *archive, e extent, each func(entry) error) error {
	next := 0
	for i := range x.folders {
		f := &x.folders[i]
		var files []sevenFile
		for ; len(files) < len(f.parts) && next < len(x.files); next++ {
			if !x.files[next].empty {
				files = append(files, x.files[next])
			}
		}
		if err := f.walk(a, files, each); err != nil {
			return err
		}
	}
	return nil
}

// walk gives the members of a folder. Of several in one, the folder has to be read from its start to reach the last.
func (f *sevenBlock) walk(a *archive, files []sevenFile, each func(entry) error) error {
	bad := f.unreadable()
	if len(f.parts) == 1 || bad != nil {
		for i, file := range files {
			m := entry{name: file.name, size: f.parts[i].size, bad: bad}
			if bad == nil {
				m.at = f.place(a)
			}
			if err := each(m); err != nil {
				return err
			}
		}
		return nil
	}
	begin := func() (passing, error) { return f.pass(a, files) }
	s := newSerial(a.scratch, begin)
	a.serial(s)
	it, err := f.pass(a, files)
	if err != nil {
		return err
	}
	defer it.Close()
	for n := range files {
		if err := it.next(); err != nil {
			return err
		}
		err := each(entry{name: files[n].name, size: f.parts[n].size, at: serialMember{s, n}, live: it})
		if err != nil {
			return err
		}
	}
	return nil
}

// sevenPass goes through the members of a folder.
type sevenPass struct {
	in    io.ReadCloser
	parts []sevenPart
	n     int // of the member it stands at, from 1
	m     *measured
}

func (f *sevenBlock) pass(a *archive, files []sevenFile) (passing, error) {
	in, err := f.place(a).open(0)
	if err != nil {
		return nil, err
	}
	return &sevenPass{in: in, parts: f.parts[:min(len(f.parts), len(files))]}, nil
}

func (p *sevenPass) next() error {
	if p.m != nil {
		if _, err := io.Copy(io.Discard, io.LimitReader(p.in, p.m.left)); err != nil {
			return err
		}
	}
	if p.n == len(p.parts) {
		return io.EOF
	}
	part := p.parts[p.n]
	p.n++
	p.m = &measured{r: p.in, left: part.size, limit: part.size, protocol: "7z"}
	if part.known {
		p.m.check = &crcChecker{crc32.NewIEEE(), part.crc}
	}
	return nil
}

func (p *sevenPass) Read(b []byte) (int, error) { return p.m.Read(b) }
func (p *sevenPass) Close() error               { return p.in.Close() }

// utf16Names reads names that end in zeros.
func utf16Names(b []byte, names []sevenFile) bool {
	for i := range names {
		var units []uint16
		for {
			if len(b) < 2 {
				return false
			}
			u := binary.LittleEndian.Uint16(b)
			if b = b[2:]; u == 0 {
				break
			}
			units = append(units, u)
		}
		names[i].name = string(utf16.Decode(units))
	}
	return true
}

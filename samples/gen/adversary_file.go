package main

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// ngBlock appends a pcapng block.
func ngBlock(b []byte, kind uint32, body []byte) []byte {
	n := uint32(12 + (len(body)+3)&^3)
	b = binary.LittleEndian.AppendUint32(b, kind)
	b = binary.LittleEndian.AppendUint32(b, n)
	b = append(b, body...)
	b = append(b, make([]byte, (4-len(body)%4)%4)...)
	return binary.LittleEndian.AppendUint32(b, n)
}

func ngSection(b []byte) []byte {
	return ngBlock(b, 0x0a0d0d0a, []byte{0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
}

// ngInterface describes an Ethernet interface with a name.
func ngInterface(b []byte, name string) []byte {
	body := []byte{1, 0, 0, 0, 0, 0, 4, 0, 2, 0, byte(len(name)), 0}
	body = append(append(body, name...), make([]byte, (4-len(name)%4)%4)...)
	return ngBlock(b, 1, append(body, 0, 0, 0, 0))
}

// ngPacket is an enhanced packet block.
func ngPacket(b []byte, iface uint32, at int64, data []byte) []byte {
	body := binary.LittleEndian.AppendUint32(nil, iface)
	body = binary.LittleEndian.AppendUint32(body, uint32(at/1000>>32))
	body = binary.LittleEndian.AppendUint32(body, uint32(at/1000))
	body = binary.LittleEndian.AppendUint32(body, uint32(len(data)))
	body = binary.LittleEndian.AppendUint32(body, uint32(len(data)))
	return ngBlock(b, 6, append(body, data...))
}

// plainFrame is a UDP packet of a flow by number.
func plainFrame(i int) []byte {
	var out bytes.Buffer
	w := bufio.NewWriter(&out)
	a := attacker{w: w}
	a.udp(addr(i), addr(1), 40000, 9, []byte{0})
	w.Flush()
	return out.Bytes()[16:]
}

// pcapngInterfaces: each packet has an interface of its own, all in one section.
func pcapngInterfaces(w *bufio.Writer, n int) error {
	w.Write(ngSection(nil))
	for i := range n {
		w.Write(ngInterface(nil, word("eth", i)))
	}
	frame := plainFrame(1)
	for i := range n {
		w.Write(ngPacket(nil, uint32(i), begin+int64(i)*1e6, frame))
	}
	return nil
}

// pcapngSections: each packet has a section of its own.
func pcapngSections(w *bufio.Writer, n int) error {
	frame := plainFrame(1)
	for i := range n {
		w.Write(ngPacket(ngInterface(ngSection(nil), word("eth", i)), 0, begin+int64(i)*1e6, frame))
	}
	return nil
}

// pcapngOptions: interface descriptions of 16 MB that are options all through, names and filters in turn.
func pcapngOptions(w *bufio.Writer, n int) error {
	for i := range n {
		body := []byte{1, 0, 0, 0, 0, 0, 4, 0}
		for k := range 1_000_000 {
			body = append(body, []byte{2, 3, 11, 12, 15}[k%5], 0, 8, 0, 0)
			body = append(body, word("x", i*1_000_000+k)[:7]...)
		}
		w.Write(ngBlock(ngSection(nil), 1, body))
	}
	return nil
}

// pcapngResync: behind each sound packet a block whose two lengths differ, full of what looks like blocks.
func pcapngResync(w *bufio.Writer, n int) error {
	w.Write(ngInterface(ngSection(nil), "eth0"))
	bad := ngBlock(nil, 6, bytes.Repeat([]byte{6, 0, 0, 0, 0x40, 0, 0, 0}, 8))
	bad[len(bad)-1] = 0x7f
	frame := plainFrame(1)
	for i := range n {
		w.Write(ngPacket(nil, 0, begin+int64(i)*1e6, frame))
		w.Write(bad)
	}
	return nil
}

// pcapResync: the same for classic captures.
func pcapResync(w *bufio.Writer, n int) error {
	writePcapHeader(w)
	frame := plainFrame(1)
	for i := range n {
		for k := range 5 {
			record(w, begin+int64(i*8+k)*1e6, frame)
		}
		w.Write(bytes.Repeat([]byte{0xff, 0xff, 0xff, 0x7f}, 10))
	}
	return nil
}

// pcapNoise: nothing behind the header makes sense, and much of it nearly does.
func pcapNoise(w *bufio.Writer, n int) error {
	writePcapHeader(w)
	var rec [16]byte
	at := uint32(begin / 1e9)
	for i := range n << 16 {
		binary.LittleEndian.PutUint32(rec[0:], at)
		binary.LittleEndian.PutUint32(rec[4:], uint32(i))
		binary.LittleEndian.PutUint32(rec[8:], uint32(i%3000+20000*(i&1)+1_000_000))
		binary.LittleEndian.PutUint32(rec[12:], uint32(i%3000))
		w.Write(rec[:])
	}
	return nil
}

// gzipBomb: a capture header and zeros, packed a thousand to one.
func gzipBomb(w *bufio.Writer, n int) error {
	z, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	if err != nil {
		return err
	}
	writePcapHeader(z)
	zeros := make([]byte, 1<<20)
	for range n {
		z.Write(zeros)
	}
	return z.Close()
}

// gzipPackets: sound packets, all equal.
func gzipPackets(w *bufio.Writer, n int) error {
	z, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	if err != nil {
		return err
	}
	writePcapHeader(z)
	frame := plainFrame(1)
	for i := range n {
		record(z, begin+int64(i/1000), frame)
	}
	return z.Close()
}

// zstdBomb: a capture header and zeros, packed thirty thousand to one.
func zstdBomb(w *bufio.Writer, n int) error {
	z, err := zstd.NewWriter(w, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return err
	}
	writePcapHeader(z)
	zeros := make([]byte, 1<<20)
	for range n {
		if _, err = z.Write(zeros); err != nil {
			break
		}
	}
	return errors.Join(err, z.Close())
}

// zipBomb: members that are a capture header and zeros.
func zipBomb(w *bufio.Writer, n int) error {
	z := zip.NewWriter(w)
	zeros := make([]byte, 1<<20)
	for i := range n {
		m, err := z.Create(word("bomb", i) + ".pcap")
		if err != nil {
			return err
		}
		writePcapHeader(m)
		for range 500 {
			m.Write(zeros)
		}
	}
	return z.Close()
}

// oneCapture is a capture of a packet of its own time.
func oneCapture(i int) []byte {
	var b bytes.Buffer
	writePcapHeader(&b)
	record(&b, begin+int64(i)*1e9, plainFrame(i))
	return b.Bytes()
}

// zipMembers: as many captures as there are members, all overlapping in name and none in time.
func zipMembers(w *bufio.Writer, n int) error {
	z := zip.NewWriter(w)
	for i := range n {
		m, err := z.Create("../../" + strings.Repeat("x/", 100) + "a.pcap")
		if err != nil {
			return err
		}
		m.Write(oneCapture(i))
	}
	return z.Close()
}

// tarMembers: the same in a tar under gzip, the newest in front, so that none can be read in the order in which it comes.
func tarMembers(w *bufio.Writer, n int) error {
	z := gzip.NewWriter(w)
	t := tar.NewWriter(z)
	for i := range n {
		data := oneCapture(n - i)
		if err := t.WriteHeader(&tar.Header{Name: word("capture", i), Mode: 0o600, Size: int64(len(data))}); err != nil {
			return err
		}
		t.Write(data)
	}
	return errors.Join(t.Close(), z.Close())
}

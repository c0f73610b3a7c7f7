package capture

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"

	"wardtrace/analyze/packet"
	"wardtrace/dissect/event"
)

// The classic format (draft-ietf-opsawg-pcap, section 4): a header of 24 bytes, then records.
//
//	magic 4 | major 2 | minor 2 | time zone 4 | accuracy 4 | snap length 4 | link type 4
//	seconds 4 | fraction 4 | captured length 4 | length 4 | (a few variants: more) | data

// pcapVariant is one way to write it.
type pcapVariant struct {
	magic  []byte
	order  binary.ByteOrder
	name   string
	unit   int64 // nanoseconds that one unit of the fraction stands for
	record int   // bytes of a record header
	extra  int   // bytes between the file header and the first record
}

// pcapMagics is the table of magics of the classic format, in both byte orders.
var pcapMagics = []pcapVariant{
	{[]byte{0xa1, 0xb2, 0xc3, 0xd4}, binary.BigEndian, "pcap", 1000, 16, 0},
	{[]byte{0xd4, 0xc3, 0xb2, 0xa1}, binary.LittleEndian, "pcap", 1000, 16, 0},
	{[]byte{0xa1, 0xb2, 0x3c, 0x4d}, binary.BigEndian, "pcap-ns", 1, 16, 0},
	{[]byte{0x4d, 0x3c, 0xb2, 0xa1}, binary.LittleEndian, "pcap-ns", 1, 16, 0},
	// Kuznetzov's patched tcpdump adds interface index, protocol and packet type to the record header.
	{[]byte{0xa1, 0xb2, 0xcd, 0x34}, binary.BigEndian, "pcap-modified", 1000, 24, 0},
	{[]byte{0x34, 0xcd, 0xb2, 0xa1}, binary.LittleEndian, "pcap-modified", 1000, 24, 0},
	// Ixia's hardware and software captures count nanoseconds and put the size of all records after the header.
	{[]byte{0x1c, 0x00, 0x01, 0xac}, binary.BigEndian, "pcap-ixia", 1, 16, 4},
	{[]byte{0xac, 0x01, 0x00, 0x1c}, binary.LittleEndian, "pcap-ixia", 1, 16, 4},
	{[]byte{0x1c, 0x00, 0x01, 0xab}, binary.BigEndian, "pcap-ixia", 1, 16, 4},
	{[]byte{0xab, 0x01, 0x00, 0x1c}, binary.LittleEndian, "pcap-ixia", 1, 16, 4},
}

const pcapHeader = 24

// swapping says whether the two lengths of a record are the wrong way round, as very old writers had them.
type swapping uint8

const (
	neverSwapped swapping = iota
	maybeSwapped          // version 2.3: some writers did
	alwaysSwapped
)

type pcap struct {
	pcapVariant
	w     *window
	log   *log
	on    *Iface
	limit uint32 // longest captured length believed
	swap  swapping
	last  int64 // seconds of the last sound packet, -1 before the first
}

type pcapRecord struct {
	sec, frac, cap, wire uint32
}

func openPCAP(w *window, log *log) (decoder, error) {
	h := w.peek(pcapHeader)
	if len(h) < pcapHeader {
		return nil, fmt.Errorf("pcap header is cut off: %d of %d bytes", len(h), pcapHeader)
	}
	d := &pcap{w: w, log: log, last: -1}
	for _, v := range pcapMagics {
		if bytes.HasPrefix(h, v.magic) {
			d.pcapVariant = v
		}
	}
	major, minor := d.order.Uint16(h[4:]), d.order.Uint16(h[6:])
	snap, link := d.order.Uint32(h[16:]), d.order.Uint32(h[20:])
	switch {
	case major == 543 && minor == 0, major == 2 && minor < 3:
		d.swap = alwaysSwapped // 543.0 is DG/UX's tcpdump
	case major == 2 && minor == 3:
		d.swap = maybeSwapped
	case major != 2:
		return nil, fmt.Errorf("pcap version %d.%d is not known", major, minor)
	case minor > 4:
		log.note("capture_version", d.name, 1, fmt.Sprintf("pcap version %d.%d is not known, read as 2.4", major, minor))
	}
	d.on = &Iface{Link: packet.LinkType(link), Snaplen: snap, Resol: 9} // link's upper half says only how long the frame check sequence is
	d.limit = min(max(snap, minFrameCap), maxFrame)
	log.row.Format, log.row.Sections = d.name, 1
	log.row.TSResol = "1e-09"
	if d.unit == 1000 {
		log.row.TSResol, d.on.Resol = "1e-06", 6
	}
	if snap > 0 {
		log.row.Snaplen = event.Some(int64(snap))
	}
	log.link(d.on.Link)
	w.skip(pcapHeader)
	w.skip(len(w.peek(d.extra)))
	return d, nil
}

func (d *pcap) next(r *record) error {
	for {
		at := d.w.off
		head := d.w.peek(d.record)
		if len(head) == 0 {
			return io.EOF
		}
		if len(head) < d.record {
			d.w.skip(len(head))
			d.log.damage("capture_truncated", d.name, at, int64(len(head)), "the file ends inside a record header")
			return io.EOF
		}
		h := d.header(head)
		if why := d.unsound(h); why != "" {
			if !d.resync(why) {
				return io.EOF
			}
			continue
		}
		size := d.record + int(h.cap)
		rec := d.w.peek(size)
		if len(rec) < size {
			if !d.resync(fmt.Sprintf("the file ends inside a packet of %d bytes", h.cap)) {
				return io.EOF
			}
			continue
		}
		d.w.skip(size)
		d.last = int64(h.sec)
		nsec := int64(h.sec)*1e9 + int64(h.frac)*d.unit
		*r = record{time: event.Time(nsec), link: d.on.Link, wire: int(h.wire), on: d.on, stamp: uint64(nsec / d.unit), data: rec[d.record:]}
		return nil
	}
}

func (d *pcap) header(b []byte) pcapRecord {
	h := pcapRecord{d.order.Uint32(b), d.order.Uint32(b[4:]), d.order.Uint32(b[8:]), d.order.Uint32(b[12:])}
	if d.swap == alwaysSwapped || d.swap == maybeSwapped && h.cap > h.wire {
		h.cap, h.wire = h.wire, h.cap
	}
	return h
}

// unsound says why a record header cannot be one. A header of zeros is not: no packet is empty at the start of 1970,
// but files cut off by a crash end in blocks of zeros.
func (d *pcap) unsound(h pcapRecord) string {
	if h == (pcapRecord{}) {
		return "zeros where a record should be"
	}
	if h.cap > d.limit {
		return fmt.Sprintf("a record says it holds %d bytes", h.cap)
	}
	return ""
}

// resync looks for the next place where records follow each other, and notes what was lost.
func (d *pcap) resync(why string) bool {
	from := d.w.off
	d.w.skip(1)
	const span = resyncRecords*(minFrameCap+24) + resyncStep
	for {
		b := d.w.peek(span)
		end := len(b) < span
		tries := resyncStep
		if end {
			tries = len(b)
		}
		for p := 0; p < tries; p++ {
			if z := zeros(b[p:min(len(b), tries+d.record)]); z >= d.record { // as a crash leaves them: no header among them
				p += z - d.record
				continue
			}
			if d.chain(b[p:], end) {
				d.w.skip(p)
				d.log.damage("capture_damaged", d.name, from, d.w.off-from, why+"; the next sound record is "+
					fmt.Sprint(d.w.off-from)+" bytes on")
				return true
			}
		}
		d.w.skip(tries)
		if end {
			d.log.damage("capture_truncated", d.name, from, d.w.off-from, why+", and no sound record follows")
			return false
		}
	}
}

// zeros counts those that b begins with.
func zeros(b []byte) (n int) {
	for len(b)-n >= 8 && binary.LittleEndian.Uint64(b[n:]) == 0 {
		n += 8
	}
	for n < len(b) && b[n] == 0 {
		n++
	}
	return n
}

// chain reports whether b begins with plausible records: resyncRecords of them, or fewer that end where the file ends.
// A record that the file's end cuts off counts if two sound ones lead to it.
func (d *pcap) chain(b []byte, end bool) bool {
	near := d.last
	for n := range resyncRecords {
		if len(b) == 0 {
			return n > 1 || n == 1 && d.last >= 0
		}
		if len(b) < d.record {
			return n > 1
		}
		h := d.header(b)
		if !d.plausible(h, near) {
			return false
		}
		near = int64(h.sec)
		if len(b)-d.record < int(h.cap) {
			return end && n > 1
		}
		b = b[d.record+int(h.cap):]
	}
	return true
}

func (d *pcap) plausible(h pcapRecord, near int64) bool {
	const day = int64(resyncTimeSpan / 1e9)
	return h.cap > 0 && h.cap <= minFrameCap && h.wire >= h.cap && h.wire <= maxFrame &&
		int64(h.frac)*d.unit < 1e9 && (near < 0 || int64(h.sec)-near <= day && near-int64(h.sec) <= day)
}

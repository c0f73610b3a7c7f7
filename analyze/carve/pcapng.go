package carve

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strings"
	"unicode/utf8"

	"wardtrace/report/escape"
)

// Caps of what a block says beside its packet.
const (
	maxText     = 4096    // bytes of one option's text: a sentence; an option can hold 65,535
	maxComments = 16      // comments of a packet, so that what is said of it stays less than it; the rest is counted
	maxIfaces   = 1 << 20 // interfaces of an output: each is held in the reader's memory
	maxData     = 1 << 27 // captured bytes of a packet: what a reader believes is far less
)

// The blocks and options (sections 3.5, 4.1 to 4.3).
const (
	sectionBlock   = 0x0a0d0d0a
	interfaceBlock = 1
	enhancedBlock  = 6
	byteOrderMagic = 0x1a2b3c4d

	optEnd      = 0
	optComment  = 1
	optUserAppl = 4
	optIfName   = 2
	optTSResol  = 9
	optTSOffset = 14
)

// Section is what an output says of itself.
type Section struct {
	Application string   // program and version
	Comments    []string // of any number: sources are listed here
}

// Interface is an interface of a source. The zero Resol means seconds, as the format has it.
type Interface struct {
	Link    uint16
	Snaplen uint32
	Name    string
	Comment string
	Resol   uint8
	Offset  int64
}

// Packet is a packet as its source has it.
type Packet struct {
	Iface    int    // what Writer.Interface gave
	Stamp    uint64 // in the interface's unit
	WireLen  uint32
	Data     []byte
	Comments []string
}

// Writer writes one pcapng section. After an error nothing more is written, and every call gives that error.
type Writer struct {
	w      *bufio.Writer
	buf    []byte
	ifaces int
	n      int64
	count  int64
	err    error
}

// NewWriter writes a section header to w.
func NewWriter(w io.Writer, s Section) *Writer {
	out := &Writer{w: bufio.NewWriterSize(w, 64<<10)}
	out.begin(sectionBlock)
	out.u32(byteOrderMagic)
	out.u16(1) // version 1.0
	out.u16(0)
	out.u64(math.MaxUint64) // the section's length is not said
	out.text(optUserAppl, s.Application)
	for _, c := range s.Comments {
		out.text(optComment, c)
	}
	out.end()
	return out
}

// Interface describes an interface and gives its number.
func (w *Writer) Interface(i Interface) (int, error) {
	if w.ifaces >= maxIfaces && w.err == nil {
		w.err = fmt.Errorf("the packets come from more than %d interfaces; carve less at once", maxIfaces)
	}
	w.begin(interfaceBlock)
	w.u16(i.Link)
	w.u16(0) // reserved
	w.u32(i.Snaplen)
	w.text(optIfName, i.Name)
	w.text(optComment, i.Comment)
	w.option(optTSResol, []byte{i.Resol})
	if i.Offset != 0 {
		w.option(optTSOffset, binary.LittleEndian.AppendUint64(nil, uint64(i.Offset)))
	}
	w.end()
	w.ifaces++
	return w.ifaces - 1, w.err
}

// Packet writes a packet.
func (w *Writer) Packet(p *Packet) error {
	if len(p.Data) > maxData && w.err == nil {
		w.err = fmt.Errorf("a packet of %d bytes is larger than any reader believes", len(p.Data))
	}
	if w.err != nil {
		return w.err
	}
	w.begin(enhancedBlock)
	w.u32(uint32(p.Iface))
	w.u32(uint32(p.Stamp >> 32))
	w.u32(uint32(p.Stamp))
	w.u32(uint32(len(p.Data)))
	w.u32(p.WireLen)
	w.buf = append(w.buf, p.Data...)
	w.pad()
	for i, c := range p.Comments {
		if i == maxComments-1 && len(p.Comments) > maxComments {
			w.text(optComment, fmt.Sprintf("and %d more", len(p.Comments)-i))
			break
		}
		w.text(optComment, c)
	}
	w.end()
	w.count++
	return w.err
}

// Flush writes what is held back.
func (w *Writer) Flush() error {
	if w.err == nil {
		w.err = w.w.Flush()
	}
	return w.err
}

// Bytes is the length of what was written so far.
func (w *Writer) Bytes() int64 { return w.n }

// Packets is the number of packets written so far.
func (w *Writer) Packets() int64 { return w.count }

// begin starts a block; its length is filled in by end.
func (w *Writer) begin(t uint32) {
	w.buf = w.buf[:0]
	w.u32(t)
	w.u32(0)
}

// end closes the options and the block (section 3.1): its length stands in front and behind.
func (w *Writer) end() {
	w.u16(optEnd)
	w.u16(0)
	n := uint32(len(w.buf) + 4)
	binary.LittleEndian.PutUint32(w.buf[4:], n)
	w.u32(n)
	if w.err == nil {
		_, w.err = w.w.Write(w.buf)
		w.n += int64(n)
	}
}

// text writes an option of text, if there is any: UTF-8, one line, printable.
func (w *Writer) text(code uint16, s string) {
	if s == "" {
		return
	}
	s = escape.Terminal(s)
	if len(s) > maxText {
		s = strings.TrimRightFunc(s[:maxText], func(r rune) bool { return r == utf8.RuneError }) + "..."
	}
	w.option(code, []byte(s))
}

// option writes an option (section 3.5).
func (w *Writer) option(code uint16, v []byte) {
	w.u16(code)
	w.u16(uint16(len(v)))
	w.buf = append(w.buf, v...)
	w.pad()
}

// pad fills up to 32 bits.
func (w *Writer) pad() {
	for len(w.buf)%4 != 0 {
		w.buf = append(w.buf, 0)
	}
}

func (w *Writer) u16(v uint16) { w.buf = binary.LittleEndian.AppendUint16(w.buf, v) }
func (w *Writer) u32(v uint32) { w.buf = binary.LittleEndian.AppendUint32(w.buf, v) }
func (w *Writer) u64(v uint64) { w.buf = binary.LittleEndian.AppendUint64(w.buf, v) }

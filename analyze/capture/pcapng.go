package capture

import (
	"encoding/binary"
	"fmt"
	"io"

	"wardtrace/analyze/packet"
	"wardtrace/dissect/event"
)

// The pcapng format (draft-ietf-opsawg-pcapng): sections of blocks, each with its length in front and behind.
//
//	type 4 | total length 4 | body, padded to 4 | total length 4

type blockType uint32

// The blocks (section 4 and its table of block types).
const (
	interfaceBlock  blockType = 1
	packetBlock     blockType = 2 // obsolete
	simpleBlock     blockType = 3
	nameBlock       blockType = 4
	statisticsBlock blockType = 5
	enhancedBlock   blockType = 6
	secretsBlock    blockType = 0x0000000a
	customBlock     blockType = 0x00000bad
	customNotCopied blockType = 0x40000bad
	sectionBlock    blockType = 0x0a0d0d0a
	byteOrderMagic            = 0x1a2b3c4d
	blockFrame                = 12 // type and both lengths
	unknownSection            = "a section of a version that is not known"
	resyncBlock               = minFrameCap + 4096 // largest block that proves a file is in step again
)

// blockNames also says which blocks a search for the next sound place accepts, with the least length each has.
var blockNames = map[blockType]struct {
	name  string
	least uint32
}{
	interfaceBlock: {"interface description", 20}, packetBlock: {"packet", 32}, simpleBlock: {"simple packet", 16},
	nameBlock: {"name resolution", 12}, statisticsBlock: {"interface statistics", 24}, enhancedBlock: {"enhanced packet", 32},
	secretsBlock: {"decryption secrets", 20}, customBlock: {"custom", 16}, customNotCopied: {"custom", 16},
	sectionBlock: {"section header", 28},
}

func (t blockType) String() string {
	if n, ok := blockNames[t]; ok {
		return n.name + " block"
	}
	return fmt.Sprintf("block of type %#x", uint32(t))
}

// numbered reports whether Wireshark shows a block as a line of its packet list, so that its number is taken: custom
// blocks, the systemd journal and sysdig's events.
func (t blockType) numbered() bool {
	switch t {
	case customBlock, customNotCopied, 9, 0x204, 0x208, 0x216, 0x221, 0x222, 0x223:
		return true
	}
	return false
}

// captureIface is an interface of a section.
type captureIface struct {
	*Iface
	ticks ticks
	drops int64 // last said
}

type pcapng struct {
	w      *window
	log    *log
	order  binary.ByteOrder
	ifaces []captureIface
	gap    uint32 // blocks since the last packet that Wireshark numbers as packets
	skip   bool   // the section's version is not known: wait for the next one
}

func isPCAPNG(head []byte) bool {
	return len(head) >= magicLen && binary.BigEndian.Uint32(head) == uint32(sectionBlock) && orderOf(head[8:]) != nil
}

func orderOf(magic []byte) binary.ByteOrder {
	switch uint32(byteOrderMagic) {
	case binary.LittleEndian.Uint32(magic):
		return binary.LittleEndian
	case binary.BigEndian.Uint32(magic):
		return binary.BigEndian
	}
	return nil
}

func openPCAPNG(w *window, log *log) (decoder, error) {
	log.row.Format = "pcapng"
	d := &pcapng{w: w, log: log}
	d.order = orderOf(w.peek(magicLen)[8:])
	return d, nil
}

func (d *pcapng) next(r *record) error {
	for {
		at := d.w.off
		t, body, err := d.block()
		if err != nil {
			return err
		}
		if d.skip && t != sectionBlock {
			continue
		}
		ok := true
		switch t {
		case sectionBlock:
			d.section(at, body)
		case interfaceBlock:
			d.describe(at, body)
		case enhancedBlock:
			if ok = d.enhanced(at, body, r); ok {
				return nil
			}
		case simpleBlock:
			if ok = d.simple(at, body, r); ok {
				return nil
			}
		case packetBlock:
			if ok = d.obsolete(at, body, r); ok {
				return nil
			}
		case statisticsBlock:
			d.statistics(body)
		case nameBlock:
			d.names(body)
		case secretsBlock:
			d.log.row.Secrets++
		default:
			d.log.row.OtherBlocks++
			if t.numbered() {
				d.gap++
			}
		}
	}
}

// block gives the next block's type and body, which are valid until the next call. It goes past damage.
func (d *pcapng) block() (blockType, []byte, error) {
	for {
		h := d.w.peek(blockFrame)
		if len(h) == 0 {
			return 0, nil, io.EOF
		}
		if len(h) < blockFrame {
			d.log.damage("capture_truncated", "pcapng", d.w.off, int64(len(h)), "the file ends inside a block header")
			d.w.skip(len(h))
			return 0, nil, io.EOF
		}
		t, n, why := d.head(h)
		if why == "" {
			b := d.w.peek(int(n))
			switch {
			case len(b) < int(n):
				why = fmt.Sprintf("the file ends inside a %v of %d bytes", t, n)
			case d.order.Uint32(b[n-4:]) != n:
				why = fmt.Sprintf("a %v has different lengths in front and behind", t)
			default:
				d.w.skip(int(n))
				return t, b[8 : n-4], nil
			}
		}
		if !d.resync(why) {
			return 0, nil, io.EOF
		}
	}
}

// head reads a block's type and length; a section header also says the byte order.
func (d *pcapng) head(h []byte) (t blockType, n uint32, why string) {
	if blockType(binary.BigEndian.Uint32(h)) == sectionBlock {
		order := orderOf(h[8:])
		if order == nil {
			return 0, 0, "a section header without byte-order magic"
		}
		d.order = order
	}
	t, n = blockType(d.order.Uint32(h)), d.order.Uint32(h[4:])
	if n < blockFrame || n%4 != 0 || n > maxBlock || n < blockNames[t].least {
		return t, n, fmt.Sprintf("a %v says it is %d bytes long", t, n)
	}
	return t, n, ""
}

// resync looks for the next block of a known kind whose two lengths agree, and notes what was lost.
func (d *pcapng) resync(why string) bool {
	from := d.w.off
	d.w.skip(1)
	const span = resyncBlock + resyncStep
	for {
		b := d.w.peek(span)
		end := len(b) < span
		tries := resyncStep
		if end {
			tries = max(0, len(b)-blockFrame+1)
		}
		for p := range tries {
			if d.sound(b[p:]) {
				d.w.skip(p)
				d.log.damage("capture_damaged", "pcapng", from, d.w.off-from, why+"; the next sound block is "+
					fmt.Sprint(d.w.off-from)+" bytes on")
				return true
			}
		}
		if end {
			d.w.skip(len(b))
			d.log.damage("capture_truncated", "pcapng", from, d.w.off-from, why+", and no sound block follows")
			return false
		}
		d.w.skip(tries)
	}
}

func (d *pcapng) sound(b []byte) bool {
	order := d.order
	if b[0] == 0x0a && b[1] == 0x0d {
		if order = orderOf(b[8:]); order == nil {
			order = d.order
		}
	} else if b[0] != 0 && b[3] != 0 && b[0] != 0xad && b[3] != 0xad {
		return false // no known type: the common case, decided first
	}
	known, ok := blockNames[blockType(order.Uint32(b))]
	n := order.Uint32(b[4:])
	return ok && n >= known.least && n%4 == 0 && n <= resyncBlock && int(n) <= len(b) && order.Uint32(b[n-4:]) == n
}

// section begins a new section (section 4.1): its interfaces start again from 0.
func (d *pcapng) section(at int64, b []byte) {
	d.ifaces, d.log.ifaces = d.ifaces[:0], 0
	d.log.row.Sections++
	d.skip = d.order.Uint16(b[4:]) != 1
	if d.skip {
		d.log.damage("capture_damaged", "pcapng", at, 0, unknownSection)
		return
	}
	d.options(b[16:], func(code uint16, v []byte) {
		switch code {
		case 2:
			say(&d.log.row.Hardware, text(v))
		case 3:
			say(&d.log.row.OS, text(v))
		case 4:
			say(&d.log.row.Application, text(v))
		}
	})
}

// describe reads an interface description (section 4.2).
func (d *pcapng) describe(at int64, b []byte) {
	if len(d.ifaces) >= maxInterfaces {
		d.log.damage("capture_damaged", "pcapng", at, int64(len(b)), fmt.Sprintf("more than %d interfaces in a section", maxInterfaces))
		return
	}
	i := captureIface{Iface: &Iface{Link: packet.LinkType(d.order.Uint16(b)), Snaplen: d.order.Uint32(b[4:]), Resol: 6}}
	row := &d.log.row
	d.options(b[8:], func(code uint16, v []byte) {
		switch {
		case code == 2:
			i.Name = text(v)
			list(&row.Interfaces, i.Name)
		case code == 9 && len(v) >= 1:
			i.Resol = v[0]
		case code == 11 && len(v) >= 1 && v[0] == 0:
			say(&row.Filter, text(v[1:]))
		case code == 12:
			say(&row.OS, text(v))
		case code == 14 && len(v) >= 8:
			i.Offset = int64(d.order.Uint64(v))
		case code == 15:
			say(&row.Hardware, text(v))
		}
	})
	i.ticks = resolution(i.Resol)
	d.ifaces = append(d.ifaces, i)
	d.log.ifaces = len(d.ifaces)
	d.log.link(i.Link)
	say(&row.TSResol, i.ticks.String())
	if int64(i.Snaplen) > row.Snaplen.V {
		row.Snaplen = event.Some(int64(i.Snaplen))
	}
}

// enhanced reads an enhanced packet block (section 4.3).
func (d *pcapng) enhanced(at int64, b []byte, r *record) bool {
	iface, hi, lo := d.order.Uint32(b), d.order.Uint32(b[4:]), d.order.Uint32(b[8:])
	return d.packet(at, iface, uint64(hi)<<32|uint64(lo), d.order.Uint32(b[12:]), d.order.Uint32(b[16:]), b[20:], r)
}

// obsolete reads a packet block (appendix A): the interface has 16 bits, drops are counted beside it.
func (d *pcapng) obsolete(at int64, b []byte, r *record) bool {
	iface, hi, lo := d.order.Uint16(b), d.order.Uint32(b[4:]), d.order.Uint32(b[8:])
	return d.packet(at, uint32(iface), uint64(hi)<<32|uint64(lo), d.order.Uint32(b[12:]), d.order.Uint32(b[16:]), b[20:], r)
}

func (d *pcapng) packet(at int64, iface uint32, stamp uint64, caplen, wire uint32, b []byte, r *record) bool {
	if int64(iface) >= int64(len(d.ifaces)) {
		d.log.damage("capture_damaged", "pcapng", at, int64(len(b)), fmt.Sprintf("a packet of interface %d, which is not described", iface))
		return false
	}
	if int64(caplen) > int64(len(b)) {
		d.log.damage("capture_damaged", "pcapng", at, int64(len(b)), fmt.Sprintf("a packet of %d bytes in a block with room for %d", caplen, len(b)))
		return false
	}
	i := &d.ifaces[iface]
	*r = record{time: i.ticks.time(stamp, i.Offset), link: i.Link, wire: int(wire), iface: int(iface), on: i.Iface, stamp: stamp,
		data: b[:caplen], gap: d.gap}
	d.gap = 0
	return true
}

// simple reads a simple packet block (section 4.4): no time, the first interface, cut to its snap length.
func (d *pcapng) simple(at int64, b []byte, r *record) bool {
	if len(d.ifaces) == 0 {
		d.log.damage("capture_damaged", "pcapng", at, int64(len(b)), "a packet before any interface is described")
		return false
	}
	wire, i := d.order.Uint32(b), &d.ifaces[0]
	caplen := wire
	if i.Snaplen > 0 {
		caplen = min(caplen, i.Snaplen)
	}
	if b = b[4:]; int64(caplen) > int64(len(b)) {
		d.log.damage("capture_damaged", "pcapng", at, int64(len(b)), fmt.Sprintf("a packet of %d bytes in a block with room for %d", caplen, len(b)))
		return false
	}
	*r = record{link: i.Link, wire: int(wire), on: i.Iface, data: b[:caplen], gap: d.gap}
	d.gap = 0
	return true
}

// statistics reads what an interface lost (section 4.6). The counters run from the start of the capture, so the last
// block of an interface counts.
func (d *pcapng) statistics(b []byte) {
	iface := d.order.Uint32(b)
	if int64(iface) >= int64(len(d.ifaces)) {
		return
	}
	var drops int64
	said := false
	d.options(b[12:], func(code uint16, v []byte) {
		if (code == 5 || code == 7) && len(v) >= 8 { // isb_ifdrop, isb_osdrop
			drops += int64(min(d.order.Uint64(v), maxDrops))
			said = true
		}
	})
	if i := &d.ifaces[iface]; said {
		d.log.row.Drops = event.Some(min(d.log.row.Drops.V+max(0, drops-i.drops), maxDrops))
		i.drops = max(i.drops, drops)
	}
}

// names counts the records of a name resolution block (section 4.5). What they say is the capturing analyst's
// resolver's word, not evidence.
func (d *pcapng) names(b []byte) {
	for len(b) >= 4 {
		t, n := d.order.Uint16(b), int(d.order.Uint16(b[2:]))
		if t == 0 || 4+n > len(b) {
			return
		}
		d.log.row.Names++
		b = b[min(len(b), 4+(n+3)&^3):]
	}
}

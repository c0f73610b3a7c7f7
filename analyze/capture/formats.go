package capture

import (
	"bytes"
	"io"

	"wardtrace/analyze/packet"
	"wardtrace/dissect/event"
)

// A format is a way to write captures, recognised by the first bytes of a file and never by its name.
type format struct {
	name  string
	match func(head []byte) bool // head holds magicLen bytes or the whole file
	open  func(w *window, log *log) (decoder, error)
}

// A packing is a way to compress a file.
type packing struct {
	name   string // also the ending in capture_file.format
	match  func(head []byte) bool
	unpack func(r io.Reader, size int) (unpacker, error)
}

// magicLen is how many bytes the longest magic needs: a pcapng section header with its byte-order magic.
const magicLen = 12

// formats is the table of magics: one line a format.
var formats = []format{
	{"pcap", magics(pcapMagics), openPCAP},
	{"pcapng", isPCAPNG, openPCAPNG},
}

// packings is the table of magics of packed files.
var packings = []packing{
	{"gz", isGzip, openGzip},
	{"zst", isZstd, openZstd},
	{"xz", isXZ, openXZ},
	{"bz2", isBzip2, openBzip2},
	{"lz4", isLZ4, openLZ4},
}

// A decoder gives the packets of one capture in file order.
type decoder interface {
	// next fills in the next packet. It notes damage in the log and goes on; io.EOF means that nothing more comes.
	next(r *record) error
}

// An unpacker gives unpacked bytes; its error says what is wrong with the packed file.
type unpacker interface {
	io.ReadCloser
}

// record is a packet as a decoder gives it.
type record struct {
	time  event.Time // 0 if the format has none
	link  packet.LinkType
	wire  int
	iface int
	on    *Iface
	stamp uint64
	gap   uint32 // blocks before it that are no packets but that Wireshark numbers as if they were
	data  []byte // valid until the decoder's next call
}

func magics(list []pcapVariant) func([]byte) bool {
	return func(head []byte) bool {
		for i := range list {
			if bytes.HasPrefix(head, list[i].magic) {
				return true
			}
		}
		return false
	}
}

func formatOf(head []byte) *format {
	for i := range formats {
		if formats[i].match(head) {
			return &formats[i]
		}
	}
	return nil
}

// content is what the first bytes say that follows: one of the three, or nothing that is known.
type content struct {
	format   *format
	packing  *packing
	archiver *archiver
}

// sniff looks at the first bytes that peek shows. It asks for as few as will do: a pipe may not have more yet.
func sniff(peek func(int) ([]byte, error)) (c content) {
	head, _ := peek(magicLen)
	if c.format = formatOf(head); c.format != nil {
		return c
	}
	for i := range packings {
		if packings[i].match(head) {
			c.packing = &packings[i]
			return c
		}
	}
	for i := range archivers {
		if archivers[i].name == "tar" {
			head, _ = peek(tarBlock)
		}
		if archivers[i].match(head) {
			c.archiver = &archivers[i]
			return c
		}
	}
	return c
}

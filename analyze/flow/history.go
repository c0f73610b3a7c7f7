package flow

import (
	"wardtrace/analyze/packet"
	"wardtrace/dissect"
)

// historyMax bounds history: SYNs, FINs and RSTs with ever new sequence numbers would grow it without end.
const historyMax = 64

// letters are those that a side has written and that are written once.
type letters uint8

const (
	histSYN letters = 1 << iota // 's' or 'h'
	histFIN
	histRST
	histData
	histAck
	histMulti  // 'q': SYN with FIN or RST
	histFinRst // 'i': FIN with RST
)

// counter counts what is written in powers of ten: at the 1st, the 10th, the 100th time.
type counter struct{ n, next uint32 }

// flagLetters writes what a segment's flags call for: s h f r again when their sequence number differs, a d i q once.
func (f *Flow) flagLetters(flags uint8, dir dissect.Dir, rel, payload int64) {
	e := &f.ends[dir]
	switch flags & (packet.SYN | packet.FIN | packet.RST) {
	case 0:
		switch {
		case payload > 0:
			f.once(dir, histData, 'd')
		case flags&packet.ACK != 0:
			f.once(dir, histAck, 'a')
		}
	case packet.SYN:
		letter := byte('s')
		if flags&packet.ACK != 0 {
			letter = 'h'
		}
		f.unless(dir, histSYN, letter, &e.lastSYN, rel)
	case packet.FIN:
		f.unless(dir, histFIN, 'f', &e.lastFIN, rel+payload) // a FIN stands behind the payload
	case packet.RST:
		f.unless(dir, histRST, 'r', &e.lastRST, rel)
	case packet.FIN | packet.RST, packet.SYN | packet.FIN | packet.RST:
		f.once(dir, histFinRst, 'i')
	default:
		f.once(dir, histMulti, 'q')
	}
}

// once writes a letter if the side has not written it yet.
func (f *Flow) once(dir dissect.Dir, which letters, letter byte) {
	if e := &f.ends[dir]; e.once&which == 0 {
		e.once |= which
		f.write(dir, letter)
	}
}

// unless writes a letter unless its last one had the same sequence number.
func (f *Flow) unless(dir dissect.Dir, which letters, letter byte, last *int64, at int64) {
	e := &f.ends[dir]
	if e.once&which == 0 || at != *last {
		e.once |= which
		f.write(dir, letter)
	}
	*last = at
}

// scaled writes a letter at the first, tenth, hundredth time.
func (f *Flow) scaled(dir dissect.Dir, letter byte, c *counter) {
	if c.next == 0 {
		c.next = 1
	}
	if c.n++; c.n == c.next {
		c.next *= 10
		f.write(dir, letter)
	}
}

// write puts a letter down: upper case for the client.
func (f *Flow) write(dir dissect.Dir, letter byte) {
	if (dir == dissect.FromClient) != f.swapped {
		letter -= 'a' - 'A'
	}
	f.letter(letter)
}

func (f *Flow) letter(c byte) {
	if len(f.history) < historyMax {
		f.history = append(f.history, c)
	}
}

// abandoned tells whether the client sent a SYN and then a RST with nothing between them that says more: no handshake,
// acknowledgement, FIN, gap or odd flags of its own.
func (f *Flow) abandoned() bool {
	h := f.history
	if len(h) > 0 && h[0] == '^' {
		h = h[1:]
	}
	if len(h) == 0 || h[0] != 'S' {
		return false
	}
	for _, c := range h[1:] {
		switch c {
		case 'R':
			return true
		case 'H', 'A', 'F', 'G', 'I', 'Q':
			return false
		}
	}
	return false
}

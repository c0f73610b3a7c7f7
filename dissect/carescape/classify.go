package carescape

import (
	"bytes"
	"net/netip"

	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
)

type frame uint8

const (
	none frame = iota
	rwhat
	bedMessage
	waveforms
)

const (
	rwhatLen   = 88
	headerLen  = 60
	requestLen = 62 // a request's whole datagram: the header and two zeros
	groupLen   = 70
	minBlocks  = 20 // of samples, in a datagram taken for waveforms
)

// classify tells what a datagram is, by all of its fixed and dependent fields.
func classify(conn *dissect.Conn, dir dissect.Dir, b []byte) frame {
	from := conn.Client.Addr()
	if dir == dissect.FromServer {
		from = conn.Server.Addr()
	}
	from = from.Unmap()
	switch {
	case isRWhat(from, b):
		return rwhat
	case isBedMessage(from, b):
		return bedMessage
	case isWaveforms(b):
		return waveforms
	}
	return none
}

func isRWhat(from netip.Addr, b []byte) bool {
	if len(b) != rwhatLen {
		return false
	}
	c := cursor.New(b)
	if c.U32() != 0x01040000 || !sameAddr(c.Bytes(4), from) || c.U32() < 1<<28 { // a clock before 1978 is none
		return false
	}
	if !isBedName(c.Bytes(16)) || !isText(c.Bytes(15)) {
		return false
	}
	n := int(c.U8())
	for ; n > 0; n-- {
		if id, port := c.U16(), c.U16(); c.Short() || id == 0 || port == 0 {
			return false
		}
	}
	return !c.Short() && allZero(c.Rest())
}

// isBedMessage checks the common header. Of data, one of its two addresses is the sender's (implementations differ on which; updates of
// parameters have it twice), and the bed may be left out. Requests were seen with whatever stood in memory in place of the addresses:
// they are known by their bed, the process they ask and the zeros behind.
func isBedMessage(from netip.Addr, b []byte) bool {
	c := cursor.New(b)
	to, pad := c.Bytes(4), c.U16()
	src, pad2 := c.Bytes(4), c.U16()
	f, sub := function(c.U16()), subFunction(c.U16())
	c.Skip(6)
	process := c.U16()
	name := c.Bytes(32)
	status, n := c.U16(), int(c.U16())
	if c.Short() {
		return false
	}
	switch f {
	case functionData:
		return pad == 0 && pad2 == 0 && (sameAddr(to, from) || sameAddr(src, from)) && (isBedName(name) || allZero(name)) && n == c.Len()
	case functionRequest:
		return len(b) == requestLen && (sub == subAskParameters || sub == subAskWaves) && wanted(int64(process)) != "" && isBedName(name) &&
			status == 0 && n == 0 && allZero(c.Rest())
	}
	return false
}

// isWaveforms checks that a datagram is full of blocks of known kinds in an order that repeats.
func isWaveforms(b []byte) bool {
	c := cursor.New(b)
	c.Skip(2)
	if c.U16() != 0 || c.Short() {
		return false
	}
	var order [8]uint8 // kinds of the first batch
	period, n := 0, 0
	for c.Need(2) {
		kind := uint8(c.U16() >> 8)
		samples := samplesOf(kind)
		if samples == 0 || !c.Need(2*samples) {
			break
		}
		c.Skip(2 * samples)
		if period == 0 && n > 0 && kind == order[0] {
			period = n
		}
		switch {
		case period > 0 && kind != order[n%period]:
			return false
		case period == 0 && n >= len(order):
			return false
		case period == 0:
			order[n] = kind
		}
		n++
	}
	return n >= minBlocks && period > 1 && 5*c.Len() < len(b)
}

func sameAddr(b []byte, a netip.Addr) bool {
	x, ok := netip.AddrFromSlice(b)
	return ok && x == a
}

// isBedName tells whether a field is unit and room, joined by a bar and padded with zeros.
func isBedName(b []byte) bool {
	i := bytes.IndexByte(b, '|')
	return i > 0 && isText(b)
}

// isText tells whether a field is printable and padded with zeros. Latin letters beyond ASCII may occur.
func isText(b []byte) bool {
	end := bytes.IndexByte(b, 0)
	if end < 0 {
		end = len(b)
	}
	for i, x := range b {
		if i < end && (x < ' ' || x >= 0x7f && x < 0xa0) || i >= end && x != 0 {
			return false
		}
	}
	return true
}

func allZero(b []byte) bool {
	for _, x := range b {
		if x != 0 {
			return false
		}
	}
	return true
}

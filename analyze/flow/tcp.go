package flow

import (
	"time"

	"wardtrace/analyze/packet"
	"wardtrace/dissect"
)

// tcpState is how far one side of a connection has come.
type tcpState uint8

const (
	inactive    tcpState = iota // has sent nothing
	synSent                     // the client's SYN
	synAckSent                  // a SYN+ACK from who is taken for the client
	partial                     // spoke without a handshake
	established                 //
	closed                      // sent a FIN
	reset                       // sent a RST
)

// endpoint is one side of a TCP connection. Offsets count from the initial sequence number, whose SYN has offset 0, and do
// not wrap.
type endpoint struct {
	state, prev tcpState
	known       bool   // start is known, from a packet of this side or an acknowledgement of the other
	own         bool   // from a packet of this side
	start       uint32 // initial sequence number
	last        int64  // one past the highest sequence number sent
	acked       int64  // the highest that the other side acknowledged

	fins                       uint32
	once                       letters
	lastSYN, lastFIN, lastRST  int64 // offsets of the last ones, for history
	gaps, badSums, rexmt, zero counter
}

// segLimit is the distance from where SYN and RST sequence numbers are not believed: 1 MiB.
const segLimit = 1 << 20

// set begins the numbering at start.
func (e *endpoint) set(start uint32, last int64) {
	e.known, e.start, e.acked, e.last = true, start, 0, last
}

// offset gives the offset of a sequence number, taken to be within 2 GiB of near.
func (e *endpoint) offset(seq uint32, near int64) int64 {
	return near + int64(int32(seq-e.start-uint32(near)))
}

// size is the number of payload bytes by sequence numbers: what was sent or acknowledged, without SYN and FIN.
func (e *endpoint) size(peer *endpoint) uint64 {
	if e.prev == synSent && e.state == reset && peer.state == inactive && e.acked > 1 {
		return 0 // an old connection was found half open and aborted: the numbers are not of this one
	}
	n := max(e.last, e.acked)
	if n > 0 {
		n-- // SYN
	}
	if e.fins > 0 && n > 0 {
		n--
	}
	return uint64(max(n, 0))
}

func (e *endpoint) enter(s tcpState) {
	if s != e.state {
		e.prev, e.state = e.state, s
	}
}

// view gives both ends as they are reported: Swap exchanges them.
func (f *Flow) view() (client, server *endpoint) {
	if f.swapped {
		return &f.ends[1], &f.ends[0]
	}
	return &f.ends[0], &f.ends[1]
}

// tcpIdle is how long the connection may rest in its state: short while there are SYNs alone, and when it is over.
func (f *Flow) tcpIdle() time.Duration {
	c, s := &f.ends[0], &f.ends[1]
	ended := func(e *endpoint) bool { return e.state == closed || e.state == inactive }
	over := c.state == reset || s.state == reset || ended(c) && ended(s)
	opening := f.Sides[0].Packets+f.Sides[1].Packets == uint64(f.Sides[0].SYN)+uint64(f.Sides[1].SYN)
	if over || opening {
		return IdleTransitory
	}
	return IdleTCP
}

// reused tells whether a SYN begins a new connection on the flow's ports: it has another initial sequence number than
// the last one of that side, or comes after a connection that had begun and ended (RFC 9293 3.10.7.4 lets TIME-WAIT be cut
// short; small stacks repeat their numbers). A SYN sent again after a refusal is the same attempt.
func (f *Flow) reused(p *packet.Packet, dir dissect.Dir) bool {
	if p.TCP.Flags&(packet.SYN|packet.ACK) != packet.SYN {
		return false
	}
	if e := &f.ends[dir]; e.known && e.start != p.TCP.Seq {
		return true
	}
	c, s := &f.Sides[0], &f.Sides[1]
	used := c.Bytes+s.Bytes > 0
	return c.FIN > 0 && s.FIN > 0 || used && c.FIN+s.FIN+c.RST+s.RST > 0
}

// segment follows a TCP segment through history and the state machine.
func (f *Flow) segment(p *packet.Packet, dir dissect.Dir) {
	t, n := &p.TCP, int64(max(p.PayloadLen, 0))
	e, peer := &f.ends[dir], &f.ends[dir.Other()]
	f.tally(t, dir)
	span := n // of sequence numbers
	if t.Flags&packet.RST != 0 {
		span = 0 // what a RST carries is text about it (RFC 9293 3.5.2)
	}
	for _, flag := range [...]uint8{packet.SYN, packet.FIN} {
		if t.Flags&flag != 0 {
			span++
		}
	}
	e.begin(t, span)
	rel := e.offset(t.Seq, e.last)
	f.flagLetters(t.Flags, dir, rel, n)
	if t.Window == 0 && t.Flags&packet.RST == 0 && peer.state != closed && e.state != reset {
		f.scaled(dir, 'w', &e.zero)
	}
	if t.Flags&packet.FIN != 0 {
		e.fins++
	}
	if t.Flags&packet.ACK != 0 {
		peer.acknowledge(t)
	}
	if e.advance(t, rel+span, n) {
		f.scaled(dir, 't', &e.rexmt)
	}
	f.step(t.Flags, dir, n)
}

// tally counts flags and keeps what the SYN says of its sender.
func (f *Flow) tally(t *packet.TCP, dir dissect.Dir) {
	s := &f.Sides[dir]
	if t.Flags&packet.SYN != 0 {
		if s.SYN == 0 {
			s.Window, s.MSS, s.WScale = t.Window, t.MSS, t.WScale
		}
		s.SYN++
		if t.Flags&packet.ACK == 0 && dir == dissect.FromClient {
			f.Guessed = false // a late SYN settles what was guessed
		}
	}
	if t.Flags&packet.FIN != 0 {
		s.FIN++
	}
	if t.Flags&packet.RST != 0 {
		s.RST++
	}
}

// begin sets or resets the numbering where the segment calls for it.
func (e *endpoint) begin(t *packet.TCP, span int64) {
	syn := t.Flags&packet.SYN != 0
	switch {
	case e.state == inactive && !syn: // number as if the SYN had been just before
		e.set(t.Seq-1, 1)
		e.own = true
	case e.state == inactive,
		syn && (e.state == synSent || e.state == synAckSent) && t.Seq != e.start,
		syn && (e.state == established || e.state == partial),
		syn && e.state == reset && e.prev == inactive:
		e.set(t.Seq, span)
		e.own = true
	}
}

// acknowledge takes an acknowledgement of what e sent.
func (e *endpoint) acknowledge(t *packet.TCP) {
	if e.state == inactive {
		e.set(t.Ack-1, 0)
		return
	}
	ack := e.offset(t.Ack, e.acked)
	broken := t.Ack == 0 && ack-e.acked > segLimit
	if ack > e.acked && t.Flags&packet.RST == 0 && !broken {
		e.acked = ack
	}
}

// advance moves the highest sequence number and tells whether the payload was at or below it: sent again, or late.
func (e *endpoint) advance(t *packet.TCP, end, payload int64) (again bool) {
	delta := end - e.last
	switch {
	case t.Flags&(packet.SYN|packet.RST) != 0 && (delta > segLimit || delta < -segLimit):
	case t.Flags&packet.FIN != 0 && e.last == 1: // SYN and FIN alone were seen of a long stream
		e.last = end
	case e.state == reset: // numbers after a RST are not believed
	case delta > 0:
		e.last = end
	case payload > 0 && t.Flags&packet.SYN == 0:
		return true
	}
	return false
}

// step is the state machine.
func (f *Flow) step(flags uint8, dir dissect.Dir, payload int64) {
	e, peer := &f.ends[dir], &f.ends[dir.Other()]
	switch e.state {
	case inactive:
		f.firstSegment(flags, dir, payload)
	case synSent, synAckSent:
		if flags&packet.FIN != 0 {
			e.enter(closed)
		}
		if flags&packet.RST != 0 {
			e.enter(reset)
		}
	case established, partial:
		if flags&(packet.SYN|packet.ACK) == packet.SYN && e.state == partial && peer.state == inactive {
			e.enter(synSent)
		}
		if flags&packet.FIN != 0 && flags&packet.RST == 0 {
			e.enter(closed)
			if peer.state == reset && peer.prev == closed {
				peer.enter(closed) // FIN, then RST, then our FIN: an orderly end after all
			}
		}
		if flags&packet.RST != 0 {
			e.enter(reset)
		}
	case closed:
		if flags&packet.RST != 0 && peer.state != closed {
			e.enter(reset)
		}
	case reset:
	}
}

// firstSegment is the state machine's step for the first segment of a side.
func (f *Flow) firstSegment(flags uint8, dir dissect.Dir, payload int64) {
	e, peer := &f.ends[dir], &f.ends[dir.Other()]
	client := dir == dissect.FromClient
	if flags&packet.SYN != 0 {
		f.firstSYN(flags, e, peer, client)
	}
	if flags&packet.FIN != 0 {
		e.enter(closed)
	}
	if flags&packet.RST != 0 {
		e.enter(reset)
	}
	switch {
	case e.state != inactive:
	case !client && payload == 0 && peer.state == synSent:
		// Some stacks acknowledge a SYN before they answer it: no sign of a connection without handshake.
	case flags&packet.ACK != 0 && peer.state == established:
		e.enter(established) // the SYN+ACK was seen, the SYN was missed
	default:
		e.enter(partial)
	}
}

func (f *Flow) firstSYN(flags uint8, e, peer *endpoint, client bool) {
	switch {
	case client && flags&packet.ACK != 0:
		e.enter(synAckSent)
	case client && peer.state == established && flags&packet.ACK == 0:
		e.enter(established) // the SYN+ACK was captured before its SYN
	case client:
		e.enter(synSent)
	default:
		if peer.state == synSent || peer.state == synAckSent && flags&packet.ACK == 0 {
			peer.enter(established)
		}
		e.enter(established)
	}
}

// connState is Zeek's summary of the connection.
func (f *Flow) connState() string {
	switch {
	case f.tcp:
		return f.tcpConnState()
	case f.Transport == dissect.UDP && !f.loose:
		c, s := f.Sides[0].Packets, f.Sides[1].Packets
		if f.swapped {
			c, s = s, c
		}
		switch {
		case c > 0 && s > 0:
			return "SF"
		case c > 0:
			return "S0"
		default:
			return "SHR"
		}
	}
	return "OTH"
}

func (f *Flow) tcpConnState() string {
	c, s := f.view()
	cIdle := c.state == inactive || c.state == partial
	sIdle := s.state == inactive || s.state == partial
	pick := func(cond bool, yes, no string) string {
		if cond {
			return yes
		}
		return no
	}
	switch {
	case s.state == reset:
		if c.state == synSent || c.state == synAckSent || c.state == reset && c.size(s) == 0 && s.size(c) == 0 {
			return "REJ"
		}
		return pick(cIdle, "RSTRH", "RSTR")
	case c.state == reset:
		if sIdle {
			return pick(f.abandoned(), "RSTOS0", "OTH")
		}
		return "RSTO"
	case s.state == closed && c.state == closed:
		return "SF"
	case c.state == closed:
		return pick(sIdle, "SH", "S2")
	case s.state == closed:
		return pick(cIdle, "SHR", "S3")
	case c.state == synSent && s.state == inactive:
		return "S0"
	case c.state == established && s.state == established:
		return "S1"
	}
	return "OTH"
}

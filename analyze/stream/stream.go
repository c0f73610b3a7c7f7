package stream

import (
	"wardtrace/analyze/packet"
	"wardtrace/dissect"
	"wardtrace/dissect/event"
)

// The caps of one direction.
const (
	// HeldMax is what may be held behind a hole: a lost segment is repaired after a round trip, and this is what a path of
	// 1 Gbit/s and 30 ms has in flight then.
	HeldMax = 4 << 20
	// HeldOneSided is the same where no acknowledgement was ever seen, so that nothing tells whether a hole will be
	// filled: what is in flight in a local network.
	HeldOneSided = 256 << 10
	// HeldChunks bounds the held chunks: segments of one byte must not cost more than their bytes. Full segments reach
	// HeldMax before.
	HeldChunks = 4096
	// chunkBytes is what a chunk counts for beside its bytes.
	chunkBytes = 80
	// ackMax is the largest window there is (RFC 7323 2.3): an acknowledgement farther ahead is broken.
	ackMax = 1 << 30
)

// Sink takes what a Conversation delivers.
type Sink interface {
	// Data takes the next bytes of a direction; gap bytes were lost before them. data is valid only during the call, and
	// nil where there is nothing behind the loss or the direction is ignored. ref is of the packet that carried data.
	Data(dir dissect.Dir, gap int, data []byte, ref event.Ref)
	// Note tells of an irregularity, the first time that a direction shows it. Stats counts them.
	Note(dir dissect.Dir, what Kind, ref event.Ref)
}

// Kind is an irregularity.
type Kind uint8

// The irregularities.
const (
	Conflict   Kind = iota // bytes were sent again with others in their place
	AfterClose             // payload behind a FIN or RST
	HeldLimit              // more was held behind a hole than the caps allow
	Unoffered              // bytes beyond any window that the receiver offered
	kinds
)

var kindNames = [...]string{"tcp_overlap_conflict", "tcp_data_after_close", "tcp_held_limit", "tcp_out_of_window"}

// String is the word under which the irregularity stands in the anomaly table.
func (k Kind) String() string {
	if k < kinds {
		return kindNames[k]
	}
	return "unknown"
}

// Detail is a sentence for a reader.
func (k Kind) Detail() string {
	switch k {
	case Conflict:
		return "bytes of the stream were sent again with others in their place; the first ones were taken"
	case AfterClose:
		return "payload came behind a FIN or RST"
	case HeldLimit:
		return "too many bytes waited behind a hole in the stream"
	case Unoffered:
		return "bytes beyond any window that the receiver offered were left out"
	}
	return ""
}

// Stats counts what a direction showed.
type Stats struct {
	Delivered   uint64 // bytes
	Missed      uint64 // bytes lost, as announced by gaps
	Gaps        uint32
	Retransmits uint32 // segments with nothing new, keep-alives not counted
	RexmtBytes  uint64 // bytes that came again, whole or part segments
	OutOfOrder  uint32 // segments that came early
	KeepAlives  uint32
	Conflicts   uint32
	AfterClose  uint32 // segments
	Doubtful    uint32 // segments with a wrong checksum, of which a sound copy was waited for
	Dropped     uint64 // bytes that were captured but not kept: caps, or out of window
}

// Conversation reassembles both directions of one TCP connection. The zero value is ready.
type Conversation struct {
	dir [2]half
}

// Stats gives the counts of a direction.
func (c *Conversation) Stats(dir dissect.Dir) *Stats { return &c.dir[dir].stats }

// Logical is the memory that held bytes count for.
func (c *Conversation) Logical() int { return c.dir[0].logical() + c.dir[1].logical() }

// Over tells whether both sides have ended the connection, and all that they sent was passed on.
func (c *Conversation) Over() bool { return c.dir[0].over() && c.dir[1].over() }

// Ignore says that nobody wants a direction's bytes: they are no longer held or delivered, but what is lost is still
// counted and announced, without data.
func (c *Conversation) Ignore(dir dissect.Dir) {
	h := &c.dir[dir]
	h.ignored, h.recent = true, nil
	for i := range h.held {
		h.heldBytes -= len(h.held[i].data)
		h.held[i].data = nil
	}
}

// Packet takes the next packet of the conversation.
func (c *Conversation) Packet(p *packet.Packet, dir dissect.Dir, s Sink) {
	t := &p.TCP
	h, peer := &c.dir[dir], &c.dir[dir.Other()]
	h.spoke = true
	seq := t.Seq
	if t.Flags&packet.SYN != 0 {
		h.syn(t)
		seq++
	}
	if t.Flags&packet.ACK != 0 && t.Flags&packet.RST == 0 {
		peer.acknowledged(t, h)
		peer.giveUp(dir.Other(), s)
	}
	if t.Flags&packet.RST != 0 {
		h.reset = h.reset || h.based
		return
	}
	if n := max(p.PayloadLen, len(p.Payload)); n > 0 {
		h.segment(seq, n, p, dir, s)
	}
	if t.Flags&packet.FIN != 0 && h.based {
		h.fin(h.offset(seq) + int64(max(p.PayloadLen, len(p.Payload))))
	}
}

// Close delivers what is held, with the gaps in front of it, and then what is known to be lost at the end.
func (c *Conversation) Close(s Sink) {
	for _, dir := range [...]dissect.Dir{dissect.FromClient, dissect.FromServer} {
		c.dir[dir].close(dir, s)
	}
}

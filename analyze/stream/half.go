package stream

import (
	"bytes"
	"slices"

	"wardtrace/analyze/packet"
	"wardtrace/dissect"
	"wardtrace/dissect/event"
)

// half is one direction. Offsets count payload bytes from its beginning.
type half struct {
	base       uint32 // sequence number of offset 0
	next       int64  // offset of the next byte to deliver
	ack        int64  // the highest offset that the receiver acknowledged
	edge       int64  // the highest offset that it offered to take
	unanswered int64  // bytes sent since the receiver last spoke
	finAt      int64  // offset of the FIN
	pending    int64  // bytes known to be lost before next, not announced yet
	lastRef    event.Ref
	ackSeq     uint32 // the last acknowledgement, while there is no base
	ackEdge    uint32 // and the edge of the window it offered
	shift      uint8  // window scale of this side as a receiver, plus one; 0 = not known
	based      bool
	synSeen    bool
	acked      bool // an acknowledgement was ever seen
	spoke      bool // a packet of this direction was ever seen
	finSeen    bool
	reset      bool
	ignored    bool
	doubts     bool // a segment with a wrong checksum was ever held
	noted      [kinds]bool
	held       []chunk // early bytes, by offset, without overlap
	heldBytes  int
	recent     *recent
	stats      Stats
}

// chunk is a stretch of early bytes.
type chunk struct {
	off, end int64  // end is past what the snap length cut off
	got      int64  // captured bytes
	data     []byte // these bytes; nil if ignored
	doubtful bool   // the segment's checksum is wrong: its receiver will not take it
	ref      event.Ref
}

func (h *half) logical() int { return h.heldBytes + len(h.held)*chunkBytes }

// offset gives the offset of a sequence number, taken to be within 2 GiB of the next byte.
func (h *half) offset(seq uint32) int64 {
	return h.next + int64(int32(seq-h.base-uint32(h.next)))
}

// listening tells whether the receiver's acknowledgements can be judged by: it has spoken, and not fallen silent since.
func (h *half) listening() bool { return h.acked && h.unanswered <= HeldMax }

// begin sets the numbering: seq is that of the first payload byte.
func (h *half) begin(seq uint32) {
	h.base, h.next, h.based = seq, 0, true
	if h.acked {
		h.ack, h.edge = int64(int32(h.ackSeq-seq)), int64(int32(h.ackEdge-seq))
	}
}

// syn takes a SYN. One with another number begins anew as long as nothing was delivered.
func (h *half) syn(t *packet.TCP) {
	h.shift = min(t.WScale, maxShift+1)
	if h.shift == 0 {
		h.shift = 1 // no option: no scaling (RFC 7323 2.2)
	}
	h.synSeen = true
	if !h.based || h.next == 0 && len(h.held) == 0 {
		h.begin(t.Seq + 1)
	}
}

// maxShift is the largest window scale (RFC 7323 2.3); it is assumed where the handshake was not seen.
const maxShift = 14

// acknowledged takes the receiver's acknowledgement and window.
func (h *half) acknowledged(t *packet.TCP, receiver *half) {
	window := int64(t.Window)
	switch {
	case t.Flags&packet.SYN != 0: // never scaled (RFC 7323 2.2)
	case receiver.shift == 0 || h.shift == 0:
		window <<= maxShift
	case receiver.shift > 1 && h.shift > 1:
		window <<= receiver.shift - 1
	}
	h.unanswered = 0
	if !h.based && !h.acked && receiver.synSeen {
		h.begin(t.Ack) // the SYN was lost, but here is what answers it
	}
	if !h.based {
		h.acked, h.ackSeq, h.ackEdge = true, t.Ack, t.Ack+uint32(window)
		return
	}
	ack := h.offset(t.Ack)
	if h.finSeen && ack == h.finAt+1 {
		ack-- // a FIN is acknowledged like a byte
	}
	if ack > h.top()+ackMax {
		return
	}
	h.ack = max(h.ack, ack)
	h.edge = max(h.edge, ack+window)
	h.acked = true
}

// top is the end of the highest bytes seen.
func (h *half) top() int64 {
	if n := len(h.held); n > 0 {
		return max(h.next, h.held[n-1].end)
	}
	return h.next
}

// segment takes payload.
func (h *half) segment(seq uint32, n int, p *packet.Packet, dir dissect.Dir, s Sink) {
	if !h.based {
		if n == 1 && h.acked && seq+1 == h.ackSeq {
			h.stats.KeepAlives++ // the byte it repeats was before the capture
			return
		}
		h.begin(seq)
	}
	h.unanswered += int64(n)
	off := h.offset(seq)
	end := off + int64(n)
	if h.reset || h.finSeen && h.next >= h.finAt && end > h.finAt {
		h.stats.AfterClose++
		h.note(AfterClose, dir, p.Ref, s)
	}
	if h.finSeen && h.next == h.finAt && off == h.finAt+1 {
		h.next = off // the FIN's own number is no hole
	}
	doubtful := p.Flags&packet.BadSum != 0 && h.listening()
	if doubtful {
		h.stats.Doubtful++
	}
	switch {
	case end <= h.next:
		h.repeated(off, n, p, dir, s)
	case off <= h.next && len(h.held) == 0 && !doubtful:
		h.inOrder(off, end, p, dir, s)
	default:
		h.early(off, end, p, dir, s)
	}
}

// repeated takes a segment all of whose bytes were passed.
func (h *half) repeated(off int64, n int, p *packet.Packet, dir dissect.Dir, s Sink) {
	if n == 1 && off == h.next-1 {
		h.stats.KeepAlives++
		return
	}
	h.stats.Retransmits++
	h.stats.RexmtBytes += uint64(n)
	h.compare(off, p, dir, s)
}

// inOrder passes a segment on: the common case, without a copy.
func (h *half) inOrder(off, end int64, p *packet.Packet, dir dissect.Dir, s Sink) {
	data := p.Payload
	if again := h.next - off; again > 0 {
		h.stats.RexmtBytes += uint64(again)
		h.compare(off, p, dir, s)
		data = data[min(int(again), len(data)):]
	}
	h.remember(off, p)
	h.deliver(data, int64(len(data)), end-h.next, p.Ref, dir, s)
}

// deliver passes on the next span bytes, of which got were captured and the rest were cut off.
func (h *half) deliver(data []byte, got, span int64, ref event.Ref, dir dissect.Dir, s Sink) {
	h.next += span
	h.lastRef = ref
	if got > 0 {
		h.stats.Delivered += uint64(got)
		h.emit(data, ref, dir, s)
	}
	h.pending += span - got
}

// emit announces the pending loss, and the bytes behind it.
func (h *half) emit(data []byte, ref event.Ref, dir dissect.Dir, s Sink) {
	gap := h.pending
	if gap > 0 {
		h.stats.Gaps++
		h.stats.Missed += uint64(gap)
		h.pending = 0
	}
	if h.ignored {
		data = nil
	}
	if gap > 0 || len(data) > 0 {
		s.Data(dir, int(gap), data, ref)
	}
}

// early takes a segment that is ahead of a hole, or meets bytes that are held.
func (h *half) early(off, end int64, p *packet.Packet, dir dissect.Dir, s Sink) {
	if off > h.next {
		h.stats.OutOfOrder++
	} else {
		h.remember(off, p)
	}
	h.hold(off, end, p, dir, s)
	h.drain(dir, s)
	h.giveUp(dir, s)
	for h.heldBytes > h.limit() || len(h.held) > HeldChunks {
		h.note(HeldLimit, dir, p.Ref, s)
		if h.listening() && h.ack < h.held[0].off {
			h.dropFarthest()
			continue
		}
		h.held[0].doubtful = false
		h.skip()
		h.drain(dir, s)
	}
}

func (h *half) limit() int {
	if h.listening() {
		return HeldMax
	}
	return HeldOneSided
}

// hold keeps the parts of a segment that are new: first received wins.
func (h *half) hold(off, end int64, p *packet.Packet, dir dissect.Dir, s Sink) {
	from := max(off, h.next)
	doubtful := p.Flags&packet.BadSum != 0 && h.listening()
	h.doubts = h.doubts || doubtful
	if h.doubts && !doubtful { // all that is held is looked at: not for each segment of a stream that is sound and full of holes
		h.replace(from, end)
	}
	i, _ := slices.BinarySearchFunc(h.held, from, func(c chunk, at int64) int {
		if c.end <= at {
			return -1
		}
		return 1
	})
	fresh, conflict := int64(0), false
	for from < end {
		to := end
		if i < len(h.held) {
			to = min(to, h.held[i].off)
		}
		if from < to {
			data := part(p.Payload, off, from, to)
			q := chunk{off: from, end: to, got: int64(len(data)), doubtful: doubtful, ref: p.Ref}
			if !h.ignored {
				q.data = bytes.Clone(data)
			}
			h.held = slices.Insert(h.held, i, q)
			h.heldBytes += len(q.data)
			fresh += to - from
			i, from = i+1, to
			continue
		}
		c := &h.held[i]
		to = min(end, c.end)
		a, b := part(c.data, c.off, from, to), part(p.Payload, off, from, to)
		n := min(len(a), len(b))
		conflict = conflict || !doubtful && !bytes.Equal(a[:n], b[:n])
		i, from = i+1, to
	}
	if conflict {
		h.stats.Conflicts++
		h.note(Conflict, dir, p.Ref, s)
	}
	if fresh == 0 {
		h.stats.Retransmits++
	}
	h.stats.RexmtBytes += uint64(end - off - fresh)
}

// replace forgets doubtful bytes in whose place sound ones have come.
func (h *half) replace(from, end int64) {
	h.held = slices.DeleteFunc(h.held, func(c chunk) bool {
		again := c.doubtful && c.off < end && c.end > from
		if again {
			h.heldBytes -= len(c.data)
		}
		return again
	})
}

// waits tells whether a chunk is better not taken yet: its checksum is wrong, and the receiver has not acknowledged it, so
// that other bytes may come in its place.
func (h *half) waits(c *chunk) bool { return c.doubtful && h.listening() && h.ack < c.end }

// part gives the bytes of offsets from to to, of data that begin at off, as far as they are there.
func part(data []byte, off, from, to int64) []byte {
	n := int64(len(data))
	return data[min(from-off, n):min(to-off, n)]
}

// drain delivers held chunks that have become next. The sink may call Ignore in between.
func (h *half) drain(dir dissect.Dir, s Sink) {
	n := 0
	for ; n < len(h.held) && h.held[n].off <= h.next && !h.waits(&h.held[n]); n++ {
		c := h.held[n]
		h.held[n].data = nil
		h.heldBytes -= len(c.data)
		if c.end > h.next { // it is not, if a FIN's number was passed over
			again := h.next - c.off
			h.deliver(c.data[min(int(again), len(c.data)):], max(c.got-again, 0), c.end-h.next, c.ref, dir, s)
		}
	}
	h.held = slices.Delete(h.held, 0, n)
	if len(h.held) == 0 {
		h.held = nil
	}
}

// skip takes the first hole for lost.
func (h *half) skip() {
	if hole := h.held[0].off - h.next; hole > 0 {
		h.pending += hole
		h.next += hole
	}
}

// giveUp takes holes for lost that the receiver acknowledged and that have bytes behind them.
func (h *half) giveUp(dir dissect.Dir, s Sink) {
	for len(h.held) > 0 && h.ack >= h.held[0].off && !h.waits(&h.held[0]) {
		h.skip()
		h.drain(dir, s)
	}
}

// dropFarthest forgets the chunk farthest ahead.
func (h *half) dropFarthest() {
	last := len(h.held) - 1
	h.heldBytes -= len(h.held[last].data)
	h.stats.Dropped += uint64(h.held[last].got)
	h.held[last] = chunk{}
	h.held = h.held[:last]
}

// fin takes a FIN.
func (h *half) fin(at int64) {
	if !h.finSeen && at >= h.next {
		h.finSeen, h.finAt = true, at
		if h.ack == at+1 {
			h.ack = at
		}
	}
}

// over tells whether all up to the FIN was passed on.
func (h *half) over() bool {
	return h.finSeen && h.next >= h.finAt && len(h.held) == 0 && h.pending == 0
}

func (h *half) close(dir dissect.Dir, s Sink) {
	for i := range h.held {
		h.held[i].doubtful = false
	}
	for len(h.held) > 0 {
		if c := &h.held[0]; h.listening() && c.off > h.edge {
			h.note(Unoffered, dir, c.ref, s)
			for len(h.held) > 0 {
				h.dropFarthest()
			}
			break
		}
		h.skip()
		h.drain(dir, s)
	}
	h.held = nil
	if h.based && h.acked && h.spoke { // a direction that the capture has nothing of is not a gap
		lost := h.ack - h.next
		if !h.finSeen && lost == 1 {
			lost = 0 // a FIN that the capture lost is acknowledged like a byte
		}
		if lost > 0 {
			h.pending += lost
			h.next += lost
		}
	}
	h.emit(nil, h.lastRef, dir, s)
}

func (h *half) note(k Kind, dir dissect.Dir, ref event.Ref, s Sink) {
	if !h.noted[k] {
		h.noted[k] = true
		s.Note(dir, k, ref)
	}
}

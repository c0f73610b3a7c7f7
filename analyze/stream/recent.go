package stream

import (
	"bytes"
	"hash/crc32"

	"wardtrace/analyze/packet"
	"wardtrace/dissect"
)

// recentSegments is how many delivered segments are remembered for comparison: a forged answer races the true one, so
// the two come close together.
const recentSegments = 8

// recent remembers the last segments that were delivered, whose bytes are gone.
type recent struct {
	at   [recentSegments]print
	next int
}

// print is what is kept of a segment.
type print struct {
	off  int64
	n    int32 // captured bytes
	sum  uint32
	head [16]byte
}

func (h *half) remember(off int64, p *packet.Packet) {
	if h.ignored || len(p.Payload) == 0 || p.Flags&packet.BadSum != 0 {
		return
	}
	if h.recent == nil {
		h.recent = &recent{}
	}
	r := h.recent
	q := &r.at[r.next%recentSegments]
	r.next++
	q.off, q.n, q.sum = off, int32(len(p.Payload)), crc32.ChecksumIEEE(p.Payload)
	copy(q.head[:], p.Payload)
}

// compare looks whether a segment that begins where an earlier one began says something else.
func (h *half) compare(off int64, p *packet.Packet, dir dissect.Dir, s Sink) {
	if h.recent == nil || p.Flags&packet.BadSum != 0 { // damage is no attack
		return
	}
	for i := range min(h.recent.next, recentSegments) {
		q := &h.recent.at[i]
		if q.off != off {
			continue
		}
		n := min(int(q.n), len(p.Payload), len(q.head))
		same := bytes.Equal(q.head[:n], p.Payload[:n])
		if same && int(q.n) == len(p.Payload) {
			same = q.sum == crc32.ChecksumIEEE(p.Payload)
		}
		if !same {
			h.stats.Conflicts++
			h.note(Conflict, dir, p.Ref, s)
		}
		return
	}
}

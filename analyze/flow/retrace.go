package flow

import (
	"sort"

	"wardtrace/analyze/packet"
	"wardtrace/dissect/event"
)

// Retrace assigns packets to the flows that an earlier reading of the same captures made. It needs to know of the flows only where they
// begin: a flow is named by its first packet, flows of one key follow each other, and so a packet belongs to the last flow of its key that
// has begun. Why a flow ended, by silence, by reuse of its ports, or early for want of memory, need not be judged a second time.
//
// Only the wanted flows are remembered, so that a second reading needs no more memory than they do.
type Retrace struct {
	begins map[uint32][]uint32 // file -> frames at which flows begin, ascending
	wanted func(id uint64) bool
	keys   map[key]bool // set: flows of these keys are followed too
	open   map[key]uint64
}

// NewRetrace makes one for the flows with these identifiers, of which wanted says whether one is still followed.
func NewRetrace(ids []uint64, wanted func(id uint64) bool) *Retrace {
	r := &Retrace{begins: map[uint32][]uint32{}, wanted: wanted, keys: map[key]bool{}, open: map[key]uint64{}}
	for _, id := range ids {
		r.begins[uint32(id>>32)] = append(r.begins[uint32(id>>32)], uint32(id))
	}
	for _, f := range r.begins {
		sort.Slice(f, func(i, j int) bool { return f[i] < f[j] })
	}
	return r
}

// Mark has the flows followed that have the key of p.
func (r *Retrace) Mark(p *packet.Packet) {
	k, _ := keyOf(p)
	r.keys[k] = true
}

// Flow gives the flow of p; 0 if it is none of the wanted. Every packet must be shown, in the order of the earlier reading.
func (r *Retrace) Flow(p *packet.Packet) uint64 {
	begins := r.beginsAt(p.Ref)
	if !begins && len(r.open) == 0 {
		return 0
	}
	k, _ := keyOf(p)
	id, ok := r.open[k]
	switch {
	case begins:
		id = uint64(p.File)<<32 | uint64(p.Frame)
		if r.keys[k] || r.wanted(id) {
			r.open[k] = id
			return id
		}
		delete(r.open, k)
		return 0
	case ok && !r.keys[k] && !r.wanted(id): // all of it has come, and another flow of the key may have begun unseen
		delete(r.open, k)
		return 0
	}
	return id
}

// beginsAt tells whether a flow begins with a packet. Frames of a file ascend.
func (r *Retrace) beginsAt(ref event.Ref) bool {
	f := r.begins[ref.File]
	for len(f) > 0 && f[0] < ref.Frame {
		f = f[1:]
	}
	r.begins[ref.File] = f
	return len(f) > 0 && f[0] == ref.Frame
}

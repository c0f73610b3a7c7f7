package capture

import (
	"encoding/binary"
	"fmt"

	"wardtrace/dissect/event"
)

// doubling looks for a switch that mirrored each packet twice, on its way in and on its way out: the same bytes, the same
// IP identification, a moment later, all through a capture. Nothing is left out for it: what one interface saw twice may
// have been sent twice. It is told, as packets, bytes and retransmissions are then counted double. A part of the packets
// is enough to see it.
type doubling struct {
	last   [doubledNear]doubledMark
	at     int
	looked int64
	same   int64
}

type doubledMark struct {
	sum uint64
	at  event.Time
}

const (
	doubledEvery = 1024                  // of so many packets
	doubledLook  = 64                    // the first so many are looked at
	doubledNear  = 4                     // packets that lie between a packet and its double at most
	doubledSoon  = event.Time(1_000_000) // nanoseconds between them at most
	doubledLeast = 200                   // packets looked at before anything is said
	doubledShare = 0.3                   // of them, doubles; where all packets are doubled it is half
)

func (d *doubling) look(r *record) {
	_, b := fromNetwork(r.link, r.data)
	if len(b) < 28 || b[0]>>4 != 4 || b[4]|b[5] == 0 || r.time == 0 {
		return
	}
	u64 := binary.LittleEndian.Uint64
	sum := u64(b[4:]) ^ u64(b[12:])*0x9e3779b97f4a7c15 ^ u64(b[20:])*0xc2b2ae3d27d4eb4f ^ uint64(len(b))<<32 ^ uint64(r.iface)
	d.looked++
	for _, m := range d.last {
		if m.sum == sum && far(m.at, r.time) <= doubledSoon {
			d.same++
			return // a third is a double of the first again
		}
	}
	d.last[d.at%doubledNear] = doubledMark{sum, r.time}
	d.at++
}

// tell notes it if there is something to tell.
func (d *doubling) tell(in *input) {
	if d.looked < doubledLeast || float64(d.same) < doubledShare*float64(d.looked) {
		return
	}
	share := d.same * 100 / d.looked
	in.log.remark(event.Ref{Time: in.log.row.FirstTS, Frame: 1}, "capture_doubled", share,
		fmt.Sprintf("some %d %% of its packets are the one before again, within a millisecond, as a mirror port of both directions makes them: all are counted", share))
}

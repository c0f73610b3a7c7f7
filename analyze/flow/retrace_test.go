package flow

import (
	"encoding/binary"
	"testing"
	"time"

	"wardtrace/dissect/event"
)

// FuzzRetrace plays any packets to a table and again to a Retrace that knows only where flows began: whatever ended them, each packet
// must fall to the same flow.
func FuzzRetrace(f *testing.F) {
	f.Add([]byte{1, 0, 2, 0, 0, 0, 0, 1, 1, 1, 18, 0, 0, 0, 0, 1, 1, 0, 16, 0, 1, 0, 1, 1, 1, 0, 24, 0, 1, 9, 1, 1, 1, 0, 17, 0, 10, 0, 1, 1})
	f.Add([]byte{1, 0, 2, 0, 0, 0, 0, 255, 1, 0, 2, 9, 9, 0, 4, 255, 1, 16, 4, 0, 0, 0, 4, 255, 6, 3, 0, 0, 0, 5, 0, 255, 1, 0, 2, 0, 0, 0, 0, 1})
	f.Add([]byte{2, 0, 0, 0, 0, 9, 4, 200, 2, 1, 0, 0, 0, 9, 0, 250, 2, 0, 8, 0, 0, 9, 4, 200, 2, 1, 0, 0, 0, 9, 0, 1})
	f.Fuzz(func(t *testing.T, in []byte) {
		table := NewTable(Options{}, func(*Flow) {})
		var want, ids []uint64
		left := map[uint64]int{}
		now := event.Time(1e18)
		each := func(do func(b []byte, frame uint32, now event.Time)) {
			for i := 0; i+8 <= len(in); i += 8 {
				now += event.Time(in[i+7]) * event.Time(in[i+7]) * event.Time(time.Second) / 8
				do(in[i:i+8], uint32(i/8+1), now)
			}
		}
		each(func(b []byte, frame uint32, now event.Time) {
			fl, _, fresh := table.Packet(fuzzPacket(b, frame, now), uint64(frame), now)
			if want = append(want, fl.ID); fresh {
				ids = append(ids, fl.ID)
			}
			left[fl.ID]++
			if b[6]&15 == 4 { // memory ran out
				table.Evict(uint64(binary.BigEndian.Uint16(b[4:])))
			}
		})
		now = 1e18
		half := func(id uint64) bool { return id%2 == 0 && left[id] > 0 }
		r := NewRetrace(ids, half)
		each(func(b []byte, frame uint32, now event.Time) {
			id := r.Flow(fuzzPacket(b, frame, now))
			if w := want[frame-1]; w%2 == 0 && id != w || w%2 == 1 && id != 0 {
				t.Fatalf("frame %d falls to %#x, was in %#x", frame, id, w)
			}
			left[id]--
		})
		if len(r.open) > len(ids) {
			t.Fatalf("%d flows are open of %d", len(r.open), len(ids))
		}
	})
}

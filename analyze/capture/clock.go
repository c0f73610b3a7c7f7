package capture

import (
	"fmt"
	"math"
	"slices"
	"time"

	"wardtrace/dissect/event"
)

// The running clock of an input is the running maximum of its packets' times, except that a wild stamp does not move
// it: one packet stamped 2106 must not hold up its file, nor one stamped 1970 rush it, and neither may put it in the
// wrong place among the others. The rule, the same for every input and every run:
//
//   - A step of at most clockJump, forwards or backwards, is not doubted.
//   - A larger step is put to the next clockWitnesses packets. It is real if more than half of them lie nearer to the
//     new time than to the old: then the clock moves, backwards as well. Otherwise the stamp is wild: the packet keeps
//     it, the clock stays, and an anomaly is noted.
//   - A last packet that no other follows is believed up to clockAlone.
//   - A first packet is wild if it lies more than clockJump after the median of itself and its witnesses, or more than
//     clockStart before it; then the clock begins at the first of them that is not.
//
// A packet without a time (pcapng's simple packets) takes the clock as it is.

// tick moves the clock on to the packet that was just read, and reports whether its stamp is to be believed.
func (in *input) tick() bool {
	t := in.rec.time
	if t == 0 {
		return false
	}
	if !in.started {
		return in.begin(t)
	}
	step := sub(t, in.clock)
	if step <= clockJump && step >= -clockJump {
		in.clock = max(in.clock, t)
		return true
	}
	return in.doubt(t, step)
}

func (in *input) begin(t event.Time) bool {
	in.started = true
	times := append(in.ask(), t)
	sorted := slices.Clone(times)
	slices.Sort(sorted)
	mid := sorted[len(sorted)/2]
	fits := func(t event.Time) bool { return sub(t, mid) <= clockJump && sub(mid, t) <= clockStart }
	if fits(t) {
		in.clock = t
		return true
	}
	in.clock = times[slices.IndexFunc(times, fits)]
	in.wild(t)
	return false
}

func (in *input) doubt(t, step event.Time) bool {
	with, against := 0, 0
	for _, w := range in.ask() {
		if far(w, t) < far(w, in.clock) {
			with++
		} else {
			against++
		}
	}
	if with+against == 0 && step <= clockAlone && step >= -clockAlone {
		with++
	}
	if with <= against {
		in.wild(t)
		return false
	}
	if step < 0 {
		in.log.noteAt(in.ref(), "capture_clock_step", int64(-step/1e9),
			fmt.Sprintf("time steps back by %v at packet %d", time.Duration(-step).Round(time.Second), in.frame))
	}
	in.clock = t
	return true
}

func (in *input) wild(t event.Time) {
	in.log.noteAt(in.ref(), "capture_clock_jump", 1,
		fmt.Sprintf("packet %d is stamped %s, far from its neighbours: kept, but not used to put packets in order",
			in.frame, time.Unix(0, int64(t)).UTC().Format("2006-01-02T15:04:05Z")))
}

// ask gives the times of the packets that follow, reading ahead as far as clockWitnesses.
func (in *input) ask() []event.Time {
	in.hold()
	for in.queued < clockWitnesses && in.ended == nil {
		q := &in.queue[(in.queueAt+in.queued)%len(in.queue)]
		if in.decode(&q.rec) != nil {
			break
		}
		q.data = append(q.data[:0], q.rec.data...)
		q.rec.data = q.data
		in.queued++
	}
	var times []event.Time
	for i := range in.queued {
		if t := in.queue[(in.queueAt+i)%len(in.queue)].rec.time; t != 0 {
			times = append(times, t)
		}
	}
	return times
}

// queued is a packet read ahead, with bytes of its own.
type queued struct {
	rec  record
	data []byte
}

// hold gives the current packet bytes of its own, before the decoder overwrites them.
func (in *input) hold() {
	in.held = append(in.held[:0], in.rec.data...)
	in.rec.data = in.held
}

// pull takes the next packet, from those read ahead or from the decoder.
func (in *input) pull() error {
	if in.queued > 0 {
		in.rec = in.queue[in.queueAt].rec
		in.queueAt = (in.queueAt + 1) % len(in.queue)
		in.queued--
		return nil
	}
	return in.decode(&in.rec)
}

// decode asks the decoder for a packet; once it has none it is not asked again.
func (in *input) decode(r *record) error {
	if in.ended == nil {
		if in.ended = in.dec.next(r); in.ended == nil {
			in.log.frame += 1 + r.gap
			in.log.time = r.time
		}
	}
	return in.ended
}

// sub is a minus b, held within what fits.
func sub(a, b event.Time) event.Time {
	d := a - b
	if b < 0 && a > 0 && d < 0 {
		return math.MaxInt64
	}
	if b > 0 && a < 0 && d > 0 {
		return -math.MaxInt64
	}
	return max(d, -math.MaxInt64)
}

func far(a, b event.Time) event.Time {
	d := sub(a, b)
	return max(d, -d)
}

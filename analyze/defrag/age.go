package defrag

import (
	"fmt"

	"wardtrace/analyze/packet"
	"wardtrace/dissect/event"
)

// queue is a list of datagrams, oldest first. A datagram is in one queue from begin to drop.
type queue struct{ front, back *datagram }

func (q *queue) push(d *datagram) {
	d.prev, d.next = q.back, nil
	if q.back == nil {
		q.front = d
	} else {
		q.back.next = d
	}
	q.back = d
}

func (q *queue) remove(d *datagram) {
	if d.prev == nil {
		q.front = d.next
	} else {
		d.prev.next = d.next
	}
	if d.next == nil {
		q.back = d.prev
	} else {
		d.next.prev = d.prev
	}
	d.prev, d.next = nil, nil
}

// The queues: incomplete datagrams by version, since their timeouts differ, and complete ones.
const (
	incomplete4 = iota
	incomplete6
	complete
	queues
)

var timeouts = [queues]event.Time{timeout4, timeout6, repeatTime}

func (f *Defrag) queue(d *datagram) *queue {
	switch {
	case d.done:
		return &f.age[complete]
	case d.key.src.Is4():
		return &f.age[incomplete4]
	}
	return &f.age[incomplete6]
}

// finish keeps of a complete datagram what is needed to know its duplicates.
func (f *Defrag) finish(d *datagram) {
	f.queue(d).remove(d)
	d.done, d.since = true, f.now
	f.queue(d).push(d)
	f.held -= d.cost
	d.cost = datagramCost + pieceCost*len(d.pieces)
	f.held += d.cost
	for i := range d.pieces {
		d.pieces[i].data = nil
	}
	f.shrink()
}

// expire gives up what is too old.
func (f *Defrag) expire() {
	for i := range f.age {
		for d := f.age[i].front; d != nil && f.now-d.since > timeouts[i]; d = f.age[i].front {
			f.giveUp(d, "ip_fragment_timeout", "a datagram was not complete in time")
		}
	}
}

// shrink gives up the oldest until the limit holds.
func (f *Defrag) shrink() {
	for f.held > f.limit && len(f.open) > 0 {
		f.evict()
	}
}

// evict gives up a complete datagram if there is one, else the oldest.
func (f *Defrag) evict() {
	var old *datagram
	for i := range f.age {
		d := f.age[i].front
		if d != nil && (old == nil || d.done || d.since < old.since) {
			old = d
		}
	}
	if old != nil {
		f.giveUp(old, "ip_fragment_limit", "a datagram was given up to make room for others")
	}
}

func (f *Defrag) giveUp(d *datagram, kind, detail string) {
	if !d.done {
		f.notes.add(d.first, d.key.src, d.key.dst, kind, int64(d.fragments), detail)
	}
	f.drop(d)
}

func (f *Defrag) drop(d *datagram) {
	f.queue(d).remove(d)
	delete(f.open, d.key)
	f.held -= d.cost
}

// Flush ends the run: what is incomplete is noted. The Defrag can be used again.
func (f *Defrag) Flush() {
	for i := range f.age {
		for d := f.age[i].front; d != nil; d = f.age[i].front {
			f.giveUp(d, "ip_fragment_incomplete", "the capture ended before a datagram was complete")
		}
	}
	f.notes.close()
}

// Held is the number of bytes held.
func (f *Defrag) Held() int { return f.held }

func (f *Defrag) note(p *packet.Packet, kind string, count int64, detail string) {
	f.notes.add(p.Ref, p.Src, p.Dst, kind, count, detail)
}

// protocol names the version for anomaly rows.
func protocol(is4 bool) string {
	if is4 {
		return "ip"
	}
	return "ip6"
}

func sentence(detail, src, dst string) string { return fmt.Sprintf("%s, %s > %s", detail, src, dst) }

package http

import (
	"fmt"

	"wardtrace/dissect"
	"wardtrace/dissect/event"
)

func (d *dissector) beginRequest(seg *dissect.Segment, h *half, line []byte, out *event.Batch) {
	d.depth++
	ex := &exchange{ref: seg.Ref, dir: seg.Dir}
	ex.row.TransDepth = d.depth
	ex.row.RequestSeen, ex.row.Reversed = true, seg.Dir != dissect.FromClient
	if len(d.queue) >= maxPending {
		dissect.Anomaly(out, seg.Ref, protocolName, "http_pending_limit", 1,
			fmt.Sprintf("more than %d requests wait for a response; the oldest was closed without", maxPending))
		if !d.queue[0].answering {
			d.skip++
		}
		d.emit(d.queue[0], out)
		d.queue = d.queue[1:]
	}
	d.queue = append(d.queue, ex)
	d.load(ex, seg.Ref, out)
	h.msg = message{ex: ex, request: true, remaining: -1}
	h.msg.requestLine(line)
	ex.path = h.msg.path
}

func (d *dissector) beginResponse(seg *dissect.Segment, h *half, line []byte, out *event.Batch) {
	ex := d.pairing(seg, out)
	ex.answering = true
	h.msg = message{ex: ex, remaining: -1}
	h.msg.statusLine(line)
	if ex.row.ResponseSeen && ex.asked != 0 && !ex.row.ResponseMS.OK && seg.Time >= ex.asked {
		ex.row.ResponseMS = event.Some(float64(seg.Time-ex.asked) / 1e6)
	}
}

// awaits tells whether a response is due from this side.
func (d *dissector) awaits(dir dissect.Dir) bool {
	for _, ex := range d.queue {
		if !ex.answering {
			return ex.dir != dir
		}
	}
	return false
}

// pairing finds the oldest request without response. Without one the response stands alone.
func (d *dissector) pairing(seg *dissect.Segment, out *event.Batch) *exchange {
	if d.skip == 0 {
		for _, ex := range d.queue {
			if !ex.answering {
				return ex
			}
		}
	} else {
		d.skip--
	}
	d.depth++
	ex := &exchange{ref: seg.Ref, dir: seg.Dir.Other(), alone: true}
	ex.row.TransDepth, ex.row.Reversed = d.depth, seg.Dir == dissect.FromClient
	d.load(ex, seg.Ref, out)
	return ex
}

package dri

import (
	"bytes"
	"wardtrace/dissect"
	"wardtrace/dissect/event"
)

// Caps of one conversation.
const (
	maxFaults = 16 // anomalies
	maxTold   = 8  // identity assertions
)

// Protocol is DRI.
var Protocol = &dissect.Protocol{
	Name:       "dri",
	Spec:       "GE S/5 Computer Interface Specification 8005313",
	Transports: []dissect.Transport{dissect.TCP},
	MaxBuffer:  maxFrame + 2,
	Tables:     []*event.Table{records.Desc(), alarms.Desc(), logins.Desc(), patients.Desc()},
	Probe:      probe,
	New:        func(c *dissect.Conn) dissect.Dissector { return &dissector{conn: c} },
}

// probe says yes to one whole record that is right in all. The side that asks is the client.
func probe(c *dissect.Conn, dir dissect.Dir, first []byte) dissect.Match {
	from, to := between(first)
	if from > 0 && !c.Midstream && !allFlags(first[:min(from, len(first))]) {
		return dissect.No
	}
	if from >= len(first) {
		return dissect.No
	}
	var room [maxRecord + 2]byte
	if to < 0 {
		b, ok := unstuff(room[:], trimEscape(first[from+1:]))
		if _, v := check(b, false); !ok || v == bad {
			return dissect.No
		}
		return dissect.Maybe
	}
	b, ok := unstuff(room[:], first[from+1:to])
	h, v := check(b, true)
	switch {
	case !ok || v != sound:
		return dissect.No
	case h.isRequest() == (dir == dissect.FromServer) && c.Guessed:
		return dissect.Swapped
	}
	return dissect.Yes
}

func allFlags(b []byte) bool {
	for _, x := range b {
		if x != flag {
			return false
		}
	}
	return true
}

// trimEscape leaves out an escape whose second byte is not there yet.
func trimEscape(b []byte) []byte {
	if n := len(b); n > 0 && b[n-1] == escape {
		return b[:n-1]
	}
	return b
}

type dissector struct {
	conn    *dissect.Conn
	lost    [2]bool // bytes in front of the next flag belong to a record whose beginning is missing
	garbage [2]int  // bytes between records, not told yet
	screen  screen
	patient Patient
	told    int
	faults  int
}

func (d *dissector) Feed(seg *dissect.Segment, out *event.Batch) (dissect.Progress, error) {
	if seg.Gap > 0 {
		d.lost[seg.Dir], d.garbage[seg.Dir] = true, 0
	}
	used := 0
	for {
		rest := seg.Data[used:]
		from, to := between(rest)
		if from < len(rest) {
			d.found(rest[:from], seg, out)
		} else if !d.lost[seg.Dir] {
			d.garbage[seg.Dir] += len(rest)
		}
		used += from
		switch {
		case to >= 0 && to-from-1 > maxFrame:
			d.garbage[seg.Dir] += to - from - 1
			used += to - from
			continue
		case to >= 0:
			d.frame(rest[from+1:to], seg, out)
			used += to - from
			continue
		case len(rest)-from-1 > maxFrame:
			d.garbage[seg.Dir] += len(rest) - from - 1
			used = len(seg.Data)
		}
		return dissect.Progress{Used: used}, nil
	}
}

func (d *dissector) Close(*event.Batch) {}

// found is called at an opening flag, with what stood in front of it.
func (d *dissector) found(before []byte, seg *dissect.Segment, out *event.Batch) {
	if !d.lost[seg.Dir] && !allFlags(before) {
		d.garbage[seg.Dir] += len(bytes.TrimRight(before, string(rune(flag)))) // flags that fill the line are none
	}
	d.lost[seg.Dir] = false
	if n := d.garbage[seg.Dir]; n > 0 {
		d.garbage[seg.Dir] = 0
		d.complain(seg.Ref, out, "dri_not_a_record", int64(n), "bytes between records belong to none")
	}
}

func (d *dissector) complain(ref event.Ref, out *event.Batch, kind string, count int64, detail string) {
	if d.faults++; d.faults <= maxFaults {
		dissect.Anomaly(out, ref, "dri", kind, count, detail)
	}
}

// frame reads what stands between two flags.
func (d *dissector) frame(b []byte, seg *dissect.Segment, out *event.Batch) {
	var room [maxRecord + 2]byte
	record, ok := unstuff(room[:], b)
	h, v := check(record, true)
	switch {
	case !ok || v == bad:
		d.complain(seg.Ref, out, "dri_not_a_record", int64(len(b)), "what stands between two flags is no record")
	case v == damaged:
		d.complain(seg.Ref, out, "dri_bad_sum", 1, "the sum of a record is wrong: it was not read")
	default:
		d.record(h, record[:h.length], seg, out)
	}
}

package alaris

import (
	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
)

// Protocol is the ASCII protocol of Alaris syringe pumps.
var Protocol = &dissect.Protocol{
	Name:       "alaris",
	Spec:       "Alaris/Asena syringe pump ASCII protocol (not published; as open clients speak it)",
	Transports: []dissect.Transport{dissect.TCP},
	MaxBuffer:  maxFrame,
	Tables:     []*event.Table{frames.Desc()},
	Probe:      probe,
	New:        func(c *dissect.Conn) dissect.Dissector { return &conversation{conn: c} },
}

// escape ends what was begun; pumps and hosts send it before they begin anew.
const escape = 0x1b

// probe wants a whole frame with the right check sum.
func probe(c *dissect.Conn, dir dissect.Dir, first []byte) dissect.Match {
	cur := cursor.New(first)
	for i := 0; i < 4 && between(cur.Peek(0)) && cur.More(); i++ {
		cur.Skip(1)
	}
	if !cur.More() {
		return dissect.Maybe
	}
	f, _, r := next(&cur)
	switch {
	case r == short:
		return dissect.Maybe
	case r != whole || !f.ok:
		return dissect.No
	case c.Guessed && dir == dissect.FromServer && isQuery(&f):
		return dissect.Swapped // terminal servers wait for the host, which asks
	}
	return dissect.Yes
}

// between tells whether b may stand between frames.
func between(b byte) bool { return b == escape || b == '\r' || b == '\n' }

// isQuery tells whether a frame is certainly the host's.
func isQuery(f *frame) bool {
	act, known := words[f.word]
	return known && act == asks && len(f.args) == 0
}

// conversation is one connection with a pump.
type conversation struct {
	conn   *dissect.Conn
	host   dissect.Dir // who asks
	sure   bool        // that is known
	lost   [2]bool
	serial string
	rate   event.Opt[float64] // as told last
	vtbi   event.Opt[float64]
	volume event.Opt[float64]
	press  event.Opt[float64]
	alarm  string
	remote string
	bolus  string
	told   [2]string // serial number and protocol that were emitted as evidence
	said   bool
}

// Feed takes whole frames.
func (v *conversation) Feed(seg *dissect.Segment, out *event.Batch) (dissect.Progress, error) {
	if seg.Gap > 0 {
		v.lost[seg.Dir] = true
		dissect.Anomaly(out, seg.Ref, "alaris", "alaris_gap", int64(seg.Gap), "bytes were lost: the next frame is searched for")
	}
	c := cursor.New(seg.Data)
	for c.More() {
		if between(c.Peek(0)) {
			c.Skip(1)
			continue
		}
		f, wire, r := next(&c)
		switch r {
		case short:
			return dissect.Progress{Used: c.Offset(), Need: c.Len() + 1}, nil
		case broken:
			v.resync(&c, seg, out)
		default:
			c.Skip(wire)
			v.lost[seg.Dir] = false
			v.frame(&f, seg, out)
		}
	}
	return dissect.Progress{Used: c.Offset()}, nil
}

// resync passes over what is no frame, to the next !. What follows a loss is no fault of the sender's.
func (v *conversation) resync(c *cursor.Cursor, seg *dissect.Segment, out *event.Batch) {
	if !v.lost[seg.Dir] {
		v.lost[seg.Dir] = true
		dissect.Anomaly(out, seg.Ref, "alaris", "alaris_no_frame", 1, "bytes between frames that are none: passed over to the next one")
	}
	c.Skip(1)
	for c.More() && c.Peek(0) != begin {
		c.Skip(1)
	}
}

// Close has nothing to flush: a frame that was cut off is none.
func (v *conversation) Close(*event.Batch) {}

// frame emits a frame and what it means.
func (v *conversation) frame(f *frame, seg *dissect.Segment, out *event.Batch) {
	if f.ok && isQuery(f) && !v.sure {
		v.host, v.sure = seg.Dir, true
	}
	row := Frame{Dir: seg.Dir.String(), Pump: seg.Dir != v.host, Word: f.word, Kind: "unread", Serial: v.serial, ChecksumOK: f.ok}
	if !f.ok {
		dissect.Anomaly(out, seg.Ref, "alaris", "alaris_checksum", 1, "the check sum of a frame is wrong; its arguments are not read")
		frames.Emit(out, seg.Ref, row)
		return
	}
	row.Args = v.args(f, &row)
	if row.Pump {
		v.answer(f, row, seg, out)
		return
	}
	row.Kind = "query"
	if act := words[f.word]; act == commands || len(f.args) > 0 {
		row.Kind = "command"
	}
	v.order(f, row, seg, out)
}

// args gives the arguments without the token that REMOTE_CTRL carries, and says whether it is the one that anybody can compute.
func (v *conversation) args(f *frame, row *Frame) []string {
	if f.word != "REMOTE_CTRL" && f.word != "REMOTE_CFG" || len(f.args) < 2 {
		return f.args
	}
	if sum, ok := hex4([]byte(f.args[1])); v.serial != "" && !row.Pump {
		row.Token = event.Some(ok && sum == checksum([]byte(v.serial)))
	}
	args := append([]string(nil), f.args...)
	args[1] = "****" // as the pump itself answers
	return args
}

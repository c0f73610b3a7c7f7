package terumo

import (
	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
)

// Protocol is the communication of Terufusion pumps.
var Protocol = &dissect.Protocol{
	Name:       "terumo",
	Spec:       "Terumo TERUFUSION TE-SS730/830, annex on communication",
	Transports: []dissect.Transport{dissect.TCP},
	MaxBuffer:  maxFrame + 1,
	Tables:     []*event.Table{frames.Desc()},
	Probe:      probe,
	New:        func(c *dissect.Conn) dissect.Dissector { return &conversation{conn: c} },
}

// probe wants a whole frame with the right check.
func probe(c *dissect.Conn, dir dissect.Dir, first []byte) dissect.Match {
	cur := cursor.New(first)
	text, ok, _, r := next(&cur)
	switch {
	case r == short:
		return dissect.Maybe
	case r != whole || !ok:
		return dissect.No
	}
	var row Frame
	if c.Guessed && dir == dissect.FromServer && read(text, &row) && row.Root == "REQ" {
		return dissect.Swapped // who asks opens the connection to a terminal server
	}
	return dissect.Yes
}

// conversation is one connection with a pump.
type conversation struct {
	conn *dissect.Conn
	lost [2]bool
	said bool
}

// Feed takes whole frames.
func (v *conversation) Feed(seg *dissect.Segment, out *event.Batch) (dissect.Progress, error) {
	if seg.Gap > 0 {
		v.lost[seg.Dir] = true
		dissect.Anomaly(out, seg.Ref, "terumo", "terumo_gap", int64(seg.Gap), "bytes were lost: the next frame is searched for")
	}
	c := cursor.New(seg.Data)
	for c.More() {
		text, ok, wire, r := next(&c)
		switch r {
		case short:
			return dissect.Progress{Used: c.Offset(), Need: c.Len() + 1}, nil
		case broken:
			v.resync(&c, seg, out)
		default:
			c.Skip(wire)
			v.lost[seg.Dir] = false
			v.frame(text, ok, seg, out)
		}
	}
	return dissect.Progress{Used: c.Offset()}, nil
}

// resync passes over what is no frame, to the next STX. What follows a loss is no fault of the sender's.
func (v *conversation) resync(c *cursor.Cursor, seg *dissect.Segment, out *event.Batch) {
	if !v.lost[seg.Dir] {
		v.lost[seg.Dir] = true
		dissect.Anomaly(out, seg.Ref, "terumo", "terumo_no_frame", 1, "bytes between frames that are none: passed over to the next one")
	}
	c.Skip(1)
	for c.More() && c.Peek(0) != stx {
		c.Skip(1)
	}
}

// frame emits a frame.
func (v *conversation) frame(text []byte, ok bool, seg *dissect.Segment, out *event.Batch) {
	row := Frame{Dir: seg.Dir.String(), Length: int64(len(text)), ChecksumOK: ok}
	switch {
	case !ok:
		dissect.Anomaly(out, seg.Ref, "terumo", "terumo_checksum", 1, "the check of a frame is wrong; its text is not read")
	case !read(text, &row):
		dissect.Anomaly(out, seg.Ref, "terumo", "terumo_xml", 1, "the text of a frame is no sound XML; what came before the fault is kept")
	}
	frames.Emit(out, seg.Ref, row)
	if ok && row.Root == "REQ" && !v.said {
		v.said = true
		v.identify(seg, out)
	}
}

// identify tells that whoever is asked is a pump, or the terminal server in front of it.
func (v *conversation) identify(seg *dissect.Segment, out *event.Batch) {
	host, mac := v.conn.Server, v.conn.ServerMAC
	if seg.Dir == dissect.FromServer {
		host, mac = v.conn.Client, v.conn.ClientMAC
	}
	for _, x := range [][2]string{{"vendor", "Terumo"}, {"model", "Terufusion"}, {"class", "pump"}} {
		id := event.Identity{MAC: mac.String(), Attribute: x[0], Value: x[1], Source: "terumo.req", Confidence: 60}
		if host.IsValid() {
			id.IP = host.Addr().String()
		}
		event.Identities.Emit(out, seg.Ref, id)
	}
}

// Close has nothing to flush: a frame that was cut off is none.
func (v *conversation) Close(*event.Batch) {}

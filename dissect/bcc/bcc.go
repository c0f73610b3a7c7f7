package bcc

import (
	"bytes"

	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/dnsname"
	"wardtrace/dissect/event"
)

// Protocol is BCC.
var Protocol = &dissect.Protocol{
	Name:       "bcc",
	Spec:       "B. Braun I0022_000030, version 4.0",
	Transports: []dissect.Transport{dissect.TCP},
	Ports:      []uint16{port},
	MaxBuffer:  2*maxBlock + 1,
	Tables:     []*event.Table{blocks.Desc(), values.Desc()},
	Probe:      probe,
	New:        func(c *dissect.Conn) dissect.Dissector { return &conversation{conn: c, pumps: map[string]*pump{}} },
}

const port = 4001

// Limits of one conversation.
const (
	maxPumps  = 128  // three pillars of 24 slots and the ComDevice are 73
	maxKeys   = 256  // keys of a pump; the specification has some 130
	maxValues = 1000 // values of a block; more is no read-out
	maxCell   = 128  // bytes of a value: names of drugs and lists
)

// probe wants a block whose length and check sum are right. Acknowledgements of blocks that were not seen may stand in front.
func probe(c *dissect.Conn, _ dissect.Dir, first []byte) dissect.Match {
	cur := cursor.New(first)
	for i := 0; i < 4 && (cur.Peek(0) == ack || cur.Peek(0) == nak); i++ {
		cur.Skip(1)
	}
	if !cur.More() {
		return dissect.Maybe
	}
	if c.Midstream && cur.Peek(0) != soh { // in the middle of a block: its end says where the next one begins
		at := bytes.Index(first, []byte{eot, soh})
		if at < 0 {
			return dissect.No
		}
		cur = cursor.New(first)
		cur.Skip(at + 1)
	}
	b, _, _, r := next(&cur)
	switch {
	case r == whole && b.ok:
	case r == short && len(first) >= dissect.ProbeLimit:
		if _, h := header(&cur); h != whole {
			return dissect.No
		}
	case r == short:
		return dissect.Maybe
	default:
		return dissect.No
	}
	if c.Guessed && c.Client.Port() == port && c.Server.Port() != port {
		return dissect.Swapped
	}
	return dissect.Yes
}

// conversation is one connection of a ComDevice with a server.
type conversation struct {
	conn  *dissect.Conn
	pumps map[string]*pump
	full  bool // the caps were told of
	known bool // the ComDevice was identified
	half  [2]struct{ lost bool }
}

// Feed takes whole blocks.
func (v *conversation) Feed(seg *dissect.Segment, out *event.Batch) (dissect.Progress, error) {
	h := &v.half[seg.Dir]
	if seg.Gap > 0 {
		h.lost = true
		dissect.Anomaly(out, seg.Ref, "bcc", "bcc_gap", int64(seg.Gap), "bytes were lost: the next block is searched for")
	}
	c := cursor.New(seg.Data)
	for c.More() {
		switch c.Peek(0) {
		case ack:
			c.Skip(1)
			continue
		case nak:
			if c.Skip(1); !h.lost {
				blocks.Emit(out, seg.Ref, Block{Dir: seg.Dir.String(), Kind: "nak"})
			}
			continue
		}
		b, wire, need, r := next(&c)
		switch r {
		case short:
			return dissect.Progress{Used: c.Offset(), Need: need}, nil
		case broken:
			v.resync(&c, seg, out)
		default:
			c.Skip(wire)
			h.lost = false
			v.block(&b, seg, out)
		}
	}
	return dissect.Progress{Used: c.Offset()}, nil
}

// resync passes over what is no block, to the next SOH. What follows a loss is no fault of the sender's.
func (v *conversation) resync(c *cursor.Cursor, seg *dissect.Segment, out *event.Batch) {
	h := &v.half[seg.Dir]
	if !h.lost {
		h.lost = true
		dissect.Anomaly(out, seg.Ref, "bcc", "bcc_no_block", 1, "bytes between blocks that are none: passed over to the next one")
	}
	c.Skip(1)
	for c.More() && c.Peek(0) != soh {
		c.Skip(1)
	}
}

// block emits what a block says.
func (v *conversation) block(b *block, seg *dissect.Segment, out *event.Batch) {
	row := Block{Dir: seg.Dir.String(), Kind: "response", BedID: dnsname.Clean(b.bed, maxBed), Last: b.last, Stuffed: b.stuffed,
		Length: event.Some(int64(b.length)), Checksum: b.ok}
	if !b.ok {
		dissect.Anomaly(out, seg.Ref, "bcc", "bcc_checksum", 1, "length or check sum of a block is wrong; its values are not read")
		row.Kind = "unread"
		blocks.Emit(out, seg.Ref, row)
		return
	}
	if text, known, is := request(b.info); is {
		row.Kind, row.Request, row.Unknown = "request", text, !known
		blocks.Emit(out, seg.Ref, row)
		return
	}
	v.response(b, row, seg, out)
}

// Close has nothing to flush: a block that was cut off is none.
func (v *conversation) Close(*event.Batch) {}

// identify tells once who the ComDevice is.
func (v *conversation) identify(seg *dissect.Segment, out *event.Batch) {
	if v.known {
		return
	}
	v.known = true
	v.say(seg, out, "vendor", "B. Braun", "bcc.frame", 80)
	v.say(seg, out, "class", "pump", "bcc.frame", 80)
	v.say(seg, out, "model", "SpaceCom", "bcc.frame", 60)
}

// say emits evidence about the sender of a response.
func (v *conversation) say(seg *dissect.Segment, out *event.Batch, attribute, value, source string, confidence int64) {
	host, mac := v.conn.Client, v.conn.ClientMAC
	if seg.Dir == dissect.FromServer {
		host, mac = v.conn.Server, v.conn.ServerMAC
	}
	id := event.Identity{MAC: mac.String(), Attribute: attribute, Value: value, Source: source, Confidence: confidence}
	if host.IsValid() {
		id.IP = host.Addr().String()
	}
	event.Identities.Emit(out, seg.Ref, id)
}

package dns

import (
	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
)

// Protocol is DNS and its kin.
var Protocol = &dissect.Protocol{
	Name:       "dns",
	Spec:       "RFC 1035, RFC 6762, RFC 4795, RFC 1002 section 4.2",
	Transports: []dissect.Transport{dissect.UDP, dissect.TCP},
	Ports:      []uint16{portDNS, portMDNS, portLLMNR, portNBNS},
	MaxBuffer:  frameLen + maxMessage,
	Tables:     []*event.Table{messages.Desc()},
	Probe:      probe,
	New:        newDissector,
}

const (
	portDNS   = 53
	portMDNS  = 5353
	portLLMNR = 5355
	portNBNS  = 137

	frameLen   = 2     // length in front of a message on a stream (RFC 1035, 4.2.2)
	maxMessage = 65535 // what it can say
)

// Caps of one conversation.
const (
	listCap     = 64   // answers told in a row; real ones have up to some tens, a flood of records fills a message
	pendingCap  = 512  // questions that wait for their response: a forwarder keeps some hundreds open on one port
	complainCap = 16   // anomalies
	identityCap = 1024 // assertions remembered as made
)

type dissector struct {
	conn    *dissect.Conn
	kind    kind
	lost    [2]bool // stream: where messages begin is not known
	pending map[asked]pending
	order   []asked // in the order they were asked, for eviction
	told    map[event.Identity]struct{}
	hosts   [2]struct{ ip, mac string } // of both sides as identities name them; made when they are first wanted
	faults  int
}

// asked is what a response repeats of its query.
type asked struct {
	id   uint16
	name string
	kind rtype
}

type pending struct {
	seq  uint32
	time event.Time
}

// What is remembered counts for in the memory budget, measured: a question, and an assertion that was made.
const (
	askedBytes = 192
	toldBytes  = 224
)

// Held is the number of bytes that questions and assertions take.
func (d *dissector) Held() int { return len(d.pending)*askedBytes + len(d.told)*toldBytes }

func newDissector(c *dissect.Conn) dissect.Dissector {
	return &dissector{conn: c, kind: kindOf(c)}
}

func kindOf(c *dissect.Conn) kind {
	for _, p := range [2]uint16{c.Server.Port(), c.Client.Port()} {
		switch p {
		case portDNS:
			return unicast
		case portMDNS:
			return mdns
		case portLLMNR:
			return llmnr
		case portNBNS:
			return nbns
		}
	}
	return unicast
}

func named(c *dissect.Conn) bool {
	for _, p := range [2]uint16{c.Server.Port(), c.Client.Port()} {
		switch p {
		case portDNS, portMDNS, portLLMNR, portNBNS:
			return true
		}
	}
	return false
}

func probe(c *dissect.Conn, dir dissect.Dir, first []byte) dissect.Match {
	if c.Transport == dissect.UDP {
		if !plausible(first, true, !named(c)) {
			return dissect.No
		}
		return oriented(c, dir, first)
	}
	cur := cursor.New(first)
	n := int(cur.U16())
	if !cur.Short() && n < headerLen {
		return dissect.No
	}
	if cur.Len() < min(n, headerLen+5) || cur.Short() { // the header, a root question
		if len(first) >= frameLen+headerLen && !plausible(first[frameLen:], false, false) {
			return dissect.No
		}
		return dissect.Maybe
	}
	whole := cur.Len() >= n
	if whole {
		first = cur.Bytes(n)
	} else {
		first = cur.Rest()
	}
	// A name that goes on behind what is there yet fails the strict test; wait for it, or trust the port.
	if !plausible(first, whole, true) {
		switch {
		case named(c) && plausible(first, whole, false):
			return oriented(c, dir, first)
		case !whole && len(first) < headerLen+260 && plausible(first, false, false):
			return dissect.Maybe
		}
		return dissect.No
	}
	return oriented(c, dir, first)
}

// oriented says which side a message shows to be the server. In multicast anybody says anything.
func oriented(c *dissect.Conn, dir dissect.Dir, first []byte) dissect.Match {
	cur := cursor.New(first)
	h := readHeader(&cur)
	if k := kindOf(c); c.Guessed && (k == unicast || k == llmnr) && h.response() != (dir == dissect.FromServer) {
		return dissect.Swapped
	}
	return dissect.Yes
}

// Feed takes one datagram, or what is there of a stream.
func (d *dissector) Feed(seg *dissect.Segment, out *event.Batch) (dissect.Progress, error) {
	if d.conn.Transport != dissect.TCP {
		d.message(seg.Data, seg, out)
		return dissect.Progress{}, nil
	}
	if seg.Gap > 0 {
		d.lost[seg.Dir] = true
	}
	c := cursor.New(seg.Data)
	for {
		if d.lost[seg.Dir] && !d.resync(&c, seg.Dir) {
			return dissect.Progress{Used: c.Offset(), Need: frameLen + headerLen + 1}, nil
		}
		look := c
		n := int(look.U16())
		switch {
		case look.Short():
			return dissect.Progress{Used: c.Offset(), Need: frameLen}, nil
		case !look.Need(n):
			return dissect.Progress{Used: c.Offset(), Need: frameLen + n}, nil
		}
		d.message(look.Bytes(n), seg, out)
		c = look
	}
}

// resync looks for the next plausible frame: a length that fits, a header with one question, a first label. False means
// that more bytes are needed; those that cannot begin a frame are passed over.
func (d *dissector) resync(c *cursor.Cursor, dir dissect.Dir) bool {
	for c.Need(frameLen + headerLen + 1) {
		look := *c
		n := int(look.U16())
		h := readHeader(&look)
		if label := look.U8(); n > headerLen+4 && h.possible() && h.qd == 1 && h.opcode() == 0 && h.flags&0x40 == 0 && label < 64 && h.an+h.ns+h.ar <= n/11 {
			d.lost[dir] = false
			return true
		}
		c.Skip(1)
	}
	return false
}

// Close has nothing to do: a question without a response is a row without one.
func (d *dissector) Close(*event.Batch) {}

// message makes the row of one message.
func (d *dissector) message(raw []byte, seg *dissect.Segment, out *event.Batch) {
	m := parse(raw)
	if m.bad != nil {
		d.complain(m, seg, out)
		if m.bad == errHeader {
			return
		}
	}
	row := d.row(m)
	key := asked{m.id, row.Query, m.first.kind}
	if m.response() && m.asked && d.kind != mdns {
		if p, ok := d.pending[key]; ok {
			row.QuerySeq = event.Some(int64(p.seq))
			row.RTT = event.Some(float64(seg.Time-p.time) / 1e6)
		}
	}
	seq := messages.Emit(out, seg.Ref, row)
	if !m.response() && m.asked && d.kind != mdns {
		d.remember(key, pending{seq, seg.Time})
	}
	d.identify(m, seg, out)
}

func (d *dissector) complain(m *message, seg *dissect.Segment, out *event.Batch) {
	if d.faults++; d.faults > complainCap {
		return
	}
	what := "dns_malformed"
	if seg.Cut > 0 {
		what = "dns_cut"
	}
	dissect.Anomaly(out, seg.Ref, "dns", what, 1, m.bad.Error())
}

// remember keeps a question for its response. It stays when the response was seen: a second, different response to one
// question is what a spoofer's race looks like.
func (d *dissector) remember(key asked, p pending) {
	if d.pending == nil {
		d.pending = map[asked]pending{}
	}
	if _, ok := d.pending[key]; !ok {
		if len(d.order) >= pendingCap {
			delete(d.pending, d.order[0])
			d.order = append(d.order[:0], d.order[1:]...)
		}
		d.order = append(d.order, key)
	}
	d.pending[key] = p
}

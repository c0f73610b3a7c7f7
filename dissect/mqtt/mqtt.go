package mqtt

import (
	"bytes"
	"hash"

	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
)

// Limits of one connection: a broker that is flooded on purpose must cost us no more than these.
const (
	maxHeld     = 128 << 10 // of a packet: topic and properties may take 64 KiB each
	maxText     = 1 << 10   // a cell: topics are paths of some levels
	maxFilters  = 64        // filters of a packet that get rows
	maxKeys     = 32        // names of JSON members a message
	maxInFlight = 4096      // packet identifiers that await an answer
	maxAliases  = 256       // topic aliases a direction (version 5)
	maxTopic    = 1 << 10   // topic of a packet that is taken for one after a loss
)

// Protocol is MQTT.
var Protocol = With()

// With gives the protocol as a carrier: whole application messages are offered to the protocols in carried.
func With(carried ...*dissect.Protocol) *dissect.Protocol {
	return &dissect.Protocol{
		Name:       "mqtt",
		Spec:       "OASIS MQTT 3.1.1 and 5; MQTT 3.1",
		Transports: []dissect.Transport{dissect.TCP},
		Ports:      []uint16{port, 1884, 11883},
		MaxBuffer:  maxHeld + 5,
		Tables:     tables(carried),
		Probe:      probe,
		New: func(c *dissect.Conn) dissect.Dissector {
			return &conversation{conn: c, carried: carried, unsure: c.Midstream}
		},
	}
}

// tables lists this protocol's and those of what it carries.
func tables(carried []*dissect.Protocol) []*event.Table {
	out := []*event.Table{packets.Desc(), subscriptions.Desc()}
	for _, p := range carried {
		out = append(out, p.Tables...)
	}
	return out
}

// port is MQTT's; on it a packet that makes sense is believed without CONNECT.
const port = 1883

// connectStarts are the variable headers with which CONNECT begins (3.1.2.1).
var connectStarts = [][]byte{[]byte("\x00\x04MQTT"), []byte("\x00\x06MQIsdp")}

// probe says yes to CONNECT. Without CONNECT, any packet that makes sense will do on MQTT's port, and two in a row
// elsewhere if the start of the connection was not seen.
func probe(c *dissect.Conn, dir dissect.Dir, first []byte) dissect.Match {
	switch m := isConnect(first); {
	case m == dissect.Yes && dir == dissect.FromServer && c.Guessed:
		return dissect.Swapped
	case m != dissect.No:
		return m
	}
	if c.Server.Port() == port || c.Client.Port() == port {
		m := plausible(first)
		if m == dissect.Yes && c.Guessed && isType(first, connack) && dir == dissect.FromClient {
			return dissect.Swapped
		}
		return m
	}
	if !c.Midstream {
		return dissect.No
	}
	return chained(first)
}

func isType(b []byte, t packetType) bool {
	c := cursor.New(b)
	return packetType(c.U8()>>4) == t
}

// isConnect tells whether b begins with CONNECT and the protocol's name, whatever its level.
func isConnect(b []byte) dissect.Match {
	c := cursor.New(b)
	if packetType(c.Peek(0)>>4) != connect {
		return dissect.No
	}
	c.Skip(1)
	n, _, state := remainingLength(&c)
	switch {
	case state == dissect.Maybe:
		return dissect.Maybe
	case state == dissect.No || n < 10:
		return dissect.No
	}
	rest := c.Rest()
	for _, start := range connectStarts {
		if bytes.HasPrefix(rest, start) {
			return dissect.Yes
		}
		if bytes.HasPrefix(start, rest) {
			return dissect.Maybe
		}
	}
	return dissect.No
}

// chained judges bytes from the middle of a connection: two packets in a row that make sense, one of them a PUBLISH.
func chained(b []byte) dissect.Match {
	m := plausible(b)
	if m != dissect.Yes {
		return m
	}
	c := cursor.New(b)
	one := isType(b, publish)
	c.Skip(1)
	n, _, _ := remainingLength(&c)
	if !c.Need(n) {
		return dissect.Maybe
	}
	c.Skip(n)
	rest := c.Rest()
	if len(rest) == 0 {
		return dissect.Maybe
	}
	if m = plausible(rest); m == dissect.Yes && !one && !isType(rest, publish) {
		return dissect.Maybe
	}
	return m
}

// conversation is one connection of a client with a broker.
type conversation struct {
	conn     *dissect.Conn
	carried  []*dissect.Protocol
	inside   dissect.Carrier
	keys     sameKeys // names in the message before, and those of numbers
	numeric  sameKeys
	half     [2]half
	level    uint8 // protocol level: 3, 4 or 5; 0 if not known
	guessed  bool  // it was not read from CONNECT
	clientID string
	opened   bool // CONNECT was seen
	resumed  bool // the session may be older than the connection
	unsure   bool // packets are missing: blame nobody
	crowded  bool // more packet identifiers are in flight than are remembered
	filters  map[uint16]*waiting
	known    map[event.Identity]struct{}
}

// half is one direction.
type half struct {
	ref     event.Ref // of the bytes taken last
	packets int64
	lost    bool              // the head of a packet must be found again
	dead    bool              // nothing more can be told apart
	topic   string            // of the PUBLISH before
	open    *passing          // a PUBLISH whose message passes unbuffered
	sent    map[uint16]bool   // packet identifiers of this side's PUBLISH that await an answer
	aliases map[uint16]string // topics by alias
}

// passing is a PUBLISH of more than maxHeld bytes.
type passing struct {
	row  Packet
	left int
	hash hash.Hash
}

// What is remembered counts for in the memory budget, measured: a packet identifier, an alias with its topic, and a filter that
// waits for its answer.
const (
	sentBytes   = 24
	aliasBytes  = 64 + maxText/4
	filterBytes = 256 + maxText/4
)

// Held is the number of bytes that what awaits an answer, and topic aliases take.
func (v *conversation) Held() int {
	n := 0
	for i := range v.half {
		n += len(v.half[i].sent)*sentBytes + len(v.half[i].aliases)*aliasBytes
	}
	for _, w := range v.filters {
		n += len(w.rows) * filterBytes
	}
	return n
}

// Feed takes whole packets.
func (v *conversation) Feed(seg *dissect.Segment, out *event.Batch) (dissect.Progress, error) {
	h := &v.half[seg.Dir]
	if h.dead {
		return dissect.Progress{Used: dissect.Rest}, nil
	}
	if seg.Gap > 0 {
		v.gap(h, seg, out)
	}
	h.ref = seg.Ref
	c := cursor.New(seg.Data)
	for c.More() {
		if h.open != nil {
			v.pass(h, &c, out)
			continue
		}
		if h.lost && !findPacket(&c) {
			break
		}
		h.lost = false
		need := v.packet(&c, seg, out)
		if h.dead {
			return dissect.Progress{Used: dissect.Rest}, nil
		}
		if need > 0 {
			return dissect.Progress{Used: c.Offset(), Need: need}, nil
		}
	}
	return dissect.Progress{Used: c.Offset()}, nil
}

// gap acts on a loss: inside a message that passes it is harmless but for the digest; elsewhere the next head of a packet
// must be found.
func (v *conversation) gap(h *half, seg *dissect.Segment, out *event.Batch) {
	n := seg.Gap
	v.unsure = true
	if p := h.open; p != nil {
		p.row.Complete = false
		if n <= p.left {
			p.left -= n
			if p.left == 0 {
				v.finish(h, out)
			}
			return
		}
		v.finish(h, out)
	}
	h.lost = true
	dissect.Anomaly(out, seg.Ref, "mqtt", "mqtt_gap", int64(n), "bytes of a packet were lost: the next one is searched for")
}

// Close ends what is open: a message that was cut off, and filters that nobody answered.
func (v *conversation) Close(out *event.Batch) {
	for i := range v.half {
		if h := &v.half[i]; h.open != nil {
			h.open.row.Complete = false
			v.finish(h, out)
		}
	}
	v.unanswered(out)
}

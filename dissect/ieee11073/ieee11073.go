package ieee11073

import (
	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
)

// Protocol is IEEE 11073-20601.
var Protocol = &dissect.Protocol{
	Name:       "ieee11073",
	Spec:       "IEEE 11073-20601:2014",
	Transports: []dissect.Transport{dissect.TCP, dissect.UDP},
	Ports:      []uint16{6464, 6024},
	MaxBuffer:  header + 0xFFFF,
	Tables:     []*event.Table{apdus.Desc(), associations.Desc(), objects.Desc(), values.Desc(), attributes.Desc()},
	Probe:      probe,
	New: func(c *dissect.Conn) dissect.Dissector {
		return &conversation{conn: c, configs: map[configKey]*config{}, maps: map[segmentKey]*segmentMap{}, told: map[string]bool{}}
	},
}

const (
	header  = 4
	maxAPDU = 64512 // 63 KiB: the largest APDU of an agent, clause 8.2
)

// Limits of one conversation: an agent has a handful of each.
const (
	maxObjects = 512  // of a configuration
	maxMap     = 32   // attributes of an object's map
	maxValues  = 1000 // of an APDU
	maxConfigs = 16   // configurations kept for later associations
	maxMaps    = 64   // maps of segments
	maxText    = 256  // bytes of a label or a specification
)

// match is whether bytes are an APDU's beginning.
type match uint8

const (
	no match = iota
	short
	yes
)

// needs are the bytes behind the choice that show three lengths.
var needs = map[uint16]int{aarq: 14, aare: 12, prst: 10}

// strong tells whether c stands at an APDU that nothing else looks like: three lengths agree, and the protocol or the
// operation is one that exists.
func strong(c cursor.Cursor) match {
	if !c.Need(2) {
		return short
	}
	choice := c.U16()
	if choice != aarq && choice != aare && choice != prst {
		return no
	}
	if !c.Need(needs[choice]) {
		return short
	}
	n := int(c.U16())
	switch choice {
	case aarq:
		version, count, list, proto, info := c.U32(), c.U16(), int(c.U16()), c.U16(), int(c.U16())
		if version&0x80000000 == 0 || count == 0 || list != n-8 || proto != 20601 || info > list-4 || count == 1 && info != list-4 {
			return no
		}
	case aare:
		result, proto, info := c.U16(), c.U16(), int(c.U16())
		if result > 8 || proto != 20601 || info != n-6 || c.U32() != 0x80000000 {
			return no
		}
	case prst:
		octets, _, service, length := int(c.U16()), c.U16(), c.U16(), int(c.U16())
		if octets != n-2 || length != octets-6 || serviceNames[service] == "" || length < leastOf(service) {
			return no
		}
	}
	return yes
}

// leastOf is the fewest bytes that an operation has.
func leastOf(service uint16) int {
	switch service {
	case eventReport, confirmedEventReport, eventResult:
		return 10
	case rorj:
		return 2
	case roer:
		return 4
	}
	return 6
}

func probe(c *dissect.Conn, _ dissect.Dir, first []byte) dissect.Match {
	cur := cursor.New(first)
	switch strong(cur) {
	case yes:
		if c.Transport == dissect.UDP && !wholeDatagram(cur) {
			return dissect.No
		}
		return dissect.Yes
	case short:
		if c.Transport == dissect.UDP {
			return dissect.No
		}
		return dissect.Maybe
	}
	if !c.Midstream || c.Transport != dissect.TCP {
		return dissect.No
	}
	for cur.More() { // joined in the middle of an APDU: another one behind it says what this is, if its end or its successor agrees
		cur.Skip(1)
		if strong(cur) == yes && followed(cur) {
			return dissect.Yes
		}
	}
	return dissect.No
}

func wholeDatagram(c cursor.Cursor) bool {
	c.Skip(2)
	n := int(c.U16())
	return c.Len() == n
}

// followed tells whether another APDU stands behind this one, or nothing.
func followed(c cursor.Cursor) bool {
	c.Skip(2)
	c.Skip(int(c.U16()))
	return !c.Short() && (!c.More() || strong(c) == yes)
}

// conversation is one connection.
type conversation struct {
	conn *dissect.Conn
	half [2]struct{ lost bool }

	asked    *Association // waits for its answer
	askedRef event.Ref
	systemID string // of the agent
	config   *config
	configs  map[configKey]*config
	maps     map[segmentKey]*segmentMap
	told     map[string]bool // identities and anomalies that were emitted; at most maxTold
}

// objectBytes and layoutBytes are what an object of a configuration and an element of a segment take of the memory budget, measured.
const (
	objectBytes = 512
	layoutBytes = 128
)

// Held is the number of bytes that configurations and maps of segments take.
func (v *conversation) Held() (n int) {
	for _, c := range v.configs {
		n += len(c.objects) * objectBytes
	}
	for _, m := range v.maps {
		n += len(m.elements) * layoutBytes
	}
	return n
}

// Feed takes whole APDUs.
func (v *conversation) Feed(seg *dissect.Segment, out *event.Batch) (dissect.Progress, error) {
	h := &v.half[seg.Dir]
	if seg.Gap > 0 {
		h.lost = true
		dissect.Anomaly(out, seg.Ref, "ieee11073", "ieee11073_gap", int64(seg.Gap), "bytes were lost: the next message is searched for")
	}
	if v.conn.Transport == dissect.UDP {
		v.datagram(seg, out)
		return dissect.Progress{}, nil
	}
	c := cursor.New(seg.Data)
	for c.More() {
		if m := v.begins(c, h.lost); m == short {
			return dissect.Progress{Used: c.Offset()}, nil
		} else if m == no {
			if !h.lost {
				v.once(out, seg.Ref, "ieee11073_no_apdu", "bytes between messages that are none: passed over to the next one")
			}
			h.lost = true
			c.Skip(1)
			continue
		}
		head := c
		choice, n := head.U16(), int(head.U16())
		if !head.Need(n) {
			return dissect.Progress{Used: c.Offset(), Need: header + n}, nil
		}
		h.lost = false
		c.Skip(header + n)
		v.apdu(choice, head.Sub(n), seg, out)
	}
	return dissect.Progress{Used: c.Offset()}, nil
}

// begins tells whether an APDU begins here. After a loss only what is certain is taken for one.
func (v *conversation) begins(c cursor.Cursor, lost bool) match {
	if lost {
		return strong(c)
	}
	if !c.Need(2) {
		if b := c.Peek(0); b < aarq>>8 || b > prst>>8 {
			return no
		}
		return short
	}
	if apduNames[c.U16()] == "" {
		return no
	}
	if !c.Need(2) {
		return short
	}
	if c.U16() < 2 {
		return no
	}
	return yes
}

// datagram takes one APDU.
func (v *conversation) datagram(seg *dissect.Segment, out *event.Batch) {
	c := cursor.New(seg.Data)
	choice, n := c.U16(), int(c.U16())
	switch {
	case apduNames[choice] == "" || c.Short():
		v.once(out, seg.Ref, "ieee11073_no_apdu", "a datagram between messages that is none")
	case c.Len() != n && seg.Cut == 0:
		v.once(out, seg.Ref, "ieee11073_bad_length", "a datagram is not as long as its message says")
	case c.Len() == n:
		v.apdu(choice, c, seg, out)
	}
}

// Close tells of an association that nobody answered.
func (v *conversation) Close(out *event.Batch) { v.answered(out, "", "") }

const maxTold = 256 // an agent says some ten things of itself

// once emits an anomaly the first time.
func (v *conversation) once(out *event.Batch, ref event.Ref, kind, detail string) {
	if !v.told[kind] && len(v.told) < maxTold {
		v.told[kind] = true
		dissect.Anomaly(out, ref, "ieee11073", kind, 1, detail)
	}
}

// identity emits a piece of evidence about the host that sends this direction, once.
func (v *conversation) identity(seg *dissect.Segment, out *event.Batch, attribute, value, source string, confidence int64) {
	key := seg.Dir.String() + attribute + value
	if value == "" || v.told[key] || len(v.told) >= maxTold {
		return
	}
	v.told[key] = true
	id := event.Identity{Attribute: attribute, Value: value, Source: "ieee11073." + source, Confidence: confidence}
	host, mac := v.conn.Client, v.conn.ClientMAC
	if seg.Dir == dissect.FromServer {
		host, mac = v.conn.Server, v.conn.ServerMAC
	}
	if id.IP = ""; host.Addr().IsValid() {
		id.IP = host.Addr().String()
	} else {
		id.MAC = mac.String()
	}
	event.Identities.Emit(out, seg.Ref, id)
}

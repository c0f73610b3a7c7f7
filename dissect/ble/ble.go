package ble

import (
	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
)

// Limits of one conversation.
const (
	maxLinks      = 64      // connections open at once in a host's log: controllers have some ten
	maxAttributes = 1024    // attributes whose type is remembered; a server with more is built to fill memory
	maxHeld       = 4 << 10 // bytes of an L2CAP packet put together: the largest ATT value has 512, pairing 65
	maxAdverts    = 64      // different advertisements of a conversation that are told apart; sensors change their data
	maxAdvertsHCI = 4096    // the same in a host's log, which hears everybody
	maxSaid       = 256     // identity rows of a conversation
)

const protocolName = "ble"

// Protocol is Bluetooth LE, from the air or from a host's log.
var Protocol = &dissect.Protocol{
	Name:       protocolName,
	Spec:       "Bluetooth Core Specification 5.4",
	Transports: []dissect.Transport{dissect.BLE, dissect.HCI},
	Tables: []*event.Table{advertisements.Desc(), connections.Desc(), securities.Desc(), attributes.Desc(),
		measurements.Desc()},
	Probe: func(c *dissect.Conn, _ dissect.Dir, first []byte) dissect.Match {
		if len(first) == 0 {
			return dissect.Maybe
		}
		return dissect.Yes // the link type says so
	},
	New: func(c *dissect.Conn) dissect.Dissector {
		d := &dissector{c: c, adverts: map[string]*advert{}, links: map[uint16]*link{}, said: map[event.Identity]bool{}}
		if c.Transport == dissect.BLE {
			d.links[0] = newLink(c.ServerMAC.String())
		}
		return d
	},
}

// dissector is one conversation: an advertiser, a connection, or a host with its controller.
type dissector struct {
	c       *dissect.Conn
	adverts map[string]*advert
	order   []*advert
	links   map[uint16]*link // by connection handle; on the air the one connection is 0
	own     string           // address of the host's controller
	said    map[event.Identity]bool
	crowded bool
}

// link is one connection.
type link struct {
	peer      string // address of the other side, of the GATT server where the capture is from the air; "" if not known
	encrypted bool
	halves    [2]half
	asked     [2]request // by who asks
	types     [2]map[uint16]attribute
	groups    [2][]group
	pairing   [2]features
}

// half is one direction of L2CAP.
type half struct {
	buf  []byte
	want int // bytes of the packet under way; 0 if none

	any  bool   // a packet of the air was seen:
	sn   uint8  // its sequence number
	last []byte // its bytes, at most 255
}

func newLink(peer string) *link {
	return &link{peer: peer, types: [2]map[uint16]attribute{{}, {}}}
}

// Feed takes one packet.
func (d *dissector) Feed(seg *dissect.Segment, out *event.Batch) (dissect.Progress, error) {
	cur := cursor.New(seg.Data)
	if d.c.Transport == dissect.HCI {
		d.hci(seg, &cur, out)
	} else {
		d.air(seg, &cur, out)
	}
	return dissect.Progress{}, nil
}

// Close emits the advertisements with their counts.
func (d *dissector) Close(out *event.Batch) {
	for _, a := range d.order {
		advertisements.Emit(out, a.ref, a.row)
	}
}

// advertBytes and attributeBytes are what an advertisement being counted, and an attribute whose type is known, take.
const (
	advertBytes    = 512
	attributeBytes = 96
)

// Held is the number of bytes kept for the conversation.
func (d *dissector) Held() int {
	n := len(d.adverts) * advertBytes
	for _, l := range d.links {
		n += len(l.halves[0].buf) + len(l.halves[1].buf) + (len(l.types[0])+len(l.types[1]))*attributeBytes
	}
	return n
}

// l2cap takes a fragment of one direction. start tells that it begins a packet (Vol 3 Part A 7.2.1).
func (d *dissector) l2cap(l *link, handle event.Opt[int64], seg *dissect.Segment, cur *cursor.Cursor, start bool, out *event.Batch) {
	h := &l.halves[seg.Dir]
	if start {
		h.want, h.buf = 0, h.buf[:0]
		head := *cur
		n := int(head.U16LE()) + 4
		if cid := head.U16LE(); head.Short() || n > maxHeld || n < cur.Len() || !fixedChannel(cid) {
			return // encrypted, another channel, or no L2CAP
		}
		if l.encrypted && d.c.Transport == dissect.BLE && n != cur.Len() {
			return // decrypted by the capture tool, or noise that looks like the beginning of something long
		}
		h.want = n
	}
	if h.want == 0 {
		return
	}
	h.buf = append(h.buf, cur.Rest()...)
	switch {
	case len(h.buf) < h.want:
		return
	case len(h.buf) == h.want:
		whole := cursor.New(h.buf)
		whole.Skip(2)
		d.channel(l, handle, seg, whole.U16LE(), &whole, out)
	}
	h.want = 0
}

// The fixed channels of LE (Vol 3 Part A 2.1).
const (
	channelATT    = 4
	channelSignal = 5
	channelSMP    = 6
)

func fixedChannel(cid uint16) bool { return cid >= channelATT && cid <= channelSMP }

func (d *dissector) channel(l *link, handle event.Opt[int64], seg *dissect.Segment, cid uint16, cur *cursor.Cursor, out *event.Batch) {
	switch cid {
	case channelATT:
		d.att(l, handle, seg, cur, out)
	case channelSMP:
		d.smp(l, handle, seg, cur, out)
	}
}

// dirName names the sender; nothing where the capture does not tell.
func (d *dissector) dirName(dir dissect.Dir) string {
	if d.c.Guessed {
		return ""
	}
	return dir.String()
}

// say emits evidence about a device once.
func (d *dissector) say(mac, attribute, value, source string, confidence int64, ref event.Ref, out *event.Batch) {
	id := event.Identity{MAC: mac, Attribute: attribute, Value: value, Source: protocolName + "." + source, Confidence: confidence}
	if mac == "" || value == "" || d.said[id] || len(d.said) >= maxSaid {
		return
	}
	d.said[id] = true
	event.Identities.Emit(out, ref, id)
}

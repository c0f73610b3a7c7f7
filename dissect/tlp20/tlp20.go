package tlp20

import (
	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
)

// Protocol is TLP20.
var Protocol = &dissect.Protocol{
	Name:       "tlp20",
	Spec:       "Swisslog TransLogic TLP20 (not published; as matched by rules for ICSMA-21-215-01)",
	Transports: []dissect.Transport{dissect.UDP},
	Ports:      []uint16{12345},
	Tables:     []*event.Table{datagrams.Desc()},
	Probe:      probe,
	New:        func(c *dissect.Conn) dissect.Dissector { return &conversation{conn: c} },
}

// The beginning of a datagram, and the lengths between which the known ones are.
const (
	magic    = 0x544c5055 // TLPU
	number   = 1
	shortest = 21
	longest  = 350
)

// Datagram is one datagram.
type Datagram struct {
	Dir     string `col:"dir" doc:"Who sent it: client or server of the flow."`
	Length  int64  `col:"len" doc:"Bytes of the datagram."`
	OddSize bool   `col:"odd_size" doc:"It is shorter than 21 or longer than 350 bytes, as attempts to exploit the stations' memory errors (CVE-2021-37161, 37162, 37164, 37165) are."`
}

var datagrams = event.New[Datagram]("tlp20", "Datagrams of Swisslog TransLogic tube stations, recognised by their first eight bytes.")

// is tells whether a datagram begins as one of TLP20.
func is(b []byte) bool {
	c := cursor.New(b)
	m, n := c.U32(), c.U32()
	return m == magic && n == number
}

func probe(_ *dissect.Conn, _ dissect.Dir, first []byte) dissect.Match {
	if is(first) {
		return dissect.Yes
	}
	return dissect.No
}

// conversation is what two hosts send each other.
type conversation struct {
	conn        *dissect.Conn
	spoke, said [2]bool
}

// Feed takes one datagram.
func (v *conversation) Feed(seg *dissect.Segment, out *event.Batch) (dissect.Progress, error) {
	if !is(seg.Data) {
		return dissect.Progress{}, nil
	}
	n := len(seg.Data) + seg.Cut
	datagrams.Emit(out, seg.Ref, Datagram{Dir: seg.Dir.String(), Length: int64(n), OddSize: n < shortest || n > longest})
	if v.spoke[seg.Dir] = true; v.spoke[seg.Dir.Other()] && !v.said[seg.Dir] { // who is not answered may be anybody
		v.said[seg.Dir] = true
		v.identify(seg, out)
	}
	return dissect.Progress{}, nil
}

// identify tells that the sender speaks TLP20 with somebody who does as well: a station or its server.
func (v *conversation) identify(seg *dissect.Segment, out *event.Batch) {
	host, mac := v.conn.Client, v.conn.ClientMAC
	if seg.Dir == dissect.FromServer {
		host, mac = v.conn.Server, v.conn.ServerMAC
	}
	id := event.Identity{MAC: mac.String(), Attribute: "role", Value: "TransLogic tube system (TLP20)", Source: "tlp20.magic", Confidence: 50}
	if host.IsValid() {
		id.IP = host.Addr().String()
	}
	event.Identities.Emit(out, seg.Ref, id)
}

// Close has nothing to flush.
func (v *conversation) Close(*event.Batch) {}

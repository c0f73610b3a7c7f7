package carescape

import (
	"errors"

	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
)

const (
	portRequest = 2000
	portRWhat   = 7000
	portAlarm   = 7001
)

// Caps of one conversation.
const (
	maxFollowed = 64 // parameters, waves, alarm texts: a monitor has some tens
	maxFaults   = 16 // anomalies
	maxTold     = 32 // identity assertions remembered
)

var errNotOurs = errors.New("carescape: the datagram is neither RWhat, nor a bed message, nor waveforms")

// Protocol is the Unity network's.
var Protocol = &dissect.Protocol{
	Name:       "carescape",
	Spec:       "unpublished; GE Dash 4000 as recorded",
	Transports: []dissect.Transport{dissect.UDP},
	Ports:      []uint16{portRWhat, portAlarm, portRequest},
	Tables:     []*event.Table{messages.Desc(), beds.Desc(), alarms.Desc(), parameters.Desc(), waves.Desc()},
	Probe: func(c *dissect.Conn, dir dissect.Dir, first []byte) dissect.Match {
		if classify(c, dir, first) == none {
			return dissect.No
		}
		return dissect.Yes
	},
	New: func(c *dissect.Conn) dissect.Dissector {
		return &dissector{conn: c, params: map[uint8]Parameter{}, texts: map[alarmKey]event.Time{}, waves: map[uint8]struct{}{}, told: map[event.Identity]struct{}{}}
	},
}

type dissector struct {
	conn   *dissect.Conn
	seen   bool
	bed    Bed
	params map[uint8]Parameter
	texts  map[alarmKey]event.Time
	waves  map[uint8]struct{}
	told   map[event.Identity]struct{}
	faults int
}

type alarmKey struct {
	code uint8
	text string
}

func (d *dissector) Feed(seg *dissect.Segment, out *event.Batch) (dissect.Progress, error) {
	kind := none
	if seg.Cut == 0 {
		kind = classify(d.conn, seg.Dir, seg.Data)
	}
	c := cursor.New(seg.Data)
	switch kind {
	case rwhat:
		d.rwhat(&c, seg, out)
	case bedMessage:
		d.bedMessage(&c, seg, out)
	case waveforms:
		d.waveforms(&c, seg, out)
	default:
		if !d.seen {
			return dissect.Progress{}, errNotOurs
		}
		d.complain(seg, out, "carescape_foreign_datagram", int64(len(seg.Data)+seg.Cut), "a datagram of a monitor's conversation is no message of it, or was cut off")
	}
	d.seen = true
	return dissect.Progress{}, nil
}

func (d *dissector) Close(*event.Batch) {}

func (d *dissector) complain(seg *dissect.Segment, out *event.Batch, kind string, count int64, detail string) {
	if d.faults++; d.faults <= maxFaults {
		dissect.Anomaly(out, seg.Ref, "carescape", kind, count, detail)
	}
}

// say asserts something of the sender, once a conversation.
func (d *dissector) say(seg *dissect.Segment, out *event.Batch, attribute, value, field string, confidence int64) {
	addr, mac := d.conn.Client, d.conn.ClientMAC
	if seg.Dir == dissect.FromServer {
		addr, mac = d.conn.Server, d.conn.ServerMAC
	}
	id := event.Identity{Attribute: attribute, Value: value, Source: "carescape." + field, Confidence: confidence, MAC: mac.String()}
	if addr.Addr().IsValid() {
		id.IP = addr.Addr().String()
	}
	if _, ok := d.told[id]; ok || len(d.told) >= maxTold {
		return
	}
	d.told[id] = struct{}{}
	event.Identities.Emit(out, seg.Ref, id)
}

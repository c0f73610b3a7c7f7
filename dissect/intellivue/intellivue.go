package intellivue

import (
	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
)

const (
	portData       = 24105
	portIndication = 24005

	sessionID = 0xe1000002 // session E100 and presentation context 2 in front of all data
	nomen     = 0x00000100 // nomenclature 1.0 in front of a connect indication
)

// Caps of one conversation.
const (
	maxAlerts  = 256 // entries of a list that are followed: a screen shows some tens
	maxPending = 64  // requests that wait: clients have a handful open
	maxWaves   = 64  // waves told: a monitor has some tens of channels
	maxNames   = 64  // attributes listed in a row
	maxFaults  = 16  // anomalies
	maxText    = 128 // characters of a text in a cell: labels and names are short
)

// Protocol is IntelliVue data export.
var Protocol = &dissect.Protocol{
	Name:       "intellivue",
	Spec:       "Philips IntelliVue Data Export Interface Programming Guide, Rev. G",
	Transports: []dissect.Transport{dissect.UDP},
	Ports:      []uint16{portData, portIndication},
	Tables:     []*event.Table{messages.Desc(), devices.Desc(), patients.Desc(), alerts.Desc(), waves.Desc()},
	Probe:      probe,
	New: func(c *dissect.Conn) dissect.Dissector {
		return &dissector{conn: c, pending: map[uint16]request{}, told: map[event.Identity]struct{}{}, linked: map[uint16]uint8{}}
	},
}

// probe says yes to a datagram whose fixed bytes and nested lengths all agree. A monitor that is taken for the client is put right.
func probe(c *dissect.Conn, dir dissect.Dir, first []byte) dissect.Match {
	var monitor bool
	switch classify(first, 0) {
	case indication:
		return dissect.Yes
	case association:
		cur := cursor.New(first)
		switch session(cur.U8()) {
		case connect:
			monitor = false
		case accept:
			monitor = true
		default:
			return dissect.No // too short to be sure of
		}
	case data:
		monitor = fromMonitor(first)
	default:
		return dissect.No
	}
	if monitor == (dir == dissect.FromClient) && c.Guessed {
		return dissect.Swapped
	}
	return dissect.Yes
}

type dissector struct {
	conn    *dissect.Conn
	seen    bool
	pending map[uint16]request
	order   []uint16 // invoke numbers as they were asked, for eviction
	linked  map[uint16]uint8
	told    map[event.Identity]struct{}
	waves   map[uint32]struct{}
	lists   [2]alertList
	patient Patient
	device  Device
	faults  int
}

type request struct {
	seq      uint32
	time     event.Time
	answered bool
}

// parsed is what one datagram says.
type parsed struct {
	msg       Message
	isMonitor bool
	attrs     attributes
	lists     [2]*[]alert // what alert lists it has: physiological, technical
	numerics  []numeric
	waves     []wave
	fault     string // what did not add up
}

func (d *dissector) Feed(seg *dissect.Segment, out *event.Batch) (dissect.Progress, error) {
	p := &parsed{msg: Message{Dir: seg.Dir.String(), Bytes: int64(len(seg.Data) + seg.Cut)}}
	c := cursor.New(seg.Data)
	switch classify(seg.Data, seg.Cut) {
	case indication:
		p.isMonitor = true
		p.indication(&c)
	case association:
		p.isMonitor = p.association(&c)
	case data:
		p.isMonitor = fromMonitor(seg.Data)
		p.operation(&c)
	default:
		return dissect.Progress{}, d.foreign(seg, out)
	}
	d.seen = true
	d.emit(p, seg, out)
	return dissect.Progress{}, nil
}

func (d *dissector) Close(*event.Batch) {}

// foreign is a datagram that is nothing of this protocol. Monitors have had faults in services that took such (ICSMA-18-156-01:
// CVE-2018-10597, -10599, -10601), so it is told.
func (d *dissector) foreign(seg *dissect.Segment, out *event.Batch) error {
	if !d.seen {
		return errNotOurs
	}
	d.complain(seg.Ref, out, "intellivue_foreign_datagram", int64(len(seg.Data)), "a datagram in a data export conversation is no message of it")
	return nil
}

func (d *dissector) complain(ref event.Ref, out *event.Batch, kind string, count int64, detail string) {
	if d.faults++; d.faults <= maxFaults {
		dissect.Anomaly(out, ref, "intellivue", kind, count, detail)
	}
}

// emit writes the message's row first, then what it holds.
func (d *dissector) emit(p *parsed, seg *dissect.Segment, out *event.Batch) {
	p.msg.Sender = "client"
	if p.isMonitor {
		p.msg.Sender = "monitor"
	}
	d.answer(p, seg.Time)
	seq := messages.Emit(out, seg.Ref, p.msg)
	d.ask(p, seq, seg.Time)
	if p.fault != "" {
		d.complain(seg.Ref, out, "intellivue_bad_length", 1, p.fault)
	}
	d.follow(p, seg.Ref, out)
	d.emitDevice(p, seq, seg, out)
	d.emitPatient(p, seq, seg.Ref, out)
	d.emitNumerics(p, seq, seg.Ref, out)
	d.emitWaves(p, seq, seg.Ref, out)
	for i, list := range p.lists {
		if list != nil {
			d.emitAlerts(i, *list, p, seq, seg.Ref, out)
		}
	}
}

// ask remembers a request.
func (d *dissector) ask(p *parsed, seq uint32, at event.Time) {
	if p.msg.Kind != "invoke" || !p.msg.InvokeID.OK {
		return
	}
	id := uint16(p.msg.InvokeID.V)
	if _, ok := d.pending[id]; !ok {
		if len(d.order) >= maxPending {
			delete(d.pending, d.order[0])
			d.order = d.order[1:]
		}
		d.order = append(d.order, id)
	}
	d.pending[id] = request{seq: seq, time: at}
}

// answer joins a result or error to its request. Extended polls are answered again and again.
func (d *dissector) answer(p *parsed, at event.Time) {
	if !p.msg.InvokeID.OK || p.msg.Kind == "invoke" {
		return
	}
	id := uint16(p.msg.InvokeID.V)
	r, ok := d.pending[id]
	if !ok {
		return
	}
	p.msg.RequestSeq = event.Some(int64(r.seq))
	if !r.answered && at >= r.time {
		p.msg.RTT = event.Some(float64(at-r.time) / 1e6)
		r.answered = true
		d.pending[id] = r
	}
}

// follow watches the numbering of linked results; the last part may come as an ordinary result.
func (d *dissector) follow(p *parsed, ref event.Ref, out *event.Batch) {
	if !p.msg.InvokeID.OK {
		return
	}
	id := uint16(p.msg.InvokeID.V)
	switch {
	case p.msg.Kind == "result", p.msg.Kind == "error", p.msg.Kind == "linked_result" && p.msg.Linked == "last":
		delete(d.linked, id)
		return
	case p.msg.Kind != "linked_result":
		return
	}
	number := uint8(p.msg.LinkedNo.V)
	last, ok := d.linked[id]
	if ok && p.msg.Linked != "first" && number != last+1 || !ok && p.msg.Linked == "middle" {
		d.complain(ref, out, "intellivue_linked_gap", 1, "a part of a result of several datagrams is missing: the poll is incomplete")
	}
	if ok || len(d.linked) < maxPending {
		d.linked[id] = number
	}
}

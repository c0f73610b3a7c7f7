package contec

import (
	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
)

const (
	marker    = 0x05
	maxLength = 8000 // of a frame; an ECG frame has about 1 KB
	chained   = 3    // frames in a row before anything is believed
	maxStatus = 64   // bytes of a status text
	port      = 515
)

const protocolName = "contec"

// Protocol is the central-station protocol of Contec monitors.
var Protocol = &dissect.Protocol{
	Name:       protocolName,
	Spec:       "none published; ICSMA-25-030-01",
	Transports: []dissect.Transport{dissect.TCP},
	Ports:      []uint16{port},
	MaxBuffer:  chained * (2 + maxLength),
	Tables:     []*event.Table{patients.Desc(), vitals.Desc(), limits.Desc(), statuses.Desc()},
	Probe: func(c *dissect.Conn, dir dissect.Dir, first []byte) dissect.Match {
		m := chain(first)
		switch {
		case m == dissect.Yes && dir == dissect.FromServer && !c.Guessed:
			return dissect.No // the monitor calls
		case m == dissect.Yes && dir == dissect.FromServer:
			return dissect.Swapped
		case m == dissect.No && c.Midstream && find(first) >= 0:
			if dir == dissect.FromServer {
				return dissect.Swapped
			}
			return dissect.Yes
		}
		return m
	},
	New: func(c *dissect.Conn) dissect.Dissector {
		return &monitor{c: c, lost: c.Midstream, limits: map[string]Limit{}}
	},
}

// kind is what a frame holds.
type kind uint8

const (
	kindPatient   kind = 0x3e
	kindHandshake kind = 0x43
	kindBed       kind = 0x45
	kindTelemetry kind = 0x46
	kindCycleEnd  kind = 0x47
	kindStatus    kind = 0x49
)

// header reads length and kind; ok is false if it is no frame's.
func header(cur *cursor.Cursor) (length int, k kind, ok bool) {
	length = int(cur.U16LE())
	mark := cur.U8()
	k = kind(cur.U8())
	if cur.Short() || mark != marker || length < 2 || length > maxLength {
		return 0, 0, false
	}
	switch k {
	case kindHandshake, kindCycleEnd:
		ok = length == 2
	case kindBed:
		ok = length == 6
	case kindPatient:
		ok = length >= 2+patientBytes
	case kindTelemetry:
		ok = length >= 2+4
	case kindStatus:
		ok = length >= 3
	}
	return length, k, ok
}

// chain tells whether b begins with frames that follow each other.
func chain(b []byte) dissect.Match {
	switch n := headers(b); {
	case n < 0:
		return dissect.No
	case n >= chained:
		return dissect.Yes
	}
	return dissect.Maybe
}

// headers counts the headers in a row at the beginning of b; -1 if what should be one is none.
func headers(b []byte) (n int) {
	cur := cursor.New(b)
	for n < chained && cur.Need(4) {
		length, _, ok := header(&cur)
		if !ok {
			return -1
		}
		n++
		cur.Skip(length - 2)
	}
	return n
}

// find gives the offset of the first three headers in a row, -1 if there are none.
func find(b []byte) int {
	cur := cursor.New(b)
	for at := 0; cur.More(); at++ {
		rest := cur
		if cur.Peek(2) == marker && headers(rest.Rest()) >= chained {
			return at
		}
		cur.Skip(1)
	}
	return -1
}

// monitor is one connection of a monitor with its central station.
type monitor struct {
	c       *dissect.Conn
	lost    bool // the beginning of a frame must be found
	said    bool
	bed     event.Opt[int64]
	patient string
	limits  map[string]Limit // by parameter, of which there are eight
}

// Feed takes one frame a call.
func (m *monitor) Feed(seg *dissect.Segment, out *event.Batch) (dissect.Progress, error) {
	if seg.Dir == dissect.FromServer { // nothing is known of what a central station says
		return dissect.Progress{Used: dissect.Rest}, nil
	}
	m.lost = m.lost || seg.Gap > 0
	if m.lost {
		if p := m.resync(seg); m.lost || p.Used > 0 {
			return p, nil
		}
	}
	cur := cursor.New(seg.Data)
	if !cur.Need(4) {
		return dissect.Progress{Need: 4}, nil
	}
	length, k, ok := header(&cur)
	if !ok {
		dissect.Anomaly(out, seg.Ref, protocolName, "contec_no_frame", 1, "bytes that are no frame; passed over up to three frames in a row")
		m.lost = true
		return m.resync(seg), nil
	}
	if !cur.Need(length - 2) {
		return dissect.Progress{Need: 2 + length}, nil
	}
	data := cur.Sub(length - 2)
	m.introduce(seg, out)
	m.frame(k, &data, seg, out)
	return dissect.Progress{Used: 2 + length}, nil
}

// resync looks for three headers in a row.
func (m *monitor) resync(seg *dissect.Segment) dissect.Progress {
	if at := find(seg.Data); at >= 0 {
		m.lost = false
		return dissect.Progress{Used: at}
	}
	return dissect.Progress{Used: max(len(seg.Data)-chained*(2+maxLength)+1, 0)}
}

// Close has nothing left to say: every frame is told when it comes.
func (m *monitor) Close(*event.Batch) {}

// introduce says once who both ends are.
func (m *monitor) introduce(seg *dissect.Segment, out *event.Batch) {
	if m.said {
		return
	}
	m.said = true
	say := func(server bool, attribute, value string, confidence int64) {
		ip, mac := m.c.Client.Addr().String(), m.c.ClientMAC.String()
		if server {
			ip, mac = m.c.Server.Addr().String(), m.c.ServerMAC.String()
		}
		event.Identities.Emit(out, seg.Ref, event.Identity{IP: ip, MAC: mac, Attribute: attribute, Value: value, Source: "contec.frames", Confidence: confidence})
	}
	say(false, "vendor", "Contec", 60) // sold under other names too
	say(false, "class", "monitor", 85)
	say(true, "role", "central station", 70)
}

func (m *monitor) frame(k kind, data *cursor.Cursor, seg *dissect.Segment, out *event.Batch) {
	switch k {
	case kindPatient:
		m.readPatient(data, seg, out)
	case kindBed:
		data.Skip(2)
		m.bed = event.Some(int64(data.U8()))
	case kindTelemetry:
		m.telemetry(data, seg, out)
	case kindStatus:
		code := data.U8()
		text := data.Bytes(min(data.Len(), maxStatus))
		statuses.Emit(out, seg.Ref, Status{Bed: m.bed, Code: int64(code), Text: text8(text)})
	}
}

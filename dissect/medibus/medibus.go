package medibus

import (
	"strings"

	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
)

// Limits of a conversation.
const (
	maxFrame  = 4096 // bytes between ESC or SOH and CR: a response lists up to 256 values of six
	maxActive = 64   // alarms active at once
	maxKept   = 512  // settings and limits remembered: two pages of 256 codes
)

const protocolName = "medibus"

// The characters of the link.
const (
	soh = 0x01
	esc = 0x1b
	nak = 0x15
	cr  = 0x0d
	dc1 = 0x11
	dc3 = 0x13
	can = 0x18
)

// Protocol is MEDIBUS.
var Protocol = &dissect.Protocol{
	Name:       protocolName,
	Spec:       "Dräger MEDIBUS for Dräger devices, RS-232",
	Transports: []dissect.Transport{dissect.TCP},
	MaxBuffer:  maxFrame + 1,
	Tables:     []*event.Table{messages.Desc(), values.Desc(), alarms.Desc()},
	Probe:      probe,
	New: func(c *dissect.Conn) dissect.Dissector {
		return &line{c: c, kept: map[string]string{}, active: map[string]Alarm{}}
	},
}

// probe looks for one frame of a known command whose checksum holds, at the beginning or, in a conversation that was joined
// late, behind a CR.
func probe(c *dissect.Conn, _ dissect.Dir, first []byte) dissect.Match {
	rest := clean(first)
	for {
		if len(rest) == 0 {
			return dissect.Maybe
		}
		body, after, ended := strings.Cut(rest, "\r")
		switch f, ok := parse(body); {
		case ended && ok && couldBegin(body) && f.command.known():
			return dissect.Yes
		case !ended && (couldBegin(body) || c.Midstream) && len(body) < maxFrame:
			return dissect.Maybe
		case !ended || !c.Midstream:
			return dissect.No
		}
		rest = after
	}
}

// couldBegin tells whether s may be the beginning of a frame.
func couldBegin(s string) bool {
	cur := cursor.New([]byte(s))
	start := cur.U8()
	if start != esc && start != soh {
		return false
	}
	if !cur.More() {
		return true
	}
	x := command(cur.U8())
	return x.known() || start == soh && x == nak
}

// clean takes out what may stand anywhere: flow control, and realtime bytes.
func clean(b []byte) string {
	var w strings.Builder
	for _, x := range b {
		if x < 0x80 && x != dc1 && x != dc3 {
			w.WriteByte(x)
		}
	}
	return w.String()
}

// frame is a command or a response without its checksum.
type frame struct {
	response bool
	command  command
	data     string
}

// parse reads what stands in front of a CR. ok tells that the checksum holds: the low byte of the sum of all before it, in
// two hex digits.
func parse(s string) (f frame, ok bool) {
	if i := strings.LastIndexByte(s, can); i >= 0 { // an aborted frame
		s = s[i+1:]
	}
	cur := cursor.New([]byte(s))
	start := cur.U8()
	if len(s) < 4 || start != esc && start != soh {
		return f, false
	}
	f.response, f.command = start == soh, command(cur.U8())
	f.data = cur.String(cur.Len() - 2)
	var sum uint8
	for _, x := range []byte(s[:len(s)-2]) {
		sum += x
	}
	n, valid := hexByte(s[len(s)-2:])
	return f, valid && n == sum
}

func hexByte(s string) (n uint8, ok bool) {
	for _, x := range []byte(s) {
		switch {
		case x >= '0' && x <= '9':
			x -= '0'
		case x >= 'A' && x <= 'F':
			x -= 'A' - 10
		default:
			return 0, false
		}
		n = n<<4 | x
	}
	return n, len(s) == 2
}

// line is one connection.
type line struct {
	c        *dissect.Conn
	asked    command // the master's last command
	realtime [2]int64
	lost     [2]bool
	said     bool
	device   string            // name as identified
	kept     map[string]string // settings and limits by kind and code
	active   map[string]Alarm
	order    []string // of active
}

// Feed takes one frame a call.
func (l *line) Feed(seg *dissect.Segment, out *event.Batch) (dissect.Progress, error) {
	if seg.Gap > 0 {
		l.lost[seg.Dir] = true
	}
	cur := cursor.New(seg.Data)
	end := strings.IndexByte(string(cur.Rest()), cr)
	if end < 0 {
		if len(seg.Data) > maxFrame {
			return dissect.Progress{Used: len(seg.Data)}, nil
		}
		return dissect.Progress{}, nil
	}
	whole := cursor.New(seg.Data)
	raw := whole.Bytes(end)
	body := clean(raw)
	for _, x := range raw {
		if x >= 0x80 {
			l.realtime[seg.Dir]++
		}
	}
	f, ok := parse(body)
	switch {
	case ok:
		l.frame(f, seg, out)
	case body != "" && !l.lost[seg.Dir]:
		dissect.Anomaly(out, seg.Ref, protocolName, "medibus_bad_frame", 1, "a frame whose checksum does not hold")
	}
	l.lost[seg.Dir] = false
	return dissect.Progress{Used: end + 1}, nil
}

// Close has nothing left to say.
func (l *line) Close(*event.Batch) {}

func (l *line) frame(f frame, seg *dissect.Segment, out *event.Batch) {
	m := Message{Dir: seg.Dir.String(), Sender: "master", Command: f.command.String(), Page: f.command.page(), Realtime: l.realtime[seg.Dir]}
	l.realtime[seg.Dir] = 0
	if !f.response {
		l.asked = f.command
		messages.Emit(out, seg.Ref, m)
		return
	}
	m.Sender = "device"
	if f.command == nak {
		m.Command, m.Refused = l.asked.String(), true
		messages.Emit(out, seg.Ref, m)
		return
	}
	l.response(f, m, seg, out)
}

// response reads what a device answers.
func (l *line) response(f frame, m Message, seg *dissect.Segment, out *event.Batch) {
	cur := cursor.New([]byte(f.data))
	switch f.command {
	case cmdIdentify:
		m.identify(f.data)
		l.introduce(&m, seg, out)
		messages.Emit(out, seg.Ref, m)
	case cmdMeasured, cmdMeasured2, cmdLow, cmdLow2, cmdHigh, cmdHigh2:
		l.list(m, &cur, 4, seg, out)
	case cmdSettings:
		m.Page = 1
		l.list(m, &cur, 5, seg, out)
	case cmdAlarms, cmdAlarms2:
		l.alarms(m, &cur, seg, out)
	default:
		messages.Emit(out, seg.Ref, m)
	}
}

// identify reads number (4 hex digits), name in quotes, revisions.
func (m *Message) identify(s string) {
	id, rest, ok := strings.Cut(s, "'")
	name, revision, closed := strings.Cut(rest, "'")
	if ok && closed {
		m.ID, m.Name, m.Revision = strings.TrimSpace(id), strings.TrimSpace(name), strings.TrimSpace(revision)
	}
}

func (l *line) introduce(m *Message, seg *dissect.Segment, out *event.Batch) {
	if l.said || m.Name == "" {
		return
	}
	l.said, l.device = true, m.Name
	ip, mac := l.c.Server.Addr().String(), l.c.ServerMAC.String()
	if seg.Dir == dissect.FromClient {
		ip, mac = l.c.Client.Addr().String(), l.c.ClientMAC.String()
	}
	software, _, _ := strings.Cut(m.Revision, ":")
	for _, e := range [][2]string{{"vendor", "Dräger"}, {"model", m.Name}, {"version", software}, {"class", "ventilator"}} {
		if e[1] != "" {
			event.Identities.Emit(out, seg.Ref, event.Identity{IP: ip, MAC: mac, Attribute: e[0], Value: e[1], Source: "medibus.identify", Confidence: 80})
		}
	}
}

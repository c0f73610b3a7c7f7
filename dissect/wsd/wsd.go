package wsd

import (
	"bytes"

	"wardtrace/dissect"
	"wardtrace/dissect/event"
	"wardtrace/dissect/xmlread"
)

// Protocol is WS-Discovery.
var Protocol = &dissect.Protocol{
	Name:       "wsd",
	Spec:       "OASIS WS-Discovery 1.1; SOAP-over-UDP 1.1",
	Transports: []dissect.Transport{dissect.UDP},
	Ports:      []uint16{3702},
	MaxBuffer:  64 << 10,
	Tables:     []*event.Table{messages.Desc()},
	Probe:      probe,
	New: func(c *dissect.Conn) dissect.Dissector {
		return &dissector{conn: c, told: map[event.Identity]struct{}{}}
	},
}

// The namespaces of the two versions. Each is the beginning of the version's actions too.
const (
	space2009 = "http://docs.oasis-open.org/ws-dd/ns/discovery/2009/01"
	space2005 = "http://schemas.xmlsoap.org/ws/2005/04/discovery"
)

var (
	mark2009, mark2005 = []byte(space2009), []byte(space2005)
	envelope           = []byte("Envelope")
)

// Caps of one conversation.
const (
	seenCap     = 64   // message ids that are known again: repetitions come within a second
	identityCap = 1024 // assertions remembered as made: a flood of Hellos names a new device each time
	complainCap = 16   // anomalies
)

// probe wants an XML document that names an envelope and one of the namespaces.
func probe(_ *dissect.Conn, _ dissect.Dir, first []byte) dissect.Match {
	text := bytes.TrimLeft(bytes.TrimPrefix(first, []byte("\xef\xbb\xbf")), " \t\r\n")
	if len(text) == 0 || text[0] != '<' || !bytes.Contains(text, envelope) || !bytes.Contains(text, mark2009) && !bytes.Contains(text, mark2005) {
		return dissect.No
	}
	return dissect.Yes
}

type dissector struct {
	conn   *dissect.Conn
	seen   []string // message ids, the oldest first
	told   map[event.Identity]struct{}
	faults int
}

// Feed takes one datagram.
func (d *dissector) Feed(seg *dissect.Segment, out *event.Batch) (dissect.Progress, error) {
	doc := xmlread.Parse(seg.Data)
	if doc.Root == nil || doc.Root.Name != "Envelope" {
		d.fault(seg, out, "wsd_not_soap", "a datagram on a conversation of WS-Discovery holds no SOAP envelope")
		return dissect.Progress{}, nil
	}
	if doc.DTD {
		d.fault(seg, out, "wsd_dtd", "a document type is declared, which SOAP forbids (SOAP 1.2, section 5): the way of entity attacks")
	}
	if doc.Problem != xmlread.Sound {
		d.fault(seg, out, "wsd_malformed", "the document is not sound: "+string(doc.Problem))
	}
	if m := readMessage(doc.Root); m != nil && !d.repeated(m.MessageID) {
		d.emit(m, seg, out)
	}
	return dissect.Progress{}, nil
}

// Close has nothing to flush.
func (d *dissector) Close(*event.Batch) {}

func (d *dissector) fault(seg *dissect.Segment, out *event.Batch, kind, detail string) {
	if d.faults++; d.faults <= complainCap {
		dissect.Anomaly(out, seg.Ref, Protocol.Name, kind, 1, detail)
	}
}

func (d *dissector) repeated(id string) bool {
	if id == "" {
		return false
	}
	for _, s := range d.seen {
		if s == id {
			return true
		}
	}
	if len(d.seen) >= seenCap {
		d.seen = append(d.seen[:0], d.seen[1:]...)
	}
	d.seen = append(d.seen, id)
	return false
}

func (d *dissector) emit(m *message, seg *dissect.Segment, out *event.Batch) {
	head := Message{Dir: seg.Dir.String(), Version: m.version, Message: m.kind, MessageID: m.MessageID, RelatesTo: m.relatesTo,
		InstanceID: m.instance, MessageNumber: m.number}
	if len(m.ends) == 0 {
		messages.Emit(out, seg.Ref, head)
	}
	for i := range m.ends {
		row := head
		m.ends[i].fill(&row)
		messages.Emit(out, seg.Ref, row)
		if row.Message != "Probe" && row.Message != "Resolve" && row.Message != "Bye" {
			d.identify(&row, seg, out)
		}
	}
	if m.dropped > 0 {
		d.fault(seg, out, "wsd_match_limit", "a message holds more matches than are read")
	}
}

package nkv

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"wardtrace/dissect"
	"wardtrace/dissect/clinical"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
	"wardtrace/dissect/xmlread"
)

// Limits of a message.
const (
	digits     = 8
	maxMessage = 1 << 20 // bytes of a document: a second of waveforms has some ten thousand
	maxItems   = 512     // values of a message that are told
	maxText    = 128     // bytes of a value
	maxKept    = 512     // settings remembered
	window     = 256     // bytes of a document in which its root must begin
)

const protocolName = "nkv"

// Protocol is the remote protocol of NKV-550 ventilators.
var Protocol = &dissect.Protocol{
	Name:       protocolName,
	Spec:       "none published",
	Transports: []dissect.Transport{dissect.TCP},
	Ports:      []uint16{15376},
	MaxBuffer:  digits + maxMessage,
	Tables:     []*event.Table{messages.Desc(), items.Desc()},
	Probe:      probe,
	New:        func(c *dissect.Conn) dissect.Dissector { return &talk{c: c, kept: map[string]string{}} },
}

// probe wants eight digits, and a document whose root is a device.
func probe(_ *dissect.Conn, _ dissect.Dir, first []byte) dissect.Match {
	cur := cursor.New(first)
	size := cur.Bytes(min(digits, len(first)))
	for _, x := range size {
		if x < '0' || x > '9' {
			return dissect.No
		}
	}
	text := bytes.TrimLeft(cur.Rest(), " \t\r\n")
	text = text[:min(len(text), window)]
	switch {
	case len(size) < digits || len(text) == 0:
		return dissect.Maybe
	case !prefix(text, "<?xml") && !prefix(text, "<device"):
		return dissect.No
	case bytes.Contains(text, []byte("<device")):
		return dissect.Yes
	case len(text) == window:
		return dissect.No
	}
	return dissect.Maybe
}

// prefix tells whether text begins with what, as far as it is there.
func prefix(text []byte, what string) bool {
	return strings.HasPrefix(string(text[:min(len(text), len(what))]), what[:min(len(text), len(what))])
}

// talk is one connection.
type talk struct {
	c    *dissect.Conn
	kept map[string]string // settings, as the ventilator reported them last
	lost [2]bool           // the beginning of a message must be found
	said bool
}

// Feed takes one message a call.
func (t *talk) Feed(seg *dissect.Segment, out *event.Batch) (dissect.Progress, error) {
	if t.lost[seg.Dir] = t.lost[seg.Dir] || seg.Gap > 0; t.lost[seg.Dir] {
		if p := t.resync(seg); t.lost[seg.Dir] || p.Used > 0 {
			return p, nil
		}
	}
	cur := cursor.New(seg.Data)
	if !cur.Need(digits) {
		return dissect.Progress{Need: digits}, nil
	}
	n, err := strconv.ParseUint(cur.String(digits), 10, 31)
	switch {
	case err != nil:
		dissect.Anomaly(out, seg.Ref, protocolName, "nkv_no_length", 1, "a message does not begin with its length; nothing more of this side is read")
		return dissect.Progress{Used: dissect.Rest}, nil
	case n > maxMessage:
		dissect.Anomaly(out, seg.Ref, protocolName, "nkv_too_long", int64(n), "a message claims more bytes than any has; passed over")
		return dissect.Progress{Used: digits + int(n)}, nil
	case !cur.Need(int(n)):
		return dissect.Progress{Need: digits + int(n)}, nil
	}
	t.message(cur.Bytes(int(n)), seg, out)
	return dissect.Progress{Used: digits + int(n)}, nil
}

// resync looks for a document: nothing marks a beginning but its own.
func (t *talk) resync(seg *dissect.Segment) dissect.Progress {
	rest := cursor.New(seg.Data)
	rest.Skip(digits)
	i := bytes.Index(rest.Rest(), []byte("<?xml"))
	if i < 0 {
		return dissect.Progress{Used: max(len(seg.Data)-digits-len("<?xml"), 0)}
	}
	t.lost[seg.Dir] = false
	return dissect.Progress{Used: i}
}

// Close has nothing left to say.
func (t *talk) Close(*event.Batch) {}

func (t *talk) message(b []byte, seg *dissect.Segment, out *event.Batch) {
	doc := xmlread.Parse(b)
	m := Message{Dir: seg.Dir.String(), Bytes: int64(len(b)), Problem: string(doc.Problem)}
	var found []Item
	if doc.Root != nil {
		m.Version = doc.Root.Attr("version")
		if n, err := strconv.ParseInt(doc.Root.Child("command").Value(), 10, 32); err == nil {
			m.Command = event.Some(n)
		}
		for _, section := range doc.Root.Kids {
			switch section.Name {
			case "command", "crc":
				continue
			case "settings", "monitors", "alarms":
				found = collect(found, section)
			}
			if !slices.Contains(m.Sections, section.Name) && len(m.Sections) < 16 {
				m.Sections = append(m.Sections, section.Name)
			}
		}
	}
	m.Items = int64(len(found))
	parent := messages.Emit(out, seg.Ref, m)
	t.introduce(seg, out)
	change := m.Command.OK && m.Command.V == 1
	for _, i := range found {
		i.ParentSeq = int64(parent)
		seq := items.Emit(out, seg.Ref, i)
		if i.Section == "settings" {
			t.setting(i, seq, change, seg, out)
		}
	}
}

// collect takes the elements of a section that hold text and no others.
func collect(found []Item, section *xmlread.Node) []Item {
	section.Walk(func(n *xmlread.Node) bool {
		if n != section && len(n.Kids) == 0 && len(found) < maxItems {
			i := Item{Section: section.Name, Name: n.Name, Value: n.Text[:min(len(n.Text), maxText)]}
			if f, err := strconv.ParseFloat(i.Value, 64); err == nil && strings.Trim(i.Value, "+-.0123456789") == "" {
				i.Number = event.Some(f)
			}
			found = append(found, i)
		}
		return len(found) < maxItems
	})
	return found
}

// setting tells one that is ordered from afar, and one that the ventilator reports other than before.
func (t *talk) setting(i Item, seq uint32, change bool, seg *dissect.Segment, out *event.Batch) {
	before, known := t.kept[i.Name]
	x := clinical.Therapy{Protocol: protocolName, Source: items.Name, ParentSeq: int64(seq), Dir: seg.Dir.String(), Action: "report",
		Code: i.Name, CodingSystem: protocolName, Parameter: i.Name, After: i.Number}
	if !i.Number.OK {
		x.Value = i.Value
	}
	if f, err := strconv.ParseFloat(before, 64); err == nil && known {
		x.Before = event.Some(f)
	}
	switch {
	case change:
		x.Action, x.Remote = "change", true
		clinical.Therapies.Emit(out, seg.Ref, x)
		return
	case known && before != i.Value:
		x.Action = "change"
		clinical.Therapies.Emit(out, seg.Ref, x)
	case !known:
		clinical.Therapies.Emit(out, seg.Ref, x)
	}
	if known || len(t.kept) < maxKept {
		t.kept[i.Name] = i.Value
	}
}

func (t *talk) introduce(seg *dissect.Segment, out *event.Batch) {
	if t.said {
		return
	}
	t.said = true
	for _, e := range [][2]string{{"vendor", "Nihon Kohden"}, {"class", "ventilator"}} {
		event.Identities.Emit(out, seg.Ref, event.Identity{IP: t.c.Server.Addr().String(), MAC: t.c.ServerMAC.String(), Attribute: e[0], Value: e[1],
			Source: "nkv.messages", Confidence: 70})
	}
}

package x12

import (
	"bytes"

	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
	"wardtrace/dissect/web"
)

// Limits of one conversation.
const (
	maxSegment  = 4 << 10  // no element is longer than 264 characters but binary ones, which are passed over
	maxPatients = 1024     // rows below an interchange: a batch of claims has some hundred
	maxXML      = 64 << 10 // of a message in XML: its header is at the beginning
	maxList     = 32       // groups and transaction sets named
	isaLen      = 106
	telecomLen  = 56 // header of a Telecommunication request
)

// Protocol is X12 and NCPDP.
var Protocol = &dissect.Protocol{
	Name:       protocolName,
	Spec:       "ASC X12.5 and X12.6; NCPDP SCRIPT and Telecommunication D.0, recognised",
	Transports: []dissect.Transport{dissect.TCP},
	MaxBuffer:  4096, // nothing is left over: segments are held here
	Tables:     []*event.Table{interchanges.Desc(), people.Desc(), pharmacies.Desc()},
	Probe:      probe,
	New:        func(c *dissect.Conn) dissect.Dissector { return newConversation(c) },
}

const protocolName = "x12"

// kind is what a body can be.
type kind uint8

const (
	unknown kind = iota
	interchange
	scriptXML
	scriptEDI
	telecom
)

// scriptMark is the namespace of SCRIPT in XML.
var scriptMark = []byte("http://www.ncpdp.org/schema/SCRIPT")

// probe wants an ISA whose delimiters stand in all their places, or the beginning of an NCPDP message.
func probe(c *dissect.Conn, _ dissect.Dir, first []byte) dissect.Match {
	if _, carried := c.Carried.(*web.Exchange); c.Carried != nil && !carried {
		return dissect.No
	}
	_, m := judge(first)
	return m
}

// judge tells what begins with b.
func judge(b []byte) (kind, dissect.Match) {
	in := bytes.TrimLeft(b, "\r\n\t \x02")
	switch {
	case len(in) == 0:
		if len(b) > 64 {
			return unknown, dissect.No
		}
		return unknown, dissect.Maybe
	case bytes.HasPrefix(in, []byte("ISA")) || len(in) < 3 && bytes.HasPrefix([]byte("ISA"), in):
		return interchange, isISA(in)
	case bytes.HasPrefix(in, []byte("UNA:+./*'UIB")) || bytes.HasPrefix(in, []byte("UIB+UNOA:0")):
		return scriptEDI, dissect.Yes
	case len(in) < 12 && (bytes.HasPrefix([]byte("UNA:+./*'UIB"), in) || bytes.HasPrefix([]byte("UIB+UNOA:0"), in)):
		return unknown, dissect.Maybe
	case in[0] == '<':
		if bytes.Contains(in, scriptMark) {
			return scriptXML, dissect.Yes
		}
		if len(b) < dissect.ProbeLimit {
			return unknown, dissect.Maybe
		}
		return unknown, dissect.No
	}
	return telecom, isTelecom(in)
}

// isISA verifies the places of the delimiters (X12.5, ISA: every element has a fixed length).
func isISA(in []byte) dissect.Match {
	if len(in) < 4 {
		return dissect.Maybe
	}
	c := cursor.New(in)
	c.Skip(3)
	sep := c.U8()
	if isAlnum(sep) || sep <= ' ' {
		return dissect.No
	}
	for _, n := range [...]int{2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1} {
		element := c.Bytes(n)
		next := c.U8()
		if c.Short() {
			return dissect.Maybe
		}
		if next != sep || bytes.IndexByte(element, sep) >= 0 {
			return dissect.No
		}
	}
	component, end := c.U8(), c.U8()
	switch {
	case c.Short():
		return dissect.Maybe
	case isAlnum(component), isAlnum(end), component == sep, end == sep, component == end:
		return dissect.No
	}
	return dissect.Yes
}

// isTelecom verifies the fixed header of a Telecommunication request: six digits, version, transaction code, and the first segment behind 56
// characters: separators 0x1E and 0x1C, field AM.
func isTelecom(in []byte) dissect.Match {
	c := cursor.New(in)
	bin, version, code := c.Bytes(6), c.Bytes(2), c.Bytes(2)
	if c.Short() {
		if len(bytes.Trim(in[:min(len(in), 6)], "0123456789")) > 0 || len(in) > 6 && in[6] != 'D' && in[6] != '5' {
			return dissect.No
		}
		return dissect.Maybe
	}
	if len(bytes.Trim(bin, "0123456789")) > 0 || !bytes.Equal(version, []byte("D0")) && !bytes.Equal(version, []byte("51")) || code[0] < 'A' || code[0] > 'Z' || code[1] < '0' || code[1] > '9' {
		return dissect.No
	}
	c.Skip(telecomLen - 10)
	mark := c.Bytes(4)
	switch {
	case c.Short():
		return dissect.Maybe
	case bytes.Equal(mark, []byte{0x1e, 0x1c, 'A', 'M'}):
		return dissect.Yes
	}
	return dissect.No
}

func isAlnum(b byte) bool { return b >= '0' && b <= '9' || b|0x20 >= 'a' && b|0x20 <= 'z' }

// conversation is one connection, or one exchange of HTTP.
type conversation struct {
	conn *dissect.Conn
	half [2]reader
}

func newConversation(c *dissect.Conn) *conversation {
	v := &conversation{conn: c}
	v.half[dissect.FromServer].dir = dissect.FromServer
	return v
}

// Held is the number of bytes held back.
func (v *conversation) Held() int { return cap(v.half[0].buf) + cap(v.half[1].buf) }

// Feed takes all bytes.
func (v *conversation) Feed(seg *dissect.Segment, out *event.Batch) (dissect.Progress, error) {
	r := &v.half[seg.Dir]
	if seg.Gap > 0 {
		r.lost(seg.Ref, int64(seg.Gap), out)
	}
	r.ref = seg.Ref
	for c := cursor.New(seg.Data); c.More(); {
		r.take(c.U8(), out)
	}
	return dissect.Progress{Used: len(seg.Data)}, nil
}

// Close ends what is open.
func (v *conversation) Close(out *event.Batch) {
	for i := range v.half {
		v.half[i].finish(out)
	}
}

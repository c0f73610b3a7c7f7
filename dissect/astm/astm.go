package astm

import (
	"bytes"

	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
)

// Limits of one conversation.
const (
	maxFrame    = 64 << 10 // LIS01-A2 8.3.1: 64,000 characters of text
	maxRecord   = 64 << 10 // a record may go over several frames
	maxRows     = 4096     // rows below a message: they wait for its end
	maxText     = 1 << 10  // bytes of a cell
	maxIdentity = 64       // different assertions about who is who
	maxNoise    = 16       // control bytes in front of the first frame or record: a link that is idle sends an ENQ now and then
)

// The control characters of E1381.
const (
	stx = 0x02
	etx = 0x03
	eot = 0x04
	enq = 0x05
	ack = 0x06
	nak = 0x15
	etb = 0x17
)

// Protocol is ASTM E1381 and E1394.
var Protocol = &dissect.Protocol{
	Name:       protocolName,
	Spec:       "ASTM E1381 and E1394 (CLSI LIS01-A2, LIS02-A2)",
	Transports: []dissect.Transport{dissect.TCP},
	MaxBuffer:  4096, // nothing is left over: frames and records are held here
	Tables:     []*event.Table{transfers.Desc(), messages.Desc(), orders.Desc(), results.Desc()},
	Probe:      probe,
	New:        func(c *dissect.Conn) dissect.Dissector { return newConversation(c) },
}

const protocolName = "astm"

// probe wants the beginning of a header record in a frame or bare, or a whole frame with the right checksum.
func probe(c *dissect.Conn, _ dissect.Dir, first []byte) dissect.Match {
	if c.Carried != nil {
		return dissect.No
	}
	in := bytes.TrimLeft(first, "\x04\x05\x06\x15\r\n\x00")
	if len(in) == 0 {
		if len(first) > maxNoise {
			return dissect.No
		}
		return dissect.Maybe
	}
	rest, framed := bytes.CutPrefix(in, []byte{stx})
	if framed {
		return probeFrame(rest)
	}
	return isHeader(in, true)
}

// probeFrame judges what follows STX.
func probeFrame(in []byte) dissect.Match {
	cur := cursor.New(in)
	number := cur.U8()
	if cur.Short() {
		return dissect.Maybe
	}
	if number < '0' || number > '7' {
		return dissect.No
	}
	if m := isHeader(in[1:], false); m != dissect.No {
		return m
	}
	letter, delimiter := cur.U8(), cur.U8()
	if !cur.Short() && (bytes.IndexByte([]byte("POCRQMLS"), letter) < 0 || !isPunctuation(delimiter)) {
		return dissect.No
	}
	end := bytes.IndexAny(in, "\x03\x17")
	if end < 0 {
		if len(in) >= dissect.ProbeLimit-maxNoise || bytes.IndexByte(in, stx) >= 0 {
			return dissect.No
		}
		return dissect.Maybe
	}
	tail := cursor.New(in[end+1:])
	c1, c2 := tail.U8(), tail.U8()
	if tail.Short() {
		return dissect.Maybe
	}
	if sum, ok := hexByte(c1, c2); ok && sum == checksum(in[:end+1]) {
		return dissect.Yes
	}
	return dissect.No
}

// isHeader judges the beginning of a header record: H, four different delimiters, the first again or CR. Bare text must have the usual
// ones.
func isHeader(in []byte, usualOnly bool) dissect.Match {
	cur := cursor.New(in)
	letter := cur.U8()
	d := cur.Bytes(4)
	next := cur.U8()
	if cur.Short() {
		if bytes.HasPrefix([]byte(`H|\^&`), in) {
			return dissect.Maybe
		}
		return dissect.No
	}
	if letter != 'H' || usualOnly && !bytes.Equal(d, []byte(`|\^&`)) || next != d[0] && next != '\r' {
		return dissect.No
	}
	for i, x := range d {
		if !isPunctuation(x) || bytes.IndexByte(d[:i], x) >= 0 {
			return dissect.No
		}
	}
	return dissect.Yes
}

func isPunctuation(b byte) bool {
	return b > ' ' && b < 0x7f && (b < '0' || b > '9') && (b|0x20 < 'a' || b|0x20 > 'z')
}

func checksum(b []byte) (sum byte) {
	for _, x := range b {
		sum += x
	}
	return sum
}

// hexByte reads two hexadecimal digits.
func hexByte(hi, lo byte) (byte, bool) {
	h, okH := hexDigit(hi)
	l, okL := hexDigit(lo)
	return h<<4 | l, okH && okL
}

func hexDigit(b byte) (byte, bool) {
	switch {
	case b >= '0' && b <= '9':
		return b - '0', true
	case b|0x20 >= 'a' && b|0x20 <= 'f':
		return b | 0x20 - 'a' + 10, true
	}
	return 0, false
}

// conversation is one connection.
type conversation struct {
	conn  *dissect.Conn
	half  [2]link
	known map[event.Identity]struct{}
}

func newConversation(c *dissect.Conn) *conversation {
	v := &conversation{conn: c, known: map[event.Identity]struct{}{}}
	v.half[0].v, v.half[1].v = v, v
	v.half[1].dir = dissect.FromServer
	return v
}

// Held is the number of bytes that frames and records hold back.
func (v *conversation) Held() int { return v.half[0].held() + v.half[1].held() }

// Feed takes all bytes.
func (v *conversation) Feed(seg *dissect.Segment, out *event.Batch) (dissect.Progress, error) {
	l := &v.half[seg.Dir]
	if seg.Gap > 0 {
		l.lost(seg.Ref, int64(seg.Gap), out)
	}
	l.ref = seg.Ref
	for c := cursor.New(seg.Data); c.More(); {
		l.take(c.U8(), out)
	}
	return dissect.Progress{Used: len(seg.Data)}, nil
}

// Close ends what is open.
func (v *conversation) Close(out *event.Batch) {
	for i := range v.half {
		v.half[i].end("close", out)
	}
}

package tftp

import (
	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/dnsname"
	"wardtrace/dissect/event"
)

// Protocol is TFTP.
var Protocol = &dissect.Protocol{
	Name:       protocolName,
	Spec:       "RFC 1350, RFC 2347, RFC 2348, RFC 2349, RFC 7440",
	Transports: []dissect.Transport{dissect.UDP},
	Ports:      []uint16{port},
	MaxBuffer:  1 << 16,
	Tables:     []*event.Table{messages.Desc()},
	Probe:      probe,
	New:        func(c *dissect.Conn) dissect.Dissector { return &conversation{c: c} },
}

const (
	protocolName = "tftp"
	port         = 69
)

// Limits of one conversation.
const (
	maxText       = 1024      // bytes of a name or text: a packet with a request has 512 (RFC 2347)
	maxOptions    = 16        // there are ten
	maxAhead      = 64        // blocks held while one before them is missing: common windows have 4 to 64 (RFC 7440, section 4)
	maxAheadBytes = 256 << 10 // of theirs; a window of the largest blocks would hold 4 GB
	maxComplaints = 8         // anomalies
)

// probe knows requests and option acknowledgements anywhere. The other packets say little: they must come from ports that a transfer
// has, and be what begins one.
func probe(c *dissect.Conn, dir dissect.Dir, first []byte) dissect.Match {
	cur := cursor.New(first)
	op := opcode(cur.U16())
	switch op {
	case opRRQ, opWRQ:
		if _, ok := readRequest(&cur); !ok {
			return dissect.No
		}
		return side(c, dir, dissect.FromClient)
	case opOACK:
		if !isOACK(&cur) {
			return dissect.No
		}
		return side(c, dir, dissect.FromServer)
	}
	if !transferPort(c.Client.Port()) || !transferPort(c.Server.Port()) {
		return dissect.No
	}
	switch {
	case op == opDATA && cur.U16() == 1 && cur.Len() <= defaultBlock, op == opERROR && isError(&cur):
		return side(c, dir, dissect.FromServer)
	case op == opACK && cur.Len() == 2 && cur.U16() == 0:
		return side(c, dir, dissect.FromServer)
	}
	return dissect.No
}

func transferPort(n uint16) bool { return n >= 1024 || n == port }

// side says yes, or that the sides are the other way round where that was guessed. Who begins the flow of a transfer is its server.
func side(c *dissect.Conn, dir, want dissect.Dir) dissect.Match {
	if dir != want && c.Guessed {
		return dissect.Swapped
	}
	return dissect.Yes
}

// conversation is what two ports say to each other: a request, a transfer, or both.
type conversation struct {
	c       *dissect.Conn
	asked   *Message // the last request
	askedAt event.Ref
	t       *transfer
	faults  int
}

// Feed takes one packet.
func (v *conversation) Feed(seg *dissect.Segment, out *event.Batch) (dissect.Progress, error) {
	cur := cursor.New(seg.Data)
	op := opcode(cur.U16())
	switch {
	case cur.Short():
		v.complain("tftp_short", "a packet has no opcode", seg, out)
	case op == opRRQ, op == opWRQ:
		v.request(op, &cur, seg, out)
	case op == opDATA:
		if n := cur.U16(); !cur.Short() {
			v.transfer(seg).data(seg.Dir, n, cur.Rest(), seg.Cut, seg.Ref)
		}
	case op == opACK:
		if n := cur.U16(); !cur.Short() {
			v.acknowledge(seg, n)
		}
	case op == opOACK:
		v.transfer(seg).agree(readOptions(&cur), seg.Ref)
	case op == opERROR:
		v.fail(&cur, seg, out)
	default:
		v.complain("tftp_opcode", "a packet has none of the opcodes of RFC 1350 and RFC 2347", seg, out)
	}
	return dissect.Progress{}, nil
}

// request begins something new. The same request again means that it was not answered.
func (v *conversation) request(op opcode, cur *cursor.Cursor, seg *dissect.Segment, out *event.Batch) {
	r, ok := readRequest(cur)
	if !ok {
		v.complain("tftp_request", "a request has no file name or no mode of RFC 1350", seg, out)
		return
	}
	row := &Message{Dir: seg.Dir.String(), Opcode: op.String(), Filename: r.file, FileExt: extension(r.file), Traversal: traverses(r.file),
		Mode: r.mode, Options: r.list}
	if old := v.asked; old != nil && v.t == nil && old.Opcode == row.Opcode && old.Filename == row.Filename && old.Mode == row.Mode {
		old.Repeats++
		return
	}
	v.end(out)
	v.asked, v.askedAt = row, seg.Ref
}

// transfer gives the transfer that is under way, or begins one. A last block that was acknowledged may only be sent again.
func (v *conversation) transfer(seg *dissect.Segment) *transfer {
	if v.t == nil {
		v.t = &transfer{keeper: v.c.Keeper, begun: seg.Ref, size: -1, row: Message{Opcode: opDATA.String()}}
		if a := v.asked; a != nil {
			v.t.asked(a)
		}
	}
	return v.t
}

// acknowledge takes an ACK. One of block 0 grants a write, or accepts an OACK.
func (v *conversation) acknowledge(seg *dissect.Segment, n uint16) {
	if t := v.transfer(seg); n != 0 || t.next > 1 {
		t.acknowledged(n)
	}
	v.t.row.Until = seg.Time
}

// fail takes an ERROR: it ends the transfer, or refuses one.
func (v *conversation) fail(cur *cursor.Cursor, seg *dissect.Segment, out *event.Batch) {
	code := errorCode(cur.U16())
	if cur.Short() {
		v.complain("tftp_short", "an error has no code", seg, out)
		return
	}
	words, ok := text(cur)
	if !ok {
		words = cur.Rest()
	}
	row := &Message{Dir: seg.Dir.String(), Opcode: opERROR.String()}
	if v.t != nil && v.t.begunData() {
		row = &v.t.row
	}
	row.ErrorCode, row.ErrorMeaning, row.ErrorText = event.Some(int64(code)), code.String(), dnsname.Clean(words, maxText)
	if row.Opcode == opERROR.String() {
		v.request0(out)
		messages.Emit(out, seg.Ref, *row)
		return
	}
	row.Until = seg.Time
	v.end(out)
}

// request0 emits the request that waits.
func (v *conversation) request0(out *event.Batch) {
	if v.asked != nil {
		messages.Emit(out, v.askedAt, *v.asked)
		v.asked = nil
	}
}

// end emits the request and the transfer.
func (v *conversation) end(out *event.Batch) {
	v.request0(out)
	if t := v.t; t != nil {
		v.t = nil
		t.end(out)
	}
}

// Close emits what is under way.
func (v *conversation) Close(out *event.Batch) { v.end(out) }

func (v *conversation) complain(kind, what string, seg *dissect.Segment, out *event.Batch) {
	if v.faults++; v.faults <= maxComplaints {
		dissect.Anomaly(out, seg.Ref, protocolName, kind, 1, what)
	}
}

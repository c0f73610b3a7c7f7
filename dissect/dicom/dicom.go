package dicom

import (
	"fmt"

	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
)

// Protocol is DICOM over TCP.
var Protocol = dissect.Protocol{
	Name:       "dicom",
	Spec:       "DICOM PS3.8 2025c section 9, PS3.7, PS3.5",
	Transports: []dissect.Transport{dissect.TCP},
	Ports:      []uint16{104, 11112, 4242, 2104, 2761, 4006, 5678, 8104, 10104, 11113},
	MaxBuffer:  maxAssociate + 6,
	Tables: []*event.Table{associations.Desc(), contexts.Desc(), messages.Desc(), datasets.Desc(), negotiations.Desc(), otherIDs.Desc(),
		references.Desc()},
	Probe: probe,
	New:   newDissector,
}

// Limits of a conversation, each against a peer that lies.
const (
	maxAssociate   = 256 << 10 // bytes of an A-ASSOCIATE PDU that are read; 128 contexts of 30 syntaxes have 130 KiB
	maxCommand     = 16 << 10  // bytes of a command set; real ones have some hundred
	maxOutstanding = 256       // requests remembered for their responses; async windows in the field are below 16
	maxAnomalies   = 8         // anomaly rows of one kind an association may write
	hugePDU        = 16 << 20  // a PDU this long is an attack on its reader's memory; peers announce 16 KiB to 1 MiB
	pduHeader      = 6
	shortPDU       = 10 // of all types but A-ASSOCIATE-RQ, -AC and P-DATA-TF
	pdvHeader      = 6
	syncBytes      = pduHeader + pdvHeader
)

// dissector decodes one conversation.
type dissector struct {
	conn  *dissect.Conn
	half  [2]half
	assoc *association // nil until a PDU was seen
	count int64        // associations so far
}

// half is one direction.
type half struct {
	state  state
	pdu    int64 // bytes of the P-DATA-TF to come
	pdv    int64 // bytes of the fragment to come
	whole  int64 // of a PDU of which only the header was looked at yet: its bytes, the header included
	ctx    uint8
	last   bool // control bit 1: last fragment of the command or data set
	isCmd  bool // control bit 0
	spoke  bool // a command was seen
	msg    *message
	missed bool // out of step: looking for the next PDU
}

type state uint8

const (
	between state = iota // PDUs
	inPDU                // of type P-DATA-TF, before a PDV header
	inPDV                // inside a fragment
	passing              // over the rest of a PDU
)

// newDissector makes a dissector. A conversation that was joined in the middle is out of step until a PDU is found.
func newDissector(c *dissect.Conn) dissect.Dissector {
	d := &dissector{conn: c}
	d.half[0].missed, d.half[1].missed = c.Midstream, c.Midstream
	return d
}

// What an association remembers counts for in the memory budget, with its texts, measured: a presentation context with its syntaxes, a
// negotiated item, a request and a series that moves.
const (
	contextBytes     = 512
	negotiationBytes = 512
	requestBytes     = 320
	transferBytes    = 1 << 10
)

// Held is the number of bytes that the association and the open messages take.
func (d *dissector) Held() (n int) {
	if a := d.assoc; a != nil {
		n = len(a.context)*contextBytes + len(a.agreed)*negotiationBytes + len(a.pending)*requestBytes + len(a.transfers)*transferBytes
	}
	for i := range d.half {
		if m := d.half[i].msg; m != nil {
			n += cap(m.cmd)
		}
	}
	return n
}

// Feed takes the bytes of one direction.
func (d *dissector) Feed(seg *dissect.Segment, out *event.Batch) (dissect.Progress, error) {
	h := &d.half[seg.Dir]
	if seg.Gap > 0 {
		d.lose(h, seg, out)
	}
	c := cursor.New(seg.Data)
	need, skip := 0, int64(0)
	for c.More() && need == 0 && skip == 0 {
		before := c.Offset()
		switch {
		case h.missed:
			need = d.resync(h, &c, seg, out)
		case h.state == between:
			need, skip = d.pdu(h, &c, seg, out)
		case h.state == inPDU:
			need, skip = d.pdvHeader(h, &c, seg, out)
		case h.state == passing:
			skip = min(h.pdu, int64(c.Len()))
			c.Skip(int(skip))
			h.pdu, skip = 0, h.pdu-skip
			h.state = between
		default:
			d.fragment(h, c.Bytes(int(min(h.pdv, int64(c.Len())))), seg, out)
		}
		if d.assoc != nil && c.Offset() > before {
			d.assoc.row.Until = max(d.assoc.row.Until, seg.Time)
		}
	}
	return dissect.Progress{Used: c.Offset() + int(skip), Need: need}, nil
}

// Close ends the conversation.
func (d *dissector) Close(out *event.Batch) { d.finish(out) }

// pdu reads a PDU's header, and all of a PDU that is not P-DATA-TF.
//
//	type (1)  reserved (1)  length (4)  ...
func (d *dissector) pdu(h *half, c *cursor.Cursor, seg *dissect.Segment, out *event.Batch) (need int, skip int64) {
	if !c.Need(pduHeader) {
		return pduHeader, 0
	}
	look := *c
	t := pduType(look.U8())
	look.Skip(1)
	length := int64(look.U32())
	h.whole = pduHeader + length
	switch t {
	case associateRQ, associateAC:
		take := int(min(h.whole, maxAssociate))
		if fixed := pduHeader + minAssociate; take > fixed {
			if !c.Need(fixed) {
				return fixed, 0
			}
			d.early(t, *c, seg)
		}
		if !c.Need(take) {
			return take, 0
		}
		body := c.Sub(take)
		body.Skip(pduHeader)
		skip = h.whole - int64(take)
		d.begin(t, body, length, seg, out)
	case dataTF:
		c.Skip(pduHeader)
		d.dataPDU(h, length, seg, out)
	case associateRJ, releaseRQ, releaseRP, abort:
		take := int(min(h.whole, shortPDU))
		if !c.Need(take) {
			return take, 0
		}
		body := c.Sub(take)
		body.Skip(pduHeader)
		skip = h.whole - int64(take)
		d.short(t, body, length, seg, out)
	default:
		d.ensure(seg)
		d.anomaly(out, seg.Ref, oddUnknownPDU, int64(t), fmt.Sprintf("a PDU of %s, which PS3.8 does not define: the next one is looked for", t))
		c.Skip(1)
		h.missed = true
	}
	h.whole = 0
	return 0, skip
}

// dataPDU enters a P-DATA-TF.
func (d *dissector) dataPDU(h *half, length int64, seg *dissect.Segment, out *event.Batch) {
	a := d.ensure(seg)
	a.row.PDUs++
	if max, ok := a.maximum(seg.Dir.Other()); ok && max > 0 && length > max { // PS3.8 D.1
		a.row.OversizePDUs++
		d.anomaly(out, seg.Ref, oddOverMaximum, length, fmt.Sprintf("a P-DATA-TF of %d bytes, but its receiver takes %d", length, max))
	}
	if length > hugePDU {
		d.anomaly(out, seg.Ref, oddPDULength, length, fmt.Sprintf("a P-DATA-TF that claims %d bytes", length))
	}
	h.pdu = length
	if length > 0 {
		h.state = inPDU
	}
}

// pdvHeader reads the header of a presentation data value (PS3.8 9.3.5.1, annex E.2).
//
//	length (4)  context (1)  control (1: bit 0 command, bit 1 last)  fragment ...
func (d *dissector) pdvHeader(h *half, c *cursor.Cursor, seg *dissect.Segment, out *event.Batch) (need int, skip int64) {
	if h.pdu < pdvHeader {
		return 0, d.badPDV(h, 0, seg, out)
	}
	if !c.Need(pdvHeader) {
		return pdvHeader, 0
	}
	length, ctx, control := int64(c.U32()), c.U8(), c.U8()
	h.pdu -= pdvHeader
	if length < 2 || length-2 > h.pdu {
		return 0, d.badPDV(h, length, seg, out)
	}
	h.pdv, h.ctx = length-2, ctx
	h.isCmd, h.last = control&1 != 0, control&2 != 0
	h.state = inPDV
	d.beginFragment(h, seg, out)
	if h.pdv == 0 {
		d.fragment(h, nil, seg, out)
	}
	return 0, 0
}

// badPDV passes over the rest of a PDU whose fragments do not add up.
func (d *dissector) badPDV(h *half, length int64, seg *dissect.Segment, out *event.Batch) int64 {
	d.anomaly(out, seg.Ref, oddPDVLength, length, fmt.Sprintf("a fragment of %d bytes where %d are left of its P-DATA-TF: the rest is passed over", length, h.pdu))
	skip := h.pdu
	h.pdu, h.state = 0, between
	d.breakOff(h, out)
	return skip
}

// fragment takes the next bytes of a fragment, all of which are there or none lost.
func (d *dissector) fragment(h *half, p []byte, seg *dissect.Segment, out *event.Batch) {
	n := int64(len(p))
	h.pdv -= n
	h.pdu -= n
	if h.msg != nil {
		h.msg.take(h.isCmd, p, seg.Ref)
	}
	d.endFragment(h, seg, out)
}

// endFragment closes a fragment whose last byte came or was lost.
func (d *dissector) endFragment(h *half, seg *dissect.Segment, out *event.Batch) {
	if h.pdv > 0 {
		return
	}
	h.state = inPDU
	if h.pdu == 0 {
		h.state = between
	}
	if h.last {
		d.lastFragment(h, seg, out)
	}
}

// lose accounts for lost bytes. Inside a fragment or an A-ASSOCIATE PDU the step is kept by counting; elsewhere the
// next PDU must be looked for.
func (d *dissector) lose(h *half, seg *dissect.Segment, out *event.Batch) {
	n := int64(seg.Gap)
	if d.assoc != nil {
		d.assoc.row.LostBytes += n
	}
	switch {
	case h.missed:
		return
	case h.state == inPDV && n <= h.pdv:
		h.pdv -= n
		h.pdu -= n
		if h.msg != nil {
			h.msg.lose(h.isCmd, n, seg.Ref)
		}
		d.endFragment(h, seg, out)
		return
	case (h.state == inPDU || h.state == inPDV) && n <= h.pdu: // a PDV header is among them
		d.breakOff(h, out)
		h.pdu, h.pdv, h.state = h.pdu-n, 0, passing
		return
	case h.state == between && n <= h.whole:
		h.pdu, h.whole, h.state = h.whole-n, 0, passing
		return
	}
	d.breakOff(h, out)
	if d.assoc != nil {
		d.anomaly(out, seg.Ref, oddLostStep, n, fmt.Sprintf("%d bytes are missing between PDUs or fragments: the next PDU is looked for", n))
	}
	h.state, h.pdu, h.pdv, h.whole, h.missed = between, 0, 0, 0, true
}

// breakOff ends the message of a direction that cannot go on.
func (d *dissector) breakOff(h *half, out *event.Batch) {
	if h.msg != nil {
		h.msg.lost = true
		d.emit(h.msg, out)
		h.msg = nil
	}
}

// resync looks for the next PDU.
func (d *dissector) resync(h *half, c *cursor.Cursor, seg *dissect.Segment, out *event.Batch) (need int) {
	for c.More() {
		switch looksLikePDU(*c) {
		case dissect.Yes:
			h.missed = false
			return 0
		case dissect.Maybe:
			return c.Len() + 1
		}
		c.Skip(1)
	}
	return 0
}

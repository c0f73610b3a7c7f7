package ble

import (
	"bytes"
	"fmt"

	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
)

const advertisingAccess = 0x8E89BED6 // Vol 6 Part B 2.1.2

// The advertising PDUs (Vol 6 Part B 2.3).
var pduNames = [...]string{"ADV_IND", "ADV_DIRECT_IND", "ADV_NONCONN_IND", "SCAN_REQ", "SCAN_RSP", "CONNECT_IND", "ADV_SCAN_IND"}

const (
	pduDirect  = 1
	pduScanReq = 3
	pduConnect = 5
)

// air reads a packet of the link layer: access address, header, payload.
func (d *dissector) air(seg *dissect.Segment, cur *cursor.Cursor, out *event.Batch) {
	access := cur.U32LE()
	head, n := cur.U8(), int(cur.U8())
	if cur.Short() || cur.Len() < n {
		return // cut: addresses may be there, but an advertisement that is not whole would count as another
	}
	if access == advertisingAccess {
		d.advertisingPDU(seg, head, cur, out)
		return
	}
	d.dataPDU(seg, access, head, cur, out)
}

func (d *dissector) advertisingPDU(seg *dissect.Segment, head uint8, cur *cursor.Cursor, out *event.Batch) {
	pdu := int(head & 0x0f)
	randomTx, randomRx := head&0x40 != 0, head&0x80 != 0
	if pdu >= len(pduNames) {
		return // extended advertising: the primary channel says where to listen, no more
	}
	first := addressOf(cur)
	switch pdu {
	case pduScanReq:
	case pduConnect:
		d.connectInd(seg, first, randomRx, cur, out)
	case pduDirect:
		d.advertise(first, randomTx, pduNames[pdu], true, nil, seg.Ref, out)
	default:
		d.advertise(first, randomTx, pduNames[pdu], pdu == 0, cur.Rest(), seg.Ref, out)
	}
}

// connectInd opens a connection (Vol 6 Part B 2.3.3.1): addresses, access address, CRC init, window size and offset,
// interval (1.25 ms), latency, timeout (10 ms), channel map, hop.
func (d *dissector) connectInd(seg *dissect.Segment, central string, random bool, cur *cursor.Cursor, out *event.Batch) {
	r := Connection{Event: "open", Central: central}
	r.Peripheral = addressOf(cur)
	r.PeerType = addressType(random, r.Peripheral)
	r.Access = fmt.Sprintf("%08x", cur.U32LE())
	cur.Skip(3 + 1 + 2)
	interval, latency, timeout := cur.U16LE(), cur.U16LE(), cur.U16LE()
	if cur.Short() {
		return
	}
	r.parameters(interval, latency, timeout)
	connections.Emit(out, seg.Ref, r)
}

func (r *Connection) parameters(interval, latency, timeout uint16) {
	r.IntervalMS = event.Some(float64(interval) * 1.25)
	r.Latency = event.Some(int64(latency))
	r.TimeoutMS = event.Some(int64(timeout) * 10)
}

// dataPDU reads a packet of a connection (Vol 6 Part B 2.4): LLID 1 goes on, 2 begins an L2CAP packet, 3 is control.
func (d *dissector) dataPDU(seg *dissect.Segment, access uint32, head uint8, cur *cursor.Cursor, out *event.Batch) {
	l := d.links[0]
	switch head & 3 {
	case 1, 2:
		if cur.More() && !l.halves[seg.Dir].again(head, cur, d.c.Guessed) { // an empty packet keeps the connection alive
			d.l2cap(l, event.Opt[int64]{}, seg, cur, head&3 == 2, out)
		}
	case 3:
		d.control(l, seg, access, cur, out)
	}
}

// again tells whether a packet is the one before, sent once more because its answer was lost: same sequence number, same
// bytes (Vol 6 Part B 4.5.9). Where the sender is not told it cannot be known.
func (h *half) again(head uint8, cur *cursor.Cursor, unknown bool) bool {
	const sequenceNumber = 0x08
	rest := *cur
	b := rest.Rest()
	same := !unknown && h.any && h.sn == head&sequenceNumber && bytes.Equal(h.last, b)
	h.any, h.sn, h.last = true, head&sequenceNumber, append(h.last[:0], b...)
	return same
}

// The link layer control PDUs that are told (Vol 6 Part B 2.4.2).
const (
	llUpdate    = 0x00
	llTerminate = 0x02
	llEncReq    = 0x03
	llStartEnc  = 0x05
	llReject    = 0x0d
	llVersion   = 0x0c
)

// control reads a control PDU. Once encrypted, its opcode is noise: only lengths that fit are believed, and nothing after
// encryption has started.
func (d *dissector) control(l *link, seg *dissect.Segment, access uint32, cur *cursor.Cursor, out *event.Batch) {
	if l.encrypted {
		return
	}
	where := fmt.Sprintf("%08x", access)
	switch op := cur.U8(); {
	case op == llUpdate && cur.Len() == 11:
		cur.Skip(3)
		r := Connection{Event: "update", Access: where}
		r.parameters(cur.U16LE(), cur.U16LE(), cur.U16LE())
		connections.Emit(out, seg.Ref, r)
	case op == llTerminate && cur.Len() == 1:
		connections.Emit(out, seg.Ref, Connection{Event: "close", Access: where, Status: event.Some(int64(cur.U8()))})
	case op == llEncReq && cur.Len() == 22:
		d.secure(seg, event.Opt[int64]{}, Security{Step: "encryption_request"}, out)
	case op == llStartEnc && cur.Len() == 0:
		l.encrypted = true
		d.secure(seg, event.Opt[int64]{}, Security{Step: "encryption_start"}, out)
	case op == llReject && cur.Len() == 1:
		d.secure(seg, event.Opt[int64]{}, Security{Step: "rejected", Reason: event.Some(int64(cur.U8()))}, out)
	case op == llVersion && cur.Len() == 5:
		v, maker := cur.U8(), cur.U16LE()
		connections.Emit(out, seg.Ref, Connection{Event: "version", Access: where, Version: coreVersion(v), Company: company(maker)})
	}
}

// secure emits a step of pairing or encryption.
func (d *dissector) secure(seg *dissect.Segment, handle event.Opt[int64], r Security, out *event.Batch) {
	r.Handle, r.Dir = handle, d.dirName(seg.Dir)
	securities.Emit(out, seg.Ref, r)
}

package ble

import (
	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
)

// The packet types of the UART transport (Vol 4 Part A 2).
const (
	hciACL   = 2
	hciEvent = 4
)

// hci reads a packet between a host and its controller.
func (d *dissector) hci(seg *dissect.Segment, cur *cursor.Cursor, out *event.Batch) {
	switch cur.U8() {
	case hciACL:
		d.acl(seg, cur, out)
	case hciEvent:
		code, n := cur.U8(), int(cur.U8())
		body := cur.Sub(n)
		if !cur.Short() {
			d.event(code, seg, &body, out)
		}
	}
}

// acl reads handle and flags, length, data (Vol 4 Part E 5.4.2).
func (d *dissector) acl(seg *dissect.Segment, cur *cursor.Cursor, out *event.Batch) {
	head, n := cur.U16LE(), int(cur.U16LE())
	if cur.Short() || cur.Len() < n {
		return
	}
	handle := head & 0x0fff
	l := d.link(handle)
	if l == nil {
		return
	}
	body := cur.Sub(n)
	const goesOn = 1
	d.l2cap(l, event.Some(int64(handle)), seg, &body, head>>12&3 != goesOn, out)
}

// link gives a connection, made when its beginning was not seen.
func (d *dissector) link(handle uint16) *link {
	l := d.links[handle]
	if l == nil && len(d.links) < maxLinks {
		l = newLink("")
		d.links[handle] = l
	}
	return l
}

// The events that are told (Vol 4 Part E 7.7).
const (
	eventDisconnected  = 0x05
	eventEncryption    = 0x08
	eventRemoteVersion = 0x0c
	eventCommandDone   = 0x0e
	eventLEMeta        = 0x3e
	eventEncryptionV2  = 0x59
	metaConnected      = 0x01
	metaReport         = 0x02
	metaUpdated        = 0x03
	metaKeyRequest     = 0x05
	metaConnectedV2    = 0x0a
	metaExtendedReport = 0x0d
	commandReadVersion = 0x1001
	commandReadAddress = 0x1009
)

func (d *dissector) event(code uint8, seg *dissect.Segment, cur *cursor.Cursor, out *event.Batch) {
	switch code {
	case eventDisconnected:
		cur.Skip(1)
		handle, reason := cur.U16LE(), cur.U8()
		if !cur.Short() {
			d.disconnected(handle, reason, seg, out)
		}
	case eventEncryption, eventEncryptionV2:
		d.encryptionChanged(seg, cur, out)
	case eventRemoteVersion:
		cur.Skip(1)
		handle, v, maker := cur.U16LE(), cur.U8(), cur.U16LE()
		if !cur.Short() {
			connections.Emit(out, seg.Ref, Connection{Event: "version", Handle: event.Some(int64(handle)), Version: coreVersion(v), Company: company(maker)})
		}
	case eventCommandDone:
		d.commandDone(cur)
	case eventLEMeta:
		d.meta(seg, cur, out)
	}
}

func (d *dissector) disconnected(handle uint16, reason uint8, seg *dissect.Segment, out *event.Batch) {
	r := Connection{Event: "close", Handle: event.Some(int64(handle)), Status: event.Some(int64(reason))}
	if l := d.links[handle]; l != nil {
		r.Peripheral = l.peer
		delete(d.links, handle)
	}
	connections.Emit(out, seg.Ref, r)
}

// encryptionChanged: status, handle, enabled.
func (d *dissector) encryptionChanged(seg *dissect.Segment, cur *cursor.Cursor, out *event.Batch) {
	status, handle, on := cur.U8(), cur.U16LE(), cur.U8()
	if cur.Short() {
		return
	}
	r := Security{Step: "encrypted", Reason: event.Some(int64(status))}
	if status != 0 || on == 0 {
		r.Step = "rejected"
	}
	if l := d.link(handle); l != nil {
		l.encrypted = status == 0 && on != 0
	}
	d.secure(seg, event.Some(int64(handle)), r, out)
}

// commandDone takes the host's own address out of the answer to a command.
func (d *dissector) commandDone(cur *cursor.Cursor) {
	cur.Skip(1)
	op, status := cur.U16LE(), cur.U8()
	if op == commandReadAddress && status == 0 && cur.Need(6) {
		d.own = addressOf(cur)
	}
}

func (d *dissector) meta(seg *dissect.Segment, cur *cursor.Cursor, out *event.Batch) {
	switch sub := cur.U8(); sub {
	case metaConnected, metaConnectedV2:
		d.connected(sub == metaConnectedV2, seg, cur, out)
	case metaUpdated:
		status, handle := cur.U8(), cur.U16LE()
		r := Connection{Event: "update", Handle: event.Some(int64(handle)), Status: event.Some(int64(status))}
		r.parameters(cur.U16LE(), cur.U16LE(), cur.U16LE())
		if !cur.Short() {
			connections.Emit(out, seg.Ref, r)
		}
	case metaKeyRequest:
		if handle := cur.U16LE(); !cur.Short() {
			d.secure(seg, event.Some(int64(handle)), Security{Step: "encryption_request"}, out)
		}
	case metaReport:
		d.reports(seg, cur, out)
	case metaExtendedReport:
		d.extendedReports(seg, cur, out)
	}
}

// connected: status, handle, role, peer's address type and address, (two local addresses,) interval, latency, timeout.
func (d *dissector) connected(v2 bool, seg *dissect.Segment, cur *cursor.Cursor, out *event.Batch) {
	status, handle, role, kind := cur.U8(), cur.U16LE(), cur.U8(), cur.U8()
	peer := addressOf(cur)
	own := d.own
	if v2 {
		if a := addressOf(cur); a != "00:00:00:00:00:00" && a != "" {
			own = a
		}
		cur.Skip(6)
	}
	interval, latency, timeout := cur.U16LE(), cur.U16LE(), cur.U16LE()
	if cur.Short() {
		return
	}
	r := Connection{Event: "open", Handle: event.Some(int64(handle)), Status: event.Some(int64(status)), Central: own, Peripheral: peer}
	r.PeerType = addressType(kind&1 == 1, peer)
	if role == 1 { // this host is the peripheral
		r.Central, r.Peripheral, r.PeerType = peer, own, ""
	}
	r.parameters(interval, latency, timeout)
	connections.Emit(out, seg.Ref, r)
	if status == 0 && (len(d.links) < maxLinks || d.links[handle] != nil) {
		d.links[handle] = newLink(peer)
	}
}

// The kinds of reported advertisements (Vol 4 Part E 7.7.65.2).
var reportNames = [...]string{"ADV_IND", "ADV_DIRECT_IND", "ADV_SCAN_IND", "ADV_NONCONN_IND", "SCAN_RSP"}

// reports: number, then for each: kind, address type, address, length, data, signal.
func (d *dissector) reports(seg *dissect.Segment, cur *cursor.Cursor, out *event.Batch) {
	for range cur.U8() {
		kind, addrType := int(cur.U8()), cur.U8()
		address := addressOf(cur)
		data := cur.Bytes(int(cur.U8()))
		cur.Skip(1)
		if cur.Short() || kind >= len(reportNames) {
			return
		}
		d.advertise(address, addrType&1 == 1, reportNames[kind], kind < 2, data, seg.Ref, out)
	}
}

// extendedReports: number, then for each: kind (2), address type, address, 3 bytes of radio, power, signal, interval (2),
// direct address with its type (7), length, data.
func (d *dissector) extendedReports(seg *dissect.Segment, cur *cursor.Cursor, out *event.Batch) {
	for range cur.U8() {
		kind, addrType := cur.U16LE(), cur.U8()
		address := addressOf(cur)
		cur.Skip(3 + 1 + 1 + 2 + 7)
		data := cur.Bytes(int(cur.U8()))
		if cur.Short() {
			return
		}
		const connectable, scanResponse, legacy = 1, 8, 16
		pdu := "extended"
		switch {
		case kind&legacy != 0 && kind&scanResponse != 0:
			pdu = "SCAN_RSP"
		case kind&legacy != 0 && kind&connectable != 0:
			pdu = "ADV_IND"
		case kind&legacy != 0:
			pdu = "ADV_NONCONN_IND"
		}
		d.advertise(address, addrType&1 == 1, pdu, kind&connectable != 0, data, seg.Ref, out)
	}
}

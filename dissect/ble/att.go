package ble

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
)

// opcode is an operation of the attribute protocol (Vol 3 Part F 3.4.8).
type opcode uint8

// The operations.
const (
	opError         opcode = 0x01
	opMTURequest    opcode = 0x02
	opMTUResponse   opcode = 0x03
	opFindInfo      opcode = 0x05
	opReadByTypeReq opcode = 0x08
	opReadByType    opcode = 0x09
	opReadRequest   opcode = 0x0a
	opReadResponse  opcode = 0x0b
	opReadBlobReq   opcode = 0x0c
	opReadBlob      opcode = 0x0d
	opReadGroup     opcode = 0x11
	opWriteRequest  opcode = 0x12
	opPrepareReq    opcode = 0x16
	opNotification  opcode = 0x1b
	opIndication    opcode = 0x1d
	opConfirmation  opcode = 0x1e
	opWriteCommand  opcode = 0x52
	opSignedWrite   opcode = 0xd2
)

func (o opcode) String() string {
	if s, ok := opNames[o]; ok {
		return s
	}
	return fmt.Sprintf("0x%02x", uint8(o))
}

// fromServer tells which side of GATT sends it: responses, notifications, indications, errors.
func (o opcode) fromServer() bool { return o&1 == 1 && o < 0x40 }

func (o opcode) writes() bool {
	return o == opWriteRequest || o == opWriteCommand || o == opSignedWrite
}

// attribute is what is known of an attribute of a server.
type attribute struct {
	uuid    string
	service string
}

// group is a service and the handles it spans.
type group struct {
	first, last uint16
	uuid        string
}

const maxGroups = 64 // services of a server: wearables have ten

// request is the one a client waits for.
type request struct {
	op   opcode
	attr uint16
	blob bool
}

// server gives the index of the side that is the server in this packet: on a link whose sender is not told there is one.
func (d *dissector) server(dir dissect.Dir, op opcode) dissect.Dir {
	switch {
	case d.c.Guessed:
		return 0
	case op.fromServer():
		return dir
	}
	return dir.Other()
}

// att reads one packet of the attribute protocol.
func (d *dissector) att(l *link, handle event.Opt[int64], seg *dissect.Segment, cur *cursor.Cursor, out *event.Batch) {
	op := opcode(cur.U8())
	server := d.server(seg.Dir, op)
	r := Attribute{Dir: d.dirName(seg.Dir), Handle: handle, Op: op.String(), Encrypted: l.encrypted}
	var value []byte
	asked := &l.asked[server]
	switch op {
	case opError:
		of := opcode(cur.U8())
		r.ErrorOf = of.String()
		r.Attr, r.Error = event.Some(int64(cur.U16LE())), event.Some(int64(cur.U8()))
		*asked = request{}
	case opReadRequest, opReadBlobReq:
		*asked = request{op: op, attr: cur.U16LE(), blob: op == opReadBlobReq}
		r.Attr = event.Some(int64(asked.attr))
	case opReadByTypeReq:
		*asked = request{op: op}
		cur.Skip(4)
		r.UUID = readUUID(cur)
	case opReadResponse, opReadBlob:
		if asked.attr != 0 {
			r.Attr = event.Some(int64(asked.attr))
		}
		if value = cur.Rest(); asked.blob {
			value = nil // the middle of a value
		}
		r.Length = int64(len(value))
		*asked = request{}
	case opReadByType:
		d.readByType(l, server, seg, cur, out)
		*asked = request{}
	case opReadGroup:
		l.readGroup(server, cur)
	case opFindInfo:
		l.findInfo(server, cur)
	case opWriteRequest, opWriteCommand, opSignedWrite, opNotification, opIndication:
		r.Attr = event.Some(int64(cur.U16LE()))
		if op == opSignedWrite {
			value = cur.Bytes(max(cur.Len()-12, 0)) // a signature of 12 bytes follows
		} else {
			value = cur.Rest()
		}
		r.Length = int64(len(value))
	case opPrepareReq:
		r.Attr = event.Some(int64(cur.U16LE()))
	}
	if cur.Short() {
		dissect.Anomaly(out, seg.Ref, protocolName, "ble_att_short", 1, "an attribute protocol packet is shorter than its operation needs")
		return
	}
	if r.Attr.OK {
		r.describe(l.types[server][uint16(r.Attr.V)])
	}
	d.emitValue(&r, op, l.serverAddress(d, server), value, seg, out)
}

// serverAddress is the address of the GATT server, as far as it is known: the peer's.
func (l *link) serverAddress(d *dissector, server dissect.Dir) string {
	if d.c.Transport == dissect.HCI && server == dissect.FromClient {
		return d.own // the host that logs is itself the server
	}
	return l.peer
}

func (r *Attribute) describe(a attribute) {
	if r.UUID == "" {
		r.UUID = a.uuid
	}
	r.Name, r.Service = characteristicNames[r.UUID], a.service
}

// emitValue emits the packet and what its value says.
func (d *dissector) emitValue(r *Attribute, op opcode, server string, value []byte, seg *dissect.Segment, out *event.Batch) {
	r.Device = server
	given := op == opReadResponse || op == opNotification || op == opIndication
	switch {
	case given && deviceInformation[r.UUID] != "":
		r.Text = printable(value)
		d.say(server, deviceInformation[r.UUID], r.Text, "device_information", 90, seg.Ref, out)
	case r.UUID == "2A8A" || r.UUID == "2A90":
		r.UserText = printable(value)
	case r.UUID == "2A85":
		r.UserBirth = birth(value)
	case op.writes() && controlPoints[r.UUID]:
		r.Control = controlOf(r.UUID, value)
	}
	seq := attributes.Emit(out, seg.Ref, *r)
	if given && len(value) > 0 {
		d.measure(r, seq, server, value, seg, out)
	}
}

func printable(b []byte) string {
	s := strings.TrimRight(string(b), "\x00 ")
	if !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
		return ""
	}
	return s
}

// birth reads year (2), month, day.
func birth(b []byte) string {
	cur := cursor.New(b)
	y, m, day := cur.U16LE(), cur.U8(), cur.U8()
	if cur.Short() || y == 0 {
		return ""
	}
	return fmt.Sprintf("%04d%02d%02d", y, m, day)
}

func readUUID(cur *cursor.Cursor) string {
	switch cur.Len() {
	case 2:
		return uuid16(cur.U16LE())
	case 16:
		return uuid128(cur.Bytes(16))
	}
	return ""
}

const characteristicDeclaration = "2803" // Vol 3 Part G 3.3.1

// readByType takes characteristic declarations: handle, properties, value handle, UUID.
func (d *dissector) readByType(l *link, server dissect.Dir, seg *dissect.Segment, cur *cursor.Cursor, out *event.Batch) {
	size := int(cur.U8())
	if size != 7 && size != 21 {
		cur.Skip(cur.Len())
		return
	}
	for cur.Need(size) {
		item := cur.Sub(size)
		item.Skip(3)
		value := item.U16LE()
		l.learn(server, value, readUUID(&item))
	}
}

// readGroup takes services: first and last handle, UUID (Vol 3 Part F 3.4.4.10).
func (l *link) readGroup(server dissect.Dir, cur *cursor.Cursor) {
	size := int(cur.U8())
	if size != 6 && size != 20 {
		cur.Skip(cur.Len())
		return
	}
	for cur.Need(size) {
		item := cur.Sub(size)
		g := group{first: item.U16LE(), last: item.U16LE()}
		g.uuid = serviceName(readUUID(&item))
		if len(l.groups[server]) < maxGroups {
			l.groups[server] = append(l.groups[server], g)
		}
	}
}

// findInfo takes types of attributes: format 1 has short ones, 2 whole ones (3.4.3.2).
func (l *link) findInfo(server dissect.Dir, cur *cursor.Cursor) {
	size := 4
	if cur.U8() == 2 {
		size = 18
	}
	for cur.Need(size) {
		item := cur.Sub(size)
		handle := item.U16LE()
		if uuid := readUUID(&item); l.types[server][handle].uuid == "" {
			l.learn(server, handle, uuid)
		}
	}
}

// learn remembers the type of an attribute.
func (l *link) learn(server dissect.Dir, handle uint16, uuid string) {
	if _, known := l.types[server][handle]; !known && len(l.types[server]) >= maxAttributes {
		return
	}
	a := attribute{uuid: uuid}
	for _, g := range l.groups[server] {
		if handle >= g.first && handle <= g.last {
			a.service = g.uuid
		}
	}
	l.types[server][handle] = a
}

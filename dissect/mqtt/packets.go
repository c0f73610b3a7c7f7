package mqtt

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
)

// packet takes one control packet. It answers how many bytes it wants to see, 0 if it took the packet.
//
//	+------------+----------------------+-----------------+---------+
//	| type flags | remaining length 1-4 | variable header | payload |
//	+------------+----------------------+-----------------+---------+
func (v *conversation) packet(c *cursor.Cursor, seg *dissect.Segment, out *event.Batch) (need int) {
	h := &v.half[seg.Dir]
	look := *c
	first := look.U8()
	n, long, state := remainingLength(&look)
	head := look.Offset() - c.Offset()
	f := fields{row: Packet{Dir: seg.Dir.String(), Type: packetType(first >> 4).String(), Complete: true}, v5: v.level == 5}
	switch state {
	case dissect.Maybe:
		return head + 1
	case dissect.No: // longer than four bytes: nothing behind it can be told apart
		f.row.Malformed, f.row.Complete = badLength, false
		v.emit(h, &f.row, out)
		dissect.Anomaly(out, h.ref, "mqtt", "mqtt_desync", 1, "a remaining length of more than four bytes: the rest of this direction was passed over")
		h.dead = true
		return 0
	}
	held := min(n, maxHeld)
	if !look.Need(held) {
		return head + held
	}
	f.row.Len = int64(n)
	f.Cursor = look.Sub(held)
	if long {
		f.fault(badLength)
	}
	*c = look
	h.packets++
	v.decode(h, seg.Dir, first, &f, n-held, out)
	return 0
}

// decode takes the packet in f; beyond are its bytes that are not held.
func (v *conversation) decode(h *half, dir dissect.Dir, first uint8, f *fields, beyond int, out *event.Batch) {
	t, flags := packetType(first>>4), first&15
	v.checkOrder(t, dir, f)
	if t != publish && flags != flagsOf(t) && !(v.level == 3 && flags&^8 == flagsOf(t)) { // 3.1 lets DUP stand in others
		f.fault(badFlags)
	}
	var after func(seq uint32)
	switch t {
	case connect:
		v.connect(h, dir, f, out)
	case connack:
		v.connack(h, f, out)
	case publish:
		v.publish(h, dir, flags, f, beyond, out)
		return
	case puback, pubrec, pubrel, pubcomp:
		v.answer(t, dir, f)
	case subscribe, unsubscribe:
		after = v.filterList(t, h, f, out)
	case suback, unsuback:
		v.filterCodes(t, f, out)
	case disconnect, auth:
		v.reason(f)
	}
	v.judgeEnd(f, beyond)
	seq := v.emit(h, f.finish(), out)
	if after != nil {
		after(seq)
	}
	if beyond > 0 { // only an attack has a CONNECT or an answer of this size
		h.open = &passing{left: beyond}
	}
}

// finish puts the faults into the row.
func (f *fields) finish() *Packet {
	f.row.Malformed = strings.Join(f.faults, ",")
	return &f.row
}

// judgeEnd looks at where the reading ended.
func (v *conversation) judgeEnd(f *fields, beyond int) {
	switch {
	case f.Short():
		f.fault(shortPacket)
	case f.More() || beyond > 0:
		f.fault(trailingBytes)
	}
}

// checkOrder judges a packet by what came before it, and by who sends it.
func (v *conversation) checkOrder(t packetType, dir dissect.Dir, f *fields) {
	fromClient := dir == dissect.FromClient
	switch t {
	case 0:
		f.fault(reservedType)
	case connect, subscribe, unsubscribe, pingreq:
		if !fromClient {
			f.fault(wrongSender)
		}
	case connack, suback, unsuback, pingresp:
		if fromClient {
			f.fault(wrongSender)
		}
	case auth:
		if v.level != 5 && v.level != 0 {
			f.fault(reservedType)
		}
	}
	if t == connect && v.opened {
		f.fault(secondConnect)
	}
	if t != connect && fromClient && !v.opened && !v.unsure {
		f.fault(beforeConnect)
	}
}

// connect takes CONNECT (3.1).
func (v *conversation) connect(h *half, dir dissect.Dir, f *fields, out *event.Batch) {
	row := &f.row
	name, level := f.str(), f.U8()
	flags := f.U8()
	row.KeepAlive = event.Some(int64(f.U16()))
	if !f.Short() && !knownProtocol(name, level) {
		f.fault(badProtocol)
	}
	v.level, v.guessed, v.opened = level&0x7f, false, true // bit 7 marks a bridge of mosquitto
	f.v5 = v.level == 5
	if f.v5 {
		f.properties(true)
	}
	row.ClientID = f.str()
	row.CleanStart = event.Some(flags&2 != 0)
	v.resumed = flags&2 == 0
	if flags&1 != 0 || flags&0x38 != 0 && flags&4 == 0 || v.level == 4 && flags&0xc0 == 0x40 {
		f.fault(badConnectFlag)
	}
	if flags&4 != 0 {
		v.will(flags, f)
	}
	if flags&0x80 != 0 {
		row.User = f.str()
	}
	if flags&0x40 != 0 {
		n := int(f.U16())
		row.Password = true
		row.PasswordLen = event.Some(int64(n))
		f.Skip(n)
	}
	v.clientID = row.ClientID
	v.client(h, dir, row, out)
}

func knownProtocol(name string, level uint8) bool {
	level &= 0x7f
	return name == "MQTT" && (level == 4 || level == 5) || name == "MQIsdp" && level == 3
}

// will takes the will of CONNECT (3.1.3.2 to 3.1.3.4).
func (v *conversation) will(flags uint8, f *fields) {
	if f.v5 {
		f.properties(false)
	}
	var patient string
	f.row.WillTopic, patient = redact(f.str())
	if patient != "" {
		f.row.TopicPatient = patient
	}
	n := int(f.U16())
	f.Skip(n)
	qos := flags >> 3 & 3
	if qos == 3 {
		f.fault(badQoS)
	}
	f.row.WillLen, f.row.WillQoS, f.row.WillRetain = event.Some(int64(n)), event.Some(int64(qos)), flags&0x20 != 0
}

// connack takes CONNACK (3.2).
func (v *conversation) connack(h *half, f *fields, out *event.Batch) {
	if v.level == 0 {
		v.level, v.guessed = 4, true
		if f.Len() > 2 {
			v.level = 5
		}
		f.v5 = v.level == 5
	}
	flags, code := f.U8(), int64(f.U8())
	if f.Short() {
		return
	}
	if flags > 1 {
		f.fault(badReserved)
	}
	f.row.SessionPresent, f.row.ReturnCode = event.Some(flags&1 != 0), event.Some(code)
	f.row.Reason = returnCodes[code]
	if f.v5 {
		f.row.Reason = reasonCodes[code]
		if f.More() {
			f.properties(true)
		}
		if f.row.ClientID != "" { // the broker assigned it
			v.clientID = f.row.ClientID
		}
	}
	if f.row.Reason == "" {
		f.fault(badReason)
	}
	v.broker(h, out)
}

// publish takes PUBLISH (3.3).
func (v *conversation) publish(h *half, dir dissect.Dir, flags uint8, f *fields, beyond int, out *event.Batch) {
	row := &f.row
	qos := flags >> 1 & 3
	row.Dup, row.Retain, row.QoS = flags&8 != 0, flags&1 != 0, event.Some(int64(qos))
	if qos == 3 || qos == 0 && row.Dup {
		f.fault(badQoS)
	}
	topic := f.strAsBefore(h.topic)
	if len(f.faults) == 0 {
		h.topic = topic
	}
	if strings.ContainsAny(topic, "#+") {
		f.fault(badTopic)
	}
	if qos > 0 {
		if id := f.packetID(); id != 0 {
			v.inFlight(h, id, out)
		}
	}
	if v.level == 0 {
		f.v5 = looksV5(f.Cursor)
	}
	if f.v5 {
		f.properties(true)
		topic = h.alias(f, topic)
	}
	if topic == "" && !f.Short() && !v.unsure {
		f.fault(badTopic)
	}
	row.Topic, row.TopicPatient = redact(topic)
	if f.Short() {
		f.fault(shortPacket)
		v.emit(h, f.finish(), out)
		if beyond > 0 {
			h.open = &passing{left: beyond}
		}
		return
	}
	payload := f.Rest()
	row.PayloadLen = event.Some(int64(len(payload) + beyond))
	v.inspect(row, payload, beyond == 0)
	unnamed(row)
	f.finish()
	if beyond > 0 {
		h.open = &passing{row: *row, left: beyond, hash: sha256.New()}
		h.open.hash.Write(payload)
		return
	}
	sum := sha256.Sum256(payload)
	row.PayloadHash = hex.EncodeToString(sum[:16])
	v.emit(h, row, out)
	v.aboutBroker(h, dir, row, payload, out)
	v.inside.Message(v.conn, v.carried, dir, payload, h.ref, out)
}

// looksV5 guesses whether a PUBLISH has properties: an empty list of them in front of text.
func looksV5(c cursor.Cursor) bool { return c.Len() > 1 && c.Peek(0) == 0 && c.Peek(1) >= ' ' }

// alias resolves and learns topic aliases (3.3.2.3.4).
func (h *half) alias(f *fields, topic string) string {
	if f.alias == 0 {
		return topic
	}
	if topic == "" {
		return h.aliases[f.alias]
	}
	if h.aliases == nil {
		h.aliases = map[uint16]string{}
	}
	if _, old := h.aliases[f.alias]; old || len(h.aliases) < maxAliases {
		h.aliases[f.alias] = topic
	}
	return topic
}

// pass takes bytes of a PUBLISH that is not held.
func (v *conversation) pass(h *half, c *cursor.Cursor, out *event.Batch) {
	p := h.open
	b := c.Bytes(min(p.left, c.Len()))
	p.left -= len(b)
	if p.hash != nil {
		p.hash.Write(b)
	}
	if p.left == 0 {
		v.finish(h, out)
	}
}

// finish ends a PUBLISH that passed. Of other packets the row is out already.
func (v *conversation) finish(h *half, out *event.Batch) {
	p := h.open
	h.open = nil
	if p.hash == nil {
		return
	}
	if p.row.Complete {
		p.row.PayloadHash = hex.EncodeToString(p.hash.Sum(nil)[:16])
	}
	v.emit(h, &p.row, out)
}

// inFlight notes a packet identifier that awaits an answer.
func (v *conversation) inFlight(h *half, id uint16, out *event.Batch) {
	if h.sent == nil {
		h.sent = map[uint16]bool{}
	}
	if len(h.sent) >= maxInFlight && !h.sent[id] {
		if !v.crowded {
			v.crowded = true
			dissect.Anomaly(out, h.ref, "mqtt", "mqtt_unanswered", maxInFlight,
				fmt.Sprintf("more than %d messages without an answer: answers are not checked any more", maxInFlight))
		}
		return
	}
	h.sent[id] = true
}

// answer takes PUBACK, PUBREC, PUBREL and PUBCOMP (3.4 to 3.7). PUBREL comes from the side that published.
func (v *conversation) answer(t packetType, dir dissect.Dir, f *fields) {
	id := f.packetID()
	publisher := &v.half[dir.Other()]
	if t == pubrel {
		publisher = &v.half[dir]
	}
	if id != 0 && !publisher.sent[id] && !v.unsure && !v.crowded && !v.resumed && publisher.packets > 0 {
		f.fault(unsolicitedAck)
	}
	if t == puback || t == pubcomp {
		delete(publisher.sent, id)
	}
	if f.More() && (f.v5 || v.level == 0) {
		v.reason(f)
	}
}

// reason takes the reason code and properties that end packets of version 5.
func (v *conversation) reason(f *fields) {
	if !f.More() || v.level == 3 || v.level == 4 {
		return
	}
	code := int64(f.U8())
	f.row.ReturnCode, f.row.Reason = event.Some(code), reasonCodes[code]
	if f.row.Reason == "" {
		f.fault(badReason)
	}
	if f.More() {
		f.properties(true)
	}
}

// emit adds the connection's columns and emits the row.
func (v *conversation) emit(h *half, row *Packet, out *event.Batch) uint32 {
	if row.ClientID == "" {
		row.ClientID = v.clientID
	}
	switch v.level {
	case 3:
		row.Version = "3.1"
	case 4:
		row.Version = "3.1.1"
	case 5:
		row.Version = "5"
	}
	if v.guessed {
		row.Version += "?"
	}
	return packets.Emit(out, h.ref, *row)
}

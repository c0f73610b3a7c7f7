package mqtt

import (
	"strings"
	"unicode/utf8"

	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
)

// remainingLength reads a variable byte integer of at most four bytes (1.5.5). state is Maybe if it is not whole, No if it
// is longer than that. long tells that it is written with more bytes than need be.
func remainingLength(c *cursor.Cursor) (n int, long bool, state dissect.Match) {
	for i := range 4 {
		if !c.More() {
			return 0, false, dissect.Maybe
		}
		b := c.U8()
		n |= int(b&0x7f) << (7 * i)
		if b&0x80 == 0 {
			return n, i > 0 && b == 0, dissect.Yes
		}
	}
	return 0, false, dissect.No
}

// flagsOf are the flags that the fixed header of a type must have; PUBLISH has its own.
func flagsOf(t packetType) uint8 {
	if t == pubrel || t == subscribe || t == unsubscribe {
		return 2
	}
	return 0
}

// plausible tells whether b begins with the head of a packet that makes sense on its own: for the start of a connection
// that was not seen, and after a loss.
func plausible(b []byte) dissect.Match {
	c := cursor.New(b)
	first := c.U8()
	t, flags := packetType(first>>4), first&15
	if len(b) == 0 {
		return dissect.Maybe
	}
	if t == 0 || t == auth || t != publish && flags != flagsOf(t) || t == publish && flags&6 == 6 {
		return dissect.No
	}
	n, long, state := remainingLength(&c)
	if state != dissect.Yes {
		return state
	}
	if long {
		return dissect.No
	}
	switch t {
	case connect, publish: // CONNECT begins with a string as well, the protocol's name
		return plausibleTopic(&c, n)
	case subscribe, unsubscribe:
		if n < 5 {
			return dissect.No
		}
		if !c.Need(2) {
			return dissect.Maybe
		}
		c.Skip(2)
		if c.Peek(0) == 0 && c.Peek(1) == 0 && c.Need(2) { // version 5 without properties
			c.Skip(1)
			n--
		}
		return plausibleTopic(&c, n-2)
	case pingreq, pingresp:
		return yesIf(n == 0)
	case connack:
		if n < 2 || n >= maxText {
			return dissect.No
		}
		if !c.Need(2) {
			return dissect.Maybe
		}
		return yesIf(c.Peek(0) <= 1 && (n > 2 || c.Peek(1) <= 5))
	case disconnect:
		return yesIf(n < maxText)
	}
	return yesIf(n >= 2 && n < maxText) // answers
}

func yesIf(ok bool) dissect.Match {
	if ok {
		return dissect.Yes
	}
	return dissect.No
}

// plausibleTopic tells whether a printable string of at most n bytes comes next.
func plausibleTopic(c *cursor.Cursor, n int) dissect.Match {
	if n < 3 {
		return dissect.No
	}
	if !c.Need(2) {
		return dissect.Maybe
	}
	size := int(c.U16())
	if size == 0 || size > n-2 || size > maxTopic {
		return dissect.No
	}
	whole := c.Need(size)
	s := c.Bytes(min(size, c.Len()))
	for _, b := range s {
		if b < ' ' || b == 0x7f {
			return dissect.No
		}
	}
	if !whole {
		return dissect.Maybe
	}
	return yesIf(utf8.Valid(s))
}

// findPacket moves to the next head of a packet that makes sense, and tells whether there is one. A short answer makes
// sense only if another packet follows it.
func findPacket(c *cursor.Cursor) bool {
	for c.More() {
		look := *c
		b := look.Rest()
		m := plausible(b)
		if m == dissect.Yes && !isType(b, publish) && !isType(b, connect) && !isType(b, subscribe) {
			m = chainedAfter(b)
		}
		switch m {
		case dissect.Yes:
			return true
		case dissect.Maybe:
			return false
		}
		c.Skip(1)
	}
	return false
}

// chainedAfter judges what follows a packet that makes sense.
func chainedAfter(b []byte) dissect.Match {
	c := cursor.New(b)
	c.Skip(1)
	n, _, _ := remainingLength(&c)
	if !c.Need(n + 1) {
		return dissect.Maybe
	}
	c.Skip(n)
	return plausible(c.Rest())
}

// fields reads the variable header and payload of one packet, and collects what is wrong with it.
type fields struct {
	cursor.Cursor
	row    Packet
	v5     bool
	faults []string
	alias  uint16 // topic alias, 0 if none
}

// fault notes a violation, each once.
func (f *fields) fault(word string) {
	for _, have := range f.faults {
		if have == word {
			return
		}
	}
	f.faults = append(f.faults, word)
}

// str reads a UTF-8 encoded string (1.5.4).
func (f *fields) str() string { return f.strAsBefore("") }

// strAsBefore reads a string that often is the same as one that was read before, and then gives that one.
func (f *fields) strAsBefore(before string) string {
	b := f.Bytes(int(f.U16()))
	if f.Short() {
		return ""
	}
	if string(b) == before {
		return before
	}
	s := string(b)
	if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
		f.fault(badUTF8)
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	return clip(s)
}

func clip(s string) string {
	if len(s) <= maxText {
		return s
	}
	n := maxText
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return strings.Clone(s[:n])
}

// packetID reads a packet identifier.
func (f *fields) packetID() uint16 {
	id := f.U16()
	if f.Short() {
		return 0
	}
	if id == 0 {
		f.fault(noPacketID)
	}
	f.row.PacketID = event.Some(int64(id))
	return id
}

// properties reads the properties of a packet of version 5 (2.2.2). Those of a will are read like any, but not shown.
func (f *fields) properties(show bool) {
	n, _, state := remainingLength(&f.Cursor)
	if state != dissect.Yes || !f.Need(n) {
		f.fault(badProperty)
		f.Skip(f.Len())
		return
	}
	rest := f.Cursor
	rest.Skip(n)
	f.Cursor = f.Sub(n)
	for f.More() {
		id, _, state := remainingLength(&f.Cursor)
		what := propertyForms[uint32(id)]
		if state != dissect.Yes || what == noForm || !f.property(uint32(id), what, show) {
			f.fault(badProperty)
			break
		}
	}
	f.Cursor = rest
}

// property reads one value.
func (f *fields) property(id uint32, what form, show bool) bool {
	var number uint32
	var text string
	switch what {
	case oneByte:
		number = uint32(f.U8())
	case twoBytes:
		number = uint32(f.U16())
	case fourBytes:
		number = f.U32()
	case varint:
		if _, _, state := remainingLength(&f.Cursor); state != dissect.Yes {
			return false
		}
	case binary:
		f.Skip(int(f.U16()))
	case utf8String:
		text = f.str()
	case utf8Pair: // its value may hold anything, and is not kept
		text = f.str()
		f.Skip(int(f.U16()))
	}
	if f.Short() {
		return false
	}
	if show {
		f.show(id, number, text)
	}
	return true
}

// show puts a property into the row.
func (f *fields) show(id, number uint32, text string) {
	switch id {
	case propContentType:
		f.row.ContentType = text
	case propResponseTopic:
		f.row.ResponseTopic, _ = redact(text)
	case propSessionExpiry:
		f.row.SessionExpiry = event.Some(int64(number))
	case propAssignedID:
		f.row.ClientID = text
	case propAuthMethod:
		f.row.AuthMethod = text
	case propServerRef:
		f.row.ServerRef = text
	case propReasonString:
		f.row.ReasonString = text
	case propTopicAlias:
		f.alias = uint16(number)
	case propUserProperty:
		if len(f.row.UserProperties) < maxKeys {
			f.row.UserProperties = append(f.row.UserProperties, text)
		}
	}
}

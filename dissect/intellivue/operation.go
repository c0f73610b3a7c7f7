package intellivue

import (
	"bytes"
	"fmt"
	"strconv"

	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
)

// association reads the header and, of a request or its acceptance, the user information. It tells whether a monitor sent it; releases
// and aborts come from either side, and count as the client's unless they answer.
func (p *parsed) association(c *cursor.Cursor) bool {
	s := session(c.U8())
	lengthIndicator(c)
	p.msg.Kind = s.String()
	rest := c.Rest()
	if s == connect || s == accept {
		if i := bytes.Index(rest, userInfo); i >= 0 {
			u := cursor.New(rest)
			u.Skip(i + len(userInfo))
			p.userInfo(&u)
		}
	}
	return s == accept || s == refuse || s == disconnect
}

// userInfo reads MDSEUserInfoStd behind what stands between it and the start of the user data: perhaps an identifier, perhaps the
// presentation context, then 81 and a length in BER.
func (p *parsed) userInfo(c *cursor.Cursor) {
	if c.Peek(0) == 0x06 {
		c.Skip(1)
		c.Skip(int(c.U8()))
	}
	if c.Peek(0) == 0x02 {
		c.Skip(1)
		c.Skip(int(c.U8()))
	}
	if c.U8() != 0x81 {
		p.fault = "the user information of an association does not begin as it must"
		return
	}
	n := int(c.U8())
	if n > 0x80 {
		size := n & 0x7f
		for n = 0; size > 0 && !c.Short() && n < 1<<16; size-- {
			n = n<<8 | int(c.U8())
		}
	}
	u := c.Sub(min(n, c.Len()))
	u.Skip(12) // protocol version, nomenclature version, functional units
	system, start := u.U32(), u.U32()
	if u.Short() {
		p.fault = "the user information of an association is cut off"
		return
	}
	p.msg.SystemType = map[uint32]string{0x80000000: "client", 0x00800000: "server"}[system]
	p.msg.Startup = map[uint32]string{0x80000000: "hot", 0x40000000: "warm", 0x20000000: "cold"}[start]
	p.each(&u, func(uint16, cursor.Cursor) {}) // options
	p.each(&u, func(id uint16, v cursor.Cursor) {
		if id != attrPollProfile {
			return
		}
		v.Skip(4)
		period, rx := v.U32(), v.U32()
		if !v.Short() {
			p.msg.PollPeriod = event.Some(float64(period) / ticks)
			p.msg.MaxMTU = event.Some(int64(rx))
		}
	})
}

// ticks are those of relative time in a millisecond.
const ticks = 8

// each walks an attribute list: count, length, then number, length and value each.
func (p *parsed) each(c *cursor.Cursor, f func(id uint16, v cursor.Cursor)) {
	count, n := int(c.U16()), int(c.U16())
	if c.Short() || n > c.Len() {
		p.fault = "an attribute list is longer than what holds it"
		n = c.Len()
	}
	list := c.Sub(n)
	for ; count > 0 && list.More(); count-- {
		id, size := list.U16(), int(list.U16())
		v := list.Sub(min(size, list.Len()))
		if list.Short() || v.Len() != size {
			p.fault = "an attribute is longer than its list"
			return
		}
		f(id, v)
	}
	if count > 0 || list.More() {
		p.fault = "an attribute list holds more or fewer attributes than it says"
	}
}

// indication reads a connect indication: as an event report, behind the nomenclature's version.
func (p *parsed) indication(c *cursor.Cursor) {
	c.Skip(8)
	p.invocation(c)
	p.msg.Kind = "connect_indication"
}

// operation reads a remote operation behind the session and presentation header.
func (p *parsed) operation(c *cursor.Cursor) {
	c.Skip(4)
	kind := operation(c.U16())
	c.Skip(2)
	p.msg.Kind = kind.String()
	switch kind {
	case invoke:
		p.invocation(c)
	case linked:
		state := c.U8()
		p.msg.Linked = map[uint8]string{1: "first", 2: "middle", 3: "last"}[state]
		p.msg.LinkedNo = event.Some(int64(c.U8()))
		p.results(c)
	case result:
		p.results(c)
	case failure:
		p.msg.InvokeID = event.Some(int64(c.U16()))
		p.msg.Error = failureReason(c.U16()).String()
	}
}

// head reads invoke number, command and length; it gives what follows.
func (p *parsed) head(c *cursor.Cursor) (command, cursor.Cursor) {
	p.msg.InvokeID = event.Some(int64(c.U16()))
	cmd := command(c.U16())
	p.msg.Command = cmd.String()
	n := int(c.U16())
	return cmd, c.Sub(min(n, c.Len()))
}

// object reads a managed object: class, context, handle.
func (p *parsed) object(c *cursor.Cursor) {
	class := objectClass(c.U16())
	c.Skip(2)
	handle := c.U16()
	if c.Short() {
		p.fault = "an operation ends before the object it is about"
		return
	}
	p.msg.ObjectClass, p.msg.Object, p.msg.Handle = event.Some(int64(class)), class.String(), event.Some(int64(handle))
}

// invocation reads what is asked or reported.
func (p *parsed) invocation(c *cursor.Cursor) {
	cmd, body := p.head(c)
	p.object(&body)
	switch cmd {
	case eventReport, confirmedEventReport:
		p.event(&body, true)
	case action:
		body.Skip(4) // scope
		kind := body.U16()
		n := int(body.U16())
		p.msg.Action = actionName(kind)
		if b := body.Sub(min(n, body.Len())); kind == actionPoll || kind == actionExtPoll {
			p.pollRequest(&b, kind == actionExtPoll)
		}
	case get:
		body.Skip(4)
		count := int(body.U16())
		body.Skip(2)
		for ; count > 0 && body.More() && len(p.msg.Attributes) < maxNames; count-- {
			p.msg.Attributes = append(p.msg.Attributes, attributeName(body.U16()))
		}
	case set, confirmedSet:
		body.Skip(4)
		p.changes(&body)
	}
}

// changes reads the items of a set: operator, attribute, length, value.
func (p *parsed) changes(c *cursor.Cursor) {
	count := int(c.U16())
	c.Skip(2)
	for ; count > 0 && c.More() && len(p.msg.Attributes) < maxNames; count-- {
		op, id, n := c.U16(), c.U16(), int(c.U16())
		c.Skip(n)
		if c.Short() {
			p.fault = "a set ends in the middle of an item"
			return
		}
		p.msg.Attributes = append(p.msg.Attributes, attributeName(id))
		p.msg.Operators = append(p.msg.Operators, operatorName(op))
	}
}

// event reads an event report: relative time, type, then what it tells. An answer to it has no body.
func (p *parsed) event(c *cursor.Cursor, report bool) {
	at, kind := c.U32(), c.U16()
	n := int(c.U16())
	if c.Short() {
		p.fault = "an event report is cut off"
		return
	}
	p.msg.RelativeMS = event.Some(float64(at) / ticks)
	p.msg.Action = actionName(kind)
	body := c.Sub(min(n, c.Len()))
	if !report || kind != eventMDSCreate && kind != eventIndication {
		return
	}
	if kind == eventMDSCreate {
		body.Skip(6) // the object that was made
	}
	p.each(&body, p.attribute)
}

// results reads an answer.
func (p *parsed) results(c *cursor.Cursor) {
	cmd, body := p.head(c)
	p.object(&body)
	switch cmd {
	case eventReport, confirmedEventReport:
		p.event(&body, false)
	case action:
		kind := body.U16()
		n := int(body.U16())
		p.msg.Action = actionName(kind)
		if b := body.Sub(min(n, body.Len())); kind == actionPoll || kind == actionExtPoll {
			p.pollReply(&b, kind == actionExtPoll)
		}
	case get, set, confirmedSet:
		p.each(&body, func(id uint16, v cursor.Cursor) {
			if len(p.msg.Attributes) < maxNames {
				p.msg.Attributes = append(p.msg.Attributes, attributeName(id))
			}
			p.attribute(id, v)
		})
	}
}

// polled reads what is polled: type (partition and class) and group of attributes.
func (p *parsed) polled(c *cursor.Cursor) {
	c.Skip(2)
	class, group := objectClass(c.U16()), c.U16()
	if c.Short() {
		p.fault = "a poll ends before it says of what"
		return
	}
	p.msg.PolledClass, p.msg.Polled = event.Some(int64(class)), class.String()
	p.msg.Group, p.msg.GroupName = event.Some(int64(group)), groupName(group)
}

func (p *parsed) pollRequest(c *cursor.Cursor, extended bool) {
	p.msg.PollNumber = event.Some(int64(c.U16()))
	p.polled(c)
	if extended && c.More() {
		p.each(c, func(id uint16, _ cursor.Cursor) {
			if len(p.msg.Attributes) < maxNames {
				p.msg.Attributes = append(p.msg.Attributes, attributeName(id))
			}
		})
	}
}

// pollReply reads a result: times, what was polled, then a list of contexts, each a list of objects, each a list of attributes.
func (p *parsed) pollReply(c *cursor.Cursor, extended bool) {
	p.msg.PollNumber = event.Some(int64(c.U16()))
	if extended {
		c.Skip(2) // number of the result in its series
	}
	at := c.U32()
	stamp := absoluteTime(c)
	if c.Short() {
		p.fault = "the result of a poll is cut off"
		return
	}
	p.msg.RelativeMS, p.msg.DeviceTime = event.Some(float64(at)/ticks), stamp
	p.polled(c)
	contexts, list := p.list(c)
	for ; contexts > 0 && list.More(); contexts-- {
		list.Skip(2) // context
		objects, inner := p.list(&list)
		for ; objects > 0 && inner.More(); objects-- {
			p.attrs.handle = inner.U16()
			p.msg.Objects++
			p.each(&inner, p.attribute)
		}
	}
}

// list reads count and length, and gives a cursor over the list.
func (p *parsed) list(c *cursor.Cursor) (int, cursor.Cursor) {
	count, n := int(c.U16()), int(c.U16())
	if c.Short() || n > c.Len() {
		p.fault = "a list in a result is longer than what holds it"
		n = c.Len()
	}
	return count, c.Sub(n)
}

// absoluteTime reads eight bytes of binary coded decimals: century, year, month, day, hour, minute, second, hundredths. It is empty if
// not set or no time.
func absoluteTime(c *cursor.Cursor) string {
	var v [8]int
	for i := range v {
		b := c.U8()
		if b>>4 > 9 || b&15 > 9 {
			c.Skip(len(v) - 1 - i)
			return ""
		}
		v[i] = int(b>>4)*10 + int(b&15)
	}
	if v[2] < 1 || v[2] > 12 || v[3] < 1 || v[3] > 31 || v[4] > 23 || v[5] > 59 || v[6] > 60 {
		return ""
	}
	return fmt.Sprintf("%02d%02d-%02d-%02d %02d:%02d:%02d", v[0], v[1], v[2], v[3], v[4], v[5], v[6])
}

// number reads a FLOAT of ISO/IEEE 11073-20601: exponent of 8 bits, mantissa of 24 bits; five mantissas are no numbers.
func number(raw uint32) (text string, v float64, ok bool) {
	mantissa, exponent := int32(raw<<8)>>8, int(int8(raw>>24))
	switch raw & 0xffffff {
	case 0x7fffff, 0x7ffffe, 0x800000, 0x800001, 0x800002:
		return "", 0, false
	}
	v, err := strconv.ParseFloat(strconv.Itoa(int(mantissa))+"e"+strconv.Itoa(exponent), 64)
	if err != nil {
		return "", 0, false
	}
	return strconv.FormatFloat(v, 'f', max(0, min(-exponent, 20)), 64), v, true
}

package ieee11073

import (
	"fmt"

	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
)

// information is PhdAssociationInformation, annex A.8.
type information struct {
	version    uint32
	encoding   uint16
	functional uint32
	systemType uint32
	systemID   string
	config     uint16
	ok         bool
}

// Bits of the association information.
const (
	bitTestAssociation = 0x20000000 // FunctionalUnits: create a test association
	bitManager         = 0x80000000 // SystemType
	bitAgent           = 0x00800000
)

// apdu takes one APDU's body.
func (v *conversation) apdu(choice uint16, c cursor.Cursor, seg *dissect.Segment, out *event.Batch) {
	row := APDU{Dir: seg.Dir.String(), Type: apduNames[choice], Length: int64(header + c.Len())}
	if row.Length > maxAPDU {
		v.once(out, seg.Ref, "ieee11073_oversize", "a message is larger than the 64,512 bytes that the standard allows (clause 8.2)")
	}
	switch choice {
	case aarq:
		v.request(row, &c, seg, out)
		return
	case aare:
		v.response(row, &c, seg, out)
		return
	case prst:
		v.data(row, &c, seg, out)
		return
	case rlrq, rlre:
		row.Result = named(releaseReasons, c.U16())
	case abrt:
		row.Result = named(abortReasons, c.U16())
	}
	v.sound(&c, seg, out)
	apdus.Emit(out, seg.Ref, row)
	v.answered(out, "", "")
	v.config = nil
}

// sound notes a body that was shorter or longer than its parts.
func (v *conversation) sound(c *cursor.Cursor, seg *dissect.Segment, out *event.Batch) {
	if c.Short() || c.More() {
		v.once(out, seg.Ref, "ieee11073_bad_length", "the parts of a message are longer or shorter than the message")
	}
}

// request is AARQ: a list of protocols with what each needs.
func (v *conversation) request(row APDU, c *cursor.Cursor, seg *dissect.Segment, out *event.Batch) {
	v.answered(out, "", "")
	c.U32()
	count := c.U16()
	list := c.Sub(int(c.U16()))
	v.sound(c, seg, out)
	var info information
	for ; count > 0 && list.More(); count-- {
		proto := list.U16()
		body := list.Sub(int(list.U16()))
		if proto == 20601 && !info.ok {
			info = inform(&body)
			v.sound(&body, seg, out)
		}
	}
	if list.Short() {
		v.sound(&list, seg, out)
	}
	if info.ok {
		row.ConfigID = event.Some(int64(info.config))
	}
	seq := apdus.Emit(out, seg.Ref, row)
	a := info.association()
	a.ParentSeq, a.Agent, a.SystemID = int64(seq), seg.Dir.String(), info.systemID
	if info.systemType&bitManager != 0 { // a manager does not ask, but what it says is what it says
		a.Agent, a.SystemID, a.ManagerID = seg.Dir.Other().String(), "", info.systemID
	}
	v.asked, v.askedRef, v.systemID = &a, seg.Ref, a.SystemID
	v.config = v.known(info.config)
	v.introduce(&a, info.systemID, seg, out)
}

// introduce tells who the agent says it is.
func (v *conversation) introduce(a *Association, id string, seg *dissect.Segment, out *event.Batch) {
	v.identity(seg, out, "role", "IEEE 11073 "+a.Role, "system_type", 80)
	v.identity(seg, out, "system_id", id, "system_id", 90)
	v.identity(seg, out, "class", a.Class, "dev_config_id", 80)
}

// inform reads the association information.
func inform(c *cursor.Cursor) information {
	i := information{version: c.U32(), encoding: c.U16()}
	c.U32() // nomenclature version
	i.functional, i.systemType = c.U32(), c.U32()
	i.systemID = systemID(c)
	i.config = c.U16()
	c.Skip(4) // data request mode
	c.U16()   // option list: count, length, options
	c.Skip(int(c.U16()))
	i.ok = !c.Short()
	return i
}

// systemID reads an octet string as an EUI-64.
func systemID(c *cursor.Cursor) string {
	b := c.Bytes(int(c.U16()))
	if len(b) == 0 || len(b) > 16 {
		return ""
	}
	s := ""
	for i, x := range b {
		if i > 0 {
			s += ":"
		}
		s += fmt.Sprintf("%02x", x)
	}
	return s
}

func (i *information) association() Association {
	if !i.ok {
		return Association{}
	}
	a := Association{ConfigID: event.Some(int64(i.config)), Test: i.functional&bitTestAssociation != 0,
		Functional: fmt.Sprintf("%08x", i.functional), Version: fmt.Sprintf("%08x", i.version)}
	a.Standard, a.Class = standardOf(i.config)
	for _, e := range []struct {
		bit  uint16
		name string
	}{{0x8000, "MDER"}, {0x4000, "XER"}, {0x2000, "PER"}} {
		if i.encoding&e.bit != 0 {
			a.Encoding = append(a.Encoding, e.name)
		}
	}
	switch {
	case i.systemType&bitManager != 0:
		a.Role = "manager"
	case i.systemType&bitAgent != 0:
		a.Role = "agent"
	}
	return a
}

// response is AARE: the result and the protocol that was chosen.
func (v *conversation) response(row APDU, c *cursor.Cursor, seg *dissect.Segment, out *event.Batch) {
	result, proto := c.U16(), c.U16()
	body := c.Sub(int(c.U16()))
	v.sound(c, seg, out)
	var info information
	if proto == 20601 && body.More() {
		info = inform(&body)
		v.sound(&body, seg, out)
	}
	row.Result = named(associationResults, result)
	apdus.Emit(out, seg.Ref, row)
	if v.asked == nil { // the request was not seen
		v.asked, v.askedRef, v.systemID = &Association{Agent: seg.Dir.Other().String()}, seg.Ref, ""
	}
	v.answered(out, row.Result, info.systemID)
	v.identity(seg, out, "role", "IEEE 11073 manager", "association_response", 80)
	v.identity(seg, out, "system_id", info.systemID, "system_id", 90)
	if result != 0 && result != 3 {
		v.config = nil
	}
}

// answered emits the association that waits. It stands on the packet of its request.
func (v *conversation) answered(out *event.Batch, result, manager string) {
	if v.asked == nil {
		return
	}
	a := *v.asked
	v.asked = nil
	if a.Result = result; manager != "" {
		a.ManagerID = manager
	}
	associations.Emit(out, v.askedRef, a)
}

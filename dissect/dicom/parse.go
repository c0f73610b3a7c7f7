package dicom

import (
	"fmt"
	"unicode/utf8"

	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/dataset"
	"wardtrace/dissect/event"
)

// Caps of what an A-ASSOCIATE PDU may make us hold; the standard's own bounds where it has some.
const (
	maxContexts = 256 // presentation context IDs are one byte
	maxSyntaxes = 64  // a context; the standard has 59 transfer syntaxes
	maxListed   = 256 // entries of a list column
	maxText     = 256 // bytes of a UID or name that are kept: the standard's longest has 64
)

// association is the state of one association.
type association struct {
	row       Association
	ref       event.Ref // of the packet that completed the request, or the first seen
	requestor dissect.Dir
	known     bool // requestor is known
	asked     bool // the request was seen
	answered  bool // an AC was seen
	early     bool // only the fixed part of the request came
	max       [2]event.Opt[int64]
	context   map[uint8]*context
	order     []uint8 // context IDs as first seen
	pending   map[requestKey]*request
	noted     [oddities]int
	roles     [2]roleSet
	maker     maker
	agreed    []Negotiation
	transfers []*transfer
}

// context is a presentation context.
type context struct {
	abstract string
	syntaxes []string
	answered bool
	result   contextResult
	syntax   string
}

// maximum is the longest P-DATA-TF that a side takes.
func (a *association) maximum(d dissect.Dir) (int64, bool) {
	return a.max[d].V, a.max[d].OK
}

// syntax gives the transfer syntax of a context, "" if it cannot be known.
func (a *association) syntax(id uint8) string {
	x := a.context[id]
	switch {
	case x == nil:
		return ""
	case x.answered:
		return x.syntax
	case len(x.syntaxes) == 1:
		return x.syntaxes[0]
	}
	return ""
}

func (a *association) abstract(id uint8) string {
	if x := a.context[id]; x != nil {
		return x.abstract
	}
	return ""
}

func (a *association) at(id uint8) *context {
	x := a.context[id]
	if x == nil {
		x = &context{}
		a.context[id] = x
		a.order = append(a.order, id)
	}
	return x
}

// open makes a new association.
func (d *dissector) open(ref event.Ref) *association {
	d.count++
	d.assoc = &association{ref: ref, context: map[uint8]*context{}, pending: map[requestKey]*request{}}
	d.assoc.row.AssociationSeq = d.count
	d.assoc.row.Until = ref.Time
	return d.assoc
}

// ensure gives the association that a PDU belongs to; one that was joined in the middle if there is none.
func (d *dissector) ensure(seg *dissect.Segment) *association {
	if d.assoc == nil {
		d.open(seg.Ref)
	}
	return d.assoc
}

// early notes the fixed part of an A-ASSOCIATE PDU of which the rest has not come: it may never.
func (d *dissector) early(t pduType, c cursor.Cursor, seg *dissect.Segment) {
	if t != associateRQ || d.assoc != nil {
		return
	}
	a := d.open(seg.Ref)
	a.early, a.known, a.requestor = true, true, seg.Dir
	c.Skip(pduHeader)
	a.fixed(&c)
}

// begin takes an A-ASSOCIATE-RQ or -AC, of which body is what comes after the PDU header.
func (d *dissector) begin(t pduType, body cursor.Cursor, length int64, seg *dissect.Segment, out *event.Batch) {
	if t == associateRQ && d.assoc != nil && !d.assoc.early && (d.assoc.asked || d.assoc.row.Messages > 0) {
		d.finish(out)
		d.open(seg.Ref)
		d.anomaly(out, seg.Ref, oddSecondAssociate, d.count, "a second association on one connection, which PS3.8 9.1.5 does not allow")
	}
	a := d.ensure(seg)
	a.row.PDUs++
	if t == associateRQ {
		a.ref, a.asked, a.early = seg.Ref, true, false
		a.known, a.requestor = true, seg.Dir
	} else {
		a.answered = true
		a.row.Result = "accepted"
		if !a.known {
			a.known, a.requestor = true, seg.Dir.Other()
		}
	}
	if length < minAssociate {
		d.anomaly(out, seg.Ref, oddAssociate, length, fmt.Sprintf("an %s of %d bytes, shorter than its fixed part", t, length))
	}
	if length > maxAssociate {
		d.anomaly(out, seg.Ref, oddAssociate, length, fmt.Sprintf("an %s of %d bytes: only the first %d are read", t, length, maxAssociate))
	}
	if t == associateRQ || !a.asked { // an AC repeats the titles, but the standard says not to rely on it
		a.fixed(&body)
	} else {
		body.Skip(minAssociate)
	}
	if bad := a.items(&body, t, seg.Dir); bad != "" && length <= maxAssociate {
		d.anomaly(out, seg.Ref, oddAssociate, int64(t), fmt.Sprintf("an %s with %s", t, bad))
	}
}

// fixed reads what every A-ASSOCIATE PDU has.
//
//	version (2)  reserved (2)  called AE (16)  calling AE (16)  reserved (32)
func (a *association) fixed(c *cursor.Cursor) {
	a.row.ProtocolVersion = int64(c.U16())
	c.Skip(2)
	a.row.CalledAE = a.title(c.Bytes(16))
	a.row.CallingAE = a.title(c.Bytes(16))
	c.Skip(32)
}

// title reads an AE title (PS3.5 6.2: 16 characters, no backslash, no control characters).
func (a *association) title(v []byte) string {
	s := dataset.ASCII(v)
	if s == "" || !validAE(s) {
		a.row.InvalidField = true
	}
	a.row.PathCharacters = a.row.PathCharacters || dataset.PathCharacters(s)
	return s
}

func validAE(s string) bool {
	for _, r := range s {
		if r < 0x20 || r > 0x7E || r == '\\' {
			return false
		}
	}
	return utf8.RuneCountInString(s) <= 16
}

// uid reads a UID or another short text of an item, and notes if it is none.
func (a *association) uid(c *cursor.Cursor, n int) string {
	v := c.Sub(n)
	s := dataset.UID(v.Bytes(min(n, maxText)))
	if !dataset.ValidUID(s) || n > 65 {
		a.row.InvalidField = true
	}
	a.row.PathCharacters = a.row.PathCharacters || dataset.PathCharacters(s)
	return s
}

// items reads the variable items. The answer says what is wrong with them.
//
//	type (1)  reserved (1)  length (2)  ...
func (a *association) items(c *cursor.Cursor, t pduType, dir dissect.Dir) (bad string) {
	for c.More() {
		kind := itemType(c.U8())
		c.Skip(1)
		n := int(c.U16())
		if !c.Need(n) {
			return fmt.Sprintf("an item %02x of %d bytes where %d are left", uint8(kind), n, c.Len())
		}
		v := c.Sub(n)
		switch kind {
		case itemApplication:
			a.row.ApplicationContext = a.uid(&v, n)
		case itemContextRQ, itemContextAC:
			if b := a.presentation(&v, t); b != "" {
				bad = b
			}
		case itemUser:
			if b := a.user(&v, t, dir); b != "" {
				bad = b
			}
		default:
			bad = fmt.Sprintf("an unknown item %02x", uint8(kind))
		}
	}
	return bad
}

// presentation reads a presentation context item (PS3.8 9.3.2.2 and 9.3.3.2).
//
//	id (1)  reserved (1)  result (1, of an answer)  reserved (1)  sub-items 30 and 40
func (a *association) presentation(c *cursor.Cursor, t pduType) (bad string) {
	id := c.U8()
	c.Skip(1)
	result := contextResult(c.U8())
	c.Skip(1)
	if c.Short() {
		return "a presentation context item that ends early"
	}
	if id&1 == 0 {
		bad = "an even presentation context number"
	}
	x := a.at(id)
	if t == associateAC {
		x.answered, x.result = true, result
	}
	for c.More() {
		kind := itemType(c.U8())
		c.Skip(1)
		n := int(c.U16())
		if !c.Need(n) {
			return fmt.Sprintf("a sub-item %02x of %d bytes where %d are left", uint8(kind), n, c.Len())
		}
		v := c.Sub(n)
		switch {
		case t == associateAC && result != 0: // PS3.8 9.3.3.2: its transfer syntax is not significant, some leave it empty
		case kind == itemAbstract:
			x.abstract = a.uid(&v, n)
		case kind == itemTransfer && t == associateAC:
			x.syntax = a.uid(&v, n)
		case kind == itemTransfer && len(x.syntaxes) < maxSyntaxes:
			x.syntaxes = append(x.syntaxes, a.uid(&v, n))
		}
	}
	return bad
}

// user reads the user information item (PS3.7 D.3.3).
func (a *association) user(c *cursor.Cursor, t pduType, dir dissect.Dir) (bad string) {
	for c.More() {
		kind := itemType(c.U8())
		c.Skip(1)
		n := int(c.U16())
		if !c.Need(n) {
			return fmt.Sprintf("a sub-item %02x of %d bytes where %d are left", uint8(kind), n, c.Len())
		}
		v := c.Sub(n)
		switch kind {
		case itemMaximum:
			a.max[dir] = event.Some(int64(v.U32()))
		case itemImplementation:
			*pick(t, &a.row.CallingUID, &a.row.CalledUID) = a.uid(&v, n)
		case itemVersion:
			s := dataset.ASCII(v.Bytes(min(n, maxText)))
			a.row.InvalidField = a.row.InvalidField || n > 16
			*pick(t, &a.row.CallingVersion, &a.row.CalledVersion) = s
		case itemAsync:
			invoked, performed := event.Some(int64(v.U16())), event.Some(int64(v.U16()))
			if t == associateRQ {
				a.row.AsyncInvoked, a.row.AsyncPerformed = invoked, performed
			} else {
				a.row.AsyncInvokedAgreed, a.row.AsyncPerformedAgreed = invoked, performed
			}
		case itemRole:
			a.role(&v, t)
		case itemExtended:
			a.extended(&v, t)
		case itemCommonExtended:
			a.commonExtended(&v, t)
		case itemIdentity:
			a.identity(&v)
		case itemIdentityGranted:
			a.row.UserConfirmed = event.Some(true)
		default:
			bad = fmt.Sprintf("an unknown user information item %02x", uint8(kind))
		}
		if v.Short() {
			bad = fmt.Sprintf("a user information item %02x that ends early", uint8(kind))
		}
	}
	return bad
}

func pick(t pduType, rq, ac *string) *string {
	if t == associateRQ {
		return rq
	}
	return ac
}

// identity reads a user identity (PS3.7 D.3.3.7). What is secret is passed over.
//
//	type (1)  response requested (1)  length (2)  primary  length (2)  secondary
func (a *association) identity(c *cursor.Cursor) {
	t, respond := identityType(c.U8()), c.U8()
	n := int(c.U16())
	a.row.UserIdentity = t.String()
	if t.named() {
		v := c.Sub(n)
		a.row.UserName = dataset.Clean(string(v.Bytes(min(n, maxText))))
		if n = int(c.U16()); t == 2 {
			a.row.UserSecretBytes = event.Some(int64(n))
		}
		c.Skip(n)
	} else {
		a.row.UserSecretBytes = event.Some(int64(n))
		c.Skip(n)
		c.Skip(int(c.U16()))
	}
	if respond != 0 && !a.row.UserConfirmed.OK {
		a.row.UserConfirmed = event.Some(false)
	}
}

// short takes a PDU of ten bytes.
func (d *dissector) short(t pduType, c cursor.Cursor, length int64, seg *dissect.Segment, out *event.Batch) {
	a := d.ensure(seg)
	a.row.PDUs++
	if length != 4 {
		d.anomaly(out, seg.Ref, oddPDULength, length, fmt.Sprintf("an %s of %d bytes, which always has 4", t, length))
	}
	c.Skip(1)
	x, y, z := c.U8(), c.U8(), c.U8()
	if c.Short() {
		return
	}
	switch t {
	case associateRJ:
		a.row.Result = "rejected"
		a.row.RejectResult, a.row.RejectSource = word(rejectResults, x), word(rejectSources, y)
		a.row.RejectReason = word(rejectReasons, [2]uint8{y, z})
		if !a.known {
			a.known, a.requestor = true, seg.Dir.Other()
		}
	case releaseRQ, releaseRP:
		if a.row.Ended == "" {
			a.row.Ended = "released"
		}
	case abort:
		if a.row.Ended != "" {
			return
		}
		a.row.Ended, a.row.AbortBy = "aborted", seg.Dir.String()
		a.row.AbortSource = word(abortSources, y)
		if y == 2 {
			a.row.AbortReason = word(abortReasons, z)
		}
	}
}

// nameOf is a UID's name, or the UID.
func nameOf(uid string) string {
	if n := dataset.Name(uid); n != "" {
		return n
	}
	return uid
}

package intellivue

import (
	"bytes"
	"errors"

	"wardtrace/dissect/cursor"
)

var errNotOurs = errors.New("intellivue: the datagram is neither an association, nor data, nor a connect indication")

// frame is a shape of datagram.
type frame uint8

const (
	none frame = iota
	indication
	association
	data
)

// classify tells the shape of a datagram whose fixed bytes are there and whose lengths add up to its end; cut bytes more were on the
// wire than are in b.
func classify(b []byte, cut int) frame {
	c := cursor.New(b)
	switch c.U32() {
	case sessionID:
		if fits(&c, cut) {
			return data
		}
		return none
	case nomen:
		if c.Peek(0) == 0 && c.Peek(1) == byte(invoke) && fits(&c, cut) && isIndication(b) {
			return indication
		}
		return none
	}
	if isAssociation(b, cut) {
		return association
	}
	return none
}

// fits checks a remote operation: its own length and that of what is in it.
func fits(c *cursor.Cursor, cut int) bool {
	kind, n := operation(c.U16()), int(c.U16())
	if c.Short() || n != c.Len()+cut {
		return false
	}
	head := 6
	switch kind {
	case invoke, result:
		c.Skip(2)
	case linked:
		head = 8
		if s := c.U8(); s < 1 || s > 3 {
			return false
		}
		c.Skip(3)
	case failure:
		c.Skip(2)
		reason := failureReason(c.U16())
		return int(c.U16())+head == n && !c.Short() && reason.String() != ""
	default:
		return false
	}
	cmd := command(c.U16())
	return cmd.String() != "" && int(c.U16())+head == n && !c.Short()
}

// isIndication checks the rest of a connect indication: an event report of an MDS with event type 3351 and a whole attribute list.
func isIndication(b []byte) bool {
	c := cursor.New(b)
	c.Skip(8)
	c.Skip(2)
	cmd := command(c.U16())
	c.Skip(2)
	class := objectClass(c.U16())
	c.Skip(8)
	kind, n := c.U16(), int(c.U16())
	c.Skip(2)
	return !c.Short() && cmd == eventReport && (class == classMDS || class == classBed) && kind == eventIndication && n == int(c.U16())+4
}

var (
	sessionData = []byte{0x05, 0x08, 0x13, 0x01, 0x00, 0x16, 0x01, 0x02, 0x80, 0x00, 0x14, 0x02, 0x00, 0x02}
	oidMDDL     = []byte{0x2a, 0x86, 0x48, 0xce, 0x14, 0x02, 0x01} // 1.2.840.10004.2.1, in front of all of the protocol's identifiers
	userInfo    = []byte{0xbe, 0x80, 0x28, 0x80}
	released    = []byte{0x61, 0x80, 0x30, 0x80, 0x02, 0x01, 0x01, 0xa0, 0x80}
)

// session is the first byte of an association's datagrams (SPDU type, ISO 8327).
type session uint8

const (
	finish     session = 0x09
	disconnect session = 0x0a
	refuse     session = 0x0c
	connect    session = 0x0d
	accept     session = 0x0e
	abort      session = 0x19
)

var sessionNames = map[session]string{finish: "release_request", disconnect: "release_response", refuse: "association_refuse",
	connect: "association_request", accept: "association_accept", abort: "abort"}

func (s session) String() string { return sessionNames[s] }

// isAssociation checks the session header, and what must be inside each kind.
func isAssociation(b []byte, cut int) bool {
	c := cursor.New(b)
	s := session(c.U8())
	n := lengthIndicator(&c)
	if s.String() == "" || c.Short() || n < 4 || n != c.Len()+cut {
		return false
	}
	rest := c.Rest()
	switch s {
	case connect, accept:
		return bytes.HasPrefix(rest, sessionData[:2]) && bytes.Contains(rest, oidMDDL) && bytes.Contains(rest, userInfo)
	case finish, disconnect:
		return bytes.HasPrefix(rest, []byte{0xc1}) && bytes.Contains(rest, released)
	case refuse, abort: // both end with presentation data in BER of indefinite length
		return bytes.Contains(rest, []byte{0x80, 0x80, 0x01}) || bytes.Contains(rest, []byte{0xa0, 0x80}) || bytes.Contains(rest, []byte{0x31, 0x80})
	}
	return false
}

// lengthIndicator reads a length of one byte, or of two behind FF.
func lengthIndicator(c *cursor.Cursor) int {
	n := int(c.U8())
	if n == 0xff {
		n = int(c.U16())
	}
	return n
}

// fromMonitor tells who sends such data: a monitor reports events and gives results, a client asks for actions and confirms events.
func fromMonitor(b []byte) bool {
	c := cursor.New(b)
	c.Skip(4)
	kind := operation(c.U16())
	c.Skip(2)
	switch kind {
	case linked, failure:
		return true
	case invoke, result:
		c.Skip(2)
		cmd := command(c.U16())
		return (cmd == eventReport || cmd == confirmedEventReport) == (kind == invoke)
	}
	return false
}

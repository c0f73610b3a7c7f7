// Package web is what HTTP shows of one exchange to the protocols it carries: FHIR, DICOMweb, SOAP, HL7.
//
// HTTP makes a conversation of its own for each exchange: its client sends the request's body, its server the response's, both
// without chunking and content coding. Conn.Carried then holds a *Exchange. A carried protocol is asked when the request's header is
// read (with no bytes), and again as bytes of either body come. It is fed the bodies and closed when the exchange is over; what of
// the response is known stands in the Exchange by the time the first byte of the response's body, or Close, comes.
package web

import (
	"strings"

	"wardtrace/dissect/event"
)

// Field is one line of a header.
type Field struct{ Name, Value string }

// Header is the lines of a header in order, names as sent. At most 256 lines are kept, 64 KiB in all.
type Header []Field

// Get gives the first value of a field, "" if there is none. Names are compared without case (RFC 9110 5.1).
func (h Header) Get(name string) string {
	for _, f := range h {
		if strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

// Exchange is a request and, as far as it came, its response. It is read-only for carried protocols but for SafePath and SafeLocation.
type Exchange struct {
	Depth    int64     // number of the request on its connection, from 1: trans_depth of the table http
	Ref      event.Ref // of the packet that ended the request's header, or the response's if the request was not seen
	Method   string    // as sent; "" if the request was not seen
	Host     string    // Host header, or the authority of an absolute URI
	Path     string    // path of the target as sent, still percent-encoded
	Query    string    // query of the target as sent, without the question mark
	Request  Header
	Status   int // 0 as long as no response was seen
	Response Header
	// RequestCut and ResponseCut tell that the body has a loss, or was not seen to its end.
	RequestCut, ResponseCut bool
	// Connection is what the exchanges of one connection share; nil in exchanges made by hand.
	Connection *Connection
	// SafePath is set by a carried protocol when Path names a patient or a record: the path with * in place of those parts.
	// The table http then shows it instead.
	SafePath string
	// SafeLocation is the same for the response's Location header.
	SafeLocation string
}

// Connection is a place where a carried protocol keeps, under its name, what it learned in one exchange and needs in the next ones of
// the connection. It bounds what it keeps.
type Connection struct{ kept map[string]any }

// Kept gives what was kept under the name, nil if nothing was.
func (c *Connection) Kept(name string) any {
	if c == nil {
		return nil
	}
	return c.kept[name]
}

// Keep keeps v under the name.
func (c *Connection) Keep(name string, v any) {
	if c == nil {
		return
	}
	if c.kept == nil {
		c.kept = map[string]any{}
	}
	c.kept[name] = v
}

package telnet

import (
	"bytes"

	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
)

// Protocol is Telnet, and logins in clear text like it.
var Protocol = &dissect.Protocol{
	Name:       "telnet",
	Spec:       "RFC 854, RFC 855, RFC 1572",
	Transports: []dissect.Transport{dissect.TCP},
	Ports:      []uint16{portTelnet, 2323},
	MaxBuffer:  64, // nothing is ever left over
	Tables:     []*event.Table{logins.Desc(), sessions.Desc()},
	Probe:      probe,
	New:        func(c *dissect.Conn) dissect.Dissector { return &dissector{conn: c} },
}

const portTelnet = 23

// Caps of one conversation. What is typed and prompted is short; what is longer is output.
const (
	lineCap    = 256  // bytes of a line of the server that are looked at
	typedCap   = 256  // bytes of a line of the client
	nameCap    = 64   // bytes of a user name that are told
	bannerCap  = 512  // bytes of the banner that are told
	queueCap   = 16   // lines typed ahead of a prompt
	wordCap    = 64   // first words of commands
	envCap     = 32   // names of variables
	attemptCap = 4096 // login rows; a device that never hangs up is guessed at for hours
	sentCap    = 64   // passwords that a later user name is held against
)

// probe wants two commands of negotiation, or printable text that asks for a login. On its port one command will do, or text that
// is not another protocol's.
func probe(c *dissect.Conn, dir dissect.Dir, first []byte) dissect.Match {
	named := c.Server.Port() == portTelnet || c.Server.Port() == 2323
	cur := cursor.New(first)
	n := 0
	for cur.Need(3) && cur.Peek(0) == cmdIAC && n < 2 {
		verb, opt := cur.Peek(1), cur.Peek(2)
		if (verb < cmdWILL || verb > cmdDONT) && verb != cmdSB || (opt > lastOption && opt != optEXOPL) {
			return dissect.No
		}
		if n++; verb == cmdSB {
			n = 2
		}
		cur.Skip(3)
	}
	switch {
	case n >= 2 || (n == 1 && named):
		return dissect.Yes
	case n == 1 || cur.Peek(0) == cmdIAC:
		return dissect.Maybe
	}
	return probeText(c, dir, first, named)
}

// others greet with text as well; who names port 23 may be any of them.
var others = []string{"SSH-", "HTTP", "RFB ", "220 ", "220-", "+OK ", "* OK", "GET ", "POST", "HEAD", "PUT ", "OPTI", "PROP", "DELE", "MSH|", "PRI "}

// probeText decides on the first bytes that settle it, so that it does not matter how many are shown at once.
func probeText(c *dissect.Conn, dir dissect.Dir, first []byte, named bool) dissect.Match {
	for _, o := range others {
		switch n := min(len(o), len(first)); {
		case !bytes.Equal(first[:n], []byte(o[:n])):
		case n == len(o):
			return dissect.No
		default:
			return dissect.Maybe
		}
	}
	cur := cursor.New(first)
	for cur.More() {
		if b := cur.U8(); b < ' ' && bytes.IndexByte([]byte("\r\n\t\a\b\x1b\x00"), b) < 0 {
			return dissect.No
		}
		if named && cur.Offset() >= 4 {
			return dissect.Yes
		}
		if asksForLogin(first[:cur.Offset()]) {
			switch {
			case dir == dissect.FromServer:
				return dissect.Yes
			case c.Guessed:
				return dissect.Swapped
			}
		}
	}
	if named || dir == dissect.FromServer {
		return dissect.Maybe
	}
	return dissect.No
}

// asksForLogin tells whether text ends in a prompt for a login, by the commonest words. It allocates nothing.
func asksForLogin(b []byte) bool {
	if !bytes.HasSuffix(b, []byte(":")) {
		return false
	}
	for _, w := range [...]string{"login:", "username:", "password:"} {
		if at := len(b) - len(w); at >= 0 && bytes.EqualFold(b[at:], []byte(w)) {
			return at < 5 || !bytes.EqualFold(b[at-5:at], []byte("last "))
		}
	}
	return false
}

// Feed takes all bytes there are: the state between them is in the dissector, so it does not matter where segments end.
func (d *dissector) Feed(seg *dissect.Segment, out *event.Batch) (dissect.Progress, error) {
	if !d.begun {
		d.begun, d.first = true, seg.Ref
	}
	d.last = seg.Ref
	if d.session.Encrypted {
		return dissect.Progress{Used: dissect.Rest}, nil
	}
	fromClient := seg.Dir == dissect.FromClient
	s := &d.strip[seg.Dir]
	if seg.Gap > 0 {
		s.state = inData
		d.lost(fromClient)
	}
	c := cursor.New(seg.Data)
	for c.More() {
		b := c.U8()
		switch s.next(b) {
		case text:
			if fromClient {
				d.typed(b, out)
			} else {
				d.written(b, out)
			}
		case erased:
			if fromClient {
				d.typed(0x7f, out)
			}
		case erasedLine:
			if fromClient {
				d.typed(0x15, out)
			}
		case subEnded:
			d.option(s.sub, fromClient)
			if d.session.Encrypted {
				return dissect.Progress{Used: dissect.Rest}, nil
			}
			if d.follows >= 2 { // both sides said that TLS follows
				return dissect.Progress{Used: c.Offset(), HandOver: true}, nil
			}
		}
	}
	return dissect.Progress{Used: len(seg.Data)}, nil
}

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
)

// probe wants two commands of negotiation, or a prompt at the end of printable text. On its port text may wait for its prompt.
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

func probeText(c *dissect.Conn, dir dissect.Dir, first []byte, named bool) dissect.Match {
	for cur := cursor.New(first); cur.More(); {
		if b := cur.U8(); b < ' ' && !bytes.ContainsRune([]byte("\r\n\t\a\b\x1b\x00"), rune(b)) {
			return dissect.No
		}
	}
	tail := bytes.TrimRight(first, " ")
	if at := bytes.LastIndexAny(tail, "\r\n"); at >= 0 {
		tail = tail[at+1:]
	}
	var fold [lineCap]byte
	line := fold[:copy(fold[:], tail)]
	for i, b := range line {
		if b >= 'A' && b <= 'Z' {
			line[i] = b + 'a' - 'A'
		}
	}
	asked := asksNothing
	if len(tail) <= lineCap {
		asked = promptBytes(line)
	}
	switch asked {
	case asksUser, asksPassword:
		if dir == dissect.FromServer {
			return dissect.Yes
		}
		if c.Guessed {
			return dissect.Swapped
		}
	case asksCommand:
		if named && dir == dissect.FromServer {
			return dissect.Yes
		}
	}
	if named {
		return dissect.Maybe
	}
	return dissect.No
}

// promptBytes is prompt without an allocation: the probe must not make a string.
func promptBytes(line []byte) asks {
	if len(line) == 0 {
		return asksNothing
	}
	for _, w := range [...]string{"login:", "username:", "password:", "user:", "logon:", "user name:", "passwd:"} {
		if bytes.HasSuffix(line, []byte(w)) {
			if bytes.HasPrefix(line, []byte("last ")) {
				return asksNothing
			}
			if w == "password:" || w == "passwd:" {
				return asksPassword
			}
			return asksUser
		}
	}
	if bytes.IndexByte([]byte("$#>%"), line[len(line)-1]) >= 0 {
		return asksCommand
	}
	return asksNothing
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

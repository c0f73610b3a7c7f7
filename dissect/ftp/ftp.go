package ftp

import (
	"bytes"
	"fmt"

	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
)

// Protocol is FTP's control connection.
var Protocol = &dissect.Protocol{
	Name:       "ftp",
	Spec:       "RFC 959, RFC 2428, RFC 4217",
	Transports: []dissect.Transport{dissect.TCP},
	Ports:      []uint16{portFTP, 2121},
	MaxBuffer:  2 * lineCap,
	Tables:     []*event.Table{commands.Desc()},
	Probe:      probe,
	New:        func(c *dissect.Conn) dissect.Dissector { return &dissector{conn: c} },
}

const portFTP = 21

// Caps of one conversation.
const (
	lineCap     = 4096 // bytes of a line; a path has at most that many on common systems
	textCap     = 512  // bytes of an argument or reply that are told
	pendingCap  = 64   // commands that wait for their reply
	complainCap = 8    // anomalies
)

// probe looks at the first lines. A server says 220 and some words, as SMTP's does; a client says USER, as POP3's does.
func probe(c *dissect.Conn, dir dissect.Dir, first []byte) dissect.Match {
	named := c.Server.Port() == portFTP || (c.Guessed && c.Client.Port() == portFTP)
	if len(first) < 4 {
		return dissect.Maybe
	}
	if server, match := probeServer(first, named); server {
		if match == dissect.Yes && dir == dissect.FromClient {
			if c.Guessed {
				return dissect.Swapped
			}
			return dissect.No
		}
		return match
	}
	m := probeClient(first, named)
	if m == dissect.Yes && dir == dissect.FromServer {
		if c.Guessed {
			return dissect.Swapped
		}
		return dissect.No
	}
	return m
}

// probeServer decides on the first bytes that settle it, so that it does not matter how many are shown at once.
func probeServer(first []byte, named bool) (server bool, match dissect.Match) {
	if _, sep, ok := code(first); !ok || (sep != ' ' && sep != '-') {
		return false, dissect.No
	}
	greets := bytes.HasPrefix(first, []byte("220")) || bytes.HasPrefix(first, []byte("120"))
	if named && (greets || bytes.HasPrefix(first, []byte("421")) || bytes.HasPrefix(first, []byte("530"))) {
		return true, dissect.Yes
	}
	if !greets && !named && !bytes.HasPrefix(first, []byte("331 ")) {
		return true, dissect.No
	}
	for n := 4; n <= len(first); n++ {
		switch seen := first[:n]; {
		case endsIn(seen, "ftp") && greets, bytes.HasSuffix(seen, []byte("\n331 ")), n == 4 && bytes.Equal(seen, []byte("331 ")): // SMTP has no 331
			return true, dissect.Yes
		case endsIn(seen, "smtp"):
			return true, dissect.No
		}
	}
	return true, dissect.Maybe
}

func endsIn(b []byte, word string) bool {
	return len(b) >= len(word) && bytes.EqualFold(b[len(b)-len(word):], []byte(word))
}

func probeClient(first []byte, named bool) dissect.Match {
	rest := first
	for lines := 0; len(rest) > 0 && lines < 8; lines++ {
		line := rest
		at := bytes.IndexByte(rest, '\n')
		if at >= 0 {
			line, rest = rest[:at], rest[at+1:]
		} else {
			rest = nil
		}
		user := begins(line, "USER ")
		for _, v := range ownVerbs {
			if begins(line, v) && (named || lines > 0) { // one word alone is little on an odd port
				return dissect.Yes
			}
			user = user || begins(line, v)
		}
		if named {
			for _, v := range firstVerbs {
				if begins(line, v) {
					return dissect.Yes
				}
			}
		}
		switch {
		case lines == 0 && !user && (at >= 0 || len(line) >= 10): // longer than any of the words
			return dissect.No
		}
	}
	return dissect.Maybe
}

func begins(line []byte, word string) bool {
	return len(line) >= len(word) && bytes.EqualFold(line[:len(word)], []byte(word))
}

// code reads the three digits in front of a reply and what follows them.
func code(line []byte) (n int64, sep byte, ok bool) {
	c := cursor.New(line)
	a, b, d := c.U8()-'0', c.U8()-'0', c.U8()-'0'
	if c.Short() || a < 1 || a > 6 || b > 9 || d > 9 {
		return 0, 0, false
	}
	return int64(a)*100 + int64(b)*10 + int64(d), c.U8(), true
}

// Feed takes whole lines.
func (d *dissector) Feed(seg *dissect.Segment, out *event.Batch) (dissect.Progress, error) {
	h := &d.half[seg.Dir]
	if seg.Gap > 0 { // the line that a loss cut is not to be trusted
		h.torn = true
		if seg.Dir == dissect.FromServer { // nor is it known which commands were answered
			d.multi = 0
			d.flush(out)
		}
	}
	if seg.Dir == dissect.FromServer {
		d.answered = true
	}
	rest := seg.Data
	used := 0
	for len(rest) > 0 {
		if seg.Dir == dissect.FromClient && d.tls && d.answered { // what comes next depends on the reply to AUTH
			return dissect.Progress{Used: used}, nil
		}
		at := bytes.IndexByte(rest, '\n')
		if at < 0 {
			if len(rest) > lineCap {
				h.long, used = true, len(seg.Data)
			}
			return dissect.Progress{Used: used}, nil
		}
		line := bytes.TrimRight(rest[:at], "\r")
		rest, used = rest[at+1:], used+at+1
		torn := h.torn
		h.torn = false
		switch {
		case h.long || at > lineCap:
			h.long = false
			d.complain("ftp_long_line", fmt.Sprintf("a line longer than %d bytes was passed over", lineCap), seg.Ref, out)
		case seg.Dir == dissect.FromClient:
			d.command(line, torn, seg.Ref, out)
		default:
			if _, _, ok := code(line); torn && !ok {
				continue
			}
			if d.reply(line, seg.Ref, out) {
				return dissect.Progress{Used: used, HandOver: true}, nil
			}
		}
	}
	return dissect.Progress{Used: used}, nil
}

func (d *dissector) complain(kind, what string, ref event.Ref, out *event.Batch) {
	if d.faults++; d.faults <= complainCap {
		dissect.Anomaly(out, ref, "ftp", kind, 1, what)
	}
}

// Close writes commands that were not answered.
func (d *dissector) Close(out *event.Batch) { d.flush(out) }

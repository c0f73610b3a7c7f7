package telnet

import (
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/dnsname"
)

// stripState is where the stripper stands between bytes.
type stripState uint8

const (
	inData stripState = iota
	afterIAC
	afterVerb
	inSub
	afterSubIAC
)

// subCap bounds a subnegotiation: environments of a few hundred bytes occur.
const subCap = 1024

// stripper takes negotiation out of one direction, byte by byte, so that it does not matter where segments end.
type stripper struct {
	state stripState
	verb  byte
	sub   []byte
	seen  int // commands
}

// what a byte was.
type piece uint8

const (
	nothing  piece = iota
	text           // a byte of data
	subEnded       // a subnegotiation is complete, in sub
	erased         // the command to erase a character
	erasedLine
)

// next takes one byte. A byte of data is given back as it is.
func (s *stripper) next(b byte) piece {
	switch s.state {
	case inData:
		if b != cmdIAC {
			return text
		}
		s.state = afterIAC
	case afterIAC:
		return s.command(b)
	case afterVerb:
		s.state = inData
	case inSub:
		if b == cmdIAC {
			s.state = afterSubIAC
		} else if len(s.sub) < subCap {
			s.sub = append(s.sub, b)
		}
	case afterSubIAC:
		switch {
		case b == cmdSE:
			s.state = inData
			return subEnded
		case b == cmdIAC && len(s.sub) < subCap:
			s.sub = append(s.sub, b)
			fallthrough
		case b == cmdIAC:
			s.state = inSub
		default: // no end in sight: a command again (RFC 855 knows no other way out)
			s.state = afterIAC
			return s.command(b)
		}
	}
	return nothing
}

func (s *stripper) command(b byte) piece {
	s.state = inData
	switch {
	case b == cmdIAC: // doubled: the byte itself
		return text
	case b == cmdSB:
		s.state, s.sub, s.seen = inSub, s.sub[:0], s.seen+1
	case b >= cmdWILL && b <= cmdDONT:
		s.state, s.verb, s.seen = afterVerb, b, s.seen+1
	case b == cmdEC:
		return erased
	case b == cmdEL:
		return erasedLine
	}
	return nothing
}

// option reads a subnegotiation of the client.
func (d *dissector) option(sub []byte, fromClient bool) {
	c := cursor.New(sub)
	switch opt, verb := c.U8(), c.U8(); {
	case c.Short():
	case opt == optEncrypt && verb == 3: // START
		d.session.Encrypted = true
	case opt == optStartTLS && verb == 1: // FOLLOWS
		d.follows++
	case !fromClient:
	case opt == optTerminal && verb == 0: // IS
		d.session.Terminal = dnsname.Clean(c.Rest(), 40)
	case opt == optEnvironment && (verb == 0 || verb == 2): // IS, INFO
		d.environment(c)
	case opt == optAuth && verb == 3: // NAME
		d.session.EnvUser = dnsname.Clean(c.Rest(), nameCap)
	}
}

// environment reads pairs of RFC 1572: VAR 0 or USERVAR 3, name, VALUE 1, value; ESC 2 in front of such a byte inside.
func (d *dissector) environment(c cursor.Cursor) {
	var name, value []byte
	at := &name
	end := func() {
		if len(name) > 0 && len(d.session.EnvNames) < envCap {
			d.session.EnvNames = append(d.session.EnvNames, dnsname.Clean(name, 40))
		}
		if string(name) == "USER" {
			d.session.EnvUser = dnsname.Clean(value, nameCap)
		}
		name, value = nil, nil
	}
	for c.More() {
		switch b := c.U8(); b {
		case 0, 3:
			end()
			at = &name
		case 1:
			at = &value
		case 2:
			*at = append(*at, c.U8())
		default:
			*at = append(*at, b)
		}
	}
	end()
}

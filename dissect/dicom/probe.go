package dicom

import (
	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
)

// minAssociate is the fixed part of an A-ASSOCIATE PDU (PS3.8 9.3.2), without the PDU header.
const (
	minAssociate = 68
	titlesEnd    = pduHeader + 4 + 16 + 16
)

// probe recognises the first bytes of a direction.
func probe(c *dissect.Conn, dir dissect.Dir, first []byte) dissect.Match {
	cur := cursor.New(first)
	t := pduType(cur.Peek(0))
	switch m := looksLikePDU(cur); m {
	case dissect.Yes:
		return oriented(c, dir, t, cur)
	case dissect.Maybe:
		return m
	}
	if !c.Midstream || len(first) < syncBytes {
		return dissect.No
	}
	// A conversation may have been joined in the middle of a fragment: look for the header of the next PDU, but only
	// by the test that random bytes do not pass.
	for cur.Skip(1); cur.Need(syncBytes); cur.Skip(1) {
		if pduType(cur.Peek(0)) == dataTF && looksLikePDU(cur) == dissect.Yes {
			return oriented(c, dir, dataTF, cur)
		}
	}
	if len(first) < dissect.ProbeLimit {
		return dissect.Maybe
	}
	return dissect.No
}

// oriented answers Swapped where the side that we take for the client does what only an acceptor does.
func oriented(c *dissect.Conn, dir dissect.Dir, t pduType, cur cursor.Cursor) dissect.Match {
	if !c.Guessed {
		return dissect.Yes
	}
	acceptor := dissect.FromServer
	switch t {
	case associateRQ:
		acceptor = dir.Other()
	case associateAC, associateRJ:
		acceptor = dir
	case dataTF:
		switch f := commandAt(cur); f {
		case cFind, cMove, cGet, cEcho, nCreate, nSet, nAction, nDelete, nGet, cCancel:
			acceptor = dir.Other()
		case cFind | response, cMove | response, cGet | response, cEcho | response, nCreate | response, nSet | response, nAction | response:
			acceptor = dir
		}
	}
	if acceptor == dissect.FromClient {
		return dissect.Swapped
	}
	return dissect.Yes
}

// commandAt gives the command field of a command set that begins in the first fragment of the P-DATA-TF at c, 0 if
// there is none.
func commandAt(c cursor.Cursor) commandField {
	c.Skip(pduHeader + 5)
	if c.U8()&1 == 0 {
		return 0
	}
	return parseCommand(c.Bytes(min(c.Len(), 256))).field
}

// looksLikePDU tells whether a PDU begins at c. Yes is said only where random bytes would not pass.
func looksLikePDU(c cursor.Cursor) dissect.Match {
	n := c.Len()
	t := pduType(c.U8())
	if t < associateRQ || t > abort || n == 0 {
		return dissect.No
	}
	reserved, length := c.U8(), int64(c.U32())
	if n >= 2 && reserved != 0 { // PS3.8 says not to test it; for recognition it is evidence all the same
		return dissect.No
	}
	if n < pduHeader {
		return dissect.Maybe
	}
	switch t {
	case associateRQ, associateAC:
		return looksLikeAssociate(c, n, length)
	case dataTF:
		return looksLikeData(c, n, length)
	}
	if length != 4 {
		return dissect.No
	}
	if n < shortPDU {
		return dissect.Maybe
	}
	return looksLikeShort(t, c)
}

// looksLikeAssociate: version, two reserved bytes, and two AE titles without control characters. That must be enough,
// since a slow peer may not show more before the probe has to answer.
func looksLikeAssociate(c cursor.Cursor, n int, length int64) dissect.Match {
	version, reserved := c.U16(), c.U16()
	if length < minAssociate || length > 1<<24 || (n >= pduHeader+4 && (version == 0 || reserved != 0)) {
		return dissect.No
	}
	if n < titlesEnd {
		return dissect.Maybe
	}
	for range 32 {
		if b := c.U8(); b < 0x20 && b != 0 {
			return dissect.No
		}
	}
	return dissect.Yes
}

// looksLikeData: the first fragment fits into the PDU, its context is odd, its control bits are known; and either it
// fills the PDU, or it is a command set, which begins with its own length (PS3.7 6.3.1).
func looksLikeData(c cursor.Cursor, n int, length int64) dissect.Match {
	if length < pdvHeader || length > hugePDU {
		return dissect.No
	}
	if n < syncBytes {
		return dissect.Maybe
	}
	pdv, ctx, control := int64(c.U32()), c.U8(), c.U8()
	if pdv < 2 || pdv > length-4 || ctx&1 == 0 || control > 3 {
		return dissect.No
	}
	if pdv == length-4 {
		return dissect.Yes
	}
	if control&1 == 0 || pdv < 2+8 {
		return dissect.No
	}
	if n < syncBytes+8 {
		return dissect.Maybe
	}
	if c.U32() == 0 && c.U32LE() == 4 {
		return dissect.Yes
	}
	return dissect.No
}

// looksLikeShort: the four bytes have values that the standard gives them.
func looksLikeShort(t pduType, c cursor.Cursor) dissect.Match {
	a, b, x, y := c.U8(), c.U8(), c.U8(), c.U8()
	ok := false
	switch t {
	case associateRJ:
		ok = a == 0 && (b == 1 || b == 2) && x >= 1 && x <= 3 && y >= 1 && y <= 10
	case releaseRQ, releaseRP:
		ok = a|b|x|y == 0
	case abort:
		ok = a|b == 0 && x <= 2 && y <= 6
	}
	if ok {
		return dissect.Yes
	}
	return dissect.No
}

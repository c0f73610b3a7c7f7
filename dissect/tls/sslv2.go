package tls

import (
	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
)

// v2Header begins a CLIENT-HELLO in the record of SSL 2.0, which clients sent until about 2010 also to offer newer
// versions (RFC 5246 E.2).
//
//	+---------------+------+---------+--------+------------+-----------+----------------------------
//	| 0x80 | length | type | version | suites | session id | challenge | suites, session id, challenge
//	+---------------+------+---------+--------+------------+-----------+----------------------------
//	       2           1        2       2          2            2
type v2Header struct {
	Length                      int
	Version                     Version
	Ciphers, Session, Challenge int
}

const v2HelloHeader = 11

// readV2Header reads and checks the head of a CLIENT-HELLO; the lengths must add up.
func readV2Header(cur *cursor.Cursor) (h v2Header, ok bool) {
	length := cur.U16()
	typ := handshakeType(cur.U8())
	h = v2Header{Length: int(length & 0x7fff), Version: Version(cur.U16()),
		Ciphers: int(cur.U16()), Session: int(cur.U16()), Challenge: int(cur.U16())}
	switch {
	case cur.Short(), length&0x8000 == 0, typ != typeClientHello:
		return h, false
	case h.Version != versionSSL2 && (h.Version < versionSSL3 || h.Version > versionTLS13):
		return h, false
	case h.Ciphers == 0, h.Ciphers%3 != 0, h.Session != 0 && h.Session != 16, h.Challenge < 16, h.Challenge > 32:
		return h, false
	}
	return h, h.Length == v2HelloHeader-2+h.Ciphers+h.Session+h.Challenge
}

// startV2 handles a direction that starts with a record of SSL 2.0; v2 is false if it does not.
func (d *dissector) startV2(seg *dissect.Segment, cur *cursor.Cursor, out *event.Batch) (p dissect.Progress, v2 bool) {
	if cur.Peek(0)&0x80 == 0 {
		return p, false
	}
	if cur.Len() < v2HelloHeader {
		return dissect.Progress{Need: v2HelloHeader}, true
	}
	server := d.row.ClientHello && seg.Dir != d.client && d.row.ClientVersion == versionSSL2.String()
	if server && handshakeType(cur.Peek(2)) == 4 {
		return d.serverHelloV2(seg, *cur), true
	}
	at := *cur
	h, ok := readV2Header(&at)
	if !ok || d.row.ClientHello {
		return p, false
	}
	if cur.Len() < 2+h.Length {
		return dissect.Progress{Need: 2 + h.Length}, true
	}
	d.records++
	half := &d.half[seg.Dir]
	half.records++
	d.clientHelloV2(seg, h, at)
	half.state = inSync
	if h.Version == versionSSL2 { // what the client says next is encrypted
		half.state = over
		return dissect.Progress{Used: dissect.Rest}, true
	}
	return dissect.Progress{Used: 2 + h.Length}, true
}

func (d *dissector) clientHelloV2(seg *dissect.Segment, h v2Header, cur cursor.Cursor) {
	d.client, d.ref, d.helloAt = seg.Dir, seg.Ref, seg.Time
	r := &d.row
	r.ClientHello, r.Reversed, r.SNIMissing = true, seg.Dir != dissect.FromClient, true
	r.ClientVersion = h.Version.String()
	for suites := cur.Sub(h.Ciphers); suites.Need(3); {
		weak := weakSuite(v2CipherName(suites.U24()))
		r.CiphersOffered++
		r.WeakOffered = r.WeakOffered || len(weak) > 0
	}
}

// v2CipherName names a suite of three bytes; those that start with 0 are the suites of SSL 3.0 and later.
func v2CipherName(kind uint32) string {
	if kind>>16 == 0 {
		return CipherSuite(kind).String()
	}
	return sslv2Names[kind]
}

// serverHelloV2 reads the SERVER-HELLO of SSL 2.0: type, session hit, certificate type, version, three lengths, then
// certificate, suites and connection id. What follows is encrypted.
func (d *dissector) serverHelloV2(seg *dissect.Segment, cur cursor.Cursor) dissect.Progress {
	length := int(cur.U16() & 0x7fff)
	if cur.Len() < length {
		return dissect.Progress{Need: 2 + length}
	}
	d.records++
	h := &d.half[seg.Dir]
	h.records++
	h.state = over
	body := cur.Sub(length)
	body.Skip(1)
	hit := body.U8()
	body.Skip(1)
	version := Version(body.U16())
	certificate, suites := int(body.U16()), int(body.U16())
	body.Skip(2)
	der := body.Bytes(certificate)
	if body.Short() || !body.Need(suites) {
		return dissect.Progress{Used: dissect.Rest}
	}
	d.version = version
	d.row.Version, d.row.ServerHello, d.row.Resumed = version.String(), true, hit != 0
	if suites == 3 { // the client will choose unless only one is left
		d.row.Cipher = v2CipherName(body.U24())
	}
	d.show(seg.Dir, seg.Ref, der)
	if d.helloAt != 0 && seg.Time >= d.helloAt {
		d.row.AnswerMS = event.Some(float64(seg.Time-d.helloAt) / 1e6)
	}
	return dissect.Progress{Used: dissect.Rest}
}

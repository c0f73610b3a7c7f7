package tls

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"

	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
)

// handshake puts messages together from the fragments of records: a message may be split at any byte, and several may
// share a record (RFC 8446 5.1).
func (d *dissector) handshake(seg *dissect.Segment, h *half, frag cursor.Cursor, out *event.Batch) {
	skip := min(h.hsSkip, frag.Len())
	h.hsSkip -= skip
	frag.Skip(skip)
	if !frag.More() {
		return
	}
	h.hs = append(h.hs, frag.Rest()...)
	cur := cursor.New(h.hs)
	for cur.Need(4) {
		whole := cur
		typ, n := handshakeType(cur.U8()), int(cur.U24())
		if !typ.known() { // encrypted, or out of step after a loss
			h.hs = nil
			return
		}
		if n > maxHandshake {
			dissect.Anomaly(out, seg.Ref, protocolName, "tls_handshake_limit", int64(n),
				fmt.Sprintf("a handshake message of more than %d bytes was passed over", maxHandshake))
			h.hsSkip = n - min(n, cur.Len())
			cur.Skip(min(n, cur.Len()))
			continue
		}
		if !cur.Need(n) {
			cur = whole
			break
		}
		d.message(seg.Dir, seg.Ref, typ, cur.Sub(n), out)
	}
	if rest := cur.Rest(); len(rest) > 0 {
		h.hs = slices.Clone(rest)
	} else {
		h.hs = nil
	}
}

// message reads one handshake message.
func (d *dissector) message(dir dissect.Dir, ref event.Ref, typ handshakeType, body cursor.Cursor, out *event.Batch) {
	sound := true
	switch typ {
	case typeClientHello:
		if !d.row.ClientHello {
			sound = d.clientHello(dir, ref, body)
		}
	case typeServerHello:
		sound = d.serverHello(dir, ref, body)
	case typeCertificate:
		sound = d.certificate(dir, ref, body)
	case typeServerKeyExchange:
		d.serverKeyExchange(body)
	case typeCertificateRequest:
		d.row.ClientCertAsked = true
	case typeServerHelloDone:
		d.done = true
	case typeNewSessionTicket:
		d.row.TicketIssued = true
	}
	if !sound {
		dissect.Anomaly(out, ref, protocolName, "tls_bad_handshake", 1,
			fmt.Sprintf("a handshake message of type %d is shorter than its fields say; what was sound was kept", typ))
	}
}

// clientHello is RFC 8446 4.1.2.
type clientHello struct {
	Version     Version
	SessionID   []byte
	Ciphers     []uint16
	Compression []byte
	extensions
	Types []uint16 // of the extensions, in order
}

// extensions holds what is used of them. Slices of bytes are valid only as long as the message is.
type extensions struct {
	Versions   []uint16 // 43, RFC 8446 4.2.1; one in a ServerHello
	Groups     []uint16 // 10, RFC 8422 5.1.1
	Points     []byte   // 11, RFC 8422 5.1.2
	SigAlgs    []uint16 // 13, RFC 8446 4.2.3
	ALPN       [][]byte // 16, RFC 7301
	ServerName []byte   // 0, RFC 6066 section 3
	SNI        bool
	Ticket     bool // 35 with content, RFC 5077, or 41, RFC 8446 4.2.11
	ECH        bool // 0xfe0d
	KeyShare   uint16
}

const (
	extServerName        = 0
	extSupportedGroups   = 10
	extECPointFormats    = 11
	extSignatureAlgs     = 13
	extALPN              = 16
	extSessionTicket     = 35
	extPreSharedKey      = 41
	extSupportedVersions = 43
	extKeyShare          = 51
	extECH               = 0xfe0d
)

// readClientHello reads a ClientHello; sound is false if a length in it is wrong, and what came before is kept.
func readClientHello(cur cursor.Cursor) (h clientHello, sound bool) {
	h.Version = Version(cur.U16())
	cur.Skip(32) // random
	h.SessionID = cur.Bytes(int(cur.U8()))
	if h.Version.dtls() {
		cur.Skip(int(cur.U8())) // cookie, RFC 6347 4.2.1
	}
	h.Ciphers = numbers(cur.Sub(int(cur.U16())))
	h.Compression = cur.Bytes(int(cur.U8()))
	if cur.Short() {
		return h, false
	}
	if !cur.More() { // extensions came with RFC 3546
		return h, true
	}
	ext := cur.Sub(int(cur.U16()))
	h.Types, sound = h.extensions.read(ext, true)
	return h, sound && !cur.Short()
}

// read walks the extensions, RFC 8446 4.2.
func (e *extensions) read(cur cursor.Cursor, client bool) (types []uint16, sound bool) {
	for cur.Need(4) {
		typ := cur.U16()
		body := cur.Sub(int(cur.U16()))
		if cur.Short() {
			return types, false
		}
		types = append(types, typ)
		e.one(typ, body, client)
	}
	return types, !cur.Short() && !cur.More()
}

func (e *extensions) one(typ uint16, cur cursor.Cursor, client bool) {
	switch typ {
	case extServerName:
		e.SNI = true
		e.ServerName = readServerName(cur)
	case extSupportedGroups:
		e.Groups = numbers(cur.Sub(int(cur.U16())))
	case extECPointFormats:
		e.Points = cur.Bytes(int(cur.U8()))
	case extSignatureAlgs:
		e.SigAlgs = numbers(cur.Sub(int(cur.U16())))
	case extALPN:
		list := cur.Sub(int(cur.U16()))
		for list.More() && len(e.ALPN) < maxOffered {
			if name := list.Bytes(int(list.U8())); len(name) > 0 {
				e.ALPN = append(e.ALPN, name)
			}
		}
	case extSessionTicket:
		e.Ticket = e.Ticket || cur.More()
	case extPreSharedKey:
		e.Ticket = true
	case extSupportedVersions:
		if client {
			e.Versions = numbers(cur.Sub(int(cur.U8())))
		} else {
			e.Versions = []uint16{cur.U16()}
		}
	case extKeyShare:
		if !client {
			e.KeyShare = cur.U16()
		}
	case extECH:
		e.ECH = true
	}
}

func readServerName(cur cursor.Cursor) []byte {
	list := cur.Sub(int(cur.U16()))
	for list.More() {
		typ := list.U8()
		name := list.Bytes(int(list.U16()))
		if typ == 0 && len(name) > 0 {
			return name
		}
	}
	return nil
}

// numbers reads two-byte numbers to the end; a single byte left over is dropped.
func numbers(cur cursor.Cursor) []uint16 {
	var out []uint16
	for cur.Need(2) {
		out = append(out, cur.U16())
	}
	return out
}

func (d *dissector) clientHello(dir dissect.Dir, ref event.Ref, body cursor.Cursor) bool {
	h, sound := readClientHello(body)
	if len(h.Ciphers) == 0 {
		return false
	}
	d.client, d.ref, d.helloAt = dir, ref, ref.Time
	r := &d.row
	r.ClientHello, r.Reversed = true, dir != dissect.FromClient
	r.ServerName, r.SNIMissing = text(h.ServerName), !h.SNI
	for _, p := range h.ALPN {
		r.ALPNOffered = append(r.ALPNOffered, text(p))
	}
	r.ECH, r.TicketOffered = h.ECH, h.Ticket
	r.ClientVersion = h.highest().String()
	for _, c := range h.Ciphers {
		if !grease(c) {
			r.CiphersOffered++
		}
		r.WeakOffered = r.WeakOffered || len(weakSuite(CipherSuite(c).String())) > 0
	}
	r.JA3, r.JA4 = h.ja3(), h.ja4()
	return sound
}

// highest is the newest version offered: in supported_versions, or else in the field that had that meaning before.
func (h *clientHello) highest() Version {
	best := Version(0)
	for _, v := range h.Versions {
		if !grease(v) && (best == 0 || Version(v).rank() > best.rank()) {
			best = Version(v)
		}
	}
	if best == 0 {
		return h.Version
	}
	return best
}

// helloRetryRandom is the value of ServerHello.random that makes it a HelloRetryRequest, RFC 8446 4.1.3.
var helloRetryRandom = sha256.Sum256([]byte("HelloRetryRequest"))

// serverHello reads a ServerHello, RFC 8446 4.1.3; up to draft 21 it had neither session id nor compression.
func (d *dissector) serverHello(dir dissect.Dir, ref event.Ref, cur cursor.Cursor) bool {
	version := Version(cur.U16())
	random := cur.Bytes(32)
	var compression uint8
	var cipher CipherSuite
	if version.draft13() || version == versionTLS13 { // final 1.3 says 0x0303 here
		cipher = CipherSuite(cur.U16())
	} else {
		cur.Skip(int(cur.U8()))
		cipher, compression = CipherSuite(cur.U16()), cur.U8()
	}
	if cur.Short() {
		return false
	}
	var ext extensions
	var types []uint16
	sound := true
	if cur.More() {
		types, sound = ext.read(cur.Sub(int(cur.U16())), false)
	}
	r := &d.row
	if !r.ClientHello {
		d.client, r.Reversed = dir.Other(), dir == dissect.FromClient
	}
	d.version = version
	if len(ext.Versions) == 1 && ext.Versions[0] != 0 {
		d.version = Version(ext.Versions[0])
	}
	d.cipher = cipher
	r.Version, r.Cipher = d.version.String(), cipher.String()
	if ext.KeyShare != 0 {
		r.Curve = Group(ext.KeyShare).String()
	}
	if slices.Equal(random, helloRetryRandom[:]) {
		r.HelloRetry = true
		return sound
	}
	r.ServerHello, r.Compression, r.JA3S = true, compression != 0, ja3s(version, cipher, types)
	d.chosen(&ext, ref)
	return sound
}

// chosen writes what the extensions of a ServerHello say.
func (d *dissector) chosen(ext *extensions, ref event.Ref) {
	r := &d.row
	if len(ext.ALPN) > 0 {
		r.NextProtocol = text(ext.ALPN[0])
	}
	if d.version.is13() && ext.Ticket {
		r.Resumed = true
	}
	if d.helloAt != 0 && ref.Time >= d.helloAt {
		r.AnswerMS = event.Some(float64(ref.Time-d.helloAt) / 1e6)
	}
}

// serverKeyExchange reads the parameters of ephemeral key exchanges: RFC 8422 5.4 and RFC 5246 7.4.3.
func (d *dissector) serverKeyExchange(cur cursor.Cursor) {
	const namedCurve = 3
	switch exchangeOf(d.row.Cipher) {
	case exchangeECDHE:
		if cur.U8() == namedCurve {
			if g := cur.U16(); g != 0 {
				d.row.Curve = Group(g).String()
			}
		}
	case exchangeDHE:
		p := bytes.TrimLeft(cur.Bytes(int(cur.U16())), "\x00")
		if !cur.Short() {
			d.row.DHBits = event.Some(int64(len(p) * 8))
		}
	}
}

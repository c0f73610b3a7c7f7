package tls

import (
	"errors"
	"fmt"
	"strings"

	"wardtrace/dissect/cursor"
)

var errNotTLS = errors.New("no TLS record at the start of the connection: try it as another protocol")

// header is the header of a record, RFC 8446 5.1.
//
//	+------+---------------+----------------+----------
//	| type | version major.minor | length   | fragment
//	+------+---------------+----------------+----------
//	   1          2               2
type header struct {
	Type    contentType
	Version Version
	Length  uint16
	partial bool // what is there fits, but there is not all of it
}

const headerLen = 5

type contentType uint8

const (
	contentChangeCipherSpec contentType = 20
	contentAlert            contentType = 21
	contentHandshake        contentType = 22
	contentApplicationData  contentType = 23
	contentHeartbeat        contentType = 24
)

// peekHeader reads the record header i places ahead. ok is false if the bytes there are none.
func peekHeader(cur *cursor.Cursor, i int) (h header, ok bool) {
	left := cur.Len() - i
	if left <= 0 {
		return header{partial: true}, true
	}
	h.Type = contentType(cur.Peek(i))
	h.Version = Version(cur.Peek(i+1))<<8 | Version(cur.Peek(i+2))
	h.Length = uint16(cur.Peek(i+3))<<8 | uint16(cur.Peek(i+4))
	h.partial = left < headerLen
	switch {
	case h.Type < contentChangeCipherSpec || h.Type > contentHeartbeat:
		return h, false
	case left > 1 && h.Version>>8 != 3:
		return h, false
	case left > 2 && h.Version&0xff > 4:
		return h, false
	case left > 3 && h.Length>>8 > maxFragment>>8:
		return h, false
	case h.partial:
		return h, true
	}
	return h, h.sound()
}

// sound checks the length against the type: RFC 8446 5.1 forbids empty fragments of all but application data.
func (h header) sound() bool {
	n := int(h.Length)
	switch {
	case n > maxFragment:
		return false
	case h.Type == contentChangeCipherSpec:
		return n == 1
	case h.Type == contentAlert:
		return n == 2 || n >= 18 && n <= 256
	case h.Type == contentApplicationData:
		return true
	}
	return n > 0
}

// findRecord looks for a record header that another one follows. need is 0 if there is one at byte at; else all before
// at can be dropped, and so many bytes from there on are wanted.
func findRecord(cur *cursor.Cursor) (at, need int) {
	for at = 0; at+headerLen <= cur.Len(); at++ {
		h, ok := peekHeader(cur, at)
		if !ok || h.Length == 0 {
			continue
		}
		end := at + headerLen + int(h.Length)
		if end+headerLen > cur.Len() {
			return at, end + headerLen - at
		}
		if next, ok := peekHeader(cur, end); ok && next.Version == h.Version {
			return at, 0
		}
	}
	return at, headerLen
}

// Version is a protocol version as it stands on the wire.
type Version uint16

// The versions.
const (
	versionSSL2   Version = 0x0002
	versionSSL3   Version = 0x0300
	versionTLS10  Version = 0x0301
	versionTLS11  Version = 0x0302
	versionTLS12  Version = 0x0303
	versionTLS13  Version = 0x0304
	versionDTLS10 Version = 0xfeff
	versionDTLS12 Version = 0xfefd
	versionDTLS13 Version = 0xfefc
)

var versionNames = map[Version]string{
	versionSSL2: "SSLv2", versionSSL3: "SSLv3", versionTLS10: "TLSv10", versionTLS11: "TLSv11", versionTLS12: "TLSv12",
	versionTLS13: "TLSv13", versionDTLS10: "DTLSv10", versionDTLS12: "DTLSv12", versionDTLS13: "DTLSv13",
}

func (v Version) String() string {
	if s, ok := versionNames[v]; ok {
		return s
	}
	if v.draft13() {
		return fmt.Sprintf("TLSv13-draft%02d", uint16(v)&0xff)
	}
	return fmt.Sprintf("unknown-%d", uint16(v))
}

func (v Version) draft13() bool { return v>>8 == 0x7f }
func (v Version) dtls() bool    { return v>>8 == 0xfe }
func (v Version) is13() bool    { return v == versionTLS13 || v == versionDTLS13 || v.draft13() }

// rank orders versions by age. Those of DTLS count downwards.
func (v Version) rank() int {
	switch {
	case v.draft13():
		return int(versionTLS13)<<8 - 0x100 + int(v&0xff)
	case v.dtls():
		return int(^v) << 8
	}
	return int(v) << 8
}

// grease tells whether a number is one of the reserved ones that keep peers tolerant, RFC 8701.
func grease(v uint16) bool { return v&0x0f0f == 0x0a0a && v>>8 == v&0xff }

func (s CipherSuite) String() string {
	if n, ok := cipherNames[s]; ok {
		return n
	}
	return fmt.Sprintf("unknown-%d", uint16(s))
}

func (g Group) String() string {
	if n, ok := groupNames[g]; ok {
		return n
	}
	return fmt.Sprintf("unknown-%d", uint16(g))
}

func (a AlertDescription) String() string {
	if n, ok := alertNames[a]; ok {
		return n
	}
	return fmt.Sprintf("unknown-%d", uint8(a))
}

// AlertLevel is an alert's level, RFC 8446 6.
type AlertLevel uint8

func (l AlertLevel) String() string {
	switch l {
	case 1:
		return "warning"
	case 2:
		return "fatal"
	}
	return fmt.Sprintf("unknown-%d", uint8(l))
}

// handshakeType is the type of a handshake message, RFC 8446 4 and its predecessors.
type handshakeType uint8

const (
	typeHelloRequest       handshakeType = 0
	typeClientHello        handshakeType = 1
	typeServerHello        handshakeType = 2
	typeHelloVerifyRequest handshakeType = 3
	typeNewSessionTicket   handshakeType = 4
	typeCertificate        handshakeType = 11
	typeServerKeyExchange  handshakeType = 12
	typeCertificateRequest handshakeType = 13
	typeServerHelloDone    handshakeType = 14
	typeCertificateVerify  handshakeType = 15
	typeClientKeyExchange  handshakeType = 16
	typeFinished           handshakeType = 20
	typeCertificateStatus  handshakeType = 22
)

// known tells whether a message of this type is sent in clear; what is encrypted has any type.
func (t handshakeType) known() bool {
	switch t {
	case typeHelloRequest, typeClientHello, typeServerHello, typeHelloVerifyRequest, typeNewSessionTicket, 6, 8,
		typeCertificate, typeServerKeyExchange, typeCertificateRequest, typeServerHelloDone, typeCertificateVerify,
		typeClientKeyExchange, typeFinished, 21, typeCertificateStatus, 23, 25, 67:
		return true
	}
	return false
}

// text makes a cell of bytes from the wire: valid UTF-8 of bounded size.
func text(b []byte) string {
	if len(b) > maxText {
		b = b[:maxText]
	}
	return strings.ToValidUTF8(string(b), "\ufffd")
}

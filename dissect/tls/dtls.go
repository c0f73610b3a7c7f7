package tls

import (
	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
)

// DTLS is TLS over datagrams. Its rows stand in the same tables.
var DTLS = &dissect.Protocol{
	Name:       "dtls",
	Spec:       "RFC 9147, 6347, 4347",
	Transports: []dissect.Transport{dissect.UDP},
	Ports:      []uint16{443, 4433, 5684, 8883, 10161, 10162},
	Tables:     []*event.Table{connections.Desc(), certificates.Desc()},
	Probe:      probeDTLS,
	New:        func(c *dissect.Conn) dissect.Dissector { return &datagrams{dissector{c: c}} },
}

// datagramHeader is the header of a record, RFC 6347 4.1.
//
//	+------+---------+-------+----------+--------+----------
//	| type | version | epoch | sequence | length | fragment
//	+------+---------+-------+----------+--------+----------
//	   1        2        2        6         2
type datagramHeader struct {
	Type    contentType
	Version Version
	Epoch   uint16
	Length  int
}

const datagramHeaderLen = 13

// readDatagramHeader reads a record header; ok is false if it is none or claims more than there is.
func readDatagramHeader(cur *cursor.Cursor) (h datagramHeader, ok bool) {
	h.Type = contentType(cur.U8())
	h.Version = Version(cur.U16())
	h.Epoch = cur.U16()
	cur.Skip(6)
	h.Length = int(cur.U16())
	ok = !cur.Short() && h.Type >= contentChangeCipherSpec && h.Type <= contentHeartbeat &&
		(h.Version == versionDTLS10 || h.Version == versionDTLS12) && h.Length > 0 && cur.Need(h.Length)
	return h, ok
}

// probeDTLS wants a first record in clear that holds a hello, or, where the start may be missing, records that fill the
// datagram.
func probeDTLS(c *dissect.Conn, dir dissect.Dir, first []byte) dissect.Match {
	cur := cursor.New(first)
	h, ok := readDatagramHeader(&cur)
	if !ok {
		return dissect.No
	}
	if h.Type == contentHandshake && h.Epoch == 0 {
		typ := handshakeType(cur.Peek(0))
		switch fromServer := typ == typeServerHello || typ == typeHelloVerifyRequest; {
		case !typ.known():
			return dissect.No
		case c.Guessed && (fromServer || typ == typeClientHello) && fromServer == (dir == dissect.FromClient):
			return dissect.Swapped
		}
		return dissect.Yes
	}
	cur.Skip(h.Length)
	for cur.More() {
		if h, ok = readDatagramHeader(&cur); !ok {
			return dissect.No
		}
		cur.Skip(h.Length)
	}
	return dissect.Yes
}

// datagrams is one DTLS association.
type datagrams struct{ dissector }

// Feed takes one datagram, which may hold several records.
func (d *datagrams) Feed(seg *dissect.Segment, out *event.Batch) (dissect.Progress, error) {
	cur := cursor.New(seg.Data)
	h := &d.half[seg.Dir]
	for cur.More() {
		hdr, ok := readDatagramHeader(&cur)
		if !ok {
			if !d.begun {
				return dissect.Progress{}, errNotTLS
			}
			break
		}
		if !d.begun {
			d.begun, d.ref = true, seg.Ref
		}
		d.records++
		h.records++
		frag := cur.Sub(hdr.Length)
		switch {
		case hdr.Type == contentApplicationData:
			d.applicationData(seg.Dir, h, hdr.Length)
		case hdr.Epoch > 0:
			h.ccs = true
			h.sealed = h.sealed || hdr.Type == contentHandshake
			if hdr.Type == contentAlert {
				d.row.AlertCount++
			}
		case hdr.Type == contentChangeCipherSpec:
			d.changeCipherSpec(seg.Dir, h)
		case hdr.Type == contentHandshake:
			d.fragments(seg, frag, out)
		case hdr.Type == contentAlert:
			d.alert(seg.Dir, h, frag, hdr.Length)
		case hdr.Type == contentHeartbeat:
			d.heartbeat(seg.Dir, h, frag, hdr.Length)
		}
	}
	return dissect.Progress{}, nil
}

// fragments reads the handshake messages of a record that are whole: RFC 6347 4.2.2. Repetitions change nothing.
func (d *datagrams) fragments(seg *dissect.Segment, cur cursor.Cursor, out *event.Batch) {
	for cur.Need(12) {
		typ, length := handshakeType(cur.U8()), int(cur.U24())
		cur.Skip(2) // message sequence
		offset, n := int(cur.U24()), int(cur.U24())
		body := cur.Sub(n)
		if cur.Short() || offset != 0 || n != length || !typ.known() {
			continue
		}
		if typ == typeCertificate && len(d.half[seg.Dir].chain) > 0 {
			continue
		}
		d.message(seg.Dir, seg.Ref, typ, body, out)
	}
}

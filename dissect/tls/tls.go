package tls

import (
	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
)

// Limits of one connection. Thousands are open at once, and all of it before encryption is the peer's to choose.
const (
	maxFragment  = 1<<14 + 2048 // RFC 5246 6.2.3: what a record may hold; a larger claim is no record
	maxHandshake = 64 << 10     // a handshake message put together from records: long chains have 20 KiB, a claim may have 16 MiB
	maxChain     = 12           // certificates kept a side: real chains have 2 to 5
	maxNames     = 64           // alternative names kept of a certificate: CDNs list hundreds
	maxOffered   = 32           // ALPN names kept
	maxAlerts    = 16           // alerts kept as text; the rest is counted
	maxText      = 512          // bytes of a name kept
)

const protocolName = "tls"

var ports = []uint16{443, 8443, 2762, 8883, 636, 993, 995, 465, 990, 853, 3269, 5986, 6514, 5671, 9443}

// Protocol is TLS and SSL over TCP.
var Protocol = &dissect.Protocol{
	Name:       protocolName,
	Spec:       "RFC 8446, 5246, 4346, 2246, 6101",
	Transports: []dissect.Transport{dissect.TCP},
	Ports:      ports,
	MaxBuffer:  2*headerLen + maxFragment,
	Tables:     []*event.Table{connections.Desc(), certificates.Desc()},
	Probe:      probe,
	New:        func(c *dissect.Conn) dissect.Dissector { return &dissector{c: c} },
}

// probe wants a hello at the start of a connection, or, where the start was not captured, a record header.
func probe(c *dissect.Conn, dir dissect.Dir, first []byte) dissect.Match {
	cur := cursor.New(first)
	if cur.Peek(0)&0x80 != 0 {
		return probeV2(c, dir, first)
	}
	hdr, ok := peekHeader(&cur, 0)
	switch {
	case !ok && c.Midstream && tlsPort(c):
		return probeInside(first)
	case !ok:
		return dissect.No
	case hdr.partial:
		return dissect.Maybe
	case hdr.Type == contentHandshake:
		return probeHello(c, dir, hdr, &cur)
	case !c.Midstream:
		return dissect.No
	}
	next, ok := peekHeader(&cur, headerLen+int(hdr.Length))
	if !ok {
		return dissect.No
	}
	if next.partial && hdr.Type == contentApplicationData && cur.Len() < 2*headerLen {
		return dissect.Maybe
	}
	return dissect.Yes
}

// probeHello looks at the handshake message in the first record. A peer may put as little as one byte of it there.
func probeHello(c *dissect.Conn, dir dissect.Dir, hdr header, cur *cursor.Cursor) dissect.Match {
	const typeAndVersion = 6 // type, length, major version
	n := int(hdr.Length)
	if cur.Len() < headerLen+min(n, typeAndVersion) {
		return dissect.Maybe
	}
	typ := handshakeType(cur.Peek(headerLen))
	hello := typ == typeClientHello || typ == typeServerHello
	switch {
	case !hello && (!c.Midstream || !typ.known()):
		return dissect.No
	case n >= 2 && cur.Peek(headerLen+1) != 0: // 64 KiB and more
		return dissect.No
	case hello && n >= 5 && !plausibleVersion(cur.Peek(headerLen+4)):
		return dissect.No
	}
	if fromServer := typ == typeServerHello; c.Guessed && hello && fromServer == (dir == dissect.FromClient) {
		return dissect.Swapped
	}
	return dissect.Yes
}

// plausibleVersion judges the major version in a hello: 3, or 0x7f of the drafts of TLS 1.3.
func plausibleVersion(major byte) bool { return major == 3 || major == 0x7f }

func probeV2(c *dissect.Conn, dir dissect.Dir, first []byte) dissect.Match {
	cur := cursor.New(first)
	if cur.Len() < v2HelloHeader {
		return dissect.Maybe
	}
	if _, ok := readV2Header(&cur); !ok {
		return dissect.No
	}
	if c.Guessed && dir == dissect.FromServer {
		return dissect.Swapped
	}
	return dissect.Yes
}

// probeInside looks for two record headers in a row, where a capture began within a record.
func probeInside(first []byte) dissect.Match {
	cur := cursor.New(first)
	if _, need := findRecord(&cur); need == 0 {
		return dissect.Yes
	}
	return dissect.Maybe
}

func tlsPort(c *dissect.Conn) bool {
	for _, p := range ports {
		if p == c.Server.Port() || p == c.Client.Port() {
			return true
		}
	}
	return false
}

// dissector is one connection.
type dissector struct {
	c       *dissect.Conn
	row     Connection
	ref     event.Ref // of the row: the ClientHello, or the first packet seen
	begun   bool
	records int
	client  dissect.Dir // the side that sent the ClientHello
	version Version     // that the server chose
	cipher  CipherSuite
	helloAt event.Time
	done    bool // ServerHelloDone was seen: a full handshake
	lost    bool // bytes of the handshake were lost: what was not seen may have been there
	bleedBy dissect.Dir
	half    [2]half
}

// half is one direction.
type half struct {
	state   syncState
	hs      []byte // handshake message not complete yet, at most maxHandshake
	hsSkip  int    // bytes to pass of a handshake message that is larger
	pending int    // size of the record that the first unused byte begins, if its header was seen
	ccs     bool   // ChangeCipherSpec was seen
	sealed  bool   // an encrypted handshake record was seen: Finished
	data    bool   // application data that is more than an alert was seen after the ServerHello
	records int
	chain   []shown
}

// shown is a certificate that waits for the row of its connection.
type shown struct {
	ref          event.Ref
	cert         Certificate
	commonName   string
	organization string
}

type syncState uint8

const (
	atStart syncState = iota
	inSync
	outOfSync
	over
)

// certificateBytes is what a certificate that waits for its row counts for in the memory budget, measured.
const certificateBytes = 2 << 10

// Held is the number of bytes that unfinished handshake messages and certificates take.
func (d *dissector) Held() (n int) {
	for i := range d.half {
		n += cap(d.half[i].hs) + len(d.half[i].chain)*certificateBytes
	}
	return n
}

// Feed takes one record a call.
func (d *dissector) Feed(seg *dissect.Segment, out *event.Batch) (dissect.Progress, error) {
	h := &d.half[seg.Dir]
	if !d.begun {
		d.begun, d.ref = true, seg.Ref
	}
	if h.state == over {
		return dissect.Progress{Used: dissect.Rest}, nil
	}
	if seg.Gap > 0 {
		if skip := d.lose(h, seg.Gap); skip > 0 {
			return dissect.Progress{Used: skip}, nil
		}
	}
	cur := cursor.New(seg.Data)
	if p, done := d.align(seg, h, &cur, out); done {
		return p, nil
	}
	hdr, ok := peekHeader(&cur, 0)
	if !ok {
		return d.badHeader(seg, h, out)
	}
	if hdr.partial {
		return dissect.Progress{Need: headerLen}, nil
	}
	h.state, h.pending = inSync, headerLen+int(hdr.Length)
	if want := headerLen + d.wanted(h, hdr); cur.Len() < want {
		return dissect.Progress{Need: want}, nil
	}
	d.records++
	h.records++
	cur.Skip(headerLen)
	d.record(seg, h, hdr, cur, out)
	used := h.pending
	h.pending = 0
	if h.state == over {
		used = dissect.Rest
	}
	return dissect.Progress{Used: used}, nil
}

// align brings the direction to the start of a record; done is false if it stands there.
func (d *dissector) align(seg *dissect.Segment, h *half, cur *cursor.Cursor, out *event.Batch) (p dissect.Progress, done bool) {
	if h.state == atStart {
		if p, v2 := d.startV2(seg, cur, out); v2 {
			return p, true
		}
		if _, ok := peekHeader(cur, 0); !ok && d.c.Midstream {
			h.state = outOfSync
		}
	}
	if h.state != outOfSync {
		return p, false
	}
	at, need := findRecord(cur)
	if need == 0 {
		h.state = inSync
	}
	return dissect.Progress{Used: at, Need: need}, at > 0 || need > 0
}

// wanted is how much of a record must be there at once: all of it while it can be read, else as good as nothing.
func (d *dissector) wanted(h *half, hdr header) int {
	switch hdr.Type {
	case contentHandshake:
		if d.encrypted(h) {
			return 0
		}
	case contentApplicationData:
		return 0
	case contentHeartbeat:
		return min(int(hdr.Length), 3)
	}
	return int(hdr.Length)
}

// encrypted tells whether handshake records of this direction are encrypted: in TLS 1.3 they never look so, and a
// ChangeCipherSpec between the hellos means nothing (RFC 8446 D.4).
func (d *dissector) encrypted(h *half) bool { return h.ccs && !d.version.is13() }

// lose accounts for a loss of n bytes and gives the bytes left of a record whose header had been seen.
func (d *dissector) lose(h *half, n int) int {
	h.hs, h.hsSkip = nil, 0
	d.lost = d.lost || !h.sealed
	pending := h.pending
	h.pending = 0
	if pending >= n {
		h.state = inSync
		return pending - n
	}
	h.state = outOfSync
	return 0
}

// badHeader handles what is no record where one should be.
func (d *dissector) badHeader(seg *dissect.Segment, h *half, out *event.Batch) (dissect.Progress, error) {
	if d.records == 0 {
		return dissect.Progress{}, errNotTLS
	}
	h.state = over
	dissect.Anomaly(out, seg.Ref, protocolName, "tls_bad_record", 1,
		"bytes from the "+seg.Dir.String()+" are no TLS record; the rest of this direction was passed over")
	return dissect.Progress{Used: dissect.Rest}, nil
}

// record reads one record; cur stands at its fragment.
func (d *dissector) record(seg *dissect.Segment, h *half, hdr header, cur cursor.Cursor, out *event.Batch) {
	n := int(hdr.Length)
	switch hdr.Type {
	case contentChangeCipherSpec:
		d.changeCipherSpec(seg.Dir, h)
	case contentAlert:
		d.alert(seg.Dir, h, cur, n)
	case contentHandshake:
		if d.encrypted(h) {
			h.sealed, h.hs = true, nil
			return
		}
		d.handshake(seg, h, cur.Sub(n), out)
	case contentApplicationData:
		d.applicationData(seg.Dir, h, n)
	case contentHeartbeat:
		d.heartbeat(seg.Dir, h, cur, n)
	}
}

func (d *dissector) changeCipherSpec(dir dissect.Dir, h *half) {
	h.ccs = true
	if dir != d.client && d.row.ServerHello && !d.version.is13() && !d.done && !d.lost {
		d.row.Resumed = true // abbreviated handshake, RFC 5246 7.3: no certificate, no ServerHelloDone
	}
}

// alertRecord is the most that an encrypted alert takes in TLS 1.3: two bytes, the content type, the tag of the AEAD.
const alertRecord = 2 + 1 + 16

func (d *dissector) applicationData(dir dissect.Dir, h *half, n int) {
	if dir == d.client {
		d.row.ClientAppBytes += int64(n)
	} else {
		d.row.ServerAppBytes += int64(n)
	}
	if n > alertRecord && (d.row.ServerHello || !d.row.ClientHello) {
		h.data = true
	}
}

func (d *dissector) alert(dir dissect.Dir, h *half, cur cursor.Cursor, n int) {
	d.row.AlertCount++
	if n != 2 || h.ccs && !d.version.is13() {
		return
	}
	level, desc := AlertLevel(cur.U8()), AlertDescription(cur.U8())
	d.row.LastAlert = desc.String()
	who := "client"
	if dir != d.client {
		who = "server"
	}
	if len(d.row.Alerts) < maxAlerts {
		d.row.Alerts = append(d.row.Alerts, who+" "+level.String()+" "+desc.String())
	}
}

// heartbeat looks for requests that ask for more than they bring (CVE-2014-0160); RFC 6520 section 4 says such a
// message must be discarded.
func (d *dissector) heartbeat(dir dissect.Dir, h *half, cur cursor.Cursor, n int) {
	const request, padding = 1, 16
	d.row.Heartbeats++
	if d.row.Heartbleed && dir != d.bleedBy {
		d.row.HeartbleedReply = event.Some(d.row.HeartbleedReply.V + int64(n))
	}
	if h.ccs || n < 3 {
		return
	}
	typ, payload := cur.U8(), int(cur.U16())
	if typ == request && 3+payload+padding > n && payload > n {
		d.row.Heartbleed, d.bleedBy = true, dir
	}
}

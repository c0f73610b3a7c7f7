package vista120

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"strings"
	"time"

	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
)

const (
	beaconBytes = 126
	headBytes   = 11
	maxFrame    = 65535
	maxBeacons  = 16 // different beacons of one conversation: a station changes its clock alone
	mask        = 0xa5
)

const protocolName = "vista120"

// Protocol is the central-station protocol of Vista 120 monitors.
var Protocol = &dissect.Protocol{
	Name:       protocolName,
	Spec:       "none published",
	Transports: []dissect.Transport{dissect.TCP, dissect.UDP},
	Ports:      []uint16{9600, 9610},
	MaxBuffer:  maxFrame,
	Tables:     []*event.Table{beacons.Desc(), sessions.Desc()},
	Probe:      probe,
	New: func(c *dissect.Conn) dissect.Dissector {
		if c.Transport == dissect.UDP {
			return &announcer{c: c}
		}
		return &session{c: c}
	},
}

// probe wants a whole beacon, or one whole frame whose checksum holds: 32 bits of signature and checks together.
func probe(c *dissect.Conn, dir dissect.Dir, first []byte) dissect.Match {
	if c.Transport == dissect.UDP {
		if _, ok := readBeacon(first); ok {
			return dissect.Yes
		}
		return dissect.No
	}
	cur := cursor.New(first)
	if len(first) < 5 {
		if strings.HasPrefix("\xf8\x8f", string(first[:min(2, len(first))])) {
			return dissect.Maybe
		}
		return dissect.No
	}
	f, ok := header(&cur)
	switch {
	case !ok:
		return dissect.No
	case len(first) < f.size && f.size <= dissect.ProbeLimit:
		return dissect.Maybe
	case len(first) < f.size:
		return dissect.No
	}
	whole := cursor.New(first)
	if sum(whole.Bytes(f.size)) != 0 {
		return dissect.No
	}
	if c.Guessed && (f.step == stepHello) != (dir == dissect.FromClient) && (f.step == stepHello || f.step == stepReply || f.step == stepKey) {
		return dissect.Swapped
	}
	return dissect.Yes
}

// The steps of a session.
const (
	stepHello = 1
	stepReply = 2
	stepKey   = 3
	stepData  = 6
)

// frame is the head of a frame: F8 8F, step, length of all of it (2, little-endian).
type frame struct {
	step uint8
	size int
}

func header(cur *cursor.Cursor) (f frame, ok bool) {
	magic := cur.U16()
	f = frame{step: cur.U8(), size: int(cur.U16LE())}
	return f, !cur.Short() && magic == 0xf88f && f.step >= stepHello && f.step <= stepData && f.size > headBytes
}

func sum(b []byte) (s uint8) {
	for _, x := range b {
		s += x
	}
	return s
}

// session is one connection.
type session struct {
	c    *dissect.Conn
	row  Session
	ref  event.Ref
	said bool
	lost [2]bool // the beginning of a frame must be found
}

// Feed takes one frame a call.
func (s *session) Feed(seg *dissect.Segment, out *event.Batch) (dissect.Progress, error) {
	cur := cursor.New(seg.Data)
	if s.lost[seg.Dir] = s.lost[seg.Dir] || seg.Gap > 0; s.lost[seg.Dir] {
		if p := s.resync(seg, 0); s.lost[seg.Dir] || p.Used > 0 {
			return p, nil
		}
	}
	if !cur.Need(5) {
		return dissect.Progress{Need: 5}, nil
	}
	f, ok := header(&cur)
	if !ok {
		dissect.Anomaly(out, seg.Ref, protocolName, "vista120_no_frame", 1, "bytes that are no frame; passed over up to the next")
		return s.resync(seg, 1), nil
	}
	if len(seg.Data) < f.size {
		return dissect.Progress{Need: f.size}, nil
	}
	all := cursor.New(seg.Data)
	s.frame(f, all.Bytes(f.size), seg, out)
	return dissect.Progress{Used: f.size}, nil
}

// resync looks for the next two bytes that may begin a frame, behind the first skip bytes.
func (s *session) resync(seg *dissect.Segment, skip int) dissect.Progress {
	cur := cursor.New(seg.Data)
	cur.Skip(skip)
	s.lost[seg.Dir] = true
	if i := bytes.Index(cur.Rest(), []byte("\xf8\x8f")); i >= 0 {
		s.lost[seg.Dir] = false
		return dissect.Progress{Used: skip + i}
	}
	return dissect.Progress{Used: max(len(seg.Data)-1, skip)}
}

func (s *session) frame(f frame, b []byte, seg *dissect.Segment, out *event.Batch) {
	if s.ref.Frame == 0 {
		s.ref = seg.Ref
	}
	if sum(b) != 0 {
		s.row.BadFrames++
		return
	}
	s.introduce(seg, out)
	n := int64(len(b) - headBytes - 1)
	if seg.Dir == dissect.FromClient {
		s.row.ClientFrames++
	} else {
		s.row.ServerFrames++
	}
	switch {
	case f.step == stepHello:
		s.row.Hello = true
	case f.step == stepKey:
		s.key(b)
	case f.step > stepKey:
		s.row.Encrypted = s.row.Encrypted || f.step == stepData
		if seg.Dir == dissect.FromClient {
			s.row.ClientPayload += n
		} else {
			s.row.ServerPayload += n
		}
	}
}

// key takes the station's public key: PKCS#1 in DER, each byte with A5.
func (s *session) key(b []byte) {
	cur := cursor.New(b)
	cur.Skip(headBytes - 2)
	n := int(cur.U16LE() ^ (mask<<8 | mask))
	if n <= 0 || !cur.Need(n) {
		return
	}
	der := append([]byte(nil), cur.Bytes(n)...)
	for i := range der {
		der[i] ^= mask
	}
	digest := sha256.Sum256(der)
	s.row.KeyDigest = hex.EncodeToString(digest[:16])
	s.row.KeyBits = modulusBits(der)
}

// modulusBits reads the size of an RSA key: SEQUENCE, INTEGER.
func modulusBits(der []byte) event.Opt[int64] {
	cur := cursor.New(der)
	if cur.U8() != 0x30 || length(&cur) < 0 || cur.U8() != 0x02 {
		return event.Opt[int64]{}
	}
	n := length(&cur)
	if n <= 0 || !cur.Need(n) {
		return event.Opt[int64]{}
	}
	if cur.Peek(0) == 0 {
		n--
	}
	return event.Some(int64(n) * 8)
}

// length reads a DER length of up to two bytes; -1 for others.
func length(cur *cursor.Cursor) int {
	switch n := cur.U8(); {
	case n < 0x80:
		return int(n)
	case n == 0x81:
		return int(cur.U8())
	case n == 0x82:
		return int(cur.U16())
	}
	return -1
}

// Close emits the session.
func (s *session) Close(out *event.Batch) {
	if s.row.ClientFrames+s.row.ServerFrames > 0 {
		sessions.Emit(out, s.ref, s.row)
	}
}

func (s *session) introduce(seg *dissect.Segment, out *event.Batch) {
	if s.said {
		return
	}
	s.said = true
	say(out, seg.Ref, s.c.Client.Addr(), s.c.ClientMAC, "class", "monitor", 80)
	say(out, seg.Ref, s.c.Client.Addr(), s.c.ClientMAC, "model", "Vista 120 family", 50)
	say(out, seg.Ref, s.c.Server.Addr(), s.c.ServerMAC, "role", "central station", 80)
}

func say(out *event.Batch, ref event.Ref, ip netip.Addr, mac dissect.MAC, attribute, value string, confidence int64) {
	if value == "" || !ip.IsValid() {
		return
	}
	event.Identities.Emit(out, ref, event.Identity{IP: ip.String(), MAC: mac.String(), Attribute: attribute, Value: value, Source: "vista120.frames", Confidence: confidence})
}

// announcer is one station's beacons.
type announcer struct {
	c    *dissect.Conn
	rows []Beacon
	refs []event.Ref
}

// Feed takes one beacon.
func (a *announcer) Feed(seg *dissect.Segment, out *event.Batch) (dissect.Progress, error) {
	b, ok := readBeacon(seg.Data)
	if !ok {
		return dissect.Progress{}, nil
	}
	for i := range a.rows {
		if r := &a.rows[i]; r.Station == b.Station && r.Address == b.Address && r.Address2 == b.Address2 {
			r.Count++
			return dissect.Progress{}, nil
		}
	}
	if len(a.rows) < maxBeacons {
		a.rows, a.refs = append(a.rows, b), append(a.refs, seg.Ref)
		say(out, seg.Ref, a.c.Client.Addr(), a.c.ClientMAC, "role", "central station", 80)
		say(out, seg.Ref, a.c.Client.Addr(), a.c.ClientMAC, "site", b.Station, 60)
	}
	return dissect.Progress{}, nil
}

// Close emits the different beacons.
func (a *announcer) Close(out *event.Batch) {
	for i := range a.rows {
		beacons.Emit(out, a.refs[i], a.rows[i])
	}
}

// readBeacon reads a beacon: length, type (4), checksum, clock, "CMS", name (16), ..., two addresses at 5E and 62.
func readBeacon(b []byte) (r Beacon, ok bool) {
	cur := cursor.New(b)
	if len(b) != beaconBytes || cur.U16LE() != beaconBytes || !checksum(b) {
		return r, false
	}
	cur.Skip(4 + 2)
	y, mo, d := int(cur.U16LE()), time.Month(cur.U8()), int(cur.U8())
	h, mi, s := int(cur.U8()), int(cur.U8()), int(cur.U8())
	cur.Skip(1)
	if cur.String(8) != "CMS\x00\x00\x00\x00\x00" {
		return r, false
	}
	if t := time.Date(y, mo, d, h, mi, s, 0, time.UTC); y > 1990 && y < 2262 && t.Month() == mo && t.Day() == d {
		r.Clock = event.Time(t.UnixNano())
	}
	name, _, _ := strings.Cut(cur.String(16), "\x00")
	r.Station, r.Count = strings.ToValidUTF8(name, ""), 1
	cur.Skip(0x5e - 0x28)
	r.Address, r.Address2 = address(cur.Bytes(4)), address(cur.Bytes(4))
	return r, true
}

func address(b []byte) string {
	a, ok := netip.AddrFromSlice(b)
	if !ok || a.IsUnspecified() {
		return ""
	}
	return a.String()
}

// checksum tells whether the sum over the datagram holds: RFC 1071 over little-endian words; with its own field in, all ones.
func checksum(b []byte) bool {
	cur := cursor.New(b)
	total := uint32(0)
	for cur.Need(2) {
		total += uint32(cur.U16LE())
	}
	for total > 0xffff {
		total = total&0xffff + total>>16
	}
	return total == 0xffff
}

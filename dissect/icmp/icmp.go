package icmp

import (
	"crypto/sha256"
	"encoding/hex"
	"net/netip"

	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
)

// Protocol is ICMP and ICMPv6.
var Protocol = &dissect.Protocol{
	Name:       "icmp",
	Spec:       "RFC 792, RFC 4443, RFC 4861",
	Transports: []dissect.Transport{dissect.ICMP, dissect.ICMPv6},
	Tables:     []*event.Table{messages.Desc()},
	Probe:      probe,
	New:        func(c *dissect.Conn) dissect.Dissector { return &dissector{conn: c} },
}

// Caps of one conversation.
const (
	rowsInFull  = 32   // messages of one type, code and direction that have a row of their own: a ping or a traceroute
	openBuckets = 64   // rows that still count; types are few, but a flood can make them up
	kindCap     = 1024 // types, codes and directions whose rows are counted
	payloadCap  = 256  // different payloads told apart in a row
	pendingCap  = 256  // echo requests that wait for their reply
	listCap     = 32   // entries of a list
	identityCap = 256
	complainCap = 16
)

type dissector struct {
	conn    *dissect.Conn
	shown   map[sort]int
	open    []bucket
	pending map[echo]digest
	order   []echo
	told    map[event.Identity]struct{}
	faults  int
}

// sort is what messages of one row have in common.
type sort struct {
	dir        dissect.Dir
	kind, code uint8
}

type echo struct {
	dir     dissect.Dir
	id, seq uint16
}

type digest [8]byte

func (d digest) String() string { return hex.EncodeToString(d[:]) }

// bucket is a row that still counts.
type bucket struct {
	sort     sort
	ref      event.Ref
	m        Message
	payloads map[digest]struct{}
}

func probe(_ *dissect.Conn, _ dissect.Dir, first []byte) dissect.Match {
	if len(first) < 4 { // type, code, checksum
		return dissect.No
	}
	return dissect.Yes
}

// Feed takes one message.
func (d *dissector) Feed(seg *dissect.Segment, out *event.Batch) (dissect.Progress, error) {
	c := cursor.New(seg.Data)
	s := sort{dir: seg.Dir, kind: c.U8(), code: c.U8()}
	c.Skip(2)
	if c.Short() {
		d.complain("message is shorter than its checksum", seg, out)
		return dissect.Progress{}, nil
	}
	p := parsed{m: Message{FromServer: seg.Dir == dissect.FromServer, Type: int64(s.kind), Code: int64(s.code), Count: 1, Until: seg.Time,
		Bytes: int64(len(seg.Data) + seg.Cut)}}
	if d.conn.Transport == dissect.ICMPv6 {
		p.read6(kind6(s.kind), s.code, c)
	} else {
		p.read4(kind4(s.kind), s.code, c)
	}
	if p.bad != "" && seg.Cut == 0 {
		d.complain(p.bad, seg, out)
	}
	p.m.PayloadLen += int64(seg.Cut)
	hash := d.echo(&p, seg)
	d.emit(s, &p, hash, seg.Ref, out)
	d.identify(&p, seg, out)
	return dissect.Progress{}, nil
}

// Close writes the rows that still count.
func (d *dissector) Close(out *event.Batch) {
	for i := range d.open {
		d.open[i].write(out)
	}
	d.open = nil
}

func (d *dissector) complain(what string, seg *dissect.Segment, out *event.Batch) {
	if d.faults++; d.faults <= complainCap {
		dissect.Anomaly(out, seg.Ref, "icmp", "icmp_malformed", 1, what)
	}
}

// echo takes the payload's digest and compares a reply with its request.
func (d *dissector) echo(p *parsed, seg *dissect.Segment) digest {
	var hash digest
	if !p.request && !p.reply {
		return hash
	}
	sum := sha256.Sum256(p.payload)
	copy(hash[:], sum[:])
	p.m.PayloadDigest, p.m.Payloads = hash.String(), 1
	if seg.Cut > 0 { // half a payload proves nothing
		return hash
	}
	key := echo{seg.Dir, uint16(p.m.ID.V), uint16(p.m.Seq.V)}
	if p.reply {
		key.dir = key.dir.Other()
		if sent, ok := d.pending[key]; ok && sent != hash {
			p.m.ReplyDiffers = true
		}
		return hash
	}
	if d.pending == nil {
		d.pending = map[echo]digest{}
	}
	if _, ok := d.pending[key]; !ok {
		if len(d.order) >= pendingCap {
			delete(d.pending, d.order[0])
			d.order = append(d.order[:0], d.order[1:]...)
		}
		d.order = append(d.order, key)
	}
	d.pending[key] = hash
	return hash
}

// emit writes a message's row, or counts it in that of its second.
func (d *dissector) emit(s sort, p *parsed, hash digest, ref event.Ref, out *event.Batch) {
	if n, known := d.shown[s]; n < rowsInFull && (known || len(d.shown) < kindCap) {
		if d.shown == nil {
			d.shown = map[sort]int{}
		}
		d.shown[s] = n + 1
		messages.Emit(out, ref, p.m)
		return
	}
	for i := range d.open {
		if b := &d.open[i]; b.sort == s {
			if b.ref.Time/1e9 == ref.Time/1e9 {
				b.add(&p.m, hash)
				return
			}
			b.write(out)
			*b = newBucket(s, p, hash, ref)
			return
		}
	}
	if len(d.open) >= openBuckets {
		d.open[0].write(out)
		d.open = append(d.open[:0], d.open[1:]...)
	}
	d.open = append(d.open, newBucket(s, p, hash, ref))
}

func newBucket(s sort, p *parsed, hash digest, ref event.Ref) bucket {
	return bucket{sort: s, ref: ref, m: p.m, payloads: map[digest]struct{}{hash: {}}}
}

func (b *bucket) add(m *Message, hash digest) {
	b.m.Count++
	b.m.Bytes += m.Bytes
	b.m.Until = m.Until
	b.m.PayloadLen = max(b.m.PayloadLen, m.PayloadLen)
	b.m.ReplyDiffers = b.m.ReplyDiffers || m.ReplyDiffers
	if len(b.payloads) < payloadCap {
		b.payloads[hash] = struct{}{}
	}
}

func (b *bucket) write(out *event.Batch) {
	if b.m.Payloads > 0 {
		b.m.Payloads = int64(len(b.payloads))
	}
	messages.Emit(out, b.ref, b.m)
}

// identify tells neighbours' hardware addresses and routers.
func (d *dissector) identify(p *parsed, seg *dissect.Segment, out *event.Batch) {
	from, mac := d.conn.Client.Addr(), d.conn.ClientMAC
	if seg.Dir == dissect.FromServer {
		from, mac = d.conn.Server.Addr(), d.conn.ServerMAC
	}
	if p.about == "sender" && !from.IsUnspecified() {
		d.tell(from, p.m.LinkAddr, "mac", p.m.LinkAddr, "icmp.source_link_addr", 80, seg, out)
	}
	if target, err := netip.ParseAddr(p.m.Target); err == nil && p.about == "target" {
		d.tell(target, p.m.LinkAddr, "mac", p.m.LinkAddr, "icmp.target_link_addr", 80, seg, out)
	}
	if p.router {
		d.tell(from, mac.String(), "role", "router", "icmp.router_advertisement", 80, seg, out)
	}
}

func (d *dissector) tell(ip netip.Addr, mac, attribute, value, source string, confidence int64, seg *dissect.Segment, out *event.Batch) {
	id := event.Identity{IP: ip.String(), MAC: mac, Attribute: attribute, Value: value, Source: source, Confidence: confidence}
	if _, ok := d.told[id]; ok || value == "" || len(d.told) >= identityCap {
		return
	}
	if d.told == nil {
		d.told = map[event.Identity]struct{}{}
	}
	d.told[id] = struct{}{}
	event.Identities.Emit(out, seg.Ref, id)
}

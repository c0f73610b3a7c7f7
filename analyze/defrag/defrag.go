package defrag

import (
	"hash/crc32"
	"net/netip"
	"slices"

	"wardtrace/analyze/packet"
	"wardtrace/dissect"
	"wardtrace/dissect/event"
)

const (
	second event.Time = 1e9

	timeout4 = 30 * second // Linux' net.ipv4.ipfrag_time
	timeout6 = 60 * second // RFC 8200 4.5
	// repeatTime is how long a complete datagram is remembered, to know duplicates from the next one with the same
	// identification. 65,536 fragmented datagrams between two hosts take longer.
	repeatTime = 1 * second

	// maxDatagrams bounds datagrams at once, complete ones that are remembered included: a flood of first fragments
	// (Rose attack) holds its newest ones for a while and no more.
	maxDatagrams = 16384
	// maxSize is the largest IP packet (RFC 791 3.1): a fragment that ends past it is a ping of death.
	maxSize = 65535
	// maxJoins bounds how often one packet completes datagrams inside each other (fragments in tunnels).
	maxJoins = 4

	pieceCost    = 64  // bytes a piece costs beside its data
	datagramCost = 256 // bytes a datagram costs beside its pieces
)

// DefaultLimit is a limit for New that fits hospital networks many times over.
const DefaultLimit = 64 << 20

// Defrag holds the datagrams that are not complete yet.
type Defrag struct {
	limit int
	held  int
	open  map[key]*datagram
	age   [queues]queue // oldest first
	now   event.Time
	notes notes
}

// New makes a Defrag that holds at most limit bytes of fragments.
func New(limit int) *Defrag {
	return &Defrag{limit: limit, open: map[key]*datagram{}}
}

// key tells datagrams apart.
type key struct {
	src, dst netip.Addr
	id       uint32
	proto    uint8 // 0 for IPv6: fragments of one datagram may name different ones (RFC 8200 4.5)
	vlans    [2]uint16
	tunnel   string
}

// datagram is one that is being put together, or that is complete and remembered for its duplicates.
type datagram struct {
	key        key
	since      event.Time // stream time of its first fragment, or of its completion
	first      event.Ref  // that fragment
	pieces     []piece    // in order, without overlap
	have       int        // bytes the pieces cover
	total      int        // bytes of the whole datagram, -1 until the last fragment came
	fragments  int
	cost       int
	done       bool
	named      bool // the fragment at offset 0 came; what follows is from it
	fragProto  uint8
	flow       name
	prev, next *datagram // in the queue of its version
}

// name is what the first fragment says of the flow.
type name struct {
	proto            uint8
	transport        dissect.Transport
	srcPort, dstPort uint16
	icmpType         uint8
	icmpCode         uint8
	icmpID           uint16
}

// piece is a stretch of a datagram.
type piece struct {
	off, end int
	data     []byte // less than end-off bytes if the snap length cut it; nil once the datagram is complete
	sum      uint32 // of the fragment as it came, to know its duplicate
}

// Join is all that a caller needs: it does nothing to a packet that is no fragment, else adds it, and decodes the
// datagram that it completes. now is stream time.
func (f *Defrag) Join(dec *packet.Decoder, p *packet.Packet, now event.Time) {
	for range maxJoins {
		if !p.Fragment {
			return
		}
		whole, length, done := f.Add(p, now)
		if !done {
			return
		}
		dec.Reassembled(p, whole, length)
	}
}

// Add takes a fragment; its bytes are copied. If it completes a datagram, whole is what the datagram carries up to the
// first byte that was not captured, and length what it carried on the wire: give both to Decoder.Reassembled. Ports and
// protocol are filled in as far as they are known.
func (f *Defrag) Add(p *packet.Packet, now event.Time) (whole []byte, length int, done bool) {
	f.now = max(f.now, now)
	f.expire()
	if !p.Fragment {
		return nil, 0, false
	}
	k := keyOf(p)
	d := f.open[k]
	if d != nil && d.done && !d.repeats(p) { // the identification came round
		f.drop(d)
		d = nil
	}
	if d == nil {
		d = f.begin(k, p)
	}
	d.fragments++
	d.tell(p)
	if d.done || d.repeats(p) || !f.insert(d, p) {
		return nil, 0, false
	}
	d.learn(p)
	if d.have != d.total {
		f.shrink()
		return nil, 0, false
	}
	p.FragProto = d.fragProto
	whole, length = d.join()
	f.finish(d)
	return whole, length, true
}

func keyOf(p *packet.Packet) key {
	k := key{src: p.Src, dst: p.Dst, id: p.IPID, vlans: p.VLANs, tunnel: p.Tunnel}
	if p.IPVersion == 4 {
		k.proto = p.FragProto
	}
	return k
}

// begin makes a datagram.
func (f *Defrag) begin(k key, p *packet.Packet) *datagram {
	if len(f.open) >= maxDatagrams {
		f.evict()
	}
	d := &datagram{key: k, since: f.now, first: p.Ref, total: -1, cost: datagramCost}
	f.open[k] = d
	f.held += d.cost
	f.queue(d).push(d)
	return d
}

// learn takes from the fragment at offset 0 what names the flow. The first one holds.
func (d *datagram) learn(p *packet.Packet) {
	if p.FragOff != 0 || d.named {
		return
	}
	d.named, d.fragProto = true, p.FragProto
	d.flow = name{p.Proto, p.Transport, p.SrcPort, p.DstPort, p.ICMPType, p.ICMPCode, p.ICMPID}
}

// tell gives a later fragment what is known of its flow.
func (d *datagram) tell(p *packet.Packet) {
	if p.FragOff == 0 || !d.named {
		return
	}
	n := &d.flow
	p.Proto, p.Transport, p.SrcPort, p.DstPort = n.proto, n.transport, n.srcPort, n.dstPort
	p.ICMPType, p.ICMPCode, p.ICMPID = n.icmpType, n.icmpCode, n.icmpID
}

// repeats tells whether the very same fragment was seen before.
func (d *datagram) repeats(p *packet.Packet) bool {
	off, end := p.FragOff, p.FragOff+p.IPPayloadLen
	i, ok := slices.BinarySearchFunc(d.pieces, off, func(x piece, off int) int { return x.off - off })
	if !ok || d.pieces[i].end != end || (end == d.total) == p.MoreFrags {
		return false
	}
	return d.pieces[i].sum == crc32.ChecksumIEEE(p.IPPayload)
}

// insert adds a fragment's bytes where there are none yet. False means that it is not used.
func (f *Defrag) insert(d *datagram, p *packet.Packet) bool {
	data, off, size := p.IPPayload, p.FragOff, p.IPPayloadLen
	end := off + size
	switch {
	case end > maxSize:
		p.Flags |= packet.PingOfDeath
		f.note(p, "ip_fragment_oversize", int64(end), "a fragment ends past the largest IP packet (ping of death)")
		return false
	case size == 0:
		p.Flags |= packet.BadFragment
		f.note(p, "ip_fragment_bad", 1, "a fragment without data")
		return false
	case p.MoreFrags && size%8 != 0: // RFC 791 3.2: the next could not begin there
		p.Flags |= packet.BadFragment
		f.note(p, "ip_fragment_bad", int64(size), "a fragment that others follow is not a multiple of eight bytes long")
		return false
	case !f.fits(d, p, end):
		return false
	}
	if p.FragOff == 0 && p.Transport == dissect.TCP && p.IPLen < minFirst {
		f.note(p, "ip_fragment_tiny", int64(p.IPLen), "the first fragment is shorter than any link needs, and hides TCP's header from filters")
	}
	over, differ := f.fill(d, piece{off: off, end: end, data: data, sum: crc32.ChecksumIEEE(data)})
	if differ > 0 {
		p.Flags |= packet.TeardropLike
		f.note(p, "ip_fragment_conflict", int64(differ), "fragments overlap with different bytes; those that came first were kept")
	} else if over > 0 {
		f.note(p, "ip_fragment_overlap", int64(over), "fragments overlap with the same bytes")
	}
	return true
}

// minFirst is what every link carries unfragmented (RFC 791 3.2): a shorter first fragment was made on purpose.
const minFirst = 68

// fits checks a fragment's end against the end of the datagram, and sets that by the last fragment.
func (f *Defrag) fits(d *datagram, p *packet.Packet, end int) bool {
	last := 0
	if n := len(d.pieces); n > 0 {
		last = d.pieces[n-1].end
	}
	switch {
	case d.total >= 0 && (end > d.total || !p.MoreFrags && end != d.total):
	case !p.MoreFrags && end < last:
	default:
		if !p.MoreFrags {
			d.total = end
		}
		return true
	}
	p.Flags |= packet.BadFragment
	f.note(p, "ip_fragment_bad", int64(end), "fragments disagree about where their datagram ends")
	return false
}

// fill puts a fragment into the holes between the pieces. It returns how many bytes were there already, and how many of
// those differ. Each piece added covers a new stretch of at least eight bytes or the end, so a datagram has at most
// 8,192.
func (f *Defrag) fill(d *datagram, n piece) (over, differ int) {
	i, _ := slices.BinarySearchFunc(d.pieces, n.off, func(x piece, off int) int {
		if x.end <= off {
			return -1
		}
		return 1
	})
	at := n.off
	for at < n.end {
		stop := n.end
		if i < len(d.pieces) {
			stop = min(stop, d.pieces[i].off)
		}
		if at < stop {
			d.pieces = slices.Insert(d.pieces, i, f.cut(d, n, at, stop))
			at = stop
			i++
			continue
		}
		x := d.pieces[i]
		stop = min(n.end, x.end)
		over += stop - at
		differ += differing(bytesOf(x, at, stop), bytesOf(n, at, stop))
		at = stop
		i++
	}
	return over, differ
}

// cut copies the stretch from off to end out of a fragment.
func (f *Defrag) cut(d *datagram, n piece, off, end int) piece {
	c := piece{off: off, end: end, data: slices.Clone(bytesOf(n, off, end)), sum: n.sum}
	cost := len(c.data) + pieceCost
	d.have += end - off
	d.cost += cost
	f.held += cost
	return c
}

// bytesOf gives the captured bytes of a piece from off to end, which are inside it.
func bytesOf(x piece, off, end int) []byte {
	lo, hi := min(off-x.off, len(x.data)), min(end-x.off, len(x.data))
	return x.data[lo:hi]
}

// differing counts the bytes that are not the same.
func differing(a, b []byte) (n int) {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			n++
		}
	}
	return n
}

// join gives the datagram up to the first byte that was not captured, and its length on the wire.
func (d *datagram) join() (whole []byte, length int) {
	size := 0
	for _, x := range d.pieces {
		size += len(x.data)
	}
	whole = make([]byte, 0, size)
	for _, x := range d.pieces {
		whole = append(whole, x.data...)
		if len(x.data) < x.end-x.off {
			break
		}
	}
	return whole, d.total
}

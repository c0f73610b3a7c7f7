package capture

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/maphash"
	"slices"

	"wardtrace/analyze/packet"
	"wardtrace/dissect/event"
)

// The same packet in two inputs, because two sensors saw it or a SPAN port was recorded twice, is counted once: the copy
// that comes first in the stream is kept, the others are left out and counted in capture_file.duplicates. The rule:
//
//   - Packets are the same if they hold the same bytes from the network header on, TTL and checksums included: what has
//     passed a router is another packet on another wire. Ethernet addresses, VLAN tags and padding do not count, as sensors
//     see them differently; where there is no IP, the addresses count.
//   - They lie at most twinWindow apart. That is more than clocks differ that are kept in step, and less than any
//     retransmission takes.
//   - They come from different inputs, or different interfaces of one, that overlap: both are being read at that moment.
//     What one interface saw twice is never left out. The second copy in one input pairs with the second in the other.
//
// Only while two inputs overlap, or come within twinWindow of it, is anything remembered. A packet that a snap length cut
// is no twin of one that is whole.

// origin is where a packet was captured.
type origin struct {
	in    *input
	iface int
}

// twins remembers the packets of the last twinWindow.
type twins struct {
	seed   [2]maphash.Seed // a writer of captures cannot know them, and so not make packets that hide others
	latest map[twinKey]twin
	order  []twinAt // the packets that were given, by clock; from head on
	head   int
	pairs  map[[2]origin]bool // that had twins
	copies map[*input]*left
}

type twinKey [2]uint64

// twin is all packets of one content that are remembered. Each origin has captured the oldest of them, so many as it has
// counted.
type twin struct {
	given int // of them
	few   [3]sighting
	more  []sighting
}

type sighting struct {
	by origin
	n  int
}

type twinAt struct {
	at  event.Time
	key twinKey
}

// by gives the count of an origin.
func (t *twin) by(o origin) *sighting {
	for i := range t.few {
		if s := &t.few[i]; s.by == o || s.by.in == nil {
			s.by = o
			return s
		}
	}
	for i := range t.more {
		if t.more[i].by == o {
			return &t.more[i]
		}
	}
	t.more = append(t.more, sighting{by: o})
	return &t.more[len(t.more)-1]
}

// ahead gives an origin that has captured more than n of them, and that overlaps with another.
func (t *twins) ahead(d *twin, n int, from origin) (origin, bool) {
	for i := range d.few {
		if s := &d.few[i]; s.n > n && (s.by.in.reading || t.pairs[[2]origin{s.by, from}]) {
			return s.by, true
		}
	}
	for i := range d.more {
		if s := &d.more[i]; s.n > n && (s.by.in.reading || t.pairs[[2]origin{s.by, from}]) {
			return s.by, true
		}
	}
	return origin{}, false
}

// forget takes off the oldest.
func (t *twin) forget() {
	t.given--
	for i := range t.few {
		t.few[i].n = max(t.few[i].n-1, 0)
	}
	for i := range t.more {
		t.more[i].n = max(t.more[i].n-1, 0)
	}
}

// left is what was left out of an input.
type left struct {
	count int64
	of    []uint32 // files that have the same, some of them
	first event.Ref
}

func newTwins() *twins {
	return &twins{seed: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}, latest: map[twinKey]twin{},
		pairs: map[[2]origin]bool{}, copies: map[*input]*left{}}
}

// known reports whether a packet is the copy of one that was given.
func (t *twins) known(in *input) bool {
	now := in.clock
	t.forget(now)
	key, from := t.key(&in.rec), origin{in, in.rec.iface}
	d := t.latest[key]
	own := d.by(from)
	if own.n < d.given {
		if other, ok := t.ahead(&d, own.n, from); ok {
			t.pairs[[2]origin{other, from}], t.pairs[[2]origin{from, other}] = true, true
			own.n++
			t.latest[key] = d
			t.count(in, other.in.number)
			return true
		}
	}
	d.given++
	own.n = d.given
	t.latest[key] = d
	t.order = append(t.order, twinAt{now, key})
	return false
}

func (t *twins) count(in *input, of uint32) {
	c := t.copies[in]
	if c == nil {
		c = &left{first: in.ref()}
		t.copies[in] = c
	}
	c.count++
	if len(c.of) < maxDamageText && !slices.Contains(c.of, of) {
		c.of = append(c.of, of)
	}
}

// forget drops what is older than the window, or over the cap.
func (t *twins) forget(now event.Time) {
	for t.head < len(t.order) && (sub(now, t.order[t.head].at) > twinWindow || len(t.order)-t.head > maxTwins) {
		key := t.order[t.head].key
		if d := t.latest[key]; d.given > 1 {
			d.forget()
			t.latest[key] = d
		} else {
			delete(t.latest, key)
		}
		t.head++
	}
	if t.head > len(t.order)/2 && t.head >= 1024 {
		t.order = append(t.order[:0], t.order[t.head:]...)
		t.head = 0
	}
}

// tell notes in an input's row what was left out of it.
func (t *twins) tell(in *input) {
	c := t.copies[in]
	if c == nil {
		return
	}
	delete(t.copies, in)
	in.log.row.Duplicates = c.count
	in.log.remark(c.first, "capture_duplicates", c.count,
		fmt.Sprintf("%d of its packets are also in %s: counted once (--keep-duplicates counts them all)", c.count, filesText(c.of, in.number)))
}

func filesText(of []uint32, self uint32) string {
	slices.Sort(of)
	if len(of) == 1 && of[0] == self {
		return "it from another interface"
	}
	return fmt.Sprintf("files %v", of)
}

// key is the content of a packet.
func (t *twins) key(r *record) twinKey {
	addresses, b := fromNetwork(r.link, r.data)
	k := twinKey{maphash.Bytes(t.seed[0], b), maphash.Bytes(t.seed[1], b)}
	if len(addresses) > 0 {
		k[0] ^= maphash.Bytes(t.seed[1], addresses)
		k[1] ^= maphash.Bytes(t.seed[0], addresses)
	}
	return k
}

// fromNetwork is a packet from its network header on: an IP packet without padding behind it; of Ethernet what is no IP with
// its addresses, without tags and the zeros at its end, as which of them are padding cannot be told. What stands on a link
// that is not known here is taken as it is.
func fromNetwork(link packet.LinkType, b []byte) (addresses, network []byte) {
	const ipv4, ipv6 = 0x0800, 0x86dd
	p, kind := b, 0
	switch link {
	case packet.LinkEthernet:
		for at := 12; ; at += 4 {
			if len(b) < at+2 {
				return nil, b
			}
			kind = int(binary.BigEndian.Uint16(b[at:]))
			if p = b[at+2:]; kind != 0x8100 && kind != 0x88a8 && kind != 0x9100 {
				break
			}
		}
	case packet.LinkSLL:
		if len(b) < 16 {
			return nil, b
		}
		p, kind = b[16:], int(binary.BigEndian.Uint16(b[14:]))
	case packet.LinkSLL2:
		if len(b) < 20 {
			return nil, b
		}
		p, kind = b[20:], int(binary.BigEndian.Uint16(b))
	case packet.LinkRaw:
		if kind = ipv4; len(b) > 0 && b[0]>>4 == 6 {
			kind = ipv6
		}
	}
	size := 0
	switch {
	case kind == ipv4 && len(p) >= 20 && p[0]>>4 == 4:
		size = int(binary.BigEndian.Uint16(p[2:]))
	case kind == ipv6 && len(p) >= 40 && p[0]>>4 == 6:
		size = 40 + int(binary.BigEndian.Uint16(p[4:]))
	default:
		if link == packet.LinkEthernet {
			return b[:12], bytes.TrimRight(b[len(b)-len(p)-2:], "\x00")
		}
		return nil, b
	}
	if size < 20 || size > len(p) { // offloaded, or cut
		size = len(p)
	}
	return nil, p[:size]
}

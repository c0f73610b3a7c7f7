package mix

import (
	"bytes"
	"encoding/binary"
	"net/netip"
)

// what stands at a place that differs between instances.
type what uint8

const (
	macOf  what = iota // of a role
	addrOf             // of a role
	portOf             // of a client
)

// edit is one such place. Length is 2 for a port, 6 for a hardware address, 4 or 16 for an address.
type edit struct {
	at     uint16
	what   what
	length uint8
	ref    uint8 // which role or flow
	ip     bool  // the IPv4 header's checksum covers it
	sum    bool  // the transport's checksum covers it
	odd    bool  // it does, at an odd distance
	quote  bool  // the quoted header's checksum covers it, and so the transport's sum stays what it was
}

// mark finds a frame's places, and makes its checksums right where all of it is there.
func (r *recording) mark(t *take, h *header, s *scene, index map[*role]uint8, port int, client netip.AddrPort) {
	number := func(ro *role) (uint8, bool) {
		if ro == nil {
			return 0, false
		}
		n, ok := index[ro]
		if !ok && len(s.roles) < 256 {
			n, ok = uint8(len(s.roles)), true
			index[ro] = n
			s.roles = append(s.roles, ro)
		}
		return n, ok
	}
	t.data = bytes.Clone(h.data)
	t.mend(h)
	for i, mac := range [][6]byte{h.dstMAC, h.srcMAC} {
		if ro := r.owner[mac]; ro != nil && ro.mac == mac {
			if n, ok := number(ro); ok {
				t.edits = append(t.edits, edit{at: uint16(6 * i), what: macOf, length: 6, ref: n})
			}
		}
	}
	places := [][2]int{} // places of the addresses in the header
	switch {
	case h.proto == 0x0806:
		r.within(t, h.l3+8, len(t.data), 0, number)
		return
	case h.l3 > 0 && h.four && h.end > 0:
		places = [][2]int{{h.l3 + 12, 4}, {h.l3 + 16, 4}}
	case h.l3 > 0 && h.end > 0:
		places = [][2]int{{h.l3 + 8, 16}, {h.l3 + 24, 16}}
	default:
		return
	}
	pseudo := t.sum > 0 && h.proto != 1
	for _, p := range places {
		a, _ := netip.AddrFromSlice(t.data[p[0] : p[0]+p[1]])
		if n, ok := number(r.roles[a]); ok {
			t.edits = append(t.edits, edit{at: uint16(p[0]), what: addrOf, length: uint8(p[1]), ref: n, ip: p[1] == 4, sum: pseudo})
		}
	}
	switch {
	case h.l4 == 0:
	case h.proto == 6 || h.proto == 17:
		at := h.l4
		if netip.AddrPortFrom(h.src, h.sport) != client {
			at += 2
		}
		if port >= 0 && len(t.data) >= at+2 {
			t.edits = append(t.edits, edit{at: uint16(at), what: portOf, length: 2, ref: uint8(port), sum: t.sum > 0})
		}
		if h.sport == 67 || h.sport == 68 {
			r.within(t, h.l4+8, h.end, h.l4, number)
		}
	case h.proto == 1 || h.proto == 58: // what an error quotes, the target of a neighbour's solicitation
		if n := h.l4 + 8; h.proto == 1 && h.end >= n+28 && t.data[n] == 0x45 && t.data[h.l4] != 0 && t.data[h.l4] != 8 {
			t.quote = n + 10
		}
		r.within(t, h.l4+8, h.end, h.l4, number)
	}
}

// within marks whatever address of the cast stands between two offsets; even is where the checksum's words begin, 0 if none
// covers them.
func (r *recording) within(t *take, from, to, even int, number func(*role) (uint8, bool)) {
	for at := from; at+4 <= to; at++ {
		add := func(ro *role, w what, n int) bool {
			ref, ok := number(ro)
			if ok {
				quoted := t.quote > 0 && at >= t.quote+2 && at < t.quote+10
				t.edits = append(t.edits, edit{at: uint16(at), what: w, length: uint8(n), ref: ref,
					sum: even > 0 && t.sum > 0 && !quoted, odd: even > 0 && (at-even)%2 != 0, quote: quoted})
				at += n - 1
			}
			return ok
		}
		if at+6 <= to {
			if ro := r.owner[[6]byte(t.data[at:])]; ro != nil && ro.mac == [6]byte(t.data[at:]) && add(ro, macOf, 6) {
				continue
			}
		}
		if at+16 <= to {
			if ro := r.roles[netip.AddrFrom16([16]byte(t.data[at:]))]; ro != nil && add(ro, addrOf, 16) {
				continue
			}
		}
		if ro := r.roles[netip.AddrFrom4([4]byte(t.data[at:]))]; ro != nil {
			add(ro, addrOf, 4)
		}
	}
}

// mend finds a frame's checksums and makes those right that can be: what was recorded before the network card filled them in
// would else count as damage.
func (t *take) mend(h *header) {
	if h.l3 == 0 || h.end == 0 {
		return
	}
	if h.four {
		t.ip = h.l3 + 10
		n := int(t.data[h.l3]&15) * 4
		if h.l3+n <= len(t.data) && n >= 20 {
			put(t.data[t.ip:], 0)
			put(t.data[t.ip:], ^fold(sum(t.data[h.l3:h.l3+n])))
		}
	}
	place, ok := map[uint16]int{6: 16, 17: 6, 1: 2, 58: 2}[h.proto]
	if !ok || h.l4 == 0 || h.l4+place+2 > len(t.data) || h.l4+place+2 > h.end {
		return
	}
	at := h.l4 + place
	if h.proto == 17 && binary.BigEndian.Uint16(t.data[at:]) == 0 && h.four {
		return // a sender that makes none
	}
	t.sum = at
	if h.cut {
		return
	}
	put(t.data[at:], 0)
	total := sum(t.data[h.l4:h.end])
	if h.proto != 1 {
		from, to := h.l3+8, h.l3+40
		if h.four {
			from, to = h.l3+12, h.l3+20
		}
		total += sum(t.data[from:to]) + uint64(h.proto) + uint64(h.end-h.l4)
	}
	c := ^fold(total)
	if c == 0 && h.proto == 17 {
		c = 0xffff
	}
	put(t.data[at:], c)
}

func put(b []byte, v uint16) { binary.BigEndian.PutUint16(b, v) }

// sum adds up a slice's 16-bit words, the last one padded (RFC 1071), 32 bits at a time.
func sum(b []byte) (s uint64) {
	for len(b) >= 8 {
		w := binary.BigEndian.Uint64(b)
		s += w>>32 + w&0xffffffff
		b = b[8:]
	}
	for len(b) >= 2 {
		s += uint64(binary.BigEndian.Uint16(b))
		b = b[2:]
	}
	if len(b) == 1 {
		s += uint64(b[0]) << 8
	}
	return s
}

func fold(s uint64) uint16 {
	for s > 0xffff {
		s = s>>16 + s&0xffff
	}
	return uint16(s)
}

// turned is a sum whose words began at an odd offset (RFC 1071, 2 (B)).
func turned(s uint64) uint64 {
	f := fold(s)
	return uint64(f>>8 | f<<8)
}

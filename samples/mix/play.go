package mix

import (
	"encoding/binary"
	"net/netip"
)

// player is a conversation that is being held.
type player interface {
	// next appends the frame that is due, and tells its length on the wire and when the one after it is due; more is
	// false if there is none.
	next(dst []byte) (frame []byte, wire int, due int64, more bool)
}

// host is a clone of a role.
type host struct {
	addr netip.Addr
	mac  [6]byte
}

// clone gives the k-th clone of a role. Inside, addresses follow each other in 10.64.0.0/10, 200 to a network, as on a site
// with a network a ward; outside, they stay in their network of 256.
func (r *role) clone(k uint32) host {
	n := r.first + k
	h := host{mac: r.mac}
	if r.mac != [6]byte{} {
		h.mac[3], h.mac[4], h.mac[5] = byte(n>>16), byte(n>>8), byte(n)
	}
	switch {
	case r.addr.Is6():
		a := r.addr.As16()
		binary.BigEndian.PutUint32(a[12:], n+1)
		h.addr = netip.AddrFrom16(a)
	case r.addr.IsPrivate():
		h.addr = netip.AddrFrom4([4]byte{10, byte(64 + n/200>>8), byte(n / 200), byte(20 + n%200)})
	default:
		a := r.addr.As4()
		a[3] = byte(1 + (uint32(a[3])+k)%254)
		h.addr = netip.AddrFrom4(a)
	}
	return h
}

// port gives a clone's next ephemeral port: it comes again after 28,000 conversations of the same host.
func (r *role) port(k uint32) uint16 {
	if r.ports == nil {
		r.ports = make([]uint16, r.clones)
		for i := range r.ports {
			r.ports[i] = uint16((r.first + uint32(i)) * 7919 % 28000)
		}
	}
	r.ports[k] = (r.ports[k] + 1) % 28000
	return 32768 + r.ports[k]
}

// instance is a scene played by clones.
type instance struct {
	*scene
	at    int
	begin int64
	scale float64 // of the scene's own time
	hosts []host
	ports []uint16
}

// play opens an instance.
func (s *scene) play(begin int64, scale float64, d *dice) *instance {
	in := &instance{scene: s, begin: begin, scale: scale}
	var first uint32
	for i, ro := range s.roles {
		k := uint32(d.below(int(ro.clones)))
		if i == 0 {
			first = k
		}
		if ro.paired {
			k = first % ro.clones
		}
		in.hosts = append(in.hosts, ro.clone(k))
	}
	for range s.flows {
		in.ports = append(in.ports, s.roles[0].port(first))
	}
	return in
}

func (in *instance) next(dst []byte) ([]byte, int, int64, bool) {
	t := &in.frames[in.at]
	begin := len(dst)
	dst = append(dst, t.data...)
	in.apply(t, dst[begin:])
	in.at++
	if in.at == len(in.frames) {
		return dst, t.wire, 0, false
	}
	return dst, t.wire, in.begin + int64(float64(in.frames[in.at].at)*in.scale), true
}

// apply makes a frame that of an instance and keeps its checksums true (RFC 1624).
func (in *instance) apply(t *take, frame []byte) {
	var ip, transport, quote uint64
	for i := range t.edits {
		e := &t.edits[i]
		place := frame[e.at : int(e.at)+int(e.length)]
		var before uint64
		if e.ip || e.sum || e.quote {
			before = sum(place)
		}
		switch e.what {
		case macOf:
			copy(place, in.hosts[e.ref].mac[:])
		case addrOf:
			if a := in.hosts[e.ref].addr; a.Is4() {
				b := a.As4()
				copy(place, b[:])
			} else {
				b := a.As16()
				copy(place, b[:])
			}
		case portOf:
			put(place, in.ports[e.ref])
		}
		if !e.ip && !e.sum && !e.quote {
			continue
		}
		delta := uint64(^fold(before)) + sum(place)
		if e.ip {
			ip += delta
		}
		if e.quote {
			quote += delta
		}
		if e.odd {
			delta = turned(delta)
		}
		if e.sum {
			transport += delta
		}
	}
	mend(frame, t.ip, ip)
	mend(frame, t.sum, transport)
	mend(frame, t.quote, quote)
}

// mend adds a difference to the checksum at a place.
func mend(frame []byte, at int, delta uint64) {
	if at == 0 || delta == 0 {
		return
	}
	put(frame[at:], ^fold(uint64(^binary.BigEndian.Uint16(frame[at:]))+delta))
}

// dice is a fixed sequence of numbers (splitmix64).
type dice uint64

func (d *dice) roll() uint64 {
	*d += 0x9e3779b97f4a7c15
	z := uint64(*d)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

func (d *dice) below(n int) int {
	if n <= 1 {
		return 0
	}
	return int(d.roll() % uint64(n))
}

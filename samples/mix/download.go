package mix

import (
	"encoding/binary"
	"fmt"
	"math"
	"net/netip"
	"path/filepath"

	"wardtrace/samples"
)

// visit is a TLS connection of a sample, from which larger ones are grown: its turns, the last ones left out.
type visit struct {
	client, server *role
	macs           [2][6]byte // as recorded
	port           uint16
	turns          [][]byte // client and server by turns
}

// openVisits reads the connections to port 443 of samples/quiet-ward: TLS 1.2 and 1.3, an intranet and a server outside.
func openVisits() (out []*visit, err error) {
	r := &recording{roles: map[netip.Addr]*role{}, owner: map[[6]byte]*role{}}
	if err := r.read(filepath.Join(samples.Dir("quiet-ward"), "capture.pcap")); err != nil {
		return nil, err
	}
	r.cast()
	for _, pair := range r.talks() {
		for _, t := range pair {
			if h := &r.frames[t.frames[0]]; h.syn && h.dport == 443 {
				if v := r.visit(t); v != nil {
					out = append(out, v)
				}
			}
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("samples/quiet-ward holds no TLS any more: downloads have nothing to grow from")
	}
	return out, nil
}

// visit takes a connection apart, nil if it is no plain question and answer.
func (r *recording) visit(t *talk) *visit {
	first := &r.frames[t.frames[0]]
	v := &visit{client: r.roles[first.src], server: r.roles[first.dst], macs: [2][6]byte{first.srcMAC, first.dstMAC}, port: first.dport}
	for _, i := range t.frames {
		h := &r.frames[i]
		b := h.data[h.l4+int(h.data[h.l4+12]>>4)*4 : h.end]
		if len(b) == 0 {
			continue
		}
		if client := netip.AddrPortFrom(h.src, h.sport) == t.client; client != (len(v.turns)%2 == 1) {
			v.turns = append(v.turns, nil)
		}
		last := len(v.turns) - 1
		if last < 0 {
			return nil // the server spoke first
		}
		v.turns[last] = append(v.turns[last], b...)
	}
	if len(v.turns) < 4 {
		return nil
	}
	v.turns = v.turns[:len(v.turns)/2*2]
	return v
}

// download is a visit whose last answer is followed by a large one, in records of 16 KiB (RFC 8446 5.2): what is encrypted looks
// like noise.
type download struct {
	*visit
	bytes int
}

// call opens a download of 8 KiB to 2 MiB, small ones more often, or of what fits size.
func (v *visit) call(begin, size int64, d *dice) (*dialogue, int64) {
	n := int(math.Exp2(13 + 8*float64(d.below(1<<20))/(1<<20)))
	n = int(min(int64(n), size))
	k := uint32(d.below(int(v.client.clones)))
	c := tcp{hosts: [2]host{v.client.clone(k), v.server.clone(uint32(d.below(int(v.server.clones))))}, ports: [2]uint16{v.client.port(k), v.port}}
	for i := range c.hosts {
		if c.hosts[i].mac == [6]byte{} {
			c.hosts[i].mac = v.macs[i]
		}
	}
	return c.hold(&download{v, n}, begin, d), onWire(int64(n) + 4000)
}

func (v *download) turn(n int, m *body) bool {
	m.client = n%2 == 0
	if n == len(v.turns) {
		return false
	}
	m.ready = v.turns[n]
	if n == len(v.turns)-1 {
		m.unit, m.most, m.noise = record, 16384, v.bytes
	}
	return true
}

// record is the beginning of a TLS record of application data.
func record(n int, _ bool) []byte {
	return binary.BigEndian.AppendUint16([]byte{23, 3, 3}, uint16(n))
}

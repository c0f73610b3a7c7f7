package packet

import (
	"strconv"

	"wardtrace/dissect"
)

const (
	// maxTunnels is how many tunnels inside each other are peeled. Real ones are two or three; a frame of nothing but
	// headers of tunnels (nesting attacks on middle boxes) must not cost more than its bytes.
	maxTunnels = 8
	// maxTunnelTexts bounds the cache of tunnel texts: a sender that counts its VNI up must not grow it.
	maxTunnelTexts = 4096
	// maxTunnelLabels bounds how many MPLS labels a tunnel text names.
	maxTunnelLabels = 4
)

// Decoder decodes packets. It keeps the texts of tunnels it met, so that no packet allocates, and nothing else from one
// packet to the next. One goroutine owns it.
type Decoder struct {
	texts map[string]string
	text  []byte // tunnel text of the packet at hand
	depth int    // tunnels entered in the packet at hand
}

// NewDecoder makes a decoder.
func NewDecoder() *Decoder {
	return &Decoder{texts: map[string]string{}, text: make([]byte, 0, 256)}
}

// Decode fills p from the captured bytes of a frame. The caller has set Ref, Link, CapLen and WireLen; all else in p is
// zero. p then holds views on data.
func (d *Decoder) Decode(p *Packet, data []byte) {
	d.text, d.depth = d.text[:0], 0
	if p.CapLen < p.WireLen {
		p.Flags |= Snapped
	}
	d.link(p, p.Link, part{data, max(p.WireLen, len(data))})
	p.Tunnel = d.intern()
}

// Reassembled goes on with a packet that completed a datagram: payload is what its fragments carried, up to the first
// byte that was not captured, and length what they carried on the wire. What the packet says then is as if it had come
// whole, but for IPLen and FragOff, which stay the fragment's own. If the datagram was itself a tunnel's, the packet
// inside may be a fragment again.
func (d *Decoder) Reassembled(p *Packet, payload []byte, length int) {
	d.text, d.depth = append(d.text[:0], p.Tunnel...), 0
	if p.Tunnel != "" {
		d.depth = 1
	}
	p.Fragment, p.MoreFrags = false, false
	p.Flags |= Defragmented
	d.ipPayload(p, p.FragProto, part{payload, max(length, len(payload))})
	p.Tunnel = d.intern()
}

// part is a stretch of a frame: the bytes of it that were captured, and how many there were on the wire, which is never
// less.
type part struct {
	b    []byte
	wire int
}

// skip passes over n bytes. What was not captured of them is passed over too.
func (s part) skip(n int) part {
	return part{s.b[min(n, len(s.b)):], max(s.wire-n, 0)}
}

// limit keeps the first n bytes.
func (s part) limit(n int) part {
	if n >= s.wire {
		return s
	}
	return part{s.b[:min(n, len(s.b)):len(s.b)], n}
}

// whole tells whether nothing of it was cut off.
func (s part) whole() bool { return len(s.b) >= s.wire }

// other ends decoding of a packet that is not IP: p.EtherType says what it is.
func other(p *Packet, s part) {
	p.Transport = dissect.Ethernet
	p.Payload, p.PayloadLen = s.b, s.wire
}

// inside is what a tunnel says it carries.
type inside uint8

const (
	insideEthernet inside = iota
	insideIP              // which version, its first bits tell
	insideMPLS            // a label stack
	insideLabels          // what is behind a label stack
	insidePPP
)

// enter decodes what a tunnel carries. label is the tunnel's own text, made by tunnel. False means that p is as it was:
// what is inside has no plausible header, or too many tunnels are inside each other.
func (d *Decoder) enter(p *Packet, what inside, s part, mark int) bool {
	if d.depth >= maxTunnels {
		p.Flags |= DeepTunnel
		d.text = d.text[:mark]
		return false
	}
	outer := *p
	p.clearIP()
	d.depth++
	ok := false
	switch what {
	case insideEthernet:
		p.SrcMAC, p.DstMAC, p.VLANs, p.EtherType = dissect.MAC{}, dissect.MAC{}, [2]uint16{}, 0
		ok = d.ethernet(p, s)
	case insideIP:
		ok = d.ip(p, s)
	case insideMPLS:
		ok = d.mpls(p, s)
	case insideLabels:
		ok = d.labelled(p, s)
	case insidePPP:
		ok = d.ppp(p, s)
	}
	if !ok {
		deep := p.Flags & DeepTunnel
		*p = outer
		p.Flags |= deep
		d.depth--
		d.text = d.text[:mark]
	}
	return ok
}

// clearIP forgets the outer IP packet. Flags stay: they tell of the whole frame.
func (p *Packet) clearIP() {
	*p = Packet{Ref: p.Ref, Link: p.Link, CapLen: p.CapLen, WireLen: p.WireLen, SrcMAC: p.SrcMAC, DstMAC: p.DstMAC,
		VLANs: p.VLANs, EtherType: p.EtherType, Flags: p.Flags}
}

// tunnel begins the text of a tunnel: its name and, if it runs over IP, p's addresses. It returns where the text was
// before, to be given to enter.
func (d *Decoder) tunnel(p *Packet, name string) int {
	mark := len(d.text)
	if mark > 0 {
		d.text = append(d.text, ", "...)
	}
	d.text = append(d.text, name...)
	if p.IPVersion != 0 {
		d.text = append(d.text, ' ')
		d.text = p.Src.AppendTo(d.text)
		d.text = append(d.text, '>')
		d.text = p.Dst.AppendTo(d.text)
	}
	return mark
}

// number adds a word and a number to the text of a tunnel.
func (d *Decoder) number(word string, n uint32) {
	d.text = append(d.text, word...)
	d.text = strconv.AppendUint(d.text, uint64(n), 10)
}

// intern gives the tunnel text as a string, the same one for equal texts.
func (d *Decoder) intern() string {
	if len(d.text) == 0 {
		return ""
	}
	if s, ok := d.texts[string(d.text)]; ok {
		return s
	}
	if len(d.texts) >= maxTunnelTexts {
		clear(d.texts)
	}
	s := string(d.text)
	d.texts[s] = s
	return s
}

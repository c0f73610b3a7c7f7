package capture

import (
	"bytes"
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// id is an address or number with its qualifiers.
func (p *filterParser) id(q quals) (test, error) {
	if q.typ == "port" || q.typ == "portrange" {
		return p.port(q)
	}
	if q.typ == "proto" {
		return p.proto(q)
	}
	t := p.peek()
	if q.proto == "ether" && q.typ != "net" {
		mac, err := net.ParseMAC(t.text)
		if err != nil || len(mac) != 6 {
			return nil, p.wrong("%q is not an Ethernet address", t.text)
		}
		p.pos++
		p.f.ether = true
		return either(q.dir, func(at int) test {
			return func(v *view) bool {
				v.u8(at + 5)
				return !v.short && bytes.Equal(v.data[at:at+6], mac)
			}
		}, 6, 0), nil
	}
	switch q.proto {
	case "", "ip", "ip6", "arp", "rarp":
	default:
		return nil, p.wrong("%s does not go with an address; write %s and host", q.proto, q.proto)
	}
	if t.kind != numberToken {
		return nil, p.wrong("%q is not an address; names are not looked up, give the number", t.text)
	}
	prefix, err := p.prefix(q.typ == "net")
	if err != nil {
		return nil, err
	}
	return p.address(q, prefix)
}

// prefix reads an address, and for a net how much of it counts.
func (p *filterParser) prefix(isNet bool) (netip.Prefix, error) {
	t := p.peek()
	p.pos++
	text, dots := t.text, strings.Count(t.text, ".")
	short := isNet && dots < 3 && !strings.Contains(text, ":")
	if short {
		text += strings.Repeat(".0", 3-dots) // net 10 is 10.0.0.0/8
	}
	a, err := netip.ParseAddr(text)
	if err != nil || a.Zone() != "" {
		p.pos--
		return netip.Prefix{}, p.wrong("%q is not an address", t.text)
	}
	length := a.BitLen()
	if short {
		length = 8 * (dots + 1)
	}
	switch {
	case isNet && p.take("/"):
		n, err := p.number()
		if err != nil || int(n) > a.BitLen() {
			return netip.Prefix{}, p.wrong("a prefix length up to %d is wanted", a.BitLen())
		}
		length = int(n)
	case isNet && p.take("mask"):
		m, err := netip.ParseAddr(p.peek().text)
		if err != nil || !m.Is4() || !a.Is4() {
			return netip.Prefix{}, p.wrong("%q is not a mask", p.peek().text)
		}
		ones, bits := net.IPMask(m.AsSlice()).Size()
		if bits == 0 {
			return netip.Prefix{}, p.wrong("mask %s has holes, which is not supported", m)
		}
		length = ones
		p.pos++
	}
	out := netip.PrefixFrom(a, length)
	if out.Masked() != out {
		return out, p.wrong("%s has bits set behind its prefix length", out)
	}
	return out, nil
}

// address compares the addresses of IP, and of ARP unless IP is asked for.
func (p *filterParser) address(q quals, want netip.Prefix) (test, error) {
	p.f.deep = true
	if want.Addr().Is6() {
		if q.proto != "" && q.proto != "ip6" {
			return nil, p.wrong("%s does not go with an IPv6 address", q.proto)
		}
		return p.inLayer(etherIPv6, q.dir, want, 8, 24), nil
	}
	layers := map[string][]layerAddrs{
		"ip": ipv4Addrs[:1], "arp": ipv4Addrs[1:2], "rarp": ipv4Addrs[2:3], "": ipv4Addrs,
	}[q.proto]
	if layers == nil {
		return nil, p.wrong("%s does not go with an IPv4 address", q.proto)
	}
	var out test
	for _, l := range layers {
		t := p.inLayer(l.ether, q.dir, want, l.src, l.dst)
		if out == nil {
			out = t
		} else {
			out = join(out, t, false)
		}
	}
	return out, nil
}

// layerAddrs says where a header has its addresses.
type layerAddrs struct {
	ether    uint32
	src, dst int
}

var ipv4Addrs = []layerAddrs{{etherIP, 12, 16}, {etherARP, 14, 24}, {etherRARP, 14, 24}}

func (p *filterParser) inLayer(ether uint32, dir string, want netip.Prefix, src, dst int) test {
	tags := p.tags
	is := either(dir, func(at int) test {
		return func(v *view) bool { return v.prefix(v.net+4*tags+at, want) }
	}, src, dst)
	return func(v *view) bool { return v.carries(ether, tags) && !v.short && is(v) }
}

// prefix compares only the bytes that the prefix covers, as a packet may end behind them.
func (v *view) prefix(at int, want netip.Prefix) bool {
	addr := want.Addr().AsSlice()
	for word := 0; word*32 < want.Bits(); word++ {
		mask := uint32(0xffffffff)
		if left := want.Bits() - word*32; left < 32 {
			mask <<= 32 - left
		}
		w := view{data: addr}
		if got := v.bytes(at+4*word, 4); v.short || got&mask != w.bytes(4*word, 4) {
			return false
		}
	}
	return true
}

// either looks at the source, the destination, one of them or both.
func either(dir string, at func(int) test, src, dst int) test {
	switch dir {
	case "src":
		return at(src)
	case "dst":
		return at(dst)
	}
	return join(at(src), at(dst), dir == "src and dst")
}

func (p *filterParser) port(q quals) (test, error) {
	protos := map[string][]uint32{"tcp": {protoTCP}, "udp": {protoUDP}, "sctp": {protoSCTP}, "": {protoTCP, protoUDP, protoSCTP}}[q.proto]
	if protos == nil {
		return nil, p.wrong("%s does not go with %s", q.proto, q.typ)
	}
	lo, err := p.portNumber()
	hi := lo
	if err == nil && q.typ == "portrange" && p.take("-") {
		hi, err = p.portNumber()
	}
	if err != nil {
		return nil, err
	}
	lo, hi = min(lo, hi), max(lo, hi)
	p.f.deep = true
	tags := p.tags
	is := func(base int) func(int) test {
		return func(at int) test {
			return func(v *view) bool {
				header := 40
				if base == 4 {
					header = 4 * int(v.u8(v.net+4*tags)&15)
				}
				port := v.u16(v.net + 4*tags + header + at)
				return !v.short && port >= lo && port <= hi
			}
		}
	}
	v4, v6 := either(q.dir, is(4), 0, 2), either(q.dir, is(6), 0, 2)
	return func(v *view) bool {
		at := v.net + 4*tags
		switch {
		case v.carries(etherIP, tags):
			return among(v.u8(at+9), protos) && v.u16(at+6)&0x1fff == 0 && !v.short && v4(v)
		case v.carries(etherIPv6, tags):
			return among(v.u8(at+6), protos) && !v.short && v6(v)
		}
		return false
	}, nil
}

func among(x uint32, list []uint32) bool {
	for _, y := range list {
		if x == y {
			return true
		}
	}
	return false
}

func (p *filterParser) portNumber() (uint32, error) {
	t := p.peek()
	if n, ok := serviceNames[t.text]; ok {
		p.pos++
		return n, nil
	}
	if t.kind != numberToken {
		return 0, p.wrong("%q is not a port known by name; give its number", t.text)
	}
	n, err := p.number()
	if err == nil && n > 0xffff {
		return 0, p.wrong("port %d is larger than 65535", n)
	}
	return n, err
}

// proto is a protocol by number or name, in the layer that the qualifier says.
func (p *filterParser) proto(q quals) (test, error) {
	t := p.peek()
	if q.dir != "" {
		return nil, p.wrong("%s does not go with proto", q.dir)
	}
	name := strings.TrimPrefix(t.text, "\\")
	p.pos++
	if q.proto == "ether" {
		ether, known := etherNames[name]
		if !known {
			n, err := strconv.ParseUint(name, 0, 16)
			if err != nil || n <= 1500 {
				p.pos--
				return nil, p.wrong("%q is not an Ethernet type above 1500", t.text)
			}
			ether = uint32(n)
		}
		tags := p.tags
		return p.deep(func(v *view) bool { return v.carries(ether, tags) }), nil
	}
	number, known := protoNames[name]
	if !known {
		n, err := strconv.ParseUint(name, 0, 8)
		if err != nil {
			p.pos--
			return nil, p.wrong("%q is not a protocol known by name; give its number", t.text)
		}
		number = uint32(n)
	}
	switch q.proto {
	case "ip", "ip6", "":
		return p.deep(ipProto(q.proto, number)(p.tags)), nil
	}
	p.pos--
	return nil, p.wrong("%s does not go with proto", q.proto)
}

// ipProto asks for a protocol in IPv4, IPv6 or either; in IPv6 also in a fragment's header.
func ipProto(layer string, number uint32) func(tags int) test {
	return func(tags int) test {
		return func(v *view) bool {
			at := v.net + 4*tags
			if layer != "ip6" && v.carries(etherIP, tags) {
				return v.u8(at+9) == number
			}
			if v.short || layer == "ip" || !v.carries(etherIPv6, tags) {
				return false
			}
			next := v.u8(at + 6)
			return next == number || next == protoIPv6Frag && v.u8(at+40) == number
		}
	}
}

func etherIs(ether uint32) func(tags int) test {
	return func(tags int) test { return func(v *view) bool { return v.carries(ether, tags) } }
}

// protocol is the name of a protocol that stands alone but may also be a qualifier.
func (p *filterParser) protocol(name string) (test, error) {
	if name == "ether" {
		return nil, p.wrong("ether wants host, src, dst or proto behind it")
	}
	if ether, ok := etherNames[name]; ok {
		return p.deep(etherIs(ether)(p.tags)), nil
	}
	return p.deep(ipProto("", protoNames[name])(p.tags)), nil
}

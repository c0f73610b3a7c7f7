package capture

// arith is a number computed from the packet, with the tests of protocols that must hold before it may be computed.
type arith struct {
	val    value
	checks []test
	zero   bool // it is the number 0
}

// relation is two numbers compared. It gives neither test nor error if no relation stands here: a parenthesis may
// begin either a number or an expression, so it is tried.
func (p *filterParser) relation() (test, error) {
	before := *p
	f := *p.f
	give := func() (test, error) {
		*p, *p.f = before, f
		return nil, nil
	}
	t, next := p.peek(), p.toks[min(p.pos+1, len(p.toks)-1)]
	sure := next.text == "[" || t.text == "len" || t.text == "-" // nothing else can begin so
	if !sure && t.text != "(" && t.kind != numberToken && constantNames[t.text] == 0 {
		return give()
	}
	a, err := p.arith(0)
	if err != nil && sure {
		return nil, err
	}
	if err != nil || compares[p.peek().text] == nil {
		return give()
	}
	cmp := compares[p.peek().text]
	p.pos++
	b, err := p.arith(0)
	if err != nil {
		return nil, err
	}
	p.last = quals{}
	checks := append(a.checks, b.checks...)
	return func(v *view) bool {
		for _, c := range checks {
			if !c(v) || v.short {
				return false
			}
		}
		x := a.val(v)
		return !v.short && cmp(x, b.val(v))
	}, nil
}

var compares = map[string]func(a, b uint32) bool{
	"=": func(a, b uint32) bool { return a == b }, "==": func(a, b uint32) bool { return a == b },
	"!=": func(a, b uint32) bool { return a != b },
	"<":  func(a, b uint32) bool { return a < b }, "<=": func(a, b uint32) bool { return a <= b },
	">": func(a, b uint32) bool { return a > b }, ">=": func(a, b uint32) bool { return a >= b },
}

// ranks are the binary operators, from the loosest to the tightest.
var ranks = [][]string{{"|", "^"}, {"&"}, {"<<", ">>"}, {"+", "-"}, {"*", "/", "%"}}

func (p *filterParser) arith(rank int) (arith, error) {
	if rank == len(ranks) {
		return p.operand()
	}
	a, err := p.arith(rank + 1)
	for err == nil && p.take(ranks[rank]...) {
		op := p.toks[p.pos-1].text
		var b arith
		if b, err = p.arith(rank + 1); err == nil {
			if b.zero && (op == "/" || op == "%") {
				return a, p.wrong("a division by zero")
			}
			a = arith{val: compute(op, a.val, b.val), checks: append(a.checks, b.checks...)}
		}
	}
	return a, err
}

// compute joins two numbers of 32 bits. A division by zero leaves the packet out, as libpcap's does.
func compute(op string, a, b value) value {
	return func(v *view) uint32 {
		x, y := a(v), b(v)
		switch op {
		case "|":
			return x | y
		case "^":
			return x ^ y
		case "&":
			return x & y
		case "<<":
			return x << y
		case ">>":
			return x >> y
		case "+":
			return x + y
		case "-":
			return x - y
		case "*":
			return x * y
		}
		if y == 0 {
			v.short = true
			return 0
		}
		if op == "/" {
			return x / y
		}
		return x % y
	}
}

func (p *filterParser) operand() (arith, error) {
	t := p.peek()
	switch {
	case p.take("("):
		a, err := p.arith(0)
		if err == nil && !p.take(")") {
			err = p.wrong("a closing parenthesis is missing")
		}
		return a, err
	case p.take("-"):
		a, err := p.operand()
		if err != nil {
			return a, err
		}
		val := a.val
		return arith{val: func(v *view) uint32 { return -val(v) }, checks: a.checks}, nil
	case p.take("len"):
		return arith{val: func(v *view) uint32 { return uint32(v.wire) }}, nil
	case t.kind == numberToken:
		n, err := p.number()
		return arith{val: func(*view) uint32 { return n }, zero: n == 0}, err
	}
	if n, ok := constantNames[t.text]; ok {
		p.pos++
		return arith{val: func(*view) uint32 { return n }}, nil
	}
	return p.accessor()
}

// accessor is bytes of a header: proto [ offset ] or proto [ offset : size ].
func (p *filterParser) accessor() (arith, error) {
	t := p.peek()
	base, ok := bases[t.text]
	if !ok && linkWords[t.text] {
		base, ok = bases["ether"]
	}
	if p.pos++; !ok || !p.take("[") {
		p.pos--
		return arith{}, p.wrong("%q is not a number or a header whose bytes can be looked at", t.text)
	}
	index, err := p.arith(0)
	if err != nil {
		return index, err
	}
	size := uint32(1)
	if p.take(":") {
		if size, err = p.number(); err != nil || size != 1 && size != 2 && size != 4 {
			return index, p.wrong("a size of 1, 2 or 4 is wanted")
		}
	}
	if !p.take("]") {
		return index, p.wrong("a closing bracket is missing")
	}
	if base.check != nil {
		p.f.deep = true
		index.checks = append(index.checks, base.check(p.tags))
	}
	at, tags := index.val, p.tags
	index.val = func(v *view) uint32 {
		off := at(v)
		if off > 1<<30 {
			v.short = true
			return 0
		}
		return v.bytes(base.at(v, tags)+int(off), int(size))
	}
	return index, nil
}

// base is where a header begins and what must hold for it to be there.
type base struct {
	check func(tags int) test
	at    func(v *view, tags int) int
}

func netAt(v *view, tags int) int { return v.net + 4*tags }

// overIPv4 is a header right behind IPv4's, in a packet that is no later fragment.
func overIPv4(proto uint32) base {
	return base{func(tags int) test {
		is := ipProto("ip", proto)(tags)
		return func(v *view) bool { return is(v) && v.u16(netAt(v, tags)+6)&0x1fff == 0 }
	}, func(v *view, tags int) int { return netAt(v, tags) + 4*int(v.u8(netAt(v, tags))&15) }}
}

var bases = map[string]base{
	"ether": {nil, func(*view, int) int { return 0 }},
	"ip":    {etherIs(etherIP), netAt}, "ip6": {etherIs(etherIPv6), netAt},
	"arp": {etherIs(etherARP), netAt}, "rarp": {etherIs(etherRARP), netAt},
	"tcp": overIPv4(protoTCP), "udp": overIPv4(protoUDP), "sctp": overIPv4(protoSCTP),
	"icmp": overIPv4(1), "igmp": overIPv4(2),
	"icmp6": {ipProto("ip6", 58), func(v *view, tags int) int { return netAt(v, tags) + 40 }},
}

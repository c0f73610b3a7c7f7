package capture

import (
	"fmt"
	"strconv"
	"strings"
)

// quals are the words before an address or number.
type quals struct {
	proto string // "", ip, ip6, arp, rarp, ether, tcp, udp, sctp
	dir   string // "", src, dst, "src and dst"
	typ   string // "", host, net, port, portrange, proto
	set   bool
}

type filterParser struct {
	toks []token
	pos  int
	tags int   // VLAN tags that vlan has gone past
	last quals // of the primitive before: what an address without words takes
	f    *filter
}

func (p *filterParser) peek() token { return p.toks[p.pos] }

func (p *filterParser) take(texts ...string) bool {
	t := p.peek()
	for _, x := range texts {
		if t.kind != endToken && t.text == x {
			p.pos++
			return true
		}
	}
	return false
}

func (p *filterParser) wrong(format string, args ...any) error {
	return fmt.Errorf("at character %d: %s", p.peek().at+1, fmt.Sprintf(format, args...))
}

func (p *filterParser) parse() (test, error) {
	t, err := p.expr()
	if err == nil && p.peek().kind != endToken {
		err = p.wrong("%q is not expected here", p.peek().text)
	}
	return t, err
}

// expr is terms joined by and and or, which have the same rank.
func (p *filterParser) expr() (test, error) {
	a, err := p.term()
	for err == nil {
		and := p.take("and", "&&")
		if !and && !p.take("or", "||") {
			break
		}
		var b test
		if b, err = p.term(); err == nil {
			a = join(a, b, and)
		}
	}
	return a, err
}

func join(a, b test, and bool) test {
	if and {
		return func(v *view) bool { return a(v) && !v.short && b(v) }
	}
	return func(v *view) bool { return a(v) || !v.short && b(v) }
}

func not(a test) test { return func(v *view) bool { return !a(v) } }

func (p *filterParser) term() (test, error) {
	if p.take("not", "!") {
		t, err := p.term()
		if err != nil {
			return nil, err
		}
		return not(t), nil
	}
	if t, err := p.relation(); t != nil || err != nil {
		return t, err
	}
	if p.take("(") {
		t, err := p.expr()
		if err == nil && !p.take(")") {
			err = p.wrong("a closing parenthesis is missing")
		}
		return t, err
	}
	return p.primitive()
}

// primitive is qualifiers with an address or number, or a word that stands alone.
func (p *filterParser) primitive() (test, error) {
	if t := p.peek(); t.kind == numberToken || t.kind == wordToken && !keyword(t.text) {
		if !p.last.set {
			return nil, p.wrong("%q stands without host, net, port or the like before it", t.text)
		}
		return p.id(p.last)
	}
	word := p.peek().text
	if t, err, ok := p.alone(word); ok {
		p.last = quals{}
		return t, err
	}
	q := quals{set: true}
	if linkWords[word] {
		word = "ether"
	}
	switch word {
	case "ip", "ip6", "arp", "rarp", "tcp", "udp", "sctp", "ether":
		q.proto = word
		p.pos++
	}
	p.direction(&q)
	typed := p.take("host", "net", "port", "portrange", "proto")
	if typed {
		q.typ = p.toks[p.pos-1].text
	}
	if q.proto != "" && q.dir == "" && !typed {
		p.last = quals{}
		return p.protocol(q.proto)
	}
	if q.dir == "" && !typed {
		return nil, p.wrong("%q is not supported", p.peek().text)
	}
	p.last = q
	return p.ids(q)
}

// ids is one address or number, or several in parentheses.
func (p *filterParser) ids(q quals) (test, error) {
	if p.take("not", "!") {
		t, err := p.ids(q)
		if err != nil {
			return nil, err
		}
		return not(t), nil
	}
	if !p.take("(") {
		return p.id(q)
	}
	a, err := p.ids(q)
	for err == nil && !p.take(")") {
		and := p.take("and", "&&")
		if !and && !p.take("or", "||") {
			return nil, p.wrong("a closing parenthesis is missing")
		}
		var b test
		if b, err = p.ids(q); err == nil {
			a = join(a, b, and)
		}
	}
	return a, err
}

func (p *filterParser) direction(q *quals) {
	if !p.take("src", "dst") {
		return
	}
	q.dir = p.toks[p.pos-1].text
	other := map[string]string{"src": "dst", "dst": "src"}[q.dir]
	if next := p.toks[min(p.pos+1, len(p.toks)-1)]; next.text == other && p.take("or", "||", "and", "&&") {
		q.dir = ""
		if j := p.toks[p.pos-1].text; j == "and" || j == "&&" {
			q.dir = "src and dst"
		}
		p.pos++
		if q.dir == "" {
			q.dir = "src or dst"
		}
	}
}

// alone is a word that is a primitive by itself; ok says whether it was one.
func (p *filterParser) alone(word string) (t test, err error, ok bool) {
	next := p.toks[min(p.pos+1, len(p.toks)-1)].text
	switch {
	case word == "less" || word == "greater":
		p.pos++
		n, err := p.number()
		if word == "less" {
			return func(v *view) bool { return uint32(v.wire) <= n }, err, true
		}
		return func(v *view) bool { return uint32(v.wire) >= n }, err, true
	case word == "vlan":
		p.pos++
		t, err := p.vlan()
		return t, err, true
	case word == "broadcast" || word == "multicast":
		p.pos++
		t, err := p.cast("ether", word)
		return t, err, true
	case next == "broadcast" || next == "multicast":
		p.pos += 2
		t, err := p.cast(word, next)
		return t, err, true
	case lonely[word] != nil:
		p.pos++
		return p.deep(lonely[word](p.tags)), nil, true
	}
	return nil, nil, false
}

func (p *filterParser) deep(t test) test {
	p.f.deep = true
	return t
}

// vlan asks for a tag and moves what follows behind it.
func (p *filterParser) vlan() (test, error) {
	p.f.ether, p.f.deep = true, true
	tags, id := p.tags, uint32(0)
	p.tags++
	with := p.peek().kind == numberToken
	if with {
		var err error
		if id, err = p.number(); err != nil || id > 0xfff {
			return nil, p.wrong("a VLAN has a number up to 4095")
		}
	}
	return func(v *view) bool {
		if !v.carries(0x8100, tags) && !v.carries(0x88a8, tags) && !v.carries(0x9100, tags) {
			return false
		}
		return !with || v.u16(v.net+4*tags)&0xfff == id
	}, nil
}

func (p *filterParser) cast(proto, word string) (test, error) {
	tags := p.tags
	switch {
	case (proto == "ether" || linkWords[proto]) && word == "broadcast":
		p.f.ether = true
		return func(v *view) bool { return v.bytes(0, 4) == 0xffffffff && v.bytes(4, 2) == 0xffff }, nil
	case proto == "ether" || linkWords[proto]:
		p.f.ether = true
		return func(v *view) bool { return v.u8(0)&1 != 0 }, nil
	case proto == "ip" && word == "multicast":
		return p.deep(func(v *view) bool { return v.carries(etherIP, tags) && v.u8(v.net+4*tags+16) >= 224 }), nil
	case proto == "ip6" && word == "multicast":
		return p.deep(func(v *view) bool { return v.carries(etherIPv6, tags) && v.u8(v.net+4*tags+24) == 255 }), nil
	}
	return nil, p.wrong("%s %s is not supported", proto, word)
}

func (p *filterParser) number() (uint32, error) {
	t := p.peek()
	n, err := strconv.ParseUint(t.text, 0, 32)
	if t.kind != numberToken || err != nil || strings.Contains(t.text, "_") {
		return 0, p.wrong("%q is not a number", t.text)
	}
	p.pos++
	return uint32(n), nil
}

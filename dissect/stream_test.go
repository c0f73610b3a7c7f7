package dissect

import (
	"fmt"
	"net/netip"
	"reflect"
	"strings"
	"testing"

	"wardtrace/dissect/event"
)

// line is a row of the protocols below: what a dissector was shown.
type line struct {
	Text string `col:"text" doc:"What was seen."`
}

var lines = event.New[line]("line", "What a dissector was shown.")

// script is a dissector made of two functions. It notes every call.
type script struct {
	name string
	feed func(n int, seg *Segment, out *event.Batch) (Progress, error) // n counts the calls, from 1
	n    int
	log  *[]string
}

func (s *script) Feed(seg *Segment, out *event.Batch) (Progress, error) {
	s.n++
	*s.log = append(*s.log, fmt.Sprintf("%s %s %d %q", s.name, seg.Dir, seg.Gap, clipped(seg.Data)))
	return s.feed(s.n, seg, out)
}

func (s *script) Close(out *event.Batch) { *s.log = append(*s.log, s.name+" close") }

func clipped(b []byte) string {
	if len(b) > 40 {
		return fmt.Sprintf("%d bytes", len(b))
	}
	return string(b)
}

// bench runs a stream over scripted protocols.
type bench struct {
	*Stream
	out   event.Batch
	log   []string
	cands []*Protocol
	conn  Conn
	seq   uint32
	frame uint32
}

// add makes a protocol that is sure of bytes beginning with first, unsure of less, and all progress where feed is nil.
func (b *bench) add(name, first string, buffer int, feed func(n int, seg *Segment, out *event.Batch) (Progress, error)) *Protocol {
	if feed == nil {
		feed = func(_ int, seg *Segment, _ *event.Batch) (Progress, error) { return Progress{Used: len(seg.Data)}, nil }
	}
	p := &Protocol{Name: name, MaxBuffer: buffer, New: func(*Conn) Dissector { return &script{name: name, feed: feed, log: &b.log} },
		Probe: func(_ *Conn, _ Dir, data []byte) Match {
			switch {
			case strings.HasPrefix(string(data), first):
				return Yes
			case strings.HasPrefix(first, string(data)):
				return Maybe
			}
			return No
		}}
	b.cands = append(b.cands, p)
	return p
}

func (b *bench) start() {
	b.conn.Client, b.conn.Server = netip.MustParseAddrPort("10.0.0.1:1000"), netip.MustParseAddrPort("10.0.0.2:23")
	b.conn.Flow = 1<<32 | 1
	b.Stream = NewStream(&b.conn, b.cands, &b.seq)
}

func (b *bench) send(dir Dir, gap int, data string) {
	b.frame++
	b.Feed(&Segment{Data: []byte(data), Gap: gap, Dir: dir, Ref: event.Ref{File: 1, Frame: b.frame}}, &b.out)
}

// want checks what the dissectors were shown since the last call.
func (b *bench) want(t *testing.T, what string, calls ...string) {
	t.Helper()
	if len(b.log)+len(calls) > 0 && !reflect.DeepEqual(b.log, calls) {
		t.Errorf("%s\ngot  %q\nwant %q", what, b.log, calls)
	}
	b.log = nil
}

func (b *bench) anomalies() (kinds []string) {
	for _, a := range event.Anomalies.Get(&b.out) {
		kinds = append(kinds, a.V.Kind)
	}
	return kinds
}

const (
	cl = FromClient
	sv = FromServer
)

func used(n int) func(int, *Segment, *event.Batch) (Progress, error) {
	return func(int, *Segment, *event.Batch) (Progress, error) { return Progress{Used: n}, nil }
}

// TestReplay holds that candidates are asked in order, and that the one who is sure is shown everything from the first byte.
func TestReplay(t *testing.T) {
	var b bench
	b.add("late", "HELLO", 100, nil)
	b.add("never", "zzz", 100, nil)
	b.add("also", "HEL", 100, nil)
	b.start()
	b.send(sv, 0, "")
	b.send(cl, 0, "H")
	b.send(cl, 0, "E")
	b.want(t, "nobody is sure yet")
	if b.Service() != "" || b.Idle() || b.Buffered() == 0 {
		t.Errorf("service %q, idle %v, %d bytes held", b.Service(), b.Idle(), b.Buffered())
	}
	b.send(cl, 0, "LLO")
	b.want(t, "all of it, in the segments in which it came", `late client 0 "H"`, `late client 0 "E"`, `late client 0 "LLO"`)
	b.send(sv, 3, "yes")
	b.Close(&b.out)
	b.Close(&b.out)
	b.want(t, "the other side, and one end", `late server 3 "yes"`, "late close")
	if b.Buffered() != 0 {
		t.Errorf("%d bytes are held after the end", b.Buffered())
	}
	var c bench
	c.add("also", "HEL", 100, nil)
	c.add("late", "HELLO", 100, nil)
	c.start()
	c.send(cl, 0, "HELLO")
	c.want(t, "the first in the list who is sure", `also client 0 "HELLO"`)
}

func TestNobody(t *testing.T) {
	var b bench
	b.start()
	if !b.Idle() {
		t.Error("without candidates there is nothing to look at")
	}
	known := b.add("x", "HELLO", 100, nil).Probe
	for name, send := range map[string]func(){
		"both sides are something else": func() { b.send(cl, 0, "GET"); b.send(sv, 0, "200") },
		"a drip": func() {
			b.cands[0].Probe = func(*Conn, Dir, []byte) Match { return Maybe }
			b.start()
			for range probeSegments {
				b.send(cl, 0, "a")
			}
		},
		"both sides are large": func() { b.send(cl, 0, strings.Repeat("a", ProbeLimit)); b.send(sv, 0, strings.Repeat("b", ProbeLimit)) },
		"too much passed over": func() { b.send(cl, 0, strings.Repeat("a", ProbeLimit)); b.send(cl, passLimit, "a") },
	} {
		b.cands[0].Probe = known
		b.start()
		send()
		if !b.Idle() || b.Buffered() != 0 {
			t.Errorf("%s: idle %v, %d bytes held", name, b.Idle(), b.Buffered())
		}
		b.send(cl, 0, "HELLO")
		b.want(t, name+": too late")
	}
	b.cands[0].Probe = known
	b.start()
	b.send(cl, 0, strings.Repeat("a", ProbeLimit+10))
	b.send(cl, 5, "bc")
	b.send(sv, 0, "HELLO")
	b.send(cl, 0, "x")
	b.want(t, "one side tells what it is after the other was passed over", `x server 0 "HELLO"`, fmt.Sprintf(`x client %d "x"`, ProbeLimit+10+5+2))
}

// TestEnd holds that an ended connection keeps nothing, and that what comes behind its end is looked at all the same.
func TestEnd(t *testing.T) {
	var b bench
	b.add("x", "HELLO", 100, used(0))
	b.start()
	b.send(cl, 0, "HELLO and more")
	b.want(t, "before the end", `x client 0 "HELLO and more"`)
	b.End(&b.out)
	b.End(&b.out)
	b.want(t, "the dissector is closed once", "x close")
	if b.Buffered() != 0 || b.Idle() || b.Service() != "x" {
		t.Errorf("%d bytes held, idle %v, service %q", b.Buffered(), b.Idle(), b.Service())
	}
	b.Close(&b.out)
	b.want(t, "nothing is left to close")

	b.send(cl, 0, "HEL")
	b.want(t, "not sure yet")
	b.send(cl, 0, "LO")
	b.want(t, "behind a forged end", `x client 0 "HEL"`, `x client 0 "HELLO"`)
	if !b.conn.Midstream {
		t.Error("what begins behind the end begins in the middle")
	}

	b.start()
	b.send(cl, 0, "HEL")
	b.End(&b.out)
	if b.Buffered() != 0 {
		t.Errorf("%d bytes held for probes", b.Buffered())
	}
	b.Close(&b.out)
	b.want(t, "nobody was sure")
}

// TestGaps holds that the dissector is told of every lost byte it would have been shown, and of no other.
func TestGaps(t *testing.T) {
	for name, tt := range map[string]struct {
		feed func(n int, seg *Segment, out *event.Batch) (Progress, error)
		send [][2]any // gap, data
		want []string
	}{
		"between segments":           {nil, [][2]any{{0, "Pa"}, {7, "b"}, {0, "c"}}, []string{`0 "Pa"`, `7 "b"`, `0 "c"`}},
		"leftovers are lost with it": {used(0), [][2]any{{0, "Pab"}, {7, "c"}, {0, "d"}}, []string{`0 "Pab"`, `10 "c"`, `0 "cd"`}},
		"skipped bytes":              {used(6), [][2]any{{0, "Pa"}, {0, "1234"}, {0, "bcdefg"}}, []string{`0 "Pa"`, `0 "bcdefg"`}},
		"skip ends in a segment":     {used(4), [][2]any{{0, "Pa"}, {0, "12bcde"}}, []string{`0 "Pa"`, `0 "bcde"`}},
		"lost inside the skip":       {used(6), [][2]any{{0, "Pa"}, {3, "1bcdefg"}}, []string{`0 "Pa"`, `0 "bcdefg"`}},
		"lost to its very end":       {used(6), [][2]any{{0, "Pa"}, {4, "bcdefg"}}, []string{`0 "Pa"`, `0 "bcdefg"`}},
		"lost beyond it":             {used(6), [][2]any{{0, "Pa"}, {5, "cdefgh"}}, []string{`0 "Pa"`, `1 "cdefgh"`}},
		"nothing more is wanted":     {used(Rest), [][2]any{{0, "Pa"}, {5, "b"}, {1 << 40, "c"}, {0, "d"}}, []string{`0 "Pa"`}},
		"a negative answer":          {used(-5), [][2]any{{0, "Pa"}, {0, "b"}}, []string{`0 "Pa"`, `0 "Pab"`}},
		"used piece by piece":        {used(1), [][2]any{{4, "Pab"}}, []string{`4 "Pab"`, `0 "ab"`, `0 "b"`}},
	} {
		var b bench
		b.add("p", "P", 100, tt.feed)
		b.start()
		for _, s := range tt.send {
			b.send(cl, s[0].(int), s[1].(string))
		}
		for i := range tt.want {
			tt.want[i] = "p client " + tt.want[i]
		}
		b.want(t, name, tt.want...)
	}
}

// TestNeed holds that a slow drip is not shown again and again, and that sides are apart.
func TestNeed(t *testing.T) {
	var b bench
	b.add("p", "P", 5000, func(_ int, seg *Segment, _ *event.Batch) (Progress, error) {
		if len(seg.Data) < 1000 {
			return Progress{Need: 1000}, nil
		}
		return Progress{Used: 1000}, nil
	})
	b.start()
	b.send(cl, 0, "P")
	for range 999 {
		b.send(cl, 0, "x")
		b.send(sv, 0, "y")
	}
	b.want(t, "3 calls for 1999 segments", `p client 0 "P"`, `p server 0 "y"`, `p client 0 "1000 bytes"`)
	b.send(sv, 0, "y")
	b.want(t, "the server's thousand", `p server 0 "1000 bytes"`)
	b.send(cl, 0, "ab")
	b.send(cl, 2, "c")
	b.want(t, "a loss ends the wait: what was waited for is not whole", `p client 0 "ab"`, `p client 4 "c"`)
}

func TestMaxBuffer(t *testing.T) {
	var b bench
	b.add("p", "P", 10, used(0))
	b.start()
	b.send(cl, 0, "P234567890")
	if b.Buffered() != 10 || b.anomalies() != nil {
		t.Errorf("%d bytes are held, %v", b.Buffered(), b.anomalies())
	}
	b.log = nil
	b.send(cl, 0, "1")
	if got := b.anomalies(); b.Buffered() != 0 || !reflect.DeepEqual(got, []string{"buffer_limit"}) {
		t.Errorf("%d bytes are held, %v", b.Buffered(), got)
	}
	if a := event.Anomalies.Get(&b.out)[0]; a.V.Count != 11 || a.V.Protocol != "p" || a.Frame != 2 || a.Flow != b.conn.Flow || a.Seq != 1 {
		t.Errorf("anomaly %+v", a)
	}
	b.send(cl, 3, "z")
	b.want(t, "what was dropped is lost, as what the capture lost is", `p client 0 "P2345678901"`, `p client 14 "z"`)
}

// TestSecondThoughts holds that who finds that it was not its protocol leaves all bytes to the next.
func TestSecondThoughts(t *testing.T) {
	no := func(at int) func(int, *Segment, *event.Batch) (Progress, error) {
		return func(n int, seg *Segment, out *event.Batch) (Progress, error) {
			if n >= at {
				return Progress{}, fmt.Errorf("not mine")
			}
			return Progress{Used: len(seg.Data)}, nil
		}
	}
	var b bench
	b.add("first", "HE", 100, no(1))
	b.add("second", "HE", 100, no(2))
	b.add("third", "HELLO", 100, nil)
	b.start()
	b.send(sv, 0, "") // nothing yet
	b.send(cl, 9, "H")
	b.send(cl, 0, "ELLO")
	b.want(t, "asked in order", `first client 9 "H"`, `second client 9 "H"`, `second client 0 "ELLO"`, `third client 9 "H"`, `third client 0 "ELLO"`)
	if b.Service() != "third" || b.out.Len() != 0 {
		t.Errorf("service %q, %d rows", b.Service(), b.out.Len())
	}
	var c bench
	c.add("first", "HE", 100, no(2))
	c.add("second", "HE", 100, nil)
	c.start()
	c.send(cl, 0, "HELLO")
	c.send(cl, 0, "x")
	c.want(t, "too late for the others", `first client 0 "HELLO"`, `first client 0 "x"`)
	if !c.Idle() || c.Service() != "" || c.Buffered() != 0 {
		t.Errorf("idle %v, service %q", c.Idle(), c.Service())
	}
}

// TestPanic holds that a fault of a dissector becomes a row, costs its flow and nothing else, wherever it happens.
func TestPanic(t *testing.T) {
	for name, where := range map[string]int{"in the first call": 1, "in a later call": 2, "in the replay": 3} {
		var b bench
		b.add("p", "PQ", 100, func(n int, seg *Segment, out *event.Batch) (Progress, error) {
			lines.Emit(out, seg.Ref, line{"sound"})
			if n == where {
				panic("fault")
			}
			return Progress{Used: len(seg.Data)}, nil
		})
		b.start()
		if where == 3 {
			b.send(sv, 0, "PQ"[:1])
			b.send(cl, 0, "P")
			b.send(cl, 0, "Q")
		} else {
			b.send(cl, 0, "PQ")
			b.send(cl, 0, "a")
		}
		b.send(cl, 0, "b")
		b.send(sv, 5, "c")
		b.Close(&b.out)
		got := event.Anomalies.Get(&b.out)
		if len(got) != 1 || got[0].V.Kind != "dissector_fault" || got[0].V.Protocol != "p" || !strings.Contains(got[0].V.Detail, "fault") || got[0].File != 1 {
			t.Errorf("%s: %+v", name, got)
		}
		if n := len(lines.Get(&b.out)); n != where || b.n() != where || !b.Idle() || b.Buffered() != 0 {
			t.Errorf("%s: %d rows, %d calls, idle %v, %d bytes held; what was sound stays, and nobody is called again", name, n, b.n(), b.Idle(), b.Buffered())
		}
	}
	var b bench
	b.add("bad", "P", 100, nil).Probe = func(*Conn, Dir, []byte) Match { panic("fault") }
	b.add("p", "P", 100, nil)
	b.start()
	b.send(cl, 0, "P")
	b.want(t, "a faulty probe does not stop the others", `p client 0 "P"`)
}

// n is the number of calls of Feed so far.
func (b *bench) n() (n int) {
	for _, s := range b.log {
		if !strings.HasSuffix(s, " close") {
			n++
		}
	}
	return n
}

// TestHandOver holds that after STARTTLS, CONNECT and the like both directions are probed anew from the next byte.
func TestHandOver(t *testing.T) {
	hand := func(_ int, seg *Segment, _ *event.Batch) (Progress, error) {
		if i := strings.Index(string(seg.Data), "GO"); i >= 0 {
			return Progress{Used: i + 2, HandOver: true}, nil
		}
		if string(seg.Data) == "PL" { // of the second conversation
			return Progress{Used: 2}, nil
		}
		return Progress{}, nil
	}
	var b bench
	b.add("plain", "PLAIN", 100, hand)
	b.add("tls", "TLS", 100, nil)
	b.start()
	b.send(cl, 0, "PLAIN")
	b.send(sv, 0, "TL")
	b.log = nil
	b.send(cl, 0, "GOTLSx")
	b.send(sv, 0, "Sy")
	b.want(t, "leftovers of both sides go to who knows them", `plain client 0 "PLAINGOTLSx"`, "plain close", `tls server 0 "TL"`, `tls client 0 "TLSx"`, `tls server 0 "Sy"`)
	if b.Service() != "tls" {
		t.Errorf("service %q", b.Service())
	}
	b.start()
	b.log = nil
	b.send(cl, 0, "PL")
	b.send(sv, 0, "PLAINGO")
	b.send(cl, 0, "TLS")
	b.want(t, "in the middle of a replay", `plain client 0 "PL"`, `plain server 0 "PLAINGO"`, "plain close", `tls client 0 "TLS"`)
}

// TestSwapped holds that a probe that sees the server where the client was guessed turns the conversation around, for good, and only where
// it was a guess.
func TestSwapped(t *testing.T) {
	for _, guessed := range []bool{true, false} {
		var b bench
		b.add("p", "", 100, nil).Probe = func(_ *Conn, dir Dir, first []byte) Match {
			if string(first) == "BANNER" && dir == cl {
				return Swapped
			}
			return Maybe
		}
		b.conn.Guessed = guessed
		b.start()
		client := b.conn.Client
		b.send(sv, 0, "a")
		b.send(cl, 0, "BANNER")
		b.send(sv, 0, "b")
		if !guessed {
			b.want(t, "a handshake that was seen is no guess")
			if b.Swapped() || b.conn.Client != client {
				t.Error("a conversation whose beginning was seen was turned around")
			}
			continue
		}
		b.want(t, "turned around", `p client 0 "a"`, `p server 0 "BANNER"`, `p client 0 "b"`)
		if !b.Swapped() || b.conn.Server != client {
			t.Errorf("swapped %v, server %v", b.Swapped(), b.conn.Server)
		}
	}
}

// TestTurnedBack holds that a probe which turned the conversation around, and was wrong, leaves no trace.
func TestTurnedBack(t *testing.T) {
	var b bench
	b.add("wrong", "", 100, func(int, *Segment, *event.Batch) (Progress, error) { return Progress{}, fmt.Errorf("not mine") }).Probe =
		func(*Conn, Dir, []byte) Match { return Swapped }
	b.add("right", "R", 100, nil)
	b.conn.Guessed = true
	b.start()
	client := b.conn.Client
	b.send(cl, 0, "R1")
	b.send(sv, 0, "2")
	b.want(t, "sides as they were", `wrong server 0 "R1"`, `right client 0 "R1"`, `right server 0 "2"`)
	if b.Swapped() || b.conn.Client != client {
		t.Errorf("swapped %v, client %v", b.Swapped(), b.conn.Client)
	}
}

// TestEndlessHandOver holds that a dissector which takes nothing and hands over to itself comes to an end.
func TestEndlessHandOver(t *testing.T) {
	var b bench
	b.add("loop", "L", 100, func(int, *Segment, *event.Batch) (Progress, error) { return Progress{HandOver: true}, nil })
	b.start()
	b.send(cl, 0, "LL")
	if n := len(b.log); !b.Idle() || n != 2*(maxHandOvers+1) {
		t.Errorf("idle %v after %d calls", b.Idle(), n)
	}
}

// TestOpen holds that a carrier's header alone may say what it carries.
func TestOpen(t *testing.T) {
	var b bench
	b.add("content", "C", 100, nil)
	b.add("header", "", 100, nil).Probe = func(c *Conn, _ Dir, first []byte) Match {
		if c.Carried == "header" && first == nil {
			return Yes
		}
		return No
	}
	b.start()
	if b.Open(event.Ref{}, &b.out) {
		t.Error("taken though nobody knows it")
	}
	b.send(cl, 0, "C")
	b.want(t, "content decides later", `content client 0 "C"`)
	b.conn.Carried = "header"
	b.start()
	if !b.Open(event.Ref{}, &b.out) || b.Service() != "header" {
		t.Errorf("service %q", b.Service())
	}
	b.Close(&b.out)
	b.want(t, "without a byte", "header close")
}

func TestDatagrams(t *testing.T) {
	var b bench
	b.add("no", "Q", 0, func(int, *Segment, *event.Batch) (Progress, error) { return Progress{}, fmt.Errorf("not mine") })
	b.add("p", "Q", 0, func(n int, seg *Segment, _ *event.Batch) (Progress, error) {
		if n == 3 {
			panic("fault")
		}
		return Progress{}, nil
	})
	b.start()
	say := func(dir Dir, cut int, data string) {
		b.frame++
		b.Datagram(&Segment{Data: []byte(data), Cut: cut, Dir: dir, Ref: event.Ref{File: 1, Frame: b.frame}}, &b.out)
	}
	say(cl, 0, "x")
	b.want(t, "datagrams that nobody knows are not replayed")
	say(cl, 0, "Q1")
	say(sv, 4, "anything")
	b.want(t, "each one alone, whole", `no client 0 "Q1"`, `p client 0 "Q1"`, `p server 0 "anything"`)
	say(cl, 0, "3")
	say(cl, 0, "4")
	b.want(t, "no call after a fault", `p client 0 "3"`)
	if got := b.anomalies(); !reflect.DeepEqual(got, []string{"dissector_fault"}) || !b.Idle() || b.Buffered() != 0 {
		t.Errorf("%v, idle %v", got, b.Idle())
	}
	b.start()
	for range probeDatagrams {
		if b.Idle() {
			t.Error("given up too early")
		}
		say(cl, 0, "x")
	}
	say(cl, 0, "Q1")
	b.want(t, "too late")
	if !b.Idle() {
		t.Error("still looked at")
	}
}

func TestSet(t *testing.T) {
	a, b, c := &Protocol{Name: "a", Transports: []Transport{TCP, UDP}}, &Protocol{Name: "b", Transports: []Transport{TCP}, Ports: []uint16{23, 24}}, &Protocol{Name: "c", Transports: []Transport{TCP}, Ports: []uint16{23}}
	s := NewSet([]*Protocol{a, b, c})
	for _, tt := range []struct {
		t              Transport
		client, server uint16
		want           string
	}{{TCP, 1000, 80, "abc"}, {TCP, 1000, 23, "bca"}, {TCP, 1000, 24, "bac"}, {TCP, 23, 80, "bca"}, {TCP, 24, 23, "bca"}, {UDP, 1000, 23, "a"}, {ICMP, 0, 0, ""}} {
		got := ""
		for _, p := range s.For(&Conn{Transport: tt.t, Client: netip.AddrPortFrom(netip.IPv4Unspecified(), tt.client), Server: netip.AddrPortFrom(netip.IPv4Unspecified(), tt.server)}) {
			got += p.Name
		}
		if got != tt.want {
			t.Errorf("%s %d to %d: asked %q, want %q", tt.t, tt.client, tt.server, got, tt.want)
		}
	}
	if !s.Serves(TCP, 23) || s.Serves(UDP, 23) || s.Serves(TCP, 80) {
		t.Error("Serves")
	}
}

func TestNames(t *testing.T) {
	if got := (MAC{0, 0x1b, 0x21, 0xfe, 9, 0xa0}).String(); got != "00:1b:21:fe:09:a0" || (MAC{}).String() != "" {
		t.Errorf("%q", got)
	}
	if Transport(99).String() != "unknown" || UDP.String() != "udp" || FromClient.Other().String() != "server" || FromServer.Other() != FromClient {
		t.Error("names of transports or directions")
	}
}

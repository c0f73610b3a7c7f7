package flow

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
	"unsafe"

	"wardtrace/analyze/packet"
	"wardtrace/dissect"
	"wardtrace/dissect/event"
)

// bench is a table with what it closed, fed by hand-made packets.
type bench struct {
	t      *Table
	closed []*Flow
	frame  uint32
	now    event.Time
	seq    [2]uint32
	ends   [2]netip.AddrPort
}

func newBench(opt Options) *bench {
	b := &bench{now: event.Time(time.Date(2026, 11, 20, 2, 0, 0, 0, time.UTC).UnixNano()), seq: [2]uint32{1000, 0xfffffff0}}
	b.ends = [2]netip.AddrPort{netip.MustParseAddrPort("10.20.0.66:50123"), netip.MustParseAddrPort("203.0.113.9:104")}
	b.t = NewTable(opt, func(f *Flow) { kept := *f; kept.history = slices.Clone(f.history); b.closed = append(b.closed, &kept) })
	return b
}

func (b *bench) packet(transport dissect.Transport, src, dst netip.AddrPort) *packet.Packet {
	b.frame++
	b.now += event.Time(time.Millisecond)
	p := &packet.Packet{Ref: event.Ref{Time: b.now, File: 1, Frame: b.frame}, Link: packet.LinkEthernet, EtherType: 0x0800,
		IPVersion: 4, Src: src.Addr(), Dst: dst.Addr(), SrcPort: src.Port(), DstPort: dst.Port(), Transport: transport, TTL: 64}
	switch transport {
	case dissect.TCP:
		p.Proto = 6
		p.TCP.Window = 8192
	case dissect.UDP:
		p.Proto = 17
	case dissect.SCTP:
		p.Proto = 132
	case dissect.ICMP:
		p.Proto = 1
	case dissect.ICMPv6:
		p.Proto = 58
	}
	if src.Addr().Is6() {
		p.IPVersion, p.EtherType = 6, 0x86dd
	}
	return p
}

func (b *bench) feed(p *packet.Packet) (*Flow, dissect.Dir, bool) {
	return b.t.Packet(p, uint64(b.frame), b.now)
}

// tcp plays a script: one word a packet, such as ">S", "<SA", ">A+10" (ten bytes), ">A+10@0" (at offset 0 of its side, the
// SYN being -1), ">A/w0" (zero window), ">A/c" (bad checksum), "~300" (300 seconds of silence).
func (b *bench) tcp(t *testing.T, script string) {
	t.Helper()
	start := b.seq
	next := [2]uint32{start[0], start[1]}
	for word := range strings.FieldsSeq(script) {
		if s, ok := strings.CutPrefix(word, "~"); ok {
			var n int
			fmt.Sscan(s, &n)
			b.now += event.Time(n) * 1e9
			continue
		}
		side := 0
		if word[0] == '<' {
			side = 1
		}
		p := b.packet(dissect.TCP, b.ends[side], b.ends[1-side])
		word, mods, _ := strings.Cut(word[1:], "/")
		word, at, seeks := strings.Cut(word, "@")
		flags, size, _ := strings.Cut(word, "+")
		for _, c := range flags {
			p.TCP.Flags |= 1 << strings.IndexRune("FSRPAU", c)
		}
		fmt.Sscan(size, &p.PayloadLen)
		p.Payload = make([]byte, p.PayloadLen)
		p.IPLen = 40 + p.PayloadLen
		p.TCP.Seq = next[side]
		if seeks {
			var n int32
			fmt.Sscan(at, &n)
			p.TCP.Seq = start[side] + 1 + uint32(n)
		}
		if p.TCP.Flags&packet.ACK != 0 {
			p.TCP.Ack = next[1-side]
			if p.TCP.Ack == start[1-side] { // of a SYN that was not captured
				p.TCP.Ack++
			}
		}
		if strings.Contains(mods, "w0") {
			p.TCP.Window = 0
		}
		if strings.Contains(mods, "c") {
			p.Flags |= packet.BadSum
		}
		end := p.TCP.Seq + uint32(p.PayloadLen)
		if p.TCP.Flags&(packet.SYN|packet.FIN) != 0 {
			end++
		}
		if int32(end-next[side]) > 0 && p.TCP.Flags&packet.RST == 0 {
			next[side] = end
		}
		b.feed(p)
	}
}

func (b *bench) drain() []Row {
	b.t.Drain(b.now)
	var rows []Row
	for _, f := range b.closed {
		rows = append(rows, f.Row())
	}
	return rows
}

// TestTCP: conn_state and history of conversations, in the words of Zeek's manual.
func TestTCP(t *testing.T) {
	for _, tt := range []struct{ name, script, state, history string }{
		{"normal", ">S <SA >A >PA+100 <A <PA+200 >A >FA <FA >A", "SF", "ShADadFf"},
		{"no answer", ">S >S@-1 >S@-1", "S0", "S"},
		{"refused", ">S <RA", "REJ", "Sr"},
		{"refused, tried again with the same number", ">S <RA >S@-1 <RA", "REJ", "Sr"},
		{"open", ">S <SA >A >PA+5", "S1", "ShAD"},
		{"client closes", ">S <SA >A >FA <A", "S2", "ShAFa"},
		{"server closes", ">S <SA >A <FA >A", "S3", "ShAf"},
		{"client aborts", ">S <SA >A >PA+5 >RA", "RSTO", "ShADR"},
		{"server aborts", ">S <SA >A >PA+5 <RA", "RSTR", "ShADr"},
		{"half-open scan", ">S <SA >R", "RSTO", "ShR"},
		{"SYN then RST", ">S >R", "RSTOS0", "SR"},
		{"SYN then FIN, one side captured", ">S >A >PA+10 >FA", "SH", "SADF"},
		{"server side only", "<SA <A <PA+10 <FA", "SHR", "^hadf"},
		{"server side only, reset", "<SA <RA", "RSTRH", "^hr"},
		{"SYN+ACK first", "<SA >A >PA+10 <A", "S1", "^hADa"},
		{"SYN captured behind its answer", "<SA >S >A >PA+10 >FA <FA", "SF", "^hSADFf"},
		{"mid-stream", ">PA+10 <PA+10 >A", "OTH", "DdA"},
		{"mid-stream to the end", ">PA+10 <PA+10 >FA <FA", "SF", "DdFf"},
		{"FIN scan", ">F", "SH", "F"},
		{"null scan", ">", "OTH", ""},
		{"xmas scan", ">FPU", "SH", "F"},
		{"SYN+FIN", ">SF <RA", "RSTR", "Qr"},
		{"FIN+RST", ">S <SA >A >FR", "RSTO", "ShAI"},
		{"ACK scan", ">A <R", "RSTRH", "Ar"},
		{"retransmissions", ">S <SA >A >PA+10 >PA+10@0 >PA+10@0", "S1", "ShADT"},
		{"ten retransmissions", ">S <SA >A >PA+10" + strings.Repeat(" >PA+10@0", 10), "S1", "ShADTT"},
		{"a hundred zero windows", ">S <SA >A" + strings.Repeat(" <A/w0", 100), "S1", "ShAawww"},
		{"zero window with a RST is nothing", ">S <RA/w0", "REJ", "Sr"},
		{"bad checksums", ">S/c <SA >A/c >PA+1/c", "S1", "CShAD"},
		{"payload on the SYN is no retransmission", ">S+10 <SA >A", "S1", "ShA"},
		{"FIN, RST, FIN", ">S <SA >A >FA >R <FA", "SF", "ShAFRf"},
		{"the FIN again", ">S <SA >A >FA >FA@0 <FA >A", "SF", "ShAFf"},
		{"two RSTs with different numbers", ">S <SA >A <R <R@7", "RSTR", "ShArr"},
		{"ack before SYN+ACK", ">S <A <SA >A", "S1", "SahA"},
		{"simultaneous open", ">S <S >SA <SA", "S1", "Ss"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(Options{})
			b.tcp(t, tt.script)
			rows := b.drain()
			if len(rows) != 1 {
				t.Fatalf("%d flows", len(rows))
			}
			r := rows[0]
			if r.ConnState != tt.state || r.History != tt.history {
				t.Errorf("%s %s, want %s %s", r.ConnState, r.History, tt.state, tt.history)
			}
			if r.SrcIP != "10.20.0.66" || r.DstPort != event.Some[int64](104) {
				t.Errorf("client %s, server port %v", r.SrcIP, r.DstPort)
			}
			if n := uint64(b.frame); r.SrcPkts+r.DstPkts != n {
				t.Errorf("%d packets, want %d", r.SrcPkts+r.DstPkts, n)
			}
		})
	}
}

func TestRow(t *testing.T) {
	b := newBench(Options{})
	b.tcp(t, ">S <SA >A >PA+100 >PA+100@0 <A <PA+7 >A >FA <FA >A")
	b.t.Drain(b.now)
	f := b.closed[0]
	f.Gap(dissect.FromServer, 30)
	f.Service = "dicom"
	r := f.Row()
	want := Row{
		FlowID: 1<<32 | 1, TS: f.First.Time, Until: b.now, SrcIP: "10.20.0.66", SrcPort: event.Some[int64](50123),
		DstIP: "203.0.113.9", DstPort: event.Some[int64](104), Proto: "tcp", IPProto: event.Some[int64](6), Service: "dicom",
		ConnState: "SF", History: "ShADTadFfg", SrcPkts: 7, DstPkts: 4, SrcBytes: 200, DstBytes: 7,
		SrcStream: event.Some[int64](100), DstStream: event.Some[int64](7), SrcIPByte: 480, DstIPByte: 167,
		Missed: 30, DstMissed: 30, Community: f.communityID(), SrcLocal: true, FirstFlag: event.Some[int64](2),
		SrcSYN: 1, SrcFIN: 1, DstSYN: 1, DstFIN: 1, SrcTTL: event.Some[int64](64), DstTTL: event.Some[int64](64),
		SrcWindow: event.Some[int64](8192), DstWindow: event.Some[int64](8192), Ended: EndedCapture, File: 1, Frame: 1,
	}
	if r != want {
		t.Errorf("\ngot  %+v\nwant %+v", r, want)
	}
}

// TestSwap: a dissector finds that client and server were guessed the wrong way round. Directions given out stay.
func TestSwap(t *testing.T) {
	b := newBench(Options{})
	b.tcp(t, "<PA+10 >PA+3") // port 104 is taken for the server
	f := b.t.flows[firstKey(b.t)]
	f.Swap()
	b.tcp(t, "<PA+20 <FA")
	r := b.drain()[0]
	if r.SrcIP != "203.0.113.9" || r.SrcBytes != 30 || r.DstBytes != 3 || r.SrcLocal || !r.DstLocal {
		t.Errorf("%+v", r)
	}
	if r.History != "^dD^F" || r.ConnState != "SH" {
		t.Errorf("history %s, state %s", r.History, r.ConnState)
	}
	if _, dir, _ := b.feed(b.packet(dissect.TCP, b.ends[1], b.ends[0])); dir != dissect.FromClient && dir != dissect.FromServer {
		t.Error("no direction")
	}
}

func firstKey(t *Table) key {
	for k := range t.flows {
		return k
	}
	return key{}
}

// TestReuse: ports that are used again begin a new flow.
func TestReuse(t *testing.T) {
	for _, tt := range []struct {
		name, script string
		again        uint32 // added to the initial sequence number
		second       string
		flows        int
		ended        string
	}{
		{"another number", ">S", 77, ">S", 2, EndedReuse},
		{"the same number", ">S", 0, ">S", 1, ""},
		{"the same number after the end", ">S <SA >A >PA+3 >FA <FA >A", 0, ">S <SA", 2, EndedReuse},
		{"the same number after an abort", ">S <SA >A >PA+3 <RA", 0, ">S", 2, EndedReuse},
		{"another number mid-stream", ">PA+3", 5000, ">S", 2, EndedReuse},
		{"the other side opens", ">S <SA >A", 5000, "<S", 2, EndedReuse},
		{"half open, silent", ">S ~241", 0, ">S", 2, EndedIdle},
		{"half open, patient", ">S ~239", 0, ">S", 1, ""},
		{"established, silent for two hours", ">S <SA >A ~7400", 0, ">PA+1@0", 1, ""},
		{"established, silent for longer", ">S <SA >A ~7500", 0, ">PA+1@0", 2, EndedIdle},
		{"one side captured, silent for two hours", ">S >A ~7400", 0, ">PA+1@0", 1, ""},
		{"mid-stream, silent for two hours", "<PA+4 ~7400", 0, "<PA+1@4", 1, ""},
		{"half closed, silent for two hours", ">S <SA >A >FA ~7400", 0, "<PA+1@0", 1, ""},
		{"handshake not finished", ">S <SA ~300", 0, ">A", 2, EndedIdle},
		{"closed, a last word", ">S <SA >A >FA <FA ~200", 0, ">R@1", 1, ""},
		{"closed, much later", ">S <SA >A >FA <FA ~300", 0, ">R@1", 2, EndedIdle},
	} {
		for _, expire := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/expire=%v", tt.name, expire), func(t *testing.T) {
				b := newBench(Options{})
				b.tcp(t, tt.script)
				if expire { // must make no difference
					b.t.Expire(b.now)
				}
				b.seq[0] += tt.again
				b.seq[1] += tt.again
				b.tcp(t, tt.second)
				rows := b.drain()
				if len(rows) != tt.flows {
					t.Fatalf("%d flows, want %d", len(rows), tt.flows)
				}
				if tt.flows > 1 && rows[0].Ended != tt.ended {
					t.Errorf("ended: %s, want %s", rows[0].Ended, tt.ended)
				}
			})
		}
	}
}

func TestDatagrams(t *testing.T) {
	dns := func(_ dissect.Transport, port uint16) bool { return port == 11112 || port == 53 }
	for _, tt := range []struct {
		name, src, dst string
		answer         bool
		client         string
		state, history string
		guessed        bool
	}{
		{"query", "10.0.0.5:40000", "10.0.0.1:53", true, "10.0.0.5", "SF", "Dd", false},
		{"query without an answer", "10.0.0.5:40000", "10.0.0.1:53", false, "10.0.0.5", "S0", "D", false},
		{"answer without a query", "10.0.0.1:53", "10.0.0.5:40000", false, "10.0.0.5", "SHR", "^d", true},
		{"answer, then a query", "10.0.0.1:53", "10.0.0.5:40000", true, "10.0.0.5", "SF", "^dD", true},
		{"ports that say nothing", "10.0.0.5:40000", "10.0.0.1:30000", true, "10.0.0.5", "SF", "Dd", true},
		{"ports alike", "10.0.0.5:123", "10.0.0.1:123", true, "10.0.0.5", "SF", "Dd", true},
		{"multicast", "10.0.0.5:5353", "224.0.0.251:5353", false, "10.0.0.5", "S0", "D", false},
		{"broadcast from a service", "10.0.0.5:53", "255.255.255.255:40000", false, "10.0.0.5", "S0", "D", false},
		{"IPv6", "[fd00::5]:546", "[ff02::1:2]:547", false, "fd00::5", "S0", "D", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(Options{Server: dns})
			src, dst := netip.MustParseAddrPort(tt.src), netip.MustParseAddrPort(tt.dst)
			b.feed(b.packet(dissect.UDP, src, dst))
			if tt.answer {
				b.feed(b.packet(dissect.UDP, dst, src))
			}
			rows := b.drain()
			if len(rows) != 1 {
				t.Fatalf("%d flows", len(rows))
			}
			if r := rows[0]; r.SrcIP != tt.client || r.ConnState != tt.state || r.History != tt.history || r.Guessed != tt.guessed {
				t.Errorf("client %s %s %s guessed %v", r.SrcIP, r.ConnState, r.History, r.Guessed)
			}
		})
	}
}

// TestClient: who is taken for the client of a TCP connection whose beginning was not seen.
func TestClient(t *testing.T) {
	served := func(_ dissect.Transport, port uint16) bool { return port == 11112 }
	for _, tt := range []struct {
		src, dst uint16
		flags    uint8
		flip     bool
		guessed  bool
	}{
		{40000, 104, packet.SYN, false, false},
		{104, 40000, packet.SYN, false, false},
		{104, 40000, packet.SYN | packet.ACK, true, true},
		{104, 40000, packet.ACK, true, true},
		{40000, 104, packet.ACK, false, true},
		{11112, 104, packet.ACK, true, true}, // a port that a decoder serves says more than a low one
		{60000, 30000, packet.ACK, false, true},
		{30000, 60000, packet.ACK, true, true},
		{2000, 3000, packet.ACK, true, true},
		{3000, 2000, packet.ACK, false, true},
	} {
		b := newBench(Options{Server: served})
		p := b.packet(dissect.TCP, netip.AddrPortFrom(b.ends[0].Addr(), tt.src), netip.AddrPortFrom(b.ends[1].Addr(), tt.dst))
		p.TCP.Flags = tt.flags
		f, dir, fresh := b.feed(p)
		if flip := dir == dissect.FromServer; flip != tt.flip || f.Guessed != tt.guessed || !fresh {
			t.Errorf("%d > %d flags %#x: turned round %v, guessed %v", tt.src, tt.dst, tt.flags, flip, f.Guessed)
		}
		if c := f.Conn(); c.Client != f.Client || c.Midstream != (tt.flags != packet.SYN) || c.Guessed != tt.guessed {
			t.Errorf("%+v", c)
		}
	}
}

func TestICMP(t *testing.T) {
	a, z := netip.MustParseAddrPort("10.0.0.5:0"), netip.MustParseAddrPort("10.0.0.1:0")
	a6, z6 := netip.MustParseAddrPort("[fe80::5]:0"), netip.MustParseAddrPort("[fe80::1]:0")
	type msg struct {
		transport dissect.Transport
		src, dst  netip.AddrPort
		typ, code uint8
		id        uint16
	}
	for _, tt := range []struct {
		name  string
		msgs  []msg
		flows string
	}{
		{"echo", []msg{{dissect.ICMP, a, z, 8, 0, 7}, {dissect.ICMP, z, a, 0, 0, 7}, {dissect.ICMP, a, z, 8, 0, 7}}, "10.0.0.5:8>10.0.0.1:0 2/1"},
		{"two pings at a time", []msg{{dissect.ICMP, a, z, 8, 0, 7}, {dissect.ICMP, a, z, 8, 0, 8}}, "10.0.0.5:8>10.0.0.1:0 1/0 10.0.0.5:8>10.0.0.1:0 1/0"},
		{"ping both ways", []msg{{dissect.ICMP, a, z, 8, 0, 7}, {dissect.ICMP, z, a, 8, 0, 7}}, "10.0.0.5:8>10.0.0.1:0 1/0 10.0.0.1:8>10.0.0.5:0 1/0"},
		{"reply alone", []msg{{dissect.ICMP, z, a, 0, 0, 7}}, "10.0.0.5:8>10.0.0.1:0 0/1"},
		{"errors", []msg{{dissect.ICMP, z, a, 3, 3, 0}, {dissect.ICMP, z, a, 3, 1, 0}, {dissect.ICMP, z, a, 3, 3, 0}, {dissect.ICMP, a, z, 3, 3, 0}},
			"10.0.0.1:3>10.0.0.5:3 2/0 10.0.0.1:3>10.0.0.5:1 1/0 10.0.0.5:3>10.0.0.1:3 1/0"},
		{"neighbours", []msg{{dissect.ICMPv6, a6, z6, 135, 0, 0}, {dissect.ICMPv6, z6, a6, 136, 0, 0}}, "fe80::5:135>fe80::1:136 1/1"},
		{"router", []msg{{dissect.ICMPv6, z6, netip.MustParseAddrPort("[ff02::1]:0"), 134, 0, 0}}, "fe80::1:134>ff02::1:133 1/0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(Options{})
			for _, m := range tt.msgs {
				p := b.packet(m.transport, m.src, m.dst)
				p.ICMPType, p.ICMPCode, p.ICMPID, p.PayloadLen = m.typ, m.code, m.id, 64
				b.feed(p)
			}
			var got []string
			for _, r := range b.drain() {
				got = append(got, fmt.Sprintf("%s:%d>%s:%d %d/%d", r.SrcIP, r.SrcPort.V, r.DstIP, r.DstPort.V, r.SrcPkts, r.DstPkts))
				if r.ConnState != "OTH" || r.SrcBytes+r.DstBytes != 56*(r.SrcPkts+r.DstPkts) {
					t.Errorf("%+v", r)
				}
			}
			if s := strings.Join(got, " "); s != tt.flows {
				t.Errorf("got  %s\nwant %s", s, tt.flows)
			}
		})
	}
}

func TestOthers(t *testing.T) {
	b := newBench(Options{})
	x, y := netip.MustParseAddrPort("10.0.0.5:0"), netip.MustParseAddrPort("10.0.0.1:0")
	p := b.packet(dissect.OtherIP, x, y)
	p.Proto = 47
	b.feed(p)
	p = b.packet(dissect.OtherIP, y, x)
	p.Proto = 47
	b.feed(p)
	p = b.packet(dissect.UDP, x, y) // a fragment that came before the one with the ports
	p.Fragment, p.FragOff = true, 1480
	b.feed(p)
	p = b.packet(dissect.UDP, netip.AddrPortFrom(x.Addr(), 5000), netip.AddrPortFrom(y.Addr(), 6000)) // and one after it
	p.Fragment, p.FragOff = true, 1480
	b.feed(p)
	mac := func(last byte) dissect.MAC { return dissect.MAC{0, 9, 0xfb, 0, 0, last} }
	for _, e := range []uint16{0x0806, 0x88cc, 0x1234} {
		b.frame++
		b.feed(&packet.Packet{Ref: event.Ref{Time: b.now, File: 1, Frame: b.frame}, Link: packet.LinkEthernet, SrcMAC: mac(1), DstMAC: mac(2),
			EtherType: e, Transport: dissect.Ethernet, PayloadLen: 46})
	}
	b.frame++
	b.feed(&packet.Packet{Ref: event.Ref{Time: b.now, File: 1, Frame: b.frame}, Link: 251, PayloadLen: 10, Flags: packet.UnknownLink})
	var got []string
	for _, r := range b.drain() {
		got = append(got, fmt.Sprintf("%s/%d/%d %v %d/%d", r.Proto, r.IPProto.V, r.EtherType.V, r.SrcPort.OK, r.SrcPkts, r.DstPkts))
	}
	want := "ip/47/0 false 1/1, ip/17/0 false 1/0, udp/17/0 true 1/0, arp/0/2054 false 1/0, lldp/0/35020 false 1/0, 0x1234/0/4660 false 1/0, " +
		packet.LinkType(251).String() + "/0/0 false 1/0"
	if s := strings.Join(got, ", "); s != want {
		t.Errorf("got  %s\nwant %s", s, want)
	}
}

// TestTruncatedHeader: a TCP header that the snap length cut off says nothing of flags.
func TestTruncatedHeader(t *testing.T) {
	b := newBench(Options{})
	p := b.packet(dissect.TCP, b.ends[0], b.ends[1])
	p.TCP, p.Flags = packet.TCP{}, packet.Truncated
	b.feed(p)
	if r := b.drain()[0]; r.FirstFlag.OK || r.History != "" || r.ConnState != "OTH" || r.SrcPkts != 1 {
		t.Errorf("%+v", r)
	}
}

func TestLocal(t *testing.T) {
	for _, tt := range []struct {
		addr  string
		site  []netip.Prefix
		local bool
	}{
		{"10.1.2.3", nil, true}, {"172.31.0.1", nil, true}, {"172.32.0.1", nil, false}, {"192.168.9.9", nil, true}, {"100.64.0.1", nil, true},
		{"8.8.8.8", nil, false}, {"127.0.0.1", nil, true}, {"169.254.3.4", nil, true}, {"0.0.0.0", nil, true}, {"255.255.255.255", nil, true},
		{"224.0.0.251", nil, true}, {"fd12::1", nil, true}, {"fe80::1", nil, true}, {"ff02::1", nil, true}, {"::1", nil, true},
		{"2001:db8::1", nil, false}, {"::ffff:10.0.0.1", nil, true}, {"::ffff:8.8.8.8", nil, false},
		{"192.0.2.7", []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, true},
		{"10.0.0.1", []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, false},
		{"127.0.0.1", []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, true},
	} {
		o := NewTable(Options{Local: tt.site}, nil).opt
		if got := o.local(netip.MustParseAddr(tt.addr)); got != tt.local {
			t.Errorf("%s with %v: local %v", tt.addr, tt.site, got)
		}
	}
}

// TestLayers: VLANs and tunnels do not tear a conversation apart, and are told of.
func TestLayers(t *testing.T) {
	b := newBench(Options{})
	p := b.packet(dissect.UDP, b.ends[0], b.ends[1])
	p.VLANs = [2]uint16{100, 20}
	p.SrcMAC, p.DstMAC = dissect.MAC{2, 0, 0, 0, 0, 1}, dissect.MAC{2, 0, 0, 0, 0, 2}
	b.feed(p)
	p = b.packet(dissect.UDP, b.ends[1], b.ends[0])
	p.Tunnel = "vxlan 192.0.2.1>192.0.2.2 vni 7"
	p.SrcMAC, p.DstMAC = dissect.MAC{2, 0, 0, 0, 0, 9}, dissect.MAC{2, 0, 0, 0, 0, 1}
	b.feed(p)
	rows := b.drain()
	if len(rows) != 1 {
		t.Fatalf("%d flows", len(rows))
	}
	r := rows[0]
	if r.VLAN != event.Some[int64](20) || r.VLANOther != event.Some[int64](0) || r.Tunnel != "" || !r.Tunnels {
		t.Errorf("vlan %v, other %v, tunnel %q, mixed %v", r.VLAN, r.VLANOther, r.Tunnel, r.Tunnels)
	}
	if r.SrcMAC != "02:00:00:00:00:01" || r.DstMAC != "02:00:00:00:00:02" {
		t.Errorf("MACs %s %s", r.SrcMAC, r.DstMAC)
	}
}

// TestBudget: Evict and Sizes see flows by their last packet; flows are closed in the order of their first.
func TestBudget(t *testing.T) {
	b := newBench(Options{})
	for i := range 20 {
		src := netip.AddrPortFrom(b.ends[0].Addr(), uint16(40000+i))
		f, _, _ := b.feed(b.packet(dissect.UDP, src, b.ends[1]))
		b.t.Hold(f, i)
	}
	f, _, _ := b.feed(b.packet(dissect.UDP, netip.AddrPortFrom(b.ends[0].Addr(), 40003), b.ends[1])) // packet 21 belongs to the fourth
	b.t.Hold(f, 3)
	total := int64(0)
	for epoch, n := range b.t.Sizes() {
		if epoch >= 10 { // of one packet each: the eleventh and later
			total += n
		}
	}
	if want := int64(11*flowBytes + 3 + 10 + 11 + 12 + 13 + 14 + 15 + 16 + 17 + 18 + 19); total != want {
		t.Errorf("%d bytes, want %d", total, want)
	}
	b.t.Evict(11)
	if len(b.closed) != 9 || b.t.Len() != 11 {
		t.Fatalf("%d closed, %d open", len(b.closed), b.t.Len())
	}
	for epoch, n := range b.t.Sizes() {
		if total -= n; epoch < 10 {
			t.Errorf("%d bytes are left of closed flows", n)
		}
	}
	if total != 0 {
		t.Errorf("the sums changed by %d bytes when other flows were closed", total)
	}
	b.drain()
	for i, f := range b.closed[:9] {
		if f.Ended != EndedMemory || i > 0 && f.ID <= b.closed[i-1].ID {
			t.Errorf("%d: %s, id %d", i, f.Ended, f.ID)
		}
	}
}

// TestExpire: idle flows go, the others stay; a call soon after another does nothing, and Evict still tells idle ones.
func TestExpire(t *testing.T) {
	b := newBench(Options{})
	udp := func(port uint16) {
		b.feed(b.packet(dissect.UDP, netip.AddrPortFrom(b.ends[0].Addr(), port), b.ends[1]))
	}
	udp(1)
	b.now += event.Time(100 * time.Second)
	udp(2)
	b.t.Expire(b.now)
	b.now += event.Time(21 * time.Second)
	b.t.Expire(b.now)
	if len(b.closed) != 0 {
		t.Fatalf("%d closed", len(b.closed))
	}
	udp(3)
	b.t.Evict(3)
	if len(b.closed) != 2 || b.closed[0].Ended != EndedIdle || b.closed[1].Ended != EndedMemory {
		t.Fatalf("%d closed, the first: %s", len(b.closed), b.closed[0].Ended)
	}
	udp(4)
	b.now += event.Time(IdleUDP + time.Second)
	udp(4)
	b.t.Expire(b.now)
	if len(b.closed) != 4 || b.t.Len() != 1 {
		t.Errorf("%d closed, %d open", len(b.closed), b.t.Len())
	}
}

// TestHistoryCap: ever new sequence numbers on RSTs do not grow a flow.
func TestHistoryCap(t *testing.T) {
	b := newBench(Options{})
	var script strings.Builder
	for i := range 500 {
		fmt.Fprintf(&script, ">R@%d ", i*3)
	}
	b.tcp(t, script.String())
	if r := b.drain()[0]; len(r.History) != historyMax {
		t.Errorf("history of %d letters", len(r.History))
	}
}

// TestLogical: what a flow counts for is what it takes.
func TestLogical(t *testing.T) {
	if n := unsafe.Sizeof(Flow{}) + unsafe.Sizeof(key{}) + historyMax; n > flowBytes || n < flowBytes/2 {
		t.Errorf("a flow takes %d bytes and counts for %d", n, flowBytes)
	}
}

func TestNoAllocation(t *testing.T) {
	b := newBench(Options{})
	p := b.packet(dissect.TCP, b.ends[0], b.ends[1])
	p.TCP.Flags, p.PayloadLen = packet.ACK, 100
	b.feed(p)
	if n := testing.AllocsPerRun(1000, func() {
		p.TCP.Seq += 100
		b.t.Packet(p, 1, b.now)
	}); n != 0 {
		t.Errorf("%v allocations a packet", n)
	}
}

func BenchmarkEstablished(b *testing.B) {
	h := newBench(Options{})
	var ps []*packet.Packet
	for i := range 1024 {
		p := h.packet(dissect.TCP, netip.AddrPortFrom(h.ends[0].Addr(), uint16(20000+i)), h.ends[1])
		p.TCP.Flags, p.PayloadLen = packet.ACK, 1460
		h.feed(p)
		ps = append(ps, p)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		p := ps[i%1024]
		p.TCP.Seq += 1460
		h.t.Packet(p, uint64(i), h.now)
	}
}

package dissecttest

import (
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"wardtrace/analyze/packet"
	"wardtrace/dissect"
	"wardtrace/dissect/event"
)

// Load reads the conversations of sample captures, named as path patterns relative to the test's folder, that keep
// accepts (nil keeps all). It fails the test if there are none. It is a small reader of its own, for clean Ethernet
// captures in the classic format, so that a dissector can be tested without the pipeline.
func Load(t testing.TB, keep func(*dissect.Conn) bool, patterns ...string) []Conversation {
	t.Helper()
	var out []Conversation
	for _, pattern := range patterns {
		paths, err := filepath.Glob(pattern)
		if err != nil || len(paths) == 0 {
			t.Fatalf("no sample matches %s", pattern)
		}
		for _, path := range paths {
			out = append(out, load(t, path, keep)...)
		}
	}
	if len(out) == 0 {
		t.Fatalf("no conversation in %s", strings.Join(patterns, " "))
	}
	return out
}

type connKey struct {
	transport dissect.Transport
	a, b      netip.AddrPort
	ether     uint16
	macs      [2]dissect.MAC // of what is not IP
}

type building struct {
	c    Conversation
	next [2]uint32
	have [2]bool
	wait [2]map[uint32]Segment // out of order, by sequence number
}

func load(t testing.TB, path string, keep func(*dissect.Conn) bool) []Conversation {
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := pcapgo.NewReader(f)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	byKey := map[connKey]*building{}
	byRadio := map[radioKey]*building{}
	var order []*building
	for frame := uint32(1); ; frame++ {
		data, ci, err := r.ReadPacketData()
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			break
		}
		if err != nil {
			t.Fatalf("%s: frame %d: %v", path, frame, err)
		}
		ref := event.Ref{Time: event.Time(ci.Timestamp.UnixNano()), File: 1, Frame: frame}
		if link := packet.LinkType(r.LinkType()); isRadio(link) {
			radio(byRadio, &order, link, data, ref)
			continue
		}
		pkt := gopacket.NewPacket(data, r.LinkType(), gopacket.NoCopy)
		add(byKey, &order, pkt, ref)
	}
	var out []Conversation
	for _, b := range order {
		if len(b.c.Segments) > 0 && (keep == nil || keep(&b.c.Conn)) {
			out = append(out, b.c)
		}
	}
	return out
}

func add(byKey map[connKey]*building, order *[]*building, pkt gopacket.Packet, ref event.Ref) {
	var conn dissect.Conn
	if eth, ok := pkt.LinkLayer().(*layers.Ethernet); ok {
		copy(conn.ClientMAC[:], eth.SrcMAC)
		copy(conn.ServerMAC[:], eth.DstMAC)
		conn.EtherType = uint16(eth.EthernetType)
	}
	var src, dst netip.Addr
	if n := pkt.NetworkLayer(); n != nil {
		src, _ = netip.AddrFromSlice(n.NetworkFlow().Src().Raw())
		dst, _ = netip.AddrFromSlice(n.NetworkFlow().Dst().Raw())
	}
	var payload []byte
	var tcp *layers.TCP
	var sport, dport uint16
	switch l := pkt.TransportLayer().(type) {
	case *layers.TCP:
		conn.Transport, tcp, payload = dissect.TCP, l, l.Payload
		sport, dport = uint16(l.SrcPort), uint16(l.DstPort)
	case *layers.UDP:
		conn.Transport, payload = dissect.UDP, l.Payload
		sport, dport = uint16(l.SrcPort), uint16(l.DstPort)
	default:
		switch {
		case pkt.Layer(layers.LayerTypeICMPv4) != nil:
			conn.Transport, payload = dissect.ICMP, pkt.NetworkLayer().LayerPayload()
		case pkt.Layer(layers.LayerTypeICMPv6) != nil:
			l := pkt.Layer(layers.LayerTypeICMPv6)
			conn.Transport, payload = dissect.ICMPv6, append(append([]byte(nil), l.LayerContents()...), l.LayerPayload()...)
		case pkt.LinkLayer() != nil && !src.IsValid():
			conn.Transport, payload = dissect.Ethernet, pkt.LinkLayer().LayerPayload()
		default:
			return
		}
	}
	conn.Client, conn.Server = netip.AddrPortFrom(src, sport), netip.AddrPortFrom(dst, dport)
	conn.Flow = uint64(ref.File)<<32 | uint64(ref.Frame)
	dir := dissect.FromClient
	k := connKey{conn.Transport, conn.Client, conn.Server, conn.EtherType, [2]dissect.MAC{}}
	back := connKey{conn.Transport, conn.Server, conn.Client, conn.EtherType, [2]dissect.MAC{}}
	if conn.Transport == dissect.Ethernet {
		k.macs = [2]dissect.MAC{conn.ClientMAC, conn.ServerMAC}
		back.macs = [2]dissect.MAC{conn.ServerMAC, conn.ClientMAC}
	}
	b := byKey[k]
	if b == nil {
		if b = byKey[back]; b != nil {
			dir = dissect.FromServer
		}
	}
	if b == nil || (tcp != nil && tcp.SYN && !tcp.ACK && b.have[dir] && b.next[dir] != tcp.Seq+1) {
		if tcp != nil { // joined in the middle, or by one direction alone: nobody knows who is the client
			conn.Midstream, conn.Guessed = !tcp.SYN, !tcp.SYN || tcp.ACK
		}
		b = &building{c: Conversation{Conn: conn}}
		dir = dissect.FromClient
		delete(byKey, back)
		byKey[k] = b
		*order = append(*order, b)
	}
	if tcp == nil {
		b.c.Segments = append(b.c.Segments, Segment{Dir: dir, Data: payload, Ref: ref})
		return
	}
	b.tcp(dir, tcp, payload, ref)
}

// tcp puts segments of one direction in order. Captures of samples are complete: a hole that is never filled is
// announced at the end of nothing and simply stops the direction.
func (b *building) tcp(dir dissect.Dir, tcp *layers.TCP, payload []byte, ref event.Ref) {
	if tcp.SYN {
		b.next[dir], b.have[dir] = tcp.Seq+1, true
		return
	}
	if !b.have[dir] {
		b.next[dir], b.have[dir] = tcp.Seq, true
	}
	if len(payload) == 0 {
		return
	}
	if b.wait[dir] == nil {
		b.wait[dir] = map[uint32]Segment{}
	}
	b.wait[dir][tcp.Seq] = Segment{Dir: dir, Data: payload, Ref: ref}
	for again := true; again; {
		again = false
		for _, seq := range sortedKeys(b.wait[dir]) {
			s := b.wait[dir][seq]
			ahead := int32(seq - b.next[dir])
			if ahead > 0 {
				continue
			}
			delete(b.wait[dir], seq)
			if skip := int(-ahead); skip < len(s.Data) {
				s.Data = s.Data[skip:]
				b.next[dir] += uint32(len(s.Data))
				b.c.Segments = append(b.c.Segments, s)
				again = true
			}
		}
	}
}

func sortedKeys(m map[uint32]Segment) []uint32 {
	keys := make([]uint32, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool { return keys[i] < keys[j] })
	return keys
}

// Bytes makes a conversation from hand-made messages, alternating from the client: for cases no peer produces.
func Bytes(transport dissect.Transport, client, server string, messages ...[]byte) Conversation {
	c := Conversation{Conn: dissect.Conn{Flow: 1<<32 | 1, Transport: transport,
		Client: netip.MustParseAddrPort(client), Server: netip.MustParseAddrPort(server)}}
	for i, m := range messages {
		c.Segments = append(c.Segments, Segment{Dir: dissect.Dir(i & 1), Data: m,
			Ref: event.Ref{Time: event.Time(1e18 + i), File: 1, Frame: uint32(i + 1)}})
	}
	return c
}

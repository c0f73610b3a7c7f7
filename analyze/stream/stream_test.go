package stream

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"wardtrace/analyze/packet"
	"wardtrace/dissect"
	"wardtrace/dissect/event"
)

// recorder writes down what a conversation delivers: bytes as text, a gap as <n>, notes by name.
type recorder struct {
	text  [2]strings.Builder
	refs  [2][]uint32 // frames, one a delivery with data
	notes []string
	hook  func(dir dissect.Dir)
}

func (r *recorder) Data(dir dissect.Dir, gap int, data []byte, ref event.Ref) {
	if gap > 0 {
		fmt.Fprintf(&r.text[dir], "<%d>", gap)
	}
	if len(data) > 0 {
		r.text[dir].Write(data)
		r.refs[dir] = append(r.refs[dir], ref.Frame)
	}
	if r.hook != nil {
		r.hook(dir)
	}
}

func (r *recorder) Note(dir dissect.Dir, what Kind, ref event.Ref) {
	r.notes = append(r.notes, fmt.Sprintf("%v %v %d", dir, what, ref.Frame))
}

// seg is one packet of a hand-made conversation. The sides' initial sequence numbers are isnC and isnS; seq and ack count
// payload bytes from 0.
type seg struct {
	dir   dissect.Dir
	flags uint8
	seq   int
	data  string
	ack   int // valid iff flags has ACK
	cut   int // bytes that the snap length cut off behind data
	win   uint16
	bad   bool // wrong checksum
}

const (
	c = dissect.FromClient
	s = dissect.FromServer

	syn, ack, fin, rst, psh = packet.SYN, packet.ACK, packet.FIN, packet.RST, packet.PSH
)

var isn = [2]uint32{0xffffff00, 0x7ffffff0} // the client's numbers wrap after 256 bytes

func play(r *recorder, segs []seg) *Conversation {
	conv := &Conversation{}
	for i, g := range segs {
		conv.Packet(g.packet(uint32(i+1)), g.dir, r)
	}
	conv.Close(r)
	return conv
}

func (g seg) packet(frame uint32) *packet.Packet {
	p := &packet.Packet{Ref: event.Ref{Time: event.Time(frame), File: 1, Frame: frame}, Transport: dissect.TCP, Proto: 6}
	p.TCP.Flags, p.TCP.Window = g.flags, 4096
	if g.win != 0 {
		p.TCP.Window = g.win
	}
	if g.bad {
		p.Flags |= packet.BadSum
	}
	p.TCP.Seq = isn[g.dir] + uint32(g.seq)
	if g.flags&syn == 0 {
		p.TCP.Seq++
	}
	if g.flags&ack != 0 {
		p.TCP.Ack = isn[g.dir.Other()] + 1 + uint32(g.ack)
	}
	p.Payload, p.PayloadLen = []byte(g.data), len(g.data)+g.cut
	return p
}

// open is a complete handshake.
func open(rest ...seg) []seg {
	return append([]seg{{dir: c, flags: syn}, {dir: s, flags: syn | ack}, {dir: c, flags: ack}}, rest...)
}

func TestDelivery(t *testing.T) {
	for _, tt := range []struct {
		name   string
		segs   []seg
		client string
		server string
		notes  string
	}{
		{name: "in order", segs: open(
			seg{dir: c, flags: ack, data: "GET"}, seg{dir: s, flags: ack, ack: 3, data: "200"},
			seg{dir: c, flags: ack, seq: 3, ack: 3, data: " /"}), client: "GET /", server: "200"},
		{name: "early segment waits for the one before it", segs: open(
			seg{dir: c, flags: ack, seq: 3, data: "def"}, seg{dir: c, flags: ack, data: "abc"}), client: "abcdef"},
		{name: "retransmission is dropped", segs: open(
			seg{dir: c, flags: ack, data: "abc"}, seg{dir: c, flags: ack, data: "abc"}, seg{dir: c, flags: ack, seq: 3, data: "def"}),
			client: "abcdef"},
		{name: "retransmission with more is cut", segs: open(
			seg{dir: c, flags: ack, data: "abc"}, seg{dir: c, flags: ack, data: "abcdef"}), client: "abcdef"},
		{name: "loss is announced when acknowledged and bytes are held", segs: open(
			seg{dir: c, flags: ack, seq: 3, data: "def"}, seg{dir: s, flags: ack, ack: 6, data: "ok"},
			seg{dir: c, flags: ack, data: "abc"}), client: "<3>def", server: "ok"},
		{name: "an acknowledgement captured before its data is no loss", segs: open(
			seg{dir: s, flags: ack, ack: 6}, seg{dir: c, flags: ack, data: "abc"}, seg{dir: c, flags: ack, seq: 3, data: "def"}),
			client: "abcdef"},
		{name: "loss at the end", segs: open(
			seg{dir: c, flags: ack, data: "abc"}, seg{dir: s, flags: ack, ack: 10}), client: "abc<7>"},
		{name: "loss before what is held at the end", segs: open(
			seg{dir: c, flags: ack, data: "abc"}, seg{dir: c, flags: ack, seq: 5, data: "fgh"}, seg{dir: c, flags: ack, seq: 9, data: "jkl"}),
			client: "abc<2>fgh<1>jkl"},
		{name: "one direction only", segs: []seg{{dir: s, flags: ack, seq: 100, data: "abc"}, {dir: s, flags: ack, seq: 106, data: "ghi"},
			{dir: s, flags: ack, seq: 103, data: "def"}}, server: "abcdefghi"},
		{name: "a direction that was never captured has no gap", segs: open(
			seg{dir: c, flags: ack, data: "abc", ack: 5000})[2:], client: "abc"},
		{name: "snap length", segs: open(
			seg{dir: c, flags: ack, data: "ab", cut: 4}, seg{dir: c, flags: ack, seq: 6, data: "gh"}), client: "ab<4>gh"},
		{name: "snap length on the last segment", segs: open(seg{dir: c, flags: ack, data: "ab", cut: 4}), client: "ab<4>"},
		{name: "snap length on a held segment", segs: open(
			seg{dir: c, flags: ack, seq: 3, data: "d", cut: 2}, seg{dir: c, flags: ack, seq: 6, data: "gh"}, seg{dir: c, flags: ack, data: "abc"}),
			client: "abcd<2>gh"},
		{name: "mid-stream", segs: []seg{{dir: c, flags: ack, seq: 700, ack: 90, data: "abc"}, {dir: s, flags: ack, seq: 90, ack: 703, data: "ok"},
			{dir: c, flags: ack, seq: 703, ack: 92, data: "def"}}, client: "abcdef", server: "ok"},
		{name: "mid-stream after an empty keep-alive", segs: []seg{{dir: c, flags: ack, seq: 699, ack: 90}, {dir: s, flags: ack, seq: 90, ack: 700},
			{dir: c, flags: ack, seq: 700, ack: 90, data: "abc"}}, client: "abc"},
		{name: "mid-stream after a keep-alive with a byte", segs: []seg{{dir: s, flags: ack, seq: 90, ack: 700},
			{dir: c, flags: ack, seq: 699, ack: 90, data: "\x00"}, {dir: c, flags: ack, seq: 700, ack: 90, data: "abc"}}, client: "abc"},
		{name: "keep-alives", segs: open(seg{dir: c, flags: ack, data: "abc"}, seg{dir: c, flags: ack, seq: 2, data: "\x00"},
			seg{dir: c, flags: ack, seq: 2}, seg{dir: c, flags: ack, seq: 3, data: "def"}), client: "abcdef"},
		{name: "zero-window probe is refused and sent again", segs: open(seg{dir: c, flags: ack, data: "abc"},
			seg{dir: c, flags: ack, seq: 3, data: "d"}, seg{dir: s, flags: ack, ack: 3}, seg{dir: c, flags: ack, seq: 3, data: "def"}), client: "abcdef"},
		{name: "payload on the SYN", segs: []seg{{dir: c, flags: syn, data: "MSH"}, {dir: s, flags: syn | ack, ack: 3, data: "MSA"},
			{dir: c, flags: ack, seq: 3, ack: 3, data: "|^"}}, client: "MSH|^", server: "MSA"},
		{name: "SYN sent again", segs: append([]seg{{dir: c, flags: syn}}, open(seg{dir: c, flags: ack, data: "abc"})...), client: "abc"},
		{name: "first bytes lost, SYN seen", segs: open(seg{dir: s, flags: ack, seq: 4, data: "efg"}, seg{dir: c, flags: ack, ack: 7}),
			server: "<4>efg"},
		{name: "SYN lost, first bytes lost", segs: open(seg{dir: c, flags: ack, seq: 4, data: "efg"}, seg{dir: s, flags: ack, ack: 7})[1:],
			client: "<4>efg"},
		{name: "SYN+ACK lost, first bytes lost", segs: []seg{{dir: c, flags: syn}, {dir: c, flags: ack}, {dir: s, flags: ack, seq: 2, data: "cd"},
			{dir: c, flags: ack, ack: 4}}, server: "<2>cd"},
		{name: "FIN is no gap", segs: open(seg{dir: c, flags: ack | fin, data: "abc"}, seg{dir: s, flags: ack, ack: 4},
			seg{dir: s, flags: ack | fin, ack: 4}, seg{dir: c, flags: ack, seq: 4, ack: 1}), client: "abc"},
		{name: "lost FIN is no gap", segs: open(seg{dir: c, flags: ack, data: "abc"}, seg{dir: s, flags: ack, ack: 4}), client: "abc"},
		{name: "early FIN with data", segs: open(seg{dir: c, flags: ack | fin, seq: 3, data: "def"}, seg{dir: c, flags: ack, data: "abc"}),
			client: "abcdef"},
		{name: "payload behind a forged FIN", segs: open(seg{dir: c, flags: ack | fin, data: "abc"}, seg{dir: c, flags: ack, seq: 3, data: "def"}),
			client: "abcdef", notes: "client tcp_data_after_close 5"},
		{name: "payload behind the FIN's own number", segs: open(seg{dir: c, flags: ack | fin, data: "abc"}, seg{dir: c, flags: ack, seq: 4, data: "def"}),
			client: "abcdef", notes: "client tcp_data_after_close 5"},
		{name: "forged FIN does not stop gaps", segs: open(seg{dir: c, flags: ack | fin, data: "abc"}, seg{dir: c, flags: ack, seq: 6, data: "ghi"},
			seg{dir: s, flags: ack, ack: 9}), client: "abc<3>ghi", notes: "client tcp_data_after_close 5"},
		{name: "payload behind a RST; what the RST carries is none", segs: open(seg{dir: c, flags: ack, data: "abc"},
			seg{dir: c, flags: rst, seq: 3, data: "no"}, seg{dir: c, flags: ack, seq: 3, data: "def"}), client: "abcdef",
			notes: "client tcp_data_after_close 6"},
		{name: "overlap with held bytes: the first win", segs: open(seg{dir: c, flags: ack, seq: 3, data: "def"},
			seg{dir: c, flags: ack, data: "abcXXXghi"}), client: "abcdefghi", notes: "client tcp_overlap_conflict 5"},
		{name: "overlap of held segments on both sides", segs: open(seg{dir: c, flags: ack, seq: 4, data: "ef"}, seg{dir: c, flags: ack, seq: 8, data: "ij"},
			seg{dir: c, flags: ack, seq: 2, data: "cdefghijkl"}, seg{dir: c, flags: ack, data: "ab"}), client: "abcdefghijkl"},
		{name: "a second answer with other bytes", segs: open(seg{dir: s, flags: ack, data: "HTTP/1.1 302 Found"},
			seg{dir: s, flags: ack, data: "HTTP/1.1 200 OK"}), server: "HTTP/1.1 302 Found", notes: "server tcp_overlap_conflict 5"},
		{name: "a second answer that differs late", segs: open(seg{dir: s, flags: ack, data: "HTTP/1.1 200 OK\r\nA: 1"},
			seg{dir: s, flags: ack, data: "HTTP/1.1 200 OK\r\nA: 2"}), server: "HTTP/1.1 200 OK\r\nA: 1", notes: "server tcp_overlap_conflict 5"},
		{name: "a second, longer answer", segs: open(seg{dir: s, flags: ack, data: "good"}, seg{dir: s, flags: ack, data: "evil++"}),
			server: "good++", notes: "server tcp_overlap_conflict 5"},
		{name: "a retransmission that the snap length cut elsewhere is no conflict", segs: open(seg{dir: s, flags: ack, data: "abcdef"},
			seg{dir: s, flags: ack, data: "abc", cut: 3}), server: "abcdef"},
		{name: "bytes beyond any window are not delivered", segs: open(seg{dir: c, flags: ack, data: "abc"}, seg{dir: s, flags: ack, ack: 3},
			seg{dir: c, flags: ack, seq: 100_000_000, data: "zzz"}), client: "abc", notes: "client tcp_out_of_window 6"},
		{name: "wrong checksum: what is sent again wins", segs: open(seg{dir: c, flags: ack, data: "evil", bad: true},
			seg{dir: c, flags: ack, seq: 4, data: "++"}, seg{dir: s, flags: ack}, seg{dir: c, flags: ack, data: "good"}), client: "good++"},
		{name: "wrong checksum, acknowledged all the same", segs: open(seg{dir: c, flags: ack, data: "abc", bad: true},
			seg{dir: c, flags: ack, seq: 3, data: "def", bad: true}, seg{dir: s, flags: ack, ack: 6, data: "ok"}), client: "abcdef", server: "ok"},
		{name: "wrong checksum at the end", segs: open(seg{dir: c, flags: ack, data: "abc", bad: true}), client: "abc"},
		{name: "wrong checksum in one direction's capture", segs: []seg{{dir: s, flags: ack, seq: 100, data: "abc", bad: true}, {dir: s, flags: ack, seq: 103, data: "def", bad: true}},
			server: "abcdef"},
		{name: "wrong checksum behind a hole", segs: open(seg{dir: c, flags: ack, seq: 3, data: "XXX", bad: true}, seg{dir: s, flags: ack, ack: 3},
			seg{dir: c, flags: ack, seq: 3, data: "def"}, seg{dir: s, flags: ack, ack: 6}), client: "<3>def"},
		{name: "damaged copy of delivered bytes is no conflict", segs: open(seg{dir: c, flags: ack, data: "abc"},
			seg{dir: c, flags: ack, data: "aXc", bad: true}), client: "abc"},
		{name: "broken acknowledgement", segs: open(seg{dir: c, flags: ack, data: "abc"}, seg{dir: s, flags: ack, ack: 0x7fff0000},
			seg{dir: c, flags: ack, seq: 6, data: "ghi"}, seg{dir: c, flags: ack, seq: 3, data: "def"}), client: "abcdefghi"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := &recorder{}
			conv := play(r, tt.segs)
			if got := r.text[c].String(); got != tt.client {
				t.Errorf("client %q, want %q", got, tt.client)
			}
			if got := r.text[s].String(); got != tt.server {
				t.Errorf("server %q, want %q", got, tt.server)
			}
			if got := strings.Join(r.notes, "; "); got != tt.notes {
				t.Errorf("notes %q, want %q", got, tt.notes)
			}
			if n := conv.Logical(); n != 0 {
				t.Errorf("%d bytes held after Close", n)
			}
		})
	}
}

func TestStats(t *testing.T) {
	r := &recorder{}
	conv := play(r, open(
		seg{dir: c, flags: ack, data: "abc"},
		seg{dir: c, flags: ack, data: "abc"},          // again
		seg{dir: c, flags: ack, seq: 2, data: "c"},    // keep-alive
		seg{dir: c, flags: ack, seq: 6, data: "ghi"},  // early
		seg{dir: c, flags: ack, seq: 6, data: "ghi"},  // early and again
		seg{dir: c, flags: ack, seq: 1, data: "bcde"}, // two bytes again
		seg{dir: s, flags: ack, ack: 9},
	))
	want := Stats{Delivered: 8, Missed: 1, Gaps: 1, Retransmits: 2, RexmtBytes: 8, OutOfOrder: 2, KeepAlives: 1}
	if got := *conv.Stats(c); got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if got := r.text[c].String(); got != "abcde<1>ghi" {
		t.Errorf("delivered %q", got)
	}
}

// TestOver: a connection is over when both FINs were reached in order, and never by what can be forged more easily.
func TestOver(t *testing.T) {
	request, answer := seg{dir: c, flags: ack, data: "abc"}, seg{dir: s, flags: ack, ack: 3, data: "ok"}
	for _, tt := range []struct {
		name string
		segs []seg
		over bool
	}{
		{"both sides have ended", open(request, answer, seg{dir: c, flags: fin | ack, seq: 3, ack: 2}, seg{dir: s, flags: fin | ack, seq: 2, ack: 4}), true},
		{"a FIN on the last bytes", open(seg{dir: c, flags: fin | ack, data: "abc"}, seg{dir: s, flags: fin | ack, ack: 4, data: "ok"}), true},
		{"one side has ended", open(request, answer, seg{dir: c, flags: fin | ack, seq: 3, ack: 2}, seg{dir: s, flags: ack, seq: 2, ack: 4, data: "more"}), false},
		{"bytes in front of a FIN are missing", open(request, seg{dir: c, flags: fin | ack, seq: 3}, seg{dir: s, flags: fin | ack, seq: 2, ack: 4}), false},
		{"the last bytes were cut off", open(seg{dir: c, flags: fin | ack, data: "ab", cut: 1}, seg{dir: s, flags: fin | ack, ack: 4}), false},
		{"a RST can be forged", open(request, answer, seg{dir: c, flags: rst, seq: 3}, seg{dir: s, flags: rst, seq: 2}), false},
	} {
		conv, r := &Conversation{}, &recorder{}
		for i, g := range tt.segs {
			conv.Packet(g.packet(uint32(i+1)), g.dir, r)
		}
		if conv.Over() != tt.over {
			t.Errorf("%s: over %v", tt.name, conv.Over())
		}
	}
}

// TestRefs: delivered bytes name the packet that carried them, held ones too.
func TestRefs(t *testing.T) {
	r := &recorder{}
	play(r, open(seg{dir: c, flags: ack, seq: 3, data: "def"}, seg{dir: c, flags: ack, seq: 6, data: "ghi"}, seg{dir: c, flags: ack, data: "abc"}))
	if got := fmt.Sprint(r.refs[c]); got != "[6 4 5]" {
		t.Errorf("frames %s, want those of the packets with the bytes", got)
	}
}

// TestShuffle puts a known stream back together from overlapping, repeated, shuffled segments.
func TestShuffle(t *testing.T) {
	for seed := range uint64(200) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		want := make([]byte, 20_000+rnd.IntN(30_000))
		for i := range want {
			want[i] = byte(rnd.Uint32())
		}
		segs := cutUp(rnd, want)
		acks := seed%2 == 0
		base := rnd.Uint32()
		conv, r := &Conversation{}, &recorder{}
		conv.Packet(&packet.Packet{TCP: packet.TCP{Seq: base - 1, Flags: syn}}, c, r)
		top := 0
		for _, g := range segs {
			conv.Packet(&packet.Packet{TCP: packet.TCP{Seq: base + uint32(g[0]), Flags: psh}, Payload: want[g[0]:g[1]], PayloadLen: g[1] - g[0]}, c, r)
			if acks && rnd.IntN(3) == 0 { // what the receiver has, which is what was delivered
				top = max(top, r.text[c].Len())
				conv.Packet(&packet.Packet{TCP: packet.TCP{Seq: 7, Ack: base + uint32(top), Flags: ack, Window: 65535}}, s, r)
			}
		}
		conv.Close(r)
		if got := r.text[c].String(); got != string(want) {
			t.Fatalf("seed %d: %d bytes, want %d; first difference at %d", seed, len(got), len(want), differ([]byte(got), want))
		}
		if st := conv.Stats(c); st.Gaps != 0 || st.Conflicts != 0 || len(r.notes) != 0 {
			t.Fatalf("seed %d: %+v %v", seed, st, r.notes)
		}
	}
}

// cutUp makes segments that cover want, overlap, come twice and are out of order.
func cutUp(rnd *rand.Rand, want []byte) [][2]int {
	var segs [][2]int
	for at := 0; at < len(want); {
		n := 1 + rnd.IntN(1460)
		segs = append(segs, [2]int{at, min(at+n, len(want))})
		at += 1 + rnd.IntN(n)
	}
	for range len(segs) / 5 {
		segs = append(segs, segs[rnd.IntN(len(segs))])
	}
	rnd.Shuffle(len(segs), func(i, j int) { segs[i], segs[j] = segs[j], segs[i] })
	return segs
}

func differ(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

// TestLongStream: offsets go on over four wraps of the sequence numbers.
func TestLongStream(t *testing.T) {
	const step = 1 << 20
	conv, r := &Conversation{}, &recorder{}
	conv.Packet(&packet.Packet{TCP: packet.TCP{Seq: 0xfff00000, Flags: syn}}, c, r)
	seq := uint32(0xfff00001)
	for i := range 16 << 10 { // 16 GiB, of which the snap length left two bytes each
		p := &packet.Packet{TCP: packet.TCP{Seq: seq, Flags: ack}, Payload: []byte{byte(i), byte(i >> 8)}, PayloadLen: step}
		if i%1000 == 999 { // swap two now and then
			q := *p
			q.TCP.Seq, q.Payload = seq+step, []byte("zz")
			conv.Packet(&q, c, r)
		}
		conv.Packet(p, c, r)
		seq += step
	}
	conv.Close(r)
	st := conv.Stats(c)
	if total := st.Delivered + st.Missed; total != 16<<30 {
		t.Errorf("delivered %d and missed %d bytes: %d, want 16 GiB", st.Delivered, st.Missed, total)
	}
	if st.OutOfOrder != 16 || st.Retransmits != 16 {
		t.Errorf("%+v", st)
	}
}

func TestIgnore(t *testing.T) {
	r := &recorder{}
	conv := &Conversation{}
	r.hook = func(dir dissect.Dir) { // as a pipeline does that finds that nobody wants the bytes, in the middle of a delivery
		conv.Ignore(dir)
	}
	for i, g := range open(seg{dir: c, flags: ack, seq: 3, data: "def"}, seg{dir: c, flags: ack, seq: 6, data: "ghi"}, seg{dir: c, flags: ack, seq: 9, data: "jkl"},
		seg{dir: c, flags: ack, data: "abc"}, seg{dir: c, flags: ack, seq: 20, data: "later"}, seg{dir: s, flags: ack, ack: 25}) {
		conv.Packet(g.packet(uint32(i+1)), g.dir, r)
	}
	if got := r.text[c].String(); got != "abc<8>" {
		t.Errorf("delivered %q, want what came before Ignore, and the gap", got)
	}
	if n := conv.Logical(); n != 0 {
		t.Errorf("%d bytes held", n)
	}
	if st := conv.Stats(c); st.Missed != 8 || st.OutOfOrder != 4 {
		t.Errorf("%+v", st)
	}
}

// TestHeldLimit: behind a hole that the receiver still waits for, what is farthest ahead is dropped; without
// acknowledgements the hole is given up.
func TestHeldLimit(t *testing.T) {
	block := bytes.Repeat([]byte{'x'}, 1<<16)
	for _, listening := range []bool{true, false} {
		conv, r := &Conversation{}, &recorder{}
		conv.Packet(&packet.Packet{TCP: packet.TCP{Seq: 0, Flags: syn}}, c, r)
		most := 0
		for i := range 2 * HeldMax / len(block) {
			if listening {
				conv.Packet(&packet.Packet{TCP: packet.TCP{Seq: 1, Ack: 1, Flags: ack, Window: 65535}}, s, r)
			}
			conv.Packet(&packet.Packet{TCP: packet.TCP{Seq: uint32(101 + i*len(block)), Flags: ack}, Payload: block, PayloadLen: len(block)}, c, r)
			most = max(most, conv.Logical())
		}
		if most > HeldMax+HeldChunks*chunkBytes {
			t.Errorf("held %d bytes", most)
		}
		conv.Packet(&packet.Packet{TCP: packet.TCP{Seq: 1, Flags: ack}, Payload: bytes.Repeat([]byte{'a'}, 100), PayloadLen: 100}, c, r)
		got, st := r.text[c].String(), conv.Stats(c)
		if listening && (len(got) != 100+HeldMax || got[0] != 'a' || st.Dropped != HeldMax || st.Gaps != 0) {
			t.Errorf("listening: %d bytes from %.10q, %+v", len(got), got, st)
		}
		if !listening && (!strings.HasPrefix(got, "<100>x") || st.Delivered != 2*HeldMax || st.Dropped != 0) {
			t.Errorf("one side: %d bytes from %.10q, %+v", len(got), got, st)
		}
		if len(r.notes) != 1 || !strings.Contains(r.notes[0], HeldLimit.String()) {
			t.Errorf("notes %q", r.notes)
		}
	}
}

// TestSilentReceiver: when acknowledgements stop coming in the middle of a capture, a hole must not hold up the rest.
func TestSilentReceiver(t *testing.T) {
	block := bytes.Repeat([]byte{'x'}, 1<<16)
	conv, r := &Conversation{}, &recorder{}
	for i, g := range open() {
		conv.Packet(g.packet(uint32(i)), g.dir, r)
	}
	const blocks = 500
	for i := range uint32(blocks) {
		conv.Packet(&packet.Packet{TCP: packet.TCP{Seq: isn[c] + 101 + i<<16, Flags: ack}, Payload: block, PayloadLen: len(block)}, c, r)
	}
	if st := conv.Stats(c); st.Delivered < (blocks-70)<<16 {
		t.Errorf("%d of %d bytes delivered, %d dropped", st.Delivered, blocks<<16, st.Dropped)
	}
}

// TestOneByteSegments: a drip of single bytes with holes stays within the cap on chunks.
func TestOneByteSegments(t *testing.T) {
	conv, r := &Conversation{}, &recorder{}
	conv.Packet(&packet.Packet{TCP: packet.TCP{Seq: 0, Flags: syn}}, c, r)
	for i := range uint32(3 * HeldChunks) {
		conv.Packet(&packet.Packet{TCP: packet.TCP{Seq: 10 + 2*i, Flags: ack}, Payload: []byte{'x'}, PayloadLen: 1}, c, r)
		if n := conv.Logical(); n > (HeldChunks+1)*(chunkBytes+1) {
			t.Fatalf("%d bytes held after %d segments", n, i)
		}
	}
	conv.Close(r)
	if st := conv.Stats(c); st.Delivered != 3*HeldChunks {
		t.Errorf("%+v", st)
	}
}

func TestKinds(t *testing.T) {
	for k := range kinds {
		if k.String() == "" || k.Detail() == "" {
			t.Errorf("kind %d has no name or no sentence", k)
		}
	}
	if kinds.String() != "unknown" {
		t.Error("a kind that is none has a name")
	}
}

func BenchmarkInOrder(b *testing.B) {
	payload := bytes.Repeat([]byte{'x'}, 1460)
	conv, r := &Conversation{}, discard{}
	p := &packet.Packet{TCP: packet.TCP{Flags: ack}, Payload: payload, PayloadLen: len(payload)}
	q := &packet.Packet{TCP: packet.TCP{Flags: ack, Window: 65535}}
	conv.Packet(p, c, r)
	b.SetBytes(int64(len(payload)))
	b.ReportAllocs()
	for b.Loop() {
		p.TCP.Seq += uint32(len(payload))
		q.TCP.Ack = p.TCP.Seq
		conv.Packet(p, c, r)
		conv.Packet(q, s, r)
	}
}

type discard struct{}

func (discard) Data(dissect.Dir, int, []byte, event.Ref) {}
func (discard) Note(dissect.Dir, Kind, event.Ref)        {}

func TestNoAllocation(t *testing.T) {
	payload := bytes.Repeat([]byte{'x'}, 1460)
	conv, r := &Conversation{}, Sink(discard{})
	p := &packet.Packet{TCP: packet.TCP{Flags: ack}, Payload: payload, PayloadLen: len(payload)}
	conv.Packet(p, c, r)
	if n := testing.AllocsPerRun(1000, func() {
		p.TCP.Seq += uint32(len(payload))
		conv.Packet(p, c, r)
	}); n != 0 {
		t.Errorf("%v allocations a packet", n)
	}
}

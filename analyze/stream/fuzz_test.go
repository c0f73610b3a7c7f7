package stream

import (
	"encoding/binary"
	"testing"
	"unsafe"

	"wardtrace/analyze/packet"
	"wardtrace/dissect"
	"wardtrace/dissect/event"
)

// FuzzReassembly plays any packets. Bytes are a function of their sequence number, so that wherever a byte is delivered it
// can be checked to be the right one.
func FuzzReassembly(f *testing.F) {
	f.Add([]byte{0, 2, 0, 0, 0, 0, 0, 0, 1, 18, 0, 0, 0, 0, 1, 0, 0, 16, 0, 1, 30, 0, 1, 0, 0, 16, 0, 61, 30, 0, 1, 0, 1, 16, 0, 1, 0, 0, 90, 0}, uint32(0xfffffff0))
	f.Add([]byte{0, 16, 0, 50, 9, 1, 1, 0, 0, 16, 0, 10, 60, 0, 1, 0, 0, 17, 0, 70, 5, 0, 1, 0, 0, 16, 0, 76, 5, 0, 1, 0}, uint32(5))
	f.Add([]byte{0, 16, 255, 50, 9, 1, 1, 0, 0, 4, 0, 10, 60, 0, 1, 0, 128, 16, 127, 70, 5, 0, 1, 0}, uint32(1<<31))
	f.Fuzz(func(t *testing.T, in []byte, base uint32) {
		k := &checker{t: t}
		for frame := uint32(1); len(in) >= 8; frame++ {
			k.packet(in[:8], base, frame)
			in = in[8:]
		}
		k.conv.Close(k)
		k.check()
		if n := k.conv.Logical(); n != 0 {
			t.Fatalf("%d bytes held after Close", n)
		}
	})
}

type checker struct {
	t    *testing.T
	conv Conversation
	pos  [2]int64 // offset behind what was delivered or announced
	data [2]uint64
	lost [2]uint64
}

func content(seq uint32) byte { return byte(seq*2654435761>>24) ^ byte(seq) }

// packet plays eight bytes: direction, ignore and far jump; flags; sequence number; length; bytes cut off; acknowledgement.
func (k *checker) packet(b []byte, base, frame uint32) {
	dir := dissect.Dir(b[0] & 1)
	seq, n, cut := base+uint32(binary.BigEndian.Uint16(b[2:])), int(b[4])*4, int(b[5]&15)
	if b[0]&2 != 0 {
		seq += uint32(b[6]) << 24
	}
	if b[0]&128 != 0 {
		k.conv.Ignore(dir)
	}
	at := seq
	if b[1]&packet.SYN != 0 {
		at++
	}
	p := &packet.Packet{Ref: event.Ref{Time: 1, File: 1, Frame: frame}, Transport: dissect.TCP}
	p.TCP = packet.TCP{Seq: seq, Ack: base + uint32(binary.BigEndian.Uint16(b[6:])), Flags: b[1], Window: uint16(b[6]) << 8, WScale: b[7] & 15}
	p.Payload = make([]byte, n)
	for i := range p.Payload {
		p.Payload[i] = content(at + uint32(i))
	}
	if b[0]&4 != 0 {
		p.Flags = packet.BadSum
	}
	p.PayloadLen = n
	if n > 0 {
		p.PayloadLen += cut
	}
	k.conv.Packet(p, dir, k)
	clear(p.Payload) // a view that was kept would show
	k.check()
}

func (k *checker) Data(dir dissect.Dir, gap int, data []byte, ref event.Ref) {
	h := &k.conv.dir[dir]
	if gap < 0 || gap == 0 && len(data) == 0 {
		k.t.Fatalf("delivery of nothing: gap %d", gap)
	}
	k.pos[dir] += int64(gap)
	k.lost[dir] += uint64(gap)
	k.data[dir] += uint64(len(data))
	if h.stats.AfterClose == 0 { // a FIN's number is passed over without a gap
		for i, x := range data {
			if want := content(h.base + uint32(k.pos[dir]) + uint32(i)); x != want {
				k.t.Fatalf("%v: byte %d is %#x, want %#x", dir, k.pos[dir]+int64(i), x, want)
			}
		}
	}
	k.pos[dir] += int64(len(data))
}

func (k *checker) Note(dir dissect.Dir, what Kind, ref event.Ref) {
	if what == Conflict {
		k.t.Fatalf("%v: conflict among bytes that agree", dir)
	}
}

func (k *checker) check() {
	for d := range k.conv.dir {
		h := &k.conv.dir[d]
		if h.stats.Delivered < k.data[d] || !h.ignored && h.stats.Delivered != k.data[d] || h.stats.Missed != k.lost[d] {
			k.t.Fatalf("stats %+v, delivered %d, lost %d", h.stats, k.data[d], k.lost[d])
		}
		if !h.ignored && h.stats.AfterClose == 0 && k.pos[d]+h.pending != h.next {
			k.t.Fatalf("delivered up to %d, pending %d, next %d", k.pos[d], h.pending, h.next)
		}
		held, end := 0, h.next
		for _, c := range h.held {
			if c.off < end || c.end <= c.off || int64(len(c.data)) > c.end-c.off {
				k.t.Fatalf("held %d to %d with %d bytes behind %d", c.off, c.end, len(c.data), end)
			}
			held, end = held+len(c.data), c.end
		}
		if held != h.heldBytes || held > HeldMax || len(h.held) > HeldChunks {
			k.t.Fatalf("%d bytes in %d chunks held, counted %d", held, len(h.held), h.heldBytes)
		}
	}
}

// TestSize: a conversation is opened for every TCP flow, so it must be small.
func TestSize(t *testing.T) {
	if n := unsafe.Sizeof(Conversation{}); n > 640 {
		t.Errorf("a Conversation takes %d bytes", n)
	}
}

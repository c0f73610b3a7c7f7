package flow

import (
	"encoding/binary"
	"net/netip"
	"testing"
	"time"

	"wardtrace/analyze/packet"
	"wardtrace/dissect"
	"wardtrace/dissect/event"
)

// FuzzFlow plays any packets to two tables, of which one is asked to expire flows now and then: the rows must be the
// same, and all packets and bytes must be in them.
func FuzzFlow(f *testing.F) {
	f.Add([]byte{1, 0, 2, 0, 0, 0, 0, 1, 1, 1, 18, 0, 0, 0, 0, 1, 1, 0, 16, 0, 1, 0, 1, 1, 1, 0, 24, 0, 1, 9, 1, 1, 1, 0, 17, 0, 10, 0, 1, 1})
	f.Add([]byte{2, 0, 0, 0, 0, 9, 0, 200, 2, 1, 0, 0, 0, 9, 0, 250, 3, 0, 8, 0, 0, 9, 0, 200, 3, 1, 0, 0, 0, 9, 0, 1})
	f.Add([]byte{1, 0, 2, 0, 0, 0, 0, 255, 1, 0, 2, 9, 9, 0, 0, 255, 1, 16, 4, 0, 0, 0, 0, 255, 6, 3, 0, 0, 0, 5, 0, 255})
	f.Fuzz(func(t *testing.T, in []byte) {
		var with, without []Row
		a := NewTable(Options{}, func(f *Flow) { with = append(with, f.Row()) })
		b := NewTable(Options{}, func(f *Flow) { without = append(without, f.Row()) })
		var packets, payload uint64
		now := event.Time(1e18)
		frame := uint32(0)
		for ; len(in) >= 8; in = in[8:] {
			frame++
			now += event.Time(in[7]) * event.Time(in[7]) * event.Time(time.Second) / 8
			p := fuzzPacket(in[:8], frame, now)
			packets++
			payload += payloadLen(p)
			fa, da, na := a.Packet(p, uint64(frame), now)
			fb, db, nb := b.Packet(p, uint64(frame), now)
			if da != db || na != nb || fa.ID != fb.ID || na != (fa.First.Frame == frame) {
				t.Fatalf("frame %d: %v %v %d, %v %v %d", frame, da, na, fa.ID, db, nb, fb.ID)
			}
			switch in[6] & 15 {
			case 1:
				fa.Swap()
				fb.Swap()
			case 2:
				fa.Gap(da, int(in[5]))
				fb.Gap(db, int(in[5]))
			case 3:
				a.Expire(now)
			case 4:
				a.Expire(now)
				a.Evict(uint64(in[5]))
				b.Evict(uint64(in[5]))
			}
		}
		a.Drain(now)
		b.Drain(now)
		compareRows(t, with, without)
		for _, r := range with {
			packets -= r.SrcPkts + r.DstPkts
			payload -= r.SrcBytes + r.DstBytes
			if r.ConnState == "" || r.Ended == "" || r.Until < r.TS || len(r.History) > historyMax {
				t.Fatalf("%+v", r)
			}
		}
		if packets != 0 || payload != 0 {
			t.Fatalf("%d packets and %d bytes are in no flow", packets, payload)
		}
	})
}

// compareRows compares as sets: Expire changes the order in which flows are closed, which says nothing. A flow that is
// over is closed for being idle by Expire where Evict would have closed it for want of memory.
func compareRows(t *testing.T, a, b []Row) {
	byID := map[int64]Row{}
	for _, r := range a {
		byID[r.FlowID] = r
	}
	if len(byID) != len(a) || len(a) != len(b) {
		t.Fatalf("%d rows of %d flows, %d without Expire", len(a), len(byID), len(b))
	}
	for _, r := range b {
		q := byID[r.FlowID]
		if r.Ended == EndedMemory && q.Ended == EndedIdle {
			q.Ended = EndedMemory
		}
		if q != r {
			t.Fatalf("Expire changed a row\nwith    %+v\nwithout %+v", q, r)
		}
	}
}

// fuzzPacket makes a packet of eight bytes: transport, hosts and ports, flags or type, sequence number, sizes.
func fuzzPacket(b []byte, frame uint32, now event.Time) *packet.Packet {
	host := func(n byte) netip.Addr {
		if b[1]&64 != 0 {
			return netip.AddrFrom16([16]byte{0: 0xfd, 15: n})
		}
		return netip.AddrFrom4([4]byte{10, 0, 0, n})
	}
	p := &packet.Packet{Ref: event.Ref{Time: now, File: 1, Frame: frame}, Transport: dissect.Transport(b[0] & 7), IPVersion: 4, Proto: b[0]}
	p.Src, p.Dst, p.SrcPort, p.DstPort = host(1), host(2), uint16(b[1]>>2&3)*1000, 104
	if b[1]&1 != 0 {
		p.Src, p.Dst, p.SrcPort, p.DstPort = p.Dst, p.Src, p.DstPort, p.SrcPort
	}
	if b[1]&2 != 0 {
		p.Dst, p.DstPort = p.Src, p.SrcPort
	}
	if p.Transport == dissect.Ethernet || p.Transport == 0 {
		p.Src, p.Dst, p.IPVersion, p.EtherType = netip.Addr{}, netip.Addr{}, 0, uint16(b[2])
		p.SrcMAC, p.DstMAC = dissect.MAC{5: b[1] & 1}, dissect.MAC{5: b[1]&1 ^ 1}
	}
	p.TCP = packet.TCP{Flags: b[2], Seq: uint32(int16(binary.BigEndian.Uint16(b[3:]))), Ack: uint32(b[4]), Window: uint16(b[5] & 1)}
	p.ICMPType, p.ICMPCode, p.ICMPID = b[2], b[3]&1, uint16(b[4])
	p.PayloadLen = int(b[5])
	p.Fragment, p.FragOff = b[1]&32 != 0, int(b[4])*8
	if b[1]&128 != 0 {
		p.Flags = packet.BadSum
	}
	return p
}

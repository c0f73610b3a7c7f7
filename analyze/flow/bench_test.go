package flow

import (
	"net/netip"
	"testing"

	"wardtrace/analyze/packet"
	"wardtrace/dissect"
)

// BenchmarkOpen makes a flow of each packet, as a flood or a scan does; 65,536 are open at a time, the oldest are closed.
func BenchmarkOpen(b *testing.B) {
	const open = 1 << 16
	h := newBench(Options{})
	p := h.packet(dissect.TCP, h.ends[0], h.ends[1])
	p.TCP.Flags = packet.SYN
	var src [4]byte
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		src = [4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}
		p.Src, p.SrcPort = netip.AddrFrom4(src), uint16(1024+i>>24)
		h.frame++
		p.Ref.Frame, p.Ref.Time = h.frame, h.now
		h.t.Packet(p, uint64(i), h.now)
		if i%open == open-1 {
			h.t.Drain(h.now)
			h.closed = h.closed[:0]
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "flows/s")
}

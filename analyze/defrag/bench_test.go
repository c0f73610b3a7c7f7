package defrag

import (
	"testing"

	"wardtrace/analyze/packet"
	"wardtrace/dissect/event"
)

// BenchmarkJoin puts together a datagram of 8,000 bytes in six fragments, in order and last fragment first.
func BenchmarkJoin(b *testing.B) {
	whole := datagram4(b, 8000)
	for name, backwards := range map[string]bool{"in order": false, "backwards": true} {
		b.Run(name, func(b *testing.B) { join(b, pieces(whole, backwards), len(whole)) })
	}
}

// pieces cuts what an IP packet carries into fragments of 1,480 bytes.
func pieces(data []byte, backwards bool) (frames [][]byte) {
	for off := 0; off < len(data); off += 1480 {
		end := min(off+1480, len(data))
		frames = append(frames, frag4(7, 17, off, end < len(data), data[off:end]))
	}
	if backwards {
		for i, j := 0, len(frames)-1; i < j; i, j = i+1, j-1 {
			frames[i], frames[j] = frames[j], frames[i]
		}
	}
	return frames
}

func join(b *testing.B, frames [][]byte, size int) {
	r := newRig()
	b.SetBytes(int64(size))
	b.ReportAllocs()
	now, joined := event.Time(0), 0
	for b.Loop() {
		for _, f := range frames {
			now++
			r.n++
			p := &packet.Packet{Ref: event.Ref{Time: now, File: 1, Frame: r.n}, Link: packet.LinkRaw, CapLen: len(f), WireLen: len(f)}
			r.dec.Decode(p, f)
			r.f.Join(r.dec, p, now)
			if p.Flags&packet.Defragmented != 0 {
				joined++
			}
		}
	}
	if joined != b.N {
		b.Fatalf("%d datagrams of %d were put together", joined, b.N)
	}
}

package dicom

import (
	"bytes"
	"testing"

	"wardtrace/dissect"
	"wardtrace/dissect/event"
)

// BenchmarkStore sends an image of 16 MiB in PDUs of 16 KiB and packets of 1,448 bytes.
func BenchmarkStore(b *testing.B) {
	const size = 16 << 20
	set := bytes.Join([][]byte{element(0x0010, 0x0020, "LAB-77"), {0xE0, 0x7F, 0x10, 0, 0, 0, 0, 1}, make([]byte, size)}, nil)
	data := append(associate(1, ctImage), pduOf(4, pdvOf(1, 3, storeCommand(1)))...)
	for len(set) > 0 {
		n, last := min(len(set), 16378), byte(0)
		if n == len(set) {
			last = 2
		}
		data = append(data, pduOf(4, pdvOf(1, last, set[:n]))...)
		set = set[n:]
	}
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		var seq uint32
		out := &event.Batch{}
		s := dissect.NewStream(&dissect.Conn{Transport: dissect.TCP}, []*dissect.Protocol{&Protocol}, &seq)
		for rest := data; len(rest) > 0; {
			n := min(len(rest), 1448)
			s.Feed(&dissect.Segment{Data: rest[:n]}, out)
			rest = rest[n:]
		}
		s.Close(out)
		if rows := datasets.Get(out); len(rows) != 1 || rows[0].V.PixelDigest == "" {
			b.Fatal("no digest")
		}
	}
}

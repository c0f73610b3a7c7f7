package defrag

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"testing"

	"github.com/gopacket/gopacket/pcapgo"

	"wardtrace/analyze/packet"
	"wardtrace/dissect"
	"wardtrace/dissect/event"
)

// recorded runs a capture through decoder and Defrag.
func recorded(t *testing.T, path string, each func(p *packet.Packet)) *Defrag {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	r, err := pcapgo.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	dec, f := packet.NewDecoder(), New(DefaultLimit)
	for n := uint32(1); ; n++ {
		data, ci, err := r.ReadPacketData()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		p := &packet.Packet{Ref: event.Ref{Time: event.Time(ci.Timestamp.UnixNano()), File: 1, Frame: n},
			Link: packet.LinkType(r.LinkType()), CapLen: len(data), WireLen: ci.Length}
		dec.Decode(p, data)
		f.Join(dec, p, p.Time)
		each(p)
	}
	f.Flush()
	return f
}

// Every datagram that Linux fragmented comes back with the bytes that were sent, and every fragment has its ports.
func TestLinuxFragments(t *testing.T) {
	var got []string
	fragments := 0
	f := recorded(t, "testdata/linux-udp/capture.pcap", func(p *packet.Packet) {
		if p.Fragment {
			fragments++
		}
		switch {
		case p.Transport == dissect.UDP && (p.SrcPort == 6000) == (p.DstPort == 6000):
			t.Errorf("frame %d: ports %d>%d", p.Frame, p.SrcPort, p.DstPort)
		case p.Fragment:
		case p.Flags&^packet.Defragmented != 0:
			t.Errorf("frame %d: flags %#x", p.Frame, p.Flags)
		case p.Transport == dissect.UDP:
			want := make([]byte, len(p.Payload))
			for i := range want {
				want[i] = byte(7*i + len(want))
			}
			if p.SrcPort == 6000 {
				slices.Reverse(want)
			}
			if !bytes.Equal(p.Payload, want) || p.PayloadLen != len(want) {
				t.Errorf("frame %d: other bytes than were sent", p.Frame)
			}
			got = append(got, fmt.Sprint("udp ", len(want)))
		case (p.ICMPType == 8 || p.ICMPType == 0) && p.IPVersion == 4, p.ICMPType == 128, p.ICMPType == 129:
			got = append(got, fmt.Sprint("echo ", len(p.Payload)))
		}
	})
	want := []string{"echo 3008", "echo 3008", "echo 3008", "echo 3008"}
	for _, n := range []int{100, 1253, 1254, 2500, 5000, 20000} {
		for range 4 {
			want = append(want, fmt.Sprint("udp ", n))
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if n := f.Notes(); len(n) != 0 {
		t.Errorf("notes: %+v", n)
	}
	if fragments < 80 {
		t.Errorf("only %d fragments in the capture", fragments)
	}
}

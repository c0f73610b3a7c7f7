package all

import (
	"encoding/binary"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"

	"wardtrace/dissect"
	"wardtrace/dissect/dissecttest"
	"wardtrace/dissect/event"
	"wardtrace/samples"
)

// FuzzStream gives a conversation to all protocols at once: probes, replays, hand-overs and what carriers carry. Nobody may stop, and what
// is left over stays within the largest buffer.
func FuzzStream(f *testing.F) {
	set := dissect.NewSet(Protocols)
	paths, err := filepath.Glob(filepath.Join(samples.Root(), "*", "capture.pcap"))
	if err != nil || len(paths) == 0 {
		f.Fatal("no samples")
	}
	for _, path := range paths {
		if strings.Contains(path, "cut") || strings.Contains(path, "damaged") {
			continue
		}
		for i, c := range dissecttest.Load(f, nil, path) {
			if i < 3 {
				f.Add(uint8(c.Conn.Transport), c.Conn.Server.Port(), encode(&c))
			}
		}
	}
	f.Fuzz(func(t *testing.T, transport uint8, port uint16, in []byte) {
		c := decode(in)
		c.Conn = dissect.Conn{Flow: 1<<32 | 1, Transport: dissect.Transport(1 + transport%9), Guessed: transport&64 != 0, Midstream: transport&128 != 0,
			Client: netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, 1}), 40000), Server: netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, 2}), port)}
		if c.Conn.Transport == dissect.Ethernet {
			c.Conn.EtherType = port
		}
		for _, a := range event.Anomalies.Get(dissecttest.RunSet(set, c)) {
			if a.V.Kind == "dissector_fault" {
				t.Fatalf("%s: %s", a.V.Protocol, a.V.Detail)
			}
		}
	})
}

// encode writes a conversation as direction, length and bytes, again and again.
func encode(c *dissecttest.Conversation) (out []byte) {
	for _, s := range c.Segments {
		if len(out) > 16<<10 {
			break
		}
		data := s.Data[:min(len(s.Data), 4096)]
		out = binary.BigEndian.AppendUint16(append(out, byte(s.Dir)), uint16(len(data)))
		out = append(out, data...)
	}
	return out
}

func decode(in []byte) *dissecttest.Conversation {
	c := &dissecttest.Conversation{}
	for len(in) >= 3 {
		n := min(int(binary.BigEndian.Uint16(in[1:])), len(in)-3)
		k := uint32(len(c.Segments) + 1)
		s := dissecttest.Segment{Dir: dissect.Dir(in[0] & 1), Data: in[3 : 3+n], Ref: event.Ref{Time: event.Time(k), File: 1, Frame: k}}
		if in[0]&2 != 0 {
			s.Gap = 100
		}
		c.Segments = append(c.Segments, s)
		in = in[3+n:]
	}
	return c
}

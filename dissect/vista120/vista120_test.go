package vista120

import (
	"testing"

	"wardtrace/dissect"
	"wardtrace/dissect/dissecttest"
)

var samples = []string{"../../samples/quiet-vista120/capture.pcap"}

func TestSuite(t *testing.T)    { dissecttest.Suite(t, Protocol, dissecttest.Load(t, nil, samples...)) }
func FuzzVista120(f *testing.F) { dissecttest.Fuzz(f, Protocol, dissecttest.Load(f, nil, samples...)) }
func TestGolden(t *testing.T) {
	for _, name := range []string{"vista120-station", "quiet-vista120"} {
		dissecttest.Golden(t, "../../samples/"+name, Protocol)
	}
}

// TestDamaged holds that one changed bit costs the frame and no more, and that nothing is believed because of its first bytes.
func TestDamaged(t *testing.T) {
	var tcp *dissecttest.Conversation
	all := dissecttest.Load(t, nil, samples...)
	for i := range all {
		if all[i].Conn.Transport == dissect.TCP {
			tcp = &all[i]
			break
		}
	}
	whole := sessions.Get(dissecttest.Run(Protocol, tcp))[0].V
	if whole.BadFrames != 0 || whole.ClientFrames != 42 || whole.KeyBits.V != 1024 || whole.KeyDigest == "" || !whole.Encrypted {
		t.Fatalf("%+v", whole)
	}
	last := &tcp.Segments[len(tcp.Segments)-1]
	spoiled := append([]byte(nil), last.Data...)
	spoiled[len(spoiled)-3] ^= 1
	last.Data = spoiled
	if s := sessions.Get(dissecttest.Run(Protocol, tcp))[0].V; s.BadFrames != 1 || s.ClientFrames+s.ServerFrames != whole.ClientFrames+whole.ServerFrames-1 {
		t.Errorf("%+v", s)
	}
	tcp.Segments[0].Data = append([]byte(nil), tcp.Segments[0].Data...)
	tcp.Segments[0].Data[7] ^= 1
	if m := Protocol.Probe(&tcp.Conn, dissect.FromClient, tcp.Segments[0].Data); m != dissect.No {
		t.Errorf("a hello with a wrong checksum: %v", m)
	}
}

package tlp20

import (
	"testing"

	"wardtrace/dissect"
	"wardtrace/dissect/dissecttest"
)

const folder = "../../samples/"

var samples = []string{"tlp20-station"}

func only(c *dissect.Conn) bool { return c.Transport == dissect.UDP }

func TestSuite(t *testing.T) {
	for _, name := range samples {
		t.Run(name, func(t *testing.T) {
			dissecttest.Suite(t, Protocol, dissecttest.Load(t, only, folder+name+"/capture.pcap"))
		})
	}
}

func TestGolden(t *testing.T) {
	for _, name := range samples {
		t.Run(name, func(t *testing.T) { dissecttest.Golden(t, folder+name, Protocol) })
	}
}

func FuzzTLP20(f *testing.F) {
	var convs []dissecttest.Conversation
	for _, name := range samples {
		convs = append(convs, dissecttest.Load(f, only, folder+name+"/capture.pcap")...)
	}
	p := *Protocol // how many segments a probe may see is the stream's affair: whatever comes is taken for the protocol here
	p.Probe = func(*dissect.Conn, dissect.Dir, []byte) dissect.Match { return dissect.Yes }
	dissecttest.Fuzz(f, &p, convs)
}

// TestProbe: magic and number both, in this order of bytes.
func TestProbe(t *testing.T) {
	for text, want := range map[string]dissect.Match{
		"TLPU\x00\x00\x00\x01": dissect.Yes, "TLPU\x00\x00\x00\x02": dissect.No, "TLPU": dissect.No, "TLPU\x01\x00\x00\x00": dissect.No, "tlpu\x00\x00\x00\x01": dissect.No, "": dissect.No,
	} {
		if got := probe(nil, dissect.FromClient, []byte(text)); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

// TestSizes: the limits of lengths, and a datagram that the snap length cut has the length of the wire.
func TestSizes(t *testing.T) {
	for n, odd := range map[int]bool{8: true, 20: true, 21: false, 350: false, 351: true} {
		b := append([]byte("TLPU\x00\x00\x00\x01"), make([]byte, n-8)...)
		c := dissecttest.Bytes(dissect.UDP, "10.0.0.1:12345", "10.0.0.2:12345", b)
		got := datagrams.Get(dissecttest.Run(Protocol, &c))
		if len(got) != 1 || got[0].V.Length != int64(n) || got[0].V.OddSize != odd {
			t.Errorf("%d: %+v", n, got)
		}
	}
}

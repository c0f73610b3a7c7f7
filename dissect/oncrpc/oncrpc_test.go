package oncrpc

import (
	"encoding/binary"
	"testing"

	"wardtrace/dissect"
	"wardtrace/dissect/dissecttest"
)

var samples = []string{"../../samples/contec-firmware/capture.pcap"}

func TestSuite(t *testing.T)  { dissecttest.Suite(t, Protocol, dissecttest.Load(t, nil, samples...)) }
func TestGolden(t *testing.T) { dissecttest.Golden(t, "../../samples/contec-firmware", Protocol) }
func FuzzRPC(f *testing.F)    { dissecttest.Fuzz(f, Protocol, dissecttest.Load(f, nil, samples...)) }

// TestWhatWasRead holds that a read can be led back to the name that was looked up, and is one row with all its bytes.
func TestWhatWasRead(t *testing.T) {
	names, read, mounted := map[string]string{}, map[string]int64{}, ""
	for _, c := range dissecttest.Load(t, nil, samples...) {
		for _, r := range calls.Get(dissecttest.Run(Protocol, &c)) {
			switch r.V.Procedure {
			case "MNT":
				mounted = r.V.Path
			case "LOOKUP":
				names[r.V.Gives] = r.V.Name
			case "READ":
				read[r.V.Handle] += r.V.Bytes
			}
		}
	}
	got := map[string]int64{}
	for h, n := range read {
		got[names[h]] = n
	}
	if mounted != "/pm" || got["monitor"] != 90000 || got["version"] != 9 {
		t.Errorf("mounted %q, read %v", mounted, got)
	}
}

// TestProbe: hand-made from RFC 5531.
func TestProbe(t *testing.T) {
	words := func(w ...uint32) (b []byte) {
		for _, x := range w {
			b = binary.BigEndian.AppendUint32(b, x)
		}
		return b
	}
	getport := words(7, 0, 2, portmap, 2, 3, 0, 0, 0, 0, mountd, 3, 6, 0)
	for _, c := range []struct {
		what string
		b    []byte
		want dissect.Match
	}{
		{"a call", getport, dissect.Yes},
		{"a reply", words(7, 1, 0, 0, 0, 0, 700), dissect.No},
		{"an unknown program", words(7, 0, 2, 4711, 2, 3, 0, 0, 0, 0), dissect.No},
		{"another version of RPC", words(7, 0, 3, portmap, 2, 3, 0, 0, 0, 0), dissect.No},
		{"too little", getport[:20], dissect.No},
	} {
		conv := dissecttest.Bytes(dissect.UDP, "10.0.0.1:900", "10.0.0.2:111", c.b)
		if got := probe(&conv.Conn, dissect.FromClient, c.b); got != c.want {
			t.Errorf("%s: %v, want %v", c.what, got, c.want)
		}
	}
	if b := dissecttest.Run(Protocol, ptr(dissecttest.Bytes(dissect.UDP, "10.0.0.1:900", "10.0.0.2:111", getport, words(7, 1, 0, 0, 0, 0, 700)))); calls.Get(b)[0].V.Asks != "mountd" || calls.Get(b)[0].V.Port.V != 700 {
		t.Errorf("%+v", calls.Get(b))
	}
}

func ptr(c dissecttest.Conversation) *dissecttest.Conversation { return &c }

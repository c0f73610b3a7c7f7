package mix

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"testing"

	"github.com/gopacket/gopacket/pcapgo"

	"wardtrace/analyze/packet"
	"wardtrace/dissect"
	"wardtrace/dissect/event"
)

const small = 8 << 20

func make1(t *testing.T, profile string, seed uint64) ([]byte, *Summary) {
	t.Helper()
	var b bytes.Buffer
	sum, err := Write(&b, profile, small, seed)
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), sum
}

// TestSame: the same seed gives the same bytes, another one others, and each profile has the size asked for and its shares.
func TestSame(t *testing.T) {
	for _, p := range Profiles {
		a, sum := make1(t, p.Name, 1)
		if again, _ := make1(t, p.Name, 1); sha256.Sum256(a) != sha256.Sum256(again) {
			t.Errorf("%s: two captures of one seed differ", p.Name)
		}
		if other, _ := make1(t, p.Name, 2); bytes.Equal(a, other) {
			t.Errorf("%s: two seeds give the same capture", p.Name)
		}
		if len(a) < small*99/100 || len(a) > small*110/100 || int64(len(a)) != sum.Bytes {
			t.Errorf("%s: %d bytes, %d said, %d asked for", p.Name, len(a), sum.Bytes, small)
		}
		for i, g := range p.groups {
			got := float64(sum.Groups[i].Bytes) * 100 / float64(sum.Bytes)
			if got < float64(g.share)-4 || got > float64(g.share)+4 {
				t.Errorf("%s: %.1f %% of the bytes are %s, not %d %%", p.Name, got, g.name, g.share)
			}
		}
	}
	if _, err := Write(io.Discard, "night", small, 1); err == nil {
		t.Error("a profile that does not exist was written")
	}
}

// TestFrames reads every profile back: checksums are right, times never run back, and no conversation begins in its middle.
func TestFrames(t *testing.T) {
	for _, p := range Profiles {
		data, sum := make1(t, p.Name, 1)
		in, err := pcapgo.NewReader(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		decoder, hosts, last := packet.NewDecoder(), map[dissect.MAC]bool{}, int64(0)
		packets := int64(0)
		for ; ; packets++ {
			frame, ci, err := in.ReadPacketData()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: frame %d: %v", p.Name, packets+1, err)
			}
			pkt := packet.Packet{Ref: event.Ref{File: 1, Frame: uint32(packets + 1)}, Link: packet.LinkType(1), CapLen: len(frame), WireLen: ci.Length}
			decoder.Decode(&pkt, frame)
			if pkt.Flags&(packet.BadIPSum|packet.BadSum|packet.Truncated) != 0 {
				t.Fatalf("%s: frame %d: flags %x", p.Name, packets+1, pkt.Flags)
			}
			if at := ci.Timestamp.UnixNano(); at < last {
				t.Fatalf("%s: frame %d is earlier than the one before", p.Name, packets+1)
			} else {
				last = at
			}
			hosts[pkt.SrcMAC] = true
		}
		if packets != sum.Packets {
			t.Errorf("%s: %d packets, %d said", p.Name, packets, sum.Packets)
		}
		if len(hosts) < 20 {
			t.Errorf("%s: only %d hosts sent", p.Name, len(hosts))
		}
	}
}

// TestAddresses: clones of two roles never share an address.
func TestAddresses(t *testing.T) {
	w := &writer{p: &Profiles[len(Profiles)-1], size: small}
	if err := w.prepare(); err != nil {
		t.Fatal(err)
	}
	owner := map[string]*role{}
	for _, g := range w.groups {
		for _, s := range g.sources {
			for _, sc := range s.scenes {
				for _, r := range sc.roles {
					for k := range r.clones {
						a := r.clone(k).addr
						if o := owner[a.String()]; o != nil && o != r && (a.IsPrivate() || a.Is6()) {
							t.Fatalf("%s is a clone of %s and of %s", a, o.addr, r.addr)
						}
						owner[a.String()] = r
					}
				}
			}
		}
	}
	if len(owner) < 1000 {
		t.Errorf("only %d addresses", len(owner))
	}
}

package tftp

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"wardtrace/dissect"
	"wardtrace/dissect/dissecttest"
	"wardtrace/dissect/event"
)

const folder = "../../samples/tftp-transfers"

func only(c *dissect.Conn) bool { return c.Transport == dissect.UDP }

// guessed marks conversations as a capture would: who begins the flow of a transfer is taken for its client.
func load(t testing.TB) []dissecttest.Conversation {
	convs := dissecttest.Load(t, only, folder+"/capture.pcap")
	for i := range convs {
		convs[i].Conn.Guessed = convs[i].Conn.Server.Port() != port
	}
	return convs
}

func TestSuite(t *testing.T) { dissecttest.Suite(t, Protocol, load(t)) }

func TestGolden(t *testing.T) { dissecttest.Golden(t, folder, Protocol) }

func FuzzTFTP(f *testing.F) {
	sure := *Protocol
	sure.Probe = func(*dissect.Conn, dissect.Dir, []byte) dissect.Match { return dissect.Yes }
	sure.New = func(c *dissect.Conn) dissect.Dissector {
		keeping := *c
		keeping.Keeper = &dissecttest.Shelf{}
		return Protocol.New(&keeping)
	}
	dissecttest.Fuzz(f, &sure, load(f))
}

// sums are the files as they lay at the server.
func sums(t *testing.T) map[string]string {
	f, err := os.Open(folder + "/files.sha256")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	out := map[string]string{}
	for s := bufio.NewScanner(f); s.Scan(); {
		sum, name, _ := strings.Cut(s.Text(), "  ")
		out[sum] = name
	}
	return out
}

// TestKeep holds each transfer against the file at the server: read, written, in large blocks, in windows.
func TestKeep(t *testing.T) {
	files := sums(t)
	var got []string
	for _, c := range load(t) {
		for _, k := range dissecttest.Keep(Protocol, &c) {
			sum := sha256.Sum256(k.Bytes())
			name := files[hex.EncodeToString(sum[:])]
			if !k.Complete || !k.Closed {
				t.Errorf("%s of %d bytes: complete %v", name, k.Len(), k.Complete)
			}
			got = append(got, fmt.Sprintf("%s/%v", name, k.From))
		}
	}
	slices.Sort(got)
	want := []string{"/server", "full.bin/server", "monitor.img/server", "monitor.img/server", "pump-7.bin/client", "pump-7.bin/server", "scope.img/server", "ward.cfg/client"}
	if !slices.Equal(got, want) { // one in netascii has other line ends
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// talk makes a conversation between two high ports, as the capture shows a transfer: the server speaks first.
func talk(messages ...string) *dissecttest.Conversation {
	c := dissecttest.Bytes(dissect.UDP, "10.20.0.10:40000", "10.20.0.66:50000")
	c.Conn.Guessed = true
	for i, m := range messages {
		s := dissecttest.Segment{Dir: dissect.FromClient, Data: []byte(m), Ref: event.Ref{Time: event.Time(1e18 + i), File: 1, Frame: uint32(i + 1)}}
		if rest, ok := strings.CutPrefix(m, ">"); ok {
			s.Dir, s.Data = dissect.FromServer, []byte(rest)
		}
		c.Segments = append(c.Segments, s)
	}
	return &c
}

func block(n int, size int) string {
	return string([]byte{0, 3, byte(n >> 8), byte(n)}) + strings.Repeat("x", size)
}
func ack(n int) string { return ">" + string([]byte{0, 4, byte(n >> 8), byte(n)}) }

func transferOf(t *testing.T, c *dissecttest.Conversation) Message {
	t.Helper()
	rows := messages.Get(dissecttest.Run(Protocol, c))
	if len(rows) != 1 || rows[0].V.Opcode != "DATA" {
		t.Fatalf("%+v", rows)
	}
	return rows[0].V
}

// TestSides: who begins the flow of a transfer is the server, reading or writing.
func TestSides(t *testing.T) {
	if r := transferOf(t, talk(block(1, 100), ack(1))); r.Dir != "server" || !r.Complete.V || !r.Acknowledged.V {
		t.Errorf("read: %+v", r)
	}
	if r := transferOf(t, talk(ack(0)[1:], ">"+block(1, 100), ack(1)[1:])); r.Dir != "client" || !r.Complete.V || !r.Acknowledged.V {
		t.Errorf("write: %+v", r)
	}
}

// TestLoss: what was sent again is no loss, what was acknowledged unseen is one, in lock-step and in windows.
func TestLoss(t *testing.T) {
	for _, x := range []struct {
		name            string
		c               *dissecttest.Conversation
		missing, again  int64
		blocks          int64
		complete, acked bool
	}{
		{"sent again", talk(block(1, 512), ack(1), block(1, 512), ack(1), block(2, 1), ack(2)), 0, 1, 2, true, true},
		{"not seen", talk(block(1, 512), ack(1), ack(2), block(3, 1), ack(3)), 1, 0, 2, false, true},
		{"not seen, no answers", talk(block(1, 512), block(3, 512), block(4, 1)), 1, 0, 3, false, false},
		{"no end", talk(block(1, 512), ack(1), block(2, 512)), 0, 0, 2, false, false},
		{"window: resent after a loss on the wire", talk("\x00\x06windowsize\x004\x00", ack(0), block(1, 512), block(3, 512), block(4, 512), ack(1), block(2, 512), block(3, 512),
			block(4, 512), block(5, 9), ack(5)), 0, 2, 5, true, true},
		{"window: lost by the capture", talk("\x00\x06windowsize\x004\x00", ack(0), block(1, 512), block(3, 512), block(4, 512), ack(4), block(5, 9), ack(5)), 1, 0, 4, false, true},
		{"window: lost, and no answers", talk("\x00\x06windowsize\x004\x00", block(1, 512), block(3, 512), block(4, 9)), 1, 0, 3, false, false},
		{"first block lost", talk("\x00\x06blksize\x00600\x00", ack(0), ack(1), block(2, 600), ack(2), block(3, 5)), 1, 0, 2, false, false},
		{"shorter than announced", talk("\x00\x06tsize\x00700\x00", ack(0), block(1, 512), ack(1), block(2, 5), ack(2)), 0, 0, 2, false, true},
	} {
		r := transferOf(t, x.c)
		if r.MissingBlocks.V != x.missing || r.Repeats != x.again || r.Blocks.V != x.blocks || r.Complete.V != x.complete || r.Acknowledged.V != x.acked {
			t.Errorf("%s: missing %d, again %d, blocks %d, complete %v, acknowledged %v", x.name, r.MissingBlocks.V, r.Repeats, r.Blocks.V, r.Complete.V, r.Acknowledged.V)
		}
		for _, k := range dissecttest.Keep(Protocol, x.c) {
			if full := r.BlockSize.V; int64(k.Len()) != r.Bytes.V+r.MissingBlocks.V*full || k.Complete != x.complete || k.Lost != r.MissingBlocks.V*full {
				t.Errorf("%s: %d bytes kept, %d lost, complete %v", x.name, k.Len(), k.Lost, k.Complete)
			}
		}
	}
}

// TestWrap: block numbers begin again at 0 after 65,535.
func TestWrap(t *testing.T) {
	var all []string
	for n := 1; n <= 70000; n++ {
		all = append(all, block(n&0xffff, 8), ack(n&0xffff))
	}
	c := talk(append(append([]string{"\x00\x06blksize\x008\x00", ack(0)}, all...), block(70001&0xffff, 3))...)
	if r := transferOf(t, c); r.Blocks.V != 70001 || r.Bytes.V != 70000*8+3 || !r.Complete.V || r.MissingBlocks.V != 0 {
		t.Errorf("%+v", r)
	}
}

// TestBounded: blocks from afar are not held, whatever they claim.
func TestBounded(t *testing.T) {
	all := []string{"\x00\x06windowsize\x0065535\x00"}
	for n := 1; n < 2000; n += 2 {
		all = append(all, block(n, 512))
	}
	c := talk(all...)
	d := Protocol.New(&c.Conn).(*conversation)
	out := &event.Batch{}
	for _, s := range c.Segments {
		d.Feed(&dissect.Segment{Data: s.Data, Dir: s.Dir, Ref: s.Ref}, out)
		if d.t != nil && (len(d.t.ahead) > maxAhead+1 || d.t.kept > maxAheadBytes+1<<16) {
			t.Fatalf("%d blocks of %d bytes are held", len(d.t.ahead), d.t.kept)
		}
	}
}

// TestProbe: what other protocols begin with is not taken.
func TestProbe(t *testing.T) {
	conn := talk().Conn
	low := conn
	low.Server = dissecttest.Bytes(dissect.UDP, "10.0.0.1:40000", "10.0.0.2:161").Conn.Server
	for _, x := range []struct {
		c    *dissect.Conn
		data string
		want dissect.Match
	}{
		{&conn, "\x00\x01pump.bin\x00octet\x00", dissect.Swapped}, {&conn, "\x00\x01pump.bin\x00octets\x00", dissect.No}, {&conn, "\x00\x01\x00octet\x00", dissect.No},
		{&conn, "\x00\x02p\x00NetASCII\x00blksize\x00512\x00", dissect.Swapped}, {&conn, "\x00\x03\x00\x01" + strings.Repeat("x", 513), dissect.No}, {&conn, block(1, 512), dissect.Yes},
		{&conn, block(2, 512), dissect.No}, {&low, block(1, 512), dissect.No}, {&conn, "\x00\x04\x00\x00", dissect.Yes}, {&conn, "\x00\x04\x00\x00\x00", dissect.No}, {&conn, "\x00\x04\x00\x01", dissect.No},
		{&conn, "\x00\x05\x00\x01File not found\x00", dissect.Yes}, {&conn, "\x00\x05\x00\x01\x02\x00\x00\x00", dissect.No}, {&conn, "\x00\x06blksize\x001400\x00", dissect.Yes},
		{&conn, "\x00\x06colour\x00red\x00", dissect.No}, {&conn, "", dissect.No}, {&conn, "\x00", dissect.No},
	} {
		if got := Protocol.Probe(x.c, dissect.FromServer, []byte(x.data)); map[dissect.Match]dissect.Match{dissect.Yes: dissect.Yes, dissect.Swapped: dissect.Swapped}[got] != x.want && got != x.want {
			t.Errorf("%q: %v, want %v", x.data[:min(len(x.data), 20)], got, x.want)
		}
	}
}

// TestOneFlow: a server that answers from its port keeps request and transfer together; the password option is no value.
func TestOneFlow(t *testing.T) {
	c := dissecttest.Bytes(dissect.UDP, "10.20.0.66:50000", "10.20.0.10:69", []byte("\x00\x01../fw/Pump.BIN\x00octet\x00password\x00hunter2\x00"), []byte(block(1, 5)), []byte(ack(1)[1:]))
	rows := messages.Get(dissecttest.Run(Protocol, &c))
	if len(rows) != 2 || rows[0].V.Opcode != "RRQ" || !rows[0].V.Traversal || rows[0].V.FileExt != "bin" || rows[1].V.Filename != "../fw/Pump.BIN" || !rows[1].V.Complete.V {
		t.Fatalf("%+v", rows)
	}
	if strings.Contains(dissecttest.Dump(dissecttest.Run(Protocol, &c)), "hunter2") {
		t.Error("a password is told")
	}
	if k := dissecttest.Keep(Protocol, &c); len(k) != 1 || k[0].Name != "../fw/Pump.BIN" || k[0].String() != "xxxxx" {
		t.Errorf("%+v", k)
	}
}

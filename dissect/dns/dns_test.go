package dns

import (
	"fmt"
	"strings"
	"testing"

	"wardtrace/dissect"
	"wardtrace/dissect/dissecttest"
	"wardtrace/dissect/event"
)

const samples = "../../samples/dns-*/capture.pcap"

func only(c *dissect.Conn) bool {
	return named(c) && (c.Transport == dissect.UDP || c.Transport == dissect.TCP)
}

func TestSuite(t *testing.T) {
	convs := dissecttest.Load(t, only, samples)
	var some []dissecttest.Conversation
	for i, c := range convs { // a tunnel's messages are all alike: 12 will do
		c.Segments = c.Segments[:min(len(c.Segments), 12)]
		if c.Conn.Transport == dissect.TCP || i%4 == 0 {
			some = append(some, c)
		}
	}
	dissecttest.Suite(t, Protocol, some)
}

func TestGolden(t *testing.T) {
	for _, name := range []string{"dns-local", "dns-mixed", "dns-tunnel"} {
		t.Run(name, func(t *testing.T) { dissecttest.Golden(t, "../../samples/"+name, Protocol) })
	}
}

func seeds(tb testing.TB, transport dissect.Transport) []dissecttest.Conversation {
	convs := dissecttest.Load(tb, func(c *dissect.Conn) bool { return only(c) && c.Transport == transport }, samples)
	for i := range convs {
		convs[i].Segments = convs[i].Segments[:min(len(convs[i].Segments), 8)]
	}
	return convs
}

func FuzzUDP(f *testing.F) { dissecttest.Fuzz(f, Protocol, seeds(f, dissect.UDP)) }
func FuzzTCP(f *testing.F) {
	sure := *Protocol // a drip of bytes that no probe is sure of is given up after 64; that is the stream's affair
	sure.Probe = func(*dissect.Conn, dissect.Dir, []byte) dissect.Match { return dissect.Yes }
	dissecttest.Fuzz(f, &sure, seeds(f, dissect.TCP))
}

// TestTunnel is what the rule on tunnels counts.
func TestTunnel(t *testing.T) {
	names, longest := map[string]bool{}, int64(0)
	for _, c := range dissecttest.Load(t, only, "../../samples/dns-tunnel/capture.pcap") {
		for _, r := range messages.Get(dissecttest.Run(Protocol, &c)) {
			if !r.V.IsResponse && r.V.BaseDomain == "cdn-example.net" {
				names[r.V.Query] = true
				longest = max(longest, r.V.SubLen)
			}
		}
	}
	if len(names) < 100 || longest < 100 || longest > 253 {
		t.Errorf("%d names, longest part %d", len(names), longest)
	}
}

func TestBaseDomain(t *testing.T) {
	for _, x := range []struct {
		name, base string
		sub        int64
	}{
		{"a.b.ward.example.co.uk", "example.co.uk", 8},
		{`\255x\..t.cdn-example.net`, "cdn-example.net", 5},
		{"ward.example", "ward.example", 0},
		{"10.0.20.10.in-addr.arpa", "", 0},
		{"printer.local", "", 0},
		{"wpad", "", 0},
		{"", "", 0},
	} {
		if base, sub := baseDomain(x.name); base != x.base || sub != x.sub {
			t.Errorf("%s: %q %d", x.name, base, sub)
		}
	}
}

// A response names its query and the time between, also the second, different one of a race.
func TestResponses(t *testing.T) {
	q := []byte("\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x04pacs\x04Ward\x07example\x00\x00\x01\x00\x01")
	answer := func(last byte) []byte {
		r := append([]byte(nil), q...)
		r[2], r[3], r[7] = 0x81, 0x80, 1
		return append(r, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 20, 0, last)
	}
	c := dissecttest.Bytes(dissect.UDP, "10.20.0.54:4000", "10.20.0.2:53", q, answer(66), nil, answer(10))
	rows := messages.Get(dissecttest.Run(Protocol, &c))
	var got []string
	for _, r := range rows {
		got = append(got, fmt.Sprintf("%s %s %v %d %s %d", r.V.Query, r.V.QTypeName, r.V.Answers, r.V.QuerySeq.V, r.V.BaseDomain, r.V.SubLen))
	}
	want := []string{"pacs.ward.example A [] 0 ward.example 4", "pacs.ward.example A [10.20.0.66] 1 ward.example 4", "pacs.ward.example A [10.20.0.10] 1 ward.example 4"}
	if len(got) < 3 || got[0] != want[0] || got[1] != want[1] || got[len(got)-1] != want[2] {
		t.Errorf("got %q", got)
	}
}

// Counts that the message cannot hold, loops of pointers, names without end: no row is lost and nothing turns.
func TestMalformed(t *testing.T) {
	for what, msg := range map[string]string{
		"counts":        "\x00\x01\x81\x80\x00\x01\xff\xff\xff\xff\xff\xff\x01a\x00\x00\x01\x00\x01",
		"pointer loop":  "\x00\x01\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00\x01a\x00\x00\x01\x00\x01\xc0\x13\x00\x01\x00\x01\x00\x00\x00\x00\x00\x04\x01\x02\x03\x04",
		"record beyond": "\x00\x01\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00\x01a\x00\x00\x01\x00\x01\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x00\xff\xff\x01\x02\x03\x04",
	} {
		b := run53(msg)
		if rows := messages.Get(b); len(rows) != 1 || rows[0].V.Query != "a" || len(event.Anomalies.Get(b)) != 1 {
			t.Errorf("%s: %s", what, dissecttest.Dump(b))
		}
	}
	if b := run53("\x00\x01\x81"); b.Len() != 0 {
		t.Error("three bytes gave a row")
	}
}

func run53(msgs ...string) *event.Batch {
	var data [][]byte
	for _, m := range msgs {
		data = append(data, []byte(m), nil)
	}
	p := *Protocol
	p.Probe = func(_ *dissect.Conn, _ dissect.Dir, first []byte) dissect.Match {
		if len(first) < headerLen {
			return dissect.No
		}
		return dissect.Yes
	}
	c := dissecttest.Bytes(dissect.UDP, "10.20.0.54:4000", "10.20.0.2:53", data...)
	for i := len(c.Segments) - 1; i >= 0; i-- {
		if len(c.Segments[i].Data) == 0 {
			c.Segments = append(c.Segments[:i], c.Segments[i+1:]...)
		}
	}
	return dissecttest.Run(&p, &c)
}

// After a loss at any place of a stream the messages behind it are found again.
func TestResync(t *testing.T) {
	var convs []dissecttest.Conversation
	for _, c := range dissecttest.Load(t, only, "../../samples/dns-mixed/capture.pcap") {
		if c.Conn.Transport == dissect.TCP && len(c.Segments) >= 6 {
			convs = append(convs, c)
		}
	}
	if len(convs) == 0 {
		t.Fatal("no stream with several messages")
	}
	c := convs[0]
	for lost := 0; lost < 20; lost++ {
		v := dissecttest.Conversation{Conn: c.Conn, Segments: append([]dissecttest.Segment(nil), c.Segments...)}
		v.Segments[0].Data, v.Segments[0].Gap = v.Segments[0].Data[lost:], lost
		if n := len(messages.Get(dissecttest.Run(Protocol, &v))); n < len(c.Segments)-1 {
			t.Errorf("%d bytes lost: %d rows of %d", lost, n, len(c.Segments))
		}
	}
}

func TestProbe(t *testing.T) {
	q := []byte("\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x04pacs\x04ward\x07example\x00\x00\x01\x00\x01")
	odd := dissecttest.Bytes(dissect.UDP, "10.0.0.1:5000", "10.0.0.2:6000").Conn
	stream := dissecttest.Bytes(dissect.TCP, "10.0.0.1:5000", "10.0.0.2:6000").Conn
	framed := append([]byte{0, byte(len(q))}, q...)
	if Protocol.Probe(&odd, 0, q) != dissect.Yes || Protocol.Probe(&stream, 0, framed) != dissect.Yes {
		t.Error("not recognised on an odd port")
	}
	for n := 1; n < len(framed); n++ {
		if m := Protocol.Probe(&stream, 0, framed[:n]); m == dissect.No {
			t.Errorf("%d bytes: no", n)
		}
	}
	for _, s := range []string{"GET / HTTP/1.1\r\nHost: pacs\r\n\r\n", strings.Repeat("\x00", 64), "SSH-2.0-OpenSSH_9.2p1 Debian\r\n"} {
		if Protocol.Probe(&odd, 0, []byte(s)) != dissect.No || Protocol.Probe(&stream, 0, []byte(s)) == dissect.Yes {
			t.Errorf("%q was taken", s)
		}
	}
	if n := testing.AllocsPerRun(10, func() { Protocol.Probe(&odd, 0, q) }); n != 0 {
		t.Errorf("the probe allocates %v times", n)
	}
	back := odd
	back.Guessed = true
	r := append([]byte(nil), q...)
	r[2] = 0x81
	if Protocol.Probe(&back, dissect.FromClient, r) != dissect.Swapped {
		t.Error("a response from the client's side did not turn the conversation")
	}
}

// What a printer announces: built from RFC 6763 and the Bonjour Printing Specification.
func TestAnnounced(t *testing.T) {
	msg := "\x00\x00\x84\x00\x00\x00\x00\x01\x00\x00\x00\x03" +
		"\x04_ipp\x04_tcp\x05local\x00\x00\x0c\x00\x01\x00\x00\x11\x94\x00\x0a\x07Drucker\xc0\x0c" + // PTR at 12, instance at 39
		"\xc0\x27\x00\x21\x80\x01\x00\x00\x00\x78\x00\x0b\x00\x00\x00\x00\x02\x77\x02np\xc0\x16" + // SRV, host at 67
		"\xc0\x27\x00\x10\x80\x01\x00\x00\x11\x94\x00\x1d\x0dty=LabJet 400\x0efirmware=2.1.9" +
		"\xc0\x43\x00\x01\x80\x01\x00\x00\x00\x78\x00\x04\x0a\x14\x00\x63"
	c := dissecttest.Bytes(dissect.UDP, "10.20.0.99:5353", "224.0.0.251:5353", []byte(msg))
	got := map[string]string{}
	b := dissecttest.Run(Protocol, &c)
	for _, r := range event.Identities.Get(b) {
		got[r.V.Attribute] = r.V.Value + "@" + r.V.IP
	}
	for k, want := range map[string]string{"hostname": "np@10.20.0.99", "service": "_ipp._tcp@10.20.0.99", "model": "LabJet 400@10.20.0.99", "version": "2.1.9@10.20.0.99"} {
		if got[k] != want {
			t.Errorf("%s: %q, want %q\n%s", k, got[k], want, dissecttest.Dump(b))
		}
	}
}

// A registration by broadcast: built from RFC 1002, 4.2.2.
func TestNetBIOS(t *testing.T) {
	name := " FHEBFCEECNFAEDCACACACACACACACAAA\x00"
	msg := "\x00\x07\x29\x10\x00\x01\x00\x00\x00\x00\x00\x01" + name + "\x00\x20\x00\x01\xc0\x0c\x00\x20\x00\x01\x00\x04\x93\xe0\x00\x06\x00\x00\x0a\x14\x00\x36"
	c := dissecttest.Bytes(dissect.UDP, "10.20.0.54:137", "10.20.0.255:137", []byte(msg))
	b := dissecttest.Run(Protocol, &c)
	rows, ids := messages.Get(b), event.Identities.Get(b)
	if len(rows) != 1 || rows[0].V.Query != "WARD-PC<00>" || rows[0].V.Opcode != "registration" || rows[0].V.QTypeName != "NB" {
		t.Errorf("rows %+v", rows)
	}
	if len(ids) != 1 || ids[0].V.Value != "WARD-PC" || ids[0].V.IP != "10.20.0.54" {
		t.Errorf("identity %+v", ids)
	}
}

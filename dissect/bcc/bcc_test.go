package bcc

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"wardtrace/dissect"
	"wardtrace/dissect/clinical"
	"wardtrace/dissect/dissecttest"
	"wardtrace/dissect/event"
)

const folder = "../../samples/"

var samples = []string{"bcc-ward", "bcc-cyclic"}

func only(c *dissect.Conn) bool { return c.Transport == dissect.TCP }

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

func FuzzBCC(f *testing.F) {
	var convs []dissecttest.Conversation
	for _, name := range samples {
		convs = append(convs, dissecttest.Load(f, only, folder+name+"/capture.pcap")...)
	}
	p := *Protocol // how many segments a probe may see is the stream's affair: whatever comes is taken for the protocol here
	p.Probe = func(*dissect.Conn, dissect.Dir, []byte) dissect.Match { return dissect.Yes }
	dissecttest.Fuzz(f, &p, convs)
}

// framed makes a block of its own: length and check sum are computed here, apart from the sample's maker.
func framed(bed, info string, end byte) string {
	body := "\x02" + bed + "/1/1>" + info + string(end)
	head := fmt.Sprintf("\x01%05d%s", 12+len(body), body)
	sum := 0
	for i := range len(head) {
		sum += int(head[i])
	}
	return fmt.Sprintf("%s%05d\x04", head, sum%256)
}

// talk makes a connection of hand-made pieces, alternating from the client; an empty piece skips a turn.
func talk(pieces ...string) *dissecttest.Conversation {
	data := make([][]byte, len(pieces))
	for i, p := range pieces {
		data[i] = []byte(p)
	}
	c := dissecttest.Bytes(dissect.TCP, "10.0.0.1:40000", "10.0.0.2:4001", data...)
	c.Segments = slices.DeleteFunc(c.Segments, func(s dissecttest.Segment) bool { return len(s.Data) == 0 })
	return &c
}

// TestSpecification: the block whose length and check sum the specification gives.
func TestSpecification(t *testing.T) {
	const alive = "\x0100031\x021/1/1>ADMIN:ALIVE\x0300061\x04"
	if framed("1", "ADMIN:ALIVE", etx) != alive {
		t.Error("the test makes another block than the specification")
	}
	got := blocks.Get(dissecttest.Run(Protocol, talk(alive)))
	if len(got) != 1 || got[0].V.Request != "ADMIN:ALIVE" || got[0].V.Unknown || !got[0].V.Checksum || got[0].V.BedID != "1" || !got[0].V.Last {
		t.Errorf("%+v", got)
	}
}

// TestProbe: what looks like BCC and is none stays somebody else's.
func TestProbe(t *testing.T) {
	good := framed("1", "MEM:GET", etx)
	for name, x := range map[string]struct {
		bytes string
		want  dissect.Match
	}{
		"block":            {good, dissect.Yes},
		"after an ack":     {"\x06" + good, dissect.Yes},
		"half":             {good[:20], dissect.Maybe},
		"ack alone":        {"\x06", dissect.Maybe},
		"wrong sum":        {strings.Replace(good, "GET", "GEU", 1), dissect.No},
		"wrong length":     {strings.Replace(good, "\x01000", "\x01001", 1) + strings.Repeat("x", 200), dissect.No},
		"no prompt":        {"\x0100031\x02hello, world, this is text", dissect.No},
		"binary":           {"\x01\x00\x00\x00\x00\xcd\x00\x01", dissect.No},
		"digits only":      {"\x0112345", dissect.Maybe},
		"soh in the block": {good[:15] + "\x01" + good[16:], dissect.No},
	} {
		conn := dissect.Conn{}
		if got := probe(&conn, dissect.FromClient, []byte(x.bytes)); got != x.want {
			t.Errorf("%s: %v, want %v", name, got, x.want)
		}
	}
	conn := dissect.Conn{Midstream: true}
	if got := probe(&conn, dissect.FromServer, []byte("NA5\x0300012\x04"+good)); got != dissect.Yes {
		t.Errorf("in the middle: %v", got)
	}
}

// TestStuffing: what is stuffed is read as what is not, and a value that only looks stuffed stays as it is.
func TestStuffing(t *testing.T) {
	const info = "7,50111,INSOL,Dexdede EXE\x1e7,50111,INRT,1.5"
	bare := framed("DEd", info, etx)
	stuffed := strings.NewReplacer("D", "EX", "E", "EE", "d", "ex", "e", "ee").Replace(bare)
	a, b := values.Get(dissecttest.Run(Protocol, talk("", bare))), values.Get(dissecttest.Run(Protocol, talk("", stuffed)))
	if len(a) != 2 || len(b) != 2 || a[0].V.Value != "Dexdede EXE" || a[0].V != b[0].V || b[0].V.BedID != "DEd" {
		t.Errorf("bare %+v\nstuffed %+v", a, b)
	}
	if got := blocks.Get(dissecttest.Run(Protocol, talk("", stuffed))); len(got) != 1 || !got[0].V.Stuffed {
		t.Errorf("stuffing is not told: %+v", got)
	}
}

// TestPrivate: what names somebody stands in marked columns only, and neither before a change nor in an anomaly.
func TestPrivate(t *testing.T) {
	first := framed("B1", "7,50111,PATID,LAB-1\x1e7,50111,NURSEID,LABNURSE\x1e7,50100,FMBANY,LABCODE\x1e7,50111,PATSEX,f\x1e7,50111,INRT,2", etx)
	then := framed("B1", "9,50111,PATID,LAB-2\x1e9,50111,PATSEX,m", etx)
	for _, r := range values.Get(dissecttest.Run(Protocol, talk("", first+then))) {
		plain := r.V.Value + r.V.Before
		if strings.Contains(plain, "LAB") || r.V.Key == "PATSEX" && plain != "" || strings.HasPrefix(r.V.Key, "PATID") && r.V.Private == "" {
			t.Errorf("%+v", r.V)
		}
	}
}

// TestUnavailable: _NV and _NA are no values, and what follows them is no start.
func TestUnavailable(t *testing.T) {
	b := dissecttest.Run(Protocol, talk("", framed("B1", "1,50111,INRT,_NV\x1e1,50111,INM3,_NA\x1e1,50111,INA3,_NV", etx)+
		framed("B1", "2,50111,INRT,5\x1e2,50111,INM3,1\x1e2,50111,INA3,0", etx)))
	therapies := clinical.Therapies.Get(b)
	if len(therapies) != 1 || therapies[0].V.Action != "report" || therapies[0].V.Before.OK || len(clinical.Alarms.Get(b)) != 0 {
		t.Errorf("%+v %+v", therapies, clinical.Alarms.Get(b))
	}
}

// TestRefused: a block whose check sum is wrong gives no values, and the one after it does.
func TestRefused(t *testing.T) {
	bad := strings.Replace(framed("B1", "1,50111,INRT,5", etx), "INRT,5", "INRT,9", 1)
	b := dissecttest.Run(Protocol, talk(framed("1", "MEM:GET", etx), bad, "\x15", framed("B1", "2,50111,INRT,6", etx)))
	got := values.Get(b)
	if len(got) != 1 || got[0].V.Number.V != 6 || len(event.Anomalies.Get(b)) != 1 {
		t.Errorf("%+v %+v", got, event.Anomalies.Get(b))
	}
	kinds := ""
	for _, r := range blocks.Get(b) {
		kinds += r.V.Kind + " "
	}
	if kinds != "request unread nak response " {
		t.Errorf("kinds %q", kinds)
	}
}

// TestInvented: addresses and keys that no ComDevice has end at a cap, with a row that says so.
func TestInvented(t *testing.T) {
	var all strings.Builder
	for i := range 400 {
		fmt.Fprintf(&all, "%s", framed("B1", fmt.Sprintf("1,501%c%c,K,1\x1e1,50111,K%d,1", "0123456789ABCDEFGHIJKLMNO"[i%25], "0123456789ABCDEFGHIJKLMNO"[i/25], i), etx))
	}
	b := dissecttest.Run(Protocol, talk(framed("1", "MEM:GET", etx), all.String()))
	if n := len(values.Get(b)); n > maxPumps+maxKeys || n < maxKeys {
		t.Errorf("%d values", n)
	}
	if a := event.Anomalies.Get(b); len(a) != 1 || a[0].V.Kind != "bcc_limit" {
		t.Errorf("%+v", a)
	}
}

package astm

import (
	"fmt"
	"strings"
	"testing"

	"wardtrace/dissect"
	"wardtrace/dissect/clinical"
	"wardtrace/dissect/dissecttest"
	"wardtrace/dissect/event"
)

const folder = "../../samples/astm-"

var recorded = []string{"analyser", "faults", "unframed"}

func TestSuite(t *testing.T) {
	for _, name := range recorded {
		t.Run(name, func(t *testing.T) {
			dissecttest.Suite(t, Protocol, dissecttest.Load(t, nil, folder+name+"/capture.pcap"))
		})
	}
}

func TestGolden(t *testing.T) {
	for _, name := range recorded {
		t.Run(name, func(t *testing.T) { dissecttest.Golden(t, folder+name, Protocol) })
	}
}

func FuzzASTM(f *testing.F) {
	var convs []dissecttest.Conversation
	for _, name := range recorded {
		convs = append(convs, dissecttest.Load(f, nil, folder+name+"/capture.pcap")...)
	}
	p := *Protocol
	p.Probe = func(*dissect.Conn, dissect.Dir, []byte) dissect.Match { return dissect.Yes }
	dissecttest.Fuzz(f, &p, convs)
}

// talk makes a conversation of pieces that all come from the client, but for single control characters.
func talk(pieces ...string) *dissecttest.Conversation {
	c := dissecttest.Bytes(dissect.TCP, "10.0.0.1:40000", "10.0.0.2:15200", []byte("x"))
	proto := c.Segments[0]
	c.Segments = nil
	for i, p := range pieces {
		s := proto
		s.Data, s.Ref.Frame = []byte(p), uint32(i+1)
		if p == "\x06" || p == "\x15" {
			s.Dir = dissect.FromServer
		}
		c.Segments = append(c.Segments, s)
	}
	return &c
}

func framed(number int, text, end string) string {
	body := fmt.Sprint(number%8) + text + end
	return "\x02" + body + fmt.Sprintf("%02X\r\n", checksum([]byte(body)))
}

const (
	hRecord = "H|\\^&|||Meter^1|||||||P|1|20261120081500"
	pRecord = "P|1|LAB-4711|||LABPATIENT^JOIN||19700102|F"
	rRecord = "R|1|^^^GLU|96|mg/dL||N||F||||20261120081400"
)

func TestFrames(t *testing.T) {
	h, p, r, l := framed(1, hRecord+"\r", "\x03"), framed(2, pRecord+"\r", "\x03"), framed(3, rRecord+"\r", "\x03"), framed(4, "L|1|N\r", "\x03")
	bad := strings.Replace(r, "|96|", "|97|", 1)
	whole := "\x021" + hRecord + "\r" + pRecord + "\r" + rRecord + "\rL|1|N\r\x03"
	type want struct {
		value     string
		transfer  Transfer
		anomalies string
	}
	for name, test := range map[string]struct {
		in   *dissecttest.Conversation
		want want
	}{
		"in order":     {talk("\x05", "\x06", h, "\x06", p, "\x06", r, "\x06", l, "\x06", "\x04"), want{"96", Transfer{Frames: 4, Acks: 5, Ended: "eot", Started: true}, ""}},
		"sent again":   {talk("\x05", "\x06", h, "\x06", p, "\x06", bad, "\x15", r, "\x06", l, "\x06", "\x04"), want{"96", Transfer{Frames: 5, Acks: 5, Naks: 1, BadChecksums: 1, Resent: 1, Ended: "eot", Started: true}, ""}},
		"bad for good": {talk("\x05", "\x06", h, p, bad, l, "\x04"), want{"97", Transfer{Frames: 4, Acks: 1, BadChecksums: 1, Ended: "eot", Started: true}, "astm_checksum"}},
		"one missing":  {talk("\x05", h, r, l, "\x04"), want{"96", Transfer{Frames: 3, OutOfOrder: 1, Ended: "eot", Started: true}, ""}},
		"no checksum":  {talk("\x05", whole, "\x04"), want{"96", Transfer{Frames: 1, NoChecksums: 1, Ended: "eot", Started: true}, ""}},
		"no ENQ":       {talk(h, p, r, l), want{"96", Transfer{Frames: 4, Ended: "close"}, ""}},
		"no end":       {talk("\x05", h, p, r, l, "\x05", "\x04"), want{"96", Transfer{Frames: 4, Ended: "enq", Started: true}, ""}},
		"cut frame":    {talk("\x05", h, p, "\x023R|1|^^^GLU|5", r, l, "\x04"), want{"96", Transfer{Frames: 4, Ended: "eot", Started: true}, "astm_frame_broken"}},
		"over two frames": {talk("\x05", h, p, framed(3, rRecord[:12], "\x17"), framed(4, rRecord[12:]+"\r", "\x03"), framed(5, "L|1|N\r", "\x03"), "\x04"),
			want{"96", Transfer{Frames: 5, Ended: "eot", Started: true}, ""}},
	} {
		b := dissecttest.Run(Protocol, test.in)
		res, tr, msg := results.Get(b), transfers.Get(b), messages.Get(b)
		if len(res) != 1 || len(tr) == 0 || len(msg) != 1 || msg[0].V.Terminator != "N" {
			t.Errorf("%s: %d results, %d transfers, messages %+v", name, len(res), len(tr), msg)
			continue
		}
		got := tr[0].V
		test.want.transfer.Dir, test.want.transfer.Messages, test.want.transfer.Bytes = "client", 1, got.Bytes
		if res[0].V.Value != test.want.value || got != test.want.transfer || kinds(b) != test.want.anomalies {
			t.Errorf("%s: value %s, anomalies %q\n got %+v\nwant %+v", name, res[0].V.Value, kinds(b), got, test.want.transfer)
		}
		if o := clinical.Observations.Get(b); len(o) != 1 || name != "one missing" && o[0].V.PatientID != "LAB-4711" || o[0].V.Code != "GLU" || o[0].V.ObservedAt != 1795162440e9 {
			t.Errorf("%s: %+v", name, o)
		}
	}
}

func kinds(b *event.Batch) string {
	var list []string
	for _, a := range event.Anomalies.Get(b) {
		list = append(list, a.V.Kind)
	}
	return strings.Join(list, " ")
}

// TestLoss: what follows a loss is given to no patient.
func TestLoss(t *testing.T) {
	c := talk("\x05", framed(1, hRecord+"\r", "\x03"), framed(2, pRecord+"\r", "\x03"), "|5|x\r\x03AA\r\n"+framed(4, rRecord+"\r", "\x03")+"\x04")
	c.Segments[3].Gap = 100
	b := dissecttest.Run(Protocol, c)
	if len(results.Get(b)) != 0 || len(messages.Get(b)) != 1 || messages.Get(b)[0].V.Ended != "gap" || kinds(b) != "astm_gap" {
		t.Errorf("%+v, anomalies %q, %d results", messages.Get(b), kinds(b), len(results.Get(b)))
	}
}

// TestRecords: delimiters are the message's own; escapes; what may name somebody is free text; quality control is nobody's.
func TestRecords(t *testing.T) {
	in := "H|\\^&|||Meter\r" // bare, so with the usual delimiters
	in += pRecord + "\rO|1|S1||^^^GLU\\^^^K|R\rR|1|^^^GLU|>400|mg/dL\rR|2|^^^CMT|seen by LABNURSE|\rR|3|GLU^x|1&F&2|\r" +
		"O|2|QC1||^^^GLU|R||||||Q\rR|1|^^^GLU|101|mg/dL\rP|2|LAB-2\rR|1|^^^K|4.1|\rL|1|N\r"
	b := dissecttest.Run(Protocol, talk(in))
	res, ord := results.Get(b), orders.Get(b)
	if len(res) != 5 || len(ord) != 2 || strings.Join(ord[0].V.Tests, " ") != "GLU K" {
		t.Fatalf("%d results, orders %+v", len(res), ord)
	}
	for i, want := range []Result{{Value: ">400", Specimen: "S1"}, {Text: "seen by LABNURSE", Specimen: "S1"}, {Text: "1|2", Specimen: "S1"}, {Value: "101", Specimen: "QC1", QC: true}, {Value: "4.1"}} {
		if g := res[i].V; g.Value != want.Value || g.Text != want.Text || g.Specimen != want.Specimen || g.QC != want.QC {
			t.Errorf("result %d: %+v, want %+v", i, g, want)
		}
	}
	if res[4].V.PatientID != "LAB-2" || len(clinical.Observations.Get(b)) != 2 {
		t.Errorf("second patient %+v, observations %+v", res[4].V, clinical.Observations.Get(b))
	}
	body := "1H!@$%!!!Meter\rP!1!LAB-9\rR!1!$$$GLU!5\rL!1!N\r\x03"
	b = dissecttest.Run(Protocol, talk("\x02"+body+fmt.Sprintf("%02X\r\n", checksum([]byte(body)))))
	if res := results.Get(b); len(res) != 1 || res[0].V.Code != "GLU" || res[0].V.PatientID != "LAB-9" {
		t.Errorf("other delimiters: %+v", res)
	}
}

// TestCaps: rows, records and frames are bounded.
func TestCaps(t *testing.T) {
	b := dissecttest.Run(Protocol, talk(hRecord+"\r"+strings.Repeat(rRecord+"\r", maxRows+7)+"L|1|N\r"))
	if len(results.Get(b)) != maxRows || kinds(b) != "astm_rows_limit" || messages.Get(b)[0].V.Results != maxRows+7 {
		t.Errorf("%d rows, anomalies %q", len(results.Get(b)), kinds(b))
	}
	c := talk("\x05", framed(1, hRecord+"\r", "\x03"), "\x022"+strings.Repeat("x", 3<<20)+"\x03AA\r\n", "\x04")
	v := newConversation(&c.Conn)
	for _, s := range c.Segments {
		_, _ = v.Feed(&dissect.Segment{Data: s.Data, Dir: s.Dir, Ref: s.Ref}, &event.Batch{})
		if n := v.Held(); n > 4*maxFrame {
			t.Fatalf("%d bytes are held", n)
		}
	}
}

func TestProbe(t *testing.T) {
	good := framed(3, rRecord+"\r", "\x03")
	for _, test := range []struct {
		in   string
		want dissect.Match
	}{
		{"", dissect.Maybe}, {"\x05", dissect.Maybe}, {strings.Repeat("\x05", 40), dissect.No}, {"\x05\x02", dissect.Maybe}, {"\x021H|\\^&|", dissect.Yes}, {"\x021H|\\^", dissect.Maybe},
		{"H|\\^&|", dissect.Yes}, {"H|\\^&\r", dissect.Yes}, {"H!@$%!", dissect.No}, {"\x021H!@$%!", dissect.Yes}, {"HTTP/1.1 200", dissect.No}, {"\x028H|\\^&|", dissect.No},
		{good, dissect.Yes}, {good[:20], dissect.Maybe}, {strings.Replace(good, "|96|", "|97|", 1), dissect.No}, {"\x021X|1", dissect.No}, {"\x06\x15\x06", dissect.Maybe},
		{"\x02123 hello\x03", dissect.No}, {"GET / HTTP/1.0", dissect.No}, {"\x021R|" + strings.Repeat("x", 4090), dissect.No},
	} {
		if got := Protocol.Probe(&dissect.Conn{Transport: dissect.TCP}, 0, []byte(test.in)); got != test.want {
			t.Errorf("%.30q: %d, want %d", test.in, got, test.want)
		}
	}
}

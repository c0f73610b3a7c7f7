package alaris

import (
	"fmt"
	"strings"
	"testing"

	"wardtrace/dissect"
	"wardtrace/dissect/clinical"
	"wardtrace/dissect/dissecttest"
	"wardtrace/dissect/event"
)

const folder = "../../samples/"

var samples = []string{"alaris-asena", "alaris-infupy"}

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

func FuzzAlaris(f *testing.F) {
	var convs []dissecttest.Conversation
	for _, name := range samples {
		convs = append(convs, dissecttest.Load(f, only, folder+name+"/capture.pcap")...)
	}
	p := *Protocol // how many segments a probe may see is the stream's affair: whatever comes is taken for the protocol here
	p.Probe = func(*dissect.Conn, dissect.Dir, []byte) dissect.Match { return dissect.Yes }
	dissecttest.Fuzz(f, &p, convs)
}

func talk(pieces ...string) *dissecttest.Conversation {
	data := make([][]byte, len(pieces))
	for i, p := range pieces {
		data[i] = []byte(p)
	}
	c := dissecttest.Bytes(dissect.TCP, "10.0.0.1:40000", "10.0.0.2:4003", data...)
	return &c
}

// TestChecksum: check sums that open clients hold, and the token of a serial number.
func TestChecksum(t *testing.T) {
	for body, want := range map[string]uint16{"INF": 0x4961, "INF_START": 0x38F3, "INF_STOP": 0xCD57, "REMOTE_CTRL^DISABLED": 0xEF95, "INST_SERIALNO": 0x457D,
		"INST_SERIALNO^8002-51740": 0x050B, "COMMS_PROTOCOL^Asena Rev 2.1.5": 0x661A, "INF_VTBI^DEACT": 0xD8C5, "8002-51740": 0x3CC1} {
		if got := checksum([]byte(body)); got != want {
			t.Errorf("%s: %04X, want %04X", body, got, want)
		}
	}
}

// TestProbe: what looks like a frame and is none stays somebody else's.
func TestProbe(t *testing.T) {
	for text, want := range map[string]dissect.Match{
		"!INF|4961\r": dissect.Yes, "\x1b!INF_START|38F3\r": dissect.Yes, "!INF": dissect.Maybe, "!INF|4962\r": dissect.No, "!INF|4961\n": dissect.No,
		"!inf|4961\r": dissect.No, "!$%|0000\r": dissect.No, "GET / HTTP/1.1\r\n": dissect.No, "!INF 4961\r": dissect.No, "\r\n": dissect.Maybe, "!!INF|4961\r": dissect.No,
	} {
		conn := dissect.Conn{}
		if got := probe(&conn, dissect.FromClient, []byte(text)); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

// TestToken: the token that anybody can compute is told from another, and neither is kept.
func TestToken(t *testing.T) {
	ask := func(token string) string {
		body := "REMOTE_CTRL^ENABLED^" + token
		return fmt.Sprintf("!%s|%04X\r", body, checksum([]byte(body)))
	}
	b := dissecttest.Run(Protocol, talk("!INST_SERIALNO|457D\r", "!INST_SERIALNO^8002-51740|050B\r", ask("3CC1"), "", ask("BEEF"), "", "!REMOTE_CTRL^DISABLED|EF95\r"))
	if dump := dissecttest.Dump(b); strings.Contains(dump, "3CC1") || strings.Contains(dump, "BEEF") {
		t.Errorf("a token is kept:\n%s", dump)
	}
	got := frames.Get(b)
	if len(got) != 5 || !got[2].V.Token.V || !got[3].V.Token.OK || got[3].V.Token.V || got[4].V.Token.OK {
		t.Errorf("%+v", got)
	}
	modes := 0
	for _, r := range clinical.Therapies.Get(b) {
		if r.V.Parameter == "mode" && r.V.Remote {
			modes++
		}
	}
	if modes != 2 { // on, and off: the repetition is none
		t.Errorf("%d changes of the mode", modes)
	}
}

// TestUnits: a number without its unit behind it is nobody's rate.
func TestUnits(t *testing.T) {
	body := "INF^8002-51740^-^SET^12.00^mg/h^^1.000^ml^9.10^mmHg^24+^EVENT^7"
	b := dissecttest.Run(Protocol, talk("!INF|4961\r", fmt.Sprintf("!%s|%04X\r", body, checksum([]byte(body)))))
	r := frames.Get(b)[1].V
	if r.Rate.OK || r.Volume.V != 1 || r.Pressure.V != 9.1 || r.Alarm != "" || r.Serial != "8002-51740" {
		t.Errorf("%+v", r)
	}
}

// TestBroken: a frame with a wrong check sum is named, not read; garbage is passed over.
func TestBroken(t *testing.T) {
	b := dissecttest.Run(Protocol, talk("!INF|4961\r", "!INF_RATE^9.00^ml/h|0000\rnoise\x00noise!INF_START|38F3\r"))
	r := frames.Get(b)
	if len(r) != 3 || r[1].V.Kind != "unread" || r[1].V.Rate.OK || len(r[1].V.Args) != 0 || r[2].V.Word != "INF_START" || len(event.Anomalies.Get(b)) != 2 {
		t.Errorf("%+v %+v", r, event.Anomalies.Get(b))
	}
}

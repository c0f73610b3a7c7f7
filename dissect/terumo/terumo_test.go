package terumo

import (
	"fmt"
	"strings"
	"testing"

	"wardtrace/dissect"
	"wardtrace/dissect/dissecttest"
	"wardtrace/dissect/event"
)

const folder = "../../samples/"

var samples = []string{"terumo-te"}

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

func FuzzTerumo(f *testing.F) {
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
	c := dissecttest.Bytes(dissect.TCP, "10.0.0.1:40000", "10.0.0.2:4004", data...)
	return &c
}

func framed(text string) string { return fmt.Sprintf("\x02%s%04x\x03", text, checksum([]byte(text))) }

// TestChecksum: the check value of CRC-16/XMODEM.
func TestChecksum(t *testing.T) {
	if got := checksum([]byte("123456789")); got != 0x31c3 {
		t.Errorf("%04x", got)
	}
}

// TestProbe: what begins with STX and is none stays somebody else's.
func TestProbe(t *testing.T) {
	good := framed(`<?xml version="1.0"?><REQ></REQ>`)
	for text, want := range map[string]dissect.Match{
		good: dissect.Yes, good[:12]: dissect.Maybe, "\x02": dissect.Maybe, "\x021H|": dissect.No, "<?xml version": dissect.No,
		strings.Replace(good, "REQ", "RES", 1): dissect.No, "\x02<?xml" + strings.Repeat("x", 20) + "\x02": dissect.No,
	} {
		conn := dissect.Conn{}
		if got := probe(&conn, dissect.FromClient, []byte(text)); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

// TestUnsound: XML that is broken off, nested without end, or that wants a document type keeps what came before.
func TestUnsound(t *testing.T) {
	for name, text := range map[string]string{
		"broken off":    `<?xml version="1.0"?><REQ><DEVID>T1</DEVID><CMD>QQ==`,
		"nested":        `<?xml version="1.0"?><REQ><DEVID>T1</DEVID>` + strings.Repeat("<A>", 300),
		"entity":        `<?xml version="1.0"?><REQ><DEVID>T1</DEVID><CMD>&xxe;</CMD></REQ>`,
		"end too often": `<?xml version="1.0"?><REQ><DEVID>T1</DEVID></REQ></REQ>`,
	} {
		b := dissecttest.Run(Protocol, talk(framed(text)))
		r := frames.Get(b)
		if len(r) != 1 || r[0].V.DeviceID != "T1" || r[0].V.Root != "REQ" || len(event.Anomalies.Get(b)) != 1 {
			t.Errorf("%s: %+v %+v", name, r, event.Anomalies.Get(b))
		}
	}
}

// TestCommand: a command that is no Base64 is no command, and its bytes are in no row.
func TestCommand(t *testing.T) {
	b := dissecttest.Run(Protocol, talk(framed(`<?xml version="1.0"?><REQ><CMD>c2VjcmV0</CMD></REQ>`)+framed(`<?xml version="1.0"?><REQ><CMD>not base64!</CMD></REQ>`)))
	r := frames.Get(b)
	if len(r) != 2 || r[0].V.CommandLen.V != 6 || r[1].V.CommandLen.OK || strings.Contains(dissecttest.Dump(b), "secret") {
		t.Errorf("%+v", r)
	}
}

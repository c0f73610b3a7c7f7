package dhcp

import (
	"strings"
	"testing"

	"wardtrace/dissect"
	"wardtrace/dissect/dissecttest"
	"wardtrace/dissect/event"
)

const samples = "../../samples/dhcp-*/capture.pcap"

func port(n uint16) func(*dissect.Conn) bool {
	return func(c *dissect.Conn) bool {
		return c.Transport == dissect.UDP && (c.Server.Port() == n || c.Client.Port() == n)
	}
}

func TestSuite(t *testing.T) {
	dissecttest.Suite(t, Protocol, dissecttest.Load(t, port(67), samples))
	dissecttest.Suite(t, Protocol6, dissecttest.Load(t, port(547), samples))
}

func TestGolden(t *testing.T) {
	for _, name := range []string{"dhcp-lease", "dhcp-rogue"} {
		t.Run(name, func(t *testing.T) { dissecttest.Golden(t, "../../samples/"+name, Protocol, Protocol6) })
	}
}

func FuzzDHCP(f *testing.F)  { dissecttest.Fuzz(f, Protocol, dissecttest.Load(f, port(67), samples)) }
func FuzzDHCP6(f *testing.F) { dissecttest.Fuzz(f, Protocol6, dissecttest.Load(f, port(547), samples)) }

// message4 makes a request with the given options after the cookie.
func message4(options string) []byte {
	b := append([]byte{1, 1, 6, 0, 0, 0, 0, 9}, make([]byte, 228)...)
	b = append(b, 0x63, 0x82, 0x53, 0x63)
	return append(b, options...)
}

func run4(b []byte) ([]event.Row[Message4], []event.Row[event.Anomaly]) {
	c := dissecttest.Bytes(dissect.UDP, "0.0.0.0:68", "255.255.255.255:67", b)
	out := dissecttest.Run(Protocol, &c)
	return messages4.Get(out), event.Anomalies.Get(out)
}

// Options in pieces (RFC 3396), in the file field (option 52), and of odd forms.
func TestOptions(t *testing.T) {
	b := message4("\x35\x01\x03\x34\x01\x01\x0c\x04pump\x0c\x02-7\x4d\x05icu-4\x79\x08\x18\xc0\x00\x02\x0a\x00\x00\x01\xff")
	copy(b[108:], "\x3c\x05Lab\x01x\x77\x0c\x04ward\x03lab\x00\xc0\x00\xff")
	rows, faults := run4(b)
	if len(rows) != 1 || len(faults) != 0 {
		t.Fatalf("%d rows, faults %v", len(rows), faults)
	}
	m := rows[0].V
	if m.MsgType != "REQUEST" || m.HostName != "pump-7" || m.VendorClass != `Lab\001x` || m.UserClass != "icu-4" {
		t.Errorf("got %+v", m)
	}
	if m.Options != "53,52,12,77,121,60,119" || strings.Join(m.DomainSearch, " ") != "ward.lab ward.lab" || strings.Join(m.Routes, " ") != "192.0.2.0/24>10.0.0.1" {
		t.Errorf("options %s search %v routes %v", m.Options, m.DomainSearch, m.Routes)
	}
}

func TestLengths(t *testing.T) {
	for what, options := range map[string]string{"too long": "\x35\x01\x01\x0c\xffpump", "no end": "\x35\x01\x01", "length missing": "\x35\x01\x01\x0c"} {
		rows, faults := run4(message4(options))
		if len(rows) != 1 || rows[0].V.MsgType != "DISCOVER" || len(faults) != 1 {
			t.Errorf("%s: rows %v faults %v", what, rows, faults)
		}
	}
}

// Options that are not where they should be: the fixed part stays.
func TestNoCookie(t *testing.T) {
	b := message4("\x35\x01\x01\xff")
	copy(b[236:], "abcd")
	if rows, faults := run4(b); len(rows) != 1 || rows[0].V.MsgType != "BOOTREQUEST" || len(faults) != 1 {
		t.Errorf("rows %v faults %v", rows, faults)
	}
}

// A relay inside a relay, over and over: read to the limit, then noted.
func TestNestedRelays(t *testing.T) {
	msg := []byte{1, 0, 0, 9, 0, 1, 0, 10, 0, 3, 0, 1, 2, 0, 0, 0, 0, 5}
	for range 12 {
		head := append([]byte{12, 0}, make([]byte, 32)...)
		msg = append(append(head, 0, 9, byte(len(msg)>>8), byte(len(msg))), msg...)
	}
	c := dissecttest.Bytes(dissect.UDP, "[fe80::1]:547", "[ff02::1:2]:547", msg)
	out := dissecttest.Run(Protocol6, &c)
	if rows := messages6.Get(out); len(rows) != 1 || rows[0].V.MsgType != "RELAY-FORW" {
		t.Errorf("rows %v", rows)
	}
	if len(event.Anomalies.Get(out)) != 1 {
		t.Error("the limit left no anomaly")
	}
}

func TestProbe(t *testing.T) {
	conn := dissecttest.Bytes(dissect.UDP, "10.0.0.1:5000", "10.0.0.2:6000").Conn
	if Protocol.Probe(&conn, 0, message4("\xff")) != dissect.Yes {
		t.Error("not recognised by content on an odd port")
	}
	if Protocol.Probe(&conn, 0, make([]byte, 300)) != dissect.No {
		t.Error("zeros were taken")
	}
	boot := dissecttest.Bytes(dissect.UDP, "10.0.0.1:67", "10.0.0.2:67").Conn
	if Protocol.Probe(&boot, 0, make([]byte, 300)) != dissect.No { // neither request nor reply
		t.Error("zeros were taken on the port of BOOTP")
	}
	if n := testing.AllocsPerRun(10, func() { Protocol.Probe(&conn, 0, message4Fixed) }); n != 0 {
		t.Errorf("the probe allocates %v times", n)
	}
}

var message4Fixed = message4("\x35\x01\x01\xff")

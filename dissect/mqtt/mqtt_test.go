package mqtt

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"wardtrace/dissect"
	"wardtrace/dissect/dissecttest"
	"wardtrace/dissect/event"
	"wardtrace/dissect/hl7"
)

const folder = "../../samples/mqtt-"

func tcp(c *dissect.Conn) bool { return c.Transport == dissect.TCP }

func TestSuite(t *testing.T) {
	for _, name := range []string{"vitals", "v5", "malformed"} {
		t.Run(name, func(t *testing.T) {
			dissecttest.Suite(t, Protocol, dissecttest.Load(t, tcp, folder+name+"/capture.pcap"))
		})
	}
}

func TestGolden(t *testing.T) {
	for _, name := range []string{"vitals", "v5", "malformed"} {
		t.Run(name, func(t *testing.T) { dissecttest.Golden(t, folder+name, Protocol) })
	}
}

// TestFloods counts what the floods are made of; their rows would fill a file of a megabyte.
func TestFloods(t *testing.T) {
	for name, want := range map[string]struct {
		ptype string
		count int
	}{"connect-flood": {"CONNECT", 75}, "publish-flood": {"PUBLISH", 2300}} {
		count, malformed := 0, 0
		convs := dissecttest.Load(t, tcp, folder+name+"/capture.pcap")
		for i := range convs {
			for _, r := range packets.Get(dissecttest.Run(Protocol, &convs[i])) {
				if r.V.Type == want.ptype {
					count++
				}
				if r.V.Malformed != "" {
					malformed++
				}
			}
		}
		if count != want.count || malformed > 0 {
			t.Errorf("%s: %d %s, want %d; %d malformed", name, count, want.ptype, want.count, malformed)
		}
	}
}

func FuzzMQTT(f *testing.F) {
	var convs []dissecttest.Conversation
	for _, name := range []string{"vitals", "v5", "malformed"} {
		convs = append(convs, dissecttest.Load(f, tcp, folder+name+"/capture.pcap")...)
	}
	p := *Protocol // how many segments a probe may see is the stream's affair: whatever comes is taken for MQTT here
	p.Probe = func(*dissect.Conn, dissect.Dir, []byte) dissect.Match { return dissect.Yes }
	dissecttest.Fuzz(f, &p, convs)
}

// talk makes a connection of hand-made pieces, alternating from the client; an empty piece skips a turn.
func talk(pieces ...string) *dissecttest.Conversation {
	data := make([][]byte, len(pieces))
	for i, p := range pieces {
		data[i] = []byte(p)
	}
	c := dissecttest.Bytes(dissect.TCP, "10.0.0.1:40000", "10.0.0.2:1883", data...)
	c.Segments = slices.DeleteFunc(c.Segments, func(s dissecttest.Segment) bool { return len(s.Data) == 0 })
	return &c
}

const (
	connect4 = "\x10\x11\x00\x04MQTT\x04\x02\x00\x3c\x00\x05probe"
	connect5 = "\x10\x12\x00\x04MQTT\x05\x02\x00\x3c\x00\x00\x05probe"
	connack4 = "\x20\x02\x00\x00"
	connack5 = "\x20\x03\x00\x00\x00"
	hello    = "\x30\x08\x00\x03a/bhey"
)

// TestViolations lists the violations, each with the word it is found by; the first packet of all is CONNECT.
func TestViolations(t *testing.T) {
	for _, test := range []struct{ name, word, first, data string }{
		{"before CONNECT", beforeConnect, "", hello}, {"second CONNECT", secondConnect, connect4, connect4},
		{"type 0", reservedType, connect4, "\x00\x00"}, {"type 15", reservedType, connect4, "\xf0\x00"},
		{"QoS 3", badQoS, connect4, "\x36\x0a\x00\x03a/b\x00\x01hey"}, {"DUP with QoS 0", badQoS, connect4, "\x38\x08\x00\x03a/bhey"},
		{"five bytes of length", badLength, connect4, "\x30\xff\xff\xff\xff\x7f"}, {"length too long", badLength, connect4, "\xc0\x80\x00"},
		{"packet id 0", noPacketID, connect4, "\x32\x0a\x00\x03a/b\x00\x00hey"}, {"bad UTF-8", badUTF8, connect4, "\x30\x08\x00\x03\xc3\x28bhey"},
		{"NUL in topic", badUTF8, connect4, "\x30\x08\x00\x03a\x00bhey"}, {"topic past the end", shortPacket, connect4, "\x30\x08\x00\x20a/bhey"},
		{"wildcard", badTopic, connect4, "\x30\x08\x00\x03a/#hey"}, {"empty topic", badTopic, connect4, "\x30\x05\x00\x00hey"},
		{"bad filter", badTopic, connect4, "\x82\x08\x00\x01\x00\x03#/b\x00"}, {"no filter", noFilter, connect4, "\x82\x02\x00\x01"},
		{"flags", badFlags, connect4, "\x80\x08\x00\x01\x00\x03a/b\x00"}, {"PINGREQ with more", trailingBytes, connect4, "\xc0\x01x"},
		{"CONNACK from client", wrongSender, connect4, connack4}, {"protocol", badProtocol, "", strings.Replace(connect4, "MQTT", "MQTX", 1)},
		{"level", badProtocol, "", strings.Replace(connect4, "MQTT\x04", "MQTT\x09", 1)}, {"will flags", badConnectFlag, "", strings.Replace(connect4, "\x04\x02", "\x04\x0a", 1)},
		{"property", badProperty, connect5, "\x30\x0b\x00\x03a/b\x02\x7f\x00hey"}, {"option bits", badReserved, connect4, "\x82\x08\x00\x01\x00\x03a/b\xc0"},
	} {
		b := dissecttest.Run(Protocol, talk(test.first+test.data))
		var words []string
		for _, r := range packets.Get(b) {
			if r.V.Malformed != "" {
				words = append(words, strings.Split(r.V.Malformed, ",")...)
			}
		}
		if !slices.Contains(words, test.word) {
			t.Errorf("%s: %v, want %s", test.name, words, test.word)
		}
	}
	ack := talk(connect4, connack4, "\x40\x02\x00\x07")
	if rows := packets.Get(dissecttest.Run(Protocol, ack)); rows[2].V.Malformed != unsolicitedAck {
		t.Errorf("PUBACK of nothing: %q", rows[2].V.Malformed)
	}
	ack.Conn.Midstream = true
	if rows := packets.Get(dissecttest.Run(Protocol, ack)); rows[2].V.Malformed != "" {
		t.Errorf("PUBACK of what came before the capture: %q", rows[2].V.Malformed)
	}
}

// TestSound: packets that are as they should be are blamed for nothing.
func TestSound(t *testing.T) {
	for name, c := range map[string]*dissecttest.Conversation{
		"qos 1":     talk(connect4, connack4, "\x32\x0a\x00\x03a/b\x00\x01hey", "\x40\x02\x00\x01"),
		"qos 2":     talk(connect4, connack4, "\x34\x0a\x00\x03a/b\x00\x01hey", "\x50\x02\x00\x01", "\x62\x02\x00\x01", "\x70\x02\x00\x01"),
		"from us":   talk(connect4, connack4+"\x32\x0a\x00\x03a/b\x00\x01hey", "\x40\x02\x00\x01"),
		"subscribe": talk(connect4, connack4, "\x82\x08\x00\x01\x00\x03a/+\x00", "\x90\x03\x00\x01\x00", "\xa2\x07\x00\x02\x00\x03a/+", "\xb0\x02\x00\x02"),
		"v5":        talk(connect5, connack5, "\x32\x0b\x00\x03a/b\x00\x01\x00hey", "\x40\x03\x00\x01\x10", "\xe0\x01\x00"),
		"bridge":    talk(strings.Replace(connect4, "MQTT\x04", "MQTT\x84", 1), connack4),
		"3.1":       talk("\x10\x13\x00\x06MQIsdp\x03\x02\x00\x3c\x00\x05probe", connack4),
	} {
		for _, r := range packets.Get(dissecttest.Run(Protocol, c)) {
			if r.V.Malformed != "" {
				t.Errorf("%s: %s: %s", name, r.V.Type, r.V.Malformed)
			}
		}
	}
}

// TestSecrets: no password and no will appears in any row.
func TestSecrets(t *testing.T) {
	c := talk("\x10\x2c\x00\x04MQTT\x04\xc6\x00\x3c\x00\x05probe\x00\x03w/t\x00\x06SECRET\x00\x04user\x00\x06SECRET", connack4)
	b := dissecttest.Run(Protocol, c)
	p := packets.Get(b)[0].V
	if strings.Contains(dissecttest.Dump(b), "SECRET") || !p.Password || p.PasswordLen.V != 6 || p.WillLen.V != 6 || p.User != "user" || p.WillTopic != "w/t" || p.Malformed != "" {
		t.Errorf("%+v", p)
	}
}

// TestLarge passes a message of 8 MB without keeping it; its digest is that of the whole, and a loss inside is harmless.
func TestLarge(t *testing.T) {
	const size = 8 << 20
	head := []byte{0x30, 0, 0, 0, 0, 0, 3, 'a', '/', 'b'}
	for i, n := 0, size+5; i < 4; i, n = i+1, n>>7 {
		head[1+i] = byte(n&0x7f) | 0x80
	}
	head[4] &= 0x7f
	c := talk(connect4, connack4, string(head))
	sum := sha256.Sum256(bytes.Repeat([]byte{'x'}, size))
	want := hex.EncodeToString(sum[:16])
	s := c.Segments[2]
	s.Data = bytes.Repeat([]byte{'x'}, 64<<10)
	for range size / len(s.Data) {
		c.Segments = append(c.Segments, s)
	}
	s.Data = []byte(hello)
	c.Segments = append(c.Segments, s)
	rows := packets.Get(dissecttest.Run(Protocol, c))
	if len(rows) != 4 || rows[2].V.PayloadLen.V != size || rows[2].V.PayloadHash != want || !rows[2].V.Complete || rows[3].V.Topic != "a/b" {
		t.Fatalf("%+v", rows)
	}
	c.Segments[10].Gap = len(c.Segments[9].Data)
	c.Segments = slices.Delete(c.Segments, 9, 10)
	rows = packets.Get(dissecttest.Run(Protocol, c))
	if len(rows) != 4 || rows[2].V.Complete || rows[2].V.PayloadHash != "" || rows[3].V.Topic != "a/b" {
		t.Fatalf("with a loss: %d rows, %+v", len(rows), rows[2:])
	}
}

// TestLoss: after a loss between packets the next one is found.
func TestLoss(t *testing.T) {
	c := talk(connect4, connack4, "heart_rate\":72}"+hello+"\xc0\x00", "", hello)
	c.Segments[2].Gap = 200
	b := dissecttest.Run(Protocol, c)
	var got []string
	for _, r := range packets.Get(b) {
		got = append(got, r.V.Type)
		if r.V.Malformed != "" {
			t.Errorf("%s blamed for %s", r.V.Type, r.V.Malformed)
		}
	}
	if want := []string{"CONNECT", "CONNACK", "PUBLISH", "PINGREQ", "PUBLISH"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestProbe(t *testing.T) {
	for _, test := range []struct {
		port      string
		midstream bool
		guessed   bool
		dir       dissect.Dir
		first     string
		want      dissect.Match
	}{
		{"7000", false, false, 0, connect4, dissect.Yes}, {"7000", false, false, 0, "\x10", dissect.Maybe}, {"7000", false, false, 0, "\x10\x11\x00\x04MQ", dissect.Maybe},
		{"7000", false, false, 0, hello, dissect.No}, {"7000", true, false, 0, hello, dissect.Maybe}, {"7000", true, false, 0, hello + hello, dissect.Yes},
		{"7000", false, true, 1, connect4, dissect.Swapped}, {"1883", false, false, 0, hello, dissect.Yes}, {"1883", false, false, 0, "GET / HTTP/1.1\r\n", dissect.No},
		{"7000", true, false, 0, "GET / HTTP/1.1\r\n", dissect.No}, {"7000", true, false, 0, "0\x0c\x02\x01\x01`\x07\x02\x01\x03\x04\x00\x80\x00", dissect.No},
		{"1883", false, false, 1, connack4, dissect.Yes}, {"1883", false, true, 0, connack4, dissect.Swapped},
	} {
		c := talk(test.first).Conn
		c.Server = dissecttest.Bytes(dissect.TCP, "10.0.0.1:40000", "10.0.0.2:"+test.port).Conn.Server
		c.Midstream, c.Guessed = test.midstream, test.guessed
		if got := Protocol.Probe(&c, test.dir, []byte(test.first)); got != test.want {
			t.Errorf("%q on %s, middle %v, from %s: %d, want %d", test.first, test.port, test.midstream, test.dir, got, test.want)
		}
	}
	c, in := talk(connect4).Conn, []byte(connect4)
	if n := testing.AllocsPerRun(100, func() { Protocol.Probe(&c, 0, in) }); n > 0 {
		t.Errorf("the probe allocates %v times", n)
	}
}

func TestRedact(t *testing.T) {
	for in, want := range map[string][2]string{
		"ward/patient/LAB-1/hr": {"ward/patient/<patient>/hr", "LAB-1"}, "ward/patient-4711/hr": {"ward/patient-<patient>/hr", "4711"},
		"ward/patient/+/hr": {"ward/patient/+/hr", ""}, "ward/bed4/hr": {"ward/bed4/hr", ""}, "mrn/77": {"mrn/<patient>", "77"}, "patients/#": {"patients/#", ""},
		"ward/patient_id/9": {"ward/patient_id/<patient>", "9"}, "": {"", ""},
	} {
		if shown, patient := redact(in); shown != want[0] || patient != want[1] {
			t.Errorf("%q: %q %q", in, shown, patient)
		}
	}
}

// TestCaps: a packet with many filters, and one connection with many identifiers in flight, are bounded.
func TestCaps(t *testing.T) {
	filters := strings.Repeat("\x00\x03a/b\x00", 100)
	b := dissecttest.Run(Protocol, talk(connect4+"\x82\xda\x04\x00\x01"+filters))
	if n := len(subscriptions.Get(b)); n != maxFilters {
		t.Errorf("%d subscriptions, want %d", n, maxFilters)
	}
	var flood strings.Builder
	flood.WriteString(connect4)
	for id := 1; id <= maxInFlight+10; id++ {
		flood.WriteString("\x32\x0a\x00\x03a/b" + string([]byte{byte(id >> 8), byte(id)}) + "hey")
	}
	b = dissecttest.Run(Protocol, talk(flood.String()))
	var kinds []string
	for _, a := range event.Anomalies.Get(b) {
		kinds = append(kinds, a.V.Kind)
	}
	if !slices.Contains(kinds, "mqtt_unanswered") || len(packets.Get(b)) != maxInFlight+11 {
		t.Errorf("%d rows, anomalies %v", len(packets.Get(b)), kinds)
	}
}

// TestCarried: a message of HL7 inside becomes rows of HL7 in the same flow.
func TestCarried(t *testing.T) {
	p := With(hl7.Protocol)
	convs := dissecttest.Load(t, tcp, folder+"vitals/capture.pcap")
	found := 0
	for i := range convs {
		for _, rows := range dissecttest.Run(p, &convs[i]).Tables() {
			if rows.Table.Name == "hl7_observation" {
				found += rows.Len()
			}
		}
	}
	if found != 2 { // once to the broker, once from it
		t.Errorf("%d observations, want 2", found)
	}
}

// TestUnnamed holds that a level which the payload shows to be the patient is not told, and that others stay.
func TestUnnamed(t *testing.T) {
	for _, tt := range []struct{ topic, id, name, want, patient string }{
		{"hospital/LAB-4711/hr", "lab-4711", "", "hospital/<patient>/hr", "LAB-4711"},
		{"hospital/LABPATIENT^JOIN/hr", "", "", "hospital/<patient>/hr", "LABPATIENT^JOIN"},
		{"w/Labpatient Join", "LAB-1", "Labpatient Join", "w/<patient>", "Labpatient Join"},
		{"ward/bed4/hr", "LAB-4711", "", "ward/bed4/hr", ""}, {"/a//b", "", "", "/a//b", ""},
	} {
		row := Packet{Topic: tt.topic, PatientID: tt.id, PatientName: tt.name}
		if unnamed(&row); row.Topic != tt.want || row.TopicPatient != tt.patient {
			t.Errorf("%q gives %q, %q, want %q, %q", tt.topic, row.Topic, row.TopicPatient, tt.want, tt.patient)
		}
	}
}

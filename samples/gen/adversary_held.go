package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"github.com/klauspost/compress/gzip"
)

// endless is a beginning that makes a protocol recognised, and what may follow it for ever.
type endless struct {
	port        uint16
	head, again string
}

var (
	hl7Endless    = endless{2575, "\x0bMSH|^~\\&|A|B|C|D|20260302||ADT^A01|1|P|2.5\rPID|1||", "12345^^^MRN~"}
	httpEndless   = endless{80, "GET /x HTTP/1.1\r\nHost: a\r\nX-", "abcdefgh"}
	jsonEndless   = endless{80, "POST /fhir HTTP/1.1\r\nHost: a\r\nContent-Type: application/fhir+json\r\nContent-Length: 900000000\r\n\r\n{\"resourceType\":\"Bundle\",\"type\":\"batch\",\"entry\":[", "{\"resource\":{\"resourceType\":\"Patient\",\"id\":\"1\"}},"}
	xmlEndless    = endless{80, "POST /x HTTP/1.1\r\nHost: a\r\nContent-Type: application/soap+xml\r\nContent-Length: 900000000\r\n\r\n" + v3Head, "<a b=\"c\">d</a>"}
	dicomEndless  = endless{104, string(associate(1)), string(pdata(append([]byte{1, 0}, make([]byte, 200)...)))}
	mqttEndless   = endless{1883, string(mqttConnect("c")), string(mqttPublish("ward/1/x", "{\"a\":1}"))}
	dnsEndless    = endless{53, "", string(framed(dnsQuery(7, "a.example")))}
	tlsEndless    = endless{443, "\x16\x03\x01\x40\x00\x01\x00\xff\xff\x03\x03", "\x00\x01\x02\x03\x04\x05\x06\x07"}
	x12Endless    = endless{9000, isaSegment + "GS*HC*A*B*20260302*0900*1*X*005010X222A1~ST*837*0001~", "NM1*IL*1*LABPATIENT*A****MI*1~"}
	astmEndless   = endless{9001, "\x05\x021H|\\^&|||A|||||||P|1\r", "R|1|^^^GLU|5.5|mmol/L\r"}
	telnetEndless = endless{23, "\xff\xfd\x18\xff\xfb\x1flogin: ", "abcdefgh"}
)

// v3Head begins a message of HL7 version 3 in SOAP that has no end.
const v3Head = "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\"><s:Body><PRPA_IN201305UV02 xmlns=\"urn:hl7-org:v3\" ITSVersion=\"XML_1.0\"><id root=\"1.2.3\"/>"

// drip sends a stream of n bytes, a byte a packet.
func drip(e endless) func(*attacker, int) {
	return func(a *attacker, n int) {
		s := a.dial(addr(1), addr(2), 40000, e.port)
		s.send(0, []byte(e.head))
		for sent := 0; sent < n; sent += len(e.again) {
			s.cut(0, []byte(e.again), 1)
		}
	}
}

// held opens n connections that each stop where a dissector has to remember much.
func held(say func(s *session)) func(*attacker, int) {
	return func(a *attacker, n int) {
		a.step = 1000
		for i := range n {
			say(a.dial(addr(i), addr(1<<23), 40000, 9999)) // a port that nobody serves: the bytes alone tell
		}
	}
}

func hl7Line(s *session) {
	s.send(0, []byte("\x0bMSH|^~\\&|A|B|C|D|20260302||ADT^A01|1|P|2.5\rPID|1||"+strings.Repeat("1234567~", 60_000/8)))
}

func httpLine(s *session) {
	s.send(0, []byte("GET /x HTTP/1.1\r\nHost: a\r\nX-Y: "+strings.Repeat("abcdefgh", 60_000/8)))
}

// httpPacked stops before the end of a packed body, which can only be unpacked when it is whole.
func httpPacked(s *session) {
	s.send(0, []byte("POST /fhir/Patient HTTP/1.1\r\nHost: a\r\nContent-Type: application/fhir+json\r\nContent-Encoding: gzip\r\nContent-Length: 1000000\r\n\r\n\x1f\x8b\x08\x00"))
	s.send(0, make([]byte, 900_000))
}

func xmlBody(s *session) {
	s.send(0, []byte("POST /x HTTP/1.1\r\nHost: a\r\nContent-Type: application/soap+xml\r\nContent-Length: 1000000\r\n\r\n"+v3Head))
	s.send(0, bytes.Repeat([]byte("<a b=\"c\">d</a>"), 900_000/14))
}

func hl7Rows(s *session) {
	s.send(0, []byte("\x0bMSH|^~\\&|A|B|C|D|20260302||ORU^R01|1|P|2.5\r"+strings.Repeat("OBX|1|NM|150456^MDC_PULS_OXIM_SAT_O2^MDC||97|262688^MDC_DIM_PERCENT^MDC|||||F\r", 4000)))
}

func fhirRows(s *session) {
	s.send(0, []byte("POST /fhir HTTP/1.1\r\nHost: a\r\nContent-Type: application/fhir+json\r\nContent-Length: 9000000\r\n\r\n{\"resourceType\":\"Bundle\",\"type\":\"batch\",\"entry\":["))
	var b strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&b, `{"fullUrl":"urn:uuid:%d","resource":{"resourceType":"Patient","id":"%d","identifier":[{"system":"urn:x","value":"%d"}],"name":[{"family":"LABPATIENT"}]}},`, i, i, int(s.src)+i)
	}
	s.send(0, []byte(b.String()))
}

func httpRequests(s *session) {
	s.send(0, []byte(strings.Repeat("GET /a/long/path/of/some/kind?with=a&query=b HTTP/1.1\r\nHost: a.example\r\nUser-Agent: curl/8.0\r\nAccept: */*\r\n\r\n", 60)))
}

func hl7Unanswered(s *session) {
	var b strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&b, "\x0bMSH|^~\\&|A|B|C|D|20260302||ADT^A01|%d|P|2.5\rPID|1||%d\r\x1c\r", i, i)
	}
	s.send(0, []byte(b.String()))
}

func mqttUnanswered(s *session) {
	b := mqttConnect("c")
	for i := range 4000 {
		b = append(b, 0x32, 12, 0, 6, 'w', 'a', 'r', 'd', '/', '1', byte(i>>8), byte(i), 'x', 'y')
	}
	s.send(0, b)
}

func dicomUnanswered(s *session) {
	s.send(0, associate(1))
	s.send(1, associate(2))
	for i := range 200 {
		s.send(0, pdata(pdv(1, 3, command(0x0020, uint16(i+1), "1.2.840.10008.5.1.4.1.2.2.1", ""))))
		s.send(0, pdata(pdv(1, 2, element(nil, 0x00100020, "LO", []byte("*")))))
	}
}

// associate is an A-ASSOCIATE-RQ (1) or -AC (2) with one presentation context, Explicit VR Little Endian (PS3.8 9.3.2).
func associate(kind byte) []byte {
	item := func(t byte, body ...[]byte) []byte {
		all := bytes.Join(body, nil)
		return append([]byte{t, 0, byte(len(all) >> 8), byte(len(all))}, all...)
	}
	context := item(0x20, []byte{1, 0, 0, 0}, item(0x30, []byte("1.2.840.10008.5.1.4.1.2.2.1")), item(0x40, []byte("1.2.840.10008.1.2.1")))
	if kind == 2 {
		context = item(0x21, []byte{1, 0, 0, 0}, item(0x40, []byte("1.2.840.10008.1.2.1")))
	}
	body := []byte{0, 1, 0, 0}
	body = append(body, fmt.Sprintf("%-16s%-16s", "ARCHIVE", "ATTACKER")...)
	body = append(body, make([]byte, 32)...)
	body = append(body, item(0x10, []byte("1.2.840.10008.3.1.1.1"))...)
	body = append(append(body, context...), item(0x50, item(0x51, []byte{0, 0, 64, 0}))...)
	return append(binary.BigEndian.AppendUint32([]byte{kind, 0}, uint32(len(body))), body...)
}

// pdata is a P-DATA-TF of whole items (PS3.8 9.3.5).
func pdata(items []byte) []byte {
	return append(binary.BigEndian.AppendUint32([]byte{4, 0}, uint32(len(items))), items...)
}

// pdv is a presentation data value: flags 1 command, 2 last.
func pdv(context, flags byte, data []byte) []byte {
	return append(append(binary.BigEndian.AppendUint32(nil, uint32(len(data)+2)), context, flags), data...)
}

// command is a command set (PS3.7 9.3): its field, message id, affected class and instance.
func command(field, id uint16, class, instance string) []byte {
	short := func(v uint16) []byte { return binary.LittleEndian.AppendUint16(nil, v) }
	put := func(b []byte, elem uint16, v []byte) []byte {
		if len(v)%2 == 1 {
			v = append(v, 0)
		}
		b = binary.LittleEndian.AppendUint32(b, uint32(elem)<<16)
		return append(binary.LittleEndian.AppendUint32(b, uint32(len(v))), v...)
	}
	b := put(nil, 0x0002, []byte(class))
	b = put(b, 0x0100, short(field))
	b = put(b, 0x0110, short(id))
	b = put(b, 0x0700, short(0))
	b = put(b, 0x0800, short(1))
	if instance != "" {
		b = put(b, 0x1000, []byte(instance))
	}
	return b
}

// element appends a data element in Explicit VR Little Endian with a short length.
func element(b []byte, tag uint32, vr string, v []byte) []byte {
	if len(v)%2 == 1 {
		v = append(v, ' ')
	}
	b = binary.LittleEndian.AppendUint16(b, uint16(tag>>16))
	b = binary.LittleEndian.AppendUint16(b, uint16(tag))
	b = append(b, vr...)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(v)))
	return append(b, v...)
}

func mqttConnect(client string) []byte {
	body := append([]byte{0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 60, 0, byte(len(client))}, client...)
	return append([]byte{0x10, byte(len(body))}, body...)
}

func mqttPublish(topic, text string) []byte {
	body := append([]byte{byte(len(topic) >> 8), byte(len(topic))}, topic...)
	body = append(body, text...)
	return append(binary.AppendUvarint([]byte{0x30}, uint64(len(body))), body...)
}

// dnsQuery asks for an address.
func dnsQuery(id uint16, name string) []byte {
	b := []byte{byte(id >> 8), byte(id), 1, 0, 0, 1, 0, 0, 0, 0, 0, 0}
	for _, label := range strings.Split(name, ".") {
		b = append(append(b, byte(len(label))), label...)
	}
	return append(b, 0, 0, 1, 0, 1)
}

// framed puts the length in front that DNS has over TCP (RFC 1035 4.2.2).
func framed(m []byte) []byte { return append([]byte{byte(len(m) >> 8), byte(len(m))}, m...) }

const isaSegment = "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260302*0900*^*00501*000000001*0*P*:~"

// word is a name by number, as long as a host's usually is.
func word(stem string, i int) string { return stem + "-" + strconv.Itoa(1_000_000+i) }

// packed is text under gzip.
func packed(n int, write func(z *gzip.Writer)) []byte {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level exists
	for range n {
		write(z)
	}
	z.Close()
	return b.Bytes()
}

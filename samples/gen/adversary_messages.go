package main

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/klauspost/compress/gzip"
)

const msh = "\x0bMSH|^~\\&|LAB|WARD|EHR|H|20260302090000||%s|%d|P|2.5\r"

// again sends a text n times as one stream.
func (s *session) again(n int, text string) {
	block := strings.Repeat(text, max(1, 64_000/len(text)))
	for sent := 0; sent < n; sent += len(block) / len(text) {
		s.send(0, []byte(block[:min(len(block), (n-sent)*len(text))]))
	}
}

// hl7Repetitions: one field with n repetitions.
func hl7Repetitions(a *attacker, n int) {
	s := a.dial(addr(1), addr(2), 40000, 2575)
	s.send(0, []byte(fmt.Sprintf(msh, "ADT^A01", 1)+"PID|1||"))
	s.again(n, "12345^^^MRN~")
	s.send(0, []byte("\r\x1c\r"))
	s.close()
}

// hl7LongField: messages with one megabyte in a name, a note and a value.
func hl7LongField(a *attacker, n int) {
	long := strings.Repeat("LABPATIENT", 100_000)
	s := a.dial(addr(1), addr(2), 40000, 2575)
	for i := range n {
		s.send(0, []byte(fmt.Sprintf(msh, "ORU^R01", i)+[]string{"PID|1||1||", "NTE|1||", "OBX|1|ST|x||"}[i%3]+long+"\r\x1c\r"))
	}
	s.close()
}

// hl7Segments: one message with n lines.
func hl7Segments(a *attacker, n int) {
	s := a.dial(addr(1), addr(2), 40000, 2575)
	s.send(0, []byte(fmt.Sprintf(msh, "ORU^R01", 1)))
	s.again(n, "OBX|1|NM|1^A^B||97|%|||||F\r")
	s.send(0, []byte("\x1c\r"))
	s.close()
}

// patients: each message is about another patient.
func patients(a *attacker, n int) {
	s := a.dial(addr(1), addr(2), 40000, 2575)
	for i := range n {
		s.send(0, fmt.Appendf(nil, msh+"PID|1||%d^^^MRN||LABPATIENT%d^A||19%06d|M\rPV1|1|I|W^1\r\x1c\r", "ADT^A01", i, i, i, i%1_000_000))
		s.send(1, fmt.Appendf(nil, msh+"MSA|AA|%d\r\x1c\r", "ACK", i, i))
	}
	s.close()
}

// oneFlowRows: one conversation with n rows.
func oneFlowRows(a *attacker, n int) {
	for i := range n {
		a.udp(addr(1), addr(2), 40000, 53, dnsQuery(uint16(i), "a.example"))
	}
}

// dicomSequences: objects whose data set is sequences in items in sequences, 10,000 deep, of undefined length.
func dicomSequences(a *attacker, n int) {
	sequence := []byte{0x40, 0x00, 0x30, 0xa7, 'S', 'Q', 0, 0, 0xff, 0xff, 0xff, 0xff, 0xfe, 0xff, 0x00, 0xe0, 0xff, 0xff, 0xff, 0xff}
	a.objects(n, bytes.Repeat(sequence, 10_000))
}

// objects stores n objects over one association.
func (a *attacker) objects(n int, data []byte) {
	s := a.dial(addr(1), addr(2), 40000, 104)
	s.send(0, associate(1))
	s.send(1, associate(2))
	for i := range n {
		s.send(0, pdata(pdv(1, 3, command(0x0001, uint16(i), "1.2.840.10008.5.1.4.1.1.2", fmt.Sprintf("1.2.3.%d", i)))))
		for rest := data; len(rest) > 0; {
			k := min(len(rest), 16_000)
			last := byte(0)
			if k == len(rest) {
				last = 2
			}
			s.send(0, pdata(pdv(1, last, rest[:k])))
			rest = rest[k:]
		}
	}
	s.close()
}

// dicomElements: one object of n elements: other patient ids and private ones.
func dicomElements(a *attacker, n int) {
	one := element(nil, 0x00101000, "LO", []byte("1234567"))
	one = element(one, 0x00091001, "LO", []byte("ABC"))
	a.objects(1, bytes.Repeat(one, n/2))
}

// httpHeaders: ten requests of n header lines.
func httpHeaders(a *attacker, n int) {
	s := a.dial(addr(1), addr(2), 40000, 80)
	for range 10 {
		s.send(0, []byte("GET / HTTP/1.1\r\nHost: a\r\n"))
		s.again(n, "X-Long-Header: some value; more\r\n")
		s.send(0, []byte("\r\n"))
	}
	s.close()
}

func httpChunks(a *attacker, n int) {
	s := a.dial(addr(1), addr(2), 40000, 80)
	s.send(0, []byte("POST /fhir HTTP/1.1\r\nHost: a\r\nContent-Type: application/fhir+json\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n"))
	s.again(n, "1;ext=value\r\n \r\n")
	s.send(0, []byte("0\r\n\r\n"))
	s.close()
}

// httpBombs: bodies that unpack to a gigabyte, as JSON and as nothing.
func httpBombs(a *attacker, n int) {
	block := bytes.Repeat([]byte(`{"resource":{"resourceType":"Patient"}},`), 25_000)
	bomb := packed(1000, func(z *gzip.Writer) { z.Write(block) })
	s := a.dial(addr(1), addr(2), 40000, 80)
	for range n {
		s.send(0, fmt.Appendf(nil, "POST /fhir HTTP/1.1\r\nHost: a\r\nContent-Type: application/fhir+json\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n", len(bomb)))
		s.send(0, bomb)
		s.send(1, []byte("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
	}
	s.close()
}

func (a *attacker) post(kind string, length int) *session {
	s := a.dial(addr(1), addr(2), 40000, 80)
	s.send(0, fmt.Appendf(nil, "POST /fhir HTTP/1.1\r\nHost: a\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n", kind, length))
	return s
}

func jsonDeep(a *attacker, n int) {
	s := a.post("application/fhir+json", n)
	s.again(n, "[")
	s.close()
}

// xmlEntities: documents whose entities stand for a billion words.
func xmlEntities(a *attacker, n int) {
	var b strings.Builder
	b.WriteString("<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY a0 \"ha\"><!ENTITY f SYSTEM \"file:///etc/passwd\">")
	for i := range 10 {
		fmt.Fprintf(&b, "<!ENTITY a%d \"%s\">", i+1, strings.Repeat(fmt.Sprintf("&a%d;", i), 10))
	}
	b.WriteString("]><Envelope xmlns=\"http://www.w3.org/2003/05/soap-envelope\"><Header>&a10;&f;</Header><Body>&a10;</Body></Envelope>")
	kinds := []string{"application/soap+xml", "text/xml", "application/fhir+xml"}
	for i := range n {
		s := a.dial(addr(i), addr(1<<23), 40000, 80)
		s.send(0, fmt.Appendf(nil, "POST /fhir/Patient HTTP/1.1\r\nHost: a\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n", kinds[i%3], b.Len()))
		s.send(0, []byte(b.String()))
		s.close()
	}
}

func xmlDeep(a *attacker, n int) {
	s := a.post("application/soap+xml", len(v3Head)+3*n)
	s.send(0, []byte(v3Head))
	s.again(n, "<a>")
	s.close()
}

func x12Segments(a *attacker, n int) {
	s := a.dial(addr(1), addr(2), 40000, 9000)
	s.send(0, []byte(x12Endless.head))
	s.again(n, "HL*1*1*22*1~")
	s.again(n/10, "NM1*IL*1*LABPATIENT*A****MI*12345~")
	s.send(0, []byte("SE*3*0001~GE*1*1~IEA*1*000000001~"))
	s.close()
}

func mqttTopics(a *attacker, n int) {
	s := a.dial(addr(1), addr(2), 40000, 1883)
	s.send(0, mqttConnect("monitor"))
	for i := range n {
		s.send(0, mqttPublish(word("ward/bed", i), `{"hr":70}`))
	}
	s.close()
}

// mqttFilters: subscriptions of 4,000 filters each.
func mqttFilters(a *attacker, n int) {
	s := a.dial(addr(1), addr(2), 40000, 1883)
	s.send(0, mqttConnect("monitor"))
	for i := 0; i < n; {
		body := []byte{byte(i >> 8), byte(i | 1)}
		for range 4000 {
			f := word("ward/bed", i)
			body = append(append(body, 0, byte(len(f))), f...)
			body = append(body, 0)
			i++
		}
		head := []byte{0x82}
		for v := len(body); ; {
			if b := byte(v & 127); v > 127 {
				head = append(head, b|128)
				v >>= 7
				continue
			}
			head = append(head, byte(v))
			break
		}
		s.send(0, append(head, body...))
	}
	s.close()
}

// dnsLoops: answers whose names are pointers to themselves, to each other, and long ways round.
func dnsLoops(a *attacker, n int) {
	m := []byte{0, 1, 0x81, 0x80, 0, 1, 0, 60, 0, 0, 0, 0, 0xc0, 12, 0, 1, 0, 1}
	for i := range 60 {
		at := 18 + i*16
		m = append(m, 0xc0|byte((at+16)>>8), byte(at+16), 0, 5, 0, 1, 0, 0, 0, 9, 0, 4, 1, 'x', 0xc0|byte(at>>8), byte(at))
	}
	for i := range n {
		a.udp(addr(2), addr(1), 53, uint16(1024+i%60000), m)
	}
}

func dnsNames(a *attacker, n int) {
	for i := range n {
		a.udp(addr(1), addr(2), uint16(1024+i%60000), 53, dnsQuery(uint16(i), word("host", i)+".example"))
	}
}

// telnetLogins: each host logs in in clear.
func telnetLogins(a *attacker, n int) {
	for i := range n {
		s := a.dial(addr(i), addr(1<<23+i%1000), 40000, 23)
		s.send(1, []byte("\xff\xfd\x18login: "))
		s.send(0, []byte("root\r\n"))
		s.send(1, []byte("Password: "))
		s.send(0, []byte("secret\r\n"))
		s.send(1, []byte("\r\nLogin incorrect\r\nlogin: "))
		s.close()
	}
}

// longEverywhere: eight kilobytes in every text of a request that becomes a cell.
func longEverywhere(a *attacker, n int) {
	long := strings.Repeat("<script>", 1000)
	s := a.dial(addr(1), addr(2), 40000, 80)
	for i := range n {
		s.send(0, fmt.Appendf(nil, "GET /%s%d?%s=1 HTTP/1.1\r\nHost: %s\r\nUser-Agent: %s\r\nReferer: %s\r\nCookie: %s=1\r\nAuthorization: Basic %s\r\n\r\n", long, i, long, long, long, long, long, long))
		s.send(1, fmt.Appendf(nil, "HTTP/1.1 401 %s\r\nServer: %s\r\nContent-Type: %s\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n", long, long, long, long))
	}
	s.close()
}

// hostileFindings: each host opens a database's and a DICOM port from outside, so that rules have n things to say.
func hostileFindings(a *attacker, n int) {
	for i := range n {
		s := a.dial(198<<24|51<<16|100<<8|uint32(i%250), addr(256+i), uint16(1024+i%60000), 104)
		s.send(0, associate(1))
		s.send(1, associate(2))
		s.close()
	}
}

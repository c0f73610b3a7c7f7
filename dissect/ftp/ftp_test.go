package ftp

import (
	"fmt"
	"strings"
	"testing"

	"wardtrace/dissect"
	"wardtrace/dissect/dissecttest"
	"wardtrace/dissect/event"
)

const samples = "../../samples/ftp-*/capture.pcap"

func only(c *dissect.Conn) bool { return c.Transport == dissect.TCP && c.Server.Port() == portFTP }

func TestSuite(t *testing.T) {
	dissecttest.Suite(t, Protocol, dissecttest.Load(t, only, samples))
}

func TestGolden(t *testing.T) {
	for _, name := range []string{"ftp-session", "ftp-guessing", "ftp-default-credential"} {
		t.Run(name, func(t *testing.T) { dissecttest.Golden(t, "../../samples/"+name, Protocol) })
	}
}

func FuzzFTP(f *testing.F) {
	sure := *Protocol // a drip of bytes that no probe is sure of is given up after 64; that is the stream's affair
	sure.Probe = func(*dissect.Conn, dissect.Dir, []byte) dissect.Match { return dissect.Yes }
	dissecttest.Fuzz(f, &sure, dissecttest.Load(f, only, "../../samples/ftp-session/capture.pcap"))
}

func lose(c *dissecttest.Conversation, i int) *dissecttest.Conversation {
	v := &dissecttest.Conversation{Conn: c.Conn}
	gap := 0
	for j, s := range c.Segments {
		if j == i {
			gap = len(s.Data)
			continue
		}
		if gap > 0 && s.Dir == c.Segments[i].Dir {
			s.Gap, gap = gap, 0
		}
		v.Segments = append(v.Segments, s)
	}
	return v
}

// TestSecrets: no password is in any row, whatever packet is lost.
func TestSecrets(t *testing.T) {
	for _, c := range dissecttest.Load(t, only, "../../samples/ftp-session/capture.pcap") {
		for i := -1; i < len(c.Segments); i++ {
			if dump := dissecttest.Dump(dissecttest.Run(Protocol, lose(&c, i))); strings.Contains(dump, "Ward7") || strings.Contains(dump, "WARD7") {
				t.Errorf("without segment %d a password is told:\n%s", i, dump)
			}
		}
	}
}

// TestGuessing is what the rules on guessing and on shipped pairs count.
func TestGuessing(t *testing.T) {
	failed, users, success := 0, map[string]bool{}, 0
	for _, c := range dissecttest.Load(t, only, "../../samples/ftp-guessing/capture.pcap") {
		for _, r := range commands.Get(dissecttest.Run(Protocol, &c)) {
			switch r.V.Login {
			case "failed":
				failed++
				users[r.V.User] = true
			case "success":
				success++
			}
		}
	}
	if failed < 22 || len(users) < 3 || success < 1 {
		t.Errorf("%d failed for %v, %d succeeded", failed, users, success)
	}
	known := 0
	for _, c := range dissecttest.Load(t, only, "../../samples/ftp-default-credential/capture.pcap") {
		for _, r := range commands.Get(dissecttest.Run(Protocol, &c)) {
			if r.V.DefaultCredential && r.V.Login == "success" && r.V.User == "admin" {
				known++
			}
		}
	}
	if known != 1 {
		t.Errorf("%d logins with a pair that products are shipped with", known)
	}
}

func talk(lines ...string) *dissecttest.Conversation {
	c := dissecttest.Bytes(dissect.TCP, "10.20.0.90:4000", "10.20.0.43:21")
	for i, l := range lines {
		s := dissecttest.Segment{Dir: dissect.FromServer, Data: []byte(l), Ref: event.Ref{Time: event.Time(1e18 + i*1e6), File: 1, Frame: uint32(i + 1)}}
		if rest, ok := strings.CutPrefix(l, ">"); ok {
			s.Dir, s.Data = dissect.FromClient, []byte(rest)
		}
		c.Segments = append(c.Segments, s)
	}
	return &c
}

func show(b *event.Batch) string {
	var got []string
	for _, r := range commands.Get(b) {
		got = append(got, fmt.Sprintf("%s %d", r.V.Command, r.V.ReplyCode.V))
	}
	return strings.Join(got, ", ")
}

// Several commands at once, replies of several lines, preliminary replies, lines that are cut anywhere.
func TestPairs(t *testing.T) {
	b := dissecttest.Run(Protocol, talk("220-Hello\r\n220 nothing to see\r\n220 LabFTP\r\n", ">USER op\r\nPASS pw\r\nSYST\r\nFEAT\r\n",
		"331 password\r\n230-Welcome\r\n 230 not yet\r\n230 in\r\n215 VxWorks\r\n211-Features:\r\n 213 SIZE\r\n211 End\r\n",
		">PORT 192,0,2,7,1,2\r\nRETR a/../dose.BIN\r\nQUIT\r\n", "200 ok\r\n150 Opening BINARY mode data connection (1234 bytes).\r\n226 done\r\n221 bye\r\n"))
	want := " 220,  220, USER 331, PASS 230, SYST 215, FEAT 211, PORT 200, RETR 226, QUIT 221"
	if got := show(b); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	for _, r := range commands.Get(b) {
		if r.V.Command == "RETR" && (r.V.FileExt != "bin" || !r.V.Traversal || r.V.FileSize.V != 1234 || r.V.DataIP != "192.0.2.7" || r.V.DataPort.V != 258 || !r.V.ThirdParty || r.V.ReplyMsg != "") {
			t.Errorf("RETR: %+v", r.V)
		}
		if r.V.Command == "PASS" && (r.V.Login != "success" || r.V.PasswordLen.V != 2) {
			t.Errorf("PASS: %+v", r.V)
		}
	}
}

// After 234 the connection belongs to TLS; a refusal lets it go on in clear.
func TestTLS(t *testing.T) {
	b := dissecttest.Run(Protocol, talk("220 FTP\r\n", ">AUTH TLS\r\n", "234 go on\r\n", ">\x16\x03\x01\x00\x05hello", "\x16\x03\x03\x00\x05hello"))
	if got := show(b); got != " 220, AUTH 234" || len(event.Anomalies.Get(b)) != 0 {
		t.Errorf("%s", dissecttest.Dump(b))
	}
	b = dissecttest.Run(Protocol, talk("220 FTP\r\n", ">AUTH TLS\r\n", "502 no\r\n", ">USER op\r\n", "331 password\r\n"))
	if got := show(b); got != " 220, AUTH 502, USER 331" {
		t.Errorf("got %s", got)
	}
}

func TestAddresses(t *testing.T) {
	for _, x := range []struct{ cmd, reply, want string }{
		{"PASV", "227 Entering Passive Mode (10,20,0,43,4,1)", "10.20.0.43:1025"},
		{"PASV", "227 =10,20,0,43,4,1", "10.20.0.43:1025"},
		{"PASV", "227 Entering Passive Mode (10,20,0,430,4,1)", ""},
		{"EPSV", "229 ok (|||6446|)", "10.20.0.43:6446"},
		{"EPSV", "229 ok (|||66446|)", ""},
		{"EPSV", "229 (", ""},
		{"EPRT |2|fd00::9|5282|", "200 ok", "fd00::9:5282"},
		{"EPRT !1!10.20.0.90!5282!", "200 ok", "10.20.0.90:5282"},
		{"PORT 1,2,3", "500 no", ""},
	} {
		b := dissecttest.Run(Protocol, talk("220 FTP\r\n", ">"+x.cmd+"\r\n", x.reply+"\r\n"))
		rows := commands.Get(b)
		got := ""
		if r := rows[len(rows)-1].V; r.DataIP != "" {
			got = fmt.Sprintf("%s:%d", r.DataIP, r.DataPort.V)
		}
		if got != x.want {
			t.Errorf("%s %s: got %q, want %q", x.cmd, x.reply, got, x.want)
		}
	}
}

// One direction only: commands stay without replies, replies without commands.
func TestOneDirection(t *testing.T) {
	if got := show(dissecttest.Run(Protocol, talk(">USER op\r\nPASS pw\r\n", ">AUTH TLS\r\n", ">QUIT\r\n"))); got != "USER 0, PASS 0, AUTH 0, QUIT 0" {
		t.Errorf("client: %s", got)
	}
	if got := show(dissecttest.Run(Protocol, talk("220 FTP\r\n", "331 password\r\n", "530 no\r\n"))); got != " 220,  331,  530" {
		t.Errorf("server: %s", got)
	}
}

func TestLongLines(t *testing.T) {
	b := dissecttest.Run(Protocol, talk("220 FTP\r\n", ">STOR "+strings.Repeat("a", 3*lineCap)+"\r\nNOOP\r\n", "200 ok\r\n"))
	if got := show(b); got != " 220, NOOP 200" || len(event.Anomalies.Get(b)) != 1 {
		t.Errorf("%s", got)
	}
}

func TestProbe(t *testing.T) {
	odd := dissecttest.Bytes(dissect.TCP, "10.0.0.1:5000", "10.0.0.2:5001").Conn
	port := dissecttest.Bytes(dissect.TCP, "10.0.0.1:5000", "10.0.0.2:21").Conn
	for _, x := range []struct {
		c    *dissect.Conn
		dir  dissect.Dir
		data string
		want dissect.Match
	}{
		{&port, dissect.FromServer, "220 hello\r\n", dissect.Yes},
		{&odd, dissect.FromServer, "220 hello\r\n", dissect.Maybe},
		{&odd, dissect.FromServer, "220 pump FTP server ready\r\n", dissect.Yes},
		{&odd, dissect.FromServer, "220 mail.ward.example ESMTP\r\n", dissect.No},
		{&port, dissect.FromServer, "220 mail.ward.example ESMTP\r\n", dissect.Yes},
		{&odd, dissect.FromClient, "SYST", dissect.Maybe},
		{&port, dissect.FromClient, "QUIT\r\n", dissect.Yes},
		{&odd, dissect.FromClient, "QUIT all of this\r\n", dissect.No},
		{&odd, dissect.FromServer, "220 hello\r\n331 password\r\n", dissect.Yes},
		{&odd, dissect.FromClient, "USER op\r\n", dissect.Maybe},
		{&odd, dissect.FromClient, "USER op\r\nPASS x\r\nSTAT\r\n", dissect.Maybe},
		{&odd, dissect.FromClient, "USER op\r\nPASS x\r\nSYST\r\n", dissect.Yes},
		{&odd, dissect.FromClient, "GET / HTTP/1.1\r\n", dissect.No},
		{&odd, dissect.FromServer, "+OK POP3\r\n", dissect.No},
	} {
		if got := Protocol.Probe(x.c, x.dir, []byte(x.data)); got != x.want {
			t.Errorf("%q: %d, want %d", x.data, got, x.want)
		}
	}
	data := []byte("USER op\r\nPASS x\r\nSYST\r\n")
	if n := testing.AllocsPerRun(10, func() { Protocol.Probe(&odd, dissect.FromClient, data) }); n != 0 {
		t.Errorf("the probe allocates %v times", n)
	}
}

package telnet

import (
	"fmt"
	"strings"
	"testing"

	"wardtrace/dissect"
	"wardtrace/dissect/dissecttest"
	"wardtrace/dissect/event"
)

const samples = "../../samples/telnet-*/capture.pcap"

func only(c *dissect.Conn) bool { return c.Transport == dissect.TCP }

func TestSuite(t *testing.T) {
	dissecttest.Suite(t, Protocol, dissecttest.Load(t, only, samples))
}

func TestGolden(t *testing.T) {
	for _, name := range []string{"telnet-login", "telnet-guessing"} {
		t.Run(name, func(t *testing.T) { dissecttest.Golden(t, "../../samples/"+name, Protocol) })
	}
}

func FuzzTelnet(f *testing.F) {
	convs := dissecttest.Load(f, only, samples)
	sure := *Protocol // a drip of bytes that no probe is sure of is given up after 64; that is the stream's affair
	sure.Probe = func(*dissect.Conn, dissect.Dir, []byte) dissect.Match { return dissect.Yes }
	dissecttest.Fuzz(f, &sure, convs[:min(len(convs), 3)])
}

// TestSecrets: no password of the samples is in any row.
func TestSecrets(t *testing.T) {
	for _, c := range dissecttest.Load(t, only, samples) {
		dump := dissecttest.Dump(dissecttest.Run(Protocol, &c))
		if strings.Contains(dump, "Ward7") || strings.Contains(dump, "mend") {
			t.Errorf("a password is told:\n%s", dump)
		}
	}
}

// The same with any packet lost, so that what was asked for is not seen.
func TestSecretsAfterLoss(t *testing.T) {
	for _, c := range dissecttest.Load(t, only, "../../samples/telnet-login/capture.pcap") {
		for i := range c.Segments {
			v := dissecttest.Conversation{Conn: c.Conn}
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
			if dump := dissecttest.Dump(dissecttest.Run(Protocol, &v)); strings.Contains(dump, "Ward7") || strings.Contains(dump, "mend") {
				t.Errorf("without segment %d a password is told:\n%s", i, dump)
			}
		}
	}
}

// TestGuessing is what the rules on guessing count.
func TestGuessing(t *testing.T) {
	got := map[string]int{}
	for _, c := range dissecttest.Load(t, only, "../../samples/telnet-guessing/capture.pcap") {
		for _, r := range logins.Get(dissecttest.Run(Protocol, &c)) {
			got[r.V.Outcome]++
		}
	}
	if got["failed"] < 12 || got["success"] != 1 {
		t.Errorf("outcomes %v", got)
	}
}

// talk makes a conversation: lines that begin with ">" are the client's.
func talk(lines ...string) *dissecttest.Conversation {
	c := dissecttest.Bytes(dissect.TCP, "10.20.0.66:4000", "10.20.0.43:23")
	for i, l := range lines {
		s := dissecttest.Segment{Dir: dissect.FromServer, Data: []byte(l), Ref: event.Ref{Time: event.Time(1e18 + i*1e6), File: 1, Frame: uint32(i + 1)}}
		if rest, ok := strings.CutPrefix(l, ">"); ok {
			s.Dir, s.Data = dissect.FromClient, []byte(rest)
		}
		c.Segments = append(c.Segments, s)
	}
	return &c
}

// Dialogues as devices have them; written for the test from public manuals and habit, no recordings.
func TestDialogues(t *testing.T) {
	const iac = "\xff\xfd\x18\xff\xfb\x01"
	for _, x := range []struct {
		what  string
		lines []string
		want  string // user/outcome/evidence, for each attempt
	}{
		{"refused by name", []string{iac + "\r\nUser Access Verification\r\n\r\nUsername: ", ">nurse\r\n", "nurse\r\nPassword: ", ">x\r\n", "\r\n% Login invalid\r\n\r\nUsername: "},
			"nurse/failed/message"},
		{"password alone", []string{iac + "\r\nPassword: ", ">one\r\n", "\r\nPassword: ", ">two\r\n", "\r\nswitch>"},
			"/failed/asked again /success/shell prompt"},
		{"no negotiation", []string{"Lab Serial Server\r\nlogin: ", ">tech\r\n", "tech\r\npassword: ", ">pw\r\n", "\r\nWelcome to port 3\r\n"},
			"tech/success/greeting"},
		{"no login", []string{iac + "VxWorks\r\n-> ", ">version\r\n", "version\r\n6.9\r\n-> "},
			"/no login/shell prompt"},
		{"closed without a word", []string{iac + "login: ", ">root\r", "root\r\nPassword: ", ">toor\r\x00", "\r\n"},
			"root/unknown/end"},
		{"name and nothing more", []string{iac + "login: ", ">root\r\n", "root\r\nPassword: "},
			"root/unfinished/end"},
		{"a menu", []string{iac + "login: ", ">op\r\n", "op\r\nPassword: ", ">pw\r\n", "\r\n1 status\r\n2 reset\r\nChoice? ", ">1\r\n", "1\r\nok\r\nChoice? ", ">2\r\n"},
			"op/success/session"},
		{"greeting with old failures", []string{iac + "login: ", ">op\r\n", "op\r\nPassword: ", ">pw\r\n", "\r\nLast failed login: Fri on tty1\r\nLast login: Thu from 10.0.0.9\r\n$ "},
			"op/success/greeting"},
		{"only the server", []string{iac + "pump login: ", "nurse\r\nPassword: ", "\r\nLogin incorrect\r\n"},
			"nurse/failed/message"},
		{"typed ahead", []string{iac, ">op\r\npw\r\n", "login: op\r\nPassword: ", "\r\n$ ", ">exit\r\n"},
			"op/success/shell prompt"},
		{"root after all", []string{iac + "login: ", ">op\r\n", "op\r\nPassword: ", ">pw\r\n", "\r\n$ ", ">su\r\n", "su\r\nPassword: ", ">secret\r\n", "\r\nsu: Authentication failure\r\n$ ", ">id\r\n"},
			"op/success/shell prompt /failed/message"},
		{"a password where the user belongs", []string{iac + "login: ", ">5secret!x\r\n", "5secret!x\r\nPassword: ", ">\r\n", "\r\nLogin incorrect\r\nlogin: ", ">op\r\n", "op\r\nPassword: ",
			">secret2\r\n", "\r\nLogin incorrect\r\nlogin: ", ">secret2\r\n", "secret2\r\nPassword: ", ">secret3\r\n", "\r\nLogin incorrect\r\n"},
			"/failed/message op/failed/message /failed/message"},
		{"the same only from the server", []string{iac + "login: ", "5secret!x\r\nPassword: ", "\r\nLogin incorrect\r\n"}, "/failed/message"},
		{"a user whose password is the name", []string{iac + "login: ", ">op\r\n", "op\r\nPassword: ", ">op\r\n", "\r\nLogin incorrect\r\nlogin: ", ">op\r\n", "op\r\nPassword: ", ">pw\r\n", "\r\n$ ", ">exit\r\n"},
			"op/failed/message op/success/shell prompt"},
	} {
		b := dissecttest.Run(Protocol, talk(x.lines...))
		var got []string
		for _, r := range logins.Get(b) {
			got = append(got, fmt.Sprintf("%s/%s/%s", r.V.User, r.V.Outcome, r.V.Evidence))
		}
		if g := strings.Join(got, " "); g != x.want {
			t.Errorf("%s: got %s\nwant %s", x.what, g, x.want)
		}
		if d := dissecttest.Dump(b); strings.Contains(d, "secret") || strings.Contains(d, "toor") {
			t.Errorf("%s: a password is told", x.what)
		}
	}
}

func TestKeys(t *testing.T) {
	b := dissecttest.Run(Protocol, talk("\xff\xfd\x18\xff\xfb\x01login: ", ">\xff\xfc\x18adm\x7f\x7fdx\bmin\r\x00", "Password: ", ">admin\r\x00", "\r\n# "))
	r := logins.Get(b)
	if len(r) != 1 || r[0].V.User != "admin" || !r[0].V.DefaultCredential || r[0].V.PasswordLen.V != 5 || r[0].V.CredentialSource != "generic" {
		t.Errorf("%s", dissecttest.Dump(b))
	}
}

// The environment that logs in as root on some servers: the client sends it, and the row shows it.
func TestEnvironment(t *testing.T) {
	b := dissecttest.Run(Protocol, talk("\xff\xfd\x27\xff\xfd\x18\xff\xfa\x27\x01\xff\xf0", ">\xff\xfb\x27\xff\xfa\x27\x00\x00USER\x01-f root\x00DISPLAY\x01:0\xff\xf0", "\r\n# ", ">id\r\n"))
	s := sessions.Get(b)
	if len(s) != 1 || s[0].V.EnvUser != "-f root" || strings.Join(s[0].V.EnvNames, " ") != "USER DISPLAY" || !s[0].V.Negotiated {
		t.Errorf("%s", dissecttest.Dump(b))
	}
}

// A device that never hangs up: rows end, numbers go on.
func TestEndless(t *testing.T) {
	lines := []string{"\xff\xfd\x18\xff\xfb\x01"}
	for range attemptCap + 10 {
		lines = append(lines, "login: ", ">a\r\n", "Password: ", ">b\r\n", "Login incorrect\r\n")
	}
	b := dissecttest.Run(Protocol, talk(lines...))
	if n := len(logins.Get(b)); n != attemptCap {
		t.Errorf("%d rows", n)
	}
	if s := sessions.Get(b); len(s) != 1 || s[0].V.Failures != attemptCap+10 || len(event.Anomalies.Get(b)) != 1 {
		t.Error("the numbers are not exact, or the cap left no anomaly")
	}
}

func TestProbe(t *testing.T) {
	odd := dissecttest.Bytes(dissect.TCP, "10.0.0.1:5000", "10.0.0.2:4001").Conn
	port := dissecttest.Bytes(dissect.TCP, "10.0.0.1:5000", "10.0.0.2:23").Conn
	for _, x := range []struct {
		c    *dissect.Conn
		dir  dissect.Dir
		data string
		want dissect.Match
	}{
		{&odd, dissect.FromServer, "\xff\xfd\x18\xff\xfb\x01", dissect.Yes},
		{&odd, dissect.FromServer, "\xff", dissect.Maybe},
		{&odd, dissect.FromServer, "\xff\xd8\xff\xe0", dissect.No},
		{&odd, dissect.FromServer, "Welcome\r\npump login: ", dissect.Yes},
		{&odd, dissect.FromServer, "220 ward ESMTP\r\n", dissect.No},
		{&odd, dissect.FromServer, "Lab device\r\n", dissect.Maybe},
		{&odd, dissect.FromClient, "hello", dissect.No},
		{&odd, dissect.FromServer, "Last login: ", dissect.Maybe},
		{&port, dissect.FromServer, "Wel", dissect.Maybe},
		{&port, dissect.FromServer, "Welcome\r\n", dissect.Yes},
		{&port, dissect.FromServer, "SSH-2.0-x\r\n", dissect.No},
		{&port, dissect.FromClient, "ls\r", dissect.Maybe},
		{&port, dissect.FromClient, "GET / HTTP/1.1\r\n", dissect.No},
		{&port, dissect.FromServer, "~ # ", dissect.Yes},
		{&port, dissect.FromServer, "\x16\x03\x01\x02\x00\x01", dissect.No},
	} {
		if got := Protocol.Probe(x.c, x.dir, []byte(x.data)); got != x.want {
			t.Errorf("%q: %d, want %d", x.data, got, x.want)
		}
	}
	data := []byte("Welcome\r\npump login: ")
	if n := testing.AllocsPerRun(10, func() { Protocol.Probe(&odd, dissect.FromServer, data) }); n != 0 {
		t.Errorf("the probe allocates %v times", n)
	}
}

// TestMedical: the banner of a Spectrum pump's battery module says who it is; the numbers are invented.
func TestMedical(t *testing.T) {
	banner := "Welcome to the SIGMA Spectrum Diagnostic Terminal Wireless Battery Module (802.11a/b/g/n) MAC Address: 00-40-9d-aa-01-63 SW: 20 D29 Sigma Spectrum SN: 7001417 SW: v8.00.01 Radio up since: Mon Mar 2 03:14:24 2026"
	want := []claim{{"vendor", "Baxter"}, {"model", "SIGMA Spectrum"}, {"class", "pump"}, {"serial", "7001417"}, {"version", "8.00.01"}}
	if got := medical(banner); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v", got)
	}
	if got := medical("Welcome to the SIGMA Spectrum Diagnostic Terminal Sigma Spectrum SN: <script> SW: vx"); len(got) != 3 {
		t.Errorf("%v", got)
	}
	if got := medical("Welcome to Ubuntu"); got != nil {
		t.Errorf("%v", got)
	}
}

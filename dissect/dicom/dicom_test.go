package dicom

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wardtrace/dissect"
	"wardtrace/dissect/dissecttest"
	"wardtrace/dissect/event"
)

const samples = "../../samples/dicom-"

// TestSamples compares the rows of each recorded sample with what was agreed on.
func TestSamples(t *testing.T) {
	folders, err := filepath.Glob(samples + "*/want.jsonl")
	if err != nil || len(folders) < 15 {
		t.Fatalf("%d samples, %v", len(folders), err)
	}
	for _, f := range folders {
		f = filepath.Dir(f)
		t.Run(filepath.Base(f), func(t *testing.T) { dissecttest.Golden(t, f, &Protocol) })
	}
}

// TestLargeSamples counts what the two samples hold that are too long for a want.jsonl.
func TestLargeSamples(t *testing.T) {
	count := func(name string) (byCommand, byStatus map[string]int, data []event.Row[Dataset], odd int) {
		byCommand, byStatus = map[string]int{}, map[string]int{}
		for _, c := range dissecttest.Load(t, nil, samples+name+"/capture.pcap") {
			b := dissecttest.Run(&Protocol, &c)
			for _, m := range messages.Get(b) {
				byCommand[m.V.Command]++
				byStatus[m.V.StatusCategory]++
			}
			data = append(data, datasets.Get(b)...)
			odd += len(event.Anomalies.Get(b))
		}
		return byCommand, byStatus, data, odd
	}
	commands, status, data, odd := count("bulk-pull")
	if commands["C-MOVE-RQ"] != 6 || commands["C-GET-RQ"] != 56 || commands["C-STORE-RQ"] != 62 || status["failure"] != 0 || odd != 0 {
		t.Errorf("bulk-pull: %v, %v, %d anomalies", commands, status, odd)
	}
	studies := map[string]int{}
	for _, d := range data {
		if !d.V.Complete {
			t.Errorf("bulk-pull: incomplete %+v", d)
		}
		studies[d.V.StudyUID]++
	}
	if len(studies) != 62 {
		t.Errorf("bulk-pull: %d studies", len(studies))
	}
	commands, status, data, odd = count("mass-query")
	all := 0
	for _, d := range data {
		if d.V.Kind == "query" && !d.V.Wildcard {
			t.Errorf("mass-query: no wildcard in %+v", d)
		}
		if d.V.Unrestricted {
			all++
		}
	}
	if commands["C-FIND-RQ"] != 210 || status["success"] != 210 || status["pending"] != 10 || all != 1 || odd != 0 {
		t.Errorf("mass-query: %v, %v, %d unrestricted, %d anomalies", commands, status, all, odd)
	}
}

// TestSuite splits, cuts and damages conversations. The large samples add nothing to it but time.
func TestSuite(t *testing.T) {
	for _, name := range []string{"cancel", "worklist", "normalized", "extended-negotiation", "negotiation", "object-replaced", "nmap-ping", "one-way",
		"malformed"} {
		t.Run(name, func(t *testing.T) {
			dissecttest.Suite(t, &Protocol, dissecttest.Load(t, nil, samples+name+"/capture.pcap"))
		})
	}
}

// TestSuiteMidstream is the same for a capture that begins inside an image. It is asked for sure: from single bytes a
// probe sees too little of it.
func TestSuiteMidstream(t *testing.T) {
	p := Protocol
	p.Probe = func(*dissect.Conn, dissect.Dir, []byte) dissect.Match { return dissect.Yes }
	dissecttest.Suite(t, &p, dissecttest.Load(t, nil, samples+"midstream/capture.pcap"))
}

func FuzzDicom(f *testing.F) {
	var seeds []dissecttest.Conversation
	for _, name := range []string{"normalized", "negotiation", "malformed", "transfer-syntaxes", "midstream", "documents", "extended-negotiation"} {
		seeds = append(seeds, dissecttest.Load(f, nil, samples+name+"/capture.pcap")...)
	}
	p := Protocol // asked for sure: how many segments a probe may wait for is not what is tested
	p.Probe = func(*dissect.Conn, dissect.Dir, []byte) dissect.Match { return dissect.Yes }
	p.New = func(c *dissect.Conn) dissect.Dissector { // objects are kept, too
		keeping := *c
		keeping.Keeper = &shelf{}
		return newDissector(&keeping)
	}
	dissecttest.Fuzz(f, &p, seeds)
}

func store(t *testing.T) dissecttest.Conversation {
	t.Helper()
	return dissecttest.Load(t, nil, samples+"transfer-syntaxes/capture.pcap")[0]
}

func one[T any](t *testing.T, rows []event.Row[T]) T {
	t.Helper()
	if len(rows) != 1 {
		t.Fatalf("%d rows instead of one", len(rows))
	}
	return rows[0].V
}

// TestLossInPixels drops a packet in the middle of the pixel data: all but the digest is there.
func TestLossInPixels(t *testing.T) {
	c := store(t)
	whole := one(t, datasets.Get(dissecttest.Run(&Protocol, &c)))
	if whole.PixelDigest == "" || whole.PixelBytes != 3200 {
		t.Fatalf("whole: %d pixel bytes, digest %q", whole.PixelBytes, whole.PixelDigest)
	}
	// Segments: request, answer, command, three packets of data set, response, release twice. The second of the three is
	// pixels only.
	lost := len(c.Segments[4].Data)
	c = without(c, 4)
	b := dissecttest.Run(&Protocol, &c)
	got := one(t, datasets.Get(b))
	if got.PixelDigest != "" || got.PixelBytes != 3200 || got.LostBytes != int64(lost) || got.Complete {
		t.Errorf("after a loss: digest %q, %d pixel bytes, %d lost, complete %v", got.PixelDigest, got.PixelBytes, got.LostBytes, got.Complete)
	}
	if got.PatientName != whole.PatientName || got.ContentDigest != whole.ContentDigest || got.Fault != "" {
		t.Errorf("the rest changed: %+v", got)
	}
	if a := one(t, associations.Get(b)); a.Ended != "released" || a.Messages != 2 || a.LostBytes != int64(lost) {
		t.Errorf("association %+v", a)
	}
}

// TestLossOfHeader drops packets with PDU headers in them: the direction finds its step again, and only the messages
// that were hit are missing.
func TestLossOfHeader(t *testing.T) {
	// The segments of three stores in one association: request, answer, then for each store the first twelve bytes, the
	// rest of command and data set, and two of response.
	all := dissecttest.Load(t, nil, samples+"basic/capture.pcap")
	for _, tt := range []struct {
		name             string
		drop             []int
		complete, broken int
	}{
		{"first store", []int{2, 3}, 2, 0},
		{"end of the first store, header of the second", []int{3, 6}, 1, 2},
		{"header of the first store", []int{2}, 2, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := without(all[1], tt.drop...)
			b := dissecttest.Run(&Protocol, &c)
			complete, broken := 0, 0
			for _, m := range messages.Get(b) {
				switch {
				case m.V.Dir == "server":
				case m.V.Complete && m.V.Command == "C-STORE-RQ":
					complete++
				default:
					broken++
				}
			}
			if complete != tt.complete || broken != tt.broken {
				t.Errorf("%d complete and %d broken stores\n%s", complete, broken, dissecttest.Dump(b))
			}
			if a := one(t, associations.Get(b)); a.Result != "accepted" || a.Ended != "released" {
				t.Errorf("association %s, %s", a.Result, a.Ended)
			}
		})
	}
}

// without drops segments of one direction and announces the loss with the next.
func without(c dissecttest.Conversation, drop ...int) dissecttest.Conversation {
	out := dissecttest.Conversation{Conn: c.Conn}
	lost := [2]int{}
	for i, s := range c.Segments {
		if slices.Contains(drop, i) {
			lost[s.Dir] += len(s.Data)
			continue
		}
		s.Gap += lost[s.Dir]
		lost[s.Dir] = 0
		out.Segments = append(out.Segments, s)
	}
	return out
}

// TestSwapped: a conversation of which the sides were guessed wrong is put right by the request.
func TestSwapped(t *testing.T) {
	c := store(t)
	want := dissecttest.Dump(dissecttest.Run(&Protocol, &c))
	c.Conn.Client, c.Conn.Server, c.Conn.Guessed = c.Conn.Server, c.Conn.Client, true
	for i := range c.Segments {
		c.Segments[i].Dir = c.Segments[i].Dir.Other()
	}
	if got := dissecttest.Dump(dissecttest.Run(&Protocol, &c)); got != want {
		t.Errorf("swapped\n%s\nwant\n%s", got, want)
	}
}

// TestNotDicom: what begins similarly is left to others.
func TestNotDicom(t *testing.T) {
	conn := &dissect.Conn{Transport: dissect.TCP}
	for name, b := range map[string][]byte{
		"tpkt":    {3, 0, 0, 19, 14, 0xE0, 0, 0, 0, 0, 0, 1, 0, 8, 0, 3, 0, 0, 0},
		"dce_rpc": {5, 0, 11, 3, 16, 0, 0, 0, 72, 0, 0, 0, 1, 0, 0, 0},
		"zeros":   make([]byte, 64),
		"http":    []byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
		"socks4":  {4, 1, 0, 80, 1, 2, 3, 4, 0, 0, 0, 0, 0},
		"count":   {1, 0, 0, 0, 0, 10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0},
	} {
		if m := probe(conn, dissect.FromClient, b); m != dissect.No {
			t.Errorf("%s: %v", name, m)
		}
	}
}

func TestStatus(t *testing.T) {
	for s, want := range map[status]string{0: "success", 0xFF00: "pending", 0xFF01: "pending", 0xFE00: "cancel", 0xB007: "warning",
		0x0107: "warning", 0xA801: "failure", 0x0124: "failure", 0xC123: "failure", 0x0001: "warning"} {
		if got := s.category(); got != want {
			t.Errorf("%s is %s, want %s", s, got, want)
		}
	}
}

// TestSecrets: passcodes and tokens appear nowhere.
func TestSecrets(t *testing.T) {
	for _, c := range dissecttest.Load(t, nil, samples+"negotiation/capture.pcap") {
		dump := dissecttest.Dump(dissecttest.Run(&Protocol, &c))
		for _, secret := range []string{"right", "wrong", "KRB-TICKET", "saml/", "eyJ"} {
			if strings.Contains(dump, secret) {
				t.Errorf("%q is in the rows\n%s", secret, dump)
			}
		}
	}
}

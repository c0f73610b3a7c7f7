package http

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"strings"
	"testing"

	"wardtrace/dissect"
	"wardtrace/dissect/dissecttest"
	"wardtrace/dissect/event"
	"wardtrace/dissect/web"
)

// noted is a row of the protocol that the tests carry: what it was shown of an exchange.
type noted struct {
	Text string `col:"text" doc:"What was shown."`
}

var notes = event.New[noted]("noted", "What a carried protocol was shown.")

// noter takes exchanges whose path begins with /taken, or a body that begins with TAKE.
var noter = &dissect.Protocol{
	Name:      "noter",
	MaxBuffer: 16,
	Tables:    []*event.Table{notes.Desc()},
	Probe: func(c *dissect.Conn, _ dissect.Dir, first []byte) dissect.Match {
		x := c.Carried.(*web.Exchange)
		switch n := min(len(first), 4); {
		case strings.HasPrefix(x.Path, "/taken"), string(first[:n]) == "TAKE":
			return dissect.Yes
		case string(first[:n]) == "TAKE"[:n]:
			return dissect.Maybe
		}
		return dissect.No
	},
	New: func(c *dissect.Conn) dissect.Dissector { return &noting{x: c.Carried.(*web.Exchange)} },
}

type noting struct {
	x      *web.Exchange
	bodies [2]strings.Builder
	status int
}

func (n *noting) Feed(seg *dissect.Segment, _ *event.Batch) (dissect.Progress, error) {
	if seg.Gap > 0 {
		fmt.Fprintf(&n.bodies[seg.Dir], "<%d lost>", seg.Gap)
	}
	n.bodies[seg.Dir].Write(seg.Data)
	if seg.Dir == dissect.FromServer && n.status == 0 {
		n.status = n.x.Status
	}
	return dissect.Progress{Used: len(seg.Data)}, nil
}

func (n *noting) Close(out *event.Batch) {
	x := n.x
	notes.Emit(out, x.Ref, noted{fmt.Sprintf("%d %s %s %s?%s %s %q %v/ %d %d %s %q %v", x.Depth, x.Method, x.Host, x.Path, x.Query,
		x.Request.Get("accept"), n.bodies[0].String(), x.RequestCut, n.status, x.Status, x.Response.Get("CONTENT-TYPE"), n.bodies[1].String(), x.ResponseCut)})
	x.SafePath, x.SafeLocation = "/taken/*", "/taken/*/1"
}

var carrier = With(noter)

// shown runs a conversation and gives what the carried protocol was shown.
func shown(t *testing.T, c dissecttest.Conversation) ([]string, []event.Row[Exchange]) {
	t.Helper()
	b := dissecttest.Run(carrier, &c)
	var out []string
	for _, r := range notes.Get(b) {
		out = append(out, r.V.Text)
	}
	seen := map[uint32]bool{}
	for _, rows := range b.Tables() {
		for i := range rows.Len() {
			seq := uint32(rows.Value(i, 4).(int64))
			if seq == 0 || seen[seq] {
				t.Fatalf("seq %d of a row is not its own\n%s", seq, dissecttest.Dump(b))
			}
			seen[seq] = true
		}
	}
	return out, exchanges.Get(b)
}

func talk(messages ...string) dissecttest.Conversation {
	raw := make([][]byte, len(messages))
	for i, m := range messages {
		raw[i] = []byte(m)
	}
	return dissecttest.Bytes(dissect.TCP, "10.20.0.66:50000", "10.20.0.10:80", raw...)
}

func packed(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func answer200(body, coding string) string {
	return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Encoding: %s\r\nContent-Length: %d\r\n\r\n%s", coding, len(body), body)
}

func TestCarry(t *testing.T) {
	big := strings.Repeat("0123456789", 6_000)
	for name, x := range map[string]struct {
		messages []string
		want     []string
	}{
		"by path": {[]string{"GET http://u@h/taken/4711?a=b HTTP/1.1\r\nACCEPT: c/d\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Length: 2\r\n\r\nhi"},
			[]string{`1 GET h /taken/4711?a=b c/d "" false/ 200 200 a/b "hi" false`}},
		"by request's body": {[]string{"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nTAKEN", "HTTP/1.1 204 OK\r\n\r\n"},
			[]string{`1 POST  /?  "TAKEN" false/ 0 204  "" false`}},
		"by response's body": {[]string{"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nTAKE"},
			[]string{`1 POST  /?  "abc" false/ 200 200  "TAKE" false`}},
		"nobody's": {[]string{"GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nTAK"}, nil},
		"chunked, interim": {[]string{"GET /taken HTTP/1.1\r\n\r\n", "HTTP/1.1 103 Early\r\nContent-Type: no\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x\r\nhi\r\n1\r\n!\r\n0\r\nT: u\r\n\r\n"},
			[]string{`1 GET  /taken?  "" false/ 200 200  "hi!" false`}},
		"gzip": {[]string{"GET /taken HTTP/1.1\r\n\r\n", answer200(packed(t, big), "gzip")},
			[]string{`1 GET  /taken?  "" false/ 200 200 a/b "` + big + `" false`}},
		"br is not undone": {[]string{"GET /taken HTTP/1.1\r\n\r\n", answer200("xyz", "br")},
			[]string{`1 GET  /taken?  "" false/ 0 200 a/b "" true`}},
		"cut gzip": {[]string{"GET /taken HTTP/1.1\r\n\r\n", answer200(packed(t, "hi")[:12], "gzip")},
			[]string{`1 GET  /taken?  "" false/ 200 200 a/b "h" true`}},
		"response alone": {[]string{"", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nTAKEN"},
			[]string{`1   ?  "" true/ 200 200  "TAKEN" false`}},
		"pipelined": {[]string{"GET /taken/1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\nGET /taken/3 HTTP/1.1\r\n\r\n",
			"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n2HTTP/1.1 500 No\r\n\r\n3"},
			[]string{`1 GET  /taken/1?  "" false/ 200 200  "1" false`, `3 GET  /taken/3?  "" false/ 500 500  "3" false`}},
	} {
		t.Run(name, func(t *testing.T) {
			c := talk(x.messages...)
			got, _ := shown(t, c)
			if strings.Join(got, "\n") != strings.Join(x.want, "\n") {
				t.Fatalf("got %.300q\nwant %.300q", got, x.want)
			}
			dissecttest.Suite(t, carrier, []dissecttest.Conversation{c})
		})
	}
}

func TestCarriedLoss(t *testing.T) {
	c := talk("GET /taken HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n123", "", "67")
	c.Segments[3].Gap = 2
	got, _ := shown(t, c)
	if want := `1 GET  /taken?  "" false/ 200 200  "123<2 lost>67" true`; len(got) != 1 || got[0] != want {
		t.Fatalf("%q", got)
	}
}

func TestSafePath(t *testing.T) {
	_, rows := shown(t, talk("PUT /taken/4711?q=LABPATIENT HTTP/1.1\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 201 OK\r\nLocation: http://a/taken/4711/1\r\nContent-Length: 0\r\n\r\n"))
	if r := rows[0].V; r.URI != "/taken/*?q=*" || r.Location != "/taken/*/1" || r.Carried != "noter" {
		t.Fatalf("%+v", r)
	}
}

// What waits for answers must not hold a conversation each.
func TestCarriedLimit(t *testing.T) {
	c := talk(strings.Repeat("GET /taken HTTP/1.1\r\n\r\n", 3*maxPending), strings.Repeat("HTTP/1.1 204 A\r\n\r\n", 3*maxPending))
	got, rows := shown(t, c)
	if len(rows) != 3*maxPending+2*maxPending || len(got) < maxCarried || len(got) > 3*maxCarried*maxPending {
		t.Fatalf("%d rows, %d carried", len(rows), len(got))
	}
}

func TestUnpackingIsBounded(t *testing.T) {
	body := packed(t, strings.Repeat("\x00", 2*maxUnpacked))
	c := talk("GET /taken HTTP/1.1\r\n\r\n", answer200(body, "gzip"))
	b := dissecttest.Run(With(&dissect.Protocol{Name: "sum", MaxBuffer: 1, Probe: noter.Probe,
		New: func(c *dissect.Conn) dissect.Dissector { return &summing{x: c.Carried.(*web.Exchange)} }}), &c)
	if got := notes.Get(b)[0].V.Text; got != fmt.Sprint(maxUnpacked, true) {
		t.Fatal(got)
	}
}

type summing struct {
	x *web.Exchange
	n int
}

func (s *summing) Feed(seg *dissect.Segment, _ *event.Batch) (dissect.Progress, error) {
	s.n += len(seg.Data)
	return dissect.Progress{Used: len(seg.Data)}, nil
}
func (s *summing) Close(out *event.Batch) {
	notes.Emit(out, s.x.Ref, noted{fmt.Sprint(s.n, s.x.ResponseCut)})
}

package http

import (
	"strings"
	"testing"

	"wardtrace/dissect/dissecttest"
)

// TestKeep holds that bodies of both directions are kept as they crossed, without chunks and with their coding.
func TestKeep(t *testing.T) {
	zipped := packed(t, "the report of the night")
	c := talk("POST /up?id=1 HTTP/1.1\r\nContent-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n3\r\na,b\r\n4;x\r\n\n1,2\r\n0\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Disposition: attachment; filename=\"../r.txt\"\r\nContent-Encoding: gzip\r\nContent-Length: "+itoa(len(zipped))+"\r\n\r\n"+zipped,
		"GET /none HTTP/1.1\r\n\r\n", "HTTP/1.1 204 No\r\n\r\n", "GET /cut HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
	got := dissecttest.Keep(With(), &c)
	want := []struct {
		body, name, via, coding, from string
		complete                      bool
	}{{"a,b\n1,2", "/up", "POST", "", "client", true}, {zipped, "../r.txt", "POST", "gzip", "server", true}, {"half", "/cut", "GET", "", "server", false}}
	if len(got) != len(want) {
		t.Fatalf("%d bodies, want %d", len(got), len(want))
	}
	for i, w := range want {
		if k := got[i]; k.String() != w.body || k.Name != w.name || k.Via != w.via || k.Coding != w.coding || k.From.String() != w.from || k.Complete != w.complete || !k.Closed {
			t.Errorf("body %d: %q %+v complete %v closed %v", i, k.String(), k.Object, k.Complete, k.Closed)
		}
	}
}

// TestKeepLoss holds that a loss leaves a hole, and that whatever is lost every body is closed once (the shelf panics otherwise).
func TestKeepLoss(t *testing.T) {
	c := talk("PUT /x HTTP/1.1\r\nContent-Length: 10\r\n\r\n01", "x")
	c.Segments[1] = dissecttest.Segment{Gap: 4, Data: []byte("6789"), Ref: c.Segments[1].Ref}
	got := dissecttest.Keep(With(), &c)
	if len(got) != 1 || got[0].String() != "01\x00\x00\x00\x006789" || got[0].Lost != 4 || got[0].Complete {
		t.Fatalf("%d bodies: %q", len(got), got[0].String())
	}
	for _, c := range dissecttest.Load(t, overTCP, "../../samples/hl7-http/capture.pcap", "../../samples/http-pipelined/capture.pcap") {
		for i := range c.Segments {
			v := c
			v.Segments = append([]dissecttest.Segment(nil), c.Segments...)
			v.Segments[i].Gap += len(v.Segments[i].Data)
			v.Segments[i].Data = nil
			for _, k := range dissecttest.Keep(With(), &v) {
				if !k.Closed {
					t.Fatalf("segment %d lost: a body is not closed", i)
				}
			}
		}
	}
}

func itoa(n int) string {
	return strings.TrimLeft(string([]byte{byte('0' + n/100%10), byte('0' + n/10%10), byte('0' + n%10)}), "0")
}

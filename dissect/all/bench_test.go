package all

import (
	"path/filepath"
	"sort"
	"testing"

	"wardtrace/dissect"
	"wardtrace/dissect/dissecttest"
	"wardtrace/dissect/event"
	"wardtrace/samples"
)

// BenchmarkDissect feeds to each protocol, once a round, the samples' conversations that are its own, in the pieces in which they
// were recorded. Probing counts, rows are made and thrown away.
func BenchmarkDissect(b *testing.B) {
	set := dissect.NewSet(Protocols)
	own := map[string][]dissecttest.Conversation{}
	names, err := samples.List("")
	if err != nil {
		b.Fatal(err)
	}
	for _, name := range names {
		if name == "dicom-association-flood" || name == "mqtt-connect-flood" {
			continue // conversations that say nothing
		}
		for _, c := range conversations(b, name, set) {
			if service, _ := feed(&c, set, &event.Batch{}); service != "" {
				own[service] = append(own[service], c)
			}
		}
	}
	services := make([]string, 0, len(own))
	for s := range own {
		services = append(services, s)
	}
	sort.Strings(services)
	if len(services) < 30 {
		b.Fatalf("only %d protocols were recognised", len(services))
	}
	for _, s := range services {
		b.Run(s, func(b *testing.B) { dissectAll(b, own[s], set) })
	}
}

// conversations are those of a sample that somebody wants, none for a sample that has none.
func conversations(b *testing.B, name string, set *dissect.Set) (out []dissecttest.Conversation) {
	path := filepath.Join(samples.Dir(name), "capture.pcap")
	all := dissecttest.Load(b, nil, path)
	for _, c := range all {
		if len(set.For(&c.Conn)) > 0 {
			out = append(out, c)
		}
	}
	return out
}

func dissectAll(b *testing.B, convs []dissecttest.Conversation, set *dissect.Set) {
	bytes := 0
	for i := range convs {
		for _, s := range convs[i].Segments {
			bytes += len(s.Data)
		}
	}
	b.SetBytes(int64(bytes))
	b.ReportAllocs()
	rows := 0
	for b.Loop() {
		for i := range convs {
			out := &event.Batch{}
			_, n := feed(&convs[i], set, out)
			rows += n
		}
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}

// feed gives a conversation to whoever takes it, without copying: dissectors do not write to what they get.
func feed(c *dissecttest.Conversation, set *dissect.Set, out *event.Batch) (service string, rows int) {
	conn := c.Conn
	var seq uint32
	s := dissect.NewStream(&conn, set.For(&conn), &seq)
	for i := range c.Segments {
		g := &c.Segments[i]
		seg := dissect.Segment{Data: g.Data, Gap: g.Gap, Dir: g.Dir, Ref: g.Ref}
		if conn.Transport == dissect.TCP {
			s.Feed(&seg, out)
		} else {
			s.Datagram(&seg, out)
		}
	}
	service = s.Service()
	s.Close(out)
	return service, out.Len()
}

package dissecttest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"wardtrace/dissect"
	"wardtrace/dissect/event"
)

// Segment is one recorded stretch of a conversation.
type Segment struct {
	Dir  dissect.Dir
	Gap  int
	Data []byte
	Ref  event.Ref
}

// Conversation is what one Stream gets to see.
type Conversation struct {
	Conn     dissect.Conn
	Segments []Segment
}

// datagrams tells whether segments are messages of their own.
func (c *Conversation) datagrams() bool { return c.Conn.Transport != dissect.TCP }

func (c *Conversation) size() int {
	n := 0
	for _, s := range c.Segments {
		n += len(s.Data)
	}
	return n
}

// Run feeds a conversation to a protocol as the shard would, and gives the rows.
func Run(p *dissect.Protocol, c *Conversation) *event.Batch {
	conn := c.Conn
	return run(&conn, []*dissect.Protocol{p}, c)
}

func run(conn *dissect.Conn, protocols []*dissect.Protocol, c *Conversation) *event.Batch {
	out := &event.Batch{}
	var seq uint32
	s := dissect.NewStream(conn, protocols, &seq)
	for i := range c.Segments {
		g := &c.Segments[i]
		data := append([]byte(nil), g.Data...)
		seg := dissect.Segment{Data: data, Gap: g.Gap, Dir: g.Dir, Ref: g.Ref}
		if c.datagrams() {
			s.Datagram(&seg, out)
		} else {
			s.Feed(&seg, out)
		}
		for j := range data { // it is valid only during Feed: spoil it
			data[j] = 0xA5
		}
	}
	s.Close(out)
	return out
}

// Dump writes a batch as text, one line a row, tables in the order of their first row.
func Dump(b *event.Batch) string {
	var w strings.Builder
	for _, rows := range b.Tables() {
		for i := range rows.Len() {
			w.WriteString(rows.Table.Name)
			for c := range rows.Table.Columns {
				if v := rows.Value(i, c); v != nil {
					fmt.Fprintf(&w, " %s=%q", rows.Table.Columns[c].Name, fmt.Sprint(v))
				}
			}
			w.WriteByte('\n')
		}
	}
	return w.String()
}

// fault gives the detail of a dissector_fault row, the trace of a panic that was caught.
func fault(b *event.Batch) string {
	for _, a := range event.Anomalies.Get(b) {
		if a.V.Kind == "dissector_fault" {
			return a.V.Detail
		}
	}
	return ""
}

// exhaustive is the size up to which every offset is tried; above it a seeded sample of them is.
const (
	exhaustive = 16 << 10
	sampled    = 300
	inShort    = 20 // offsets tried by go test -short, for the race detector, which makes everything ten times slower
)

// Suite runs a dissector over conversations: whole, split at every offset, in single bytes, cut at every length, with
// each segment lost, and with the directions swapped. Splits must give the rows of the whole; the rest must not fault.
func Suite(t *testing.T, p *dissect.Protocol, convs []Conversation) {
	t.Helper()
	if len(convs) == 0 {
		t.Fatal("no conversations: the sample is empty or was not found")
	}
	for i := range convs {
		c := &convs[i]
		t.Run(fmt.Sprintf("conversation-%d", i), func(t *testing.T) { suite(t, p, c) })
	}
}

func suite(t *testing.T, p *dissect.Protocol, c *Conversation) {
	b := Run(p, c)
	want := Dump(b)
	if f := fault(b); f != "" {
		t.Fatalf("whole: %s", f)
	}
	check := func(what string, v *Conversation, same bool) {
		b := Run(p, v)
		if f := fault(b); f != "" {
			t.Fatalf("%s: %s", what, f)
		}
		if got := Dump(b); same && got != want {
			t.Fatalf("%s: rows differ from the whole\n%s", what, diff(want, got))
		}
	}
	if !c.datagrams() {
		for _, at := range offsets(c.size()) {
			check(fmt.Sprintf("split at %d", at), split(c, at), true)
		}
		if c.size() <= 4*exhaustive && !testing.Short() {
			check("single bytes", singles(c), true)
		}
	}
	for _, n := range offsets(c.size()) {
		check(fmt.Sprintf("cut at %d", n), cut(c, n), false)
	}
	step := 1 + len(c.Segments)/sampled
	for i := 0; i < len(c.Segments); i += step {
		check(fmt.Sprintf("segment %d lost", i), lose(c, i), false)
	}
	check("swapped", swapped(c), false)
}

func offsets(size int) []int {
	var out []int
	n := sampled
	if testing.Short() {
		n = min(inShort, size-1)
	}
	if size <= exhaustive && !testing.Short() {
		for i := 1; i < size; i++ {
			out = append(out, i)
		}
		return out
	}
	r := rand.New(rand.NewPCG(1, uint64(size)))
	for range n {
		out = append(out, 1+r.IntN(size-1))
	}
	return out
}

// split cuts the segment that holds the conversation's byte number at in two.
func split(c *Conversation, at int) *Conversation {
	out := &Conversation{Conn: c.Conn}
	for _, s := range c.Segments {
		if at > 0 && at < len(s.Data) {
			a, b := s, s
			a.Data, b.Data, b.Gap = s.Data[:at], s.Data[at:], 0
			out.Segments = append(out.Segments, a, b)
		} else {
			out.Segments = append(out.Segments, s)
		}
		at -= len(s.Data)
	}
	return out
}

func singles(c *Conversation) *Conversation {
	out := &Conversation{Conn: c.Conn}
	for _, s := range c.Segments {
		if len(s.Data) == 0 { // a loss alone
			out.Segments = append(out.Segments, s)
		}
		for i := range s.Data {
			g := s
			g.Data = s.Data[i : i+1]
			if i > 0 {
				g.Gap = 0
			}
			out.Segments = append(out.Segments, g)
		}
	}
	return out
}

// cut keeps the first n bytes of the conversation.
func cut(c *Conversation, n int) *Conversation {
	out := &Conversation{Conn: c.Conn}
	for _, s := range c.Segments {
		if n <= 0 {
			break
		}
		s.Data = s.Data[:min(n, len(s.Data))]
		n -= len(s.Data)
		out.Segments = append(out.Segments, s)
	}
	return out
}

// lose drops segment i and announces the loss with the next one of its direction.
func lose(c *Conversation, i int) *Conversation {
	out := &Conversation{Conn: c.Conn}
	gap := 0
	for j, s := range c.Segments {
		switch {
		case j == i:
			gap = s.Gap + len(s.Data)
			continue
		case j > i && gap > 0 && s.Dir == c.Segments[i].Dir && !c.datagrams():
			s.Gap += gap
			gap = 0
		}
		out.Segments = append(out.Segments, s)
	}
	return out
}

func swapped(c *Conversation) *Conversation {
	out := &Conversation{Conn: c.Conn, Segments: append([]Segment(nil), c.Segments...)}
	out.Conn.Client, out.Conn.Server = c.Conn.Server, c.Conn.Client
	out.Conn.Guessed = true
	for i := range out.Segments {
		out.Segments[i].Dir = out.Segments[i].Dir.Other()
	}
	return out
}

// diff shows the first line in which two dumps differ.
func diff(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := 0; i < len(w) || i < len(g); i++ {
		a, b := "(end)", "(end)"
		if i < len(w) {
			a = w[i]
		}
		if i < len(g) {
			b = g[i]
		}
		if a != b {
			return fmt.Sprintf("line %d\nwant %s\ngot  %s", i+1, a, b)
		}
	}
	return ""
}

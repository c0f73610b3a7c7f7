package dissecttest

import (
	"encoding/binary"
	"testing"

	"wardtrace/dissect"
	"wardtrace/dissect/event"
)

// Fuzz checks a dissector's invariants on mutated conversations: it never faults, splitting a stream changes no row,
// and an error comes with no row.
func Fuzz(f *testing.F, p *dissect.Protocol, convs []Conversation) {
	f.Helper()
	if len(convs) == 0 {
		f.Fatal("no seeds: the sample is empty or was not found")
	}
	conn := convs[0].Conn
	for i := range convs {
		f.Add(encode(&convs[i]), uint16(7))
	}
	f.Fuzz(func(t *testing.T, in []byte, at uint16) {
		c := decode(conn, in)
		checkError(t, p, c)
		b := Run(p, c)
		if m := fault(b); m != "" {
			t.Fatal(m)
		}
		if c.datagrams() {
			return
		}
		want := Dump(b)
		if got := Dump(Run(p, split(c, int(at)))); got != want {
			t.Fatalf("split at %d: rows differ from the whole\n%s", at, diff(want, got))
		}
		if c.size() <= exhaustive {
			if got := Dump(Run(p, singles(c))); got != want {
				t.Fatalf("single bytes: rows differ from the whole\n%s", diff(want, got))
			}
		}
	})
}

// checkError feeds the dissector without a stream around it.
func checkError(t *testing.T, p *dissect.Protocol, c *Conversation) {
	conn := c.Conn
	d := p.New(&conn)
	out := &event.Batch{}
	var seq uint32
	out.Begin(conn.Flow, &seq)
	for i := range c.Segments {
		s := &c.Segments[i]
		if len(s.Data) == 0 {
			continue
		}
		_, err := d.Feed(&dissect.Segment{Data: s.Data, Gap: s.Gap, Dir: s.Dir, Ref: s.Ref}, out)
		if err != nil {
			if out.Len() > 0 {
				t.Fatalf("error %v after %d rows", err, out.Len())
			}
			return
		}
	}
	d.Close(out)
}

// encode writes a conversation as bytes a fuzzer can change: direction and gap flag, length, data, again and again.
func encode(c *Conversation) []byte {
	var out []byte
	for i, s := range c.Segments {
		if len(out) > 64<<10 || i > 400 {
			break
		}
		flags := byte(s.Dir)
		if s.Gap > 0 {
			flags |= 2
		}
		data := s.Data[:min(len(s.Data), 0xffff)]
		out = append(out, flags)
		out = binary.BigEndian.AppendUint16(out, uint16(len(data)))
		out = append(out, data...)
	}
	return out
}

func decode(conn dissect.Conn, in []byte) *Conversation {
	c := &Conversation{Conn: conn}
	for len(in) >= 3 {
		n := min(int(binary.BigEndian.Uint16(in[1:])), len(in)-3)
		s := Segment{Dir: dissect.Dir(in[0] & 1), Data: in[3 : 3+n], Ref: event.Ref{Time: event.Time(len(c.Segments)) + 1, File: 1, Frame: uint32(len(c.Segments)) + 1}}
		if in[0]&2 != 0 {
			s.Gap = 100
		}
		c.Segments = append(c.Segments, s)
		in = in[3+n:]
	}
	return c
}

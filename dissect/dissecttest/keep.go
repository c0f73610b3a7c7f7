package dissecttest

import (
	"bytes"

	"wardtrace/dissect"
	"wardtrace/dissect/event"
)

// Shelf keeps objects in memory: a dissect.Keeper for tests.
type Shelf struct{ Objects []*Kept }

// Kept is an object on the shelf. Holes are zeros.
type Kept struct {
	bytes.Buffer
	dissect.Object
	Ref              event.Ref
	Lost             int64
	Closed, Complete bool
}

// Keep begins an object.
func (s *Shelf) Keep(o dissect.Object, ref event.Ref) dissect.ObjectWriter {
	k := &Kept{Object: o, Ref: ref}
	s.Objects = append(s.Objects, k)
	return k
}

// Lose notes a hole.
func (k *Kept) Lose(n int64) {
	k.Lost += n
	k.Write(make([]byte, min(n, 1<<20)))
}

// Close ends the object; twice is a fault of the dissector.
func (k *Kept) Close(complete bool) {
	if k.Closed {
		panic("an object is closed twice")
	}
	k.Closed, k.Complete = true, complete && k.Lost == 0
}

// Keep feeds a conversation to a protocol and gives the objects that it kept.
func Keep(p *dissect.Protocol, c *Conversation) []*Kept {
	s := &Shelf{}
	kept := *c
	kept.Conn.Keeper = s
	Run(p, &kept)
	return s.Objects
}

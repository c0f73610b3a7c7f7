package carve

import (
	"slices"

	"wardtrace/dissect/event"
)

// Selection says which packets are wanted, and by which of the outputs, which are numbered from 0.
type Selection struct {
	From, To event.Time // of what is wanted, only what lies between; 0 = open. Both ends belong to the window.
	Window   bool       // everything in the window is wanted, by output 0

	flows  map[uint64]*share
	frames map[frame]*share
	left   int64 // packets that are wanted and have not come
}

type frame struct{ file, frame uint32 }

// share is what is wanted of a conversation, or a single packet, and why.
type share struct {
	left     int64 // packets that have not come
	outs     []int
	comments []string
}

func (s *share) wanted(out int) {
	if !slices.Contains(s.outs, out) {
		s.outs = append(s.outs, out)
	}
}

// Flow wants a whole conversation, of so many packets, for an output.
func (s *Selection) Flow(id uint64, packets int64, out int) {
	if s.flows == nil {
		s.flows = map[uint64]*share{}
	}
	f := s.flows[id]
	if f == nil {
		f = &share{left: packets}
		s.flows[id] = f
		s.left += packets
	}
	f.wanted(out)
}

// Frame wants one packet for an output.
func (s *Selection) Frame(file, number uint32, out int) {
	if s.frames == nil {
		s.frames = map[frame]*share{}
	}
	k := frame{file, number}
	f := s.frames[k]
	if f == nil {
		f = &share{left: 1}
		s.frames[k] = f
		s.left++
	}
	f.wanted(out)
}

// Comment gives every packet of a conversation that is wanted a comment.
func (s *Selection) Comment(id uint64, comment string) {
	if f := s.flows[id]; f != nil {
		f.comments = append(f.comments, comment)
	}
}

// CommentFrame gives one packet a comment, if it is taken. It does not make it wanted.
func (s *Selection) CommentFrame(file, number uint32, comment string) {
	if s.frames == nil {
		s.frames = map[frame]*share{}
	}
	k := frame{file, number}
	if s.frames[k] == nil {
		s.frames[k] = &share{}
	}
	s.frames[k].comments = append(s.frames[k].comments, comment)
}

// Flows tells whether any conversation is wanted: if none is, nobody needs to know to which a packet belongs.
func (s *Selection) Flows() bool { return len(s.flows) > 0 }

// Wants tells whether a conversation is wanted and has packets to come.
func (s *Selection) Wants(id uint64) bool {
	f := s.flows[id]
	return f != nil && f.left > 0
}

// Empty tells whether nothing is wanted.
func (s *Selection) Empty() bool { return !s.Window && s.left == 0 }

// Done tells whether all that is wanted has come.
func (s *Selection) Done() bool { return !s.Window && s.left == 0 }

// Left is the number of packets that are wanted and have not come.
func (s *Selection) Left() int64 { return s.left }

// Take says which outputs want a packet, and why. flow is its conversation, 0 if that is not known. Call it once for each packet.
func (s *Selection) Take(ref event.Ref, flow uint64) (outs []int, comments []string) {
	f, p := s.flows[flow], s.frames[frame{ref.File, ref.Frame}]
	if flow != 0 && f != nil && f.left > 0 {
		f.left--
		s.left--
		outs, comments = f.outs, f.comments
	}
	if p != nil {
		s.left -= p.left
		p.left = 0
		outs, comments = union(outs, p.outs), slices.Concat(comments, p.comments)
	}
	if s.From != 0 && ref.Time < s.From || s.To != 0 && (ref.Time > s.To || ref.Time == 0) {
		return nil, nil
	}
	if s.Window {
		outs = union(outs, []int{0})
	}
	return outs, comments
}

func union(a, b []int) []int {
	for _, v := range b {
		if !slices.Contains(a, v) {
			a = append(a[:len(a):len(a)], v)
		}
	}
	return a
}

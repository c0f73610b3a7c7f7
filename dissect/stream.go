package dissect

import (
	"fmt"

	"wardtrace/dissect/event"
)

// Limits of a stream. A conversation is small state: thousands are open at once.
const (
	ProbeLimit     = 4096    // bytes a direction may show to probes before it is passed over
	passLimit      = 1 << 20 // bytes of a direction passed over while the other one may still be recognised
	probeDatagrams = 8       // datagrams shown to probes before nobody's wins
	probeSegments  = 64      // segments held for replay: a drip of one byte a segment must not grow them
	maxHandOvers   = 16      // a tunnel in a tunnel has two; a dissector that takes nothing and hands over has no end
)

// Stream runs one conversation: asks the probes, replays what came before they were sure, keeps the bytes a dissector
// left over, and bounds them. The shard has one for each flow, and carriers (HTTP, MQTT) one for what they carry.
// The zero Stream is not ready; use NewStream.
type Stream struct {
	Conn  *Conn
	cands []*Protocol
	cur   *Protocol
	d     Dissector
	dir   [2]half
	held  []held // segments seen before a probe was sure
	seen  int    // segments or datagrams offered to probes
	state streamState
	swap  bool
	turns int // hand-overs so far
	seq   *uint32
}

type streamState uint8

const (
	probing streamState = iota
	running
	ended // both sides have closed
	nobody
)

// half is one direction of a running dissector.
type half struct {
	left  []byte // not used yet
	skip  int    // bytes to pass unseen
	need  int    // bytes wanted before the next call
	gap   int    // bytes lost before left[0]
	probe []byte // first bytes, while probing
	over  int    // bytes passed over while probing: the direction showed ProbeLimit bytes that nobody knew
}

type held struct {
	dir  Dir
	gap  int
	data []byte
	ref  event.Ref
}

// NewStream makes a stream that will be probed for the protocols in cands, in that order. seq counts the rows of the
// flow.
func NewStream(c *Conn, cands []*Protocol, seq *uint32) *Stream {
	s := &Stream{Conn: c, cands: cands, seq: seq}
	if len(cands) == 0 {
		s.state = nobody
	}
	return s
}

// Service is the name of the protocol that was recognised, "" if none yet.
func (s *Stream) Service() string {
	if s.cur == nil {
		return ""
	}
	return s.cur.Name
}

// Swapped tells whether a probe found that client and server were guessed the wrong way round.
func (s *Stream) Swapped() bool { return s.swap }

// Idle tells whether bytes of this direction would be looked at at all; when not, the caller need not reassemble it.
func (s *Stream) Idle() bool { return s.state == nobody }

// Buffered is the number of bytes held back.
func (s *Stream) Buffered() int {
	n := len(s.dir[0].left) + len(s.dir[1].left) + len(s.dir[0].probe) + len(s.dir[1].probe)
	for _, h := range s.held {
		n += len(h.data)
	}
	if h, ok := s.d.(holder); ok {
		n += h.Held()
	}
	return n
}

// holder is a dissector that holds back bytes of its own: a carrier those of what it carries.
type holder interface{ Held() int }

// Open asks the probes before any byte is there: a carrier's header may already say what it carries. It tells whether a
// protocol took the conversation.
func (s *Stream) Open(ref event.Ref, out *event.Batch) bool {
	out.Begin(s.Conn.Flow, s.seq)
	for _, p := range s.cands {
		if s.state == probing && s.take(p, s.ask(p, FromClient, nil, out), ref, out) {
			return true
		}
	}
	return s.state == running
}

// Feed takes the next bytes of a direction of a byte stream. in.Data is borrowed for the call; the Segment itself is used up: it holds
// something else afterwards.
func (s *Stream) Feed(in *Segment, out *event.Batch) {
	out.Begin(s.Conn.Flow, s.seq)
	if s.swap {
		in.Dir = in.Dir.Other()
	}
	s.refeed(in, out)
}

// Datagram takes one datagram, and uses the Segment up like Feed.
func (s *Stream) Datagram(in *Segment, out *event.Batch) {
	out.Begin(s.Conn.Flow, s.seq)
	if s.swap {
		in.Dir = in.Dir.Other()
	}
	switch s.state {
	case running:
		s.datagram(in, out)
	case probing:
		s.seen++
		for _, p := range s.cands {
			if m := s.ask(p, in.Dir, in.Data, out); s.take(p, m, in.Ref, out) {
				if m == Swapped {
					in.Dir = in.Dir.Other()
				}
				if s.datagram(in, out) == nil {
					return
				}
				if s.untake(); m == Swapped {
					s.turn()
					in.Dir = in.Dir.Other()
				}
			}
		}
		if s.seen >= probeDatagrams {
			s.giveUp()
		}
	}
}

// datagram gives one datagram to the dissector. A hand-over concerns the datagrams that follow.
func (s *Stream) datagram(in *Segment, out *event.Batch) error {
	if s.state != running {
		return nil
	}
	p, err := s.call(in, out)
	if err == nil && p.HandOver && s.state == running {
		s.handOver(in, nil, out)
	}
	return err
}

// Close ends the conversation.
func (s *Stream) Close(out *event.Batch) {
	if s.d == nil {
		return
	}
	out.Begin(s.Conn.Flow, s.seq)
	d := s.d
	s.d, s.state = nil, nobody
	s.guard(out, event.Ref{}, func() { d.Close(out) })
}

// End closes a conversation that both sides have ended, so that nothing of its dissector is kept while the flow waits for what may
// come late. Bytes that come all the same (a FIN can be forged) are probed anew.
func (s *Stream) End(out *event.Batch) {
	if s.state == ended || s.state == nobody {
		return
	}
	s.Close(out)
	s.state, s.held, s.seen = ended, nil, 0
	s.dir[0], s.dir[1] = half{}, half{}
}

// probe offers the first bytes of both directions to the candidates.
func (s *Stream) probe(in *Segment, out *event.Batch) {
	h := &s.dir[in.Dir]
	if h.over > 0 {
		if h.over += in.Gap + len(in.Data); h.over > passLimit {
			s.giveUp()
		}
		return
	}
	if in.Gap > 0 && len(h.probe) > 0 {
		h.probe = h.probe[:0] // what follows a loss is a new beginning to a probe
	}
	if in.Gap == 0 && len(in.Data) == 0 {
		return
	}
	if room := ProbeLimit - len(h.probe); room > 0 {
		h.probe = append(h.probe, in.Data[:min(room, len(in.Data))]...)
	}
	s.hold(in)
	if len(h.probe) == 0 {
		return
	}
	maybe := false
	for i := 0; i < len(s.cands); i++ {
		p := s.cands[i]
		m := s.ask(p, in.Dir, h.probe, out)
		maybe = maybe || m == Maybe
		if s.take(p, m, in.Ref, out) {
			if s.replay(out) {
				return
			}
			if m == Swapped { // not its protocol after all: what it said of the sides does not hold either
				s.turn()
			}
			h = &s.dir[in.Dir]
		}
	}
	other := &s.dir[in.Dir.Other()]
	switch full := len(h.probe) >= ProbeLimit; {
	case s.seen >= probeSegments, !maybe && (len(other.probe) > 0 || other.over > 0) && !full, full && other.over > 0:
		s.giveUp()
	case full: // joined in the middle of something large, perhaps: the other side may say what it is
		s.passOver(in.Dir)
	}
}

// hold keeps a segment for replay. What one packet carried is one segment, however it was cut.
func (s *Stream) hold(in *Segment) {
	if n := len(s.held); n > 0 && in.Gap == 0 {
		if last := &s.held[n-1]; last.dir == in.Dir && last.ref == in.Ref {
			last.data = append(last.data, in.Data...)
			return
		}
	}
	s.held = append(s.held, held{dir: in.Dir, gap: in.Gap, data: append([]byte(nil), in.Data...), ref: in.Ref})
	s.seen++
}

// passOver drops what a direction showed; what it sends from now on is counted only, until the other is recognised.
func (s *Stream) passOver(dir Dir) {
	h := &s.dir[dir]
	kept := s.held[:0]
	for _, x := range s.held {
		if x.dir == dir {
			h.over += x.gap + len(x.data)
		} else {
			kept = append(kept, x)
		}
	}
	s.held, h.probe = kept, nil
}

func (s *Stream) ask(p *Protocol, dir Dir, first []byte, out *event.Batch) (m Match) {
	s.guard(out, event.Ref{}, func() { m = p.Probe(s.Conn, dir, first) })
	return m
}

// take makes p the conversation's protocol if m says so.
func (s *Stream) take(p *Protocol, m Match, ref event.Ref, out *event.Batch) bool {
	switch {
	case m == Swapped && s.Conn.Guessed && !s.swap:
		s.turn()
	case m != Yes:
		return false
	}
	s.cur, s.state = p, running
	if !s.guard(out, ref, func() { s.d = p.New(s.Conn) }) {
		s.giveUp()
	}
	return true
}

// untake goes back to probing: it was not the protocol after all.
func (s *Stream) untake() { s.cur, s.d, s.state = nil, nil, probing }

// turn makes the client the server.
func (s *Stream) turn() {
	s.swap = !s.swap
	c := s.Conn
	c.Client, c.Server = c.Server, c.Client
	c.ClientMAC, c.ServerMAC = c.ServerMAC, c.ClientMAC
	s.dir[0], s.dir[1] = s.dir[1], s.dir[0]
	for i := range s.held {
		s.held[i].dir = s.held[i].dir.Other()
	}
}

// replay feeds the held segments to the dissector just made. False means it was not its protocol after all.
func (s *Stream) replay(out *event.Batch) bool {
	segs := s.held
	s.held = nil
	keep := s.dir
	for i := range s.dir {
		s.dir[i] = half{gap: keep[i].over}
	}
	for i := range segs {
		h := &segs[i]
		if err := s.run(&Segment{Data: h.data, Gap: h.gap, Dir: h.dir, Ref: h.ref}, out); err != nil {
			s.untake()
			s.held, s.dir = segs, keep
			return false
		}
		if s.state != running && i+1 < len(segs) { // handed over or ended in the middle of the replay
			for _, rest := range segs[i+1:] {
				s.refeed(&Segment{Data: rest.data, Gap: rest.gap, Dir: rest.dir, Ref: rest.ref}, out)
			}
			return true
		}
	}
	return true
}

func (s *Stream) refeed(in *Segment, out *event.Batch) {
	switch s.state {
	case running:
		if s.run(in, out) != nil { // not this protocol after all, and too late to ask the others again
			s.giveUp()
		}
	case ended:
		s.state, s.Conn.Midstream = probing, true
		s.probe(in, out)
	case probing:
		s.probe(in, out)
	}
}

func (s *Stream) giveUp() {
	s.cur, s.d = nil, nil
	s.state, s.held = nobody, nil
	s.dir[0], s.dir[1] = half{}, half{}
}

// run gives a direction's unused bytes to the dissector, as often as it makes progress.
func (s *Stream) run(in *Segment, out *event.Batch) error {
	h := &s.dir[in.Dir]
	data := in.Data
	if in.Gap > 0 {
		lost := in.Gap
		if lost <= h.skip && len(h.left) == 0 { // lost inside what was to be skipped: harmless
			h.skip -= lost
		} else {
			h.gap += h.lost(lost)
		}
	}
	if h.skip > 0 {
		n := min(h.skip, len(data))
		data = data[n:]
		if h.skip != Rest {
			h.skip -= n
		}
	}
	if len(data) == 0 {
		return nil
	}
	owned := len(h.left) > 0
	if owned {
		h.left = append(h.left, data...)
		data = h.left
	}
	for len(data) > 0 && (h.need == 0 || len(data) >= h.need) {
		in.Data, in.Gap = data, h.gap
		p, err := s.call(in, out)
		if err != nil {
			return err
		}
		h.gap = 0
		used := max(p.Used, 0)
		if p.HandOver {
			s.handOver(in, data[min(used, len(data)):], out)
			return nil
		}
		if s.state != running {
			return nil
		}
		h.need = max(p.Need, 0)
		if used >= len(data) {
			h.skip = used - len(data)
			if used == Rest {
				h.skip = Rest
			}
			data, h.need = nil, 0
			break
		}
		data = data[used:]
		if used == 0 || (h.need > 0 && len(data) < h.need) {
			break
		}
	}
	s.keep(h, data, in, out)
	return nil
}

// lost accounts for n lost bytes after the leftovers: those are gone with them. It returns the size of the gap that
// the dissector will be told of.
func (h *half) lost(n int) int {
	if h.skip == Rest {
		return 0
	}
	if h.skip > 0 {
		n -= h.skip
		h.skip = 0
	}
	n += len(h.left)
	h.left, h.need = h.left[:0], 0
	return n
}

// keep stores what the dissector left over, within its cap.
func (s *Stream) keep(h *half, data []byte, in *Segment, out *event.Batch) {
	limit := s.cur.MaxBuffer
	switch {
	case len(data) > limit:
	case len(data) == len(h.left) && len(data) > 0 && &data[0] == &h.left[0]: // nothing was used: a slow drip must not copy it again and again
		return
	default:
		h.left = append(h.left[:0], data...)
		return
	}
	Anomaly(out, in.Ref, s.cur.Name, "buffer_limit", int64(len(data)),
		fmt.Sprintf("a message larger than %d bytes was passed over", limit))
	h.gap += len(data)
	h.left, h.need = nil, 0
}

// handOver ends the dissector and probes what follows anew.
func (s *Stream) handOver(in *Segment, rest []byte, out *event.Batch) {
	d := s.d
	s.guard(out, in.Ref, func() { d.Close(out) })
	s.untake()
	s.seen = 0
	if s.turns++; s.turns > maxHandOvers {
		s.giveUp()
		return
	}
	other := append([]byte(nil), s.dir[in.Dir.Other()].left...)
	rest = append([]byte(nil), rest...)
	s.dir[0], s.dir[1] = half{}, half{}
	if len(other) > 0 {
		s.probe(&Segment{Data: other, Dir: in.Dir.Other(), Ref: in.Ref}, out)
	}
	if len(rest) > 0 {
		s.refeed(&Segment{Data: rest, Dir: in.Dir, Ref: in.Ref}, out)
	}
}

// call runs the dissector once, guarded.
func (s *Stream) call(seg *Segment, out *event.Batch) (p Progress, err error) {
	ok := s.guard(out, seg.Ref, func() { p, err = s.d.Feed(seg, out) })
	if !ok {
		s.d, s.state = nil, nobody
		return Progress{Used: Rest}, nil
	}
	return p, err
}

// guard is the program's only recover: a panic in a dissector is a fault of ours that must not cost the evidence. It
// becomes an anomaly row and the flow goes on without the dissector.
func (s *Stream) guard(out *event.Batch, ref event.Ref, f func()) (ok bool) {
	name := s.Service()
	defer func() {
		if r := recover(); r != nil {
			Anomaly(out, ref, name, "dissector_fault", 1, fmt.Sprintf("the dissector stopped on this flow: %v", r))
			ok = false
		}
	}()
	f()
	return true
}

// Anomaly emits an anomaly row. kind is a stable word, detail a sentence without patient data.
func Anomaly(out *event.Batch, ref event.Ref, protocol, kind string, count int64, detail string) {
	event.Anomalies.Emit(out, ref, event.Anomaly{Kind: kind, Protocol: protocol, Detail: detail, Count: count})
}

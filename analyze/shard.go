package analyze

import (
	"wardtrace/analyze/flow"
	"wardtrace/analyze/packet"
	"wardtrace/analyze/stream"
	"wardtrace/dissect"
	"wardtrace/dissect/event"
)

// shard owns conversations for life: flow, stream, dissector, rows. One goroutine runs it; the reader fills its batches.
type shard struct {
	set   *dissect.Set
	table *flow.Table
	bud   *budget
	rows  chan<- *event.Batch
	spare <-chan *event.Batch                                    // batches that were loaded; nil: none come back
	keep  func(*shard, *dissect.Conn) (dissect.Keeper, *rawFile) // gives a conversation what takes its objects, and all its bytes; nil: none are taken
	out   *event.Batch
	fed   int // bytes of payload since rows went to the loader
	flows uint64
	now   event.Time

	flow *flow.Flow // whose packet is being worked off
	talk *talk
	at   event.Ref       // of that packet
	seg  dissect.Segment // of that packet; one for all, since dissectors borrow it
	used spares

	in   chan *batch
	free chan *batch
	cur  *batch // being filled by the reader
}

func newShard(set *dissect.Set, opt flow.Options, bud *budget, rows chan<- *event.Batch) *shard {
	s := &shard{set: set, bud: bud, rows: rows, out: &event.Batch{}, in: make(chan *batch, batchQueue), free: make(chan *batch, batchQueue+2)}
	opt.Epoch = epochPackets
	s.table = flow.NewTable(opt, s.ended)
	for range batchQueue + 2 {
		s.free <- &batch{packets: make([]packet.Packet, 0, batchPackets), meta: make([]meta, 0, batchPackets), arena: make([]byte, 0, batchBytes)}
	}
	return s
}

// put copies a packet into the batch being filled. Called by the reader.
func (s *shard) put(p *packet.Packet, index uint64, now event.Time) {
	if s.cur != nil && (len(s.cur.packets) == batchPackets || len(s.cur.arena)+len(p.Payload) > cap(s.cur.arena)) {
		s.send(nil)
	}
	if s.cur == nil {
		s.cur = <-s.free
	}
	b := s.cur
	at := len(b.arena)
	b.arena = append(b.arena, p.Payload...) // grows past batchBytes only for a datagram larger than all of it
	p.Payload, p.IPPayload = b.arena[at:len(b.arena):len(b.arena)], nil
	b.packets = append(b.packets, *p)
	b.meta = append(b.meta, meta{index, now})
}

// send gives the batch being filled to the shard, marked with an epoch if e is set. Called by the reader.
func (s *shard) send(e *epoch) {
	if s.cur == nil {
		if e == nil {
			return
		}
		s.cur = <-s.free
	}
	s.cur.epoch = e
	s.in <- s.cur
	s.cur = nil
}

// close ends the shard's input. Called by the reader, with the stream time at the end.
func (s *shard) close(now event.Time) {
	s.send(&epoch{now: now, last: true})
	close(s.in)
}

// run works off batches until the reader closes the shard.
func (s *shard) run() {
	for b := range s.in {
		for i := range b.packets {
			s.packet(&b.packets[i], b.meta[i])
		}
		if b.epoch != nil {
			s.epoch(b.epoch)
		}
		b.packets, b.meta, b.arena, b.epoch = b.packets[:0], b.meta[:0], b.arena[:0], nil
		s.free <- b
	}
	s.flush()
}

// talk is what the shard keeps for a flow beside its counters.
type talk struct {
	conn    dissect.Conn
	seq     uint32
	diss    dissect.Stream
	raw     *rawFile             // takes all bytes as they are; nil: nobody does
	tcp     *stream.Conversation // nil for what is no TCP
	ignored bool                 // nobody wants the bytes
	swapped bool                 // client and server were guessed the wrong way round
}

// spares are the talks of flows that have ended, to be used again, and what was allocated for TCP.
type spares struct {
	talks []*talk
	tcp   []*stream.Conversation
}

// maxSpares bounds them: after a flood their memory goes back.
const maxSpares = 1 << 14

// begin readies what the shard keeps for a new flow.
func (s *shard) begin(f *flow.Flow) *talk {
	t := pop(&s.used.talks)
	t.conn = f.Conn()
	if s.keep != nil {
		t.conn.Keeper, t.raw = s.keep(s, &t.conn)
	}
	t.diss = *dissect.NewStream(&t.conn, s.set.For(&t.conn), &t.seq)
	if t.conn.Transport == dissect.TCP {
		t.tcp = pop(&s.used.tcp)
	}
	f.User = t
	return t
}

// pop takes the last of a list, or makes a new one.
func pop[T any](list *[]*T) *T {
	n := len(*list)
	if n == 0 {
		return new(T)
	}
	one := (*list)[n-1]
	(*list)[n-1], *list = nil, (*list)[:n-1]
	return one
}

// recycle keeps a talk for another flow. Who takes objects may still hold on to it.
func (s *shard) recycle(t *talk) {
	if s.keep != nil || len(s.used.talks) >= maxSpares {
		return
	}
	if t.tcp != nil {
		*t.tcp = stream.Conversation{}
		s.used.tcp = append(s.used.tcp, t.tcp)
	}
	*t = talk{}
	s.used.talks = append(s.used.talks, t)
}

// held is what a talk counts for in the budget.
func (t *talk) held() int {
	n := talkBytes + t.diss.Buffered()
	if t.tcp != nil {
		n += tcpBytes + t.tcp.Logical()
	}
	return n
}

func (s *shard) packet(p *packet.Packet, m meta) {
	f, dir, fresh := s.table.Packet(p, m.index, m.now)
	var t *talk
	if fresh {
		t = s.begin(f)
	} else {
		t = f.User.(*talk)
	}
	s.flow, s.talk, s.at = f, t, p.Ref
	switch {
	case t.conn.Transport == dissect.TCP:
		t.tcp.Packet(p, dir, s)
		if p.TCP.Flags&packet.FIN != 0 && t.tcp.Over() {
			t.diss.End(s.out) // most connections are over long before their flow is: without it they held two thirds of our memory
		}
	case len(p.Payload) > 0 && !t.diss.Idle():
		s.seg = dissect.Segment{Data: p.Payload, Cut: p.PayloadLen - len(p.Payload), Dir: dir, Ref: p.Ref}
		t.diss.Datagram(&s.seg, s.out)
		s.learn()
	}
	s.table.Hold(f, t.held())
	s.fed += len(p.Payload)
	if s.out.Len() >= rowsPerBatch || s.fed >= rowBytes {
		s.flush()
	}
}

// Data takes what the reassembly of the current flow delivers (stream.Sink).
func (s *shard) Data(dir dissect.Dir, gap int, data []byte, ref event.Ref) {
	s.flow.Gap(dir, gap)
	s.talk.raw.data(dir, gap, data, ref)
	s.seg = dissect.Segment{Data: data, Gap: gap, Dir: dir, Ref: ref}
	s.talk.diss.Feed(&s.seg, s.out)
	s.learn()
	if s.talk.diss.Idle() && !s.talk.ignored && s.talk.raw == nil {
		s.talk.ignored = true
		s.talk.tcp.Ignore(dissect.FromClient)
		s.talk.tcp.Ignore(dissect.FromServer)
	}
}

// Note takes an irregularity of the current flow's stream (stream.Sink).
func (s *shard) Note(dir dissect.Dir, what stream.Kind, ref event.Ref) {
	s.out.Begin(s.flow.ID, &s.talk.seq)
	dissect.Anomaly(s.out, ref, "tcp", what.String(), 1, what.Detail())
}

// learn takes over what the dissector found out about the current flow.
func (s *shard) learn() {
	if name := s.talk.diss.Service(); name != "" {
		s.flow.Service = name
	}
	if s.talk.diss.Swapped() && !s.talk.swapped {
		s.talk.swapped = true
		s.flow.Swap()
	}
}

// epoch counts the shard's memory for the budget and closes what is over or was cut off.
func (s *shard) epoch(e *epoch) {
	s.now = e.now
	if e.last {
		s.table.Drain(e.now)
		return
	}
	s.table.Expire(e.now)
	if e.cutoff > 0 {
		s.table.Evict(e.cutoff*epochPackets + 1)
	}
	s.bud.report(e.n, s.table.Sizes())
}

// ended writes the rows of a flow that has ended (flow.Table's callback).
func (s *shard) ended(f *flow.Flow) {
	t := f.User.(*talk)
	flow0, talk0 := s.flow, s.talk
	s.flow, s.talk = f, t
	if t.tcp != nil {
		t.tcp.Close(s)
	}
	t.raw.close()
	t.diss.Close(s.out)
	s.out.Begin(f.ID, &t.seq)
	if t.tcp != nil {
		s.reassembled(f, t.tcp)
	}
	if f.Ended == flow.EndedMemory {
		dissect.Anomaly(s.out, f.First, "flow", "memory_limit", 1, "the flow was closed early to stay within --memory; what came later is another flow")
	}
	flow.Flows.Add(s.out, f.Row())
	s.flows++
	s.recycle(t)
	s.flow, s.talk = flow0, talk0
	if s.out.Len() >= rowsPerBatch { // at the end of the stream all flows end at once
		s.flush()
	}
}

// reassembled takes over what reassembly found out about a flow.
func (s *shard) reassembled(f *flow.Flow, tcp *stream.Conversation) {
	for dir := range f.Sides {
		st := tcp.Stats(dissect.Dir(dir))
		side := &f.Sides[dir]
		side.Retransmits, side.OutOfOrder, side.Conflicts = st.Retransmits, st.OutOfOrder, st.Conflicts
		if st.Gaps > 0 {
			dissect.Anomaly(s.out, f.First, "tcp", "tcp_gap", int64(st.Missed), "payload bytes of this flow's "+dissect.Dir(dir).String()+" that the capture lost")
		}
	}
}

// flush hands the rows to the loader.
func (s *shard) flush() {
	s.fed = 0
	if s.out.Len() == 0 {
		return
	}
	s.rows <- s.out
	select {
	case s.out = <-s.spare:
	default:
		s.out = &event.Batch{}
	}
}

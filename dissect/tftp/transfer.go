package tftp

import (
	"wardtrace/dissect"
	"wardtrace/dissect/event"
)

// defaultBlock is the size of a block where none was agreed on (RFC 1350, section 2).
const defaultBlock = 512

// transfer is one file on its way. Blocks are counted from 1 without end; the wire has the last 16 bits (RFC 1350, section 5).
type transfer struct {
	keeper dissect.Keeper
	w      dissect.ObjectWriter
	row    Message
	begun  event.Ref
	from   dissect.Dir
	next   int64 // block that is due; 0 before the first packet of data
	block  int64 // bytes of a full one; 0 if not known yet
	window int64
	size   int64 // announced, -1 if not
	last   int64 // number of the block that ends the file, 0 if it was not seen
	acked  int64 // highest block that was acknowledged
	lost   int64 // blocks
	ahead  map[int64]*held
	kept   int // bytes in ahead
	over   bool
}

// held is a block that came before one that is due.
type held struct {
	data []byte
	cut  int
	ref  event.Ref
}

// asked takes over what the request in the same flow says.
func (t *transfer) asked(a *Message) {
	t.row.Filename, t.row.FileExt, t.row.Traversal, t.row.Mode = a.Filename, a.FileExt, a.Traversal, a.Mode
}

// agree takes an OACK. Sent again it says the same.
func (t *transfer) agree(o options, ref event.Ref) {
	t.row.Until = ref.Time
	if len(t.row.Options) > 0 {
		return
	}
	t.row.Options, t.block, t.window, t.size = o.list, o.blockSize, o.window, o.size
}

func (t *transfer) begunData() bool { return t.next > 0 }

// data takes a block.
func (t *transfer) data(from dissect.Dir, number uint16, data []byte, cut int, ref event.Ref) {
	t.row.Until = ref.Time
	if t.next == 0 {
		t.next, t.from = 1, from
		if t.begun = ref; t.block == 0 {
			t.block = defaultBlock
		}
		t.block = max(t.block, int64(len(data)+cut)) // the OACK was not captured
	}
	n := t.next + int64(int16(number-uint16(t.next)))
	switch {
	case n < t.next || t.ahead[n] != nil:
		t.row.Repeats++
	case from != t.from || t.last != 0:
	case n == t.next:
		t.put(data, cut, ref)
		t.catchUp()
	default:
		t.hold(n, &held{append([]byte(nil), data...), cut, ref})
	}
}

// hold keeps a block that comes early. Where every block waits for its acknowledgement, one before it was lost.
func (t *transfer) hold(n int64, h *held) {
	if t.ahead == nil {
		t.ahead = map[int64]*held{}
	}
	t.ahead[n] = h
	if t.kept += len(h.data); t.window <= 1 || len(t.ahead) > maxAhead || t.kept > maxAheadBytes || n-t.next > t.window {
		t.give(n)
	}
}

// give believes that what is missing before block n was lost by the capture alone.
func (t *transfer) give(n int64) {
	for t.next < n && t.last == 0 {
		if h := t.ahead[t.next]; h != nil {
			t.take(h)
			continue
		}
		from := t.next
		for t.next < n && t.ahead[t.next] == nil {
			t.next++
		}
		t.lost += t.next - from
		if t.w != nil {
			t.w.Lose((t.next - from) * t.block)
		}
	}
	t.catchUp()
}

// catchUp takes the blocks that were waited for.
func (t *transfer) catchUp() {
	for h := t.ahead[t.next]; h != nil && t.last == 0; h = t.ahead[t.next] {
		t.take(h)
	}
}

func (t *transfer) take(h *held) {
	delete(t.ahead, t.next)
	t.kept -= len(h.data)
	t.put(h.data, h.cut, h.ref)
}

// put takes the block that is due. A short one ends the file.
func (t *transfer) put(data []byte, cut int, ref event.Ref) {
	t.row.Blocks.V++
	t.row.Bytes.V += int64(len(data) + cut)
	if int64(len(data)+cut) < t.block {
		t.last = t.next
	}
	t.next++
	if t.keeper == nil {
		return
	}
	if t.w == nil {
		t.w = t.keeper.Keep(dissect.Object{Kind: protocolName, Name: t.row.Filename, From: t.from}, t.begun)
		t.w.Lose(t.lost * t.block) // before the first block that was seen
	}
	if !t.over {
		_, err := t.w.Write(data)
		t.over = err != nil
		t.w.Lose(int64(cut))
	}
}

// acknowledged takes an ACK: the receiver has all blocks up to it. One that lies further ahead than a window was never sent.
func (t *transfer) acknowledged(number uint16) {
	n := t.next + int64(int16(number-uint16(t.next)))
	if t.next == 0 || n-t.next > max(t.window, 1) || n < 0 {
		return
	}
	t.acked = max(t.acked, n)
	if n >= t.next && t.last == 0 {
		t.give(n + 1)
	}
}

// end emits the transfer. What was held is taken, with holes before it.
func (t *transfer) end(out *event.Batch) {
	for t.last == 0 && len(t.ahead) > 0 {
		first := int64(-1)
		for n := range t.ahead {
			if first < 0 || n < first {
				first = n
			}
		}
		if first < t.next {
			break
		}
		t.give(first)
	}
	r := &t.row
	if !t.begunData() {
		if r.Opcode = opOACK.String(); len(r.Options) == 0 { // acknowledgements alone: the data was not captured
			return
		}
		r.Dir = dissect.FromServer.String()
		messages.Emit(out, t.begun, *r)
		return
	}
	whole := t.last != 0 && t.lost == 0 && (t.size < 0 || r.Mode == "netascii" || t.size == r.Bytes.V || t.size == 0)
	r.Dir, r.BlockSize, r.Window = t.from.String(), event.Some(t.block), event.Some(max(t.window, 1))
	if t.size >= 0 {
		r.Size = event.Some(t.size)
	}
	r.Blocks.OK, r.Bytes.OK = true, true
	r.MissingBlocks, r.Complete, r.Acknowledged = event.Some(t.lost), event.Some(whole), event.Some(t.last != 0 && t.acked >= t.last)
	messages.Emit(out, t.begun, *r)
	if t.w != nil {
		t.w.Close(whole)
	}
}

package oncrpc

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
)

// Limits of one conversation.
const (
	maxRecord  = 64 << 10 // bytes of a call or reply that are looked at: names and handles stand in front of data
	maxPending = 128      // calls waiting for a reply: Linux clients have up to 65536 slots, but 16 by default
	maxName    = 255      // bytes of a name kept (RFC 1813 2.4)
	maxPath    = 1024     // bytes of a path kept (MNTPATHLEN)
	maxHandle  = 64       // bytes of a file handle (NFS3_FHSIZE)
	maxAuth    = 400      // bytes of a credential (RFC 5531 8.2)
)

const protocolName = "oncrpc"

// Protocol is ONC RPC.
var Protocol = &dissect.Protocol{
	Name:       protocolName,
	Spec:       "RFC 5531, RFC 1833, RFC 1813",
	Transports: []dissect.Transport{dissect.TCP, dissect.UDP},
	Ports:      []uint16{111, 2049},
	MaxBuffer:  maxRecord,
	Tables:     []*event.Table{calls.Desc()},
	Probe:      probe,
	New: func(c *dissect.Conn) dissect.Dissector {
		return &conversation{c: c, pending: map[uint32]*pending{}}
	},
}

// probe wants a call to a known program, or on TCP a record mark in front of one. A reply alone says too little.
func probe(c *dissect.Conn, dir dissect.Dir, first []byte) dissect.Match {
	cur := cursor.New(first)
	if c.Transport == dissect.TCP {
		if mark := cur.U32() &^ lastFragment; !cur.Short() && (mark < 40 || mark > 4<<20) {
			return dissect.No
		}
	}
	if !cur.Need(24) {
		if c.Transport == dissect.TCP {
			return dissect.Maybe
		}
		return dissect.No
	}
	cur.Skip(4)
	kind, version, program, v := cur.U32(), cur.U32(), cur.U32(), cur.U32()
	if kind != call || version != 2 || programs[program] == "" || v == 0 || v > 4 {
		return dissect.No
	}
	if dir == dissect.FromServer && c.Guessed {
		return dissect.Swapped
	}
	return dissect.Yes
}

const lastFragment = 1 << 31 // of a record mark (RFC 5531 11)

// The message types (RFC 5531 9).
const (
	call  = 0
	reply = 1
)

// pending is a call that awaits its reply.
type pending struct {
	row       Call
	ref       event.Ref
	program   uint32
	procedure uint32
}

type conversation struct {
	c       *dissect.Conn
	pending map[uint32]*pending
	order   []uint32
	run     *pending // reads or writes of one file that are being summed
}

// pendingBytes is what a call that waits for its reply counts for in the memory budget, measured.
const pendingBytes = 1 << 10

// Held is the number of bytes that calls take which wait for their reply.
func (v *conversation) Held() int { return len(v.pending) * pendingBytes }

// Feed takes one record of a stream, or one datagram.
func (v *conversation) Feed(seg *dissect.Segment, out *event.Batch) (dissect.Progress, error) {
	cur := cursor.New(seg.Data)
	if v.c.Transport == dissect.UDP {
		v.record(&cur, seg, out)
		return dissect.Progress{}, nil
	}
	if seg.Gap > 0 { // what follows a loss is the middle of something
		return dissect.Progress{Used: dissect.Rest}, nil
	}
	if !cur.Need(4) {
		return dissect.Progress{Need: 4}, nil
	}
	size := int(cur.U32() &^ lastFragment)
	if size < 8 || size > 64<<20 {
		return dissect.Progress{Used: dissect.Rest}, nil
	}
	if want := min(size, maxRecord-4); !cur.Need(want) {
		return dissect.Progress{Need: 4 + want}, nil
	}
	body := cur.Sub(min(size, maxRecord-4))
	v.record(&body, seg, out)
	return dissect.Progress{Used: 4 + size}, nil
}

// Close emits what is still open.
func (v *conversation) Close(out *event.Batch) {
	v.flush(out)
	for _, xid := range v.order {
		if p := v.pending[xid]; p != nil {
			calls.Emit(out, p.ref, p.row)
		}
	}
	v.pending, v.order = map[uint32]*pending{}, nil
}

func (v *conversation) record(cur *cursor.Cursor, seg *dissect.Segment, out *event.Batch) {
	xid := cur.U32()
	switch kind := cur.U32(); {
	case cur.Short():
	case kind == call:
		v.call(xid, cur, seg, out)
	case kind == reply:
		v.reply(xid, cur, out)
	}
}

// call reads a call: RPC version, program, version, procedure, credential, verifier, arguments.
func (v *conversation) call(xid uint32, cur *cursor.Cursor, seg *dissect.Segment, out *event.Batch) {
	if cur.U32() != 2 {
		return
	}
	p := &pending{ref: seg.Ref, program: cur.U32()}
	p.row = Call{XID: int64(xid), Program: programName(p.program), Version: int64(cur.U32()), Calls: 1}
	p.procedure = cur.U32()
	p.row.Procedure = procedureName(p.program, p.row.Version, p.procedure)
	p.row.credential(cur)
	cur.Skip(4)
	opaque(cur, maxAuth) // verifier
	if cur.Short() {
		return
	}
	p.row.arguments(p, cur)
	if old := v.pending[xid]; old != nil { // sent again
		return
	}
	if len(v.order) == maxPending {
		first := v.order[0]
		if old := v.pending[first]; old != nil {
			v.flush(out)
			calls.Emit(out, old.ref, old.row)
		}
		delete(v.pending, first)
		v.order = v.order[1:]
	}
	v.pending[xid] = p
	v.order = append(v.order, xid)
}

// credential reads AUTH_SYS: stamp, machine's name, user, group, groups (RFC 5531 appendix A).
func (r *Call) credential(cur *cursor.Cursor) {
	flavor := cur.U32()
	body := cursor.New(opaque(cur, maxAuth))
	if flavor != 1 {
		return
	}
	body.Skip(4)
	machine := opaque(&body, 255)
	uid := body.U32()
	if !body.Short() {
		r.Machine, r.User = printable(machine), event.Some(int64(uid))
	}
}

// opaque reads bytes of variable length, padded to four (RFC 4506 4.10). More than limit is a fault: then nothing follows.
func opaque(cur *cursor.Cursor, limit int) []byte {
	n := int(cur.U32())
	if n < 0 || n > limit {
		cur.Skip(cur.Len() + 1)
		return nil
	}
	b := cur.Bytes(n)
	cur.Skip((4 - n%4) % 4)
	return b
}

func printable(b []byte) string {
	for _, x := range b {
		if x < ' ' || x == 0x7f {
			return ""
		}
	}
	return string(b)
}

// digest names a file handle.
func digest(handle []byte) string {
	if len(handle) == 0 {
		return ""
	}
	sum := sha256.Sum256(handle)
	return hex.EncodeToString(sum[:8])
}

// arguments reads what a call is about.
func (r *Call) arguments(p *pending, cur *cursor.Cursor) {
	switch {
	case p.program == portmap && p.procedure == pmapGetPort && r.Version == 2:
		r.Asks = programName(cur.U32())
	case p.program == mountd && (p.procedure == mountMNT || p.procedure == mountUMNT):
		r.Path = printable(opaque(cur, maxPath))
	case p.program == nfs && r.Version == 3:
		r.Handle = digest(opaque(cur, maxHandle))
		switch p.procedure {
		case nfsLookup, nfsCreate, nfsMkdir, nfsRemove, nfsRmdir, nfsRename:
			r.Name = printable(opaque(cur, maxName))
		}
	}
}

// reply reads a reply: accepted, verifier, state, results.
func (v *conversation) reply(xid uint32, cur *cursor.Cursor, out *event.Batch) {
	p := v.pending[xid]
	if p == nil {
		return
	}
	delete(v.pending, xid)
	for i, x := range v.order {
		if x == xid {
			v.order = append(v.order[:i], v.order[i+1:]...)
			break
		}
	}
	if cur.U32() == 0 { // accepted
		cur.Skip(4)
		opaque(cur, maxAuth)
		if cur.U32() == 0 && !cur.Short() {
			p.row.results(p, cur)
		}
	}
	v.emit(p, out)
}

// results reads a procedure's results as far as they are told.
func (r *Call) results(p *pending, cur *cursor.Cursor) {
	if p.program == portmap {
		if p.procedure == pmapGetPort && r.Version == 2 {
			r.Port = event.Some(int64(cur.U32()))
		}
		return
	}
	if p.program != mountd && p.program != nfs || p.procedure == 0 || !cur.Need(4) {
		return
	}
	status := cur.U32()
	r.Status = event.Some(int64(status))
	if status != 0 {
		return
	}
	switch {
	case p.program == mountd && p.procedure == mountMNT:
		r.Gives = digest(opaque(cur, maxHandle))
	case p.program != nfs || r.Version != 3:
	case p.procedure == nfsLookup:
		r.Gives = digest(opaque(cur, maxHandle))
	case p.procedure == nfsRead: // attributes, count
		if cur.U32() == 1 {
			cur.Skip(attributeBytes)
		}
		r.Bytes = int64(cur.U32())
	case p.procedure == nfsWrite: // attributes before and after, count
		if cur.U32() == 1 {
			cur.Skip(24)
		}
		if cur.U32() == 1 {
			cur.Skip(attributeBytes)
		}
		r.Bytes = int64(cur.U32())
	}
}

const attributeBytes = 84 // fattr3 (RFC 1813 2.6)

// emit tells a call with its reply; reads and writes of one file in a row are one row.
func (v *conversation) emit(p *pending, out *event.Batch) {
	sums := p.program == nfs && p.row.Version == 3 && (p.procedure == nfsRead || p.procedure == nfsWrite)
	if run := v.run; run != nil && sums && run.procedure == p.procedure && run.row.Handle == p.row.Handle && run.row.Status == p.row.Status {
		run.row.Calls++
		run.row.Bytes += p.row.Bytes
		return
	}
	v.flush(out)
	if sums {
		v.run = p
		return
	}
	calls.Emit(out, p.ref, p.row)
}

func (v *conversation) flush(out *event.Batch) {
	if v.run != nil {
		calls.Emit(out, v.run.ref, v.run.row)
		v.run = nil
	}
}

func programName(n uint32) string {
	if s := programs[n]; s != "" {
		return s
	}
	return fmt.Sprint(n)
}

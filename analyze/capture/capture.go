package capture

import (
	"cmp"
	"container/heap"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"sync/atomic"

	"wardtrace/analyze/packet"
	"wardtrace/dissect/event"
)

// What Open's errors wrap.
var (
	ErrNothingReadable = errors.New("no readable capture")
	ErrUsage           = errors.New("wrong usage")
	ErrAllSkipped      = errors.New("nothing is left to read") // by Options.Skip
)

// Options say which packets are delivered. What is not delivered is still read and numbered.
type Options struct {
	Filter   string     // in tcpdump's language, "" for none
	From, To event.Time // 0 = open; both ends belong to the window
	Count    int64      // deliver at most so many packets, 0 = all

	Limits         Limits // caps on archives; zero values are the defaults
	Scratch        string // folder for the scratch file, "" for the system's
	KeepDuplicates bool   // count packets that several inputs have as often as they have them

	Skip  func(path string, size int64) string // says why a file need not be read, "" if it is to be; nil: all are
	Names map[string]string                    // what inputs are called and ordered by in place of their path: where they lay when their case was made
}

// Frame is one packet as captured. The caller owns the struct and uses it again for each call of Next.
type Frame struct {
	event.Ref                 // Time, File (from 1 in capture order), Frame (from 1 in its file; filters never renumber)
	Link      packet.LinkType // of the interface it was captured on
	WireLen   int             // bytes on the wire, as the capture says; hostile files lie
	Data      []byte          // captured bytes; valid only until the next call of Next
	Iface     int             // number of the pcapng interface in its section, else 0
	On        *Iface          // how it was captured; packets of one interface share it
	Stamp     uint64          // its time as it stands in the file, in units of On; 0 if the format has none
	Clock     event.Time      // running clock of its file, by which inputs are merged: Time without wild jumps
}

// Stream is all inputs as one stream. Progress may be called from any goroutine, all else from one.
type Stream struct {
	ctx      context.Context
	opt      Options
	filter   *filter
	inputs   []*input // in capture order
	archives []*input // that they lie in
	serials  []*serial
	scratch  *scratch
	hashing  func() // waits for the hashes of archives
	spent    spending
	twins    *twins
	met      event.Time // when an input ended last that overlapped with another
	side     int        // inputs unpacked before their turn
	waiting  []*input   // of them, those whose turn has not come
	active   active
	current  *input // whose packet was given last
	given    int64
	steps    int
	closed   bool
	changed  error
	skipped  []Skipped
	more     int64
	done     atomic.Int64
	total    int64 // 0 if not known
}

// Open finds the captures and puts them in order. Its error wraps ErrNothingReadable or ErrUsage, or is ctx's.
func Open(ctx context.Context, paths []string, stdin io.Reader, opt Options) (*Stream, error) {
	return open(ctx, paths, stdin, opt, nil)
}

func open(ctx context.Context, paths []string, stdin io.Reader, opt Options, only *selection) (*Stream, error) {
	opt.Limits = opt.Limits.complete()
	s := &Stream{ctx: ctx, opt: opt, spent: spending{left: opt.Limits.Unpacked, why: errUnpacked}, twins: newTwins(), side: min(runtime.GOMAXPROCS(0), maxPrefetch)}
	s.scratch = &scratch{dir: cmp.Or(opt.Scratch, os.TempDir()), limit: opt.Limits.Scratch}
	var err error
	if s.filter, err = compile(opt.Filter); err != nil {
		return nil, fmt.Errorf("%w: filter %q: %w", ErrUsage, opt.Filter, err)
	}
	f := &finder{ctx: ctx, stdin: stdin, limits: opt.Limits, scratch: s.scratch, only: only, done: &s.done, spent: s.spent, reading: &s.spent, names: opt.Names, known: opt.Skip}
	f.find(paths)
	f.order()
	s.inputs, s.archives, s.serials, s.skipped, s.more, s.hashing = f.inputs, f.archives, f.serials, f.skipped, f.more, f.hashing.Wait
	if err := cmp.Or(f.problem(), f.refusal(s.filter)); err != nil {
		for _, in := range f.inputs {
			in.release()
		}
		s.giveBack()
		return nil, err
	}
	s.queue()
	return s, nil
}

// queue sets out what is to be read.
func (s *Stream) queue() {
	known := true
	for _, in := range s.inputs {
		switch {
		case in.fault != nil:
			f := &fault{"capture_unreadable", "file", fmt.Sprintf("cannot be read: %v", in.fault)}
			errors.As(in.fault, &f)
			in.log.note(f.kind, f.protocol, 1, f.text)
		case in.copyOf == nil:
			s.waiting = append(s.waiting, in)
			s.total += in.size
			known = known && in.pipe == nil
			if m, ok := in.at.(serialMember); ok {
				m.want()
			}
		}
	}
	if !known {
		s.total = 0
	}
}

// Next gives the next packet, io.EOF after the last one, or ctx's error once it is cancelled.
func (s *Stream) Next(f *Frame) error {
	for {
		if s.steps++; s.steps%ctxEvery == 0 || s.current == nil {
			if err := s.ctx.Err(); err != nil {
				return err
			}
		}
		if s.closed {
			return io.EOF
		}
		s.step()
		if s.changed != nil {
			return s.changed
		}
		s.admit()
		if len(s.active) == 0 || s.opt.Count > 0 && s.given >= s.opt.Count {
			if err := s.ctx.Err(); err != nil {
				return err
			}
			s.Close()
			return cmp.Or(s.ctx.Err(), io.EOF)
		}
		in := s.active[0]
		s.current = in
		in.count()
		if !s.wanted(in) || s.meeting(in) && s.twins.known(in) {
			continue
		}
		s.given++
		in.log.row.Delivered++
		*f = Frame{Ref: event.Ref{Time: in.rec.time, File: in.number, Frame: in.frame}, Link: in.rec.link,
			WireLen: in.rec.wire, Data: in.rec.data, Iface: in.rec.iface, On: in.rec.on, Stamp: in.rec.stamp, Clock: in.clock}
		return nil
	}
}

// step moves on the input whose packet was given last. It waits until now because that packet's bytes are borrowed.
func (s *Stream) step() {
	in := s.current
	if in == nil {
		return
	}
	s.current = nil
	if in.advance() {
		heap.Fix(&s.active, 0)
		return
	}
	heap.Pop(&s.active)
	if len(s.active) > 0 {
		s.met = in.clock
	}
	s.end(in)
	s.changed = cmp.Or(s.changed, in.other())
}

// end closes an input.
func (s *Stream) end(in *input) {
	in.reading = false
	s.twins.tell(in)
	in.finish(s.stopped)
}

// meeting reports whether a packet may have a twin: its input overlaps with another, or has several interfaces.
func (s *Stream) meeting(in *input) bool {
	switch {
	case s.opt.KeepDuplicates:
		return false
	case len(s.active) > 1, in.log.ifaces > 1, s.met != 0 && sub(in.clock, s.met) <= twinWindow:
		return true
	}
	return len(s.waiting) > 0 && sub(s.waiting[0].start, in.clock) <= twinWindow
}

// admit opens the inputs whose turn has come: those that begin before the next packet of the open ones.
func (s *Stream) admit() {
	for len(s.waiting) > 0 && (len(s.active) == 0 || s.waiting[0].start <= s.active[0].clock) {
		if len(s.active) >= maxActive {
			s.waiting[0].crowded = true
			return
		}
		in := s.waiting[0]
		s.waiting = s.waiting[1:]
		if in.reading = s.begin(in); in.reading {
			heap.Push(&s.active, in)
		} else {
			s.end(in)
		}
	}
}

// begin opens an input for reading and goes to its first packet.
func (s *Stream) begin(in *input) bool {
	if in.pipe != nil {
		return in.begun // probing it has done so
	}
	defer s.prefetch()
	crowded := in.crowded
	if in.src != nil { // unpacked before its turn
		return s.first(in, crowded)
	}
	if err := in.open(s.ctx, s.reading(in, len(s.active) < maxAhead)); err != nil {
		in.log.row.File, in.log.row.Path, in.log.row.Bytes = in.number, in.called(), in.size
		if s.ctx.Err() == nil {
			in.log.note("capture_unreadable", "file", 1, fmt.Sprintf("was a capture when it was found and cannot be read now: %v", err))
		}
		return false
	}
	return s.first(in, crowded)
}

// reading says how to read an input: with what memory, and whether ahead of the stream.
func (s *Stream) reading(in *input, ahead bool) setup {
	how := setup{block: smallBlock, hashing: in.sum == "", done: &s.done, keep: len(s.active) < maxOpen, ratio: s.opt.Limits.Ratio, spent: &in.account.read}
	if in.size <= smallBlock && !in.unpacks() || !how.keep {
		return how
	}
	how.block = blockSize
	if !in.unpacks() {
		how.block = int(min(in.size, blockSize))
	}
	switch {
	case !ahead:
	case in.unpacks():
		how.ahead = aheadPacked
	case in.size > blockSize:
		how.ahead = aheadBlocks
	}
	return how
}

// unpacks reports whether reading an input is more work than reading the disk.
func (in *input) unpacks() bool { return in.packed() || !in.at.seekable() }

// prefetch begins to unpack inputs whose turn comes next, side by side. What is read of an archive from front to back is
// not among them: it waits for its own turn.
func (s *Stream) prefetch() {
	for i := 0; i < len(s.waiting) && i < s.side; i++ {
		in := s.waiting[i]
		if _, serial := in.at.(serialMember); serial || in.pipe != nil || in.src != nil || in.tried || !in.unpacks() {
			continue
		}
		if err := in.open(s.ctx, s.reading(in, true)); err != nil {
			in.release() // its turn will tell why
			in.reset()
			in.tried = true
		}
	}
}

// first goes to the first packet of an input that was opened.
func (s *Stream) first(in *input, crowded bool) bool {
	if crowded {
		in.log.note("capture_order", "file", 1, fmt.Sprintf("more than %d inputs overlap in time: this one had to wait, so its first packets come late", maxActive))
	}
	return in.advance()
}

func (s *Stream) stopped() bool { return s.ctx.Err() != nil }

func (s *Stream) wanted(in *input) bool {
	t := in.rec.time
	if s.opt.From != 0 && t < s.opt.From || s.opt.To != 0 && (t > s.opt.To || t == 0) {
		return false
	}
	if s.filter == nil {
		return true
	}
	if s.filter.fits(in.rec.link) != "" { // an interface that Open has not seen
		in.unfit++
		return false
	}
	return s.filter.match(in.rec.link, in.rec.data, in.rec.wire)
}

// Progress says how many bytes of all inputs were read, as they lie on the disk; total is 0 if it is not known.
func (s *Stream) Progress() (done, total int64) { return s.done.Load(), s.total }

// Close gives back what the stream holds. What was not read is still hashed, so that the list of files is right,
// unless ctx is cancelled. Files, Skipped and Damage can still be called.
func (s *Stream) Close() error {
	if s.closed {
		return nil
	}
	s.closed, s.current = true, nil
	for _, in := range s.active {
		s.end(in)
	}
	for _, in := range s.waiting {
		in.unread(s.stopped, &s.done)
	}
	s.active, s.waiting = nil, nil
	for _, in := range s.inputs {
		if in.copyOf != nil {
			in.copied(s.stopped)
		}
		if _, file := in.at.(disk); file && in.fault != nil { // what cannot be read as a capture is evidence all the same
			in.unread(s.stopped, &s.done)
		}
		in.log.close()
	}
	s.hashing()
	for _, in := range s.archives {
		in.log.row.SHA256 = in.sum
		in.log.row.Complete = in.sum != "" && len(in.log.notes) == 0
		in.log.close()
	}
	s.giveBack()
	return nil
}

// copied gives a copy its SHA-256.
func (in *input) copied(stop func() bool) {
	row := &in.log.row
	row.SHA256 = cmp.Or(in.sum, in.raw)
	if other := in.copyOf; row.SHA256 == "" && !in.packed() && !other.packed() {
		row.SHA256 = other.log.row.SHA256
	}
	if row.SHA256 != "" || stop() {
		return
	}
	in.src = &source{at: in.at, keep: true, hash: newHash(), spent: in.unpacking()}
	if in.src.rest(stop) {
		row.SHA256 = in.src.sum()
	}
	in.release()
}

// giveBack closes what inputs share.
func (s *Stream) giveBack() {
	for _, a := range s.serials {
		a.close()
	}
	s.hashing()
	s.scratch.close()
}

// Files gives the rows of capture_file. They are final once Next has given io.EOF.
func (s *Stream) Files() []File {
	var rows []File
	for _, in := range slices.Concat(s.inputs, s.archives) {
		rows = append(rows, in.log.result())
	}
	return rows
}

// Skipped lists the files in folders that are no captures.
func (s *Stream) Skipped() []Skipped {
	if s.more > 0 {
		return append(s.skipped[:len(s.skipped):len(s.skipped)], Skipped{Reason: fmt.Sprintf("%d more files are no captures", s.more)})
	}
	return s.skipped
}

// Damage gives the damages found since the last call, by file; it is complete once Next has given io.EOF.
func (s *Stream) Damage() []Damage {
	var out []Damage
	for _, in := range slices.Concat(s.inputs, s.archives) {
		for _, d := range in.log.notes[in.log.told:] {
			d.File = in.number
			out = append(out, d)
		}
		in.log.told = len(in.log.notes)
	}
	return out
}

// active is a heap of open inputs, by the clock of their next packet; then by number.
type active []*input

func (a active) Len() int { return len(a) }
func (a active) Less(i, j int) bool {
	if a[i].clock != a[j].clock {
		return a[i].clock < a[j].clock
	}
	return a[i].number < a[j].number
}
func (a active) Swap(i, j int) { a[i], a[j] = a[j], a[i] }
func (a *active) Push(x any)   { *a = append(*a, x.(*input)) }
func (a *active) Pop() any {
	old := *a
	in := old[len(old)-1]
	old[len(old)-1] = nil
	*a = old[:len(old)-1]
	return in
}

package capture

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"sync/atomic"

	"wardtrace/dissect/event"
)

// input is one file or pipe: first probed for its place in the order, later read.
type input struct {
	path   string
	name   string    // what it is called if that is not its path
	size   int64     // on the disk; -1 if not known
	pipe   io.Reader // for what cannot be opened again; valid iff not nil
	number uint32    // in capture order
	start  event.Time
	prints [32]byte // SHA-256 of the first bytes, by which copies are suspected; set by open
	fault  error    // why it cannot be read, for one found in a folder
	copyOf *input
	sum    string // SHA-256 of the whole, if it was needed ahead
	log    log

	begun   bool  // a pipe has a first packet
	crowded bool  // it had to wait for others to end
	unfit   int64 // packets left out because the filter cannot judge their link type

	src *source // this and what follows is valid iff the input is open
	un  unpacker
	ah  *ahead
	win *window
	dec decoder

	rec      record // the packet whose turn comes next
	frame    uint32 // its number
	believed bool   // its stamp
	clock    event.Time
	started  bool  // the clock is set
	ended    error // why the decoder gives no more
	held     []byte
	queue    [clockWitnesses + 1]queued
	queueAt  int
	queued   int
}

// errNoCapture says that a file's content is none of the formats.
var errNoCapture = errors.New("not a capture (neither pcap nor pcapng, nor one of them packed by gzip or zstd)")

// setup says how an input is to be read.
type setup struct {
	block   int  // bytes asked for at once
	keep    bool // leave the file open between reads
	ahead   bool // read in a goroutine
	prime   int  // bytes to look at first
	hashing bool
	done    *atomic.Int64
}

// open reads the input's first bytes and finds its format.
func (in *input) open(ctx context.Context, how setup) error {
	in.src = &source{path: in.path, pipe: in.pipe, keep: how.keep, done: how.done}
	if how.hashing {
		in.src.hash = newHash()
	}
	head, err := in.src.prime(max(how.prime, magicLen))
	if err != nil {
		return plain(err)
	}
	if len(head) == 0 {
		return errors.New("the file is empty")
	}
	in.prints = sha256.Sum256(head)
	var r io.Reader = in.src
	pack := packingOf(head)
	in.log = log{row: File{Path: in.called(), Bytes: max(in.size, 0), File: in.number}}
	if pack != nil {
		in.log.packing = pack.name
		if in.un, err = pack.unpack(r, how.block); err != nil {
			return fmt.Errorf("packed data that cannot be read: %w", err)
		}
		r = in.un
	}
	if how.ahead {
		in.ah = readAhead(ctx, r, in.pipe == nil)
		r = in.ah
	}
	in.win = &window{ctx: ctx, r: r, buf: make([]byte, how.block)}
	f := formatOf(in.win.peek(magicLen))
	if f == nil {
		if e := in.win.err; e != nil && e != io.EOF {
			return fmt.Errorf("%w: %w", errNoCapture, plain(e))
		}
		return errNoCapture
	}
	if in.dec, err = f.open(in.win, &in.log); err != nil {
		return err
	}
	if pack != nil {
		in.log.row.Format += "." + pack.name
	}
	return nil
}

// advance goes to the next packet. It reports false at the end of the input.
func (in *input) advance() bool {
	if in.pull() != nil {
		return false
	}
	if in.frame >= math.MaxUint32-in.rec.gap {
		in.log.note("capture_truncated", in.log.row.Format, 1, "more packets than can be numbered; the rest was left out")
		return false
	}
	in.frame += 1 + in.rec.gap
	in.believed = in.tick()
	return true
}

func (in *input) ref() event.Ref { return event.Ref{Time: in.rec.time, Frame: in.frame} }

// count adds the current packet to the input's row.
func (in *input) count() {
	row := &in.log.row
	row.Packets++
	row.CapBytes += int64(len(in.rec.data))
	row.WireBytes += int64(max(in.rec.wire, len(in.rec.data)))
	if in.rec.wire > len(in.rec.data) {
		row.Snapped++
	}
	if in.believed {
		if t := in.rec.time; row.FirstTS == 0 || t < row.FirstTS {
			row.FirstTS = t
		}
		row.LastTS = max(row.LastTS, in.rec.time)
	}
}

// finish closes the input, after reading what is left of it for its hash. stop says to leave that.
func (in *input) finish(stop func() bool) {
	if in.src == nil {
		return
	}
	atEnd := in.win != nil && in.win.err != nil && !cancelled(in.win.err)
	if in.ah != nil {
		in.ah.stop(in.pipe == nil || atEnd)
	}
	if atEnd {
		in.judge(in.win.err)
	}
	row := &in.log.row
	if in.pipe == nil || atEnd {
		if in.src.rest(stop) {
			row.SHA256, row.Bytes = in.src.sum(), in.src.off
			row.Complete = atEnd && in.ended != nil
			in.changed()
		}
	}
	if in.unfit > 0 {
		in.log.note("capture_filter", in.log.row.Format, in.unfit, fmt.Sprintf("%d packets have a link type that the filter cannot judge and were left out", in.unfit))
		in.unfit = 0
	}
	in.log.close()
	in.release()
}

// called is the input's name in the case.
func (in *input) called() string {
	if in.name != "" {
		return in.name
	}
	return in.path
}

// changed notes that a file was not as long when it was read as when it was found: it is still being written, or was cut.
func (in *input) changed() {
	if in.pipe == nil && in.src.off != in.size {
		in.log.note("capture_changed", "file", 1, fmt.Sprintf("the file had %d bytes when it was found and %d when it was read: it changed meanwhile", in.size, in.src.off))
	}
}

// judge notes why the bytes ended, if it was not their end.
func (in *input) judge(err error) {
	switch {
	case err == io.EOF:
	case in.src.err != nil && in.src.err != io.EOF:
		in.log.note("capture_unreadable", "file", 1, fmt.Sprintf("cannot be read further than byte %d: %v", in.src.off, plain(err)))
	case errors.Is(err, io.ErrUnexpectedEOF):
		in.log.note("capture_truncated", in.log.packing, 1, fmt.Sprintf("the packed file is cut off; unpacked as far as byte %d", in.unpacked()))
	case err == errTrailing, err == errChecksum:
		in.log.note("capture_damaged", in.log.packing, 1, fmt.Sprintf("%v; unpacked as far as byte %d", err, in.unpacked()))
	default:
		in.log.note("capture_damaged", in.log.packing, 1, fmt.Sprintf("the packed data is damaged (%v); unpacked as far as byte %d", err, in.unpacked()))
	}
}

func cancelled(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

func (in *input) unpacked() int64 { return in.win.off + int64(in.win.hi-in.win.lo) }

// release gives back what an open input holds.
func (in *input) release() {
	if hangs := in.pipe != nil && in.win != nil && cancelled(in.win.err); in.un != nil && !hangs {
		in.un.Close()
	}
	if in.src != nil {
		in.src.close()
	}
	if c, ok := in.pipe.(io.Closer); ok && in.path != "-" {
		c.Close()
	}
	in.src, in.un, in.ah, in.win, in.dec = nil, nil, nil, nil, nil
	in.rec, in.held, in.queue = record{}, nil, [clockWitnesses + 1]queued{}
}

// plain takes the path out of an error: the caller names it as the user did.
func plain(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// reset forgets what probing read, so that reading starts afresh.
func (in *input) reset() {
	in.rec, in.frame, in.believed, in.started, in.ended = record{}, 0, false, false, nil
	in.clock, in.queueAt, in.queued = 0, 0, 0
	in.log = log{}
}

// unread hashes an input whose turn never came.
func (in *input) unread(stop func() bool, done *atomic.Int64) {
	if in.pipe != nil {
		in.finish(stop)
		return
	}
	in.src = &source{path: in.path, keep: true, hash: newHash(), done: done}
	row := &in.log.row
	*row = File{File: in.number, Path: in.path, Bytes: in.size, Format: row.Format, LinkTypes: row.LinkTypes}
	if in.src.rest(stop) {
		row.SHA256, row.Bytes = in.src.sum(), in.src.off
	}
	in.release()
}

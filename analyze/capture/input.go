package capture

import (
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"math"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/klauspost/compress/zstd"
	"github.com/therootcompany/xz"

	"wardtrace/dissect/event"
)

// input is one file, member of an archive or pipe: first probed for its place in the order, later read. An archive is one
// too, of which only the bytes count.
type input struct {
	path    string
	name    string    // what it is called if that is not its path
	member  string    // where in an archive, see member.go; "" for a file of its own
	depth   int       // archives around it
	account *account  // of the file on the disk that it is, or lies in
	at      place     // nil for a pipe
	size    int64     // as it lies on the disk or in its archive; -1 if not known
	pipe    io.Reader // for what cannot be opened again; valid iff not nil
	passing bool      // pipe is a member of an archive that is passing by
	number  uint32    // in capture order
	start   event.Time
	prints  [32]byte // SHA-256 of the first unpacked bytes, by which copies are suspected; set by open
	short   bool     // there are no more than those
	fault   error    // why it cannot be read, for one found in a folder or an archive
	copyOf  *input
	sum     string // SHA-256 of its bytes, if that is known before it is read
	content string // SHA-256 of the unpacked bytes, if that was needed
	raw     string // SHA-256 of its bytes, found with content
	members int64  // of an archive
	log     log

	reading bool   // its turn has come, and there is more of it
	begun   bool   // a pipe has a first packet
	tried   bool   // to hash or unpack it before its turn, which failed
	want    string // SHA-256 that it must have; "" if that does not matter
	crowded bool   // it had to wait for others to end
	double  doubling
	unfit   int64 // packets left out because the filter cannot judge their link type

	src *source // this and what follows is valid iff the input is open
	un  []unpacker
	tee hash.Hash // of the unpacked bytes, if that was asked for
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
var errNoCapture = errors.New("not a capture (neither pcap nor pcapng), nor an archive or packing that is known")

// anArchive says that a file's content is an archive, whose head can be read from r.
type anArchive struct {
	*archiver
	r io.Reader
}

func (a *anArchive) Error() string { return "an archive (" + a.name + ")" }

// setup says how an input is to be read.
type setup struct {
	block   int  // bytes asked for at once
	keep    bool // leave the file open between reads
	ahead   int  // blocks to read ahead in a goroutine; 0 for none
	prints  bool // look at the first bytes for copies
	hashing bool
	tee     bool // hash what is unpacked, too
	ratio   int64
	done    *atomic.Int64
	spent   *spending
}

// open reads the input's first bytes and finds its format. Of an archive it gives an *anArchive as error.
func (in *input) open(ctx context.Context, how setup) error {
	in.src = &source{at: in.at, pipe: in.pipe, keep: how.keep, done: how.done}
	if how.hashing {
		in.src.hash = newHash()
	}
	if in.at != nil && !in.at.seekable() {
		in.src.spent = how.spent
	}
	in.log = log{row: File{Path: in.called(), Member: in.member, Bytes: max(in.size, 0), File: in.number}}
	what, r, err := in.unpack(how)
	if err != nil {
		return err
	}
	if what.archiver != nil {
		return &anArchive{what.archiver, r}
	}
	if how.ahead > 0 {
		in.ah = readAhead(ctx, r, in.pipe == nil, how.ahead)
		r = in.ah
	}
	in.win = &window{ctx: ctx, r: r, buf: make([]byte, how.block)}
	if in.log.packing != "" || in.member != "" {
		in.win.spent = how.spent
	}
	if what.format == nil {
		return errNoCapture
	}
	if how.prints {
		b := in.win.peek(fingerprint)
		in.prints, in.short = sha256.Sum256(b), len(b) < fingerprint && in.win.err == io.EOF
	}
	if in.dec, err = what.format.open(in.win, &in.log); err != nil {
		return err
	}
	if in.log.packing != "" {
		in.log.row.Format += "." + in.log.packing
	}
	return nil
}

// unpack takes off the packings around an input, and says what is in them.
func (in *input) unpack(how setup) (content, io.Reader, error) {
	br := bufio.NewReaderSize(in.src, headBytes)
	for {
		what := sniff(br.Peek)
		if what.packing == nil {
			_, err := br.Peek(tarBlock)
			switch {
			case what.format != nil || what.archiver != nil:
			case err != nil && err != io.EOF && len(in.un) > 0:
				return what, nil, in.sealed(err)
			case err != nil && err != io.EOF:
				return what, nil, fmt.Errorf("%w: %w", errNoCapture, plain(err))
			case err == io.EOF && in.src.off == 0:
				return what, nil, errors.New("the file is empty")
			}
			if how.tee {
				in.tee = newHash()
				return what, io.TeeReader(br, in.tee), nil
			}
			return what, br, nil
		}
		if len(in.un) == maxPackings {
			return what, nil, &fault{"capture_limit", "file", fmt.Sprintf("more than %d packings around each other: it was left out", maxPackings)}
		}
		un, err := guarded(func() (unpacker, error) { return what.packing.unpack(br, how.block) })
		if err != nil {
			in.log.packing = what.packing.name
			return what, nil, in.sealed(err)
		}
		in.un = append(in.un, un)
		in.log.packing = strings.TrimSuffix(what.packing.name+"."+in.log.packing, ".")
		br = bufio.NewReaderSize(&meter{r: un, from: in.src, ratio: how.ratio}, headBytes)
	}
}

// sealed says why what is packed cannot be unpacked. It may have been a capture: nobody can tell, so it is not passed over
// as a file of another kind is.
func (in *input) sealed(err error) error {
	var known *fault
	switch {
	case in.src.err != nil && in.src.err != io.EOF: // not its packing, but the disk, or the archive it lies in
		return fmt.Errorf("packed data that cannot be read: %w", plain(err))
	case errors.As(err, &known):
		return known
	case errors.Is(err, zstd.ErrWindowSizeExceeded):
		return &fault{"capture_limit", in.log.packing, fmt.Sprintf("its window is larger than %d MiB, as zstd --long=28 and above make it: it was left out; pack it anew with less", maxZstdWindow>>20)}
	case err == io.EOF, errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, xz.ErrBuf):
		return &fault{"capture_truncated", in.log.packing, "the packed file is cut off before it can be told what is in it"}
	}
	return &fault{"capture_damaged", in.log.packing, fmt.Sprintf("the packed data is damaged from its start on (%v)", err)}
}

// headBytes is what is looked at to find out what a file is; larger reads go past that buffer.
const headBytes = 4096

// errRatio says that a packed file may be a bomb.
var errRatio = errors.New("it unpacks to more than --max-ratio times its size: the rest was left out")

// meter stops what unpacks to too much.
type meter struct {
	r     io.Reader
	from  *source
	ratio int64
	n     int64
}

func (m *meter) Read(p []byte) (int, error) {
	n, err := guarded(func() (int, error) { return m.r.Read(p) })
	if m.n += int64(n); m.n > ratioFrom && m.n/m.ratio > m.from.off {
		return 0, errRatio
	}
	return n, err
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
	if row.Packets%doubledEvery < doubledLook {
		in.double.look(&in.rec)
	}
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
	switch {
	case in.sum != "": // known before
		row.SHA256, row.Bytes, row.Complete = in.sum, max(in.size, 0), atEnd && in.ended != nil
	case in.pipe == nil || atEnd:
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
	in.double.tell(in)
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
	var f *fault
	switch {
	case err == io.EOF:
	case errors.As(err, &f):
		in.log.note(f.kind, f.protocol, 1, fmt.Sprintf("%s; read as far as byte %d", f.text, in.unpacked()))
	case in.src.err != nil && in.src.err != io.EOF:
		in.log.note("capture_unreadable", "file", 1, fmt.Sprintf("cannot be read further than byte %d: %v", in.src.off, plain(err)))
	case err == errRatio, err == errUnpacked:
		in.log.note("capture_limit", in.log.packing, 1, fmt.Sprintf("%v; unpacked as far as byte %d", err, in.unpacked()))
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
	if hangs := in.pipe != nil && in.win != nil && cancelled(in.win.err); !hangs {
		for _, un := range slices.Backward(in.un) {
			un.Close()
		}
	}
	if in.src != nil {
		in.src.close()
	}
	if c, ok := in.pipe.(io.Closer); ok && in.path != "-" && !in.passing {
		c.Close()
	}
	in.src, in.un, in.tee, in.ah, in.win, in.dec = nil, nil, nil, nil, nil, nil
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

// unpacking is what reading an input's bytes counts on, if its archive has packed them.
func (in *input) unpacking() *spending {
	if in.at.seekable() || in.account == nil {
		return nil
	}
	return &in.account.read
}

// unread hashes an input whose turn never came.
func (in *input) unread(stop func() bool, done *atomic.Int64) {
	if in.pipe != nil {
		in.finish(stop)
		return
	}
	if in.src != nil { // unpacked before its turn
		in.ah.stop(true)
		in.release()
	}
	row := &in.log.row
	*row = File{File: in.number, Path: in.called(), Member: in.member, Bytes: max(in.size, 0), Format: row.Format, LinkTypes: row.LinkTypes, SHA256: in.sum}
	if in.sum != "" {
		return
	}
	in.src = &source{at: in.at, keep: true, hash: newHash(), done: done, spent: in.unpacking()}
	if in.src.rest(stop) {
		row.SHA256, row.Bytes = in.src.sum(), in.src.off
	}
	in.release()
}

package capture

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"sync"
	"sync/atomic"

	"wardtrace/dissect/event"
)

// finder collects the inputs behind the paths that the user named.
type finder struct {
	ctx      context.Context
	stdin    io.Reader
	limits   Limits
	scratch  *scratch
	only     *selection // of a case that is read again; nil for all there is
	inputs   []*input
	archives []*input
	serials  []*serial
	skipped  []Skipped
	more     int64 // skipped files over maxSkipped
	files    int
	members  int     // of all archives
	errs     []error // about what was named directly
	done     *atomic.Int64
	hashing  sync.WaitGroup // of archives that are read in place
	spent    spending       // while looking
	reading  *spending
	names    map[string]string
	known    func(path string, size int64) string // why a file need not be read; nil: all are
	spared   int                                  // files that were not, for that
}

// find looks at every path and at every file in folders, and probes each file once.
func (f *finder) find(paths []string) {
	piped := false
	for _, p := range paths {
		if p == "-" {
			if piped || f.stdin == nil {
				f.errs = append(f.errs, fmt.Errorf("%w: - is given twice, or there is no standard input", ErrUsage))
				continue
			}
			piped = true
			f.named(&input{path: p, size: -1, pipe: f.stdin})
			continue
		}
		info, err := os.Stat(p)
		switch {
		case err != nil:
			f.errs = append(f.errs, fmt.Errorf("%w: %s: %w", ErrNothingReadable, p, plain(err)))
		case info.IsDir():
			f.folder(p)
		case f.spare(p, info):
		case info.Mode().IsRegular():
			f.named(&input{path: p, at: disk(p), size: info.Size()})
		default: // a named pipe or a device: it can be read once
			file, err := os.Open(p)
			if err != nil {
				f.errs = append(f.errs, fmt.Errorf("%w: %s: %w", ErrNothingReadable, p, plain(err)))
				continue
			}
			f.named(&input{path: p, size: -1, pipe: file})
		}
	}
}

// named probes what the user named: it must be a capture or an archive.
func (f *finder) named(in *input) {
	if err := f.probe(in); err != nil {
		in.release()
		f.errs = append(f.errs, fmt.Errorf("%w: %s: %w", ErrNothingReadable, in.path, err))
	}
}

// folder goes through a folder in the order of names. Links to files are followed, links to folders are not, so that
// there is no loop.
func (f *finder) folder(root string) {
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if e := f.ctx.Err(); e != nil {
			return e
		}
		if f.files++; f.files > maxFiles {
			return fmt.Errorf("%w: more than %d files; name fewer folders", ErrUsage, maxFiles)
		}
		if err != nil {
			f.inputs = append(f.inputs, &input{path: path, start: maxTime, fault: plain(err)})
			return nil
		}
		if !d.IsDir() {
			f.found(path)
		}
		return nil
	})
	if err != nil {
		f.errs = append(f.errs, err)
	}
}

func (f *finder) found(path string) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		f.inputs = append(f.inputs, &input{path: path, start: maxTime, fault: plain(err)})
		return
	case info.IsDir():
		f.skip(path, "a link to a folder is not followed")
		return
	case !info.Mode().IsRegular():
		f.skip(path, "not a regular file")
		return
	case info.Size() == 0:
		f.skip(path, "the file is empty")
		return
	case f.spare(path, info):
		return
	}
	f.look(&input{path: path, at: disk(path), size: info.Size()})
}

// look probes what was found in a folder or an archive: it may be a capture, an archive, or neither. What cannot be read
// is an input that says so.
func (f *finder) look(in *input) {
	err := f.probe(in)
	if err == nil {
		return
	}
	var why *fault
	unreadable := errors.As(err, &why) || in.src != nil && in.src.err != nil && in.src.err != io.EOF
	if in.src != nil && why == nil {
		errors.As(in.src.err, &why)
	}
	in.release()
	switch {
	case why != nil:
		in.fault = why
	case unreadable:
		in.fault = err
	default:
		f.skip(where(in), err.Error())
		return
	}
	in.start = maxTime
	f.inputs = append(f.inputs, in)
}

// where names an input in a sentence.
func where(in *input) string {
	if in.member == "" {
		return in.path
	}
	return in.path + memberJoin + in.member
}

// spare leaves out a file that need not be read.
func (f *finder) spare(path string, info fs.FileInfo) bool {
	if f.known == nil || !info.Mode().IsRegular() {
		return false
	}
	why := f.known(path, info.Size())
	if why == "" {
		return false
	}
	f.spared++
	f.skip(path, why)
	return true
}

func (f *finder) skip(path, why string) {
	if len(f.skipped) >= maxSkipped {
		f.more++
		return
	}
	f.skipped = append(f.skipped, Skipped{path, why})
}

// probe finds an input's format and its place in the order, or what is in it if it is an archive. A pipe stays open,
// ready to be read.
func (f *finder) probe(in *input) error {
	if in.account == nil {
		in.account = f.opened(in.size)
	}
	how := setup{block: smallBlock, prints: true, keep: in.passing, hashing: in.passing, tee: in.passing, ratio: f.limits.Ratio, spent: &in.account.look}
	live := in.pipe != nil && !in.passing
	if live {
		how = setup{block: blockSize, ahead: aheadBlocks, hashing: true, keep: true, done: f.done, ratio: f.limits.Ratio, spent: &in.account.read}
	}
	err := in.open(f.ctx, how)
	var arc *anArchive
	if errors.As(err, &arc) {
		return f.dig(in, arc)
	}
	if err != nil {
		if in.win != nil && (in.win.err == errRatio || in.win.err == errUnpacked) {
			err = &fault{"capture_limit", "file", in.win.err.Error()}
		}
		return err
	}
	in.start = maxTime
	if in.begun = in.advance(); in.started {
		in.start = in.clock
	}
	if err := f.ctx.Err(); err != nil {
		return err
	}
	f.inputs = append(f.inputs, in)
	if live {
		return nil
	}
	in.begun = false
	if in.passing {
		in.pass(func() bool { return f.ctx.Err() != nil })
	}
	row, links, packing := in.log.row, in.log.links, in.log.packing
	in.release()
	in.reset()
	in.log.row, in.log.links, in.log.packing = row, links, packing
	return nil
}

// opened gives a file on the disk what may be unpacked of it. Of a pipe that is not known.
func (f *finder) opened(size int64) *account {
	most := int64(math.MaxInt64)
	if size >= 0 {
		most = f.limits.of(size)
	}
	return &account{spending{most, errRatio, &f.spent}, spending{most, errRatio, f.reading}}
}

// pass reads what is left of a member that is passing by, for its hashes.
func (in *input) pass(stop func() bool) {
	buf := make([]byte, smallBlock)
	for in.win.err == nil && !stop() {
		in.win.skip(len(in.win.peek(len(buf))))
	}
	if in.win.err == io.EOF && in.tee != nil {
		in.content = hex.EncodeToString(in.tee.Sum(nil))
	}
	if in.src.rest(stop) {
		in.sum, in.size = in.src.sum(), in.src.off
	}
}

// order puts the inputs in capture order and numbers them: by first packet time, then by path. Inputs without a time
// come last, then copies, then archives, so that neither moves a number.
func (f *finder) order() {
	for _, in := range slices.Concat(f.inputs, f.archives) {
		in.name = f.names[in.path]
	}
	sort.SliceStable(f.inputs, func(i, j int) bool {
		a, b := f.inputs[i], f.inputs[j]
		if a.start != b.start {
			return a.start < b.start
		}
		return before(a, b)
	})
	if f.only == nil {
		f.copies()
	}
	rank := func(in *input) int {
		if in.copyOf != nil {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(f.inputs, func(a, b *input) int { return rank(a) - rank(b) })
	sort.SliceStable(f.archives, func(i, j int) bool { return before(f.archives[i], f.archives[j]) })
	for i, in := range slices.Concat(f.inputs, f.archives) {
		in.number = uint32(i + 1)
		if f.only != nil {
			in.number = f.only.number(in)
		}
		in.log.row.File, in.log.row.Path, in.log.row.Member, in.log.row.Bytes = in.number, in.called(), in.member, max(in.size, 0)
	}
	for _, in := range f.inputs {
		if in.copyOf != nil {
			in.log.row = File{File: in.number, Path: in.called(), Member: in.member, Bytes: in.size, Format: in.log.row.Format, SHA256: in.sum,
				CopyOf: event.Some(int64(in.copyOf.number)), Complete: true}
		}
	}
}

func before(a, b *input) bool {
	return a.called() < b.called() || a.called() == b.called() && a.member < b.member
}

// copies finds inputs with the same content, however they are packed: equal first bytes raise the suspicion, SHA-256 of
// what they unpack to decides.
func (f *finder) copies() {
	first := map[[32]byte][]*input{}
	for _, in := range f.inputs {
		if in.pipe != nil || in.fault != nil {
			continue
		}
		for _, other := range first[in.prints] {
			if f.same(in, other) {
				in.copyOf = other
				break
			}
		}
		if in.copyOf == nil {
			first[in.prints] = append(first[in.prints], in)
		}
	}
}

func (f *finder) same(a, b *input) bool {
	if a.short || b.short {
		return a.short && b.short
	}
	if !a.packed() && !b.packed() && a.size != b.size {
		return false
	}
	return f.whole(a) != "" && f.whole(a) == f.whole(b)
}

// packed reports whether its bytes are not the capture's. It holds after probing.
func (in *input) packed() bool { return in.log.packing != "" }

// whole is the SHA-256 of all that an input unpacks to, made once; "" if it cannot be read to its end.
func (f *finder) whole(in *input) string {
	if in.content == "" && !in.tried {
		in.content = f.hash(in)
		in.tried = in.content == ""
	}
	return in.content
}

func (f *finder) hash(in *input) string {
	copied := input{path: in.path, member: in.member, at: in.at, size: in.size}
	defer copied.release()
	err := copied.open(f.ctx, setup{block: blockSize, keep: true, ratio: f.limits.Ratio, spent: &in.account.look, hashing: true, tee: true})
	if err != nil {
		return ""
	}
	for copied.win.err == nil {
		copied.win.skip(len(copied.win.peek(blockSize)))
	}
	if copied.win.err != io.EOF {
		return ""
	}
	if copied.src.rest(func() bool { return f.ctx.Err() != nil }) {
		in.raw = copied.src.sum()
	}
	return hex.EncodeToString(copied.tee.Sum(nil))
}

// refusal says that a filter cannot judge the packets of any input, nil if it can judge those of one: what it cannot judge
// among others is noted as left out, so that one odd capture in a folder does not hold up a night.
func (f *finder) refusal(filter *filter) (err error) {
	if filter == nil {
		return nil
	}
	for _, in := range f.inputs {
		for _, l := range in.log.links {
			why := filter.fits(l)
			if why == "" {
				return nil
			}
			if err == nil {
				err = fmt.Errorf("%w: the filter does not suit %s: %s", ErrUsage, where(in), why)
			}
		}
	}
	return err
}

// problem joins what was wrong with the paths, or says that there is nothing to read.
func (f *finder) problem() error {
	if err := f.ctx.Err(); err != nil {
		return err
	}
	if len(f.errs) > 0 {
		return errors.Join(f.errs...)
	}
	if f.only != nil { // what is missing is told by name
		return nil
	}
	for _, in := range f.inputs {
		if in.fault == nil {
			return nil
		}
	}
	switch {
	case len(f.inputs) > 0:
		return fmt.Errorf("%w: none of %d files can be opened; the first, %s: %w", ErrNothingReadable, len(f.inputs), where(f.inputs[0]), f.inputs[0].fault)
	case f.spared > 0:
		return ErrAllSkipped
	case len(f.skipped) > 0:
		return fmt.Errorf("%w: none of %d files is a capture", ErrNothingReadable, int64(len(f.skipped))+f.more)
	}
	for _, in := range f.archives {
		if text := in.log.result().Damage; text != "" {
			return fmt.Errorf("%w: %s: %s", ErrNothingReadable, where(in), text)
		}
	}
	return fmt.Errorf("%w: no file was named, or the folders are empty, or the archives", ErrNothingReadable)
}

package capture

import (
	"errors"
	"fmt"
	"io"

	"wardtrace/dissect/event"
)

// dig looks at what is in an archive. in is open, and its head was recognised. What it holds is inputs of their own; the
// archive itself is one only for the list of files.
func (f *finder) dig(in *input, arc *anArchive) error {
	in.isArchive(arc)
	in.start = maxTime
	f.archives = append(f.archives, in)
	if in.depth >= f.limits.Depth {
		in.log.note("capture_limit", arc.name, 1, fmt.Sprintf("archives lie in each other deeper than %d (--max-depth): this one was not opened", f.limits.Depth))
		f.leave(in)
		return nil
	}
	var err error
	if place, ok := in.at.(whole); ok && !in.packed() && !in.passing {
		err = f.inPlace(in, arc, place.bytes())
	} else if d, ok := in.at.(disk); ok && !in.packed() {
		err = f.inPlace(in, arc, extent{f.share(string(d)), 0, in.size})
	} else if arc.pass != nil && (in.pipe == nil || in.passing) {
		err = f.passBy(in, arc)
	} else {
		err = f.spooled(in, arc)
	}
	in.log.row.Members = event.Some(in.members)
	if err != nil && !errors.Is(err, errEnough) {
		f.damaged(in, arc, err)
	}
	f.leave(in)
	return f.ctx.Err()
}

func (in *input) isArchive(arc *anArchive) {
	if in.log.row.Format = arc.name; in.packed() {
		in.log.row.Format += "." + in.log.packing
	}
}

// leave ends the look at an archive: its bytes are hashed as far as they have passed by, and those of one that is read in
// place beside the reading.
func (f *finder) leave(in *input) {
	if in.src != nil && in.src.hash != nil && (f.only == nil || f.only.wants(in)) {
		if in.src.rest(func() bool { return f.ctx.Err() != nil }) {
			in.sum, in.size = in.src.sum(), in.src.off
		}
	}
	in.log.row.Bytes = max(in.size, 0)
	in.release()
	in.pipe = nil
}

func (f *finder) damaged(in *input, arc *anArchive, err error) {
	var why *fault
	switch {
	case errors.As(err, &why):
		in.log.note(why.kind, why.protocol, 1, why.text)
	case err == errRatio, err == errUnpacked:
		in.log.note("capture_limit", in.log.packing, 1, err.Error())
	case err == errTrailing, err == errChecksum:
		in.log.note("capture_damaged", in.log.packing, 1, err.Error())
	case errors.Is(err, io.ErrUnexpectedEOF):
		in.log.note("capture_truncated", arc.name, 1, fmt.Sprintf("the archive is cut off behind its member %d", in.members))
	case f.ctx.Err() != nil:
	default:
		in.log.note("capture_damaged", arc.name, 1, fmt.Sprintf("the archive is damaged behind its member %d (%v)", in.members, plain(err)))
	}
}

// share makes a file on the disk one that its members share.
func (f *finder) share(path string) *shared { return &shared{path: path} }

// inPlace goes through an archive that can be read anywhere.
func (f *finder) inPlace(in *input, arc *anArchive, e extent) error {
	if err := e.in.hold(); err != nil {
		return err
	}
	defer e.in.release()
	if in.src != nil && in.src.hash == nil {
		f.hashBeside(in, e)
	}
	known := names{}
	a := &archive{f.limits, f.scratch, func(s *serial) { f.serials = append(f.serials, s) }}
	return arc.walk(a, e, func(m entry) error { return f.entry(in, known, m) })
}

// passBy goes through an archive from front to back, once to find its members and hash it. They are read later, in a
// second pass.
func (f *finder) passBy(in *input, arc *anArchive) error {
	if in.src.hash == nil {
		var err error
		if arc, err = f.again(in, arc); err != nil {
			return err
		}
	}
	at, limit := in.at, f.limits.Ratio
	s := newSerial(f.scratch, func() (passing, error) { return reopened(at, arc.archiver, limit) })
	f.serials = append(f.serials, s)
	known := names{}
	it := arc.pass(arc.r).(namedPassing)
	for n := 0; ; n++ {
		if err := it.next(); err != nil {
			if err == io.EOF { // of the tar; its packing may still say that bytes are missing or wrong
				_, err = io.Copy(io.Discard, arc.r)
			}
			return err
		}
		m, file := it.head()
		if !file {
			continue
		}
		m.at, m.live = serialMember{s, n}, it
		if err := f.entry(in, known, m); err != nil {
			return err
		}
	}
}

// again opens an archive once more, to hash what passes by.
func (f *finder) again(in *input, arc *anArchive) (*anArchive, error) {
	kind := arc.archiver
	in.release()
	err := in.open(f.ctx, setup{block: blockSize, keep: true, hashing: true, ratio: f.limits.Ratio})
	if !errors.As(err, &arc) || arc.archiver != kind {
		return nil, fmt.Errorf("the archive has changed: it was a %s when it was found", kind.name)
	}
	in.isArchive(arc)
	return arc, nil
}

// reopened goes through a packed archive anew.
func reopened(at place, kind *archiver, ratio int64) (passing, error) {
	in := &input{at: at}
	err := in.open(nil, setup{block: blockSize, keep: true, ratio: ratio})
	var arc *anArchive
	if !errors.As(err, &arc) || arc.archiver != kind {
		in.release()
		return nil, fmt.Errorf("the archive has changed: it was a %s when it was found", kind.name)
	}
	return &passingInput{kind.pass(arc.r), in}, nil
}

// passingInput closes what an archive is read from.
type passingInput struct {
	passing
	in *input
}

func (p *passingInput) Close() error {
	p.in.release()
	return nil
}

// spooled puts an archive that must be read anywhere, but comes from front to back, into scratch.
func (f *finder) spooled(in *input, arc *anArchive) error {
	if in.src.hash == nil {
		var err error
		if arc, err = f.again(in, arc); err != nil {
			return err
		}
	}
	kept, err := f.scratch.keep(arc.r)
	if in.size < 0 {
		in.account = f.opened(in.src.off)
	}
	if kept.size > 0 {
		err = errors.Join(err, f.inPlace(in, arc, extent{kept, 0, kept.size}))
	}
	return err
}

// entry looks at a member.
func (f *finder) entry(arc *input, known names, m entry) error {
	if err := f.ctx.Err(); err != nil {
		return err
	}
	if f.members >= f.limits.Members {
		arc.log.note("capture_limit", arc.log.row.Format, 1, fmt.Sprintf("the archives have more than %d members (--max-members): the rest was left out", f.limits.Members))
		return errEnough
	}
	f.members++
	arc.members++
	in := &input{path: arc.path, member: inside(arc.member, known.unique(m.name)), depth: arc.depth + 1, account: arc.account, at: m.at, size: m.size}
	if f.only != nil && !f.only.has(in) {
		return nil
	}
	switch {
	case m.bad != nil:
		in.fault, in.start = m.bad, maxTime
		f.inputs = append(f.inputs, in)
	case m.link:
		f.skip(where(in), "a link: what it leads to is read where it lies, if it is in the archive")
	case m.size == 0:
		f.skip(where(in), "the file is empty")
	case m.live != nil:
		in.pipe, in.passing = m.live, true
		f.look(in)
		in.pipe, in.passing = nil, false
	default:
		f.look(in)
	}
	if f.only == nil {
		return nil
	}
	if f.only.wants(in) {
		f.only.left--
	}
	if f.only.left == 0 {
		return errEnough // what else there is need not be passed through
	}
	return nil
}

// hashBeside hashes an archive while its members are read.
func (f *finder) hashBeside(in *input, e extent) {
	if f.only != nil && !f.only.wants(in) {
		return
	}
	f.hashing.Go(func() {
		s := &source{at: e, keep: true, hash: newHash()}
		if s.rest(func() bool { return f.ctx.Err() != nil }) {
			in.sum = s.sum()
		}
	})
}

package capture

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"sort"
	"sync/atomic"

	"wardtrace/dissect/event"
)

// finder collects the inputs behind the paths that the user named.
type finder struct {
	ctx     context.Context
	stdin   io.Reader
	inputs  []*input
	skipped []Skipped
	more    int64 // skipped files over maxSkipped
	files   int
	errs    []error // about what was named directly
	done    *atomic.Int64
	names   map[string]string
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
		case info.Mode().IsRegular():
			f.named(&input{path: p, size: info.Size()})
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

// named probes what the user named: it must be a capture.
func (f *finder) named(in *input) {
	if err := f.probe(in); err != nil {
		in.release()
		f.errs = append(f.errs, fmt.Errorf("%w: %s: %w", ErrNothingReadable, in.path, err))
		return
	}
	f.inputs = append(f.inputs, in)
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
			f.inputs = append(f.inputs, &input{path: path, start: math.MaxInt64, fault: plain(err)})
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
		f.inputs = append(f.inputs, &input{path: path, start: math.MaxInt64, fault: plain(err)})
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
	}
	in := &input{path: path, size: info.Size()}
	if err = f.probe(in); err == nil {
		f.inputs = append(f.inputs, in)
		return
	}
	unreadable := in.src != nil && in.src.err != nil && in.src.err != io.EOF
	in.release()
	if unreadable {
		f.inputs = append(f.inputs, &input{path: path, size: info.Size(), start: math.MaxInt64, fault: err})
		return
	}
	f.skip(path, err.Error())
}

func (f *finder) skip(path, why string) {
	if len(f.skipped) >= maxSkipped {
		f.more++
		return
	}
	f.skipped = append(f.skipped, Skipped{path, why})
}

// probe finds an input's format and its place in the order. A pipe stays open, ready to be read.
func (f *finder) probe(in *input) error {
	how := setup{block: smallBlock, prime: fingerprint}
	if in.pipe != nil {
		how = setup{block: blockSize, prime: magicLen, ahead: true, hashing: true, keep: true, done: f.done}
	}
	if err := in.open(f.ctx, how); err != nil {
		return err
	}
	in.start = math.MaxInt64
	if in.pipe != nil {
		in.begun = in.advance()
	} else {
		in.advance()
	}
	if in.started {
		in.start = in.clock
	}
	if err := f.ctx.Err(); err != nil {
		return err
	}
	if in.pipe == nil {
		row, links := in.log.row, in.log.links
		in.release()
		in.reset()
		in.log.row, in.log.links = row, links
	}
	return nil
}

// order puts the inputs in capture order and numbers them: by first packet time, then by path. Inputs without a time
// come last.
func (f *finder) order() {
	for _, in := range f.inputs {
		in.name = f.names[in.path]
	}
	sort.SliceStable(f.inputs, func(i, j int) bool {
		a, b := f.inputs[i], f.inputs[j]
		if a.start != b.start {
			return a.start < b.start
		}
		return a.called() < b.called()
	})
	for i, in := range f.inputs {
		in.number = uint32(i + 1)
		in.log.row.File, in.log.row.Path, in.log.row.Bytes = in.number, in.called(), max(in.size, 0)
	}
}

// copies finds inputs with the same content: equal size and first bytes raise the suspicion, SHA-256 decides.
func (f *finder) copies() {
	type key struct {
		size int64
		sum  [32]byte
	}
	first := map[key][]*input{}
	for _, in := range f.inputs {
		if in.pipe != nil || in.fault != nil {
			continue
		}
		k := key{in.size, in.prints}
		for _, other := range first[k] {
			if in.size <= fingerprint || f.whole(in) != "" && f.whole(in) == f.whole(other) {
				in.copyOf = other
				break
			}
		}
		if in.copyOf == nil {
			first[k] = append(first[k], in)
			continue
		}
		in.log.row = File{File: in.number, Path: in.called(), Bytes: in.size, Format: in.log.row.Format,
			CopyOf: event.Some(int64(in.copyOf.number)), Complete: true}
		in.log.note("capture_copy", "file", 1, fmt.Sprintf("same content as file %d, which was read instead", in.copyOf.number))
	}
}

// whole is the SHA-256 of a whole file, made once; "" if it cannot be read.
func (f *finder) whole(in *input) string {
	if in.sum == "" {
		s := &source{path: in.path, keep: true, hash: newHash()}
		if s.rest(func() bool { return f.ctx.Err() != nil }) {
			in.sum = s.sum()
		}
	}
	return in.sum
}

// refusal says that a filter cannot judge the packets of an input, nil if it can judge all.
func (f *finder) refusal(filter *filter) error {
	if filter == nil {
		return nil
	}
	for _, in := range f.inputs {
		for _, l := range in.log.links {
			if why := filter.fits(l); why != "" {
				return fmt.Errorf("%w: the filter does not suit %s: %s", ErrUsage, in.path, why)
			}
		}
	}
	return nil
}

// problem joins what was wrong with the paths, or says that there is nothing to read.
func (f *finder) problem() error {
	if err := f.ctx.Err(); err != nil {
		return err
	}
	if len(f.errs) > 0 {
		return errors.Join(f.errs...)
	}
	for _, in := range f.inputs {
		if in.fault == nil {
			return nil
		}
	}
	switch {
	case len(f.inputs) > 0:
		return fmt.Errorf("%w: none of %d files can be opened, the first because of: %w", ErrNothingReadable, len(f.inputs), f.inputs[0].fault)
	case len(f.skipped) > 0:
		return fmt.Errorf("%w: none of %d files is a capture", ErrNothingReadable, int64(len(f.skipped))+f.more)
	}
	return fmt.Errorf("%w: no file was named, or the folders are empty", ErrNothingReadable)
}

package analyze

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"wardtrace/analyze/capture"
	"wardtrace/analyze/custody"
)

// done knows the captures that cases in a folder were made of.
type done struct {
	cases map[string][]string // complete cases by the SHA-256 of their inputs
	sizes map[int64]bool      // of these inputs: a file of another size need not be hashed
	used  map[string]bool     // cases that spared a capture its reading
}

// shapesReading are the options, as a manifest names them, that decide what is read of a capture: an archive that a smaller limit
// kept shut was not read.
var shapesReading = []string{"filter", "from", "to", "count", "keep_duplicates", "max_ratio", "max_members", "max_depth", "max_unpacked", "max_scratch"}

// readDone reads the manifests of the cases in a folder, and of itself if it is one. A case counts if it is complete and read its captures
// through the same filter, times, count and limits; opt says which.
func readDone(folder string, opt *Options) (*done, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, usage("--skip-done: %v", err)
	}
	d := &done{cases: map[string][]string{}, sizes: map[int64]bool{}, used: map[string]bool{}}
	want := opt.asMap()
	for _, name := range append([]string{"."}, names(entries)...) {
		dir := filepath.Join(folder, name)
		m, err := readManifest(dir)
		if err != nil {
			continue // no case, or not a complete one
		}
		same := true
		for _, key := range shapesReading {
			same = same && m.Options[key] == want[key]
		}
		for _, in := range m.Inputs {
			if same && in.Member == "" && in.SHA256 != "" {
				d.cases[in.SHA256], d.sizes[in.Bytes] = append(d.cases[in.SHA256], dir), true
			}
		}
	}
	return d, nil
}

func names(entries []os.DirEntry) (out []string) {
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

// without forgets a case.
func (d *done) without(dir string) {
	for sum, dirs := range d.cases {
		d.cases[sum] = slices.DeleteFunc(dirs, func(x string) bool { return sameFile(x, dir) })
	}
}

// has tells whether one of the cases that spared a reading is this one.
func (d *done) has(dir string) bool {
	for x := range d.used {
		if sameFile(x, dir) {
			return true
		}
	}
	return false
}

func sameFile(a, b string) bool {
	x, err1 := os.Stat(a)
	y, err2 := os.Stat(b)
	return err1 == nil && err2 == nil && os.SameFile(x, y)
}

// skip says that a file need not be read, and why.
func (d *done) skip(path string, size int64) string {
	if !d.sizes[size] {
		return ""
	}
	sum, err := custody.HashFile(path)
	if err != nil || len(d.cases[sum]) == 0 {
		return ""
	}
	dir := d.cases[sum][0]
	d.used[dir] = true
	return "was read before: it is in case " + dir
}

// ErrNothingNew says that all captures are in other cases already.
var ErrNothingNew = errors.New("nothing new")

// open opens the captures as the options say, without those that were read before. A case that is about to be replaced spares no capture
// its reading, unless there is nothing new at all: what only it holds would be lost.
func (o *Options) open(ctx context.Context, stdin io.Reader) (*capture.Stream, error) {
	how := o.reading()
	if o.SkipDone == "" {
		return capture.Open(ctx, o.Paths, stdin, how)
	}
	d, err := readDone(o.SkipDone, o)
	if err != nil {
		return nil, err
	}
	piped := slices.Contains(o.Paths, "-") // it can be opened once
	if piped {
		d.without(o.Case)
	}
	how.Skip = d.skip
	src, err := capture.Open(ctx, o.Paths, stdin, how)
	switch {
	case errors.Is(err, capture.ErrAllSkipped):
		return nil, fmt.Errorf("%w: every capture is in a case of %s already", ErrNothingNew, o.SkipDone)
	case err != nil || piped || !d.has(o.Case):
		return src, err
	}
	src.Close()
	d.without(o.Case)
	return capture.Open(ctx, o.Paths, stdin, how)
}

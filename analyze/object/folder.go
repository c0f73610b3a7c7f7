package object

import (
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"

	"wardtrace/dissect"
	"wardtrace/dissect/event"
)

// Limits bound an extraction. What reaches one is counted in the index under the flag's name.
type Limits struct {
	Objects int64 // in the index: their list stands in memory. Ten nights of a large archive have a million
	Bytes   int64 // of all files together
	Size    int64 // of one object, also after its codings were undone
	Ratio   int64 // bytes that one byte under a coding may become: what packs better is a bomb
	Parts   int64 // of one multipart body
}

// The flags that set them, as the index names them.
const (
	flagObjects = "--max-objects"
	flagBytes   = "--limit"
	flagSize    = "--max-size"
	flagRatio   = "--max-ratio"
	flagParts   = "--max-parts"
)

// Caps without a flag.
const (
	maxHole   = 16 << 20 // bytes of an object that may be holes whatever it has,
	maxHoles  = 4        // and so many times what it has: four bytes may claim that gigabytes were lost, and zeros fill a disk too
	maxName   = 1024     // bytes of a declared name or type
	maxBuffer = 64 << 10 // bytes of an object held before they go to its file: most objects never need a second write
	maxHeld   = 64 << 20 // bytes held of all objects under way: a flood of unfinished ones must not fill the memory
	maxCoding = 4        // codings undone of one body: one is usual, each more is a factor for a bomb
)

// Origin is where an object comes from.
type Origin struct {
	Flow           uint64
	Client, Server string
	Now            *event.Ref // packet that is being worked off; valid during the extraction
}

// Folder collects objects. One goroutine uses it.
type Folder struct {
	dir     string
	kinds   []string // none: all
	limits  Limits
	n       int
	total   int64 // bytes of files that are there
	held    int64 // bytes in memory
	entries []Entry
	paths   map[string]string // file of each hash
	left    map[string]int64  // objects left out, by flag
	failed  error             // the first error of writing: the disk is full, say
}

// Create makes a folder for objects; one that is there must be empty.
func Create(dir string, kinds []string, limits Limits) (*Folder, error) {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, os.ErrNotExist):
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("cannot make the folder: %w", err)
		}
	case err != nil:
		return nil, fmt.Errorf("%s cannot be written to: %w", dir, err)
	case len(entries) > 0:
		return nil, fmt.Errorf("%s is not empty; name another folder with -o", dir)
	}
	return &Folder{dir: dir, kinds: kinds, limits: limits, paths: map[string]string{}, left: map[string]int64{}}, nil
}

// Err is the first error of writing, after which nothing more was written.
func (f *Folder) Err() error { return f.failed }

// Discard takes back what was written: an extraction that failed leaves no patient data without an index.
func (f *Folder) Discard() error {
	var err error
	names := []string{Index + ".jsonl", Index + ".csv"}
	for _, name := range f.paths {
		names = append(names, name)
	}
	for n := range f.n {
		names = append(names, fmt.Sprintf("%d.part", n+1))
	}
	for _, name := range names {
		if e := os.Remove(filepath.Join(f.dir, name)); !errors.Is(e, os.ErrNotExist) {
			err = errors.Join(err, e)
		}
	}
	return err
}

// Files is the number of different objects.
func (f *Folder) Files() int { return len(f.paths) }

// Left is the number of objects left out because a limit was reached.
func (f *Folder) Left() (n int64) {
	for _, l := range f.left {
		n += l
	}
	return n
}

// Entries gives what was kept, in the order of the captures. Who holds them may complete them before the index is written.
func (f *Folder) Entries() []Entry {
	sort.SliceStable(f.entries, func(i, j int) bool {
		a, b := &f.entries[i], &f.entries[j]
		switch {
		case a.File != b.File:
			return a.File < b.File
		case a.Frame != b.Frame:
			return a.Frame < b.Frame
		case a.SHA256 != b.SHA256:
			return a.SHA256 < b.SHA256
		}
		return a.Part < b.Part
	})
	return f.entries
}

// Keep begins an object.
func (f *Folder) Keep(o dissect.Object, at Origin, ref event.Ref) dissect.ObjectWriter {
	if f.failed != nil || len(f.kinds) > 0 && !slices.Contains(f.kinds, o.Kind) {
		return nowhere{}
	}
	if flag := f.full(); flag != "" {
		f.left[flag]++
		return nowhere{}
	}
	e := Entry{Kind: o.Kind, Name: Text(o.Name), Type: Text(o.Type), Via: Text(o.Via), From: o.From.String(), First: stamp(ref.Time), Last: stamp(ref.Time),
		FlowID: at.Flow, File: ref.File, Frame: ref.Frame, LastFile: ref.File, LastFrame: ref.Frame, Client: at.Client, Server: at.Server}
	return &writer{f: f, now: at.Now, entry: e, media: o.Type, ext: o.Ext, codings: codings(o.Coding), file: f.create()}
}

// full names the limit that keeps further objects out, "" if there is room.
func (f *Folder) full() string {
	switch {
	case int64(len(f.entries)) >= f.limits.Objects:
		return flagObjects
	case f.total >= f.limits.Bytes:
		return flagBytes
	}
	return ""
}

// settle names a file by its hash and puts it into the index. Of equal objects one file stays.
func (f *Folder) settle(x *file, e Entry, ext string) {
	if x.size == 0 && e.Missing == 0 && e.Limit == "" { // an empty body says nothing
		f.drop(x)
		return
	}
	e.Bytes, e.SHA256 = x.size, hex.EncodeToString(x.sum.Sum(nil))
	kind := kindOf(x.head)
	e.Detected = kind.media
	if ext == "" {
		ext = kind.ext
	}
	if int64(len(f.entries)) >= f.limits.Objects { // of a multipart body more parts may come than there is room for
		f.left[flagObjects]++
		f.drop(x)
		return
	}
	name, known := f.paths[e.SHA256]
	if known {
		f.drop(x)
	} else {
		name = e.SHA256 + ext
		f.place(x, filepath.Join(f.dir, name))
		f.paths[e.SHA256] = name
	}
	e.Path = name
	f.entries = append(f.entries, e)
}

// nowhere takes what is not kept.
type nowhere struct{}

func (nowhere) Write(p []byte) (int, error) { return len(p), nil }
func (nowhere) Lose(int64)                  {}
func (nowhere) Close(bool)                  {}

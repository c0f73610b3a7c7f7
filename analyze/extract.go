package analyze

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"wardtrace/analyze/capture"
	"wardtrace/analyze/custody"
	"wardtrace/analyze/defrag"
	"wardtrace/analyze/flow"
	"wardtrace/analyze/packet"
	"wardtrace/dissect"
	"wardtrace/dissect/all"
	"wardtrace/dissect/event"
)

// Object is one object that crossed the wire, a line of index.jsonl.
type Object struct {
	SHA256   string `json:"sha256"`
	Path     string `json:"path"` // in the folder: hash and extension, never what the wire calls it
	Kind     string `json:"kind"`
	Name     string `json:"name"` // as the wire names it: hostile text
	Type     string `json:"type,omitempty"`
	Bytes    int64  `json:"bytes"`
	Complete bool   `json:"complete"` // all of it was in the capture
	Time     string `json:"ts"`
	FlowID   uint64 `json:"flow_id"`
	File     uint32 `json:"file"`
	Frame    uint32 `json:"frame"`
	Client   string `json:"client"`
	Server   string `json:"server"`
}

// Extracted is what an extraction gave.
type Extracted struct {
	Objects  []Object // in the order of the captures
	Left     int64    // objects left out: a limit was reached
	Packets  uint64
	distinct int
}

// Files is the number of different objects.
func (e *Extracted) Files() int { return e.distinct }

// Extract reads the captures of a case again, and writes the objects that crossed the wire into a folder. The captures must be
// those of the case: each is hashed before anything is written.
func Extract(ctx context.Context, opt ExtractOptions, progress Progress) (*Extracted, error) {
	m, err := readManifest(opt.Case)
	if err != nil {
		return nil, err
	}
	paths, err := m.locate(opt.Paths)
	if err != nil {
		return nil, err
	}
	run, err := m.runOptions()
	if err != nil {
		return nil, err
	}
	if err := emptyFolder(opt.Dir); err != nil {
		return nil, err
	}
	src, err := capture.Open(ctx, paths, nil, capture.Options{Filter: run.Filter, From: run.From, To: run.To, Count: run.Count})
	if err != nil {
		return nil, err
	}
	defer src.Close()
	k := &keeping{opt: opt, left: opt.Limit}
	out := &Extracted{}
	if out.Packets, err = k.read(ctx, src, run, progress); err != nil {
		return nil, errors.Join(err, k.failed)
	}
	if k.failed != nil {
		return nil, k.failed
	}
	out.Objects, out.Left = k.objects, k.skipped
	sort.SliceStable(out.Objects, func(i, j int) bool {
		a, b := &out.Objects[i], &out.Objects[j]
		if a.File != b.File {
			return a.File < b.File
		}
		if a.Frame != b.Frame {
			return a.Frame < b.Frame
		}
		return a.SHA256 < b.SHA256
	})
	out.distinct = len(k.known)
	return out, k.index(out, m)
}

// index writes index.jsonl and the entry of the custody log.
func (k *keeping) index(out *Extracted, m *Manifest) error {
	path := filepath.Join(k.opt.Dir, "index.jsonl")
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("cannot write the index: %w", err)
	}
	w := bufio.NewWriter(f)
	enc := json.NewEncoder(w)
	for i := range out.Objects {
		err = errors.Join(err, enc.Encode(&out.Objects[i]))
	}
	if err = errors.Join(err, w.Flush(), f.Close()); err != nil {
		return fmt.Errorf("cannot write the index: %w", err)
	}
	sum, err := custody.HashFile(path)
	if err != nil {
		return err
	}
	inputs := map[string]string{}
	for _, in := range m.Inputs {
		inputs[in.Path] = in.SHA256
	}
	return custody.Append(k.opt.Case, custody.Entry{Tool: "wardtrace " + k.opt.Version, Command: k.opt.Command, Inputs: inputs,
		Act: fmt.Sprintf("extracted %d objects, patient data among them, into %s", len(out.Objects), k.opt.Dir), Outputs: map[string]string{path: sum}}, time.Now())
}

func emptyFolder(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, os.ErrNotExist):
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("cannot make the folder: %w", err)
		}
	case err != nil:
		return usage("%s cannot be written to: %v", dir, err)
	case len(entries) > 0:
		return usage("%s is not empty; name another folder with -o", dir)
	}
	return nil
}

// keeping writes objects into a folder. Shards share it.
type keeping struct {
	opt ExtractOptions

	mu      sync.Mutex
	n       int
	left    int64 // bytes that may still be written
	skipped int64
	objects []Object
	known   map[string]bool // hashes of files that are there
	failed  error           // the first error of writing: the disk is full, say
}

// read runs the captures through the pipeline and throws the rows away.
func (k *keeping) read(ctx context.Context, src *capture.Stream, run Options, progress Progress) (uint64, error) {
	k.known = map[string]bool{}
	rows := make(chan *event.Batch, rowQueue)
	set := dissect.NewSet(all.Protocols)
	bud := newBudget(run.Memory, run.Workers)
	r := &router{src: src, dec: packet.NewDecoder(), frag: defrag.New(fragmentBytes), budget: bud}
	var wg sync.WaitGroup
	for range run.Workers {
		s := newShard(set, flow.Options{Server: set.Serves}, bud, rows)
		s.keep = k.keeper
		r.shards = append(r.shards, s)
		wg.Go(s.run)
	}
	drained := make(chan struct{})
	go func() {
		for range rows {
		}
		close(drained)
	}()
	stop := (&Case{}).watch(ctx, src, r, progress)
	err := r.run(ctx)
	wg.Wait()
	stop()
	close(rows)
	<-drained
	return r.read, err
}

// keeper gives a conversation what takes its objects.
func (k *keeping) keeper(c *dissect.Conn) dissect.Keeper { return &flowKeeper{k, c} }

type flowKeeper struct {
	k *keeping
	c *dissect.Conn
}

// Keep begins an object.
func (f *flowKeeper) Keep(o dissect.Object, ref event.Ref) dissect.ObjectWriter {
	w := &objectWriter{k: f.k, hash: sha256.New(), object: Object{Kind: o.Kind, Name: o.Name, Type: o.Type, Time: stamp(ref.Time), FlowID: f.c.Flow,
		File: ref.File, Frame: ref.Frame, Client: f.c.Client.Addr().String(), Server: f.c.Server.Addr().String()}, ext: extension(o.Ext)}
	w.open()
	return w
}

// extension keeps what a dissector's fixed extension is: a dot and letters. What the wire says never gets here.
func extension(s string) string {
	if len(s) > 6 || strings.Trim(s, ".abcdefghijklmnopqrstuvwxyz0123456789") != "" {
		return ".bin"
	}
	return s
}

// objectWriter writes one object under a number, and names it by its hash when it is whole.
type objectWriter struct {
	k      *keeping
	f      *os.File
	hash   hash.Hash
	object Object
	ext    string
	out    bool // it is left out
}

func (w *objectWriter) open() {
	k := w.k
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case len(k.opt.Kinds) > 0 && !slices.Contains(k.opt.Kinds, w.object.Kind), k.failed != nil:
		w.out = true
		return
	case k.left <= 0 || len(k.objects) >= maxObjects:
		w.out = true
		k.skipped++
		return
	}
	k.n++
	f, err := os.OpenFile(filepath.Join(k.opt.Dir, fmt.Sprintf("%d.part", k.n)), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		k.failed, w.out = fmt.Errorf("cannot write an object: %w", err), true
		return
	}
	w.f = f
}

// errLimit says that no more of an object is written.
var errLimit = errors.New("the limit of the extraction is reached")

// Write takes the next bytes.
func (w *objectWriter) Write(p []byte) (int, error) {
	if w.out {
		return len(p), nil
	}
	w.k.mu.Lock()
	defer w.k.mu.Unlock()
	if w.k.failed != nil {
		return 0, w.k.failed
	}
	if int64(len(p)) > w.k.left {
		w.k.left = 0
		return 0, errLimit
	}
	w.k.left -= int64(len(p))
	w.hash.Write(p)
	w.object.Bytes += int64(len(p))
	if _, err := w.f.Write(p); err != nil {
		w.k.failed = fmt.Errorf("cannot write an object: %w", err)
		return 0, w.k.failed
	}
	return len(p), nil
}

// Lose fills a hole with zeros.
func (w *objectWriter) Lose(n int64) {
	for zeros := make([]byte, min(n, 64<<10)); n > 0; n -= int64(len(zeros)) {
		if _, err := w.Write(zeros[:min(n, int64(len(zeros)))]); err != nil {
			return
		}
	}
}

// Close names the object by its hash. Of equal objects one file stays.
func (w *objectWriter) Close(complete bool) {
	if w.out {
		return
	}
	w.out = true
	w.object.SHA256 = hex.EncodeToString(w.hash.Sum(nil))
	w.object.Path, w.object.Complete = w.object.SHA256+w.ext, complete
	k := w.k
	k.mu.Lock()
	defer k.mu.Unlock()
	part := w.f.Name()
	err := w.f.Close()
	if k.known[w.object.Path] {
		err = errors.Join(err, os.Remove(part))
	} else {
		err = errors.Join(err, os.Rename(part, filepath.Join(k.opt.Dir, w.object.Path)))
		k.known[w.object.Path] = true
	}
	if err != nil && k.failed == nil {
		k.failed = fmt.Errorf("cannot write an object: %w", err)
	}
	k.objects = append(k.objects, w.object)
}

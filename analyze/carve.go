package analyze

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"wardtrace/analyze/capture"
	"wardtrace/analyze/carve"
	"wardtrace/analyze/custody"
)

// Carved is what a carving gave.
type Carved struct {
	State   string // of the case: complete, running or interrupted
	Packets int64
	Flows   int   // whole conversations that were wanted
	Files   int   // captures that were read for it, of
	All     int   // all of the case
	Missing int64 // packets of the case that its captures did not give again
	Bytes   int64
	SHA256  string
}

// Carve writes packets of a case's captures into a new capture. The captures must be those of the case: each one read is hashed before
// anything is written. The output is there in the end, or it is not: it gets its name when it is whole.
func Carve(ctx context.Context, opt CarveOptions, stdout io.Writer, progress Progress) (*Carved, error) {
	if err := vacant(opt.Out, opt.Clobber); err != nil {
		return nil, err
	}
	if err := Apart(opt.Case, opt.Out); err != nil {
		return nil, err
	}
	m, err := readManifest(opt.Case)
	if err != nil {
		return nil, err
	}
	db, state, err := Open(ctx, opt.Case)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	c, got, err := carveOnce(ctx, db, m, &opt, stdout, progress, false)
	if err == nil && got.Missing > 0 && got.Files < got.All && opt.Out != "-" { // packets out of all time, in captures that were not read
		c.outs[0].discard()
		c, got, err = carveOnce(ctx, db, m, &opt, stdout, progress, true)
	}
	if err != nil {
		return nil, err
	}
	got.State = state
	var lie []string // where captures lie that were moved
	for _, in := range c.read {
		lie = append(lie, in.at)
	}
	if err := Apart(opt.Case, opt.Out, lie...); err != nil {
		c.outs[0].discard()
		return nil, err
	}
	if err := c.log(&opt, got); err != nil {
		c.outs[0].discard()
		return nil, err
	}
	return got, c.outs[0].keep()
}

// carveOnce makes an output that has no name yet, of the captures that matter or of all.
func carveOnce(ctx context.Context, db *sql.DB, m *Manifest, opt *CarveOptions, stdout io.Writer, progress Progress, everything bool) (*carving, *Carved, error) {
	c := &carving{db: db, manifest: m, sel: &carve.Selection{From: opt.From, To: opt.To}, progress: progress, everything: everything}
	var err error
	if c.run, err = m.runOptions(); err != nil {
		return nil, nil, err
	}
	if c.files, err = readSpans(ctx, db); err != nil {
		return nil, nil, err
	}
	if err := c.choose(ctx, opt); err != nil {
		return nil, nil, err
	}
	out, err := newCarveOut(opt.Out, stdout)
	if err != nil {
		return nil, nil, err
	}
	out.head = carve.Section{Application: "wardtrace " + opt.Version,
		Comments: []string{"carved from the case " + filepath.Base(filepath.Clean(opt.Case)) + ": " + c.what()}}
	c.outs = []*carveOut{out}
	if err := errors.Join(c.write(ctx, opt.Paths), out.close()); err != nil {
		out.discard()
		return nil, nil, err
	}
	return c, &Carved{Packets: out.w.Packets(), Flows: len(c.flows), Files: len(c.read), All: len(c.files), Missing: c.sel.Left(),
		Bytes: out.w.Bytes(), SHA256: out.sum()}, nil
}

// log writes the entry of the custody log. It stands there before the output gets its name.
func (c *carving) log(opt *CarveOptions, got *Carved) error {
	name := "standard output"
	if opt.Out != "-" {
		name = elsewhere(opt.Out)
	}
	inputs := map[string]string{}
	for _, in := range c.read {
		inputs[in.name()] = in.SHA256
	}
	act := fmt.Sprintf("carved %d packets as captured, which may hold patient data in clear, into %s: %s", got.Packets, name, c.what())
	return custody.Append(opt.Case, custody.Entry{Tool: "wardtrace " + opt.Version, Command: opt.masked(), Act: act, Inputs: inputs,
		Outputs: map[string]string{name: got.SHA256}}, time.Now())
}

// carveOut is one output. It is written beside its place, under another name, until it is whole.
type carveOut struct {
	path   string // "" for standard output
	file   *os.File
	hash   hash.Hash
	head   carve.Section
	w      *carve.Writer
	to     io.Writer
	ifaces map[carveIface]int
	limit  int64  // bytes after which no more is written; 0 = none
	total  *int64 // bytes that all outputs may still take; nil = no limit
	cut    int64  // packets left out for these
}

// carveIface names an interface of a source.
type carveIface struct {
	file  uint32
	on    *capture.Iface
	clock bool // its packets have a time
}

// partSuffix ends the name of an output that is not whole.
const partSuffix = ".part"

// vacant tells whether an output may be written.
func vacant(path string, clobber bool) error {
	if path == "-" {
		return nil
	}
	switch info, err := os.Lstat(path); {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return usage("cannot write %s: %v", path, err)
	case !info.Mode().IsRegular():
		return usage("%s is there and is no plain file; name another with -w", path)
	case !clobber:
		return usage("%s is there already; replace it with -C or name another with -w", path)
	}
	return nil
}

func newCarveOut(path string, stdout io.Writer) (*carveOut, error) {
	o := &carveOut{hash: sha256.New(), ifaces: map[carveIface]int{}}
	if path == "-" {
		o.to = io.MultiWriter(stdout, o.hash)
		return o, nil
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*"+partSuffix) // 0600
	if err != nil {
		return nil, fmt.Errorf("cannot write the packets: %w", err)
	}
	o.path, o.file, o.to = path, f, io.MultiWriter(f, o.hash)
	return o, nil
}

// begin writes the section header.
func (o *carveOut) begin(sources []string) {
	o.head.Comments = append(o.head.Comments, sources...)
	o.w = carve.NewWriter(o.to, o.head)
}

// put writes a packet as it was captured.
func (o *carveOut) put(f *capture.Frame, name string, comments []string) error {
	before := o.w.Bytes()
	if o.limit > 0 && before >= o.limit || o.total != nil && *o.total <= 0 {
		o.cut++
		return nil
	}
	timed := f.Time != 0 || f.Stamp != 0
	k := carveIface{f.File, f.On, timed}
	i, ok := o.ifaces[k]
	if !ok {
		desc := carve.Interface{Link: uint16(f.On.Link), Snaplen: f.On.Snaplen, Name: f.On.Name, Resol: f.On.Resol, Offset: f.On.Offset, Comment: name}
		if !timed { // an offset would give a time to what has none
			desc.Offset, desc.Comment = 0, desc.Comment+"; its packets have no time"
		}
		var err error
		if i, err = o.w.Interface(desc); err != nil {
			return wrote(err)
		}
		o.ifaces[k] = i
	}
	err := o.w.Packet(&carve.Packet{Iface: i, Stamp: f.Stamp, WireLen: uint32(f.WireLen), Data: f.Data, Comments: comments})
	if o.total != nil {
		*o.total -= o.w.Bytes() - before
	}
	return wrote(err)
}

// packets is how many were written.
func (o *carveOut) packets() int64 {
	if o.w == nil {
		return 0
	}
	return o.w.Packets()
}

func wrote(err error) error {
	if err != nil {
		return fmt.Errorf("cannot write the packets: %w; is the disk full?", err)
	}
	return nil
}

// close ends the output; it has no name yet.
func (o *carveOut) close() (err error) {
	if o.w != nil {
		err = o.w.Flush()
	}
	if o.file != nil {
		err = errors.Join(err, o.file.Close())
	}
	return wrote(err)
}

// keep gives the output its name.
func (o *carveOut) keep() error {
	if o.file == nil {
		return nil
	}
	return wrote(os.Rename(o.file.Name(), o.path))
}

func (o *carveOut) discard() {
	if o.file != nil {
		os.Remove(o.file.Name())
	}
}

func (o *carveOut) sum() string { return hex.EncodeToString(o.hash.Sum(nil)) }

// source is a capture of the case and where it lies now.
type source struct {
	ManifestInput
	at string
}

func (s *source) name() string {
	if s.Member != "" {
		return s.Path + " (" + s.Member + ")"
	}
	return s.Path
}

// String names a source as the output does.
func (s *source) String() string {
	return fmt.Sprintf("file %d: %s, SHA-256 %s", s.File, s.name(), s.SHA256)
}

// what says in a line what was carved.
func (c *carving) what() string {
	const many = 20
	if len(c.asked) > many {
		return strings.Join(c.asked[:many], ", ") + fmt.Sprintf(" and %d more", len(c.asked)-many)
	}
	return strings.Join(slices.Compact(c.asked), ", ")
}

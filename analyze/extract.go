package analyze

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"wardtrace/analyze/capture"
	"wardtrace/analyze/custody"
	"wardtrace/analyze/defrag"
	"wardtrace/analyze/flow"
	"wardtrace/analyze/object"
	"wardtrace/analyze/packet"
	"wardtrace/dissect"
	"wardtrace/dissect/all"
	"wardtrace/dissect/event"
)

// Extracted is what an extraction gave.
type Extracted struct {
	Objects []object.Entry // in the order of the captures
	Files   int            // different ones
	Left    int64          // objects left out: a limit was reached
	Packets uint64
}

// Extract reads the captures of a case again, and writes the objects that crossed the wire into a folder. The captures must be those of the
// case: each is hashed before anything is written. The custody log says so before the first byte of patient data is written, and again, with
// the hash of the index, when all is there.
func Extract(ctx context.Context, opt ExtractOptions, progress Progress) (*Extracted, error) {
	m, err := readManifest(opt.Case)
	if err != nil {
		return nil, err
	}
	found, err := m.locate(opt.Paths)
	if err != nil {
		return nil, err
	}
	x := &extraction{opt: &opt, inputs: m.inputs()}
	if err := x.plan(ctx); err != nil {
		return nil, err
	}
	if x.folder, err = object.Create(opt.Dir, opt.Kinds, opt.Limits); err != nil {
		return nil, usage("%v", err)
	}
	if err := x.log(fmt.Sprintf("began to extract objects, patient data among them, into %s%s", elsewhere(opt.Dir), x.asked()), nil); err != nil {
		return nil, err
	}
	packets, err := x.read(ctx, m, found, progress)
	if err = errors.Join(err, x.folder.Err()); err != nil {
		return nil, errors.Join(err, x.folder.Discard())
	}
	got, err := x.finish(ctx, packets)
	if err != nil {
		return nil, errors.Join(err, x.folder.Discard())
	}
	return got, nil
}

// extraction is one run. Its captures are read by one shard, so that one goroutine uses the folder and limits fall on the same objects
// every time.
type extraction struct {
	opt       *ExtractOptions
	inputs    map[string]string
	folder    *object.Folder
	only      map[uint64]bool      // conversations that are wanted; nil: all
	what      []string             // how they were asked for
	transfers map[uint64]*transfer // by the flow that a file crosses in
	commands  map[rowKey]*transfer // the same by the command that asked for it
}

// rowKey names a row of a case.
type rowKey struct {
	flow uint64
	seq  uint64
}

// transfer is a file of FTP or TFTP, as the case has joined it.
type transfer struct {
	rowKey
	data     uint64
	protocol string
	command  string
	from     dissect.Dir // which side of the data flow sends it
	complete bool
	name     string // as the command says; read again, since the case has it as a pseudonym
}

// log writes an entry of the custody log.
func (x *extraction) log(act string, outputs map[string]string) error {
	return custody.Append(x.opt.Case, custody.Entry{Tool: "wardtrace " + x.opt.Version, Command: x.opt.Command, Act: act, Inputs: x.inputs, Outputs: outputs},
		time.Now())
}

// asked says what was asked for.
func (x *extraction) asked() string {
	if len(x.what) == 0 {
		return ""
	}
	return ": " + strings.Join(x.what, ", ")
}

// finish completes what was kept by what the case knows, and writes the index.
func (x *extraction) finish(ctx context.Context, packets uint64) (*Extracted, error) {
	entries := x.folder.Entries()
	for i := range entries {
		e := &entries[i]
		if t := x.transfers[e.FlowID]; t != nil && e.Kind == t.protocol {
			e.Belongs(t.flow, t.command, t.name)
		}
	}
	if err := x.patients(ctx, entries); err != nil {
		return nil, err
	}
	sums, err := x.folder.WriteIndex(custody.HashFile)
	if err != nil {
		return nil, err
	}
	outputs := map[string]string{}
	for name, sum := range sums {
		outputs[elsewhere(name)] = sum
	}
	got := &Extracted{Objects: entries, Files: x.folder.Files(), Left: x.folder.Left(), Packets: packets}
	return got, x.log(fmt.Sprintf("extracted %d objects, patient data among them, into %s%s", len(entries), elsewhere(x.opt.Dir), x.asked()), outputs)
}

// read runs the captures through the pipeline as they were when the case was made. Of the rows the names of files are taken, the rest is
// thrown away.
func (x *extraction) read(ctx context.Context, m *Manifest, found []string, progress Progress) (uint64, error) {
	scratch, err := os.MkdirTemp("", "wardtrace-extract-")
	if err != nil {
		return 0, fmt.Errorf("cannot make a scratch folder: %w", err)
	}
	defer os.RemoveAll(scratch)
	run, err := (&verifier{m: m}).again(scratch, found)
	if err != nil {
		return 0, err
	}
	src, err := run.open(ctx, nil)
	if err != nil {
		return 0, err
	}
	defer src.Close()
	rows := make(chan *event.Batch, rowQueue)
	set := dissect.NewSet(all.Protocols)
	bud := newBudget(run.Memory, 1)
	s := newShard(set, flow.Options{Server: set.Serves}, bud, rows)
	s.keep = x.keeper
	r := &router{src: src, dec: packet.NewDecoder(), frag: defrag.New(fragmentBytes), budget: bud, shards: []*shard{s}}
	var shard, names sync.WaitGroup
	shard.Go(s.run)
	names.Go(func() {
		for b := range rows {
			x.learn(b)
		}
	})
	stop := progress.watch(r.progress)
	err = r.run(ctx)
	shard.Wait()
	stop()
	close(rows)
	names.Wait()
	if err = errors.Join(err, src.Close()); err == nil { // closed, it has hashed what it did not need to read
		err = m.same(src.Files())
	}
	return r.read, err
}

// same holds what was read to what the case was made of: a file may have been changed since it was hashed.
func (m *Manifest) same(files []capture.File) error {
	sums := map[uint32]string{}
	for _, f := range files {
		sums[f.File] = f.SHA256
	}
	for _, in := range m.Inputs {
		if sums[in.File] != in.SHA256 {
			return usage("%s was changed while it was read; nothing is extracted", in.Path)
		}
	}
	return nil
}

// learn takes the names of files out of rows that a case holds as pseudonyms.
func (x *extraction) learn(b *event.Batch) {
	for _, rows := range b.Tables() {
		column := map[string]string{"ftp": "arg", "tftp": "filename"}[rows.Table.Name]
		if column == "" || len(x.commands) == 0 {
			continue
		}
		at := map[string]int{}
		for c := range rows.Table.Columns {
			at[rows.Table.Columns[c].Name] = c
		}
		for i := range rows.Len() {
			id, _ := rows.Value(i, at["flow_id"]).(int64)
			seq, _ := rows.Value(i, at["seq"]).(int64)
			if t := x.commands[rowKey{uint64(id), uint64(seq)}]; t != nil {
				t.name, _ = rows.Value(i, at[column]).(string)
			}
		}
	}
}

// keeper gives a conversation what takes its objects, and if it is the data connection of a transfer what takes its bytes.
func (x *extraction) keeper(s *shard, c *dissect.Conn) (dissect.Keeper, *rawFile) {
	if x.only != nil && !x.only[c.Flow] {
		return nil, nil
	}
	k := &flowKeeper{x.folder, s, c}
	if t := x.transfers[c.Flow]; t != nil && t.protocol == "ftp" {
		return k, &rawFile{keeper: k, t: t}
	}
	return k, nil
}

// flowKeeper takes the objects of one conversation.
type flowKeeper struct {
	folder *object.Folder
	s      *shard
	c      *dissect.Conn
}

// Keep begins an object.
func (k *flowKeeper) Keep(o dissect.Object, ref event.Ref) dissect.ObjectWriter {
	return k.folder.Keep(o, object.Origin{Flow: k.c.Flow, Client: k.c.Client.Addr().String(), Server: k.c.Server.Addr().String(), Now: &k.s.at}, ref)
}

// rawFile is a file that has a connection for itself: what one side says, from the first byte to the last.
type rawFile struct {
	keeper *flowKeeper
	t      *transfer
	w      dissect.ObjectWriter
}

// data takes bytes of the connection.
func (f *rawFile) data(dir dissect.Dir, gap int, data []byte, ref event.Ref) {
	if f == nil || dir != f.t.from {
		return
	}
	if f.w == nil {
		f.w = f.keeper.Keep(dissect.Object{Kind: f.t.protocol, Via: f.t.command, From: dir}, ref)
	}
	f.w.Lose(int64(gap))
	f.w.Write(data)
}

func (f *rawFile) close() {
	if f != nil && f.w != nil {
		f.w.Close(f.t.complete)
	}
}

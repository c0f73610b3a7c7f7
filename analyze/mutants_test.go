package analyze

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"wardtrace/analyze/capture"
	"wardtrace/analyze/defrag"
	"wardtrace/analyze/flow"
	"wardtrace/analyze/packet"
	"wardtrace/dissect"
	"wardtrace/dissect/all"
	"wardtrace/dissect/event"
	"wardtrace/samples"
)

// What a file may cost, whatever is in it.
const (
	mutantTime   = 10 * time.Second
	mutantMemory = 1 << 30
)

// TestMutants reads spoilt captures, each alone, through the pipeline up to the rows: none may take it down, stop a dissector, hang or
// fill the memory, and every packet that was read must be in a flow. The environment sets a longer run:
//
//	WARDTRACE_MUTANTS=20000 WARDTRACE_MUTANTS_OF=FOLDER WARDTRACE_MUTANTS_SEED=1 go test ./analyze -run TestMutants -v -timeout 0
//
// reads every file of the folder as it is too.
func TestMutants(t *testing.T) {
	n, seed, root := number64(t, "WARDTRACE_MUTANTS", 200), number64(t, "WARDTRACE_MUTANTS_SEED", 1), os.Getenv("WARDTRACE_MUTANTS_OF")
	asTheyAre := root != ""
	if root == "" {
		root = samples.Root()
	}
	files, err := samples.Files(root)
	if err != nil {
		t.Fatal(err)
	}
	read := func(i uint64) []byte {
		data, err := os.ReadFile(files[i%uint64(len(files))])
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	codes := map[int]int{}
	total := pipelined{}
	if asTheyAre {
		for i := range files {
			total.add(mutant(t, files[i], read(uint64(i)), codes))
		}
		t.Logf("%d files as they are: exit codes %v", len(files), codes)
		clear(codes)
	}
	if files = captures(t, files); len(files) == 0 {
		t.Fatalf("no captures in %s", root)
	}
	for i := range n {
		k := i * 7919 // files in a mixed order, so that a short run meets all kinds; a prime meets all of them in the end
		data, how := samples.Mutant(seed, i, read(k), read(k+1+i/uint64(len(files))))
		name := fmt.Sprintf("mutant %d of %s (seed %d): %s", i, files[k%uint64(len(files))], seed, how)
		total.add(mutant(t, name, data, codes))
	}
	t.Logf("%d mutants of %d captures, seed %d: exit codes %v; in all %d packets, %d flows, %d rows; the slowest took %v, the largest allocated %d MiB",
		n, len(files), seed, codes, total.packets, total.flows, total.rows, total.took.Round(time.Millisecond), total.bytes>>20)
	if total.rows == 0 || codes[0]+codes[3] == 0 {
		t.Error("no mutant was read at all: the test proves nothing")
	}
}

// captures gives those files that are captures: mutants of texts would all be refused at their first bytes.
func captures(t *testing.T, files []string) (out []string) {
	t.Helper()
	for _, path := range files {
		src, err := capture.Open(context.Background(), []string{path}, nil, capture.Options{})
		if err != nil {
			continue
		}
		src.Close()
		out = append(out, path)
	}
	return out
}

func number64(t *testing.T, name string, otherwise uint64) uint64 {
	s := os.Getenv(name)
	if s == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// mutant reads one file, and counts the exit code that analyze would have.
func mutant(t *testing.T, name string, data []byte, codes map[int]int) pipelined {
	t.Helper()
	watch := time.AfterFunc(mutantTime, func() { // a hang cannot be stopped: say what it is, with all stacks
		buf := make([]byte, 1<<20)
		fmt.Fprintf(os.Stderr, "%s: not done after %v\n%s\n", name, mutantTime, buf[:runtime.Stack(buf, true)])
		spare(data)
		os.Exit(1)
	})
	defer watch.Stop()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	p, err := pipe(data)
	p.took = time.Since(start)
	runtime.ReadMemStats(&after)
	p.bytes = int64(after.TotalAlloc - before.TotalAlloc) // all that was ever asked for: more than was held at any time
	switch {
	case errors.Is(err, capture.ErrNothingReadable):
		codes[2]++
	case err != nil:
		t.Errorf("%s: %v (%s)", name, err, spare(data))
	case p.faults > 0:
		t.Errorf("%s: a dissector stopped: %s (%s)", name, p.fault, spare(data))
	case p.packets != p.inFlows:
		t.Errorf("%s: %d packets were read, flows hold %d (%s)", name, p.packets, p.inFlows, spare(data))
	case p.damaged:
		codes[3]++
	default:
		codes[0]++
	}
	if p.bytes > mutantMemory && peak(data) > mutantMemory {
		t.Errorf("%s: holds more than %d MiB (%s)", name, mutantMemory>>20, spare(data))
	}
	return p
}

// spare keeps a file that broke something, for a sample named after the bug.
func spare(data []byte) string {
	f, err := os.CreateTemp("", "mutant-*.pcap")
	if err != nil {
		return err.Error()
	}
	defer f.Close()
	if _, err := f.Write(data); err != nil {
		return err.Error()
	}
	return "kept as " + f.Name()
}

// peak reads a file again and gives the most that the heap held meanwhile.
func peak(data []byte) int64 {
	runtime.GC()
	var most uint64
	done, gone := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(gone)
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc)
			select {
			case <-done:
				return
			case <-time.After(time.Millisecond):
			}
		}
	}()
	pipe(data)
	close(done)
	<-gone
	return int64(most)
}

// pipelined is what became of a file.
type pipelined struct {
	packets, inFlows, flows, rows uint64
	damaged                       bool
	faults                        int
	fault                         string
	took                          time.Duration
	bytes                         int64
}

// add sums up, and keeps the extremes.
func (p *pipelined) add(q pipelined) {
	p.packets, p.flows, p.rows = p.packets+q.packets, p.flows+q.flows, p.rows+q.rows
	p.took, p.bytes = max(p.took, q.took), max(p.bytes, q.bytes)
}

// pipe runs the pipeline on a file's bytes, and counts rows where a case would be filled.
func pipe(data []byte) (out pipelined, err error) {
	ctx := context.Background()
	src, err := capture.Open(ctx, []string{"-"}, bytes.NewReader(data), capture.Options{})
	if err != nil {
		return out, err
	}
	defer src.Close()
	const workers = 2
	set, rows := dissect.NewSet(all.Protocols), make(chan *event.Batch, rowQueue)
	bud := newBudget(minMemory, workers)
	r := &router{src: src, dec: packet.NewDecoder(), frag: defrag.New(fragmentBytes), budget: bud}
	var wg sync.WaitGroup
	for range workers {
		s := newShard(set, flow.Options{Server: set.Serves}, bud, rows)
		r.shards = append(r.shards, s)
		wg.Go(s.run)
	}
	counted := make(chan struct{})
	go func() {
		for b := range rows {
			out.count(b)
		}
		close(counted)
	}()
	err = r.run(ctx)
	wg.Wait()
	close(rows)
	<-counted
	r.frag.Flush()
	r.note()
	out.packets = r.read
	for _, f := range src.Files() {
		out.damaged = out.damaged || f.Damage != ""
	}
	return out, err
}

// count takes a batch of rows: every cell is read, as the loader would.
func (p *pipelined) count(b *event.Batch) {
	for _, rows := range b.Tables() {
		p.rows += uint64(rows.Len())
		for i := range rows.Len() {
			for c := range rows.Table.Columns {
				rows.Value(i, c)
			}
		}
	}
	for _, f := range flow.Flows.Get(b) {
		p.flows++
		p.inFlows += f.V.SrcPkts + f.V.DstPkts
	}
	for _, a := range event.Anomalies.Get(b) {
		if a.V.Kind == "dissector_fault" {
			p.faults++
			p.fault = a.V.Protocol + ": " + a.V.Detail
		}
	}
}

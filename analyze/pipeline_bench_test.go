package analyze

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"wardtrace/analyze/capture"
	"wardtrace/analyze/defrag"
	"wardtrace/analyze/flow"
	"wardtrace/analyze/packet"
	"wardtrace/dissect"
	"wardtrace/dissect/all"
	"wardtrace/dissect/event"
)

// benchCapture is what benchmarks of the whole read: a large capture that WARDTRACE_BENCH names, such as one of samples/gen -profile, or
// else the ward's night.
func benchCapture(b *testing.B) (path string, size int64) {
	path = os.Getenv("WARDTRACE_BENCH")
	if path == "" {
		path = filepath.Join("..", "samples", "ward-night", "capture.pcap")
	}
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	return path, info.Size()
}

// BenchmarkPipeline reads, spreads and dissects; the rows are counted and thrown away.
func BenchmarkPipeline(b *testing.B) {
	path, size := benchCapture(b)
	for _, workers := range []int{1, 2} {
		b.Run(fmt.Sprint("workers=", workers), func(b *testing.B) {
			b.SetBytes(size)
			var packets, rows uint64
			for range b.N {
				p, r := pipeline(b, path, workers)
				packets, rows = packets+p, rows+r
			}
			b.ReportMetric(float64(packets)/b.Elapsed().Seconds(), "packets/s")
			b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

// pipeline runs the captures through as many shards and gives the packets read and the rows emitted.
func pipeline(b *testing.B, path string, workers int) (packets, rows uint64) {
	ctx := context.Background()
	src, err := capture.Open(ctx, []string{path}, nil, capture.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer src.Close()
	out, spare := make(chan *event.Batch, rowQueue), make(chan *event.Batch, rowQueue+workers)
	set, bud := dissect.NewSet(all.Protocols), newBudget(1<<30, workers)
	r := &router{src: src, dec: packet.NewDecoder(), frag: defrag.New(fragmentBytes), budget: bud}
	var wg, loader sync.WaitGroup
	for range workers {
		s := newShard(set, flow.Options{Server: set.Serves}, bud, out)
		s.spare = spare
		r.shards = append(r.shards, s)
		wg.Go(s.run)
	}
	loader.Go(func() {
		for batch := range out {
			rows += uint64(batch.Len())
			batch.Reset()
			select {
			case spare <- batch:
			default:
			}
		}
	})
	if err := r.run(ctx); err != nil {
		b.Fatal(err)
	}
	wg.Wait()
	close(out)
	loader.Wait()
	return r.read, rows
}

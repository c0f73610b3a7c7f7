package store

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/marcboeker/go-duckdb/mapping"

	"wardtrace/dissect/event"
)

// wide is a row as dissectors emit them: with the five columns of its evidence it has ten numbers and five texts.
type wide struct {
	A int64  `col:"a" doc:"A number."`
	B uint32 `col:"b" doc:"A number."`
	C uint16 `col:"c" doc:"A number."`
	D int64  `col:"d" doc:"A number."`
	E uint8  `col:"e" doc:"A number."`
	F string `col:"f" doc:"An address."`
	G string `col:"g" doc:"An address."`
	H string `col:"h" doc:"A word."`
	I string `col:"i" doc:"A word."`
	J string `col:"j" doc:"A UID."`
}

var wides = []*event.Kind[wide]{event.New[wide]("wide1", "For measuring."), event.New[wide]("wide2", "For measuring.")}

const benchRows = 1_000_000

// wideBatches gives batches as shards hand them over, of as many rows of each kind.
func wideBatches(kinds int) []*event.Batch {
	var out []*event.Batch
	for n := 0; n < benchRows; n += 4096 {
		b := &event.Batch{}
		seq := uint32(0)
		b.Begin(uint64(1)<<32|uint64(n), &seq)
		for i := range 4096 {
			k := n + i
			wides[k%kinds].Emit(b, event.Ref{Time: event.Time(1_790_000_000_000_000_000 + int64(k)*1_000_000), File: 1, Frame: uint32(k)},
				wide{A: int64(k) * 7, B: uint32(k % 1000), C: uint16(k), D: int64(k % 3), E: uint8(k % 5),
					F: fmt.Sprintf("10.20.%d.%d", k%20, k%250), G: fmt.Sprintf("10.30.%d.%d", k%3, k%200), H: [...]string{"C-STORE-RQ", "C-STORE-RSP", "C-ECHO-RQ"}[k%3],
					I: [...]string{"client", "server"}[k%2], J: fmt.Sprintf("1.2.840.10008.5.1.4.1.1.%d.%d", k%7, k%1000)})
		}
		out = append(out, b)
	}
	return out
}

func benchStore(b *testing.B, lanes int) *Store {
	v, err := NewVault(key(1), false)
	if err != nil {
		b.Fatal(err)
	}
	s, err := Create(context.Background(), filepath.Join(b.TempDir(), "case.duckdb"), []*event.Table{wides[0].Desc(), wides[1].Desc()},
		Options{Lanes: lanes, Memory: 512 << 20, PHI: v})
	if err != nil {
		b.Fatal(err)
	}
	return s
}

// finish ends a measured load, checkpoint included.
func finish(b *testing.B, s *Store) {
	if _, err := s.DB.Exec("CHECKPOINT"); err != nil {
		b.Fatal(err)
	}
	b.StopTimer()
	s.Abandon()
}

// BenchmarkLoad loads rows from batches, checkpoint included, into one table, and into two tables on two lanes; ready is DuckDB's own
// append of one chunk that is already filled, on one thread.
func BenchmarkLoad(b *testing.B) {
	run := func(name string, kinds, lanes int) {
		b.Run(name, func(b *testing.B) {
			batches := wideBatches(kinds)
			for range b.N {
				b.StopTimer()
				s := benchStore(b, lanes)
				b.StartTimer()
				for _, batch := range batches {
					if err := s.Load(batch, nil); err != nil {
						b.Fatal(err)
					}
				}
				if err := s.Flush(); err != nil {
					b.Fatal(err)
				}
				finish(b, s)
			}
			b.ReportMetric(float64(benchRows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
	b.Run("ready", func(b *testing.B) {
		batches := wideBatches(1)
		for range b.N {
			b.StopTimer()
			s := benchStore(b, 1)
			b.StartTimer()
			ready(b, s, batches)
			finish(b, s)
		}
		b.ReportMetric(float64(benchRows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	})
	run("one table", 1, 1)
	run("two tables", 2, 2)
}

// rowGroup is DuckDB's.
const rowGroup = 122_880

// ready appends chunks that were filled before the clock ran.
func ready(b *testing.B, s *Store, batches []*event.Batch) {
	b.StopTimer()
	raw, err := rawConnection(s.conns[0])
	if err != nil {
		b.Fatal(err)
	}
	var chunks []*appender // one each, for the chunk in it
	for _, batch := range batches {
		for from := 0; from < 4096; from += chunkRows {
			a, err := newAppender(raw, wides[0].Desc(), newBlocks())
			if err != nil {
				b.Fatal(err)
			}
			for c := range a.cols {
				a.fill(batch.Tables()[0], c, from, chunkRows, s.vault)
			}
			mapping.DataChunkSetSize(a.chunk, chunkRows)
			chunks = append(chunks, a)
		}
	}
	b.StartTimer()
	if err := exec(s.conns[0], "BEGIN TRANSACTION"); err != nil {
		b.Fatal(err)
	}
	app := chunks[0].app
	for i, a := range chunks {
		if mapping.AppendDataChunk(app, a.chunk) == mapping.StateError {
			b.Fatal(mapping.AppenderError(app))
		}
		if (i+1)%(rowGroup/chunkRows) == 0 {
			mapping.AppenderFlush(app)
		}
	}
	if mapping.AppenderFlush(app) == mapping.StateError {
		b.Fatal(mapping.AppenderError(app))
	}
	if err := exec(s.conns[0], "COMMIT"); err != nil {
		b.Fatal(err)
	}
	b.StopTimer()
	for _, a := range chunks {
		mapping.DestroyDataChunk(&a.chunk)
		a.destroy()
		a.text.release()
		a.text.from.destroy()
	}
	b.StartTimer()
}

package analyze

import (
	"context"
	"sync"
)

// budget counts the logical memory of all shards at each epoch and decides which flows are closed early. What it
// decides depends on the stream alone: every shard reports the bytes of its flows by the epoch of their last packet, the
// sums are the same for any number of shards, and the cut-off is applied by all of them at one later epoch.
type budget struct {
	limit  int64
	shards int

	mu      sync.Mutex
	pending map[uint64]*tally
}

type tally struct {
	reports int
	bytes   map[uint64]int64 // by epoch of the last packet
	done    chan struct{}
}

func newBudget(limit int64, shards int) *budget {
	return &budget{limit: limit, shards: shards, pending: map[uint64]*tally{}}
}

func (b *budget) tally(epoch uint64) *tally {
	t := b.pending[epoch]
	if t == nil {
		t = &tally{bytes: map[uint64]int64{}, done: make(chan struct{})}
		b.pending[epoch] = t
	}
	return t
}

// report takes a shard's count at an epoch.
func (b *budget) report(epoch uint64, bytes map[uint64]int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	t := b.tally(epoch)
	for last, n := range bytes {
		t.bytes[last] += n
	}
	if t.reports++; t.reports == b.shards {
		close(t.done)
	}
}

// cutoff waits for all reports of an epoch and gives the epoch before which a flow's last packet must lie for it to be closed;
// 0 closes none. The silent longest go first, until what is left fits with a quarter to spare: each time costs a look at all flows.
func (b *budget) cutoff(ctx context.Context, epoch uint64) (uint64, error) {
	b.mu.Lock()
	t := b.tally(epoch)
	b.mu.Unlock()
	select {
	case <-t.done:
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.pending, epoch)
	var total int64
	for _, n := range t.bytes {
		total += n
	}
	if total <= b.limit {
		return 0, nil
	}
	for e := uint64(0); e < epoch; e++ {
		if total -= t.bytes[e]; total <= b.limit*3/4 {
			return e + 1, nil
		}
	}
	return epoch + 1, nil
}

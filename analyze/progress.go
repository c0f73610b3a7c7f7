package analyze

import (
	"sync"
	"time"
)

// Progress is called some times a second, from the start on: with the bytes read of all inputs and their sum, 0 if that is not known, and
// the packets so far. While captures are looked for, archives through and through, all three are 0.
type Progress func(done, total int64, packets uint64)

// looking is how far things are before the first capture is read.
func looking() (done, total int64, packets uint64) { return 0, 0, 0 }

// progress is how far the captures are read. Any goroutine may ask.
func (r *router) progress() (done, total int64, packets uint64) {
	done, total = r.src.Progress()
	return done, total, r.count.Load()
}

// watch reports progress until the function it returns is called, which may be called again.
func (p Progress) watch(progress func() (done, total int64, packets uint64)) (stop func()) {
	if p == nil {
		return func() {}
	}
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			p(progress())
			select {
			case <-tick.C:
			case <-done:
				p(progress())
				return
			}
		}
	})
	return sync.OnceFunc(func() { close(done); wg.Wait() })
}

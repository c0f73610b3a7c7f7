package capture

import (
	"context"
	"io"
)

// ahead reads and unpacks in a goroutine of its own, a few blocks ahead of its reader.
type ahead struct {
	ctx  context.Context
	out  chan block
	free chan []byte
	quit chan struct{} // closed to stop the goroutine
	gone chan struct{} // closed when it has stopped
	cur  block
	rest []byte // of cur, not yet given out
}

type block struct {
	data []byte
	err  error
}

// aheadBlocks is how many blocks a plain input has read ahead: one being filled, one ready, one being read.
const aheadBlocks = 3

// readAhead starts reading r, up to so many blocks ahead. fill says whether to wait until a block is full: not for a pipe, whose packets are
// wanted as they come.
func readAhead(ctx context.Context, r io.Reader, fill bool, blocks int) *ahead {
	a := &ahead{ctx: ctx, out: make(chan block, blocks), free: make(chan []byte, blocks),
		quit: make(chan struct{}), gone: make(chan struct{})}
	go a.run(r, fill, blocks)
	return a
}

func (a *ahead) run(r io.Reader, fill bool, fresh int) {
	defer close(a.gone)
	for {
		var b block
		select {
		case b.data = <-a.free:
		default:
			if b.data = a.room(&fresh); b.data == nil {
				return
			}
		}
		n := 0
		for n < blockSize && b.err == nil {
			var k int
			k, b.err = r.Read(b.data[n:blockSize])
			if n += k; !fill && n > 0 {
				break
			}
			select {
			case <-a.quit:
				return
			default:
			}
		}
		b.data = b.data[:n]
		a.out <- b // never blocks: there are no more blocks than places
		if b.err != nil {
			return
		}
	}
}

// room gives a new block while there are fewer than agreed, else waits for one that was read; nil if it is to stop.
func (a *ahead) room(fresh *int) []byte {
	if *fresh > 0 {
		*fresh--
		return make([]byte, blockSize)
	}
	select {
	case b := <-a.free:
		return b
	case <-a.quit:
		return nil
	}
}

// Read gives the bytes in order; the goroutine's error comes after the last of them.
func (a *ahead) Read(p []byte) (int, error) {
	for len(a.rest) == 0 {
		if a.cur.err != nil {
			return 0, a.cur.err
		}
		if a.cur.data != nil {
			a.free <- a.cur.data[:cap(a.cur.data)]
		}
		select {
		case a.cur = <-a.out:
		case <-a.ctx.Done():
			a.cur.data = nil
			return 0, a.ctx.Err()
		}
		a.rest = a.cur.data
	}
	n := copy(p, a.rest)
	a.rest = a.rest[n:]
	return n, nil
}

// stop ends the goroutine. It waits for it unless that hangs in the read of a pipe.
func (a *ahead) stop(wait bool) {
	close(a.quit)
	if wait {
		<-a.gone
	}
}

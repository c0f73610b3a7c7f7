// Package progress draws the bar of a run: one line, on a terminal only, driven by the bytes read of all inputs.
package progress

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// Bar shows progress. The zero Bar, and one on what is no terminal, shows nothing.
type Bar struct {
	w     io.Writer
	bar   *progressbar.ProgressBar
	total int64
}

// New makes a bar on w, if w is a terminal and on is set.
func New(w io.Writer, on bool) *Bar {
	f, ok := w.(*os.File)
	if !on || !ok || !term.IsTerminal(int(f.Fd())) {
		return &Bar{}
	}
	return &Bar{w: w}
}

// Update shows the bytes read and their total, 0 if it is not known, as it is not while captures are looked for.
func (b *Bar) Update(done, total int64, packets uint64) {
	if b.w == nil {
		return
	}
	if b.bar == nil || total != b.total {
		b.begin(total)
	}
	what := fmt.Sprintf("%d packets", packets)
	if total == 0 && packets == 0 {
		what = "looking for packets"
	}
	b.bar.Describe(what)
	if b.total > 0 {
		done = min(done, b.total-1) // the last byte is Done's
	}
	b.bar.Set64(done)
}

// begin makes the bar for a total, in place of the one there is.
func (b *Bar) begin(total int64) {
	if b.bar != nil {
		b.bar.Clear()
	}
	b.total = total
	if total == 0 {
		total = -1
	}
	b.bar = progressbar.NewOptions64(total, progressbar.OptionSetWriter(b.w), progressbar.OptionShowBytes(true),
		progressbar.OptionSetPredictTime(true), progressbar.OptionSetWidth(30), progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionClearOnFinish(), progressbar.OptionFullWidth(), progressbar.OptionUseANSICodes(false))
}

// Done takes the bar away.
func (b *Bar) Done() {
	if b.bar != nil {
		b.bar.Finish()
		b.bar.Clear()
	}
}

package analyze

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"wardtrace/samples"
)

// late is a pipe whose sender waits for something.
type late struct {
	io.Reader
	wait func() error
}

func (l *late) Read(p []byte) (int, error) {
	if err := l.wait(); err != nil {
		return 0, err
	}
	return l.Reader.Read(p)
}

// TestProgress holds that progress is told of before the first byte of a capture is there, and to the last packet.
func TestProgress(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(samples.Dir("hl7-mllp-adt-oru"), "capture.pcap"))
	if err != nil {
		t.Fatal(err)
	}
	told := make(chan struct{})
	tell := sync.OnceFunc(func() { close(told) })
	in := &late{bytes.NewReader(data), func() error {
		select {
		case <-told:
			return nil
		case <-time.After(10 * time.Second):
			return errors.New("nobody was told of any progress")
		}
	}}
	var last int64
	dir := t.TempDir()
	opt := Options{Case: filepath.Join(dir, "t.case"), PHI: "pseudonym", memory: "256MiB"}
	if err := opt.Complete([]string{"-"}); err != nil {
		t.Fatal(err)
	}
	c, err := Run(context.Background(), opt, in, func(done, total int64, packets uint64) {
		if done < last {
			t.Errorf("%d bytes after %d", done, last)
		}
		last = done
		tell()
	})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Abandon()
	if last != int64(len(data)) {
		t.Errorf("in the end %d of %d bytes", last, len(data))
	}
}

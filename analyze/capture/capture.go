package capture

import (
	"context"
	"errors"
	"io"

	"wardtrace/analyze/packet"
	"wardtrace/dissect/event"
)

// What Open's errors wrap.
var (
	ErrNothingReadable = errors.New("no readable capture")
	ErrUsage           = errors.New("wrong usage")
)

// Options say which packets are delivered. What is not delivered is still read and numbered.
type Options struct {
	Filter   string     // in tcpdump's language, "" for none
	From, To event.Time // 0 = open; both ends belong to the window
	Count    int64      // deliver at most so many packets, 0 = all
}

// Frame is one packet as captured. The caller owns the struct and uses it again for each call of Next.
type Frame struct {
	event.Ref                 // Time, File (from 1 in capture order), Frame (from 1 in its file; filters never renumber)
	Link      packet.LinkType // of the interface it was captured on
	WireLen   int             // bytes on the wire, as the capture says; hostile files lie
	Data      []byte          // captured bytes; valid only until the next call of Next
	Iface     int             // number of the pcapng interface in its section, else 0
	Clock     event.Time      // running clock of its file, by which inputs are merged: Time without wild jumps
}

// Stream is all inputs as one stream. Progress may be called from any goroutine, all else from one.
type Stream struct{}

// Open finds the captures and puts them in order. Its error wraps ErrNothingReadable or ErrUsage.
func Open(ctx context.Context, paths []string, stdin io.Reader, opt Options) (*Stream, error) {
	return nil, ErrNothingReadable
}

// Next gives the next packet, io.EOF after the last one, or ctx's error once it is cancelled.
func (s *Stream) Next(f *Frame) error { return io.EOF }

// Progress says how many bytes of all inputs were read, as they lie on the disk; total is 0 if it is not known.
func (s *Stream) Progress() (done, total int64) { return 0, 0 }

// Close gives back what the stream holds. Files and Damage can still be called.
func (s *Stream) Close() error { return nil }

// Files gives the rows of capture_file. They are final once Next has given io.EOF.
func (s *Stream) Files() []File { return nil }

// Skipped lists the files in folders that are no captures.
func (s *Stream) Skipped() []Skipped { return nil }

// Damage gives the damages found since the last call, in the order they were found; call it after Next has given
// io.EOF at the latest, or now and then.
func (s *Stream) Damage() []Damage { return nil }

package capture

import (
	"bufio"
	"errors"
	"io"

	"github.com/klauspost/compress/gzip"
)

// gunzip reads a gzip file (RFC 1952): members, one behind the other. It takes them one at a time, so that a wrong
// checksum at the end of one does not hide the next.
type gunzip struct {
	br  *bufio.Reader
	z   *gzip.Reader
	bad error // what was wrong with a member, told at the end
}

var (
	errTrailing = errors.New("what follows the packed data is something else and was left out")
	errChecksum = errors.New("a checksum of the packed data is wrong, so some bytes of the capture are")
)

func isGzip(head []byte) bool {
	return len(head) >= 3 && head[0] == 0x1f && head[1] == 0x8b && head[2] == 8
}

func openGzip(r io.Reader, size int) (unpacker, error) {
	g := &gunzip{br: bufio.NewReaderSize(r, size)}
	z, err := gzip.NewReader(g.br)
	if err != nil {
		return nil, err
	}
	z.Multistream(false)
	g.z = z
	return g, nil
}

func (g *gunzip) Read(p []byte) (int, error) {
	for {
		n, err := g.z.Read(p)
		if errors.Is(err, gzip.ErrChecksum) {
			g.bad, err = errChecksum, io.EOF
		}
		if err == io.EOF {
			err = g.following()
		}
		if err == io.EOF && g.bad != nil {
			err = g.bad
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
}

// following goes to the next member. Zeros behind the last one are padding, as tapes and some writers leave it.
func (g *gunzip) following() error {
	for {
		head, _ := g.br.Peek(3)
		switch {
		case len(head) == 0:
			return io.EOF
		case isGzip(head):
			if err := g.z.Reset(g.br); err != nil {
				return err
			}
			g.z.Multistream(false)
			return nil
		case head[0] != 0:
			return errTrailing
		}
		g.br.Discard(1)
	}
}

func (g *gunzip) Close() error { return g.z.Close() }

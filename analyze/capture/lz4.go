package capture

import (
	"bufio"
	"encoding/binary"
	"io"

	"github.com/pierrec/lz4/v4"
)

// unlz4 reads an lz4 file (LZ4 Frame Format 1.6.4): frames, one behind the other, skippable and legacy ones too. A frame
// that needs a dictionary cannot be read.
type unlz4 struct {
	br *bufio.Reader
	z  *lz4.Reader
}

const (
	lz4Magic  = 0x184d2204
	lz4Legacy = 0x184c2102
	lz4Skip   = 0x184d2a50 // and the fifteen that follow
)

func isLZ4(head []byte) bool {
	if len(head) < 4 {
		return false
	}
	m := binary.LittleEndian.Uint32(head)
	return m == lz4Magic || m == lz4Legacy
}

func openLZ4(r io.Reader, size int) (unpacker, error) {
	br := bufio.NewReaderSize(r, size)
	return &unlz4{br, lz4.NewReader(br)}, nil
}

func (u *unlz4) Read(p []byte) (int, error) {
	for {
		n, err := u.z.Read(p)
		if err == io.EOF {
			err = u.following()
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
}

// following goes to the next frame.
func (u *unlz4) following() error {
	head, _ := u.br.Peek(4)
	switch {
	case len(head) == 0:
		return io.EOF
	case isLZ4(head) || len(head) == 4 && binary.LittleEndian.Uint32(head)&^15 == lz4Skip:
		u.z.Reset(u.br)
		return nil
	}
	return errTrailing
}

func (u *unlz4) Close() error { return nil }

package capture

import (
	"bytes"
	"errors"
	"io"

	"github.com/therootcompany/xz"
)

// unxz reads an xz file (The .xz File Format 1.2.1): streams, one behind the other, with padding between them.
type unxz struct{ z *xz.Reader }

func isXZ(head []byte) bool { return bytes.HasPrefix(head, []byte{0xfd, '7', 'z', 'X', 'Z', 0}) }

func openXZ(r io.Reader, size int) (unpacker, error) {
	z, err := xz.NewReader(r, maxDictionary)
	if err != nil {
		return nil, err
	}
	return unxz{z}, nil
}

func (u unxz) Read(p []byte) (int, error) {
	n, err := u.z.Read(p)
	if errors.Is(err, xz.ErrFormat) { // behind a stream: at the first, opening has said so
		err = errTrailing
	}
	if errors.Is(err, xz.ErrBuf) {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

func (u unxz) Close() error { return nil }

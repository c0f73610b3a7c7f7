package capture

import (
	"errors"
	"io"

	"github.com/klauspost/compress/zstd"
)

// unzstd reads a Zstandard file (RFC 8878): frames, one behind the other, skippable ones among them.
type unzstd struct{ *zstd.Decoder }

// zstdOptions hold a decoder to one core, as inputs are unpacked side by side, and to a window.
var zstdOptions = []zstd.DOption{zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxZstdWindow)}

// isZstd accepts a frame and a skippable frame, with which parallel compressors begin.
func isZstd(head []byte) bool {
	if len(head) < 4 {
		return false
	}
	return head[0] == 0x28 && head[1] == 0xb5 && head[2] == 0x2f && head[3] == 0xfd ||
		head[0]&0xf0 == 0x50 && head[1] == 0x2a && head[2] == 0x4d && head[3] == 0x18
}

func openZstd(r io.Reader, size int) (unpacker, error) {
	d, err := zstd.NewReader(r, zstdOptions...)
	if err != nil {
		return nil, err
	}
	return unzstd{d}, nil
}

func (u unzstd) Read(p []byte) (int, error) {
	n, err := u.Decoder.Read(p)
	if errors.Is(err, zstd.ErrMagicMismatch) {
		err = errTrailing
	}
	return n, err
}

func (u unzstd) Close() error {
	u.Decoder.Close()
	return nil
}

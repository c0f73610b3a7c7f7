package capture

import (
	"compress/bzip2"
	"io"
)

// isBzip2 wants the magic, a block size, and the magic of a block or of the end behind it.
func isBzip2(head []byte) bool {
	return len(head) >= 10 && head[0] == 'B' && head[1] == 'Z' && head[2] == 'h' && head[3] >= '1' && head[3] <= '9' &&
		(string(head[4:10]) == "\x31\x41\x59\x26\x53\x59" || string(head[4:10]) == "\x17\x72\x45\x38\x50\x90")
}

// openBzip2 reads a bzip2 file: streams, one behind the other, as parallel compressors write them.
func openBzip2(r io.Reader, size int) (unpacker, error) {
	return io.NopCloser(bzip2.NewReader(r)), nil
}

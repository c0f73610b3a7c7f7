package capture

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// An archiver is a format of archives, recognised by its first bytes and never by its name.
type archiver struct {
	name  string
	match func(head []byte) bool
	// walk gives the members of an archive that can be read anywhere. Its error is about the archive as a whole; what it
	// gave before stands.
	walk func(a *archive, e extent, each func(entry) error) error
	// pass goes through one that comes from front to back; nil if the format cannot be read so.
	pass func(r io.Reader) passing
}

// archivers is the table of archives.
var archivers = []archiver{
	{"zip", isZip, walkZip, nil},
	{"7z", is7z, walk7z, nil},
	{"tar", isTar, walkTar, passTar},
}

// archive is one archive while its members are looked at.
type archive struct {
	limits  Limits
	scratch *scratch
	serial  func(*serial) // takes a part of it that must be read from front to back, to close it one day
}

// entry is a member that was found.
type entry struct {
	name string
	size int64 // unpacked
	at   place
	live io.Reader // its bytes, if the archive is just passing by
	bad  *fault    // why it cannot be read, if it cannot
	link bool      // it has no bytes of its own: another member, or what was no member, has them
}

// namedPassing also knows the member it stands at, and whether that is a file; valid after next.
type namedPassing interface {
	passing
	head() (e entry, file bool)
}

// fault is why something cannot be read, as an anomaly says it.
type fault struct {
	kind, protocol, text string
}

func (f *fault) Error() string { return f.text }

// errEnough stops a walk.
var errEnough = errors.New("the rest of the archive is left out")

// isTar wants a header (POSIX.1-2017, pax, ustar Interchange Format; older ones have no magic) with a right checksum.
func isTar(head []byte) bool {
	if len(head) < tarBlock || head[0] == 0 {
		return false
	}
	var sum, signed int64
	for i, c := range head[:tarBlock] {
		if i >= 148 && i < 156 {
			c = ' ' // the checksum's own field
		}
		sum += int64(c)
		signed += int64(int8(c))
	}
	text := strings.Trim(string(head[148:156]), " \x00")
	var want int64
	for _, c := range text {
		if c < '0' || c > '7' {
			return false
		}
		want = want<<3 | int64(c-'0')
	}
	return text != "" && (want == sum || want == signed)
}

const tarBlock = 512

// guarded calls a library that reads hostile bytes: should it panic, that is damage and no crash.
func guarded[T any](f func() (T, error)) (v T, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("its reader gave up (%v)", p)
		}
	}()
	return f()
}

// checker judges a member's bytes at its end.
type checker interface {
	io.Writer
	ok() bool
}

// measured reads a member that is packed on its own: as many bytes as it should have, and checks them.
type measured struct {
	r        io.Reader
	left     int64
	limit    int64 // bytes after which it is taken for a bomb
	protocol string
	check    checker
	close    func()
	err      error
}

func (m *measured) Read(p []byte) (n int, err error) {
	if m.err != nil {
		return 0, m.err
	}
	if m.left == 0 {
		return 0, m.end()
	}
	n, err = guarded(func() (int, error) { return m.r.Read(p[:min(int64(len(p)), m.left)]) })
	m.left -= int64(n)
	if m.limit -= int64(n); m.limit < 0 {
		n, err = 0, &fault{"capture_limit", m.protocol, "it unpacks to more than --max-ratio times its size: the rest was left out"}
	}
	if m.check != nil {
		m.check.Write(p[:n])
	}
	switch {
	case err == io.EOF && m.left > 0, errors.Is(err, io.ErrUnexpectedEOF):
		err = &fault{"capture_truncated", m.protocol, fmt.Sprintf("the packed member is cut off: %d of its bytes are missing", m.left)}
	case err == io.EOF:
		err = m.end()
	}
	var known *fault
	if err != nil && err != io.EOF && !errors.As(err, &known) {
		err = &fault{"capture_damaged", m.protocol, fmt.Sprintf("the packed member is damaged (%v)", err)}
	}
	m.err = err
	return n, err
}

// end judges the member once all of it was read.
func (m *measured) end() error {
	if m.check != nil && !m.check.ok() {
		m.err = &fault{"capture_damaged", m.protocol, errChecksum.Error()}
	} else {
		m.err = io.EOF
	}
	return m.err
}

func (m *measured) Close() error {
	if m.close != nil {
		m.close()
		m.close = nil
	}
	m.err = errClosed
	return nil
}

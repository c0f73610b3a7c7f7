package samples

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sort"
)

// Files gives every regular file in a folder and below it, sorted by path.
func Files(root string) ([]string, error) {
	var out []string
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			out = append(out, path)
		}
		return err
	})
	sort.Strings(out)
	if err == nil && len(out) == 0 {
		err = fmt.Errorf("no files in %s", root)
	}
	return out, err
}

// Mutant spoils a file in the way that its number says, with bytes of another file where it takes two. The same files, seed
// and number give the same mutant.
func Mutant(seed, n uint64, file, other []byte) (out []byte, how string) {
	r := rand.New(rand.NewPCG(seed, n))
	out = append([]byte(nil), file...)
	if len(out) == 0 {
		out = []byte{0}
	}
	switch n % 4 {
	case 0, 1:
		return flips(r, out)
	case 2:
		at := r.IntN(len(out))
		return out[:at], fmt.Sprintf("cut off at byte %d", at)
	}
	a := r.IntN(len(out))
	if len(other) == 0 {
		return out[a:], fmt.Sprintf("begins at byte %d", a)
	}
	b := r.IntN(len(other))
	c := b + r.IntN(len(other)-b)
	if r.IntN(2) == 0 {
		return append(out[:a], other[b:]...), fmt.Sprintf("up to byte %d, then another from byte %d", a, b)
	}
	out = append(append(append([]byte(nil), file[:min(a, len(file))]...), other[b:c]...), file[min(a, len(file)):]...)
	return out, fmt.Sprintf("bytes %d to %d of another in front of byte %d", b, c, a)
}

// flips turns single bits round, or sets up to four bytes to what a length field may say at most or at least; half of the time
// near the file's beginning, where its header is.
func flips(r *rand.Rand, out []byte) ([]byte, string) {
	k := 1 + r.IntN(32)
	for range k {
		at := r.IntN(len(out))
		if r.IntN(4) == 0 {
			at = r.IntN(min(len(out), 256))
		}
		if r.IntN(2) == 0 {
			out[at] ^= 1 << r.IntN(8)
			continue
		}
		v := []byte{0, 0xff, 0x7f, 0x80}[r.IntN(4)]
		for i := range 1 << r.IntN(3) {
			if at+i < len(out) {
				out[at+i] = v
			}
		}
	}
	return out, fmt.Sprintf("%d changes", k)
}

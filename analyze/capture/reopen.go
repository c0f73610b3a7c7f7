package capture

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Wanted is an input of a case that is to be read again.
type Wanted struct {
	File   uint32 // number that it has in the case
	Path   string // where it lies now, or the archive that it is in
	Member string // as in capture_file
	SHA256 string // as in capture_file; "" if it is not known
}

// ErrChanged says that an input is not what it was: it holds other bytes, or is gone.
var ErrChanged = errors.New("not the capture that the case was made of")

// selection is the inputs that are wanted of those that are found.
type selection struct {
	left   int                   // members not found yet
	of     map[[2]string]*Wanted // by path and member
	around map[[2]string]bool    // the archives that they lie in
}

func selected(wanted []Wanted) *selection {
	s := &selection{of: map[[2]string]*Wanted{}, around: map[[2]string]bool{}}
	for i := range wanted {
		w := &wanted[i]
		if w.Member != "" {
			s.left++
		}
		s.of[[2]string{w.Path, w.Member}] = w
		for m := w.Member; strings.Contains(m, memberJoin); {
			m = m[:strings.LastIndex(m, memberJoin)]
			s.around[[2]string{w.Path, m}] = true
		}
	}
	return s
}

// has reports whether an input, or one inside it, is wanted.
func (s *selection) has(in *input) bool {
	return s.wants(in) || s.around[[2]string{in.path, in.member}]
}

func (s *selection) wants(in *input) bool { return s.of[[2]string{in.path, in.member}] != nil }

func (s *selection) number(in *input) uint32 {
	if w := s.of[[2]string{in.path, in.member}]; w != nil {
		return w.File
	}
	return 0
}

// Reopen opens inputs of a case again: the frames of these and no others, with the numbers that they have in the case, in
// the same order. Nothing is unpacked to the disk but what order demands. When an input has been read whose SHA-256 is not
// the one that was wanted, Next gives an error that wraps ErrChanged.
func Reopen(ctx context.Context, wanted []Wanted, opt Options) (*Stream, error) {
	only := selected(wanted)
	var paths []string
	for _, w := range wanted {
		if !slices.Contains(paths, w.Path) {
			paths = append(paths, w.Path)
		}
	}
	s, err := open(ctx, paths, nil, opt, only)
	if err != nil {
		return nil, err
	}
	found := map[[2]string]bool{}
	for _, in := range slices.Concat(s.inputs, s.archives) {
		found[[2]string{in.path, in.member}] = true
		in.want = cmp.Or(only.of[[2]string{in.path, in.member}], &Wanted{}).SHA256
	}
	for _, w := range wanted {
		if !found[[2]string{w.Path, w.Member}] {
			s.Close()
			return nil, fmt.Errorf("%w: %s has no member %s any more", ErrChanged, w.Path, w.Member)
		}
	}
	return s, nil
}

// other says that an input that was read to its end is not the one that was wanted.
func (in *input) other() error {
	if sum := in.log.row.SHA256; in.want != "" && sum != "" && sum != in.want {
		return fmt.Errorf("%w: %s has the SHA-256 %s, not %s", ErrChanged, where(in), sum, in.want)
	}
	return nil
}

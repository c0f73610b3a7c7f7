package analyze

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"wardtrace/analyze/capture"
)

// reading says how the captures are read: the same when a case is made, and when its captures are read again.
func (o *Options) reading() capture.Options {
	return capture.Options{Filter: o.Filter, From: o.From, To: o.To, Count: o.Count, KeepDuplicates: o.KeepDuplicates,
		Limits: o.Limits, Scratch: o.scratchDir(), Names: o.names}
}

// scratchDir is where a scratch file goes: beside the case, where there must be room anyway.
func (o *Options) scratchDir() string {
	if o.Scratch == "" && o.Case != "" {
		return filepath.Dir(o.Case)
	}
	return o.Scratch
}

// completeReading reads the texts of the flags that say how captures are read.
func (o *Options) completeReading() (err error) {
	if o.filterFile != "" {
		if o.Filter != "" {
			return usage("-f and -F are two filters: give one")
		}
		if o.Filter, err = readFilter(o.filterFile); err != nil {
			return err
		}
	}
	if o.unpacked != "" {
		if o.Limits.Unpacked, err = sizeOf("--max-unpacked", o.unpacked); err != nil {
			return err
		}
	}
	if o.scratchMax != "" {
		if o.Limits.Scratch, err = sizeOf("--scratch-max", o.scratchMax); err != nil {
			return err
		}
	}
	l := o.Limits
	if given := l.Ratio != 0 || l.Members != 0 || l.Depth != 0; given && (l.Ratio < 1 || l.Members < 1 || l.Depth < 1) { // all zero: the defaults
		return usage("--max-ratio, --max-members and --max-depth are 1 at least")
	}
	if o.Scratch != "" {
		if info, err := os.Stat(o.Scratch); err != nil || !info.IsDir() {
			return usage("--scratch %s is no folder", o.Scratch)
		}
		f, err := os.CreateTemp(o.Scratch, ".wardtrace-scratch-*") // found out now, not when members are lost for it
		if err != nil {
			return usage("--scratch %s: no file can be made there: %v", o.Scratch, err)
		}
		f.Close()
		os.Remove(f.Name())
	}
	return nil
}

// readFilter reads an expression from a file, as tcpdump does: what is behind # on a line is left out.
func readFilter(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", usage("-F %s cannot be read: %v", path, err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFilterFile+1))
	switch {
	case err != nil:
		return "", usage("-F %s cannot be read: %v", path, err)
	case len(text) > maxFilterFile:
		return "", usage("-F %s is longer than %d bytes: that is no filter", path, maxFilterFile)
	}
	var out [][]byte
	for line := range bytes.SplitSeq(text, []byte("\n")) {
		line, _, _ = bytes.Cut(line, []byte("#"))
		if line = bytes.TrimSpace(line); len(line) > 0 {
			out = append(out, line)
		}
	}
	if len(out) == 0 {
		return "", usage("-F %s holds no filter", path)
	}
	return string(bytes.Join(out, []byte(" "))), nil
}

// readingMap adds to the options of a case those of reading that are not the defaults.
func (o *Options) readingMap(m map[string]string) {
	if o.KeepDuplicates {
		m["keep_duplicates"] = "true"
	}
	l, d := o.Limits, capture.DefaultLimits
	for name, v := range map[string][2]int64{"max_ratio": {l.Ratio, d.Ratio}, "max_members": {int64(l.Members), int64(d.Members)},
		"max_depth": {int64(l.Depth), int64(d.Depth)}, "max_unpacked": {l.Unpacked, d.Unpacked},
		"max_scratch": {l.Scratch, d.Scratch}} {
		if v[0] != 0 && v[0] != v[1] {
			m[name] = fmt.Sprint(v[0])
		}
	}
}

// setReading is the contrary.
func (o *Options) setReading(m map[string]string) error {
	o.KeepDuplicates = m["keep_duplicates"] == "true"
	var members, depth int64
	for name, to := range map[string]*int64{"max_ratio": &o.Limits.Ratio, "max_members": &members, "max_depth": &depth, "max_unpacked": &o.Limits.Unpacked,
		"max_scratch": &o.Limits.Scratch} {
		if s := m[name]; s != "" {
			v, err := strconv.ParseInt(s, 10, 64)
			if err != nil || v < 1 || v > 1<<62 {
				return fmt.Errorf("the case's manifest has no readable %s", name)
			}
			*to = v
		}
	}
	o.Limits.Members, o.Limits.Depth = int(members), int(depth)
	return nil
}

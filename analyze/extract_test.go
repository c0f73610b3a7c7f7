package analyze

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"wardtrace/analyze/custody"
	"wardtrace/analyze/object"
	"wardtrace/samples"
)

// caseOf makes a complete case of a sample.
func caseOf(t *testing.T, paths ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "x.case")
	opt := Options{Case: dir, memory: "1GiB", PHI: "pseudonym"}
	if err := opt.Complete(paths); err != nil {
		t.Fatal(err)
	}
	c, err := Run(context.Background(), opt, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Complete(context.Background(), "test", []string{"test"}, nil); err != nil {
		t.Fatal(err)
	}
	return dir
}

// room are limits that nothing reaches.
var room = object.Limits{Objects: 1 << 20, Bytes: 1 << 30, Size: 1 << 30, Ratio: 200, Parts: 100}

// TestExtract holds that every stored object comes out as it was sent: the data sets of 20 objects, byte for byte behind the head
// that a file needs.
func TestExtract(t *testing.T) {
	sample := samples.Dir("dicom-objects-20")
	dir := caseOf(t, filepath.Join(sample, "capture.pcap"))
	out := filepath.Join(t.TempDir(), "objects")
	got, err := Extract(context.Background(), ExtractOptions{Case: dir, Dir: out, Kinds: []string{"dicom"}, Limits: room, Version: "test"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	sent, err := filepath.Glob(filepath.Join(sample, "sent", "*.dcm"))
	if err != nil || len(sent) != 20 {
		t.Fatalf("%d files were sent, %v", len(sent), err)
	}
	sort.Strings(sent)
	if len(got.Objects) != len(sent) || got.Files != len(sent) {
		t.Fatalf("%d objects in %d files, want %d", len(got.Objects), got.Files, len(sent))
	}
	for i, o := range got.Objects {
		have, err := os.ReadFile(filepath.Join(out, o.Path))
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(sent[i])
		if err != nil {
			t.Fatal(err)
		}
		if !o.Complete || !bytes.HasPrefix(have[128:], []byte("DICM")) || int64(len(have)) != o.Bytes {
			t.Errorf("%s: %+v", sent[i], o)
		}
		if tail := behindMeta(t, have); !bytes.Equal(tail, behindMeta(t, want)) {
			t.Errorf("%s: %d bytes of data set differ", sent[i], len(tail))
		}
	}
	index, err := os.ReadFile(filepath.Join(out, "index.jsonl"))
	if err != nil || bytes.Count(index, []byte("\n")) != len(sent) {
		t.Fatalf("index: %v, %d lines", err, bytes.Count(index, []byte("\n")))
	}
	var first object.Entry
	if err := json.Unmarshal(bytes.SplitN(index, []byte("\n"), 2)[0], &first); err != nil || first.Frame == 0 || first.Client == "" {
		t.Errorf("%+v, %v", first, err)
	}
	log, err := os.ReadFile(filepath.Join(dir, custody.FileName))
	if err != nil || custody.Check(bytes.NewReader(log)) != nil || !bytes.Contains(log, []byte("extracted 20 objects")) {
		t.Errorf("the custody log does not tell: %s", log)
	}
}

// behindMeta gives what stands behind group 0002: its length is in the first element.
func behindMeta(t *testing.T, file []byte) []byte {
	t.Helper()
	if len(file) < 144 || !bytes.Equal(file[132:138], []byte{2, 0, 0, 0, 'U', 'L'}) {
		t.Fatal("no group length")
	}
	n := int(file[140]) | int(file[141])<<8 | int(file[142])<<16
	return file[144+n:]
}

// TestExtractRefuses holds that nothing is taken from other captures than the case's, and nothing is overwritten.
func TestExtractRefuses(t *testing.T) {
	original, err := os.ReadFile(filepath.Join(samples.Dir("dicom-basic"), "capture.pcap"))
	if err != nil {
		t.Fatal(err)
	}
	capture := filepath.Join(t.TempDir(), "c.pcap")
	if err := os.WriteFile(capture, original, 0o600); err != nil {
		t.Fatal(err)
	}
	dir := caseOf(t, capture)
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "mine"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	if _, err := Extract(ctx, ExtractOptions{Case: dir, Dir: full, Limits: room}, nil); err == nil || !strings.Contains(err.Error(), "not empty") {
		t.Errorf("a folder that holds something: %v", err)
	}
	moved := filepath.Join(t.TempDir(), "moved.pcap")
	if err := os.Rename(capture, moved); err != nil {
		t.Fatal(err)
	}
	if _, err := Extract(ctx, ExtractOptions{Case: dir, Dir: filepath.Join(t.TempDir(), "o"), Limits: room}, nil); err == nil || !strings.Contains(err.Error(), "-r") {
		t.Errorf("a capture that was moved: %v", err)
	}
	got, err := Extract(ctx, ExtractOptions{Case: dir, Dir: filepath.Join(t.TempDir(), "o"), Paths: []string{filepath.Dir(moved)}, Limits: room}, nil)
	if err != nil || len(got.Objects) == 0 {
		t.Fatalf("said where it is now: %v", err)
	}
	small, err := Extract(ctx, ExtractOptions{Case: dir, Dir: filepath.Join(t.TempDir(), "s"), Paths: []string{moved}, Limits: object.Limits{Objects: 1 << 20, Bytes: 100, Size: 1 << 30, Ratio: 200, Parts: 100}}, nil)
	if err != nil || small.Left == 0 && len(small.Objects) == len(got.Objects) && small.Objects[0].Complete {
		t.Errorf("the limit holds nothing back: %+v, %v", small, err)
	}
	original[len(original)-1] ^= 1
	if err := os.WriteFile(moved, original, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Extract(ctx, ExtractOptions{Case: dir, Dir: filepath.Join(t.TempDir(), "o"), Paths: []string{moved}, Limits: room}, nil); err == nil || !strings.Contains(err.Error(), "SHA-256") {
		t.Errorf("a capture that was changed: %v", err)
	}
}

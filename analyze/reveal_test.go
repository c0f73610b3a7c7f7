package analyze

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"wardtrace/analyze/custody"
	"wardtrace/samples"
)

// revealAll names every patient of a case.
func revealAll(t *testing.T, dir string, pseudonyms ...string) []Revealed {
	t.Helper()
	found, missing, err := Reveal(context.Background(), RevealOptions{Case: dir, Pseudonyms: pseudonyms, Version: "test", Command: []string{"test"}})
	if err != nil || len(missing) > 0 {
		t.Fatalf("missing %v, %v", missing, err)
	}
	return found
}

// TestReveal holds that the patients named are those whose identifiers and names stand in the capture, that one asked for is the only one
// named, and that the log tells of which, in pseudonyms alone.
func TestReveal(t *testing.T) {
	sample := filepath.Join(samples.Dir("hl7-mllp-adt-oru"), "capture.pcap")
	wire, err := os.ReadFile(sample)
	if err != nil {
		t.Fatal(err)
	}
	dir := caseOf(t, sample)
	all := revealAll(t, dir)
	seen := map[string]int{}
	for _, r := range all {
		seen[r.Kind]++
		if r.Kind != "birth" && !bytes.Contains(wire, []byte(r.Value)) {
			t.Errorf("%s stands for %q, which never crossed the wire", r.Pseudonym, r.Value)
		}
	}
	var ids []string
	for _, m := range regexp.MustCompile(`PID\|[^|]*\|[^|]*\|([A-Z0-9-]+)`).FindAllSubmatch(wire, -1) {
		id := string(m[1])
		if !slices.ContainsFunc(all, func(r Revealed) bool { return r.Kind == "id" && r.Value == id }) {
			t.Errorf("%s stands in a PID and is not named", id)
		}
		ids = append(ids, id)
	}
	if len(ids) < 2 || seen["name"] == 0 || seen["birth"] == 0 {
		t.Fatalf("identifiers %v, kinds %v: too little to prove anything", ids, seen)
	}
	one := revealAll(t, dir, all[0].Pseudonym)
	if len(one) == 0 || one[0] != all[0] || slices.ContainsFunc(one, func(r Revealed) bool { return r.Pseudonym != all[0].Pseudonym }) {
		t.Errorf("asked for %v, got %v", all[0], one)
	}
	log, err := os.ReadFile(filepath.Join(dir, custody.FileName))
	if err != nil || custody.Check(bytes.NewReader(log)) != nil {
		t.Fatalf("the log does not hold: %v", err)
	}
	lines := bytes.Split(bytes.TrimSpace(log), []byte("\n"))
	var last custody.Entry
	if err := json.Unmarshal(lines[len(lines)-1], &last); err != nil || !strings.HasSuffix(last.Act, "of 1 pseudonyms of patient data: "+all[0].Pseudonym) {
		t.Errorf("the log says %q, %v", last.Act, err)
	}
	for _, id := range ids {
		if bytes.Contains(log, []byte(id)) {
			t.Errorf("the log names %s", id)
		}
	}
}

// TestRevealRefuses holds that nothing is said with another key, without one, or where it cannot be logged.
func TestRevealRefuses(t *testing.T) {
	dir := caseOf(t, filepath.Join(samples.Dir("hl7-mllp-adt-oru"), "capture.pcap"))
	refused := func(what, want string, opt RevealOptions) {
		t.Helper()
		opt.Case = dir
		before, _ := os.ReadFile(filepath.Join(dir, custody.FileName))
		found, _, err := Reveal(context.Background(), opt)
		if err == nil || !strings.Contains(err.Error(), want) || len(found) > 0 {
			t.Errorf("%s: %d named, %v; want %q", what, len(found), err, want)
		}
		if after, _ := os.ReadFile(filepath.Join(dir, custody.FileName)); !bytes.Equal(before, after) {
			t.Errorf("%s: the log has a line", what)
		}
	}
	other := filepath.Join(t.TempDir(), "other.key")
	refused("no key", "name it with --phi-key", RevealOptions{PHIKey: other})
	if err := os.WriteFile(other, []byte(strings.Repeat("17", 32)), 0o600); err != nil {
		t.Fatal(err)
	}
	refused("another key", "is not the key of this case (its fingerprint is", RevealOptions{PHIKey: other})
	refused("nothing there", "keeps no value", RevealOptions{Pseudonyms: []string{"id:0000000000000000"}})
	for _, arg := range []string{"free:12:3f", "LAB-0001", "id:xyz"} {
		if err := (&RevealOptions{}).Complete([]string{dir, arg}); !errors.Is(err, ErrUsage) {
			t.Errorf("%s: %v", arg, err)
		}
	}
	log := filepath.Join(dir, custody.FileName)
	if err := os.Rename(log, log+".aside"); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(log, 0o700); err != nil { // nobody can append to a folder
		t.Fatal(err)
	}
	found, _, err := Reveal(context.Background(), RevealOptions{Case: dir})
	if err == nil || len(found) > 0 || !strings.Contains(err.Error(), "cannot be logged") {
		t.Errorf("without a log %d are named, %v", len(found), err)
	}
}

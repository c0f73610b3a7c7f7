package custody

import (
	"bytes"
	"encoding/json"
	"testing"
)

// FuzzRead: whatever a log holds, what is given as sound is a chain from the first line, and reading what was given again gives it again.
func FuzzRead(f *testing.F) {
	text := write(f, f.TempDir(), 3)
	f.Add(text)
	f.Add(text[:len(text)/2])
	f.Add(bytes.Replace(text, []byte("act 2"), []byte("act 9"), 1))
	f.Fuzz(func(t *testing.T, in []byte) {
		got, err := Read(bytes.NewReader(in))
		if (Check(bytes.NewReader(in)) == nil) != (err == nil) {
			t.Fatal("Check and Read do not agree")
		}
		prev := ""
		for i, l := range got {
			if l.Number != i+1 || l.Prev != prev || len(l.Hash) != 64 {
				t.Fatalf("line %d: number %d, prev %q after %q", i+1, l.Number, l.Prev, prev)
			}
			prev = l.Hash
			if _, err := json.Marshal(l.Entry); err != nil {
				t.Fatal(err)
			}
		}
		if n := bytes.Count(in, []byte("\n")) + 1; len(got) > n {
			t.Fatalf("%d entries of %d lines", len(got), n)
		}
	})
}

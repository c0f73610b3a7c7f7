package samples

import (
	"os"
	"path/filepath"
	"testing"
)

// TestFolders holds that every sample says where it comes from and what must be found in it, and that all of them stay small.
func TestFolders(t *testing.T) {
	names, err := List("")
	if err != nil {
		t.Fatal(err)
	}
	var total int64
	for _, name := range names {
		for _, file := range []string{"README.md", "findings.jsonl"} {
			if _, err := os.Stat(filepath.Join(Dir(name), file)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		captures, _ := filepath.Glob(filepath.Join(Dir(name), "*.pcap*"))
		for _, c := range captures {
			info, err := os.Stat(c)
			if err != nil {
				t.Fatal(err)
			}
			total += info.Size()
			if info.Size() > 10<<20 {
				t.Errorf("%s is larger than 10 MiB", c)
			}
		}
	}
	if total > 40<<20 {
		t.Errorf("the captures are %d MiB in all; a clone should stay quick", total>>20)
	}
}

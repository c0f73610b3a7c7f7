package analyze_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wardtrace/analyze"
	"wardtrace/samples/mix"
)

// large writes a capture of a profile, and says where it is and how many packets it has.
func large(b *testing.B, profile string, size int64) (path string, packets, bytes int64) {
	path = filepath.Join(b.TempDir(), profile+".pcap")
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	sum, err := mix.Write(f, profile, size, 1)
	if err != nil {
		b.Fatal(err)
	}
	return path, sum.Packets, sum.Bytes
}

// BenchmarkRun makes cases of each profile, without rules and report, with one worker and with two.
func BenchmarkRun(b *testing.B) {
	for _, p := range mix.Profiles {
		path, packets, bytes := large(b, p.Name, 8<<20)
		for _, workers := range []int{1, 2} {
			b.Run(fmt.Sprintf("%s/workers=%d", p.Name, workers), func(b *testing.B) {
				dir := b.TempDir()
				key := filepath.Join(dir, "key")
				if err := os.WriteFile(key, []byte(strings.Repeat("17", 32)), 0o600); err != nil {
					b.Fatal(err)
				}
				b.SetBytes(bytes)
				for b.Loop() {
					c, err := analyze.Run(context.Background(), analyze.Options{Paths: []string{path}, Case: filepath.Join(dir, "t.case"), Clobber: true,
						PHI: "pseudonym", PHIKey: key, Workers: workers, Memory: 1 << 30}, nil, nil)
					if err != nil {
						b.Fatal(err)
					}
					c.Abandon()
				}
				b.ReportMetric(float64(packets)*float64(b.N)/b.Elapsed().Seconds(), "packets/s")
			})
		}
	}
}

// BenchmarkHash is what the digest of the evidence costs at least.
func BenchmarkHash(b *testing.B) {
	block := make([]byte, 1<<20)
	b.SetBytes(int64(len(block)))
	h := sha256.New()
	for b.Loop() {
		h.Write(block)
	}
}

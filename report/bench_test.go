package report_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wardtrace/analyze"
	"wardtrace/report"
	"wardtrace/rules"
	"wardtrace/samples"
)

// BenchmarkReport writes each output of the case of ward-night.
func BenchmarkReport(b *testing.B) {
	dir := b.TempDir()
	key := filepath.Join(dir, "key")
	if err := os.WriteFile(key, []byte(strings.Repeat("17", 32)), 0o600); err != nil {
		b.Fatal(err)
	}
	c, err := analyze.Run(context.Background(), analyze.Options{Paths: []string{samples.Dir("ward-night")}, Case: filepath.Join(dir, "t.case"),
		PHI: "pseudonym", PHIKey: key, Workers: 2, Memory: 1 << 30}, nil, nil)
	if err != nil {
		b.Fatal(err)
	}
	defer c.Abandon()
	set, err := rules.Load(rules.Options{})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := rules.Run(context.Background(), c.DB, set, false); err != nil {
		b.Fatal(err)
	}
	for _, f := range report.Formats {
		b.Run(f.Name, func(b *testing.B) {
			n := counter(0)
			for b.Loop() {
				n = 0
				if err := f.Write(context.Background(), &n, c.DB, nil); err != nil {
					b.Fatal(err)
				}
			}
			if n < 1000 {
				b.Fatalf("%d bytes were written", n)
			}
			b.ReportMetric(float64(n), "bytes/report")
		})
	}
}

// counter throws away and counts.
type counter int

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

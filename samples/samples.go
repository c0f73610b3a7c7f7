// Package samples finds the sample captures. Only tests import it.
package samples

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sort"
	"strings"
	"testing"
)

// Skip leaves a test out because a program that it needs is not there. Where WARDTRACE_ALL is set, it fails instead: .ci/run installs what
// the tests need, and lets none of them be left out unseen.
func Skip(t testing.TB, format string, args ...any) {
	t.Helper()
	if os.Getenv("WARDTRACE_ALL") != "" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

// Root is the folder of the samples.
func Root() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Dir(file)
}

// Dir is the folder of one sample.
func Dir(name string) string { return filepath.Join(Root(), name) }

// List gives the names of all samples whose name begins with prefix, sorted; it fails on an empty list, so that no test
// passes because it found nothing.
func List(prefix string) ([]string, error) {
	entries, err := os.ReadDir(Root())
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if !e.IsDir() || !strings.HasPrefix(e.Name(), prefix) {
			continue
		}
		if m, _ := filepath.Glob(filepath.Join(Root(), e.Name(), "*.pcap*")); len(m) > 0 {
			names = append(names, e.Name())
		}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("no sample %s* in %s", prefix, Root())
	}
	sort.Strings(names)
	return names, nil
}

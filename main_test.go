package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// floor gives the floor of a package of this module, from its path below the module.
//
//	7  main
//	6  rules, report and what is below it
//	5  analyze
//	4  analyze/*
//	3  analyze/packet, dissect/all
//	2  dissect/<protocol>
//	1  dissect
//	0  dissect/cursor, dissect/event, formats that several protocols carry; report/escape
//
// samples stands beside the house: it makes captures and is imported by tests alone.
func floor(pkg string) int {
	switch {
	case pkg == "":
		return 7
	case pkg == "report/escape", pkg == "dissect/cursor", pkg == "dissect/event", formats[pkg]:
		return 0
	case pkg == "dissect":
		return 1
	case pkg == "analyze/packet", pkg == "dissect/all":
		return 3
	case strings.HasPrefix(pkg, "dissect/"):
		return 2
	case pkg == "analyze":
		return 5
	case strings.HasPrefix(pkg, "analyze/"):
		return 4
	case pkg == "rules", pkg == "report", strings.HasPrefix(pkg, "report/"):
		return 6
	}
	return -1
}

// formats are bytes that several protocols carry, and lists that several dissectors ask.
var formats = map[string]bool{"dissect/dataset": true, "dissect/dnsname": true, "dissect/credential": true}

// testOnly are packages for tests, which may import anything.
var testOnly = map[string]bool{"dissect/dissecttest": true}

// mates may know a package of their own floor, with the reason.
var mates = map[string][]string{
	"report": {"report/"}, // the list of outputs names them
}

// fences say who may import a dependency: prefixes of packages, and * for every options.go.
var fences = map[string][]string{
	"github.com/gopacket/gopacket":    {"analyze/capture", "analyze/packet", "dissect/"},
	"github.com/marcboeker/go-duckdb": {"analyze/store"},
	"github.com/spf13/pflag":          {"main.go", "options.go"},
	"github.com/klauspost/compress":   {"analyze/capture"},
	"github.com/packetcap/go-pcap":    {"analyze/capture"},
	"github.com/jedib0t/go-pretty":    {"report/"},
	"github.com/schollz/progressbar":  {"report/progress"},
	"golang.org/x/term":               {"main.go", "report/progress"},
	"golang.org/x/net/bpf":            {"analyze/capture"},
	"golang.org/x/net/publicsuffix":   {"dissect/"},
	"golang.org/x/text":               {"dissect/"},
	"golang.org/x/crypto":             {"dissect/"},
	"github.com/chromedp/chromedp":    {},
}

// TestFloors holds the house together: a package imports only from floors below it, floor mates do not know each other,
// and every dependency has its place. What is wrong here is dear to mend later.
func TestFloors(t *testing.T) {
	files := 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != "." && strings.HasPrefix(d.Name(), ".") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		pkg := filepath.ToSlash(filepath.Dir(path))
		if pkg == "." {
			pkg = ""
		}
		if strings.HasPrefix(pkg, "samples") || testOnly[pkg] {
			return nil
		}
		files++
		checkImports(t, pkg, path)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 20 {
		t.Fatalf("only %d files were looked at: the test does not see the module", files)
	}
}

func checkImports(t *testing.T, pkg, path string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	own := floor(pkg)
	if own < 0 {
		t.Errorf("%s: package %q is on no floor; give it one in floor()", path, pkg)
		return
	}
	for _, imp := range file.Imports {
		name, _ := strconv.Unquote(imp.Path.Value)
		below, ours := strings.CutPrefix(name, "wardtrace/")
		switch {
		case ours:
			checkFloor(t, path, pkg, below, own)
		case strings.Contains(strings.Split(name, "/")[0], "."):
			checkFence(t, path, pkg, name)
		}
	}
}

func checkFloor(t *testing.T, path, pkg, below string, own int) {
	t.Helper()
	f := floor(below)
	if own == 6 && f < 6 && below != "report/escape" {
		t.Errorf("%s imports %s: rules and reports see a *sql.DB and nothing of analyze or dissect, so that any case can be read", path, below)
	}
	if f < own || formats[pkg] && below == "dissect/cursor" { // formats read bytes too, and there is one way to
		return
	}
	for _, m := range mates[pkg] {
		if strings.HasPrefix(below, m) {
			return
		}
	}
	t.Errorf("%s (floor %d) imports %s (floor %d): a package imports only from floors below it, and floor mates do not know each other", path, own, below, f)
}

func checkFence(t *testing.T, path, pkg, name string) {
	t.Helper()
	for dep, places := range fences {
		if name != dep && !strings.HasPrefix(name, dep+"/") {
			continue
		}
		for _, p := range places {
			if p == path || p == filepath.Base(path) || strings.HasPrefix(pkg+"/", strings.TrimSuffix(p, "/")+"/") {
				return
			}
		}
		t.Errorf("%s imports %s, which belongs in %v alone", path, name, places)
		return
	}
	t.Errorf("%s imports %s, which has no fence: state in fences where it belongs and in analyze/doc.go why it is needed", path, name)
}

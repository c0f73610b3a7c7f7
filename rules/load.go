package rules

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"sort"
	"strings"
)

// Shipped rules, one folder a group.
//
//go:embed */*.sql
var shipped embed.FS

// maxRule bounds a rule's text: a folder named by mistake may hold anything.
const maxRule = 256 << 10

// Load reads the rules that the options name, ordered by name. All that is wrong with them is in the error, joined; the sound
// ones are returned all the same.
func Load(o Options) ([]*Rule, error) {
	var rules []*Rule
	var faults []error
	seen := map[string]bool{}
	add := func(fsys fs.FS, where string) {
		err := fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || path.Ext(p) != ".sql" {
				return err
			}
			r, err := read(fsys, p)
			switch {
			case err != nil:
				faults = append(faults, err)
			case seen[r.Name]:
				faults = append(faults, fmt.Errorf("rule %s in %s: a rule of that name is there already; give the file another name", r.Name, where))
			default:
				seen[r.Name] = true
				r.shipped = fsys == fs.FS(shipped)
				rules = append(rules, r)
			}
			return nil
		})
		if err != nil {
			faults = append(faults, fmt.Errorf("rules in %s: %w", where, err))
		}
	}
	if o.Only == "" {
		add(shipped, "the program")
	} else {
		add(os.DirFS(o.Only), o.Only)
	}
	for _, dir := range o.Add {
		add(os.DirFS(dir), dir)
	}
	if len(rules) == 0 && len(faults) == 0 {
		faults = append(faults, fmt.Errorf("no rule (*.sql) in %s", o.Only))
	}
	sort.Slice(rules, func(i, j int) bool { return rules[i].Name < rules[j].Name })
	return rules, errors.Join(faults...)
}

func read(fsys fs.FS, p string) (*Rule, error) {
	info, err := fs.Stat(fsys, p)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxRule {
		return nil, fmt.Errorf("rule %s: %d bytes is larger than any rule (%d)", p, info.Size(), maxRule)
	}
	text, err := fs.ReadFile(fsys, p)
	if err != nil {
		return nil, fmt.Errorf("rule %s: %w", p, err)
	}
	return parseRule(strings.TrimSuffix(p, ".sql"), string(text))
}

package rules

import (
	"fmt"
	"sort"
	"strings"
	"time"
)

// incident is a group of findings that belong together.
type incident struct {
	id       int64
	findings []*finding
	level    Level
	score    int64
	ts       time.Time
	until    time.Time
	stages   []Stage
	actors   []string
	targets  []string
	title    string
}

// Times within which findings join.
const (
	joinGap = 60 * time.Minute
	lateGap = 6 * time.Hour // for what an intruder does at leisure: command channels, exfiltration, going on from a host taken over
)

// weights of the levels in an incident's score.
var weights = map[Level]int64{Critical: 40, High: 20, Medium: 8, Low: 3, Informational: 1}

// patientWeight is added where a target hangs on a patient.
const patientWeight = 20

// correlate joins findings of kind attack: those of one actor, and those whose actor was a target before. A group is an incident
// if it has two stages or a critical finding.
func correlate(fs []*finding, d *devices) []*incident {
	var attacks []*finding
	for _, f := range fs {
		if f.rule.Kind == "attack" && f.level > Informational {
			attacks = append(attacks, f)
		}
	}
	parent := make([]int, len(attacks))
	for i := range parent {
		parent[i] = i
	}
	root := func(i int) int {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	for j, b := range attacks {
		for i, a := range attacks[:j] {
			if joined(a, b, d) {
				if x, y := root(i), root(j); x != y {
					parent[max(x, y)] = min(x, y)
				}
			}
		}
	}
	groups := map[int]*incident{}
	var out []*incident
	for i, f := range attacks {
		g := groups[root(i)]
		if g == nil {
			g = &incident{}
			groups[root(i)] = g
			out = append(out, g)
		}
		g.findings = append(g.findings, f)
	}
	kept := out[:0]
	for _, g := range out {
		if g.weigh(d); len(g.stages) >= 2 || g.level == Critical {
			kept = append(kept, g)
		}
	}
	sort.SliceStable(kept, func(i, j int) bool { return kept[i].score > kept[j].score })
	for i, g := range kept {
		g.id = int64(i + 1)
		for _, f := range g.findings {
			f.incident = g.id
		}
	}
	return kept
}

// joined tells whether b, which does not begin before a, belongs to the incident of a.
func joined(a, b *finding, d *devices) bool {
	limit := joinGap
	if b.rule.Stage == Exfiltration || b.rule.Stage == Command {
		limit = lateGap
	}
	who := func(f *finding) string {
		if f.actor == "" { // spoofed or many: what they have in common is the target
			return "on " + d.of(f.target, f.ts)
		}
		return d.of(f.actor, f.ts)
	}
	if who(a) == who(b) {
		return gap(a, b) <= limit
	}
	return a.target != "" && b.actor != "" && a.rule.Stage > Reconnaissance && d.of(a.target, a.ts) == d.of(b.actor, b.ts) && gap(a, b) <= lateGap
}

// weigh fills in what an incident is as a whole.
func (g *incident) weigh(d *devices) {
	type counted struct{ rule, actor, target string }
	seen := map[counted]bool{}
	patient := false
	g.ts, g.until = g.findings[0].ts, g.findings[0].until
	for _, f := range g.findings {
		g.level = max(g.level, f.level)
		if f.until.After(g.until) {
			g.until = f.until
		}
		if k := (counted{f.rule.Name, f.actor, f.target}); !seen[k] {
			seen[k] = true
			g.score += weights[f.level] + f.rule.Weight
		}
		patient = patient || patientConnected[d.class[d.of(f.target, f.ts)]]
		g.stages = appendNew(g.stages, f.rule.Stage)
		g.actors = appendNew(g.actors, f.actor)
		g.targets = appendNew(g.targets, f.target)
	}
	if patient {
		g.score += patientWeight
	}
	names := make([]string, len(g.stages))
	for i, s := range g.stages {
		names[i] = s.String()
	}
	who := "unknown or many sources"
	if len(g.actors) > 0 {
		who = strings.Join(g.actors[:min(3, len(g.actors))], ", ")
		if n := len(g.actors) - 3; n > 0 {
			who += fmt.Sprintf(" and %d more", n)
		}
	}
	g.title = fmt.Sprintf("%s: %s", who, strings.Join(names, ", "))
}

// appendNew appends what is not empty and not there yet.
func appendNew[T comparable](l []T, v T) []T {
	var zero T
	if v == zero {
		return l
	}
	for _, x := range l {
		if x == v {
			return l
		}
	}
	return append(l, v)
}

func (g *incident) row() []any {
	stages := make([]any, len(g.stages))
	for i, s := range g.stages {
		stages[i] = s.String()
	}
	return []any{g.id, g.level.String(), g.score, g.ts, g.until, g.title, stages, texts(g.actors), texts(g.targets), len(g.findings)}
}

func texts(l []string) []any {
	out := make([]any, len(l))
	for i, s := range l {
		out[i] = s
	}
	return out
}

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
	root := join(attacks, d)
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

// join gives the groups of findings, which are in order of time: for each finding the number of the first one of its group. b belongs to
// the group of an earlier a if both are one actor's and b begins soon after a ends, or if a was done to who does b. All pairs would be
// compared in vain where thousands of sources attack at once, so each party has threads: groups it took part in, with the latest end.
func join(fs []*finding, d *devices) (root func(int) int) {
	parent := make([]int, len(fs))
	for i := range parent {
		parent[i] = i
	}
	root = func(i int) int {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	acted, suffered := map[string][]thread{}, map[string][]thread{}
	for j, b := range fs {
		limit := joinGap
		if b.rule.Stage == Exfiltration || b.rule.Stage == Command {
			limit = lateGap
		}
		unite := func(i int) {
			if x, y := root(i), root(j); x != y {
				parent[max(x, y)] = min(x, y)
			}
		}
		who, target := "", ""
		if b.target != "" {
			target = d.of(b.target, b.ts)
		}
		switch {
		case b.actor != "":
			who = d.of(b.actor, b.ts)
			suffered[who] = follow(suffered[who], b.ts, lateGap, unite)
		case target != "": // spoofed or many: what they have in common is the target
			who = "on " + target
		default: // nothing is known of either side: it belongs to nothing
			continue
		}
		acted[who] = follow(append(acted[who], thread{j, b.until}), b.ts, limit, unite)
		if target != "" && target != who && b.rule.Stage > Reconnaissance {
			suffered[target] = append(suffered[target], thread{j, b.until})
		}
	}
	return root
}

// thread is a group of findings that a party took part in.
type thread struct {
	at    int       // one of them
	until time.Time // latest end of those that concern the party
}

// follow unites the threads that ended at most limit before ts, and forgets those that nothing later can reach.
func follow(l []thread, ts time.Time, limit time.Duration, unite func(int)) []thread {
	kept := l[:0]
	one := -1 // place in kept of the threads united
	for _, x := range l {
		gap := ts.Sub(x.until)
		switch {
		case gap > lateGap:
			continue
		case gap > limit:
			kept = append(kept, x)
			continue
		}
		unite(x.at)
		if one < 0 {
			one = len(kept)
			kept = append(kept, x)
		} else if x.until.After(kept[one].until) {
			kept[one].until = x.until
		}
	}
	return kept
}

// weigh fills in what an incident is as a whole.
func (g *incident) weigh(d *devices) {
	type counted struct{ rule, actor, target string }
	seen := map[counted]bool{}
	patient := false
	stages, actors, targets := collect(&g.stages), collect(&g.actors), collect(&g.targets)
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
		stages(f.rule.Stage)
		actors(f.actor)
		targets(f.target)
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

// collect gives a function that appends to l what is not empty and not there yet.
func collect[T comparable](l *[]T) func(T) {
	var zero T
	seen := map[T]bool{zero: true}
	return func(v T) {
		if !seen[v] {
			seen[v] = true
			*l = append(*l, v)
		}
	}
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

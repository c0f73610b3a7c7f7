package model

import (
	"slices"
	"sort"
	"strings"
)

// urgency orders stages that weigh the same by how soon somebody can come to harm.
var urgency = map[string]int{"tampering": 9, "denial": 8, "interception": 7, "credentials": 6, "lateral": 5, "command": 4, "exfiltration": 3, "exposure": 2, "reconnaissance": 1}

// spread gives the gravest finding of each rule, so ordered that every stage comes to speak before one does twice: first the
// gravest of each stage, then the second of each.
func spread(fs []*Finding) []*Finding {
	best := map[string]*Finding{}
	for _, f := range fs {
		if b := best[f.Rule]; b == nil || graver(f, b) {
			best[f.Rule] = f
		}
	}
	turn, turns := map[string]int{}, map[*Finding]int{}
	var out []*Finding
	for _, f := range best {
		out = append(out, f)
	}
	sort.Slice(out, func(i, j int) bool { return graver(out[i], out[j]) })
	for _, f := range out {
		turns[f] = turn[f.Stage]
		turn[f.Stage]++
	}
	sort.SliceStable(out, func(i, j int) bool { return turns[out[i]] < turns[out[j]] })
	return out
}

// graver tells whether a is to be told before b.
func graver(a, b *Finding) bool {
	switch x, y := a.Level.Rank(), b.Level.Rank(); {
	case x != y:
		return x > y
	case urgency[a.Stage] != urgency[b.Stage]:
		return urgency[a.Stage] > urgency[b.Stage]
	case a.BaseLevel.Rank() != b.BaseLevel.Rank():
		return a.BaseLevel.Rank() > b.BaseLevel.Rank()
	case !a.TS.Equal(b.TS):
		return a.TS.Before(b.TS)
	}
	return a.ID < b.ID
}

// Outline chooses the findings that tell an incident in few lines, at most limit, in order of time, with the first: a story
// begins at its beginning. left is how many are not among them.
func (i *Incident) Outline(limit int) (lines []*Finding, left int64) {
	lines = spread(i.Findings)
	if lines = lines[:min(len(lines), limit)]; len(lines) == limit && !slices.Contains(lines, i.Findings[0]) {
		lines[limit-1] = i.Findings[0]
	}
	sort.Slice(lines, func(a, b int) bool { return lines[a].Step < lines[b].Step })
	return lines, i.Count - int64(len(lines))
}

// Who names the actors of an incident; of those that are unknown it says when they were first seen.
func (c *Case) Who(i *Incident, limit int) string {
	if len(i.Actors) == 0 {
		return "unknown or many sources"
	}
	l := make([]string, len(i.Actors))
	for k, a := range i.Actors {
		if a.Class == "unknown" && !a.FirstSeen.IsZero() {
			a.Class += ", first seen " + strings.TrimSuffix(c.Clock(a.FirstSeen), a.FirstSeen.UTC().Format(":05"))
		}
		l[k] = a.String()
	}
	return Join(l, limit)
}

// Object says to whom it was done, where the finding's sentence does not: " → pump-3".
func (f *Finding) Object() string {
	t := f.Target
	if t.Class == "" {
		return ""
	}
	s := f.Sentence()
	if t.Address != "" && strings.Contains(s, t.Address) || t.Name != "" && strings.Contains(s, t.Name) {
		return ""
	}
	return " → " + t.Brief()
}

// Subject is what to put before a finding's sentence so that it is clear who did it, where an incident has several actors.
func (i *Incident) Subject(f *Finding) string {
	if len(i.Actors) < 2 || f.Actor.Address == "" {
		return ""
	}
	return f.Actor.Short() + ": "
}

package model

import "sort"

// Outline chooses the findings that tell an incident in few lines: the gravest of each rule, at most limit, in order of time.
// left is how many are not among them.
func (i *Incident) Outline(limit int) (lines []*Finding, left int64) {
	best := map[string]*Finding{}
	for _, f := range i.Findings {
		if b := best[f.Rule]; b == nil || f.Level.Rank() > b.Level.Rank() {
			best[f.Rule] = f
		}
	}
	for _, f := range best {
		lines = append(lines, f)
	}
	sort.Slice(lines, func(a, b int) bool {
		x, y := lines[a], lines[b]
		if x.Level.Rank() != y.Level.Rank() {
			return x.Level.Rank() > y.Level.Rank()
		}
		return x.Step < y.Step
	})
	lines = lines[:min(len(lines), limit)]
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
		if l[k] = a.String(); a.Class == "unknown" && !a.FirstSeen.IsZero() && a.Name == "" {
			l[k] = a.Address + " (unknown, first seen " + c.Clock(a.FirstSeen) + ")"
		}
	}
	return Join(l, limit)
}

// Subject is what to put before a finding's sentence so that it is clear who did it, where an incident has several actors.
func (i *Incident) Subject(f *Finding) string {
	if len(i.Actors) < 2 || f.Actor.Address == "" {
		return ""
	}
	return f.Actor.Short() + ": "
}

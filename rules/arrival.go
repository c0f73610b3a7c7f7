package rules

// attach gives an incident the arrivals of its actors: that a device appeared is no attack, but where it attacks within the hour the
// story begins there. Level, score and stages stay those of the attacks.
func attach(fs []*finding, incidents []*incident, d *devices) {
	for _, f := range fs {
		if f.rule.Stage != Arrival || f.rule.Kind == "attack" || f.actor == "" {
			continue
		}
		who := d.of(f.actor, f.ts)
		for _, g := range incidents {
			if !f.ts.After(g.ts) && g.ts.Sub(f.until) <= joinGap && g.has(who, d) {
				f.incident = g.id
				g.ts = f.ts
				g.findings = append(g.findings, f)
				break
			}
		}
	}
}

// has tells whether a device is one of the incident's actors.
func (g *incident) has(device string, d *devices) bool {
	for _, f := range g.findings {
		if f.actor != "" && d.of(f.actor, f.ts) == device {
			return true
		}
	}
	return false
}

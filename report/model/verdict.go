package model

import "fmt"

// Verdict is the head of a report.
type Verdict struct {
	Level    Level // of what was found; "" if nothing was
	Headline string
	Lead     string   // what that means, or the gravest incident in a sentence
	Detail   []string // what else there is to know
}

// Verdict says what was found. It never says that nothing happened: only what the rules that ran did not find.
func (c *Case) Verdict() Verdict {
	var v Verdict
	switch {
	case c.Incomplete:
		v.Headline = "This case is incomplete"
		v.Lead = "The analysis was interrupted or is still going on. What stands here is true of the part that was read; what is missing cannot be told."
	case c.Evidence.Packets == 0:
		v.Headline = "No packet could be read"
		v.Lead = "Nothing can be said about what happened."
	case len(c.Rules.All) == 0:
		v.Headline = "No rule ran"
		v.Lead = "The traffic was read, but nothing was looked for."
	case c.IncidentCount > 0:
		v.Level = c.Incidents[0].Level
		for _, i := range c.Incidents {
			if i.Level.Rank() > v.Level.Rank() {
				v.Level = i.Level
			}
		}
		v.Headline = Of(c.IncidentCount, "incident", "incidents") + ", " + gravest(c.IncidentCount) + string(v.Level)
		v.Lead = c.headIncident(c.Incidents[0])
	case c.Loose.Count > 0:
		v.Level = c.Loose.Groups[0].Level
		v.Headline = "No incident, but " + Of(c.Loose.Count, "finding", "findings") + " to look at"
		v.Lead = "The findings do not add up to an incident: each stands alone, with its own step to take."
	default:
		v.Headline = "No attack was found by the rules that ran"
		v.Lead = "That is not proof that there was none: read what this capture cannot show."
	}
	if c.IncidentCount > 0 && c.Loose.Count > 0 {
		v.Detail = append(v.Detail, Upper(Of(c.Loose.Count, "more finding stands", "more findings stand"))+" outside incidents.")
	}
	if c.Posture.Count > 0 {
		v.Detail = append(v.Detail, Upper(Of(c.Posture.Count, "standing weakness was", "standing weaknesses were"))+" seen, which are no attack.")
	}
	return v
}

func gravest(n int64) string {
	if n == 1 {
		return ""
	}
	return "the gravest "
}

// headIncident tells the heaviest incident in one or two sentences.
func (c *Case) headIncident(i *Incident) string {
	who := "Unknown or many sources"
	if len(i.Actors) > 0 {
		who = c.Who(i, 2)
	}
	s := fmt.Sprintf("%s, %s: %s in %s", who, c.IncidentPeriod(i), Of(i.Count, "finding", "findings"), Of(int64(len(i.Stages)), "stage", "stages"))
	if len(i.Stages) > 0 {
		s += " (" + Join(i.Stages, 0) + ")"
	}
	return s + "."
}

func labelTexts(l []Label) []string {
	out := make([]string, len(l))
	for i := range l {
		out[i] = l[i].String()
	}
	return out
}

// Labels writes devices in a sentence, at most limit of them.
func Labels(l []Label, limit int) string { return Join(labelTexts(l), limit) }

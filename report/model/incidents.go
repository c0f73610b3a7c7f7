package model

import (
	"strings"
	"time"
)

// Incident is findings that belong together.
type Incident struct {
	Number, Score, Count int64
	Level                Level
	TS, Until            time.Time
	Title                string
	Stages               []string
	Actors, Targets      []Label
	ActorCount           int
	TargetCount          int
	Findings             []*Finding // in order of time, at most maxStory
	Next                 []Next     // at most maxNext
	Benign               []Next
	Patients             int64   // whose data crossed in the conversations that are its evidence
	AtBedside            []Label // devices among actors and targets that hang on patients by their class
	Timeline             *Timeline
}

// Next is a step to take: for which finding, and what device that is about.
type Next struct{ Text, Why, About string }

// Reason says what a step is for.
func (n Next) Reason() string {
	if n.About == "" {
		return n.Why
	}
	return n.Why + ": " + n.About
}

// Caution stands beside every incident.
const Caution = "Before you isolate, restart or switch off any device named here, ask clinical engineering and the ward: it may be in use on a patient."

func (r *reader) incidents(c *Case) error {
	if !r.has("incident", "finding") {
		return nil
	}
	if err := r.scan(`SELECT count(*) FROM incident`, nil, number(&c.IncidentCount)); err != nil {
		return err
	}
	byNumber := map[int64]*Incident{}
	err := r.each(`SELECT incident_id, level, score, ts, until, title, stages, actors, targets, findings FROM incident ORDER BY incident_id LIMIT ?`, []any{maxIncidents},
		func(scan scanner) error {
			i := &Incident{}
			var level string
			var actors, targets []string
			if err := scan(number(&i.Number), text(&level), number(&i.Score), moment(&i.TS), moment(&i.Until), sentence(&i.Title), list(&i.Stages), list(&actors),
				list(&targets), number(&i.Count)); err != nil {
				return err
			}
			i.Level, i.ActorCount, i.TargetCount = Level(level), len(actors), len(targets)
			i.Actors, i.Targets = c.labels(actors, i.TS), c.labels(targets, i.TS)
			byNumber[i.Number], c.Incidents = i, append(c.Incidents, i)
			return nil
		})
	if err != nil {
		return err
	}
	fs, err := r.story(c)
	if err != nil {
		return err
	}
	for _, f := range fs {
		if i := byNumber[f.Incident]; i != nil {
			i.Findings = append(i.Findings, f)
			f.Step = len(i.Findings)
		}
	}
	for _, i := range c.Incidents {
		i.Next, i.Benign = c.next(i.Findings)
		i.AtBedside = bedside(i)
	}
	return nil
}

// story reads the findings of the incidents that are told: of each rule the first, then the gravest.
func (r *reader) story(c *Case) ([]*Finding, error) {
	return r.readFindings(c, `SELECT `+findingColumns+` FROM (
		SELECT *, row_number() OVER (PARTITION BY incident_id ORDER BY k > 3, `+rank+` DESC, ts, file, frame, finding_id) AS n FROM (
			SELECT *, row_number() OVER (PARTITION BY incident_id, rule ORDER BY `+rank+` DESC, ts, file, frame, finding_id) AS k
			FROM finding WHERE incident_id IN (SELECT incident_id FROM incident ORDER BY incident_id LIMIT ?)))
		WHERE n <= ? ORDER BY incident_id, ts, file, frame, finding_id`, maxIncidents, maxStory)
}

// labels names what is in a list of addresses, each device once, and after them the first text such as 254 addresses.
func (c *Case) labels(addresses []string, at time.Time) []Label {
	var out, texts []Label
	seen := map[string]bool{}
	for _, a := range addresses {
		l := c.names.of(a, at)
		if l.Class == "" && !strings.ContainsAny(a, ".:") {
			texts = append(texts, l)
			continue
		}
		key := l.Device
		if key == "" {
			key = "=" + a
		}
		if !seen[key] {
			seen[key] = true
			out = append(out, l)
		}
	}
	return append(out, texts[:min(len(texts), 1)]...)
}

// next gives what the rules of findings say to do, the gravest first; a sentence that was said is not said again. What it
// could be otherwise goes with it.
func (c *Case) next(fs []*Finding) (steps, benign []Next) {
	said := map[string]bool{}
	about := map[string][]string{}
	for _, f := range fs {
		about[f.Rule] = appendNew(about[f.Rule], f.about())
	}
	for _, f := range spread(fs) {
		rule := c.Rules.byName[f.Rule]
		if rule == nil {
			continue
		}
		if fresh := unsaid(rule.Response, said); fresh != "" && len(steps) < maxNext {
			steps = append(steps, Next{fresh, f.Title, Join(about[f.Rule], 3)})
		}
		if rule.Benign != "" {
			benign = append(benign, Next{rule.Benign, f.Title, ""})
		}
	}
	return steps, benign
}

// about names the device that a finding is about: whom it was done to, or who did it where that is no device.
func (f *Finding) about() string {
	switch {
	case f.Target.Class != "":
		return f.Target.Brief()
	case f.Actor.Address != "":
		return "by " + f.Actor.Brief()
	}
	return ""
}

func appendNew(l []string, s string) []string {
	for _, x := range l {
		if x == s {
			return l
		}
	}
	if s == "" {
		return l
	}
	return append(l, s)
}

// unsaid leaves out the sentences of a text that are in said, and adds the others to it.
func unsaid(s string, said map[string]bool) string {
	var out []string
	for _, x := range sentences(s) {
		if !said[x] {
			said[x] = true
			out = append(out, x)
		}
	}
	return strings.Join(out, " ")
}

// sentences cuts a text after a full stop that a capital follows.
func sentences(s string) []string {
	var out []string
	begin := 0
	for i := 0; i+2 < len(s); i++ {
		if s[i] == '.' && s[i+1] == ' ' && s[i+2] >= 'A' && s[i+2] <= 'Z' {
			out = append(out, strings.TrimSpace(s[begin:i+1]))
			begin = i + 2
		}
	}
	if rest := strings.TrimSpace(s[begin:]); rest != "" {
		out = append(out, rest)
	}
	return out
}

func bedside(i *Incident) []Label {
	var out []Label
	seen := map[string]bool{}
	for _, l := range append(append([]Label(nil), i.Targets...), i.Actors...) {
		if l.Patient && !seen[l.Device] {
			seen[l.Device] = true
			out = append(out, l)
		}
	}
	return out
}

// Period is when it happened, as "02:11 to 03:02".
func (c *Case) IncidentPeriod(i *Incident) string {
	layout := "15:04"
	if i.Until.Sub(i.TS) < 10*time.Minute {
		layout = time.TimeOnly
	}
	if !c.OneDay() {
		layout = "2006-01-02 " + layout
	}
	a, b := i.TS.UTC().Format(layout), i.Until.UTC().Format(layout)
	if a == b {
		return a
	}
	return a + " to " + b
}

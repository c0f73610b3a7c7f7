package summary

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"wardtrace/report/escape"
	"wardtrace/report/model"
)

// Formats are the ways a run is summed up: text for people, one line for a mail's subject, one line of JSON for programs.
var Formats = []string{"text", "line", "json"}

// Line is a run in one line. Fields may be added; none is renamed. What a run that failed or had nothing to do cannot know is 0.
type Line struct {
	Case          string           `json:"case"`    // its folder
	State         string           `json:"state"`   // complete; skipped: nothing new (--skip-done); failed; interrupted
	Exit          int              `json:"exit"`    // exit code
	Seconds       float64          `json:"seconds"` // that the run took
	Error         string           `json:"error,omitempty"`
	Files         int64            `json:"files"`   // captures read, copies not counted
	Skipped       int64            `json:"skipped"` // files that were no captures, or that --skip-done left out
	Packets       int64            `json:"packets"`
	Bytes         int64            `json:"bytes"` // of the files
	Flows         int64            `json:"flows"`
	First         string           `json:"first,omitempty"` // of the packets, UTC
	Last          string           `json:"last,omitempty"`
	Damaged       int64            `json:"damaged"`          // files with damage
	Damage        []string         `json:"damage,omitempty"` // at most maxDamage of them, with what is wrong
	LostBytes     int64            `json:"lost_bytes"`       // bytes of files that are no packets
	MissedBytes   int64            `json:"missed_bytes"`     // bytes of conversations that were not captured
	Devices       int64            `json:"devices"`
	Patients      int64            `json:"patients"`       // seen in clear text
	Outside       int64            `json:"patients_out"`   // of these, in conversations with an address outside the site
	Findings      map[string]int64 `json:"findings"`       // by level, without those on the capture's quality
	Worst         string           `json:"worst"`          // gravest level, "" without findings
	Incidents     int64            `json:"incidents"`      //
	WorstIncident string           `json:"worst_incident"` // its level
	RulesRan      int              `json:"rules_ran"`
	RulesFailed   []string         `json:"rules_failed,omitempty"`
	Custody       string           `json:"custody,omitempty"` // hash of the custody log's last line, for verify --head
}

// maxDamage is how many damaged files a line names: it must fit a log.
const maxDamage = 10

// Read sums up a case. Who runs it fills in the rest.
func Read(ctx context.Context, db *sql.DB) (*Line, error) {
	c, err := model.Read(ctx, db)
	if err != nil {
		return nil, err
	}
	return Of(c), nil
}

// Of sums up a case that was read.
func Of(c *model.Case) *Line {
	e, q := &c.Evidence, &c.Quality
	l := &Line{Files: e.Files, Skipped: q.SkippedFiles, Packets: e.Packets, Bytes: e.Bytes, Flows: e.Flows, First: stamp(e.First), Last: stamp(e.Last),
		Damaged: e.Damaged, LostBytes: e.LostBytes, MissedBytes: q.MissedBytes, Devices: c.DeviceCount, Patients: c.Patients.Count, Outside: c.Patients.Outside,
		Findings: map[string]int64{}, Incidents: c.IncidentCount, RulesRan: len(c.Rules.Ran)}
	for _, f := range q.Damaged[:min(len(q.Damaged), maxDamage)] {
		l.Damage = append(l.Damage, escape.Terminal(f.Path+": "+f.Damage))
	}
	for _, level := range model.Levels {
		l.Findings[string(level)] = 0
	}
	for _, n := range c.Levels { // the gravest first
		if l.Findings[string(n.Level)] = n.Count; l.Worst == "" {
			l.Worst = string(n.Level)
		}
	}
	for _, i := range c.Incidents {
		if i.Level.Rank() > model.Level(l.WorstIncident).Rank() {
			l.WorstIncident = string(i.Level)
		}
	}
	for _, r := range c.Rules.Failed {
		l.RulesFailed = append(l.RulesFailed, escape.Terminal(r.Name))
	}
	return l
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// JSON is the line for programs, with its end. Nothing in it is obeyed by a terminal.
func (l *Line) JSON() string {
	l.Case, l.Error = escape.Terminal(l.Case), escape.Terminal(l.Error)
	text, err := json.Marshal(l)
	if err != nil {
		panic(err) // numbers and text
	}
	return string(text) + "\n"
}

// String is the line for people, without its end.
func (l *Line) String() string {
	s := fmt.Sprintf("%s: %s, exit %d", escape.Terminal(l.Case), l.State, l.Exit)
	if l.State != "complete" {
		if l.Error != "" {
			s += "; " + escape.Terminal(l.Error)
		}
		return s
	}
	s += "; " + model.Of(l.Files, "file", "files") + ", " + model.Of(l.Packets, "packet", "packets")
	if l.Damaged > 0 {
		s += ", " + model.Count(l.Damaged) + " damaged"
	}
	s += "; " + model.Of(l.Devices, "device", "devices") + ", " + model.Of(l.Patients, "patient", "patients") + "; "
	var levels []string
	for _, level := range model.Levels {
		if n := l.Findings[string(level)]; n > 0 {
			levels = append(levels, model.Count(n)+" "+string(level))
		}
	}
	if len(levels) == 0 {
		levels = []string{"no"}
	}
	s += strings.Join(levels, ", ") + " findings, " + model.Of(l.Incidents, "incident", "incidents")
	if n := len(l.RulesFailed); n > 0 {
		s += "; " + model.Of(int64(n), "rule", "rules") + " failed"
	}
	return s + fmt.Sprintf("; %.1f s", l.Seconds)
}

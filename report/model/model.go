package model

import (
	"context"
	"database/sql"
	"strconv"
	"time"
)

// Case is what a report tells.
type Case struct {
	State      string // running while analyze writes it, complete, interrupted
	Incomplete bool   // the rules did not run to their end: what is missing cannot be told
	Clear      bool   // patient data stands in the case as it was seen, not as pseudonyms
	Key        string // fingerprint of the key of the pseudonyms

	Evidence Evidence
	Files    []File

	Devices     []*Device // at most maxDevices
	DeviceCount int64
	Classes     []ClassCount

	Patients Patients

	Incidents     []*Incident // at most maxIncidents, the heaviest first
	IncidentCount int64
	Loose         Chapter // findings of kind attack that are in no incident
	Posture       Chapter
	QualityFound  Chapter
	FindingCount  int64
	Levels        []LevelCount // of findings of kind attack and posture

	Rules    Rules
	Quality  Quality
	Timeline *Timeline // nil if there is nothing to draw

	names *names
}

// Level is how much a finding weighs.
type Level string

// Levels are all of them, the gravest first.
var Levels = []Level{"critical", "high", "medium", "low", "informational"}

// Rank orders levels; the gravest has the highest.
func (l Level) Rank() int {
	for i, x := range Levels {
		if l == x {
			return len(Levels) - i
		}
	}
	return 0
}

// rank is Rank in SQL.
const rank = `CASE level WHEN 'critical' THEN 5 WHEN 'high' THEN 4 WHEN 'medium' THEN 3 WHEN 'low' THEN 2 WHEN 'informational' THEN 1 ELSE 0 END`

// LevelCount is how many findings have a level.
type LevelCount struct {
	Level Level
	Count int64
}

// Read reads a case.
func Read(ctx context.Context, db *sql.DB) (*Case, error) {
	r, err := newReader(ctx, db)
	if err != nil {
		return nil, err
	}
	c := &Case{}
	for _, step := range []func(*Case) error{r.info, r.files, r.devices, r.rules, r.counts, r.incidents, r.chapters, r.patients, r.quality, r.timeline} {
		if err := step(c); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func (r *reader) info(c *Case) error {
	if !r.has("case_info") {
		c.Incomplete = true
		return nil
	}
	return r.each(`SELECT key, value FROM case_info ORDER BY key`, nil, func(scan scanner) error {
		var key, value string
		if err := scan(text(&key), text(&value)); err != nil {
			return err
		}
		switch key {
		case "state":
			c.State = value
		case "phi":
			c.Clear = value == "clear"
		case "phi_key":
			c.Key = value
		case "filter":
			c.Quality.Filter = value
		case "from":
			c.Quality.Limits = append(c.Quality.Limits, "nothing before "+value)
		case "to":
			c.Quality.Limits = append(c.Quality.Limits, "nothing after "+value)
		case "count":
			c.Quality.Limits = append(c.Quality.Limits, "the first "+value+" packets")
		case "skipped_files":
			c.Quality.SkippedFiles, _ = strconv.ParseInt(value, 10, 64)
		case "local":
			c.Evidence.Local = value
		}
		return nil
	})
}

// counts reads how many findings there are.
func (r *reader) counts(c *Case) error {
	c.Incomplete = c.Incomplete || c.State == "interrupted" || c.State != "complete" && len(c.Rules.All) == 0
	if !r.has("finding") {
		return nil
	}
	if err := r.scan(`SELECT count(*) FROM finding`, nil, number(&c.FindingCount)); err != nil {
		return err
	}
	return r.each(`SELECT level, count(*) FROM finding WHERE kind <> 'quality' GROUP BY level ORDER BY `+rank+` DESC, level`, nil, func(scan scanner) error {
		var l string
		var n int64
		if err := scan(text(&l), number(&n)); err != nil {
			return err
		}
		c.Levels = append(c.Levels, LevelCount{Level(l), n})
		return nil
	})
}

// Clock writes a moment of this case: the time alone where all of it is of one day.
func (c *Case) Clock(t time.Time) string {
	if c.OneDay() {
		return t.UTC().Format(time.TimeOnly)
	}
	return t.UTC().Format("01-02 15:04:05")
}

// OneDay tells whether the evidence is of one day in UTC.
func (c *Case) OneDay() bool {
	return c.Evidence.First.UTC().Format(time.DateOnly) == c.Evidence.Last.UTC().Format(time.DateOnly)
}

// Name gives the label of an address at a time.
func (c *Case) Name(address string, at time.Time) Label { return c.names.of(address, at) }

package rules_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardtrace/rules"
	"wardtrace/samples"
)

// truth is what samples/ward-night/truth.json says of the recorded intrusion.
type truth struct {
	Hosts []struct{ IP, Part string }
	Steps []struct {
		ID, Actor  string
		Start, End time.Time
		Targets    []string
	}
}

// TestWardNight holds the story against the truth: every step of the intrusion is in one incident, in order, and nobody who took no part
// is named in it.
func TestWardNight(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(samples.Dir("ward-night"), "truth.json"))
	if err != nil {
		t.Fatal(err)
	}
	var want truth
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	set, err := rules.Load(rules.Options{})
	if err != nil {
		t.Fatal(err)
	}
	db := caseOf(t, "ward-night", set)
	var incidents int
	if err := db.QueryRow("SELECT count(*) FROM incident").Scan(&incidents); err != nil || incidents != 1 {
		t.Fatalf("%d incidents (%v), want the one", incidents, err)
	}
	type found struct {
		ts, until           time.Time
		rule, actor, target string
	}
	rows, err := db.Query("SELECT ts, until, rule, coalesce(actor, ''), coalesce(target, '') FROM finding WHERE incident_id = 1 ORDER BY ts, rule")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var story []found
	for rows.Next() {
		var f found
		if err := rows.Scan(&f.ts, &f.until, &f.rule, &f.actor, &f.target); err != nil {
			t.Fatal(err)
		}
		story = append(story, f)
	}
	const slack = 2 * time.Second // a step is timed by its packets, a finding by its rows
	last := time.Time{}
	for _, step := range want.Steps {
		hit := false
		for _, f := range story {
			if f.actor == step.Actor && !f.ts.After(step.End.Add(slack)) && !f.until.Before(step.Start.Add(-slack)) {
				hit = true
				break
			}
		}
		if !hit {
			t.Errorf("step %s (%s to %s) is not in the incident", step.ID, step.Start.Format(time.TimeOnly), step.End.Format(time.TimeOnly))
		}
		if step.Start.Before(last) {
			t.Fatalf("the truth itself is out of order at %s", step.ID)
		}
		last = step.Start
	}
	part := map[string]string{}
	for _, h := range want.Hosts {
		part[h.IP] = h.Part
	}
	for _, f := range story {
		for _, who := range []string{f.actor, f.target} {
			if p, known := part[who]; known && p == "bystander" {
				t.Errorf("finding %s names %s, which took no part", f.rule, who)
			} else if !known && strings.Count(who, ".") == 3 && !strings.Contains(who, " ") {
				t.Errorf("finding %s names %s, of which the truth knows nothing", f.rule, who)
			}
		}
	}
}

// TestQuietWard holds that a healthy ward has no attack and no incident, though it has weaknesses.
func TestQuietWard(t *testing.T) {
	set, err := rules.Load(rules.Options{})
	if err != nil {
		t.Fatal(err)
	}
	db := caseOf(t, "quiet-ward", set)
	var attacks, incidents, posture int
	err = db.QueryRow(`SELECT count(*) FILTER (WHERE kind = 'attack'), (SELECT count(*) FROM incident), count(*) FILTER (WHERE kind = 'posture') FROM finding`).Scan(&attacks, &incidents, &posture)
	if err != nil || attacks != 0 || incidents != 0 || posture == 0 {
		t.Errorf("%d attacks, %d incidents, %d weaknesses (%v); want none, none, some", attacks, incidents, posture, err)
	}
}

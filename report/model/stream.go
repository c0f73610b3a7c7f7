package model

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// Row is a finding as the case holds it: nothing is cut or escaped. An output escapes what it writes.
type Row struct {
	ID, Rule, Title, Level, BaseLevel, Raised, Kind, Stage, Attack string
	TS, Until                                                      time.Time
	Actor, Target, What                                            string
	FlowID, File, Frame, Count, Incident                           *int64
	Path, Member, SHA256, CommunityID                              string
	Evidence                                                       json.RawMessage // list of {flow_id, file, frame}
	ActorName, TargetName                                          string          // "" if they have none
}

func plain(dst *string) scanFunc {
	return func(v any) error {
		*dst, _ = v.(string)
		return nil
	}
}

// Each gives every finding of a case in order of time. A case without findings, or one that was interrupted before there were
// any, gives none.
func Each(ctx context.Context, db *sql.DB, f func(*Row) error) error {
	r, err := newReader(ctx, db)
	if err != nil || !r.has("finding", "finding_evidence", "flow", "capture_file") {
		return err
	}
	c := &Case{}
	if err := r.devices(c); err != nil {
		return err
	}
	var all []*Row
	err = r.each(`SELECT f.finding_id, f.rule, f.title, f.level, f.base_level, f.raised, f.kind, f.stage, f.attack, f.ts, f.until, f.actor, f.target, f.what,
			f.flow_id, f.file, f.frame, f."count", f.incident_id, c.path, c.member, c.sha256, w.community_id
		FROM finding f LEFT JOIN capture_file c ON c.file = f.file LEFT JOIN (SELECT flow_id, community_id FROM flow SEMI JOIN finding USING (flow_id)) w ON w.flow_id = f.flow_id
		ORDER BY f.ts, f.file, f.frame, f.finding_id`, nil, func(scan scanner) error {
		var x Row
		if err := scan(plain(&x.ID), plain(&x.Rule), plain(&x.Title), plain(&x.Level), plain(&x.BaseLevel), plain(&x.Raised), plain(&x.Kind), plain(&x.Stage),
			plain(&x.Attack), moment(&x.TS), moment(&x.Until), plain(&x.Actor), plain(&x.Target), plain(&x.What), optional(&x.FlowID), optional(&x.File),
			optional(&x.Frame), optional(&x.Count), optional(&x.Incident), plain(&x.Path), plain(&x.Member), plain(&x.SHA256), plain(&x.CommunityID)); err != nil {
			return err
		}
		x.ActorName, x.TargetName = c.names.of(x.Actor, x.TS).Name, c.names.of(x.Target, x.TS).Name
		all = append(all, &x)
		return nil
	})
	if err != nil {
		return err
	}
	for some := range slices.Chunk(all, evidenceAtOnce) {
		if err := r.evidenceOf(some); err != nil {
			return err
		}
		for _, x := range some {
			if err := f(x); err != nil {
				return err
			}
			x.Evidence = nil
		}
	}
	return nil
}

// evidenceAtOnce is for how many findings evidence is gathered at a time: each may have 2,000 conversations, and the lists of all of them
// fit no memory.
const evidenceAtOnce = 64

// evidenceOf gives findings their evidence.
func (r *reader) evidenceOf(of []*Row) error {
	ids, at := make([]any, len(of)), map[string]*Row{}
	for i, x := range of {
		ids[i], at[x.ID], x.Evidence = x.ID, x, json.RawMessage("[]")
	}
	return r.each(`SELECT finding_id, to_json(list({'flow_id': flow_id, 'file': file, 'frame': frame} ORDER BY flow_id))::VARCHAR
		FROM finding_evidence WHERE finding_id IN (?`+strings.Repeat(", ?", len(ids)-1)+`) GROUP BY finding_id`, ids, func(scan scanner) error {
		var id, evidence string
		if err := scan(plain(&id), plain(&evidence)); err != nil {
			return err
		}
		at[id].Evidence = json.RawMessage(evidence)
		return nil
	})
}

// EachIncident gives number, level, title, beginning and end of every incident.
func EachIncident(ctx context.Context, db *sql.DB, f func(number int64, level, title string, ts, until time.Time) error) error {
	r, err := newReader(ctx, db)
	if err != nil || !r.has("incident") {
		return err
	}
	return r.each(`SELECT incident_id, level, title, ts, until FROM incident ORDER BY incident_id`, nil, func(scan scanner) error {
		var n int64
		var level, title string
		var ts, until time.Time
		if err := scan(number(&n), plain(&level), plain(&title), moment(&ts), moment(&until)); err != nil {
			return err
		}
		return f(n, level, title, ts, until)
	})
}

// Package timeline writes findings as CSV for timeline tools. The first columns are Timesketch's: message, datetime (ISO 8601),
// timestamp (microseconds since 1970) and timestamp_desc. All times are capture times in UTC.
//
// Write gives a row a finding, at its first packet: the file timeline.csv of a case. Timesketch gives beginnings and ends of
// findings and incidents, as an upload to Timesketch wants them.
package timeline

import (
	"context"
	"database/sql"
	"encoding/csv"
	"io"
	"sort"
	"strconv"
	"strings"
	"time"

	"wardtrace/report/escape"
	"wardtrace/report/model"
)

// columns stay in this order: people have scripts that read them.
var columns = []string{"message", "datetime", "timestamp", "timestamp_desc", "level", "kind", "stage", "rule", "title", "actor", "actor_name", "target",
	"target_name", "incident", "count", "until", "file", "path", "frame", "flow_id", "community_id", "attack", "finding_id"}

// maxCell bounds a text: beyond 32,766 bytes Timesketch's fields lose the exact match, and a spreadsheet cuts.
const maxCell = 8000

// Write writes timeline.csv.
func Write(ctx context.Context, w io.Writer, db *sql.DB) error {
	out := csv.NewWriter(w)
	if err := out.Write(columns); err != nil {
		return err
	}
	err := model.Each(ctx, db, func(r *model.Row) error { return out.Write(row(r, r.TS, "First packet")) })
	if err != nil {
		return err
	}
	out.Flush()
	return out.Error()
}

// event is a row on its way to be sorted.
type event struct {
	at    time.Time
	order int
	cells []string
}

// Timesketch writes beginnings and ends in order of time.
func Timesketch(ctx context.Context, w io.Writer, db *sql.DB) error {
	var events []event
	add := func(at time.Time, cells []string) { events = append(events, event{at, len(events), cells}) }
	err := model.EachIncident(ctx, db, func(n int64, level, title string, ts, until time.Time) error {
		message := "incident " + strconv.FormatInt(n, 10) + ": " + title
		add(ts, incidentRow(message+" begins", n, level, title, ts, until, "Incident: first packet"))
		add(until, incidentRow(message+" ends", n, level, title, until, until, "Incident: last packet"))
		return nil
	})
	if err != nil {
		return err
	}
	err = model.Each(ctx, db, func(r *model.Row) error {
		add(r.TS, row(r, r.TS, "Finding: first packet"))
		if r.Until.After(r.TS) {
			add(r.Until, row(r, r.Until, "Finding: last packet"))
		}
		return nil
	})
	if err != nil {
		return err
	}
	sort.SliceStable(events, func(i, j int) bool {
		if !events[i].at.Equal(events[j].at) {
			return events[i].at.Before(events[j].at)
		}
		return events[i].order < events[j].order
	})
	out := csv.NewWriter(w)
	if err := out.Write(columns); err != nil {
		return err
	}
	for _, e := range events {
		if err := out.Write(e.cells); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func row(r *model.Row, at time.Time, desc string) []string {
	return []string{cell(r.Title + ": " + r.What), datetime(at), micros(at), desc, cell(r.Level), cell(r.Kind), cell(r.Stage), cell(r.Rule), cell(r.Title),
		cell(r.Actor), cell(r.ActorName), cell(r.Target), cell(r.TargetName), number(r.Incident), number(r.Count), datetime(r.Until), number(r.File),
		cell(r.Path), number(r.Frame), number(r.FlowID), cell(r.CommunityID), cell(r.Attack), cell(r.ID)}
}

func incidentRow(message string, n int64, level, title string, at, until time.Time, desc string) []string {
	cells := make([]string, len(columns))
	for i, c := range columns {
		switch c {
		case "message":
			cells[i] = cell(message)
		case "datetime":
			cells[i] = datetime(at)
		case "timestamp":
			cells[i] = micros(at)
		case "timestamp_desc":
			cells[i] = desc
		case "level":
			cells[i] = cell(level)
		case "kind":
			cells[i] = "incident"
		case "title":
			cells[i] = cell(title)
		case "incident":
			cells[i] = strconv.FormatInt(n, 10)
		case "until":
			cells[i] = datetime(until)
		}
	}
	return cells
}

// datetime writes a moment with six decimals and +00:00, which every timeline tool reads.
func datetime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000000-07:00")
}

func micros(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return strconv.FormatInt(t.UnixMicro(), 10)
}

func number(n *int64) string {
	if n == nil {
		return ""
	}
	return strconv.FormatInt(*n, 10)
}

// cell makes captured text harmless: nothing that a terminal obeys, no line breaks, no formula at its beginning nor behind a
// semicolon, where spreadsheets of many countries begin a new cell.
func cell(s string) string {
	s = escape.Terminal(s)
	if len(s) > maxCell {
		s = strings.ToValidUTF8(s[:maxCell], "") + " …"
	}
	parts := strings.Split(s, ";")
	for i, p := range parts {
		body := strings.TrimLeft(p, " \"")
		if safe := escape.CSV(body); safe != body {
			parts[i] = p[:len(p)-len(body)] + safe
		}
	}
	return strings.Join(parts, ";")
}

// Package report lists the outputs of a case. Each is a folder that reads the case's tables and nothing else.
package report

import (
	"context"
	"database/sql"
	"io"

	"wardtrace/report/findings"
	"wardtrace/report/html"
	"wardtrace/report/markdown"
	"wardtrace/report/model"
	"wardtrace/report/timeline"
)

// Format is one output.
type Format struct {
	Name   string // as --format takes it
	InCase string // file that analyze writes into the case; "" for none
	write  func(ctx context.Context, w io.Writer, db *sql.DB) error
	tell   func(w io.Writer, c *model.Case) error // the same of a case that was read; nil where rows are written as they are
}

// Write writes the output of a case. c is what the model has read of it, nil if nobody asked yet.
func (f Format) Write(ctx context.Context, w io.Writer, db *sql.DB, c *model.Case) error {
	if f.tell != nil && c != nil {
		return f.tell(w, c)
	}
	return f.write(ctx, w, db)
}

// Formats are the outputs.
var Formats = []Format{
	{"html", "report.html", html.Write, html.Page},
	{"csv", "timeline.csv", timeline.Write, nil},
	{"jsonl", "findings.jsonl", findings.Write, nil},
	{"timesketch", "", timeline.Timesketch, nil},
	{"markdown", "", markdown.Write, nil},
}

// Names gives the formats' names.
func Names() []string {
	names := make([]string, len(Formats))
	for i, f := range Formats {
		names[i] = f.Name
	}
	return names
}

// Find gives the format of a name.
func Find(name string) (Format, bool) {
	for _, f := range Formats {
		if f.Name == name {
			return f, true
		}
	}
	return Format{}, false
}

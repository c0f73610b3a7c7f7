// Package report lists the outputs of a case. Each is a folder that reads the case's tables and nothing else.
package report

import (
	"context"
	"database/sql"
	"io"

	"wardtrace/report/findings"
	"wardtrace/report/html"
	"wardtrace/report/markdown"
	"wardtrace/report/timeline"
)

// Format is one output.
type Format struct {
	Name   string // as --format takes it
	InCase string // file that analyze writes into the case; "" for none
	Write  func(ctx context.Context, w io.Writer, db *sql.DB) error
}

// Formats are the outputs.
var Formats = []Format{
	{"html", "report.html", html.Write},
	{"csv", "timeline.csv", timeline.Write},
	{"jsonl", "findings.jsonl", findings.Write},
	{"timesketch", "", timeline.Timesketch},
	{"markdown", "", markdown.Write},
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

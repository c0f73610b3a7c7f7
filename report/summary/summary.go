// Package summary writes what stands on the terminal at the end of a run and at the head of every report.
package summary

import (
	"context"
	"database/sql"
	"fmt"
	"io"
)

// Options say how it is written.
type Options struct {
	Case    string // the case's folder
	Colour  bool
	Verbose bool
}

// Write writes the summary of a case.
func Write(ctx context.Context, w io.Writer, db *sql.DB, opt Options) error {
	_, err := fmt.Fprintf(w, "  report     %s/report.html\n", opt.Case)
	return err
}

// Package rows writes the answer of a query: as a table for people, as CSV or as JSON lines for programs.
package rows

import (
	"database/sql"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"
	"time"
	"unicode"

	"github.com/jedib0t/go-pretty/v6/table"

	"wardtrace/report/escape"
)

// Formats are the formats Write knows.
var Formats = []string{"table", "csv", "jsonl"}

// Write writes all rows in a format of Formats.
func Write(w io.Writer, rows *sql.Rows, format string) error {
	cols, err := rows.Columns()
	if err != nil {
		return err
	}
	out, err := New(w, cols, format)
	if err != nil {
		return err
	}
	cells, ptrs := make([]any, len(cols)), make([]any, len(cols))
	for i := range cells {
		ptrs[i] = &cells[i]
	}
	for rows.Next() {
		if err := rows.Scan(ptrs...); err != nil {
			return err
		}
		if err := out.Row(cells); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return out.End()
}

// Writer takes rows one by one; End must follow the last.
type Writer interface {
	Row(cells []any) error
	End() error
}

// New gives a writer of rows with these columns in a format of Formats.
func New(w io.Writer, cols []string, format string) (Writer, error) {
	switch format {
	case "table":
		return newTable(w, cols), nil
	case "csv":
		out := &csvWriter{w: csv.NewWriter(w)}
		head := make([]string, len(cols)) // a PIVOT makes columns of captured values
		for i, c := range cols {
			head[i] = escape.CSV(escape.Terminal(c))
		}
		return out, out.w.Write(head)
	case "jsonl":
		return &jsonWriter{w: w, cols: cols}, nil
	}
	return nil, fmt.Errorf("format %q is none of %s", format, strings.Join(Formats, ", "))
}

type tableWriter struct {
	t table.Writer
	w io.Writer
}

func newTable(w io.Writer, cols []string) *tableWriter {
	t := table.NewWriter()
	style := table.StyleLight
	style.Format.Header = 0
	style.Options.DrawBorder = false
	t.SetStyle(style)
	head := make(table.Row, len(cols))
	for i, c := range cols {
		head[i] = escape.Terminal(c)
	}
	t.AppendHeader(head)
	return &tableWriter{t: t, w: w}
}

func (t *tableWriter) Row(cells []any) error {
	r := make(table.Row, len(cells))
	for i, c := range cells {
		r[i] = escape.Terminal(Text(c))
	}
	t.t.AppendRow(r)
	return nil
}

func (t *tableWriter) End() error {
	_, err := fmt.Fprintln(t.w, t.t.Render())
	return err
}

type csvWriter struct{ w *csv.Writer }

func (c *csvWriter) Row(cells []any) error {
	r := make([]string, len(cells))
	for i, v := range cells {
		r[i] = escape.Terminal(Text(v)) // it may be read at a terminal
		switch v.(type) {
		case bool, int8, int16, int32, int64, uint8, uint16, uint32, uint64, float32, float64, time.Time:
		default: // a list or a blob holds captured text as well as a string does
			r[i] = escape.CSV(r[i])
		}
	}
	return c.w.Write(r)
}

func (c *csvWriter) End() error {
	c.w.Flush()
	return c.w.Error()
}

type jsonWriter struct {
	w    io.Writer
	cols []string
}

// Row writes an object whose keys stand in the order of the columns.
func (j *jsonWriter) Row(cells []any) error {
	var b strings.Builder
	b.WriteByte('{')
	for i, v := range cells {
		if i > 0 {
			b.WriteByte(',')
		}
		key, _ := json.Marshal(j.cols[i])
		b.WriteString(quiet(key))
		b.WriteByte(':')
		val, err := json.Marshal(jsonValue(v))
		if err != nil {
			val, _ = json.Marshal(Text(v))
		}
		b.WriteString(quiet(val))
	}
	b.WriteString("}\n")
	_, err := io.WriteString(j.w, b.String())
	return err
}

func (j *jsonWriter) End() error { return nil }

// quiet writes as \u.... what JSON leaves as it is but a terminal may obey: the control characters from U+007F and the marks that turn
// the direction of text around. To a program the text is the same.
func quiet(text []byte) string {
	s := string(text)
	if !strings.ContainsFunc(s, loud) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if loud(r) {
			fmt.Fprintf(&b, `\u%04x`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func loud(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }

func jsonValue(v any) any {
	switch v := v.(type) {
	case time.Time:
		return Text(v)
	case []byte:
		return string(v)
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return Text(v)
		}
	}
	return v
}

// Text writes one value: times in UTC and ISO 8601 with as many digits as they have, lists with commas, NULL as nothing.
func Text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case []byte:
		return string(v)
	case time.Time:
		return v.UTC().Format("2006-01-02T15:04:05.999999999Z07:00")
	case []any:
		parts := make([]string, len(v))
		for i := range v {
			parts[i] = Text(v[i])
		}
		return strings.Join(parts, ", ")
	}
	return fmt.Sprint(v)
}

// Package summary writes what stands on the terminal at the end of a run and at the head of every report.
package summary

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"wardtrace/report/escape"
	"wardtrace/report/model"
)

// Options say how it is written.
type Options struct {
	Case    string // the case's folder
	Colour  bool
	Verbose bool
}

// What a summary shows; the rest is in the report.
const (
	width        = 110
	indent       = 13 // where the text of a line begins
	maxIncidents = 5
	maxStory     = 10
	maxSteps     = 3
	maxLoose     = 6
	maxPosture   = 4
)

// Write writes the summary of a case.
func Write(ctx context.Context, w io.Writer, db *sql.DB, opt Options) error {
	c, err := model.Read(ctx, db)
	if err != nil {
		return err
	}
	return Text(w, c, opt)
}

// Text writes the summary of a case that was read.
func Text(w io.Writer, c *model.Case, opt Options) error {
	p := &page{opt: opt}
	p.head(c)
	p.incidents(c)
	p.loose(c)
	p.foot(c)
	_, err := io.WriteString(w, p.b.String())
	return err
}

// page collects the lines.
type page struct {
	b   strings.Builder
	opt Options
}

func (p *page) head(c *model.Case) {
	if c.Incomplete {
		p.field("INCOMPLETE", "the analysis was interrupted: what is missing cannot be told")
	}
	p.field("evidence", c.EvidenceLine())
	p.field("devices", c.DeviceLine())
	p.field("patients", c.PatientLine())
	p.b.WriteByte('\n')
}

func (p *page) incidents(c *model.Case) {
	for _, i := range c.Incidents[:min(len(c.Incidents), maxIncidents)] {
		p.incident(c, i)
		p.b.WriteByte('\n')
	}
	if n := c.IncidentCount - maxIncidents; n > 0 {
		p.field("", model.Of(n, "more incident is in the report", "more incidents are in the report"))
		p.b.WriteByte('\n')
	}
}

func (p *page) incident(c *model.Case, i *model.Incident) {
	head := fmt.Sprintf("incident %d   %s   %s   %s, %s", i.Number, c.IncidentPeriod(i), c.Who(i, 2), model.Of(int64(len(i.Stages)), "stage", "stages"),
		model.Of(i.Count, "finding", "findings"))
	p.wrapped("  "+p.level(i.Level)+" ", 13, head, indent+3)
	lines, left := i.Outline(maxStory)
	for _, f := range lines {
		at := c.Clock(f.TS)
		p.wrapped("    "+at+"  ", 6+len(at), i.Subject(f)+f.Sentence()+f.Object(), 6+len(at))
	}
	if left > 0 {
		p.wrapped("    ", 4, fmt.Sprintf("and %s more in the report", model.Count(left)), 4)
	}
	for n, s := range i.Next[:min(len(i.Next), maxSteps)] {
		label := "next      "
		if n > 0 {
			label = "          "
		}
		p.wrapped("    "+label, 14, s.Text+" ("+s.Reason()+")", 14)
	}
	if len(i.AtBedside) > 0 {
		p.wrapped("    caution   ", 14, model.Labels(i.AtBedside, 3)+": may be in use on a patient; ask clinical engineering and the ward before anything else", 14)
	}
}

// loose lists findings that are in no incident, and those about the site's posture, by rule.
func (p *page) loose(c *model.Case) {
	if len(c.Incidents) == 0 && !c.Incomplete && len(c.Rules.All) > 0 {
		p.field("incidents", "none found by the rules that ran")
	}
	p.chapter("findings", model.Count(c.Loose.Count)+" outside any incident", c.Loose, maxLoose)
	p.chapter("posture", model.Of(c.Posture.Count, "standing weakness", "standing weaknesses")+", no attack", c.Posture, maxPosture)
	if !strings.HasSuffix(p.b.String(), "\n\n") {
		p.b.WriteByte('\n')
	}
}

func (p *page) chapter(name, head string, ch model.Chapter, limit int) {
	if ch.Count == 0 {
		return
	}
	p.field(name, head)
	for _, g := range ch.Groups[:min(len(ch.Groups), limit)] {
		s := g.Title
		if g.Count > 1 {
			s += fmt.Sprintf(" (%s times)", model.Count(g.Count))
		} else if len(g.Findings) > 0 {
			s += ": " + g.Findings[0].Sentence()
		}
		p.wrapped("    "+p.level(g.Level)+"  ", 16, s, 16)
	}
	if n := ch.GroupCount - int64(limit); n > 0 {
		p.wrapped("    ", 4, "and "+model.Of(n, "more kind", "more kinds")+" in the report", 4)
	}
}

func (p *page) foot(c *model.Case) {
	if p.opt.Verbose {
		p.verbose(c)
	}
	p.field("rules", c.RuleLine())
	var blind []string
	for _, b := range c.Blinds() {
		if !b.Rules {
			blind = append(blind, b.Short)
		}
	}
	if len(blind) == 0 {
		blind = []string{"no loss, cut or one-sided conversation noticed in what was captured"}
	}
	if c.Quality.DropsUnknown > 0 && c.Quality.Drops == 0 {
		blind = append(blind, "whether packets were dropped the capture does not say")
	}
	p.field("not seen", strings.Join(blind, ", "))
	p.field("report", p.opt.Case+"/report.html")
}

// verbose lists every damage and every rule.
func (p *page) verbose(c *model.Case) {
	for _, f := range c.Quality.Damaged {
		p.field("damaged", fmt.Sprintf("file %d %s: %s", f.Number, f.Path, f.Damage))
	}
	for _, a := range c.Quality.Anomalies {
		s := fmt.Sprintf("%s %s, %s in %s: %s", a.Protocol, a.Kind, model.Count(a.Count), model.Of(a.Rows, "row", "rows"), a.Detail)
		p.field("irregular", s)
	}
	for _, r := range c.Rules.All {
		s := fmt.Sprintf("%-40s %s", r.Name, r.Outcome)
		if r.Findings > 0 {
			s += ", " + model.Of(r.Findings, "finding", "findings")
		}
		if r.MS != nil {
			s += fmt.Sprintf(", %d ms", *r.MS)
		}
		if r.Detail != "" {
			s += ": " + r.Detail
		}
		p.field("rule", s)
	}
	p.b.WriteByte('\n')
}

func (p *page) field(name, text string) {
	p.wrapped(fmt.Sprintf("  %-10s ", name), indent, text, indent)
}

// wrapped writes a text behind a head that is used columns wide, and goes on in lines that are indented.
func (p *page) wrapped(head string, used int, text string, in int) {
	p.b.WriteString(head)
	at := used
	for n, word := range words(escape.Terminal(text)) {
		size := utf8.RuneCountInString(word)
		if n > 0 && at+1+size > width {
			p.b.WriteString("\n" + strings.Repeat(" ", in))
			at = in
		} else if n > 0 {
			p.b.WriteByte(' ')
			at++
		}
		p.b.WriteString(word)
		at += size
	}
	p.b.WriteByte('\n')
}

// words cuts a text at its spaces, keeps wider gaps, and cuts what is longer than a line.
func words(s string) []string {
	var out []string
	for _, w := range strings.Split(s, " ") {
		for utf8.RuneCountInString(w) > width-20 {
			r := []rune(w)
			out = append(out, string(r[:width-20]))
			w = string(r[width-20:])
		}
		out = append(out, w)
	}
	return out
}

// colours of the levels, as Sigma's users know them.
var colours = map[model.Level]string{"critical": "1;31", "high": "38;5;208", "medium": "33", "low": "32", "informational": "2"}

// level writes a level ten columns wide.
func (p *page) level(l model.Level) string {
	s := string(l)
	if l.Rank() >= 4 {
		s = strings.ToUpper(s)
	}
	if l == "informational" {
		s = "info"
	}
	s = fmt.Sprintf("%-10s", s)
	if code := colours[l]; p.opt.Colour && code != "" {
		s = "\x1b[" + code + "m" + s + "\x1b[0m"
	}
	return s
}

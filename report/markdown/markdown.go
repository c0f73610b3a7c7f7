// Package markdown writes a case as a text for a ticket: the same story as the page, shorter. Everything that was captured or
// written by a rule goes through escape.Markdown, so that it cannot become a link, an image or HTML in the ticket.
package markdown

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"strings"

	"wardtrace/report/escape"
	"wardtrace/report/model"
)

// What a ticket holds; the rest is in the page.
const (
	maxStory    = 40
	maxGroups   = 25
	maxFindings = 5
	maxDevices  = 60
	maxFiles    = 40
)

// Write writes the case.
func Write(ctx context.Context, w io.Writer, db *sql.DB) error {
	c, err := model.Read(ctx, db)
	if err != nil {
		return err
	}
	d := &doc{c: c}
	d.head()
	for _, i := range c.Incidents {
		d.incident(i)
	}
	if n := c.IncidentCount - int64(len(c.Incidents)); n > 0 {
		d.para(model.Of(n, "more incident is", "more incidents are") + " in the case.")
	}
	d.chapter("Findings outside incidents", c.Loose)
	d.chapter("Standing weaknesses", c.Posture)
	d.devices()
	d.blinds()
	d.rules()
	d.files()
	_, err = io.WriteString(w, d.b.String())
	return err
}

type doc struct {
	b strings.Builder
	c *model.Case
}

// esc is for everything that is not written here in the program.
func esc(s string) string { return escape.Markdown(s) }

func (d *doc) heading(level int, s string) {
	fmt.Fprintf(&d.b, "%s %s\n\n", strings.Repeat("#", level), s)
}

func (d *doc) para(s string) { d.b.WriteString(s + "\n\n") }

func (d *doc) item(s string) { d.b.WriteString("- " + s + "\n") }

func (d *doc) end() { d.b.WriteByte('\n') }

func (d *doc) head() {
	c, v := d.c, d.c.Verdict()
	d.heading(1, "wardtrace: "+esc(v.Headline))
	for _, s := range append([]string{v.Lead}, v.Detail...) {
		d.para(esc(s))
	}
	d.item("Evidence: " + esc(c.EvidenceLine()))
	d.item("Devices: " + esc(c.DeviceLine()))
	d.item("Patients: " + esc(c.PatientLine()))
	d.end()
	d.para("All times are capture times in UTC.")
}

func (d *doc) incident(i *model.Incident) {
	c := d.c
	d.heading(2, fmt.Sprintf("Incident %d (%s), %s", i.Number, esc(string(i.Level)), esc(c.IncidentPeriod(i))))
	d.item("Who: " + esc(c.Who(i, 5)))
	d.item("On: " + esc(model.Labels(i.Targets, 8)))
	d.item("Stages: " + esc(strings.Join(i.Stages, ", ")))
	d.item(model.Of(i.Count, "finding", "findings"))
	if i.Patients > 0 {
		d.item("Patients named in the conversations that are evidence: at least " + model.Count(i.Patients))
	}
	d.end()
	d.heading(3, "What to do")
	for n, s := range i.Next {
		fmt.Fprintf(&d.b, "%d. %s\n", n+1, esc(s.Text+" ("+s.Reason()+")"))
	}
	d.end()
	if len(i.AtBedside) > 0 {
		d.para("**" + esc(model.Labels(i.AtBedside, 6)) + " may be in use on a patient.**")
	}
	d.para("**" + model.Caution + "**")
	d.heading(3, "What happened")
	lines, left := i.Findings, i.Count-int64(len(i.Findings))
	if len(lines) > maxStory {
		lines, left = i.Outline(maxStory)
	}
	for _, f := range lines {
		d.finding(f, i.Subject(f))
	}
	if left > 0 {
		d.item("and " + model.Count(left) + " more in findings.jsonl")
	}
	d.end()
}

func (d *doc) finding(f *model.Finding, subject string) {
	fmt.Fprintf(&d.b, "- `%s` %s: %s\n", d.c.Clock(f.TS), esc(string(f.Level)), esc(subject+f.Sentence()+f.Object()))
	fmt.Fprintf(&d.b, "  (%s; file %d %s, frame %d%s%s)\n", esc(f.Title), f.File, esc(f.FileName), f.Frame, attack(f.Attack), raised(f))
}

func attack(ids []string) string {
	if len(ids) == 0 {
		return ""
	}
	return "; " + esc(strings.Join(ids, ", "))
}

func raised(f *model.Finding) string {
	if f.Raised == "" || f.Level == f.BaseLevel {
		return ""
	}
	return "; raised from " + esc(string(f.BaseLevel)) + ": " + esc(f.Raised)
}

func (d *doc) chapter(title string, ch model.Chapter) {
	if ch.Count == 0 {
		return
	}
	d.heading(2, title)
	for _, g := range ch.Groups[:min(len(ch.Groups), maxGroups)] {
		d.heading(3, fmt.Sprintf("%s (%s, %s)", esc(g.Title), esc(string(g.Level)), model.Of(g.Count, "finding", "findings")))
		for _, f := range g.Findings[:min(len(g.Findings), maxFindings)] {
			d.finding(f, "")
		}
		if n := g.Count - maxFindings; n > 0 {
			d.item("and " + model.Count(n) + " more")
		}
		d.end()
		if g.Response != "" {
			d.para("What to do: " + esc(g.Response))
		}
		if g.Benign != "" {
			d.para("It can be harmless: " + esc(g.Benign))
		}
	}
	if n := ch.GroupCount - maxGroups; n > 0 {
		d.para(model.Of(n, "more kind is", "more kinds are") + " in the case.")
	}
}

func (d *doc) devices() {
	if d.c.DeviceCount == 0 {
		return
	}
	d.heading(2, "Devices")
	d.b.WriteString("| device | class | address | hardware address | maker and model | first seen |\n| --- | --- | --- | --- | --- | --- |\n")
	for _, x := range d.c.Devices[:min(len(d.c.Devices), maxDevices)] {
		cells := []string{x.Hostname, x.Kind(), x.IP, x.MAC, strings.TrimSpace(x.Vendor + " " + x.Model), d.c.Clock(x.First)}
		for i := range cells {
			cells[i] = esc(cells[i])
		}
		d.b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
	}
	d.end()
	if n := d.c.DeviceCount - maxDevices; n > 0 {
		d.para("and " + model.Count(n) + " more in the case.")
	}
}

func (d *doc) blinds() {
	d.heading(2, "What this capture cannot show")
	for _, b := range d.c.Blinds() {
		d.item(esc(model.Upper(b.Short)) + ": " + esc(b.Means))
	}
	d.item(model.Always)
	if s := d.c.DropsNote(); s != "" {
		d.item(esc(s))
	}
	d.end()
}

func (d *doc) rules() {
	d.heading(2, "Rules")
	d.para(esc(model.Upper(d.c.RuleLine())) + ".")
	for _, r := range append(append([]*model.Rule(nil), d.c.Rules.Failed...), d.c.Rules.CouldNotJudge...) {
		d.item(fmt.Sprintf("%s (%s): %s. %s", esc(r.Title), esc(r.Name), esc(r.Outcome), esc(r.Detail)))
	}
	d.end()
}

func (d *doc) files() {
	d.heading(2, "Evidence")
	for _, f := range d.c.Files[:min(len(d.c.Files), maxFiles)] {
		s := fmt.Sprintf("file %d %s, %s, SHA-256 `%s`", f.Number, esc(f.Base()), model.Of(f.Packets, "packet", "packets"), hexOnly(f.SHA256))
		if f.CopyOf != 0 {
			s = fmt.Sprintf("file %d %s, copy of file %d", f.Number, esc(f.Base()), f.CopyOf)
		}
		if f.Damage != "" {
			s += "; damaged: " + esc(f.Damage)
		}
		d.item(s)
	}
	if n := len(d.c.Files) - maxFiles; n > 0 {
		d.item("and " + model.Count(int64(n)) + " more in the case")
	}
}

// hexOnly keeps a hash a hash: it stands between backticks, where nothing is escaped.
func hexOnly(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'a' && r <= 'f' {
			return r
		}
		return -1
	}, s)
}

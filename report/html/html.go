// Package html writes a case as one page that a person reads from top to bottom, on a screen or on paper.
//
// The page is one file that loads nothing: its style and script stand in it, and its Content-Security-Policy allows these two by
// their hashes and nothing else, so that text which was captured cannot become a script, a style or a request even if an escaping
// were wrong. html/template escapes every value for its place; the model has made control characters and direction marks visible
// before. Without JavaScript everything is shown; with it, evidence is folded, tables get a filter, and printing unfolds all.
//
// The bytes depend on the case alone: there is no clock and no random number in it.
package html

import (
	"context"
	"crypto/sha256"
	"database/sql"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"

	"wardtrace/report/model"
)

//go:embed page.tmpl
var pageText string

//go:embed style.css
var styleText string

//go:embed script.js
var scriptText string

// view is what the template sees.
type view struct {
	*model.Case
	Verdict  model.Verdict
	Blinds   []model.Blind
	Drawing  *drawing
	Closeups map[int64]*drawing
	Policy   string
	Style    template.CSS
	Script   template.JS
}

// told is an incident and the page it stands on.
type told struct {
	View     *view
	Incident *model.Incident
}

// Write writes the page of a case.
func Write(ctx context.Context, w io.Writer, db *sql.DB) error {
	c, err := model.Read(ctx, db)
	if err != nil {
		return err
	}
	return Page(w, c)
}

// Page writes the page of a case that was read.
func Page(w io.Writer, c *model.Case) error {
	v := &view{Case: c, Verdict: c.Verdict(), Blinds: c.Blinds(), Closeups: map[int64]*drawing{}, Style: template.CSS(styleText), Script: template.JS(scriptText)}
	v.Policy = fmt.Sprintf("default-src 'none'; style-src 'sha256-%s'; script-src 'sha256-%s'; base-uri 'none'; form-action 'none'", digest(styleText), digest(scriptText))
	if c.Timeline != nil {
		v.Drawing = draw(c, c.Timeline, "all")
	}
	for _, i := range c.Incidents {
		if i.Timeline != nil {
			v.Closeups[i.Number] = draw(c, i.Timeline, fmt.Sprint(i.Number))
		}
	}
	page, err := template.New("page").Funcs(functions(c)).Parse(pageText)
	if err != nil {
		return err
	}
	return page.Execute(w, v)
}

// digest is how a policy names a text.
func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return base64.StdEncoding.EncodeToString(sum[:])
}

func functions(c *model.Case) template.FuncMap {
	return template.FuncMap{
		"clock": c.Clock, "stamp": model.Stamp, "precise": model.Precise, "period": model.Period, "count": model.Count, "bytes": model.Bytes,
		"of": model.Of, "upper": model.Upper, "share": model.Share, "span": model.Span,
		"level":   levelClass,
		"join":    func(l []string) string { return strings.Join(l, ", ") },
		"some":    func(l []string) string { return model.Join(l, 6) },
		"labels":  func(l []model.Label) string { return model.Labels(l, 8) },
		"int":     func(n int) int64 { return int64(n) },
		"sub":     func(a, b int64) int64 { return a - b },
		"closeup": func(v *view, n int64) *drawing { return v.Closeups[n] },
		"caution": func() string { return model.Caution },
		"always":  func() string { return model.Always },
		"tables":  tableNames,
		"begin":   beginSentence,
		"pick":    pick,
		"inc":     func(n int) int { return n + 1 },
		"levels":  func() []model.Level { return model.Levels },
		"pair":    func(v *view, i *model.Incident) told { return told{v, i} },
	}
}

// levelClass is the class that colours a level.
func levelClass(l model.Level) string {
	if l.Rank() == 0 {
		return "lv-none"
	}
	return "lv-" + string(l)
}

// beginSentence gives the pieces of a sentence with a capital at its beginning.
func beginSentence(pieces []model.Piece) []model.Piece {
	if len(pieces) == 0 || pieces[0].Note != "" {
		return pieces
	}
	out := append([]model.Piece(nil), pieces...)
	out[0].Text = model.Upper(out[0].Text)
	return out
}

// tableNames names the protocols of tables, each once.
func tableNames(l []string) string {
	var words []string
	for _, t := range l {
		word, _, _ := strings.Cut(t, "_")
		if word = strings.ToUpper(word); !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	return model.Join(words, 6)
}

// Ordered are the rules as the page lists them: what needs a look first.
func (v *view) Ordered() []*model.Rule {
	out := append(append([]*model.Rule(nil), v.Rules.Failed...), v.Rules.CouldNotJudge...)
	for _, found := range []bool{true, false} {
		for _, r := range v.Rules.Ran {
			if (r.Findings > 0) == found {
				out = append(out, r)
			}
		}
	}
	return append(out, v.Rules.NothingToRead...)
}

// First are the steps to take at once: those of the heaviest incidents, or of the gravest findings.
func (v *view) First() []model.Next {
	var out []model.Next
	for _, i := range v.Incidents {
		out = append(out, i.Next...)
		break
	}
	if len(v.Incidents) == 0 {
		for _, g := range v.Loose.Groups {
			if g.Response != "" {
				out = append(out, model.Next{Text: g.Response, Why: g.Title})
			}
		}
	}
	return out[:min(len(out), 3)]
}

// Brief tells the heaviest incident in few lines.
func (v *view) Brief() []*model.Finding {
	if len(v.Incidents) == 0 {
		return nil
	}
	lines, _ := v.Incidents[0].Outline(9)
	return lines
}

// HeadSubject says who acted, where the heaviest incident has several actors.
func (v *view) HeadSubject(f *model.Finding) string { return v.Incidents[0].Subject(f) }

// pick chooses between two words by a number.
func pick(n int64, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

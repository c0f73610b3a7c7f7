package rules

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"regexp"
	"sort"
	"strings"
	"time"
)

// finding is a row a rule gave, on its way to the table.
type finding struct {
	id       string
	rule     *Rule
	base     Level
	level    Level
	raised   string
	ts       time.Time
	until    time.Time
	actor    string
	target   string
	flow     int64
	file     int64
	frame    int64
	count    int64
	what     string
	flows    []int64
	incident int64
}

// Caps of what one rule may leave in a case.
const (
	maxFindings = 10_000 // a rule that matches everything must not fill the case
	maxFlows    = 2000   // evidence flows of a finding: enough to carve a scan of the usual thousand ports, little enough to read
)

// merge is the time within which findings of one rule about one pair are one.
const merge = time.Hour

// scan reads a row of a rule's SELECT as nest has it.
func scan(rows *sql.Rows, r *Rule) (*finding, error) {
	var ts, until sql.NullTime
	var actor, target, what, level sql.NullString
	var flow, file, frame, count sql.NullInt64
	var flows any
	if err := rows.Scan(&ts, &until, &actor, &target, &flow, &file, &frame, &count, &what, &level, &flows); err != nil {
		return nil, err
	}
	f := &finding{rule: r, base: r.Level, ts: ts.Time.UTC(), until: until.Time.UTC(), actor: actor.String, target: target.String,
		flow: flow.Int64, file: file.Int64, frame: frame.Int64, count: count.Int64, what: singular(what.String)}
	if !ts.Valid || what.String == "" {
		return nil, fmt.Errorf("a finding without ts or what: a finding must say when and what")
	}
	if !until.Valid || f.until.Before(f.ts) {
		f.until = f.ts
	}
	if level.Valid {
		l, err := ParseLevel(level.String)
		if err != nil {
			return nil, err
		}
		f.base = l
	}
	f.level = f.base
	if l, ok := flows.([]any); ok {
		for _, v := range l {
			if id, ok := v.(int64); ok {
				f.flows = append(f.flows, id)
			}
		}
	}
	if len(f.flows) == 0 && f.flow != 0 {
		f.flows = []int64{f.flow}
	}
	return f, nil
}

var one = regexp.MustCompile(`(^|[^\d.,:])1 ((?:\w+ )?)(patients|objects|messages|values|studies|addresses|associations|connections|data sets|ports|titles|names|answers|` +
	`clients|servers|packets|bytes|paths|passwords|topics|tries|times|requests|hosts|services|queries|failures|users|logins|attempts|devices|commands)\b`)

// singular writes "1 patient" where a rule's sentence came out as "1 patients": rules are SQL and count.
func singular(s string) string {
	return one.ReplaceAllStringFunc(s, func(m string) string {
		switch {
		case strings.HasSuffix(m, "1 times"):
			return strings.TrimSuffix(m, "1 times") + "once"
		case strings.HasSuffix(m, "addresses"):
			return strings.TrimSuffix(m, "es")
		case strings.HasSuffix(m, "ies"):
			return strings.TrimSuffix(m, "ies") + "y"
		}
		return strings.TrimSuffix(m, "s")
	})
}

// order sorts findings by time and evidence, so that nothing depends on how the database returned them.
func order(fs []*finding) {
	sort.SliceStable(fs, func(i, j int) bool {
		a, b := fs[i], fs[j]
		switch {
		case !a.ts.Equal(b.ts):
			return a.ts.Before(b.ts)
		case a.file != b.file:
			return a.file < b.file
		case a.frame != b.frame:
			return a.frame < b.frame
		case a.rule.Name != b.rule.Name:
			return a.rule.Name < b.rule.Name
		case a.actor != b.actor:
			return a.actor < b.actor
		case a.target != b.target:
			return a.target < b.target
		}
		return a.what < b.what
	})
}

// suppress makes one finding of those of one rule about one pair that follow each other within an hour, and of those that say the same
// of the same packet.
func suppress(fs []*finding) []*finding {
	order(fs)
	last := map[[2]string]*finding{}
	times := map[*finding]int{}
	var out []*finding
	for _, f := range fs {
		k := [2]string{f.actor, f.target}
		if n := len(out); n > 0 && out[n-1].same(f) {
			out[n-1].flows = append(out[n-1].flows, f.flows...)
			continue
		}
		if p := last[k]; p != nil && f.ts.Sub(p.until) <= merge && f.rule.Kind == "attack" {
			times[p]++
			p.count += f.count
			if f.until.After(p.until) {
				p.until = f.until
			}
			p.base = max(p.base, f.base)
			p.level = p.base
			p.flows = append(p.flows, f.flows...)
			continue
		}
		last[k] = f
		out = append(out, f)
	}
	for f, n := range times {
		f.what = fmt.Sprintf("%s (and %d more of the kind until %s)", f.what, n, f.until.Format("15:04:05"))
	}
	return out
}

// same tells whether two findings differ in nothing that makes their id.
func (f *finding) same(g *finding) bool {
	return f.ts.Equal(g.ts) && f.until.Equal(g.until) && f.actor == g.actor && f.target == g.target && f.file == g.file && f.frame == g.frame && f.count == g.count && f.what == g.what
}

// name gives a finding its id and puts its evidence in order. The flow that shows it best stays, whatever the cap.
func (f *finding) name() {
	sort.Slice(f.flows, func(i, j int) bool { return f.flows[i] < f.flows[j] })
	uniq := f.flows[:0]
	for i, id := range f.flows {
		if i == 0 || id != f.flows[i-1] {
			uniq = append(uniq, id)
		}
	}
	f.flows = uniq[:min(len(uniq), maxFlows)]
	if i := sort.Search(len(f.flows), func(i int) bool { return f.flows[i] >= f.flow }); f.flow != 0 && (i == len(f.flows) || f.flows[i] != f.flow) {
		f.flows = append(f.flows[:min(len(f.flows), maxFlows-1)], f.flow)
		sort.Slice(f.flows, func(i, j int) bool { return f.flows[i] < f.flows[j] })
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s\x00%d\x00%d\x00%s\x00%s\x00%d\x00%d\x00%d\x00%s", f.rule.Name, f.ts.UnixNano(), f.until.UnixNano(), f.actor, f.target, f.file, f.frame, f.count, f.what)
	f.id = hex.EncodeToString(h.Sum(nil)[:8])
}

func (f *finding) row() []any {
	return []any{f.id, f.rule.Name, f.rule.Title, f.level.String(), f.base.String(), null(f.raised), f.rule.Kind, f.rule.Stage.String(),
		strings.Join(f.rule.Attack, ","), f.ts, f.until, null(f.actor), null(f.target), nullInt(f.flow), nullInt(f.file), nullInt(f.frame), f.count,
		f.what, nullInt(f.incident)}
}

func (f *finding) evidence() [][]any {
	rows := make([][]any, len(f.flows))
	for i, id := range f.flows {
		rows[i] = []any{f.id, id, id >> 32, id & 0xffffffff}
	}
	return rows
}

func null(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func nullInt(n int64) any {
	if n == 0 {
		return nil
	}
	return n
}

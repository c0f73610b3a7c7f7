package html

import (
	"fmt"
	"math"
	"strings"
	"time"

	"wardtrace/report/model"
)

// Sizes of a drawing, in its own units.
const (
	drawingWidth = 1120.0
	plotLeft     = 216.0
	plotRight    = 1106.0
	plotTop      = 8.0
	laneHeight   = 40.0
	allHeight    = 34.0
	axisHeight   = 26.0
	markGap      = 12.0 // marks nearer than this go to another row of the lane
	markMerge    = 10.0 // marks of one stage nearer than this become one
	markRows     = 3
)

// drawing is a timeline ready to be written: every number is a text already.
type drawing struct {
	ID, Width, Height, Title, Desc string
	Left, Right, Top, Bottom       string
	AxisY, GapHeight               string
	Lanes                          []laneView
	Ticks                          []tick
	Marks                          []mark
	Links                          []link
	Gaps                           []gap
	Hidden                         int
	Stages                         []legend
	Whole                          bool
	From, To                       time.Time
}

type laneView struct {
	Name, Note, Full, Top, Height, Middle, NameY, NoteY, Path string
	Odd                                                       bool
}

type tick struct{ X, Label, Anchor string }

type mark struct {
	X, Y, Path, Title, Level, Href string
	Until                          string // x of its end, relative; "" if it has none to show
	Count                          int
	Many                           string
}

type link struct{ X, Y1, Y2 string }

type gap struct{ X, Width, Title string }

type legend struct{ Stage, Path string }

// shapes of the stages, around 0,0.
var shapes = map[string]string{
	"reconnaissance": "M-5.5 0a5.5 5.5 0 1 0 11 0a5.5 5.5 0 1 0 -11 0Z",
	"credentials":    "M0 -6.8L6.8 0L0 6.8L-6.8 0Z",
	"interception":   "M-5 -5H5V5H-5Z",
	"lateral":        "M-5 -6L6.5 0L-5 6Z",
	"tampering":      "M0 -6.5L6.3 5H-6.3Z",
	"denial":         "M-6 -3.2L-3.2 -6L0 -2.8L3.2 -6L6 -3.2L2.8 0L6 3.2L3.2 6L0 2.8L-3.2 6L-6 3.2L-2.8 0Z",
	"command":        "M-3.2 -5.8H3.2L6.4 0L3.2 5.8H-3.2L-6.4 0Z",
	"exfiltration":   "M0 6.5L6.3 -5H-6.3Z",
	"exposure":       "M-5.5 0a5.5 5.5 0 1 0 11 0a5.5 5.5 0 1 0 -11 0ZM-2.5 0a2.5 2.5 0 1 1 5 0a2.5 2.5 0 1 1 -5 0Z",
}

// stageOrder is the order of the legend.
var stageOrder = []string{"reconnaissance", "credentials", "interception", "lateral", "tampering", "denial", "command", "exfiltration", "exposure"}

func shape(stage string) string {
	if s, ok := shapes[stage]; ok {
		return s
	}
	return shapes["interception"]
}

func num(f float64) string {
	s := fmt.Sprintf("%.1f", f)
	return strings.TrimSuffix(s, ".0")
}

// draw lays out a timeline.
func draw(c *model.Case, t *model.Timeline, id string) *drawing {
	d := &drawing{ID: id, Width: num(drawingWidth), Left: num(plotLeft), Right: num(plotRight), Top: num(plotTop), Hidden: t.Hidden, Whole: t.Whole, From: t.From, To: t.To}
	y := plotTop
	tops := make([]float64, len(t.Lanes))
	for i, l := range t.Lanes {
		h := laneHeight
		if l.All {
			h = allHeight
		}
		tops[i] = y
		d.Lanes = append(d.Lanes, lane(l, y, h, i%2 == 1))
		y += h
	}
	d.Bottom, d.AxisY, d.Height = num(y), num(y+17), num(y+axisHeight)
	d.GapHeight = num(y - plotTop)
	d.ticks(t)
	d.gaps(c, t)
	d.marks(c, t, tops)
	d.legend(t)
	d.Title = "Timeline, " + model.Period(t.From, t.To) + " UTC"
	d.Desc = fmt.Sprintf("%s of devices with their traffic and %s", model.Of(int64(len(t.Lanes)-1), "lane", "lanes"), model.Of(int64(len(t.Findings)), "finding", "findings"))
	return d
}

func lane(l *model.Lane, y, h float64, odd bool) laneView {
	v := laneView{Top: num(y), Height: num(h), Middle: num(y + h/2), NameY: num(y + h/2 - 2), NoteY: num(y + h/2 + 11), Odd: odd, Path: activity(l, y+h-1, h-6)}
	switch {
	case l.All:
		v.Name, v.Note, v.Full = "All traffic", "packets over time", "all traffic"
	case l.Other:
		v.Name, v.Note, v.Full = "Other devices", "without a lane of their own", "other devices"
	default:
		v.Name, v.Full = short(l.Label.Short(), 24), l.Label.String()
		v.Note = l.Label.Class
		if l.Label.Name != "" {
			v.Note = strings.TrimSpace(l.Label.Class + "  " + l.Label.Address)
		}
		v.Note = short(v.Note, 31)
	}
	return v
}

func short(s string, limit int) string {
	if r := []rune(s); len(r) > limit {
		return string(r[:limit-1]) + "…"
	}
	return s
}

// activity draws a lane's traffic as steps from its floor; the height is the square root of the number of packets, so that
// little traffic shows beside much.
func activity(l *model.Lane, floor, height float64) string {
	most := int64(0)
	for _, n := range l.Activity {
		most = max(most, n)
	}
	if most == 0 {
		return ""
	}
	var b strings.Builder
	step := (plotRight - plotLeft) / model.Bins
	for i := 0; i < model.Bins; {
		if l.Activity[i] == 0 {
			i++
			continue
		}
		fmt.Fprintf(&b, "M%s %s", num(plotLeft+float64(i)*step), num(floor))
		for ; i < model.Bins && l.Activity[i] > 0; i++ {
			h := max(0.8, math.Sqrt(float64(l.Activity[i])/float64(most))*height)
			fmt.Fprintf(&b, "V%sH%s", num(floor-h), num(plotLeft+float64(i+1)*step))
		}
		fmt.Fprintf(&b, "V%sZ", num(floor))
	}
	return b.String()
}

// steps of an axis.
var steps = []time.Duration{time.Millisecond, 10 * time.Millisecond, 100 * time.Millisecond, time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second,
	15 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour,
	3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour, 48 * time.Hour, 7 * 24 * time.Hour, 30 * 24 * time.Hour, 365 * 24 * time.Hour, 3650 * 24 * time.Hour}

const maxTicks = 9

func (d *drawing) ticks(t *model.Timeline) {
	span := t.To.Sub(t.From)
	step := steps[len(steps)-1]
	for _, s := range steps {
		if span/s < maxTicks {
			step = s
			break
		}
	}
	layout := "15:04"
	switch {
	case step < time.Second:
		layout = "15:04:05.000"
	case step < time.Minute:
		layout = "15:04:05"
	case step >= 24*time.Hour:
		layout = "2006-01-02"
	case span > 24*time.Hour:
		layout = "01-02 15:04"
	}
	for at := t.From.Truncate(step); !at.After(t.To) && len(d.Ticks) < maxTicks+3; at = at.Add(step) {
		if at.Before(t.From) {
			continue
		}
		x := plotLeft + t.Position(at)*(plotRight-plotLeft)
		anchor := "middle"
		if x > plotRight-30 {
			anchor = "end"
		}
		d.Ticks = append(d.Ticks, tick{num(x), at.UTC().Format(layout), anchor})
	}
}

// gaps shades the times without a capture.
func (d *drawing) gaps(c *model.Case, t *model.Timeline) {
	for _, g := range c.Quality.Gaps {
		if g.To.Before(t.From) || g.From.After(t.To) {
			continue
		}
		a, b := t.Position(g.From), t.Position(g.To)
		d.Gaps = append(d.Gaps, gap{num(plotLeft + a*(plotRight-plotLeft)), num(max(1, (b-a)*(plotRight-plotLeft))), "nothing captured from " + model.Period(g.From, g.To)})
	}
}

// placed is a mark while the lane is laid out.
type placed struct {
	mark
	x, end float64
	lane   int
	row    int
	stage  string
	first  *model.Finding
	rank   int
	rules  map[string]bool
}

// marks puts findings on the lane of who acted, or of the target where that cannot be said, and joins them to the target.
func (d *drawing) marks(c *model.Case, t *model.Timeline, tops []float64) {
	var all []*placed
	lastOf := map[string]*placed{}      // by lane and stage
	rows := map[int][markRows]float64{} // right edge of each row of a lane
	targets := map[*placed]map[int]bool{}
	for _, f := range t.Findings {
		lane, target := t.Lane(f.Actor), t.Lane(f.Target)
		if lane < 0 {
			lane, target = target, -1
		}
		if lane < 0 {
			lane = 0
		}
		x := plotLeft + t.Position(f.TS)*(plotRight-plotLeft)
		end := plotLeft + t.Position(f.Until)*(plotRight-plotLeft)
		key := fmt.Sprint(lane, f.Stage)
		p := lastOf[key]
		if p == nil || x-p.x > markMerge {
			p = &placed{x: x, end: end, lane: lane, stage: f.Stage, first: f, rules: map[string]bool{}}
			p.row = freeRow(rows, lane, x)
			all, lastOf[key] = append(all, p), p
			targets[p] = map[int]bool{}
		}
		p.Count++
		p.rules[f.Title] = true
		p.end = max(p.end, end)
		if r := f.Level.Rank(); r > p.rank {
			p.rank, p.Level = r, levelClass(f.Level)
		}
		if target >= 0 && target != lane {
			targets[p][target] = true
		}
	}
	for _, p := range all {
		d.place(c, p, tops, targets[p])
	}
}

// freeRow chooses the row of a lane in which a mark at x does not hide another.
func freeRow(rows map[int][markRows]float64, lane int, x float64) int {
	edges := rows[lane]
	best := 0
	for i := range edges {
		if edges[i] == 0 || x-edges[i] >= markGap {
			best = i
			break
		}
		if edges[i] < edges[best] {
			best = i
		}
	}
	edges[best] = x
	rows[lane] = edges
	return best
}

func (d *drawing) place(c *model.Case, p *placed, tops []float64, targets map[int]bool) {
	height := laneHeight
	if p.lane == 0 {
		height = allHeight
	}
	y := tops[p.lane] + height/2 + []float64{0, -11, 11}[p.row]
	for lane := range tops {
		if targets[lane] {
			d.Links = append(d.Links, link{num(p.x), num(y), num(tops[lane] + laneHeight/2)})
		}
	}
	m := p.mark
	m.X, m.Y, m.Path, m.Href = num(p.x), num(y), shape(p.stage), "#f-"+p.first.ID
	if p.end-p.x > 10 {
		m.Until = num(p.end - p.x)
	}
	m.Title = fmt.Sprintf("%s UTC, %s: %s. %s", model.Stamp(p.first.TS), p.first.Level, p.first.Title, model.Upper(p.first.Sentence()))
	if p.Count > 1 {
		m.Many = model.Count(int64(p.Count))
		m.Title = fmt.Sprintf("%s here, the first: %s", model.Of(int64(p.Count), "finding", "findings"), m.Title)
	}
	d.Marks = append(d.Marks, m)
}

// legend names the shapes that are there.
func (d *drawing) legend(t *model.Timeline) {
	seen := map[string]bool{}
	for _, f := range t.Findings {
		seen[f.Stage] = true
	}
	for _, s := range stageOrder {
		if seen[s] {
			d.Stages = append(d.Stages, legend{s, shapes[s]})
		}
	}
}

package rules

import (
	"fmt"
	"math/rand"
	"reflect"
	"sort"
	"strings"
	"testing"
	"time"
)

var night = time.Date(2026, 11, 20, 2, 0, 0, 0, time.UTC)

// at makes an attack finding that begins some minutes into the night and lasts one.
func at(minute int, stage Stage, actor, target string) *finding {
	ts := night.Add(time.Duration(minute) * time.Minute)
	r := &Rule{Name: "t/" + stage.String(), Kind: "attack", Stage: stage, Level: Medium}
	return &finding{rule: r, base: Medium, level: Medium, ts: ts, until: ts.Add(time.Minute), actor: actor, target: target, count: 1, what: "it " + stage.String(), file: 1, frame: int64(minute)}
}

func hour(n int) time.Time { return night.Add(time.Duration(n) * time.Hour) }

// site is a house in which device A changes its address at three o'clock, from .10 to .11, and B takes .10 over.
func site() *devices {
	return &devices{label: map[string]string{}, class: map[string]string{"pump": "pump"}, byAddress: map[string][]lease{
		"10.0.0.10": {{"A", hour(0), hour(1)}, {"B", hour(3), hour(9)}},
		"10.0.0.11": {{"A", hour(1), hour(9)}},
		"10.0.0.20": {{"pump", hour(0), hour(9)}},
	}}
}

func TestDeviceOf(t *testing.T) {
	d := site()
	for _, tt := range []struct {
		address string
		at      time.Time
		want    string
	}{
		{"10.0.0.10", hour(0), "A"}, {"10.0.0.10", hour(1), "A"}, {"10.0.0.10", hour(2), "A"}, {"10.0.0.10", hour(3), "B"}, {"10.0.0.10", hour(20), "B"},
		{"10.0.0.10", hour(-1), "A"}, {"10.0.0.11", hour(2), "A"}, {"203.0.113.9", hour(1), "203.0.113.9"},
	} {
		if got := d.of(tt.address, tt.at); got != tt.want {
			t.Errorf("%s at %s is %s, want %s", tt.address, tt.at.Format("15:04"), got, tt.want)
		}
	}
}

func TestCorrelate(t *testing.T) {
	long := at(0, Denial, "x", "y")
	long.until = hour(5)
	info := at(5, Tampering, "x", "y")
	info.level = Informational
	posture := at(5, Exposure, "x", "y")
	posture.rule.Kind = "posture"
	critical := at(0, Tampering, "x", "y")
	critical.level = Critical
	for name, tt := range map[string]struct {
		fs   []*finding
		want string // incident of each finding, - for none
	}{
		"one actor":                     {[]*finding{at(0, Reconnaissance, "x", "y"), at(61, Credentials, "x", "z")}, "1 1"},
		"a longer gap":                  {[]*finding{at(0, Reconnaissance, "x", "y"), at(62, Credentials, "x", "z")}, "- -"},
		"gap counts from the end":       {[]*finding{long, at(350, Credentials, "x", "z")}, "1 1"},
		"exfiltration hours later":      {[]*finding{at(0, Credentials, "x", "y"), at(301, Exfiltration, "x", "z")}, "1 1"},
		"exfiltration too late":         {[]*finding{at(0, Credentials, "x", "y"), at(362, Exfiltration, "x", "z")}, "- -"},
		"late one joins two threads":    {[]*finding{at(0, Credentials, "x", "y"), at(120, Lateral, "x", "y"), at(200, Command, "x", "y")}, "1 1 1"},
		"two actors at one target":      {[]*finding{at(0, Credentials, "x", "y"), at(1, Tampering, "w", "y")}, "- -"},
		"target becomes actor":          {[]*finding{at(0, Credentials, "x", "y"), at(300, Reconnaissance, "y", "z")}, "1 1"},
		"target becomes actor too late": {[]*finding{at(0, Credentials, "x", "y"), at(362, Reconnaissance, "y", "z")}, "- -"},
		"target of a scan acts":         {[]*finding{at(0, Reconnaissance, "x", "y"), at(10, Tampering, "y", "z")}, "- -"},
		"actor becomes target":          {[]*finding{at(0, Tampering, "y", "z"), at(10, Credentials, "x", "y")}, "- -"},
		"chain of three hosts":          {[]*finding{at(0, Credentials, "x", "y"), at(100, Credentials, "y", "z"), at(300, Tampering, "z", "w")}, "1 1 1"},
		"through a change of address":   {[]*finding{at(50, Reconnaissance, "10.0.0.10", "y"), at(70, Credentials, "10.0.0.11", "y")}, "1 1"},
		"address changed hands":         {[]*finding{at(170, Reconnaissance, "10.0.0.10", "y"), at(190, Credentials, "10.0.0.10", "y")}, "- -"},
		"device taken over moves":       {[]*finding{at(50, Credentials, "x", "10.0.0.10"), at(190, Reconnaissance, "10.0.0.11", "z")}, "1 1"},
		"spoofed at one target":         {[]*finding{at(0, Reconnaissance, "", "y"), at(10, Denial, "", "y")}, "1 1"},
		"spoofed at two targets":        {[]*finding{at(0, Reconnaissance, "", "y"), at(10, Denial, "", "z")}, "- -"},
		"nobody and nothing":            {[]*finding{at(0, Reconnaissance, "", ""), at(10, Denial, "", "")}, "- -"},
		"one stage":                     {[]*finding{at(0, Denial, "x", "y"), at(10, Denial, "x", "z")}, "- -"},
		"one critical finding":          {[]*finding{critical}, "1"},
		"informational":                 {[]*finding{at(0, Reconnaissance, "x", "y"), info}, "- -"},
		"posture":                       {[]*finding{at(0, Reconnaissance, "x", "y"), posture}, "- -"},
	} {
		for _, f := range tt.fs {
			f.incident = 0
		}
		correlate(tt.fs, site())
		var got []string
		for _, f := range tt.fs {
			got = append(got, strings.Replace(fmt.Sprint(f.incident), "0", "-", 1))
		}
		if s := strings.Join(got, " "); s != tt.want {
			t.Errorf("%s: %s, want %s", name, s, tt.want)
		}
	}
}

func TestIncident(t *testing.T) {
	fs := []*finding{at(0, Reconnaissance, "a", "y"), at(1, Reconnaissance, "x", "10.0.0.20"), at(3, Reconnaissance, "x", "10.0.0.20"), at(5, Denial, "a", "z"), at(9, Tampering, "x", "10.0.0.20")}
	fs[4].level, fs[4].rule.Weight, fs[4].until = Critical, 5, hour(2)
	got := correlate(fs, site())
	if len(got) != 2 {
		t.Fatalf("%d incidents, want 2", len(got))
	}
	g := got[0] // 8 for the scan, once though found twice; 40 and 5 for what is critical; 20 because a patient hangs on the pump
	if g.score != 8+40+5+patientWeight || g.level != Critical || !g.ts.Equal(fs[1].ts) || !g.until.Equal(hour(2)) || g.title != "x: reconnaissance, tampering" ||
		!reflect.DeepEqual(g.actors, []string{"x"}) || !reflect.DeepEqual(g.targets, []string{"10.0.0.20"}) || len(g.findings) != 3 {
		t.Errorf("%+v", g)
	}
	if got[1].id != 2 || got[1].score != 16 || got[1].level != Medium || !reflect.DeepEqual(got[1].targets, []string{"y", "z"}) {
		t.Errorf("%+v, want the lighter incident second", got[1])
	}
}

// joined is what join is meant to do, said for one pair: a comes before b.
func joined(a, b *finding, d *devices) bool {
	limit := joinGap
	if b.rule.Stage == Exfiltration || b.rule.Stage == Command {
		limit = lateGap
	}
	who := func(f *finding) string {
		switch {
		case f.actor != "":
			return d.of(f.actor, f.ts)
		case f.target != "":
			return "on " + d.of(f.target, f.ts)
		}
		return ""
	}
	if who(a) == "" || who(b) == "" {
		return false
	}
	if who(a) == who(b) {
		return gap(a, b) <= limit
	}
	return a.target != "" && b.actor != "" && a.rule.Stage > Reconnaissance && d.of(a.target, a.ts) == d.of(b.actor, b.ts) && gap(a, b) <= lateGap
}

// TestJoin holds that the fast way of joining gives what comparing all pairs does.
func TestJoin(t *testing.T) {
	rnd := rand.New(rand.NewSource(1))
	hosts := []string{"", "a", "b", "c", "10.0.0.10", "10.0.0.11", "10.0.0.20", "4 hosts"}
	d := site()
	groups := 0
	for round := range 400 {
		var fs []*finding
		for range 2 + rnd.Intn(25) {
			f := at(rnd.Intn(1500), Stage(1+rnd.Intn(int(Exposure))), hosts[rnd.Intn(len(hosts)-1)], hosts[rnd.Intn(len(hosts))])
			f.until = f.ts.Add(time.Duration(rnd.Intn(90)) * time.Minute)
			fs = append(fs, f)
		}
		order(fs)
		slow := make([]int, len(fs))
		for i := range slow {
			slow[i] = i
		}
		for j := range fs {
			for i := range j {
				if x, y := slow[i], slow[j]; x != y && joined(fs[i], fs[j], d) {
					for k := range slow {
						if slow[k] == max(x, y) {
							slow[k] = min(x, y)
						}
					}
				}
			}
		}
		root := join(fs, d)
		for i := range fs {
			if root(i) != slow[i] {
				t.Fatalf("round %d: finding %d is in the group of %d, want %d", round, i, root(i), slow[i])
			}
			if slow[i] != i {
				groups++
			}
		}
	}
	if groups < 1000 {
		t.Fatalf("only %d findings joined another: the test is too thin", groups)
	}
}

// TestManyAttackers holds that an attack of very many sources does not stop the engine.
func TestManyAttackers(t *testing.T) {
	var fs []*finding
	for i := range 60_000 {
		fs = append(fs, at(i/1000, []Stage{Credentials, Denial}[i%2], fmt.Sprint("s", i/2), "y"), at(i/1000, Tampering, "y", fmt.Sprint("t", i)))
	}
	order(fs)
	begin := time.Now()
	got := correlate(fs, site())
	if len(got) != 1 || len(got[0].findings) != 120_000 {
		t.Errorf("%d incidents", len(got))
	}
	if took := time.Since(begin); took > 20*time.Second {
		t.Errorf("120,000 findings took %s", took)
	}
}

func TestSuppress(t *testing.T) {
	fs := []*finding{at(100, Denial, "x", "y"), at(0, Denial, "x", "y"), at(30, Denial, "x", "z"), at(61, Denial, "x", "y"), at(250, Denial, "x", "y")}
	for i, f := range fs {
		f.rule, f.flows = fs[0].rule, []int64{int64(i + 1), 1}
	}
	fs[3].base, fs[3].level = High, High
	got := suppress(fs)
	if len(got) != 3 {
		t.Fatalf("%d findings, want 3: one pair's within an hour of each other are one", len(got))
	}
	f := got[0]
	f.name()
	if f.count != 3 || !f.until.Equal(night.Add(101*time.Minute)) || f.level != High || f.what != "it denial (and 2 more of the kind until 03:41:00)" || !reflect.DeepEqual(f.flows, []int64{1, 2, 4}) {
		t.Errorf("%+v", f)
	}
	if got[1].target != "z" || got[1].what != "it denial" || got[2].count != 1 {
		t.Errorf("%+v, %+v: another target, and the same pair hours later, are findings of their own", got[1], got[2])
	}
	posture := &Rule{Name: "p", Kind: "posture"}
	a, b, c := at(0, Exposure, "x", "y"), at(0, Exposure, "x", "y"), at(1, Exposure, "x", "y")
	for i, f := range []*finding{a, b, c} {
		f.rule, f.flows = posture, []int64{int64(i)}
	}
	if got := suppress([]*finding{a, b, c}); len(got) != 2 || len(got[0].flows) != 2 || got[0].what != "it exposure" {
		t.Errorf("%d posture findings, want 2: those that differ in nothing are one", len(got))
	}
}

func TestName(t *testing.T) {
	id := func(edit func(f *finding)) string {
		f := at(0, Denial, "x", "y")
		edit(f)
		f.name()
		return f.id
	}
	same := id(func(*finding) {})
	if len(same) != 16 {
		t.Errorf("id %q", same)
	}
	for name, edit := range map[string]func(f *finding){
		"raised": func(f *finding) { f.lift("why") }, "in an incident": func(f *finding) { f.incident = 3 }, "other evidence": func(f *finding) { f.flows = []int64{9} },
	} {
		if got := id(edit); got != same {
			t.Errorf("%s: the id changed from %s to %s", name, same, got)
		}
	}
	seen := map[string]string{same: "itself"}
	for name, edit := range map[string]func(f *finding){
		"rule": func(f *finding) { f.rule = &Rule{Name: "other"} }, "ts": func(f *finding) { f.ts = f.ts.Add(1) }, "until": func(f *finding) { f.until = f.until.Add(1) },
		"actor": func(f *finding) { f.actor = "xy"; f.target = "" }, "no actor": func(f *finding) { f.actor = ""; f.target = "xy" }, "file": func(f *finding) { f.file = 2 },
		"frame": func(f *finding) { f.frame = 1 }, "count": func(f *finding) { f.count = 2 }, "what": func(f *finding) { f.what = "w" },
	} {
		got := id(edit)
		if seen[got] != "" {
			t.Errorf("another %s gives the id of %s", name, seen[got])
		}
		seen[got] = name
	}
}

// TestEvidenceCap holds that a finding's flows are few, each once, in order, and that the one that shows it best is always among them.
func TestEvidenceCap(t *testing.T) {
	f := at(0, Denial, "x", "y")
	f.flow = 9_999
	for i := range 3 * 2 * maxFlows {
		f.flows = append(f.flows, int64(i%(2*maxFlows))+1)
	}
	f.name()
	if len(f.flows) != maxFlows || f.flows[0] != 1 || f.flows[maxFlows-1] != f.flow || !sort.SliceIsSorted(f.flows, func(i, j int) bool { return f.flows[i] < f.flows[j] }) {
		t.Errorf("%d flows from %d to %d", len(f.flows), f.flows[0], f.flows[len(f.flows)-1])
	}
	f = at(0, Denial, "x", "y")
	f.flow, f.id = 7<<32|5, "i"
	f.name()
	if got := f.evidence(); len(got) != 1 || !reflect.DeepEqual(got[0][1:], []any{int64(7<<32 | 5), int64(7), int64(5)}) {
		t.Errorf("evidence %v, want the flow with its file and frame", got)
	}
}

func TestRaise(t *testing.T) {
	scan, guess, pump, far, info := at(0, Reconnaissance, "x", "y"), at(30, Credentials, "x", "y"), at(0, Denial, "w", "10.0.0.20"), at(0, Tampering, "x", "z"), at(0, Denial, "v", "10.0.0.20")
	late := at(120, Lateral, "x", "z")
	info.base, info.level = Informational, Informational
	both := at(1, Tampering, "w", "10.0.0.20")
	both.base, both.level = High, High
	raise([]*finding{scan, guess, pump, far, info, late, both}, site())
	for name, tt := range map[string]struct {
		f      *finding
		level  Level
		raised string
	}{
		"scanned and guessed": {scan, High, "also credentials on the same target"},
		"guessed and scanned": {guess, High, "also reconnaissance on the same target"},
		"a pump":              {pump, Critical, "the target is a pump; also tampering on the same target"},
		"no further":          {both, Critical, "the target is a pump"},
		"hours apart":         {far, Medium, ""},
		"informational stays": {info, Informational, ""},
	} {
		if tt.f.level != tt.level || tt.f.raised != tt.raised {
			t.Errorf("%s: %s (%q), want %s (%q)", name, tt.f.level, tt.f.raised, tt.level, tt.raised)
		}
	}
}

func TestUnplug(t *testing.T) {
	for text, ok := range map[string]bool{
		"Ask the ward.": true, "Ask the ward before isolating it.": true, "Isolate it unless it is a clinical device.": true, "Block the domain at the resolver.": true,
		"Isolate it.": false, "Take the device offline.": false, "Shut it down.": false, "Power the pump off.": false, "Pull the cable": false, "Quarantine the host.": false,
	} {
		if err := unplug(text); (err == nil) != ok {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// FuzzHeader holds that no text stops the header's reader, and that a rule it takes is complete.
func FuzzHeader(f *testing.F) {
	f.Add("-- title: a\n-- level: low\n-- kind: attack\n-- stage: denial\n-- attack: T1, T2\n-- needs: flow\n-- benign: b\n--    goes on\n-- response: r\nSELECT 1")
	f.Add("-- title: a\n-- title: b")
	f.Add("--:\n--\n-- a b: c\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		r, err := parseRule("x", text)
		if err == nil && (r.Title == "" || r.Level.String() == "unknown" || r.Stage.String() == "unknown" || r.Response == "" || r.Benign == "" || r.Text != text || len(r.Hash) != 64) {
			t.Errorf("an incomplete rule was taken: %+v", r)
		}
		if err == nil && (r.Weight < 0 || r.Weight > 100) {
			t.Errorf("weight %d", r.Weight)
		}
	})
}

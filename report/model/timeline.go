package model

import (
	"encoding/json"
	"sort"
	"time"
)

// Bins is in how many steps the activity of a timeline is counted.
const Bins = 120

// Timeline is what a drawing of a span of time needs: a lane for each device, with its traffic and its findings.
type Timeline struct {
	From, To time.Time
	Whole    bool // all of the evidence; else a part of it
	Lanes    []*Lane
	Hidden   int // devices with findings that got no lane of their own
	Findings []*Finding
}

// Lane is a device in a timeline. The first is all traffic.
type Lane struct {
	Label     Label
	All       bool
	Other     bool        // stands for devices without a lane of their own
	Activity  [Bins]int64 // thousandths of packets, spread evenly over each conversation
	addresses []string
}

// Lane gives the lane of a label: its index, or -1.
func (t *Timeline) Lane(l Label) int {
	other := -1
	for i, x := range t.Lanes {
		switch {
		case x.Other:
			other = i
		case !x.All && sameDevice(x.Label, l):
			return i
		}
	}
	if l.Class == "" { // a text such as 254 addresses
		return -1
	}
	return other
}

func sameDevice(a, b Label) bool {
	if a.Device != "" || b.Device != "" {
		return a.Device == b.Device
	}
	return a.Address == b.Address
}

// Position is where a moment lies between From and To, from 0 to 1.
func (t *Timeline) Position(at time.Time) float64 {
	d := t.To.Sub(t.From)
	if d <= 0 {
		return 0
	}
	return min(1, max(0, float64(at.Sub(t.From))/float64(d)))
}

// closeUp is how much shorter than the whole an incident must be to get a drawing of its own.
const closeUp = 3

func (r *reader) timeline(c *Case) error {
	e := c.Evidence
	if !r.has("flow") || e.Flows == 0 || e.First.IsZero() {
		return nil
	}
	var all []*Finding
	for _, i := range c.Incidents {
		all = append(all, i.Findings...)
	}
	for _, g := range c.Loose.Groups {
		all = append(all, g.Findings...)
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].TS.Before(all[j].TS) })
	c.Timeline = &Timeline{From: e.First, To: e.Last, Whole: true, Findings: all}
	c.Timeline.lanes(c)
	if err := r.activity(c.Timeline); err != nil {
		return err
	}
	for _, i := range c.Incidents {
		if len(i.Findings) < 2 || i.Until.Sub(i.TS)*closeUp > e.Last.Sub(e.First) && len(c.Incidents) > 1 || i.Until.Sub(i.TS)*3 > 2*e.Last.Sub(e.First) {
			continue
		}
		pad := max(i.Until.Sub(i.TS)/20, time.Second)
		i.Timeline = &Timeline{From: later(i.TS.Add(-pad), e.First), To: earlier(i.Until.Add(pad), e.Last), Findings: i.Findings}
		i.Timeline.lanes(c)
		if err := r.activity(i.Timeline); err != nil {
			return err
		}
	}
	return nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// lanes gives a lane to the devices that findings name: who acted first, in order of time, then who was acted upon.
func (t *Timeline) lanes(c *Case) {
	t.Lanes = []*Lane{{All: true}}
	add := func(l Label) {
		if l.Class == "" || t.Lane(l) >= 0 {
			return
		}
		if len(t.Lanes) > maxLanes {
			t.Hidden++
			return
		}
		lane := &Lane{Label: l, addresses: []string{l.Address}}
		if l.Device != "" {
			lane.addresses = c.names.addresses(l.Device)
		}
		t.Lanes = append(t.Lanes, lane)
	}
	for _, f := range t.Findings {
		add(f.Actor)
	}
	for _, f := range t.Findings {
		add(f.Target)
	}
	if t.Hidden > 0 {
		t.Lanes = append(t.Lanes, &Lane{Other: true})
	}
	if len(t.Findings) == 0 {
		for _, d := range c.Devices[:min(len(c.Devices), maxQuiet)] {
			address := d.IP
			if address == "" {
				address = d.MAC
			}
			add(Label{Device: d.ID, Name: d.Name(), Class: d.Kind(), Address: address})
		}
	}
}

// activity counts the packets of each lane over time. Sums are of integers, so that their order does not matter.
func (r *reader) activity(t *Timeline) error {
	type entry struct {
		Lane    int    `json:"lane"`
		Address string `json:"address"`
	}
	var entries []entry
	for i, l := range t.Lanes {
		for _, a := range l.addresses {
			entries = append(entries, entry{i, a})
		}
	}
	lanes, err := json.Marshal(entries)
	if err != nil || entries == nil {
		lanes = []byte("[]")
	}
	from, width := t.From.UnixNano(), max(1, (t.To.UnixNano()-t.From.UnixNano())/Bins+1)
	return r.each(`WITH lane AS (SELECT l.lane, l.address FROM (SELECT unnest(from_json(?::VARCHAR, '[{"lane":"BIGINT","address":"VARCHAR"}]')) AS l)),
		f AS (SELECT coalesce(src_ip, src_mac) AS a, coalesce(dst_ip, dst_mac) AS b, src_packets + dst_packets AS n,
				(epoch_ns(ts) - ?::BIGINT) // ?::BIGINT AS first, (epoch_ns(until) - ?::BIGINT) // ?::BIGINT AS last
			FROM flow WHERE until >= ts),
		part AS (SELECT a, b, n * 1000 // (last - first + 1) AS n, greatest(first, 0) AS first, least(last, ?::BIGINT) AS last
			FROM f WHERE last >= 0 AND first < ?::BIGINT),
		touch AS (SELECT 0 AS lane, n, first, last FROM part
			UNION ALL SELECT lane.lane, n, first, last FROM part JOIN lane ON lane.address = part.a
			UNION ALL SELECT lane.lane, n, first, last FROM part JOIN lane ON lane.address = part.b WHERE part.a IS DISTINCT FROM part.b),
		whole AS (SELECT lane, first AS bin, last, sum(n) AS n FROM touch GROUP BY ALL)
		SELECT lane, step, sum(n)::BIGINT FROM (SELECT lane, n, unnest(range(bin, last + 1)) AS step FROM whole) GROUP BY ALL ORDER BY ALL`,
		[]any{string(lanes), from, width, from, width, int64(Bins - 1), int64(Bins)}, func(scan scanner) error {
			var lane, step, n int64
			if err := scan(number(&lane), number(&step), number(&n)); err != nil {
				return err
			}
			if lane < int64(len(t.Lanes)) && step >= 0 && step < Bins {
				t.Lanes[lane].Activity[step] = n
			}
			return nil
		})
}

package model

import (
	"fmt"
	"sort"
	"strings"
	"time"
	"unicode"
)

// Device is a host of the site.
type Device struct {
	ID, IP, MAC, Hostname, Vendor, Model, Version, Serial, Class, Role, OS string
	AETitles, Software                                                     []string
	Contradictions                                                         []string
	First, Last                                                            time.Time
	Findings                                                               int64 // attack findings that name it
	Worst                                                                  Level
}

// maxName bounds a name in a sentence.
const maxName = 48

// Name is what it is called: its host name, else maker and model. A device says its name itself: what does not look like a host
// name stands in quotes, so that it cannot pass for a sentence of the report.
func (d *Device) Name() string {
	switch {
	case d.Hostname != "" && strings.IndexFunc(d.Hostname, unusual) < 0:
		return clip(d.Hostname, maxName)
	case d.Hostname != "":
		return "“" + clip(d.Hostname, maxName) + "”"
	case d.Vendor != "" && d.Model != "":
		return "“" + clip(d.Vendor+" "+d.Model, maxName) + "”"
	}
	return ""
}

// unusual tells what does not stand in host names.
func unusual(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' && r != '.' && r != '_'
}

// Kind is its class in words: unknown stays unknown.
func (d *Device) Kind() string {
	if d.Class == "" {
		return "unknown"
	}
	return classWord(d.Class, 1)
}

// Patient tells whether devices of this class hang on patients.
func (d *Device) Patient() bool { return patientConnected[d.Class] }

// ClassCount is how many devices are of a class.
type ClassCount struct {
	Class string
	Count int64
}

// classWords are the classes in the order of a reader's concern, with their plural.
var classWords = []struct{ class, one, many string }{
	{"ventilator", "ventilator", "ventilators"}, {"anaesthesia", "anaesthesia", "anaesthesia"}, {"pump", "pump", "pumps"},
	{"monitor", "monitor", "monitors"}, {"imaging", "imaging", "imaging"}, {"pacs", "PACS", "PACS"}, {"lab", "laboratory", "laboratory"},
	{"interface engine", "interface engine", "interface engines"}, {"server", "server", "servers"}, {"workstation", "workstation", "workstations"},
	{"printer", "printer", "printers"}, {"network", "network", "network"}, {"phone", "phone", "phones"}, {"iot", "IoT", "IoT"},
}

func classWord(class string, n int64) string {
	for _, w := range classWords {
		if w.class != class {
			continue
		}
		if n == 1 {
			return w.one
		}
		return w.many
	}
	return class
}

func classOrder(class string) int {
	for i, w := range classWords {
		if w.class == class {
			return i
		}
	}
	if class == "" {
		return len(classWords) + 1
	}
	return len(classWords)
}

func (r *reader) devices(c *Case) error {
	var all []*Device
	if r.has("device") {
		err := r.each(`SELECT device_id::VARCHAR, ip, mac, hostname, vendor, model, version, serial, class, role, os, ae_titles, software, contradictions, first_ts, last_ts
			FROM device ORDER BY device_id LIMIT ?`, []any{maxNames}, func(scan scanner) error {
			d := &Device{}
			all = append(all, d)
			return scan(text(&d.ID), text(&d.IP), text(&d.MAC), text(&d.Hostname), text(&d.Vendor), text(&d.Model), text(&d.Version), text(&d.Serial), text(&d.Class),
				text(&d.Role), text(&d.OS), list(&d.AETitles), list(&d.Software), list(&d.Contradictions), moment(&d.First), moment(&d.Last))
		})
		if err != nil {
			return err
		}
		if err := r.scan(`SELECT count(*) FROM device`, nil, number(&c.DeviceCount)); err != nil {
			return err
		}
	}
	var err error
	if c.names, err = r.readNames(all); err != nil {
		return err
	}
	if err := r.deviceFindings(c); err != nil {
		return err
	}
	counts := map[string]int64{}
	for _, d := range all {
		counts[d.Class]++
	}
	for class, n := range counts {
		c.Classes = append(c.Classes, ClassCount{class, n})
	}
	sort.Slice(c.Classes, func(i, j int) bool {
		a, b := c.Classes[i].Class, c.Classes[j].Class
		if x, y := classOrder(a), classOrder(b); x != y {
			return x < y
		}
		return a < b
	})
	sort.SliceStable(all, func(i, j int) bool { return before(all[i], all[j]) })
	c.Devices = all[:min(len(all), maxDevices)]
	return nil
}

// before puts devices with findings first, then by class, then by address.
func before(a, b *Device) bool {
	if x, y := a.Worst.Rank(), b.Worst.Rank(); x != y {
		return x > y
	}
	if x, y := classOrder(a.Class), classOrder(b.Class); x != y {
		return x < y
	}
	if x, y := addressOrder(a.IP), addressOrder(b.IP); x != y {
		return x < y
	}
	return a.ID < b.ID
}

// addressOrder makes IPv4 addresses sort as numbers.
func addressOrder(ip string) string {
	parts := strings.Split(ip, ".")
	if len(parts) != 4 {
		return "~" + ip
	}
	for i, p := range parts {
		parts[i] = fmt.Sprintf("%3s", p)
	}
	return strings.Join(parts, ".")
}

// deviceFindings counts the attack findings that name each device.
func (r *reader) deviceFindings(c *Case) error {
	if !r.has("finding") {
		return nil
	}
	return r.each(`SELECT address, min(ts), level, count(DISTINCT finding_id) FROM (
		SELECT actor AS address, ts, level, finding_id FROM finding WHERE kind = 'attack' UNION ALL
		SELECT target, ts, level, finding_id FROM finding WHERE kind = 'attack')
		WHERE address IS NOT NULL GROUP BY address, level ORDER BY ALL`, nil, func(scan scanner) error {
		var address, level string
		var at time.Time
		var n int64
		if err := scan(text(&address), moment(&at), text(&level), number(&n)); err != nil {
			return err
		}
		if d := c.names.device(address, at); d != nil {
			d.Findings += n
			if Level(level).Rank() > d.Worst.Rank() {
				d.Worst = Level(level)
			}
		}
		return nil
	})
}

// DeviceLine is the devices in one line: 14: 2 imaging, 1 PACS, 4 monitors, 1 unknown.
func (c *Case) DeviceLine() string {
	if c.DeviceCount == 0 {
		return "none seen"
	}
	var parts []string
	for _, k := range c.Classes {
		word := classWord(k.Class, k.Count)
		if k.Class == "" {
			word = "unknown"
		}
		parts = append(parts, Count(k.Count)+" "+word)
	}
	return Count(c.DeviceCount) + ": " + strings.Join(parts, ", ")
}

package rules

import (
	"context"
	"database/sql"
	"time"
)

// devices tells which device had an address, so that an incident follows a device and not a lease.
type devices struct {
	byAddress map[string][]lease
	class     map[string]string
	label     map[string]string
}

type lease struct {
	device       string
	since, until time.Time
}

// patientConnected are the classes of devices that a patient hangs on.
var patientConnected = map[string]bool{"monitor": true, "pump": true, "ventilator": true, "anaesthesia": true}

func loadDevices(ctx context.Context, db *sql.DB) (*devices, error) {
	d := &devices{byAddress: map[string][]lease{}, class: map[string]string{}, label: map[string]string{}}
	rows, err := db.QueryContext(ctx, `SELECT device_id::VARCHAR, coalesce(class, ''), coalesce(hostname, model, vendor, '') FROM device ORDER BY 1`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id, class, label string
		if err := rows.Scan(&id, &class, &label); err != nil {
			return nil, err
		}
		d.class[id], d.label[id] = class, label
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	addrs, err := db.QueryContext(ctx, `SELECT device_id::VARCHAR, coalesce(ip, ''), coalesce(mac, ''), since, until FROM device_address ORDER BY since, device_id, ip, mac`)
	if err != nil {
		return nil, err
	}
	defer addrs.Close()
	for addrs.Next() {
		var id, ip, mac string
		var since, until sql.NullTime
		if err := addrs.Scan(&id, &ip, &mac, &since, &until); err != nil {
			return nil, err
		}
		for _, a := range []string{ip, mac} {
			if a != "" {
				d.byAddress[a] = append(d.byAddress[a], lease{id, since.Time, until.Time})
			}
		}
	}
	return d, addrs.Err()
}

// of gives the device that had an address at a time, else the last one before, else the first one after, else the address itself.
func (d *devices) of(address string, at time.Time) string {
	l := d.byAddress[address]
	if len(l) == 0 {
		return address
	}
	last := l[0].device
	for _, x := range l { // in order of since
		if at.Before(x.since) {
			break
		}
		if !at.After(x.until) {
			return x.device
		}
		last = x.device
	}
	return last
}

// together is the time within which two rules about one pair support each other.
const together = 60 * time.Minute

// raise lifts an attack finding one level for each of: the target hangs on a patient; a rule of another stage found the same pair
// within the hour.
func raise(fs []*finding, d *devices) {
	type pair struct{ actor, target string }
	byPair := map[pair][]*finding{}
	for _, f := range fs {
		if f.rule.Kind == "attack" && f.actor != "" && f.target != "" {
			k := pair{d.of(f.actor, f.ts), d.of(f.target, f.ts)}
			byPair[k] = append(byPair[k], f)
		}
	}
	for _, f := range fs {
		if f.rule.Kind != "attack" || f.base == Informational {
			continue
		}
		if c := d.class[d.of(f.target, f.ts)]; patientConnected[c] {
			f.lift("the target is a " + c)
		}
		for _, o := range byPair[pair{d.of(f.actor, f.ts), d.of(f.target, f.ts)}] {
			if o.rule.Stage != f.rule.Stage && gap(f, o) <= together {
				f.lift("also " + o.rule.Stage.String() + " on the same target")
				break
			}
		}
	}
}

func (f *finding) lift(why string) {
	if f.level >= Critical {
		return
	}
	f.level++
	if f.raised != "" {
		f.raised += "; "
	}
	f.raised += why
}

// gap is the time between two findings, 0 if they overlap.
func gap(a, b *finding) time.Duration {
	switch {
	case b.ts.After(a.until):
		return b.ts.Sub(a.until)
	case a.ts.After(b.until):
		return a.ts.Sub(b.until)
	}
	return 0
}

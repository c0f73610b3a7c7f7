package model

import (
	"sort"
	"strings"
	"time"
)

// names tells which device had an address at a time.
type names struct {
	devices map[string]*Device
	leases  map[string][]lease
	outside map[string]bool
}

type lease struct {
	device       *Device
	since, until time.Time
}

// Label names a device in a sentence.
type Label struct {
	Device    string // id of the device; empty if it is none of the site's
	Name      string // empty if it has none
	Class     string // "unknown" if that cannot be said; empty for what is no device
	Address   string
	FirstSeen time.Time
	Patient   bool // of a class that hangs on patients
}

// String names a device as "pump-3 (pump) 10.20.0.43". Unknown stays unknown.
func (l Label) String() string {
	switch {
	case l.Class == "":
		return l.Address
	case l.Name == "":
		return l.Address + " (" + l.Class + ")"
	case l.Address == "":
		return l.Name + " (" + l.Class + ")"
	}
	return l.Name + " (" + l.Class + ") " + l.Address
}

// Short is the name, or the address of what has none.
func (l Label) Short() string {
	if l.Name != "" {
		return l.Name
	}
	return l.Address
}

// Brief is the name, or the address with the class if that is known, without brackets: it stands within some.
func (l Label) Brief() string {
	switch {
	case l.Name != "" || l.Class == "" || l.Class == "unknown":
		return l.Short()
	case l.Class == outsideClass:
		return l.Address + " " + l.Class
	}
	return l.Class + " " + l.Address
}

// outsideClass stands for the class of what is none of the site's devices.
const outsideClass = "outside the site"

// patientConnected are the classes of devices that a patient hangs on.
var patientConnected = map[string]bool{"monitor": true, "pump": true, "ventilator": true, "anaesthesia": true}

// of gives the label of an address at a time. Text that is no address is given back as it is.
func (n *names) of(address string, at time.Time) Label {
	d := n.device(address, at)
	switch {
	case d == nil && n.outside[address]:
		return Label{Address: address, Class: outsideClass}
	case d == nil:
		return Label{Address: address}
	}
	l := Label{Device: d.ID, Name: d.Name(), Class: d.Kind(), Address: address, FirstSeen: d.First, Patient: patientConnected[d.Class]}
	if l.Name == address {
		l.Name = ""
	}
	return l
}

func (n *names) device(address string, at time.Time) *Device {
	l := n.leases[address]
	for i := range l {
		if !at.Before(l[i].since) && !at.After(l[i].until) {
			return l[i].device
		}
	}
	if len(l) > 0 {
		return l[0].device
	}
	return n.devices[address]
}

// Piece is a part of a sentence; Note says who the address is that it is.
type Piece struct{ Text, Note string }

// annotate finds addresses of known devices in a sentence. Each is explained once.
func (n *names) annotate(s string, at time.Time) []Piece {
	var out []Piece
	said := map[string]bool{}
	rest := s
	for rest != "" {
		i := strings.IndexFunc(rest, inAddress)
		if i < 0 {
			break
		}
		end := strings.IndexFunc(rest[i:], func(r rune) bool { return !inAddress(r) })
		if end < 0 {
			end = len(rest) - i
		}
		word := strings.Trim(rest[i:i+end], ".:")
		l := n.of(word, at)
		if note := noteOf(l); note != "" && !said[word] {
			said[word] = true
			at := i + strings.Index(rest[i:i+end], word)
			out = append(out, Piece{Text: rest[:at]}, Piece{Text: word, Note: note})
			rest = rest[at+len(word):]
			continue
		}
		out = append(out, Piece{Text: rest[:i+end]})
		rest = rest[i+end:]
	}
	if rest != "" {
		out = append(out, Piece{Text: rest})
	}
	return joinPlain(out)
}

func noteOf(l Label) string {
	switch {
	case l.Class == "" || l.Name == "" && l.Class == "unknown":
		return ""
	case l.Name == "":
		return l.Class
	case l.Class == "unknown":
		return l.Name
	}
	return l.Name + ", " + l.Class
}

func joinPlain(l []Piece) []Piece {
	var out []Piece
	for _, p := range l {
		if k := len(out) - 1; k >= 0 && p.Note == "" && out[k].Note == "" {
			out[k].Text += p.Text
			continue
		}
		if p.Text != "" {
			out = append(out, p)
		}
	}
	return out
}

func inAddress(r rune) bool {
	return r == '.' || r == ':' || r >= '0' && r <= '9' || r >= 'a' && r <= 'f' || r >= 'A' && r <= 'F'
}

// Annotated puts a sentence together with what its addresses are: tried 15 ports of 10.20.0.43 (pump-3, pump).
func Annotated(pieces []Piece) string {
	var b strings.Builder
	for _, p := range pieces {
		b.WriteString(p.Text)
		if p.Note != "" {
			b.WriteString(" (" + p.Note + ")")
		}
	}
	return b.String()
}

// readNames loads devices and their addresses.
func (r *reader) readNames(devices []*Device) (*names, error) {
	n := &names{devices: map[string]*Device{}, leases: map[string][]lease{}, outside: map[string]bool{}}
	for _, d := range devices {
		n.devices[d.ID] = d
		for _, a := range []string{d.IP, d.MAC} {
			if a != "" && n.devices[a] == nil {
				n.devices[a] = d
			}
		}
	}
	if r.has("device_address") {
		err := r.each(`SELECT device_id::VARCHAR, ip, mac, since, until FROM device_address ORDER BY since, device_id, ip, mac LIMIT ?`, []any{maxNames}, func(scan scanner) error {
			var id, ip, mac string
			var l lease
			if err := scan(text(&id), text(&ip), text(&mac), moment(&l.since), moment(&l.until)); err != nil {
				return err
			}
			if l.device = n.devices[id]; l.device == nil {
				return nil
			}
			for _, a := range []string{ip, mac} {
				if a != "" {
					n.leases[a] = append(n.leases[a], l)
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	if !r.has("flow", "finding") {
		return n, nil
	}
	err := r.each(`SELECT DISTINCT address FROM (
		SELECT dst_ip AS address FROM flow WHERE NOT dst_local UNION ALL SELECT src_ip FROM flow WHERE NOT src_local)
		WHERE address IN (SELECT actor FROM finding UNION SELECT target FROM finding) ORDER BY 1 LIMIT ?`, []any{maxNames}, func(scan scanner) error {
		var a string
		if err := scan(text(&a)); err != nil {
			return err
		}
		n.outside[a] = true
		return nil
	})
	return n, err
}

// addresses gives the addresses of a device, sorted.
func (n *names) addresses(id string) []string {
	seen := map[string]bool{}
	for a, l := range n.leases {
		for i := range l {
			if l[i].device.ID == id {
				seen[a] = true
			}
		}
	}
	if d := n.devices[id]; d != nil {
		seen[d.IP], seen[d.MAC] = true, true
	}
	var out []string
	for a := range seen {
		if a != "" {
			out = append(out, a)
		}
	}
	sort.Strings(out)
	return out
}

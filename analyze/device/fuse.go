package device

import (
	"context"
	"database/sql"
	"fmt"
	"sort"
	"strings"

	"wardtrace/dissect/event"
)

// piece is one piece of evidence about a host.
type piece struct {
	attribute, value, source string
	confidence               int64
}

// Thresholds of confidence.
const (
	minClass    = 35 // a class below stays unknown
	minConflict = 40 // what says otherwise with less is no contradiction
	maxReasons  = 40 // lines kept of what supports a device
)

// Fuse makes devices of the evidence in a case.
func Fuse(ctx context.Context, db *sql.DB) (*event.Batch, error) {
	hs, err := findHosts(ctx, db)
	if err != nil {
		return nil, fmt.Errorf("devices: %w", err)
	}
	if err := hs.identities(ctx, db); err != nil {
		return nil, fmt.Errorf("devices: %w", err)
	}
	if err := hs.behaviour(ctx, db); err != nil {
		return nil, fmt.Errorf("devices: %w", err)
	}
	list := make([]*host, 0, len(hs.byID))
	for _, h := range hs.byID {
		list = append(list, h)
	}
	sort.Slice(list, func(i, j int) bool {
		if list[i].first != list[j].first {
			return list[i].first < list[j].first
		}
		return list[i].id < list[j].id
	})
	out := &event.Batch{}
	for _, h := range list {
		h.hardware()
		Devices.Add(out, h.row())
	}
	hs.addresses(out)
	if hs.left > 0 {
		out.Begin(0, nil)
		event.Anomalies.Emit(out, event.Ref{}, event.Anomaly{Kind: "device_limit", Protocol: "device", Count: hs.left,
			Detail: fmt.Sprintf("addresses that are in no device, since there are more than %d: senders were invented, perhaps", maxHosts)})
	}
	return out, nil
}

// identities hands the rows of identity to the hosts they are about.
func (hs *hosts) identities(ctx context.Context, db *sql.DB) error {
	return each(ctx, db, `SELECT min(ts), coalesce(ip, ''), coalesce(mac, ''), attribute, value, source, max(confidence)
		FROM identity WHERE value IS NOT NULL AND attribute <> 'mac' GROUP BY ip, mac, attribute, value, source ORDER BY 1, 2, 3, 4, 5, 6`,
		func(r *sql.Rows) error {
			var ts stamp
			var ip, mac string
			var p piece
			if err := r.Scan(&ts, &ip, &mac, &p.attribute, &p.value, &p.source, &p.confidence); err != nil {
				return err
			}
			h := hs.byID[mac]
			if h == nil && ip != "" {
				h = hs.at(ip, event.Time(ts))
			}
			if h == nil && ip == "" && mac != "" { // a switch or phone that announces itself and has no address here
				if h = hs.get(mac, mac); h != nil {
					h.seen(event.Time(ts), event.Time(ts))
				}
			}
			if h != nil {
				h.add(p)
			}
			return nil
		})
}

// kinds are classes under the names that standards give them.
var kinds = map[string]string{
	"blood pressure monitor": "wearable", "glucose meter": "wearable", "glucose monitor": "wearable", "heart rate sensor": "wearable",
	"health sensor": "wearable", "pulse oximeter": "wearable", "thermometer": "wearable", "weighing scale": "wearable",
	"insulin pump": "pump", "infusion pump": "pump",
}

func (h *host) add(p piece) {
	switch p.attribute {
	case "class":
		if kind, ok := kinds[p.value]; ok { // what it is exactly stays as a role
			h.add(piece{"role", p.value, p.source, p.confidence})
			p.value = kind
		}
		if strings.HasPrefix(p.value, "modality ") {
			p.value = "imaging"
		}
	case "role":
		p.value = strings.ReplaceAll(p.value, "_", " ")
	}
	k := [3]string{p.attribute, p.value, p.source}
	if i, ok := h.place[k]; ok {
		h.pieces[i].confidence = max(h.pieces[i].confidence, p.confidence)
		return
	}
	if h.count[p.attribute] >= maxPieces {
		h.more++
		return
	}
	if h.place == nil {
		h.place, h.count = map[[3]string]int{}, map[string]int{}
	}
	h.place[k] = len(h.pieces)
	h.count[p.attribute]++
	h.pieces = append(h.pieces, p)
}

// hardware adds what the hardware address says.
func (h *host) hardware() {
	m, ok := makerOf(h.mac)
	if !ok {
		return
	}
	confidence := int64(30) // the maker of a network card is often not the maker of the device
	if m.medical {
		confidence = 60
	}
	h.add(piece{"vendor", m.name, "hardware address", confidence})
}

// best gives the value of an attribute with the most confidence, and the contradictions. Pieces that agree strengthen each
// other as independent witnesses would.
func (h *host) best(attribute string) (value string, confidence int64, against []string) {
	doubt, show := map[string]float64{}, map[string]string{}
	for _, p := range h.pieces {
		if p.attribute != attribute || p.value == "" {
			continue
		}
		k := strings.ToLower(p.value)
		if _, ok := doubt[k]; !ok {
			doubt[k], show[k] = 1, p.value
		}
		show[k] = min(show[k], p.value)
		doubt[k] *= 1 - float64(min(p.confidence, 99))/100
	}
	keys := make([]string, 0, len(doubt))
	for k := range doubt {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool {
		if doubt[keys[i]] != doubt[keys[j]] {
			return doubt[keys[i]] < doubt[keys[j]]
		}
		return keys[i] < keys[j]
	})
	for i, k := range keys {
		c := int64(100 - 100*doubt[k] + 0.5)
		switch {
		case i == 0:
			value, confidence = show[k], c
		case c >= minConflict && !strings.Contains(k, keys[0]) && !strings.Contains(keys[0], k):
			against = append(against, fmt.Sprintf("%s: also %s (%d)", attribute, show[k], c))
		}
	}
	return value, confidence, against
}

func (h *host) row() Device {
	d := Device{DeviceID: h.id, IP: h.mostUsed(), MAC: h.mac, FirstTS: h.first, LastTS: h.last}
	for _, a := range []struct {
		attribute string
		field     *string
		least     int64
	}{{"hostname", &d.Hostname, 1}, {"vendor", &d.Vendor, 1}, {"model", &d.Model, 1}, {"version", &d.Version, 1},
		{"serial", &d.Serial, 1}, {"os", &d.OS, 1}, {"class", &d.Class, minClass}} {
		value, confidence, against := h.best(a.attribute)
		if confidence >= a.least {
			*a.field = value
			d.Contradictions = append(d.Contradictions, against...)
		}
	}
	d.Role = strings.Join(h.all("role"), ", ")
	d.AETitles, d.Software = h.all("ae_title"), h.all("software")
	sort.SliceStable(h.pieces, func(i, j int) bool {
		a, b := h.pieces[i], h.pieces[j]
		if a.attribute != b.attribute {
			return a.attribute < b.attribute
		}
		if a.confidence != b.confidence {
			return a.confidence > b.confidence
		}
		return a.value+a.source < b.value+b.source
	})
	for i, p := range h.pieces {
		if i == maxReasons {
			d.Reasons = append(d.Reasons, fmt.Sprintf("and %d more", len(h.pieces)-i+h.more))
			break
		}
		d.Reasons = append(d.Reasons, fmt.Sprintf("%s: %s (%s, %d)", p.attribute, p.value, p.source, p.confidence))
	}
	return d
}

// all gives every value of an attribute, sorted.
func (h *host) all(attribute string) []string {
	var out []string
	for _, p := range h.pieces {
		if p.attribute == attribute {
			out = append(out, p.value)
		}
	}
	sort.Strings(out)
	uniq := out[:0]
	for i, v := range out {
		if i == 0 || v != out[i-1] {
			uniq = append(uniq, v)
		}
	}
	return uniq[:min(len(uniq), maxReasons)]
}

func (h *host) mostUsed() string {
	best, most := "", int64(-1)
	for ip, n := range h.ips {
		v4 := !strings.Contains(ip, ":")
		if b4 := !strings.Contains(best, ":"); best == "" || (v4 && !b4) || (v4 == b4 && (n > most || n == most && ip < best)) {
			best, most = ip, n
		}
	}
	return best
}

// addresses writes who had which address, and when.
func (hs *hosts) addresses(out *event.Batch) {
	ips := make([]string, 0, len(hs.leases))
	for ip := range hs.leases {
		ips = append(ips, ip)
	}
	sort.Strings(ips)
	for _, ip := range ips {
		for _, l := range hs.leases[ip] {
			Addresses.Add(out, Address{DeviceID: l.h.id, IP: ip, MAC: l.h.mac, Since: l.since, Until: l.until})
		}
	}
}

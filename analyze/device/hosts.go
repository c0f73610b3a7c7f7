package device

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"wardtrace/dissect/event"
)

// maxPerMAC is how many local addresses a host may use before its frames look like a router's.
const maxPerMAC = 4

// Caps. A flood with invented senders must not become a million devices, nor a scanner with a new name each time a million reasons.
const (
	maxHosts  = 50_000 // devices; those that claim addresses go first, then those that sent most
	maxPieces = 200    // pieces of evidence of one attribute of one device; the first seen go first
)

// host is a device in the making.
type host struct {
	id      string
	mac     string
	ips     map[string]int64 // packets sent by address
	first   event.Time
	last    event.Time
	router  bool
	outside bool // forwards for addresses outside
	pieces  []piece
	place   map[[3]string]int // of a piece in pieces, by attribute, value and source
	count   map[string]int    // pieces by attribute
	more    int               // pieces that were not kept
}

// lease is a time in which a host had an address.
type lease struct {
	h            *host
	ip           string
	since, until event.Time
}

// hosts finds the devices and their addresses.
type hosts struct {
	byID   map[string]*host
	leases map[string][]*lease     // by IP, in order of time
	held   map[holding]*lease      // the same, by who holds it
	until  map[string][]event.Time // by IP, of each lease the latest end of it and those before: times are found in them
	left   int64                   // addresses left out when there were too many devices
}

// holding names a lease: a host has one of an address.
type holding struct{ ip, id string }

func newHosts() *hosts {
	return &hosts{byID: map[string]*host{}, leases: map[string][]*lease{}, held: map[holding]*lease{}, until: map[string][]event.Time{}}
}

// get gives a device, a new one if need be; nil when there are too many.
func (hs *hosts) get(id, mac string) *host {
	h := hs.byID[id]
	if h == nil {
		if len(hs.byID) >= maxHosts {
			hs.left++
			return nil
		}
		h = &host{id: id, mac: mac, ips: map[string]int64{}}
		hs.byID[id] = h
	}
	return h
}

func (h *host) seen(first, last event.Time) {
	if first != 0 && (h.first == 0 || first < h.first) { // 0 is unknown
		h.first = first
	}
	h.last = max(h.last, last)
}

// hold notes that a host had an address.
func (hs *hosts) hold(h *host, ip string, since, until event.Time) {
	h.ips[ip] += 0 // known, even if no packet of its own is in the capture
	k := holding{ip, h.id}
	if l := hs.held[k]; l != nil {
		if since != 0 && (l.since == 0 || since < l.since) { // 0 is unknown
			l.since = since
		}
		l.until = max(l.until, until)
		return
	}
	l := &lease{h, ip, since, until}
	hs.held[k] = l
	hs.leases[ip] = append(hs.leases[ip], l)
}

// order sorts the leases of each address, after which at may be asked.
func (hs *hosts) order() {
	for ip, l := range hs.leases {
		sort.SliceStable(l, func(i, j int) bool { return l[i].since < l[j].since })
		latest := make([]event.Time, len(l))
		for i, x := range l {
			if latest[i] = x.until; i > 0 {
				latest[i] = max(x.until, latest[i-1])
			}
		}
		hs.until[ip] = latest
	}
}

// at gives the host that had an address at a time; where several claim it, the first who did; where none did, the last one before, else
// the first one after. A flood claims one address for every host there is, so the leases are searched by halves.
func (hs *hosts) at(ip string, t event.Time) *host {
	l := hs.leases[ip]
	if len(l) == 0 {
		return nil
	}
	begun := sort.Search(len(l), func(i int) bool { return l[i].since > t })
	if begun == 0 {
		return l[0].h
	}
	latest := hs.until[ip][:begun]
	if i := sort.Search(begun, func(i int) bool { return latest[i] >= t }); i < begun {
		return l[i].h
	}
	return l[begun-1].h
}

// disown takes from forgers what they claim of others. Who has an IPv4 address that nobody disputes, and claims another one at the same time as a
// host that has no other, is a forger, or a router that answers for it; either way the address is the other's.
func (hs *hosts) disown() {
	own, disputes := map[*host]bool{}, map[string]map[*lease]bool{}
	for ip, l := range hs.leases {
		d := disputed(l, func(*lease) bool { return true })
		for _, x := range l {
			own[x.h] = own[x.h] || (!d[x] && !strings.Contains(x.ip, ":"))
		}
		disputes[ip] = d
	}
	for ip, l := range hs.leases {
		if len(l) < 2 || strings.Contains(ip, ":") {
			continue
		}
		forged := disputed(l, func(x *lease) bool { return !own[x.h] && disputes[ip][x] }) // by one who has nothing else
		kept := make([]*lease, 0, len(l))
		for _, x := range l {
			if own[x.h] && forged[x] {
				delete(x.h.ips, ip)
				delete(hs.held, holding{ip, x.h.id})
				continue
			}
			kept = append(kept, x)
		}
		hs.leases[ip] = kept
	}
}

// disputed gives those leases of an address that another host among some had at the same time. Each host has one lease of an address.
func disputed(l []*lease, among func(*lease) bool) map[*lease]bool {
	if len(l) < 2 {
		return nil
	}
	out := map[*lease]bool{}
	byStart := slices.Clone(l)
	slices.SortStableFunc(byStart, func(a, b *lease) int { return cmp.Compare(a.since, b.since) })
	latest, any := event.Time(0), false // the end of those that began before
	for _, x := range byStart {
		out[x] = any && latest >= x.since
		if among(x) {
			latest, any = max(latest, x.until), true
		}
	}
	for i, next := len(byStart)-1, (*lease)(nil); i >= 0; i-- { // the first that begins after
		x := byStart[i]
		out[x] = out[x] || next != nil && next.since <= x.until
		if among(x) {
			next = x
		}
	}
	return out
}

// senders are the local addresses that sent packets, with the hardware address their frames had.
const senders = `
	SELECT ip, coalesce(mac, ''), min(ts), max(until), sum(packets)::BIGINT FROM (
		SELECT src_ip AS ip, src_mac AS mac, ts, until, src_packets AS packets FROM flow WHERE src_local AND src_packets > 0
		UNION ALL
		SELECT dst_ip, dst_mac, ts, until, dst_packets FROM flow WHERE dst_local AND dst_packets > 0)
	WHERE ip IS NOT NULL AND ip NOT IN ('0.0.0.0', '::') GROUP BY ALL ORDER BY 5 DESC, 1, 2`

// claims are hardware addresses that ARP, neighbour discovery or DHCP tie to addresses.
const claims = `
	SELECT ip, mac, min(ts), max(ts) FROM (
		SELECT ip, mac, ts FROM identity WHERE attribute = 'mac' AND confidence >= 50
		UNION ALL SELECT ip, value, ts FROM identity WHERE attribute = 'mac' AND mac IS NULL AND confidence >= 50
		UNION ALL SELECT ip, mac, ts FROM identity WHERE mac IS NOT NULL AND (source LIKE 'lldp.%' OR source LIKE 'cdp.%')
		UNION ALL SELECT src_ip, src_mac, ts FROM arp WHERE NOT probe
		UNION ALL SELECT src_ip, src_mac, until FROM arp WHERE NOT probe AND until IS NOT NULL)
	WHERE ip IS NOT NULL AND mac IS NOT NULL AND ip NOT IN ('0.0.0.0', '::')
		AND mac NOT IN ('00:00:00:00:00:00', 'ff:ff:ff:ff:ff:ff') GROUP BY ALL ORDER BY 3, 1, 2`

// routers are hardware addresses whose frames carry outside addresses, or many local ones.
const routers = `
	SELECT mac, max(outside), count(DISTINCT ip) FILTER (WHERE NOT outside) FROM (
		SELECT src_mac AS mac, src_ip AS ip, NOT src_local AS outside FROM flow WHERE src_packets > 0
		UNION ALL SELECT dst_mac, dst_ip, NOT dst_local FROM flow WHERE dst_packets > 0)
	WHERE mac IS NOT NULL AND ip IS NOT NULL AND ip NOT LIKE '%:%' GROUP BY mac ORDER BY mac`

func findHosts(ctx context.Context, db *sql.DB) (*hosts, error) {
	hs := newHosts()
	forwards, outside := map[string]bool{}, map[string]bool{}
	err := each(ctx, db, routers, func(r *sql.Rows) error {
		var mac string
		var out bool
		var n int
		if err := r.Scan(&mac, &out, &n); err != nil {
			return err
		}
		forwards[mac], outside[mac] = out || n > maxPerMAC, out
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = each(ctx, db, claims, func(r *sql.Rows) error {
		var ip, mac string
		var since, until stamp
		if err := r.Scan(&ip, &mac, &since, &until); err != nil {
			return err
		}
		if h := hs.get(mac, mac); h != nil {
			h.seen(event.Time(since), event.Time(until))
			hs.hold(h, ip, event.Time(since), event.Time(until))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	hs.disown()
	err = each(ctx, db, senders, func(r *sql.Rows) error {
		var ip, mac string
		var first, last stamp
		var packets int64
		if err := r.Scan(&ip, &mac, &first, &last, &packets); err != nil {
			return err
		}
		hs.sender(ip, mac, event.Time(first), event.Time(last), packets, forwards[mac])
		return nil
	})
	for mac := range outside {
		if h := hs.byID[mac]; h != nil {
			h.router, h.outside = forwards[mac], outside[mac]
		}
	}
	hs.order()
	return hs, err
}

// sender ties an address that sent packets to a device: by who claims it, else by its frames, else to itself.
func (hs *hosts) sender(ip, mac string, first, last event.Time, packets int64, forwarded bool) {
	var h *host
	holder := mac
	if mac == "" {
		holder = ip // known by its address alone
	}
	l := hs.held[holding{ip, holder}]
	switch {
	case l != nil:
		h = l.h
		l.since, l.until = min(l.since, first), max(l.until, last)
	case len(hs.leases[ip]) > 0: // frames of a router or of a forger: the address is who claims it
		h = hs.leases[ip][0].h
	case mac != "" && !forwarded:
		if h = hs.get(mac, mac); h != nil {
			hs.hold(h, ip, first, last)
		}
	default:
		if h = hs.get(ip, ""); h != nil {
			hs.hold(h, ip, first, last)
		}
	}
	if h == nil {
		return
	}
	h.ips[ip] += packets
	h.seen(first, last)
}

// stamp reads a time from a query; 0 is unknown, as of packets that a capture gives without their time.
type stamp event.Time

func (s *stamp) Scan(v any) error {
	switch t := v.(type) {
	case nil:
		*s = 0
	case time.Time:
		*s = stamp(t.UnixNano())
	default:
		return fmt.Errorf("%T where a time belongs", v)
	}
	return nil
}

// each runs a query and hands every row to f.
func each(ctx context.Context, db *sql.DB, query string, f func(*sql.Rows) error) error {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

package device

import (
	"context"
	"database/sql"
	"fmt"
	"sort"
	"time"

	"wardtrace/dissect/event"
)

// maxPerMAC is how many local addresses a host may use before its frames look like a router's.
const maxPerMAC = 4

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
	leases map[string][]*lease // by IP, in order of time
}

func (hs *hosts) get(id, mac string) *host {
	h := hs.byID[id]
	if h == nil {
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
	for _, l := range hs.leases[ip] {
		if l.h == h {
			if since != 0 && (l.since == 0 || since < l.since) { // 0 is unknown
				l.since = since
			}
			l.until = max(l.until, until)
			return
		}
	}
	hs.leases[ip] = append(hs.leases[ip], &lease{h, ip, since, until})
}

// at gives the host that had an address at a time; where several claim it, the first who did.
func (hs *hosts) at(ip string, t event.Time) *host {
	l := hs.leases[ip]
	for _, x := range l {
		if t >= x.since && t <= x.until {
			return x.h
		}
	}
	if len(l) > 0 {
		return l[0].h
	}
	return nil
}

// senders are the local addresses that sent packets, with the hardware address their frames had.
const senders = `
	SELECT ip, coalesce(mac, ''), min(ts), max(until), sum(packets)::BIGINT FROM (
		SELECT src_ip AS ip, src_mac AS mac, ts, until, src_packets AS packets FROM flow WHERE src_local AND src_packets > 0
		UNION ALL
		SELECT dst_ip, dst_mac, ts, until, dst_packets FROM flow WHERE dst_local AND dst_packets > 0)
	WHERE ip IS NOT NULL AND ip NOT IN ('0.0.0.0', '::') GROUP BY ALL ORDER BY 1, 2`

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
	hs := &hosts{byID: map[string]*host{}, leases: map[string][]*lease{}}
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
		h := hs.get(mac, mac)
		h.seen(event.Time(since), event.Time(until))
		hs.hold(h, ip, event.Time(since), event.Time(until))
		return nil
	})
	if err != nil {
		return nil, err
	}
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
	for _, l := range hs.leases {
		sort.SliceStable(l, func(i, j int) bool { return l[i].since < l[j].since })
	}
	return hs, err
}

// sender ties an address that sent packets to a device: by who claims it, else by its frames, else to itself.
func (hs *hosts) sender(ip, mac string, first, last event.Time, packets int64, forwarded bool) {
	var h *host
	for _, l := range hs.leases[ip] {
		if l.h.mac == mac {
			h = l.h
			l.since, l.until = min(l.since, first), max(l.until, last)
		}
	}
	switch {
	case h != nil:
	case len(hs.leases[ip]) > 0: // frames of a router or of a forger: the address is who claims it
		h = hs.leases[ip][0].h
	case mac != "" && !forwarded:
		h = hs.get(mac, mac)
		hs.hold(h, ip, first, last)
	default:
		h = hs.get(ip, "")
		hs.hold(h, ip, first, last)
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

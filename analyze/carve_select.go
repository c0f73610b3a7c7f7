package analyze

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"wardtrace/analyze/carve"
	"wardtrace/dissect/event"
)

// carving is one reading of a case's captures for packets of it. Outputs are numbered as in sel.
type carving struct {
	db       *sql.DB
	manifest *Manifest
	run      Options
	sel      *carve.Selection
	outs     []*carveOut
	head     carve.Section
	progress Progress

	files      []span   // all captures of the case, copies left out
	flows      []span   // conversations that are wanted
	alone      []span   // single packets that are wanted
	everything bool     // read all captures
	unresolved []uint64 // packets, as file << 32 | frame, whose conversations are wanted and not known
	asked      []string
	read       []source
}

// span is a time in which something lies: a capture, or a conversation from its first packet on.
type span struct {
	file        uint32 // the capture, or that of the first packet
	id          uint64 // of a conversation
	packets     int64
	first, last event.Time
}

func readSpans(ctx context.Context, db *sql.DB) ([]span, error) {
	return spans(ctx, db, `SELECT file, 0, packets, coalesce(epoch_ns(first_ts), 0), coalesce(epoch_ns(last_ts), 0) FROM capture_file
		WHERE copy_of IS NULL AND packets > 0 ORDER BY file`)
}

func spans(ctx context.Context, db *sql.DB, query string, args ...any) (out []span, err error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var s span
		if err := rows.Scan(&s.file, &s.id, &s.packets, &s.first, &s.last); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

// column1 gives the one column of a query.
func column1[T any](ctx context.Context, db *sql.DB, query string, args ...any) (out []T, err error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var v T
		if err := rows.Scan(&v); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

// list passes values to SQL as one text; unlist reads it there.
func list[T any](v []T) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // strings and numbers
	}
	return string(text)
}

const (
	unlistIDs  = `(SELECT unnest(from_json(?::VARCHAR, '["UBIGINT"]')))`
	unlistText = `(SELECT unnest(from_json(?::VARCHAR, '["VARCHAR"]')))`
)

// unlistAs does so with a name for the column.
func unlistAs(name string) string {
	return `(SELECT unnest(from_json(?::VARCHAR, '["VARCHAR"]')) AS ` + name + `)`
}

// choose finds in the case what the options ask for.
func (c *carving) choose(ctx context.Context, opt *CarveOptions) error {
	var findings []string
	var flows []uint64
	for _, step := range []func() error{
		func() (err error) { findings, err = c.findings(ctx, opt); return err },
		func() error { return add(&flows)(c.named(ctx, opt.Flows)) },
		func() error { return add(&flows)(c.devices(ctx, opt.Devices)) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	if err := c.patients(ctx, opt, &flows); err != nil {
		return err
	}
	if err := c.query(ctx, opt, &flows); err != nil {
		return err
	}
	if opt.Evidence {
		if err := c.rowsOf(ctx, flows); err != nil {
			return err
		}
		flows = nil
	}
	if err := c.evidence(ctx, findings, opt.Evidence, &flows, 0); err != nil {
		return err
	}
	if err := c.want(ctx, flows, 0); err != nil {
		return err
	}
	if opt.Context {
		if err := c.context(ctx); err != nil {
			return err
		}
	}
	if !opt.selects() {
		c.sel.Window = true
	}
	if opt.From != 0 || opt.To != 0 {
		c.asked = append(c.asked, fmt.Sprintf("from %s to %s", orOpen(opt.From), orOpen(opt.To)))
	}
	if c.sel.Empty() && len(c.unresolved) == 0 {
		if len(findings) > 0 {
			return usage("%s: no packet shows it; it is about the capture as a whole, or about what is missing from it", c.what())
		}
		return usage("no packet of the case belongs to what was asked for: %s", c.what())
	}
	return c.explain(ctx)
}

func orOpen(t event.Time) string {
	if t == 0 {
		return "open"
	}
	return stamp(t)
}

func add(to *[]uint64) func([]uint64, error) error {
	return func(ids []uint64, err error) error {
		*to = append(*to, ids...)
		return err
	}
}

// findings gives the identifiers of the findings that are asked for.
func (c *carving) findings(ctx context.Context, opt *CarveOptions) (out []string, err error) {
	for _, prefix := range opt.Findings {
		ids, err := column1[string](ctx, c.db, "SELECT DISTINCT finding_id FROM finding WHERE starts_with(finding_id, ?) ORDER BY 1 LIMIT 3", strings.ToLower(prefix))
		switch {
		case err != nil:
			return nil, err
		case len(ids) == 0 || prefix == "":
			return nil, usage("no finding's id begins with %q; wardtrace query CASE 'SELECT finding_id, title FROM finding' lists them", prefix)
		case len(ids) > 1:
			return nil, usage("several findings' ids begin with %q: %s", prefix, strings.Join(ids, ", "))
		}
		c.asked = append(c.asked, "finding "+ids[0])
		out = append(out, ids[0])
	}
	for _, n := range opt.Incidents {
		ids, err := column1[string](ctx, c.db, "SELECT DISTINCT finding_id FROM finding WHERE incident_id = ? ORDER BY 1", n)
		if err != nil {
			return nil, err
		}
		if len(ids) == 0 {
			return nil, usage("the case has no incident %d", n)
		}
		c.asked = append(c.asked, fmt.Sprintf("incident %d", n))
		out = append(out, ids...)
	}
	return out, nil
}

// named gives the conversations that are named by number or community id.
func (c *carving) named(ctx context.Context, names []string) (out []uint64, err error) {
	for _, name := range names {
		where, arg := "community_id = ?", any(name)
		if id, err := strconv.ParseUint(name, 10, 64); err == nil {
			where, arg = "flow_id = ?", id
		}
		ids, err := column1[uint64](ctx, c.db, "SELECT flow_id FROM flow WHERE "+where+" ORDER BY 1", arg)
		if err != nil {
			return nil, err
		}
		if len(ids) == 0 {
			return nil, usage("the case has no flow %q, neither as flow_id nor as community_id", name)
		}
		c.asked = append(c.asked, "flow "+name)
		out = append(out, ids...)
	}
	return out, nil
}

// devices gives the conversations of devices: of an address, or of whatever had a hardware address, at its addresses and their times, and
// by the hardware address where there is no IP.
func (c *carving) devices(ctx context.Context, names []string) (out []uint64, err error) {
	for _, name := range names {
		var ids []uint64
		if a, bad := netip.ParseAddr(name); bad == nil {
			ids, err = column1[uint64](ctx, c.db, "SELECT flow_id FROM flow WHERE ? IN (src_ip, dst_ip) ORDER BY 1", a.Unmap().String())
		} else {
			ids, err = column1[uint64](ctx, c.db, `WITH a AS (SELECT * FROM device_address WHERE lower(device_id) = ? OR lower(mac) = ?)
				SELECT DISTINCT flow_id FROM (
					SELECT f.flow_id FROM flow f JOIN a ON a.ip = f.src_ip AND f.ts <= a.until AND f.until >= a.since
					UNION ALL SELECT f.flow_id FROM flow f JOIN a ON a.ip = f.dst_ip AND f.ts <= a.until AND f.until >= a.since
					UNION ALL SELECT flow_id FROM flow WHERE src_ip IS NULL AND (lower(src_mac) = ? OR lower(dst_mac) = ?)) ORDER BY 1`,
				strings.ToLower(name), strings.ToLower(name), strings.ToLower(name), strings.ToLower(name))
		}
		if err != nil {
			return nil, err
		}
		if len(ids) == 0 {
			return nil, usage("no conversation of the case is one of device %q; name it by its id in the table device, its IP or its hardware address", name)
		}
		c.asked = append(c.asked, "device "+name)
		out = append(out, ids...)
	}
	return out, nil
}

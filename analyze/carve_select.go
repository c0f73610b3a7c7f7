package analyze

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/netip"
	"regexp"
	"sort"
	"strconv"
	"strings"

	"wardtrace/analyze/carve"
	"wardtrace/analyze/store"
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

var pseudonym = regexp.MustCompile(`^(id|name|birth|contact):[0-9a-f]{16}$`)

// patients adds the conversations in which patients are named, or with Evidence the packets that name them.
func (c *carving) patients(ctx context.Context, opt *CarveOptions, flows *[]uint64) error {
	if len(opt.Patients) == 0 {
		return nil
	}
	find, err := c.finder(ctx, opt)
	if err != nil {
		return err
	}
	for i, who := range opt.Patients {
		rows, label, err := find(who)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return usage("patient %d of those named is nowhere in the case: neither as an identifier nor as a name", i+1)
		}
		c.asked = append(c.asked, "patient "+label)
		opt.label(who, label)
		for _, s := range rows {
			if opt.Evidence || s.id == 0 {
				c.frame(s.file, uint32(s.packets), 0)
				continue
			}
			*flows = append(*flows, s.id)
		}
	}
	return nil
}

// finder gives what finds the rows that name a patient, and how the log names that patient. A row's frame stands in packets.
func (c *carving) finder(ctx context.Context, opt *CarveOptions) (func(who string) ([]span, string, error), error) {
	var kind, print string
	err := c.db.QueryRowContext(ctx, `SELECT coalesce(max(value) FILTER (key = 'phi'), ''), coalesce(max(value) FILTER (key = 'phi_key'), '')
		FROM case_info`).Scan(&kind, &print)
	if err != nil {
		return nil, err
	}
	var vault *store.Vault
	path := (&Options{Case: opt.Case, PHIKey: opt.PHIKey}).keyPath()
	key, err := readKey(path)
	if err != nil {
		return nil, err
	}
	if key != nil {
		if vault, err = store.NewVault(key, false); err != nil {
			return nil, err
		}
		if vault.Fingerprint() != print {
			return nil, usage("%s is not the key of this case (its fingerprint is %s, the case's %s); name the key with --phi-key", path, vault.Fingerprint(), print)
		}
	}
	return func(who string) ([]span, string, error) {
		switch {
		case kind == "clear":
			rows, err := c.spelled(ctx, who)
			return rows, "in clear", err
		case pseudonym.MatchString(who):
			rows, err := c.naming(ctx, []string{who})
			return rows, who, err
		case vault == nil:
			return nil, "", usage("%s, the key that turns a patient's name or identifier into a pseudonym, is not there; name it with --phi-key, or give the pseudonym", path)
		}
		id, name := vault.Protect(event.PHIID, who), vault.Protect(event.PHIName, who)
		rows, err := c.naming(ctx, []string{id, name})
		return rows, id + " or " + name, err
	}, nil
}

// naming gives the rows that hold one of the values as a patient's identifier or name.
func (c *carving) naming(ctx context.Context, values []string) (out []span, err error) {
	for _, t := range Tables() {
		if !placed(t) {
			continue
		}
		var in []string
		for _, col := range t.Columns {
			if col.PHI == event.PHIID || col.PHI == event.PHIName || col.PHI == event.PHIBirth || col.PHI == event.PHIContact {
				in = append(in, `"`+col.Name+`" IN `+unlistText)
			}
		}
		if len(in) == 0 {
			continue
		}
		args := make([]any, len(in))
		for i := range args {
			args[i] = list(values)
		}
		rows, err := spans(ctx, c.db, `SELECT DISTINCT file, flow_id, frame, 0, 0 FROM "`+t.Name+`" WHERE `+strings.Join(in, " OR ")+" ORDER BY ALL", args...)
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
	}
	return out, nil
}

// spelled does so in a case that keeps patient data in clear, for all spellings that mean the same.
func (c *carving) spelled(ctx context.Context, who string) ([]span, error) {
	same := map[string]bool{}
	for _, t := range Tables() {
		for _, col := range t.Columns {
			if !placed(t) || col.PHI != event.PHIID && col.PHI != event.PHIName {
				continue
			}
			seen, err := column1[string](ctx, c.db, fmt.Sprintf(`SELECT DISTINCT "%s" FROM "%s" WHERE "%s" <> ''`, col.Name, t.Name, col.Name))
			if err != nil {
				return nil, err
			}
			for _, v := range seen {
				if store.Normalise(col.PHI, v) == store.Normalise(col.PHI, who) {
					same[v] = true
				}
			}
		}
	}
	var values []string
	for v := range same {
		values = append(values, v)
	}
	sort.Strings(values)
	return c.naming(ctx, values)
}

// placed tells whether a table's rows name their packet.
func placed(t *event.Table) bool {
	n := 0
	for _, c := range t.Columns {
		if c.Name == "flow_id" || c.Name == "file" || c.Name == "frame" {
			n++
		}
	}
	return n == 3
}

// query adds the packets that a user's SQL names, or their conversations.
func (c *carving) query(ctx context.Context, opt *CarveOptions, flows *[]uint64) error {
	if opt.SQL == "" {
		return nil
	}
	if opt.Harmless != nil {
		if err := opt.Harmless(ctx, c.db, opt.SQL); err != nil {
			return usage("the SQL is refused: %v", err)
		}
	}
	rows, err := c.db.QueryContext(ctx, opt.SQL)
	if err != nil {
		return usage("the SQL is not right: %v", err)
	}
	defer rows.Close()
	cols, err := rows.Columns()
	if err != nil {
		return err
	}
	var file, number, flow sql.NullInt64
	dest, have := make([]any, len(cols)), 0
	for i, name := range cols {
		dest[i] = new(any)
		for j, v := range []struct {
			name string
			to   *sql.NullInt64
		}{{"file", &file}, {"frame", &number}, {"flow_id", &flow}} {
			if strings.EqualFold(name, v.name) {
				dest[i] = v.to
				have |= 1 << j
			}
		}
	}
	if have&3 != 3 {
		return usage("the SQL must give the columns file and frame; it gives %s", strings.Join(cols, ", "))
	}
	c.asked = append(c.asked, "SQL "+opt.SQL)
	for n := 0; rows.Next(); n++ {
		if err := rows.Scan(dest...); err != nil {
			return usage("the SQL must give numbers as file and frame: %v", err)
		}
		if n >= maxCarveFrames {
			return usage("the SQL names more than %d packets; ask for less, or for whole flows", maxCarveFrames)
		}
		switch {
		case !file.Valid || !number.Valid:
		case opt.Evidence:
			c.frame(uint32(file.Int64), uint32(number.Int64), 0)
		case flow.Valid && flow.Int64 > 0:
			*flows = append(*flows, uint64(flow.Int64))
		default:
			c.frame(uint32(file.Int64), uint32(number.Int64), 0)
			c.unresolved = append(c.unresolved, uint64(file.Int64)<<32|uint64(uint32(number.Int64)))
		}
	}
	if err := rows.Err(); err != nil {
		return usage("the SQL failed: %v", err)
	}
	return nil
}

// frame wants one packet for an output.
func (c *carving) frame(file, number uint32, out int) {
	c.sel.Frame(file, number, out)
	c.alone = append(c.alone, span{file: file, packets: int64(number)})
}

// rowsOf wants the packets that rows of conversations name.
func (c *carving) rowsOf(ctx context.Context, flows []uint64) error {
	if len(flows) == 0 {
		return nil
	}
	rows, err := spans(ctx, c.db, "SELECT DISTINCT file, 0, frame, 0, 0 FROM ("+everyRow()+") WHERE flow_id IN "+unlistIDs+" AND frame > 0 ORDER BY ALL", list(flows))
	for _, s := range rows {
		c.frame(s.file, uint32(s.packets), 0)
	}
	return err
}

// everyRow selects file, frame and flow_id of all rows that name a packet.
func everyRow() string {
	var parts []string
	for _, t := range Tables() {
		if placed(t) {
			parts = append(parts, `SELECT file, frame, flow_id FROM "`+t.Name+`"`)
		}
	}
	return strings.Join(parts, " UNION ALL ")
}

// evidence adds the conversations behind findings, or wants the packets that they name for an output.
func (c *carving) evidence(ctx context.Context, findings []string, alone bool, flows *[]uint64, out int) error {
	if len(findings) == 0 {
		return nil
	}
	shown := "SELECT DISTINCT file, 0, frame, 0, 0 FROM finding WHERE frame > 0 AND file > 0 AND finding_id IN " + unlistText
	if alone {
		shown += " UNION SELECT file, 0, frame, 0, 0 FROM finding_evidence WHERE finding_id IN " + unlistText
	} else {
		shown += " AND flow_id IS NULL AND ?::VARCHAR IS NOT NULL"
		if err := add(flows)(column1[uint64](ctx, c.db, "SELECT DISTINCT flow_id FROM finding_evidence WHERE finding_id IN "+unlistText+" ORDER BY 1", list(findings))); err != nil {
			return err
		}
	}
	rows, err := spans(ctx, c.db, shown+" ORDER BY ALL", list(findings), list(findings))
	for _, s := range rows {
		c.frame(s.file, uint32(s.packets), out)
	}
	return err
}

// want has whole conversations written to an output.
func (c *carving) want(ctx context.Context, flows []uint64, out int) error {
	if len(flows) == 0 {
		return nil
	}
	found, err := spans(ctx, c.db, "SELECT file, flow_id, src_packets + dst_packets, coalesce(epoch_ns(ts), 0), coalesce(epoch_ns(until), 0) FROM flow WHERE flow_id IN "+unlistIDs+" ORDER BY flow_id", list(flows))
	for _, s := range found {
		if !c.sel.Wants(s.id) {
			c.flows = append(c.flows, s)
		}
		c.sel.Flow(s.id, s.packets, out)
	}
	return err
}

// context adds the conversations that say who the hosts of the wanted ones are: of each thing that was learnt of a host the first that told
// it, and of each hardware address that claimed one of their addresses.
func (c *carving) context(ctx context.Context) error {
	ids := make([]uint64, len(c.flows))
	for i, s := range c.flows {
		ids[i] = s.id
	}
	hosts, err := column1[string](ctx, c.db, `SELECT DISTINCT h FROM (
			SELECT unnest(CASE WHEN src_ip IS NULL THEN [src_mac, dst_mac] ELSE [src_ip, dst_ip] END) AS h FROM flow WHERE flow_id IN `+unlistIDs+`)
		WHERE h IS NOT NULL ORDER BY h LIMIT `+fmt.Sprint(maxCarveHosts), list(ids))
	if err != nil {
		return err
	}
	said, err := column1[uint64](ctx, c.db, `WITH h AS MATERIALIZED `+unlistAs("x")+`,
		who AS (SELECT x FROM h UNION SELECT mac FROM device_address WHERE ip IN (FROM h) AND mac IS NOT NULL
			UNION SELECT ip FROM device_address WHERE mac IN (FROM h) AND ip IS NOT NULL)
		SELECT DISTINCT flow_id FROM (
			SELECT min(flow_id) AS flow_id FROM identity WHERE ip IN (FROM who) OR mac IN (FROM who) GROUP BY ip, mac, attribute, value, source
			UNION ALL SELECT min(flow_id) FROM arp WHERE src_ip IN (FROM h) GROUP BY src_ip, src_mac, op
			UNION ALL SELECT min(flow_id) FROM dhcp WHERE client_addr IN (FROM h) OR assigned_addr IN (FROM h) GROUP BY mac, msg_type)
		WHERE flow_id > 0 ORDER BY 1`, list(hosts))
	if err != nil {
		return err
	}
	n := len(c.flows)
	if err := c.want(ctx, said, 0); err != nil {
		return err
	}
	for _, s := range c.flows[n:] {
		c.sel.Comment(s.id, "context: says who a host of the other conversations is")
	}
	return nil
}

// explain has every packet say which findings it belongs to. A title is its rule's; what a finding says of the captured stays in the case.
func (c *carving) explain(ctx context.Context) error {
	const (
		text    = "printf('finding %s, %s (%s): %s', f.finding_id, f.rule, f.level, f.title)"
		gravest = " ORDER BY list_position(['critical', 'high', 'medium', 'low', 'informational'], f.level), f.ts, f.finding_id"
	)
	flows, alone := make([]uint64, len(c.flows)), make([]uint64, len(c.alone))
	for i, s := range c.flows {
		flows[i] = s.id
	}
	for i, s := range c.alone {
		alone[i] = uint64(s.file)<<32 | uint64(s.packets)
	}
	for _, q := range []struct {
		query string
		ids   []uint64
		tell  func(id uint64, text string)
	}{
		{"SELECT e.flow_id, " + text + " FROM finding_evidence e JOIN finding f USING (finding_id) WHERE e.flow_id IN " + unlistIDs + gravest, flows, c.sel.Comment},
		{"SELECT f.file << 32 | f.frame, printf('this packet shows finding %s best', f.finding_id) FROM finding f WHERE f.frame > 0 AND f.flow_id IN " +
			unlistIDs + gravest, flows, c.commentFrame},
		{"SELECT place, " + text + ` FROM (SELECT DISTINCT file << 32 | frame AS place, finding_id FROM (
			SELECT file, frame, finding_id FROM finding UNION ALL SELECT file, frame, finding_id FROM finding_evidence))
			JOIN finding f USING (finding_id) WHERE place IN ` + unlistIDs + gravest, alone, c.commentFrame},
	} {
		if len(q.ids) == 0 {
			continue
		}
		if err := c.each(ctx, q.query, q.ids, q.tell); err != nil {
			return err
		}
	}
	return nil
}

func (c *carving) commentFrame(at uint64, text string) {
	c.sel.CommentFrame(uint32(at>>32), uint32(at), text)
}

func (c *carving) each(ctx context.Context, query string, ids []uint64, do func(id uint64, text string)) error {
	rows, err := c.db.QueryContext(ctx, query, list(ids))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id uint64
		var text string
		if err := rows.Scan(&id, &text); err != nil {
			return err
		}
		do(id, text)
	}
	return rows.Err()
}

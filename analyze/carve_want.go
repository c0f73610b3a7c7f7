package analyze

import (
	"context"
	"fmt"
	"strings"

	"wardtrace/dissect/event"
)

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

package analyze

import (
	"context"
	"fmt"
	"regexp"
	"sort"
	"strings"

	"wardtrace/analyze/store"
	"wardtrace/dissect/event"
)

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

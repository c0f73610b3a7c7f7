package analyze

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"wardtrace/analyze/capture"
	"wardtrace/analyze/store"
)

// derive makes the case again from its captures, in a scratch folder that only its owner may read and that is removed in the end, and
// compares every row of every table.
func (v *verifier) derive(ctx context.Context, found []string, rules bool, progress Progress) error {
	if found == nil {
		v.say("derived again", Unchecked, "not all captures are to be had as they were")
		return nil
	}
	if _, err := v.m.runOptions(); err != nil { // what was found before is told all the same
		v.say("derived again", Fails, "the manifest does not tell how: %s", strings.TrimPrefix(err.Error(), "usage: "))
		return nil
	}
	key, why, err := v.key()
	if err == nil && why == "" {
		why, err = v.unrepeatable(ctx)
	}
	if err != nil || why != "" {
		v.say("derived again", Unchecked, "%s", why)
		return err
	}
	scratch, err := os.MkdirTemp("", "wardtrace-verify-")
	if err != nil {
		return fmt.Errorf("cannot make a scratch folder: %w", err)
	}
	defer os.RemoveAll(scratch)
	opt, err := v.again(scratch, found)
	if err != nil {
		return err
	}
	opt.PHIKey = key
	c, err := Run(ctx, opt, nil, progress)
	switch {
	case errors.Is(err, ErrUsage), errors.Is(err, capture.ErrUsage), errors.Is(err, capture.ErrNothingReadable):
		v.say("derived again", Fails, "what the manifest names gives no case: %s", strings.TrimPrefix(err.Error(), "usage: "))
		return nil
	case err != nil:
		return fmt.Errorf("making the case again in %s: %w", scratch, err)
	}
	defer c.Abandon()
	return v.rows(ctx, c, rules)
}

// rows compares all that the captures gave, now and then, and then what the rules make of it.
func (v *verifier) rows(ctx context.Context, c *Case, rules bool) error {
	again := c.DB
	// Files in folders that were no captures were not looked at again.
	if err := store.SetInfo(ctx, again, "skipped_files", fmt.Sprint(len(v.m.Skipped))); err != nil {
		return err
	}
	evidence, err := readTables(ctx, again)
	if err != nil {
		return err
	}
	evidence = slices.DeleteFunc(evidence, func(t table) bool { return t.name == "column_doc" }) // the rules' tables are explained there too
	if err := v.compare(ctx, again, evidence, "tables derived again"); err != nil {
		return err
	}
	if !rules {
		v.say("findings derived again", Unchecked, "the rules are not those that ran")
		return nil
	}
	err = c.Ask(ctx, func(db *sql.DB, last bool) error { return v.opt.Run(ctx, db, v.m.Rules, last) })
	if err != nil {
		return err
	}
	again = c.DB
	all, err := readTables(ctx, again)
	if err != nil {
		return err
	}
	findings := slices.DeleteFunc(all, func(t table) bool {
		return slices.ContainsFunc(evidence, func(e table) bool { return e.name == t.name })
	})
	return v.compare(ctx, again, findings, "findings derived again")
}

// key finds the key behind the pseudonyms, or says why it cannot be used.
func (v *verifier) key() (path, why string, err error) {
	o := Options{Case: filepath.Clean(v.opt.Case), PHIKey: v.opt.PHIKey}
	path = o.keyPath()
	key, err := readKey(path)
	if err != nil {
		return "", strings.TrimPrefix(err.Error(), "usage: ") + "; say with --phi-key where the key is", nil
	}
	if key == nil {
		return "", fmt.Sprintf("the key behind the pseudonyms is not in %s; say with --phi-key where it is", path), nil
	}
	vault, err := store.NewVault(key, false)
	if err != nil {
		return "", "", err
	}
	if f := vault.Fingerprint(); f != v.m.PHIKey {
		return "", fmt.Sprintf("%s is not the key of this case (its fingerprint is %s, the manifest says %s); say with --phi-key where that is", path, f, v.m.PHIKey), nil
	}
	return path, "", nil
}

// unrepeatable says why the captures cannot give the case again although they are there: not all that happened while they were read
// happens again.
func (v *verifier) unrepeatable(ctx context.Context) (why string, err error) {
	var n int
	err = v.db.QueryRowContext(ctx, "SELECT count(*) FROM anomaly WHERE kind IN ('capture_changed', 'capture_unreadable')").Scan(&n)
	if err != nil || n == 0 {
		return "", err
	}
	return fmt.Sprintf("%d captures could not be read, or changed while they were read, when the case was made: it cannot be made again as it is", n), nil
}

// again gives the options for making the case a second time. Each input is a link in the scratch folder that goes by the name it had.
func (v *verifier) again(scratch string, found []string) (Options, error) {
	opt, err := v.m.runOptions()
	if err != nil {
		return opt, err
	}
	opt.Workers, opt.Case, opt.names = max(v.opt.Workers, 1), filepath.Join(scratch, "again.case"), map[string]string{}
	for i, in := range v.m.Inputs {
		if found[i] == "" { // a member: it lies in its archive
			continue
		}
		target, err := filepath.Abs(found[i])
		if err != nil {
			return opt, err
		}
		link := filepath.Join(scratch, fmt.Sprintf("%d", in.File))
		if err := os.Symlink(target, link); err != nil {
			return opt, fmt.Errorf("cannot make a scratch link: %w", err)
		}
		opt.Paths, opt.names[link] = append(opt.Paths, link), in.Path
	}
	return opt, nil
}

// compare holds tables of the case to those made again.
func (v *verifier) compare(ctx context.Context, again *sql.DB, tables []table, what string) error {
	have, err := readTables(ctx, v.db)
	if err != nil {
		return err
	}
	filled, err := filled(ctx, v.db, again, tables, have)
	if err != nil {
		return err
	}
	wrong, rows := 0, int64(0)
	for _, t := range tables {
		i := slices.IndexFunc(have, func(h table) bool { return h.name == t.name })
		if i < 0 || have[i].schema() != t.schema() {
			v.say("table "+t.name, Fails, "it is not in the case with the columns that this program gives it (%s; the case is of %s)", v.opt.Version, v.m.Build)
			wrong++
			continue
		}
		if !filled[t.name] {
			continue
		}
		d, err := diff(ctx, v.db, again, &t)
		if err != nil {
			return fmt.Errorf("comparing table %s: %w", t.name, err)
		}
		rows += d.rows
		if d.left+d.right > 0 {
			text, err := v.tell(ctx, again, &t, d)
			if err != nil {
				return fmt.Errorf("comparing table %s: %w", t.name, err)
			}
			v.say("table "+t.name, Fails, "%s", text)
			wrong++
		}
	}
	if wrong == 0 {
		v.say(what, Holds, "%d tables with %d rows, each row by SHA-256", len(tables), rows)
	} else if v.opt.Version != v.m.Build {
		v.say(what, Fails, "%d of %d tables; note that the case was made by %s, and this is %s", wrong, len(tables), v.m.Build, v.opt.Version)
	}
	return nil
}

// filled tells which tables have a row in either database: most have none.
func filled(ctx context.Context, left, right *sql.DB, tables, have []table) (map[string]bool, error) {
	out := map[string]bool{}
	for db, of := range map[*sql.DB][]table{left: have, right: tables} {
		parts := make([]string, len(of))
		for i, t := range of {
			parts[i] = fmt.Sprintf("SELECT %d AS i WHERE EXISTS (FROM %s)", i, t.from())
		}
		rows, err := db.QueryContext(ctx, strings.Join(parts, " UNION ALL "))
		if err != nil {
			return nil, err
		}
		defer rows.Close()
		for rows.Next() {
			var i int
			if err := rows.Scan(&i); err != nil {
				return nil, err
			}
			out[of[i].name] = true
		}
		if err := rows.Err(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// difference is what two tables of the same columns do not share.
type difference struct {
	rows            int64    // of the case
	left, right     int64    // rows in the case alone, in the captures alone
	onleft, onright []string // hashes of the first of them
}

// keptDifferences is how many rows of each side are looked at to name the first difference.
const keptDifferences = 64

// diff walks the rows of both tables in the order of their hashes.
func diff(ctx context.Context, left, right *sql.DB, t *table) (*difference, error) {
	a, err := hashes(ctx, left, t)
	if err != nil {
		return nil, err
	}
	defer a.rows.Close()
	b, err := hashes(ctx, right, t)
	if err != nil {
		return nil, err
	}
	defer b.rows.Close()
	d := &difference{}
	for a.ok || b.ok {
		switch {
		case a.ok && b.ok && a.hash == b.hash:
			d.rows++
			a.next()
			b.next()
		case !b.ok || a.ok && a.hash < b.hash:
			d.rows++
			if d.left++; len(d.onleft) < keptDifferences {
				d.onleft = append(d.onleft, a.hash)
			}
			a.next()
		default:
			if d.right++; len(d.onright) < keptDifferences {
				d.onright = append(d.onright, b.hash)
			}
			b.next()
		}
	}
	return d, errors.Join(a.err, b.err)
}

// sorted is a walk over a table's hashes.
type sorted struct {
	rows *sql.Rows
	hash string
	ok   bool
	err  error
}

func hashes(ctx context.Context, db *sql.DB, t *table) (*sorted, error) {
	rows, err := db.QueryContext(ctx, "SELECT sha256("+t.text()+") AS h FROM "+t.from()+" ORDER BY h")
	if err != nil {
		return nil, err
	}
	s := &sorted{rows: rows}
	s.next()
	return s, nil
}

func (s *sorted) next() {
	if s.ok = s.rows.Next(); s.ok {
		s.err = s.rows.Scan(&s.hash)
		s.ok = s.err == nil
		return
	}
	s.err = s.rows.Err()
}

package analyze

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"wardtrace/analyze/custody"
	"wardtrace/analyze/store"
)

// Revealed is one spelling of what a pseudonym stands for.
type Revealed struct{ Pseudonym, Kind, Value string }

// maxLogged is how many pseudonyms an entry of the custody log lists; of more it tells the number.
const maxLogged = 10_000

// Reveal names the patients behind pseudonyms of a case, all of them if none are given, with the key. It is written to the custody log first;
// if it cannot be, nothing is revealed. missing are pseudonyms for which the case keeps no value.
func Reveal(ctx context.Context, opt RevealOptions) (found []Revealed, missing []string, err error) {
	db, _, err := Open(ctx, opt.Case)
	if err != nil {
		return nil, nil, err
	}
	defer db.Close()
	vault, err := opt.vault(ctx, db)
	if err != nil {
		return nil, nil, err
	}
	if found, err = unseal(ctx, db, vault, opt.Pseudonyms); err != nil {
		return nil, nil, err
	}
	for _, p := range opt.Pseudonyms {
		if !slices.ContainsFunc(found, func(r Revealed) bool { return r.Pseudonym == p }) {
			missing = append(missing, p)
		}
	}
	if len(found) == 0 {
		return nil, nil, usage("the case keeps no value for what was asked: %s", cmp.Or(some(missing), "it has no patient data"))
	}
	err = custody.Append(opt.Case, custody.Entry{Tool: "wardtrace " + opt.Version, Command: opt.Command, Act: revealed(found)}, time.Now())
	if err != nil {
		return nil, nil, fmt.Errorf("nothing is revealed, since it cannot be logged: %w", err)
	}
	return found, missing, nil
}

// vault opens the vault of a case with its key.
func (o *RevealOptions) vault(ctx context.Context, db *sql.DB) (*store.Vault, error) {
	var kind, print string
	err := db.QueryRowContext(ctx, `SELECT coalesce(max(value) FILTER (key = 'phi'), ''), coalesce(max(value) FILTER (key = 'phi_key'), '')
		FROM case_info`).Scan(&kind, &print)
	if err != nil {
		return nil, err
	}
	if kind == "clear" {
		return nil, usage("this case was made with --phi clear: it has patient data as it was seen, and no pseudonyms")
	}
	path := (&Options{Case: o.Case, PHIKey: o.PHIKey}).keyPath()
	key, err := readKey(path)
	switch {
	case err != nil:
		return nil, err
	case key == nil:
		return nil, usage("%s, the key behind the pseudonyms, is not there; its fingerprint is %s; name it with --phi-key", path, print)
	}
	vault, err := store.NewVault(key, false)
	if err != nil {
		return nil, err
	}
	if vault.Fingerprint() != print {
		return nil, usage("%s is not the key of this case (its fingerprint is %s, the case's %s); name the key with --phi-key", path, vault.Fingerprint(), print)
	}
	return vault, nil
}

// unseal opens what the case keeps for pseudonyms, for all if none are given.
func unseal(ctx context.Context, db *sql.DB, vault *store.Vault, wanted []string) (out []Revealed, err error) {
	query, args := "SELECT pseudonym, kind, sealed FROM phi_vault", []any(nil)
	if len(wanted) > 0 {
		query, args = query+" WHERE pseudonym IN "+unlistText, []any{list(wanted)}
	}
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var r Revealed
		var sealed string
		if err := rows.Scan(&r.Pseudonym, &r.Kind, &sealed); err != nil {
			return nil, err
		}
		if r.Value, err = vault.Open(r.Pseudonym, sealed); err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b Revealed) int {
		return cmp.Or(strings.Compare(a.Pseudonym, b.Pseudonym), strings.Compare(a.Value, b.Value))
	})
	return out, rows.Err()
}

// revealed says what was revealed: how many, and which pseudonyms, never what they stand for.
func revealed(found []Revealed) string {
	var names []string
	for _, r := range found {
		if len(names) == 0 || names[len(names)-1] != r.Pseudonym {
			names = append(names, r.Pseudonym)
		}
	}
	text := fmt.Sprintf("revealed %d spellings of %d pseudonyms of patient data", len(found), len(names))
	if len(names) > maxLogged {
		return text + fmt.Sprintf("; the first %d: ", maxLogged) + strings.Join(names[:maxLogged], ", ")
	}
	return text + ": " + strings.Join(names, ", ")
}

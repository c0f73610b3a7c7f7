package rules

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// contract are the columns a rule must give; optional ones may stand beside them.
var (
	contract = []string{"ts", "until", "actor", "target", "flow_id", "file", "frame", "count", "what"}
	optional = []string{"level", "flows"}
)

// Lint tells what is wrong with a rule, joined; nil if nothing is. db is any case: its tables are what the rule is
// prepared against.
func Lint(ctx context.Context, db *sql.DB, r *Rule) error {
	var faults []error
	if len(r.Fires) == 0 {
		faults = append(faults, errors.New(`the header has no "fires": name a sample on which the rule fires`))
	}
	if err := unplug(r.Response); err != nil {
		faults = append(faults, err)
	}
	faults = append(faults, orderFaults(r.Text)...)
	if err := sound(ctx, db, r.Text); err != nil {
		faults = append(faults, err)
	}
	for i, f := range faults {
		faults[i] = fmt.Errorf("rule %s: %w", r.Name, f)
	}
	return errors.Join(faults...)
}

// sound tells whether a text is one SELECT with the columns of a rule.
func sound(ctx context.Context, db *sql.DB, text string) error {
	if err := single(ctx, db, text); err != nil {
		return err
	}
	return columns(ctx, db, text)
}

// single tells whether a text is exactly one SELECT that does nothing but read. DuckDB's own parser decides; it serialises nothing else.
func single(ctx context.Context, db *sql.DB, text string) error {
	if strings.HasSuffix(strings.TrimSpace(text), ";") {
		return errors.New("the text ends with a semicolon; leave it out, the SELECT is nested into another")
	}
	p, err := parsed(ctx, db, text)
	if err != nil {
		return err
	}
	return p.one()
}

// columns prepares the text and checks its columns.
func columns(ctx context.Context, db *sql.DB, text string) error {
	rows, err := db.QueryContext(ctx, "SELECT * FROM (\n"+text+"\n) LIMIT 0")
	if err != nil {
		return err
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return err
	}
	have := map[string]bool{}
	for _, n := range names {
		have[n] = true
	}
	for _, n := range contract {
		if !have[n] {
			return fmt.Errorf("the SELECT gives no column %q; it must give %s", n, strings.Join(contract, ", "))
		}
	}
	known := append(append([]string(nil), contract...), optional...)
	for _, n := range names {
		if !contains(known, n) {
			return fmt.Errorf("the SELECT gives a column %q, which means nothing; beside the contract it may give %s", n, strings.Join(optional, " and "))
		}
	}
	return nil
}

func contains(l []string, s string) bool {
	for _, x := range l {
		if x == s {
			return true
		}
	}
	return false
}

var (
	orderly  = regexp.MustCompile(`(?i)\b(first|last|any_value|list|array_agg|string_agg|group_concat|listagg|mode)\s*\(`)
	floating = regexp.MustCompile(`(?i)\b(avg|mean|stddev\w*|var_\w+|fsum|entropy|corr)\s*\(`)
	rounding = regexp.MustCompile(`(?i)\bround\s*\(`)
	volatile = regexp.MustCompile(`(?i)\b((random|setseed|uuid|gen_random_uuid|uuidv[47]|now|today|get_current_\w+|transaction_timestamp|nextval|txid_current|current_(user|database|schema|setting|query)|getenv|version)\s*\(|current_(date|time|timestamp)\b|local(time|timestamp)\b)`)
	comments = regexp.MustCompile(`(?m)--.*$`)
)

// orderFaults finds what would make a rule's answer depend on the order of rows or of additions.
func orderFaults(text string) []error {
	text = comments.ReplaceAllString(text, "")
	var faults []error
	for _, m := range orderly.FindAllStringSubmatchIndex(text, -1) {
		name, args := strings.ToLower(text[m[2]:m[3]]), parens(text[m[1]:])
		if !strings.Contains(strings.ToUpper(args), "ORDER BY") {
			faults = append(faults, fmt.Errorf("%s(%s) depends on the order of rows; write ORDER BY inside the parentheses, or min or max instead", name, strings.TrimSpace(args)))
		}
	}
	if m := volatile.FindString(text); m != "" {
		faults = append(faults, fmt.Errorf("%s) gives another value each time; a finding rests on the captures alone", strings.TrimSuffix(strings.TrimSpace(m), "(")+"("))
	}
	if floating.MatchString(text) && !rounding.MatchString(text) {
		faults = append(faults, errors.New("an average or the like is not rounded; its last digits depend on the order of additions"))
	}
	return faults
}

// parens gives what stands before the parenthesis that closes the one in front of s.
func parens(s string) string {
	depth := 1
	for i, r := range s {
		switch r {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return s[:i]
			}
		}
	}
	return s
}

var unplugging = regexp.MustCompile(`(?i)\b(unplug|pull the (plug|cable)|disconnect|isolate|quarantine|reboot|restart|take (\w+ ){1,3}(offline|off the network)|` +
	`(switch|turn|power) ((it|them|the \w+) )?(off|down)|shut ((it|them|the \w+) )?down)\b`)

var careful = regexp.MustCompile(`(?i)\b(before|unless)\b`)

// unplug refuses advice that could hurt a patient, unless it is advice against it.
func unplug(response string) error {
	if m := unplugging.FindString(response); m != "" && !careful.MatchString(response) {
		return fmt.Errorf("the response says %q: a device may be in use on a patient; say whom to ask before", m)
	}
	return nil
}

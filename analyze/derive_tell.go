package analyze

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"wardtrace/dissect/event"
)

// tell names the first difference: the row, and if the other side has a row that is nearly the same, the column and both values.
func (v *verifier) tell(ctx context.Context, again *sql.DB, t *table, d *difference) (string, error) {
	left, err := pick(ctx, v.db, t, d.onleft)
	if err != nil {
		return "", err
	}
	right, err := pick(ctx, again, t, d.onright)
	if err != nil {
		return "", err
	}
	text := fmt.Sprintf("%d rows are in the case alone, %d in the captures alone; the first: ", d.left, d.right)
	if i, j := nearest(t, left, right); i >= 0 {
		for c := range t.columns {
			if left[i][c] != right[j][c] {
				return text + fmt.Sprintf("row %s, column %s: the case says %s, the captures say %s", v.name(t, right[j]), t.columns[c].name,
					v.show(t, c, left[i][c]), v.show(t, c, right[j][c])), nil
			}
		}
	}
	if len(left) > 0 {
		return text + fmt.Sprintf("row %s is in the case and not in the captures", v.name(t, left[0])), nil
	}
	return text + fmt.Sprintf("row %s is in the captures and not in the case", v.name(t, right[0])), nil
}

// pick reads rows by their hashes, in order.
func pick(ctx context.Context, db *sql.DB, t *table, hashes []string) ([][]sql.NullString, error) {
	if len(hashes) == 0 {
		return nil, nil
	}
	cols := make([]string, len(t.columns))
	for i, c := range t.columns {
		cols[i] = ident(c.name) + "::VARCHAR"
	}
	rows, err := db.QueryContext(ctx, "SELECT "+strings.Join(cols, ", ")+" FROM "+t.from()+" AS r WHERE sha256("+t.text()+") IN ('"+strings.Join(hashes, "', '")+"') ORDER BY ALL")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out [][]sql.NullString
	for rows.Next() {
		row := make([]sql.NullString, len(cols))
		dest := make([]any, len(cols))
		for i := range row {
			dest[i] = &row[i]
		}
		if err := rows.Scan(dest...); err != nil {
			return nil, err
		}
		out = append(out, row)
	}
	return out, rows.Err()
}

// nearest finds the two rows that differ least, -1 if none agree in half of their columns.
func nearest(t *table, left, right [][]sql.NullString) (int, int) {
	best, bi, bj := (len(t.columns)+1)/2+1, -1, -1
	for i := range left {
		for j := range right {
			n := 0
			for c := range t.columns {
				if left[i][c] != right[j][c] {
					n++
				}
			}
			if n < best {
				best, bi, bj = n, i, j
			}
		}
	}
	return bi, bj
}

// name says which row it is, by what leads to its packet.
func (v *verifier) name(t *table, row []sql.NullString) string {
	var parts []string
	for i, c := range t.columns {
		if slices.Contains([]string{"flow_id", "file", "frame", "seq", "finding_id", "incident_id", "device_id", "rule", "key"}, c.name) && row[i].Valid {
			parts = append(parts, c.name+" "+v.show(t, i, row[i]))
		}
	}
	if len(parts) == 0 {
		return "(" + t.columns[0].name + " " + v.show(t, 0, row[0]) + ")"
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

// shown is how much of a value is shown.
const shown = 80

// show writes a value. What may name a patient is not shown: a column of patient data whose value is no pseudonym, and every text of a
// case that keeps them in clear.
func (v *verifier) show(t *table, c int, value sql.NullString) string {
	col := t.columns[c]
	switch {
	case !value.Valid:
		return "nothing"
	case col.kind != "VARCHAR" && col.kind != "VARCHAR[]":
		return value.String
	case v.m.Options["phi"] == "clear" && col.name != "finding_id" && col.name != "rule",
		patients()[t.name+"."+col.name] && !pseudonymous.MatchString(value.String):
		return fmt.Sprintf("a text of %d bytes that may name a patient", len(value.String))
	}
	s := value.String
	if len(s) > shown {
		s = strings.ToValidUTF8(s[:shown], "") + "…"
	}
	return "“" + s + "”"
}

// pseudonymous is what the store writes in place of patient data.
var pseudonymous = regexp.MustCompile(`^((id|name|birth|contact)|free:[0-9]+):[0-9a-f]{16}$`)

// patients lists the columns that hold patient data, as table.column.
func patients() map[string]bool {
	out := map[string]bool{}
	for _, t := range Tables() {
		for _, c := range t.Columns {
			out[t.Name+"."+c.Name] = c.PHI != event.NotPHI
		}
	}
	return out
}

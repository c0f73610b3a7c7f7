package analyze

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"strings"
)

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
	// The database holds a result as a whole: one without end must not be made.
	rows, err := c.db.QueryContext(ctx, fmt.Sprintf("FROM (%s\n) LIMIT %d", strings.TrimRight(opt.SQL, "; \t\r\n"), maxCarveFrames+1))
	if err != nil {
		return usage("the SQL is not right: %v", err)
	}
	defer rows.Close()
	var p place
	dest, err := p.columns(rows)
	if err != nil {
		return err
	}
	c.asked = append(c.asked, "SQL "+opt.SQL)
	for n := 0; rows.Next(); n++ {
		if err := rows.Scan(dest...); err != nil {
			return usage("the SQL must give numbers as file and frame: %v", err)
		}
		if n >= maxCarveFrames {
			return usage("the SQL names more than %d packets; ask for less, or for whole flows", maxCarveFrames)
		}
		if err := c.point(&p, opt.Evidence, flows); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return usage("the SQL failed: %v", err)
	}
	return nil
}

// place is where a row of a user's SQL says that a packet is.
type place struct{ file, frame, flow sql.NullInt64 }

// columns gives what a row is read into, by the columns' names.
func (p *place) columns(rows *sql.Rows) ([]any, error) {
	cols, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	dest, have := make([]any, len(cols)), 0
	for i, name := range cols {
		dest[i] = new(any)
		for j, v := range []struct {
			name string
			to   *sql.NullInt64
		}{{"file", &p.file}, {"frame", &p.frame}, {"flow_id", &p.flow}} {
			if strings.EqualFold(name, v.name) {
				dest[i] = v.to
				have |= 1 << j
			}
		}
	}
	if have&3 != 3 {
		return nil, usage("the SQL must give the columns file and frame; it gives %s", strings.Join(cols, ", "))
	}
	return dest, nil
}

// point wants the packet of a place, or its conversation.
func (c *carving) point(p *place, evidence bool, flows *[]uint64) error {
	file, frame := p.file.Int64, p.frame.Int64
	switch {
	case !p.file.Valid || !p.frame.Valid:
	case file < 0 || file > math.MaxUint32 || frame < 0 || frame > math.MaxUint32:
		return usage("the SQL names file %d, frame %d: no case counts that far", file, frame)
	case evidence:
		c.frame(uint32(file), uint32(frame), 0)
	case p.flow.Valid && p.flow.Int64 > 0:
		*flows = append(*flows, uint64(p.flow.Int64))
	default:
		c.frame(uint32(file), uint32(frame), 0)
		c.unresolved = append(c.unresolved, uint64(file)<<32|uint64(frame))
	}
	return nil
}

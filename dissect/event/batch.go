package event

import "unsafe"

// Batch collects rows of any kind. One goroutine owns it. The zero value is ready.
type Batch struct {
	flow  uint64
	seq   *uint32
	n     int
	slots map[*Table]any
	order []rowser

	last *Table // of the last row, and its slot: rows of a kind come in runs
	slot any
}

type slot[T any] struct {
	table *Table
	rows  []Row[T]
}

type rowser interface {
	view() Rows
	reset() uintptr
}

// keepBytes is how much memory for rows a batch keeps for its next use; a batch once full of one kind must not hold that for ever.
const keepBytes = 4 << 20

// Reset empties the batch for the next use. What it gave out is no longer valid.
func (b *Batch) Reset() {
	b.flow, b.seq, b.n = 0, nil, 0
	var held uintptr
	for _, s := range b.order {
		held += s.reset()
	}
	if held > keepBytes {
		*b = Batch{}
	}
}

// reset lets go of the rows, and of the strings they hold, and gives the bytes of memory kept for the next ones.
func (s *slot[T]) reset() uintptr {
	clear(s.rows)
	s.rows = s.rows[:0]
	return uintptr(cap(s.rows)) * unsafe.Sizeof(Row[T]{})
}

// Begin says to which flow the rows that follow belong; seq counts the flow's rows and outlives the batch.
func (b *Batch) Begin(flow uint64, seq *uint32) { b.flow, b.seq = flow, seq }

// Counter gives the counter of the flow whose rows are emitted now: carriers count the rows of what they carry by it.
func (b *Batch) Counter() *uint32 { return b.seq }

func (b *Batch) next() uint32 {
	if b.seq == nil {
		return 0
	}
	*b.seq++
	return *b.seq
}

// Len is the number of rows in the batch.
func (b *Batch) Len() int { return b.n }

// Tables gives the rows, one view a table, in the order in which tables first got a row. Valid only until the batch
// is added to or reset.
func (b *Batch) Tables() []Rows {
	out := make([]Rows, 0, len(b.order))
	for _, s := range b.order {
		if v := s.view(); v.n > 0 {
			out = append(out, v)
		}
	}
	return out
}

func (s *slot[T]) view() Rows {
	v := Rows{Table: s.table, n: len(s.rows), stride: unsafe.Sizeof(Row[T]{})}
	if v.n > 0 {
		v.base = unsafe.Pointer(unsafe.SliceData(s.rows))
	}
	return v
}

// Rows is a view of the rows of one table, read column by column. Columns are numbered as in Table.Columns.
type Rows struct {
	Table  *Table
	base   unsafe.Pointer // valid iff n > 0; points at Row[T] number 0 of a live slice
	stride uintptr
	n      int
}

// Len is the number of rows.
func (r Rows) Len() int { return r.n }

// Value gives one cell: string, bool, int64, float64, Time or []string, or nil where the case has NULL. Who reads many cells of a column
// takes Ints, Floats, Bools or Text.
func (r Rows) Value(i, col int) any {
	var null [1]uint64
	switch r.Table.Columns[col].Type {
	case Bool:
		var v [1]bool
		if !r.Bools(col, i, v[:], null[:], 0) {
			return v[0]
		}
	case Int, Stamp:
		var v [1]int64
		if r.Ints(col, i, v[:], null[:], 0) {
			return nil
		}
		if r.Table.Columns[col].Type == Stamp {
			return Time(v[0])
		}
		return v[0]
	case Float:
		var v [1]float64
		if !r.Floats(col, i, v[:], null[:], 0) {
			return v[0]
		}
	case Strings:
		if v := r.List(i, col); len(v) > 0 {
			return v
		}
	default:
		if v, ok := r.Text(i, col); ok {
			return v
		}
	}
	return nil
}

// String gives a cell of a column of type String; "" stands for NULL.
func (r Rows) String(i, col int) string {
	v, _ := r.Text(i, col)
	return v
}

package event

import "unsafe"

// Batch collects rows of any kind. One goroutine owns it. The zero value is ready.
type Batch struct {
	flow  uint64
	seq   *uint32
	n     int
	slots map[*Table]any
	order []rowser
}

type slot[T any] struct {
	table *Table
	rows  []Row[T]
}

type rowser interface{ view() Rows }

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

// at gives the address of a field. It is in the slice because i is checked here and the offset comes from the type.
func (r Rows) at(i, col int) unsafe.Pointer {
	if i < 0 || i >= r.n {
		panic("event: row number out of range")
	}
	return unsafe.Add(r.base, uintptr(i)*r.stride+r.Table.Columns[col].offset)
}

// Value gives one cell: string, bool, int64, float64, Time or []string, or nil where the case has NULL.
func (r Rows) Value(i, col int) any {
	c := &r.Table.Columns[col]
	return c.get(r.at(i, col))
}

// String gives a cell of a column of type String; "" stands for NULL.
func (r Rows) String(i, col int) string {
	c := &r.Table.Columns[col]
	if c.opt {
		return (*Opt[string])(r.at(i, col)).V
	}
	return *(*string)(r.at(i, col))
}

// Package event holds the typed rows that dissectors emit.
//
// A row struct is the table, the manual and the programming interface at once: its fields become columns by their
// tags.
//
//	col:"calling_ae"   the column's name
//	doc:"..."          one sentence; it stands in the case's table column_doc and in SCHEMA.md
//	phi:"id"           patient data: id, name, birth, contact or free (see PHI); what the loader does with it
//
// Field types: string, bool, every int and uint, float32 and float64, Time, []string, and Opt of string, int64, float64,
// bool or Time. The empty string, an empty list, the zero Time and an Opt without a value are NULL in the case: nothing was said.
// A number is never NULL, so a number that may be absent is an Opt.
//
// ts, flow_id, file, frame and seq come first in every table made by New, so no dissector can emit a row without its
// evidence.
package event

// Ref names the packet that a row stands on.
type Ref struct {
	Time  Time   // capture time of that packet
	File  uint32 // number of the input in capture order, from 1
	Frame uint32 // number of the packet in its file, from 1, as Wireshark counts
}

// Time is nanoseconds since 1970-01-01T00:00:00Z; 0 is "not known". Captures stamp 1678 to 2262.
type Time int64

// Opt is a value that may be absent.
type Opt[T string | int64 | float64 | bool | Time] struct {
	V  T
	OK bool
}

// Some gives a value that is there.
func Some[T string | int64 | float64 | bool | Time](v T) Opt[T] { return Opt[T]{V: v, OK: true} }

// Row is a row of kind T with the evidence every row has. Its fields T are filled by the dissector, the rest by Emit.
type Row[T any] struct {
	Ref
	Flow uint64 // file << 32 | frame of the flow's first packet; 0 (NULL in the case) for rows that belong to no flow
	Seq  uint32 // number of the row in its flow, from 1, counted over all tables
	V    T
}

// Kind is a table whose rows are of type T. Make one with New in a package variable: it is a description, never state.
type Kind[T any] struct {
	Table
	plain bool
}

// New describes a table of rows that stand on a packet: ts, flow_id, file, frame and seq, then T's columns. It panics
// if T has a field that no column can hold; that is a fault of the program, seen by any test that imports the package.
func New[T any](name, doc string) *Kind[T] {
	return &Kind[T]{Table: describe[T](name, doc, false)}
}

// NewPlain describes a table that has T's columns alone: what is about the whole case, or names its evidence itself.
func NewPlain[T any](name, doc string) *Kind[T] {
	return &Kind[T]{Table: describe[T](name, doc, true), plain: true}
}

// Desc gives the description, for the list of tables that a protocol may emit.
func (k *Kind[T]) Desc() *Table { return &k.Table }

// Emit adds a row that stands on the packet ref to the batch and returns its seq, which child rows name as parent_seq.
// Strings in v must own their bytes (Go strings made by conversion do).
func (k *Kind[T]) Emit(b *Batch, ref Ref, v T) uint32 {
	seq := b.next()
	s := k.rows(b)
	s.rows = append(s.rows, Row[T]{Ref: ref, Flow: b.flow, Seq: seq, V: v})
	b.n++
	return seq
}

// Add adds a row without evidence of its own: for tables made by NewPlain.
func (k *Kind[T]) Add(b *Batch, v T) {
	s := k.rows(b)
	s.rows = append(s.rows, Row[T]{V: v})
	b.n++
}

// Get gives the rows of this kind in the batch, in the order they were emitted.
func (k *Kind[T]) Get(b *Batch) []Row[T] {
	if s, ok := b.slots[&k.Table]; ok {
		return s.(*slot[T]).rows
	}
	return nil
}

func (k *Kind[T]) rows(b *Batch) *slot[T] {
	if b.last == &k.Table {
		return b.slot.(*slot[T])
	}
	known, ok := b.slots[&k.Table]
	if !ok {
		s := &slot[T]{table: &k.Table}
		if b.slots == nil {
			b.slots = map[*Table]any{}
		}
		b.slots[&k.Table] = s
		b.order = append(b.order, s)
		known = s
	}
	b.last, b.slot = &k.Table, known
	return known.(*slot[T])
}

package event

import (
	"fmt"
	"reflect"
	"unsafe"
)

// Table describes one table of the case.
type Table struct {
	Name    string
	Doc     string
	Columns []Column
	Plain   bool // without ts, flow_id, file, frame and seq in front
}

// Type is how a column is stored.
type Type uint8

// The types of columns.
const (
	String Type = iota + 1
	Bool
	Int     // 64 bits, signed; a larger uint64 is cut to the largest
	Float   // 64 bits
	Stamp   // Time, as TIMESTAMP_NS
	Strings // list of text
)

// SQL is the type's name in DuckDB.
func (t Type) SQL() string {
	switch t {
	case String:
		return "VARCHAR"
	case Bool:
		return "BOOLEAN"
	case Int:
		return "BIGINT"
	case Float:
		return "DOUBLE"
	case Stamp:
		return "TIMESTAMP_NS"
	case Strings:
		return "VARCHAR[]"
	}
	return "VARCHAR"
}

// PHI says what kind of patient data a column holds, and so what the loader makes of it.
type PHI uint8

// The kinds of patient data.
const (
	NotPHI     PHI = iota
	PHIID          // an identifier: normalised, then a keyed pseudonym
	PHIName        // a person's name: normalised, then a keyed pseudonym
	PHIBirth       // a birth date: normalised, then a keyed pseudonym
	PHIContact     // address, telephone, mail: a keyed pseudonym
	PHIFree        // free text: its length and keyed digest
)

var phiNames = map[string]PHI{"": NotPHI, "id": PHIID, "name": PHIName, "birth": PHIBirth, "contact": PHIContact, "free": PHIFree}

// Column describes one column of a table.
type Column struct {
	Name string
	Doc  string
	Type Type
	PHI  PHI

	offset uintptr
	kind   cellKind
	opt    bool
}

func describe[T any](name, doc string, plain bool) Table {
	t := Table{Name: name, Doc: doc, Plain: plain}
	var row Row[T]
	if !plain {
		t.Columns = append(t.Columns,
			column(reflect.TypeFor[Time](), "ts", "Capture time of the packet the row stands on, UTC.", "", unsafe.Offsetof(row.Ref)+unsafe.Offsetof(row.Ref.Time)),
			column(reflect.TypeFor[flowID](), "flow_id", "The flow, named by its first packet: file << 32 | frame.", "", unsafe.Offsetof(row.Flow)),
			column(reflect.TypeFor[uint32](), "file", "Number of the capture file, from 1; see capture_file.", "", unsafe.Offsetof(row.Ref)+unsafe.Offsetof(row.Ref.File)),
			column(reflect.TypeFor[uint32](), "frame", "Number of the packet in its file, from 1, as Wireshark counts.", "", unsafe.Offsetof(row.Ref)+unsafe.Offsetof(row.Ref.Frame)),
			column(reflect.TypeFor[uint32](), "seq", "Number of the row in its flow, counted over all tables.", "", unsafe.Offsetof(row.Seq)))
	}
	rt := reflect.TypeFor[T]()
	base := unsafe.Offsetof(row.V)
	for i := range rt.NumField() {
		f := rt.Field(i)
		col, ok := f.Tag.Lookup("col")
		if !ok {
			panic(fmt.Sprintf("event: table %s: field %s has no col tag", name, f.Name))
		}
		t.Columns = append(t.Columns, column(f.Type, col, f.Tag.Get("doc"), f.Tag.Get("phi"), base+f.Offset))
	}
	return t
}

type flowID uint64

func column(rt reflect.Type, name, doc, phi string, offset uintptr) Column {
	p, ok := phiNames[phi]
	if !ok {
		panic(fmt.Sprintf("event: column %s: unknown phi kind %q", name, phi))
	}
	kind := kindOf(rt)
	if kind == 0 {
		panic(fmt.Sprintf("event: column %s: no column can hold a %s", name, rt))
	}
	c := Column{Name: name, Doc: doc, Type: types[kind], PHI: p, offset: offset, kind: kind, opt: kind == cellOptString}
	if p != NotPHI && c.Type != String {
		panic(fmt.Sprintf("event: column %s: patient data must be text", name))
	}
	return c
}

package event

import (
	"math"
	"reflect"
	"unsafe"
)

// Nulls marks the cells of a column that are NULL: bit i is cell i.
type Nulls []uint64

// Set marks cell i.
func (n Nulls) Set(i int) { n[i/64] |= 1 << (i % 64) }

// Ints writes the cells of an Int or Stamp column, from row `from` on, to dst, as many as dst holds. The cells that are NULL are marked
// in nulls, in which the first has number at; it tells whether there was one.
func (r Rows) Ints(col, from int, dst []int64, nulls Nulls, at int) bool {
	c := r.column(col, from, len(dst))
	switch c.kind {
	case cellTime, cellFlow:
		return orNull(r, c, from, dst, nulls, at)
	case cellOptInt, cellOptTime: // Time is an int64
		return optional(r, c, from, dst, nulls, at)
	case cellInt8:
		widen[int8](r, c, from, dst)
	case cellInt16:
		widen[int16](r, c, from, dst)
	case cellInt32:
		widen[int32](r, c, from, dst)
	case cellInt64:
		widen[int64](r, c, from, dst)
	case cellUint8:
		widen[uint8](r, c, from, dst)
	case cellUint16:
		widen[uint16](r, c, from, dst)
	case cellUint32:
		widen[uint32](r, c, from, dst)
	case cellUint64:
		for i := range dst {
			dst[i] = int64(min(*(*uint64)(r.cell(c, from+i)), math.MaxInt64))
		}
	default:
		panic("event: column " + c.Name + " holds no numbers")
	}
	return false
}

// Floats does the same for a Float column.
func (r Rows) Floats(col, from int, dst []float64, nulls Nulls, at int) bool {
	c := r.column(col, from, len(dst))
	switch c.kind {
	case cellOptFloat:
		return optional(r, c, from, dst, nulls, at)
	case cellFloat32:
		widen[float32](r, c, from, dst)
	case cellFloat64:
		widen[float64](r, c, from, dst)
	default:
		panic("event: column " + c.Name + " holds no floating-point numbers")
	}
	return false
}

// Bools does the same for a Bool column.
func (r Rows) Bools(col, from int, dst []bool, nulls Nulls, at int) bool {
	c := r.column(col, from, len(dst))
	if c.kind == cellOptBool {
		return optional(r, c, from, dst, nulls, at)
	}
	if c.kind != cellBool {
		panic("event: column " + c.Name + " holds no truth")
	}
	for i := range dst {
		dst[i] = *(*bool)(r.cell(c, from+i))
	}
	return false
}

// Text gives a cell of a String column; false for NULL.
func (r Rows) Text(i, col int) (string, bool) {
	c := r.column(col, i, 1)
	if c.opt {
		o := (*Opt[string])(r.cell(c, i))
		return o.V, o.OK
	}
	s := *(*string)(r.cell(c, i))
	return s, s != ""
}

// List gives a cell of a Strings column; an empty one is NULL.
func (r Rows) List(i, col int) []string {
	return *(*[]string)(r.cell(r.column(col, i, 1), i))
}

// column gives a column after checking that the rows are there: cell relies on it.
func (r Rows) column(col, from, n int) *Column {
	if from < 0 || n < 0 || n > r.n-from {
		panic("event: row number out of range")
	}
	return &r.Table.Columns[col]
}

// cell gives the address of a field. It is in the slice because column checked the row and the offset comes from the type.
func (r Rows) cell(c *Column, i int) unsafe.Pointer {
	return unsafe.Add(r.base, uintptr(i)*r.stride+c.offset)
}

func widen[T, D int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | float32 | float64](r Rows, c *Column, from int, dst []D) {
	for i := range dst {
		dst[i] = D(*(*T)(r.cell(c, from+i)))
	}
}

func orNull(r Rows, c *Column, from int, dst []int64, nulls Nulls, at int) (any bool) {
	for i := range dst {
		if dst[i] = *(*int64)(r.cell(c, from+i)); dst[i] == 0 {
			nulls.Set(at + i)
			any = true
		}
	}
	return any
}

func optional[T int64 | float64 | bool](r Rows, c *Column, from int, dst []T, nulls Nulls, at int) (any bool) {
	for i := range dst {
		o := (*Opt[T])(r.cell(c, from+i))
		if dst[i] = o.V; !o.OK {
			nulls.Set(at + i)
			any = true
		}
	}
	return any
}

// cellKind is how Go keeps the cells of a column.
type cellKind uint8

const (
	cellString cellKind = iota + 1
	cellStrings
	cellBool
	cellInt8
	cellInt16
	cellInt32
	cellInt64
	cellUint8
	cellUint16
	cellUint32
	cellUint64
	cellFloat32
	cellFloat64
	cellTime
	cellFlow
	cellOptString
	cellOptInt
	cellOptFloat
	cellOptBool
	cellOptTime
)

// special are the types that are more than their kind.
var special = map[reflect.Type]cellKind{
	reflect.TypeFor[Time]():         cellTime,
	reflect.TypeFor[flowID]():       cellFlow,
	reflect.TypeFor[[]string]():     cellStrings,
	reflect.TypeFor[Opt[string]]():  cellOptString,
	reflect.TypeFor[Opt[int64]]():   cellOptInt,
	reflect.TypeFor[Opt[float64]](): cellOptFloat,
	reflect.TypeFor[Opt[bool]]():    cellOptBool,
	reflect.TypeFor[Opt[Time]]():    cellOptTime,
}

var cellKinds = map[reflect.Kind]cellKind{
	reflect.String: cellString, reflect.Bool: cellBool, reflect.Int: cellInt64, reflect.Int64: cellInt64, reflect.Int32: cellInt32,
	reflect.Int16: cellInt16, reflect.Int8: cellInt8, reflect.Uint: cellUint64, reflect.Uint64: cellUint64, reflect.Uint32: cellUint32,
	reflect.Uint16: cellUint16, reflect.Uint8: cellUint8, reflect.Float64: cellFloat64, reflect.Float32: cellFloat32,
}

// kindOf tells how a Go type is kept; 0 if no column can hold it.
func kindOf(rt reflect.Type) cellKind {
	if k, ok := special[rt]; ok {
		return k
	}
	return cellKinds[rt.Kind()]
}

// types says as what the case keeps each kind.
var types = [...]Type{
	cellString: String, cellOptString: String, cellStrings: Strings, cellBool: Bool, cellOptBool: Bool, cellFloat32: Float, cellFloat64: Float,
	cellOptFloat: Float, cellTime: Stamp, cellOptTime: Stamp, cellFlow: Int, cellOptInt: Int, cellInt8: Int, cellInt16: Int, cellInt32: Int,
	cellInt64: Int, cellUint8: Int, cellUint16: Int, cellUint32: Int, cellUint64: Int,
}

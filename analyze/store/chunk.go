package store

import (
	"encoding/binary"
	"errors"
	"strings"
	"unicode/utf8"
	"unsafe"

	"github.com/marcboeker/go-duckdb/mapping"

	"wardtrace/dissect/event"
)

// What a chunk may hold.
const (
	chunkRows  = 2048      // DuckDB's vector size, checked by newAppender
	cellBytes  = 16        // bytes of a cell, at most
	inlineText = 12        // bytes of text that DuckDB keeps within the cell
	blockBytes = 64 << 10  // of text memory, taken at a time
	textBytes  = 512 << 10 // of text memory a chunk may take; with more it is handed over before it is full
)

// appender writes one table, column by column, into chunks that DuckDB made, and hands them over. Nothing is boxed, and text is copied
// once: short text into the cell, as DuckDB keeps it, longer text into memory that lives until the chunk was handed over.
type appender struct {
	table *event.Table
	app   mapping.Appender
	types []mapping.LogicalType
	chunk mapping.DataChunk
	cols  []column
	n     int // rows in the chunk
	since int // bytes handed over since DuckDB was last told to work them in
	text  *texts
}

// column is one column of the chunk being filled.
type column struct {
	vec   mapping.Vector
	data  unsafe.Pointer // chunkRows cells; valid until the chunk is reset
	nulls [chunkRows / 64]uint64
	any   bool // a cell is NULL
	list  int  // elements of all lists so far
}

func newAppender(conn mapping.Connection, t *event.Table, blocks *blocks) (*appender, error) {
	a := &appender{table: t, text: &texts{from: blocks}, cols: make([]column, len(t.Columns))}
	if mapping.AppenderCreate(conn, "", t.Name, &a.app) == mapping.StateError {
		err := errors.New(mapping.AppenderError(a.app))
		mapping.AppenderDestroy(&a.app)
		return nil, err
	}
	n := int(mapping.AppenderColumnCount(a.app))
	for i := range n {
		a.types = append(a.types, mapping.AppenderColumnType(a.app, mapping.IdxT(i)))
	}
	if n != len(t.Columns) || mapping.VectorSize() != chunkRows {
		a.destroy()
		return nil, errors.New("the table in the case is not the one that was declared")
	}
	a.chunk = mapping.CreateDataChunk(a.types)
	a.begin()
	return a, nil
}

// begin readies the empty chunk.
func (a *appender) begin() {
	a.n = 0
	for i := range a.cols {
		c := &a.cols[i]
		c.vec = mapping.DataChunkGetVector(a.chunk, mapping.IdxT(i))
		c.data = mapping.VectorGetData(c.vec)
		if c.any {
			c.nulls, c.any = [chunkRows / 64]uint64{}, false
		}
		c.list = 0
	}
}

// add takes rows over, chunk by chunk.
func (a *appender) add(rows event.Rows, vault *Vault) error {
	for from := 0; from < rows.Len(); {
		n := min(rows.Len()-from, chunkRows-a.n)
		if a.text.full() { // what one row brings beyond that is bounded by what a dissector may hold
			n = min(n, 1)
		}
		for c := range a.cols {
			a.fill(rows, c, from, n, vault)
		}
		from += n
		a.n += n
		if a.n == chunkRows || a.text.full() {
			if err := a.hand(); err != nil {
				return err
			}
		}
	}
	return nil
}

// fill writes n cells of a column behind those that are there.
func (a *appender) fill(rows event.Rows, col, from, n int, vault *Vault) {
	c, desc := &a.cols[col], &a.table.Columns[col]
	switch desc.Type {
	case event.Bool:
		c.any = rows.Bools(col, from, unsafe.Slice((*bool)(c.data), chunkRows)[a.n:a.n+n], c.nulls[:], a.n) || c.any
	case event.Float:
		c.any = rows.Floats(col, from, unsafe.Slice((*float64)(c.data), chunkRows)[a.n:a.n+n], c.nulls[:], a.n) || c.any
	case event.Int:
		c.any = rows.Ints(col, from, unsafe.Slice((*int64)(c.data), chunkRows)[a.n:a.n+n], c.nulls[:], a.n) || c.any
	case event.Stamp:
		dst := unsafe.Slice((*int64)(c.data), chunkRows)[a.n : a.n+n]
		c.any = rows.Ints(col, from, dst, c.nulls[:], a.n) || c.any
		for i, t := range dst {
			dst[i] = min(max(t, firstTime), lastTime)
		}
	case event.Strings:
		for i := range n {
			a.putList(c, a.n+i, rows.List(from+i, col))
		}
	default:
		a.fillText(rows, col, from, n, vault)
	}
}

func (a *appender) fillText(rows event.Rows, col, from, n int, vault *Vault) {
	c, phi := &a.cols[col], a.table.Columns[col].PHI
	cells := unsafe.Slice((*cell)(c.data), chunkRows)[a.n : a.n+n]
	for i := range cells {
		s, ok := rows.Text(from+i, col)
		if ok && phi != event.NotPHI {
			if s != "" {
				s = vault.Protect(phi, s)
			}
			ok = s != ""
		}
		if !ok {
			c.null(a.n + i)
			cells[i] = cell{} // DuckDB may look at what it is told to ignore
			continue
		}
		a.text.put(&cells[i], c.vec, a.n+i, text(s))
	}
}

// putList writes a list of text; an empty one is NULL.
func (a *appender) putList(c *column, i int, list []string) {
	entry := (*[2]uint64)(unsafe.Add(c.data, i*16)) // offset and length
	*entry = [2]uint64{uint64(c.list), uint64(len(list))}
	if len(list) == 0 {
		c.null(i)
		return
	}
	mapping.ListVectorReserve(c.vec, mapping.IdxT(c.list+len(list)))
	child := mapping.ListVectorGetChild(c.vec)
	cells := unsafe.Slice((*cell)(mapping.VectorGetData(child)), c.list+len(list))
	for _, s := range list {
		a.text.put(&cells[c.list], child, c.list, text(s))
		c.list++
	}
	mapping.ListVectorSetSize(c.vec, mapping.IdxT(c.list))
}

func (c *column) null(i int) {
	event.Nulls(c.nulls[:]).Set(i)
	c.any = true
}

// hand gives the chunk to DuckDB, which copies it.
func (a *appender) hand() error {
	if a.n == 0 {
		return nil
	}
	for i := range a.cols {
		if c := &a.cols[i]; c.any {
			mapping.VectorEnsureValidityWritable(c.vec)
			mask := unsafe.Slice((*uint64)(mapping.VectorGetValidity(c.vec)), chunkRows/64)
			for w, null := range c.nulls {
				mask[w] = ^null
			}
		}
	}
	mapping.DataChunkSetSize(a.chunk, mapping.IdxT(a.n))
	state := mapping.AppendDataChunk(a.app, a.chunk)
	mapping.DataChunkReset(a.chunk)
	a.since += a.n*len(a.cols)*cellBytes + a.text.held
	a.text.release()
	a.begin()
	if state == mapping.StateError {
		return errors.New(mapping.AppenderError(a.app))
	}
	if a.since >= flushBytes {
		return a.flush()
	}
	return nil
}

// flush has DuckDB work in what it was handed.
func (a *appender) flush() error {
	a.since = 0
	if mapping.AppenderFlush(a.app) == mapping.StateError {
		return errors.New(mapping.AppenderError(a.app))
	}
	return nil
}

// close hands over the rest and gives everything back.
func (a *appender) close() error {
	err := a.hand()
	if err == nil {
		err = a.flush()
	}
	a.text.release()
	mapping.DestroyDataChunk(&a.chunk)
	return errors.Join(err, a.destroy())
}

func (a *appender) destroy() error {
	for i := range a.types {
		mapping.DestroyLogicalType(&a.types[i])
	}
	if mapping.AppenderDestroy(&a.app) == mapping.StateError {
		return errors.New("the appender could not be closed")
	}
	return nil
}

// cell is DuckDB's string_t: a length, then up to 12 bytes of text, or its first 4 bytes and where the text lies.
type cell struct {
	len  uint32
	head [4]byte
	rest [8]byte
}

// texts is the memory of a chunk's longer texts.
type texts struct {
	from *blocks
	used []*block
	free []byte // what is left of the last block
	held int
}

// put writes text to the cell with number i of a vector. The text is UTF-8 without zero bytes.
func (t *texts) put(c *cell, vec mapping.Vector, i int, s string) {
	if len(s) <= inlineText {
		*c = cell{len: uint32(len(s))}
		copy(unsafe.Slice((*byte)(unsafe.Pointer(&c.head)), inlineText), s)
		return
	}
	if len(s) > blockBytes/8 { // rare: DuckDB keeps its own copy
		t.held += len(s)
		mapping.VectorAssignStringElementLen(vec, mapping.IdxT(i), unsafe.Slice(unsafe.StringData(s), len(s)))
		return
	}
	if len(s) > len(t.free) {
		b := t.from.take()
		t.used, t.free = append(t.used, b), unsafe.Slice((*byte)(b.data), blockBytes)
		t.held += blockBytes
	}
	copy(t.free, s)
	c.len = uint32(len(s))
	copy(c.head[:], s)
	binary.NativeEndian.PutUint64(c.rest[:], uint64(uintptr(unsafe.Pointer(unsafe.SliceData(t.free)))))
	t.free = t.free[len(s):]
}

// full tells whether the chunk must be handed over for its text.
func (t *texts) full() bool { return t.held >= textBytes }

// release gives the memory back, once the chunk was handed over.
func (t *texts) release() {
	t.from.give(t.used)
	t.used, t.free, t.held = t.used[:0], nil, 0
}

// block is memory that DuckDB allocated: text in it may be pointed at from its vectors, which Go's own memory may not.
type block struct {
	vec  mapping.Vector
	data unsafe.Pointer // blockBytes; valid until the blocks are destroyed
}

// blocks are those of a lane that are not in use.
type blocks struct {
	kind mapping.LogicalType
	all  []*block
	free []*block
}

func newBlocks() *blocks { return &blocks{kind: mapping.CreateLogicalType(mapping.TypeBigInt)} }

func (b *blocks) take() *block {
	if n := len(b.free); n > 0 {
		last := b.free[n-1]
		b.free = b.free[:n-1]
		return last
	}
	vec := mapping.CreateVector(b.kind, blockBytes/8)
	one := &block{vec: vec, data: mapping.VectorGetData(vec)}
	b.all = append(b.all, one)
	return one
}

func (b *blocks) give(used []*block) { b.free = append(b.free, used...) }

func (b *blocks) destroy() {
	for _, one := range b.all {
		mapping.DestroyVector(&one.vec)
	}
	mapping.DestroyLogicalType(&b.kind)
	b.all, b.free = nil, nil
}

// text makes captured bytes a text that DuckDB's functions can work on: what is no UTF-8 becomes U+FFFD, and a zero byte, at which the
// driver would end the text, its symbol U+2400.
func text(s string) string {
	if strings.IndexByte(s, 0) < 0 && utf8.ValidString(s) {
		return s
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\u2400")
}

package hl7

import (
	"bytes"

	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
)

// open is a batch or a file whose trailer was not seen yet.
type open struct {
	row Batch
	ref event.Ref
	delims
}

// The levels of reader.batch.
const (
	inBatch = iota
	inFile
)

// openBatch takes FHS or BHS (2.14.2, 2.14.6).
func (r *reader) openBatch(head []byte, d delims, out *event.Batch) {
	level, name := inBatch, "batch"
	if bytes.HasPrefix(head, []byte("FHS")) {
		level, name = inFile, "file"
	}
	r.emitBatch(level, out)
	if level == inFile {
		r.emitBatch(inBatch, out)
	} else if file := r.batch[inFile]; file != nil {
		file.row.Seen++
	}
	cs := &charset{}
	decoded, _ := cs.decode(head)
	t, l := text{delims: d, cs: cs}, splitLine(&d, decoded, "", len(head), 0, nil)
	r.batch[level] = &open{delims: d, ref: r.ref, row: Batch{Dir: r.dir.String(), Level: name,
		SendingApp: t.comp(l.field(3), 1), SendingFacility: t.comp(l.field(4), 1),
		Security: l.field(8) != "", Name: t.comp(l.field(9), 1), ControlID: t.comp(l.field(11), 1)}}
}

// isTrailer tells whether a line is BTS or FTS.
func isTrailer(head []byte) bool {
	c := cursor.New(head)
	name, sep := c.Bytes(3), c.U8()
	return (bytes.Equal(name, []byte("BTS")) || bytes.Equal(name, []byte("FTS"))) && (c.Short() || isDelimiter(sep))
}

// trailer takes BTS or FTS (2.14.3, 2.14.7).
func (r *reader) trailer(head []byte, out *event.Batch) {
	if r.msg != nil {
		r.close(out, "batch")
	}
	level := inBatch
	if bytes.HasPrefix(head, []byte("FTS")) {
		level = inFile
		r.emitBatch(inBatch, out)
	}
	o := r.batch[level]
	if o == nil {
		r.stray += int64(len(head))
		return
	}
	o.row.Declared = integer(part(string(head[:min(len(head), 64)]), o.field, 2))
	o.row.Complete, o.ref = true, r.ref
	r.emitBatch(level, out)
}

// countMessage counts a message that begins, and names its batch.
func (r *reader) countMessage() {
	for _, o := range r.batch {
		if o == nil {
			continue
		}
		o.row.Messages++
		o.ref = r.ref
		if r.msg.row.BatchID == "" {
			r.msg.row.BatchID = o.row.ControlID
		}
	}
	if b := r.batch[inBatch]; b != nil {
		b.row.Seen++
	}
}

func (r *reader) emitBatch(level int, out *event.Batch) {
	if o := r.batch[level]; o != nil {
		r.batch[level] = nil
		batches.Emit(out, o.ref, o.row)
	}
}

// closeBatches ends what has no trailer: with its block, or with the conversation.
func (r *reader) closeBatches(out *event.Batch) {
	r.emitBatch(inBatch, out)
	r.emitBatch(inFile, out)
}

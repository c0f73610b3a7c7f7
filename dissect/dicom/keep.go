package dicom

import (
	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/dataset"
	"wardtrace/dissect/event"
)

// implementation names this program as the writer of the files it keeps (PS3.10 7.1): a UID derived from a UUID (PS3.5 B.2).
const implementation = "2.25.158937164921548030637498213450917364285"

// maxFill is how many lost bytes a hole may have, so that what follows is still where its lengths say; a claim of more ends the file
// instead.
const maxFill = 16 << 20

// kept is a stored object on its way into a Part 10 file. nil does nothing.
type kept struct {
	keeper   dissect.Keeper
	class    string
	instance string
	syntax   string // of the presentation context, "" if not captured
	source   string // AE title of the sender
	from     dissect.Dir
	first    []byte // bytes that came before the encoding could be told
	begun    event.Ref
	w        dissect.ObjectWriter
	lost     bool
	over     bool // no more is written
}

// encodingBytes are needed to tell how a data set is encoded.
const encodingBytes = 8

// keep begins to keep a C-STORE, if objects are kept at all.
func (d *dissector) keep(m *message) *kept {
	if d.conn.Keeper == nil || m.command.field != cStore {
		return nil
	}
	return &kept{keeper: d.conn.Keeper, class: m.command.class, instance: m.command.instance, syntax: d.assoc.syntax(m.ctx), source: d.assoc.titleOf(m.dir), from: m.dir}
}

// titleOf is the AE title of a side, "" if it is not known.
func (a *association) titleOf(side dissect.Dir) string {
	switch {
	case !a.known:
		return ""
	case side == a.requestor:
		return a.row.CallingAE
	}
	return a.row.CalledAE
}

// write takes the next bytes of the data set.
func (k *kept) write(p []byte, ref event.Ref) {
	if k == nil || k.over || len(p) == 0 {
		return
	}
	c := cursor.New(p)
	if k.w == nil {
		if len(k.first) == 0 {
			k.begun = ref
		}
		k.first = append(k.first, c.Bytes(min(encodingBytes-len(k.first), c.Len()))...)
		if len(k.first) < encodingBytes {
			return
		}
		k.begin()
	}
	k.put(c.Rest())
}

// begin writes the head of the file. Its transfer syntax is the negotiated one; where the bytes contradict it, or it was not
// captured, the one they show, since a reader could do nothing with the other.
func (k *kept) begin() {
	syntax := k.syntax
	if was := dataset.SyntaxOf(syntax); !was.Deflated {
		is, differs := dataset.Encoding(was, k.first)
		if differs || was.Guess {
			syntax = plainSyntax(is)
		}
		k.lost = k.lost || was.Guess // it may be compressed: nobody knows
	}
	k.w = k.keeper.Keep(dissect.Object{Kind: "dicom", Name: k.instance, Type: "application/dicom", Ext: ".dcm", From: k.from}, k.begun)
	k.put(dataset.AppendFileHead(nil, k.class, k.instance, syntax, implementation, k.source))
	k.put(k.first)
}

// plainSyntax is the transfer syntax that says no more than an encoding.
func plainSyntax(s dataset.Syntax) string {
	switch {
	case s.Implicit:
		return "1.2.840.10008.1.2"
	case s.BigEndian:
		return "1.2.840.10008.1.2.2"
	}
	return "1.2.840.10008.1.2.1"
}

// put hands bytes on. A writer that fails has said so to its owner; the conversation goes on.
func (k *kept) put(p []byte) {
	if k.over {
		return
	}
	if _, err := k.w.Write(p); err != nil {
		k.lost, k.over = true, true
	}
}

// lose leaves a hole for lost bytes.
func (k *kept) lose(n int64) {
	if k == nil || k.over {
		return
	}
	k.lost = true
	if k.w == nil || n > maxFill { // without its beginning nobody can read it
		k.over = true
		return
	}
	k.w.Lose(n)
}

// close ends the object. What has less than encodingBytes is none.
func (k *kept) close(complete bool) {
	if k != nil && k.w != nil {
		k.w.Close(complete && !k.lost)
	}
}

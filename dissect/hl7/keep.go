package hl7

import (
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"

	"wardtrace/dissect"
)

// kept is a message on its way into a file: its bytes as they crossed, without the framing and a byte order mark. The zero value keeps
// nothing.
type kept struct {
	w    dissect.ObjectWriter
	wide *wide  // characters of two or four bytes, as they must become again
	part []byte // of a character that is not whole
	lost bool
	over bool // the writer takes no more
}

// keep begins to keep a message whose first line was read, if objects are kept at all.
func (r *reader) keep(m *message, line []byte) {
	if r.v.conn.Keeper == nil {
		return
	}
	m.kept.wide = r.coded
	m.kept.w = r.v.conn.Keeper.Keep(dissect.Object{Kind: "hl7", Name: m.row.ControlID, Type: "application/hl7-v2", Ext: ".hl7",
		Via: m.row.Type + "^" + m.row.Trigger, From: r.dir}, r.ref)
	m.kept.write(line)
	m.kept.lose(r.passed) // of a first line longer than maxLine the rest is gone
}

// write takes the next bytes, as the framing sees them: in UTF-8 where characters are wide.
func (k *kept) write(b []byte) {
	if k.w == nil || k.over {
		return
	}
	if k.wide != nil {
		b = k.widen(b)
	}
	_, err := k.w.Write(b)
	k.over = err != nil
}

// widen gives characters as they crossed.
func (k *kept) widen(b []byte) (out []byte) {
	k.part = append(k.part, b...)
	var order binary.AppendByteOrder = binary.LittleEndian
	if k.wide.big {
		order = binary.BigEndian
	}
	for utf8.FullRune(k.part) {
		ch, n := utf8.DecodeRune(k.part)
		k.part = append(k.part[:0], k.part[n:]...)
		if k.wide.unit == 4 {
			out = order.AppendUint32(out, uint32(ch))
			continue
		}
		for _, u := range utf16.AppendRune(nil, ch) {
			out = order.AppendUint16(out, u)
		}
	}
	return out
}

// lose leaves a hole.
func (k *kept) lose(n int) {
	if k.w != nil && n > 0 {
		k.lost = true
		k.w.Lose(int64(n))
	}
}

// close ends the message. One in a block is not whole if the conversation ended before the block.
func (k *kept) close(row *Message) {
	if k.w == nil {
		return
	}
	whole := row.Ended != "gap" && row.Ended != "cut"
	if row.Framing == "mllp" || row.Framing == "hllp" {
		whole = whole && row.Ended != "close"
	}
	k.w.Close(whole && !row.Headless && !k.lost)
	k.w = nil
}

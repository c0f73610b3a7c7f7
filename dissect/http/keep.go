package http

import (
	"mime"

	"wardtrace/dissect"
	"wardtrace/dissect/event"
)

// kept is a body on its way into a file, as it crossed but for chunks. The zero value keeps nothing.
type kept struct {
	w    dissect.ObjectWriter
	over bool // the writer takes no more
}

// keep begins to keep a body, if objects are kept at all. What carried protocols take out of it they keep themselves.
func (d *dissector) keep(m *message, from dissect.Dir, ref event.Ref) {
	if d.c.Keeper == nil {
		return
	}
	name := m.filename
	if name == "" {
		name = m.ex.path
	}
	m.object.w = d.c.Keeper.Keep(dissect.Object{Kind: protocolName, Name: name, Type: m.contentType, Coding: m.encoding, Via: m.ex.row.Method, From: from}, ref)
}

func (k *kept) write(p []byte) {
	if k.w != nil && !k.over {
		_, err := k.w.Write(p)
		k.over = err != nil
	}
}

func (k *kept) lose(n int64) {
	if k.w != nil && !k.over {
		k.w.Lose(n)
	}
}

func (k *kept) close(complete bool) {
	if k.w != nil {
		k.w.Close(complete)
		k.w = nil
	}
}

// filenameOf gives the file's name of a Content-Disposition (RFC 6266 4.3), "" if it has none.
func filenameOf(value []byte) string {
	_, params, err := mime.ParseMediaType(string(value))
	if err != nil {
		return ""
	}
	return clean([]byte(params["filename"]), maxText)
}

package ieee11073

import (
	"fmt"
	"strconv"

	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
)

// segmentKey names a segment of a store.
type segmentKey struct{ store, instance uint16 }

// segmentMap says what the entries of a segment hold, annex A.11.9.
type segmentMap struct {
	header   uint16 // which times stand in front of an entry
	elements []layout
	person   string
}

// Bits of SegmEntryHeader.
const (
	entryAbsolute = 0x8000
	entryRelative = 0x4000
	entryHiRes    = 0x2000
)

// segment remembers the map of a segment, from its attributes.
func (v *conversation) segment(store, instance, count uint16, c cursor.Cursor) {
	m := &segmentMap{}
	eachAttribute(&c, count, func(id uint16, val cursor.Cursor) {
		switch id {
		case attrSegmentMap:
			m.header = val.U16()
			n := val.U16()
			list := val.Sub(int(val.U16()))
			for ; n > 0 && list.More() && len(m.elements) < maxMap; n-- {
				list.Skip(6) // class, type
				m.elements = append(m.elements, layout{list.U16(), pairs(&list)})
			}
			if list.Short() || val.Short() {
				m.elements = nil
			}
		case attrSegmentPerson:
			if p := val.U16(); p != noPerson && !val.Short() {
				m.person = strconv.Itoa(int(p))
			}
		}
	})
	key := segmentKey{store, instance}
	if len(v.maps) < maxMaps || v.maps[key] != nil {
		v.maps[key] = m
	}
}

// segmentData reads entries of a segment: instance, index, count, status, then the entries.
func (v *conversation) segmentData(row *APDU, t *told, store uint16, c *cursor.Cursor) {
	instance, index, count, state := c.U16(), c.U32(), c.U32(), c.U16()
	data := c.Sub(int(c.U16()))
	if t.bad = t.bad || c.More(); c.Short() {
		t.bad = true
		return
	}
	row.Detail = fmt.Sprintf("segment %d, entries %d to %d", instance, index, uint64(index)+uint64(count)-1)
	if count == 0 {
		row.Detail = fmt.Sprintf("segment %d, no entries", instance)
	}
	if state&0x0800 != 0 || state&0x0008 != 0 {
		row.Result = "aborted"
	} else if state&0x4000 != 0 {
		row.Result = "last"
	}
	t.report = true
	m := v.maps[segmentKey{store, instance}]
	if m == nil || len(m.elements) == 0 {
		t.unread += int64(min(count, maxValues))
		return
	}
	for ; count > 0 && data.More() && len(t.values) < maxValues; count-- {
		before := data.Offset()
		if v.entry(t, m, &data); data.Offset() == before { // a map of nothing: four thousand million entries of it are not worth a loop
			t.bad = true
			break
		}
	}
	t.bad = t.bad || data.Short()
}

// entry reads one entry: its times, then each element by its map.
func (v *conversation) entry(t *told, m *segmentMap, c *cursor.Cursor) {
	at, relative := "", event.Opt[int64]{}
	if m.header&entryAbsolute != 0 {
		at = absolute(c)
	}
	if m.header&entryRelative != 0 {
		relative = event.Some(int64(c.U32()))
	}
	if m.header&entryHiRes != 0 {
		c.Skip(8)
	}
	for _, e := range m.elements {
		first := len(t.values)
		val := c.Sub(e.size())
		if c.Short() {
			return
		}
		v.fixed(t, e.handle, e.pairs, m.person, true, &val)
		for i := first; i < len(t.values); i++ {
			if x := &t.values[i]; x.MeasuredAt == "" {
				x.MeasuredAt = at
			}
			if x := &t.values[i]; !x.Relative.OK {
				x.Relative = relative
			}
		}
	}
}

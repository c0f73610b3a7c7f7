package mqtt

import (
	"fmt"
	"sort"
	"strings"

	"wardtrace/dissect"
	"wardtrace/dissect/event"
)

// waiting are the filters of a SUBSCRIBE that was not answered yet.
type waiting struct {
	ref    event.Ref
	parent uint32
	rows   []Subscription
	remove bool // it is an UNSUBSCRIBE
}

// maxWaiting bounds the packets whose answer is awaited: brokers answer at once.
const maxWaiting = 64

// filterList takes SUBSCRIBE and UNSUBSCRIBE (3.8, 3.10). What it returns is called with the row's seq.
func (v *conversation) filterList(t packetType, h *half, f *fields, out *event.Batch) func(uint32) {
	id := f.packetID()
	if f.v5 {
		f.properties(true)
	}
	w := &waiting{ref: h.ref, remove: t == unsubscribe}
	highest, more := int64(-1), int64(0)
	for f.More() {
		filter, _ := redact(f.str())
		options := uint8(0)
		if t == subscribe {
			options = f.U8()
		}
		if f.Short() {
			break
		}
		v.judgeFilter(filter, options, f)
		highest = max(highest, int64(options&3))
		if len(w.rows) >= maxFilters {
			more++
			continue
		}
		wild := strings.ContainsAny(filter, "#+")
		f.row.Filters = append(f.row.Filters, filter)
		f.row.Wildcard = f.row.Wildcard || wild
		w.rows = append(w.rows, Subscription{Filter: filter, Wildcard: wild, Broad: isBroad(filter), QoS: int64(options & 3), NoLocal: f.v5 && options&4 != 0})
	}
	if len(f.row.Filters) == 0 {
		f.fault(noFilter)
		return nil
	}
	if more > 0 {
		dissect.Anomaly(out, h.ref, "mqtt", "mqtt_filters_limit", more, fmt.Sprintf("a packet has more than %d filters: the rest were checked only", maxFilters))
	}
	f.row.Topic = f.row.Filters[0]
	if t == subscribe {
		f.row.QoS = event.Some(highest)
	}
	return func(seq uint32) { w.parent = seq; v.await(id, w, out) }
}

// judgeFilter checks a topic filter (4.7.1) and the options behind it.
func (v *conversation) judgeFilter(filter string, options uint8, f *fields) {
	levels := strings.Split(filter, "/")
	for i, level := range levels {
		if strings.Contains(level, "#") && (level != "#" || i+1 < len(levels)) || strings.Contains(level, "+") && level != "+" {
			f.fault(badTopic)
		}
	}
	if filter == "" {
		f.fault(badTopic)
	}
	if options&3 == 3 {
		f.fault(badQoS)
	}
	if !f.v5 && options&^3 != 0 && v.level != 0 || options&0xc0 != 0 {
		f.fault(badReserved)
	}
}

// isBroad tells whether a filter takes everything, or everything of a kind.
func isBroad(filter string) bool {
	return strings.HasPrefix(filter, "#") || strings.HasPrefix(filter, "+") || filter == "$SYS/#" || filter == "$share/#"
}

// await keeps filters until they are answered.
func (v *conversation) await(id uint16, w *waiting, out *event.Batch) {
	for i := range w.rows {
		w.rows[i].ParentSeq, w.rows[i].ClientID = int64(w.parent), v.clientID
	}
	if old := v.filters[id]; old != nil {
		old.emit(out)
	} else if len(v.filters) >= maxWaiting {
		w.emit(out)
		return
	}
	if v.filters == nil {
		v.filters = map[uint16]*waiting{}
	}
	v.filters[id] = w
}

// filterCodes takes SUBACK and UNSUBACK (3.9, 3.11): a code for each filter.
func (v *conversation) filterCodes(t packetType, f *fields, out *event.Batch) {
	id := f.packetID()
	if f.v5 {
		f.properties(true)
	}
	w := v.filters[id]
	if w == nil && !v.unsure && v.half[0].packets > 0 {
		f.fault(unsolicitedAck)
	}
	highest := int64(-1)
	for i := 0; f.More(); i++ {
		code := int64(f.U8())
		highest = max(highest, code)
		if w != nil && i < len(w.rows) {
			w.rows[i].ReturnCode = event.Some(code)
		}
	}
	if highest >= 0 {
		f.row.ReturnCode, f.row.Reason = event.Some(highest), reasonCodes[highest]
		if f.row.Reason == "success" && t == suback {
			f.row.Reason = "granted qos 0"
		}
	}
	if w != nil {
		delete(v.filters, id)
		w.emit(out)
	}
}

func (w *waiting) emit(out *event.Batch) {
	if w.remove {
		return
	}
	for _, row := range w.rows {
		subscriptions.Emit(out, w.ref, row)
	}
}

// unanswered emits the filters that nobody answered, in order of their packets.
func (v *conversation) unanswered(out *event.Batch) {
	rest := make([]*waiting, 0, len(v.filters))
	for _, w := range v.filters {
		rest = append(rest, w)
	}
	sort.Slice(rest, func(i, j int) bool { return rest[i].parent < rest[j].parent })
	for _, w := range rest {
		w.emit(out)
	}
	v.filters = nil
}

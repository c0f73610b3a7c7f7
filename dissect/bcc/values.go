package bcc

import (
	"bytes"
	"strconv"
	"strings"

	"wardtrace/dissect"
	"wardtrace/dissect/clinical"
	"wardtrace/dissect/dnsname"
	"wardtrace/dissect/event"
)

// pump is what a conversation told of one pump so far, by key.
type pump struct {
	last     map[string]string
	switched bool // pumping began or ended in the block that is being read
}

// comDevice is the address of the ComDevice itself.
const comDevice = "50100"

// quadruple is one value of a response: time,address,key,value.
type quadruple struct {
	uptime       event.Opt[int64]
	address, key string
	value        string
	none         bool // not available, or no value
	first        bool
	before       string
	changed      bool
}

// response reads the values of a block: first all of them, since a drug or a unit may follow the rate it belongs to, then the
// rows.
func (v *conversation) response(b *block, row Block, seg *dissect.Segment, out *event.Batch) {
	v.identify(seg, out)
	list, bad := v.quadruples(b.info)
	pumps := map[string]bool{}
	changed := 0
	for _, p := range v.pumps {
		p.switched = false
	}
	for i := range list {
		q := &list[i]
		if q.address != comDevice {
			pumps[q.address] = true
		}
		if q.key == "GNERR" && row.Error == "" {
			row.Error = q.value
		}
		if v.remember(q, seg, out); q.changed {
			changed++
		}
	}
	row.Values, row.Changed, row.Pumps = event.Some(int64(len(list))), event.Some(int64(changed)), event.Some(int64(len(pumps)))
	parent := int64(blocks.Emit(out, seg.Ref, row))
	if bad > 0 {
		dissect.Anomaly(out, seg.Ref, "bcc", "bcc_value", int64(bad), "values of a response are not time, address, key and value, or are too many: passed over")
	}
	for i := range list {
		if list[i].changed {
			v.value(&list[i], row.BedID, parent, seg, out)
		}
	}
}

// quadruples reads the list of values. Those that are none are counted.
func (v *conversation) quadruples(info []byte) (list []quadruple, bad int) {
	for len(info) > 0 {
		var item []byte
		item, info, _ = bytes.Cut(info, []byte{rs})
		if len(bytes.TrimSpace(item)) == 0 {
			continue
		}
		part := bytes.SplitN(item, []byte(","), 4)
		if len(part) < 3 || len(list) >= maxValues || len(part[2]) == 0 || len(part[2]) > 32 || !address(part[1]) {
			bad++
			continue
		}
		q := quadruple{address: string(part[1]), key: dnsname.Clean(part[2], 32)}
		if n, err := strconv.ParseInt(string(part[0]), 10, 64); err == nil && n >= 0 {
			q.uptime = event.Some(n)
		}
		if len(part) == 4 {
			q.value = clean(part[3])
		}
		q.none = q.value == "_NV" || q.value == "_NA"
		list = append(list, q)
	}
	return list, bad
}

// clean gives a value as text: UTF-8 as the specification says, without what is not printable.
func clean(b []byte) string {
	s := strings.ToValidUTF8(string(b[:min(len(b), maxCell)]), "\uFFFD")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7f {
			return -1
		}
		return r
	}, s))
}

// address tells whether b is 501xy.
func address(b []byte) bool {
	return len(b) == 5 && bytes.HasPrefix(b, []byte("501")) && bytes.IndexFunc(b, func(r rune) bool { return r < '0' || r > '9' && r < 'A' || r > 'O' }) < 0
}

// remember keeps a value and tells whether it is new or another one.
func (v *conversation) remember(q *quadruple, seg *dissect.Segment, out *event.Batch) {
	p := v.pumps[q.address]
	if p == nil && len(v.pumps) < maxPumps {
		p = &pump{last: map[string]string{}}
		v.pumps[q.address] = p
	}
	if p != nil {
		old, known := p.last[q.key]
		switch {
		case known && old == q.value:
			return
		case known || len(p.last) < maxKeys:
			q.first, q.before, q.changed = !known, old, true
			p.last[q.key] = q.value
			p.switched = p.switched || q.key == "INM3"
			return
		}
	}
	if !v.full { // addresses and keys were invented: no ComDevice has so many
		v.full = true
		dissect.Anomaly(out, seg.Ref, "bcc", "bcc_limit", 1, "more pumps or keys than a ComDevice has: the further ones have no rows")
	}
}

// get gives the last value of a pump's key, "" if there is none.
func (v *conversation) get(address, key string) string {
	p := v.pumps[address]
	if p == nil {
		return ""
	}
	if s := p.last[key]; s != "_NV" && s != "_NA" {
		return s
	}
	return ""
}

// value emits a value that is new or another one, and what it means for the shared tables.
func (v *conversation) value(q *quadruple, bed string, parent int64, seg *dissect.Segment, out *event.Batch) {
	k := keys[q.key]
	row := Value{ParentSeq: parent, BedID: bed, Address: q.address, Uptime: q.uptime, Key: q.key, Meaning: k.meaning, First: q.first, Unit: k.unit}
	if k.unitOf != "" {
		row.Unit = v.get(q.address, k.unitOf)
	}
	if s := v.get(q.address, "INM3"); (s == "0" || s == "1") && !v.pumps[q.address].switched {
		row.Running = event.Some(s == "1")
	}
	switch {
	case q.none:
		row.Before = q.before
	case k.use == private:
		row.Private = q.value
	case k.use == patientText:
		row.Text = q.value
	default:
		row.Value, row.Number, row.Before = q.value, number64(q.value), q.before
	}
	if k.use == private || k.use == patientText {
		row.Before = ""
	}
	seq := int64(values.Emit(out, seg.Ref, row))
	if !q.none {
		v.clinical(q, &k, &row, seq, seg, out)
	}
}

// number64 reads a number with a decimal point.
func number64(s string) event.Opt[float64] {
	if s == "" || strings.Trim(s, "+-.0123456789") != "" {
		return event.Opt[float64]{}
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return event.Opt[float64]{}
	}
	return event.Some(f)
}

// clinical emits the rows of the shared tables that a value makes.
func (v *conversation) clinical(q *quadruple, k *key, row *Value, seq int64, seg *dissect.Segment, out *event.Batch) {
	switch {
	case k.use == identity:
		v.say(seg, out, k.param, q.value, "bcc."+strings.ToLower(q.key), 30) // of one of the pumps behind the ComDevice's address
	case q.key == "PATW" || q.key == "PATH":
		if row.Number.OK {
			clinical.Observations.Emit(out, seg.Ref, clinical.Observation{Protocol: "bcc", Source: "bcc_value", ParentSeq: seq, Dir: seg.Dir.String(), Device: q.address,
				PatientID: v.patient(q.address), Code: q.key, CodingSystem: "BCC", Name: k.meaning, Value: q.value, Number: row.Number, Unit: k.unit})
		}
	case k.use == alarm:
		v.alarm(q, k, seq, seg, out)
	case k.use == setting || k.use == progress || q.key == "INSOL" || q.key == "INM2" || q.key == "INM3":
		v.therapy(q, k, row, seq, seg, out)
	}
}

// patient gives the patient that a pump was told of.
func (v *conversation) patient(address string) string {
	for _, key := range []string{"PATID", "PATIDBADGE", "PATIDDRUG"} {
		if s := v.get(address, key); s != "" {
			return s
		}
	}
	return ""
}

// therapy emits a setting, its change, a start or a stop. The pump reports it: who changed it is not told.
func (v *conversation) therapy(q *quadruple, k *key, row *Value, seq int64, seg *dissect.Segment, out *event.Batch) {
	t := clinical.Therapy{Protocol: "bcc", Source: "bcc_value", ParentSeq: seq, Dir: seg.Dir.String(), Device: q.address, PatientID: v.patient(q.address),
		Action: "report", Code: v.get(q.address, "INSOLID"), Drug: v.get(q.address, "INSOL"), Parameter: k.param, OrderID: v.get(q.address, "DRUGORDERNO"), Unit: row.Unit}
	if t.Code != "" {
		t.CodingSystem = "BCC"
	}
	if t.Drug == "" {
		t.Drug = v.get(q.address, "INSOLSN")
	}
	before := number64(q.before)
	switch q.key {
	case "INM3", "INM2":
		if q.first || q.before != "0" && q.before != "1" || q.value != "0" && q.value != "1" {
			return // what began before the conversation is no start
		}
		switch {
		case q.key == "INM2" && q.value == "1":
			t.Action, t.Parameter = "bolus", "bolus"
		case q.key == "INM2":
			return
		case q.value == "1":
			t.Action = "start"
		default:
			t.Action = "stop"
		}
	case "INSOL":
		if t.Parameter, t.Unit = "drug", ""; !q.first {
			t.Action = "change"
		}
	default:
		if !row.Number.OK {
			return
		}
		t.After = row.Number
		if k.use == setting && before.OK {
			t.Action, t.Before = "change", before
		}
	}
	clinical.Therapies.Emit(out, seg.Ref, t)
}

// alarm emits the start or the end of an alarm. LASTDA names the last one; it has no end.
func (v *conversation) alarm(q *quadruple, k *key, seq int64, seg *dissect.Segment, out *event.Batch) {
	a := clinical.Alarm{Protocol: "bcc", Source: "bcc_value", ParentSeq: seq, Dir: seg.Dir.String(), Device: q.address, PatientID: v.patient(q.address),
		Code: q.key, CodingSystem: "BCC", Text: k.meaning}
	switch {
	case q.key == "LASTDA":
		if q.first || q.value == "0" || q.value == "" {
			return
		}
		a.Code, a.Kind, a.Phase = q.value, "technical", "start"
	case q.value == "1" && q.first:
		a.Phase = "ongoing"
	case q.value == "1":
		a.Phase = "start"
	case q.value == "0" && q.before == "1":
		a.Phase = "end"
	default:
		return
	}
	clinical.Alarms.Emit(out, seg.Ref, a)
}

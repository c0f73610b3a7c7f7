package ieee11073

import (
	"wardtrace/dissect"
	"wardtrace/dissect/clinical"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
	"wardtrace/dissect/nomenclature"
)

// told is what a data APDU tells beside its own row; it is emitted behind it.
type told struct {
	objects    []Object
	values     []Value
	attributes []Attribute
	unread     int64
	persons    int64
	report     bool
	bad        bool

	vendor, model string // what the device says of itself
	specs         []spec
	classes       []string
}

// data is PRST: an octet string that holds a remote operation.
func (v *conversation) data(row APDU, c *cursor.Cursor, seg *dissect.Segment, out *event.Batch) {
	body := c.Sub(int(c.U16()))
	v.sound(c, seg, out)
	row.Invoke = event.Some(int64(body.U16()))
	service := body.U16()
	row.Service = named(serviceNames, service)
	op := body.Sub(int(body.U16()))
	v.sound(&body, seg, out)
	var t told
	switch service {
	case eventReport, confirmedEventReport, eventResult:
		v.event(&row, &t, service, &op, seg, out)
	case get, getResult, set, confirmedSet, setResult:
		v.attributes(&row, &t, service, &op, seg, out)
	case action, confirmedAction, actionResult:
		v.action(&row, &t, service, &op)
	case roer:
		row.Result = named(errorNames, op.U16())
	case rorj:
		row.Result = named(rejectNames, op.U16())
	}
	if op.Short() || t.bad {
		v.once(out, seg.Ref, "ieee11073_bad_operation", "the parts of an operation are longer or shorter than the operation")
	}
	v.emit(row, &t, seg, out)
}

// emit emits the APDU and what it told.
func (v *conversation) emit(row APDU, t *told, seg *dissect.Segment, out *event.Batch) {
	if t.report {
		row.Values = event.Some(int64(len(t.values)))
		if t.unread > 0 {
			row.Unread = event.Some(t.unread)
		}
		if t.persons > 0 {
			row.Persons = event.Some(t.persons)
		}
	}
	seq := int64(apdus.Emit(out, seg.Ref, row))
	for _, o := range t.objects {
		o.ParentSeq = seq
		objects.Emit(out, seg.Ref, o)
	}
	for _, a := range t.attributes {
		a.ParentSeq = seq
		attributes.Emit(out, seg.Ref, a)
	}
	for _, x := range t.values {
		x.ParentSeq = seq
		v.clinical(&x, int64(values.Emit(out, seg.Ref, x)), seg, out)
	}
	if t.unread > 0 {
		v.once(out, seg.Ref, "ieee11073_no_configuration", "a report came whose configuration was not seen: what it measured is not known")
	}
}

// clinical tells a value to the shared table, if it is certain what it is.
func (v *conversation) clinical(x *Value, seq int64, seg *dissect.Segment, out *event.Batch) {
	if x.Known == "" || x.RefID == "" || !x.Number.OK && x.Enum == "" {
		return
	}
	o := clinical.Observation{Protocol: "ieee11073", Source: values.Name, ParentSeq: seq, Dir: seg.Dir.String(), Device: x.SystemID,
		Code: x.RefID, CodingSystem: "MDC", Name: x.Name, Value: x.Enum, Number: x.Number, Unit: x.UCUM, Status: x.Status}
	if o.Unit == "" {
		o.Unit = x.Unit
	}
	if x.Number.OK {
		o.Value = format(x.Number.V)
	}
	if x.Person != "" && x.SystemID != "" {
		o.PatientID = x.SystemID + "/" + x.Person
	}
	clinical.Observations.Emit(out, seg.Ref, o)
}

// event is an event report, or the answer to one.
func (v *conversation) event(row *APDU, t *told, service uint16, c *cursor.Cursor, seg *dissect.Segment, out *event.Batch) {
	handle := c.U16()
	c.U32() // event time
	kind := c.U16()
	info := c.Sub(int(c.U16()))
	if t.bad = c.More(); c.Short() {
		return
	}
	row.Handle, row.Name = event.Some(int64(handle)), term(nomenclature.Object, kind)
	if service == eventResult {
		if kind == notiConfig {
			row.ConfigID, row.Result = event.Some(int64(info.U16())), named(configResults, info.U16())
			t.bad = info.Short()
		}
		return
	}
	switch {
	case kind == notiConfig:
		t.objects = v.configuration(row, &info, seg, out)
	case kind == notiSegmentData:
		v.segmentData(row, t, handle, &info)
	case kind >= firstScanReport && kind <= lastScanReport:
		v.report(t, handle, kind, &info)
	}
}

package dicom

import (
	"wardtrace/dissect"
	"wardtrace/dissect/clinical"
	"wardtrace/dissect/event"
)

// maxTransfers is how many series of an association are open at a time: a router's association carries some dozen a
// minute. Beyond it the oldest is written, and a series that goes on after that gets a second row.
const maxTransfers = 256

// transferKey is what makes objects one transfer.
type transferKey struct {
	dir           dissect.Dir
	study, series string
	originator    string
	originID      int64
}

// transfer is a series that moves over an association.
type transfer struct {
	transferKey
	row  clinical.ImageTransfer
	ref  event.Ref // of the first object
	open int64     // objects whose answer was not seen yet
}

// moved counts a C-STORE request whose data set came, all of it or what there is.
func (d *dissector) moved(m *message, seq uint32, out *event.Batch) {
	c := &m.command
	key := transferKey{dir: m.dir, originator: c.originator, originID: c.originID.V}
	if m.obj != nil {
		key.study, key.series = m.obj.StudyUID, m.obj.SeriesUID
	}
	t := d.transfer(key, m.ref, seq, out)
	r := &t.row
	r.Objects++
	r.Bytes += m.bytes
	r.Until = max(r.Until, m.ref.Time)
	if m.obj != nil {
		r.Modality, r.PatientID = either(r.Modality, m.obj.Modality), either(r.PatientID, m.obj.PatientID)
	}
	switch q := m.request; {
	case q == nil || !q.answered:
		t.open++
		if q != nil {
			q.transfer = t
		}
	case !q.done:
		r.Failed++
	}
}

// answer notes the final answer to a request.
func (r *request) answer(done bool) {
	r.answered, r.done = true, done
	if t := r.transfer; t != nil {
		t.open--
		if !done {
			t.row.Failed++
		}
	}
}

// transfer finds the transfer that an object belongs to, or begins it.
func (d *dissector) transfer(key transferKey, ref event.Ref, seq uint32, out *event.Batch) *transfer {
	a := d.assoc
	for i := len(a.transfers) - 1; i >= 0; i-- { // objects of a series come one after the other
		if a.transfers[i].transferKey == key {
			return a.transfers[i]
		}
	}
	if len(a.transfers) >= maxTransfers {
		d.emitTransfer(a.transfers[0], out)
		a.transfers = a.transfers[1:]
	}
	t := &transfer{transferKey: key, ref: ref}
	t.row = clinical.ImageTransfer{Protocol: Protocol.Name, Source: messages.Name, ParentSeq: int64(seq), Study: key.study, Series: key.series,
		FromIP: d.address(key.dir).String(), ToIP: d.address(key.dir.Other()).String(), FromAE: a.titleOf(key.dir), ToAE: a.titleOf(key.dir.Other()),
		Mode: "push", RequestedBy: key.originator, RequestID: key.originID}
	if key.dir == dissect.FromServer {
		t.row.Mode = "pull"
	}
	a.transfers = append(a.transfers, t)
	return t
}

// emitTransfer writes a transfer. What was not answered until now counts as failed.
func (d *dissector) emitTransfer(t *transfer, out *event.Batch) {
	t.row.Failed += t.open
	t.open = 0
	clinical.ImageTransfers.Emit(out, t.ref, t.row)
}

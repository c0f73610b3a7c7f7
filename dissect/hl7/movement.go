package hl7

import (
	"wardtrace/dissect/clinical"
	"wardtrace/dissect/event"
)

// move is what one PID line and the PV1 line below it say about where a patient is.
type move struct {
	patient, visit, location, prior string
	admitted, discharged            event.Time
}

// move begins a movement with a PID line.
func (m *message) move(patient string) {
	if m.row.Type == "ADT" && m.room(len(patient)) {
		m.moves = append(m.moves, move{patient: patient})
	}
}

// moved fills it from a PV1 line.
func (m *message) moved(visit, location, prior string, admitted, discharged event.Time) {
	if n := len(m.moves); n > 0 {
		v := &m.moves[n-1]
		v.visit, v.location, v.prior, v.admitted, v.discharged = visit, location, prior, admitted, discharged
	}
}

// movements emits a row a patient of an ADT message: a swap of beds and a merge of records have several.
func (m *message) movements(out *event.Batch, parent int64) {
	what := movements[m.row.Trigger]
	if what == "" {
		return
	}
	for _, v := range m.moves {
		at := m.row.EventAt
		switch {
		case what == "admit" && v.admitted != 0:
			at = v.admitted
		case what == "discharge" && v.discharged != 0:
			at = v.discharged
		case at == 0:
			at = m.row.Time
		}
		clinical.PatientMovements.Emit(out, m.ref, clinical.PatientMovement{Protocol: "hl7", Source: "hl7_message", ParentSeq: parent,
			PatientID: v.patient, VisitNumber: v.visit, Event: what, Location: v.location, PriorLocation: v.prior, At: at})
	}
}

// movements are the events of ADT messages (3.3) that change a patient's place or record. Pending ones (A14 to A16) change
// nothing yet.
var movements = map[string]string{
	"A01": "admit", "A02": "transfer", "A03": "discharge", "A04": "register", "A05": "register", "A06": "update", "A07": "update", "A08": "update",
	"A09": "transfer", "A10": "transfer", "A11": "cancel_admit", "A12": "cancel_transfer", "A13": "cancel_discharge", "A17": "swap",
	"A18": "merge", "A21": "leave", "A22": "return", "A28": "update", "A30": "merge", "A31": "update", "A34": "merge", "A35": "merge",
	"A36": "merge", "A38": "cancel_admit", "A39": "merge", "A40": "merge", "A41": "merge", "A42": "merge",
}

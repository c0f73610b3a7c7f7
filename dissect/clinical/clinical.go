// Package clinical holds the tables in which clinical facts stand whatever protocol carried them, so that one rule or one
// query spans vendors: what was measured, which alarm sounded, which therapy was ordered or changed, which images moved,
// where a patient went.
//
// A dissector emits its own rows first and then, for each fact, one row here that names the own one by source and
// parent_seq. A value stands here only if the protocol says for certain what it is: a number of unknown meaning stays in the
// protocol's own table.
//
// The same thing has the same code whatever carried it: codes of ISO/IEEE 11073-10101 (coding system MDC) stand as reference identifiers,
// also where the wire has the number; a number is left only where the nomenclature does not know it, as those private to a vendor. Units are UCUM where the
// source gives UCUM or a unit of ISO/IEEE 11073 that has a UCUM spelling, else the source's own spelling (ml/h). Other coding systems keep their codes: LN is LOINC.
package clinical

import "wardtrace/dissect/event"

// Observation is one measured or reported value.
type Observation struct {
	Protocol     string             `col:"protocol" doc:"What carried it: hl7, fhir, ieee11073, intellivue, ..."`
	Source       string             `col:"source" doc:"Table of the protocol that holds the source row."`
	ParentSeq    int64              `col:"parent_seq" doc:"seq of the source row, in the same flow."`
	Dir          string             `col:"dir" doc:"Who sent it: client or server of the flow."`
	Device       string             `col:"device" doc:"Device that measured, as the message names it; NULL if it names none: then it is the sender."`
	PatientID    string             `col:"patient_id" phi:"id" doc:"Patient it is about, if the message says so."`
	Code         string             `col:"code" doc:"What was measured, in the coding system: MDC_ECG_HEART_RATE, 8867-4."`
	CodingSystem string             `col:"coding_system" doc:"MDC (ISO/IEEE 11073-10101), LN (LOINC), SCT, or the protocol's own name."`
	Name         string             `col:"name" doc:"What was measured, in words: the source's, else the nomenclature's."`
	Value        string             `col:"value" doc:"The value where it is a number, a code or a word of a closed list; free text is not kept here."`
	Number       event.Opt[float64] `col:"number" doc:"The value as a number, if it is one."`
	Unit         string             `col:"unit" doc:"Unit of the number, UCUM if the source gives UCUM or a unit of ISO/IEEE 11073."`
	Status       string             `col:"status" doc:"As the source says: F, P, C of HL7, final, amended of FHIR, valid, questionable, test, ... of devices."`
	ObservedAt   event.Time         `col:"observed_at" doc:"When it was measured as the source says, UTC; NULL if it does not say."`
}

// Alarm is one message that an alarm began, goes on, was silenced, switched off, got other limits, or ended.
type Alarm struct {
	Protocol     string     `col:"protocol" doc:"What carried it."`
	Source       string     `col:"source" doc:"Table of the protocol that holds the source row."`
	ParentSeq    int64      `col:"parent_seq" doc:"seq of the source row, in the same flow."`
	Dir          string     `col:"dir" doc:"Who sent it: client or server of the flow."`
	Device       string     `col:"device" doc:"Device that alarms, as the message names it; NULL if it names none: then it is the sender."`
	PatientID    string     `col:"patient_id" phi:"id" doc:"Patient it is about, if the message says so."`
	Code         string     `col:"code" doc:"Alarm or parameter, in the coding system."`
	CodingSystem string     `col:"coding_system" doc:"MDC, or the protocol's own name."`
	Text         string     `col:"text" doc:"The device's fixed text or the nomenclature's name."`
	Priority     string     `col:"priority" doc:"high, medium, low or info; NULL if the source does not say."`
	Kind         string     `col:"kind" doc:"physiological, technical or advisory; NULL if the source does not say."`
	Phase        string     `col:"phase" doc:"start, ongoing, silenced (audio paused, acknowledged), off (switched off or inhibited), on (switched on again), limits (changed limits), end."`
	Before       string     `col:"before" doc:"Limits or state before a change, if known."`
	After        string     `col:"after" doc:"Limits or state after a change."`
	Remote       bool       `col:"remote" doc:"The message asks the device for it; else the device reports it."`
	At           event.Time `col:"at" doc:"When, as the source says, UTC; NULL if it does not say."`
}

// Therapy is one order, start, change or end of a therapy, or a report of its setting.
type Therapy struct {
	Protocol     string             `col:"protocol" doc:"What carried it."`
	Source       string             `col:"source" doc:"Table of the protocol that holds the source row."`
	ParentSeq    int64              `col:"parent_seq" doc:"seq of the source row, in the same flow."`
	Dir          string             `col:"dir" doc:"Who sent it: client or server of the flow."`
	Device       string             `col:"device" doc:"Device that gives it, as the message names it; NULL if it names none."`
	PatientID    string             `col:"patient_id" phi:"id" doc:"Patient it is about, if the message says so."`
	Action       string             `col:"action" doc:"order, cancel, start, stop, pause, bolus, change, report (of a setting in use), given."`
	Code         string             `col:"code" doc:"Drug or therapy, in the coding system."`
	CodingSystem string             `col:"coding_system" doc:"NDC, RxNorm, MDC, or the protocol's own name."`
	Drug         string             `col:"drug" doc:"Drug or therapy in words."`
	Parameter    string             `col:"parameter" doc:"What is set: rate, dose, volume, vtbi, bolus, duration, concentration, weight, mode, or the setting's own name."`
	Before       event.Opt[float64] `col:"before" doc:"Value before, if known."`
	After        event.Opt[float64] `col:"after" doc:"Value from now on, or the one reported."`
	Value        string             `col:"value" doc:"Value that is no number: a mode or state."`
	Unit         string             `col:"unit" doc:"Unit of before and after."`
	OrderID      string             `col:"order_id" phi:"id" doc:"Order it belongs to."`
	Remote       bool               `col:"remote" doc:"The message tells the device to do so; else the device reports it."`
	At           event.Time         `col:"at" doc:"When, as the source says, UTC; NULL if it does not say."`
}

// ImageTransfer is the movement of one study's series over one conversation.
type ImageTransfer struct {
	Protocol    string     `col:"protocol" doc:"dicom or dicomweb."`
	Source      string     `col:"source" doc:"Table of the protocol that holds the source row."`
	ParentSeq   int64      `col:"parent_seq" doc:"seq of the first object's row, in the same flow."`
	Study       string     `col:"study_uid" doc:"Study Instance UID."`
	Series      string     `col:"series_uid" doc:"Series Instance UID."`
	Modality    string     `col:"modality" doc:"Modality of the series: CT, MR, ..."`
	PatientID   string     `col:"patient_id" phi:"id" doc:"Patient ID of the first object that has one."`
	Objects     int64      `col:"objects" doc:"Objects sent, failed ones included."`
	Failed      int64      `col:"failed" doc:"Objects that the receiver refused, or whose answer was not seen."`
	Bytes       int64      `col:"bytes" doc:"Bytes of the objects as sent."`
	FromIP      string     `col:"from_ip" doc:"Address the objects came from."`
	ToIP        string     `col:"to_ip" doc:"Address they went to."`
	FromAE      string     `col:"from_ae" doc:"AE title of the sender, if known."`
	ToAE        string     `col:"to_ae" doc:"AE title of the receiver, if known."`
	Mode        string     `col:"mode" doc:"push (the sender opened the connection) or pull (the receiver did)."`
	RequestedBy string     `col:"requested_by" doc:"AE title that asked for it with C-MOVE, as the sender says."`
	RequestID   int64      `col:"request_id" doc:"Message ID of that C-MOVE, 0 if none."`
	Until       event.Time `col:"until" doc:"Capture time of the last object."`
}

// PatientMovement is an admission, transfer, discharge or another change of a patient's place or record.
type PatientMovement struct {
	Protocol      string     `col:"protocol" doc:"What carried it."`
	Source        string     `col:"source" doc:"Table of the protocol that holds the source row."`
	ParentSeq     int64      `col:"parent_seq" doc:"seq of the source row, in the same flow."`
	PatientID     string     `col:"patient_id" phi:"id" doc:"Patient."`
	VisitNumber   string     `col:"visit_number" phi:"id" doc:"Visit or encounter."`
	Event         string     `col:"event" doc:"admit, register, transfer, discharge, leave, return, update, merge, cancel_admit, cancel_transfer, cancel_discharge, swap."`
	Location      string     `col:"location" doc:"Where the patient is from now on: unit^room^bed^facility."`
	PriorLocation string     `col:"prior_location" doc:"Where the patient was."`
	At            event.Time `col:"at" doc:"When, as the source says, UTC; NULL if it does not say."`
}

// The shared tables. A dissector that fills one need not list it in its Protocol.
var (
	Observations = table[Observation]{event.New[Observation]("observation", "Measured and reported values of every protocol."), tidyObservation}
	Alarms       = table[Alarm]{event.New[Alarm]("alarm", "Alarms of every protocol: starts, ends, and what was done to them."), tidyAlarm}
	Therapies    = table[Therapy]{event.New[Therapy]("therapy", "Orders, starts, changes and reports of therapies of every protocol."), tidyTherapy}

	ImageTransfers   = event.New[ImageTransfer]("image_transfer", "Studies and series that moved, one row a conversation and series.")
	PatientMovements = event.New[PatientMovement]("patient_movement", "Admissions, transfers and discharges of every protocol.")
)

// Tables are the shared tables, for the list of all that a case has.
func Tables() []*event.Table {
	return []*event.Table{Observations.Desc(), Alarms.Desc(), Therapies.Desc(), ImageTransfers.Desc(), PatientMovements.Desc()}
}

package hl7

import "wardtrace/dissect/event"

// Message is one message, acknowledgements included.
type Message struct {
	Dir               string             `col:"dir" doc:"Who sent it: client or server."`
	SendingApp        string             `col:"sending_app" doc:"MSH-3, first component."`
	SendingFacility   string             `col:"sending_facility" doc:"MSH-4, first component."`
	ReceivingApp      string             `col:"receiving_app" doc:"MSH-5, first component."`
	ReceivingFacility string             `col:"receiving_facility" doc:"MSH-6, first component."`
	Type              string             `col:"type" doc:"MSH-9.1, such as ADT, ORU, ACK."`
	Trigger           string             `col:"trigger" doc:"MSH-9.2, such as A01."`
	Structure         string             `col:"structure" doc:"MSH-9.3, such as ORU_R01."`
	ControlID         string             `col:"control_id" doc:"MSH-10, unique per sender by the standard; an acknowledgement has its own."`
	ProcessingID      string             `col:"processing_id" doc:"MSH-11.1: P production, T training, D debugging."`
	Version           string             `col:"version" doc:"MSH-12.1."`
	Time              event.Time         `col:"message_time" doc:"MSH-7 as UTC; read as UTC if it has no offset."`
	TimeText          string             `col:"message_time_text" doc:"MSH-7 as sent."`
	UTCOffset         event.Opt[int64]   `col:"utc_offset" doc:"Offset in MSH-7 in minutes; NULL if it has none."`
	Charset           string             `col:"charset" doc:"MSH-18 as declared."`
	DecodedAs         string             `col:"decoded_as" doc:"Character set the text was read in; ends in ? where it was guessed."`
	Profile           string             `col:"profile" doc:"MSH-21.1, the conformance profile, such as IHE_PCD_001."`
	PatientID         string             `col:"patient_id" phi:"id" doc:"PID-3, first identifier (else PID-2, PID-4)."`
	PatientIDCount    int64              `col:"patient_id_count" doc:"Identifiers of patients in PID-2, PID-3, PID-4 and MRG-1: each has a row in hl7_patient_id."`
	PatientName       string             `col:"patient_name" phi:"name" doc:"PID-5 as FAMILY^GIVEN^MIDDLE."`
	BirthDate         string             `col:"birth_date" phi:"birth" doc:"PID-7, YYYYMMDD."`
	Sex               string             `col:"sex" doc:"PID-8."`
	Address           string             `col:"address" phi:"contact" doc:"PID-11, components joined by ^."`
	Phone             string             `col:"phone" phi:"contact" doc:"PID-13, first number."`
	AccountNumber     string             `col:"account_number" phi:"id" doc:"PID-18, first component."`
	VisitNumber       string             `col:"visit_number" phi:"id" doc:"PV1-19, first component."`
	MergedID          string             `col:"merged_id" phi:"id" doc:"MRG-1: the identifier that a merge retires."`
	InsuranceID       string             `col:"insurance_id" phi:"id" doc:"IN1-36, policy number (else IN1-2)."`
	ContactName       string             `col:"contact_name" phi:"name" doc:"NK1-2, name of the first next of kin."`
	ContactPhone      string             `col:"contact_phone" phi:"contact" doc:"NK1-5."`
	PatientClass      string             `col:"patient_class" doc:"PV1-2: I inpatient, O outpatient, E emergency, ..."`
	EventAt           event.Time         `col:"event_at" doc:"EVN-6, when the event happened, else EVN-2, when it was recorded; UTC."`
	Location          string             `col:"location" doc:"PV1-3: unit^room^bed^facility."`
	PriorLocation     string             `col:"prior_location" doc:"PV1-6."`
	Attending         string             `col:"attending" phi:"name" doc:"PV1-7, the attending doctor's name."`
	PlacerOrder       string             `col:"placer_order" phi:"id" doc:"First order's placer number (ORC-2, OBR-2)."`
	FillerOrder       string             `col:"filler_order" phi:"id" doc:"First order's filler number (ORC-3, OBR-3)."`
	OrderControl      string             `col:"order_control" doc:"First ORC-1: NW new, CA cancel, RE result, ..."`
	DocumentType      string             `col:"document_type" doc:"TXA-2."`
	DocumentFile      string             `col:"document_file" phi:"free" doc:"TXA-16, the file name of a document."`
	Query             string             `col:"query" doc:"QPD-1 as code^text, or QRD-9 of older queries."`
	Framing           string             `col:"framing" doc:"mllp, mllp-no-start (0x0B missing), mllp-no-cr (0x0D missing after 0x1C), hllp, mllp2 (commit answer), none, datagram."`
	LineEnd           string             `col:"line_end" doc:"What ends the header line: cr, lf, crlf; NULL if nothing did."`
	Ended             string             `col:"ended" doc:"What ended the message: block, next (header), answer, turn (an acknowledgement, and the other side went on), close, gap, cut (snap length), datagram, batch (trailer)."`
	Headless          bool               `col:"headless" doc:"The header was not seen, or is damaged: what is left after a loss or a late start."`
	BodyHash          string             `col:"body_hash" phi:"free" doc:"SHA-256 (first 128 bits) over all lines after MSH, each ended by CR; NULL if there are none. A digest of patient data can be guessed: in the case it is keyed, and equal bodies stay equal."`
	Bytes             int64              `col:"bytes" doc:"Bytes of the message without framing."`
	Segments          int64              `col:"segments" doc:"Lines of the message, MSH included."`
	Outline           string             `col:"outline" doc:"Names of the lines in order, such as MSH PID OBR OBX*4."`
	ZSegments         []string           `col:"z_segments" doc:"Site-defined lines (Zxx), each name once."`
	UnknownSegments   int64              `col:"unknown_segments" doc:"Lines with a name that no version defines, Zxx not counted."`
	PIDCount          int64              `col:"pid_count" doc:"Number of PID lines."`
	LongestField      int64              `col:"longest_field" doc:"Bytes of the longest field."`
	Security          bool               `col:"security" doc:"MSH-8 is not empty: it sometimes holds a password (never stored)."`
	Credential        bool               `col:"credential" doc:"A UAC line carries a user's credential (never stored)."`
	PHISeen           []string           `col:"phi_seen" doc:"Kinds of patient data present: id, name, birth, address, phone, ssn, account, kin, insurance, guarantor, text."`
	Flags             []string           `col:"flags" doc:"escaped_segment (an escape yields a new line), escaped_cr, lf_segment, second_header, path, markup, lookup (${...:)."`
	BatchID           string             `col:"batch_id" doc:"BHS-11 (or FHS-11) of the batch the message is in."`
	AckCode           string             `col:"ack_code" doc:"MSA-1 (AA AE AR CA CE CR), or commit-ack and commit-nak of MLLP release 2; on the acknowledgement's row only."`
	AckControlID      string             `col:"ack_control_id" doc:"MSA-2: the control id that is acknowledged."`
	AckOf             event.Opt[int64]   `col:"ack_of" doc:"seq of the row of the message that is acknowledged."`
	LatencyMS         event.Opt[float64] `col:"latency_ms" doc:"Milliseconds from the message's last packet to the acknowledgement's."`
	ErrorCode         string             `col:"error_code" doc:"ERR-3.1 (table 0357), or MSA-6.1, or ERR-1.4 of older versions."`
	ErrorText         string             `col:"error_text" phi:"free" doc:"MSA-3, ERR-7 or ERR-8."`
}

var messages = event.New[Message]("hl7_message", "HL7 v2 messages, acknowledgements included, one row each.")

// Observation is one OBX line.
type Observation struct {
	ParentSeq      int64              `col:"parent_seq" doc:"seq of the message in hl7_message."`
	ControlID      string             `col:"control_id" doc:"MSH-10 of the message."`
	SetID          event.Opt[int64]   `col:"set_id" doc:"OBX-1."`
	SubID          string             `col:"sub_id" doc:"OBX-4; in device messages the containment path MDS.VMD.CHAN.METRIC."`
	Code           string             `col:"code" doc:"OBX-3.1."`
	Text           string             `col:"text" doc:"OBX-3.2."`
	CodingSystem   string             `col:"coding_system" doc:"OBX-3.3: LN, MDC, 99..., ..."`
	AltCode        string             `col:"alt_code" doc:"OBX-3.4."`
	ValueType      string             `col:"value_type" doc:"OBX-2: NM, SN, ST, CWE, TX, ED, ..."`
	Value          string             `col:"value" doc:"OBX-5 where it is a number, a code or a time, or a word of a closed list."`
	ValueNumber    event.Opt[float64] `col:"value_number" doc:"OBX-5 as a number, if it is one."`
	TextValue      string             `col:"text_value" phi:"free" doc:"OBX-5 where it is free text or a name."`
	ValueLength    int64              `col:"value_length" doc:"Bytes of OBX-5 as sent."`
	Encapsulated   string             `col:"encapsulated" doc:"OBX-5.2 to 5.4 of type ED: type^subtype^encoding; of type RP its type."`
	Content        string             `col:"content" doc:"What encapsulated data begins with: pdf, jpeg, exe, elf, zip, xml, script, ..."`
	Units          string             `col:"units" doc:"OBX-6.1."`
	ReferenceRange string             `col:"reference_range" doc:"OBX-7."`
	AbnormalFlag   string             `col:"abnormal_flag" doc:"OBX-8, ? for what is no flag; in alert messages priority~type~abnormality."`
	Status         string             `col:"status" doc:"OBX-11: F final, P preliminary, C correction, D deleted, W wrong, ..."`
	ObservedAt     event.Time         `col:"observed_at" doc:"OBX-14, else OBR-7 of the order it belongs to, UTC."`
	Device         string             `col:"device" doc:"OBX-18: equipment instance, or PRT-10 of the line that follows."`
	Producer       string             `col:"producer" doc:"OBX-15.1: who produced it."`
	Observer       string             `col:"observer" phi:"name" doc:"OBX-16: responsible observer's name."`
	PatientID      string             `col:"patient_id" phi:"id" doc:"Patient of the PID line above, for joins."`
	PlacerOrder    string             `col:"placer_order" phi:"id" doc:"OBR-2 (ORC-2) of the order it belongs to."`
	FillerOrder    string             `col:"filler_order" phi:"id" doc:"OBR-3 (ORC-3) of the order it belongs to."`
	Panel          string             `col:"panel" doc:"OBR-4.1 of the order it belongs to."`
}

var observations = event.New[Observation]("hl7_observation", "Results and device readings: one row an OBX line.")

// Order is one line that orders, gives or reports a service or a drug.
type Order struct {
	ParentSeq    int64              `col:"parent_seq" doc:"seq of the message in hl7_message."`
	ControlID    string             `col:"control_id" doc:"MSH-10 of the message."`
	Segment      string             `col:"segment" doc:"ORC, OBR, RXO, RXE, RXG, RXD, RXA or RXC."`
	OrderControl string             `col:"order_control" doc:"ORC-1 of the order."`
	Status       string             `col:"status" doc:"ORC-5, OBR-25 or RXA-20."`
	PlacerOrder  string             `col:"placer_order" phi:"id" doc:"Placer order number."`
	FillerOrder  string             `col:"filler_order" phi:"id" doc:"Filler order number."`
	Code         string             `col:"code" doc:"Service (OBR-4) or drug (RXO-1, RXE-2, RXG-4, RXD-2, RXA-5, RXC-2)."`
	Text         string             `col:"text" doc:"Its text."`
	CodingSystem string             `col:"coding_system" doc:"Its coding system."`
	Amount       event.Opt[float64] `col:"amount" doc:"Amount to give, given or dispensed (the least, where there is a range)."`
	AmountMax    event.Opt[float64] `col:"amount_max" doc:"The largest amount, where there is a range."`
	Units        string             `col:"units" doc:"Units of the amount."`
	Rate         event.Opt[float64] `col:"rate" doc:"Rate (RXO-21, RXE-23, RXG-15)."`
	RateUnits    string             `col:"rate_units" doc:"Units of the rate."`
	Route        string             `col:"route" doc:"RXR-1.1 of the line that follows."`
	Start        event.Time         `col:"start" doc:"OBR-7, ORC-7.4, RXA-3, RXD-3 or TQ1-7, UTC."`
	Provider     string             `col:"provider" phi:"name" doc:"Ordering (ORC-12, OBR-16) or administering (RXA-10) provider's name."`
	EnteredBy    string             `col:"entered_by" phi:"name" doc:"ORC-10."`
	PatientID    string             `col:"patient_id" phi:"id" doc:"Patient of the PID line above, for joins."`
}

var orders = event.New[Order]("hl7_order", "Orders and drug orders, gifts and dispenses: one row an ORC, OBR or RX line.")

// PatientID is one identifier of a patient.
type PatientID struct {
	ParentSeq int64  `col:"parent_seq" doc:"seq of the message in hl7_message."`
	ControlID string `col:"control_id" doc:"MSH-10 of the message."`
	Field     string `col:"field" doc:"Where it stands: PID-3, PID-2 and PID-4 of older versions, or MRG-1 (the identifier that a merge retires)."`
	PID       int64  `col:"pid" doc:"Number of the PID line in the message, from 1."`
	PatientID string `col:"patient_id" phi:"id" doc:"The identifier (first component)."`
	Authority string `col:"authority" doc:"Who assigned it: fourth component, namespace, else universal id."`
	Kind      string `col:"kind" doc:"Fifth component, table 0203: MR medical record, PI internal, SS social security, AN account, ..."`
}

var patientIDs = event.New[PatientID]("hl7_patient_id", "Identifiers of patients, one row each, so that each joins: a patient has one in every system.")

// Code is one allergy, diagnosis or procedure.
type Code struct {
	ParentSeq    int64  `col:"parent_seq" doc:"seq of the message in hl7_message."`
	ControlID    string `col:"control_id" doc:"MSH-10 of the message."`
	Segment      string `col:"segment" doc:"AL1, DG1 or PR1."`
	Kind         string `col:"kind" doc:"AL1-2 or DG1-6."`
	Code         string `col:"code" doc:"AL1-3, DG1-3 or PR1-3, first component."`
	Text         string `col:"text" phi:"free" doc:"Its text, or DG1-4."`
	CodingSystem string `col:"coding_system" doc:"Its coding system."`
	Severity     string `col:"severity" doc:"AL1-4.1."`
	PatientID    string `col:"patient_id" phi:"id" doc:"Patient of the PID line above."`
}

var codes = event.New[Code]("hl7_code", "Allergies, diagnoses and procedures: one row an AL1, DG1 or PR1 line.")

// Batch is a batch or a file of batches.
type Batch struct {
	Dir             string           `col:"dir" doc:"Who sent it: client or server."`
	Level           string           `col:"level" doc:"batch (BHS to BTS) or file (FHS to FTS)."`
	SendingApp      string           `col:"sending_app" doc:"BHS-3 or FHS-3."`
	SendingFacility string           `col:"sending_facility" doc:"BHS-4 or FHS-4."`
	Name            string           `col:"name" doc:"BHS-9.1 or FHS-9: name, id or type."`
	ControlID       string           `col:"control_id" doc:"BHS-11 or FHS-11."`
	Declared        event.Opt[int64] `col:"declared" doc:"BTS-1 messages, or FTS-1 batches; NULL if there is no trailer or no count."`
	Seen            int64            `col:"seen" doc:"Messages in the batch, or batches in the file, that were seen."`
	Messages        int64            `col:"messages" doc:"Messages in the batch or file that were seen."`
	Complete        bool             `col:"complete" doc:"Header and trailer were seen."`
	Security        bool             `col:"security" doc:"BHS-8 or FHS-8 is not empty."`
}

var batches = event.New[Batch]("hl7_batch", "Batches and files of messages, with declared and seen counts.")

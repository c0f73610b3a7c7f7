package x12

import "wardtrace/dissect/event"

// Interchange is one X12 interchange, ISA to IEA.
type Interchange struct {
	Dir          string           `col:"dir" doc:"Who sent it: client or server."`
	SenderKind   string           `col:"sender_qualifier" doc:"ISA-05: what kind of id the sender's is: 30 tax id, ZZ mutually defined, ..."`
	Sender       string           `col:"sender" doc:"ISA-06."`
	ReceiverKind string           `col:"receiver_qualifier" doc:"ISA-07."`
	Receiver     string           `col:"receiver" doc:"ISA-08."`
	At           event.Time       `col:"interchange_time" doc:"ISA-09 and ISA-10, read as UTC."`
	Version      string           `col:"version" doc:"ISA-12."`
	Control      string           `col:"control_number" doc:"ISA-13."`
	Usage        string           `col:"usage" doc:"ISA-15: P production, T test."`
	Password     bool             `col:"password" doc:"ISA-03 says that ISA-04 is a password in clear (never stored)."`
	Groups       []string         `col:"groups" doc:"GS-01 of its groups: HC claims, HS eligibility, HI authorisation, FA acknowledgement, ..."`
	GroupSender  string           `col:"group_sender" doc:"GS-02 of the first group."`
	GroupTarget  string           `col:"group_receiver" doc:"GS-03 of the first group."`
	Guide        string           `col:"implementation" doc:"GS-08 of the first group, such as 005010X222A1."`
	Sets         []string         `col:"transaction_sets" doc:"ST-01, each once: 837 claim, 835 payment, 270 and 271 eligibility, 276 and 277 status, 278 authorisation, 834, 820, 997, 999."`
	Name         string           `col:"name" doc:"The first of them in words."`
	Transactions int64            `col:"transactions" doc:"Transactions (ST) that were seen."`
	Claims       int64            `col:"claims" doc:"CLM and CLP segments: claims and their payments."`
	Patients     int64            `col:"patients" doc:"Subscribers and patients named (NM1)."`
	SSN          bool             `col:"ssn" doc:"A social security number is in it (REF SY); not stored."`
	Declared     event.Opt[int64] `col:"declared_groups" doc:"IEA-01."`
	Segments     int64            `col:"segments" doc:"Segments."`
	Bytes        int64            `col:"bytes" doc:"Bytes."`
	Complete     bool             `col:"complete" doc:"IEA with the same control number was seen."`
}

var interchanges = event.New[Interchange]("x12_interchange", "X12 interchanges with payers (claims, eligibility, authorisation), one row each.")

// Person is a subscriber or patient in an interchange.
type Person struct {
	ParentSeq int64  `col:"parent_seq" doc:"seq of the interchange in x12_interchange."`
	Set       string `col:"transaction_set" doc:"ST-01 of the transaction."`
	Role      string `col:"role" doc:"subscriber (IL) or patient (QC)."`
	ID        string `col:"patient_id" phi:"id" doc:"NM1-09: the member's number with the payer."`
	Kind      string `col:"id_kind" doc:"NM1-08: MI member, II standard health identifier, 34 social security number, ..."`
	Name      string `col:"patient_name" phi:"name" doc:"NM1-03 and NM1-04 as FAMILY^GIVEN."`
	Birth     string `col:"birth_date" phi:"birth" doc:"DMG-02."`
	Sex       string `col:"sex" doc:"DMG-03."`
}

var people = event.New[Person]("x12_patient", "Subscribers and patients named in X12 interchanges, one row each.")

// Pharmacy is one message of NCPDP.
type Pharmacy struct {
	Dir       string `col:"dir" doc:"Who sent it: client or server."`
	Standard  string `col:"standard" doc:"SCRIPT XML, SCRIPT EDIFACT or Telecom."`
	Version   string `col:"version" doc:"Version of the standard as the message says."`
	Type      string `col:"type" doc:"Kind: NewRx, RxRenewalRequest, Status, ... of SCRIPT; B1 billing, B2 reversal, E1 eligibility, ... of Telecom."`
	From      string `col:"sender" doc:"Header's From."`
	To        string `col:"receiver" doc:"Header's To; of Telecom the BIN of the payer."`
	MessageID string `col:"message_id" doc:"Header's MessageID."`
	RelatesTo string `col:"relates_to" doc:"Header's RelatesToMessageID."`
	Bytes     int64  `col:"bytes" doc:"Bytes."`
}

var pharmacies = event.New[Pharmacy]("ncpdp_message", "Messages of pharmacies (NCPDP), for the inventory: one row each, nothing of what is prescribed.")

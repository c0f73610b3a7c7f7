package hl7v3

import "wardtrace/dissect/event"

// Message is one message of version 3, one SOAP message of IHE's document sharing, or a bare clinical document.
type Message struct {
	Dir           string     `col:"dir" doc:"Who sent it: client or server."`
	Framing       string     `col:"framing" doc:"http, mllp or none (bare XML on a connection)."`
	Interaction   string     `col:"interaction" doc:"Interaction id of version 3, such as PRPA_IN201305UV02, else the name of the body's first element."`
	Name          string     `col:"name" doc:"What that is, in words."`
	Transaction   string     `col:"transaction" doc:"IHE transaction, such as ITI-41, where the action or interaction tells."`
	Action        string     `col:"action" doc:"SOAP action: WS-Addressing, SOAPAction, or parameter action of the content type."`
	SOAP          bool       `col:"soap" doc:"It is in a SOAP envelope."`
	MessageID     string     `col:"message_id" doc:"Id of the message: root^extension, else MessageID of WS-Addressing."`
	RelatesTo     string     `col:"relates_to" doc:"Id of the message that it answers."`
	CreatedAt     event.Time `col:"created_at" doc:"creationTime, UTC; read as UTC if it has no offset."`
	Sender        string     `col:"sender" doc:"Device id of the sender: root^extension."`
	Receiver      string     `col:"receiver" doc:"Device id of the receiver."`
	AckCode       string     `col:"ack_code" doc:"typeCode of an acknowledgement: AA AE AR CA CE CR; of an ebXML response its status: Success, Failure, PartialSuccess."`
	QueryResponse string     `col:"query_response" doc:"queryResponseCode: OK, NF (nothing found), AE, QE."`
	Query         string     `col:"query" doc:"Stored query of a registry, in words or as its id."`
	Patients      int64      `col:"patients" doc:"Rows in hl7v3_patient that it has."`
	Documents     int64      `col:"documents" doc:"Rows in hl7v3_document that it has."`
	Errors        int64      `col:"errors" doc:"Errors that a response lists, and SOAP faults."`
	Fault         string     `col:"fault" doc:"Code of a SOAP fault."`
	Credential    string     `col:"credential" doc:"Password of WS-Security: text (in clear) or digest; the password is never stored."`
	Assertion     bool       `col:"assertion" doc:"A SAML assertion says who asks."`
	Parts         int64      `col:"parts" doc:"Parts of a multipart message, 0 if it is none."`
	Bytes         int64      `col:"bytes" doc:"Bytes of the body as sent."`
	Complete      bool       `col:"complete" doc:"All of it was seen and it is sound XML."`
}

var messages = event.New[Message]("hl7v3_message", "HL7 version 3 and IHE document sharing: one row a message or bare document.")

// Patient is one patient or identifier in a message.
type Patient struct {
	ParentSeq int64  `col:"parent_seq" doc:"seq of the message in hl7v3_message."`
	Kind      string `col:"kind" doc:"subject (of a record), query (asked for), prior (identifier that a merge retires), document (of a document entry)."`
	PatientID string `col:"patient_id" phi:"id" doc:"Identifier: its extension."`
	Authority string `col:"authority" doc:"Who assigned it: root OID, or the namespace's name."`
	Name      string `col:"patient_name" phi:"name" doc:"FAMILY^GIVEN."`
	Birth     string `col:"birth_date" phi:"birth" doc:"Birth date, YYYYMMDD."`
	Sex       string `col:"sex" doc:"administrativeGenderCode."`
	Address   string `col:"address" phi:"contact" doc:"Address, parts joined by ^."`
	Phone     string `col:"phone" phi:"contact" doc:"First telecom."`
}

var patients = event.New[Patient]("hl7v3_patient", "Patients in version 3 messages and registry metadata: one row an identifier.")

// Entry is one document that a message shares, asks for or returns.
type Entry struct {
	ParentSeq  int64    `col:"parent_seq" doc:"seq of the message in hl7v3_message."`
	Kind       string   `col:"kind" doc:"entry (metadata), request, response (with the document)."`
	DocumentID string   `col:"document_id" phi:"id" doc:"Unique id of the document."`
	Repository string   `col:"repository" doc:"Unique id of the repository."`
	Community  string   `col:"home_community" doc:"Home community id."`
	MediaType  string   `col:"media_type" doc:"MIME type."`
	TypeCode   string   `col:"type_code" doc:"typeCode of the entry, LOINC mostly."`
	ClassCode  string   `col:"class_code" doc:"classCode of the entry."`
	Title      string   `col:"title" phi:"free" doc:"Title of the entry."`
	Author     string   `col:"author" phi:"name" doc:"authorPerson."`
	Size       int64    `col:"size" doc:"Size that the entry declares, 0 if none."`
	Hash       string   `col:"hash" phi:"free" doc:"SHA-1 that the entry declares."`
	Status     string   `col:"status" doc:"Approved, Deprecated, ..."`
	PatientID  string   `col:"patient_id" phi:"id" doc:"Patient of the entry."`
	Formats    []string `col:"formats" doc:"formatCode of the entry."`
}

var entries = event.New[Entry]("hl7v3_document", "Documents that IHE messages share, ask for or return: one row a document.")

// Document is one clinical document (CDA).
type Document struct {
	ParentSeq       int64      `col:"parent_seq" doc:"seq of the message in hl7v3_message."`
	Dir             string     `col:"dir" doc:"Who sent it: client or server."`
	DocumentID      string     `col:"document_id" phi:"id" doc:"Id: root^extension."`
	SetID           string     `col:"set_id" phi:"id" doc:"Id of the set of versions."`
	Version         string     `col:"version" doc:"versionNumber."`
	TypeCode        string     `col:"type_code" doc:"What document it is: code, LOINC mostly."`
	TypeSystem      string     `col:"type_system" doc:"LN for LOINC, else the code system's name or OID."`
	TypeName        string     `col:"type_name" doc:"displayName of the code."`
	Title           string     `col:"title" phi:"free" doc:"Title."`
	Templates       []string   `col:"templates" doc:"templateId of the document."`
	CreatedAt       event.Time `col:"created_at" doc:"effectiveTime, UTC."`
	Confidentiality string     `col:"confidentiality" doc:"N normal, R restricted, V very restricted."`
	Language        string     `col:"language" doc:"languageCode."`
	PatientID       string     `col:"patient_id" phi:"id" doc:"recordTarget, first identifier."`
	Authority       string     `col:"patient_id_authority" doc:"Who assigned it."`
	PatientName     string     `col:"patient_name" phi:"name" doc:"FAMILY^GIVEN."`
	BirthDate       string     `col:"birth_date" phi:"birth" doc:"YYYYMMDD."`
	Sex             string     `col:"sex" doc:"administrativeGenderCode."`
	Address         string     `col:"address" phi:"contact" doc:"Address, parts joined by ^."`
	Phone           string     `col:"phone" phi:"contact" doc:"First telecom."`
	Author          string     `col:"author" phi:"name" doc:"First person who wrote it."`
	Device          string     `col:"author_device" doc:"manufacturerModelName of an authoring device."`
	Software        string     `col:"author_software" doc:"softwareName of an authoring device."`
	Custodian       string     `col:"custodian" doc:"Organisation that keeps it."`
	CustodianID     string     `col:"custodian_id" doc:"Its id: root^extension."`
	Encounter       string     `col:"encounter" phi:"id" doc:"componentOf: the encounter's id."`
	MediaType       string     `col:"media_type" doc:"Of a body that is no XML (nonXMLBody): its type."`
	Sections        []string   `col:"sections" doc:"Codes of its sections, the first 64."`
	Complete        bool       `col:"complete" doc:"All of it was seen and it is sound XML."`
}

var documents = event.New[Document]("cda_document", "Clinical documents (CDA), one row each.")

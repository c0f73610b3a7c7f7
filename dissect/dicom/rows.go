package dicom

import "wardtrace/dissect/event"

// Association is an association, or the attempt at one.
type Association struct {
	AssociationSeq       int64            `col:"association_seq" doc:"Number of the association in its flow, from 1; messages name it."`
	Until                event.Time       `col:"until" doc:"Time of its last PDU."`
	CallingAE            string           `col:"calling_ae" doc:"Calling AE title, trimmed (PS3.8 9.3.2)."`
	CalledAE             string           `col:"called_ae" doc:"Called AE title, trimmed."`
	Result               string           `col:"result" doc:"accepted, rejected, unanswered; NULL if the beginning was not captured."`
	RejectResult         string           `col:"reject_result" doc:"permanent or transient (PS3.8 9.3.4)."`
	RejectSource         string           `col:"reject_source" doc:"user, acse or presentation."`
	RejectReason         string           `col:"reject_reason" doc:"Why, in the standard's words: called_ae_not_recognized, ..."`
	Ended                string           `col:"ended" doc:"released, aborted or cut; NULL for a rejected one."`
	AbortBy              string           `col:"abort_by" doc:"Who aborted: client or server."`
	AbortSource          string           `col:"abort_source" doc:"user or provider (PS3.8 9.3.8)."`
	AbortReason          string           `col:"abort_reason" doc:"Why, of a provider's abort."`
	Requestor            string           `col:"requestor" doc:"The flow's side that asked for the association: client or server; NULL if not known."`
	CallingUID           string           `col:"calling_implementation_uid" doc:"Implementation class UID of the requestor (PS3.7 D.3.3.2)."`
	CallingVersion       string           `col:"calling_version" doc:"Implementation version name of the requestor."`
	CalledUID            string           `col:"called_implementation_uid" doc:"Implementation class UID of the acceptor."`
	CalledVersion        string           `col:"called_version" doc:"Implementation version name of the acceptor."`
	CallingMaxPDU        event.Opt[int64] `col:"calling_max_pdu" doc:"Longest P-DATA the requestor takes; 0 = any."`
	CalledMaxPDU         event.Opt[int64] `col:"called_max_pdu" doc:"Longest P-DATA the acceptor takes; 0 = any."`
	ApplicationContext   string           `col:"application_context" doc:"Application context name; 1.2.840.10008.3.1.1.1 for all of DICOM."`
	ProtocolVersion      int64            `col:"protocol_version" doc:"Protocol version bits of the request; 1 for all of DICOM."`
	UserIdentity         string           `col:"user_identity" doc:"Kind of user identity sent: username, username_passcode, kerberos, saml, jwt (PS3.7 D.3.3.7)."`
	UserName             string           `col:"user_name" doc:"User name, where the identity is one; passcodes and tokens are never kept."`
	UserSecretBytes      event.Opt[int64] `col:"user_secret_bytes" doc:"Length of the passcode or token that was sent."`
	UserConfirmed        event.Opt[bool]  `col:"user_confirmed" doc:"The acceptor confirmed the user identity; NULL if no confirmation was asked for."`
	ContextsProposed     int64            `col:"contexts_proposed" doc:"Presentation contexts in the request."`
	ContextsAccepted     int64            `col:"contexts_accepted" doc:"Presentation contexts that were accepted."`
	SOPClasses           []string         `col:"sop_classes" doc:"SOP classes proposed, as UIDs."`
	SOPClassNames        []string         `col:"sop_class_names" doc:"The same as names of PS3.6, the UID where there is none."`
	AcceptedClassNames   []string         `col:"accepted_sop_class_names" doc:"SOP classes of the accepted contexts."`
	ProposedSyntaxes     []string         `col:"proposed_transfer_syntaxes" doc:"Transfer syntaxes proposed, as UIDs."`
	AcceptedSyntaxes     []string         `col:"accepted_transfer_syntaxes" doc:"Transfer syntaxes accepted, as UIDs."`
	VerificationOnly     bool             `col:"verification_only" doc:"Nothing but the Verification SOP class was proposed."`
	AsyncInvoked         event.Opt[int64] `col:"async_invoked" doc:"Operations the requestor would have outstanding (PS3.7 D.3.3.3); 0 = any."`
	AsyncPerformed       event.Opt[int64] `col:"async_performed" doc:"Operations it would perform at a time."`
	AsyncInvokedAgreed   event.Opt[int64] `col:"async_invoked_agreed" doc:"Operations the requestor may have outstanding, as the acceptor answered; NULL without an answer, which means 1."`
	AsyncPerformedAgreed event.Opt[int64] `col:"async_performed_agreed" doc:"Operations it shall perform at a time, as the acceptor answered."`
	MaxOutstanding       int64            `col:"max_outstanding" doc:"Most requests that a side had outstanding at one time."`
	RoleSelections       []string         `col:"role_selections" doc:"SCP/SCU roles proposed, as class:roles (PS3.7 D.3.3.4); dicom_negotiation has the answers."`
	ExtendedNegotiations []string         `col:"extended_negotiations" doc:"Extended negotiation, as class:bytes of information."`
	PathCharacters       bool             `col:"path_characters" doc:"An AE title holds what leads to another folder: / \\ .. :"`
	InvalidField         bool             `col:"invalid_field" doc:"An AE title or UID is not what the standard allows: empty, oversize, other characters."`
	Messages             int64            `col:"messages" doc:"DIMSE messages, both directions."`
	PDUs                 int64            `col:"pdus" doc:"PDUs, both directions."`
	ClientDatasetBytes   int64            `col:"client_dataset_bytes" doc:"Bytes of data sets from the flow's client."`
	ServerDatasetBytes   int64            `col:"server_dataset_bytes" doc:"Bytes of data sets from the flow's server."`
	OversizePDUs         int64            `col:"oversize_pdus" doc:"P-DATA PDUs longer than their receiver takes."`
	LostBytes            int64            `col:"lost_bytes" doc:"Bytes of the association that are not in the capture."`
}

var associations = event.New[Association]("dicom_association", "DICOM associations, also rejected and unanswered ones; the evidence is the packet that completed the request.")

// PresentationContext is a proposed presentation context and what became of it.
type PresentationContext struct {
	ParentSeq      int64    `col:"parent_seq" doc:"seq of its dicom_association."`
	ContextID      int64    `col:"context_id" doc:"Presentation context ID, odd."`
	SOPClass       string   `col:"sop_class" doc:"Abstract syntax UID."`
	SOPClassName   string   `col:"sop_class_name" doc:"Its name in PS3.6."`
	Syntaxes       []string `col:"proposed_transfer_syntaxes" doc:"Transfer syntaxes proposed."`
	Result         string   `col:"result" doc:"acceptance, user_rejection, no_reason, abstract_syntax_not_supported, transfer_syntaxes_not_supported; NULL without an answer."`
	TransferSyntax string   `col:"transfer_syntax" doc:"Transfer syntax accepted."`
}

var contexts = event.New[PresentationContext]("dicom_presentation_context", "Presentation contexts proposed in an association, with the answer.")

// Negotiation is what one side says about a SOP class beside its presentation contexts.
type Negotiation struct {
	ParentSeq    int64            `col:"parent_seq" doc:"seq of its dicom_association."`
	Side         string           `col:"side" doc:"requestor (proposes) or acceptor (answers)."`
	Item         string           `col:"item" doc:"role_selection (PS3.7 D.3.3.4), extended (D.3.3.5) or common_extended (D.3.3.6)."`
	SOPClass     string           `col:"sop_class" doc:"SOP class it is about."`
	SOPClassName string           `col:"sop_class_name" doc:"Its name in PS3.6."`
	SCU          event.Opt[bool]  `col:"scu" doc:"Of a role selection: the requestor is, or may be, service class user."`
	SCP          event.Opt[bool]  `col:"scp" doc:"Of a role selection: the requestor is, or may be, service class provider."`
	Bytes        event.Opt[int64] `col:"bytes" doc:"Of an extended negotiation: bytes of service class application information."`
	Options      []string         `col:"options" doc:"What they say, where PS3.4 defines it: relational_queries, date_time_matching, fuzzy_names, timezone, enhanced_conversion (C.5), level_0 to level_2, signature_level_1 to _3 (B.3)."`
	ServiceClass string           `col:"service_class" doc:"Of a common extended negotiation: Service Class UID."`
	Related      []string         `col:"related_general_sop_classes" doc:"Of a common extended negotiation: related general SOP classes, as UIDs."`
}

var negotiations = event.New[Negotiation]("dicom_negotiation", "Role selections and extended negotiations of an association, proposed and answered.")

// Message is a DIMSE message.
type Message struct {
	AssociationSeq   int64            `col:"association_seq" doc:"association_seq of its dicom_association in the same flow."`
	Started          event.Time       `col:"started" doc:"Time of the packet that completed its command; ts is that of its last fragment."`
	Dir              string           `col:"dir" doc:"Who sent it: the flow's client or server."`
	CallingAE        string           `col:"calling_ae" doc:"Calling AE title of the association."`
	CalledAE         string           `col:"called_ae" doc:"Called AE title of the association."`
	Command          string           `col:"command" doc:"C-STORE-RQ, C-FIND-RSP, N-ACTION-RQ, C-CANCEL-RQ, ... (PS3.7 E.1)."`
	MessageID        int64            `col:"message_id" doc:"Message ID of a request; of a response, or of a cancel, that of the request it is about."`
	ContextID        int64            `col:"context_id" doc:"Presentation context ID."`
	SOPClass         string           `col:"sop_class" doc:"Affected or Requested SOP Class UID, or the presentation context's abstract syntax."`
	SOPClassName     string           `col:"sop_class_name" doc:"Its name in PS3.6."`
	SOPInstance      string           `col:"sop_instance" doc:"Affected or Requested SOP Instance UID; of a response that names none, the request's."`
	Priority         string           `col:"priority" doc:"low, medium, high."`
	Status           string           `col:"status" doc:"Status of a response, as 0xA701."`
	StatusCategory   string           `col:"status_category" doc:"success, pending, cancel, warning, failure (PS3.7 annex C)."`
	StatusMeaning    string           `col:"status_meaning" doc:"What it says."`
	MoveDestination  string           `col:"move_destination" doc:"AE title that a C-MOVE shall send to."`
	MoveOriginatorAE string           `col:"move_originator_ae" doc:"Of a C-STORE that a C-MOVE caused: AE title that asked for it."`
	MoveOriginatorID event.Opt[int64] `col:"move_originator_id" doc:"And the Message ID of that C-MOVE."`
	Remaining        event.Opt[int64] `col:"remaining" doc:"Sub-operations to come."`
	Completed        event.Opt[int64] `col:"completed" doc:"Sub-operations done."`
	Failed           event.Opt[int64] `col:"failed" doc:"Sub-operations that failed."`
	Warning          event.Opt[int64] `col:"warning" doc:"Sub-operations done with a warning."`
	Matches          event.Opt[int64] `col:"matches" doc:"Of the final C-FIND response: matches before it."`
	EventType        event.Opt[int64] `col:"event_type" doc:"Event Type ID of an N-EVENT-REPORT."`
	ActionType       event.Opt[int64] `col:"action_type" doc:"Action Type ID of an N-ACTION."`
	Operation        string           `col:"operation" doc:"What the event or action type means for the SOP class (PS3.4): commitment_request, commitment_failures, change_state, subscribe, cancel_request, print, job_failure, ..."`
	CausedBy         event.Opt[int64] `col:"caused_by" doc:"Of a C-STORE on the association of a C-GET: Message ID of that C-GET; NULL if more than one was open."`
	Attributes       []string         `col:"attributes" doc:"Attributes an N-GET asks for, as tags."`
	Offending        []string         `col:"offending" doc:"Offending elements of a failure, as tags."`
	ErrorComment     string           `col:"error_comment" doc:"Error comment of a failure." phi:"free"`
	ErrorID          event.Opt[int64] `col:"error_id" doc:"Error ID of a failure."`
	HasDataset       bool             `col:"has_dataset" doc:"The command announces a data set."`
	DatasetBytes     int64            `col:"dataset_bytes" doc:"Bytes of the data set that followed, lost ones included."`
	Fragments        int64            `col:"fragments" doc:"Fragments (PDVs) of command and data set."`
	Complete         bool             `col:"complete" doc:"The last fragment came and nothing was lost before it."`
	InvalidUID       bool             `col:"invalid_uid" doc:"A UID of the command is no UID: other characters, or more than 64."`
	PathCharacters   bool             `col:"path_characters" doc:"A UID or AE title of the command holds what leads to another folder: / \\ .. :"`
}

var messages = event.New[Message]("dicom_message", "DIMSE messages: requests, responses, cancels.")

// Dataset is the data set of a DIMSE message.
type Dataset struct {
	ParentSeq           int64            `col:"parent_seq" doc:"seq of its dicom_message."`
	AssociationSeq      int64            `col:"association_seq" doc:"association_seq of its dicom_association in the same flow."`
	Dir                 string           `col:"dir" doc:"Who sent it: the flow's client or server."`
	Command             string           `col:"command" doc:"Command of the message."`
	Kind                string           `col:"kind" doc:"object (C-STORE-RQ), query (C-FIND-RQ), match (C-FIND-RSP), retrieve (C-MOVE, C-GET), attributes (all else)."`
	MessageID           int64            `col:"message_id" doc:"Message ID, as in dicom_message."`
	PatientID           string           `col:"patient_id" phi:"id" doc:"(0010,0020)"`
	PatientIssuer       string           `col:"patient_id_issuer" doc:"(0010,0021)"`
	OtherPatientIDs     string           `col:"other_patient_ids" phi:"id" doc:"The first of (0010,1000) and (0010,1002); dicom_other_id has each."`
	OtherIDCount        int64            `col:"other_id_count" doc:"How many there are."`
	PatientName         string           `col:"patient_name" phi:"name" doc:"(0010,0010)"`
	BirthDate           string           `col:"birth_date" phi:"birth" doc:"(0010,0030)"`
	Sex                 string           `col:"sex" doc:"(0010,0040)"`
	PatientAddress      string           `col:"patient_address" phi:"contact" doc:"(0010,1040)"`
	PatientTel          string           `col:"patient_telephone" phi:"contact" doc:"(0010,2154)"`
	Accession           string           `col:"accession_number" phi:"id" doc:"(0008,0050)"`
	RequestedProcedure  string           `col:"requested_procedure_id" phi:"id" doc:"(0040,1001)"`
	AdmissionID         string           `col:"admission_id" phi:"id" doc:"(0038,0010)"`
	ReferringPhysician  string           `col:"referring_physician" phi:"name" doc:"(0008,0090)"`
	PerformingPhysician string           `col:"performing_physician" phi:"name" doc:"(0008,1050), or (0040,0006) of the scheduled step"`
	Operator            string           `col:"operator" phi:"name" doc:"(0008,1070)"`
	PatientFields       []string         `col:"patient_fields" doc:"Identifying elements that have a value, at any depth, by keyword."`
	IdentityRemoved     string           `col:"identity_removed" doc:"(0012,0062): YES claims that the patient's identity was removed."`
	BurnedIn            string           `col:"burned_in" doc:"(0028,0301): YES says that the pixels show identifying text."`
	StudyUID            string           `col:"study_uid" doc:"(0020,000D), the first of a list"`
	StudyCount          int64            `col:"study_count" doc:"Study instance UIDs in it: 1, or more in a list of a query or retrieve."`
	SeriesUID           string           `col:"series_uid" doc:"(0020,000E)"`
	SOPClass            string           `col:"sop_class" doc:"(0008,0016)"`
	SOPInstance         string           `col:"sop_instance" doc:"(0008,0018)"`
	Modality            string           `col:"modality" doc:"(0008,0060), of the scheduled step where only that has one, or (0008,0061)"`
	BodyPart            string           `col:"body_part" doc:"(0018,0015)"`
	StudyDate           string           `col:"study_date" doc:"(0008,0020), or (0040,0002) of the scheduled step; a range in a query"`
	StudyTime           string           `col:"study_time" doc:"(0008,0030)"`
	StudyDescription    string           `col:"study_description" phi:"free" doc:"(0008,1030)"`
	SeriesDescription   string           `col:"series_description" phi:"free" doc:"(0008,103E)"`
	SeriesNumber        string           `col:"series_number" doc:"(0020,0011)"`
	InstanceNumber      string           `col:"instance_number" doc:"(0020,0013)"`
	ImageType           string           `col:"image_type" doc:"(0008,0008)"`
	Manufacturer        string           `col:"manufacturer" doc:"(0008,0070): who made the device that made the object"`
	Model               string           `col:"model" doc:"(0008,1090)"`
	Serial              string           `col:"device_serial" doc:"(0018,1000)"`
	DeviceUID           string           `col:"device_uid" doc:"(0018,1002)"`
	Software            string           `col:"software_versions" doc:"(0018,1020)"`
	StationName         string           `col:"station_name" doc:"(0008,1010), or (0040,0242)"`
	StationAE           string           `col:"station_ae" doc:"(0040,0241) of the performing, or (0040,0001) of the scheduled station"`
	Institution         string           `col:"institution" doc:"(0008,0080)"`
	Department          string           `col:"department" doc:"(0008,1040)"`
	StepStatus          string           `col:"step_status" doc:"(0040,0252) of a performed, or (0074,1000) of a unified procedure step"`
	TransactionUID      string           `col:"transaction_uid" doc:"(0008,1195): which commitment, or the lock of a unified procedure step"`
	StepLabel           string           `col:"step_label" phi:"free" doc:"(0074,1204)"`
	ReceivingAE         string           `col:"receiving_ae" doc:"(0074,1234): who shall be told of changes of unified procedure steps"`
	DeletionLock        string           `col:"deletion_lock" doc:"(0074,1230)"`
	Copies              string           `col:"copies" doc:"(2000,0010) of a film session"`
	FilmDestination     string           `col:"film_destination" doc:"(2000,0040)"`
	FilmSize            string           `col:"film_size" doc:"(2010,0050) of a film box"`
	DisplayFormat       string           `col:"display_format" doc:"(2010,0010): how images stand on the film"`
	ImagePosition       event.Opt[int64] `col:"image_position" doc:"(2020,0010) of an image box"`
	PrintStatus         string           `col:"print_status" doc:"(2100,0020) of a print job, or (2110,0010) of a printer"`
	RetrieveAE          string           `col:"retrieve_ae" doc:"(0008,0054): where a match can be had from"`
	QueryLevel          string           `col:"query_level" doc:"(0008,0052): PATIENT, STUDY, SERIES, IMAGE; NULL in a worklist query"`
	Wildcard            bool             `col:"wildcard" doc:"A key of the query has a * or ?."`
	Unrestricted        bool             `col:"unrestricted" doc:"No key of the query narrows it: all are empty or a * alone."`
	Keys                string           `col:"keys" doc:"The query's keys and how they match, without values: PatientName=wildcard StudyDate=range ... (PS3.4 C.2.2.2)."`
	KeysNarrowing       int64            `col:"keys_narrowing" doc:"Keys that narrow the query."`
	RangeDays           event.Opt[int64] `col:"range_days" doc:"Days that the query's range of study or scheduled dates covers; NULL if it has none."`
	OpenRange           bool             `col:"open_range" doc:"That range has no beginning or no end."`
	TransferSyntax      string           `col:"transfer_syntax" doc:"Transfer syntax UID of the presentation context; NULL if not captured."`
	Encoding            string           `col:"encoding" doc:"How it was read: implicit_le, explicit_le, explicit_be, with a leading deflated_."`
	CharacterSet        string           `col:"character_set" doc:"(0008,0005)"`
	CharacterSetGuessed bool             `col:"character_set_guessed" doc:"A text was not in that character set and was read as UTF-8 or Windows-1252."`
	Rows                event.Opt[int64] `col:"rows" doc:"(0028,0010)"`
	Columns             event.Opt[int64] `col:"columns" doc:"(0028,0011)"`
	BitsAllocated       event.Opt[int64] `col:"bits_allocated" doc:"(0028,0100)"`
	BitsStored          event.Opt[int64] `col:"bits_stored" doc:"(0028,0101)"`
	Samples             event.Opt[int64] `col:"samples" doc:"(0028,0002): samples a pixel"`
	Frames              event.Opt[int64] `col:"frames" doc:"(0028,0008)"`
	Photometric         string           `col:"photometric" doc:"(0028,0004)"`
	PixelBytes          int64            `col:"pixel_bytes" doc:"Bytes of pixel data, of all fragments."`
	PixelDigest         string           `col:"pixel_digest" doc:"SHA-256 of them; NULL if some were lost. Comparable between objects of one transfer syntax."`
	ContentDigest       string           `col:"content_digest" doc:"SHA-256 of the other clinical content (acquisition, geometry, report, plan, document), without identification, UIDs and names; comparable within one transfer syntax."`
	PixelFragments      int64            `col:"pixel_fragments" doc:"Fragments of encapsulated pixel data (PS3.5 A.4), the offset table included."`
	ConceptCode         string           `col:"concept_code" doc:"Code of the document title (0040,A043) of a report or key object selection; 113001 rejects images."`
	ConceptScheme       string           `col:"concept_scheme" doc:"Coding scheme of it: DCM, LN, SRT, ..."`
	ConceptMeaning      string           `col:"concept_meaning" doc:"The same in words."`
	DocumentTitle       string           `col:"document_title" phi:"free" doc:"(0042,0010) of an encapsulated document"`
	Observer            string           `col:"observer" phi:"name" doc:"Who verified a report (0040,A075), else who wrote it: (0040,A123) of the author, or of the observer in the content."`
	CompletionFlag      string           `col:"completion_flag" doc:"(0040,A491): PARTIAL or COMPLETE"`
	VerificationFlag    string           `col:"verification_flag" doc:"(0040,A493): UNVERIFIED or VERIFIED"`
	VerifiedAt          string           `col:"verified_at" doc:"(0040,A030)"`
	DocumentType        string           `col:"document_type" doc:"(0042,0012): MIME type of the encapsulated document"`
	DocumentFormat      string           `col:"document_format" doc:"What its bytes really are: pdf, cda, xml, stl, rtf, pe, ...; NULL if not known."`
	DocumentBytes       int64            `col:"document_bytes" doc:"Bytes of the encapsulated document (0042,0011)."`
	Foreign             []string         `col:"foreign_content" doc:"File formats that do not belong there, at the start of pixel data, documents or private elements: element: format."`
	Executable          bool             `col:"executable" doc:"One of them is an executable, or a DICOM file with an executable in its preamble (CVE-2019-11687)."`
	Referenced          int64            `col:"referenced" doc:"Instances referenced: of a storage commitment."`
	Failed              int64            `col:"failed_instances" doc:"Instances listed as failed."`
	Elements            int64            `col:"elements" doc:"Data elements read, those of items included."`
	PrivateElements     int64            `col:"private_elements" doc:"Of them private."`
	PrivateCreators     []string         `col:"private_creators" doc:"Who defined the private elements (PS3.5 7.8.1), each once."`
	UnknownVRs          int64            `col:"unknown_vrs" doc:"Elements of a value representation that PS3.5 does not have."`
	InvalidUID          bool             `col:"invalid_uid" doc:"A UI value is no UID."`
	PathCharacters      bool             `col:"path_characters" doc:"A UI or file name value holds what leads to another folder: / .. :"`
	ActiveText          bool             `col:"active_text" doc:"A text holds script, SQL or format directives."`
	DatasetBytes        int64            `col:"dataset_bytes" doc:"Bytes, lost ones included."`
	LostBytes           int64            `col:"lost_bytes" doc:"Bytes that are not in the capture."`
	Fault               string           `col:"fault" doc:"What was wrong with the encoding: truncated, bad_vr, bad_nesting, too_deep, overrun, gap, bad_deflate, too_large; NULL if nothing."`
	Complete            bool             `col:"complete" doc:"The last fragment came and nothing was lost before it."`
}

var datasets = event.New[Dataset]("dicom_dataset", "Data sets of DIMSE messages: stored objects, query identifiers and matches, retrieve identifiers, N-service attributes.")

// OtherID is a patient id beside (0010,0020).
type OtherID struct {
	ParentSeq int64  `col:"parent_seq" doc:"seq of its dicom_dataset."`
	PatientID string `col:"patient_id" phi:"id" doc:"One of (0010,1000) or of the items of (0010,1002)."`
}

var otherIDs = event.New[OtherID]("dicom_other_id", "Other patient ids in data sets, one a row, so that each joins.")

// Reference is an instance that an N-service is about.
type Reference struct {
	ParentSeq     int64  `col:"parent_seq" doc:"seq of its dicom_dataset."`
	List          string `col:"list" doc:"Sequence that names it: ReferencedSOPSequence, FailedSOPSequence, ReferencedImageSequence, ..."`
	SOPClass      string `col:"sop_class" doc:"(0008,1150)"`
	SOPClassName  string `col:"sop_class_name" doc:"Its name in PS3.6."`
	SOPInstance   string `col:"sop_instance" doc:"(0008,1155)"`
	FailureReason string `col:"failure_reason" doc:"(0008,1197) of one that was not committed, as 0x0112."`
	FailureText   string `col:"failure_meaning" doc:"What it says (PS3.3 C.14.1.1)."`
}

var references = event.New[Reference]("dicom_reference", "Instances named by storage commitments, procedure steps and prints, up to 1,024 a data set.")

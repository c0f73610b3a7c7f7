package dicomweb

import "wardtrace/dissect/event"

// Exchange is one request to a DICOM web service, with its answer.
type Exchange struct {
	TransDepth     int64            `col:"trans_depth" doc:"Number of the request on its connection, as in http; data sets name it."`
	Service        string           `col:"service" doc:"qido-rs, wado-rs, wado-uri, stow-rs, ups-rs (PS3.18), delete (in no standard), orthanc (its own interface), file (DICOM by plain HTTP, at a path of none of these); NULL if the request was not captured."`
	Operation      string           `col:"operation" doc:"search, retrieve, retrieve_metadata, retrieve_rendered, retrieve_frames, retrieve_bulkdata, store, delete, create, change_state, ... and for orthanc also system, find, archive, send, script, ..."`
	Level          string           `col:"level" doc:"Resource it is about: patient, study, series, instance, workitem, system."`
	Product        string           `col:"product" doc:"Product whose paths or answers these are: orthanc, dcm4chee-arc, google, azure; NULL if they fit many."`
	Method         string           `col:"method" doc:"Method of the request."`
	StatusCode     event.Opt[int64] `col:"status_code" doc:"Status of the response."`
	Root           string           `col:"root" doc:"Path in front of the resource, such as /dicom-web."`
	Authorization  string           `col:"authorization" doc:"How the request is authorised: scheme of Authorization (basic, bearer, ...), cookie, api_key, or uri (a token in the query); none if it is not; NULL if the request was not captured."`
	StudyUID       string           `col:"study_uid" doc:"Study Instance UID that path or query names."`
	SeriesUID      string           `col:"series_uid" doc:"Series Instance UID that path or query names."`
	SOPInstance    string           `col:"sop_instance" doc:"SOP Instance UID, or UID of the work item, that path or query names."`
	InvalidUID     bool             `col:"invalid_uid" doc:"What stands in place of a UID is none; it is kept as resource_id."`
	PathCharacters bool             `col:"path_characters" doc:"It holds what leads to another folder: / \\ .. :"`
	Frames         string           `col:"frames" doc:"Frame numbers asked for."`
	ResourceID     string           `col:"resource_id" phi:"id" doc:"Orthanc's identifier, the patient ID, or what is no UID, in the path."`
	PatientInURI   bool             `col:"patient_in_uri" doc:"The request's path or query holds what identifies a patient: logs of servers and proxies keep it."`
	Target         string           `col:"target" doc:"Modality, peer or AE title in the path that objects or events shall be sent to."`
	Results        event.Opt[int64] `col:"results" doc:"Matches in the answer to a search; 0 for an empty one."`
	Limit          event.Opt[int64] `col:"result_limit" doc:"limit of the search."`
	Offset         event.Opt[int64] `col:"result_offset" doc:"offset of the search."`
	IncludeFields  []string         `col:"include_fields" doc:"Attributes the search wants beside the usual."`
	Fuzzy          bool             `col:"fuzzy" doc:"The search asks for fuzzy matching of names."`
	RequestType    string           `col:"request_media_type" doc:"Content-Type of the request, with the type of a multipart body."`
	ResponseType   string           `col:"response_media_type" doc:"Content-Type of the response, with the type of a multipart body."`
	RequestParts   int64            `col:"request_parts" doc:"Parts of the request's multipart body."`
	ResponseParts  int64            `col:"response_parts" doc:"Parts of the response's multipart body."`
	RequestBytes   int64            `col:"request_bytes" doc:"Bytes of the request's body, lost ones included."`
	ResponseBytes  int64            `col:"response_bytes" doc:"Bytes of the response's body, lost ones included."`
	ObjectsSent    int64            `col:"objects_sent" doc:"DICOM objects in the request."`
	ObjectsGot     int64            `col:"objects_received" doc:"DICOM objects in the response."`
	ObjectBytes    int64            `col:"object_bytes" doc:"Bytes of these objects."`
	Stored         event.Opt[int64] `col:"stored" doc:"Of a store: items of Referenced SOP Sequence (0008,1199) in the answer."`
	Refused        event.Opt[int64] `col:"refused" doc:"Of a store: items of Failed SOP Sequence (0008,1198) in the answer."`
	Reasons        []string         `col:"failure_reasons" doc:"Their Failure Reasons (0008,1197), as 0xA700, each once."`
	State          string           `col:"procedure_step_state" doc:"State that a work item shall change to (0074,1000)."`
	RequestDone    bool             `col:"request_complete" doc:"The request's body was seen to its end, without a loss."`
	ResponseDone   bool             `col:"response_complete" doc:"The response's body was seen to its end, without a loss."`
}

var exchanges = event.New[Exchange]("dicomweb", "Requests to DICOM web services and to Orthanc's own, with their answers.")

// Dataset is a data set that crossed in an exchange.
type Dataset struct {
	TransDepth          int64            `col:"trans_depth" doc:"trans_depth of its dicomweb in the same flow."`
	Dir                 string           `col:"dir" doc:"Who sent it: client or server."`
	Kind                string           `col:"kind" doc:"object (a Part 10 file), query (the keys of a search), match (a result), metadata (an object without its bulk data), workitem."`
	Part                int64            `col:"part" doc:"Number of the part of a multipart body, from 1; 0 if the body has none."`
	PatientID           string           `col:"patient_id" phi:"id" doc:"(0010,0020)"`
	PatientIssuer       string           `col:"patient_id_issuer" doc:"(0010,0021)"`
	PatientName         string           `col:"patient_name" phi:"name" doc:"(0010,0010)"`
	BirthDate           string           `col:"birth_date" phi:"birth" doc:"(0010,0030)"`
	Sex                 string           `col:"sex" doc:"(0010,0040)"`
	PatientAddress      string           `col:"patient_address" phi:"contact" doc:"(0010,1040)"`
	PatientTel          string           `col:"patient_telephone" phi:"contact" doc:"(0010,2154)"`
	Accession           string           `col:"accession_number" phi:"id" doc:"(0008,0050)"`
	RequestedProcedure  string           `col:"requested_procedure_id" phi:"id" doc:"(0040,1001)"`
	AdmissionID         string           `col:"admission_id" phi:"id" doc:"(0038,0010)"`
	ReferringPhysician  string           `col:"referring_physician" phi:"name" doc:"(0008,0090)"`
	PerformingPhysician string           `col:"performing_physician" phi:"name" doc:"(0008,1050)"`
	Operator            string           `col:"operator" phi:"name" doc:"(0008,1070)"`
	PatientFields       []string         `col:"patient_fields" doc:"Identifying elements that have a value, at any depth, by keyword."`
	IdentityRemoved     string           `col:"identity_removed" doc:"(0012,0062): YES claims that the patient's identity was removed."`
	BurnedIn            string           `col:"burned_in" doc:"(0028,0301): YES says that the pixels show identifying text."`
	StudyUID            string           `col:"study_uid" doc:"(0020,000D), the first of a list"`
	StudyCount          int64            `col:"study_count" doc:"Study instance UIDs in it: 1, or more in a list of a search."`
	SeriesUID           string           `col:"series_uid" doc:"(0020,000E)"`
	SOPClass            string           `col:"sop_class" doc:"(0008,0016)"`
	SOPClassName        string           `col:"sop_class_name" doc:"Its name in PS3.6."`
	SOPInstance         string           `col:"sop_instance" doc:"(0008,0018)"`
	Modality            string           `col:"modality" doc:"(0008,0060) or (0008,0061)"`
	BodyPart            string           `col:"body_part" doc:"(0018,0015)"`
	StudyDate           string           `col:"study_date" doc:"(0008,0020); a range in a search"`
	StudyTime           string           `col:"study_time" doc:"(0008,0030)"`
	StudyDescription    string           `col:"study_description" phi:"free" doc:"(0008,1030)"`
	SeriesDescription   string           `col:"series_description" phi:"free" doc:"(0008,103E)"`
	SeriesNumber        string           `col:"series_number" doc:"(0020,0011)"`
	InstanceNumber      string           `col:"instance_number" doc:"(0020,0013)"`
	ImageType           string           `col:"image_type" doc:"(0008,0008)"`
	Manufacturer        string           `col:"manufacturer" doc:"(0008,0070): who made the device that made the object"`
	Model               string           `col:"model" doc:"(0008,1090)"`
	Serial              string           `col:"device_serial" doc:"(0018,1000)"`
	Software            string           `col:"software_versions" doc:"(0018,1020)"`
	StationName         string           `col:"station_name" doc:"(0008,1010)"`
	Institution         string           `col:"institution" doc:"(0008,0080)"`
	StepStatus          string           `col:"step_status" doc:"(0074,1000) of a work item"`
	QueryLevel          string           `col:"query_level" doc:"Of a search: STUDY, SERIES, IMAGE, or PATIENT in Orthanc's own."`
	Keys                string           `col:"keys" doc:"Of a search: its keys with their kind of matching, as PatientName=wildcard; values are not in it."`
	Wildcard            bool             `col:"wildcard" doc:"Of a search: an asterisk or question mark is used."`
	Unrestricted        bool             `col:"unrestricted" doc:"Of a search: no key narrows the answer."`
	KeysNarrowing       int64            `col:"keys_narrowing" doc:"Of a search: keys that do not match everything."`
	RangeDays           event.Opt[int64] `col:"range_days" doc:"Of a search: days that its date range covers."`
	OpenRange           bool             `col:"open_range" doc:"Of a search: its date range has no beginning or no end."`
	TransferSyntax      string           `col:"transfer_syntax" doc:"(0002,0010) of a Part 10 file"`
	Encoding            string           `col:"encoding" doc:"How it was read: implicit_le, explicit_le, explicit_be, deflated_explicit_le, json or xml."`
	CharacterSet        string           `col:"character_set" doc:"(0008,0005)"`
	CharacterSetGuessed bool             `col:"character_set_guessed" doc:"A value is not in that character set, or the set is not known."`
	Rows                event.Opt[int64] `col:"rows" doc:"(0028,0010)"`
	Columns             event.Opt[int64] `col:"columns" doc:"(0028,0011)"`
	Frames              event.Opt[int64] `col:"frames" doc:"(0028,0008)"`
	Photometric         string           `col:"photometric" doc:"(0028,0004)"`
	PixelBytes          int64            `col:"pixel_bytes" doc:"Bytes of pixel data."`
	PixelDigest         string           `col:"pixel_digest" doc:"SHA-256 of the pixel data as encoded, if none was lost."`
	ContentDigest       string           `col:"content_digest" doc:"SHA-256 of the other clinical content, as in dicom_dataset."`
	DocumentType        string           `col:"document_type" doc:"(0042,0012)"`
	DocumentBytes       int64            `col:"document_bytes" doc:"Bytes of an encapsulated document."`
	Foreign             []string         `col:"foreign_content" doc:"Other file formats found inside or in the preamble, as element: format."`
	Executable          bool             `col:"executable" doc:"One of them is an executable."`
	Elements            int64            `col:"elements" doc:"Elements read, items' included."`
	PrivateElements     int64            `col:"private_elements" doc:"Of them, private ones."`
	InvalidUID          bool             `col:"invalid_uid" doc:"A UID has other characters than digits and dots, or more than 64."`
	PathCharacters      bool             `col:"path_characters" doc:"A UID or file name holds what leads to another folder: / \\ .. :"`
	ActiveText          bool             `col:"active_text" doc:"A text holds what a browser, database or logger would act on."`
	DatasetBytes        int64            `col:"dataset_bytes" doc:"Bytes of the part or body, lost ones included."`
	LostBytes           int64            `col:"lost_bytes" doc:"Of them, bytes that are not in the capture."`
	Fault               string           `col:"fault" doc:"Why reading stopped, NULL if it did not: truncated, bad_vr, gap, not_a_file, bad_json, bad_xml, ..."`
	Complete            bool             `col:"complete" doc:"All of it was seen and read."`
}

var datasets = event.New[Dataset]("dicomweb_dataset", "Data sets that crossed in DICOM web services: objects, metadata, searches and their matches; columns as in dicom_dataset.")

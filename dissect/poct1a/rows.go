package poct1a

import "wardtrace/dissect/event"

// Message is one message.
type Message struct {
	Dir          string             `col:"dir" doc:"Who sent it: client or server."`
	Type         string             `col:"type" doc:"HEL.R01 hello, DST status, REQ request, OBS results, EOT end of topic, OPL operator list, PTL patient list, DTV directive, EVS event, KPA keep-alive, ESC error, END end, ACK."`
	ControlID    string             `col:"control_id" doc:"HDR.control_id."`
	Version      string             `col:"version" doc:"HDR.version_id."`
	CreatedAt    event.Time         `col:"created_at" doc:"HDR.creation_dttm, UTC."`
	AckCode      string             `col:"ack_code" doc:"ACK.type_cd: AA accepted, AE error."`
	AckControlID string             `col:"ack_control_id" doc:"ACK.ack_control_id: the message that is answered."`
	AckOf        event.Opt[int64]   `col:"ack_of" doc:"seq of the row of that message."`
	LatencyMS    event.Opt[float64] `col:"latency_ms" doc:"Milliseconds from that message's last packet."`
	DeviceID     string             `col:"device_id" doc:"DEV.device_id."`
	Vendor       string             `col:"vendor" doc:"DEV.manufacturer_name, else DEV.vendor_id."`
	Model        string             `col:"model" doc:"DEV.model_id."`
	Serial       string             `col:"serial" doc:"DEV.serial_id."`
	Hardware     string             `col:"hw_version" doc:"DEV.hw_version."`
	Software     string             `col:"sw_version" doc:"DEV.sw_version."`
	NewResults   event.Opt[int64]   `col:"new_observations" doc:"DST.new_observations_qty: results that wait in the instrument."`
	Condition    string             `col:"condition" doc:"DST.condition_cd: R ready, B busy, L locked, ..."`
	Request      string             `col:"request" doc:"REQ.request_cd: ROBS results, RDEV events, ..."`
	Topic        string             `col:"topic" doc:"EOT.topic_cd."`
	Directive    string             `col:"directive" doc:"DTV.command_cd: what the server tells the instrument to do."`
	Event        string             `col:"event" doc:"EVS.description_cd, or code of an error (ESC)."`
	Severity     string             `col:"severity" doc:"EVS.severity_cd."`
	Reason       string             `col:"reason" doc:"TRM.reason_cd: why the conversation ends."`
	Operators    int64              `col:"operators" doc:"Operators in an operator list."`
	Passwords    int64              `col:"passwords" doc:"Passwords in it, in clear or base64 (never stored)."`
	Patients     int64              `col:"patients" doc:"Patients in it."`
	Results      int64              `col:"results" doc:"Results in it."`
	Bytes        int64              `col:"bytes" doc:"Bytes of the message."`
	Complete     bool               `col:"complete" doc:"All of it was seen and it is sound XML."`
}

var messages = event.New[Message]("poct1a_message", "Messages of point-of-care instruments (POCT1-A), one row each.")

// Result is one observation.
type Result struct {
	ParentSeq  int64              `col:"parent_seq" doc:"seq of the message in poct1a_message."`
	Role       string             `col:"role" doc:"SVC.role_cd: OBS patient, LQC or EQC quality control, CVR and CAL calibration, PRF proficiency."`
	PatientID  string             `col:"patient_id" phi:"id" doc:"PT.patient_id."`
	Name       string             `col:"patient_name" phi:"name" doc:"PT.name as FAMILY^GIVEN where its parts are told."`
	Birth      string             `col:"birth_date" phi:"birth" doc:"PT.birth_date."`
	Sex        string             `col:"sex" doc:"PT.gender_cd."`
	Operator   string             `col:"operator" phi:"id" doc:"OPR.operator_id."`
	Code       string             `col:"code" doc:"OBS.observation_id."`
	System     string             `col:"coding_system" doc:"Its coding system, if told (SN or SV)."`
	Value      string             `col:"value" doc:"OBS.value where it is a number with or without a comparator."`
	Number     event.Opt[float64] `col:"value_number" doc:"OBS.value as a number."`
	Text       string             `col:"text_value" phi:"free" doc:"OBS.value or OBS.qualitative_value where it is other text."`
	Unit       string             `col:"unit" doc:"Unit."`
	Method     string             `col:"method" doc:"OBS.method_cd: M measured, C calculated, E entered by hand, D default, ..."`
	Status     string             `col:"status" doc:"OBS.status_cd: A accepted, R rejected, D discarded, T not by protocol."`
	Meaning    string             `col:"interpretation" doc:"OBS.interpretation_cd: L, H, LL, HH, N, A, <, >."`
	Reagent    string             `col:"reagent" doc:"RGT.name."`
	Lot        string             `col:"lot" doc:"RGT.lot_number."`
	ObservedAt event.Time         `col:"observed_at" doc:"SVC.observation_dttm, UTC."`
}

var results = event.New[Result]("poct1a_result", "Results of point-of-care instruments, one row each.")

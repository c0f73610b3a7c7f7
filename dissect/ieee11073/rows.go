package ieee11073

import "wardtrace/dissect/event"

// APDU is one message.
type APDU struct {
	Dir      string           `col:"dir" doc:"Who sent it: client or server of the flow."`
	Type     string           `col:"type" doc:"association_request, association_response, release_request, release_response, abort, data."`
	Invoke   event.Opt[int64] `col:"invoke_id" doc:"Number of the remote operation; its result has the same."`
	Service  string           `col:"service" doc:"Operation of a data APDU: event_report, confirmed_event_report, get, set, confirmed_set, action, confirmed_action, their results, error, reject."`
	Handle   event.Opt[int64] `col:"handle" doc:"Object it is about; 0 is the device itself."`
	Name     string           `col:"name" doc:"Event or action: MDC_NOTI_CONFIG, MDC_ACT_SET_TIME, ... or its number."`
	ConfigID event.Opt[int64] `col:"config_id" doc:"Configuration that is proposed, reported or answered."`
	Result   string           `col:"result" doc:"Result, reason or error as the message gives it."`
	Detail   string           `col:"detail" doc:"What an action asks for: the time a clock is set to, segments to clear or transfer, what is requested."`
	Persons  event.Opt[int64] `col:"persons" doc:"Persons that a report of several persons tells of."`
	Values   event.Opt[int64] `col:"values" doc:"Values of a report that have a row in ieee11073_value."`
	Unread   event.Opt[int64] `col:"unread" doc:"Observations of a report that were not read since their configuration was not seen."`
	Length   int64            `col:"length" doc:"Bytes of the APDU."`
}

// Association is an association that was asked for, and the answer.
type Association struct {
	ParentSeq  int64            `col:"parent_seq" doc:"seq of the request in ieee11073; 0 if only the answer was seen."`
	Agent      string           `col:"agent" doc:"Which side asks: client or server of the flow."`
	Result     string           `col:"result" doc:"accepted, accepted_unknown_config, rejected_permanent, rejected_unauthorized, ...; NULL if no answer was seen."`
	SystemID   string           `col:"system_id" doc:"EUI-64 of the agent."`
	ManagerID  string           `col:"manager_id" doc:"EUI-64 of the manager."`
	ConfigID   event.Opt[int64] `col:"config_id" doc:"Configuration that the agent proposes: 1 to 16383 standard, 16384 to 32767 its own."`
	Standard   string           `col:"standard" doc:"Part of 11073 that a standard configuration belongs to: 10404, 10407, ..."`
	Class      string           `col:"class" doc:"What device that part is about."`
	Role       string           `col:"role" doc:"System type of the request: agent or manager."`
	Encoding   []string         `col:"encoding" doc:"Encoding rules offered: MDER, XER, PER."`
	Test       bool             `col:"test" doc:"A test association is asked for: its data are no measurements."`
	Functional string           `col:"functional_units" doc:"Functional units as 32 bits."`
	Version    string           `col:"protocol_version" doc:"Protocol version as 32 bits; 80000000 is version 1."`
}

// Object is one object of a configuration.
type Object struct {
	ParentSeq int64    `col:"parent_seq" doc:"seq of the configuration report in ieee11073."`
	SystemID  string   `col:"system_id" doc:"EUI-64 of the agent, if its request was seen."`
	ConfigID  int64    `col:"config_id" doc:"Configuration it belongs to."`
	Handle    int64    `col:"handle" doc:"Handle by which reports name it."`
	Class     string   `col:"class" doc:"Class of the object: MDC_MOC_VMO_METRIC_NU, ..."`
	Code      string   `col:"code" doc:"What it measures, 32-bit code of 11073-10101."`
	RefID     string   `col:"ref_id" doc:"The same as the nomenclature's name."`
	Name      string   `col:"name" doc:"The same in words."`
	Unit      string   `col:"unit" doc:"Unit of its values."`
	Label     string   `col:"label" phi:"free" doc:"Label that the device gives it."`
	Map       []string `col:"map" doc:"Attributes of its fixed reports in order, with their bytes."`
	Parts     []string `col:"parts" doc:"What the parts of a compound value are."`
}

// Value is one measured value.
type Value struct {
	ParentSeq  int64              `col:"parent_seq" doc:"seq of the APDU in ieee11073."`
	SystemID   string             `col:"system_id" doc:"EUI-64 of the agent, if its request was seen."`
	Person     string             `col:"person" phi:"id" doc:"Number that the device gave to the person, if it tells persons apart."`
	Handle     int64              `col:"handle" doc:"Object that measured."`
	Stored     bool               `col:"stored" doc:"It comes from a store, not from a measurement of now."`
	Code       string             `col:"code" doc:"What was measured, 32-bit code of 11073-10101; NULL if the configuration was not seen."`
	RefID      string             `col:"ref_id" doc:"The same as the nomenclature's name."`
	Name       string             `col:"name" doc:"The same in words."`
	Number     event.Opt[float64] `col:"number" doc:"The value, if it is a number."`
	Special    string             `col:"special" doc:"NaN, NRes, +INF, -INF or reserved where the device sends no number."`
	Enum       string             `col:"enum" doc:"The value, if it is a term of the nomenclature."`
	Bits       string             `col:"bits" doc:"The value, if it is a set of bits, in hexadecimal."`
	Text       string             `col:"text" phi:"free" doc:"The value, if it is text."`
	Samples    event.Opt[int64]   `col:"samples" doc:"Bytes of a waveform."`
	Unit       string             `col:"unit" doc:"Unit of the number: MDC_DIM_..."`
	UCUM       string             `col:"ucum" doc:"The same unit in UCUM."`
	Status     string             `col:"status" doc:"Measurement status: valid, or invalid, questionable, not_available, calibrating, test, demo, validated, early, ongoing; NULL if it is not told."`
	MeasuredAt string             `col:"measured_at" doc:"When, by the device's own clock, which has no zone."`
	Relative   event.Opt[int64]   `col:"relative_time" doc:"When, in eighths of a millisecond of the device's relative time."`
	Known      string             `col:"known_by" doc:"What tells the value's meaning: configuration (reported), standard (configuration of a device specialisation) or report (the value names itself); NULL if nothing does."`
}

// Attribute is an attribute of a device, a store or a segment, told or set.
type Attribute struct {
	ParentSeq int64            `col:"parent_seq" doc:"seq of the APDU in ieee11073."`
	Handle    int64            `col:"handle" doc:"Object it belongs to; 0 is the device itself."`
	Segment   event.Opt[int64] `col:"segment" doc:"Segment of a store."`
	Operation string           `col:"operation" doc:"told, replace, add, remove or default: who sets an attribute asks for one of the last four."`
	Name      string           `col:"name" doc:"Attribute: MDC_ATTR_ID_MODEL, ... or its number."`
	Value     string           `col:"value" doc:"Value, where it is read."`
	Person    string           `col:"person" phi:"id" doc:"Number of the person a segment belongs to."`
	Text      string           `col:"text" phi:"free" doc:"Label, as the device or its user wrote it."`
	Length    int64            `col:"length" doc:"Bytes of the value."`
}

var (
	apdus        = event.New[APDU]("ieee11073", "Messages of personal health devices by IEEE 11073-20601.")
	associations = event.New[Association]("ieee11073_association", "Associations of personal health devices with managers, asked for and answered.")
	objects      = event.New[Object]("ieee11073_object", "What a personal health device says it measures: the objects of its configuration.")
	values       = event.New[Value]("ieee11073_value", "Values that personal health devices reported.")
	attributes   = event.New[Attribute]("ieee11073_attribute", "Attributes of personal health devices, their stores and segments, told or set.")
)

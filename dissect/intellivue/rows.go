package intellivue

import "wardtrace/dissect/event"

// Message is one datagram.
type Message struct {
	Dir         string             `col:"dir" doc:"Who sent it: client or server of the flow."`
	Sender      string             `col:"sender" doc:"monitor or client, as the message shows."`
	Kind        string             `col:"kind" doc:"connect_indication, association_request, association_accept, association_refuse, release_request, release_response, abort, invoke, result, linked_result, error."`
	InvokeID    event.Opt[int64]   `col:"invoke_id" doc:"Number that joins a request to its results."`
	Command     string             `col:"command" doc:"event_report, confirmed_event_report, get, set, confirmed_set, confirmed_action."`
	ObjectClass event.Opt[int64]   `col:"object_class" doc:"Class of the object that the operation is about."`
	Object      string             `col:"object" doc:"That class in words: mds, patient, alert_monitor, numeric, wave."`
	Handle      event.Opt[int64]   `col:"handle" doc:"Number of that object."`
	Action      string             `col:"action" doc:"What is asked or told: mds_create, connect_indication, poll, extended_poll; the number of others."`
	PollNumber  event.Opt[int64]   `col:"poll_number" doc:"Number of the poll, chosen by the client."`
	PolledClass event.Opt[int64]   `col:"polled_class" doc:"Class of the objects polled."`
	Polled      string             `col:"polled" doc:"That class in words."`
	Group       event.Opt[int64]   `col:"attribute_group" doc:"Group of attributes polled; 0 is all."`
	GroupName   string             `col:"attribute_group_name" doc:"That group in words."`
	Linked      string             `col:"linked" doc:"Place in a result of several datagrams: first, middle, last."`
	LinkedNo    event.Opt[int64]   `col:"linked_number" doc:"Number of the datagram in such a result."`
	Objects     int64              `col:"objects" doc:"Objects in a poll's result."`
	Numerics    int64              `col:"numerics" doc:"Values of numerics in it."`
	Invalid     int64              `col:"invalid" doc:"Those that are marked invalid or unavailable, or are no number."`
	Waves       int64              `col:"waves" doc:"Arrays of samples in it."`
	Alerts      event.Opt[int64]   `col:"alerts" doc:"Entries of alert lists in it; NULL if it has no such list."`
	Attributes  []string           `col:"attributes" doc:"Attributes that a get asks for or a set changes, up to 64."`
	Operators   []string           `col:"operators" doc:"What a set does with each of them: replace, add, remove, default."`
	Error       string             `col:"error" doc:"Reason of an error: access_denied, no_such_action, ..."`
	SystemType  string             `col:"system_type" doc:"Of an association: client or server."`
	Startup     string             `col:"startup" doc:"Of an association: hot, warm or cold start."`
	PollPeriod  event.Opt[float64] `col:"min_poll_period_ms" doc:"Of an association: the shortest poll period, in milliseconds."`
	MaxMTU      event.Opt[int64]   `col:"max_mtu" doc:"Of an association: largest datagram it takes."`
	DeviceTime  string             `col:"device_time" doc:"Absolute time in the message, local time of the monitor."`
	RelativeMS  event.Opt[float64] `col:"relative_ms" doc:"Relative time in the message, milliseconds of the monitor's own clock."`
	RequestSeq  event.Opt[int64]   `col:"request_seq" doc:"On a result or error: seq of its request's row in the same flow."`
	RTT         event.Opt[float64] `col:"rtt_ms" doc:"On the first answer: milliseconds since its request."`
	Bytes       int64              `col:"msg_bytes" doc:"Bytes of the datagram."`
}

// Device is what a monitor says of itself.
type Device struct {
	ParentSeq  int64    `col:"parent_seq" doc:"seq of the message."`
	Vendor     string   `col:"vendor" doc:"Manufacturer."`
	Model      string   `col:"model" doc:"Model number."`
	SystemType string   `col:"system_type" doc:"Type of the system: multi_parameter_monitor, ventilator, ...; else its number."`
	SystemID   string   `col:"system_id" doc:"System identifier (EUI-64)."`
	Serial     string   `col:"serial" doc:"Serial number."`
	Part       string   `col:"part_number" doc:"Part number."`
	Hardware   string   `col:"hardware" doc:"Hardware revision."`
	Software   string   `col:"software" doc:"Software revision."`
	Firmware   string   `col:"firmware" doc:"Firmware revision."`
	Protocol   string   `col:"protocol_revision" doc:"Protocol revision."`
	BedLabel   string   `col:"bed_label" doc:"Bed label."`
	MAC        string   `col:"mac" doc:"Hardware address it gives for itself."`
	IP         string   `col:"ip" doc:"Address it gives for itself."`
	Mask       string   `col:"mask" doc:"Its subnet mask."`
	Services   []string `col:"services" doc:"Services it announces: application, transport and port."`
	Mode       string   `col:"operating_mode" doc:"monitoring, demo, service, standby, config, unspecified."`
	Area       string   `col:"application_area" doc:"operating_room, intensive_care, neonatal_intensive_care, cardiology."`
	Status     string   `col:"status" doc:"State of the association as the monitor tells it: disconnected, unassociated, operating."`
	DeviceTime string   `col:"device_time" doc:"Its date and time, local time."`
}

// Patient is what a monitor says of its patient.
type Patient struct {
	ParentSeq   int64              `col:"parent_seq" doc:"seq of the message."`
	PatientID   string             `col:"patient_id" phi:"id" doc:"Patient identifier."`
	PatientName string             `col:"patient_name" phi:"name" doc:"Family and given name, joined by ^."`
	BirthDate   string             `col:"birth_date" phi:"birth" doc:"Date of birth."`
	Sex         string             `col:"sex" doc:"unknown, male, female, unspecified."`
	State       string             `col:"state" doc:"empty, pre_admitted, admitted, discharged."`
	Type        string             `col:"patient_type" doc:"adult, pediatric, neonatal."`
	Paced       event.Opt[bool]    `col:"paced" doc:"The patient has a pacemaker."`
	Age         event.Opt[float64] `col:"age" doc:"Age."`
	AgeUnit     string             `col:"age_unit" doc:"Its unit."`
	Height      event.Opt[float64] `col:"height" doc:"Height."`
	HeightUnit  string             `col:"height_unit" doc:"Its unit."`
	Weight      event.Opt[float64] `col:"weight" doc:"Weight."`
	WeightUnit  string             `col:"weight_unit" doc:"Its unit."`
	Notes       string             `col:"notes" phi:"free" doc:"Notes."`
}

// Alert is a change in one of the monitor's lists of alerts.
type Alert struct {
	ParentSeq  int64            `col:"parent_seq" doc:"seq of the message."`
	Kind       string           `col:"kind" doc:"physiological or technical."`
	Phase      string           `col:"phase" doc:"start, ongoing, silenced, off, on, end, as in the table alarm."`
	Source     int64            `col:"source_code" doc:"What alarms: term of ISO/IEEE 11073-10101."`
	SourceName string           `col:"source_name" doc:"That term in words, if known."`
	Code       int64            `col:"code" doc:"What happened: term of the partition of events, with the partition."`
	CodeName   string           `col:"code_name" doc:"That term in words, if known."`
	Priority   string           `col:"priority" doc:"high, medium, low."`
	State      []string         `col:"state" doc:"inhibited, suspended, latched, silenced, test, standby, demo, new."`
	Before     []string         `col:"state_before" doc:"State before the change."`
	Handle     int64            `col:"handle" doc:"Number of the object that alarms."`
	Instance   event.Opt[int64] `col:"instance" doc:"Number of this occurrence."`
	TextID     event.Opt[int64] `col:"text_id" doc:"Number of its text in the monitor's catalogue."`
	Text       string           `col:"text" doc:"Text on the screen."`
	Flags      []string         `col:"flags" doc:"bedside_audible, central_audible, visual_latching, audible_latching, short_yellow, derived."`
}

// Wave is a wave seen for the first time in a conversation.
type Wave struct {
	ParentSeq int64  `col:"parent_seq" doc:"seq of the message."`
	Code      int64  `col:"code" doc:"What is measured: code of ISO/IEEE 11073-10101 with its partition."`
	Name      string `col:"name" doc:"That code in words, if known."`
	Handle    int64  `col:"handle" doc:"Number of the object."`
	State     string `col:"state" doc:"State of the measurement; NULL if valid."`
	Bytes     int64  `col:"sample_bytes" doc:"Bytes of samples in this array."`
}

var (
	messages = event.New[Message]("intellivue", "Datagrams of Philips IntelliVue data export, one row each.")
	devices  = event.New[Device]("intellivue_device", "What IntelliVue monitors say of themselves.")
	patients = event.New[Patient]("intellivue_patient", "What IntelliVue monitors say of their patient, one row a change.")
	alerts   = event.New[Alert]("intellivue_alert", "Changes in the alert lists of IntelliVue monitors.")
	waves    = event.New[Wave]("intellivue_wave", "Waves that IntelliVue monitors export, one row a wave and conversation.")
)

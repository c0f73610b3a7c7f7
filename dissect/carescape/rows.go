package carescape

import "wardtrace/dissect/event"

// Message is one datagram.
type Message struct {
	Dir        string           `col:"dir" doc:"Who sent it: client or server of the flow."`
	Kind       string           `col:"kind" doc:"discovery (RWhat), alarm, parameters, request, data (of another kind)."`
	Function   event.Opt[int64] `col:"function" doc:"201 is data, 202 a request."`
	Sub        event.Opt[int64] `col:"sub_function" doc:"4 alarm, 20 parameters; others are not known."`
	Version    event.Opt[int64] `col:"version" doc:"Version in the header."`
	Sequence   event.Opt[int64] `col:"sequence" doc:"Number of the message."`
	ProcessID  event.Opt[int64] `col:"process_id" doc:"Process that asks or is asked."`
	Wanted     string           `col:"wanted" doc:"Of a request, by its process: parameters or waveforms."`
	FromIP     string           `col:"from_ip" doc:"Source address in the header."`
	ToIP       string           `col:"to_ip" doc:"Destination address in the header."`
	Unit       string           `col:"unit" doc:"Care unit of the bed."`
	Room       string           `col:"room" doc:"Room or bed in the unit."`
	Status     event.Opt[int64] `col:"return_status" doc:"Return status."`
	Admitted   event.Opt[bool]  `col:"admitted" doc:"With parameters: a patient is admitted."`
	AlarmState event.Opt[int64] `col:"alarm_state" doc:"State of alarms as a number; its meaning is not certain."`
	AlarmLevel event.Opt[int64] `col:"alarm_level" doc:"Level of alarms as a number; its meaning is not certain."`
	Audio      event.Opt[int64] `col:"audio_level" doc:"Level of the alarm sound as a number; its meaning is not certain."`
	Parameters int64            `col:"parameters" doc:"Parameters in the message."`
	Bytes      int64            `col:"msg_bytes" doc:"Bytes of the datagram."`
}

// Bed is a monitor that announces itself, when what it says is new.
type Bed struct {
	ParentSeq   int64              `col:"parent_seq" doc:"seq of the message."`
	IP          string             `col:"ip" doc:"Address it gives for itself."`
	Unit        string             `col:"unit" doc:"Care unit."`
	Room        string             `col:"room" doc:"Room or bed."`
	PatientName string             `col:"patient_name" phi:"name" doc:"Patient's family and given name, joined by ^."`
	DeviceTime  event.Time         `col:"device_time" doc:"Its clock."`
	Offset      event.Opt[float64] `col:"clock_offset_s" doc:"Its clock less the capture's, in seconds."`
	Services    []string           `col:"services" doc:"Services it announces: number and port."`
}

// Alarm is an alarm text that stands.
type Alarm struct {
	ParentSeq int64  `col:"parent_seq" doc:"seq of the message."`
	Parameter int64  `col:"parameter" doc:"Code of the parameter that alarms."`
	Name      string `col:"name" doc:"That parameter in words, if known."`
	Text      string `col:"text" doc:"Text on the screen."`
	State     int64  `col:"state" doc:"First byte in front of the parameter; its meaning is not certain."`
	Level     int64  `col:"level" doc:"Second byte; its meaning is not certain."`
	Audio     int64  `col:"audio" doc:"Third byte; its meaning is not certain."`
	Counter   int64  `col:"counter" doc:"Rolling counter."`
}

// Parameter is one parameter when it is first seen or its limits changed.
type Parameter struct {
	ParentSeq int64    `col:"parent_seq" doc:"seq of the message."`
	Code      int64    `col:"code" doc:"Code of the parameter."`
	Name      string   `col:"name" doc:"That parameter in words, if known."`
	Type      int64    `col:"type" doc:"Type of the parameter as a number."`
	Port      int64    `col:"acquisition_port" doc:"Where it is acquired, as a number."`
	Values    []string `col:"values" doc:"Its three values as they stand; what is no value as a word."`
	Limits    []string `col:"limits" doc:"Low and high limit of each value, as low..high."`
	Before    []string `col:"limits_before" doc:"Limits before they changed."`
}

// Wave is a wave seen for the first time in a conversation.
type Wave struct {
	Code    int64  `col:"code" doc:"Upper byte of the block's code."`
	Name    string `col:"name" doc:"What it is: ECG I, ECG II, ECG III, ECG V, SpO2, respiration."`
	Samples int64  `col:"samples" doc:"Samples in this datagram."`
	Bytes   int64  `col:"msg_bytes" doc:"Bytes of the datagram."`
}

var (
	messages   = event.New[Message]("carescape", "Messages of GE monitors (CARESCAPE, Unity), one row each, without waveforms.")
	beds       = event.New[Bed]("carescape_bed", "Beds that GE monitors announce, one row a change.")
	alarms     = event.New[Alarm]("carescape_alarm", "Alarm texts that GE monitors call out, one row when new or back after a pause.")
	parameters = event.New[Parameter]("carescape_parameter", "Parameters of GE monitors when first seen and when their limits change.")
	waves      = event.New[Wave]("carescape_wave", "Waves that GE monitors send, one row a wave and conversation.")
)

package medibus

import "wardtrace/dissect/event"

// Message is one command or response.
type Message struct {
	Dir      string `col:"dir" doc:"Who sent it: client or server of the connection."`
	Sender   string `col:"sender" doc:"master or device."`
	Command  string `col:"command" doc:"initialise, identify, stop, measured, low_limits, high_limits, alarms, settings, text, date, ... or its code."`
	Page     int64  `col:"code_page" doc:"Code page of data, limits and alarms: 1 or 2; 0 for others."`
	Refused  bool   `col:"refused" doc:"The device answers that it does not know or do it (NAK)."`
	ID       string `col:"device_id" doc:"Of an identification: the device's number, hex."`
	Name     string `col:"device_name" doc:"Of an identification: its name."`
	Revision string `col:"revision" doc:"Of an identification: revision of device and protocol."`
	Values   int64  `col:"values_read" doc:"Values or alarms in the response."`
	Realtime int64  `col:"realtime_bytes" doc:"Bytes of realtime data that came since the frame before."`
}

var messages = event.New[Message]("medibus", "Commands to and responses of Dräger devices behind terminal servers.")

// Value is a measured value, a limit or a setting.
type Value struct {
	ParentSeq int64              `col:"parent_seq" doc:"seq of the response in medibus."`
	Kind      string             `col:"kind" doc:"measured, low_limit, high_limit or setting."`
	Page      int64              `col:"code_page" doc:"Code page: 1 or 2."`
	Code      string             `col:"code" doc:"Code of the value, two hex digits."`
	Name      string             `col:"name" doc:"Name, where the code is certain."`
	Text      string             `col:"value" doc:"Value as sent, trimmed."`
	Number    event.Opt[float64] `col:"number" doc:"Value as a number, if it is one."`
}

var values = event.New[Value]("medibus_value", "Values, limits and settings of Dräger devices; limits and settings when first seen and when they change.")

// Alarm is one alarm that began or ended.
type Alarm struct {
	ParentSeq int64  `col:"parent_seq" doc:"seq of the response in medibus."`
	Phase     string `col:"phase" doc:"start or end."`
	Page      int64  `col:"code_page" doc:"Code page: 1 or 2."`
	Priority  int64  `col:"priority" doc:"1 to 31, the higher the more urgent."`
	Code      string `col:"code" doc:"Code of the alarm, two hex digits."`
	Text      string `col:"text" doc:"Text of the device."`
}

var alarms = event.New[Alarm]("medibus_alarm", "Alarms of Dräger devices, as they begin and end.")

package dri

import "wardtrace/dissect/event"

// Record is one record.
type Record struct {
	Dir        string           `col:"dir" doc:"Who sent it: client or server of the flow."`
	Kind       string           `col:"kind" doc:"values, waves, alarms, network, events; request_values, request_waves, request_alarms."`
	Number     int64            `col:"number" doc:"Number of the record."`
	Level      string           `col:"dri_level" doc:"Level of the interface, by its year; else its number."`
	PlugID     int64            `col:"plug_id" doc:"Identifier of the sending monitor."`
	DeviceTime event.Time       `col:"device_time" doc:"Clock of the monitor when it sent the record, as if it were UTC."`
	Subrecords []string         `col:"subrecords" doc:"Subrecords: displayed, trend_10s, trend_60s, auxiliary; names of waves; status; login, patient, logout; else numbers."`
	Values     int64            `col:"values" doc:"Values of the basic class in it."`
	Interval   event.Opt[int64] `col:"interval_s" doc:"Of a request for values: seconds between them; 0 stops them."`
	Command    string           `col:"command" doc:"Of a request: start, stop, once, changes, all."`
	Wanted     []string         `col:"wanted" doc:"Of a request: classes of values, or waves."`
	Bytes      int64            `col:"record_bytes" doc:"Bytes of the record."`
}

// Alarm is a change in the alarms on a monitor's screen.
type Alarm struct {
	ParentSeq int64  `col:"parent_seq" doc:"seq of the record."`
	Phase     string `col:"phase" doc:"start, ongoing, silenced, off, on, end, as in the table alarm."`
	Text      string `col:"text" doc:"Text on the screen; NULL if it is about all alarms."`
	Colour    string `col:"colour" doc:"white, yellow, red."`
	Sound     bool   `col:"sound" doc:"The alarm sound is on."`
	Silence   string `col:"silence" doc:"What is silenced: none, apnea, asystole, apnea_asystole, all, all_2min, all_5min, all_20s."`
}

// Login is a monitor that logs in to the network.
type Login struct {
	ParentSeq int64  `col:"parent_seq" doc:"seq of the record."`
	MAC       string `col:"mac" doc:"Ethernet address it gives for itself."`
	Type      int64  `col:"device_type" doc:"Type of the device as a number."`
	Level     string `col:"dri_level" doc:"Level of the interface, by its year."`
}

// Patient is a patient that a monitor describes.
type Patient struct {
	ParentSeq   int64  `col:"parent_seq" doc:"seq of the record."`
	PatientID   string `col:"patient_id" phi:"id" doc:"Patient identifier."`
	PatientName string `col:"patient_name" phi:"name" doc:"Family, given and middle name, joined by ^."`
	BirthDate   string `col:"birth_date" phi:"birth" doc:"Date of birth."`
	Location    string `col:"location" doc:"Location."`
	Issuer      string `col:"issuer" doc:"Who issued the identifier."`
}

var (
	records  = event.New[Record]("dri", "Records of the Datex-Ohmeda Record Interface (GE S/5), one row each.")
	alarms   = event.New[Alarm]("dri_alarm", "Changes in the alarms that S/5 monitors show.")
	logins   = event.New[Login]("dri_login", "S/5 monitors that log in.")
	patients = event.New[Patient]("dri_patient", "Patients that S/5 monitors describe.")
)

package alaris

import "wardtrace/dissect/event"

// Frame is one frame.
type Frame struct {
	Dir        string             `col:"dir" doc:"Who sent it: client or server of the flow."`
	Pump       bool               `col:"from_pump" doc:"It is the pump's: an answer. Which side is the pump is known by who asks."`
	Word       string             `col:"word" doc:"INF, INF_RATE, INF_START, REMOTE_CTRL, ..."`
	Args       []string           `col:"args" doc:"Arguments as sent, without the token of REMOTE_CTRL and REMOTE_CFG."`
	Kind       string             `col:"kind" doc:"query, command (it changes the pump or who controls it), answer, or unread (wrong check sum)."`
	Serial     string             `col:"serial" doc:"Serial number of the pump, once it was told."`
	Rate       event.Opt[float64] `col:"rate" doc:"Rate in ml/h, as commanded or reported."`
	VTBI       event.Opt[float64] `col:"vtbi" doc:"Volume to be infused in ml, as commanded or reported."`
	Volume     event.Opt[float64] `col:"volume" doc:"Infused volume in ml, as reported."`
	Pressure   event.Opt[float64] `col:"pressure" doc:"Pressure in mmHg, as reported."`
	Alarm      string             `col:"alarm" doc:"Code of the alarm as reported: AL_..., NULL if there is none."`
	Token      event.Opt[bool]    `col:"token_is_serial" doc:"REMOTE_CTRL and REMOTE_CFG: the token is the check sum of the serial number, as anybody can compute. NULL where no serial number was told before. The token is not kept."`
	ChecksumOK bool               `col:"checksum_ok" doc:"The check sum is right; arguments of a frame where it is not are not read."`
}

var frames = event.New[Frame]("alaris", "Frames of the ASCII protocol of Alaris and Asena syringe pumps, as found behind terminal servers.")

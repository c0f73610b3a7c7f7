package terumo

import "wardtrace/dissect/event"

// Frame is one frame.
type Frame struct {
	Dir        string           `col:"dir" doc:"Who sent it: client or server of the flow."`
	Root       string           `col:"root" doc:"Root element: REQ of a request."`
	DeviceID   string           `col:"device_id" doc:"DEVID."`
	Names      []string         `col:"names" doc:"Names of the elements, each once, in order of appearance, at most 32."`
	CommandLen event.Opt[int64] `col:"command_len" doc:"Bytes of the command (CMD), Base64 taken off; NULL if there is none, or it is no Base64."`
	Command    string           `col:"command_digest" phi:"free" doc:"SHA-256 (first 64 bits) of the command; kept as a keyed digest, since short commands can be guessed. Equal commands have equal digests."`
	Length     int64            `col:"len" doc:"Bytes of the XML text."`
	ChecksumOK bool             `col:"checksum_ok" doc:"The check is right; the text of a frame where it is not is not read."`
}

var frames = event.New[Frame]("terumo", "Frames of Terumo Terufusion pumps, as found behind terminal servers.")

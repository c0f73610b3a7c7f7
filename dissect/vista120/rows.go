package vista120

import "wardtrace/dissect/event"

// Beacon is what a central station announces; a row when it is new, and not for each of its repetitions.
type Beacon struct {
	Station  string     `col:"station" doc:"Name of the site, as the station announces it."`
	Address  string     `col:"address" doc:"Address of the central station, as it announces it."`
	Address2 string     `col:"address2" doc:"Its second address."`
	Clock    event.Time `col:"clock" doc:"The station's clock, read as UTC."`
	Count    int64      `col:"count" doc:"How often the same was announced on this conversation."`
}

var beacons = event.New[Beacon]("vista120_beacon", "Central stations of Vista 120 monitors that announce themselves.")

// Session is one connection of a monitor with its central station.
type Session struct {
	Hello         bool             `col:"hello" doc:"The monitor's hello was seen."`
	KeyDigest     string           `col:"key_digest" doc:"SHA-256 of the station's public key, first 128 bits: another one is another station."`
	KeyBits       event.Opt[int64] `col:"key_bits" doc:"Size of that RSA key; 1024 is too little since 2013 (NIST SP 800-131A)."`
	Encrypted     bool             `col:"encrypted" doc:"Frames after the key exchange were seen: their content is not known."`
	ClientFrames  int64            `col:"client_frames" doc:"Frames of the monitor."`
	ServerFrames  int64            `col:"server_frames" doc:"Frames of the station."`
	ClientPayload int64            `col:"client_payload" doc:"Bytes of encrypted content from the monitor."`
	ServerPayload int64            `col:"server_payload" doc:"Bytes of encrypted content from the station."`
	BadFrames     int64            `col:"bad_frames" doc:"Frames whose checksum is wrong."`
}

var sessions = event.New[Session]("vista120_session", "Sessions of Vista 120 monitors with their central station.")

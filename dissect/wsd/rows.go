package wsd

import "wardtrace/dissect/event"

// Message is one endpoint in a message of WS-Discovery.
type Message struct {
	Dir             string           `col:"dir" doc:"Who sent it: client or server of the flow."`
	Version         string           `col:"version" doc:"2009/01 (WS-Discovery 1.1) or 2005/04."`
	Message         string           `col:"message" doc:"Hello, Bye, Probe, ProbeMatches, Resolve or ResolveMatches."`
	MessageID       string           `col:"message_id" doc:"wsa:MessageID."`
	RelatesTo       string           `col:"relates_to" doc:"MessageID of the probe or resolve that is answered."`
	InstanceID      event.Opt[int64] `col:"instance_id" doc:"AppSequence/InstanceId: rises when the sender restarts."`
	MessageNumber   event.Opt[int64] `col:"message_number" doc:"AppSequence/MessageNumber."`
	EPR             string           `col:"epr" doc:"Endpoint reference: the device's lasting name, mostly urn:uuid:..."`
	Types           []string         `col:"types" doc:"Types without prefix: Device, MedicalDevice, PrintDeviceType, NetworkVideoTransmitter, Computer, ..."`
	Kind            string           `col:"kind" doc:"What the types say it is or, in a probe, what is looked for: medical, printer, scanner, camera, computer, proxy; NULL if they do not say."`
	Scopes          []string         `col:"scopes" doc:"Scopes as sent."`
	XAddrs          []string         `col:"xaddrs" doc:"Addresses at which it can be reached."`
	TLS             event.Opt[bool]  `col:"tls" doc:"All its addresses are https; NULL if it gives none."`
	MetadataVersion event.Opt[int64] `col:"metadata_version" doc:"Rises when what it says of itself changes."`
	Facility        string           `col:"facility" doc:"Facility (fac) of the scope sdc.ctxt.loc."`
	Building        string           `col:"building" doc:"Building (bldng)."`
	Floor           string           `col:"floor" doc:"Floor (flr)."`
	PointOfCare     string           `col:"point_of_care" doc:"Point of care (poc)."`
	Room            string           `col:"room" doc:"Room (rm)."`
	Bed             string           `col:"bed" doc:"Bed (bed)."`
}

var messages = event.New[Message]("wsd", "WS-Discovery: announcements of, searches for, and answers about devices.")

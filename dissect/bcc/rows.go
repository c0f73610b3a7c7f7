package bcc

import "wardtrace/dissect/event"

// Block is one block, or one NAK.
type Block struct {
	Dir      string           `col:"dir" doc:"Who sent it: client or server of the flow. In request mode the ComDevice is the server, in cyclic mode the client."`
	Kind     string           `col:"kind" doc:"request, response, unread (length or check sum is wrong), or nak (the receiver refused a block)."`
	BedID    string           `col:"bed_id" doc:"Bed id: 1 in requests, in responses the one that the ComDevice was given."`
	Request  string           `col:"request" doc:"What is asked: ADMIN:ALIVE, ADMIN:VERSION, MEM:GET, MEM:GETSLOT#xy; up to 64 characters of what is none of these."`
	Unknown  bool             `col:"unknown_request" doc:"The request is none that BCC has."`
	Last     bool             `col:"last" doc:"It is the last block of its message (ETX); else more follow (ETB)."`
	Length   event.Opt[int64] `col:"length" doc:"Bytes of the block before character stuffing."`
	Stuffed  bool             `col:"stuffed" doc:"Character stuffing is in use: the block on the wire is longer."`
	Values   event.Opt[int64] `col:"values" doc:"Values in a response."`
	Changed  event.Opt[int64] `col:"changed" doc:"Those among them that have a row in bcc_value, since they are new or not what they were."`
	Pumps    event.Opt[int64] `col:"pumps" doc:"Pumps that a response tells of."`
	Error    string           `col:"error" doc:"Code of a response's first error (GNERR)."`
	Checksum bool             `col:"checksum_ok" doc:"Length and check sum are right; values of a block where they are not are not read."`
}

var blocks = event.New[Block]("bcc", "Blocks of B. Braun's BCC protocol, by which SpaceCom reports what its pumps do.")

// Value is one value of a response that is new or not what it was.
type Value struct {
	ParentSeq int64              `col:"parent_seq" doc:"seq of the block in bcc."`
	BedID     string             `col:"bed_id" doc:"Bed id of the ComDevice."`
	Address   string             `col:"address" doc:"Address of the pump: 501xy, pillar x and slot y; 50100 is the ComDevice itself."`
	Uptime    event.Opt[int64]   `col:"uptime" doc:"Seconds since the ComDevice was switched on, as it says."`
	Key       string             `col:"key" doc:"Key as in the specification: INRT, INSOL, INA3, ..."`
	Meaning   string             `col:"meaning" doc:"What the key means, NULL if that is not known."`
	Value     string             `col:"value" doc:"The value; NULL where it is one of the two columns below, or not available (_NV, _NA)."`
	Number    event.Opt[float64] `col:"number" doc:"The value as a number, if it is one."`
	Unit      string             `col:"unit" doc:"Unit of the number, if it is certain."`
	Before    string             `col:"before" doc:"The value before, if this is a change; never of what identifies somebody."`
	First     bool               `col:"first" doc:"The value is the first one of the conversation."`
	Running   event.Opt[bool]    `col:"running" doc:"The pump was pumping (INM3) when this was told and when the value before was; NULL if that is not known."`
	Private   string             `col:"private" phi:"id" doc:"A value that identifies a patient, a nurse or an order, or was scanned from a bar code."`
	Text      string             `col:"patient_text" phi:"free" doc:"Age and sex of the patient, as told."`
}

var values = event.New[Value]("bcc_value", "Values that a ComDevice told of its pumps by BCC, when first seen and when they changed.")

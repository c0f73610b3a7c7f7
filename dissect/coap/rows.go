package coap

import "wardtrace/dissect/event"

// Message is one CoAP message.
type Message struct {
	Dir           string             `col:"dir" doc:"Who sent it: client or server."`
	Type          string             `col:"type" doc:"CON, NON, ACK or RST."`
	Code          string             `col:"code" doc:"Code as class.detail: 0.01 is GET, 2.05 Content; 0.00 is empty."`
	Method        string             `col:"method" doc:"Method of a request."`
	MessageID     int64              `col:"message_id" doc:"Message ID: pairs a confirmable message with its acknowledgement."`
	Token         string             `col:"token" doc:"Token, hex: pairs a request with its responses."`
	Host          string             `col:"host" doc:"Uri-Host option."`
	Path          string             `col:"path" doc:"Uri-Path options joined; of a response, its request's. <patient> stands for a segment behind patient, mrn and the like."`
	PatientID     string             `col:"patient_id" phi:"id" doc:"That segment, or the value of such a key of the query."`
	QueryKeys     []string           `col:"query_keys" doc:"Keys of the Uri-Query options."`
	Query         string             `col:"query" phi:"free" doc:"Uri-Query options as sent, joined by &."`
	Proxy         bool               `col:"proxy" doc:"The request is for another server (Proxy-Uri, Proxy-Scheme)."`
	Discovery     bool               `col:"discovery" doc:"It asks for, or gives, the list of resources (/.well-known/core)."`
	Resources     int64              `col:"resources" doc:"Resources that a link-format payload lists."`
	Observe       event.Opt[int64]   `col:"observe" doc:"Observe option: 0 registers, 1 ends; of notifications a sequence number."`
	Block         event.Opt[int64]   `col:"block" doc:"Number of the block that the payload is."`
	More          bool               `col:"more" doc:"More blocks follow."`
	ContentFormat string             `col:"content_format" doc:"Content-Format: text/plain, application/json, ... or its number."`
	PayloadLen    int64              `col:"payload_len" doc:"Bytes of the payload."`
	Carried       string             `col:"carried" doc:"Protocol that was recognised in the payload: hl7, fhir, sensor."`
	Protected     bool               `col:"oscore" doc:"The content is encrypted (OSCORE)."`
	ResponseTo    event.Opt[int64]   `col:"response_to" doc:"seq of the request that it answers."`
	LatencyMS     event.Opt[float64] `col:"latency_ms" doc:"Milliseconds since that request, for its first response."`
}

var rows = event.New[Message]("coap", "CoAP messages, one row each.")

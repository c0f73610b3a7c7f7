// Package coap reads the Constrained Application Protocol: RFC 7252, with Observe (RFC 7641), block-wise transfers (RFC 7959),
// FETCH and PATCH (RFC 8132).
//
// Requests and responses are paired by token (5.3.2), payloads that came in blocks are put together in order, and what is whole
// is offered to the protocols that may be inside: HL7, FHIR, sensors' JSON.
//
// Recognition: a datagram that is a whole message with known options; on ports other than CoAP's it must be a request with a
// printable path. Limits: see the constants; a payload that outgrows them is a length.
//
// Not decoded: CoAP over TCP and WebSockets (RFC 8323), OSCORE (RFC 8613; named by its option), CBOR payloads, multicast groups
// beyond what the addresses say. CoAP over DTLS is a DTLS conversation.
package coap

// Package fhir reads HL7 FHIR: R5 (5.0.0), and R4B, R4, STU3 and DSTU2 where they do not differ, in JSON (R5 2.1.16), NDJSON (bulk data)
// and XML (R5 2.1.15); and what SMART App Launch 2.2 sends in clear (RFC 6749, RFC 7519). It is carried: by HTTP, each exchange as package
// web gives it, and by messages (MQTT) that are one resource in JSON.
//
// One row of table fhir is one exchange: the interaction in FHIR's words, the search, who asked with what token, how many came back.
// fhir_resource has a row for each resource in a body, fhir_device and fhir_capability what these resources say of equipment and servers,
// fhir_smart the steps of an authorization. Observations, medication requests and administrations, and encounters stand in the shared
// clinical tables, with codes and units as sent: when they are written or read, but not again when the answer repeats what was sent.
// Movements are taken from what is written alone.
//
// A patient has two names here. patient_id is the business identifier (type MR, else usual, official, the first): HL7 and DICOM carry
// the same. patient_ref is the logical id that one server gave. A resource that has the second alone gets the first from a Patient
// resource of the same exchange, or of an earlier one on the connection. The clinical tables show Patient/ID where nothing better is known, so that it joins with no MRN.
//
// Recognised by a media type of FHIR, by a path such as /fhir/Patient, by the discovery address or the scopes of SMART, by resourceType at the
// top of JSON, or by the namespace of XML. A path alone that has no part called fhir does not suffice.
//
// Limits: bodies in JSON of any length pass in bounded memory, an entry at a time, 4,096 values of a resource, 1 KiB of a value, 64 levels.
// XML is read to 2 MiB, a form to 64 KiB. An exchange has 4,096 resource rows; the rest is counted. Tokens, codes and secrets are measured
// and forgotten; of a JWT the claims are kept, not verified.
//
// Not decoded: contained resources, extensions, narrative, the changes inside a patch, GraphQL, CDS Hooks, WebSocket notifications, Turtle.
// A value that is free text, a range, a ratio or sampled data gets no observation. The encounter's event is derived from its
// status and locations; FHIR has no word for transfer.
//
// Uncertain: whether a search was refused by what the token allows shows in the status alone. Bundle.total may be an estimate. The length
// of a token given beyond 1,024 bytes is shown as 1,024.
package fhir

// Package http reads HTTP/1.0 and 1.1 on any port, by content: RFC 9110 (semantics), RFC 9112 (messages), RFC 7617 and
// 7616 (Basic and Digest), RFC 6750 (bearer tokens), RFC 4918 and others for methods. A method that is not known is
// taken for one if the line around it is a request line.
//
// One row of table http is a request with its response. Requests and responses are paired by order, as RFC 9112 9.3.2
// says. A row is emitted when both are complete, or when the connection ends; a request without response, and a response
// whose request was not captured, have rows too: request_seen and response_seen tell. The row stands on the packet that
// completed the request's header, or the response's.
//
// What can name a patient: the query of a URI is kept as free text under the patient key, and uri, referrer and location
// show the keys alone ("/wado?studyUID=*"). Of a path the part behind one such as "patient" is masked, and what a protocol inside
// says (Exchange.SafePath). Passwords, tokens, cookie values and form values are looked at and not kept.
//
// What a body carries (FHIR, DICOMweb, SOAP, HL7) is read by the protocols given to With, each exchange as a conversation of its own:
// package web. Bodies pass to them as they come, without chunks; a body under gzip or deflate is collected to 1 MiB and unpacked to
// 16 MiB; br and zstd are not undone. Eight exchanges of a connection are offered at a time. The column carried says who took it.
//
// Where a Keeper is set, each body that is not empty is kept as it crossed, without chunks; its coding and its parts are the keeper's
// affair. A protocol inside keeps what it finds itself.
//
// Limits: a line of 64 KiB, 256 header lines, 64 requests waiting for a response. Of a body the first 32 KiB are looked
// at: for its kind, for form fields, and for its digest if it is not longer; the rest passes unbuffered. Content-Encoding
// gzip and deflate is undone to at most 256 KiB; br and zstd are not.
//
// CONNECT and Upgrade hand the connection over. HTTP/2 with prior knowledge is recognised (protocol HTTP2) and not
// decoded. The body of an HTTP/0.9 answer is not looked at.
//
// Uncertain: traversal, sqli and the like are shapes in the text of a request, not proof that it worked. Whether a
// response to a request that was not captured has a body cannot be known (HEAD): it is believed to have one.
package http

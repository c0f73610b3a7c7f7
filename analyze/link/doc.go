// Package link joins what belongs together across conversations, in SQL, when the case is loaded: no dissector sees another
// conversation's state.
//
// dicom_move: a C-MOVE asks an archive to send objects to an AE title; the archive opens an association of its own for it. Its
// C-STORE requests name the AE title and Message ID of the C-MOVE (PS3.7 9.1.1.1.9 and .10), which joins them; the called AE
// title must be the destination, and the time lie between the request and its final answer. An archive that leaves the
// originator out is joined by address, destination and time alone. joined_by tells which.
//
// tls_service: what a TLS conversation carries, as far as it can be told from outside: by the server's port where one is
// registered for the protocol, or because the server takes in the same protocol in clear on another port and neither ports
// nor offers speak of the web or mail, or because a medical device announced the address by WS-Discovery. It is an inference, with a confidence; flow.service stays tls.
//
// observation, alarm and therapy of SDC: states and operations name handles, descriptors on another connection say what those mean. They are
// joined by the device's address and the MDIB's SequenceId. What has no descriptor gives no observation and no therapy.
//
// file_transfer: an FTP transfer and the data connection that its PORT or PASV agreed on, a TFTP request and the flow in which the server
// answers from a port of its own. Joined by address, port and the nearest time.
//
// Limits: of several C-MOVEs of one AE title that have one Message ID, destination and time, the one asked last is taken.
// A C-MOVE without a final answer takes in what comes within waitHours of it.
package link

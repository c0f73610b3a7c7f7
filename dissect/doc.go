// Package dissect says what a protocol dissector is, and runs one over a conversation.
//
// A dissector is a folder under dissect with a Protocol value, listed in dissect/all. It reads bytes through a cursor,
// emits typed rows (package event) and knows nothing of packets, files, flows or the database.
//
// How to write one:
//
//  1. doc.go: what and which clause of which standard; limits; what is not decoded.
//  2. rows.go: the row structs and their kinds. Patient data carries a phi tag.
//  3. NAME.go: the Protocol value, Probe, New, Feed, Close. Feed is called with all unused bytes of one direction. It
//     answers how many it is done with, and how many it wants to see before it is called again; Need spares rescanning
//     a slow drip. Used may point past the end of Data: those bytes pass unbuffered, and a loss among them is harmless.
//  4. parse.go: wire structures. Lengths are claims, to be checked against what is there; loops over input end by
//     More(), recursion takes a depth, maps and queues have caps.
//  5. tags.go: long tables.
//  6. NAME_test.go: dissecttest.Suite on real samples, a fuzz target, and the cases that were hard.
//
// What is clinical goes into the shared tables of package clinical as well, after the dissector's own row. A protocol inside
// another is the same Protocol value, given to its carrier in dissect/all: HTTP makes a conversation of each exchange
// (Conn.Carried says what HTTP knows of it, package web), MQTT and CoAP of each message (Carrier). Objects that a user may want
// as files go to Conn.Keeper where there is one.
//
// A probe must not change its mind: what it says of a beginning must fit what it will say of more. The fuzzer compares the whole with
// single bytes, and finds it if not.
//
// Rules: an error means no row was emitted. Malformed input is data: emit what was sound, note an anomaly, go on. A
// direction may be missing altogether, a conversation may start in the middle, and Segment.Gap may come at any byte. Close is called as
// soon as both sides have ended a connection; bytes that come behind its end all the same are a conversation that starts in the middle.
package dissect

// Package jsonread reads a whole JSON text (RFC 8259) in one pass into a flat list of values that stand in the order of the text.
//
// It takes and refuses what encoding/json takes and refuses, and gives the same texts: names may be repeated, numbers stay as written,
// what is not UTF-8 becomes U+FFFD, and values nest at most 10,000 deep. Strings without a backslash are views of the text, the list is
// lent by the caller, and so a message of a device costs no memory. It stands beside encoding/json and its successor jsontext because a
// ward's devices send such a message in every third packet: Valid, Token and Decode take ten times as long and 60 pieces of memory, jsontext
// half as long again, keeps a decoder, and gives tokens where members must be looked up.
//
// Limits: texts of 2 GiB. Not for streams: who reads a bundle of gigabytes as it comes has a lexer of its own (package fhir).
package jsonread

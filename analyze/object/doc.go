// Package object writes what crossed the wire into a folder: DICOM objects, HL7 messages, files and bodies, each under its SHA-256, with
// an index that says what it is, who sent it to whom, and in which packets it stands.
//
// What the wire calls an object is hostile text: it stands, escaped, in the index, and no file is ever named by it. A file's name is its
// hash and an extension out of a fixed list. What a click would start (programs, scripts, pages) gets one that starts nothing.
//
// Content codings of HTTP (RFC 9110 8.4.1) are undone: gzip, deflate, zstd (RFC 8878, windows to 8 MiB as RFC 9659 asks), stacked to four.
// br and compress are not, and stay on the file. Of a multipart body (RFC 2046 5.1) each part is an object, and the body itself is none.
//
// An object that lacks bytes is kept and marked. Holes are filled with zeros, so that what follows them stands where it did; of what is
// under a coding, that which comes before the first hole is all that can be read. Which part of a multipart body a hole fell into is not
// told: none of them is called complete.
//
// Limits: see Limits, each with a flag. Reaching one leaves a line in the index. An object ends at a hole that is out of
// all proportion to what it has (maxHole, maxHoles).
package object

// Package astm decodes what laboratory instruments and laboratory systems say to each other: records of ASTM E1394 (CLSI
// LIS02-A2) in the frames of ASTM E1381 (CLSI LIS01-A2), or without frames, over TCP.
//
// E1381: ENQ, answered by ACK or NAK; frames STX FN text ETB|ETX C1 C2 CR LF, each answered; EOT. FN counts from 1 modulo 8, ETB says that
// the text goes on in the next frame, C1 C2 is the sum of the bytes from FN to ETB or ETX modulo 256 in hexadecimal. A frame is kept until the
// next one shows that it was not sent again under its number. Frames without a checksum, and text of any length in one frame, are seen in the
// field and accepted.
//
// E1394: records H, P, O, R, C, Q, M, S, L, ended by CR; the delimiters are those of each message's H record. Fields are counted with the
// record's letter as field 1.
//
// Results stand also in the shared table observation. A test is named by the first component of its id that is not empty: the universal id
// where an instrument sends one, else the maker's code (component 4).
//
// Limits: maxRecord bytes of a record, maxFrame of a frame, maxRows rows below a message, maxText bytes of a cell. Text is UTF-8 if it is
// valid, else windows-1252.
//
// Not decoded: comments (their presence is told), M and S records (counted), escape sequences of local meaning, the older framing of terminal
// servers without record letters.
//
// Uncertain: what the components of H-5 mean is each maker's affair: the first is taken for the instrument's name. A password in H-4 is
// noted and never kept. Times without offset are read as UTC.
package astm

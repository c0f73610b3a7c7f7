// Package hl7 decodes HL7 version 2 messages: HL7 v2.9 chapter 2 (control) in the delimited encoding ER7, framed by the
// minimal lower layer protocol (HL7 Transport Specification: MLLP, releases 1 and 2) or not framed at all, over TCP and
// in datagrams; messages of versions 2.1 to 2.9.
//
// Messages are taken to pieces line by line (a segment of HL7 is a line here; a Segment is a stretch of TCP), so that a
// report with a picture of 20 MB passes unbuffered. What ends a message:
//
//   - in a block: 0x1C 0x0D, or 0x1C alone in front of a new line, block or message;
//   - without a block: the next MSH, FHS, BHS, BTS or FTS at the start of a line, an acknowledgement from the other side
//     that names its control id, or the end of the conversation; an acknowledgement ends when the other side goes on. An
//     answer to another message ends nothing: a sender may write its next message while the answer to the last is under
//     way. A timeout is no end: it would make rows depend on silence;
//   - a loss in the stream: what followed it may belong to another patient. It becomes a message without header.
//
// Seen in the field and accepted: a missing 0x0B, a missing 0x0D after 0x1C, LF and CRLF as line ends, a byte order mark,
// NULs and blank lines in front of MSH, bytes between blocks, HLLP (the block's header and the count and checksum at its end, which are verified), the
// one-byte commit answers of MLLP release 2, batches inside or outside of blocks, UTF-16 and UTF-32. A lone LF in a
// message whose header ended in CR is data, as in most engines; one that a careless engine would take for a line end
// is flagged.
//
// Delimiters are those of each message's MSH-1 and MSH-2. Text is decoded by MSH-18 before it is split, since the trail
// bytes of Big5, GB 18030 and ISO-2022-JP contain delimiters. Without MSH-18: UTF-8 if the line is valid UTF-8, else
// windows-1252. If a line contradicts MSH-18 (not ASCII, not UTF-8), windows-1252, and an anomaly once a message.
//
// body_hash is SHA-256 over all lines after MSH, each ended by one CR whatever ended it on the wire, blank lines left
// out. MSH is left out because a resend may carry a new MSH-7; framing is left out because an engine may change it.
//
// What messages say stands also in the shared clinical tables:
//
//   - observation: OBX lines with a value that is no free text, but for those of orders, alarms and a device's description of itself.
//     The equipment is OBX-18 or PRT-10, else that of the MDS or VMD in whose containment path (OBX-4, IHE PCD-01) the line stands;
//   - alarm: IHE PCD-04 (ORU^R40), and any message with its facets by name. Facets are told by mnemonic first: their older numbers
//     mean other attributes in 11073-20601. Audio off and alarm off are "off"; paused and acknowledged are "silenced". The text of a
//     device's message (OBX-5 of type ST) stays in hl7_observation. Watchdog messages are no alarms;
//   - therapy: RXO, RXE, RXG, RXD and RXA lines; settings of RGV^O15 (PCD-03, told to the pump); settings and events that pumps
//     report (PCD-01, PCD-10), by mnemonic;
//   - patient_movement: ADT, a row a PID line. Pending events (A14 to A16) move nobody yet.
//
// Dialects: Mindray's gateways and monitors, the Welch Allyn connectivity server and Nihon Kohden gateways speak this protocol; nothing
// about their private codes is published with certainty, so their OBX lines are read as everybody's. MSH-3 of Mindray is
// MINDRAY_...^EUI-64.
//
// Limits: the first 64 KiB and the last 4 KiB of a line are decoded (maxLine, maxTail), 4,096 child rows (256 of them identifiers) and 1 MiB of
// their text a message (maxChildren, maxChildText), 4 KiB of text a cell (maxText), 128 fields a line (maxFields), 1,024
// messages awaiting an answer (maxAwaiting). The partial line is held here, not by the stream, because the last line of
// an unframed message often lacks its end and would be lost at Close.
//
// Where a Keeper is set, each message is kept as it crossed, without its framing and a byte order mark; of a first line longer than
// maxLine the rest is a hole.
//
// Not decoded: the XML encoding of version 2, the contents of encapsulated data (OBX-5 of type
// ED; only its kind is told), sequence number and continuation protocols (MSH-13, MSH-14, DSC), CNS 11643 text.
//
// Uncertain: times without an offset are read with the offset of MSH-7, else as UTC. OBX-5 of type ST is kept in clear
// only if it is a number or a word of the closed list in tags.go, because people put names there.
// The limits of an alarm are OBX-7 of its source; a change of limits is no message of its own in HL7.
package hl7

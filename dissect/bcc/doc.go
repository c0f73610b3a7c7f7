// Package bcc decodes BCC, by which a B. Braun SpaceCom or ComDevice tells a hospital's server what its infusion pumps do:
// B. Braun, "Technical Interface Specification BCC", I0022_000030, version 4.0 (2019), over TCP.
//
// A block is SOH, five digits of its length, STX, bed id, /1/1>, information, ETX (last block) or ETB (more follow), five
// digits of its check sum, EOT. Length and check sum are those of the block before character stuffing, which may be
// switched off. A receiver answers each block by ACK or NAK.
//
// In request mode the server asks (ADMIN:ALIVE, ADMIN:VERSION, MEM:GET, MEM:GETSLOT#xy) and the ComDevice, which listens on
// TCP 4001 unless told otherwise, answers; in cyclic mode the ComDevice opens the connection and pushes. Either way BCC reads
// out only: nothing in it sets a pump. Any other request is no BCC, and its row says so: the network services of a SpaceCom of
// 2021 took commands from anybody (CVE-2021-33882), by a protocol that is not published.
//
// An answer is a list of values, each with the seconds since power-on, the address of a pump (501xy: pillar x, slot y; 50100
// is the ComDevice), a key and the value. A pump is asked every few seconds and hardly anything changes, so a value has a
// row when it is first seen in a conversation and whenever it is another one (bcc_value, with the value before). Of these
// the ones whose meaning is published become rows of the shared tables: therapy (rate, dose, volume, bolus, start, stop,
// drug), alarm (INA1 to INA16, LASTDA), observation (the patient's weight and height). A device there is the pump's address.
//
// Recognition wants a whole block with the right length and the right check sum, or its head if it is larger than what a
// probe is shown.
//
// What identifies a patient, a nurse or an order, and every scanned bar code, stands in columns marked so.
//
// Limits: a block of 99,999 bytes (its length has five digits), twice that on the wire; 128 pumps (maxPumps; three pillars
// of 24 slots are 72) and 256 keys of each (maxKeys) are remembered for a conversation; 1,000 values of a block (maxValues).
//
// Not decoded: the bits of RUNSTATE and FMSTAT, whose order is not certain; PREALARM; what is in the software's name GNMODEL beyond
// its text; TCI and PCA modes and the results of auto-programming, whose values stand in bcc_value as they are. Units are
// told where the specification's summary tells them: ml/h of INRT, s of INRMT, and those that a block brings itself (INDORTU, INDCONU).
// Uncertain: that a status or alarm (INM, INA) is on at 1 and off at 0; any other value is kept in bcc_value and makes neither a start nor an
// end.
package bcc

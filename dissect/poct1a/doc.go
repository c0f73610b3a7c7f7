// Package poct1a decodes what point-of-care instruments (glucose, blood gas, HbA1c, coagulation) and their servers say to each other: CLSI
// POCT1-A2, device messaging layer, over TCP.
//
// Messages are XML documents one after the other without framing; NULs, blanks and lines between them are passed over. A message ends with the
// end tag of its first element. Recognised by that element (three capitals and a version, <HEL.R01>, or a vendor's directive, <DTV.SIEM.DVCMD>)
// with a message header, <HDR>, behind it.
//
// Results stand also in the shared table observation, but for those of quality control, calibration and proficiency.
//
// A directive of a server (DTV: start continuous mode, lock, reboot, the maker's own) changes what the instrument does. An operator list (OPL)
// may hold passwords, in base64 at best: they are counted and never kept.
//
// Limits: maxMessage bytes of a message, maxRows results of it, maxText bytes of a cell, maxAwaiting messages that wait for an answer.
//
// Not decoded: patient lists (PTL, counted only), waveforms and notes, the observation reporting interface (ORI), which is HL7 version 2 and
// package hl7's.
//
// Uncertain: names of elements beyond the published shapes differ between makers; what is not known is passed over. Times without offset are
// read as UTC.
package poct1a

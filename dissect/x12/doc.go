// Package x12 decodes the envelopes of claims, eligibility requests and prior authorisations that hospitals send to payers: ASC X12 interchanges
// (X12.5 ISA, GS, ST), and names messages of NCPDP (SCRIPT in XML and EDIFACT, Telecommunication D.0), bare over TCP or as a body of HTTP.
//
// An X12 interchange begins with ISA, whose 106 characters stand at fixed places: the delimiters are read from there. Of a transaction its kind
// and the people in it are read: NM1 of a subscriber (IL) or patient (QC, 1P no), DMG behind it, and whether REF names a social security number.
//
// NCPDP is for the inventory: what it is, its version, kind and the two ends; nothing of the prescription or claim. SCRIPT in XML is read as far as
// its header.
//
// Limits: maxSegment bytes of a segment, maxPatients people an interchange, maxXML bytes of a message in XML.
//
// Not decoded: the loops of a transaction (claims are counted), acknowledgements' contents, AS2's envelopes, encrypted or compressed bodies.
package x12

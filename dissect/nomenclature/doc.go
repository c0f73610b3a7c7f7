// Package nomenclature names the numbers of ISO/IEEE 11073-10101 (2019) and of the personal health devices' share of it
// (IEEE 11073-20601 annex A, 11073-104xx), and reads the two number formats of medical devices, FLOAT-Type and SFLOAT-Type
// (11073-20601 annex F). IEEE 11073-20601, SDC, IHE PCD in HL7, Philips IntelliVue and the Bluetooth health services carry the
// same numbers.
//
// A code is 32 bits: the partition times 65536 plus the term (clause 7 of 10101). A protocol that sends terms of 16 bits says by
// the place in the message which partition is meant; Of puts the two together.
//
// Only such terms stand in the table whose number and name published messages or independent public implementations of the
// standard show without contradiction, and units: a unit's lowest five bits are its decimal factor (table A.6.1), so that one
// line stands for a family. It is a part of the standard, what a hospital's wire shows most. A number that is not here is not thereby wrong: print it as a number. The alert attributes of IHE PCD
// exist in two numberings; the newer one is here (68480 to 68485), the older collides with attributes of 20601 and is not.
// Terms from 61440 (F000h) on are private to a vendor: none is named here.
package nomenclature

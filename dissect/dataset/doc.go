// Package dataset reads DICOM data sets (PS3.5 2025c, section 7) piece by piece, whatever carries them: DIMSE fragments,
// Part 10 files (PS3.10), multipart bodies.
//
// Reader is the push parser: implicit and explicit VR, little and big endian, deflated, undefined lengths, sequences,
// encapsulated pixel data. It holds one element header and the stack of open sequences, never a value. Object is a
// handler for it that gathers what a case wants to know of a data set: who, what, made by which device, which query
// keys, which instances an N-service names, what a report is and who verified it, what an encapsulated document really is, and
// digests of the pixels and of the clinical content. File reads a Part 10 file into an Object.
//
// The digests are SHA-256: one that decides whether an image was replaced must not be forgeable, and processors of today
// make it in hardware faster than a disk delivers captures. They are made from the bytes as they pass, so nothing is held;
// a loss costs the digest, not the object.
//
// Text comes out as UTF-8, decoded by (0008,0005) (PS3.3 C.12.1.1.2): the ISO 8859 parts, JIS X 0201, TIS 620, ISO 2022
// escapes (PS3.5 6.1.2.5) with JIS X 0208, JIS X 0212, KS X 1001 and GB 2312, UTF-8, GB18030 and GBK. An item that declares a
// character set has it for itself and for what is in it.
//
// Limits: sequences nest to MaxDepth; a text value is kept to its first keepText bytes, a UID list to keepUIDs; a
// deflated data set is held up to deflateHeld compressed and read up to deflateRead bytes, since the library for it
// cannot stop and go on.
//
// Not decoded: pixel data (counted, digested, looked at for foreign magic numbers); waveforms; the content tree of
// structured reports, but for its title and observer.
//
// A value representation that PS3.5 does not have is taken for one of a later edition, which all have the long form, if it is two
// capitals and the reserved bytes are zero; else the reading ends.
//
// Uncertain: a sequence of unknown or private tag and defined length in implicit VR (or in UN) is recognised by the item
// tag at the start of its value, as readers in the field do (the standard says that only a dictionary tells). The first
// element overrules the negotiated transfer syntax where both cannot be true; Reader.Differs tells of it. A deflated data
// set whose transfer syntax was not captured is not recognised.
package dataset

// Package dicom decodes DICOM associations: the upper layer (PS3.8 2025c, section 9), DIMSE messages (PS3.7 section 9
// and 10, annexes C to E) and the data sets they carry (package dataset).
//
// One association is one dicom_association row, written when it is over, whether it was released, aborted or just
// stopped; its proposed presentation contexts are children. Each DIMSE message is a dicom_message row, written when its
// last fragment came, and its data set a dicom_dataset row below it. association_seq numbers the associations of a
// flow, since a message is written before its association is: join by (flow_id, association_seq).
//
// Limits: an A-ASSOCIATE PDU is read up to maxAssociate bytes, a command set up to maxCommand; presentation contexts
// up to the 128 that their odd one-byte numbers allow; maxOutstanding requests are remembered for their answers;
// maxAnomalies of one kind are written for an association. Fragments go to the data set reader as they come and are
// never held, so a loss inside pixel data costs the digest and nothing else.
//
// A conversation may start in the middle: P-DATA is recognised by two lengths that agree and flags that may be, and
// found again after a loss by the same test. The transfer syntax is then told from the data set itself. Of a
// conversation of which only one side was captured, a request that goes on to send P-DATA counts as accepted.
//
// status is text, "0x0000" and so on, since the standard writes it so; status_category is the word of PS3.7 annex C.
// sop_class is the Affected or Requested SOP Class of the command, or where it has none the abstract syntax of its
// presentation context.
//
// Identity evidence: AE titles (of accepted associations), implementation class and version, roles that were acted out,
// and from stored objects manufacturer, model, serial number, software, station name. An object names the device that
// made it, not the one that sends it. So its fields are taken for the sender only if it was pushed by the requestor
// without a move originator and all objects of the association name one device; the confidence is 50, or 85 where the
// calling AE title is also the performing station's. A sender of several devices' objects gets the role
// dicom_forwarder instead.
//
// Secrets: of a user identity (PS3.7 D.3.3.7) the type, the user name and the length of the secret are kept. Kerberos,
// SAML and JWT tokens are secrets whole.
//
// Not decoded: the service class application information of extended negotiation (its length is kept); the reserved
// DICOM over ISCL.
//
// Uncertain: a release request without an answer counts as released, since peers in the field close the connection
// then. A status outside the ranges of PS3.7 annex C counts as failure. The offending element list is the standard's
// AT list; some peers fill it with zeros.
package dicom

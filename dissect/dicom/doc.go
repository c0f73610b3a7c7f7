// Package dicom decodes DICOM associations: the upper layer (PS3.8 2025c, section 9), DIMSE messages (PS3.7 section 9
// and 10, annexes C to E) and the data sets they carry (package dataset).
//
// One association is one dicom_association row, written when it is over, whether it was released, aborted or just
// stopped; its proposed presentation contexts are children. Each DIMSE message is a dicom_message row, written when its
// last fragment came, and its data set a dicom_dataset row below it. association_seq numbers the associations of a
// flow, since a message is written before its association is: join by (flow_id, association_seq).
//
// Role selection, extended and common extended negotiation of both sides are dicom_negotiation rows; the asynchronous window
// and how far it was used stand in the association. Event and action types are words in operation. Instances that an N-service
// names (commitments with what failed and why, images of a procedure step, films) are dicom_reference rows. Patient ids beside
// (0010,0020) are dicom_other_id rows: as a list they would be one pseudonym, and join with nothing.
//
// Each series that moves over an association is an image_transfer row (package clinical), written when the association ends, or
// when more than maxTransfers are open. Failed are objects that were refused and those whose answer was not seen. The
// C-STOREs of a C-GET name it in caused_by; those of a C-MOVE come on another association, and package analyze/link joins
// them (dicom_move).
//
// Where a Keeper is set, each C-STORE's data set is kept as a Part 10 file (PS3.10 7.1): the bytes as they crossed the wire
// behind a group 0002 of our own. The transfer syntax in it is that of the presentation context; where the first element
// contradicts it, or it was not captured, the plain one that the bytes show. Lost bytes are zeros up to maxFill, and such an
// object, or one of unknown transfer syntax, is not complete.
//
// Limits: an A-ASSOCIATE PDU is read up to maxAssociate bytes, a command set up to maxCommand; presentation contexts
// up to the 128 that their odd one-byte numbers allow; maxOutstanding requests are remembered for their answers;
// maxAnomalies of one kind and maxNegotiations items are written for an association. Fragments go to the data set reader as they come and are
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
// Not decoded: service class application information beyond what queries, retrieval and storage define (its length is kept);
// DICOM over ISCL, which is retired. DICOM over TLS cannot be seen into; analyze/link infers it (tls_service).
//
// Uncertain: a release request without an answer counts as released, since peers in the field close the connection
// then. A status outside the ranges of PS3.7 annex C counts as failure. The offending element list is the standard's
// AT list; some peers fill it with zeros. A C-STORE that an archive sends while one C-GET of the other side is open is taken
// for its sub-operation.
package dicom

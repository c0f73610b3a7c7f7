// Package hl7v3 decodes what HL7 says in XML: clinical documents (CDA release 2), messages of version 3 (transport wrapper
// MCCI, control act, patient registry PRPA), and the documents' exchange of IHE (ITI TF-2: XDS.b, XCA, PIX/PDQ version 3 and
// XCPD), which is SOAP 1.2 with ebXML registry metadata.
//
// Carried by HTTP (SOAP, SOAP with attachments by MTOM/XOP in multipart/related, a bare document) and by TCP, in MLLP's blocks (0x0B, the XML,
// 0x1C 0x0D) or bare. Recognised by a namespace declaration of urn:hl7-org:v3, urn:ihe:iti: or ebXML's registry at the
// beginning of an XML document, by an action of these, or by a media type.
//
// A body is collected up to maxDocument and read by xmlread, which expands no entities and caps depth and size. What is longer is read as
// far as that: headers come first. A document embedded in a message or attached to it has a row of its own below the message's.
//
// Not decoded: the entries of a document's body (its sections are named by code), the payload of interactions other than the patient
// registry's, SAML assertions (only that there is one, and who issued it), encrypted or compressed SOAP, UTF-16 outside of HTTP, XDR by
// mail. A password in WS-Security is noted and never kept.
//
// Uncertain: PRPA_IN201305UV02 is ITI-47 (PDQ) and ITI-55 (XCPD): only an action that names CrossGatewayPatientDiscovery tells them
// apart.
package hl7v3

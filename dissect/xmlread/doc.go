// Package xmlread reads an XML document (XML 1.0, Namespaces in XML 1.0) that came from the wire into a bounded tree: SOAP, HL7 v3,
// CDA, POCT1-A.
//
// A document that is cut off, malformed or too large gives what was sound before, and says what was wrong. Nothing is ever fetched, and no
// entity is expanded but the five of XML and character references: a document type declaration is skipped and noted ("billion laughs",
// external entities).
//
// Charsets: UTF-8, UTF-16 with a byte order mark, ISO-8859-1, windows-1252, US-ASCII. Bytes that are not the UTF-8 they should be are
// read as windows-1252, and Charset says so.
//
// Limits: see the caps below. Not read: comments, processing instructions, the order of text between child elements (the own text of an
// element is joined).
package xmlread

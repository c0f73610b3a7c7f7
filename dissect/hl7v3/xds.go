package hl7v3

import (
	"strconv"
	"strings"

	"wardtrace/dissect/xmlread"
)

// registry takes the messages of document sharing (ITI TF-2 3.18, 3.41 to 3.43; ebRIM and ebRS 3.0).
func (m *message) registry(body *xmlread.Node) {
	if s := body.Attr("status"); s != "" {
		m.row.AckCode = clip(s[strings.LastIndexByte(s, ':')+1:])
	}
	if q := body.Child("AdhocQuery"); q != nil {
		m.row.Query = pick(storedQueries[q.Attr("id")], clip(q.Attr("id")))
		m.queryPatient(q)
	}
	body.Walk(func(n *xmlread.Node) bool {
		switch n.Name {
		case "RegistryResponse":
			if s := n.Attr("status"); s != "" {
				m.row.AckCode = clip(s[strings.LastIndexByte(s, ':')+1:])
			}
		case "RegistryError":
			m.row.Errors++
			return false
		case "ExtrinsicObject":
			m.extrinsic(n)
			return false
		case "DocumentRequest", "DocumentResponse":
			m.entry(Entry{Kind: strings.ToLower(strings.TrimPrefix(n.Name, "Document")), DocumentID: clip(n.Child("DocumentUniqueId").Value()),
				Repository: clip(n.Child("RepositoryUniqueId").Value()), Community: clip(n.Child("HomeCommunityId").Value()), MediaType: clip(n.Child("mimeType").Value())})
			return false
		}
		return true
	})
}

// queryPatient keeps whose documents a stored query asks for: 'id^^^&oid&ISO'.
func (m *message) queryPatient(q *xmlread.Node) {
	for _, s := range q.All("Slot") {
		if s.Attr("name") == "$XDSDocumentEntryPatientId" || s.Attr("name") == "$patientId" || s.Attr("name") == "$XDSSubmissionSetPatientId" {
			id, oid := composite(s.Path("ValueList", "Value").Value())
			m.patient(Patient{Kind: "query", PatientID: id, Authority: oid})
		}
	}
}

// composite takes a CX of version 2 apart: identifier and the authority's OID.
func composite(s string) (id, oid string) {
	parts := strings.SplitN(strings.Trim(s, "'()"), "^", 5)
	id = clip(parts[0])
	if len(parts) > 3 {
		if a := strings.Split(parts[3], "&"); len(a) > 1 {
			oid = clip(a[1])
		}
	}
	return id, oid
}

// Schemes of classifications and external identifiers (ITI TF-3 4.2.5).
const (
	schemeType    = "urn:uuid:f0306f51-975f-434e-a61c-c59651d33983"
	schemeClass   = "urn:uuid:41a5887f-8865-4c09-adf7-e362475b143a"
	schemeFormat  = "urn:uuid:a09d5840-386c-46f2-b5ad-9c3699a4309d"
	schemeAuthor  = "urn:uuid:93606bcf-9494-43ec-9b4e-a7748d1a838d"
	schemePatient = "urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427"
	schemeUnique  = "urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab"
)

// extrinsic takes the metadata of a document.
func (m *message) extrinsic(x *xmlread.Node) {
	status := x.Attr("status")
	e := Entry{Kind: "entry", MediaType: clip(x.Attr("mimeType")), Community: clip(x.Attr("home")), Status: clip(status[strings.LastIndexByte(status, ':')+1:]),
		Title: clip(x.Path("Name", "LocalizedString").Attr("value"))}
	for _, s := range x.All("Slot") {
		value := s.Path("ValueList", "Value").Value()
		switch s.Attr("name") {
		case "repositoryUniqueId":
			e.Repository = clip(value)
		case "size":
			e.Size, _ = strconv.ParseInt(value, 10, 64)
		case "hash":
			e.Hash = clip(value)
		}
	}
	for _, c := range x.All("Classification") {
		code := clip(c.Attr("nodeRepresentation"))
		switch c.Attr("classificationScheme") {
		case schemeType:
			e.TypeCode = code
		case schemeClass:
			e.ClassCode = code
		case schemeFormat:
			if len(e.Formats) < 8 {
				e.Formats = append(e.Formats, code)
			}
		case schemeAuthor:
			e.Author = pick(e.Author, author(c))
		}
	}
	oid := ""
	for _, i := range x.All("ExternalIdentifier") {
		switch i.Attr("identificationScheme") {
		case schemePatient:
			e.PatientID, oid = composite(i.Attr("value"))
		case schemeUnique:
			e.DocumentID = clip(i.Attr("value"))
		}
	}
	m.entry(e)
	m.patient(Patient{Kind: "document", PatientID: e.PatientID, Authority: oid})
}

// author gives the name in an XCN, id^family^given.
func author(c *xmlread.Node) string {
	for _, s := range c.All("Slot") {
		if s.Attr("name") == "authorPerson" {
			parts := strings.SplitN(s.Path("ValueList", "Value").Value(), "^", 4)
			if len(parts) > 2 {
				return clip(parts[1] + "^" + parts[2])
			}
		}
	}
	return ""
}

func (m *message) entry(e Entry) {
	if len(m.patients)+len(m.entries) >= maxRows {
		m.dropped++
		return
	}
	m.entries = append(m.entries, e)
}

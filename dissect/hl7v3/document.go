package hl7v3

import (
	"strings"

	"wardtrace/dissect/event"
	"wardtrace/dissect/xmlread"
)

// inside finds clinical documents in the tree: the root itself, or what a message embeds as XML.
func (m *message) inside(root *xmlread.Node, complete bool) {
	root.Walk(func(n *xmlread.Node) bool {
		if n.Name != "ClinicalDocument" || n.Space != "urn:hl7-org:v3" {
			return true
		}
		m.document(n, complete)
		return false
	})
}

// document takes the header of a clinical document (CDA R2, 4.2).
func (m *message) document(d *xmlread.Node, complete bool) {
	if len(m.documents) >= maxParts {
		m.dropped++
		return
	}
	code := d.Child("code")
	role := d.Path("recordTarget", "patientRole")
	who := role.Child("patient")
	custodian := d.Path("custodian", "assignedCustodian", "representedCustodianOrganization")
	row := Document{
		DocumentID: instance(d.Child("id")), SetID: instance(d.Child("setId")), Version: clip(d.Child("versionNumber").Attr("value")),
		TypeCode: clip(code.Attr("code")), TypeSystem: system(code), TypeName: clip(code.Attr("displayName")), Title: clip(d.Child("title").Value()),
		CreatedAt: stamp(d.Child("effectiveTime").Attr("value")), Confidentiality: clip(d.Child("confidentialityCode").Attr("code")),
		Language: clip(d.Child("languageCode").Attr("code")), PatientName: personName(who.Child("name")),
		BirthDate: digits(who.Child("birthTime").Attr("value")), Sex: clip(who.Child("administrativeGenderCode").Attr("code")),
		Address: address(role.Child("addr")), Phone: phone(role.Child("telecom")),
		Custodian: clip(custodian.Child("name").Value()), CustodianID: instance(custodian.Child("id")),
		Encounter: clip(d.Path("componentOf", "encompassingEncounter", "id").Attr("extension")),
		MediaType: clip(d.Path("component", "nonXMLBody", "text").Attr("mediaType")), Complete: complete,
	}
	for _, id := range role.All("id") {
		if row.PatientID == "" {
			row.PatientID, row.Authority = clip(id.Attr("extension")), authority(id)
		}
	}
	for _, t := range d.All("templateId") {
		if len(row.Templates) < 32 {
			row.Templates = append(row.Templates, instance(t))
		}
	}
	for _, a := range d.All("author") {
		m.author(&row, a.Child("assignedAuthor"))
	}
	for _, c := range d.Path("component", "structuredBody").All("component") {
		if s := clip(c.Path("section", "code").Attr("code")); s != "" && len(row.Sections) < maxParts {
			row.Sections = append(row.Sections, s)
		}
	}
	m.documents = append(m.documents, row)
}

// author takes a person, or the device and software that wrote the document. Whoever sends it may be another: a hint.
func (m *message) author(row *Document, a *xmlread.Node) {
	row.Author = pick(row.Author, personName(a.Path("assignedPerson", "name")))
	device := a.Child("assignedAuthoringDevice")
	row.Device = pick(row.Device, clip(device.Child("manufacturerModelName").Value()))
	row.Software = pick(row.Software, clip(device.Child("softwareName").Value()))
	if row.Software != "" && len(row.Software) <= 128 && len(m.identities) < maxIdentity {
		m.identities = append(m.identities, event.Identity{Attribute: "software", Value: row.Software, Source: "cda.author", Confidence: 20})
	}
}

// system names a coding system.
func system(code *xmlread.Node) string {
	switch oid := code.Attr("codeSystem"); oid {
	case "2.16.840.1.113883.6.1":
		return "LN"
	case "2.16.840.1.113883.6.96":
		return "SCT"
	default:
		return clip(strings.TrimSpace(pick(code.Attr("codeSystemName"), oid)))
	}
}

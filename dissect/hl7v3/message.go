package hl7v3

import (
	"strings"

	"wardtrace/dissect"
	"wardtrace/dissect/event"
	"wardtrace/dissect/xmlread"
)

// message is one body while its rows are made.
type message struct {
	row        Message
	patients   []Patient
	entries    []Entry
	documents  []Document
	identities []event.Identity
	dropped    int64
}

// read makes the rows of a body: the message, then what is below it.
func (v *conversation) read(dir dissect.Dir, h *half, out *event.Batch) {
	parts := v.split(dir, h)
	if len(parts) == 0 {
		return
	}
	doc := xmlread.Parse(parts[0].data)
	if doc.Root == nil {
		if v.web == nil {
			dissect.Anomaly(out, h.ref, protocolName, "hl7v3_no_xml", h.bytes, "bytes that are no XML document in a conversation of version 3")
		}
		return
	}
	m := &message{row: Message{Dir: dir.String(), Framing: h.framing, Bytes: h.bytes, Parts: parts[0].of}}
	m.row.Complete = doc.Problem == "" && !h.lost && !v.cut(dir) && h.bytes == int64(len(h.body))
	v.headers(dir, m, parts[0].kind)
	m.root(doc.Root)
	m.inside(doc.Root, m.row.Complete)
	for _, p := range parts[1:] { // attachments: the documents that are shared
		if d := xmlread.Parse(p.data); d.Root != nil && d.Root.Name == "ClinicalDocument" {
			m.document(d.Root, d.Problem == "" && !h.lost)
		}
	}
	if m.row.Interaction == "" && len(m.documents) == 0 {
		return // XML, but none of ours: a page of errors, another service
	}
	m.emit(v, dir, h.ref, &doc, out)
}

// emit emits the message and its children.
func (m *message) emit(v *conversation, dir dissect.Dir, ref event.Ref, doc *xmlread.Doc, out *event.Batch) {
	m.row.Patients, m.row.Documents = int64(len(m.patients)), int64(len(m.entries))
	parent := int64(messages.Emit(out, ref, m.row))
	for _, p := range m.patients {
		p.ParentSeq = parent
		patients.Emit(out, ref, p)
	}
	for _, e := range m.entries {
		e.ParentSeq = parent
		entries.Emit(out, ref, e)
	}
	for _, d := range m.documents {
		d.ParentSeq, d.Dir = parent, m.row.Dir
		documents.Emit(out, ref, d)
	}
	if doc.DTD {
		dissect.Anomaly(out, ref, protocolName, "hl7v3_dtd", 1, "the document declares a document type, which messages have no need of: the way of attacks by entities")
	}
	if m.dropped > 0 {
		dissect.Anomaly(out, ref, protocolName, "hl7v3_rows_limit", m.dropped, "a message has more patients or documents than are kept: the rest were counted only")
	}
	v.identify(dir, m, ref, out)
}

// root takes the envelope, if there is one, and names what is in it.
func (m *message) root(root *xmlread.Node) {
	body := root
	if root.Name == "Envelope" {
		m.row.SOAP = true
		m.header(root.Child("Header"))
		body = root.Child("Body").First()
	}
	if body == nil {
		return
	}
	switch {
	case body.Name == "Fault":
		m.fault(body)
	case body.Name == "ClinicalDocument":
		m.row.Interaction = body.Name
	case body.Space == "urn:hl7-org:v3" && isInteraction(body.Name):
		m.row.Interaction = body.Name
		m.wrapper(body)
	case isRegistry(body.Space):
		m.row.Interaction = body.Name
		m.registry(body)
	case isAction(m.row.Action):
		m.row.Interaction = clip(body.Name)
	default:
		return
	}
	m.name()
}

// isInteraction: two letters of domain each, _IN, and digits with a realm: PRPA_IN201305UV02.
func isInteraction(s string) bool {
	domain, rest, ok := strings.Cut(s, "_IN")
	return ok && len(domain) == 4 && len(rest) >= 6 && len(rest) <= 12 && strings.Trim(rest[:6], "0123456789") == ""
}

func isRegistry(space string) bool {
	return strings.HasPrefix(space, "urn:ihe:iti:") || strings.HasPrefix(space, "urn:oasis:names:tc:ebxml-regrep:")
}

// name puts words and the transaction to action and interaction.
func (m *message) name() {
	n := interactions[m.row.Interaction]
	m.row.Name, m.row.Transaction = n.name, n.transaction
	action := m.row.Action[strings.LastIndexByte(m.row.Action, ':')+1:]
	if t, ok := actions[strings.TrimSuffix(action, "Response")]; ok {
		m.row.Transaction = t
	}
}

// header takes WS-Addressing and WS-Security.
func (m *message) header(h *xmlread.Node) {
	if h == nil {
		return
	}
	if a := h.Child("Action").Value(); a != "" {
		m.row.Action = clip(a)
	}
	m.row.MessageID, m.row.RelatesTo = clip(h.Child("MessageID").Value()), clip(h.Child("RelatesTo").Value())
	if p := h.Path("Security", "UsernameToken", "Password"); p != nil {
		m.row.Credential = "text"
		if strings.HasSuffix(p.Attr("Type"), "#PasswordDigest") {
			m.row.Credential = "digest"
		}
	}
	m.row.Assertion = h.Path("Security", "Assertion") != nil
}

func (m *message) fault(f *xmlread.Node) {
	m.row.Interaction, m.row.Errors = "Fault", m.row.Errors+1
	m.row.Fault = clip(pick(f.Path("Code", "Subcode", "Value").Value(), pick(f.Path("Code", "Value").Value(), f.Child("faultcode").Value())))
}

// wrapper takes the transmission wrapper (MCCI) and the control act of a version 3 message.
func (m *message) wrapper(body *xmlread.Node) {
	m.row.MessageID = pick(instance(body.Child("id")), m.row.MessageID)
	m.row.CreatedAt = stamp(body.Child("creationTime").Attr("value"))
	m.row.Sender, m.row.Receiver = instance(body.Path("sender", "device", "id")), instance(body.Path("receiver", "device", "id"))
	m.device(body.Path("sender", "device"))
	if a := body.Child("acknowledgement"); a != nil {
		m.row.AckCode = pick(a.Attr("typeCode"), a.Child("typeCode").Attr("code"))
		m.row.RelatesTo = pick(instance(a.Path("targetMessage", "id")), m.row.RelatesTo)
		m.row.Errors += int64(len(a.All("acknowledgementDetail")))
	}
	act := body.Child("controlActProcess")
	m.row.QueryResponse = act.Path("queryAck", "queryResponseCode").Attr("code")
	if act == nil {
		return
	}
	for _, s := range act.All("subject") {
		event := s.Child("registrationEvent")
		m.person("subject", event.Path("subject1", "patient"))
		m.prior(event.Child("replacementOf"))
	}
	m.parameters(act.Path("queryByParameter", "parameterList"))
}

// device keeps who the sending device says it is.
func (m *message) device(d *xmlread.Node) {
	for _, f := range []struct{ child, attribute string }{{"softwareName", "software"}, {"manufacturerModelName", "model"}} {
		if s := clip(d.Child(f.child).Value()); s != "" && len(s) <= 128 {
			m.identities = append(m.identities, event.Identity{Attribute: f.attribute, Value: s, Source: "hl7v3.sender", Confidence: 60})
		}
	}
}

// person keeps a patient and its identifiers.
func (m *message) person(kind string, p *xmlread.Node) {
	if p == nil {
		return
	}
	who := pickNode(p.Child("patientPerson"), p.Child("patient"))
	first := Patient{Kind: kind, Name: personName(who.Child("name")), Birth: digits(who.Child("birthTime").Attr("value")),
		Sex: who.Child("administrativeGenderCode").Attr("code"), Address: address(who.Child("addr")), Phone: phone(who.Child("telecom"))}
	for _, id := range p.All("id") {
		if id.Attr("extension") != "" {
			first.PatientID, first.Authority = clip(id.Attr("extension")), authority(id)
			m.patient(first)
			first = Patient{Kind: kind}
		}
	}
	if first.Name != "" {
		m.patient(first)
	}
	for _, other := range who.All("asOtherIDs") {
		for _, id := range other.All("id") {
			m.patient(Patient{Kind: kind, PatientID: clip(id.Attr("extension")), Authority: authority(id)})
		}
	}
}

// prior keeps the identifier that a merge retires (PRPA_IN201304UV02).
func (m *message) prior(r *xmlread.Node) {
	for _, id := range r.Path("priorRegistration", "subject1", "priorRegisteredRole").All("id") {
		m.patient(Patient{Kind: "prior", PatientID: clip(id.Attr("extension")), Authority: authority(id)})
	}
}

// parameters keeps whom a query asks for (PRPA_IN201305UV02, PRPA_IN201309UV02).
func (m *message) parameters(list *xmlread.Node) {
	if list == nil {
		return
	}
	asked := Patient{Kind: "query", Name: personName(list.Path("livingSubjectName", "value")),
		Birth: digits(list.Path("livingSubjectBirthTime", "value").Attr("value")), Sex: list.Path("livingSubjectAdministrativeGender", "value").Attr("code")}
	for _, name := range []string{"livingSubjectId", "patientIdentifier"} {
		for _, p := range list.All(name) {
			asked.PatientID, asked.Authority = clip(p.Child("value").Attr("extension")), authority(p.Child("value"))
			m.patient(asked)
			asked = Patient{Kind: "query"}
		}
	}
	if asked.Name != "" || asked.Birth != "" {
		m.patient(asked)
	}
}

func (m *message) patient(p Patient) {
	if p == (Patient{Kind: p.Kind}) {
		return
	}
	if len(m.patients)+len(m.entries) >= maxRows {
		m.dropped++
		return
	}
	m.patients = append(m.patients, p)
}

// identify emits who the sender says it is, each assertion once a conversation.
func (v *conversation) identify(dir dissect.Dir, m *message, ref event.Ref, out *event.Batch) {
	role := "hl7v3 client"
	host, mac := v.conn.Client, v.conn.ClientMAC
	if dir == dissect.FromServer {
		role, host, mac = "hl7v3 server", v.conn.Server, v.conn.ServerMAC
	}
	m.identities = append(m.identities, event.Identity{Attribute: "role", Value: role, Source: "hl7v3.interaction", Confidence: 60})
	for _, id := range m.identities {
		if host.IsValid() {
			id.IP = host.Addr().String()
		}
		id.MAC = mac.String()
		if _, old := v.known[id]; old || len(v.known) >= maxIdentity {
			continue
		}
		v.known[id] = struct{}{}
		event.Identities.Emit(out, ref, id)
	}
}

package sdc

import (
	"strings"

	"wardtrace/dissect"
	"wardtrace/dissect/event"
	"wardtrace/dissect/xmlread"
)

// message is one SOAP message and what stands in it.
type message struct {
	d           *dissector
	dir         dissect.Dir
	row         Message
	devices     []Device
	descriptors []Descriptor
	states      []State
	operations  []Operation
	contexts    []Context
}

// envelope reads header and body.
func (d *dissector) envelope(dir dissect.Dir, root *xmlread.Node) *message {
	head, content := root.Child("Header"), root.Child("Body").First()
	m := &message{d: d, dir: dir}
	m.row = Message{TransDepth: d.ex.Depth, Dir: dir.String(), MessageID: clip(head.Child("MessageID").Value()), RelatesTo: clip(head.Child("RelatesTo").Value())}
	m.row.Service, m.row.Action = action(head.Child("Action").Value(), content)
	m.row.SequenceID, m.row.MdibVersion = version(content)
	m.row.Provider = "server"
	if dir == dissect.FromClient && (strings.HasSuffix(m.row.Action, "Report") || m.row.Action == "WaveformStream" || m.row.Action == "SubscriptionEnd") {
		m.row.Provider = "client" // it notifies
	}
	m.content(content)
	m.row.Descriptors = int64(len(m.descriptors))
	m.row.States += int64(len(m.states) + len(m.contexts))
	return m
}

// action takes an action URI apart. The body's element names the message where the header does not.
func action(uri string, content *xmlread.Node) (service, name string) {
	parts := strings.Split(strings.TrimSuffix(strings.TrimSpace(uri), "/"), "/")
	if n := len(parts); n >= 2 {
		service, name = parts[n-2], parts[n-1]
		if service == "GetMetadata" { // .../mex/GetMetadata/Request
			service, name = "mex", "GetMetadata"+strings.TrimPrefix(name, "Request")
		}
	}
	switch {
	case content != nil && content.Name == "Fault":
		name = "Fault"
	case name == "" && content != nil:
		name = content.Name
	}
	if strings.Contains(uri, "/discovery/") { // a probe directed at one device; its action ends in .../discovery/2009/01/Probe
		service = "discovery"
	}
	return clip(service), clip(name)
}

// version gives the MDIB's version of a message (MdibVersionGroup, 11073-10207 B.4). In a GetMdibResponse the Mdib has it too.
func version(n *xmlread.Node) (sequence string, mdib event.Opt[int64]) {
	if _, ok := n.Has("SequenceId"); !ok {
		if k := n.Child("Mdib"); k != nil {
			n = k
		}
	}
	sequence = clip(n.Attr("SequenceId"))
	if v, ok := n.Has("MdibVersion"); ok {
		mdib = integer(v)
	} else if sequence != "" {
		mdib = event.Some[int64](0) // its default
	}
	return sequence, mdib
}

// content reads the body by its element.
func (m *message) content(n *xmlread.Node) {
	if n == nil {
		return
	}
	switch name := n.Name; {
	case name == "Metadata":
		m.metadata(n)
	case name == "Subscribe", name == "SubscribeResponse", name == "Renew", name == "RenewResponse", name == "GetStatusResponse", name == "SubscriptionEnd":
		m.subscription(n)
	case name == "Fault":
		m.row.Fault = clip(n.Path("Code", "Subcode", "Value").Value())
		if m.row.Fault == "" {
			m.row.Fault = clip(n.Path("Code", "Value").Value())
		}
	case name == "GetMdibResponse":
		m.description(n.Path("Mdib", "MdDescription"), "")
		m.stateList(n.Path("Mdib", "MdState"), false)
	case name == "GetMdDescriptionResponse":
		m.description(n.Child("MdDescription"), "")
	case name == "GetMdStateResponse":
		m.stateList(n.Child("MdState"), false)
	case name == "GetContextStatesResponse":
		m.stateList(n, false)
	case name == "WaveformStream":
		m.waveforms(n)
	case name == "DescriptionModificationReport":
		m.modifications(n)
	case name == "OperationInvokedReport":
		m.invocations(n)
	case strings.HasSuffix(name, "Report"):
		for _, part := range n.All("ReportPart") {
			m.stateList(part, false)
		}
	case setRequests[name]:
		m.setRequest(n)
	case strings.HasSuffix(name, "Response") && setRequests[strings.TrimSuffix(name, "Response")]:
		m.setResponse(n)
	}
}

func (m *message) subscription(n *xmlread.Node) {
	m.row.Expires = clip(n.Child("Expires").Value())
	m.row.NotifyTo = clip(n.Path("Delivery", "NotifyTo", "Address").Value())
	m.row.SubscriptionID = clip(n.Path("SubscriptionManager", "Address").Value())
	for _, f := range strings.Fields(n.Child("Filter").Value()) {
		if len(m.row.Filters) < maxFilters {
			m.row.Filters = append(m.row.Filters, clip(f[strings.LastIndexByte(f, '/')+1:]))
		}
	}
}

// emit gives the message's row, then the rows of what stands in it.
func (m *message) emit(ref event.Ref, out *event.Batch) {
	parent := int64(messages.Emit(out, ref, m.row))
	for i := range m.devices {
		m.devices[i].ParentSeq = parent
		devices.Emit(out, ref, m.devices[i])
		m.identify(&m.devices[i], ref, out)
	}
	for _, r := range m.descriptors {
		r.ParentSeq, r.Provider, r.SequenceID, r.MdibVersion = parent, m.row.Provider, m.row.SequenceID, m.row.MdibVersion
		descriptors.Emit(out, ref, r)
	}
	for _, r := range m.states {
		r.ParentSeq, r.Provider, r.SequenceID, r.MdibVersion = parent, m.row.Provider, m.row.SequenceID, m.row.MdibVersion
		states.Emit(out, ref, r)
		reserve(out, stateRows)
	}
	for _, r := range m.operations {
		r.ParentSeq, r.Provider, r.SequenceID = parent, m.row.Provider, m.row.SequenceID
		operations.Emit(out, ref, r)
		reserve(out, operationRows)
	}
	for _, r := range m.contexts {
		r.ParentSeq, r.Provider, r.SequenceID, r.MdibVersion = parent, m.row.Provider, m.row.SequenceID, m.row.MdibVersion
		contexts.Emit(out, ref, r)
	}
}

// Rows that may be made of one after loading: their seq are those that follow. A state gives an observation or a therapy, or of an alarm its
// presence, its activation and its limits.
const (
	stateRows     = 3
	operationRows = 1
)

func reserve(out *event.Batch, n uint32) {
	if c := out.Counter(); c != nil {
		*c += n
	}
}

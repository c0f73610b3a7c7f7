package sdc

import (
	"wardtrace/dissect/event"
	"wardtrace/dissect/xmlread"
)

// setRequests are the operations that consumers call (11073-10207, AbstractSet).
var setRequests = map[string]bool{"SetValue": true, "SetString": true, "SetAlertState": true, "SetMetricState": true,
	"SetComponentState": true, "SetContextState": true, "Activate": true}

// setRequest reads a call.
func (m *message) setRequest(n *xmlread.Node) {
	value := clip(n.Child("RequestedNumericValue").Value())
	m.operations = append(m.operations, Operation{Phase: "request", Operation: n.Name, Handle: clip(n.Child("OperationHandleRef").Value()),
		Value: value, Number: number(value), Text: clip(n.Child("RequestedStringValue").Value())})
	m.stateList(n, true)
}

// setResponse reads the first answer to a call; what becomes of it is reported later.
func (m *message) setResponse(n *xmlread.Node) {
	op := Operation{Phase: "response", Operation: n.Name[:len(n.Name)-len("Response")]}
	op.invocation(n.Child("InvocationInfo"))
	m.operations = append(m.operations, op)
}

// invocations reads an OperationInvokedReport.
func (m *message) invocations(n *xmlread.Node) {
	for _, part := range n.All("ReportPart") {
		op := Operation{Phase: "report", Handle: clip(part.Attr("OperationHandleRef")), Target: clip(part.Attr("OperationTarget"))}
		op.invocation(part.Child("InvocationInfo"))
		if who := part.Child("InvocationSource"); who != nil {
			op.Source = clip(who.Attr("Root") + "^" + who.Attr("Extension"))
		}
		m.operations = append(m.operations, op)
	}
}

func (o *Operation) invocation(n *xmlread.Node) {
	o.TransactionID = integer(n.Child("TransactionId").Value())
	o.State, o.Error = clip(n.Child("InvocationState").Value()), clip(n.Child("InvocationError").Value())
}

// metadata reads DPWS 1.1, 5: ThisModel, ThisDevice, Relationship.
func (m *message) metadata(n *xmlread.Node) {
	model, device := n.Find("ThisModel"), n.Find("ThisDevice")
	if model == nil && device == nil {
		return
	}
	m.devices = append(m.devices, Device{Source: "dpws", EPR: clip(n.Find("Host").Path("EndpointReference", "Address").Value()),
		Manufacturer: clip(model.Child("Manufacturer").Value()), Model: clip(model.Child("ModelName").Value()), ModelNumber: clip(model.Child("ModelNumber").Value()),
		FriendlyName: clip(device.Child("FriendlyName").Value()), Firmware: clip(device.Child("FirmwareVersion").Value()), Serial: clip(device.Child("SerialNumber").Value())})
}

// mdsMetadata reads an MDS's MetaData.
func (m *message) mdsMetadata(n *xmlread.Node) {
	m.devices = append(m.devices, Device{Source: "mds", Handle: clip(n.Parent.Attr("Handle")), Manufacturer: clip(n.Child("Manufacturer").Value()),
		Model: clip(n.Child("ModelName").Value()), ModelNumber: clip(n.Child("ModelNumber").Value()), Serial: clip(n.Child("SerialNumber").Value()),
		UDI: clip(n.Path("Udi", "DeviceIdentifier").Value())})
}

// identify says what a device tells of itself. Its own description is about the provider's address.
func (m *message) identify(r *Device, ref event.Ref, out *event.Batch) {
	at := m.d.conn.Server.Addr()
	if m.row.Provider == "client" {
		at = m.d.conn.Client.Addr()
	}
	if !at.IsValid() {
		return
	}
	for _, f := range []struct{ attribute, value, field string }{
		{"vendor", r.Manufacturer, "manufacturer"}, {"model", r.Model, "model_name"}, {"version", r.Firmware, "firmware_version"},
		{"serial", r.Serial, "serial_number"}, {"hostname", r.FriendlyName, "friendly_name"}, {"role", "sdc provider", "metadata"},
	} {
		confidence := int64(90)
		if f.attribute == "hostname" {
			confidence = 40 // a name for people
		}
		if f.value != "" {
			event.Identities.Emit(out, ref, event.Identity{IP: at.String(), Attribute: f.attribute, Value: f.value, Source: "sdc." + f.field, Confidence: confidence})
		}
	}
}

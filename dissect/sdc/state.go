package sdc

import (
	"strings"

	"wardtrace/dissect/xmlread"
)

// stateList reads the states among an element's children: State, MetricState, AlertState, ContextState, ProposedMetricState, ...
func (m *message) stateList(n *xmlread.Node, proposed bool) {
	if n == nil {
		return
	}
	for _, k := range n.Kids {
		handle, ok := k.Has("DescriptorHandle")
		switch {
		case !ok:
		case strings.HasSuffix(kind(k, ""), "ContextState"):
			if _, multi := k.Has("Handle"); multi { // else it is the SystemContext's, which says nothing
				m.contexts = append(m.contexts, context(k, handle, proposed))
			}
		default:
			m.states = append(m.states, state(k, handle, proposed))
		}
	}
}

// state reads one state (11073-10207, B.2 and following).
func state(n *xmlread.Node, handle string, proposed bool) State {
	s := State{Proposed: proposed, Handle: clip(handle), Kind: kind(n, "State"), StateVersion: integer(n.Attr("StateVersion")), Activation: clip(n.Attr("ActivationState")),
		Mode: clip(n.Attr("OperatingMode")), Presence: clip(n.Attr("Presence")), DeterminedAt: stamp(n.Attr("DeterminationTime")), Monitored: clip(n.Attr("MonitoredAlertLimits")),
		Priority: clip(n.Attr("ActualPriority"))}
	if limits := n.Child("Limits"); limits != nil {
		s.Lower, s.Upper = number(limits.Attr("Lower")), number(limits.Attr("Upper"))
	}
	v := n.Child("MetricValue")
	if v == nil {
		return s
	}
	s.DeterminedAt = stamp(v.Attr("DeterminationTime"))
	quality := v.Child("MetricQuality")
	s.Validity, s.MetricMode = clip(quality.Attr("Validity")), clip(quality.Attr("Mode"))
	switch value := clip(v.Attr("Value")); s.Kind {
	case "NumericMetric":
		s.Value, s.Number = value, number(value)
	case "EnumStringMetric": // one of the descriptor's allowed values
		s.Value = value
	default:
		s.Text = value
	}
	return s
}

// waveforms counts what a WaveformStream holds.
func (m *message) waveforms(n *xmlread.Node) {
	for _, s := range n.All("State") {
		m.row.States++
		m.row.Samples += int64(len(strings.Fields(s.Child("MetricValue").Attr("Samples"))))
	}
}

// context reads a context state: the patient and the place (11073-10207, 5.4.3).
func context(n *xmlread.Node, descriptor string, proposed bool) Context {
	c := Context{Proposed: proposed, Kind: kind(n, "ContextState"), Descriptor: clip(descriptor), Handle: clip(n.Attr("Handle")), Association: clip(n.Attr("ContextAssociation"))}
	if c.Association == "" {
		c.Association = "No" // its default
	}
	switch c.Kind {
	case "Patient":
		id, core := n.Child("Identification"), n.Child("CoreData")
		c.PatientID, c.IDRoot = clip(id.Attr("Extension")), clip(id.Attr("Root"))
		family, given := clip(core.Child("Familyname").Value()), clip(core.Child("Givenname").Value())
		if c.PatientName = family; given != "" {
			c.PatientName += "^" + given
		}
		c.BirthDate, c.Sex, c.PatientType = clip(core.Child("DateOfBirth").Value()), clip(core.Child("Sex").Value()), clip(core.Child("PatientType").Value())
	case "Location":
		l := n.Child("LocationDetail")
		c.Facility, c.Building, c.Floor = clip(l.Attr("Facility")), clip(l.Attr("Building")), clip(l.Attr("Floor"))
		c.PointOfCare, c.Room, c.Bed = clip(l.Attr("PoC")), clip(l.Attr("Room")), clip(l.Attr("Bed"))
	}
	return c
}

package sdc

import (
	"math"
	"strconv"
	"strings"

	"wardtrace/dissect/event"
	"wardtrace/dissect/xmlread"
)

// Caps of one message. What it holds in all is bounded by the elements that xmlread gives.
const (
	maxText    = 256 // bytes of a text; handles of real devices have up to 60
	maxFilters = 64  // reports subscribed; there are 14 kinds
)

// mdc is the identifier of ISO/IEEE 11073-10101, which is meant where no coding system is named (11073-10207, CodedValue).
const mdc = "urn:oid:1.2.840.10004.1.1.1.0.0.1"

// clip bounds a text and takes control characters out of it.
func clip(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, s)
	if len(s) > maxText {
		s = strings.ToValidUTF8(s[:maxText], "")
	}
	return strings.Clone(s)
}

func integer(s string) event.Opt[int64] {
	v, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
	return event.Opt[int64]{V: v, OK: err == nil}
}

func number(s string) event.Opt[float64] {
	v, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	return event.Opt[float64]{V: v, OK: err == nil && !math.IsInf(v, 0) && !math.IsNaN(v)}
}

// stamp reads a Timestamp: milliseconds since 1970 (11073-10207, Timestamp).
func stamp(s string) event.Time {
	v := integer(s)
	if !v.OK || v.V <= 0 || v.V > math.MaxInt64/int64(1e6) {
		return 0
	}
	return event.Time(v.V * 1e6)
}

// kind names an element by its xsi:type, else by its name, without the suffix that all of its sort have.
func kind(n *xmlread.Node, suffix string) string {
	name := n.Name
	for _, a := range n.Attrs {
		if a.Name == "type" && a.Space == "http://www.w3.org/2001/XMLSchema-instance" {
			name = a.Value[strings.LastIndexByte(a.Value, ':')+1:]
		}
	}
	return clip(strings.TrimSuffix(name, suffix))
}

// coded reads a CodedValue: code, system, name in words.
func coded(n *xmlread.Node) (code, system, name string) {
	if n == nil {
		return "", "", ""
	}
	code, system, name = clip(n.Attr("Code")), clip(n.Attr("CodingSystem")), clip(n.Child("ConceptDescription").Value())
	if system == "" || system == mdc {
		system = "MDC"
	}
	return code, system, name
}

// description reads the descriptors below an element (11073-10207, 5.3 and 5.4): every element with a handle is one.
func (m *message) description(n *xmlread.Node, modification string) {
	n.Walk(func(k *xmlread.Node) bool {
		if handle, ok := k.Has("Handle"); ok {
			m.descriptors = append(m.descriptors, descriptor(k, handle, modification))
		}
		if k.Name == "MetaData" {
			m.mdsMetadata(k)
			return false
		}
		return true
	})
}

func descriptor(n *xmlread.Node, handle, modification string) Descriptor {
	d := Descriptor{Modification: modification, Handle: clip(handle), Kind: kind(n, "Descriptor"), Category: clip(n.Attr("MetricCategory")),
		Manifestation: clip(n.Attr("Manifestation")), Priority: clip(n.Attr("Priority")), AlertKind: clip(n.Attr("Kind")), Safety: clip(n.Attr("SafetyClassification"))}
	for p := n.Parent; p != nil; p = p.Parent {
		if parent, ok := p.Has("Handle"); ok {
			d.ParentHandle = clip(parent)
			break
		}
		if parent, ok := p.Has("ParentDescriptor"); ok {
			d.ParentHandle = clip(parent)
			break
		}
	}
	if d.Target = clip(n.Attr("OperationTarget")); d.Target == "" {
		d.Target = clip(n.Attr("ConditionSignaled"))
	}
	d.Code, d.CodingSystem, d.Name = coded(n.Child("Type"))
	d.RefID, d.Name = term(d.CodingSystem, d.Code, d.Name)
	var system string
	d.UnitCode, system, d.Unit = coded(n.Child("Unit"))
	d.Unit = unit(system, d.UnitCode, d.Unit)
	return d
}

// modifications reads a DescriptionModificationReport: descriptors that came, changed or went, with their states.
func (m *message) modifications(n *xmlread.Node) {
	for _, part := range n.All("ReportPart") {
		change := clip(part.Attr("ModificationType"))
		if change == "" {
			change = "Upt" // its default
		}
		for _, d := range part.All("Descriptor") {
			m.description(d, change)
		}
		m.stateList(part, false)
	}
}

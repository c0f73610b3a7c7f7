package fhir

import (
	"strconv"
	"strings"

	"wardtrace/dissect"
	"wardtrace/dissect/clinical"
	"wardtrace/dissect/event"
)

// coding is a code with its system: FHIR R5 2.1.30.
type coding struct{ code, system, display string }

// codingOf gives the coding that says what a resource is about.
func codingOf(n *node) coding {
	for _, key := range []string{"code", "medicationCodeableConcept", "medication", "vaccineCode", "type", "class", "category"} {
		if x := n.get(key); x != nil {
			if c := concept(x); c.code != "" || c.display != "" {
				return c
			}
		}
	}
	return coding{}
}

// concept reads a CodeableConcept, a Coding, or R5's CodeableReference. Of several codings one of a known system is taken.
func concept(n *node) coding {
	if inner := n.get("concept"); inner != nil {
		n = inner
	}
	all := n.all("coding")
	if len(all) == 0 && n.str("code") != "" {
		all = []*node{n}
	}
	var out coding
	for _, c := range all {
		system := c.str("system")
		short := systems[system]
		if out.code != "" && short == "" {
			continue
		}
		out = coding{clip(c.str("code"), 128), clip(system, 128), clip(c.str("display"), 256)}
		if short != "" {
			out.system = short
			break
		}
	}
	return out
}

// deviceOf names the device that a resource refers to.
func deviceOf(n *node) string {
	d := n.get("device")
	for _, s := range []string{d.str("identifier", "value"), d.str("display"), d.str("reference"), d.str("concept", "text"), d.str("reference", "reference")} {
		if s != "" {
			return clip(s, 256)
		}
	}
	return ""
}

// fresh tells whether a resource is said for the first time: sent, not echoed or read again.
func (b *body) fresh() bool { return b.dir == dissect.FromClient || b.v.web == nil }

// echo tells a response that repeats what the request said.
func (b *body) echo() bool {
	if b.fresh() {
		return false
	}
	switch b.v.web.Method {
	case "POST":
		return b.v.row.Sent > 0
	case "PUT", "PATCH":
		return true
	}
	return false
}

// clinical reads the facts for the shared tables.
func (b *body) clinical(n *node, row *Resource, h *held) {
	if b.echo() || row.Status == "entered-in-error" {
		return
	}
	switch row.Type {
	case "Observation":
		b.observation(n, row, h)
	case "MedicationRequest", "MedicationOrder":
		b.order(n, row, h)
	case "MedicationAdministration":
		b.given(n, row, h)
	case "Encounter":
		b.encounter(n, row, h)
	}
}

// observation gives the value of an Observation and of each of its components.
func (b *body) observation(n *node, row *Resource, h *held) {
	at := n.str("effectiveDateTime")
	for _, s := range []string{n.str("effectiveInstant"), n.str("effectivePeriod", "start")} {
		if at == "" {
			at = s
		}
	}
	for _, x := range append([]*node{n}, n.all("component")...) {
		c := concept(x.get("code"))
		o := clinical.Observation{Device: row.Device, Code: c.code, CodingSystem: c.system, Name: c.display, Status: row.Status, ObservedAt: stamp(at)}
		if o.Name == "" && c.code != "" { // the text of a code without display; without code it may be anything
			o.Name = clip(x.str("code", "text"), 128)
		}
		if c.code == "" || !value(x, &o) || len(h.observations) >= maxList {
			continue
		}
		h.observations = append(h.observations, o)
	}
}

// value reads value[x] where it is a number, a code or a word of a closed list.
func value(n *node, o *clinical.Observation) bool {
	switch q := n.get("valueQuantity"); {
	case q.str("value") != "":
		o.Value, o.Number = clip(q.str("comparator")+q.str("value"), 64), number(q)
		o.Unit = unit(q)
	case n.str("valueInteger") != "":
		o.Value, o.Number = clip(n.str("valueInteger"), 32), numberOf(n.str("valueInteger"))
	case n.str("valueBoolean") != "":
		o.Value = clip(n.str("valueBoolean"), 8)
	case n.get("valueCodeableConcept") != nil:
		o.Value = concept(n.get("valueCodeableConcept")).code
	}
	return o.Value != ""
}

// number is the value of a Quantity; with a comparator it is a bound, not the value.
func number(q *node) event.Opt[float64] {
	if q.str("comparator") != "" {
		return event.Opt[float64]{}
	}
	return numberOf(q.str("value"))
}

func numberOf(s string) event.Opt[float64] {
	if f, err := strconv.ParseFloat(s, 64); err == nil {
		return event.Some(f)
	}
	return event.Opt[float64]{}
}

func unit(q *node) string {
	if q.str("system") == ucum && q.str("code") != "" {
		return clip(q.str("code"), 64)
	}
	if q.str("unit") != "" {
		return clip(q.str("unit"), 64)
	}
	return clip(q.str("code"), 64)
}

// order reads a MedicationRequest.
func (b *body) order(n *node, row *Resource, h *held) {
	action := "report"
	if b.fresh() {
		switch row.Status {
		case "active":
			action = "order"
		case "cancelled":
			action = "cancel"
		case "stopped":
			action = "stop"
		case "on-hold":
			action = "pause"
		}
	}
	id := n.str("identifier", "value")
	if id == "" {
		id = row.ID
	}
	t := clinical.Therapy{Device: row.Device, Action: action, OrderID: clip(id, 256), At: stamp(n.str("authoredOn"))}
	drug(n, &t)
	dosage := n.get("dosageInstruction")
	rates := dosage.get("doseAndRate")
	if rates == nil {
		rates = dosage // STU3
	}
	settings(h, t, rates, "doseQuantity", "rateQuantity")
}

// given reads a MedicationAdministration.
func (b *body) given(n *node, row *Resource, h *held) {
	action := "report"
	if b.fresh() {
		switch row.Status {
		case "in-progress":
			action = "start"
		case "completed":
			action = "given"
		case "stopped":
			action = "stop"
		case "on-hold":
			action = "pause"
		}
	}
	at := n.str("effectiveDateTime")
	if at == "" {
		at = n.str("effectivePeriod", "start")
	}
	_, order := refersTo(n.str("request", "reference"))
	t := clinical.Therapy{Device: row.Device, Action: action, OrderID: clip(order, 256), At: stamp(at)}
	drug(n, &t)
	settings(h, t, n.get("dosage"), "dose", "rateQuantity")
}

func drug(n *node, t *clinical.Therapy) {
	x := n.get("medicationCodeableConcept")
	if x == nil {
		x = n.get("medication")
	}
	c := concept(x)
	t.Code, t.CodingSystem, t.Drug = c.code, c.system, c.display
	if t.Drug == "" && c.code != "" {
		t.Drug = clip(x.str("text"), 128)
	}
}

// settings adds a row for the dose and one for the rate; without either one that says only what is done.
func settings(h *held, t clinical.Therapy, n *node, dose, rate string) {
	said := len(h.therapies)
	for _, x := range [][2]string{{dose, "dose"}, {rate, "rate"}} {
		q := n.get(x[0])
		if q.str("value") == "" {
			continue
		}
		set := t
		set.Parameter, set.After, set.Unit = x[1], number(q), unit(q)
		h.therapies = append(h.therapies, set)
	}
	if len(h.therapies) == said && (t.Code != "" || t.Drug != "") {
		h.therapies = append(h.therapies, t)
	}
}

// encounter reads where a patient goes, when it is said and not when it is read.
func (b *body) encounter(n *node, row *Resource, h *held) {
	if !b.fresh() {
		return
	}
	var places []string
	current := ""
	for _, l := range n.all("location") {
		place := l.str("location", "display")
		if place == "" {
			place = l.str("location", "reference")
		}
		if places = append(places, clip(place, 256)); current == "" && l.str("status") == "active" {
			current = clip(place, 256)
		}
	}
	m := clinical.PatientMovement{VisitNumber: clip(n.str("identifier", "value"), 256), At: stamp(n.str("period", "start"))}
	if m.VisitNumber == "" {
		m.VisitNumber = row.ID
	}
	if k := len(places); k > 0 {
		if m.Location = places[k-1]; current != "" {
			m.Location = current
		}
		if k > 1 && places[k-2] != m.Location {
			m.PriorLocation = places[k-2]
		}
	}
	switch row.Status {
	case "arrived", "triaged":
		m.Event = "register"
	case "in-progress":
		if m.Event = "admit"; m.PriorLocation != "" {
			m.Event = "transfer"
		}
	case "onleave", "on-hold":
		m.Event = "leave"
	case "finished", "discharged", "completed":
		m.Event, m.At = "discharge", stamp(n.str("period", "end"))
	case "cancelled":
		m.Event = "cancel_admit"
	default:
		return
	}
	h.movements = append(h.movements, m)
}

// deviceRow reads a Device of any release: FHIR R5 8.11.
func deviceRow(n *node) *Device {
	d := &Device{Manufacturer: clip(n.str("manufacturer"), 256), Serial: clip(n.str("serialNumber"), 256), Lot: clip(n.str("lotNumber"), 256), Status: clip(n.str("status"), maxKey),
		UDI: clip(n.str("udiCarrier", "carrierHRF"), 256), DI: clip(n.str("udiCarrier", "deviceIdentifier"), 256), Identifier: clip(n.str("identifier", "value"), 256), URL: clip(bare(n.str("url")), 256)}
	pick := func(into *string, values ...string) {
		for _, s := range values {
			if *into == "" {
				*into = clip(strings.TrimSpace(s), 256)
			}
		}
	}
	pick(&d.Model, n.str("modelNumber"), n.str("model"))
	pick(&d.UDI, n.str("udi", "carrierHRF"))
	pick(&d.DI, n.str("udi", "deviceIdentifier"))
	pick(&d.Version, n.str("version", "value"), n.str("version"))
	pick(&d.Name, n.str("displayName"), n.str("deviceName", "name"), n.str("name", "value"))
	c := concept(n.get("type"))
	pick(&d.Type, c.display, n.str("type", "text"), c.code)
	return d
}

// capabilityRow reads a CapabilityStatement: FHIR R5 5.2.
func capabilityRow(n *node) *Capability {
	rest := n.get("rest")
	c := &Capability{Software: clip(n.str("software", "name"), 256), Version: clip(n.str("software", "version"), 256), Released: clip(n.str("software", "releaseDate"), 64),
		Publisher: clip(n.str("publisher"), 256), Description: clip(n.str("implementation", "description"), 256), URL: clip(bare(n.str("implementation", "url")), 256),
		FHIRVersion: clip(n.str("fhirVersion"), 16), Formats: n.strs("format", 16), CORS: rest.str("security", "cors") == "true"}
	for _, s := range rest.get("security").kidsNamed("service") {
		x := concept(s)
		if x.code == "" {
			x.code = clip(s.str("text"), 64)
		}
		c.Security = append(c.Security, x.code)
	}
	for _, r := range rest.kidsNamed("resource") {
		c.Resources = append(c.Resources, clip(r.str("type"), maxKey))
	}
	for _, o := range rest.kidsNamed("operation") {
		c.Operations = append(c.Operations, clip(o.str("name"), maxKey))
	}
	return c
}

// kidsNamed gives the members of that name, at most 256.
func (n *node) kidsNamed(key string) []*node {
	all := n.all(key)
	return all[:min(len(all), 256)]
}

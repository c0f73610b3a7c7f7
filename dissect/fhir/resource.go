package fhir

import (
	"strconv"
	"strings"
	"time"

	"wardtrace/dissect"
	"wardtrace/dissect/event"
	"wardtrace/dissect/xmlread"
)

// resource takes a whole tree: a body, a line, or an entry of a bundle.
func (b *body) resource(n *node, entry bool) {
	v := b.v
	fromServer := b.dir == dissect.FromServer
	if !entry {
		if !types[resourceType(n)] {
			if fromServer {
				v.smartAnswer(n)
			}
			return
		}
		if resourceType(n) == "Bundle" {
			b.bundle(n)
			return
		}
		if b.lexer.lines {
			b.entry++
		}
		b.one(n, &Resource{Entry: b.entry})
		return
	}
	b.entry++
	if n.key == "entry" && fromServer {
		v.row.Entries++
	}
	row := &Resource{Entry: b.entry, EntryMethod: clip(n.str("request", "method"), 16), EntryStatus: clip(n.str("response", "status"), 64)}
	switch inner := n.get("resource"); {
	case inner != nil && resourceType(inner) != "":
		b.one(inner, row)
	case row.EntryMethod != "":
		t := parsePath("/" + strings.TrimPrefix(bare(n.str("request", "url")), "/"))
		row.Type, row.ID = t.kind, t.id
		b.keep(&held{ref: b.ref, row: *row})
	case row.EntryStatus != "":
		t := parsePath("/" + strings.TrimPrefix(bare(n.str("response", "location")), "/"))
		row.Type, row.ID, row.VersionID = t.kind, t.id, t.version
		b.keep(&held{ref: b.ref, row: *row})
	}
}

// bundle reads what a bundle says beside its entries, which were taken off.
func (b *body) bundle(n *node) {
	r := &b.v.row
	kind := clip(n.str("type"), 32)
	if b.dir == dissect.FromClient {
		r.RequestBundle = kind
		return
	}
	r.ResponseBundle = kind
	if t, err := strconv.ParseInt(n.str("total"), 10, 64); err == nil {
		r.Total = event.Some(t)
	}
	for _, link := range n.all("link") {
		r.More = r.More || link.str("relation") == "next"
	}
}

// one makes the row of a resource.
func (b *body) one(n *node, row *Resource) {
	v := b.v
	row.Dir, row.Type, row.ID, row.VersionID = b.dir.String(), clip(resourceType(n), maxKey), clip(n.str("id"), 256), clip(n.str("meta", "versionId"), maxKey)
	row.Updated, row.Status = stamp(n.str("meta", "lastUpdated")), clip(n.str("status"), maxKey)
	row.Identifiers, row.Large = int64(len(n.all("identifier"))), b.lexer.b.cut
	if active := n.str("active"); active != "" {
		row.Active = event.Some(active == "true")
	}
	c := codingOf(n)
	row.Code, row.System, row.Display = c.code, c.system, c.display
	row.Components = int64(len(n.all("component")))
	row.Device = deviceOf(n)
	b.patient(n, row)
	b.places(n, row)
	h := &held{ref: b.ref}
	b.details(n, row, h)
	h.row = *row
	if b.dir == dissect.FromServer {
		v.row.Received++
		if v.counts(row.PatientRef); row.PatientRef == "" {
			v.counts(row.PatientID)
		}
	} else {
		v.row.Sent++
	}
	b.keep(h)
}

// details reads what one type alone has.
func (b *body) details(n *node, row *Resource, h *held) {
	switch row.Type {
	case "OperationOutcome":
		b.outcome(n)
	case "Device":
		h.device = deviceRow(n)
	case "CapabilityStatement", "Conformance":
		h.capability = capabilityRow(n)
		if b.v.row.FHIRVersion == "" {
			b.v.row.FHIRVersion = h.capability.FHIRVersion
		}
	}
	b.clinical(n, row, h)
}

func (b *body) keep(h *held) {
	if h.row.Dir == "" {
		h.row.Dir = b.dir.String()
	}
	if len(b.v.held) >= maxRows {
		b.v.dropped++
		return
	}
	b.v.held = append(b.v.held, *h)
}

// patient takes who the resource is about.
func (b *body) patient(n *node, row *Resource) {
	if row.Type == "Patient" {
		row.PatientRef, row.PatientID = row.ID, identifierOf(n)
		row.PatientName, row.BirthDate = nameOf(n), clip(n.str("birthDate"), 32)
		if row.PatientRef != "" && row.PatientID != "" && len(b.v.known) < maxKnown {
			b.v.known[row.PatientRef] = row.PatientID
		}
		return
	}
	for _, key := range []string{"subject", "patient", "for", "beneficiary", "individual"} {
		s := n.get(key)
		ref := s.str("reference")
		if kind, id := refersTo(ref); kind == "Patient" {
			row.PatientRef = clip(id, 256)
		}
		if kind := s.str("type"); (kind == "" || kind == "Patient") && (ref == "" || row.PatientRef != "") {
			row.PatientID = clip(s.str("identifier", "value"), 256)
		}
		if row.PatientRef != "" || row.PatientID != "" {
			row.PatientName = personName(s.str("display"))
			return
		}
	}
}

// refersTo takes a literal reference apart: Patient/1, http://a/fhir/Patient/1/_history/2.
func refersTo(ref string) (kind, id string) {
	ref, _, _ = strings.Cut(ref, "/_history/")
	i := strings.LastIndexByte(ref, '/')
	if i < 0 {
		return "", ""
	}
	kind, id = lastPart(ref[:i]), ref[i+1:]
	if !types[kind] {
		return "", ""
	}
	return kind, id
}

// identifierOf chooses the business identifier that other protocols use: the medical record number (type MR of HL7 table 0203), else the
// usual or official one, else the first.
func identifierOf(n *node) string {
	best, rank := "", 0
	for _, id := range n.all("identifier") {
		r := 1
		switch use := id.str("use"); {
		case id.str("type", "coding", "code") == "MR":
			r = 4
		case use == "usual":
			r = 3
		case use == "official":
			r = 2
		}
		if value := id.str("value"); value != "" && r > rank {
			best, rank = value, r
		}
	}
	return clip(best, 256)
}

// nameOf gives family^given of the official or usual name, else of the first.
func nameOf(n *node) string {
	best, rank := (*node)(nil), 0
	for _, name := range n.all("name") {
		r := map[string]int{"official": 3, "usual": 2}[name.str("use")]
		if r = max(r, 1); r > rank {
			best, rank = name, r
		}
	}
	family, given := best.str("family"), best.str("given")
	if family == "" && given == "" {
		return personName(best.str("text"))
	}
	return clip(family+"^"+given, 256)
}

// personName keeps a display text that stands where a person's name may: the store brings it into one form.
func personName(s string) string { return clip(s, 256) }

// places finds addresses that the resource makes others send to or fetch from, and counts its attachments.
func (b *body) places(n *node, row *Resource) {
	switch row.Type {
	case "Subscription":
		if row.Endpoint = n.str("channel", "endpoint"); row.Endpoint == "" {
			row.Endpoint = n.str("endpoint")
		}
	case "Endpoint":
		row.Endpoint = n.str("address")
	}
	n.walk(func(k *node) {
		if k.key != "attachment" && k.key != "photo" && !(k.key == "data" && row.Type == "Binary") {
			return
		}
		row.Attachments++
		if row.Endpoint == "" && strings.Contains(k.str("url"), "://") {
			row.Endpoint = k.str("url")
		}
	})
	row.Endpoint = clip(bare(row.Endpoint), 256)
}

// severities by weight.
var severities = map[string]int{"success": 1, "information": 2, "warning": 3, "error": 4, "fatal": 5}

// outcome takes the worst issue of an OperationOutcome.
func (b *body) outcome(n *node) {
	r := &b.v.row
	if b.dir == dissect.FromClient {
		return
	}
	for _, issue := range n.all("issue") {
		if severities[issue.str("severity")] <= severities[r.Severity] {
			continue
		}
		r.Severity, r.Outcome = clip(issue.str("severity"), 16), clip(issue.str("code"), maxKey)
		if r.Diagnostics = clip(issue.str("diagnostics"), maxText); r.Diagnostics == "" {
			r.Diagnostics = clip(issue.str("details", "text"), maxText)
		}
	}
}

// stamp reads date, dateTime and instant (FHIR R5 2.1.28.0.1). Without a time zone it is a day, which is no moment.
func stamp(s string) event.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil || t.Year() < 1678 || t.Year() > 2261 {
		return 0
	}
	return event.Time(t.UnixNano())
}

// xml gives the tree of a document to the same readers as JSON: FHIR R5 2.1.15.
func (b *body) xml(root *xmlread.Node) {
	if root == nil || !types[root.Name] {
		return
	}
	n := b.element(root, 0)
	n.kids = append(n.kids, &node{key: "resourceType", text: root.Name})
	if root.Name == "Bundle" {
		rest := n.kids[:0]
		for _, k := range n.kids {
			if k.key == "entry" {
				b.resource(k, true)
			} else {
				rest = append(rest, k)
			}
		}
		n.kids = rest
	}
	b.resource(n, false)
}

// element makes a node of an element. A resource inside another stands in an element of its type, which JSON has not.
func (b *body) element(x *xmlread.Node, depth int) *node {
	n := &node{key: x.Name, text: x.Attr("value")}
	if depth > maxDepth {
		return n
	}
	if inner := x.First(); inner != nil && types[inner.Name] && (x.Name == "resource" || x.Name == "contained") {
		x = inner
		n.kids = append(n.kids, &node{key: "resourceType", text: inner.Name})
	}
	n.text = clip(n.text, maxText)
	for _, k := range x.Kids {
		if k.Name == "div" || k.Name == "contained" { // narrative; what is contained has no life of its own
			continue
		}
		n.kids = append(n.kids, b.element(k, depth+1))
	}
	return n
}

package wsd

import (
	"net/url"
	"strconv"
	"strings"

	"wardtrace/dissect/event"
	"wardtrace/dissect/xmlread"
)

// Caps of one message.
const (
	matchCap = 64  // matches: a proxy answers for a ward
	listCap  = 64  // types, scopes, addresses of one
	textCap  = 512 // bytes of each
)

// message is what a SOAP envelope says.
type message struct {
	version, kind, relatesTo string
	MessageID                string
	instance, number         event.Opt[int64]
	ends                     []endpoint
	dropped                  int
}

// endpoint is one device: the body of Hello, Bye, Probe and Resolve, a match of the answers.
type endpoint struct {
	epr                   string
	types, scopes, xaddrs []string
	metadata              event.Opt[int64]
}

var kinds = map[string]bool{"Hello": true, "Bye": true, "Probe": true, "ProbeMatches": true, "Resolve": true, "ResolveMatches": true}

// readMessage gives nil for an envelope that is not of discovery.
func readMessage(root *xmlread.Node) *message {
	head, body := root.Child("Header"), root.Child("Body")
	action := head.Child("Action").Value()
	m := &message{MessageID: clip(head.Child("MessageID").Value()), relatesTo: clip(head.Child("RelatesTo").Value())}
	switch {
	case strings.HasPrefix(action, space2009):
		m.version = "2009/01"
	case strings.HasPrefix(action, space2005):
		m.version = "2005/04"
	default:
		return nil
	}
	if m.kind = action[strings.LastIndexByte(action, '/')+1:]; !kinds[m.kind] {
		return nil
	}
	if seq := head.Child("AppSequence"); seq != nil {
		m.instance, m.number = number(seq.Attr("InstanceId")), number(seq.Attr("MessageNumber"))
	}
	content := body.Child(m.kind)
	places := []*xmlread.Node{content}
	switch m.kind {
	case "ProbeMatches":
		places = content.All("ProbeMatch")
	case "ResolveMatches":
		places = content.All("ResolveMatch")
	}
	for _, n := range places {
		if n == nil {
			continue
		}
		if len(m.ends) >= matchCap {
			m.dropped++
			continue
		}
		m.ends = append(m.ends, endpoint{epr: clip(n.Path("EndpointReference", "Address").Value()), types: list(n.Child("Types")),
			scopes: list(n.Child("Scopes")), xaddrs: list(n.Child("XAddrs")), metadata: number(n.Child("MetadataVersion").Value())})
	}
	return m
}

// list splits a list of names or addresses at white space.
func list(n *xmlread.Node) []string {
	var out []string
	for _, s := range strings.Fields(n.Value()) {
		if len(out) < listCap {
			out = append(out, clip(s))
		}
	}
	return out
}

func number(s string) event.Opt[int64] {
	v, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
	return event.Opt[int64]{V: v, OK: err == nil}
}

// clip bounds a text and takes control characters out of it.
func clip(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, s)
	if len(s) > textCap {
		s = strings.ToValidUTF8(s[:textCap], "")
	}
	return strings.Clone(s)
}

func (e *endpoint) fill(row *Message) {
	row.EPR, row.Scopes, row.XAddrs, row.MetadataVersion = e.epr, e.scopes, e.xaddrs, e.metadata
	for _, t := range e.types {
		local := t[strings.LastIndexByte(t, ':')+1:]
		row.Types = append(row.Types, local)
		if k := typeKinds[local]; k != "" && (row.Kind == "" || k == "medical") {
			row.Kind = k
		}
	}
	for _, x := range e.xaddrs {
		secure := strings.HasPrefix(strings.ToLower(x), "https://")
		row.TLS = event.Some(secure && (row.TLS.V || !row.TLS.OK))
	}
	for _, s := range e.scopes {
		if strings.HasPrefix(s, "sdc.mds.pkp:") {
			row.Kind = "medical"
		}
		if strings.HasPrefix(s, "sdc.ctxt.loc:") {
			row.Kind = "medical"
			row.place(s)
		}
	}
}

// place reads a location from a scope (IEEE 11073-20701, 9.4.1.1): its query names the parts.
func (row *Message) place(scope string) {
	_, query, _ := strings.Cut(scope, "?")
	v, err := url.ParseQuery(query)
	if err != nil {
		return
	}
	row.Facility, row.Building, row.Floor = clip(v.Get("fac")), clip(v.Get("bldng")), clip(v.Get("flr"))
	row.PointOfCare, row.Room, row.Bed = clip(v.Get("poc")), clip(v.Get("rm")), clip(v.Get("bed"))
}

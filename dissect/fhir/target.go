package fhir

import (
	"net/url"
	"strings"
)

// target is what a request's path names: FHIR R5 3.2.0.
type target struct {
	base          string // path in front
	kind          string // type of resource
	id            string
	version       string
	compartment   string // type whose compartment kind is searched in
	compartmentID string
	operation     string // with its dollar sign
	history       bool
	search        bool // _search
	metadata      bool
	smart         bool   // .well-known/smart-configuration
	safe          string // the path with * for each id
	found         bool   // something of FHIR stands in the path
}

// maxSegments of a path are looked at: FHIR's have six behind the base.
const maxSegments = 32

// parsePath takes the path of a request apart.
func parsePath(path string) target {
	parts := strings.SplitN(path, "/", maxSegments)
	t := target{base: path, safe: path}
	for i, part := range parts {
		name := unescape(part)
		if !types[name] && !strings.HasPrefix(name, "$") && name != "metadata" && name != "_history" && name != "_search" && name != ".well-known" {
			continue
		}
		t.base = strings.Join(parts[:i], "/")
		t.found = t.rest(parts[i:])
		t.safe = strings.Join(parts, "/")
		break
	}
	return t
}

// rest reads what stands behind the base, and puts * in place of ids.
func (t *target) rest(parts []string) bool {
	for i := 0; i < len(parts); i++ {
		name := unescape(parts[i])
		switch {
		case strings.HasPrefix(name, "$"):
			t.operation = clip(name, maxKey)
		case name == "metadata":
			t.metadata = true
		case name == "_search":
			t.search = true
		case name == ".well-known":
			t.smart = i+1 < len(parts) && parts[i+1] == "smart-configuration"
			return t.smart
		case name == "_history":
			if t.history = true; i+1 < len(parts) && parts[i+1] != "" {
				i++
				t.version = clip(unescape(parts[i]), maxKey)
			}
		case types[name]:
			if t.kind != "" {
				t.compartment, t.compartmentID, t.id = t.kind, t.id, ""
			}
			t.kind = name
		case name != "" && t.kind != "" && t.id == "":
			t.id, parts[i] = clip(name, 256), "*"
		case name == "*" && t.kind != "": // all resources of a compartment
			t.compartment, t.compartmentID, t.kind, t.id = t.kind, t.id, "", ""
		case name != "":
			parts[i] = "*"
		}
	}
	return true
}

// safeURL masks the ids in a Location header.
func safeURL(s string) string {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok {
		path, _, _ := strings.Cut(s, "?")
		return parsePath(path).safe
	}
	host, path, _ := strings.Cut(rest, "/")
	path, _, _ = strings.Cut(path, "?")
	return scheme + "://" + host + parsePath("/"+path).safe
}

func unescape(s string) string {
	if u, err := url.PathUnescape(s); err == nil {
		return u
	}
	return s
}

// interaction names what is asked: FHIR R5 3.2.0 and the code system restful-interaction.
func (t *target) interaction(method string) string {
	switch {
	case t.smart:
		return "smart-configuration"
	case t.metadata:
		return "capabilities"
	case t.operation != "":
		return "operation"
	case t.search:
		return t.searching()
	case t.history && t.version != "":
		return "vread"
	case t.history && t.id != "":
		return "history-instance"
	case t.history && t.kind != "":
		return "history-type"
	case t.history:
		return "history-system"
	}
	switch method {
	case "GET", "HEAD":
		if t.id != "" {
			return "read"
		}
		return t.searching()
	case "POST":
		if t.kind != "" {
			return "create"
		}
		return "transaction" // or batch: the body says
	case "PUT":
		return "update"
	case "PATCH":
		return "patch"
	case "DELETE":
		return "delete"
	case "OPTIONS":
		return "capabilities" // DSTU2
	}
	return ""
}

func (t *target) searching() string {
	if t.kind == "" && t.compartment == "" {
		return "search-system"
	}
	return "search-type"
}

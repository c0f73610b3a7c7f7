package fhir

import (
	"encoding/base64"
	"encoding/json"
	"hash/fnv"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"wardtrace/dissect"
	"wardtrace/dissect/event"
)

// request reads what the header of the request says, before any body is read.
func (v *conversation) request() {
	x, r := v.web, &v.row
	v.ref = x.Ref
	v.at = parsePath(x.Path)
	r.TransDepth = x.Depth
	if x.Method != "" {
		r.Interaction = v.at.interaction(x.Method)
	}
	r.Operation, r.ResourceType, r.ResourceID, r.VersionID = v.at.operation, v.at.kind, v.at.id, v.at.version
	r.Compartment, r.CompartmentID = v.at.compartment, v.at.compartmentID
	switch {
	case smartQuery(x):
		r.Interaction = "authorize"
	case isToken(x.Path):
		r.Interaction = "token"
	case !v.at.found && x.Query == "" && r.Interaction == "search-system":
		r.Interaction = "" // the base itself, or a file
	}
	if r.Interaction == "authorize" || r.Interaction == "token" {
		v.smart = &Smart{Step: r.Interaction}
	}
	v.parameters(x.Query, false)
	v.authorization(x.Request.Get("Authorization"))
	v.patientOfPath()
}

// atEnd reads what the whole exchange says.
func (v *conversation) atEnd() {
	x, r := v.web, &v.row
	if !v.at.found && strings.Contains(x.Response.Get("Content-Type"), "ndjson") {
		r.Interaction = "bulk-file"
	}
	if v.at.found || r.Interaction == "transaction" || r.Interaction == "search-system" {
		r.Base = clip(v.at.base, 256)
	}
	if v.at.found && v.at.safe != x.Path {
		x.SafePath = v.at.safe
	}
	if location := x.Response.Get("Location"); location != "" {
		x.SafeLocation = safeURL(location)
	}
	if x.Method != "" && strings.HasPrefix(r.Interaction, "search") {
		r.Unfiltered = !slices.ContainsFunc(r.SearchKeys, func(k string) bool { return !control[k] }) && r.Compartment == ""
	}
	if version := mediaVersion(x.Response.Get("Content-Type"), x.Request.Get("Content-Type"), x.Request.Get("Accept")); version != "" {
		r.FHIRVersion = version
	}
	if x.Status != 0 {
		r.Status = event.Some(int64(x.Status))
	}
	r.RequestWhole = !x.RequestCut && x.Method != "" && v.body[dissect.FromClient].whole()
	r.ResponseWhole = !x.ResponseCut && x.Status != 0 && v.body[dissect.FromServer].whole()
	if r.Interaction == "transaction" && r.RequestBundle != "transaction" {
		r.Interaction = r.RequestBundle // batch, or what else is posted to the base
	}
	if x.Method == "" && r.ResponseBundle == "searchset" {
		r.Interaction = "search-type"
	}
}

// patientOfPath takes the patient that the path names.
func (v *conversation) patientOfPath() {
	switch {
	case v.at.kind == "Patient" && v.at.id != "":
		v.row.PatientRef = v.at.id
	case v.at.compartment == "Patient":
		v.row.PatientRef = v.at.compartmentID
	}
}

func mediaVersion(kinds ...string) string {
	for _, k := range kinds {
		if _, rest, ok := strings.Cut(strings.ToLower(k), "fhirversion="); ok {
			version, _, _ := strings.Cut(rest, ";")
			return clip(strings.Trim(strings.TrimSpace(version), `"`), 16)
		}
	}
	return ""
}

// secretKeys are parameters whose values open doors: nobody should put them into a query.
var secretKeys = set("access_token token apikey api_key api-key key client_secret password code refresh_token client_assertion code_verifier subscription-key")

// parameters reads search parameters, or those of an operation, of SMART's requests, and of their answers' forms.
func (v *conversation) parameters(query string, inBody bool) {
	if query == "" {
		return
	}
	r := &v.row
	if v.smart != nil {
		v.smartForm(query)
		return
	}
	var shown []string
	for pair := range strings.FieldsFuncSeq(query, func(c rune) bool { return c == '&' || c == ';' }) {
		key, value, _ := strings.Cut(pair, "=")
		key, value = clip(unquery(key), maxKey), unquery(value)
		if secretKeys[strings.ToLower(key)] {
			r.KeyInQuery = r.KeyInQuery || !inBody
			continue
		}
		if len(r.SearchKeys) < maxList {
			r.SearchKeys, shown = append(r.SearchKeys, key), append(shown, key+"="+clip(value, maxText))
		}
		v.parameter(key, value)
	}
	if r.Search != "" {
		shown = append([]string{r.Search}, shown...)
	}
	r.Search = clip(strings.Join(shown, "&"), 4<<10)
}

// parameter takes the patient that a search names.
func (v *conversation) parameter(key, value string) {
	r := &v.row
	name, _, _ := strings.Cut(key, ":")
	_, after, piped := strings.Cut(value, "|")
	if !piped {
		after = value
	}
	switch {
	case name == "_count":
		if n, err := strconv.ParseInt(value, 10, 64); err == nil {
			r.Count = event.Some(n)
		}
	case strings.Contains(value, ","): // several: no one alone
	case name == "identifier" && v.at.kind == "Patient", name == "patient.identifier", name == "subject.identifier":
		r.PatientID = clip(after, 256)
	case name == "patient" || name == "subject" && strings.HasPrefix(value, "Patient/"), name == "_id" && v.at.kind == "Patient":
		r.PatientRef = clip(lastPart(value), 256)
	}
}

func unquery(s string) string {
	if u, err := url.QueryUnescape(s); err == nil {
		return u
	}
	return s
}

// authorization reads what a bearer token says of itself; the token is forgotten.
func (v *conversation) authorization(value string) {
	scheme, rest, _ := strings.Cut(strings.TrimSpace(value), " ")
	r := &v.row
	r.AuthScheme = clip(strings.ToLower(scheme), 32)
	_, payload, ok := strings.Cut(rest, ".")
	if r.AuthScheme != "bearer" || !ok {
		return
	}
	payload, _, ok = strings.Cut(payload, ".")
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(payload, "="))
	if !ok || err != nil {
		return
	}
	var claims struct {
		Iss, Sub, Azp, Patient string
		ClientID               string `json:"client_id"`
		FHIRUser               string `json:"fhirUser"`
		Aud, Scope, Scp        any
		Exp                    float64
	}
	if json.Unmarshal(raw, &claims) != nil {
		return
	}
	r.TokenIssuer, r.TokenSubject, r.TokenUser, r.TokenPatient = clip(claims.Iss, 256), clip(claims.Sub, 256), clip(claims.FHIRUser, 256), clip(claims.Patient, 256)
	r.TokenAudience = clip(strings.Join(words(claims.Aud), " "), 256)
	if r.TokenClient = clip(claims.ClientID, 256); r.TokenClient == "" {
		r.TokenClient = clip(claims.Azp, 256)
	}
	if r.TokenScopes = words(claims.Scope); len(r.TokenScopes) == 0 {
		r.TokenScopes = words(claims.Scp)
	}
	if claims.Exp > 0 && claims.Exp < 9e9 {
		r.TokenExpires = event.Time(int64(claims.Exp) * 1e9)
	}
}

// words gives a claim that may be a text of words or a list of texts (RFC 7519 4.1.3, RFC 8693 4.2).
func words(x any) []string {
	var out []string
	switch x := x.(type) {
	case string:
		out = strings.Fields(x)
	case []any:
		for _, w := range x {
			if s, ok := w.(string); ok {
				out = append(out, s)
			}
		}
	}
	for i := range out {
		out[i] = clip(out[i], 256)
	}
	return out[:min(len(out), maxList)]
}

// response takes over what is known at the end.
func (v *conversation) response() {
	r := &v.row
	for i := range v.body {
		if b := &v.body[i]; r.Format == "" {
			if r.Format = formNames[b.form]; b.lexer.lines && b.form == jsonForm {
				r.Format = "ndjson"
			}
		}
	}
	if v.web == nil {
		r.RequestWhole = v.body[dissect.FromClient].whole()
		r.ResponseWhole = v.body[dissect.FromServer].whole()
		return
	}
	v.atEnd()
}

// resolve gives each resource the business identifier of its patient, where a Patient of the same exchange tells it.
func (v *conversation) resolve() {
	v.row.Patients = int64(len(v.patients))
	first, ref, several := "", "", false
	for i := range v.held {
		r := &v.held[i].row
		if r.PatientID == "" {
			r.PatientID = v.known[r.PatientRef]
		}
		if r.PatientID == "" && r.PatientRef == "" {
			continue
		}
		if first == "" {
			first = r.PatientID
		}
		if ref == "" {
			ref = r.PatientRef
		}
		several = several || r.PatientRef != "" && r.PatientRef != ref || r.PatientID != "" && r.PatientID != first
	}
	if v.row.PatientID == "" {
		v.row.PatientID = v.known[v.row.PatientRef]
	}
	if several {
		return
	}
	if v.row.PatientID == "" {
		v.row.PatientID = first
	}
	if v.row.PatientRef == "" {
		v.row.PatientRef = ref
	}
}

// counts notes a patient that a response names.
func (v *conversation) counts(ref string) {
	if ref == "" || len(v.patients) >= maxPatients {
		return
	}
	h := fnv.New64a()
	h.Write([]byte(ref))
	v.patients[h.Sum64()] = struct{}{}
}

func clip(s string, limit int) string {
	return strings.ToValidUTF8(s[:min(len(s), limit)], "\ufffd")
}

func set(words string) map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		out[w] = true
	}
	return out
}

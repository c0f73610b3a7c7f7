package fhir

import (
	"strconv"
	"strings"

	"wardtrace/dissect/event"
)

// smartForm reads the parameters of an authorization or token request: SMART App Launch 2.2, RFC 6749. Codes, secrets and tokens are
// looked at and forgotten.
func (v *conversation) smartForm(query string) {
	s := v.smart
	for pair := range strings.SplitSeq(query, "&") {
		key, value, _ := strings.Cut(pair, "=")
		if value = unquery(value); value == "" {
			continue
		}
		switch unquery(key) {
		case "grant_type":
			s.GrantType = clip(value, 128)
		case "response_type":
			s.ResponseType = clip(value, 32)
		case "client_id":
			s.ClientID = clip(value, 256)
		case "scope":
			if len(s.Scopes) == 0 { // the answer, which is read first, says what was given
				s.Scopes = words(value)
			}
		case "redirect_uri":
			s.Redirect = clip(bare(value), 256)
		case "aud", "resource":
			s.Audience = clip(bare(value), 256)
		case "launch":
			s.Launch = true
		case "code_challenge_method":
			s.PKCE = clip(value, 16)
		case "code_challenge":
			if s.PKCE == "" {
				s.PKCE = "plain"
			}
		case "code_verifier":
			s.PKCE = "verifier"
		case "client_assertion":
			s.Assertion = true
		case "client_secret", "password":
			s.Secret = true
		case "refresh_token":
			s.Refresh = true
		}
	}
}

// bare gives an address without query and user.
func bare(s string) string {
	s, _, _ = strings.Cut(s, "?")
	s, _, _ = strings.Cut(s, "#")
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok {
		return s
	}
	host, path, slash := strings.Cut(rest, "/")
	if _, h, ok := strings.Cut(host, "@"); ok {
		host = h
	}
	if slash {
		host += "/" + path
	}
	return scheme + "://" + host
}

// smartAnswer reads the JSON of a token response or of a configuration.
func (v *conversation) smartAnswer(n *node) {
	if v.row.Interaction == "smart-configuration" {
		v.smart = &Smart{Step: "configuration", AuthorizeURL: clip(bare(n.str("authorization_endpoint")), 256), TokenURL: clip(bare(n.str("token_endpoint")), 256),
			Scopes: n.strs("scopes_supported", maxList), Capabilities: n.strs("capabilities", maxList),
			PKCE: strings.Join(n.strs("code_challenge_methods_supported", 4), " ")}
		return
	}
	s := v.smart
	if s == nil {
		return
	}
	if scopes := words(n.str("scope")); len(scopes) > 0 {
		s.Scopes = scopes
	}
	if token := n.str("access_token"); token != "" {
		s.TokenLen = event.Some(int64(len(token)))
	}
	s.Refresh = s.Refresh || n.str("refresh_token") != ""
	s.Error = clip(n.str("error"), 64)
	if t, err := strconv.ParseInt(n.str("expires_in"), 10, 64); err == nil {
		s.ExpiresIn = event.Some(t)
	}
	s.PatientRef = clip(n.str("patient"), 256)
	v.row.PatientRef = s.PatientRef
}

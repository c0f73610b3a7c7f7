package http

import (
	"bytes"
	"encoding/base64"
	"net/url"
	"strings"

	"wardtrace/dissect/credential"
	"wardtrace/dissect/event"
)

func (m *message) requestHeader(field string, value []byte) {
	r := &m.ex.row
	switch field {
	case "host":
		if r.Host == "" {
			r.Host = clean(value, maxText)
		}
	case "referer":
		r.Referrer = maskedURL(value)
	case "user-agent":
		r.UserAgent = clean(value, maxText)
		r.Scanner = scannerOf(r.UserAgent)
	case "origin":
		r.Origin = clean(value, maxText)
	case "authorization", "proxy-authorization":
		m.authorization(value)
	case "cookie":
		r.CookieKeys = names(value, ";")
	case "soapaction":
		r.SOAPAction = strings.Trim(clean(value, maxText), `"`)
	case "x-forwarded-for":
		r.ForwardedFor = clean(value, maxText)
	case "via":
		r.Via = clean(value, maxText)
	case "upgrade":
		r.Upgrade = clean(value, maxText)
	}
}

func (m *message) responseHeader(field string, value []byte) {
	r := &m.ex.row
	switch field {
	case "server":
		r.Server = clean(value, maxText)
	case "location":
		r.Location = maskedURL(value)
	case "set-cookie":
		r.SetsCookie = true
	case "x-powered-by":
		m.ex.powered = clean(value, maxText)
	case "www-authenticate":
		scheme, params, _ := strings.Cut(clean(value, maxText), " ")
		if len(r.AuthOffered) < maxKeys {
			r.AuthOffered = append(r.AuthOffered, strings.ToLower(scheme))
		}
		if v := parameter(params, "realm"); v != "" {
			m.ex.realm = v
		}
	}
}

// authorization reads who claims to be whom; the secret is measured and forgotten.
func (m *message) authorization(value []byte) {
	r := &m.ex.row
	scheme, rest, _ := bytes.Cut(value, []byte{' '})
	rest = bytes.TrimSpace(rest)
	r.AuthScheme = strings.ToLower(clean(scheme, 32))
	switch r.AuthScheme {
	case "basic": // RFC 7617 2
		pair, err := base64.StdEncoding.DecodeString(string(rest))
		if err != nil {
			pair, err = base64.RawStdEncoding.DecodeString(string(bytes.TrimRight(rest, "=")))
		}
		user, password, ok := strings.Cut(string(pair), ":")
		if err != nil || !ok {
			return
		}
		r.Username = clean([]byte(user), maxText)
		m.password(user, password)
	case "bearer": // RFC 6750 2.1
		r.TokenLen = event.Some(int64(len(rest)))
	case "digest": // RFC 7616 3.4
		r.Username = parameter(clean(rest, maxURI), "username")
	}
}

// password notes that one crossed in clear.
func (m *message) password(user, password string) {
	r := &m.ex.row
	r.HasPassword = true
	r.CredentialLen = event.Some(int64(len(password)))
	if advisory, ok := credential.Known(user, password); ok {
		r.DefaultCredential = advisory
	}
}

// parameter finds key="value" in a list of parameters.
func parameter(params, key string) string {
	for part := range strings.SplitSeq(params, ",") {
		k, v, ok := strings.Cut(strings.TrimSpace(part), "=")
		if ok && strings.EqualFold(strings.TrimSpace(k), key) {
			return strings.Trim(strings.TrimSpace(v), `"`)
		}
	}
	return ""
}

// names gives the keys of a list of key=value pairs.
func names(value []byte, separator string) []string {
	var out []string
	for part := range strings.SplitSeq(string(value), separator) {
		key, _, ok := strings.Cut(strings.TrimSpace(part), "=")
		if ok && key != "" && len(out) < maxKeys {
			out = append(out, clean([]byte(key), 64))
		}
	}
	return out
}

// suspect looks for the shapes of attacks in a request target.
func (ex *exchange) suspect(target string) {
	r := &ex.row
	once := strings.ToLower(unescape(target))
	twice := unescape(once)
	for _, t := range traversals {
		r.Traversal = r.Traversal || strings.Contains(twice, t)
	}
	r.SQLi = r.SQLi || hasSQL(twice)
	r.JNDI = r.JNDI || hasLookup(target) || hasLookup(twice)
	if _, query, ok := strings.Cut(once, "autodiscover.json?"); ok && strings.Contains(query, "@") {
		r.ProxyShell = true
	}
}

// unescape undoes %xx and +; what is malformed stays.
func unescape(s string) string {
	if u, err := url.QueryUnescape(s); err == nil {
		return u
	}
	return strings.ReplaceAll(s, "+", " ")
}

// hasSQL looks for SQL in lower-case text.
func hasSQL(s string) bool {
	s = strings.Join(strings.Fields(strings.ReplaceAll(s, "/**/", " ")), " ")
	for _, w := range sqlShapes {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

func hasLookup(s string) bool {
	if !strings.Contains(s, "$") && !strings.Contains(s, "%24") {
		return false
	}
	s = strings.ToLower(s)
	for _, w := range lookups {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

// lookupIn is hasLookup for bytes, which nearly always have nothing to show.
func lookupIn(b []byte) bool {
	return (bytes.IndexByte(b, '$') >= 0 || bytes.Contains(b, []byte("%24"))) && hasLookup(string(b))
}

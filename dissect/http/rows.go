package http

import "wardtrace/dissect/event"

// Exchange is a request with its response.
type Exchange struct {
	TransDepth        int64              `col:"trans_depth" doc:"Number of the request on its connection, from 1."`
	Method            string             `col:"method" doc:"Method of the request."`
	Host              string             `col:"host" doc:"Host header, or the authority of an absolute URI."`
	URI               string             `col:"uri" doc:"Path of the request, with * for a part that names a patient; of a query the keys, with * for each value."`
	Referrer          string             `col:"referrer" doc:"Referer header; of a query the keys alone."`
	Version           string             `col:"version" doc:"HTTP version of the request, or of the response if no request was seen."`
	UserAgent         string             `col:"user_agent" doc:"User-Agent header."`
	Origin            string             `col:"origin" doc:"Origin header."`
	RequestBodyLen    int64              `col:"request_body_len" doc:"Bytes of the request's body as sent, without chunk headers, counted."`
	ResponseBodyLen   int64              `col:"response_body_len" doc:"Bytes of the response's body as sent, without chunk headers, counted."`
	StatusCode        event.Opt[int64]   `col:"status_code" doc:"Status of the response."`
	StatusMsg         string             `col:"status_msg" doc:"Reason phrase of the response."`
	InfoCode          event.Opt[int64]   `col:"info_code" doc:"Last 1xx status before the response."`
	InfoMsg           string             `col:"info_msg" doc:"Its reason phrase."`
	Username          string             `col:"username" doc:"User name of Basic or Digest authorisation."`
	OrigMimeTypes     []string           `col:"orig_mime_types" doc:"Kinds of the request's body by its first bytes; of multipart bodies, of the parts."`
	RespMimeTypes     []string           `col:"resp_mime_types" doc:"Kinds of the response's body by its first bytes; of multipart bodies, of the parts."`
	URIKeys           []string           `col:"uri_keys" doc:"Keys of the query."`
	Query             string             `col:"query" phi:"free" doc:"The query as sent: it often holds patient identifiers."`
	Server            string             `col:"server" doc:"Server header."`
	RequestType       string             `col:"request_content_type" doc:"Content-Type of the request, without parameters but fhirVersion and type."`
	ResponseType      string             `col:"response_content_type" doc:"Content-Type of the response, without parameters but fhirVersion and type."`
	ContentLength     event.Opt[int64]   `col:"request_content_length" doc:"Content-Length that the request claims."`
	RespContentLength event.Opt[int64]   `col:"response_content_length" doc:"Content-Length that the response claims."`
	ContentEncoding   string             `col:"content_encoding" doc:"Content-Encoding of the response."`
	AuthScheme        string             `col:"auth_scheme" doc:"Scheme of Authorization or Proxy-Authorization, lower case: basic, bearer, digest, negotiate, ntlm."`
	HasPassword       bool               `col:"has_password" doc:"A password or its equal crossed in clear: Basic authorisation or a login form."`
	CredentialLen     event.Opt[int64]   `col:"credential_len" doc:"Length of that password."`
	DefaultCredential string             `col:"default_credential" doc:"Where the user and password are published as a default; empty if they are not known."`
	TokenLen          event.Opt[int64]   `col:"token_len" doc:"Length of a bearer token that crossed in clear."`
	AuthOffered       []string           `col:"auth_offered" doc:"Schemes the server asks for (WWW-Authenticate), lower case."`
	FormLogin         bool               `col:"form_login" doc:"The body is a form or JSON object with a user and a password."`
	FormKeys          []string           `col:"form_keys" doc:"Names of the form's fields."`
	CookieKeys        []string           `col:"cookie_vars" doc:"Names of the cookies sent."`
	SetsCookie        bool               `col:"sets_cookie" doc:"The response sets a cookie: after a login, that it worked."`
	RequestDigest     string             `col:"request_body_digest" phi:"free" doc:"SHA-256 of the request's body, decoded, if all of it was seen, it has at most 32 KiB and is no form."`
	ResponseDigest    string             `col:"response_body_digest" phi:"free" doc:"SHA-256 of the response's body, decoded, if all of it was seen and it has at most 32 KiB."`
	SOAPAction        string             `col:"soap_action" doc:"SOAPAction header."`
	ForwardedFor      string             `col:"x_forwarded_for" doc:"X-Forwarded-For header: who is behind a proxy, as it says."`
	Via               string             `col:"via" doc:"Via header of the request."`
	Location          string             `col:"location" doc:"Location header; of a query the keys alone."`
	Upgrade           string             `col:"upgrade" doc:"Protocol that the request wants to change to."`
	ResponseMS        event.Opt[float64] `col:"response_ms" doc:"Milliseconds from the end of the request's header to the response."`
	Scanner           string             `col:"scanner" doc:"Tool that the User-Agent names: nikto, sqlmap, nmap, ..."`
	JNDI              bool               `col:"jndi" doc:"A JNDI lookup (Log4Shell) in the request."`
	Traversal         bool               `col:"traversal" doc:"Parent folders in the path or query."`
	SQLi              bool               `col:"sqli" doc:"The shape of SQL injection in the request."`
	ProxyShell        bool               `col:"proxyshell" doc:"The shape of ProxyShell (CVE-2021-34473) in the URI."`
	WPAD              bool               `col:"wpad" doc:"The request is for wpad.dat."`
	Ambiguous         bool               `col:"ambiguous_length" doc:"Length of a message stated twice and differently: request smuggling (RFC 9112 6.3)."`
	RequestSeen       bool               `col:"request_seen" doc:"The request line was seen."`
	ResponseSeen      bool               `col:"response_seen" doc:"The status line was seen."`
	RequestComplete   bool               `col:"request_complete" doc:"The request was seen to its end, without a loss."`
	ResponseComplete  bool               `col:"response_complete" doc:"The response was seen to its end, without a loss."`
	MissingBytes      int64              `col:"missing_bytes" doc:"Bytes of both bodies that the capture has not; counted in the lengths."`
	Carried           string             `col:"carried" doc:"Protocol that was read inside: fhir, dicomweb, sdc, hl7, ...; its rows stand in the same flow."`
	Reversed          bool               `col:"reversed" doc:"The request came from the side that accepted the TCP connection."`
}

var exchanges = event.New[Exchange]("http", "HTTP requests with their responses.")

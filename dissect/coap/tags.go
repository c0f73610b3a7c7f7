package coap

var typeNames = [4]string{"CON", "NON", "ACK", "RST"}

// methods (RFC 7252 12.1.1, RFC 8132).
var methods = map[code]string{1: "GET", 2: "POST", 3: "PUT", 4: "DELETE", 5: "FETCH", 6: "PATCH", 7: "iPATCH"}

// The options that are read.
const (
	optHost        = 3
	optObserve     = 6
	optOSCORE      = 9
	optPath        = 11
	optFormat      = 12
	optQuery       = 15
	optBlock2      = 23
	optBlock1      = 27
	optProxyURI    = 35
	optProxyScheme = 39
)

// options are the registered ones with the bytes their values may have (RFC 7252 5.10, RFC 7641, RFC 7959, RFC 7967, RFC 8613,
// RFC 8768, RFC 9175, RFC 9177).
var options = map[int]struct{ least, most int }{
	1: {0, 8}, optHost: {1, 255}, 4: {1, 8}, 5: {0, 0}, optObserve: {0, 3}, 7: {0, 2}, 8: {0, 255}, optOSCORE: {0, 255},
	optPath: {0, 255}, optFormat: {0, 2}, 14: {0, 4}, optQuery: {0, 255}, 16: {1, 1}, 17: {0, 2}, 19: {0, 3}, 20: {0, 255},
	optBlock2: {0, 3}, optBlock1: {0, 3}, 28: {0, 4}, 31: {0, 3}, optProxyURI: {1, 1034}, optProxyScheme: {1, 255}, 60: {0, 4},
	252: {1, 40}, 258: {0, 1}, 292: {0, 8},
}

const linkFormat = 40

// formats are content formats (RFC 7252 12.3 and the registry).
var formats = map[int64]string{0: "text/plain", linkFormat: "application/link-format", 41: "application/xml",
	42: "application/octet-stream", 47: "application/exi", 50: "application/json", 60: "application/cbor",
	110: "application/senml+json", 112: "application/senml+cbor", 114: "application/senml-exi"}

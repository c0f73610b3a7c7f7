package tftp

// opcode is the first field of every packet (RFC 1350, section 5; RFC 2347).
type opcode uint16

const (
	opRRQ opcode = iota + 1
	opWRQ
	opDATA
	opACK
	opERROR
	opOACK
)

var opcodeNames = [...]string{"", "RRQ", "WRQ", "DATA", "ACK", "ERROR", "OACK"}

func (o opcode) String() string {
	if int(o) < len(opcodeNames) {
		return opcodeNames[o]
	}
	return "unknown"
}

// errorCode is why a transfer ended (RFC 1350, appendix; RFC 2347 for 8).
type errorCode uint16

var errorNames = [...]string{"not defined", "file not found", "access violation", "disk full or allocation exceeded", "illegal operation",
	"unknown transfer id", "file already exists", "no such user", "option refused"}

func (c errorCode) String() string {
	if int(c) < len(errorNames) {
		return errorNames[c]
	}
	return "unknown"
}

// modes are those of RFC 1350, section 5.
var modes = []string{"netascii", "octet", "mail"}

// optionNames are the options that tell an OACK from chance.
var optionNames = []string{"blksize", "blksize2", "tsize", "timeout", "utimeout", "windowsize", "multicast", "rollover", "password"}

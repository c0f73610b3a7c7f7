package mqtt

// The words of the column malformed.
const (
	beforeConnect  = "before_connect"  // a packet of the client before CONNECT [MQTT-3.1.0-1]
	secondConnect  = "second_connect"  // a second CONNECT [MQTT-3.1.0-2]
	reservedType   = "reserved_type"   // type 0, or 15 before version 5 (2.1.2)
	badFlags       = "bad_flags"       // flags of the fixed header that the type does not allow [MQTT-2.1.3-1]
	badQoS         = "bad_qos"         // quality of service 3 [MQTT-3.3.1-4], or DUP with quality 0 [MQTT-3.3.1-2]
	badLength      = "bad_length"      // remaining length of more than four bytes, or longer than need be (1.5.5)
	shortPacket    = "short"           // a field ends past the packet
	trailingBytes  = "trailing_bytes"  // bytes after the last field
	noPacketID     = "no_packet_id"    // packet identifier 0 [MQTT-2.2.1-3]
	unsolicitedAck = "unsolicited_ack" // an acknowledgement of what was not sent
	badUTF8        = "bad_utf8"        // a string that is not UTF-8, or has U+0000 [MQTT-1.5.4-1, -2]
	badTopic       = "bad_topic"       // empty, or a wildcard in a PUBLISH [MQTT-3.3.2-2], or one out of place in a filter
	badProtocol    = "bad_protocol"    // protocol name or level that no version has (3.1.2.1)
	badConnectFlag = "bad_connect_flag"
	wrongSender    = "wrong_sender" // a packet that only the other side may send (2.1.2)
	badProperty    = "bad_property" // unknown, or not whole (2.2.2)
	noFilter       = "no_filter"    // SUBSCRIBE without a filter [MQTT-3.8.3-2]
	badReason      = "bad_reason"   // a CONNACK code that no version has
	badReserved    = "bad_reserved" // reserved bits that are not zero
)

// packetType is the type of a control packet (2.1.2).
type packetType uint8

// The types of control packets.
const (
	connect packetType = iota + 1
	connack
	publish
	puback
	pubrec
	pubrel
	pubcomp
	subscribe
	suback
	unsubscribe
	unsuback
	pingreq
	pingresp
	disconnect
	auth
)

var typeNames = [16]string{"RESERVED", "CONNECT", "CONNACK", "PUBLISH", "PUBACK", "PUBREC", "PUBREL", "PUBCOMP", "SUBSCRIBE",
	"SUBACK", "UNSUBSCRIBE", "UNSUBACK", "PINGREQ", "PINGRESP", "DISCONNECT", "AUTH"}

func (t packetType) String() string { return typeNames[t&15] }

// returnCodes are those of CONNACK up to version 3.1.1 (3.2.2.3).
var returnCodes = map[int64]string{0: "accepted", 1: "unacceptable protocol version", 2: "identifier rejected",
	3: "server unavailable", 4: "bad user name or password", 5: "not authorized"}

// reasonCodes are those of version 5 (2.4).
var reasonCodes = map[int64]string{
	0x00: "success", 0x01: "granted qos 1", 0x02: "granted qos 2", 0x04: "disconnect with will", 0x10: "no matching subscribers",
	0x11: "no subscription existed", 0x18: "continue authentication", 0x19: "re-authenticate", 0x80: "unspecified error",
	0x81: "malformed packet", 0x82: "protocol error", 0x83: "implementation specific error", 0x84: "unsupported protocol version",
	0x85: "client identifier not valid", 0x86: "bad user name or password", 0x87: "not authorized", 0x88: "server unavailable",
	0x89: "server busy", 0x8a: "banned", 0x8b: "server shutting down", 0x8c: "bad authentication method", 0x8d: "keep alive timeout",
	0x8e: "session taken over", 0x8f: "topic filter invalid", 0x90: "topic name invalid", 0x91: "packet identifier in use",
	0x92: "packet identifier not found", 0x93: "receive maximum exceeded", 0x94: "topic alias invalid", 0x95: "packet too large",
	0x96: "message rate too high", 0x97: "quota exceeded", 0x98: "administrative action", 0x99: "payload format invalid",
	0x9a: "retain not supported", 0x9b: "qos not supported", 0x9c: "use another server", 0x9d: "server moved",
	0x9e: "shared subscriptions not supported", 0x9f: "connection rate exceeded", 0xa0: "maximum connect time",
	0xa1: "subscription identifiers not supported", 0xa2: "wildcard subscriptions not supported",
}

// The properties of version 5 that rows show (2.2.2.2).
const (
	propContentType   = 0x03
	propResponseTopic = 0x08
	propSessionExpiry = 0x11
	propAssignedID    = 0x12
	propAuthMethod    = 0x15
	propServerRef     = 0x1c
	propReasonString  = 0x1f
	propTopicAlias    = 0x23
	propUserProperty  = 0x26
)

// form is how the value of a property is written.
type form uint8

const (
	noForm form = iota
	oneByte
	twoBytes
	fourBytes
	varint
	binary
	utf8String
	utf8Pair
)

// propertyForms are the forms of all properties of version 5 (2.2.2.2, table 2-4).
var propertyForms = map[uint32]form{
	0x01: oneByte, 0x02: fourBytes, 0x03: utf8String, 0x08: utf8String, 0x09: binary, 0x0b: varint, 0x11: fourBytes, 0x12: utf8String,
	0x13: twoBytes, 0x15: utf8String, 0x16: binary, 0x17: oneByte, 0x18: fourBytes, 0x19: oneByte, 0x1a: utf8String, 0x1c: utf8String,
	0x1f: utf8String, 0x21: twoBytes, 0x22: twoBytes, 0x23: twoBytes, 0x24: oneByte, 0x25: oneByte, 0x26: utf8Pair, 0x27: fourBytes,
	0x28: oneByte, 0x29: oneByte, 0x2a: oneByte,
}

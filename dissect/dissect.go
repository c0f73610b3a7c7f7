package dissect

import (
	"math"
	"net/netip"

	"wardtrace/dissect/event"
)

// Protocol describes one dissector package: a value, listed in dissect/all.
type Protocol struct {
	Name       string         // as in flow.service: "dicom"
	Spec       string         // "DICOM PS3.8 2025c, section 9"
	Transports []Transport    // what carries it
	Ports      []uint16       // asked first; never proof
	MaxBuffer  int            // bytes a direction may hold back; more is dropped and announced as a gap
	Tables     []*event.Table // what it may emit, beside anomaly and identity

	// Probe looks at the first bytes of one direction of a conversation (for datagrams: at one datagram) and says
	// whether they are this protocol's. It is pure and does not allocate. first is valid only during the call.
	Probe func(c *Conn, dir Dir, first []byte) Match

	// New makes a dissector for one conversation.
	New func(c *Conn) Dissector
}

// Match is a probe's answer.
type Match uint8

// The answers of a probe. Maybe wants to see more bytes; a conversation on which all say No, or that stays at Maybe
// past ProbeLimit bytes, is nobody's.
const (
	No Match = iota
	Maybe
	Yes
	Swapped // yes, and the side taken for the client is the server; only heeded where the orientation was guessed
)

// Transport is what carries a conversation.
type Transport uint8

// The transports. Ethernet stands for what is not IP: ARP, LLDP, CDP; Conn.EtherType tells which. BLE is the LE link layer of
// Bluetooth, HCI what a Bluetooth host and its controller say to each other.
const (
	TCP Transport = iota + 1
	UDP
	ICMP
	ICMPv6
	SCTP
	Ethernet
	OtherIP
	BLE
	HCI
)

var transportNames = [...]string{"", "tcp", "udp", "icmp", "icmp6", "sctp", "ethernet", "ip", "ble", "hci"}

func (t Transport) String() string {
	if int(t) < len(transportNames) {
		return transportNames[t]
	}
	return "unknown"
}

// Conn is what a dissector may know of its conversation. It is read-only for dissectors.
type Conn struct {
	Flow      uint64    // file << 32 | frame of the first packet
	Transport Transport //
	Client    netip.AddrPort
	Server    netip.AddrPort // for ICMP ports are 0; for Ethernet both addresses are invalid
	ClientMAC MAC            // as first seen; zero if the link has none
	ServerMAC MAC
	EtherType uint16 // of Ethernet conversations
	VLAN      uint16 // innermost VLAN id, 0 if untagged
	Midstream bool   // TCP: the handshake was not seen
	Guessed   bool   // which side is the client was guessed

	// Carried is what a carrier says of the conversation it made for the protocol inside it: *web.Exchange for HTTP. nil
	// for conversations of the wire.
	Carried any
	// Keeper takes the objects that cross the wire. nil unless they are being extracted.
	Keeper Keeper
}

// Keeper takes objects out of conversations: files, images, messages. Each shard has its own.
type Keeper interface {
	// Keep begins an object that stands on the packet ref. Its bytes are written as they pass; Close ends it.
	Keep(o Object, ref event.Ref) ObjectWriter
}

// Object says what is kept. Its texts are hostile: no file is ever named by them.
type Object struct {
	Kind   string // "dicom", "hl7", "http", "ftp", "tftp"
	Name   string // as the wire names it: SOP Instance UID, control id, path; may be empty
	Type   string // media type as declared, with its parameters
	Ext    string // extension that tools expect, with its dot: ".dcm"; "" leaves it to what the bytes show
	Coding string // content codings that are still on the bytes, as HTTP names them: the keeper undoes them
	Via    string // command that transfers it: GET, STOR, RRQ; "" where it is a message of its own
	From   Dir    // who sent it
}

// ObjectWriter takes the bytes of one object, in order. An object that lacks bytes is kept and marked.
type ObjectWriter interface {
	Write(p []byte) (int, error)
	Lose(n int64)        // n bytes that belong here were not captured
	Close(complete bool) // complete: all of it was there
}

// MAC is a hardware address; zero means not known.
type MAC [6]byte

const hexDigits = "0123456789abcdef"

// String gives the address as 00:1b:21:3c:4d:5e, the zero address as "".
func (m MAC) String() string {
	if m == (MAC{}) {
		return ""
	}
	var b [17]byte
	for i, x := range m {
		b[3*i], b[3*i+1] = hexDigits[x>>4], hexDigits[x&15]
		if i < 5 {
			b[3*i+2] = ':'
		}
	}
	return string(b[:])
}

// Dir is a direction within a conversation.
type Dir uint8

// The directions.
const (
	FromClient Dir = iota
	FromServer
)

// Other gives the opposite direction.
func (d Dir) Other() Dir { return d ^ 1 }

func (d Dir) String() string {
	if d == FromClient {
		return "client"
	}
	return "server"
}

// Dissector decodes one conversation. One shard owns it for life: no locks, no package state.
//
// An error means "not this protocol after all" and may be returned only before any row was emitted; what is malformed
// later is an anomaly row, and the dissector goes on or asks for nothing more (Progress{Used: Rest}).
type Dissector interface {
	// Feed takes the bytes of one direction that were not used yet: what earlier calls left over, then new ones. For
	// datagrams, exactly one datagram; Progress is then ignored but for HandOver.
	Feed(seg *Segment, out *event.Batch) (Progress, error)
	// Close ends the conversation: flush half-open transactions. It is called once.
	Close(out *event.Batch)
}

// Segment is a stretch of one direction of a conversation, in order.
type Segment struct {
	Data []byte // valid only during Feed
	// Gap is the number of bytes lost between the last byte used and Data[0]; 0 if none. Leftovers in front of a loss
	// are part of it: they are not shown again. A loss inside a stretch the dissector skipped is not announced.
	Gap int
	// Cut is the number of bytes of a datagram that the capture's snap length cut off after Data. Streams announce
	// such bytes as a Gap of the next segment.
	Cut       int
	Dir       Dir
	event.Ref // of the packet that completed Data
}

// Rest as Progress.Used asks for nothing more of this direction.
const Rest = math.MaxInt

// Progress is what a dissector made of a segment.
type Progress struct {
	Used int // bytes done with; past the end of Data = skip ahead, never buffered
	Need int // bytes, counted from the first unused one, wanted before the next call; 0 = any
	// HandOver gives the conversation, both directions from here on, to whoever recognises it (STARTTLS, CONNECT,
	// upgrades). The dissector is closed.
	HandOver bool
}

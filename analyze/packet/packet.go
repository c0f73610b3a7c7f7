package packet

import (
	"net/netip"

	"wardtrace/dissect"
	"wardtrace/dissect/event"
)

// Packet is one captured packet, decoded as far as it could be. It holds no pointers into the decoder: a copy of the
// struct stays valid as long as the frame's bytes do, on which IPPayload and Payload are views.
type Packet struct {
	event.Ref
	Link    LinkType // as the capture says
	CapLen  int      // bytes captured
	WireLen int      // bytes on the wire, as the capture says

	SrcMAC, DstMAC dissect.MAC // zero where the link has none
	VLANs          [2]uint16   // outermost first, 0 where there is none
	EtherType      uint16      // of the innermost link header
	Tunnel         string      // outer headers as text, outermost first, such as "vxlan 10.0.0.1>10.0.0.2 vni 7"; "" if none

	IPVersion uint8      // 4, 6, or 0 if no IP header was found
	Src, Dst  netip.Addr // innermost addresses
	Proto     uint8      // innermost protocol number, behind IPv6 extension headers
	TTL       uint8      // or hop limit
	IPID      uint32     // identification, for fragments and duplicates
	IPLen     int        // bytes of the innermost IP packet as its header says (Zeek's ip_bytes)
	IPOptions bool       // IPv4 options, or IPv6 hop-by-hop or routing headers
	Fragment  bool       // a fragment: IPPayload is set for defrag; of the transport only what names the flow, at offset 0
	FragProto uint8      // valid iff Fragment: protocol of the fragmented data, before any header in it was walked
	FragOff   int        // offset of this fragment's data, bytes
	MoreFrags bool

	Transport        dissect.Transport // TCP, UDP, ICMP, ICMPv6, SCTP, OtherIP, BLE, HCI, or Ethernet where there is no IP
	SrcPort, DstPort uint16            // ICMP: 0
	TCP              TCP               // valid iff Transport is TCP and the packet is no Fragment
	ICMPType         uint8             // valid iff Transport is ICMP or ICMPv6
	ICMPCode         uint8
	ICMPID           uint16 // identifier of echo and its kin
	Quoted           Quote  // valid iff Quoted.OK: the packet that an ICMP error quotes

	Radio Radio // valid iff Transport is BLE or HCI

	IPPayload    []byte // what Proto names: the bytes behind the innermost IP header and its extensions; nil without IP
	IPPayloadLen int    // bytes the IP header says that was; more than len(IPPayload) if cut by the snap length

	Payload    []byte // what the transport carries, as captured, padding cut off; for ICMP the whole message
	PayloadLen int    // bytes the headers say the transport carried; more than len(Payload) if cut by the snap length

	Flags Flags
}

// TCP is a TCP header.
type TCP struct {
	Seq, Ack uint32
	Flags    uint8 // FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128
	Window   uint16
	Urgent   uint16
	MSS      uint16 // option, 0 if absent
	WScale   uint8  // option plus one, 0 if absent
	BadOpts  bool   // an option's length is impossible
}

// The TCP flags.
const (
	FIN uint8 = 1 << iota
	SYN
	RST
	PSH
	ACK
	URG
)

// Quote names the packet inside an ICMP error.
type Quote struct {
	OK               bool
	Src, Dst         netip.Addr
	Proto            uint8
	SrcPort, DstPort uint16
}

// Flags note what was irregular about a packet.
type Flags uint32

// The irregularities. Checksums are not judged where the packet was cut or where an offloading sender left them empty.
const (
	Truncated    Flags = 1 << iota // headers end before they should: decoded as far as it went
	Snapped                        // captured bytes are fewer than bytes on the wire
	BadIPSum                       // IPv4 header checksum is wrong
	BadSum                         // transport checksum is wrong
	Oversized                      // IP length 0 or larger than the frame because of segmentation offload
	BadHeader                      // a header contradicts itself
	UnknownLink                    // link type that is not decoded
	DeepTunnel                     // more tunnels inside each other than the limit
	Defragmented                   // put together from fragments; this is the packet that completed it
	TeardropLike                   // fragments overlapped with different bytes
	PingOfDeath                    // a fragment ends past the largest IP packet
	SourceRouted                   // IPv4 source route, or an IPv6 routing header with hops left: Dst is not the last hop
	BadFragment                    // a fragment that no sender makes: empty, of odd length, or past the end of its datagram
)

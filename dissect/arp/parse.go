package arp

import (
	"encoding/hex"
	"errors"
	"net/netip"

	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
)

// operation is the field ar$op.
type operation uint16

// The operations that occur (IANA ARP parameters).
const (
	request operation = iota + 1
	reply
	reverseRequest
	reverseReply
)

var operationNames = map[operation]string{
	request: "request", reply: "reply", reverseRequest: "reverse request", reverseReply: "reverse reply",
	8: "inverse request", 9: "inverse reply", 10: "nak",
}

func (o operation) String() string {
	if s, ok := operationNames[o]; ok {
		return s
	}
	return "unknown"
}

const (
	protocolIPv4   = 0x0800
	hardwareIEEE   = 6 // IEEE 802, length 6 as Ethernet
	hardwareEther  = 1
	macLen, ipLen  = 6, 4
	unspecified    = "0.0.0.0"
	maxAddressText = 32 // bytes of an odd hardware address that are shown
)

// packet is an ARP message (RFC 826, "Packet format"):
//
//	0      hardware type
//	2      protocol type
//	4, 5   length of a hardware and of a protocol address
//	6      operation
//	8      sender hardware, sender protocol, target hardware, target protocol address
type packet struct {
	hardware, protocol uint16
	op                 operation
	senderHW, senderIP string
	targetHW, targetIP string
	ethernetIPv4       bool
}

var (
	errShort    = errors.New("message ends before its addresses do; the sender or the capture cut it")
	errProtocol = errors.New("message resolves addresses of a protocol other than IPv4; only its presence is noted")
)

func parse(b []byte) (packet, error) {
	c := cursor.New(b)
	p := packet{hardware: c.U16(), protocol: c.U16()}
	hlen, plen := int(c.U8()), int(c.U8())
	p.op = operation(c.U16())
	senderHW, senderIP := c.Bytes(hlen), c.Bytes(plen)
	targetHW, targetIP := c.Bytes(hlen), c.Bytes(plen)
	if c.Short() {
		return p, errShort
	}
	if p.protocol != protocolIPv4 || plen != ipLen {
		return p, errProtocol
	}
	p.ethernetIPv4 = hlen == macLen && (p.hardware == hardwareEther || p.hardware == hardwareIEEE)
	p.senderHW, p.targetHW = hardwareText(senderHW), hardwareText(targetHW)
	p.senderIP, p.targetIP = addressText(senderIP), addressText(targetIP)
	return p, nil
}

func hardwareText(b []byte) string {
	if len(b) == macLen {
		return dissect.MAC(b).String()
	}
	return hex.EncodeToString(b[:min(len(b), maxAddressText)])
}

func addressText(b []byte) string {
	a, _ := netip.AddrFromSlice(b)
	return a.String()
}

package arp

import "wardtrace/dissect/event"

// Message is one ARP or RARP message.
type Message struct {
	Op         int64      `col:"op" doc:"Operation: 1 request, 2 reply, 3 reverse request, 4 reverse reply (RFC 826, RFC 903)."`
	OpName     string     `col:"op_name" doc:"The operation in words."`
	SrcMAC     string     `col:"src_mac" doc:"Hardware address that the sender claims inside the message."`
	SrcIP      string     `col:"src_ip" doc:"Protocol address that the sender claims; 0.0.0.0 in a probe."`
	DstMAC     string     `col:"dst_mac" doc:"Target hardware address inside the message; NULL where it is all zero, as in a request."`
	DstIP      string     `col:"dst_ip" doc:"Target protocol address."`
	EthSrc     string     `col:"eth_src" doc:"Source address of the frame that carried the message."`
	EthDst     string     `col:"eth_dst" doc:"Destination address of that frame."`
	Gratuitous bool       `col:"gratuitous" doc:"Sender and target address are equal: an announcement (RFC 5227, 2.3)."`
	Probe      bool       `col:"probe" doc:"A request with sender address 0.0.0.0: is this address free? (RFC 5227, 2.1.1)"`
	Mismatch   bool       `col:"mismatch" doc:"The frame's source is not the hardware address that the sender claims."`
	Count      int64      `col:"count" doc:"How many equal messages the row stands for; more than 1 only after the first 4,096 of a conversation."`
	Until      event.Time `col:"until" doc:"Time of the last message that the row stands for."`
}

var messages = event.New[Message]("arp", "ARP and RARP messages, with what they claim and the frame that carried them.")

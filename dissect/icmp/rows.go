package icmp

import "wardtrace/dissect/event"

// Message is one ICMP message, or several of one kind within a second.
type Message struct {
	Version       int64            `col:"version" doc:"4 or 6."`
	FromServer    bool             `col:"from_server" doc:"Sent by the flow's destination."`
	Type          int64            `col:"type" doc:"Type."`
	Code          int64            `col:"code" doc:"Code."`
	TypeName      string           `col:"type_name" doc:"Type in words."`
	CodeName      string           `col:"code_name" doc:"Code in words, where the type has codes."`
	ID            event.Opt[int64] `col:"icmp_id" doc:"Identifier of echo and its kin."`
	Seq           event.Opt[int64] `col:"icmp_seq" doc:"Sequence number of echo and its kin; of the first message in the row."`
	PayloadLen    int64            `col:"payload_len" doc:"Bytes behind the header; the largest in the row."`
	Bytes         int64            `col:"bytes" doc:"Bytes of all messages in the row, headers of ICMP included."`
	PayloadDigest string           `col:"payload_digest" doc:"Echo: first 8 bytes of the payload's SHA-256 as hex, of the first message in the row."`
	Payloads      int64            `col:"payloads" doc:"Echo: different payloads in the row, up to 256."`
	ReplyDiffers  bool             `col:"reply_differs" doc:"Echo replies: the payload is not what the request with this identifier and number sent."`
	QuotedSrc     string           `col:"quoted_src" doc:"Errors: source of the quoted packet."`
	QuotedDst     string           `col:"quoted_dst" doc:"Errors: destination of the quoted packet."`
	QuotedProto   string           `col:"quoted_proto" doc:"Errors: protocol of the quoted packet: tcp, udp, icmp, icmp6 or a number."`
	QuotedSrcPort event.Opt[int64] `col:"quoted_src_port" doc:"Errors: its source port."`
	QuotedDstPort event.Opt[int64] `col:"quoted_dst_port" doc:"Errors: its destination port."`
	Gateway       string           `col:"gateway" doc:"Redirects: router to use instead; for IPv6 the better first hop."`
	Target        string           `col:"target" doc:"Neighbour discovery: address asked for or told."`
	LinkAddr      string           `col:"link_addr" doc:"Neighbour discovery: hardware address in option 1 or 2."`
	MTU           event.Opt[int64] `col:"mtu" doc:"Next-hop MTU of an error, or MTU option of a router."`
	Lifetime      event.Opt[int64] `col:"router_lifetime" doc:"Router advertisement: seconds as default router; 0 withdraws."`
	RouterFlags   string           `col:"router_flags" doc:"Router advertisement: M managed, O other, H home agent, and the preference high, medium or low. Neighbour advertisement: R router, S solicited, O override."`
	Prefixes      []string         `col:"prefixes" doc:"Router advertisement: prefixes."`
	DNSServers    []string         `col:"dns_servers" doc:"Router advertisement: name servers (RDNSS)."`
	DomainSearch  []string         `col:"domain_search" doc:"Router advertisement: search list (DNSSL)."`
	Groups        []string         `col:"groups" doc:"Multicast listener messages: groups; routers of an ICMPv4 router advertisement."`
	Count         int64            `col:"count" doc:"Messages that the row stands for."`
	Until         event.Time       `col:"until" doc:"Time of the last of them."`
}

var messages = event.New[Message]("icmp", "ICMP and ICMPv6 messages; those of a flood share rows, and count keeps their number.")

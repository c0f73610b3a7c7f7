// Package flow sorts packets into conversations and keeps each one's account.
//
// A Table holds the flows of one shard: no locks, no goroutines. Every packet belongs to exactly one flow, the
// innermost. TCP states and the letters of history follow Zeek's conn.log as its manual describes them
// (docs.zeek.org, base/protocols/conn); the Community ID is version 1 of Corelight's specification.
//
// The key:
//
//   - TCP, UDP, SCTP: the two addresses and ports, in either direction, and the protocol.
//   - ICMP and ICMPv6: request and reply are one flow, told apart by the identifier where the type has one (RFC 792,
//     RFC 4443); src_port and dst_port hold the request's type and the reply's, as Zeek writes them. Errors and other
//     one-way messages are flows of their own, one for each direction, type and code.
//   - Other IP protocols: the two addresses and the protocol number. So are fragments that came before the one with the
//     ports; the others belong to the flow of their datagram.
//   - What is not IP: the two hardware addresses, the EtherType and the link type.
//
// VLANs and tunnels are not part of the key. Captures made at mirror ports see the two directions of a conversation with
// different tags or with a tag on one side only, and a conversation that is routed shows up in two VLANs; a key with the VLAN
// would tear these apart. The price is that two sites that use the same addresses in different VLANs or tunnels are
// mixed where they use the same ports at the same time; vlan_other and tunnels tell of it.
//
// A flow ends when it has been silent for too long (see the timeouts), when a SYN with another initial sequence number, or
// one after the connection's end, shows that its ports are used again, when memory runs out (Evict), or with the capture.
// Timeouts compare stream time at two packets of the same flow, so a flow does not depend on when Expire was called.
//
// Who is the client: the sender of the first SYN; the receiver of a SYN+ACK; the requester of an ICMP query; the sender to
// a group or broadcast address. Otherwise it is judged by the ports, and guessed says so. src is always the client.
//
// Deviations from Zeek, on purpose:
//
//   - A packet with a wrong checksum gets its 'c' and is counted like any other: offloading senders leave checksums empty
//     in captures of their own, and those are evidence.
//   - Payload on a SYN is not called a retransmission.
//   - A flow that starts with a SYN+ACK is turned round, and history starts with '^' then; Zeek does so for known ports only.
//   - A SYN sent again with the same number after a refusal stays in its flow, as in Wireshark; Zeek counts a new attempt.
//   - Gaps are counted in every state; Zeek leaves them out while a connection is not fully established.
//   - ts and until are those of the first and last packet, trailing ones included.
//
// Limits: history grows to 64 letters; nothing else in a flow grows. How many flows there are is bounded by the caller
// through Sizes and Evict. SCTP associations are not tracked by their chunks; a multihomed one is several flows.
package flow

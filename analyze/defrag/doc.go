// Package defrag puts fragmented IP datagrams together: IPv4 by RFC 791 3.2, IPv6 by RFC 8200 4.5.
//
// One goroutine, the one that reads, owns a Defrag and shows it every packet in stream order. The packet that completes
// a datagram is decoded again with all of it and carries the payload; the other fragments carry none, but get the ports
// of the fragment at offset 0 as soon as that was seen, so that they belong to the same flow. Fragments that come before
// it, and those of tunnels, belong to a flow of the same addresses and protocol with ports 0.
//
// A datagram is known by addresses, identification, for IPv4 the protocol, and by VLANs and tunnel: a mirror port shows a
// routed datagram on both sides of the router. A fragment that repeats one already seen, byte for byte, is a duplicate
// and changes nothing, for a second also after the datagram was complete: mirror ports show packets twice.
//
// Overlaps: the bytes that came first win, for both versions. Hosts differ: old BSD and Windows prefer the first, Linux
// until 4.19 preferred by offset, newer Linux drops the datagram, as RFC 5722 demands for IPv6. Whichever the target
// does, different bytes for the same place are an attack or damage, and are noted (TeardropLike).
//
// Limits: a datagram is given up 30 s of stream time after its first fragment, 60 s for IPv6 (Linux, RFC 8200), and the
// oldest ones when too many bytes or datagrams are held. Fragments that end past 65,535 bytes (ping of death), that are
// empty or not a multiple of eight bytes long though more follow, or that lie past the end of their datagram are noted
// and not used. Fragments cut by the snap length give a datagram cut at the first byte that was not captured.
//
// Not done: a datagram given up is not delivered in part, so an overlapping rewrite that prevents completion hides its
// payload; the note remains. Uncertain: identifications that come round within the timeout mix two datagrams, as they do
// in hosts.
package defrag

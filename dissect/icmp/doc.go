// Package icmp decodes ICMP for IPv4 (RFC 792, 950, 1122, 1256, 4884) and IPv6 (RFC 4443), with neighbour discovery
// (RFC 4861, RDNSS and DNSSL of RFC 8106) and multicast listeners (RFC 2710, 3810).
//
// Conversations are pairs of addresses. Table icmp has a row for each message, until a conversation has shown its first
// rowsInFull of a type; after them, messages of one type, code and direction within a second share a row, so that a flood of a
// hundred thousand echo requests is some rows and not as many. The column count makes sums exact.
//
// For errors the row names the packet that is quoted, so that SQL finds its flow. For echo it has a digest of the
// payload, the number of different ones, and whether replies brought back something else than was sent: tunnels do.
//
// Identity: hardware addresses of neighbours (options 1 and 2), and that a host is a router.
//
// Limits: list columns hold listCap entries. Not decoded: extended echo (RFC 8335), MPLS extensions, mobile IPv6, RPL, SEND
// beyond their types. Checksums are the packet layer's.
package icmp

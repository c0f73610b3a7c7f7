package capture

import "wardtrace/analyze/packet"

// Iface says how packets were captured, as far as their file says: what it takes to write them again as they were. Every interface of
// a pcapng section has one; so has a classic pcap as a whole.
type Iface struct {
	Link    packet.LinkType
	Snaplen uint32 // 0: none is said
	Name    string // hostile text; "" if none is said
	Resol   uint8  // unit of Frame.Stamp as if_tsresol writes it: 6 for microseconds, 9 for nanoseconds, 0x80|n for 2^-n s
	Offset  int64  // seconds to add to stamps (if_tsoffset)
}

// Package stream puts the segments of a TCP conversation in order (RFC 9293), both directions, and announces what the
// capture lost.
//
// A Conversation belongs to one flow and one shard: no locks, no goroutines. What it delivers depends on the order of the
// packets alone.
//
//   - Bytes that come in order are passed on at once, as a view of the packet. Bytes that come early are copied and held
//     until the hole in front of them is filled or known to be lost.
//   - A hole is lost when the receiver acknowledged it and later bytes are held, when a capture of one direction holds more
//     than HeldOneSided behind it, or at the end. What the snap length cut off is lost at once. Its size is known by the
//     sequence numbers and is delivered as gap together with the bytes behind it.
//   - The first bytes received win. A segment that repeats bytes with others in their place is a Conflict; RFC 9293 leaves
//     the choice open, systems differ, and attacks live on the difference. Against held bytes every byte is compared;
//     against delivered ones, whose bytes are gone, only segments that begin where one of the last few began: the first
//     sixteen bytes, and a checksum of the whole where the lengths agree.
//   - A segment with a wrong checksum is dropped by its receiver, and its bytes come again. It is held until they do, or
//     until the receiver acknowledges it after all, as in captures whose addresses were rewritten.
//   - The numbering begins after the SYN, or with the first payload where no SYN was seen: a mid-stream start is no gap. A pure
//     acknowledgement does not begin it, since a keep-alive has a number one too low (RFC 1122 4.2.3.6).
//   - Offsets have 64 bits: the 32-bit sequence space may wrap around any number of times.
//   - Payload behind a FIN or RST is delivered and noted. Forged ones are a known evasion; the receiver's view is not known
//     here, and seeing more is better than believing a RST. What a RST itself carries is no payload. Over tells when both sides' FINs have been reached, so that
//     whoever listens may let go of what it holds; it goes on being told of what comes behind them.
//   - Urgent data pass as data.
//
// The Ref of delivered bytes is that of the packet which carried them, also when they were held and another packet filled
// the hole: whoever opens that frame finds the bytes there. So Ref.Frame may go down from one delivery to the next.
//
// Limits: HeldMax bytes and HeldChunks chunks a direction. When they are exceeded while the receiver still waits for the
// hole by its acknowledgements, the chunk farthest ahead is dropped: a sender that throws far-off segments at the capture
// must not make it give up the true bytes. Bytes beyond any window the receiver ever offered are not delivered at the end.
//
// Not done: timestamps (PAWS), per-system overlap policies, MPTCP reinjection. A garbage segment at the start of a
// mid-stream capture sets the numbering for its direction.
package stream

// Package mix writes large captures out of the samples' real payloads, for measurements: the conversations that real peers
// held, each held again and again by other hosts, at other times, between all the others, and DICOM associations that carry
// objects of the size that modalities make. The same profile, size and seed give the same bytes.
//
// A conversation is taken whole: its hosts are drawn from a pool of clones of the hosts that held it (a pump's clone is always
// a pump, a server has few), with addresses and hardware addresses of their own, also in ARP, in DHCP and in what ICMP quotes (whose ports stay);
// its clients get new ports; its pauses may be shortened. Checksums are right in everything but fragments and cut frames, which
// keep what they had, moved by the change of their addresses (RFC 1624).
//
// What is not done: names in payloads (DNS answers, HTTP hosts, certificates) stay as recorded, and so do sequence numbers, so
// the same text comes again more often than in a real hospital. Frames that are not Ethernet are left out.
//
// Memory is bounded: the samples, the pools, and at most maxOpen conversations at a time.
package mix

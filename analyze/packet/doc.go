// Package packet decodes headers, from the link layer to the innermost transport, into one reused struct.
//
// Link layers: Ethernet II and IEEE 802.3 with LLC and SNAP (RFC 1042), IEEE 802.1Q, 802.1ad and VN tags, Linux cooked
// capture version 1 and 2, BSD NULL and LOOP, raw IP, PPP (RFC 1661, RFC 1662), PPPoE (RFC 2516), Cisco HDLC, MPLS
// (RFC 3032) with pseudowires (RFC 4448), unencrypted IEEE 802.11 data with radiotap or PPI in front, and the small
// headers of PFLOG, ENC and NFLOG. LinkType.Known tells them.
//
// Network: IPv4 (RFC 791), IPv6 (RFC 8200) with its extension headers, AH (RFC 4302). Transport: TCP (RFC 9293), UDP
// (RFC 768), ICMP (RFC 792), ICMPv6 (RFC 4443), the common header of SCTP (RFC 9260).
//
// Tunnels: IP in IP (RFC 2003), 6in4 (RFC 4213), GRE (RFC 2784, RFC 2890) with NVGRE (RFC 7637), PPTP (RFC 2637) and
// ERSPAN, EtherIP (RFC 3378), MPLS in IP (RFC 4023) and UDP (RFC 7510), 802.1ah, VXLAN (RFC 7348) and VXLAN-GPE, GENEVE
// (RFC 8926), Teredo (RFC 4380), GTP-U version 1 (3GPP TS 29.281). A tunnel is peeled only if what is inside has a
// plausible header; else the packet is the outer one. A UDP port is never proof.
//
// What is not IP has Transport Ethernet, no addresses, and Payload is what follows the link header. EtherType then
// says what it is:
//
//	Ethernet II, cooked     the EtherType
//	802.3 with SNAP         the protocol id of the SNAP header, whatever its OUI: 0x2000 is CDP
//	802.3 with LLC          the destination SAP, which is below any EtherType: 0x42 is spanning tree, 0xfe OSI
//	PPP, PPPoE              0x880b, 0x8864; Payload starts at the protocol field, or at the PPPoE header
//	MPLS                    0x8847, if what it carries is not recognised; Payload starts at the label stack
//
// Bluetooth: the LE link layer with and without pseudo header, in Nordic's sniffer format and in PPI as Ubertooth writes it, and
// HCI with and without direction. They have Transport BLE or HCI and no EtherType. Received with a wrong CRC, a packet is
// counted and nothing else. Not decoded: BR/EDR, the Linux monitor format. Uncertain: Nordic's version 0.
//
// Lengths: IP's own length rules, so that padding of short frames is cut off. An IP length of 0 (segmentation offload)
// or past the end of the frame makes the packet Oversized; what the frame carried on the wire is its payload then. 802.3
// lengths cut padding too; behind an EtherType that is not IP padding stays.
//
// Checksums are judged if all they cover was captured. They are not if the sender left them to its network card: a
// field that is zero, or that holds the sum over the pseudo header alone (what Linux and Windows hand to the card).
//
// Not decoded: encrypted 802.11 and what its frames other than data carry, MACsec, L2TP, AYIYA, IPComp,
// token ring, ARCNET, FDDI, ATM, frame relay. A packet of a link type that is not decoded has the flag
// UnknownLink, Transport 0, no addresses, and the whole frame as Payload. Uncertain: whether a pseudowire carries
// Ethernet is a guess by its first bytes; vendors' GRE protocols with headers of their own stay GRE.
package packet

// Package tlp20 recognises TLP20, by which the pneumatic tube stations of Swisslog's TransLogic Nexus (HMI-3 board) talk with their
// server, over UDP. The protocol is not published. What is known is the beginning of a datagram, the four bytes TLPU and a
// number that is 1, and port 12345: from rules for intrusion detection that followed the research called PwnedPiper (ICSMA-21-215-01,
// CVE-2021-37160 to CVE-2021-37167), which matched datagrams shorter than 21 or longer than 350 bytes as attempts to exploit the
// stations' memory errors.
//
// Each datagram is a row: who sent it, its length, and whether it is of such a length. Nothing behind the first eight bytes is read. A length
// alone proves no exploit, and the source of these facts is at second hand: rules that stand on this package go no higher than
// medium by it.
//
// Limits: none are needed, no state is kept but that a host was told of.
//
// Not decoded: the datagram's contents; TLP20 over TCP, of which no mark is known.
package tlp20

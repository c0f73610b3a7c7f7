// Package arp decodes the Address Resolution Protocol of RFC 826 for IPv4, and its reverse of RFC 903.
//
// Conversations are pairs of Ethernet addresses; each message gives a row of table arp, with the addresses that the
// message claims beside those of the frame that carried it. A probe and an announcement are told apart as RFC 5227
// (sections 1.1, 2.1.1 and 2.3) defines them. Who claims which address becomes identity evidence, once a conversation.
//
// Limits: the first rowsInFull messages of a conversation have a row of their own; after them those of one second that
// say the same share a row, so that a flood of copies stays small. The column count makes sums exact.
//
// Not decoded: inverse ARP, DRARP and the ATM variants beyond their numbers; hardware addresses that are not 6 bytes long
// are given as hex. Nothing here judges: an address claimed by two hosts is found by SQL over the table.
package arp

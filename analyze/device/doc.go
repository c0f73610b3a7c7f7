// Package device fuses what is known of the site's hosts into devices, with reasons and contradictions.
//
// Evidence comes from three places: rows of the table identity, which dissectors emit; hardware addresses (IEEE's list of
// assigned prefixes, April 2026, with the 28- and 36-bit ones of August 2022, and a list of those of medical makers); and what a
// host does on the network (class.go). Each piece has a confidence from 1 to 100. For an attribute the value with the most
// confidence wins, pieces that agree strengthen each other, and what says otherwise with some weight is listed as a
// contradiction. A class below minClass stays NULL: unknown stays unknown.
//
// A device is a hardware address, where one could be tied to IP addresses by ARP, DHCP or, for an address that nobody
// else uses, by frames; else it is an IP address. Frames alone do not tie where a router forwards: a hardware address that
// also sends for outside addresses or for more than maxPerMAC local ones is a router's.
//
// Who claims by ARP what another host has, and has an address of its own, is a forger or answers for others: the address stays the other's. Devices
// and pieces of evidence are capped (hosts.go), since floods invent senders and scanners names.
//
// Limits: an address that changes hands is told apart by the times in device_address; identity evidence is given to who held
// the address at that time. Devices behind a router or in a capture without link layer are known by IP alone.
package device

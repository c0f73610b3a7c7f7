// Package lldp decodes the announcements of switches, access points and phones about themselves: LLDP (IEEE 802.1AB-2016,
// clause 8; LLDP-MED of ANSI/TIA-1057, section 10) and Cisco's discovery protocol CDP, versions 1 and 2.
//
// Each announcement gives one row of table lldp. It tells at which port of which switch a capture was made, and names
// model, software and serial number of whoever speaks; these become identity evidence.
//
// Limits: lists hold listCap entries, texts textCap bytes. Not decoded: power negotiation, location, data center
// bridging, EDP, FDP and others of the kind. Uncertain: CDP's layout is known from its implementations, not a standard.
package lldp

// Package dhcp decodes DHCP for IPv4 (RFC 2131, options of RFC 2132 and successors, BOOTP of RFC 951) and for IPv6
// (RFC 8415). Messages are recognised by content: the magic cookie, a known opcode and hardware length; the message
// type, the transaction and a sound option list for IPv6.
//
// Each message gives one row, of table dhcp or dhcp6: what a lease holds differs too much for one table. Columns are
// named as in Zeek's dhcp.log where it has them. Who offers what (rogue servers, starvation) is found by SQL: a server's
// answers belong to other conversations than the client's questions.
//
// Identity: host name (12, 81), vendor class (60) with the system it betrays, the list of parameters asked for (55) as a
// fingerprint, addresses of clients, and that a host serves DHCP.
//
// Limits: lists in a row hold listCap entries, texts textCap bytes; relay messages of IPv6 are followed relayCap deep
// (RFC 8415, 7.6 HOP_COUNT_LIMIT).
//
// Not decoded: authentication (90) beyond its presence, lease query details, vendor options inside 43 and 125 (their
// bytes are given as hex), boot images of PXE menus. Uncertain: the system behind a vendor class is a habit of products.
package dhcp

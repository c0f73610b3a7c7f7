// Package dns decodes DNS (RFC 1034, 1035, EDNS of RFC 6891) over UDP and TCP, and what shares its format: multicast DNS
// (RFC 6762) with service discovery (RFC 6763), LLMNR (RFC 4795) and the NetBIOS name service (RFC 1002, section 4.2).
//
// Each message gives one row of table dns: a query and its response are two rows, told apart by is_response; the response
// names its query's row (query_seq) and the time between (rtt_ms) where both are in the conversation. Columns are named as
// in Zeek's dns.log; query is in lower case as there. base_domain is the registered domain by the public suffix list.
//
// Recognised by content: a header whose counts and flags are possible and a first question that can be read, on any port;
// on the ports of the four a sound header is enough. Streams are framed by two bytes of length (RFC 1035, 4.2.2); after a
// loss the next plausible frame is looked for.
//
// Identity: names that hosts announce by multicast DNS, LLMNR and NetBIOS, and models, makers and serial numbers in the
// TXT records of announced services. Answers of unicast DNS are a third party's word and are left to SQL.
//
// Limits: listCap answers are told in a row, pendingCap questions wait for their response, pointers and name lengths are
// bounded by package dnsname. Not decoded: signatures of DNSSEC and TSIG beyond their presence, dynamic updates beyond
// their zone. DNS over TLS and HTTPS is not visible. Uncertain: what a TXT key means is a habit of printers and cameras.
package dns

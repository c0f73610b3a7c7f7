// Package tls reads the visible part of TLS connections, on any port, by content: SSL 2.0 (hello only, RFC 6101
// appendix E and the SSL 2.0 draft), SSL 3.0 (RFC 6101), TLS 1.0 to 1.2 (RFC 2246, 4346, 5246), TLS 1.3 and its drafts
// (RFC 8446), and over UDP the first flight of DTLS 1.0 to 1.3 (RFC 4347, 6347, 9147). Extensions: server name and
// others of RFC 6066, ALPN (RFC 7301), heartbeat (RFC 6520), session tickets (RFC 5077). Certificates: X.509, RFC 5280.
// Fingerprints: JA3 and JA3S (MD5 as published by their authors), JA4 for clients; not the further members of the JA4
// family, whose licence does not allow it.
//
// One row of table tls is a connection. It is emitted when the connection ends, since only then it is known how; it
// stands on the packet that completed the ClientHello, or on the first packet seen. A ClientHello that was never
// answered has its row. Rows of tls_certificate stand on the packet that completed the Certificate message.
//
// Limits: a handshake message of more than 64 KiB is passed over; 12 certificates a side and 64 alternative names a
// certificate are kept; what is encrypted is stepped over record by record without being held.
//
// Not decoded: anything after ChangeCipherSpec (TLS <= 1.2) or ServerHello (1.3): certificates, ALPN and client
// certificates of TLS 1.3 cannot be seen; renegotiations; handshake messages of DTLS that come in several fragments;
// the encrypted part of ECH (the outer server name is given, and that ECH was offered). QUIC is another protocol.
//
// Uncertain: "established" of TLS 1.3 is a guess from record sizes, because the Finished message looks like data; a
// short record is taken for an alert. app bytes are those of the record headers, with padding and MAC. "self signed"
// means issuer equal to subject; no signature is checked. The clock for "expired" is the capture's.
package tls

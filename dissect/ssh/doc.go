// Package ssh reads the clear beginning of SSH connections on any port: the identification strings (RFC 4253 section
// 4.2), KEXINIT (7.1), what follows from it, and the server's host key in the key exchange (8; RFC 4419 for group
// exchange, RFC 5656 and 8731 for curves). Fingerprints: HASSH and HASSHServer (MD5 as published). SSH 1 is recognised
// by its identification string and named.
//
// One row of table ssh is a connection; it is emitted at the end and stands on the first packet that was seen. What comes
// after NEWKEYS is encrypted: it is counted and passed over.
//
// Limits: an identification line of 1 KiB, 32 lines before it, a packet of 64 KiB in clear, 128 names of an algorithm list.
//
// Not decoded: the packets of SSH 1, key exchanges begun again (they are encrypted), user names and authentication (they
// are encrypted). Whether a login worked is not said; the byte counts let a rule judge.
package ssh

// Package oncrpc reads ONC RPC version 2 (RFC 5531) over TCP and UDP, and of it the port mapper (RFC 1833), the MOUNT protocol and NFS
// version 3 (RFC 1813) as far as they name what is mounted, looked up, read and written: what a responder asks of a device
// that fetches its programs from a file server, as Contec CMS8000 monitors do (CVE-2025-0626).
//
// Replies are paired with calls by their transaction id. Limits: see the constants. Consecutive reads or writes of one file are one
// row with the sum of the bytes.
//
// Not decoded: NFS versions 2 and 4 (named), NLM, RPCSEC_GSS content, records in more than one fragment (their first fragment is read).
package oncrpc

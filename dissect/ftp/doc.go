// Package ftp decodes the control connection of FTP (RFC 959, extensions of RFC 2228, 2389, 2428, 3659, 4217).
//
// Each command gives one row of table ftp with its reply, named as in Zeek's ftp.log; what the server says unasked (the
// greeting, a timeout) gives a row without a command. Commands and replies are paired in order, also when many are sent
// at once; a preliminary reply (1xx) waits for the final one. Rows of transfers carry the address of their data connection, so
// that SQL finds its flow: table file_transfer.
//
// Passwords are never kept: the row has their length, whether user and password are a pair that products are shipped with, and
// what the server said. Names of files may name patients: arg is marked as such, file_ext and traversal are taken before; texts
// of replies to commands about files are left out.
//
// After AUTH TLS was agreed to (234) the connection is handed over. Recognised by the greeting together with the port, the word
// FTP, or a reply that only FTP has; SMTP greets with the same number.
//
// Limits: a line has lineCap bytes, pendingCap commands wait for replies. Not decoded: data connections, listings, the
// tokens of GSSAPI (RFC 2228), SITE commands beyond their name.
package ftp

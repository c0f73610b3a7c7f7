// Package contec reads the central-station protocol of Contec CMS8000 monitors and those sold under other names (Epsimed
// MN-120): TCP, by default port 515 of 202.114.4.119. The maker publishes nothing; the layout is that of an open decoder
// written against a recording, and not confirmed by the maker. CISA's ICSMA-25-030-01 (CVE-2025-0626, CVE-2025-0683,
// CVE-2024-12248) is about this traffic.
//
// The monitor opens the connection and sends frames: length (2, little-endian, of what follows), marker 05, kind, data. There is no
// login and no checksum, so a conversation is believed only when three frames in a row chain.
//
// A value that the monitor marks invalid gives no row. Text is UTF-8, else GB18030.
//
// Uncertain, and so not decoded: kind 43 (a hand-shake?), the three floating-point values and limits behind the respiration rate
// (ST?), the order of SpO2 and pulse limits (the pair is ordered by size), codes of blood types, what the central station sends, ports
// 516 to 520, the UDP requests of the advisory. The file service by which firmware comes is NFS, of package oncrpc.
package contec

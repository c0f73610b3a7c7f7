// Package capture turns files, folders and standard input into one stream of frames, ordered by capture time.
//
// It reads the classic pcap format (draft-ietf-opsawg-pcap; microseconds, nanoseconds, Kuznetzov's modified and Ixia's
// variants, both byte orders, the swapped lengths of versions before 2.4) and pcapng (draft-ietf-opsawg-pcapng: any
// number of sections and interfaces; enhanced, simple and obsolete packets, interface statistics; names and secrets are
// counted only), plain or packed by gzip (RFC 1952, blocked gzip too), Zstandard (RFC 8878), xz, bzip2 or lz4; and members
// of archives: zip (APPNOTE 6.3.10, zip64), tar (POSIX.1-2017 pax and what came before) and 7-Zip, packed as a whole or not,
// in each other to a depth. What a file is, its content says: formats.go and archive.go have the tables of magics, and
// each format has a file.
//
// # Order
//
// Each input is probed for the time of its first packet and closed again. Inputs are numbered in that order, ties by
// path, and merged by their running clocks where they overlap; clock.go has the rule, by which one wild stamp neither
// holds up nor rushes a file. An input is opened when its turn comes; at most maxOpen keep a descriptor between reads, and
// at most maxActive are merged at once. The same content under two names, however it is packed, is read once: the copies
// are numbered behind all others, and archives, which have rows of their own, behind them, so that neither moves a number.
// Packets that overlapping inputs both have count once; twins.go has the rule.
//
// # Archives
//
// Members are inputs like others. Those of a zip, of a plain tar and what a 7-Zip archive does not pack together are read
// in place, side by side. What can only be read from front to back, a packed tar or a solid block, is passed through
// twice: once to find and hash its members, once to read them. While capture order is also the order in the archive, they
// stream; what is out of order goes to a scratch file in between (serial.go, scratch.go). An archive that must be read
// anywhere but comes from front to back, as a zip in a tar.gz or one from a pipe, goes there as a whole. Packed inputs
// whose turn comes next are unpacked ahead, side by side. Names of members are hostile: member.go says what becomes of
// them. Reopen reads single inputs of a case again.
//
// Where an archive is cut off, what lies before is read; a zip without its directory is read by its local headers, a 7-Zip
// archive without its list, which stands at the end, not at all. Of a zip cut off, what is stored behind a header that does
// not know its length, as some write to pipes, is not found. Archives one behind the other, tar or zip, are read whole.
//
// # Damage
//
// A capture is read as far as it goes. What is packed and cannot be unpacked may have been one, so it is damage too. After damage, pcapng goes on at the next block of a known kind whose two lengths
// agree, pcap at the next place where several plausible records of about the same time follow each other. Each damage
// is a row of anomaly, of these kinds:
//
//	capture_truncated    the input ends early; count is the bytes lost (1 if only the packing knows)
//	capture_damaged      bytes that are no packets were skipped; count is their number
//	capture_unreadable   the system refused to open or read it
//	capture_changed      the file's length changed between finding and reading it
//	capture_clock_jump   one packet is stamped far from its neighbours
//	capture_clock_step   time steps back for good; count is the seconds
//	capture_encrypted    a member, or an archive's list of members, is encrypted
//	capture_limit        a cap on archives was reached (limits.go); the detail names its flag
//	capture_order        it had to wait because too many inputs overlap
//	capture_filter       packets of a link type that the filter cannot judge; count is their number
//	capture_version      a version that is not known, read as a known one
//	capture_more_damage  count is the irregularities over maxNotes
//
// Two more are no damage: capture_duplicates, packets left out because another input has them, and capture_doubled, a
// mirror port that gave each packet twice, of which nothing is left out (count is the share in per cent).
//
// # Numbers
//
// Frame numbers are Wireshark's: pcapng's custom, journal and sysdig blocks, which Wireshark shows as lines, use up a
// number although they are no packets. A packet cut off by the end of the file has none, as in Wireshark. Behind damage
// that stops Wireshark the numbers go on. Simple packet blocks carry no time: their Time is 0.
//
// # Limits and what is not read
//
// Packets of more than 256 KiB are believed up to 16 MiB if the file declares such a snap length. Snoop, ERF, NetMon and
// other formats are not read, nor RAR, cab, cpio and ISO images. Of a zip not PPMd and what is encrypted, of 7-Zip
// not PPMd, the filters for programs and what is encrypted; of a tar not sparse members; no archive in several volumes.
// Zstandard windows and xz dictionaries of more than 128 MiB and 7-Zip dictionaries of more than 256 MiB are refused.
// Within a damaged packing nothing is searched for: what follows is lost. A frame check sequence that the link type announces stays part of the data.
// Time stamps are capped to the years 1678 to 2262.
//
// Filters (Options.Filter) are compiled by this package, see filter.go: the language is pcap-filter(7) without names of
// hosts and without the words that ask for other link layers; what is not supported is refused.
package capture

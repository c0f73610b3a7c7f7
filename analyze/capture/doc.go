// Package capture turns files, folders and standard input into one stream of frames, ordered by capture time.
//
// It reads the classic pcap format (draft-ietf-opsawg-pcap; microseconds, nanoseconds, Kuznetzov's modified and Ixia's
// variants, both byte orders, the swapped lengths of versions before 2.4) and pcapng (draft-ietf-opsawg-pcapng: any
// number of sections and interfaces; enhanced, simple and obsolete packets, interface statistics; names and secrets are
// counted only), plain or packed by gzip (RFC 1952) or Zstandard (RFC 8878). What a file is, its content says: formats.go
// has the table of magics, and each format has a file.
//
// # Order
//
// Each input is probed for the time of its first packet and closed again. Inputs are numbered in that order, ties by
// path, and merged by their running clocks where they overlap; clock.go has the rule, by which one wild stamp neither
// holds up nor rushes a file. An input is opened when its turn comes; at most maxOpen keep a descriptor between reads, and
// at most maxActive are merged at once. The same content under two names is read once.
//
// # Damage
//
// A capture is read as far as it goes. After damage, pcapng goes on at the next block of a known kind whose two lengths
// agree, pcap at the next place where several plausible records of about the same time follow each other. Each damage
// is a row of anomaly, of these kinds:
//
//	capture_truncated    the input ends early; count is the bytes lost (1 if only the packing knows)
//	capture_damaged      bytes that are no packets were skipped; count is their number
//	capture_unreadable   the system refused to open or read it
//	capture_changed      the file's length changed between finding and reading it
//	capture_clock_jump   one packet is stamped far from its neighbours
//	capture_clock_step   time steps back for good; count is the seconds
//	capture_copy         same content as another input
//	capture_order        it had to wait because too many inputs overlap
//	capture_filter       packets of a link type that the filter cannot judge; count is their number
//	capture_version      a version that is not known, read as a known one
//	capture_more_damage  count is the irregularities over maxNotes
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
// other formats, archives, and lz4 or xz packing are not read. Within a damaged gzip member or Zstandard frame nothing
// is searched for: what follows it is lost. A frame check sequence that the link type announces stays part of the data.
// Time stamps are capped to the years 1678 to 2262.
//
// Filters (Options.Filter) are compiled by this package, see filter.go: the language is pcap-filter(7) without names of
// hosts and without the words that ask for other link layers; what is not supported is refused.
package capture

// Package analyze is the way of a packet, from the files to the rows of a case.
//
//	files ─ capture ─ one ordered stream ─ router ─┬─ shard 0: flow → stream → dissect → rows ─┐
//	                                               ├─ shard 1: …                               ├─ loader ─ store ─ device
//	                                               └─ shard n                                  ┘
//
// capture makes one stream in capture time of all inputs. The router (route.go) decodes each packet's headers down to the
// innermost, has fragments put together, and gives the packet to a shard by a hash of its conversation. A shard (shard.go)
// owns its conversations for life: it counts the packet in its flow, puts TCP in order, and lets a dissector read. Rows
// go to the loader in slices. What crosses conversations is joined later, in SQL: by link (the association that a C-MOVE causes, the
// descriptors of an SDC provider), by device, and by the rules.
//
// Extraction (extract.go, package object) is the same way with the rows thrown away and the objects kept.
//
// Carving (carve.go) asks the case which conversations are wanted and which captures hold them, reads these again, and writes the packets as
// they were. To which flow a packet belongs is not judged a second time: the case knows where each flow begins (flow.Retrace), and how
// many packets it has, so that reading stops after the last.
//
// Batches, never packets, cross goroutines; a shard gives a batch back to the reader when it is done with it, and the loader a batch of
// rows to the shards. What a flow and its dissector need is used again for the next one, so that a packet of a known flow allocates
// nothing on its way to the dissector.
//
// # The same case for any number of workers
//
// A row depends on the order of the stream, the options, the key and stream time, never on the machine or the number of
// shards. Stream time is a running maximum of the inputs' own clocks, and travels with each packet. Timeouts are
// functions of a flow's own packets. The memory budget (budget.go) is counted at fixed epochs of the stream, every
// 16,384 packets, in logical bytes; when it is exceeded, one cut-off by last packet is applied everywhere two epochs later.
//
// # Where the time goes
//
// A gigabyte of the mixed profile (samples/gen) is three million packets that become three million rows. It takes some 34 s of processor time:
// dissectors and flows 13, DuckDB taking rows in and writing them out 9, rules and report 6, the collector 3, reading, hashing and spreading 3.
// While captures are read all cores are busy; then DuckDB answers rules and report on one thread (see package store), which is a third of the
// time on two cores and what more cores would not shorten. After that, by this profile, the reader would be first to saturate, near a million such packets
// a second. Of imaging half the time is SHA-256: of the file, and of each object.
//
// What brought most, and must not be lost: rows go to DuckDB by column, in one transaction a lane; what a flow needs is used again; a
// dissector is let go when both sides have ended a connection (kept until the flow's timeout, its state filled the heap limit, and the
// collector ran without pause); the allocator of DuckDB gives back what it does not need; rules that have nothing to read are not planned,
// and of those that have, none carries lists through a join. Tried and dropped: DuckDB on several threads (slower, and it crashes), other
// formats of the file (package store says which loses rows), a smaller heap (5 to 20 % more time for 100 MB). Not
// built: counts kept up to date instead of a scan at each epoch, which is 1 % of the profile.
//
// # Whole, absent or marked
//
// A case is whole when its database, reports, manifest (manifest.go) and custody log agree. They come to be in this order: rows, and a
// state in the database that says running; findings and reports; the state complete, as the last transaction; the manifest, with the hash
// of every file, the rules and a digest of every table (digest.go); the log's entry, with the manifest's hash. The last two are replaced
// as a whole. A lock (lock.go) is there from before the first of these steps until after the last: held, it keeps a second run off; left
// behind, it marks what a kill, a full disk or a loss of power has cut off, at whatever step. So there is no moment at which half a case
// looks like a whole one. What was broken off is begun anew with -C, which removes the files of a case and nothing else.
//
// Verify (verify.go, derive.go) goes the other way: log, manifest, files, tables and captures by their hashes, then the case made again
// from the captures, under the same options, key and rules, each row compared by SHA-256. Three things are no part of the
// comparison: the state, the time a rule took (rule_run.ms, on request), and how many files of a folder were no captures (only the captures
// are looked at again). A case that says its captures changed or could not be read while it was made cannot be made again as it is.
//
// # Limits
//
// limits.go holds every cap of the pipeline with its reason. Reaching one leaves a row in the table anomaly.
//
// # Dependencies
//
// The compiler for tcpdump's filter language is our own (package capture): the one pure-Go library that could be had decides
// mixed and/or wrongly and looks names up, and the one that wraps libpcap could not be had.
//
//   - gopacket: layer tables and a second decoder to test ours against; in packages capture and packet, and in tests.
//   - go-duckdb: the case is a DuckDB file; in package store alone.
//   - pflag: flags with long and short names, as tcpdump's users expect them.
//   - klauspost/compress: gzip and zstandard with several members, faster than the standard library; in packages capture and object.
//   - pierrec/lz4: lz4 frames. therootcompany/xz: xz, with a bound on the dictionary, which the other library lacks.
//     ulikunitz/xz: LZMA and LZMA2 as 7-Zip has them. All in package capture alone. 7-Zip's own headers are read there: the
//     library for them believes every length in a header, up to 4 GiB of memory for 50 bytes.
//   - golang.org/x/text: the character sets of DICOM and HL7.
//   - golang.org/x/net/publicsuffix: which part of a name was registered.
//   - golang.org/x/term: whether a terminal listens.
//   - go-pretty: tables on the terminal. progressbar: the bar.
//   - chromedp: opens the report in a browser; in tests alone.
package analyze

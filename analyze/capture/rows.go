package capture

import "wardtrace/dissect/event"

// File is one input: a row of the table capture_file.
type File struct {
	File        uint32             `col:"file" doc:"Number of the input in capture order, from 1."`
	Path        string             `col:"path" doc:"Where it was read, as the user named it; inside a folder, the folder's name joined with the path in it; - is standard input."`
	Member      string             `col:"member" doc:"Place inside an archive, the names of archives in archives joined by //, what is no printable character or ambiguous escaped by backslashes; empty for a file of its own."`
	Members     event.Opt[int64]   `col:"members" doc:"Members of an archive, which has a row behind all captures; NULL for what is none."`
	SHA256      string             `col:"sha256" doc:"SHA-256 of the file as it lies on the disk or in its archive, packed if it is packed; empty if it could not be read to its end."`
	Bytes       int64              `col:"bytes" doc:"Size of the file as it lies on the disk or in its archive, bytes."`
	Format      string             `col:"format" doc:"Format found by content: pcap, pcap-ns, pcapng, zip, tar, 7z, with .gz, .zst, .xz, .bz2 or .lz4 if packed."`
	LinkTypes   []string           `col:"link_types" doc:"Link types of the interfaces, by name where it is known."`
	Packets     int64              `col:"packets" doc:"Packets read and numbered; 0 for a copy of another input."`
	Delivered   int64              `col:"delivered" doc:"Packets that passed the filter, the time window and the count, and are no duplicates."`
	Duplicates  int64              `col:"duplicates" doc:"Packets left out because another input, or another interface of this one, has them too; 0 with --keep-duplicates."`
	CapBytes    int64              `col:"captured_bytes" doc:"Sum of the captured lengths of all packets read."`
	WireBytes   int64              `col:"wire_bytes" doc:"Sum of the lengths on the wire of all packets read, as the capture says."`
	Snapped     int64              `col:"snapped" doc:"Packets of which fewer bytes were captured than were on the wire."`
	Kept        event.Opt[float64] `col:"bytes_kept" doc:"Share of the bytes on the wire that was captured, 0 to 1."`
	FirstTS     event.Time         `col:"first_ts" doc:"Earliest capture time, leaving out stamps that jump wildly."`
	LastTS      event.Time         `col:"last_ts" doc:"Latest capture time, leaving out stamps that jump wildly."`
	Drops       event.Opt[int64]   `col:"drops" doc:"Packets that the capturing machine says it lost (pcapng interface statistics); NULL if it does not say."`
	Damage      string             `col:"damage" doc:"What is damaged and where, or why the input was not read; empty if sound."`
	Damages     int64              `col:"damages" doc:"Number of damages, each a row of anomaly."`
	LostBytes   int64              `col:"lost_bytes" doc:"Bytes of the capture that could not be read as packets."`
	Complete    bool               `col:"complete" doc:"The input was read to its end; false if reading was stopped by the packet count or cancelled, or failed."`
	CopyOf      event.Opt[int64]   `col:"copy_of" doc:"Number of the input with the same content, which was read instead."`
	Snaplen     event.Opt[int64]   `col:"snaplen" doc:"Largest snap length that the capture declares."`
	TSResol     string             `col:"ts_resolution" doc:"Resolution of the time stamps, such as 1e-06 or 2^-20; several where interfaces differ."`
	Sections    int64              `col:"sections" doc:"Sections of a pcapng file; 1 for other formats."`
	Interfaces  []string           `col:"interfaces" doc:"Interface names that the capture gives."`
	OS          string             `col:"os" doc:"Operating system that captured, as the file says (shb_os, if_os)."`
	Hardware    string             `col:"hardware" doc:"Hardware that captured, as the file says (shb_hardware, if_hardware)."`
	Application string             `col:"application" doc:"Program that captured, as the file says (shb_userappl)."`
	Filter      string             `col:"capture_filter" doc:"Filter that was in force while capturing (if_filter): what it left out cannot be seen here."`
	Names       int64              `col:"name_records" doc:"Name resolution records in the file; counted, not used."`
	Secrets     int64              `col:"secrets" doc:"Decryption secrets blocks in the file; counted, never read."`
	OtherBlocks int64              `col:"other_blocks" doc:"Blocks of other kinds that were skipped."`
}

// Files is the table of the inputs.
var Files = event.NewPlain[File]("capture_file", "The inputs, in capture order: what was read, how complete it is, and its SHA-256.")

// Skipped is a file found in a folder that is no capture.
type Skipped struct {
	Path   string
	Reason string
}

// Damage is one irregularity of an input, ready to be emitted: its Ref names the file and the last packet before it.
type Damage struct {
	event.Ref
	event.Anomaly
}

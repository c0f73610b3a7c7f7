package capture

import (
	"time"

	"wardtrace/dissect/event"
)

// Caps on what an input can make this package hold or do, each with its reason.
const (
	minFrameCap = 262144   // libpcap's MAXIMUM_SNAPLEN: no sound file needs less, whatever snap length it declares
	maxFrame    = 16 << 20 // largest frame believed, if the file declares such a snap length (USB and D-Bus captures do)
	maxBlock    = 17 << 20 // largest pcapng block: a largest frame with its options

	maxInterfaces = 65536   // interfaces in a pcapng section; older capture formats number them with 16 bits
	maxNamed      = 64      // interface names, link types and such listed in capture_file; for a reader, not for a program
	maxDrops      = 1 << 53 // lost packets believed; keeps hostile counters from overflowing
	maxText       = 1024    // bytes of a text option that are kept
	maxNotes      = 64      // damages of one input that become rows of their own; the rest is one row with their number
	maxDamageText = 8       // damages spelled out in capture_file.damage

	blockSize      = 1 << 20                    // bytes asked from the disk at once
	smallBlock     = 64 << 10                   // the same when many inputs overlap
	fingerprint    = 64 << 10                   // bytes that decide, with the size, whether two inputs may be the same file
	maxOpen        = 64                         // inputs whose descriptor stays open between reads; more are opened again for each block
	maxAhead       = 8                          // inputs that read and unpack ahead of the stream in a goroutine of their own
	maxActive      = 512                        // overlapping inputs merged at once: each holds a block; more wait their turn, which is noted
	maxFiles       = 1 << 20                    // files looked at in folders
	maxZstdWindow  = 128 << 20                  // as zstd itself allows without --long=31
	maxSkipped     = 1 << 16                    // skipped files that are listed; the rest is counted
	ctxEvery       = 1024                       // packets between two looks at the context
	resyncRecords  = 4                          // plausible record headers in a row that prove a classic pcap is in step again
	resyncStep     = 64 << 10                   // offsets tried in one look while searching
	resyncTimeSpan = event.Time(24 * time.Hour) // records found while searching lie this near the last sound one
)

// The rule of the running clock; see clock.go.
const (
	clockJump      = event.Time(time.Minute)         // a step up to this is never doubted: reordering, a slow host, a pause
	clockWitnesses = 7                               // packets that follow a larger step and say whether it is real
	clockAlone     = event.Time(24 * time.Hour)      // a last packet without witnesses is believed up to this
	clockStart     = event.Time(30 * 24 * time.Hour) // a first packet is believed up to this long before its followers
)

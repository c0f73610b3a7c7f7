package capture

import (
	"cmp"
	"math"
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
	maxTime        = event.Time(math.MaxInt64)  // start of what has no time: behind all others
	fingerprint    = 64 << 10                   // unpacked bytes that decide whether two inputs may be the same capture
	maxOpen        = 64                         // inputs whose descriptor stays open between reads; more are opened again for each block
	maxAhead       = 8                          // inputs that read and unpack ahead of the stream in a goroutine of their own
	maxActive      = 512                        // overlapping inputs merged at once: each holds a block; more wait their turn, which is noted
	maxFiles       = 1 << 20                    // files looked at in folders
	maxZstdWindow  = 128 << 20                  // as zstd itself allows without --long=31
	maxDictionary  = 128 << 20                  // of xz and of LZMA in a zip: twice what xz -9 uses
	maxSkipped     = 1 << 16                    // skipped files that are listed; the rest is counted
	ctxEvery       = 1024                       // packets between two looks at the context
	resyncRecords  = 4                          // plausible record headers in a row that prove a classic pcap is in step again
	resyncStep     = 64 << 10                   // offsets tried in one look while searching
	resyncTimeSpan = event.Time(24 * time.Hour) // records found while searching lie this near the last sound one
)

// Caps on archives that no option changes.
const (
	max7zDictionary = 256 << 20 // what 7-Zip's highest level uses; of solid blocks few are open at once
	max7zCoders     = 8         // coders of a folder; BCJ2, the largest chain in use, has four
	max7zFiles      = 1 << 22   // members that a header may announce before it is not believed
	maxDirectory    = 16 << 20  // bytes of an archive's list of members, which is held in memory: some 100,000 of them
	maxPackings     = 3         // packings around each other, as in .gz.xz; none is more than an accident
	maxMemberName   = 1024      // bytes of a member's name that are kept; zip allows 64 KiB
	scratchChunk    = 1 << 20   // unit in which scratch is used and given back

	twinWindow = event.Time(50 * time.Millisecond) // see twins.go; TCP sends again after 200 ms at the earliest
	maxTwins   = 1 << 20                           // packets remembered: 50 ms of 20 million a second

	aheadPacked = 16 // blocks that a packed input has unpacked ahead: half of a small rotated file
	maxPrefetch = 4  // packed inputs unpacked before their turn, at most one for each core
)

// Limits are the caps on archives and packed files that options change. Zero values stand for the defaults.
type Limits struct {
	Ratio    int64 // how many bytes a packed one may become
	Members  int   // members of all archives together
	Depth    int   // archives in each other
	Unpacked int64 // bytes unpacked in all
	Scratch  int64 // bytes of the scratch file
}

// DefaultLimits are what is sane: gzip cannot exceed 1032 to one, a flood of one packet over and over stays below 300 in xz;
// a disk of rotated captures has some thousand members, in archives within an archive at most; what unpacks to more than 16
// TiB is no night's work; scratch must fit beside a case.
var DefaultLimits = Limits{Ratio: 1000, Members: 100_000, Depth: 3, Unpacked: 16 << 40, Scratch: 64 << 30}

// ratioFrom is where the ratio begins to count: below, a bomb does no harm.
const ratioFrom = 64 << 20

func (l Limits) complete() Limits {
	d := DefaultLimits
	return Limits{cmp.Or(l.Ratio, d.Ratio), cmp.Or(l.Members, d.Members), cmp.Or(l.Depth, d.Depth), cmp.Or(l.Unpacked, d.Unpacked), cmp.Or(l.Scratch, d.Scratch)}
}

// of is how many bytes may come of so many packed ones.
func (l Limits) of(packed int64) int64 {
	if packed > math.MaxInt64/l.Ratio {
		return math.MaxInt64
	}
	return max(ratioFrom, packed*l.Ratio)
}

// The rule of the running clock; see clock.go.
const (
	clockJump      = event.Time(time.Minute)         // a step up to this is never doubted: reordering, a slow host, a pause
	clockWitnesses = 7                               // packets that follow a larger step and say whether it is real
	clockAlone     = event.Time(24 * time.Hour)      // a last packet without witnesses is believed up to this
	clockStart     = event.Time(30 * 24 * time.Hour) // a first packet is believed up to this long before its followers
)

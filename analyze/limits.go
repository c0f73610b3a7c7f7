package analyze

// Every cap of the pipeline, with its reason. The packages below hold their own: a dissector's MaxBuffer stands in its
// Protocol value, what a stream may hold in package stream, what a fragment may hold in package defrag.
const (
	// maxWorkers bounds shards: each holds batches, and beyond this a single reader is the bottleneck.
	maxWorkers = 256

	// minMemory leaves room for one epoch of new flows.
	minMemory = 64 << 20

	// batchPackets and batchBytes size what crosses goroutines: large enough that a channel operation is nothing a
	// packet, small enough that a few for each shard fit the processor's cache.
	batchPackets = 512
	batchBytes   = 256 << 10

	// batchQueue is how many batches wait for a shard, so that the reader does not stop at every hiccup.
	batchQueue = 4

	// rowsPerBatch is how many rows a shard collects before they go to the loader.
	rowsPerBatch = 2048

	// rowBytes is how much payload a shard takes in before the rows of it go to the loader, full or not: their texts are parts of it, and
	// a row may have many of some kilobytes.
	rowBytes = 4 << 20

	// rowQueue is how many such slices wait for the loader; when it is full the shards wait.
	rowQueue = 8

	// epochPackets is the distance, in packets of the whole stream, at which memory is counted. It must not depend on
	// anything but the stream, so that the same flows are closed on every machine. A flood opens a flow with each packet, and
	// opens them for budgetDelay epochs more than the budget has room for: that is 100 MB.
	epochPackets = 1 << 14

	// budgetDelay is how many epochs after the count its cut-off is applied: the reader need not wait for the shards.
	budgetDelay = 2

	// talkBytes is what the shard's part of a flow counts for in the budget, beside what package flow counts: stream, a dissector that
	// holds nothing back, and its first bytes for the probes; tcpBytes what reassembly takes on top. Measured on floods of flows of one
	// packet.
	talkBytes = 768
	tcpBytes  = 512

	// duckMemory is what DuckDB may use before it spills beside the case, while captures are read. Its own default is 80 % of the machine.
	// sqlMemory is the same for devices, rules and reports: our own heap is small by then. Some of what they ask cannot spill.
	duckMemory = 256 << 20
	sqlMemory  = 384 << 20

	// goMemory is what our own heap may grow to before it is collected more often than Go would: with it the largest budget that is a
	// default, DuckDB and the program together stay below 1 GiB: ten million flows or a million patients took 850 to 960 MiB. A larger
	// --memory has as much on top again, for the collector.
	goMemory = 400 << 20

	// gcPercent is how much garbage our heap gathers before it is collected, while there is room below goMemory: what lives is small
	// beside what passes through, and a fifth of the time went into collecting it at Go's own 100.
	gcPercent = 400

	// maxCarveFrames is how many single packets a carving takes: each is remembered until it comes. Whole conversations cost one entry each.
	maxCarveFrames = 4 << 20

	// maxCarveSources is how many captures the header of a carved one lists: a year of rotated files would be megabytes of text. Every
	// interface names its own.
	maxCarveSources = 1024

	// maxCarvedFindings is how many findings get a capture of their own in one reading: each holds a descriptor and a buffer of 64 KiB,
	// and systems give a process 1,024 descriptors. The gravest come first.
	maxCarvedFindings = 500

	// maxCarvedBytes is what such a capture may hold: enough to show what was found, small enough to send.
	maxCarvedBytes = 64 << 20

	// maxCarvedTotal is what they may hold together, since they lie in the case: a disk must not fill because the network was busy.
	maxCarvedTotal = 4 << 30

	// maxCarveHosts is of how many hosts a carving adds what says who they are: in a flood of forged addresses nobody needs to know.
	maxCarveHosts = 1000

	// fragmentBytes is what fragments of unfinished datagrams may hold in all: a thousand of the largest.
	fragmentBytes = 64 << 20

	// maxFilterFile is how long a file with a filter may be: a thousand times the longest that a person writes.
	maxFilterFile = 64 << 10
)

// lanes is how many tables are loaded at a time: the shards and the reader want the cores too.
func lanes(workers int) int { return min(max(workers/2, 1), 4) }

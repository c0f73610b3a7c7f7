// Package tftp reads the Trivial File Transfer Protocol: RFC 1350, with options (RFC 2347), block size (RFC 2348), timeout and transfer
// size (RFC 2349) and windows (RFC 7440). Devices fetch their programs and configuration with it, and nobody asks them who they are.
//
// A client asks at port 69 (RRQ, WRQ); the server answers from a port of its own (RFC 1350, section 4), so that the transfer is another
// flow than its request. The table file_transfer joins them. A server that answers from port 69 keeps both in one flow.
//
// Rows of table tftp: one a request, as it stands; one a transfer (opcode DATA) when it is over, on its first packet: what the options
// came to, how many blocks and bytes, whether all of it was there; one an error that ended no transfer. Where a Keeper is set, each
// transfer is kept as a file, in netascii as it crossed.
//
// Recognised by content: a request with a mode of RFC 1350; option acknowledgements; of what comes from ports above 1023 the first block
// of data, the acknowledgement that grants a write, and an error with its text.
//
// Limits: names and options of maxText bytes, maxOptions options, a window of maxAhead blocks or maxAheadBytes held when blocks are
// missing. Names of files may name patients: they are marked so, file_ext and traversal are taken before.
//
// Not decoded: multicast (RFC 2090). Uncertain: a transfer whose beginning was not captured is nobody's. Block numbers that begin again
// at 1 after 65,535, as some servers do, look like one lost block. Of a read from port 69 whose last acknowledgement is missing, the
// client may not have had the end.
package tftp

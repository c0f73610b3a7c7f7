// Package carve writes packets out of a case's captures again, as they were, and keeps account of which are wanted.
//
// The output is pcapng (draft-ietf-opsawg-pcapng): one section, little endian, its header with the program and what the carver has to
// say of the sources, one interface description for each interface of a source that has a packet in it, and enhanced packet blocks.
// A packet keeps its bytes, both its lengths, and its stamp as it stood in the source, in the source's own unit: nothing is rounded.
// Its comments (opt_comment, one option each) say why it is there.
//
// A Selection holds which packets are wanted, and by whom: whole conversations, single packets, or a window of time. It knows from the
// case how many packets a conversation has, so that reading can stop after the last.
//
// Limits: a comment is cut at maxText bytes, a packet carries at most maxComments. Comments are escaped: a rule's title is its
// author's, an interface's name may have crossed the wire.
//
// Not kept: comments, flags, hashes and custom options of the source's own packet blocks, statistics, name resolution and
// decryption secrets. Blocks that are no packets are not carved. A simple packet block, which has no time, becomes an enhanced one of
// stamp 0. The length of a frame check sequence that a link type announces is not announced again.
package carve

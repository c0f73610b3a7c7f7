package hl7

import (
	"fmt"
)

// trailerLen is the length of HLLP's trailer: five digits of count, three of checksum.
const trailerLen = 8

// noChecksum in place of a checksum says that none was reckoned.
const noChecksum = 999

// tally counts bytes of a block.
func (r *reader) tally(b []byte) {
	r.size += len(b)
	for _, x := range b {
		r.xor ^= x
	}
}

// hybridTrailer takes the trailer of an HLLP block (HL7 implementation guide, C.4.3): the number of characters from 0x0B to the
// last of the data, and their exclusive or, in decimal. It is no line of the message.
func (r *reader) hybridTrailer() {
	m := r.msg
	if m == nil || m.row.Framing != "hllp" || r.passed > 0 || len(r.head) != trailerLen {
		return
	}
	count, isCount := number(string(r.head), 5)
	sum, isSum := number(string(r.head[5:]), 3)
	if !isCount || !isSum {
		return
	}
	xor := r.xor
	for _, x := range r.head {
		xor ^= x
	}
	size := r.size - trailerLen
	if count != size%100000 {
		m.notes = append(m.notes, note{"hl7_hllp_count", 1, fmt.Sprintf("the trailer of an HLLP block counts %d characters, there are %d", count, size)})
	}
	if sum != int(xor) && sum != noChecksum {
		m.notes = append(m.notes, note{"hl7_hllp_checksum", 1, fmt.Sprintf("the checksum of an HLLP block is %d, not %d as its trailer says", xor, sum)})
	}
	r.dropLine()
}

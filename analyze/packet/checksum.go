package packet

import (
	"encoding/binary"
	"math/bits"
	"net/netip"
)

// judge verifies a transport checksum over the pseudo header and s (RFC 9293 3.1, RFC 8200 8.1), if all of s was
// captured. A field that is zero, or that holds the folded sum of the pseudo header, was left to the network card. Under a
// source route it was made with the last hop's address, which is elsewhere (RFC 791 3.1, RFC 8200 8.1).
func (p *Packet) judge(field uint16, proto uint8, s part) {
	if field == 0 || !s.whole() || p.Flags&(Oversized|SourceRouted) != 0 {
		return
	}
	pseudo := addrSum(p.Src) + addrSum(p.Dst) + uint64(proto) + uint64(s.wire)
	if checksum(pseudo, s.b[:s.wire]) == 0 {
		return
	}
	if fold(pseudo) != field {
		p.Flags |= BadSum
	}
}

func addrSum(a netip.Addr) uint64 {
	if a.Is4() {
		b := a.As4()
		return uint64(binary.BigEndian.Uint32(b[:]))
	}
	b := a.As16()
	return uint64(binary.BigEndian.Uint32(b[0:])) + uint64(binary.BigEndian.Uint32(b[4:])) +
		uint64(binary.BigEndian.Uint32(b[8:])) + uint64(binary.BigEndian.Uint32(b[12:]))
}

// checksum is the internet checksum (RFC 1071) of b on top of a sum; 0 means that a checksum inside b is right.
func checksum(sum uint64, b []byte) uint16 {
	var carry uint64
	for len(b) >= 32 { // four words a turn: this is where decoding spends its time
		sum, carry = bits.Add64(sum, binary.BigEndian.Uint64(b), carry)
		sum, carry = bits.Add64(sum, binary.BigEndian.Uint64(b[8:]), carry)
		sum, carry = bits.Add64(sum, binary.BigEndian.Uint64(b[16:]), carry)
		sum, carry = bits.Add64(sum, binary.BigEndian.Uint64(b[24:]), carry)
		b = b[32:]
	}
	for len(b) >= 8 {
		sum, carry = bits.Add64(sum, binary.BigEndian.Uint64(b), carry)
		b = b[8:]
	}
	if len(b) > 0 {
		var tail [8]byte
		copy(tail[:], b)
		sum, carry = bits.Add64(sum, binary.BigEndian.Uint64(tail[:]), carry)
	}
	sum, carry = bits.Add64(sum, 0, carry)
	return ^fold(sum + carry)
}

// fold adds up the four 16-bit words of a sum, with end-around carry.
func fold(sum uint64) uint16 {
	sum = sum>>32 + sum&0xffffffff
	sum = sum>>16 + sum&0xffff // at most 0x2fffd
	sum = sum>>16 + sum&0xffff
	sum = sum>>16 + sum&0xffff
	return uint16(sum)
}

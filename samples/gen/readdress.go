package main

import "encoding/binary"

// readdress moves both addresses of an IPv4 packet by a number of networks and mends its checksums (RFC 1624).
func readdress(frame []byte, round uint32) {
	if len(frame) < 34 || binary.BigEndian.Uint16(frame[12:]) != 0x0800 || frame[14]>>4 != 4 {
		return
	}
	ip := frame[14:]
	hl := int(ip[0]&15) * 4
	var sums []int // places of checksums that cover the addresses
	sums = append(sums, 10)
	if binary.BigEndian.Uint16(ip[6:])&0x1fff == 0 {
		switch {
		case ip[9] == 6 && len(ip) >= hl+18:
			sums = append(sums, hl+16)
		case ip[9] == 17 && len(ip) >= hl+8 && binary.BigEndian.Uint16(ip[hl+6:]) != 0:
			sums = append(sums, hl+6)
		}
	}
	for _, at := range []int{12, 16} {
		addr := binary.BigEndian.Uint32(ip[at:])
		if addr>>28 >= 14 { // groups and broadcast stay
			continue
		}
		moved := addr&0xff0000ff | (addr+round<<8)&0x00ffff00
		for _, s := range sums {
			sum := uint32(^binary.BigEndian.Uint16(ip[s:]))
			for _, half := range []uint32{^addr >> 16 & 0xffff, ^addr & 0xffff, moved >> 16, moved & 0xffff} {
				sum += half
			}
			for sum > 0xffff {
				sum = sum>>16 + sum&0xffff
			}
			binary.BigEndian.PutUint16(ip[s:], ^uint16(sum))
		}
		binary.BigEndian.PutUint32(ip[at:], moved)
	}
}

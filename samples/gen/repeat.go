package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"

	"wardtrace/analyze/capture"
)

// repeat writes a large capture of at least size bytes: the Ethernet frames of the captures in paths again and again,
// each time with other IPv4 addresses, right checksums and later times. The same input gives the same bytes.
func repeat(out string, size int64, paths []string) error {
	f, err := os.Create(out)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	head := []byte{0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0}
	written := int64(len(head))
	if _, err := w.Write(head); err != nil {
		return err
	}
	begin := int64(1_780_000_000) * 1e9
	for round := uint32(0); written < size; round++ {
		last := begin
		s, err := capture.Open(context.Background(), paths, nil, capture.Options{})
		if err != nil {
			return err
		}
		first := int64(0)
		var fr capture.Frame
		for written < size {
			if err := s.Next(&fr); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				return err
			}
			if fr.Link != 1 {
				continue
			}
			if first == 0 {
				first = int64(fr.Clock)
			}
			at := begin + int64(fr.Clock) - first
			last = max(last, at)
			data := append([]byte(nil), fr.Data...)
			readdress(data, round)
			var rec [16]byte
			binary.LittleEndian.PutUint32(rec[0:], uint32(at/1e9))
			binary.LittleEndian.PutUint32(rec[4:], uint32(at%1e9/1000))
			binary.LittleEndian.PutUint32(rec[8:], uint32(len(data)))
			binary.LittleEndian.PutUint32(rec[12:], uint32(fr.WireLen))
			w.Write(rec[:])
			if _, err := w.Write(data); err != nil {
				return err
			}
			written += int64(len(rec) + len(data))
		}
		s.Close()
		if last == begin {
			return fmt.Errorf("no Ethernet frames in %v", paths)
		}
		begin = last + 1e9
	}
	return errors.Join(w.Flush(), f.Close())
}

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

package main

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"path/filepath"
	"sort"

	"wardtrace/analyze/capture"
	"wardtrace/samples"
)

// onePacketFlows: every packet is a flow of its own, and none is answered.
func onePacketFlows(a *attacker, n int) {
	for i := range n {
		a.udp(addr(i>>4), addr(1), uint16(40000+i&15), 9, []byte{0})
	}
}

// halfOpen: a flood of SYNs with invented senders.
func halfOpen(a *attacker, n int) {
	for i := range n {
		s := session{a: a, src: addr(i), dst: addr(1 << 23), sport: uint16(1024 + i%60000), dport: 104, seq: [2]uint32{uint32(i), 0}}
		s.packet(0, uint32(i), syn, nil)
	}
}

// synScan: one host tries every port of every host.
func synScan(a *attacker, n int) {
	for i := range n {
		s := session{a: a, src: addr(2), dst: addr(256 + i>>10), sport: 40000, dport: uint16(1 + i&1023)}
		s.packet(0, uint32(i), syn, nil)
		s.packet(1, 0, rst|ack, nil)
	}
}

// fragment sends one piece of a UDP datagram.
func (a *attacker) fragment(src, dst uint32, id uint16, off int, more bool, payload []byte) {
	f := uint16(off / 8)
	if more {
		f |= 0x2000
	}
	a.ether(mac(src), mac(dst), 0x0800)
	a.buf = append(ip4(a.buf, 17, src, dst, id, f, len(payload)), payload...)
	a.frame(a.buf)
}

// overlappingFragments: datagrams whose pieces lie over each other with other bytes, from behind.
func overlappingFragments(a *attacker, n int) {
	data := make([]byte, 64)
	for i := range n {
		for j := range data {
			data[j] = byte(a.random(256))
		}
		at := 8000 - i%8000
		a.fragment(addr(i>>20), addr(1<<23), uint16(i/8000), at*8, true, data)
	}
}

// openFragments: first fragments whose rest never comes (the Rose attack).
func openFragments(a *attacker, n int) {
	data := make([]byte, 1400)
	for i := range n {
		a.fragment(addr(i>>16), addr(1<<23), uint16(i), 0, true, data)
	}
}

// tinyFragments: datagrams of 64 KB in pieces of eight bytes, whole in the end, the even ones first.
func tinyFragments(a *attacker, n int) {
	const each = 8000
	for i := range n {
		k := i % each
		at := 2 * k
		if k >= each/2 {
			at = 2*(k-each/2) + 1
		}
		a.fragment(addr(3), addr(1<<23), uint16(i/each), at*8, at != each-1, []byte{0, 9, 0, 9, byte(each * 8 >> 8), byte(each * 8 & 255), 0, 0})
	}
}

// deepTunnels: packets that are headers all through, of one kind each or all kinds in turn.
func deepTunnels(a *attacker, n int) {
	for i := range n {
		a.ether(mac(1), mac(2), 0)
		a.buf = a.buf[:12]
		for k := i % 5; len(a.buf) < 1400; k += btoi(i%6 == 5) {
			a.buf = tunnelHeader(a.buf, k%5, 1500-len(a.buf))
		}
		a.frame(a.buf)
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// tunnelHeader appends an EtherType and a header that carries another Ethernet frame or tag: VLAN, MPLS, GRE, VXLAN, IP in IP.
func tunnelHeader(b []byte, kind, room int) []byte {
	switch kind {
	case 0:
		return append(b, 0x81, 0x00, 0, 5)
	case 1:
		b = append(b, 0x88, 0x47)
		for range 16 {
			b = append(b, 0, 1, 0, 64)
		}
		b = append(b, 0, 1, 1, 64, 0, 0, 0, 0) // bottom of stack, control word of a pseudowire
		return append(append(b, mac(1)...), mac(2)...)
	case 2:
		b = append(ip4(append(b, 0x08, 0x00), 47, addr(5), addr(6), 0, 0, room), 0, 0, 0x65, 0x58)
		return append(append(b, mac(1)...), mac(2)...)
	case 3:
		b = ip4(append(b, 0x08, 0x00), 17, addr(7), addr(8), 0, 0, room)
		b = append(b, 0x80, 0, 0x12, 0xb5, byte(room>>8), byte(room), 0, 0, 8, 0, 0, 0, 0, 0, 1, 0)
		return append(append(b, mac(1)...), mac(2)...)
	}
	b = append(b, 0x08, 0x00)
	for range 8 {
		b = ip4(b, 4, addr(9), addr(10), 0, 0, room)
	}
	b = append(ip4(b, 47, addr(9), addr(10), 0, 0, room), 0, 0, 0x65, 0x58)
	return append(append(b, mac(1)...), mac(2)...)
}

// tcpHoles: connections whose bytes come from behind, each second one first.
func tcpHoles(a *attacker, n int) {
	for i := range n {
		s := a.dial(addr(i), addr(1<<23), 40000, 2575)
		s.send(0, []byte("\x0bMSH|^~\\&|A|B|C|D|20260302||ADT^A01|1|P|2.5\r"))
		base := s.seq[0]
		for pass := range 2 {
			for k := 10_000 - 1; k >= 0; k-- {
				s.packet(0, base+uint32(2*k+1-pass)*4, ack, []byte("PID|"))
			}
		}
	}
}

// tcpOverlaps: each segment repeats the last one's end with other bytes.
func tcpOverlaps(a *attacker, n int) {
	s := a.dial(addr(1), addr(2), 40000, 80)
	data := make([]byte, 1000)
	for range n {
		for j := range 8 {
			data[j*100] = byte(a.random(256))
		}
		s.packet(0, s.seq[0], ack, data)
		s.seq[0] += 10
	}
}

// slowDrip: connections that never rest long enough to be over, a byte a minute each.
func slowDrip(a *attacker, n int) {
	a.step = 60e9 / int64(max(n, 1))
	list := make([]*session, n)
	for i := range list {
		list[i] = a.dial(addr(i), addr(1<<23), 40000, 2575)
	}
	text := "\x0bMSH|^~\\&|A|B|C|D|2026"
	for k := range len(text) {
		for _, s := range list {
			s.cut(0, []byte(text[k:k+1]), 1)
		}
	}
}

// wildClock: times at random over 60 years.
func wildClock(a *attacker, n int) {
	for i := range n {
		a.now = int64(a.random(1_900_000_000)) * 1e9
		a.udp(addr(i%1000), addr(1), 40000, 9, []byte{0})
	}
}

// hugeLengths: all samples again and again, in each round with other bytes of each fourth packet set to what a length field may
// say at most: one, two or four bytes, signed or not, at every offset in turn.
func hugeLengths(a *attacker, n int) {
	paths, _ := filepath.Glob(filepath.Join(samples.Root(), "*", "capture.pcap"))
	sort.Strings(paths)
	patterns := [][]byte{{0xff}, {0xff, 0xff}, {0x7f, 0xff}, {0xff, 0xff, 0xff, 0xff}, {0x7f, 0xff, 0xff, 0xff}, {0xff, 0xff, 0xff, 0x7f}, {0, 0, 0, 0}}
	for round := range n {
		for _, path := range paths {
			a.replay(path, uint32(round+1), func(k int, payload []byte) {
				if len(payload) == 0 || a.random(4) != 0 {
					return
				}
				copy(payload[a.random(min(len(payload), 96)):], patterns[a.random(len(patterns))])
			})
		}
	}
}

// replay writes a capture's Ethernet frames with other addresses, and with payloads that change may have spoilt.
func (a *attacker) replay(path string, round uint32, change func(k int, payload []byte)) {
	s, err := capture.Open(context.Background(), []string{path}, nil, capture.Options{})
	if err != nil {
		return
	}
	defer s.Close()
	var f capture.Frame
	for k := 0; ; k++ {
		if err := s.Next(&f); errors.Is(err, io.EOF) || err != nil {
			return
		}
		if f.Link != 1 {
			continue
		}
		a.buf = append(a.buf[:0], f.Data...)
		readdress(a.buf, round)
		change(k, transportPayload(a.buf))
		mend(a.buf)
		a.frame(a.buf)
	}
}

// transportPayload is what a frame carries behind TCP or UDP on IPv4, nil for other frames.
func transportPayload(frame []byte) []byte {
	if len(frame) < 34 || binary.BigEndian.Uint16(frame[12:]) != 0x0800 {
		return nil
	}
	at := 14 + int(frame[14]&15)*4
	switch {
	case frame[23] == 17:
		at += 8
	case frame[23] == 6 && len(frame) > at+12:
		at += int(frame[at+12]>>4) * 4
	default:
		return nil
	}
	return frame[min(at, len(frame)):]
}

// mend makes the checksum of TCP or UDP on IPv4 right again.
func mend(frame []byte) {
	if transportPayload(frame) == nil || binary.BigEndian.Uint16(frame[20:])&0x3fff != 0 {
		return
	}
	at := 14 + int(frame[14]&15)*4
	end := min(14+int(binary.BigEndian.Uint16(frame[16:])), len(frame))
	place := at + 6
	if frame[23] == 6 {
		place = at + 16
	}
	if place+2 > end {
		return
	}
	frame[place], frame[place+1] = 0, 0
	src, dst := binary.BigEndian.Uint32(frame[26:]), binary.BigEndian.Uint32(frame[30:])
	binary.BigEndian.PutUint16(frame[place:], ^sum16(frame[at:end], pseudo(src, dst, frame[23], end-at)))
}

// arp sends a reply: who has which address.
func (a *attacker) arp(hw []byte, ip uint32) {
	a.ether(hw, []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, 0x0806)
	a.buf = append(append(a.buf, 0, 1, 8, 0, 6, 4, 0, 2), hw...)
	a.buf = binary.BigEndian.AppendUint32(a.buf, ip)
	a.buf = append(a.buf, 0, 0, 0, 0, 0, 0)
	a.buf = binary.BigEndian.AppendUint32(a.buf, ip)
	a.frame(a.buf)
}

// arpAddresses: every claim is of another address by another host.
func arpAddresses(a *attacker, n int) {
	for i := range n {
		a.arp(mac(uint32(i)), addr(i))
	}
}

// arpOneAddress: every host claims the same address, and one of its own.
func arpOneAddress(a *attacker, n int) {
	for i := range n {
		a.arp(mac(uint32(i)), addr(1))
		if i%2 == 0 {
			a.arp(mac(uint32(i)), addr(2+i))
		}
	}
}

// dhcp sends a request with a host's name and vendor class.
func (a *attacker) dhcp(hw []byte, id uint32, name, class string) {
	b := make([]byte, 236, 400)
	b[0], b[1], b[2] = 1, 1, 6
	binary.BigEndian.PutUint32(b[4:], id)
	copy(b[28:], hw)
	b = append(b, 0x63, 0x82, 0x53, 0x63, 53, 1, 3, 50, 4)
	b = binary.BigEndian.AppendUint32(b, addr(int(id)))
	b = append(append(b, 12, byte(len(name))), name...)
	b = append(append(b, 60, byte(len(class))), class...)
	a.udpFrom(hw, 0, 0xffffffff, 68, 67, append(b, 255))
}

func dhcpNames(a *attacker, n int) {
	for i := range n {
		a.dhcp(mac(uint32(i)), uint32(i), word("pump", i), word("class", i))
	}
}

func dhcpOneHost(a *attacker, n int) {
	for i := range n {
		a.dhcp(mac(7), uint32(7), word("pump", i), word("class", i))
	}
}

// manyMACs: one address sends from another hardware address each time.
func manyMACs(a *attacker, n int) {
	for i := range n {
		a.udpFrom(mac(uint32(i)), addr(4), addr(1), uint16(1024+i%60000), 9, []byte{0})
	}
}

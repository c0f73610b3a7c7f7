package main

import (
	"encoding/binary"
	"time"
)

// bleAir is what a sniffer hears around one patient's pulse oximeter: a sensor and a beacon advertise, a tablet scans,
// connects, finds the services, subscribes and gets values, pairs without authentication, and then speaks encrypted.
// Built from the Core Specification 5.4, Vol 6 Part B: no radio was used.
func bleAir(w *wire) {
	w.link, w.snap = 256, 512
	sensor, tablet, beacon := [6]byte{0xc4, 0x11, 0x22, 0x33, 0x55, 0x01}, [6]byte{0xf0, 0, 0, 0, 0, 2}, [6]byte{0x48, 0x60, 0x5f, 1, 2, 3}
	adv := append([]byte{2, 1, 6, 8, 9}, "SPO-310"...)
	adv = append(adv, 5, 3, 0x22, 0x18, 0x0d, 0x18)
	a := &air{w: w, access: 0x8E89BED6, crc: 0x555555}
	for i := range 20 {
		a.at = w.now.Add(time.Duration(i) * 100 * time.Millisecond)
		a.send(0, 0x40, reversed(sensor), adv)
		a.at = a.at.Add(31 * time.Millisecond)
		a.send(0, 0x42, reversed(beacon), []byte{6, 0xff, 0x4c, 0, byte(i / 7), 1, 2})
	}
	a.send(0, 0xc3, reversed(tablet), reversed(sensor))
	a.send(0, 0x44, reversed(sensor), []byte{2, 10, 4})
	link := &air{w: w, at: a.at.Add(30 * time.Millisecond), access: 0x50c1a277, crc: 0x17ab39}
	ll := binary.LittleEndian.AppendUint32(nil, link.access)
	ll = append(ll, 0x39, 0xab, 0x17, 2, 0, 0, 24, 0, 0, 0, 72, 0, 0xff, 0xff, 0xff, 0xff, 0x1f, 0x09)
	a.send(0, 0xc5, append(reversed(tablet), reversed(sensor)...), ll)
	link.talk()
}

const toPeripheral, toCentral = 2, 3

// talk is the connection.
func (a *air) talk() {
	a.send(toPeripheral, 3, []byte{0x0c, 0x0d, 0xe0, 0x00, 0x01, 0x00}) // version 5.4, Google
	a.send(toCentral, 3, []byte{0x0c, 0x0a, 0x59, 0x00, 0x11, 0x00})    // 5.1, Nordic Semiconductor
	a.att(toPeripheral, 0x10, 1, 0, 0xff, 0xff, 0x00, 0x28)
	a.att(toCentral, 0x11, 6, 1, 0, 5, 0, 0x22, 0x18, 6, 0, 9, 0, 0x0d, 0x18)
	a.att(toPeripheral, 0x08, 1, 0, 9, 0, 0x03, 0x28)
	a.att(toCentral, 0x09, 7, 2, 0, 0x10, 3, 0, 0x5f, 0x2a, 7, 0, 0x10, 8, 0, 0x37, 0x2a)
	a.att(toPeripheral, 0x04, 4, 0, 4, 0)
	a.att(toCentral, 0x05, 1, 4, 0, 0x02, 0x29)
	a.att(toPeripheral, 0x12, 4, 0, 1, 0)
	a.att(toCentral, 0x13)
	for i := range byte(6) {
		a.at = a.at.Add(time.Second)
		a.att(toCentral, 0x1b, 3, 0, 0, 97-i, 0, 70+2*i, 0)
		if i == 2 { // the tablet's answer was lost: the same packet once more
			a.sn[toCentral&1] ^= 8
			a.att(toCentral, 0x1b, 3, 0, 0, 97-i, 0, 70+2*i, 0)
		}
	}
	a.att(toPeripheral, 0x0a, 9, 0)
	a.att(toCentral, 0x01, 0x0a, 9, 0, 5) // insufficient authentication
	a.smp(toPeripheral, 1, 3, 0, 1, 16, 1, 1)
	a.smp(toCentral, 2, 3, 0, 1, 16, 1, 1)
	a.send(toPeripheral, 3, append([]byte{0x03}, a.noise(22)...))
	a.send(toCentral, 3, append([]byte{0x04}, a.noise(12)...))
	a.send(toCentral, 3, []byte{0x05})
	for range 12 {
		a.at = a.at.Add(time.Second)
		a.send(toPeripheral, 2, a.noise(15))
		a.send(toCentral, 2, a.noise(27))
	}
}

// air makes packets of one access address.
type air struct {
	w      *wire
	at     time.Time
	access uint32
	crc    uint32
	sn     [2]byte
}

func reversed(m [6]byte) []byte { return []byte{m[5], m[4], m[3], m[2], m[1], m[0]} }

func (a *air) noise(n int) []byte { return a.w.noise(n) }

func (a *air) att(dir int, pdu ...byte) { a.l2cap(dir, 4, pdu) }
func (a *air) smp(dir int, pdu ...byte) { a.l2cap(dir, 6, pdu) }

func (a *air) l2cap(dir int, channel byte, pdu []byte) {
	a.send(dir, 2, append([]byte{byte(len(pdu)), 0, channel, 0}, pdu...))
}

// send adds one packet, with the pseudo header of link type 256. dir is its PDU type: 0 advertising, 2, 3 data.
func (a *air) send(dir int, header byte, parts ...[]byte) {
	a.at = a.at.Add(500 * time.Microsecond)
	var body []byte
	for _, p := range parts {
		body = append(body, p...)
	}
	if dir != 0 {
		header |= a.sn[dir&1]
		a.sn[dir&1] ^= 8
	}
	pdu := append([]byte{header, byte(len(body))}, body...)
	crc := crc24(a.crc, pdu)
	flags := uint16(0x0001 | 0x0002 | 0x0010 | 0x0400 | 0x0800 | dir<<7)
	channel := byte(0) // radio channel: 0 is advertising channel 37
	if dir != 0 {
		channel = 5
	}
	out := []byte{channel, 0xc8, 0x80, 0}
	out = binary.LittleEndian.AppendUint32(out, a.access)
	out = binary.LittleEndian.AppendUint16(out, flags)
	out = binary.LittleEndian.AppendUint32(out, a.access)
	out = append(append(out, pdu...), byte(crc), byte(crc>>8), byte(crc>>16))
	a.w.frames = append(a.w.frames, frame{at: a.at, data: out, length: len(out)})
}

// crc24 is the CRC of the link layer (Core 5.4, Vol 6 Part B 3.1.1), in the order in which captures hold its bytes.
func crc24(init uint32, b []byte) uint32 {
	var state uint32 // bit-reversed register
	for i := range 24 {
		state |= init >> i & 1 << (23 - i)
	}
	for _, x := range b {
		for i := range 8 {
			bit := state&1 ^ uint32(x>>i&1)
			state >>= 1
			if bit != 0 {
				state ^= 0xDA6000
			}
		}
	}
	return state
}

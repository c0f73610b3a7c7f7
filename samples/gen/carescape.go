package main

import (
	"net/netip"
	"time"
)

// dash is a monitor of GE's Unity network in the making, built from what is known of its messages.
type dash struct {
	w        *wire
	ip       string
	mac      []byte
	bed      string
	patient  string
	sequence int
}

var everyone = station{ip: "10.20.0.255", mac: []byte{255, 255, 255, 255, 255, 255}}

func paddedTo(s string, n int) []byte { return append([]byte(s), make([]byte, n-len(s))...) }

func (d *dash) addr(ip string) []byte { return append(netip.MustParseAddr(ip).AsSlice(), 0, 0) }

func (d *dash) send(at time.Time, port uint16, to station, b []byte) {
	d.w.udp(at, station{ip: d.ip, mac: d.mac, port: port}, to, 64, 26<<2, b)
}

// rwhat calls out the bed, its patient and its services; its clock is 51 minutes fast.
func (d *dash) rwhat(at time.Time) {
	to := everyone
	to.port = 7000
	b := join([]byte{1, 4, 0, 0}, netip.MustParseAddr(d.ip).AsSlice(), b32(int(at.Unix())+51*60), paddedTo(d.bed, 16), paddedTo(d.patient, 15), []byte{7},
		b16(3, 2000, 17, 32, 9, 2000, 19, 3000, 28, 3001, 13, 2000, 12, 2000))
	d.send(at, 3028, to, append(b, make([]byte, 88-len(b))...))
}

// header is the common one.
func (d *dash) header(to string, sub, flag int, bed string, n int) []byte {
	d.sequence++
	return join(d.addr(to), d.addr(d.ip), b16(201, sub, 1, d.sequence, flag, 0), paddedTo(bed, 32), b16(0, n))
}

// alarm calls out an alarm.
func (d *dash) alarm(at time.Time, parameter byte, text string, counter int) {
	to := everyone
	to.port = 7001
	b := join(d.header("10.20.0.255", 4, 1, d.bed, 24), []byte{0x81, 3, 3, parameter, 0, 0}, paddedTo(text, 14), b32(counter))
	d.send(at, 7001, to, b)
}

const gone16 = -32767 // no value

// group is one parameter: three values, then low and high limits.
func (d *dash) group(code byte, kind byte, v [3]int, limits [6]int) []byte {
	return join([]byte{1, code}, b16(0xc0e0), b16(v[0], v[1], v[2]), []byte{0x0c, code}, make([]byte, 12), []byte{3, code}, b16(0xa020, 9), b16(limits[:]...), b16(0),
		[]byte{0x15, code}, make([]byte, 8), []byte{2, code}, make([]byte, 8), []byte{kind, code, 1, 0, byte(d.sequence), 0})
}

// parameters sends an update of four parameters to a client.
func (d *dash) parameters(at time.Time, to station, i, high int) {
	groups := [][]byte{
		d.group(0x3a, 1, [3]int{70 + i%8, 0, gone16}, [6]int{50, high, 0, 6, 0, 0}),
		d.group(0x2d, 11, [3]int{96 + i%3, 70 + i%8, gone16}, [6]int{90, 105, 50, high, 0, 0}),
		d.group(0x22, 8, [3]int{13 + i%4, gone16, gone16}, [6]int{5, 30, 0, 0, 0, 0}),
		d.group(0x18, 10, [3]int{89 + i/30%3, 118 + i/30%4, 72 + i/30%3}, [6]int{60, 110, 80, 160, 40, 100}),
	}
	body := join(append([][]byte{{0, 6, 6, 1, byte(len(groups)), 0}}, groups...)...)
	inner := join(d.header(d.ip, 20, 0, "", len(body)), body)
	d.send(at, 3011, to, join(d.header(d.ip, 20, 0, "", len(inner)), inner))
}

// waves sends 15 batches of four waves.
func (d *dash) waves(at time.Time, to station, i int) {
	b := b16(i, 0)
	for n := range 15 {
		b = join(b, b16(0x070b, n, 2*n, n, 0), b16(0x080b, n, 3*n, n, 0), b16(0x2709, 100+n), b16(0x1709, 50+n))
	}
	d.send(at, 3009, to, b)
}

// request is what a central asks a bed for: parameters or waves.
func (d *dash) request(at time.Time, from station, sub, process int) {
	from.port = map[int]uint16{0x60: 3073, 0x21: 3074}[sub]
	b := join(make([]byte, 12), b16(202, sub, 6, 0, 0, process), paddedTo(d.bed, 32), make([]byte, 6))
	d.w.udp(at, from, station{ip: d.ip, mac: d.mac, port: 2000}, 64, 0, b)
}

// unity: two monitors and a central for some minutes, who speak every so many seconds.
func unity(w *wire, minutes, seconds int) (*dash, *dash) {
	w.snap = 1600
	a := &dash{w: w, ip: "10.20.0.121", mac: []byte{0x00, 0x00, 0xa1, 0x14, 0x00, 0x79}, bed: "ICU|BED-7", patient: "LABPATIENT,EVE"}
	b := &dash{w: w, ip: "10.20.0.122", mac: []byte{0x00, 0x00, 0xa1, 0x14, 0x00, 0x7a}, bed: "ICU|BED-8", patient: "LABPATIENT,JO"}
	central := station{ip: "10.20.0.90"}
	for s := range minutes * 60 {
		at := w.now.Add(time.Duration(s) * time.Second)
		if s%seconds == 0 {
			a.rwhat(at.Add(120 * time.Millisecond))
			b.rwhat(at.Add(330 * time.Millisecond))
			a.request(at.Add(200*time.Millisecond), central, 0x60, 0x29)
		}
		if s%seconds == 2 {
			central.port = 3073
			high := 120
			if s > minutes*40 {
				high = 130 // somebody moves the limit by hand
			}
			a.parameters(at.Add(250*time.Millisecond), central, s, high)
		}
		if s < 3 {
			a.request(at.Add(400*time.Millisecond), central, 0x21, 0x0b)
			for q := range 4 {
				central.port = 3074
				a.waves(at.Add(time.Duration(450+q*250)*time.Millisecond), central, 4*s+q)
			}
		}
		if s%2 == 0 && s >= 120 && s < 170 {
			a.alarm(at.Add(60*time.Millisecond), 0x2d, "SPO2 PROBE OFF", 2*s)
		}
	}
	return a, b
}

// carescapeWard: ten minutes of two monitors and their central; a limit is moved, a probe is off for a while.
func carescapeWard(w *wire) { unity(w, 10, 10) }

// carescapeIntruder: the same for twenty minutes; in minute 13 a workstation asks bed 7 for parameters and waves, and in minute 15
// calls itself bed 8.
func carescapeIntruder(w *wire) {
	a, b := unity(w, 20, 40)
	thief := station{ip: "10.20.0.66", port: 3073}
	for i := range 12 {
		at := w.after(13).Add(time.Duration(i) * 5 * time.Second)
		a.request(at, thief, 0x60, 0x29)
		a.request(at.Add(time.Millisecond), thief, 0x21, 0x0b)
		thief.port = 3073
		a.parameters(at.Add(100*time.Millisecond), thief, i, 130)
		thief.port = 3074
		a.waves(at.Add(200*time.Millisecond), thief, i)
	}
	false8 := &dash{w: w, ip: "10.20.0.66", mac: macOf(netip.MustParseAddr("10.20.0.66")), bed: b.bed, patient: b.patient}
	for i := range 6 {
		false8.rwhat(w.after(15).Add(time.Duration(i) * 10 * time.Second))
	}
}

package main

import (
	"encoding/binary"
	"math"
	"time"
)

// contecFrame is a frame of the central-station protocol of Contec monitors.
func contecFrame(kind byte, data []byte) []byte {
	b := binary.LittleEndian.AppendUint16(nil, uint16(len(data)+2))
	return append(append(b, 0x05, kind), data...)
}

func padded(s string, n int) []byte { return append([]byte(s), make([]byte, n-len(s))...) }

func contecDate(y, m, d string) []byte {
	return append(append(padded(y, 5), padded(m, 3)...), padded(d, 3)...)
}

func contecPatient() []byte {
	b := append(padded("WARD 3", 32), 0, 0, 7)
	b = append(append(b, padded("LABPATIENT^JOIN", 32)...), padded("LAB-4711", 32)...)
	b = append(append(b, contecDate("2026", "02", "28")...), make([]byte, 6)...)
	b = binary.LittleEndian.AppendUint16(b, 1680)
	b = binary.LittleEndian.AppendUint16(b, 715)
	b = append(append(b, 0, 0, 0, 0), contecDate("1970", "01", "02")...)
	b = append(b, 0, 0, 0)
	b = append(b, padded("DR LABDOCTOR", 32)...)
	return contecFrame(0x3e, append(b, make([]byte, 8)...))
}

func words(values ...uint16) (b []byte) {
	for _, v := range values {
		b = binary.LittleEndian.AppendUint16(b, v)
	}
	return b
}

// contecCycle is one second of telemetry.
func contecCycle(w *wire, second int, hrHigh uint16) []byte {
	wave := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(128 + 60*math.Sin(float64(i+second*37)/9))
		}
		return b
	}
	ecg := append([]byte{0, 0, 0x14, 0}, wave(3*256+128)...)
	ecg = append(append(ecg, byte(72+w.random(5)), 0, byte(14+w.random(3)), 0), make([]byte, 12+15)...)
	ecg = append(append(append(ecg, words(hrHigh, 50, 1, 30, 8, 1)...), make([]byte, 30)...), words(10, 0, 1)...)
	out := contecFrame(0x46, append(ecg, make([]byte, 21)...))
	spo2 := append([]byte{0, 0, 0x15, 0}, wave(256)...)
	state := []byte{byte(96 + w.random(3)), 0, byte(72 + w.random(4)), 0}
	if second >= 40 && second < 44 {
		state = []byte{0xff, 0xff, 0, 0xff}
	}
	out = append(out, contecFrame(0x46, append(append(spo2, state...), words(90, 100, 1, 50, 120, 1)...))...)
	if second%10 == 0 {
		nibp := append([]byte{0, 0, 0x16, 0}, words(2026)...)
		nibp = append(nibp, 3, 2, 9, byte(second/60), byte(second%60))
		out = append(out, contecFrame(0x46, append(append(nibp, words(121, 78, 92)...), words(160, 90, 1, 90, 50, 1, 110, 60, 1)...))...)
		temp := []byte{0, 0, 0x17, 0}
		for _, t := range []float32{36.8, 36.6, 0.2} {
			temp = binary.LittleEndian.AppendUint32(temp, math.Float32bits(t))
		}
		out = append(out, contecFrame(0x46, append(temp, make([]byte, 30)...))...)
	}
	if second == 40 {
		out = append(out, contecFrame(0x49, append([]byte{0x11}, "SPO2 SENSOR OFF"...))...)
	}
	return append(out, contecFrame(0x47, nil)...)
}

// contecSession is what a monitor sends to a central station for n seconds; from second 30 on the upper limit of the heart
// rate is another one.
func contecSession(w *wire, monitor, station string, n int) {
	c := w.tcp(w.now, monitor, station, 40213, 515)
	c.pushBytes(true, append(append(contecFrame(0x43, nil), contecPatient()...), contecFrame(0x45, []byte{0, 0, 7, 0xff})...))
	for s := range n {
		c.at = w.now.Add(time.Duration(s+1) * time.Second)
		high := uint16(120)
		if s >= 30 {
			high = 200
		}
		c.pushBytes(true, contecCycle(w, s, high))
	}
	c.close()
}

// pushBytes sends bytes in segments of 1448, acknowledged at the end.
func (c *conn) pushBytes(fromClient bool, b []byte) {
	for len(b) > 0 {
		n := min(len(b), 1448)
		c.sendBytes(fromClient, b[:n], flags{ack: true, psh: n == len(b)})
		b = b[n:]
	}
	c.send(!fromClient, 0, flags{ack: true})
}

// contecOutside: the central station is the address built into the firmware, beyond the gateway.
func contecOutside(w *wire) {
	w.snap = 1600
	contecSession(w, "10.20.0.33", "202.114.4.119", 60)
}

// quietContec: the same monitor with a central station of the hospital.
func quietContec(w *wire) {
	w.snap = 1600
	contecSession(w, "10.20.0.33", "10.20.0.40", 25)
}

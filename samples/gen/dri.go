package main

import (
	"encoding/binary"
	"time"
)

// s5 is a GE S/5 monitor behind a terminal server, built from the computer interface specification.
type s5 struct {
	c      *conn
	number int
	start  time.Time
}

func l16(v ...int) []byte {
	var out []byte
	for _, x := range v {
		out = binary.LittleEndian.AppendUint16(out, uint16(x))
	}
	return out
}

func l32(v int) []byte { return binary.LittleEndian.AppendUint32(nil, uint32(v)) }

type driPart struct {
	kind byte
	data []byte
}

// record makes a record of parts, with its sum, stuffed and between flags.
func (m *s5) record(level byte, kind int, parts ...driPart) string {
	var list, data []byte
	for _, p := range parts {
		list = append(append(list, l16(len(data))...), p.kind)
		data = append(data, p.data...)
	}
	if len(parts) < 8 {
		list = append(list, 0, 0, 0xff)
	}
	list = append(list, make([]byte, 24-len(list))...)
	m.number++
	b := join(l16(40+len(data)), []byte{byte(m.number), level}, l16(65000), l32(int(m.c.at.Unix())), make([]byte, 4), l16(kind), list, data)
	var sum byte
	for _, x := range b {
		sum += x
	}
	out := []byte{0x7e}
	for _, x := range append(b, sum) {
		switch x {
		case 0x7d:
			out = append(out, 0x7d, 0x5d)
		case 0x7e:
			out = append(out, 0x7d, 0x5e)
		default:
			out = append(out, x)
		}
	}
	return string(append(out, 0x7e))
}

// values are the displayed values of the basic class, and a subrecord of another class behind it.
func (m *s5) values(i int) string {
	g := func(measured bool, v ...int) []byte {
		status := 1
		if measured {
			status = 3
		}
		return join(l32(status), l16(0), l16(v...))
	}
	none := -32767
	basic := join(g(true, 66+i%9, none, none, none, none), // ecg
		g(true, 11800+100*(i%5), 6900, 8500, 66+i%9), g(false, none, none, none, none), g(false, none, none, none, none), g(false, none, none, none, none), // p1 to p4
		g(i%5 == 4, 12100, 7300, 8800, none),                              // nibp
		g(true, 3650+i%4), g(false, none), g(false, none), g(false, none), // t1 to t4
		g(true, 9700+100*(i%3), 66+i%9, 120, none), // spo2
		g(true, 486, 3, 12+i%2, 7600),              // co2
		g(true, 4700, 5200), g(true, 0, 0), g(true, 190, 210, 95),
		g(true, 12+i%2, 1790, 510, 1700, 4805+i%7, 4760+i%7, 4300, 571), // flow and volume
		g(false, none, none, none, none), g(false, none, none, none), l16(66+i%9, 80, 60), g(false, none), g(false, none, none, none, none), g(false, none, none, none, none), make([]byte, 2))
	part := func(class int, data []byte) []byte {
		return join(l32(int(m.c.at.Unix())), data, []byte{0, 0}, l16(class<<8|1))
	}
	return m.record(11, 0, driPart{1, part(0, basic)}, driPart{1, part(1, make([]byte, 270))})
}

// screen is the status of alarms.
func (m *s5) screen(sound, silence int, texts ...string) string {
	b := l16(0, sound, 0, 0, silence)
	for i := range 5 {
		text, colour := "", 0
		if i < len(texts) {
			text, colour = texts[i], 2
			if i == 0 && len(texts) > 1 {
				colour = 3
			}
		}
		b = join(b, paddedTo(text, 80), l16(0, colour, 0), make([]byte, 12))
	}
	return m.record(11, 4, driPart{1, join(b, make([]byte, 10))})
}

// driTheatre: a recording computer opens a terminal server's port, asks for values every minute, for alarms and some waves, and
// records half an hour of an anaesthesia; the room goes quiet for a while. At the end it stops the transmissions.
func driTheatre(w *wire) {
	w.snap = 1600
	m := &s5{start: w.now}
	m.c = w.tcp(w.now, "10.20.0.92", "10.20.0.171", 42001, 4002)
	c := m.c
	c.says(true, m.record(0, 0, driPart{0, join([]byte{1}, l16(60), l32(2), l16(0))}))
	c.says(true, m.record(0, 4, driPart{0, join(l16(2), make([]byte, 10))}))
	c.says(true, m.record(0, 1, driPart{0, join(l16(0, 0), []byte{1, 4, 8, 0xff, 0, 0, 0, 0}, make([]byte, 20))}))
	c.says(false, m.record(11, 5, driPart{0, join([]byte{0x00, 0x40, 0x97, 0x14, 0x00, 0xab}, l16(1, 11), make([]byte, 20))}))
	name := join(paddedTo("Bea", 30), paddedTo("LABPATIENT", 40), paddedTo("LAB-4712", 40), paddedTo("", 30), l16(2, 55, 0, 0, 170, 1, 70, 1, 1970, 11, 3, 0, 180), paddedTo("OR 3", 32), paddedTo("LAB", 32), l16(0), make([]byte, 118))
	c.says(false, m.record(11, 5, driPart{6, name}))
	for i := range 30 {
		c.at = m.start.Add(time.Duration(i)*time.Minute + time.Second)
		if i < 2 {
			wave := join(l16(25, 0, 0), make([]byte, 50))
			c.says(false, m.record(11, 1, driPart{1, wave}, driPart{4, wave}, driPart{8, wave}))
		}
		c.says(false, m.values(i))
		switch i {
		case 0, 14:
			c.says(false, m.screen(1, 0))
		case 7:
			c.says(false, m.screen(1, 0, "Ppeak high"))
		case 8:
			c.says(false, m.screen(1, 5, "Apnea", "Ppeak high"))
		case 10:
			c.says(false, m.screen(1, 0, "Apnea", "Ppeak high"))
		case 18:
			c.says(false, m.screen(0, 0))
		case 20:
			c.says(false, m.screen(1, 0))
		}
	}
	c.says(true, m.record(0, 0, driPart{0, join([]byte{1}, l16(0), l32(2), l16(0))}))
	c.close()
}

package main

import (
	"math"
	"time"
)

// agent is a personal health device that speaks IEEE 11073-20601 in the making, built from the published specification.
type agent struct {
	*conn
	systemID []byte
	invoke   int
}

// The manager of every sample: a hub on the ward.
var phdManager = []byte{0x00, 0x1b, 0xc5, 0x09, 0x10, 0x00, 0x00, 0x01}

// phd opens an agent's connection.
func (w *wire) phd(at time.Time, ip, manager string, port uint16, systemID []byte) *agent {
	return &agent{conn: w.tcp(at, ip, manager, port, 6024), systemID: systemID, invoke: 1}
}

// apdu sends one APDU.
func (a *agent) apdu(up bool, choice int, body ...[]byte) {
	a.sendBytes(up, join(b16(choice), sized(body...)), flags{ack: true, psh: true})
}

// op sends a remote operation.
func (a *agent) op(up bool, service int, body ...[]byte) {
	a.apdu(up, 0xE700, sized(b16(a.invoke, service), sized(body...)))
}

// phdInfo is the association information of a system.
func phdInfo(id []byte, system, config int) []byte {
	return join(b32(0x80000000), b16(0x8000), b32(0x80000000, 0, system), sized(id), b16(config, 0x0001), []byte{1, 1}, b16(0, 0))
}

// associate asks, and is answered with a result.
func (a *agent) associate(config, result int) {
	a.apdu(true, 0xE200, b32(0x80000000), listed(join(b16(20601), sized(phdInfo(a.systemID, 0x00800000, config)))))
	a.apdu(false, 0xE300, b16(result, 20601), sized(phdInfo(phdManager, 0x80000000, 0)))
}

// release ends an association and the connection.
func (a *agent) release() {
	a.apdu(true, 0xE400, b16(0))
	a.apdu(false, 0xE500, b16(0))
	a.close()
}

// configure reports a configuration, which is accepted.
func (a *agent) configure(id int, objects ...[]byte) {
	a.op(true, 0x0101, b16(0), b32(0xFFFFFFFF), b16(3356), sized(b16(id), listed(objects...)))
	a.op(false, 0x0201, b16(0), b32(0), b16(3356), sized(b16(id, 0)))
	a.invoke++
}

// phdObject is an object of a configuration.
func phdObject(class, handle int, attrs ...[]byte) []byte {
	return join(b16(class, handle), listed(attrs...))
}

// phdNumeric is a numeric with its fixed format.
func phdNumeric(handle, term, unit int, layout ...[]byte) []byte {
	return phdObject(6, handle, ava(2351, b16(2, term)), ava(2630, b16(0x4040)), ava(2454, b16(unit)), ava(2645, listed(layout...)))
}

// describe gets the attributes of the device.
func (a *agent) describe(vendor, model, serial, firmware string, specialisation, config int) {
	spec := func(kind int, s string) []byte { return join(b16(kind, 0), label(s)) }
	a.op(false, 0x0103, b16(0), b16(0, 0))
	a.op(true, 0x0203, b16(0), listed(
		ava(2650, listed(b16(specialisation, 1))),
		ava(2344, label(vendor), label(model)),
		ava(2436, sized(a.systemID)),
		ava(2628, b16(config)),
		ava(2349, listed(spec(1, serial), spec(5, firmware), spec(3, "A"))),
		ava(2439, bcd(a.at)),
		ava(2460, b16(74)),
		ava(2389, b16(0x4020)),
	))
	a.invoke++
}

// setClock is a manager's order.
func (a *agent) setClock(t time.Time) {
	a.op(false, 0x0107, b16(0, 3095), sized(bcd(t), b32(0)))
	a.op(true, 0x0207, b16(0, 3095), sized())
	a.invoke++
}

// observe is an observation of a fixed report.
func observe(handle int, parts ...[]byte) []byte { return join(b16(handle), sized(parts...)) }

// fixed sends a confirmed fixed report and its answer.
func (a *agent) fixed(number int, observations ...[]byte) { a.report(3357, number, observations...) }

func (a *agent) report(kind, number int, items ...[]byte) {
	a.op(true, 0x0101, b16(0), b32(0xFFFFFFFF), b16(kind), sized(b16(0xF000, number), listed(items...)))
	a.op(false, 0x0201, b16(0), b32(0), b16(kind), sized())
	a.invoke++
}

// bcd is an absolute time.
func bcd(t time.Time) []byte {
	d := func(n int) byte { return byte(n/10<<4 | n%10) }
	return []byte{d(t.Year() / 100), d(t.Year() % 100), d(int(t.Month())), d(t.Day()), d(t.Hour()), d(t.Minute()), d(t.Second()), 0}
}

// sfloat and float32of encode a number with an exponent of ten.
func sfloat(n float64, exponent int) []byte {
	return b16(exponent&0xF<<12 | int(math.Round(n*math.Pow10(-exponent)))&0xFFF)
}

func floatOf(n float64, exponent int) []byte {
	return b32(exponent&0xFF<<24 | int(math.Round(n*math.Pow10(-exponent)))&0xFFFFFF)
}

var oximeterID = []byte{0x00, 0x09, 0x1f, 0xff, 0xfe, 0x80, 0x07, 0x02}

// oximeter is a spot-check oximeter with a configuration of its own; wave gives the readings.
func (a *agent) oximeter(from time.Time, readings int, reading func(i int) (spo2, pulse int)) {
	stamp := b16(2448, 8)
	a.associate(0x4001, 3)
	a.configure(0x4001, phdNumeric(1, 19384, 544, b16(2636, 2), stamp), phdNumeric(10, 18458, 2720, b16(2636, 2), stamp))
	a.describe("Lab Devices", "LabOx 100", "LX-000217", "1.04", 4100, 0x4001)
	for i := range readings {
		a.at = from.Add(time.Duration(i) * 10 * time.Second)
		s, p := reading(i)
		a.fixed(i, observe(1, sfloat(float64(s), 0), bcd(a.at)), observe(10, sfloat(float64(p), 0), bcd(a.at)))
	}
}

// phdWard: an oximeter for two minutes, whose finger slips out once; a cuff that tells two persons apart, by a standard configuration; a
// glucose meter that sends what it stored and is then emptied by its own manager; a scale that the manager does not know; an
// oximeter with a scanner, whose association ends by abort.
func phdWard(w *wire) {
	w.snap = 65535
	a := w.phd(w.now, "10.20.0.61", "10.20.0.10", 41001, oximeterID)
	a.oximeter(w.after(0.1), 12, func(i int) (int, int) { return 95 + w.random(4), 70 + w.random(9) })
	a.fixed(12, observe(1, b16(0x07FF), bcd(a.at)), observe(10, b16(0x07FF), bcd(a.at)))
	a.report(3358, 13, join(b16(1), listed(ava(2384, b16(19384, 0x4000, 544), floatOf(88, 0)), ava(2448, bcd(a.at)))))
	a.release()

	a = w.phd(w.after(1.5), "10.20.0.62", "10.20.0.10", 41002, []byte{0x00, 0x22, 0x09, 0xff, 0xfe, 0x58, 0x08, 0x03})
	a.associate(700, 0)
	a.describe("Lab Devices", "LabCuff 7", "LC-001180", "2.0", 4103, 700)
	for i := range 4 {
		a.at = w.after(1.6 + float64(i)*0.7)
		cuff := observe(1, b16(3, 6), sfloat(float64(118+w.random(20)), 0), sfloat(float64(70+w.random(10)), 0), sfloat(float64(86+w.random(10)), 0), bcd(a.at))
		a.report(3359, i, join(b16(1+i%2), listed(cuff, observe(2, sfloat(float64(64+w.random(12)), 0), bcd(a.at)))))
	}
	a.release()

	a = w.phd(w.after(2.2), "10.20.0.63", "10.20.0.10", 41003, []byte{0x00, 0x60, 0x19, 0xff, 0xfe, 0x00, 0x11, 0x63})
	a.glucose()

	a = w.phd(w.after(3.3), "10.20.0.64", "10.20.0.10", 41004, []byte{0x00, 0x09, 0x1f, 0xff, 0xfe, 0x80, 0x99, 0x01})
	a.associate(1500, 7)
	a.close()

	a = w.phd(w.after(4), "10.20.0.65", "10.20.0.10", 41005, []byte{0x00, 0x09, 0x1f, 0xff, 0xfe, 0x80, 0x07, 0x09})
	a.associate(0x4003, 3)
	a.configure(0x4003, phdNumeric(1, 19384, 544, b16(2636, 2)), phdNumeric(10, 18458, 2720, b16(2636, 2)),
		phdObject(19, 40, ava(2643, listed(join(b16(1), listed(b16(2636, 2))), join(b16(10), listed(b16(2636, 2)))))))
	a.op(false, 0x0105, b16(40), listed(join(b16(0), ava(2387, b16(1)))))
	a.op(true, 0x0205, b16(40), listed(ava(2387, b16(1))))
	for i := range 5 {
		a.at = w.after(4.2 + float64(i)*0.1)
		group := func() []byte {
			return sized(sfloat(float64(96+w.random(3)), 0), sfloat(float64(80+w.random(5)), 0))
		}
		a.op(true, 0x0100, b16(40), b32(8000*i), b16(3370), sized(b16(0xF000, i), listed(group(), group())))
	}
	a.op(false, 0x0107, b16(0, 3084), sized(b16(1), sized(b16(0))))
	a.op(true, 0x0300, b16(9), sized())
	a.apdu(false, 0xE600, b16(2))
	a.close()
}

// glucose is a meter with a store: what it holds is asked for, sent and cleared.
func (a *agent) glucose() {
	a.associate(0x4002, 3)
	value := listed(b16(2636, 2))
	a.configure(0x4002, phdNumeric(1, 29112, 2130, b16(2636, 2), b16(2448, 8)),
		phdObject(61, 20, ava(2637, b16(0x9200)), ava(2371, b16(0)), ava(2369, b32(400)), ava(2647, label("history"))))
	a.describe("Lab Devices", "LabGluco 2", "LG-340011", "3.1.2", 4113, 0x4002)
	a.setClock(a.at)
	a.fixed(0, observe(1, sfloat(104, 0), bcd(a.at)))
	a.op(false, 0x0107, b16(20, 3085), sized(b16(1), sized(b16(0))))
	seg := join(b16(7), listed(ava(2639, b16(1)), ava(2638, b16(0x8000), listed(join(b16(6, 2, 29112, 1), value))), ava(2427, b32(8)), ava(2648, label("LABPATIENT fasting"))))
	a.op(true, 0x0207, b16(20, 3085), sized(listed(seg)))
	a.invoke++
	a.op(false, 0x0107, b16(20, 3100), sized(b16(7)))
	a.op(true, 0x0207, b16(20, 3100), sized(b16(7, 0)))
	a.invoke++
	var entries [][]byte
	for i := range 8 {
		entries = append(entries, bcd(a.at.Add(time.Duration(i-30)*time.Hour)), sfloat(float64(90+7*i), 0))
	}
	a.op(true, 0x0101, b16(20), b32(0xFFFFFFFF), b16(3361), sized(b16(7), b32(0, 8), b16(0xC000), sized(entries...)))
	a.op(false, 0x0201, b16(20), b32(0), b16(3361), sized(b16(7), b32(0, 8), b16(0xC080)))
	a.invoke++
	a.op(false, 0x0107, b16(20, 3084), sized(b16(1), sized(b16(0))))
	a.op(true, 0x0207, b16(20, 3084), sized())
	a.release()
}

// phdIntruder: an oximeter reports for a quarter of an hour, while the patient's saturation falls. Then another host takes its name and sends again what it had
// sent when all was well; and a manager that nobody knew sets a glucose meter's clock and empties its store.
func phdIntruder(w *wire) {
	w.snap = 65535
	seen := [24][2]int{}
	a := w.phd(w.now, "10.20.0.61", "10.20.0.10", 41001, oximeterID)
	a.oximeter(w.after(0.1), 90, func(i int) (int, int) {
		r := [2]int{95 + w.random(4), 70 + w.random(9)}
		if i > 60 {
			r[0] -= (i - 60) / 2
		}
		if i < len(seen) {
			seen[i] = r
		}
		return r[0], r[1]
	})
	a.apdu(true, 0xE600, b16(0))
	a.close()
	m := w.phd(w.after(3), "10.20.0.63", "10.20.0.10", 41003, []byte{0x00, 0x60, 0x19, 0xff, 0xfe, 0x00, 0x11, 0x63})
	m.glucose()
	b := w.phd(w.after(15.5), "10.20.0.77", "10.20.0.10", 50312, oximeterID)
	b.oximeter(w.after(15.6), len(seen), func(i int) (int, int) { return seen[i][0], seen[i][1] })
	b.release()
	m = w.phd(w.after(31), "10.20.0.63", "10.20.0.78", 41017, []byte{0x00, 0x60, 0x19, 0xff, 0xfe, 0x00, 0x11, 0x63})
	m.glucose()
}
